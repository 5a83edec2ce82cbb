"""Facts of the steps after the decision, of the other ends of a case, and of a penalty on the spot."""

from __future__ import annotations

from datetime import date
from typing import Literal

from mingzhi.cases.core.entered import Yuan
from mingzhi.cases.core.facing import Facing
from mingzhi.cases.penalty.facts import Kinds, Sign
from mingzhi.procedures.data import Facts, fact


class Payment(Facts):
    """缴款登记: from the collecting bank or the treasury only (行政处罚法第六十七条; SoD-7)."""

    amount_yuan: Yuan = fact("缴款金额", widget="money", unit="元")
    paid_on: date = fact("缴款日期", widget="date")
    channel: Literal["bank", "treasury", "epay"] = fact(
        "回传来源", widget="choice", options="payment_channel"
    )
    voucher: str = fact("缴款凭证号", min_length=4, max_length=60)


class DeferApply(Facts):
    """延期、分期缴纳 (P22; 行政处罚法第六十六条)."""

    kind: Literal["defer", "instalments"] = fact("申请种类", widget="choice", options="defer_kind")
    reason: str = fact("经济困难情况", widget="textarea", min_length=4, max_length=1000)
    until: date = fact("申请缴纳期限", widget="date")


class DeferDecide(Facts):
    approved: bool = fact("批准", widget="choice", options="yes_no")
    until: date | None = fact("批准的缴纳期限", default=None, widget="date")
    reason: str = fact("理由", max_length=500)


class Demand(Facts):
    """加处罚款告知、催告 (P24; 行政强制法第三十五条、第五十四条)."""

    pay_within_days: int = fact("限期履行天数", default=10, unit="日", ge=1, le=60)
    contact: str = fact("联系人及电话", max_length=120)


class CourtApply(Facts):
    """申请人民法院强制执行 (行政强制法第五十三条至第五十五条)."""

    court: str = fact("受理法院", max_length=80)
    applied_on: date = fact("申请日期", widget="date")
    detail: str = fact("申请事项", widget="textarea", min_length=4, max_length=1000)


class Performed(Facts):
    performed_on: date = fact("履行日期", widget="date")
    detail: str = fact("履行情况", widget="textarea", min_length=2, max_length=1000)


class CloseRequest(Facts):
    """结案呈批 (P28)."""

    kind: Literal["performed", "spared", "transferred", "withdrawn", "terminated"] = fact(
        "结案方式", widget="choice", options="closing_kind"
    )
    detail: str = fact("执行情况", widget="textarea", min_length=2, max_length=2000)


class Withdraw(Facts):
    reason: str = fact("撤销立案的理由", widget="textarea", min_length=4, max_length=2000)


class Transfer(Facts):
    """移送 (P25): to the police on suspicion of crime, or to the competent body."""

    to: str = fact("受移送机关", max_length=120)
    crime: bool = fact("涉嫌犯罪", widget="choice", options="yes_no", cite="行政处罚法第二十七条")
    reason: str = fact("移送理由", widget="textarea", min_length=4, max_length=2000)
    annexes: str = fact(
        "移送材料",
        widget="textarea",
        min_length=2,
        max_length=2000,
        help="涉嫌犯罪的附调查报告、涉案物品清单、检验鉴定等",
    )


class Reopen(Facts):
    reason: str = fact("重新办理的依据和要求", widget="textarea", min_length=4, max_length=1000)


class _Spot(Facts):
    item_code: str = fact("权责事项", widget="item", options="items", group="事实")
    cause: str = fact("案由", min_length=4, max_length=120, group="事实")
    place: str = fact("地点", max_length=200, group="事实")
    act_on: date = fact("违法日期", widget="date", group="事实")
    facts_found: str = fact(
        "违法事实和证据",
        widget="textarea",
        min_length=10,
        max_length=4000,
        group="事实",
        guide="P20.facts",
        phrases="spot",
    )
    law_violated: str = fact("违反的规定", max_length=500, group="依据")
    law_basis: str = fact("处罚依据", max_length=500, group="依据")
    tier: str = fact("裁量阶次", default="", widget="choice", options="tiers", group="依据")
    kinds: Kinds = fact("处罚种类", widget="checks", options="spot_kinds", group="处罚", min_length=1)
    fine_yuan: Yuan = fact("罚款金额", default="0", widget="money", unit="元", group="处罚")
    officers: tuple[int, ...] = fact(
        "执法人员",
        widget="people",
        options="officers",
        group="人员",
        min_length=2,
        cite="行政处罚法第四十二条",
    )
    card_shown: bool = fact("已主动出示执法证件", group="告知", cite="行政处罚法第五十二条")
    told: bool = fact(
        "已告知拟处罚内容及事实、理由、依据和陈述、申辩权利", group="告知", cite="行政处罚法第四十四条"
    )
    statement: str = fact(
        "当事人陈述申辩及复核", default="", widget="textarea", max_length=2000, group="告知", phrases="spot"
    )
    signature: Sign = fact("当事人签收", widget="choice", options="signature", group="签名")
    signature_note: str = fact(
        "拒签情况说明",
        default="",
        max_length=300,
        group="签名",
        show_if="signature=refused|absent",
        phrases="signing",
    )
    collected: bool = fact(
        "当场收缴罚款", default=False, group="收缴", cite="行政处罚法第六十八条、第六十九条"
    )
    collect_reason: Literal["", "small", "hard_later", "remote"] = fact(
        "当场收缴的情形",
        default="",
        widget="choice",
        options="collect_reason",
        group="收缴",
        show_if="collected=true",
    )
    receipt: str = fact(
        "财政专用票据号",
        default="",
        max_length=60,
        group="收缴",
        show_if="collected=true",
        cite="行政处罚法第七十条",
    )


class SpotDecide(Facing, _Spot):
    """当场处罚 (P20; 行政处罚法第五十一条、第五十二条)."""


class HandOver(Facts):
    """当场收缴罚款交至机关、缴付银行 (行政处罚法第七十一条)."""

    done_on: date = fact("日期", widget="date")
    voucher: str = fact("交款凭证号", min_length=2, max_length=60)


class RecordFile(Facts):
    """当场处罚报所属机关备案 (行政处罚法第五十二条第三款)."""

    filed_on: date = fact("备案日期", widget="date")
