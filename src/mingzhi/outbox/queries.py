"""Reads: what waits, what failed, how the periodic jobs went."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from mingzhi.outbox.choices import State
from mingzhi.outbox.data import MessageView, PeriodicView
from mingzhi.outbox.models import OutboxMessage, PeriodicRun
from mingzhi.outbox.registry import periodics


def failures(limit: int = 200) -> list[MessageView]:
    """What failed for good, newest first."""
    rows = OutboxMessage.objects.filter(state=State.FAILED).order_by("-finished_at", "-id")
    return [_view(row) for row in rows[:limit]]


def struggling(limit: int = 200) -> list[MessageView]:
    """What failed at least once and will be tried again, by when."""
    rows = OutboxMessage.objects.filter(finished_at__isnull=True, attempts__gt=0).order_by("not_before")
    return [_view(row) for row in rows[:limit]]


def message(message_id: int) -> MessageView | None:
    row = OutboxMessage.objects.filter(pk=message_id).first()
    return None if row is None else _view(row)


def counts() -> dict[str, int]:
    """How many messages wait, are done, failed."""
    found = dict.fromkeys((str(s) for s in State.values), 0)
    rows = OutboxMessage.objects.order_by().values_list("state").annotate(n=Count("id"))
    found.update({str(state): n for state, n in rows})
    return found


def oldest_waiting() -> datetime | None:
    """Since when the oldest message that is due has waited; None when nothing waits."""
    rows = OutboxMessage.objects.filter(finished_at__isnull=True).order_by("not_before", "id")
    return rows.values_list("not_before", flat=True).first()


def periodic_runs() -> list[PeriodicView]:
    """Every periodic job, registered or remembered, by name."""
    kept = {row.name: row for row in PeriodicRun.objects.all()}
    found = []
    for name in sorted({*kept, *periodics}):
        row, entry = kept.get(name), periodics.get(name)
        found.append(
            PeriodicView(
                name=name,
                seconds=entry.seconds if entry else None,
                started_at=row.started_at if row else None,
                finished_at=row.finished_at if row else None,
                last_error=row.last_error if row else "",
                failures=row.failures if row else 0,
            )
        )
    return found


def _view(row: OutboxMessage) -> MessageView:
    return MessageView(
        id=row.pk,
        kind=row.kind,
        key=row.key,
        payload=row.payload,
        state=str(row.state),
        attempts=row.attempts,
        not_before=row.not_before,
        last_error=row.last_error,
        created_at=row.created_at,
        tried_at=row.tried_at,
        finished_at=row.finished_at,
    )
