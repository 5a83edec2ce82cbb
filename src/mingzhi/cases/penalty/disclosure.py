"""What of a penalty the public may be told: a whitelist, built here and pushed to publication (style 25)."""

from __future__ import annotations

from datetime import date

from mingzhi.cases.core.archiving import case_papers
from mingzhi.cases.penalty import proposal
from mingzhi.documents import api as documents
from mingzhi.kernel import money
from mingzhi.kernel.identifiers import age_on
from mingzhi.procedures.context import Context
from mingzhi.publication.data import PenaltySnapshot


def penalty_disclosure(ctx: Context) -> PenaltySnapshot:
    """The decision as served, with the names and secrets that must not leave named for masking.

    Runs in the decision's transaction, after its paper was numbered.
    """
    from mingzhi.cases.penalty.papers import discretion_text

    f = ctx.f.model_dump(mode="json")
    spot = "collected" in f
    found = f if spot else proposal.proposed(ctx)
    party = ctx.party
    name = party.name if party else ""
    act = documents.act_in(ctx.dossier.title.removeprefix(name))
    ctx.memo.pop("papers", None)
    number = (
        next((p.number for p in reversed(case_papers(ctx)) if p.template in proposal.DECISIONS), "") or ""
    )
    acted = f.get("act_on") or _filed(ctx).get("act_began_on", "")
    minor = bool(party and party.born_on and acted and age_on(party.born_on, date.fromisoformat(acted)) < 18)
    third = [
        n
        for n in found.get("third_persons", "").replace(",", "、").replace("，", "、").split("、")
        if n.strip()
    ]
    third += [
        s.facts["respondent"]
        for s in [x for x in ctx.steps if x.verb == "question"]
        if party is None or s.facts["respondent"] != party.name
    ]
    third += [p.name for p in ctx.parties if p.role != "party" and p.kind == "natural"]
    secrets = [
        s for p in ctx.parties for s in (p.id_number, p.phone, p.address if p.kind == "natural" else "") if s
    ]
    if party is not None and party.representative and party.kind != "natural":
        third = [n for n in third if n != party.representative]
    return PenaltySnapshot(
        agency=ctx.body.name,
        agency_code=ctx.body.credit_code,
        party_name=name,
        party_kind=party.kind if party else "",
        credit_code=party.credit_code if party else "",
        representative=party.representative if party else "",
        number=number,
        violation=act,
        facts=found["facts_found"],
        basis=found["law_basis"],
        law_violated=found["law_violated"],
        kinds=tuple(f["kinds"]),
        content=proposal.penalty_text(
            f["kinds"],
            money.fen(f["fine_yuan"]),
            money.fen(f.get("forfeit_yuan", "0")),
            f.get("other_penalty", ""),
        ),
        fine_fen=money.fen(f["fine_yuan"]),
        forfeit_fen=money.fen(f.get("forfeit_yuan", "0")),
        licence=f.get("other_penalty", "") if {"06", "08"} & set(f["kinds"]) else "",
        decided_on=ctx.on,
        benchmark=discretion_text(found),
        title=f"{name}{act}案",
        summary_procedure=spot,
        minor=minor,
        secrecy=ctx.dossier.secrecy,
        third_persons=tuple(dict.fromkeys(n.strip() for n in third)),
        secrets=tuple(dict.fromkeys(secrets)),
        officers=tuple(m.name for m in ctx.handlers),
        item_code=ctx.dossier.item_code,
        field=ctx.dossier.field,
        region=ctx.body.region_code,
    )


def _filed(ctx: Context) -> dict[str, str]:
    step = ctx.ever("file_request")
    return step.facts if step else {}
