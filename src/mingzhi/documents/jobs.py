"""What the worker does for this room: set, seal and sign the pages of committed papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mingzhi.documents.actions import RENDER
from mingzhi.documents.pages import render
from mingzhi.outbox import api as outbox


@outbox.handler(RENDER, slow=True)
def render_job(payload: Mapping[str, Any], *, at: datetime) -> None:
    """Idempotent: a paper already rendered is left alone. A failure is retried by the outbox and shown."""
    render(int(payload["paper"]), at=at)
