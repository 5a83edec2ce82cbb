"""Tables that only grow: triggers that refuse UPDATE, DELETE (and TRUNCATE, and SQLite's REPLACE).

Used from migrations, after the table exists::

    operations = append_only("cases_step", "documents_servedpaper")

This module imports nothing of any room's models, so migrations may import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import router
from django.db.migrations.operations.base import Operation

_PG_FUNCTION = """
CREATE OR REPLACE FUNCTION mingzhi_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only table %: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23001';
END $$
"""


class AppendOnly(Operation):
    """Puts the triggers on one table. ``allow_null_once`` columns may be filled once while NULL."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, allow_null_once: Sequence[str] = ()) -> None:
        self.table = table
        self.allow_null_once = tuple(allow_null_once)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The triggers are no part of Django's model state."""

    def _here(self, app_label: str, schema_editor: Any) -> bool:
        return router.allow_migrate(schema_editor.connection.alias, app_label, table=self.table)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self._here(app_label, schema_editor):
            for statement in statements(schema_editor.connection, self.table, self.allow_null_once):
                schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self._here(app_label, schema_editor):
            for statement in removals(schema_editor.connection, self.table):
                schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Only INSERT into {self.table}"


def append_only(*tables: str, allow_null_once: Sequence[str] = ()) -> list[Operation]:
    """Migration operations that make ``tables`` append-only on SQLite and on PostgreSQL.

    A refused statement raises ``django.db.IntegrityError``. ``allow_null_once`` names columns that
    may change from NULL to a value, once.
    """
    return [AppendOnly(table, allow_null_once) for table in tables]


def trigger_names(vendor: str, table: str) -> list[str]:
    """Names of the triggers that must be on ``table``."""
    kinds = ("update", "delete", "truncate") if vendor == "postgresql" else ("update", "delete", "replace")
    return [f"{table}_no_{kind}"[:63] for kind in kinds]


def statements(connection: Any, table: str, allow_null_once: Sequence[str] = ()) -> list[str]:
    """SQL that creates the triggers on a table that exists."""
    quote = connection.ops.quote_name
    name = quote(table)
    changed = _changed(connection, table, allow_null_once)
    no_update, no_delete, no_third = (quote(n) for n in trigger_names(connection.vendor, table))
    if connection.vendor == "postgresql":
        when = f" WHEN ({changed})" if changed else ""
        run = "EXECUTE FUNCTION mingzhi_append_only()"
        return [
            _PG_FUNCTION,
            f"CREATE TRIGGER {no_update} BEFORE UPDATE ON {name} FOR EACH ROW{when} {run}",
            f"CREATE TRIGGER {no_delete} BEFORE DELETE ON {name} FOR EACH ROW {run}",
            f"CREATE TRIGGER {no_third} BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {run}",
        ]
    when = f" WHEN {changed}" if changed else ""

    def stop(operation: str) -> str:
        return f"BEGIN SELECT RAISE(ABORT, 'append-only table {table}: {operation} refused'); END"

    made = [
        f"CREATE TRIGGER {no_update} BEFORE UPDATE ON {name}{when} {stop('UPDATE')}",
        f"CREATE TRIGGER {no_delete} BEFORE DELETE ON {name} {stop('DELETE')}",
    ]
    # INSERT OR REPLACE removes the old row without firing DELETE triggers; it shows as an INSERT
    # whose key is already there.
    same = " OR ".join(
        "(" + " AND ".join(f"{quote(c)} = NEW.{quote(c)}" for c in columns) + ")"
        for columns in _keys(connection, table)
    )
    there = f"WHEN EXISTS (SELECT 1 FROM {name} WHERE {same})"  # noqa: S608 — names are ours
    made.append(f"CREATE TRIGGER {no_third} BEFORE INSERT ON {name} {there} {stop('REPLACE')}")
    return made


def removals(connection: Any, table: str) -> list[str]:
    """SQL that takes the triggers off again (a migration's way back)."""
    quote = connection.ops.quote_name
    on = f" ON {quote(table)}" if connection.vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {quote(n)}{on}" for n in trigger_names(connection.vendor, table)]


def _columns(connection: Any, table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def _keys(connection: Any, table: str) -> list[list[str]]:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    keys = [c["columns"] for c in constraints.values() if (c["primary_key"] or c["unique"]) and c["columns"]]
    return sorted({tuple(k): list(k) for k in keys}.values())


def _changed(connection: Any, table: str, allow_null_once: Sequence[str]) -> str:
    """SQL condition under which an UPDATE is refused; empty when every UPDATE is."""
    if not allow_null_once:
        return ""
    quote = connection.ops.quote_name
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    parts = []
    for column in _columns(connection, table):
        test = f"NEW.{quote(column)} {differs} OLD.{quote(column)}"
        parts.append(
            f"(OLD.{quote(column)} IS NOT NULL AND {test})" if column in allow_null_once else f"({test})"
        )
    return " OR ".join(parts)
