"""公示监督: coverage and timeliness of disclosure by unit, the late list with reasons (R007, R043, R044)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from mingzhi.cases import api as cases
from mingzhi.cases.api import Undisclosed
from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.publication.data import Kept, LateRow
from mingzhi.supervision import figures
from mingzhi.supervision.choices import Late
from mingzhi.supervision.data import Standing
from mingzhi.supervision.events import LATE
from mingzhi.supervision.models import LateExplanation


@dataclass(frozen=True, slots=True)
class LateLine:
    """A late decision with the unit's word on it."""

    row: LateRow
    unit: str
    days: int
    reason: str
    text: str
    by_name: str


@dataclass(frozen=True, slots=True)
class Watch:
    """How a body (and those below it) discloses what fell due in a period; ``unlisted`` are decisions that were
    never taken up, whenever made, each with its unit."""

    total: Standing
    units: tuple[Standing, ...]
    kinds: tuple[Standing, ...]
    late: tuple[LateLine, ...]
    withheld_why: tuple[tuple[str, int], ...]
    late_why: tuple[tuple[str, int], ...]
    unlisted: tuple[tuple[Undisclosed, str], ...]


def _standing(kept: Kept, name: str, unit_id: int | None = None) -> Standing:
    return Standing(
        unit_id=unit_id,
        name=name,
        due=kept.due,
        in_time=kept.in_time,
        late=kept.late,
        waiting=kept.waiting,
        overdue=kept.overdue,
        withheld=kept.withheld,
        cancelled=kept.cancelled,
    )


def watch(body: BodyRef, since: date, until: date, *, on: date) -> Watch:
    """Decisions whose last day for disclosure lies in the period; what is not due yet is no omission."""
    known = figures.subjects(body)
    ids = [b.id for b in known]
    names = {u.id: u.name for b in known for u in organisations.units(b.id)}
    bodies = {b.id: b.short_name for b in known}
    kept = publication.standing.kept(ids, since, until, on=on)
    units = tuple(
        _standing(k, (f"{bodies[k.body_id]}·" if len(known) > 1 else "") + _unit(names, k.unit_id), k.unit_id)
        for k in kept
    )
    rows = publication.standing.late_rows(ids, since, until, on=on)
    said = explanations([r.id for r in rows])
    late = tuple(_late(r, _unit(names, r.unit_id), said.get(r.id), on) for r in rows)
    why = Counter(line.reason or "尚未说明" for line in late)
    return Watch(
        total=Standing(
            None,
            body.short_name,
            *(sum(getattr(u, name) for u in units) for name in _COUNTS),
        ),
        units=units,
        kinds=tuple(
            _standing(told, kind)
            for kind, told in publication.standing.kept_by_kind(ids, since, until, on=on)
        ),
        late=late,
        withheld_why=tuple(publication.standing.withheld_why(ids, since, until)),
        late_why=tuple(why.most_common()),
        unlisted=tuple((u, _unit(names, u.unit_id)) for u in cases.undisclosed(ids)),
    )


_COUNTS = ("due", "in_time", "late", "waiting", "overdue", "withheld", "cancelled")


def _unit(names: dict[int, str], unit_id: int | None) -> str:
    if unit_id is None:
        return "未注明承办机构"
    if unit_id not in names:
        names[unit_id] = organisations.unit(unit_id).name
    return names[unit_id]


def _late(row: LateRow, unit: str, said: LateExplanation | None, on: date) -> LateLine:
    return LateLine(
        row=row,
        unit=unit,
        days=((row.published_on or on) - row.due_on).days,
        reason=said.get_reason_display() if said is not None else "",
        text=said.text if said is not None else "",
        by_name=said.by_name if said is not None else "",
    )


def explanations(disclosure_ids: Collection[int]) -> dict[int, LateExplanation]:
    """The latest word on each."""
    rows = LateExplanation.objects.filter(disclosure_id__in=disclosure_ids).order_by("pk")
    return {row.disclosure_id: row for row in rows}


def year_counts(body: BodyRef, year: int, *, on: date) -> tuple[int, int, int]:
    """(owed, public in time, public late) of the year, for the report's words."""
    ids = [b.id for b in figures.subjects(body)]
    kept = publication.standing.kept(ids, date(year, 1, 1), date(year, 12, 31), on=on)
    owed = sum(k.due - k.withheld - k.cancelled for k in kept)
    return owed, sum(k.in_time for k in kept), sum(k.late for k in kept)


@transaction.atomic
def late_explain(
    *, body_id: int, disclosure_id: int, reason: str, text: str, on: date, by: Actor, at: datetime
) -> None:
    """Why a disclosure is late: said by the body's statistician, or the head of the unit it lies with."""
    row = next(
        (
            r
            for r in publication.standing.late_rows([body_id], date.min, on, on=on, limit=10_000)
            if r.id == disclosure_id
        ),
        None,
    )
    if row is None or by.body_id != body_id:
        raise NotFound
    if not (row.unit_id == by.unit_id and by.may(Permission.CASE_UNIT_CHECK)):
        organisations.require(by, Permission.STATISTICS_MAKE, body_id=body_id)
    problems = Problems()
    if reason not in Late.values:
        problems.add("reason", "请选择原因")
    if not 2 <= len(text.strip()) <= 300:
        problems.add("text", "请用 2 至 300 个字说明情况")
    problems.raise_if_any()
    said = LateExplanation.objects.create(
        body_id=body_id,
        disclosure_id=disclosure_id,
        reason=reason,
        text=text.strip(),
        by=by.label,
        by_name=by.name,
        at=at,
    )
    LATE.kept(said, at=at)
