"""Where the second log lives.

On SQLite a file has one writer, so attempts have a file of their own and nothing else lives there.
On PostgreSQL ``attempts`` is a second connection to the same database: everything is migrated
through ``default`` and nothing through ``attempts``.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

ALIAS = "attempts"
TABLE = "ledger_attempt"


def _own_file() -> bool:
    return str(settings.DATABASES[ALIAS]["ENGINE"]).endswith("sqlite3")


class AttemptsRouter:
    def db_for_read(self, model: type[Any], **hints: Any) -> str | None:
        return ALIAS if model._meta.db_table == TABLE else None

    db_for_write = db_for_read

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        attempt = (app_label == "ledger" and model_name == "attempt") or hints.get("table") == TABLE
        if db == ALIAS:
            return attempt and _own_file()
        if attempt:
            return not _own_file()
        return None
