"""What set-up does for this room: proofs that named who published are made anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mingzhi.publication import feed


def prepare(*, profile: str, at: datetime, say: Callable[[str], None]) -> None:
    """Once, in an installation older than proofs that name nobody; one look at the oldest event afterwards."""
    done = feed.retell(at=at)
    if done:
        say(f"公示：{done} 条公开记录的凭证重新登记，不再载明经办人")
