"""A penalty on the spot (PEN-08, PEN-09, PEN-27, PEN-28)."""

from __future__ import annotations

from mingzhi.cases.penalty import proposal
from mingzhi.cases.penalty.guards.filing import fined_already
from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.choices import PenaltyKind
from mingzhi.kernel import money
from mingzhi.kernel.errors import Reason
from mingzhi.kernel.identifiers import age_on
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard


def _spot_told(ctx: Context) -> list[Reason]:
    """PEN-14 on the spot: told what is proposed and why, and heard (第四十四条)."""
    if not ctx.f.told:
        return [
            ctx.reason(
                "PEN-14.spot",
                "当场处罚前应当告知拟处罚内容及事实、理由、依据和陈述、申辩权利",
                remedy="未告知的不得作出处罚决定",
            )
        ]
    return []


def _spot_handed(ctx: Context) -> list[Reason]:
    """The decision is handed to the party there and then; who is away cannot be given it (第五十二条)."""
    if ctx.f.signature == "absent":
        return [
            ctx.reason(
                "PEN-09.handed",
                "当事人不在场，当场处罚决定书不能当场交付",
                remedy="当事人在场但拒绝签收的，请选择“拒绝签名”并注明情况；不在场的请改用普通程序",
                link="to_ordinary",
            )
        ]
    return []


def _spot_eligible(ctx: Context) -> list[Reason]:
    """PEN-08: up to 200 yuan for a citizen, 3000 for an organisation, or a warning; nothing else."""
    f = ctx.f
    reasons = []
    allowed = set(ctx.norm("penalty.summary.kinds"))
    wrong = [
        PenaltyKind(k).label for k in f.kinds if k not in allowed and PenaltyKind(k).label not in allowed
    ]
    if wrong:
        reasons.append(
            ctx.reason(
                "PEN-08.kinds",
                f"当场处罚只能给予警告或者罚款，不能给予{'、'.join(wrong)}",
                remedy="请改用普通程序",
                link="to_ordinary",
            )
        )
    natural = proposal.party_standard(ctx) == "natural"
    limit = ctx.norm("penalty.summary.max_natural_fen" if natural else "penalty.summary.max_organisation_fen")
    amount = money.fen(f.fine_yuan)
    if amount > limit:
        who = "公民" if natural else "法人或者其他组织"
        reasons.append(
            ctx.reason(
                "PEN-08.amount",
                f"对{who}当场罚款不得超过 {money.yuan(limit)} 元，本次为 {money.yuan(amount)} 元",
                remedy="请改用普通程序",
                link="to_ordinary",
            )
        )
    if ("03" in f.kinds) != (amount > 0):
        reasons.append(
            ctx.reason(
                "PEN-08.fine",
                "罚款种类与罚款金额不一致",
                "行政处罚法第九条",
                "选择罚款的须填写金额；未选择罚款的金额应为零",
            )
        )
    return reasons


def _spot_age(ctx: Context) -> list[Reason]:
    """PEN-40 on the spot: nobody under fourteen is penalised (第三十条)."""
    party = ctx.party
    if party is None or party.born_on is None:
        return []
    age = age_on(party.born_on, ctx.f.act_on)
    if age < ctx.norm("penalty.age.exempt"):
        return [
            ctx.reason(
                "PEN-40.exempt",
                f"当事人行为时 {age} 周岁，不满十四周岁，不予行政处罚",
                remedy="请责令监护人加以管教",
            )
        ]
    return []


def _spot_range(ctx: Context) -> list[Reason]:
    """PEN-46 on the spot: within the benchmark, with no departure."""
    if "03" not in ctx.f.kinds:
        return []
    return catalogue.range_problems(
        ctx.f.item_code,
        ctx.f.tier,
        money.fen(ctx.f.fine_yuan),
        on=ctx.on,
        party_kind=proposal.party_standard(ctx),
        body=ctx.body,
    )


def _spot_not_twice(ctx: Context) -> list[Reason]:
    """PEN-41 on the spot: no second fine for the same act (第二十九条)."""
    if "03" not in ctx.f.kinds:
        return []
    return fined_already(ctx, item_code=ctx.f.item_code, act_day=ctx.f.act_on.isoformat())


def _spot_collected(ctx: Context) -> list[Reason]:
    """PEN-27: taken on the spot only up to 100 yuan, or where it could not be enforced later, or in
    remote places at the party's request; always with the treasury's receipt (第六十八条至第七十条)."""
    f = ctx.f
    if not f.collected:
        return []
    reasons = []
    if "03" not in f.kinds:
        return [ctx.reason("PEN-27.nothing", "未给予罚款，不存在当场收缴", remedy="请取消当场收缴")]
    if not f.collect_reason:
        reasons.append(
            ctx.reason(
                "PEN-27.reason",
                "当场收缴罚款应当符合法定情形",
                "行政处罚法第六十八条、第六十九条",
                "请选择当场收缴的情形；不符合的由当事人到银行缴纳",
            )
        )
    limit = ctx.norm("penalty.spot_collection.max_fen")
    if f.collect_reason == "small" and money.fen(f.fine_yuan) > limit:
        reasons.append(
            ctx.reason(
                "PEN-27.amount",
                f"以小额罚款为由当场收缴的不得超过 {money.yuan(limit)} 元",
                "行政处罚法第六十八条第一项",
                "请选择其他法定情形，或者由当事人到银行缴纳",
            )
        )
    if not f.receipt:
        reasons.append(
            ctx.reason(
                "PEN-27.receipt",
                "当场收缴应当出具财政专用票据",
                "行政处罚法第七十条",
                "请填写票据号；不出具的，当事人有权拒绝缴纳",
            )
        )
    return reasons


def _taken_on_spot(ctx: Context) -> list[Reason]:
    spot = ctx.last("spot_decide")
    if spot is None or not spot.facts.get("collected"):
        return [ctx.reason("PEN-28.none", "本案没有当场收缴的罚款")]
    return []


def _record_filed(ctx: Context) -> list[Reason]:
    if ctx.last("record_file") is None:
        return [
            ctx.reason(
                "PEN-09.record", "当场处罚决定尚未报所属机关备案", remedy="请先登记备案", link="record_file"
            )
        ]
    return []


SPOT_TOLD = Guard(
    "PEN-14-SPOT", "已告知并听取意见", "行政处罚法第四十四条、第四十五条", _spot_told, standing=False
)
SPOT_HANDED = Guard(
    "PEN-09-SPOT", "决定书当场交付当事人", "行政处罚法第五十二条", _spot_handed, standing=False
)
SPOT_ELIGIBLE = Guard("PEN-08", "符合当场处罚条件", "行政处罚法第五十一条", _spot_eligible, standing=False)
SPOT_AGE = Guard("PEN-40-SPOT", "未成年人从宽", "行政处罚法第三十条", _spot_age, standing=False)
SPOT_RANGE = Guard("PEN-46-SPOT", "在裁量基准幅度内", "行政处罚法第三十四条", _spot_range, standing=False)
SPOT_NOT_TWICE = Guard("PEN-41-SPOT", "一事不二罚款", "行政处罚法第二十九条", _spot_not_twice, standing=False)
SPOT_COLLECTED = Guard(
    "PEN-27", "当场收缴合法", "行政处罚法第六十八条至第七十条", _spot_collected, standing=False
)
TAKEN_ON_SPOT = Guard("PEN-28", "有当场收缴的罚款", "行政处罚法第七十一条", _taken_on_spot)
RECORD_FILED = Guard("PEN-09", "已报所属机关备案", "行政处罚法第五十二条第三款", _record_filed)
