"""What other rooms may hold of deadlines: frozen, no database behind it. Imports no Django."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from mingzhi.deadlines.errors import BadTerm

Unit = Literal["WD", "CD", "H", "M", "Y"]

UNIT_WORDS: dict[str, str] = {"WD": "个工作日", "CD": "日", "H": "小时", "M": "个月", "Y": "年"}
_CHINESE = {
    "个工作日": "WD",
    "工作日": "WD",
    "个自然日": "CD",
    "自然日": "CD",
    "日": "CD",
    "天": "CD",
    "小时": "H",
    "个月": "M",
    "年": "Y",
}
_LIMITS = {"WD": 9_999, "CD": 36_500, "H": 99_999, "M": 1_200, "Y": 100}
_PATTERN = re.compile(r"(\d{1,5})\s*([A-Za-z]{1,2}|[一-龥]{1,4})")


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time fixed by law.

    ``unit``: WD working days, CD calendar days, H hours, M months, Y years. ``roll``: whether the
    last day, when it is a day of rest, moves to the next working day (TIME-02); without effect on
    WD (always ends on a working day) and H (runs from the moment). ``norm`` and ``norm_version``
    say which rule the length came from; they take no part in equality.
    """

    n: int
    unit: Unit
    roll: bool = True
    norm: str = field(default="", compare=False)
    norm_version: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.unit not in UNIT_WORDS or not 1 <= self.n <= _LIMITS[self.unit]:
            raise BadTerm(text=f"{self.n}{self.unit}")

    @classmethod
    def parse(cls, text: str, *, roll: bool = True) -> Term:
        """``"7WD"``, ``"15CD"``, ``"24H"``, ``"6M"``, ``"2Y"`` in any case; or ``"7个工作日"`` …"""
        match = _PATTERN.fullmatch(text.strip())
        if match is None:
            raise BadTerm(text=text.strip()[:40])
        unit = _CHINESE.get(match[2], match[2].upper())
        if unit not in UNIT_WORDS:
            raise BadTerm(text=text.strip()[:40])
        return cls(int(match[1]), unit, roll)  # type: ignore[arg-type]

    @property
    def code(self) -> str:
        """``"7WD"``."""
        return f"{self.n}{self.unit}"

    @property
    def text(self) -> str:
        """``"7 个工作日"``, as papers and pages write it."""
        return f"{self.n} {UNIT_WORDS[self.unit]}"


Days = tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Where a term ends, and why there.

    ``on``: last day (TIME-03: it ends at 24:00). ``at``: the moment, for hours only. ``unrolled``: the
    last day before the roll of TIME-02; the alarm rings on it (TIME-14). ``provisional``: the result
    leans on a year whose State Council notice is not in the calendar (TIME-13).
    """

    on: date
    at: datetime | None
    unrolled: date
    provisional: bool
    calendar_version: str
    started: date
    explain: Callable[[Due], tuple[Days, Days]] = field(repr=False, compare=False)

    @property
    def skipped(self) -> Days:
        """Days not counted, each with why: rest days among working days, the days rolled over."""
        return self.explain(self)[0]

    @property
    def worked(self) -> Days:
        """Weekend days that were counted because the notice made them working days."""
        return self.explain(self)[1]


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """One clock as a page shows it. ``state``: running, suspended, met, dropped, late.

    ``days_left`` is counted in the term's own kind of day (working days for WD, else calendar days),
    negative when late (then always calendar days), ``None`` when the clock does not run. ``met_late``:
    ended after its due date.
    """

    id: int
    subject: str
    dossier_id: int | None
    body_id: int
    unit_id: int | None
    norm: str
    norm_version: str
    label: str
    citation: str
    term: Term
    started_at: datetime
    started_on: date
    due_on: date | None
    due_at: datetime | None
    alarm_on: date | None
    state: str
    days_left: int | None
    provisional: bool
    calendar_version: str
    skipped: Days = ()
    warn_at: tuple[int, ...] = ()
    extended: str = ""
    suspended_on: date | None = None
    met_on: date | None = None
    met_late: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """The small mark beside a clock. ``tone``: ok, soon, today, late, paused, met."""

    text: str
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Move:
    """A clock that today's calendar would end on another day than the one stored (TIME-15)."""

    deadline_id: int
    subject: str
    label: str
    old_due_on: date
    new_due_on: date
    provisional: bool
    moved: bool = False


class By(Protocol):
    """Who acts, as far as this room needs to know (``organisations.data.Actor`` fits).

    The room stands beside ``organisations`` and may not import it.
    """

    @property
    def label(self) -> str: ...
