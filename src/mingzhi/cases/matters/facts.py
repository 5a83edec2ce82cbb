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
    party: str = fact("相对人姓名或名称", default="", max_length=120, group="相对人")
    amount_yuan: Yuan = fact("涉案金额", default="0", widget="money", unit="元", group="相对人")
    summary: str = fact("基本事实", widget="textarea", min_length=10, max_length=6000, group="内容")
    basis: str = fact("法律依据", widget="textarea", min_length=4, max_length=1000, group="内容")
    proposal: str = fact("拟作出的决定", widget="textarea", min_length=4, max_length=4000, group="内容")
    draft: tuple[int, ...] = fact(
        "拟作出的决定书文本", default=(), widget="files", options="files", group="内容"
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


class _Decided(Facts):
    """What the decision was, as the annual statistics count it."""

    kinds: tuple[str, ...] = fact(
        "决定种类", default=(), widget="checks", options="decided_kinds", help="按此计入统计年报"
    )
    amount_yuan: Yuan = fact(
        "决定金额",
        default="0",
        widget="money",
        unit="元",
        help="行政处罚填罚没金额，行政征收填征收金额；其他决定不填",
    )


class Decide(_Decided):
    """作出决定."""

    decided_on: date = fact("决定日期", widget="date")
    number: str = fact("决定书文号", max_length=60)
    opinion: str = fact("负责人意见", widget="textarea", min_length=2, max_length=1000)


class ReportUp(Facts):
    """报请本级人民政府."""

    opinion: str = fact("负责人意见", widget="textarea", min_length=2, max_length=1000)
    number: str = fact("请示文号", max_length=60)


class Answered(_Decided):
    """本级人民政府的答复."""

    made: Literal["made", "refused"] = fact("政府意见", widget="choice", options="government_answer")
    decided_on: date = fact("日期", widget="date")
    number: str = fact("文号", max_length=60)


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
