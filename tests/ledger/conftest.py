"""A small world for the ledger: one kind whose live rows are a dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from mingzhi.ledger import api, kinds, store

KIND = "ledgertest:note"


class World:
    """Live rows by subject, and how they get into the ledger."""

    def __init__(self, at: datetime) -> None:
        self.rows: dict[str, dict[str, Any] | None] = {}
        self.at = at
        self.files: dict[str, list[tuple[int, str]]] = {}

    def add(self, count: int = 1, **fields: Any) -> list[int]:
        ids = []
        with transaction.atomic():
            for _ in range(count):
                subject = f"note:{len(self.rows) + 1}"
                self.rows[subject] = {"number": len(self.rows) + 1, "text": "某某", **fields}
                self.at += timedelta(milliseconds=7)
                ids.append(api.append(KIND, subject, self.rows[subject], at=self.at))
        return ids

    def place(self, limit: int = 50_000) -> int:
        self.at += timedelta(seconds=1)
        return api.sequence(at=self.at, limit=limit)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.LEDGER_ROOT = tmp_path / "ledger"
    settings.KEYS_ROOT = tmp_path / "keys"
    yield
    while store._open:
        store._open.popitem()[1].close()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the ledger's own kinds are known, and what the test then registers: of the other rooms' hundred and
    more, every table is empty here. Asked for before ``world``."""
    own = {key: kind for key, kind in kinds._kinds.items() if key[0].startswith("ledger:")}
    monkeypatch.setattr(kinds, "_kinds", own)
    monkeypatch.setattr(kinds, "_current", {kind.name: kind for kind in own.values()})
    monkeypatch.setattr(kinds, "_checks", {})


@pytest.fixture
def world(at: datetime) -> Iterator[World]:
    small = World(at)
    api.register(
        api.Kind(
            KIND,
            1,
            "测试记录",
            fields=("number", "text"),
            payload_of=small.rows.get,
            rows=lambda: list(small.rows.items()),
            files=lambda subject: small.files.get(subject, []),
        )
    )
    yield small
    kinds.forget(KIND)
