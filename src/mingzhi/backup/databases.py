"""A consistent copy of a live database, and the way back.

SQLite: the library's own online backup, one read transaction; writers go on. PostgreSQL: ``pg_dump``
in the directory format without compression, one snapshot; appended tables give the same bytes again,
so that unchanged blocks are recognised.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from mingzhi.backup.errors import NotEmpty, ToolFailed, ToolMissing

NAMES = {"sqlite": "SQLite（内嵌数据库）", "postgresql": "PostgreSQL"}


def vendor() -> str:
    return connections["default"].vendor


def copies(folder: Path) -> Iterator[tuple[str, Path]]:
    """(alias, file) of every file that makes up the databases, copied into ``folder``.

    The second log (attempts) is copied first: facts may only be newer than the looks at them.
    """
    if vendor() == "postgresql":
        dump = folder / "dump"
        _run(
            "pg_dump",
            "备份",
            ["--format=directory", "--compress=0", "--no-owner", "--no-privileges", f"--file={dump}"],
        )
        yield from (("default", path) for path in sorted(dump.iterdir()))
        return
    for alias in ("attempts", "default"):
        where = Path(str(settings.DATABASES[alias]["NAME"]))
        target = folder / where.name
        with (
            closing(sqlite3.connect(f"{where.as_uri()}?mode=ro", uri=True, timeout=60)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        yield alias, target


def require_empty() -> None:
    """``NotEmpty`` unless the configured PostgreSQL database has no table."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        if cursor.fetchone()[0]:
            raise NotEmpty(target=settings.DATABASES["default"]["NAME"])


def load(dump: Path) -> None:
    """Bring a dump into the configured, empty PostgreSQL database: whole or not at all."""
    _run(
        "pg_restore",
        "恢复",
        ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"],
        last=str(dump),
    )


def _run(tool: str, what: str, options: list[str], last: str = "") -> None:
    found = shutil.which(tool)
    if found is None:
        raise ToolMissing(tool=tool, what=what)
    database: dict[str, Any] = settings.DATABASES["default"]
    target = [
        f"--dbname={database['NAME']}",
        *(f"--host={database['HOST']}" for _ in [0] if database.get("HOST")),
        *(f"--port={database['PORT']}" for _ in [0] if database.get("PORT")),
        *(f"--username={database['USER']}" for _ in [0] if database.get("USER")),
        "--no-password",
    ]
    done = subprocess.run(  # noqa: S603 — a fixed program with the configured database, no shell
        [found, *options, *target, *([last] if last else [])],
        env={**os.environ, "PGPASSWORD": str(database.get("PASSWORD") or "")},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise ToolFailed(tool=tool, why=(done.stderr.strip().splitlines() or ["没有说明原因"])[-1])
