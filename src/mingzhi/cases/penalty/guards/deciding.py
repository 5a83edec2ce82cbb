"""Collective discussion and the decision itself (G10, PEN-16, SoD-9)."""

from __future__ import annotations

from mingzhi.cases.penalty import proposal
from mingzhi.cases.penalty.guards.filing import OUTSIDE_LAW
from mingzhi.catalogue.choices import PenaltyKind
from mingzhi.kernel import money
from mingzhi.kernel.errors import Reason
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard

LAW = "行政处罚法"


def _discussed(ctx: Context) -> list[Reason]:
    """G10, PEN-11: complex or heavy cases are decided by collective discussion (第五十七条第二款)."""
    why = proposal.discussion_reasons(ctx)
    if not why:
        return []
    held = ctx.last("discuss")
    concluded = ctx.last("conclude")
    if held is None or (concluded is not None and held.seq < concluded.seq):
        return [
            ctx.reason(
                "G10.discussion",
                f"应当由机关负责人集体讨论决定：{'；'.join(why)}",
                f"{LAW}第五十七条第二款",
                "请组织集体讨论并登记记录",
                "discuss",
            )
        ]
    if not held.facts["agreed"]:
        return [
            ctx.reason(
                "G10.disagreed",
                "集体讨论未同意拟处理意见",
                f"{LAW}第五十七条第二款",
                "请按讨论结论修改处理意见后重新办理",
                "reinvestigate",
            )
        ]
    return []


def _discussion_whole(ctx: Context) -> list[Reason]:
    """Views of a quorum, the chair's last, and reasons where the chair departs from the majority (S3 一(四))."""
    f = ctx.f
    reasons = []
    people = [v.person for v in f.views]
    quorum = ctx.norm("penalty.discussion.quorum")
    if len(set(people)) < quorum:
        reasons.append(
            ctx.reason(
                "PEN-11.quorum",
                f"参加集体讨论并发表意见的负责人应不少于 {quorum} 人",
                remedy="请补充成员意见",
            )
        )
    if len(set(people)) != len(people):
        reasons.append(ctx.reason("PEN-11.repeat", "同一成员的意见重复登记", remedy="请合并该成员的意见"))
    if f.chair not in people:
        reasons.append(ctx.reason("PEN-11.chair", "主持人应当发表意见", remedy="请登记主持人的意见"))
    elif people[-1] != f.chair:
        reasons.append(
            ctx.reason(
                "PEN-11.last",
                "主持人应当末位发言",
                "重大行政决策程序暂行条例第三十条（参照）",
                "请将主持人的意见放在最后",
            )
        )
    agreeing = sum(1 for v in f.views if v.agrees)
    majority = agreeing * 2 > len(f.views)
    if f.agreed != majority and not f.chair_reasons:
        reasons.append(
            ctx.reason(
                "PEN-11.reasons",
                "结论与多数意见不一致的，应当说明理由",
                "重大行政决策程序暂行条例第三十条（参照）",
                "请填写理由",
            )
        )
    handlers = {m.person_id for m in ctx.handlers}
    if handlers & set(people):
        reasons.append(
            ctx.reason(
                "SoD-1.discussant", "承办人列席汇报案情，不作为讨论成员发表意见", remedy="请移除承办人的意见"
            )
        )
    if f.held_at > ctx.at:
        reasons.append(ctx.reason("time.future", "讨论时间晚于当前时间", remedy="请在讨论后登记"))
    return reasons


def _decision_fits(ctx: Context) -> list[Reason]:
    """PEN-16, G9: the decision is that proposed or lighter; nothing is added that was not notified."""
    f, proposed = ctx.f, proposal.proposed(ctx)
    reasons = []
    if f.outcome == "penalise" and proposed.get("outcome") != "penalise":
        reasons.append(
            ctx.reason(
                "PEN-16.outcome",
                "调查终结报告未建议给予处罚，不能直接作出处罚决定",
                remedy="请退回重新调查，形成处罚意见并告知后再决定",
                link="reinvestigate",
            )
        )
        return reasons
    if f.outcome == "penalise":
        reasons += _above_proposal(ctx)
        reasons += _below_law(ctx)
    notified = proposal.notified(ctx)
    if f.outcome == "penalise" and notified is not None:
        added = set(f.kinds) - set(notified["kinds"])
        if added:
            names = "、".join(PenaltyKind(k).label for k in sorted(added))
            reasons.append(
                ctx.reason(
                    "PEN-16.kinds",
                    f"增加了未告知的处罚种类：{names}",
                    f"{LAW}第四十四条、第四十五条第二款",
                    "请重新告知，或者去掉未告知的种类",
                    "notify",
                )
            )
        for name, label in (("fine_yuan", "罚款"), ("forfeit_yuan", "没收金额")):
            if money.fen(getattr(f, name)) > money.fen(notified[name]):
                reasons.append(
                    ctx.reason(
                        f"PEN-16.{name}",
                        f"决定的{label} {money.yuan(money.fen(getattr(f, name)))} 元高于已告知的 {money.yuan(money.fen(notified[name]))} 元，不得因陈述申辩给予更重的处罚",
                        f"{LAW}第四十五条第二款",
                        "请不高于已告知的金额；有新的事实的，请重新告知",
                        "notify",
                    )
                )
    return reasons


def _above_proposal(ctx: Context) -> list[Reason]:
    """What was reviewed, heard and discussed is the proposal: a decision above it went past them."""
    f, proposed = ctx.f, proposal.proposed(ctx)
    above = [label for k in sorted(set(f.kinds) - set(proposed["kinds"])) for label in [PenaltyKind(k).label]]
    above += [
        label
        for name, label in (("fine_yuan", "罚款数额"), ("forfeit_yuan", "没收金额"))
        if money.fen(getattr(f, name)) > money.fen(proposed[name])
    ]
    if not above:
        return []
    return [
        ctx.reason(
            "PEN-16.proposed",
            f"决定重于经审核、讨论的拟处理意见：{'、'.join(above)}",
            f"{LAW}第五十七条、第五十八条",
            "请不重于拟处理意见；确需加重的，退回重新提出处理意见，并重新告知、审核",
            "reinvestigate",
        )
    ]


def _below_law(ctx: Context) -> list[Reason]:
    """A decision milder than the proposal still keeps to the law's range, unless the report found a
    statutory ground for reduction (第三十二条)."""
    f, proposed = ctx.f, proposal.proposed(ctx)
    if "03" not in f.kinds or f.fine_yuan == proposed["fine_yuan"] or proposed.get("lenient"):
        return []
    return [
        r
        for r in proposal.range_problems(ctx, {**proposed, "tier": ""}, money.fen(f.fine_yuan))
        if r.code == OUTSIDE_LAW
    ]


def _own_mandate(ctx: Context) -> list[Reason]:
    """SoD-9: whoever is not a leader approves under a mandate that is on record."""
    if "leader" not in ctx.by.roles and not ctx.f.mandate:
        return [ctx.reason("SoD-9.mandate", "代行审批须写明授权依据", remedy="请填写授权文件名称和文号")]
    return []


def _outcome_is(*outcomes: str) -> Guard:
    def check(ctx: Context) -> list[Reason]:
        decided = ctx.last("decide")
        if decided is None or decided.facts["outcome"] not in outcomes:
            return [ctx.reason("OUTCOME", "本案决定不涉及此环节")]
        return []

    return Guard("OUTCOME", "与决定内容相符", "行政处罚法第五十七条", check)


DISCUSSED = Guard("G10", "集体讨论决定", "行政处罚法第五十七条第二款", _discussed)
DISCUSSION_WHOLE = Guard(
    "PEN-11", "集体讨论记录完整", "行政处罚法第五十七条第二款", _discussion_whole, standing=False
)
DECISION_FITS = Guard(
    "PEN-16", "不得因申辩加重", "行政处罚法第四十五条第二款", _decision_fits, standing=False
)
OWN_MANDATE = Guard("SoD-9", "代行审批有授权", "职责分离规则九", _own_mandate, standing=False)
outcome_is = _outcome_is
