"""Service, payment, demand, court, closing (G13, PEN-25…PEN-30, PEN-50, ENF-20)."""

from __future__ import annotations

from datetime import date

from mingzhi.cases.penalty import proposal
from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import money
from mingzhi.kernel.errors import Reason
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard

LAW = "行政处罚法"


def _something_to_serve(ctx: Context) -> list[Reason]:
    if not proposal.unserved(ctx):
        return [ctx.reason("SRV.none", "没有待送达的文书", remedy="请先制作文书")]
    return []


def _serving_this(*templates: str) -> Guard:
    """The paper chosen is one that this step serves, and the mode's demands are met (domain §2.5)."""

    def check(ctx: Context) -> list[Reason]:
        paper = next((p for p in proposal.unserved(ctx) if p.id == ctx.f.paper), None)
        if paper is None or (templates and paper.template not in templates):
            return [
                ctx.reason("SRV.paper", "所选文书不在本环节送达范围内，或者已经送达", remedy="请重新选择文书")
            ]
        return proposal.service_problems(ctx)

    return Guard(
        "SRV",
        "送达方式和凭证符合规定",
        "民事诉讼法第八十七条至第九十五条；行政处罚法第六十一条",
        check,
        standing=False,
    )


def _paper_waits(*templates: str) -> Guard:
    def check(ctx: Context) -> list[Reason]:
        if not any(p.template in templates for p in proposal.unserved(ctx)):
            return [ctx.reason("SRV.waits", "没有待送达的该类文书")]
        return []

    return Guard("SRV-WAITS", "有待送达文书", "行政处罚法第六十一条", check)


def _serving_other(ctx: Context) -> list[Reason]:
    """Notices and decisions have steps of their own, because clocks hang on them."""
    paper = next((p for p in proposal.unserved(ctx) if p.id == ctx.f.paper), None)
    if paper is None:
        return [
            ctx.reason("SRV.paper", "所选文书不在本环节送达范围内，或者已经送达", remedy="请重新选择文书")
        ]
    if paper.template in (*proposal.NOTICES, *proposal.DECISIONS):
        return [
            ctx.reason(
                "SRV.own", f"{paper.title}应当通过“送达告知书”或者“送达决定书”办理", remedy="请改用相应环节"
            )
        ]
    return proposal.service_problems(ctx)


def _money_owed(ctx: Context) -> list[Reason]:
    if proposal.outstanding_fen(ctx) <= 0:
        return [ctx.reason("PEN-25.none", "没有待缴纳的罚没款")]
    return []


def _deferred_until(ctx: Context) -> list[Reason]:
    if not ctx.f.approved:
        return []
    if ctx.f.until is None:
        return [
            ctx.reason("PEN-25.until", "批准延期、分期的，应当写明缴纳期限", remedy="请填写批准的缴纳期限")
        ]
    if ctx.f.until <= ctx.on:
        return [ctx.reason("PEN-25.past", "批准的缴纳期限应晚于今日", remedy="请核对期限")]
    return []


def _paid_from_bank(ctx: Context) -> list[Reason]:
    """PEN-26, SoD-7: officers do not collect; entries come from the bank or the treasury (第六十七条)."""
    problem = organisations.separation.sod_payment_source(
        source="bank" if ctx.f.channel == "epay" else ctx.f.channel
    )
    reasons = [problem] if problem is not None else []
    if ctx.by.person_id in {m.person_id for m in ctx.all_members if m.role in ("lead", "assist")}:
        reasons.append(
            ctx.reason("SoD-7.handler", "本案承办人不得登记缴款", remedy="请由缴款登记员按回传信息登记")
        )
    if money.fen(ctx.f.amount_yuan) == 0:
        reasons.append(ctx.reason("PEN-25.zero", "缴款金额应大于零", remedy="请按缴款凭证填写"))
    if any(s.facts["voucher"] == ctx.f.voucher for s in ctx.all("payment")):
        reasons.append(ctx.reason("PEN-25.voucher", "该缴款凭证号已登记", remedy="请核对，避免重复登记"))
    return reasons


def _overdue(ctx: Context) -> list[Reason]:
    """PEN-29, ENF-12: demanded only after the time to pay ran out unpaid."""
    due = proposal.pay_by(ctx)
    if due is None:
        return [ctx.reason("PEN-29.none", "决定书尚未送达或者不含罚款")]
    if proposal.outstanding_fen(ctx) <= 0:
        return [ctx.reason("PEN-29.paid", "罚没款已缴清，无须催告")]
    if ctx.on <= due:
        return [
            ctx.reason(
                "PEN-29.early",
                f"缴款期限至 {due:%Y-%m-%d}，尚未届满",
                f"{LAW}第六十七条",
                "请在期限届满后催告",
            )
        ]
    return []


def _court_window(ctx: Context) -> list[Reason]:
    """ENF-20, ENF-21: within three months after the time to sue ended, and ten working days after demand."""
    served = proposal.decision_served_on(ctx)
    if served is None:
        return [ctx.reason("ENF-20.served", "决定书尚未送达", remedy="请先送达决定书")]
    reasons = []
    opens = deadlines.due(served, ctx.term("remedy.term.litigation")).on
    approved = [s for s in ctx.all("defer_decide") if s.facts["approved"] and s.facts.get("until")]
    starts = max([opens, *(date.fromisoformat(s.facts["until"]) for s in approved)])
    closes = deadlines.due(starts, ctx.term("coercion.term.court_application")).on
    if ctx.on <= opens:
        reasons.append(
            ctx.reason(
                "ENF-20.early",
                f"当事人可在 {opens:%Y-%m-%d} 前提起行政诉讼，期限未满",
                "行政强制法第五十三条；行政诉讼法第四十六条",
                "请在起诉期限届满后申请",
            )
        )
    if ctx.on > closes:
        reasons.append(
            ctx.reason(
                "ENF-20.late",
                f"申请期限已于 {closes:%Y-%m-%d} 届满",
                "行政强制法第五十三条；行诉解释第一百五十六条",
                "逾期申请须有正当理由，由人民法院决定是否受理",
            )
        )
    demand = proposal.demand_served_on(ctx)
    if demand is None:
        reasons.append(
            ctx.reason(
                "ENF-21.demand",
                "申请前应当催告当事人履行义务",
                "行政强制法第五十四条",
                "请先制作并送达催告书",
                "demand",
            )
        )
    else:
        ready = deadlines.due(demand, ctx.term("coercion.term.court_application_demand")).on
        if ctx.on <= ready:
            reasons.append(
                ctx.reason(
                    "ENF-21.wait",
                    f"催告书送达后须满十个工作日（{ready:%Y-%m-%d}）仍未履行，方可申请",
                    "行政强制法第五十四条",
                    "请等待期限届满",
                )
            )
    return reasons


def _closable(ctx: Context) -> list[Reason]:
    """PEN-50: performed in full, or ended otherwise; nothing outward left unserved."""
    reasons = []
    decided = ctx.last("decide", "spot_decide")
    if (
        decided is not None
        and decided.facts.get("outcome", "penalise") == "penalise"
        and ctx.last("court_apply") is None
    ):
        rest = proposal.outstanding_fen(ctx)
        if rest > 0:
            reasons.append(
                ctx.reason(
                    "PEN-50.unpaid",
                    f"罚没款尚有 {money.yuan(rest)} 元未缴",
                    f"{LAW}第六十七条、第七十二条",
                    "请待缴清、依法申请强制执行或者终结执行后结案",
                    "payment",
                )
            )
        if {"06", "07", "08", "09", "10", "11", "12"} & set(decided.facts["kinds"]) and ctx.last(
            "performed"
        ) is None:
            reasons.append(
                ctx.reason(
                    "PEN-50.unperformed",
                    "暂扣、吊销、停产停业等处罚尚未登记履行情况",
                    f"{LAW}第七十二条",
                    "请登记履行情况",
                    "performed",
                )
            )
    waiting = [p for p in proposal.unserved(ctx) if p.outward]
    if waiting:
        reasons.append(
            ctx.reason(
                "PEN-50.unserved",
                "尚有对外文书未送达：" + "、".join(p.title for p in waiting),
                f"{LAW}第六十一条",
                "请先送达",
                "paper_serve",
            )
        )
    reasons += _nothing_handed_over_open(ctx)
    return reasons


def _nothing_handed_over_open(ctx: Context) -> list[Reason]:
    """PEN-28: a fine taken on the spot has reached the bank (第七十一条)."""
    spot = ctx.last("spot_decide")
    if spot is not None and spot.facts.get("collected") and ctx.last("fine_to_bank") is None:
        return [
            ctx.reason(
                "PEN-28.open",
                "当场收缴的罚款尚未缴付指定银行",
                f"{LAW}第七十一条",
                "请登记交款情况",
                "fine_to_bank",
            )
        ]
    return []


def serving_other() -> Guard:
    """Any outward paper but notices and decisions."""
    return Guard(
        "SRV",
        "送达方式和凭证符合规定",
        "民事诉讼法第八十七条至第九十五条；行政处罚法第六十一条",
        _serving_other,
        standing=False,
    )


SOMETHING_TO_SERVE = Guard("SRV-ANY", "有待送达文书", "行政处罚法第六十一条", _something_to_serve)
MONEY_OWED = Guard("PEN-25", "有待缴罚没款", "行政处罚法第六十七条", _money_owed)
DEFERRED_UNTIL = Guard(
    "PEN-25-UNTIL", "批准的缴纳期限明确", "行政处罚法第六十六条第二款", _deferred_until, standing=False
)
PAID_FROM_BANK = Guard("SoD-7", "罚缴分离", "行政处罚法第六十七条", _paid_from_bank, standing=False)
OVERDUE = Guard("PEN-29", "缴款期限届满未缴", "行政处罚法第七十二条；行政强制法第三十五条", _overdue)
COURT_WINDOW = Guard("ENF-20", "在法定期间内申请", "行政强制法第五十三条、第五十四条", _court_window)
CLOSABLE = Guard("PEN-50", "具备结案条件", "行政处罚法第六十七条、第七十二条", _closable)
serving_this = _serving_this
paper_waits = _paper_waits
