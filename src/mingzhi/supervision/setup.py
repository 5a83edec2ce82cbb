"""What set-up does for this room: matters that were there before it are counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mingzhi.organisations import api as organisations
from mingzhi.supervision.journal import recount
from mingzhi.supervision.models import Counted


def prepare(*, profile: str, at: datetime, say: Callable[[str], None]) -> None:
    """Once, in an installation older than the statistics; a look at one row afterwards."""
    if Counted.objects.exists():
        return
    done = sum(recount(body, at=at) for body in organisations.bodies())
    if done:
        say(f"统计：补计已有案件 {done} 件")
