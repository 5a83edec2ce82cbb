"""What set-up does for this room: the shipped templates are put in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mingzhi.documents.actions import load_templates
from mingzhi.organisations import api as organisations


def prepare(*, profile: str, at: datetime, say: Callable[[str], None]) -> None:
    """Publish the shipped templates; quick and silent the second time."""
    done = load_templates(by=organisations.system_actor(), at=at)
    if done:
        say(f"文书模板：发布 {done} 种")
