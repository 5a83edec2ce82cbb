"""Ledger kinds of hearings and collective discussions."""

from __future__ import annotations

from typing import Any

from mingzhi.deliberations.models import Discussion, Hearing
from mingzhi.ledger import api as ledger


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


DISCUSSION = ledger.Rows(
    "deliberations:discussion:recorded",
    "记录集体讨论",
    "discussion",
    Discussion,
    discussion_payload,
    personal=("views",),
)
HEARING = ledger.Rows(
    "deliberations:hearing:kept", "听证申请、安排或举行", "hearing", Hearing, ledger.columns(Hearing)
)


def register() -> None:
    DISCUSSION.register()
    HEARING.register()
