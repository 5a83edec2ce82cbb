"""Writes: an entry with its fact, an attempt on its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from mingzhi.kernel import canonical
from mingzhi.kernel.prepared import insert
from mingzhi.ledger import kinds
from mingzhi.ledger.errors import OutsideTransaction, PayloadInvalid
from mingzhi.ledger.head import Head, commit, moment
from mingzhi.ledger.merkle import leaf_hash
from mingzhi.ledger.models import Attempt
from mingzhi.ledger.router import ALIAS

_INSERT = (
    "INSERT INTO ledger_entry (kind, version, subject, salt, commitment, leaf, at) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id"
)
OUTCOMES = frozenset({"ok", "denied", "failed"})


def append(kind: str, subject: str, payload: Mapping[str, Any], *, at: datetime) -> int:
    """Record that something happened: one entry, in the caller's transaction. Returns its id.

    ``payload`` is committed to, not stored: ``payload_of(subject)`` of the kind must give it again
    from the live row. Raises ``KindUnknown``, ``PayloadInvalid``, ``OutsideTransaction``.
    """
    known = kinds.current(kind)
    if not connection.in_atomic_block:
        raise OutsideTransaction
    if not subject or len(subject) > 160 or not subject.isprintable():
        raise PayloadInvalid(kind=kind, why=f"对象标识 {subject!r} 为空、过长或含控制字符")
    if at.tzinfo is None:
        raise PayloadInvalid(kind=kind, why="时刻缺少时区")
    if known.fields and set(known.fields) != set(payload):
        raise PayloadInvalid(kind=kind, why=f"应有字段 {sorted(known.fields)}，实有 {sorted(payload)}")
    salt = os.urandom(32)
    commitment = commit(salt, canonical.encode(payload))
    leaf = leaf_hash(Head(kind, known.version, subject, moment(at), commitment.hex()).leaf())
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                kind,
                known.version,
                subject,
                salt,
                commitment,
                leaf,
                connection.ops.adapt_datetimefield_value(at),
            ],
        )
        entry_id: int = cursor.fetchone()[0]
    return entry_id


def attempt(
    act: str,
    subject: str,
    *,
    by: str,
    at: datetime,
    outcome: str = "ok",
    purpose: str = "",
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> int:
    """Keep on record that ``by`` tried or looked: own connection, committed at once, whatever the work does.

    ``outcome`` is ok, denied or failed; ``purpose`` the reason given for looking (调阅用途).
    """
    if outcome not in OUTCOMES:
        raise PayloadInvalid(kind=act, why=f"结果 {outcome!r} 应为 ok、denied 或 failed")
    row = Attempt(
        act=act[:80],
        subject=subject[:160],
        by=by[:160],
        at=at,
        outcome=outcome,
        purpose=purpose[:200],
        detail=canonical.plain(dict(detail or {})),
        address=address[:64],
    )
    return int(insert(row, using=ALIAS).pk)
