"""What each paper of a penalty case says, as data for its template (keys: documents/fields.yaml).

Nothing is retyped: the matter comes from the filing, the findings from the report, people and
certificates from the registers, amounts from the facts. What a template needs and is not here is
refused by the documents room with the field's name.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from mingzhi.cases import choices
from mingzhi.cases.core.facing import explained_text
from mingzhi.cases.penalty import proposal
from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.choices import PenaltyKind
from mingzhi.deadlines import api as deadlines
from mingzhi.documents import api as documents
from mingzhi.dossiers.choices import IdKind, PartyKind
from mingzhi.kernel import clock, money
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.recording import api as recording
from mingzhi.review.choices import OpinionKind

Data = dict[str, Any]

_STATEMENT = {
    "oral": "口头陈述申辩",
    "written": "书面陈述申辩",
    "waived": "明确放弃陈述、申辩",
    "silent": "在规定期限内未陈述、申辩",
}
_SIGNATURE = {"signed": "", "refused": "拒绝签名", "absent": "未到场"}


def day(value: str | date | None) -> str:
    """ISO day for the template's date fields."""
    return value.isoformat() if isinstance(value, date) else (value or "")


def officers(ctx: Context, people: tuple[int, ...] | list[int] | None = None) -> list[Data]:
    """Names and certificate numbers of the officers, as on the day of the step."""
    ids = tuple(people) if people else tuple(m.person_id for m in ctx.handlers)
    states = ctx.certificates(ids)
    return [{"name": states[p].name, "certificate": states[p].number} for p in ids]


def common(ctx: Context) -> Data:
    """The matter and the party: what nearly every paper opens with."""
    filed = ctx.ever("file_request")
    approved = ctx.ever("file_approve")
    first = filed.facts if filed else (ctx.facts.model_dump(mode="json") if ctx.facts else {})
    item = catalogue.item(ctx.dossier.item_code, ctx.on, body=ctx.body) if ctx.dossier.item_code else None
    lead = next((m for m in ctx.handlers if m.role == "lead"), None)
    data: Data = {
        "case_number": ctx.dossier.number,
        "case_name": ctx.dossier.title,
        "case_source": choices.ClueSource(first["source"]).label if first.get("source") else "",
        "item_name": item.name if item else "",
        "filed_on": day(clock.local_date(approved.occurred_at)) if approved else "",
        "found_on": first.get("discovered_on", ""),
        "occurred": first.get("act_began_on") or first.get("act_on") or "",
        "place": first.get("place", ""),
        "summary": first.get("summary", ""),
        "unit_name": ctx.dossier.unit.name,
        "lead_name": lead.name if lead else "",
        "officers": officers(ctx),
        "contact_name": lead.name if lead else "",
        "contact_phone": ctx.body.phone,
    }
    return {**data, **party(ctx)}


def party(ctx: Context) -> Data:
    p = ctx.party
    if p is None:
        return {}
    return {
        "party_kind": PartyKind(p.kind).label,
        "party_name": p.name,
        "party_code": p.credit_code,
        "representative": p.representative,
        "party_id_kind": IdKind(p.id_kind).label if p.id_kind else "",
        "party_id_number": p.id_number,
        "party_gender": p.gender,
        "party_born_on": day(p.born_on),
        "party_address": p.address,
        "party_phone": p.phone,
    }


def handling_text(facts: Data) -> str:
    """The outcome in words."""
    if facts["outcome"] == "penalise":
        return proposal.penalty_text(
            facts["kinds"],
            money.fen(facts["fine_yuan"]),
            money.fen(facts.get("forfeit_yuan", "0")),
            facts.get("other_penalty", ""),
        )
    if facts["outcome"] == "spared":
        return f"不予行政处罚：{choices.SparedBecause(facts['spared_because']).label}。"
    if facts["outcome"] == "transfer":
        return f"移送{facts['transfer_to']}处理。"
    return choices.Outcome.UNFOUNDED.label + "。"


def evidence_rows(ctx: Context) -> list[Data]:
    found = ctx.once("evidence", lambda: recording.evidence(ctx.dossier.pk))
    return [
        {"name": e.title, "kind": e.evidence_kind_label, "proves": e.purpose, "source": e.source_label}
        for e in found
    ]


def findings(ctx: Context) -> Data:
    """Facts, law and reasons as the report has them."""
    now = proposal.proposed(ctx) or (ctx.facts.model_dump(mode="json") if ctx.facts else {})
    if "facts_found" not in now:
        return {}
    return {
        "facts": now["facts_found"],
        "evidence": evidence_rows(ctx) or [{"name": now["evidence_summary"], "proves": ""}],
        "violated": now["law_violated"],
        "basis": now["law_basis"],
        "reasons": now["reasons"],
        "reasoning": now["reasons"],
        "nature": documents.act_in(ctx.dossier.title),
        "discretion": discretion_text(now),
        "proposal": handling_text(now),
        **money_of(now),
    }


def money_of(facts: Data) -> Data:
    if facts.get("outcome", "penalise") != "penalise":
        return {"penalty": handling_text(facts)}
    fine = money.fen(facts["fine_yuan"])
    return {
        "penalty": proposal.penalty_text(
            facts["kinds"], fine, money.fen(facts.get("forfeit_yuan", "0")), facts.get("other_penalty", "")
        ),
        "penalty_kinds": "、".join(PenaltyKind(k).label for k in facts["kinds"]),
        "fine_fen": fine or None,
        "confiscated_fen": money.fen(facts.get("forfeit_yuan", "0")) or None,
    }


def discretion_text(facts: Data) -> str:
    parts = []
    if facts.get("tier"):
        parts.append(f"适用裁量阶次：{facts['tier']}")
    if facts.get("factors"):
        parts.append(facts["factors"])
    if facts.get("lenient"):
        parts.append("具有从轻、减轻情形：" + "、".join(choices.Leniency(c).label for c in facts["lenient"]))
    if facts.get("outside_reason"):
        parts.append("超出基准幅度的理由：" + facts["outside_reason"])
    return (
        "。".join(p.rstrip("。") for p in parts) + "。"
        if parts
        else "本事项尚未制定裁量基准，综合违法行为的事实、性质、情节和社会危害程度确定。"
    )


# --- one function a paper -----------------------------------------------------------------


def filing_approved(ctx: Context) -> Data:
    asked = ctx.ever("file_request")
    return {
        **common(ctx),
        "filing": ctx.f.opinion if hasattr(ctx.f, "opinion") else ctx.f.reason,
        "filing_basis": catalogue.item(ctx.dossier.item_code, ctx.on, body=ctx.body).basis_text,
        "filed_on": day(ctx.on),
        "approvals": [
            {
                "role": "承办人意见",
                "name": asked.by_name if asked else "",
                "opinion": "建议立案。",
                "on": day(clock.local_date(asked.at)) if asked else "",
            },
            {
                "role": "机关负责人审批意见",
                "name": ctx.by.name,
                "opinion": getattr(ctx.f, "opinion", None) or getattr(ctx.f, "reason", ""),
                "on": day(ctx.on),
            },
        ],
    }


def recusal(ctx: Context) -> Data:
    asked = ctx.last("recuse_apply")
    target = asked.facts["target"] if asked else ctx.f.target
    return {
        **common(ctx),
        "avoid_person": ctx.person(target).name,
        "avoid_reason": asked.facts["reason"] if asked else ctx.f.reason,
        "avoid_result": ("决定回避。" if ctx.f.approved else "决定不予回避。") + ctx.f.reason,
        "request_reason": asked.facts["reason"] if asked else "",
        "request_result": "决定回避" if ctx.f.approved else "不予回避",
        "approvals": [
            {"role": "机关负责人决定", "name": ctx.by.name, "opinion": ctx.f.reason, "on": day(ctx.on)}
        ],
        "approved_by": ctx.by.name,
        "approved_on": day(ctx.on),
    }


def _site(ctx: Context) -> Data:
    f = ctx.f
    return {
        **common(ctx),
        "place": f.place,
        "started_at": f.began_at.isoformat(),
        "ended_at": f.ended_at.isoformat(),
        "officers": officers(ctx, f.officers),
        "notified": "执法人员已出示执法证件，告知当事人权利义务及申请回避的权利。",
        "explained": explained_text(ctx),
        "refusal": (_SIGNATURE[getattr(f, "signature", "signed")] + "：" + f.signature_note)
        if getattr(f, "signature", "signed") != "signed"
        else "",
    }


def inspection(ctx: Context) -> Data:
    f = ctx.f
    return {
        **_site(ctx),
        "scene": f.findings,
        "party_opinion": f.party_opinion,
        "witness": f.attendee,
        "participants": [{"name": f.attendee, "role": f.attendee_role}] if f.attendee else [],
    }


def questioning(ctx: Context) -> Data:
    f = ctx.f
    pairs: list[Data] = []
    for line in f.record.splitlines():
        text = line.strip()
        if not text:
            continue
        if text[:2] in ("问：", "问:"):
            pairs.append({"q": text[2:].strip(), "a": ""})
        elif text[:2] in ("答：", "答:") and pairs:
            pairs[-1]["a"] = text[2:].strip()
        elif pairs:
            pairs[-1]["a"] = (pairs[-1]["a"] + "\n" + text).strip()
        else:
            pairs.append({"q": "", "a": text})
    role = {"party": "当事人", "staff": "当事人工作人员", "third": "利害关系人", "witness": "证人"}[
        f.respondent_kind
    ]
    data = _site(ctx)
    if f.respondent_kind != "party":
        data = {k: v for k, v in data.items() if not k.startswith("party_") and k != "representative"}
    return {
        **data,
        "party_name": f.respondent,
        "party_title": role,
        "hearing_clerk": ctx.person(f.officers[-1]).name,
        "participants": [{"name": f.respondent, "role": role}],
        "talk_with": f.respondent,
        "recipient": f.respondent,
        "record": f.record,
        "questions": pairs,
    }


def sampling(ctx: Context) -> Data:
    return {
        **_site(ctx),
        "items": items_of(ctx.f.goods),
        "sampling": f"{ctx.f.goods}\n{ctx.f.kept_at}",
        "storage_place": ctx.f.kept_at,
        "record": ctx.f.goods,
    }


def items_of(text: str) -> list[Data]:
    return [{"name": line.strip(), "quantity": "", "note": ""} for line in text.splitlines() if line.strip()]


def preserve_request(ctx: Context) -> Data:
    return {
        **common(ctx),
        "reasons": ctx.f.reason,
        "items": items_of(ctx.f.goods),
        "storage_place": ctx.f.kept_at,
        "approvals": [
            {"role": "承办人意见", "name": ctx.by.name, "opinion": ctx.f.reason, "on": day(ctx.on)}
        ],
    }


def preserve(ctx: Context) -> Data:
    asked = ctx.last("preserve_request")
    approved = ctx.last("preserve_approve")
    until = deadlines.due(ctx.occurred_at, ctx.term("penalty.term.registered_evidence")).on
    return {
        **_site(ctx),
        "reasons": asked.facts["reason"] if asked else "",
        "items": items_of(asked.facts["goods"]) if asked else [],
        "storage_place": asked.facts["kept_at"] if asked else "",
        "storage_from": day(ctx.on),
        "storage_until": day(until),
        "approved_by": approved.by_name if approved else "",
        "approved_on": day(clock.local_date(approved.at)) if approved else "",
    }


_PRESERVE = {
    "return": "退还当事人",
    "seize": "依法采取查封、扣押措施",
    "appraise": "送交鉴定",
    "confiscate": "依法予以没收",
    "keep_evidence": "采取记录、复制、拍照、录像等证据保全措施后解除登记保存",
}


def preserve_handled(ctx: Context) -> Data:
    asked = ctx.last("preserve_request")
    return {
        **common(ctx),
        "items": items_of(asked.facts["goods"]) if asked else [],
        "disposal": f"{_PRESERVE[ctx.f.handling]}。{ctx.f.detail}",
        "disposal_basis": "《中华人民共和国行政处罚法》第五十六条",
    }


def appraisal(ctx: Context) -> Data:
    f = ctx.f
    return {
        **common(ctx),
        "appraiser": f.agency,
        "appraisal_items": f.matter,
        "appraisal_result": f.result,
        "items": [{"name": f.matter}],
        "request_text": f.matter,
    }


def correction(ctx: Context) -> Data:
    f = ctx.f
    item = catalogue.item(ctx.dossier.item_code, ctx.on, body=ctx.body)
    return {
        **common(ctx),
        "facts": f.act,
        "violated": item.basis_text,
        "correction": f.demand,
        "correct_by": day(f.until),
        "correct_at_once": f.until is None,
        "correction_basis": "《中华人民共和国行政处罚法》第二十八条第一款",
        "basis": "《中华人民共和国行政处罚法》第二十八条第一款",
    }


def correction_checked(ctx: Context) -> Data:
    ordered = ctx.ever("correct")
    return {
        **common(ctx),
        "correction": ordered.facts["demand"] if ordered else "",
        "correct_by": (ordered.facts.get("until") or "") if ordered else "",
        "recheck_on": day(ctx.on),
        "recheck_result": ("已改正。" if ctx.f.corrected else "未改正。") + ctx.f.detail,
        "officers": officers(ctx, ctx.f.officers),
        "explained": explained_text(ctx),
    }


def evidence_list(ctx: Context) -> Data:
    return {
        **common(ctx),
        "evidence": evidence_rows(ctx),
        "conclusion": ctx.f.conclusion,
        "record": ctx.f.conclusion,
    }


def report(ctx: Context) -> Data:
    f = ctx.f.model_dump(mode="json")
    return {
        **common(ctx),
        "facts": f["facts_found"],
        "evidence": evidence_rows(ctx) or [{"name": f["evidence_summary"], "proves": ""}],
        "violated": f["law_violated"],
        "basis": f["law_basis"],
        "discretion": discretion_text(f),
        "reasons": f["reasons"],
        "reasoning": f["reasons"],
        "nature": documents.act_in(ctx.dossier.title),
        "conclusion": handling_text(f),
        "proposal": handling_text(f),
        **money_of(f),
        "approvals": [
            {"role": "承办人", "name": ctx.by.name, "opinion": handling_text(f), "on": day(ctx.on)}
        ],
    }


def review_submission(ctx: Context) -> Data:
    labels = {m.code: m.label for m in proposal.review_materials(ctx)}
    return {
        **common(ctx),
        **findings(ctx),
        "summary": ctx.f.statement,
        "review_reasons": [
            {"name": t.label, "note": t.explanation, "source": t.citation} for t in proposal.triggers(ctx)
        ],
        "materials": [{"name": labels.get(code, code)} for code in ctx.f.materials],
        "review_unit": organisations.review_unit(ctx.dossier.body_id).name,
        "review_round": len(ctx.all("review_submit")) + 1,
        "approvals": [
            {
                "role": "承办机构意见",
                "name": ctx.by.name,
                "opinion": "对送审材料的真实性、准确性、完整性负责，请予审核。",
                "on": day(ctx.on),
            }
        ],
    }


_CHECK = {"pass": "合格", "problem": "有问题", "na": "不涉及"}


def review_opinion(ctx: Context) -> Data:
    f = ctx.f
    labels = proposal.review_checks(ctx)
    checks = [
        {
            "label": labels.get(c.code, c.code),
            "name": labels.get(c.code, c.code),
            "result": _CHECK[c.result],
            "note": c.note,
        }
        for c in f.checks
    ]
    return {
        **common(ctx),
        **findings(ctx),
        "checks": checks,
        "review_points": [c for c in checks if c["result"] == "有问题"],
        "review_kind": OpinionKind(f.kind).label,
        "review_opinion": f.text,
        "review_reasons": [{"name": t.label, "note": t.explanation} for t in proposal.triggers(ctx)],
        "reviewer": ctx.by.name,
        "review_unit": organisations.review_unit(ctx.dossier.body_id).name,
        "review_round": len(ctx.all("review_submit")),
        "conclusion": f.text,
    }
