"""The room's kinds of ledger entry, each recomputed from its live row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models

from mingzhi.deadlines.models import CalendarRevision, Extension, Recalculation, Resumption, Suspension
from mingzhi.ledger.api import Kind, register

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


def _kind(
    name: str, sentence: str, thing: str, model: type[models.Model], payload: Callable[[Any], Payload]
) -> None:
    def payload_of(subject: str) -> Payload | None:
        row = model._default_manager.filter(pk=int(subject.rpartition(":")[2])).first()
        return None if row is None else payload(row)

    def rows() -> Iterable[tuple[str, Payload]]:
        return (
            (f"{thing}:{row.pk}", payload(row))
            for row in model._default_manager.order_by("pk").iterator(2000)
        )

    register(Kind(name=name, version=1, sentence=sentence, payload_of=payload_of, rows=rows))


_kind("deadline:suspended", "期限中止", "suspension", Suspension, suspended_payload)
_kind("deadline:resumed", "期限恢复计算", "resumption", Resumption, resumed_payload)
_kind("deadline:extended", "期限延长", "extension", Extension, extended_payload)
_kind("deadline:recomputed", "因日历变动重算期限", "recalculation", Recalculation, recalculated_payload)
_kind("calendar:changed", "工作日历变动", "calendar-revision", CalendarRevision, calendar_payload)
