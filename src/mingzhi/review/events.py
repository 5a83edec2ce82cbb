"""Ledger kinds of the review room."""

from __future__ import annotations

from typing import Any

from mingzhi.ledger import api as ledger
from mingzhi.review.models import (
    Advice,
    Adviser,
    Consultation,
    Disagreement,
    Opinion,
    Review,
    Seat,
    Weighed,
)


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


ROUND = ledger.Rows("review:round:kept", "法制审核送审、受理或变动", "review", Review, ledger.columns(Review))
OPINION = ledger.Rows(
    "review:opinion:given", "出具法制审核意见", "opinion", Opinion, opinion_payload, personal=("text",)
)
DISAGREEMENT = ledger.Rows(
    "review:disagreement:recorded",
    "记录审核意见分歧",
    "disagreement",
    Disagreement,
    disagreement_payload,
    personal=("text",),
)
SEAT = ledger.Rows("review:seat:added", "登记共同审核机关", "review_seat", Seat, ledger.columns(Seat))
WEIGHED = ledger.Rows(
    "review:facts:weighed",
    "按法制审核目录衡量拟作出的决定",
    "review_weighed",
    Weighed,
    ledger.columns(Weighed),
)
ADVISER = ledger.Rows(
    "review:adviser:kept",
    "登记或变更法律顾问、公职律师",
    "adviser",
    Adviser,
    ledger.columns(Adviser),
    personal=("licence",),
)
CONSULTATION = ledger.Rows(
    "review:adviser:asked", "提请法律顾问、公职律师提供意见", "consultation", Consultation,
    ledger.columns(Consultation), personal=("question",),
)  # fmt: skip
ADVICE = ledger.Rows(
    "review:advice:given", "出具法律意见", "advice", Advice, ledger.columns(Advice), personal=("text",)
)


def register() -> None:
    for rows in (ROUND, OPINION, DISAGREEMENT, SEAT, WEIGHED, ADVISER, CONSULTATION, ADVICE):
        rows.register()
