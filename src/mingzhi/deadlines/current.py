"""The calendar in force in this process: the database's years over the shipped ones.

Held in memory, because clocks start by the hundred per second; looked at again every
``RECHECK_SECONDS`` by one query for the newest revision, so that an edit made in another process
is seen soon. What was reckoned in between carries its calendar version and shows up in
``queries.moves``. Edits made in this process are seen at once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from mingzhi.deadlines import reckoning
from mingzhi.deadlines.choices import DayKind, YearStatus
from mingzhi.deadlines.models import CalendarDay, CalendarRevision, CalendarYear
from mingzhi.deadlines.reckoning import Calendar, YearTable

RECHECK_SECONDS = 30.0


@dataclass(slots=True)
class _Held:
    calendar: Calendar | None = None
    revision: int = -1
    looked: float = 0.0


_held = _Held()


def calendar() -> Calendar:
    """The calendar to reckon with now."""
    now = time.monotonic()
    if _held.calendar is not None and now - _held.looked < RECHECK_SECONDS:
        return _held.calendar
    newest = CalendarRevision.objects.order_by("-id").values_list("id", flat=True).first() or 0
    if _held.calendar is None or newest != _held.revision:
        _held.calendar = from_database() if newest else reckoning.shipped()
        _held.revision = newest
    _held.looked = now
    return _held.calendar


def forget() -> None:
    """Look again at the next question (after an edit; in tests)."""
    _held.calendar = None


def from_database() -> Calendar:
    """The calendar of the stored years; a year not stored keeps its shipped table."""
    tables = dict(reckoning.shipped().tables)
    tables.update(stored_tables())
    return Calendar(tables.values())


def stored_tables() -> dict[int, YearTable]:
    """Every stored year as a table."""
    days: dict[int, list[CalendarDay]] = {}
    for day in CalendarDay.objects.all():
        days.setdefault(day.table, []).append(day)
    return {year.year: table_of(year, days.get(year.year, [])) for year in CalendarYear.objects.all()}


def table_of(year: CalendarYear, days: list[CalendarDay]) -> YearTable:
    """One stored year as a table."""
    return YearTable(
        year.year,
        year.status == YearStatus.OFFICIAL,
        year.notice,
        tuple(year.numbers.split("；")) if year.numbers else (),
        {d.date: d.name for d in days if d.kind == DayKind.HOLIDAY},
        {d.date: d.name for d in days if d.kind == DayKind.MAKEUP},
        frozenset(d.date for d in days if d.kind == DayKind.WEEK),
    )
