"""Lets Django empty append-only tables between transactional tests, and puts the triggers back.

The product has no such door: a table's owner must take the triggers off by hand, and fsck says so.
Only tables with rows are touched. What ``migrate`` itself fills in stays: it would come back the same.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from django.core.management.commands import flush
from django.db import transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.migrations.loader import MigrationLoader

from mingzhi.ledger.append_only import AppendOnly, removals, statements, trigger_names

#: Filled by ``migrate``, changed by nothing.
MIGRATED = {"django_content_type", "auth_permission"}


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


def take_off(connection: Any, tables: Collection[str] | None = None) -> list[AppendOnly]:
    """Take the triggers off these tables, or off all."""
    names = present(connection)
    taken = [
        op
        for op in guarded()
        if (tables is None or op.table in tables) and trigger_names(connection.vendor, op.table)[0] in names
    ]
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


def frozen(connection: Any) -> list[tuple[str, str]]:
    """(how to take it off, how to put it back) for the triggers that freeze published lists, as the database has them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass, pg_get_triggerdef(oid)"
                " FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'catalogue_list%_frozen%'"
            )
        else:
            cursor.execute(
                "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_master"
                " WHERE type = 'trigger' AND name LIKE 'catalogue_list%_frozen%'"
            )
        return list(cursor.fetchall())


def filled(connection: Any) -> list[str]:
    """Tables of models that hold rows which a test may have written."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    asked = [table for table in tables if table not in MIGRATED]
    if not asked:
        return []
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {quote(table)})" for table in asked))
        return [table for table, there in zip(asked, cursor.fetchone(), strict=True) if there]


def install() -> None:
    plain = BaseDatabaseOperations.execute_sql_flush
    if getattr(plain, "opens_append_only", False):
        return

    def execute_sql_flush(self: Any, _: list[str]) -> None:
        connection = self.connection
        tables = filled(connection)
        if not tables:
            return
        with transaction.atomic(using=connection.alias, savepoint=connection.features.can_rollback_ddl):
            taken = take_off(connection, tables)
            thawed = frozen(connection) if "catalogue_listversion" in tables else []
            with connection.cursor() as cursor:
                for off, _back in thawed:
                    cursor.execute(off)
                for table in tables:
                    cursor.execute(f"DELETE FROM {self.quote_name(table)}")
            connection.check_constraints()
            put_back(connection, taken)
            with connection.cursor() as cursor:
                for _off, back in thawed:
                    cursor.execute(back)

    # What ``migrate`` fills in has stayed: nobody needs to be told to fill it in anew.
    flush.emit_post_migrate_signal = lambda *_: None
    execute_sql_flush.opens_append_only = True  # type: ignore[attr-defined]
    BaseDatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]
