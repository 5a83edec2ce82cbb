"""What follows from the steps of a matter sent for review: derived, never stored.

A body that decides jointly reviews in a dossier of its own (``review.joint``); what is to be decided is
read from the leading body's file there too, so that both always speak of the same text.
"""

from __future__ import annotations

from typing import Any

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import money
from mingzhi.procedures import api as procedures
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import StepView
from mingzhi.recording import api as recording
from mingzhi.review import api as review
from mingzhi.review.data import MaterialRule, SeatView, Standing, Trigger

MATTER, JOINT = "review.matter", "review.joint"
PROCEDURES = (MATTER, JOINT)
PENALTY = "行政处罚"
FLAGS = (
    "public_interest",
    "social_risk",
    "major_rights",
    "hearing_held",
    "complex",
    "social_attention",
    "by_law",
)


def seat(ctx: Context) -> SeatView | None:
    """The seat this dossier answers for, if it is another body's own review."""
    found: SeatView | None = ctx.once("seat", lambda: review.seat_of(ctx.dossier.pk))
    return found


def standing(ctx: Context) -> Standing:
    found: Standing = ctx.once("standing", lambda: review.review_standing(ctx.dossier.pk))
    return found


def told(ctx: Context) -> list[StepView]:
    """The steps that say what is to be decided: the leading file's."""

    def read() -> list[StepView]:
        place = seat(ctx) if ctx.procedure.code == JOINT else None
        if place is None:
            return ctx.steps
        return procedures.steps(dossiers.Dossier.objects.get(pk=place.dossier_id))

    found: list[StepView] = ctx.once("told", read)
    return found


def registered(ctx: Context) -> dict[str, Any]:
    """What was registered; empty before."""
    return next((s.facts for s in reversed(told(ctx)) if s.verb == "register"), {})


def proposal(ctx: Context) -> str:
    """The decision as now proposed: as registered, or as last revised."""
    return next(
        (str(s.facts["proposal"]) for s in reversed(told(ctx)) if s.verb in ("register", "revise")), ""
    )


def known_party(ctx: Context) -> dict[str, Any]:
    """What the register of parties says already, for the registration's form."""
    party = ctx.party
    if party is None:
        return {}
    return {"party_kind": "natural" if party.kind == "natural" else "organisation", "party": party.name}


def act_type(ctx: Context) -> str:
    return str(registered(ctx).get("act_type", ""))


def review_facts(ctx: Context) -> dict[str, Any]:
    """The facts over which the body's review catalogue is evaluated (R115: kind, level, field, amount, party)."""
    now = registered(ctx)
    amount = money.fen(now.get("amount_yuan", "0"))
    return {
        "act_type": now.get("act_type", ""),
        "level": ctx.body.level,
        "field": ctx.dossier.field,
        "procedure": MATTER,
        "amount_fen": amount,
        **({"fine_fen": amount} if now.get("act_type") == PENALTY else {}),
        "party_kind": now.get("party_kind", "none"),
        "government_name": now.get("in_name") == "government",
        "joint": now.get("in_name") == "joint",
        **{flag: bool(now.get(flag)) for flag in FLAGS},
    }


def triggers(ctx: Context) -> list[Trigger]:
    """Why it must be reviewed. What no rule catches is sent because somebody responsible wants it reviewed."""

    def read() -> list[Trigger]:
        facts = review_facts(ctx)
        found = review.review_triggers(facts, body=ctx.body, on=ctx.on)
        return found or review.review_triggers({**facts, "leader_requested": True}, body=ctx.body, on=ctx.on)

    found: list[Trigger] = ctx.once("triggers", read)
    return found


def checks(ctx: Context) -> dict[str, str]:
    """The body's own checks (R119), and those that the kind of act adds."""
    own = {row["code"]: row["label"] for row in ctx.norm("review.checks")}
    added = {r["code"]: r["label"] for r in ctx.norm("review.act_checks") if act_type(ctx) in r["acts"]}
    return {**own, **added}


def material_rules(ctx: Context) -> list[dict[str, Any]]:
    """Rows of the list of materials that concern this kind of act."""
    return [
        dict(row)
        for row in ctx.norm("review.matter_materials")
        if not row.get("acts") or act_type(ctx) in row["acts"]
    ]


def materials(ctx: Context) -> list[MaterialRule]:
    """What must go with the submission, what this matter needs of it, and whether it is there (§5.3)."""
    there = {s.facts["material"] for s in told(ctx) if s.verb == "material"}
    there |= {"draft"} if any(s.facts.get("draft") for s in told(ctx)) else set()
    heard = bool(registered(ctx).get("hearing_held"))
    return [
        MaterialRule(
            row["code"],
            row["label"],
            row["when"] == "always" or (row["when"] == "hearing_held" and heard),
            row["code"] in there,
            f"请办理“补充送审材料”，上传{row['label']}",
        )
        for row in material_rules(ctx)
    ]


def file_ids(ctx: Context) -> set[int]:
    return {r.file.id for r in recording.records(ctx.dossier.pk)}
