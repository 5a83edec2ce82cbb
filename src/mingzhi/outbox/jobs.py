"""The room's own periodic job: what left long ago is forgotten, so that the table stays small."""

from __future__ import annotations

from datetime import datetime, timedelta

from mingzhi.outbox.actions import forget_done
from mingzhi.outbox.registry import periodic

KEPT = timedelta(days=30)
"""How long a done message stays to be looked at. Failures stay until somebody deals with them."""


@periodic("outbox.forget", 3600)
def forget(at: datetime) -> None:
    forget_done(before=at - KEPT)
