"""Ledger kinds of the dossiers room."""

from __future__ import annotations

from mingzhi.dossiers import archive_entries, entries, transfer_entries
from mingzhi.ledger import api as ledger


def register() -> None:
    for kept in (*entries.ALL, *archive_entries.ALL, *transfer_entries.ALL):
        kept.register()
    ledger.register_check("dossiers:hands", entries.hands_otherwise)
