"""The one sequencer: gives each committed entry its gapless place and signs the tree.

One transaction reads the queue, writes places and a checkpoint, empties the queue. What holds if
it stops …
* before the commit: nothing; the signed text never left memory; the next run starts over;
* during the commit (kept or not, the database knows): the next run goes on from what is there;
* after the commit, before the files: files and outside checkpoint are older than the database;
  the next run, or the next reader of a proof, brings them up;
* after a failed write or sync of the files: ``StoreFailed``; the database is whole; whoever opens
  the files next compares them with it.
Anything else that does not fit (``Forked``, ``BehindCheckpoint``, ``KeyMissing``) stops the sequencer
with nothing written. Writers never wait for it and never notice.

A clock that shows less than the last checkpoint's time does not stop it: it may be this one that is
wrong, or the last checkpoint's, signed by a clock that had jumped ahead, and then the log would stand
still until the day comes. The new checkpoint repeats the time of the one before: times never fall,
the order is the places', and each entry has a time of its own. It is told where people look.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from mingzhi.kernel import sm2
from mingzhi.ledger import keys, notes, store
from mingzhi.ledger.errors import Forked
from mingzhi.ledger.formats import AFTER_LINE, TIME_LINE, TreeHead
from mingzhi.ledger.head import Head, moment
from mingzhi.ledger.merkle import leaf_hash
from mingzhi.ledger.models import Checkpoint, Log, LogKey, Pending
from mingzhi.ledger.rotation import in_force
from mingzhi.ledger.sqltext import moment_sql

logger = logging.getLogger("mingzhi.ledger")

LIMIT = 50_000
_LOCK = 0x6D696E677A6869  # "mingzhi": the advisory lock that only one sequencer can hold


def sequence(*, at: datetime, limit: int = LIMIT) -> int:
    """Place the entries that committed since the last run, at most ``limit``; returns how many.

    Called by the worker about once a second, with the present moment. Returns 0 when another
    sequencer is at it. Raises ``LedgerStopped`` kinds when a person must look first.
    """
    if not Pending.objects.exists():
        return 0
    with transaction.atomic():
        if not _alone():
            return 0
        waiting = _waiting(limit)
        if not waiting:
            return 0
        log = open_log(at=at)
        last = Checkpoint.objects.order_by("-size").first()
        store.check_outside(log, last)
        at = max(at, last.at) if last else at
        size = last.size if last else 0
        signers = _signers(log, size)
        edge = store.tree(log, last).edge(size)
        if last and edge.root() != bytes(last.root):
            raise Forked(signed=size, folder=str(store.folder(log)))
        edge.extend(_leaf(row, log) for row in waiting)
        _place(size, [row[0] for row in waiting])
        told = (TIME_LINE + moment(at), f"{AFTER_LINE}{size}")
        body = TreeHead(log.origin, edge.size, edge.root(), told).text()
        head = Checkpoint(size=edge.size, root=edge.root(), at=at, note=notes.sign(body, *signers))
        head.save(force_insert=True)
        transaction.on_commit(partial(store.publish, log, head))
    return len(waiting)


def open_log(*, at: datetime) -> Log:
    """This database's log; made with its key on the first call."""
    log = Log.objects.order_by("at").first()
    if log is None:
        name = secrets.token_hex(8)
        first, *others = keys.make(name)
        log = Log(name=name, origin=first.verifier.name, vkey=str(first.verifier), at=at)
        log.save(force_insert=True)
        for other in others:
            LogKey.objects.create(vkey=str(other.verifier), announced=False, at=at)
    return log


def _signers(log: Log, size: int) -> list[notes.SignerKey]:
    """Those that sign the next checkpoint. Ed25519 must be there; SM2 is left out, loudly, on a machine
    that has none."""
    signers = []
    for vkey in in_force(log, size):
        try:
            signers.append(keys.load(log.name, log.origin, vkey))
        except sm2.NoSM2 as error:
            logger.error("检查点缺少 SM2 签名：%s", error)
    return signers


def _alone() -> bool:
    """On PostgreSQL an advisory lock until commit; on SQLite the write transaction itself."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _waiting(limit: int) -> list[tuple[Any, ...]]:
    """The queue in the order of entry ids, each with its entry's columns (None where it is gone)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT q.entry_id, e.id, e.kind, e.version, e.subject, {moment_sql('e.at')}, e.commitment, e.leaf "  # noqa: S608
            "FROM ledger_pending q LEFT JOIN ledger_entry e ON e.id = q.entry_id ORDER BY q.entry_id LIMIT %s",
            [limit],
        )
        return list(cursor.fetchall())


def _leaf(row: tuple[Any, ...], log: Log) -> bytes:
    """The entry's leaf hash, computed anew from its columns before it is built in."""
    entry_id, found, kind, version, subject, at, commitment, stored = row
    if found is None:
        raise Forked(f"账本第 {entry_id} 号条目在编号前被删除", signed=0, folder=str(store.folder(log)))
    leaf = leaf_hash(Head(kind, version, subject, at, commitment.hex()).leaf())
    if leaf != stored:
        raise Forked(f"账本第 {entry_id} 号条目在编号前被改动过", signed=0, folder=str(store.folder(log)))
    return leaf


def _place(size: int, ids: list[int]) -> None:
    """Give ``ids`` the places from ``size`` on and take exactly them out of the queue."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO ledger_place (position, entry_id) SELECT %s + nth - 1, id "
                "FROM unnest(%s::bigint[]) WITH ORDINALITY AS t (id, nth)",
                [size, ids],
            )
            cursor.execute("DELETE FROM ledger_pending WHERE entry_id = ANY(%s)", [ids])
            return
        cursor.executemany(
            "INSERT INTO ledger_place (position, entry_id) VALUES (%s, %s)",
            [(size + offset, entry_id) for offset, entry_id in enumerate(ids)],
        )
        cursor.executemany(
            "DELETE FROM ledger_pending WHERE entry_id = %s", [(entry_id,) for entry_id in ids]
        )
