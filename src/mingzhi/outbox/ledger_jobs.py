"""The ledger's errands: what its log must send and be told, and the nightly whole check.

Here and not in the ledger, which lies below and knows no worker.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger.errors import WitnessUnclear
from mingzhi.outbox.actions import enqueue
from mingzhi.outbox.models import OutboxMessage
from mingzhi.outbox.registry import handler, periodic

log = logging.getLogger("mingzhi.outbox")

COSIGN, WATCH, STAMP = "ledger.cosign", "ledger.watch", "ledger.stamp"
NIGHT = range(1, 5)
"""Hours in which the whole check begins (local time)."""
OVERDUE = timedelta(hours=30)
"""A machine that is off at night checks by day, when the last check is this old."""
_running: list[subprocess.Popen[bytes]] = []


@periodic("ledger.cosign", 5)
def ask_witnesses(at: datetime) -> None:
    """One message for each witness that has not cosigned the latest checkpoint. One that waits to be
    retried will send the checkpoint that is the latest then."""
    for vkey, size in ledger.cosigning.behind():
        waiting = OutboxMessage.objects.filter(kind=COSIGN, finished_at__isnull=True, payload__witness=vkey)
        if not waiting.exists():
            with transaction.atomic():
                enqueue(COSIGN, {"witness": vkey}, at=at, key=f"{vkey[-60:]}:{size}")


@handler(COSIGN, slow=True)
def cosign(payload: dict[str, Any], *, at: datetime) -> None:
    ledger.cosigning.submit(payload["witness"], at=at)


@periodic("ledger.stamp", 60)
def ask_for_time(at: datetime) -> None:
    """One message for the latest checkpoint when a stamp is due; one that waits to be retried will do."""
    size = ledger.stamping.due(at)
    if size is not None and not OutboxMessage.objects.filter(kind=STAMP, finished_at__isnull=True).exists():
        with transaction.atomic():
            enqueue(STAMP, {"size": size}, at=at, key=str(size))


@handler(STAMP, slow=True)
def stamp(payload: dict[str, Any], *, at: datetime) -> None:
    ledger.stamping.stamp(int(payload["size"]), at=at)


@periodic("ledger.watch", 300)
def look_around(at: datetime) -> None:
    """Fetch other views of our log and of those we witness; a contradiction is kept and told loudly."""
    found = ledger.watch(at=at)
    for sentence in found.wrong:
        log.error("账本视图不一致：%s", sentence)
    if found.unclear:
        raise WitnessUnclear(name="对方", why="；".join(found.unclear)[:400])


@periodic("ledger.check", 600)
def check_at_night(at: datetime) -> None:
    """Begin the whole check once a night, in a process of its own: it may take long, and the worker must
    go on placing entries. It tells of itself in ``ledger.check_runs``."""
    _running[:] = [process for process in _running if process.poll() is None]
    if not _running and check_is_due(at):
        command = [sys.executable, "-m", "mingzhi.cli", "ledger", "fsck", "--files", "--keep", "--json"]
        nothing = subprocess.DEVNULL
        _running.append(subprocess.Popen(command, stdin=nothing, stdout=nothing))  # noqa: S603 — our own


def check_is_due(at: datetime) -> bool:
    """Whether the whole check should begin now: at night once a date, by day when long overdue."""
    last = next(iter(ledger.standing.check_runs()), None)
    since = last.at if last else ledger.started_at()
    if since is None:
        return False
    if at - since > OVERDUE:
        return True
    local = clock.local(at)
    return local.hour in NIGHT and (last is None or clock.local_date(last.at) != local.date())
