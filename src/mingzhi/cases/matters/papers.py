"""What the papers of a review outside the penalty procedure say (keys: documents/fields.yaml)."""

from __future__ import annotations

from typing import Any

from mingzhi.cases.matters import matter
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.review import api as review
from mingzhi.review.choices import OpinionKind

Data = dict[str, Any]
_CHECK = {"pass": "合格", "problem": "有问题", "na": "不涉及"}


def _common(ctx: Context) -> Data:
    now = matter.registered(ctx)
    place = matter.seat(ctx)
    return {
        "case_number": ctx.dossier.number,
        "case_name": ctx.dossier.title,
        "party_name": now.get("party") or "没有特定相对人",
        "unit_name": ctx.dossier.unit.name,
        "item_name": now.get("act_type", ""),
        "summary": now.get("summary", ""),
        "basis": now.get("basis", ""),
        "proposal": matter.proposal(ctx),
        "review_unit": organisations.review_unit(place.body_id if place else ctx.dossier.body_id).name,
        "review_reasons": [
            {"name": t.label, "note": t.explanation, "source": t.citation} for t in matter.triggers(ctx)
        ],
    }


def submission(ctx: Context) -> Data:
    labels = {m.code: m.label for m in matter.materials(ctx)}
    return {
        **_common(ctx),
        "summary": ctx.f.statement,
        "materials": [{"name": labels.get(code, code)} for code in ctx.f.materials],
        "review_round": len(ctx.all("review_submit")) + 1,
        "approvals": [
            {
                "role": "承办机构意见",
                "name": ctx.by.name,
                "opinion": "对送审材料的真实性、准确性、完整性负责，请予审核。",
                "on": ctx.on.isoformat(),
            }
        ],
    }


def opinion(ctx: Context) -> Data:
    f = ctx.f
    labels = matter.checks(ctx)
    checks = [
        {"name": labels.get(c.code, c.code), "result": _CHECK[c.result], "note": c.note} for c in f.checks
    ]
    return {
        **_common(ctx),
        "checks": checks,
        "review_points": [
            {"name": f"{c['name']}：{c['note']}"} for c in checks if c["result"] == _CHECK["problem"]
        ],
        "review_kind": OpinionKind(f.kind).label,
        "review_opinion": f.text,
        "reviewer": ctx.by.name,
        "review_round": len(review.review_rounds(ctx.dossier.pk)),
    }
