"""Ledger kind of a step, and what fsck folds anew."""

from __future__ import annotations

from typing import Any

from mingzhi.ledger import api as ledger
from mingzhi.procedures import queries
from mingzhi.procedures.models import Step


def step_payload(step: Step) -> dict[str, Any]:
    """Every column of the step: what the ledger commits to and fsck recomputes from the live row."""
    return {
        "dossier": step.dossier_id,
        "seq": step.seq,
        "verb": step.verb,
        "stage": step.stage,
        "from": step.from_state,
        "to": step.to_state,
        "by": step.by,
        "by_name": step.by_name,
        "by_unit": step.by_unit,
        "at": step.at,
        "occurred_at": step.occurred_at,
        "facts": step.facts,
        "norms": step.norms,
    }


STEP = ledger.Rows("procedures:step:taken", "办理环节", "step", Step, step_payload, personal=("facts",))


def register() -> None:
    STEP.register()
    ledger.register_check("procedures:folded", queries.standing_otherwise)
