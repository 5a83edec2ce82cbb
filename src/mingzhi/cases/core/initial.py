"""Defaults of a new case's first form, from the clue it was opened from."""

from __future__ import annotations

from typing import Any

from mingzhi.cases.models import Clue
from mingzhi.kernel import clock
from mingzhi.procedures.context import Context


def filing_defaults(ctx: Context) -> dict[str, Any]:
    """What the clue already says: source, summary, place, days. Nothing is typed twice."""
    defaults: dict[str, Any] = {
        "cause": ctx.dossier.title,
        "item_code": ctx.dossier.item_code,
        "discovered_on": ctx.on.isoformat(),
    }
    clue = Clue.objects.filter(dossier_id=ctx.dossier.pk).first()
    if clue is not None:
        defaults |= {
            "source": clue.source,
            "summary": clue.detail,
            "place": clue.place,
            "discovered_on": clock.local_date(clue.received_at).isoformat(),
        }
        if clue.occurred_on:
            defaults["act_began_on"] = clue.occurred_on.isoformat()
    return defaults
