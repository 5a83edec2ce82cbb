"""What the steps of a matter sent for review record (R104, R105, R131)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from mingzhi.cases.core.entered import Yuan
from mingzhi.cases.core.review_facts import Check, ReviewOpine, ReviewSubmit
from mingzhi.procedures.data import Facts, fact


class Register(Facts):
    """送审事项登记: what is to be decided, in whose name, and what makes it a major decision."""

    act_type: str = fact("执法类别", widget="choice", options="act_types", group="事项")
    in_name: Literal["own", "government", "joint"] = fact(
        "以何名义作出",
        widget="choice",
        options="in_name",
        group="事项",
        help="报请以本级人民政府名义作出的，先经法制审核；两个以上机关以共同名义作出的，由各机关的审核机构分别审核",
        cite="霞山区实施方案二（三）2",
    )
    partners: tuple[int, ...] = fact(
        "共同作出决定的机关（承办机构）",
        default=(),
        widget="checks",
        options="partner_units",
        group="事项",
        show_if="in_name=joint",
    )
    party_kind: Literal["natural", "organisation", "none"] = fact(
        "相对人", widget="choice", options="matter_party", group="相对人"
    )
    party: str = fact(
        "相对人姓名或名称",
        default="",
        max_length=120,
        group="相对人",
        help="与案卷“当事人”中登记的一致；证件号码、住址等只在那里登记",
    )
    third_persons: str = fact(
        "材料中出现的其他个人姓名",
        default="",
        max_length=300,
        group="相对人",
        help="以顿号分隔；公示时隐去",
    )
    amount_yuan: Yuan = fact("涉案金额", default="0", widget="money", unit="元", group="相对人")
    item_code: str = fact("权责事项", default="", widget="item", options="matter_items", group="内容")
    summary: str = fact("基本事实", widget="textarea", min_length=10, max_length=6000, group="内容")
    basis: str = fact("法律依据", widget="textarea", min_length=4, max_length=1000, group="内容")
    proposal: str = fact("拟作出的决定", widget="textarea", min_length=4, max_length=4000, group="内容")
    draft: tuple[int, ...] = fact(
        "拟作出的决定书文本", default=(), widget="files", options="files", group="内容"
    )
    secrecy: Literal["open", "private", "trade", "state"] = fact(
        "涉密情况",
        default="open",
        widget="choice",
        options="secrecy",
        group="内容",
        help="涉及国家秘密、商业秘密、个人隐私的，作出决定后提出不予公开",
        cite="政府信息公开条例第十四条、第十五条",
    )
    public_interest: bool = fact("涉及重大公共利益", default=False, group="应审情形")
    social_risk: bool = fact("可能造成重大社会影响或者引发社会风险", default=False, group="应审情形")
    major_rights: bool = fact("直接关系当事人或者第三人重大权益", default=False, group="应审情形")
    hearing_held: bool = fact("经过听证程序", default=False, group="应审情形")
    complex: bool = fact("疑难复杂、涉及多个法律关系", default=False, group="应审情形")
    social_attention: bool = fact("社会关注度高", default=False, group="应审情形")
    by_law: bool = fact("法律、法规规定应当进行法制审核", default=False, group="应审情形")


class Material(Facts):
    """补充送审材料."""

    material: str = fact("材料种类", widget="choice", options="matter_material_kinds")
    files: tuple[int, ...] = fact("材料文件", default=(), widget="files", options="files")


class Revise(Facts):
    """修改拟作出的决定: what was reviewed before is no longer what would be decided."""

    reason: str = fact("修改情况", widget="textarea", min_length=4, max_length=2000)
    proposal: str = fact("修改后拟作出的决定", widget="textarea", min_length=4, max_length=4000)
    draft: tuple[int, ...] = fact("修改后的决定书文本", default=(), widget="files", options="files")


class UnitCheck(Facts):
    """承办机构负责人审核."""

    opinion: str = fact("审核意见", widget="textarea", min_length=2, max_length=1000)


class Submit(ReviewSubmit):
    materials: tuple[str, ...] = fact("送审材料", widget="checks", options="matter_materials", min_length=1)


class Opine(ReviewOpine):
    checks: tuple[Check, ...] = fact("逐项审核", widget="rows", options="matter_checks")


class Told(Facts):
    """What the public is told of the decision (R042; of a permit domain §4.2)."""

    content: str = fact(
        "决定内容",
        default="",
        widget="textarea",
        max_length=4000,
        group="公示内容",
        needed=True,
        help="按决定书的内容填写，作出决定后公示；姓名、证件号码、住址等在公示时隐去",
    )
    paper_name: str = fact("决定文书名称", default="", max_length=100, group="公示内容")
    licence_class: str = fact(
        "许可类别",
        default="",
        widget="choice",
        options="licence_classes",
        group="许可",
        asked="licence_classes",
        needed=True,
    )
    licence: str = fact("许可证书名称", default="", max_length=100, group="许可", asked="licence_classes")
    licence_number: str = fact("许可编号", default="", max_length=100, group="许可", asked="licence_classes")
    valid_from: date | None = fact(
        "许可有效期自",
        default=None,
        widget="date",
        group="许可",
        asked="licence_classes",
        help="不填为决定之日",
    )
    valid_until: date | None = fact(
        "许可有效期至",
        default=None,
        widget="date",
        group="许可",
        asked="licence_classes",
        help="不填为长期",
    )
    violation: str = fact(
        "违法行为类型", default="", max_length=200, group="处罚", asked="punishing", needed=True
    )
    forfeit_yuan: Yuan = fact(
        "其中没收金额", default="0", widget="money", unit="元", group="处罚", asked="punishing"
    )
    punished_licence: str = fact(
        "暂扣、吊销证照的名称及编号", default="", max_length=200, group="处罚", asked="punishing"
    )


class _Decided(Facts):
    """What the decision was, as the annual statistics count it."""

    decided_on: date = fact("决定日期", widget="date", group="决定")
    number: str = fact("决定书文号", max_length=60, group="决定")
    kinds: tuple[str, ...] = fact(
        "决定种类",
        default=(),
        widget="checks",
        options="decided_kinds",
        group="决定",
        help="按此计入统计年报",
    )
    amount_yuan: Yuan = fact(
        "决定金额",
        default="0",
        widget="money",
        unit="元",
        group="决定",
        help="行政处罚填罚没金额，行政征收填征收金额；其他决定不填",
    )


class Decide(Told, _Decided):
    """作出决定."""

    opinion: str = fact("负责人意见", widget="textarea", min_length=2, max_length=1000, group="审批")


class ReportUp(Facts):
    """报请本级人民政府."""

    opinion: str = fact("负责人意见", widget="textarea", min_length=2, max_length=1000)
    number: str = fact("请示文号", max_length=60)


class _Answer(Facts):
    made: Literal["made", "refused"] = fact(
        "政府意见", widget="choice", options="government_answer", group="答复"
    )


class Answered(Told, _Decided, _Answer):
    """本级人民政府的答复: the decision that it made, with what the public is told of it, or none."""

    decided_on: date = fact("决定（答复）日期", widget="date", group="决定")
    number: str = fact("决定（答复）文号", max_length=60, group="决定")


class Disclose(Told):
    """补充公示信息: of a decision that was made before this was asked with it."""


class Apply(Facts):
    """申请、受理 of a permit (行政许可法第二十九条、第三十二条), as the annual statistics count them."""

    applied_on: date = fact("收到申请日期", widget="date", cite="行政许可法第二十九条")
    accepted: Literal["accepted", "deemed"] = fact(
        "受理方式",
        widget="choice",
        options="accepted_how",
        help="逾期不告知申请人补正的，自收到申请材料之日起即为受理",
        cite="行政许可法第三十二条第一款第四项、第五项",
    )
    accepted_on: date = fact("受理日期", widget="date")


class Executed(Facts):
    """强制执行完毕或者终结 (行政强制法第四十条)."""

    kind: str = fact("强制执行方式", widget="choice", options="executing_kinds")
    how: Literal["completed", "terminated"] = fact("执行结果", widget="choice", options="executed_how")
    executed_on: date = fact("执行完毕、终结日期", widget="date")
    detail: str = fact("执行情况", widget="textarea", min_length=4, max_length=1000)


class Ended(Facts):
    reason: str = fact("理由", widget="textarea", min_length=4, max_length=1000)


class Countersign(Facts):
    """会签: the head of a body in whose name the decision is made as well."""

    opinion: str = fact("负责人意见", widget="textarea", min_length=2, max_length=1000)
