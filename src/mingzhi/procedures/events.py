"""Ledger kind of a step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mingzhi.ledger import api as ledger
from mingzhi.procedures.models import Step

STEP_KIND = "procedures:step:taken"


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


def _payload(subject: str) -> dict[str, Any] | None:
    step = Step.objects.filter(pk=int(subject.removeprefix("step:"))).first()
    return step_payload(step) if step else None


def _rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for step in Step.objects.order_by("pk").iterator(chunk_size=2000):
        yield f"step:{step.pk}", step_payload(step)


def _subjects() -> Iterator[str]:
    for pk in Step.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000):
        yield f"step:{pk}"


def register() -> None:
    ledger.register(
        ledger.Kind(
            name=STEP_KIND,
            version=1,
            sentence="办理环节",
            personal=("facts",),
            payload_of=_payload,
            subjects=_subjects,
            rows=_rows,
        )
    )
