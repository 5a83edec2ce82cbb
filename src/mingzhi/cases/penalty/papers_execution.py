"""Papers of service and execution, and the decision on the spot."""

from __future__ import annotations

from mingzhi.cases import choices
from mingzhi.cases.core.archiving import case_papers
from mingzhi.cases.core.facing import explained_text
from mingzhi.cases.penalty import proposal
from mingzhi.cases.penalty.papers import (
    Data,
    common,
    day,
    discretion_text,
    findings,
    money_of,
    officers,
)
from mingzhi.kernel import clock, money
from mingzhi.procedures.context import Context

_SIGNATURE = {"signed": "", "refused": "拒绝签名", "absent": "未到场"}


def service_receipt(ctx: Context) -> Data:
    f = ctx.f
    paper = next(p for p in case_papers(ctx) if p.id == f.paper)
    mode = choices.ServiceMode(f.mode).label
    refusal = f.refusal or f.notice_reason
    return {
        **common(ctx),
        "recipient": ctx.party.name if ctx.party else "",
        "papers": [{"name": paper.title, "number_text": paper.number or "", "quantity": "1"}],
        "service_mode": mode,
        "service_place": f.place or f.notice_place or mode,
        "service_at": clock.at_local(f.served_on, 0).isoformat()
        if f.mode != "electronic"
        else ctx.occurred_at.isoformat(),
        "served_on": day(f.served_on),
        "signer": f.receiver,
        "relation": f.relation,
        "service_note": refusal,
        "explained": explained_text(ctx),
        "servers": "、".join(ctx.person(p).name for p in f.officers),
        "witness": " ".join(x for x in (f.witness_unit, f.witness) if x),
    }


def public_notice(ctx: Context) -> Data:
    paper = next(p for p in case_papers(ctx) if p.id == ctx.f.paper)
    return {
        **common(ctx),
        **findings(ctx),
        "recipient": ctx.party.name if ctx.party else "",
        "notice_reason": ctx.f.notice_reason,
        "notice_text": f"{paper.title}{paper.number or ''}",
        "notice_days": ctx.norm("service.term.public_notice"),
        "papers": [{"name": paper.title, "number_text": paper.number or ""}],
        "original_title": paper.title,
        "original_number": paper.number or "",
    }


def service_address(ctx: Context) -> Data:
    return {
        **common(ctx),
        "recipient": ctx.party.name if ctx.party else "",
        "service_address": ctx.party.address if ctx.party else "",
        "e_mail": ctx.f.address,
        "e_agreed": True,
    }


def deferral(ctx: Context) -> Data:
    asked = ctx.last("defer_apply")
    until = ctx.f.until
    return {
        **common(ctx),
        **_original(ctx),
        "extension": asked.facts["reason"] if asked else "",
        "extension_result": (
            f"批准，缴纳期限至{until:%Y年%m月%d日}。" if ctx.f.approved and until else "不予批准。"
        )
        + ctx.f.reason,
        "request_reason": asked.facts["reason"] if asked else "",
        "approvals": [
            {"role": "机关负责人审批意见", "name": ctx.by.name, "opinion": ctx.f.reason, "on": day(ctx.on)}
        ],
    }


def _original(ctx: Context) -> Data:
    paper = next((p for p in reversed(proposal.run_papers(ctx)) if p.template in proposal.DECISIONS), None)
    step = proposal.decided(ctx)
    return {
        "original_title": paper.title if paper else "",
        "original_number": (paper.number or "") if paper else "",
        "original_on": day(clock.local_date(step.occurred_at)) if step else "",
        "served_on": day(proposal.decision_served_on(ctx)),
        "unpaid_fen": proposal.outstanding_fen(ctx),
        "surcharge_fen": proposal.surcharge_due_fen(ctx),
        **(money_of(step.facts) if step else {}),
    }


def demand(ctx: Context) -> Data:
    return {
        **common(ctx),
        **_original(ctx),
        "demand_days": ctx.f.pay_within_days,
        "demand_manner": "到决定书载明的代收机构缴纳，或者通过电子支付系统缴纳",
        "contact_name": ctx.f.contact,
        "contact_phone": ctx.f.contact,
        "performance": f"自收到本催告书之日起{ctx.f.pay_within_days}日内缴清。",
    }


def closing(ctx: Context) -> Data:
    label = {
        "performed": "执行完毕",
        "spared": "不予处罚",
        "transferred": "移送",
        "withdrawn": "撤销立案",
        "terminated": "终结执行",
    }[ctx.f.kind]
    return {
        **common(ctx),
        **_original(ctx),
        "closing": label,
        "closing_on": day(ctx.on),
        "performed": ctx.f.detail,
        "conclusion": label,
        "approvals": [
            {"role": "承办人意见", "name": ctx.by.name, "opinion": f"{label}，建议结案。", "on": day(ctx.on)}
        ],
    }


def spot_decision(ctx: Context) -> Data:
    f = ctx.f.model_dump(mode="json")
    return {
        **common(ctx),
        "case_name": f["cause"],
        # Dated on the day it was made and handed over, whenever it reaches the server.
        "drawn_on": day(ctx.on),
        "facts": f["facts_found"],
        "evidence": [{"name": "现场检查、询问情况", "proves": "上述违法事实"}],
        "violated": f["law_violated"],
        "basis": f["law_basis"],
        "discretion": discretion_text(f),
        "place": f["place"],
        "occurred": f["act_on"],
        "started_at": ctx.occurred_at.isoformat(),
        "officers": officers(ctx, ctx.f.officers),
        "statement_result": f["statement"] or "当事人未提出陈述、申辩。",
        **money_of({**f, "outcome": "penalise"}),
        "performance": "当场收缴。"
        if f["collected"]
        else "自收到本决定书之日起十五日内履行缴纳义务。"
        if money.fen(f["fine_yuan"])
        else "当场执行。",
        "collected_on_spot": f["collected"],
        "receipt_number": f["receipt"],
        "spot_reason": {
            "": "",
            "small": "依法给予一百元以下的罚款",
            "hard_later": "不当场收缴事后难以执行",
            "remote": "在边远、水上、交通不便地区，当事人向指定的银行或者通过电子支付系统缴纳罚款确有困难，经当事人提出",
        }[f["collect_reason"]],
        "surcharge": "到期不缴纳罚款的，每日按罚款数额的百分之三加处罚款，加处罚款的数额不超过罚款的数额。"
        if money.fen(f["fine_yuan"]) and not f["collected"]
        else "",
        "refusal": ""
        if f["signature"] == "signed"
        else f"{_SIGNATURE[f['signature']]}：{f['signature_note']}",
        "explained": explained_text(ctx),
        "pay_days": ctx.norm("penalty.term.payment"),
    }
