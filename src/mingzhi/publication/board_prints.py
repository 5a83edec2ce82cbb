"""Printed boards: what hangs where, what of it is no longer true, and who must print it again (R041).

A print keeps the data it showed. Whether it is out of date is never stored: it is that data against the
board of the day. ``watch`` only opens and closes the to-dos; killed between two boards, its next turn goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from mingzhi.documents import api as documents
from mingzhi.kernel import canonical, clock
from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import boards
from mingzhi.publication.boards import Board, Shown
from mingzhi.publication.choices import Paper
from mingzhi.publication.errors import BoardGaps, WrongState
from mingzhi.publication.events import BOARD_DOWN, BOARD_PRINT
from mingzhi.publication.models import BoardDown, BoardPrint
from mingzhi.tasks import api as tasks

STALE = "board.stale"
_LAYOUT = Path(__file__).parent / "board.typ"
STRIP = 2.9
"""Height of a strip of a flow chart in its widths: two stand side by side on a sheet."""
TOLD = 3
"""Differences named in the title of a to-do; the page tells all."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """A printed board in use. ``changed``: (what, as printed, as it is now); ``closed`` why it must come down."""

    print_id: int
    place_id: int
    window_id: int | None
    title: str
    paper: str
    at: datetime
    by_name: str
    digest: str
    changed: tuple[tuple[str, str, str], ...] = ()
    closed: str = ""

    @property
    def stale(self) -> bool:
        return bool(self.changed or self.closed)


def title_of(shown: Mapping[str, Any]) -> str:
    if shown["kind"] == "window":
        return f"{shown['place']}{shown['name']}岗位信息公示牌"
    return f"{shown['place']}执法公示栏"


def board(place_id: int, window_id: int | None, on: date) -> Board:
    """The board of a window, or of the place itself; a window of another place is not there."""
    if window_id is None:
        return boards.place_board(place_id, on)
    made = boards.window_board(window_id, on)
    if made.place_id != place_id:
        raise NotFound("未找到该窗口")
    return made


# --- writes ---------------------------------------------------------------------------------------


@transaction.atomic
def board_print(
    *, place_id: int, window_id: int | None = None, paper: str, despite: bool = False, by: Actor, at: datetime
) -> int:
    """Print a board as it is today; it takes the place of the one printed before on the same paper.

    ``BoardGaps`` names what is missing, unless ``despite`` says that it shall hang all the same.
    """
    made = board(place_id, window_id, clock.local_date(at))
    organisations.require(by, Permission.BODY_MANAGE, body_id=made.body_id)
    if paper not in Paper.values:
        problems = Problems()
        problems.add("paper", "请选择纸张：A3、A4")
        problems.raise_if_any()
    if made.gaps and not despite:
        raise BoardGaps(count=len(made.gaps), reasons=made.gaps)
    row = BoardPrint.objects.create(
        body_id=made.body_id,
        place_id=place_id,
        window_id=window_id,
        paper=paper,
        shown=made.shown,
        digest=made.digest,
        gaps=[g.sentence for g in made.gaps],
        at=at,
        by=by.label,
        by_name=by.name[:60],
    )
    BOARD_PRINT.kept(row, at=at)
    tasks.tasks_close(kinds=(STALE,), subject=_subject(row), by=by, at=at)
    return row.pk


@transaction.atomic
def board_take_down(*, print_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Note that a printed board was taken down and none hangs in its place."""
    row = BoardPrint.objects.select_for_update().filter(pk=print_id).first()
    if row is None:
        raise NotFound("未找到该公示牌")
    organisations.require(by, Permission.BODY_MANAGE, body_id=row.body_id)
    problems = Problems()
    if len(reason.strip()) < 2:
        problems.add("reason", "请填写撤下原因")
    problems.raise_if_any()
    if row.pk not in {r.pk for r in _latest(row.body_id) if _hangs(r)}:
        raise WrongState(state="已撤下或者已更换", act="再次撤下")
    down = BoardDown.objects.create(board=row, reason=reason.strip()[:200], at=at, by=by.label)
    BOARD_DOWN.kept(down, at=at)
    tasks.tasks_close(kinds=(STALE,), subject=_subject(row), by=by, at=at)


def _subject(row: BoardPrint) -> str:
    """One to-do for one place on the wall, whichever print hangs there."""
    return f"board:{row.place_id}:{row.window_id or 0}:{row.paper}"


# --- what hangs, and whether it is still true ----------------------------------------------------------


def _latest(body_id: int) -> list[BoardPrint]:
    """The latest print of each board on each paper."""
    rows = BoardPrint.objects.filter(body_id=body_id).select_related("down").order_by("pk")
    return list({_subject(row): row for row in rows}.values())


def _hangs(row: BoardPrint) -> bool:
    return getattr(row, "down", None) is None


def hanging(body_id: int, on: date) -> list[Hanging]:
    """Every printed board in use in a body, each compared with its board of the day."""
    return _compared((row for row in _latest(body_id) if _hangs(row)), on)


def _compared(rows: Iterable[BoardPrint], on: date) -> list[Hanging]:
    now: dict[tuple[int, int | None], Board | str] = {}
    found = []
    for row in rows:
        place = (row.place_id, row.window_id)
        if place not in now:
            try:
                now[place] = board(*place, on)
            except NotFound as gone:
                now[place] = gone.sentence
        current = now[place]
        changed: list[tuple[str, str, str]] = []
        if not isinstance(current, str) and current.digest != row.digest:
            changed = boards.differences(row.shown, current.shown)
        found.append(
            Hanging(
                print_id=row.pk,
                place_id=row.place_id,
                window_id=row.window_id,
                title=title_of(row.shown),
                paper=row.paper,
                at=row.at,
                by_name=row.by_name,
                digest=row.digest,
                changed=tuple(changed),
                closed=current if isinstance(current, str) else "",
            )
        )
    return found


def watch(*, at: datetime) -> None:
    """Open a to-do for each printed board that is out of date; close those of boards that are right again,
    were replaced or taken down."""
    on = clock.local_date(at)
    for body_id in BoardPrint.objects.order_by().values_list("body_id", flat=True).distinct():
        by = organisations.system_actor(body_id)
        latest = _latest(body_id)
        stale = {h.print_id: h for h in _compared(filter(_hangs, latest), on) if h.stale}
        for row in latest:
            one = stale.get(row.pk)
            if one is None:
                tasks.tasks_close(kinds=(STALE,), subject=_subject(row), by=by, at=at)
            else:
                tasks.task_open(
                    kind=STALE,
                    title=_title(one),
                    body_id=body_id,
                    subject=_subject(row),
                    permission=Permission.BODY_MANAGE.value,
                    by=by,
                    at=at,
                )


def _title(one: Hanging) -> str:
    if one.closed:
        return f"撤下公示牌：{one.title}（{one.closed}）"
    why = "、".join(label for label, _old, _new in one.changed[:TOLD])
    return f"更换公示牌：{one.title}（{why}{'等' if len(one.changed) > TOLD else ''}已变动）"


@dataclass(frozen=True, slots=True)
class Printed:
    """One print, for whoever fetches its sheets again."""

    id: int
    body_id: int
    place_id: int
    window_id: int | None
    paper: str
    shown: Shown
    gaps: tuple[str, ...]
    at: datetime


def printed(print_id: int) -> Printed:
    row = BoardPrint.objects.filter(pk=print_id).first() if print_id < 2**62 else None
    if row is None:
        raise NotFound("未找到该公示牌")
    return Printed(
        row.pk, row.body_id, row.place_id, row.window_id, row.paper, row.shown, tuple(row.gaps), row.at
    )


# --- paper --------------------------------------------------------------------------------------------


def pdf(
    shown: Shown, *, paper: str, at: datetime, charts: Sequence[tuple[str, str]] = (), trial: bool = False
) -> bytes:
    """The board as sheets of ``paper``: a window's in landscape, a place's upright with its flow charts behind.

    ``charts`` are (title, SVG) in strips of at most ``STRIP`` times their width, drawn by the face from the versions
    that ``shown`` names. ``trial``
    marks every sheet, so that what was only looked at is not put up.
    """
    day = clock.local(at)
    return documents.set_pages(
        _LAYOUT.read_bytes(),
        {
            "made": [day.year, day.month, day.day],
            "printed": f"{day:%Y-%m-%d}",
            "digest": canonical.digest(shown)[:16],
            "title": title_of(shown),
            "paper": paper,
            "trial": trial,
            "b": shown,
            "qr": documents.qr_svg(shown["url"]),
            "way_qr": [documents.qr_svg(way["url"]) for way in shown["ways"]],
            "charts": [{"title": title, "svg": svg} for title, svg in charts],
        },
    )


def chart_keys(shown: Mapping[str, Any]) -> Iterable[tuple[str, int, int]]:
    """(title, list, version number) of the flow charts a board names, for whoever draws them."""
    return [(c["title"], c["list"], c["number"]) for c in shown.get("charts", ())]
