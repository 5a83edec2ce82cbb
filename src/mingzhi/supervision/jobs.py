"""What the worker does for supervision by itself: the year that ended must be reported, entries are sealed."""

from __future__ import annotations

from datetime import datetime

from mingzhi.outbox import api as outbox
from mingzhi.supervision import blocks, reports


@outbox.periodic("supervision.reports", 6 * 3600)
def due(at: datetime) -> None:
    reports.reports_due(at=at)


@outbox.periodic("supervision.blocks", 600)
def sealed(at: datetime) -> None:
    blocks.seal()
