"""The trigger that queues a committed entry for the sequencer.

A trigger and not a second statement: the queue row commits exactly when the entry does, in
whatever order transactions end, and an append stays one round trip.
"""

from __future__ import annotations

from typing import Any

from django.db import router
from django.db.migrations.operations.base import Operation

_SQLITE = (
    "CREATE TRIGGER ledger_entry_queue AFTER INSERT ON ledger_entry "
    "BEGIN INSERT INTO ledger_pending (entry_id) VALUES (NEW.id); END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION mingzhi_ledger_queue() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN INSERT INTO ledger_pending (entry_id) VALUES (NEW.id); RETURN NULL; END $$",
    "CREATE TRIGGER ledger_entry_queue AFTER INSERT ON ledger_entry "
    "FOR EACH ROW EXECUTE FUNCTION mingzhi_ledger_queue()",
)


class QueueEntries(Operation):
    """Creates the queue trigger on ``ledger_entry``."""

    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """No part of Django's model state."""

    def _here(self, app_label: str, schema_editor: Any) -> bool:
        return router.allow_migrate(schema_editor.connection.alias, app_label, table="ledger_entry")

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self._here(app_label, schema_editor):
            made = _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE
            for statement in made:
                schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self._here(app_label, schema_editor):
            on = " ON ledger_entry" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS ledger_entry_queue{on}", params=None)

    def describe(self) -> str:
        return "Queue each entry for the sequencer"
