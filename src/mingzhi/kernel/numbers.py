"""Numbers given out once each.

The series row is locked until the caller's transaction ends: two writers wait on one another, and
a number whose transaction rolls back was never given out, so a committed series has no gap.
"""

from __future__ import annotations

from django.db import connection, transaction

from mingzhi.kernel.models import Series


def allot(series: str) -> int:
    """The next number of ``series``, from 1. Must run inside a transaction."""
    return allot_block(series, 1)


def allot_block(series: str, size: int) -> int:
    """Reserve ``size`` consecutive numbers; returns the first. Must run inside a transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("numbers are allotted inside the work's own transaction")
    # One statement creates or advances the row and leaves it locked, on SQLite and on PostgreSQL.
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Series._meta.db_table} (name, last) VALUES (%s, %s) "  # noqa: S608 — table name is ours
            f"ON CONFLICT (name) DO UPDATE SET last = {Series._meta.db_table}.last + %s RETURNING last",
            [series, size, size],
        )
        last: int = cursor.fetchone()[0]
    return last - size + 1
