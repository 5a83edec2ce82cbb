"""What the worker does for supervision by itself: the year that ended must be reported, entries are sealed,
lists come to be looked at again."""

from __future__ import annotations

from datetime import datetime

from mingzhi.organisations import api as organisations
from mingzhi.outbox import api as outbox
from mingzhi.supervision import blocks, lists, reports


@outbox.periodic("supervision.reports", 6 * 3600)
def due(at: datetime) -> None:
    reports.reports_due(at=at)


@outbox.periodic("supervision.blocks", 600)
def sealed(at: datetime) -> None:
    blocks.seal()


@outbox.periodic("supervision.list_reviews", 3600)
def list_reviews(at: datetime) -> None:
    for body in organisations.bodies():
        lists.todos(body_id=body.id, at=at)
        lists.guides_open(body_id=body.id, at=at)
