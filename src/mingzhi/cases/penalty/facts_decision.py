"""Facts of the steps from the unit's check to the decision."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from mingzhi.cases.core.facing import Facing, shown_only
from mingzhi.cases.penalty.facts import Mode, OutcomeFacts, Sign
from mingzhi.procedures.data import Facts, fact


class UnitCheck(Facts):
    """承办机构负责人审核."""

    opinion: str = fact("审核意见", widget="textarea", min_length=2, max_length=1000)


class Notify(Facts):
    """行政处罚告知 (P13, P13H)."""

    renewed_because: str = fact(
        "重新告知的理由",
        default="",
        max_length=500,
        help="首次告知不填。发现新的事实或者拟加重处罚的，写明新的事实和证据",
        cite="行政处罚法第四十五条",
    )
    contact: str = fact("联系人及电话", max_length=120)


class _Service(Facts):
    paper: int = fact("送达文书", widget="paper", options="papers_unserved")
    mode: Mode = fact("送达方式", widget="choice", options="service_mode", group="方式")
    served_on: date = fact(
        "送达日期",
        widget="date",
        group="方式",
        help="直接送达为签收日；邮寄为回执注明的收件日；公告为发布之日；电子为到达之日",
    )
    place: str = fact("送达地点", default="", max_length=200, group="方式")
    officers: tuple[int, ...] = fact("送达人", default=(), widget="people", options="officers", group="方式")
    receiver: str = fact(
        "签收人", default="", max_length=60, group="签收", show_if="mode=direct|mail|entrusted|forwarded"
    )
    relation: str = fact(
        "签收人与受送达人关系",
        default="",
        max_length=60,
        group="签收",
        show_if="mode=direct|mail|entrusted|forwarded",
        help="本人、同住成年家属、法定代表人、负责收件的人、代理人、代收人",
    )
    refusal: str = fact(
        "拒收事由",
        default="",
        max_length=300,
        group="留置",
        show_if="mode=leave",
        guide="P27.service_note",
        phrases="service",
    )
    at_residence: bool = fact(
        "留在受送达人住所并以拍照、录像记录", default=False, group="留置", show_if="mode=leave"
    )
    witness: str = fact(
        "见证人",
        default="",
        max_length=60,
        group="留置",
        show_if="mode=leave",
        help="基层组织或者所在单位代表；采用拍照、录像方式记录的可不填",
    )
    witness_unit: str = fact(
        "见证人单位及职务", default="", max_length=120, group="留置", show_if="mode=leave"
    )
    tracking: str = fact("邮件号码", default="", max_length=60, group="邮寄", show_if="mode=mail")
    agent: str = fact(
        "受委托或者转交机关", default="", max_length=120, group="委托", show_if="mode=entrusted|forwarded"
    )
    whereabouts_unknown: bool = fact(
        "受送达人下落不明", default=False, group="公告", show_if="mode=public_notice"
    )
    notice_place: str = fact(
        "公告载体", default="", max_length=200, group="公告", show_if="mode=public_notice"
    )
    failed: bool = fact(
        "本次未能送达", default=False, group="凭证", help="未送达的也须登记，作为改用其他方式送达的依据"
    )
    notice_reason: str = fact(
        "未能送达或者公告送达的原因和经过",
        default="",
        widget="textarea",
        max_length=1000,
        group="凭证",
        help="未能送达的写明原因；公告送达的写明下落不明或者用其他方式无法送达的情况",
        guide="P27N.notice_reason",
        phrases="service",
    )
    proof: tuple[int, ...] = fact(
        "送达凭证（回证、回执、照片、录像）", default=(), widget="files", options="files", group="凭证"
    )


class Serve(Facing, _Service):
    """送达 (P27; domain §2.5)."""


shown_only(Serve, "mode=direct|leave")


class EService(Facts):
    """送达地址及电子送达确认书 (P27A)."""

    address: str = fact("电子送达地址", max_length=200, help="电子邮箱、手机号码或者政务服务平台账号")
    signed_on: date = fact("签订日期", widget="date")
    signed: bool = fact("当事人已签订确认书", cite="行政处罚法第六十一条")


class Statement(Facts):
    """陈述申辩 (P14)."""

    form: Literal["oral", "written", "waived", "silent"] = fact(
        "形式", widget="choice", options="statement_form"
    )
    made_on: date = fact("日期", widget="date")
    content: str = fact(
        "陈述申辩内容",
        default="",
        widget="textarea",
        max_length=6000,
        show_if="form=oral|written",
        guide="P14.statement",
    )
    waiver_signed: bool = fact(
        "当事人已签署放弃声明", default=False, show_if="form=waived", cite="行政处罚法第六十二条"
    )


class HearingRequest(Facts):
    """听证申请 (P15)."""

    requested_on: date = fact("提出日期", widget="date")
    requested_by: str = fact("申请人", max_length=120)
    waived: bool = fact("当事人书面放弃听证", default=False, help="放弃听证的勾选此项")


class HearingArrange(Facts):
    """听证通知 (P15N)."""

    host: int = fact(
        "听证主持人", widget="person", options="hearing_hosts", cite="行政处罚法第六十四条第四项"
    )
    recorder: int = fact("记录员", widget="person", options="people")
    starts_at: AwareDatetime = fact("举行时间", widget="datetime", cite="行政处罚法第六十四条第二项")
    place: str = fact("举行地点", max_length=120)
    public: bool = fact("公开举行", widget="choice", options="yes_no")
    closed_reason: str = fact(
        "不公开举行的理由",
        default="",
        max_length=200,
        show_if="public=false",
        help="涉及国家秘密、商业秘密或者个人隐私",
    )


class HearingHold(Facts):
    """听证笔录 (P15M)."""

    held: Literal["held", "absent", "left"] = fact("听证情况", widget="choice", options="hearing_outcome")
    participants: str = fact("参加人及代理人", widget="textarea", min_length=2, max_length=1000)
    minutes: str = fact(
        "听证笔录", widget="textarea", min_length=4, max_length=20000, guide="P15R.record", phrases="hearing"
    )
    signature: Sign = fact("当事人签名", widget="choice", options="signature")
    signature_note: str = fact(
        "拒签情况说明", default="", max_length=300, show_if="signature=refused|absent", phrases="signing"
    )


class HearingReport(Facts):
    """听证报告 (P15R)."""

    report: str = fact(
        "听证意见",
        widget="textarea",
        min_length=10,
        max_length=8000,
        help="当事人的主要理由、事实证据认定和处理建议",
    )


class Reconsider(Facts):
    """复核意见 (P14R)."""

    accepted: Literal["all", "part", "none"] = fact(
        "采纳情况", widget="choice", options="acceptance", cite="行政处罚法第四十五条"
    )
    opinion: str = fact("复核意见", widget="textarea", min_length=4, max_length=4000)


class Speech(Facts):
    person: int = fact("成员")
    agrees: bool = fact("是否同意")
    text: str = fact("意见", min_length=2, max_length=2000)


class Discuss(Facts):
    """集体讨论 (P16)."""

    held_at: AwareDatetime = fact("时间", widget="datetime")
    place: str = fact("地点", max_length=120)
    chair: int = fact("主持人（末位发言）", widget="person", options="discussants")
    recorder: int = fact("记录人", widget="person", options="people")
    views: tuple[Speech, ...] = fact(
        "各成员意见",
        widget="rows",
        options="discussants",
        last="chair",
        min_length=3,
        help="主持人的意见记在末位",
    )
    agreed: bool = fact("结论：同意拟处理意见", widget="choice", options="yes_no")
    conclusion: str = fact(
        "讨论结论", widget="textarea", min_length=4, max_length=2000, guide="P16.conclusion"
    )
    chair_reasons: str = fact(
        "与多数意见不一致的理由",
        default="",
        widget="textarea",
        max_length=1000,
        cite="重大行政决策程序暂行条例第三十条（参照）",
    )


class Decide(OutcomeFacts):
    """处罚决定审批 (P17) and the decision (P18, P19)."""

    opinion: str = fact("审批意见", widget="textarea", min_length=2, max_length=1000, group="审批")
    adoption: str = fact(
        "陈述申辩、听证意见采纳情况",
        widget="textarea",
        guide="P18.statement_result",
        min_length=2,
        max_length=2000,
        group="审批",
        cite="行政处罚法第四十五条、第六十五条",
    )
    surcharge: bool = fact(
        "逾期不缴纳的，每日按罚款数额的百分之三加处罚款",
        default=True,
        group="审批",
        cite="行政处罚法第七十二条",
    )
    mandate: str = fact("代行审批的授权依据", default="", max_length=200, group="审批")
