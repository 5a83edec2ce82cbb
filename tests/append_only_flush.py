"""Lets Django empty append-only tables between transactional tests, and puts the triggers back.

The product has no such door: a table's owner must take the triggers off by hand, and fsck says so.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.migrations.loader import MigrationLoader

from mingzhi.ledger.append_only import AppendOnly, removals, statements, trigger_names


@lru_cache(maxsize=1)
def guarded() -> tuple[AppendOnly, ...]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    found = {
        operation.table: operation
        for migration in loader.disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, AppendOnly)
    }
    return tuple(found.values())


def present(connection: Any) -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {row[0] for row in cursor.fetchall()}


def take_off(connection: Any) -> list[AppendOnly]:
    names = present(connection)
    taken = [op for op in guarded() if trigger_names(connection.vendor, op.table)[0] in names]
    with connection.cursor() as cursor:
        for operation in taken:
            for statement in removals(connection, operation.table):
                cursor.execute(statement)
    return taken


def put_back(connection: Any, taken: list[AppendOnly]) -> None:
    with connection.cursor() as cursor:
        for operation in taken:
            for statement in statements(connection, operation.table, operation.allow_null_once):
                cursor.execute(statement)


def install() -> None:
    plain = BaseDatabaseOperations.execute_sql_flush
    if getattr(plain, "opens_append_only", False):
        return

    def execute_sql_flush(self: Any, sql_list: list[str]) -> None:
        with transaction.atomic(
            using=self.connection.alias, savepoint=self.connection.features.can_rollback_ddl
        ):
            taken = take_off(self.connection)
            plain(self, sql_list)
            put_back(self.connection, taken)

    execute_sql_flush.opens_append_only = True  # type: ignore[attr-defined]
    BaseDatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]
