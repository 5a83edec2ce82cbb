"""Writes: put something in the outbox, run what is due, try again what failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from mingzhi.kernel import canonical
from mingzhi.kernel.prepared import insert, insert_once
from mingzhi.ledger import api as ledger
from mingzhi.outbox.choices import State
from mingzhi.outbox.data import By
from mingzhi.outbox.errors import NoMessage, NotFailed, OutsideTransaction, PayloadInvalid
from mingzhi.outbox.models import OutboxMessage, PeriodicRun
from mingzhi.outbox.registry import Periodic, Registered, handlers, periodics

log = logging.getLogger("mingzhi.outbox")

MAX_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
LEASE = timedelta(minutes=10)
"""With these a message is tried for about two and a half hours: 5 s, 10 s, 20 s … up to one hour."""


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    at: datetime,
    not_before: datetime | None = None,
    key: str = "",
) -> int:
    """Put ``kind`` in the outbox, in the caller's transaction. Returns the message's id.

    The worker runs it after commit, not before ``not_before``; rolled back work leaves nothing.
    With ``key``, a second message of the same kind and key is not made: the first one's id comes
    back. Raises ``PayloadInvalid``, ``OutsideTransaction``.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction
    try:
        content = canonical.plain(dict(payload))
    except TypeError as error:
        raise PayloadInvalid(kind=kind, why=str(error)) from error
    if not kind or len(kind) > 80 or len(key) > 160 or "_key" in content:
        raise PayloadInvalid(kind=kind, why="事项名称或幂等键过长、为空，或者占用了保留字段")
    row = OutboxMessage(kind=kind, payload=content, key=key, not_before=not_before or at, created_at=at)
    if not key:
        return insert(row).pk
    # The unique index decides, so two writers with one key make one message; neither is aborted.
    if insert_once(row):
        return row.pk
    return OutboxMessage.objects.values_list("id", flat=True).get(kind=kind, key=key)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the ``attempts``-th failure (from 1): doubling, capped."""
    doublings: int = min(max(attempts, 1) - 1, 20)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def run_due(at: datetime, limit: int = 100, *, stopping: Callable[[], bool] = lambda: False) -> int:
    """Run up to ``limit`` messages that are due at ``at``, oldest first. How many were run.

    An ordinary message is one transaction: claim, run, mark. The crash story:

    - Killed before the handler: nothing happened; the row is still waiting and nobody holds it.
    - Killed inside the handler: its effects in this database roll back with the claim; what it did
      outside (a push, a mail) may have happened. The next run repeats it with the same key, by which
      the other side knows it again.
    - Killed after the handler, before commit: the same.
    - Killed after commit: done, and never run again.

    So it runs at least once, its effects in this database are there exactly once, and never two
    workers run it at a time (PostgreSQL: row lock, others skip it; SQLite: the one write transaction).
    A handler that raises is rolled back to its savepoint; the failure is marked in the outer one.

    A slow message is three steps: a claim that commits (``not_before`` moves on by ``LEASE``), the
    handler in no transaction, the mark. Killed before the mark, whatever the handler did is there and
    it runs again when the lease is over, with the same key; so slow handlers must look first whether
    their effect is there. No second worker takes it before the lease is over.
    """
    done = 0
    while done < limit and not stopping():
        if not _run_one(at):
            break
        done += 1
    return done


def _run_one(at: datetime) -> bool:
    # Cheap look first: on SQLite a write transaction would hold up everybody else for nothing.
    if not _due(at).exists():
        return False
    with transaction.atomic():
        rows = _due(at).order_by("not_before", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        row = rows.first()
        if row is None:  # another worker was quicker
            return False
        row.attempts += 1
        row.tried_at = at
        entry = handlers.get(row.kind)
        if entry is None:
            _failed(row, LookupError(f"没有处理“{row.kind}”的程序"), at)
            return True
        if not entry.slow:
            _run_inside(row, entry, at)
            return True
        row.not_before = at + LEASE
        row.save(update_fields=["attempts", "tried_at", "not_before"])
    _run_outside(row, entry, at)
    return True


def _due(at: datetime) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(finished_at__isnull=True, not_before__lte=at)


def _call(row: OutboxMessage, entry: Registered, at: datetime) -> None:
    entry.run({**row.payload, "_key": row.key or f"outbox:{row.pk}"}, at=at)


def _run_inside(row: OutboxMessage, entry: Registered, at: datetime) -> None:
    try:
        with transaction.atomic():
            _call(row, entry, at)
    except Exception as error:  # noqa: BLE001 — whatever a handler raises is the message's failure
        # Were it the database that went away, marking fails too, and that error goes to the worker.
        _failed(row, error, at)
        return
    _done(row, at)


def _run_outside(row: OutboxMessage, entry: Registered, at: datetime) -> None:
    try:
        _call(row, entry, at)
    except Exception as error:  # noqa: BLE001 — as above
        _failed(row, error, at)
        return
    _done(row, at)


def _done(row: OutboxMessage, at: datetime) -> None:
    row.state, row.finished_at, row.last_error = State.DONE, at, ""
    row.save(update_fields=["attempts", "tried_at", "state", "finished_at", "last_error"])


def _failed(row: OutboxMessage, error: Exception, at: datetime) -> None:
    row.last_error = f"{type(error).__name__}: {error}"[:500]
    fields = ["attempts", "tried_at", "last_error"]
    if row.attempts >= MAX_ATTEMPTS:
        row.state, row.finished_at = State.FAILED, at
        fields += ["state", "finished_at"]
        log.error(
            "外发事项 %s #%s 第 %s 次失败，不再自动重试：%s", row.kind, row.pk, row.attempts, row.last_error
        )
    else:
        row.not_before = at + wait_after(row.attempts)
        fields.append("not_before")
        log.warning(
            "外发事项 %s #%s 第 %s 次失败，稍后重试：%s", row.kind, row.pk, row.attempts, row.last_error
        )
    row.save(update_fields=fields)


def retry(*, message_id: int, by: By, at: datetime) -> None:
    """Let a message that failed for good be tried again from now. Raises ``NoMessage``, ``NotFailed``."""
    with transaction.atomic():
        row = OutboxMessage.objects.select_for_update().filter(pk=message_id).first()
        if row is None:
            raise NoMessage
        if row.state != State.FAILED:
            raise NotFailed(state=row.get_state_display())
        row.state, row.finished_at, row.attempts, row.not_before = State.WAITING, None, 0, at
        row.save(update_fields=["state", "finished_at", "attempts", "not_before"])
    ledger.attempt("outbox:retry", f"outbox:{message_id}", by=by.label, at=at)


def forget_done(*, before: datetime, limit: int = 5000) -> int:
    """Delete messages done before ``before``; failures stay until somebody deals with them."""
    ids = OutboxMessage.objects.filter(state=State.DONE, finished_at__lt=before).values_list("id", flat=True)
    return OutboxMessage.objects.filter(id__in=list(ids[:limit])).delete()[0]


# --- periodic jobs ---------------------------------------------------------------------------


def run_periodics(at: datetime, *, stopping: Callable[[], bool] = lambda: False) -> int:
    """Run every periodic job whose time has come. How many ran, failed ones included.

    The claim (moving ``next_at`` on) commits before the job runs, so two workers never run one job
    at once unless it takes longer than its own period; a worker killed inside a job skips one turn.
    """
    ran = 0
    for entry in list(periodics.values()):
        if stopping():
            break
        if _claim(entry, at):
            _run_periodic(entry, at)
            ran += 1
    return ran


def _claim(entry: Periodic, at: datetime) -> bool:
    following = at + timedelta(seconds=entry.seconds)
    rows = PeriodicRun.objects.filter(name=entry.name)
    state = rows.values_list("next_at", flat=True).first()
    if state is None:
        PeriodicRun.objects.bulk_create([PeriodicRun(name=entry.name, next_at=at)], ignore_conflicts=True)
    elif state > at:
        return False
    # One UPDATE decides between workers.
    return rows.filter(next_at__lte=at).update(next_at=following, started_at=at) == 1


def _run_periodic(entry: Periodic, at: datetime) -> None:
    rows = PeriodicRun.objects.filter(name=entry.name)
    try:
        entry.job(at)
    except Exception as error:  # noqa: BLE001 — one job's failure must not stop the others
        text = f"{type(error).__name__}: {error}"[:500]
        log.error("定时任务 %s 失败：%s", entry.name, text)
        failures = rows.values_list("failures", flat=True).first() or 0
        rows.update(last_error=text, failures=failures + 1, finished_at=at)
        return
    rows.update(last_error="", failures=0, finished_at=at)
