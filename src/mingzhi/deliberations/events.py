"""Ledger kind of a collective discussion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mingzhi.deliberations.models import Discussion
from mingzhi.ledger import api as ledger

DISCUSSION = "deliberations:discussion:recorded"


def discussion_payload(row: Discussion) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "topic": row.topic,
        "held_at": row.held_at,
        "place": row.place,
        "chair": row.chair_id,
        "recorder": row.recorder_id,
        "views": row.views,
        "conclusion": row.conclusion,
        "agreed": row.agreed,
        "chair_reasons": row.chair_reasons,
        "by": row.recorded_by,
        "at": row.recorded_at,
    }


def _payload(subject: str) -> dict[str, Any] | None:
    row = Discussion.objects.filter(pk=int(subject.removeprefix("discussion:"))).first()
    return discussion_payload(row) if row else None


def _rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in Discussion.objects.order_by("pk").iterator(chunk_size=2000):
        yield f"discussion:{row.pk}", discussion_payload(row)


def _subjects() -> Iterator[str]:
    for pk in Discussion.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000):
        yield f"discussion:{pk}"


def register() -> None:
    ledger.register(
        ledger.Kind(
            name=DISCUSSION,
            version=1,
            sentence="记录集体讨论",
            personal=("views",),
            payload_of=_payload,
            subjects=_subjects,
            rows=_rows,
        )
    )
