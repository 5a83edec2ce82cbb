"""What set-up does for this room: matters that were there before it are counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mingzhi.cases import api as cases
from mingzhi.dossiers import api as dossiers
from mingzhi.organisations import api as organisations
from mingzhi.supervision.journal import recount
from mingzhi.supervision.models import Counted


def prepare(*, profile: str, at: datetime, say: Callable[[str], None]) -> None:
    """Everything once, in an installation older than the statistics. Afterwards the few that were recorded
    before their kind was counted: matters outside penalties, inspections."""
    first = not Counted.objects.exists()
    done = 0
    for body in organisations.bodies():
        rows = dossiers.Dossier.objects.filter(body_id=body.id, procedure__in=cases.MATTER_PROCEDURES)
        done += recount(body, at=at, among=None if first else list(rows.values_list("pk", flat=True)))
    if done:
        say(f"统计：补计已有案件、检查 {done} 件")
