"""What the worker does for publication by itself: publish what falls due, withdraw, expire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mingzhi.outbox import api as outbox
from mingzhi.publication import actions, board_prints, delivering, feed, filling, records
from mingzhi.search import api as search


@outbox.periodic("publication.due", 60)
def due(at: datetime) -> None:
    actions.withdraw_due(at=at)
    actions.publish_due(at=at)


@outbox.periodic("publication.expiry", 3600)
def expiry(at: datetime) -> None:
    actions.expire_due(at=at)


@outbox.periodic("publication.feed", 0.4)
def place(at: datetime) -> None:
    feed.place(at=at)


@outbox.periodic("publication.search", 5)
def settle(at: datetime) -> None:
    """Gather what was published lately, for quick counts; it was found from the moment it was public."""
    while search.settle(records.SPACE):
        pass


@outbox.handler(delivering.DELIVER, slow=True)
def deliver(payload: dict[str, Any], *, at: datetime) -> None:
    if not filling.deliver(payload["delivery"], at=at):
        delivering.deliver(payload["delivery"], at=at)


@outbox.handler(filling.FILL, slow=True)
def fill(payload: dict[str, Any], *, at: datetime) -> None:
    filling.bring(payload["target"], at=at)


@outbox.periodic("publication.copies", 60)
def copies(at: datetime) -> None:
    filling.round_all(at=at)


@outbox.periodic("publication.deliveries", 3600)
def deliveries(at: datetime) -> None:
    delivering.list_again(at=at)


@outbox.periodic("publication.boards", 600)
def boards(at: datetime) -> None:
    board_prints.watch(at=at)
