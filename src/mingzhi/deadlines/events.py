"""The room's kinds of ledger entry, each recomputed from its live row."""

from __future__ import annotations

from typing import Any

from mingzhi.deadlines.models import (
    CalendarDay,
    CalendarRevision,
    CalendarYear,
    Deadline,
    Extension,
    Recalculation,
    Resumption,
    Suspension,
)
from mingzhi.ledger import api as ledger

Payload = dict[str, Any]


def suspended_payload(row: Suspension) -> Payload:
    return {"deadline": row.deadline_id, "since": row.since, "reason": row.reason, "by": row.by, "at": row.at}


def resumed_payload(row: Resumption) -> Payload:
    return {
        "suspension": row.suspension_id,
        "on": row.on,
        "reason": row.reason,
        "due_on": row.due_on,
        "by": row.by,
        "at": row.at,
    }


def extended_payload(row: Extension) -> Payload:
    return {
        "deadline": row.deadline_id,
        "n": row.n,
        "unit": row.unit,
        "until": row.until,
        "reason": row.reason,
        "approved_by": row.approved_by,
        "old_due_on": row.old_due_on,
        "due_on": row.due_on,
        "by": row.by,
        "at": row.at,
    }


def recalculated_payload(row: Recalculation) -> Payload:
    return {
        "deadline": row.deadline_id,
        "old_due_on": row.old_due_on,
        "due_on": row.due_on,
        "old_version": row.old_version,
        "version": row.version,
        "reason": row.reason,
        "by": row.by,
        "at": row.at,
    }


def calendar_payload(row: CalendarRevision) -> Payload:
    return {
        "act": str(row.act),
        "year": row.year,
        "day": row.day,
        "kind": str(row.kind),
        "name": row.name,
        "notice": row.notice,
        "reason": row.reason,
        "version": row.version,
        "by": row.by,
        "at": row.at,
    }


_year_columns = ledger.columns(CalendarYear)
_day_columns = ledger.columns(CalendarDay)


def year_payload(row: CalendarYear) -> Payload:
    """A year of the calendar with all of its days, as they stand."""
    days = CalendarDay.objects.filter(table=row.year).order_by("date")
    return {
        "year": row.year,
        **_year_columns(row),
        "days": [{"date": day.date, **_day_columns(day)} for day in days],
    }


CLOCK = ledger.Rows("deadline:kept", "期限起算、变动或终止", "deadline", Deadline, ledger.columns(Deadline))
"""The clock as it stands: recorded when it starts, moves or ends, so that no end moves in silence."""
SUSPENDED = ledger.Rows("deadline:suspended", "期限中止", "suspension", Suspension, suspended_payload)
RESUMED = ledger.Rows("deadline:resumed", "期限恢复计算", "resumption", Resumption, resumed_payload)
EXTENDED = ledger.Rows("deadline:extended", "期限延长", "extension", Extension, extended_payload)
RECOMPUTED = ledger.Rows(
    "deadline:recomputed", "因日历变动重算期限", "recalculation", Recalculation, recalculated_payload
)
YEAR = ledger.Rows("calendar:year:kept", "年度日历", "calendar-year", CalendarYear, year_payload)
CHANGED = ledger.Rows(
    "calendar:changed", "工作日历变动", "calendar-revision", CalendarRevision, calendar_payload
)

for _rows in (CLOCK, SUSPENDED, RESUMED, EXTENDED, RECOMPUTED, YEAR, CHANGED):
    _rows.register()
