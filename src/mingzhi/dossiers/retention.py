"""How long a dossier is kept and when it is handed over: a pure function of facts and norms.

No clock, no database: the same facts give the same days, so that anybody can check them
(docs/algorithms/retention.md). 实施条例 = 档案法实施条例.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

PERMANENT = "永久"
NEXT_YEAR = "次年一月一日"
CLOSING = "结案次日"
_YEARS = re.compile(r"(\d{1,3})\s*年")
Span = tuple[date, date | None]
"""A hold: from a day (counted) to a day (not counted), or still in force."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``years`` and ``expires_on`` are ``None`` for 永久. ``expires_on`` is the first day after the term."""

    years: int | None
    starts_on: date
    expires_on: date | None
    transfer_on: date | None


def years_of(text: str) -> int | None:
    """``永久`` → None, ``30年`` → 30. Anything else is a broken norm and raises ``ValueError``."""
    if text == PERMANENT:
        return None
    match = _YEARS.fullmatch(text)
    if match is None or not int(match[1]):
        raise ValueError(f"保管期限“{text}”应为“永久”或者“若干年”")
    return int(match[1])


def later(day: date, years: int) -> date:
    """The same day ``years`` later; 29 February becomes 28 where there is none."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def start(closed_on: date, rule: str) -> date:
    """The first day of the term: of the next year, or the day after closing."""
    if rule == NEXT_YEAR:
        return date(closed_on.year + 1, 1, 1)
    if rule == CLOSING:
        return closed_on + timedelta(days=1)
    raise ValueError(f"保管期限起算“{rule}”应为“{NEXT_YEAR}”或者“{CLOSING}”")


def plan(*, closed_on: date, term: str, starts: str, transfer_years: int | None) -> Plan:
    """Start, expiry and hand-over of a dossier closed on ``closed_on``.

    ``term`` is the norm's text (永久, 30年); ``transfer_years`` those of the body's level (实施条例第二十条:
    县级十年, 市级、省级二十年). What expires before it would be handed over never is.
    """
    years = years_of(term)
    begins = start(closed_on, starts)
    expires = None if years is None else later(begins, years)
    transfer = None if transfer_years is None else later(closed_on, transfer_years)
    if expires is not None and transfer is not None and transfer >= expires:
        transfer = None
    return Plan(years, begins, expires, transfer)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same days as spans that do not touch, oldest first."""
    found: list[Span] = []
    for begin, end in sorted(spans, key=lambda s: s[0]):
        if end is not None and end <= begin:
            continue
        if found and (found[-1][1] is None or begin <= found[-1][1]):
            last_begin, last_end = found[-1]
            found[-1] = (last_begin, None if last_end is None or end is None else max(last_end, end))
        else:
            found.append((begin, end))
    return found


def expiry(starts_on: date, expires_on: date | None, holds: Iterable[Span]) -> date | None:
    """The expiry with the clock stopped while anything held it; ``None``: never, or not while held.

    Days held before the term began take nothing from it; a hold set after the term was over, while the
    dossier still exists, has no term left to stop but keeps it from destruction all the same.
    """
    if expires_on is None:
        return None
    due = expires_on
    for begin, end in merged(holds):
        if end is None:
            return None
        if begin < due:
            due += max(timedelta(0), end - max(begin, starts_on))
    return due
