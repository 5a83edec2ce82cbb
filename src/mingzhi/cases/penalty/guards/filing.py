"""Filing and the end of the investigation: limitation, officers, outcome, benchmark, no second fine."""

from __future__ import annotations

from datetime import date

from mingzhi.cases.core.guards import capacities
from mingzhi.cases.penalty import proposal
from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.errors import UnknownItem
from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import money
from mingzhi.kernel.errors import Reason
from mingzhi.kernel.identifiers import age_on
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard

LAW = "行政处罚法"
OUTSIDE_TIER = "discretion.outside_tier"
"""What a written reason and collective discussion may answer."""
OUTSIDE_LAW = "discretion.outside_law"
"""What only a statutory ground for reduction may answer, and only downwards."""


def _within_limitation(ctx: Context) -> list[Reason]:
    """PEN-01: found within two years of the act's end, five where grave (第三十六条)."""
    f = ctx.f
    ended = f.act_ended_on
    reasons = []
    if ended is not None and ended < f.act_began_on:
        reasons.append(ctx.reason("PEN-01.order", "违法行为终了日期早于开始日期", remedy="请核对日期"))
    if f.discovered_on < f.act_began_on:
        reasons.append(ctx.reason("PEN-01.discovered", "发现日期早于违法行为开始日期", remedy="请核对日期"))
    if ended is None or reasons:
        return reasons
    name = "penalty.term.limitation_extended" if f.grave else "penalty.term.limitation"
    last = deadlines.due(ended, ctx.term(name)).unrolled
    if f.discovered_on > last:
        years = "五年" if f.grave else "二年"
        reasons.append(
            ctx.reason(
                "PEN-01.expired",
                f"违法行为 {ended:%Y-%m-%d} 终了，至 {f.discovered_on:%Y-%m-%d} 发现已超过{years}，不再给予行政处罚",
                remedy="涉及公民生命健康安全、金融安全且有危害后果的，请勾选并写明依据；否则请办理不予立案",
            )
        )
    return reasons


def _named_officers_certified(ctx: Context) -> list[Reason]:
    """PEN-04 at assignment: the officers named hold valid certificates on the day, and none of them reviewed,
    heard or approved the case (SoD-1)."""
    hands = capacities(ctx)
    apart = (
        organisations.separation.sod_capacities_apart(hands, person_id=p, capacity="handler")
        for p in dict.fromkeys(ctx.f.officers)
    )
    return [
        *organisations.certified_problems(
            tuple(ctx.f.officers),
            ctx.on,
            at_least=ctx.norm("penalty.officers.minimum"),
            field=ctx.dossier.field,
        ),
        *filter(None, apart),
    ]


def _item_known(ctx: Context) -> list[Reason]:
    """The matter is one of the body's items in force on the day (R017, 第三十八条)."""
    try:
        catalogue.item(ctx.f.item_code, ctx.on, body=ctx.body)
    except UnknownItem:
        return [
            ctx.reason(
                "PEN-47.item",
                f"权责事项 {ctx.f.item_code} 在 {ctx.on:%Y-%m-%d} 不在目录中或者已失效",
                remedy="请从事项目录中重新选择",
            )
        ]
    return []


def _has_party(ctx: Context) -> list[Reason]:
    if ctx.party is None:
        return [ctx.reason("G1.party", "尚未登记当事人", remedy="请先登记当事人信息", link="party")]
    return []


def _investigated(ctx: Context) -> list[Reason]:
    """G5: at least one inspection or questioning is on record (第五十五条)."""
    if ctx.ever("inspect", "question", "sample") is None:
        return [
            ctx.reason(
                "G5.none", "尚无检查、勘验或者询问记录", remedy="请先办理现场检查或者询问", link="inspect"
            )
        ]
    return []


def _correction_ordered(ctx: Context) -> list[Reason]:
    """PEN-42: with a penalty comes an order to correct, or the reason why there is none (第二十八条)."""
    if ctx.f.outcome == "penalise" and ctx.ever("correct") is None and not ctx.f.no_correction_reason:
        return [
            ctx.reason(
                "PEN-42.none",
                "实施处罚时应当责令当事人改正或者限期改正违法行为",
                remedy="请办理“责令改正”，或者填写未责令改正的理由",
                link="correct",
            )
        ]
    return []


def _outcome_whole(ctx: Context) -> list[Reason]:
    """PEN-10, PEN-36…38, PEN-48: the outcome is one of four, with what belongs to it."""
    f = ctx.f
    reasons = []
    if f.outcome == "penalise":
        if not f.kinds:
            reasons.append(
                ctx.reason("PEN-48.kinds", "给予处罚的应当选择处罚种类", f"{LAW}第九条", "请选择处罚种类")
            )
        if ("03" in f.kinds) != (money.fen(f.fine_yuan) > 0):
            reasons.append(
                ctx.reason(
                    "PEN-48.fine",
                    "罚款种类与罚款金额不一致",
                    f"{LAW}第九条",
                    "选择罚款的须填写金额；未选择罚款的金额应为零",
                )
            )
        if bool({"04", "05"} & set(f.kinds)) != (money.fen(f.forfeit_yuan) > 0) and "05" not in f.kinds:
            reasons.append(
                ctx.reason(
                    "PEN-48.forfeit", "没收种类与没收金额不一致", f"{LAW}第九条", "没收违法所得的须填写金额"
                )
            )
        if {"06", "07", "08", "09", "10", "11", "12"} & set(f.kinds) and not f.other_penalty:
            reasons.append(
                ctx.reason(
                    "PEN-48.other",
                    "请写明暂扣、吊销、停产停业等处罚的具体内容",
                    f"{LAW}第五十九条",
                    "填写证照名称及编号、期限和范围",
                )
            )
    elif f.kinds or money.fen(f.fine_yuan) or money.fen(f.forfeit_yuan):
        reasons.append(
            ctx.reason(
                "PEN-10.mixed", "不予处罚或者移送的，不应填写处罚种类和金额", remedy="请清空处罚种类和金额"
            )
        )
    if f.outcome == "spared" and not f.spared_because:
        reasons.append(
            ctx.reason(
                "PEN-36.because", "不予处罚应当写明法定情形", f"{LAW}第三十三条", "请选择不予处罚的情形"
            )
        )
    if f.outcome == "transfer" and not f.transfer_to:
        reasons.append(
            ctx.reason("TRF-01.to", "移送应当写明受移送机关", f"{LAW}第二十七条", "请填写受移送机关")
        )
    return reasons


def _age_respected(ctx: Context) -> list[Reason]:
    """PEN-40: under fourteen no penalty; fourteen to eighteen lighter or reduced (第三十条)."""
    party, filed = ctx.party, ctx.ever("file_request")
    if party is None or party.born_on is None or filed is None:
        return []
    acted = filed.facts.get("act_ended_on") or filed.facts["act_began_on"]
    age = age_on(party.born_on, date.fromisoformat(acted))
    if age < ctx.norm("penalty.age.exempt") and ctx.f.outcome == "penalise":
        return [
            ctx.reason(
                "PEN-40.exempt",
                f"当事人行为时 {age} 周岁，不满十四周岁，不予行政处罚",
                remedy="请改为不予处罚，责令监护人加以管教",
            )
        ]
    lenient = getattr(ctx.f, "lenient", None)
    if (
        lenient is not None
        and age < ctx.norm("penalty.age.reduced")
        and ctx.f.outcome == "penalise"
        and "minor_age" not in lenient
    ):
        return [
            ctx.reason(
                "PEN-40.reduced",
                f"当事人行为时 {age} 周岁，应当从轻或者减轻处罚",
                remedy="请勾选相应从轻、减轻情形并据此确定处罚",
            )
        ]
    return []


def _within_benchmark(ctx: Context) -> list[Reason]:
    """PEN-46, R162, DIS-03: the fine lies within the tier chosen, or the departure is reasoned."""
    f = ctx.f
    if f.outcome != "penalise" or "03" not in f.kinds:
        return []
    reasons = proposal.range_problems(ctx, f.model_dump(mode="json"), money.fen(f.fine_yuan))
    if f.outside_reason:
        reasons = [r for r in reasons if r.code != OUTSIDE_TIER]
        if f.lenient:
            # 减轻处罚: below the law's lower end, on a statutory ground and with its reasons (第三十二条).
            reasons = [r for r in reasons if not (r.code == OUTSIDE_LAW and "低于" in r.sentence)]
    return [
        Reason(r.code, r.sentence, r.citation, "请调整金额；确需超出的填写理由，并须经集体讨论决定", r.link)
        if r.code == OUTSIDE_TIER
        else r
        for r in reasons
    ]


def _not_fined_twice(ctx: Context) -> list[Reason]:
    """PEN-41: no second fine for the same act: another decided case of this party, item and act day (第二十九条)."""
    if ctx.f.outcome != "penalise" or "03" not in ctx.f.kinds:
        return []
    filed = ctx.ever("file_request")
    day = filed.facts["act_began_on"] if filed else ""
    return fined_already(ctx, item_code=ctx.dossier.item_code, act_day=day)


def fined_already(ctx: Context, *, item_code: str, act_day: str) -> list[Reason]:
    """The refusal of a second fine for the same act, on the report and on the spot alike."""
    for other in proposal.same_act_elsewhere(ctx, item_code=item_code, act_day=act_day):
        return [
            ctx.reason(
                "PEN-41.twice",
                f"同一当事人同一违法行为已在案卷 {other} 中被处以罚款，不得给予两次以上罚款",
                remedy="请核对是否同一违法行为；不是的，请在案由中写明区别的事实",
                link=f"dossier:{other}",
            )
        ]
    return []


def _unit_checked(ctx: Context) -> list[Reason]:
    """G5: the handling unit's head agreed to the report since it was last made."""
    last = ctx.last("conclude", "unit_check")
    if last is None or last.verb != "unit_check":
        return [
            ctx.reason(
                "G5.unit",
                "调查终结报告尚未经承办机构负责人审核",
                remedy="请承办机构负责人办理“承办机构审核”",
                link="unit_check",
            )
        ]
    return []


WITHIN_LIMITATION = Guard(
    "PEN-01", "在追责时效内发现", "行政处罚法第三十六条", _within_limitation, standing=False
)
NAMED_OFFICERS_CERTIFIED = Guard(
    "PEN-04", "承办人具有执法资格", "行政处罚法第四十二条", _named_officers_certified, standing=False
)
ITEM_KNOWN = Guard("PEN-47", "有法定依据的权责事项", "行政处罚法第三十八条", _item_known, standing=False)
HAS_PARTY = Guard("G1-PARTY", "当事人已登记", "行政处罚法第五十九条", _has_party)
INVESTIGATED = Guard("G5-RECORD", "已全面调查收集证据", "行政处罚法第五十四条、第五十五条", _investigated)
CORRECTION_ORDERED = Guard("PEN-42", "责令改正", "行政处罚法第二十八条", _correction_ordered, standing=False)
OUTCOME_WHOLE = Guard("PEN-10", "处理意见完整", "行政处罚法第五十七条", _outcome_whole, standing=False)
AGE_RESPECTED = Guard("PEN-40", "未成年人从宽", "行政处罚法第三十条", _age_respected, standing=False)
WITHIN_BENCHMARK = Guard(
    "PEN-46", "在裁量基准幅度内", "行政处罚法第三十四条", _within_benchmark, standing=False
)
NOT_FINED_TWICE = Guard("PEN-41", "一事不二罚款", "行政处罚法第二十九条", _not_fined_twice, standing=False)
UNIT_CHECKED = Guard("G5", "调查终结报告经承办机构审核", "行政处罚法第五十七条", _unit_checked)
