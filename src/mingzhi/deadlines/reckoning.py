"""The arithmetic of terms on a calendar held in memory. No Django, no database, no clock.

docs/algorithms/deadlines.md is the specification. A ``Calendar`` is built once from year tables
and is then only read: every question is one or two array look-ups, whatever the term's length.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from array import array
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from mingzhi.deadlines import statutory
from mingzhi.deadlines.data import Days, Due, Term
from mingzhi.deadlines.errors import BadDate, CalendarProblem, OutOfRange
from mingzhi.kernel import clock

FIRST_YEAR, LAST_YEAR = 2000, 2099
_BASE = date(FIRST_YEAR, 1, 1).toordinal()
_SIZE = date(LAST_YEAR, 12, 31).toordinal() - _BASE + 1
SATURDAY = 5

Interval = tuple[date, date]
"""Days that do not count: the first included, the second not."""


@dataclass(frozen=True, slots=True)
class YearTable:
    """One State Council notice: days off and weekend days turned into working days, by name.

    ``official`` is false for a year known only by the statutory days. Days may reach into the
    December before.
    """

    year: int
    official: bool
    notice: str = ""
    numbers: tuple[str, ...] = ()
    off: Mapping[date, str] = field(default_factory=dict)
    work: Mapping[date, str] = field(default_factory=dict)
    week: frozenset[date] = frozenset()

    @property
    def version(self) -> str:
        """Twelve hex digits that change when any day or the standing of the year changes."""
        content = {
            "year": self.year,
            "official": self.official,
            "off": sorted((d.isoformat(), n) for d, n in self.off.items()),
            "work": sorted((d.isoformat(), n) for d, n in self.work.items()),
            "week": sorted(d.isoformat() for d in self.week),
        }
        packed = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(packed.encode()).hexdigest()[:12]


class Calendar:
    """Working days from 2000 to 2099: the tables given, statutory days elsewhere (provisional)."""

    def __init__(self, tables: Iterable[YearTable]) -> None:
        self.tables = {table.year: table for table in tables}
        self.official = frozenset(year for year, table in self.tables.items() if table.official)
        packed = ",".join(f"{year}:{self.tables[year].version}" for year in sorted(self.tables))
        self.version = hashlib.sha256(packed.encode()).hexdigest()[:12]
        self._off: dict[date, str] = {}
        self._makeup: dict[date, str] = {}
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            if year not in self.official:
                self._off.update(statutory.holidays(year))
        for table in self.tables.values():
            self._off.update(table.off)
            for day in (*table.work, *table.week):
                self._off.pop(day, None)
            self._makeup.update(table.work)
        week = bytes(0 if date.fromordinal(_BASE + i).weekday() >= SATURDAY else 1 for i in range(7))
        works = bytearray((week * (_SIZE // 7 + 1))[:_SIZE])
        for day in self._off:
            works[self._index(day)] = 0
        for day in self._makeup:
            works[self._index(day)] = 1
        self._works = bytes(works)
        # _rank[i]: working days up to and including day i; _days[k]: the k-th working day (from 0).
        self._rank = array("i", accumulate(works))
        self._days = array("i", (i for i, work in enumerate(works) if work))

    # --- one day -----------------------------------------------------------------------------

    def is_working_day(self, day: date) -> bool:
        return bool(self._works[self._index(day)])

    def why(self, day: date) -> str:
        """What the calendar says of ``day``: the holiday's name, ``周末``, ``调休上班``, or empty."""
        if day in self._makeup:
            return f"调休上班（{self._makeup[day]}）" if self._makeup[day] else "调休上班"
        if day in self._off:
            return self._off[day]
        return "" if self.is_working_day(day) else "周末"

    def next_working_day(self, day: date) -> date:
        """``day`` itself when it is a working day, else the first one after it."""
        return self._date(self._roll(self._index(day)))

    def working_days_between(self, a: date, b: date) -> int:
        """Working days after ``a`` up to and including ``b``; negative when ``b`` is before ``a``."""
        return self._rank[self._index(b)] - self._rank[self._index(a)]

    def is_provisional(self, after: date, until: date) -> bool:
        """Whether any day after ``after`` up to ``until`` lies in a year without an official table."""
        if until <= after:
            return False
        first = (after + timedelta(1)).year
        official = self.official
        return any(year not in official for year in range(first, until.year + 1))

    # --- terms -------------------------------------------------------------------------------

    def due(self, start: date | datetime, term: Term) -> Due:
        """Where ``term`` ends when it starts with the event on ``start`` (TIME-01 to TIME-04).

        The day of the event does not count; hours run from the moment (a bare date means its
        first moment). A naive moment is refused.
        """
        unit, n = term.unit, term.n
        if unit == "H":
            moment = _moment(start)
            at = moment + timedelta(hours=n)
            self._index(at.date())
            return Due(at.date(), at, at.date(), False, self.version, moment.date(), _nothing)
        day = _day(start)
        if unit == "WD":
            on = self._forward(self._index(day), n)
            return Due(on, None, on, self.is_provisional(day, on), self.version, day, self._explain_working)
        end = day + timedelta(n) if unit == "CD" else _corresponding(day, n if unit == "M" else 12 * n)
        index = self._index(end)
        if not term.roll:
            return Due(end, None, end, False, self.version, day, _nothing)
        on = self._date(self._roll(index))
        # Only the end looks at the calendar: the days from the un-rolled end to the rolled one.
        shaky = self.is_provisional(end - timedelta(1), on)
        return Due(on, None, end, shaky, self.version, day, self._explain_roll)

    def schedule(
        self,
        start: date | datetime,
        term: Term,
        *,
        more: Sequence[Term] = (),
        without: Sequence[Interval] = (),
    ) -> Due:
        """As ``due``, with extensions ``more`` and with the days of ``without`` not counted.

        Extensions run on from the un-rolled end; those in the unit of what precedes them simply
        lengthen it (30CD + 30CD is 60CD from the start), as 延长 is written in the laws.
        """
        if not more and not without:
            return self.due(start, term)
        parts = [term]
        for extra in more:
            if extra.unit == parts[-1].unit:
                parts[-1] = Term(parts[-1].n + extra.n, extra.unit, term.roll)
            else:
                parts.append(Term(extra.n, extra.unit, term.roll))
        gaps = _merged(without)
        begin: date | datetime = start
        end = self._without(begin, parts[0], gaps)
        for part in parts[1:]:
            begin = end.at if end.at is not None else end.unrolled
            end = self._without(begin, part, gaps)
        origin = _day(start)
        # One explanation for the whole stretch, from the first day to the last.
        shaky = any(p.unit == "WD" for p in parts) and self.is_provisional(origin, end.on)
        return Due(
            end.on,
            end.at,
            end.unrolled,
            end.provisional or shaky,
            self.version,
            origin,
            _Explained(self, any(p.unit == "WD" for p in parts), gaps),
        )

    def latest_start(self, day: date, term: Term) -> date:
        """The last day an event may fall on for ``term`` (WD or CD) to be over on ``day`` at the latest."""
        if term.unit == "CD":
            return day - timedelta(term.n)
        if term.unit != "WD":
            raise OutOfRange(first=FIRST_YEAR, last=LAST_YEAR)
        k = self._rank[self._index(day)] - term.n
        if k < 0:
            raise OutOfRange(first=FIRST_YEAR, last=LAST_YEAR)
        return self._date(self._days[k]) - timedelta(1)

    # --- inside ------------------------------------------------------------------------------

    def _without(self, start: date | datetime, term: Term, gaps: Sequence[Interval]) -> Due:
        """``due`` with the days of ``gaps`` left out: lengthen by what was skipped until nothing more is."""
        if term.unit == "H":
            return self._hours_without(_moment(start), term, gaps)
        day = _day(start)
        if term.unit == "WD":
            base, count = day, 0
            while True:
                on = self._forward(self._index(base), term.n + count)
                lost = sum(self._working_in(gap, base, on) for gap in gaps)
                if lost == count:
                    return Due(on, None, on, self.is_provisional(base, on), self.version, base, _nothing)
                count = lost
        first = self.due(day, Term(term.n, term.unit, False)).on
        shift = 0
        while True:
            end = first + timedelta(shift)
            lost = sum(_overlap_days(gap, day, end) for gap in gaps)
            if lost == shift:
                break
            shift = lost
        on = self._date(self._roll(self._index(end))) if term.roll else end
        shaky = term.roll and self.is_provisional(end - timedelta(1), on)
        return Due(on, None, end, shaky, self.version, day, _nothing)

    def _hours_without(self, moment: datetime, term: Term, gaps: Sequence[Interval]) -> Due:
        extra = timedelta(0)
        while True:
            at = moment + timedelta(hours=term.n) + extra
            lost = sum((_overlap_moments(gap, moment, at) for gap in gaps), timedelta(0))
            if lost == extra:
                return Due(at.date(), at, at.date(), False, self.version, moment.date(), _nothing)
            extra = lost

    def _working_in(self, gap: Interval, after: date, until: date) -> int:
        lo, hi = max(gap[0], after + timedelta(1)), min(gap[1], until + timedelta(1))
        return self.working_days_between(lo - timedelta(1), hi - timedelta(1)) if lo < hi else 0

    def _index(self, day: date) -> int:
        index = day.toordinal() - _BASE
        if 0 <= index < _SIZE:
            return index
        raise OutOfRange(first=FIRST_YEAR, last=LAST_YEAR)

    @staticmethod
    def _date(index: int) -> date:
        return date.fromordinal(index + _BASE)

    def _forward(self, index: int, n: int) -> date:
        k = self._rank[index] + n - 1
        if k >= len(self._days):
            raise OutOfRange(first=FIRST_YEAR, last=LAST_YEAR)
        return date.fromordinal(self._days[k] + _BASE)

    def _roll(self, index: int) -> int:
        if self._works[index]:
            return index
        k = self._rank[index]
        if k >= len(self._days):
            raise OutOfRange(first=FIRST_YEAR, last=LAST_YEAR)
        return self._days[k]

    def _explain_working(self, due: Due) -> tuple[Days, Days]:
        return self._rest(due.started, due.on), self._makeup_in(due.started, due.on)

    def _explain_roll(self, due: Due) -> tuple[Days, Days]:
        return self._rest(due.unrolled - timedelta(1), due.on), ()

    def _rest(self, after: date, until: date) -> Days:
        return tuple((d, self.why(d)) for d in _span(after, until) if not self.is_working_day(d))

    def _makeup_in(self, after: date, until: date) -> Days:
        return tuple((d, self.why(d)) for d in _span(after, until) if d in self._makeup)


class _Explained:
    """The explanation of a term with extensions and suspensions, made only when somebody looks."""

    __slots__ = ("calendar", "gaps", "working")

    def __init__(self, calendar: Calendar, working: bool, gaps: Sequence[Interval]) -> None:
        self.calendar, self.working, self.gaps = calendar, working, gaps

    def __call__(self, due: Due) -> tuple[Days, Days]:
        cal = self.calendar
        skipped = {
            day: "中止期间"
            for gap in self.gaps
            for day in _span(gap[0] - timedelta(1), gap[1] - timedelta(1))
            if due.started < day <= due.on
        }
        after = due.started if self.working else due.unrolled - timedelta(1)
        for day, why in cal._rest(after, due.on):
            skipped.setdefault(day, why)
        return tuple(sorted(skipped.items())), cal._makeup_in(due.started, due.on) if self.working else ()


def _nothing(due: Due) -> tuple[Days, Days]:
    return (), ()


def _span(after: date, until: date) -> Iterable[date]:
    return (date.fromordinal(o) for o in range(after.toordinal() + 1, until.toordinal() + 1))


def _day(start: date | datetime) -> date:
    if isinstance(start, datetime):
        return clock.local_date(start) if start.tzinfo is not None else _naive()
    return start


def _naive() -> date:
    raise BadDate("起算时刻缺少时区，无法确定是哪一天")


def _moment(start: date | datetime) -> datetime:
    if isinstance(start, datetime):
        return clock.local(start) if start.tzinfo is not None else clock.at_local(_naive())
    return clock.at_local(start)


def _corresponding(day: date, months: int) -> date:
    """The corresponding day ``months`` later; the month's last day where there is none (TIME-04)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > LAST_YEAR:
        raise OutOfRange(first=FIRST_YEAR, last=LAST_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _merged(gaps: Sequence[Interval]) -> list[Interval]:
    """Non-empty intervals in order, overlapping ones joined, so that no day is left out twice."""
    joined: list[Interval] = []
    for a, b in sorted(gap for gap in gaps if gap[0] < gap[1]):
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], b))
        else:
            joined.append((a, b))
    return joined


def _overlap_days(gap: Interval, after: date, until: date) -> int:
    lo, hi = max(gap[0], after + timedelta(1)), min(gap[1], until + timedelta(1))
    return max(0, (hi - lo).days)


def _overlap_moments(gap: Interval, start: datetime, end: datetime) -> timedelta:
    lo, hi = max(clock.at_local(gap[0]), start), min(clock.at_local(gap[1]), end)
    return max(timedelta(0), hi - lo)


# --- tables from a file ---------------------------------------------------------------------

SHIPPED = Path(__file__).with_name("days.toml")


def read_tables(path: Path) -> tuple[YearTable, ...]:
    """Year tables of a file in the form of ``days.toml``; every problem named at once."""
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise CalendarProblem(
            f"无法读取日历文件“{path.name}”", remedy="请检查文件是否存在、是否可读"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalendarProblem(
            f"日历文件“{path.name}”格式有误：{error}", remedy="请按自带的 days.toml 的格式修改"
        ) from None
    problems: list[str] = []
    tables = tuple(_table(key, entry, problems) for key, entry in sorted(raw.items()))
    if problems:
        raise CalendarProblem(fields={"days": problems})
    return tables


def _table(key: str, entry: Any, problems: list[str]) -> YearTable:
    if not (key.isdigit() and FIRST_YEAR <= int(key) <= LAST_YEAR and isinstance(entry, dict)):
        problems.append(f"“{key}”不是年份")
        return YearTable(FIRST_YEAR, False)
    year = int(key)
    off, work = _days(entry.get("off", []), year, problems), _days(entry.get("work", []), year, problems)
    if not off:
        problems.append(f"{year}年没有放假安排")
    problems.extend(f"{day} 既放假又上班" for day in sorted(off.keys() & work.keys()))
    problems.extend(f"{day} 不是周末，不能列为调休上班" for day in sorted(work) if day.weekday() < SATURDAY)
    return YearTable(year, True, str(entry.get("notice", "")), tuple(entry.get("numbers", ())), off, work)


def _days(rows: Any, year: int, problems: list[str]) -> dict[date, str]:
    found: dict[date, str] = {}
    for row in rows if isinstance(rows, list) else [rows]:
        try:
            name, first, *rest = row
            a, b = date.fromisoformat(first), date.fromisoformat(rest[0] if rest else first)
            if not date(year - 1, 12, 1) <= a <= b <= date(year, 12, 31):
                problems.append(f"{year}年：{a} 至 {b} 不在该年安排的范围内")
                continue
        except (ValueError, TypeError):
            problems.append(f"{year}年：“{row}”应为 [名称, 首日, 末日]")
            continue
        for day in _span(a - timedelta(1), b):
            found[day] = str(name)
    return found


@cache
def shipped() -> Calendar:
    """The calendar that comes with the software; needs no database."""
    return Calendar(read_tables(SHIPPED))
