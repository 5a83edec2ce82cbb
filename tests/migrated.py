"""The migrated database, made once and copied: to migrate takes a processor twenty seconds, to copy half of one.

A copy is named by all that decides what the migrations make — their text, the modules they import, the
locked packages — so that whatever changed is migrated anew. ``migrate`` runs over every copy and finds
nothing to do. On SQLite the copies lie in ``var/tests``; on PostgreSQL ``python -m tests.migrated`` leaves
a template database on the server, and without it every run migrates for itself.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from django.db.backends.base.creation import BaseDatabaseCreation

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
KEPT_FOR = 7 * 24 * 3600


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = (
            [node.module]
            if isinstance(node, ast.ImportFrom) and node.module
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        for name in names:
            found = SOURCE / Path(*name.split(".")).with_suffix(".py")
            if name.startswith("mingzhi.") and found.exists():
                yield found


@cache
def digest() -> str:
    """Names what the migrations of this checkout make."""
    reached = set(SOURCE.glob("mingzhi/*/migrations/*.py"))
    left = list(reached)
    while left:
        new = set(_imported(left.pop())) - reached
        reached |= new
        left += new
    total = hashlib.sha256((ROOT / "requirements-dev.lock").read_bytes())
    for path in (*sorted(reached), ROOT / "config/settings/base.py"):
        total.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return total.hexdigest()[:20]


def template() -> str:
    """The template database's name on a PostgreSQL server."""
    return f"mingzhi_{digest()}"


def _kept(alias: str) -> Path:
    shared = Path(os.environ.get("MINGZHI_SHARED_VAR") or ROOT / "var")
    return shared / "tests" / f"{digest()}.{alias}.sqlite3"


def _keep(database: sqlite3.Connection, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("*.sqlite3"):
        if old.stat().st_mtime < time.time() - KEPT_FOR:
            old.unlink(missing_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    with closing(sqlite3.connect(part)) as copy:
        database.backup(copy)
    part.replace(path)


def lay(alias: str, database: str | Path) -> bool:
    """Copy the migrated SQLite database over an empty one; False where none was kept yet."""
    kept = _kept(alias)
    if not kept.exists():
        return False
    with (
        closing(sqlite3.connect(kept)) as source,
        closing(sqlite3.connect(database, uri="mode=memory" in str(database))) as target,
    ):
        source.backup(target)
    return True


def lay_under(folder: Path) -> None:
    """Copy it as the databases of an installation that has its data in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for alias, suffix in (("default", ""), ("attempts", "-attempts")):
        lay(alias, folder / f"mingzhi{suffix}.sqlite3")


def create(admin: Any, name: str) -> None:
    """Make the PostgreSQL database ``name``, migrated where the server has the template."""
    from psycopg import sql

    found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template()]).fetchone()
    of = template() if found else "template1"
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(of)))


def _server_has(connection: Any, name: str) -> bool:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def install() -> None:
    plain = BaseDatabaseCreation.create_test_db
    if getattr(plain, "copies", False):
        return

    def create_test_db(self: Any, *args: Any, **kwargs: Any) -> str:
        if self.connection.vendor == "postgresql":
            if _server_has(self.connection, template()):
                self.connection.settings_dict["TEST"]["TEMPLATE"] = template()
            return plain(self, *args, **kwargs)
        name = self._get_test_db_name()
        # A database in memory lives as long as somebody holds it.
        with closing(sqlite3.connect(name, uri=True)) as held:
            laid = lay(self.connection.alias, name)
            made = plain(self, *args, **{**kwargs, "keepdb": True})
            if not laid:
                _keep(held, _kept(self.connection.alias))
        return made

    create_test_db.copies = True  # type: ignore[attr-defined]
    BaseDatabaseCreation.create_test_db = create_test_db  # type: ignore[method-assign]


def main() -> None:
    """Make the copies for this checkout, where they are not there yet."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.db import connection, connections
    from django.test.utils import setup_databases

    if connection.vendor == "sqlite" and all(_kept(alias).exists() for alias in connections):
        return
    if connection.vendor == "postgresql" and _server_has(connection, template()):
        return
    install()
    setup_databases(verbosity=0, interactive=False)
    if connection.vendor == "postgresql":
        made = connection.settings_dict["NAME"]
        connections.close_all()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{made}" RENAME TO "{template()}"')


if __name__ == "__main__":
    main()
