"""What other rooms may hold of the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as an administrator sees it. ``payload`` holds ids, never a person's data."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    state: str
    attempts: int
    not_before: datetime
    last_error: str
    created_at: datetime
    tried_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class PeriodicView:
    """A periodic job and how it last went. ``seconds`` between runs; None when no longer registered."""

    name: str
    seconds: float | None
    started_at: datetime | None
    finished_at: datetime | None
    last_error: str
    failures: int


class By(Protocol):
    """Who acts, as far as this room needs to know; ``organisations`` lies above it."""

    @property
    def label(self) -> str: ...
