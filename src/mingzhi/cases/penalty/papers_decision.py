"""Papers from the notice to the decision: notice, statement, hearing, discussion, decision, transfer."""

from __future__ import annotations

from typing import Any

from mingzhi.cases import choices
from mingzhi.cases.penalty import proposal
from mingzhi.cases.penalty.papers import (
    Data,
    common,
    day,
    findings,
    handling_text,
    money_of,
)
from mingzhi.deliberations import api as deliberations
from mingzhi.kernel import clock, money
from mingzhi.procedures.context import Context

_STATEMENT = {
    "oral": "口头陈述申辩",
    "written": "书面陈述申辩",
    "waived": "明确放弃陈述、申辩",
    "silent": "在规定期限内未陈述、申辩",
}
_SIGNATURE = {"signed": "", "refused": "拒绝签名", "absent": "未到场"}


def notice(ctx: Context) -> Data:
    return {
        **common(ctx),
        **findings(ctx),
        "response_days": ctx.norm("penalty.term.statement"),
        "hearing_days": ctx.norm("penalty.term.hearing_request"),
        "contact_name": ctx.f.contact,
        "contact_phone": ctx.f.contact,
    }


def statement(ctx: Context) -> Data:
    f = ctx.f
    return {
        **common(ctx),
        "statement": f.content or _STATEMENT[f.form] + "。",
        "statement_on": day(f.made_on),
        "record": f.content or _STATEMENT[f.form] + "。",
        "waived": f.form == "waived",
        "started_at": ctx.occurred_at.isoformat(),
        "ended_at": ctx.occurred_at.isoformat(),
        "participants": [{"name": ctx.party.name if ctx.party else "", "role": "当事人"}],
    }


def reconsideration(ctx: Context) -> Data:
    said = ctx.last("statement")
    accepted = {"all": "全部采纳", "part": "部分采纳", "none": "不予采纳"}[ctx.f.accepted]
    return {
        **common(ctx),
        "statement": said.facts["content"] if said else "",
        "statement_on": said.facts["made_on"] if said else "",
        "statement_result": f"{accepted}。{ctx.f.opinion}",
        "conclusion": f"{accepted}。{ctx.f.opinion}",
        "approvals": [{"role": "复核意见", "name": ctx.by.name, "opinion": ctx.f.opinion, "on": day(ctx.on)}],
    }


def hearing_application(ctx: Context) -> Data:
    f = ctx.f
    from mingzhi.cases.penalty.effects import hearing_in_time

    result = (
        "当事人书面放弃听证。"
        if f.waived
        else ("在法定期限内提出，决定组织听证。" if hearing_in_time(ctx) else "超过法定期限提出，不予受理。")
    )
    return {
        **common(ctx),
        "request_on": day(f.requested_on),
        "request_reason": f"申请人：{f.requested_by}",
        "request_result": result,
        "record": result,
    }


def hearing_notice(ctx: Context) -> Data:
    f = ctx.f
    return {
        **common(ctx),
        "hearing_at": f.starts_at.isoformat(),
        "hearing_place": f.place,
        "hearing_open": "公开" if f.public else f"不公开（{f.closed_reason}）",
        "hearing_host": ctx.person(f.host).name,
        "hearing_clerk": ctx.person(f.recorder).name,
        "hearing_members": "",
    }


def _hearing(ctx: Context) -> Data:
    current = ctx.once("hearing", lambda: deliberations.hearing_current(ctx.dossier.pk))
    if current is None:
        return {}
    return {
        "hearing_at": current.starts_at.isoformat() if current.starts_at else "",
        "hearing_place": current.place,
        "hearing_open": "公开" if current.public else "不公开",
        "hearing_host": current.host_name,
        "hearing_clerk": current.recorder_name,
    }


def hearing_minutes(ctx: Context) -> Data:
    f = ctx.f
    return {
        **common(ctx),
        **_hearing(ctx),
        "started_at": ctx.occurred_at.isoformat(),
        "ended_at": ctx.occurred_at.isoformat(),
        "participants": [
            {"name": line.strip(), "role": ""} for line in f.participants.splitlines() if line.strip()
        ],
        "record": f.minutes,
        "refusal": "" if f.signature == "signed" else f"{_SIGNATURE[f.signature]}：{f.signature_note}",
        "end_reason": {"held": "", "absent": "当事人无正当理由拒不出席", "left": "当事人未经许可中途退出"}[
            f.held
        ],
    }


def hearing_report(ctx: Context) -> Data:
    held = ctx.last("hearing_hold")
    return {
        **common(ctx),
        **findings(ctx),
        **_hearing(ctx),
        "record": held.facts["minutes"] if held else "",
        "participants": [
            {"name": line.strip(), "role": ""}
            for line in (held.facts["participants"] if held else "").splitlines()
            if line.strip()
        ],
        "host_opinion": ctx.f.report,
        "conclusion": ctx.f.report,
    }


def discussion(ctx: Context) -> Data:
    f = ctx.f
    views = [
        {
            "name": ctx.person(v.person).name,
            "role": ctx.person(v.person).title,
            "opinion": ("同意。" if v.agrees else "不同意。") + v.text,
        }
        for v in f.views
    ]
    return {
        **common(ctx),
        **findings(ctx),
        "started_at": f.held_at.isoformat(),
        "ended_at": ctx.occurred_at.isoformat(),
        "place": f.place,
        "chair": ctx.person(f.chair).name,
        "hearing_clerk": ctx.person(f.recorder).name,
        "participants": views,
        "opinions": views,
        "dissent": "\n".join(
            f"{v['name']}：{v['opinion']}"
            for v, raw in zip(views, f.views, strict=True)
            if raw.agrees != f.agreed
        ),
        "chair_reason": f.chair_reasons,
        "conclusion": f.conclusion,
        "discussion_result": f.conclusion,
    }


def _said(ctx: Context) -> str:
    spoken = ctx.last("statement")
    if spoken is None:
        return "当事人在规定期限内未陈述、申辩。"
    if spoken.facts["form"] in ("waived", "silent"):
        return f"当事人{_STATEMENT[spoken.facts['form']]}。"
    on = clock.local_date(spoken.occurred_at)
    said = _STATEMENT[spoken.facts["form"]]
    return f"当事人于{on.year}年{on.month}月{on.day}日{said}。{ctx.f.adoption}"


def decision_approval(ctx: Context) -> Data:
    f = ctx.f.model_dump(mode="json")
    current = ctx.once("review", lambda: review_state(ctx))
    held = ctx.last("discuss")
    return {
        **common(ctx),
        **findings(ctx),
        **money_of(f),
        "proposal": handling_text(proposal.proposed(ctx)) if proposal.proposed(ctx) else "",
        "conclusion": handling_text(f),
        "statement_result": _said(ctx),
        "hearing_result": f["adoption"] if ctx.last("hearing_report") else "",
        "review_result": "经法制审核，同意。"
        if current is not None and current.passed
        else "不属于应当进行法制审核的情形。",
        "discussion_result": held.facts["conclusion"] if held else "",
        "approvals": [
            {"role": "机关负责人审批意见", "name": ctx.by.name, "opinion": f["opinion"], "on": day(ctx.on)}
        ],
    }


def review_state(ctx: Context) -> Any:
    from mingzhi.review import api as review

    return review.review_current(ctx.dossier.pk)


def decision(ctx: Context) -> Data:
    f = ctx.f.model_dump(mode="json")
    ordered = ctx.ever("correct")
    spoken = ctx.last("statement")
    has_money = money.fen(f["fine_yuan"]) > 0 or money.fen(f["forfeit_yuan"]) > 0
    return {
        **common(ctx),
        **findings(ctx),
        **money_of(f),
        "statement_result": _said(ctx),
        "waived": spoken is not None and spoken.facts["form"] == "waived",
        "hearing_result": f["adoption"] if ctx.last("hearing_report") else "",
        "correction": ordered.facts["demand"] if ordered else "",
        "correct_by": (ordered.facts.get("until") or "") if ordered else "",
        "performance": (
            "自收到本决定书之日起十五日内履行缴纳义务。" if has_money else "自收到本决定书之日起履行。"
        )
        + (f"{f['other_penalty']}。" if f["other_penalty"] else ""),
        "pay_days": ctx.norm("penalty.term.payment"),
        "surcharge": (
            "到期不缴纳罚款的，依据《中华人民共和国行政处罚法》第七十二条第一款第一项，每日按罚款数额的百分之三加处罚款，加处罚款的数额不超过罚款的数额。"
            if f["surcharge"] and money.fen(f["fine_yuan"])
            else ("逾期不缴纳罚款的，本案不加处罚款。" if money.fen(f["fine_yuan"]) else "")
        ),
    }


def sparing(ctx: Context) -> Data:
    f = ctx.f.model_dump(mode="json")
    spared = f["outcome"] == "spared"
    return {
        **common(ctx),
        **findings(ctx),
        "statement_result": f["adoption"],
        "no_penalty_ground": choices.SparedBecause(f["spared_because"]).label
        if spared
        else choices.Outcome.UNFOUNDED.label,
        "no_penalty_basis": "《中华人民共和国行政处罚法》"
        + ("第五十七条第一款第二项" if spared else "第五十七条第一款第三项"),
        "penalty": handling_text(f),
        "conclusion": handling_text(f),
        "education": "希望当事人引以为戒，自觉遵守法律、法规、规章的规定。" if spared else "",
    }


def transfer(ctx: Context) -> Data:
    f = ctx.f
    to = getattr(f, "to", None) or getattr(f, "transfer_to", "")
    reason = getattr(f, "reason", None) or proposal.proposed(ctx).get("reasons", "")
    annexes = getattr(f, "annexes", "") or "调查终结报告；全部证据材料"
    known = findings(ctx)
    return {
        **common(ctx),
        "facts": common(ctx)["summary"],
        **known,
        "transfer_to": to,
        "transfer_reason": reason,
        "transfer_basis": "《中华人民共和国行政处罚法》第二十七条、《行政执法机关移送涉嫌犯罪案件的规定》",
        "materials": [
            {"name": line.strip()} for line in annexes.replace("；", "\n").splitlines() if line.strip()
        ],
        "recipient": to,
    }
