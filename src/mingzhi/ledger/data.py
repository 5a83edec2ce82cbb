"""What the ledger hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mingzhi.ledger.kinds import Kind

__all__ = ["CheckpointView", "EntryView", "Kind"]


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as a reader sees it. ``index`` is its place in the tree, None while not sequenced."""

    id: int
    kind: str
    version: int
    subject: str
    at: datetime
    index: int | None
    sentence: str
    leaf: str


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """The latest signed tree head: entries, root (hex), when signed, and the signed text."""

    size: int
    root: str
    at: datetime
    note: str
