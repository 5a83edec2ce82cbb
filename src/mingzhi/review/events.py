"""Ledger kinds of the review room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mingzhi.ledger import api as ledger
from mingzhi.review.models import Disagreement, Opinion

OPINION = "review:opinion:given"
DISAGREEMENT = "review:disagreement:recorded"


def opinion_payload(row: Opinion) -> dict[str, Any]:
    return {
        "review": row.review_id,
        "kind": row.kind,
        "checks": row.checks,
        "text": row.text,
        "advisers": row.advisers,
        "by": row.by,
        "by_name": row.by_name,
        "at": row.at,
    }


def disagreement_payload(row: Disagreement) -> dict[str, Any]:
    return {
        "review": row.review_id,
        "opinion": row.opinion_id,
        "kind": row.kind,
        "text": row.text,
        "participants": row.participants,
        "outcome": row.outcome,
        "by": row.by,
        "by_name": row.by_name,
        "at": row.at,
    }


def register() -> None:
    for name, sentence, prefix, model, payload in (
        (OPINION, "出具法制审核意见", "opinion", Opinion, opinion_payload),
        (DISAGREEMENT, "记录审核意见分歧", "disagreement", Disagreement, disagreement_payload),
    ):
        ledger.register(_kind(name, sentence, prefix, model, payload))


def _kind(name: str, sentence: str, prefix: str, model: Any, payload: Any) -> ledger.Kind:
    def payload_of(subject: str) -> dict[str, Any] | None:
        row = model.objects.filter(pk=int(subject.partition(":")[2])).first()
        return payload(row) if row else None

    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        for row in model.objects.order_by("pk").iterator(chunk_size=2000):
            yield f"{prefix}:{row.pk}", payload(row)

    def subjects() -> Iterator[str]:
        for pk in model.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000):
            yield f"{prefix}:{pk}"

    return ledger.Kind(
        name=name,
        version=1,
        sentence=sentence,
        personal=("text",),
        payload_of=payload_of,
        subjects=subjects,
        rows=rows,
    )
