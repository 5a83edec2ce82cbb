"""The database or the disk cannot serve just now: that is no fault of the request, and it passes.

A transaction that lost its database while committing may have been kept. Nobody can say so at once, so the
answer says it is not known, and that sending the same form again does no harm: its key finds the step it made.
"""

from __future__ import annotations

import errno
import sqlite3

from django.db import DatabaseError, InterfaceError, OperationalError

from mingzhi.kernel.errors import MingzhiError

_PRIMARY = 0xFF  # SQLite's extended result codes carry the plain one in their low byte
_FULL = ("53100",)  # PostgreSQL: disk_full
_READ_ONLY = ("25006",)  # PostgreSQL: read_only_sql_transaction
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_DISK_FAILING = (errno.EIO, errno.EROFS)


class DatabaseAway(MingzhiError):
    """Gone, starting, or held by somebody else for longer than one may wait."""

    code = "database.away"
    sentence = "数据库暂时不可用，未能确认本次操作是否完成"
    remedy = "请约半分钟后重试；同一页面再次提交，只会登记一次。持续出现时请联系系统管理员"
    status = 503
    seconds = 20
    """When to come back."""


class DatabaseFull(DatabaseAway):
    """It answers, and has no room to write."""

    code = "database.full"
    sentence = "服务器磁盘空间不足，暂时不能保存，须留下查阅记录的页面也暂时不能打开"
    remedy = "请联系系统管理员清理磁盘空间；空间恢复后在原页面再次提交即可"
    seconds = 120


class DatabaseReadOnly(DatabaseAway):
    """It answers, and may not write."""

    code = "database.read_only"
    sentence = "数据库处于只读状态，暂时不能保存，须留下查阅记录的页面也暂时不能打开"
    remedy = "请联系系统管理员检查磁盘；恢复后在原页面再次提交即可"
    seconds = 120


class DiskFailing(DatabaseAway):
    """The disk of files or temporary files, where the room that met it has no words of its own."""

    code = "disk.failing"
    sentence = "服务器磁盘发生故障或者处于只读状态，未能确认本次操作是否完成"
    remedy = "请联系系统管理员检查磁盘；恢复后在原页面再次提交，只会登记一次"
    seconds = 120


def away(error: BaseException | None) -> DatabaseAway | None:
    """What ``error`` means when the state of the database or the disk is at fault, not the request; else None."""
    if isinstance(error, OSError):
        if error.errno in _DISK_FULL:
            return DatabaseFull()
        return DiskFailing() if error.errno in _DISK_FAILING else None
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY)
    state = getattr(cause, "sqlstate", None) or ""
    if state in _FULL:
        return DatabaseFull()
    if state in _READ_ONLY:
        return DatabaseReadOnly()
    return DatabaseAway() if isinstance(error, OperationalError | InterfaceError) else None


def _of_sqlite(code: int) -> DatabaseAway | None:
    """SQLite reports a missing table as it does a locked file; only its number tells them apart."""
    if code == sqlite3.SQLITE_FULL:
        return DatabaseFull()
    if code == sqlite3.SQLITE_READONLY:
        return DatabaseReadOnly()
    passing = (
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL,
    )  # fmt: skip
    return DatabaseAway() if code in passing else None
