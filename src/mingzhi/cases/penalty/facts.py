"""What each step of a penalty case records, typed; titles and help are what the officer reads.

Money is entered in yuan with up to two decimals and kept as text here; ``fen()`` turns it into 分.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from mingzhi.cases.core.entered import Yuan
from mingzhi.cases.core.facing import Facing
from mingzhi.procedures.data import Facts, fact

Kinds = tuple[
    Literal["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "99"], ...
]
Sign = Literal["signed", "refused", "absent"]
Mode = Literal["direct", "leave", "entrusted", "mail", "public_notice", "electronic", "forwarded"]


class FileRequest(Facts):
    """立案呈批 (P02)."""

    cause: str = fact(
        "案由", min_length=4, max_length=120, group="案件", help="如：涉嫌未经批准擅自占用城市道路案"
    )
    source: Literal["inspection", "complaint", "report", "superior", "transfer", "media", "other"] = fact(
        "案件来源", widget="choice", options="clue_source", group="案件"
    )
    item_code: str = fact(
        "权责事项", widget="item", options="items", group="案件", help="从本机关事项目录中选择涉嫌违反的事项"
    )
    summary: str = fact(
        "案情摘要",
        widget="textarea",
        min_length=10,
        max_length=4000,
        group="案件",
        help="时间、地点、人物、经过及涉嫌违法的初步证据",
        guide="P02.summary",
    )
    place: str = fact("违法行为发生地", max_length=200, group="案件", cite="行政处罚法第二十二条")
    act_began_on: date = fact("违法行为开始日期", widget="date", group="时间")
    act_ended_on: date | None = fact(
        "违法行为终了日期",
        default=None,
        widget="date",
        group="时间",
        help="连续或者继续状态尚未终了的不填",
        cite="行政处罚法第三十六条",
    )
    discovered_on: date = fact("发现日期", widget="date", group="时间")
    grave: bool = fact(
        "涉及公民生命健康安全、金融安全且有危害后果",
        default=False,
        group="时间",
        help="勾选后追责时效为五年",
        cite="行政处罚法第三十六条",
    )
    officers: tuple[int, ...] = fact(
        "承办人（第一位为主办人）",
        widget="people",
        options="officers",
        group="人员",
        min_length=2,
        cite="行政处罚法第四十二条",
    )


class Approval(Facts):
    """负责人审批."""

    opinion: str = fact("审批意见", widget="textarea", min_length=2, max_length=1000)
    mandate: str = fact(
        "代行审批的授权依据", default="", max_length=200, help="本人职权内审批的不填；代行的写明授权文件"
    )


class Refusal(Facts):
    reason: str = fact("理由", widget="textarea", min_length=4, max_length=2000)


class Assign(Facts):
    officers: tuple[int, ...] = fact(
        "承办人（第一位为主办人）",
        widget="people",
        options="officers",
        min_length=2,
        cite="行政处罚法第四十二条",
    )
    reason: str = fact("变更原因", max_length=200)


class RecuseApply(Facts):
    """回避申请 (P03; 行政处罚法第四十三条)."""

    applicant: Literal["party", "officer", "body"] = fact(
        "提出方式", widget="choice", options="recuse_applicant"
    )
    target: int = fact("被申请回避人员", widget="person", options="members")
    reason: str = fact(
        "理由",
        widget="textarea",
        min_length=4,
        max_length=1000,
        help="与案件有直接利害关系或者有其他关系可能影响公正执法的情形",
    )


class RecuseDecide(Facts):
    approved: bool = fact("决定回避", widget="choice", options="yes_no")
    reason: str = fact("决定理由", widget="textarea", min_length=2, max_length=1000)


class _Visit(Facts):
    place: str = fact("地点", max_length=200, group="时间地点")
    began_at: AwareDatetime = fact("开始时间", widget="datetime", group="时间地点")
    ended_at: AwareDatetime = fact("结束时间", widget="datetime", group="时间地点")
    officers: tuple[int, ...] = fact(
        "执法人员",
        widget="people",
        options="officers",
        group="人员",
        min_length=2,
        cite="行政处罚法第四十二条",
    )
    card_shown: bool = fact(
        "已主动出示执法证件", group="告知", cite="行政处罚法第五十五条", help="未出示证件的，当事人有权拒绝"
    )
    rights_told: bool = fact(
        "已告知权利义务及申请回避的权利", group="告知", cite="行政处罚法第四十三条、第五十五条"
    )


class _OnSite(Facing, _Visit):
    """An act on the spot: where and when, who, what was shown, told and explained."""


class Inspect(_OnSite):
    """现场检查（勘验）笔录 (P05)."""

    attendee: str = fact("现场负责人或者见证人", default="", max_length=60, group="人员")
    attendee_role: str = fact("身份", default="", max_length=60, group="人员")
    findings: str = fact(
        "检查（勘验）情况",
        widget="textarea",
        min_length=10,
        max_length=8000,
        group="记录",
        guide="P05.scene",
        phrases="inspection",
    )
    party_opinion: str = fact(
        "当事人意见", default="", widget="textarea", max_length=2000, group="记录", guide="P05.party_opinion"
    )
    signature: Sign = fact("当事人签名", widget="choice", options="signature", group="签名")
    signature_note: str = fact(
        "拒签、未到场情况说明及见证人",
        default="",
        max_length=300,
        group="签名",
        show_if="signature=refused|absent",
        phrases="signing",
    )


class Question(_OnSite):
    """询问笔录 (P04): one person to a record."""

    respondent: str = fact("被询问人姓名", max_length=60, group="人员")
    respondent_kind: Literal["party", "staff", "third", "witness"] = fact(
        "与案件关系", widget="choice", options="respondent_kind", group="人员"
    )
    record: str = fact(
        "问答记录",
        widget="textarea",
        min_length=10,
        max_length=20000,
        group="记录",
        help="一问一答，逐条记录",
        guide="P04B.questions",
        phrases="questioning",
    )
    signature: Sign = fact("被询问人签名", widget="choice", options="signature", group="签名")
    signature_note: str = fact(
        "拒签情况说明",
        default="",
        max_length=300,
        group="签名",
        show_if="signature=refused|absent",
        phrases="signing",
    )


class Sample(_OnSite):
    """抽样取证 (P06)."""

    goods: str = fact(
        "抽样物品名称、规格、数量",
        widget="textarea",
        min_length=2,
        max_length=2000,
        group="记录",
        guide="P06.sampling",
        phrases="sampling",
    )
    kept_at: str = fact("封存及保管情况", max_length=300, group="记录")


class PreserveRequest(Facts):
    """先行登记保存呈批 (P07; 行政处罚法第五十六条)."""

    reason: str = fact(
        "证据可能灭失或者以后难以取得的理由",
        widget="textarea",
        min_length=4,
        max_length=1000,
        guide="P07A.reasons",
        phrases="registering",
    )
    goods: str = fact(
        "登记保存物品清单",
        widget="textarea",
        min_length=2,
        max_length=4000,
        help="名称、规格型号、数量、单位、特征，每行一件",
        guide="P07N.items",
    )
    kept_at: str = fact("保存地点和方式", max_length=200)


class Preserve(_OnSite):
    """先行登记保存实施."""

    signature: Sign = fact("当事人签名", widget="choice", options="signature", group="签名")
    signature_note: str = fact(
        "拒签、未到场情况说明及见证人",
        default="",
        max_length=300,
        group="签名",
        show_if="signature=refused|absent",
        phrases="signing",
    )


class PreserveHandle(Facts):
    handling: Literal["return", "seize", "appraise", "confiscate", "keep_evidence"] = fact(
        "处理方式", widget="choice", options="preserve_handling"
    )
    detail: str = fact("处理情况", widget="textarea", min_length=2, max_length=2000)


class Appraise(Facts):
    """鉴定（检测、检验） (P08)."""

    agency: str = fact("鉴定机构", max_length=120)
    matter: str = fact("鉴定事项", max_length=300)
    entrusted_on: date = fact("委托日期", widget="date")
    result: str = fact(
        "鉴定意见",
        default="",
        widget="textarea",
        max_length=2000,
        help="意见尚未作出的可先登记委托，收到后再次登记",
    )
    told_party_on: date | None = fact("告知当事人日期", default=None, widget="date")


class Correct(Facts):
    """责令（限期）改正 (P09; 行政处罚法第二十八条)."""

    act: str = fact("应改正的违法行为", widget="textarea", min_length=4, max_length=1000, guide="P09.facts")
    demand: str = fact(
        "改正要求",
        widget="textarea",
        min_length=2,
        max_length=1000,
        guide="P09.correction",
        phrases="correcting",
    )
    until: date | None = fact("改正期限", default=None, widget="date", help="责令立即改正的不填")


class CorrectVerify(Facing):
    """责令改正复查 (P09R)."""

    corrected: bool = fact("已改正", widget="choice", options="yes_no")
    detail: str = fact("复查情况", widget="textarea", min_length=2, max_length=2000)
    officers: tuple[int, ...] = fact("复查人员", widget="people", options="officers", min_length=2)


class EvidenceVerify(Facts):
    """证据核实 (P10; 行政处罚法第四十六条)."""

    evidence: tuple[int, ...] = fact("经核实的证据", widget="evidence", options="evidence_open", min_length=1)
    conclusion: str = fact(
        "核实意见", widget="textarea", min_length=4, max_length=2000, help="真实性、合法性、关联性"
    )


class OutcomeFacts(Facts):
    """A proposed or final handling; the same shape from the report to the decision."""

    outcome: Literal["penalise", "spared", "unfounded", "transfer"] = fact(
        "处理意见", widget="choice", options="outcome", group="处理", cite="行政处罚法第五十七条"
    )
    kinds: Kinds = fact(
        "处罚种类",
        default=(),
        widget="checks",
        options="penalty_kinds",
        group="处理",
        show_if="outcome=penalise",
        cite="行政处罚法第九条",
    )
    fine_yuan: Yuan = fact(
        "罚款金额", default="0", widget="money", unit="元", group="处理", show_if="outcome=penalise"
    )
    forfeit_yuan: Yuan = fact(
        "没收违法所得、非法财物金额",
        default="0",
        widget="money",
        unit="元",
        group="处理",
        show_if="outcome=penalise",
    )
    other_penalty: str = fact(
        "其他处罚内容",
        default="",
        max_length=500,
        group="处理",
        show_if="outcome=penalise",
        help="暂扣、吊销的证照名称及编号，停产停业的期限和范围等",
    )
    spared_because: Literal["", "minor", "first", "faultless", "under_14", "incapable", "expired"] = fact(
        "不予处罚的情形",
        default="",
        widget="choice",
        options="spared_because",
        group="处理",
        show_if="outcome=spared",
    )
    transfer_to: str = fact("移送机关", default="", max_length=120, group="处理", show_if="outcome=transfer")


class Conclude(OutcomeFacts):
    """调查终结报告 (P11), with the proposed handling and the benchmark applied."""

    facts_found: str = fact(
        "认定的违法事实", widget="textarea", min_length=10, max_length=8000, group="事实", guide="P18.facts"
    )
    evidence_summary: str = fact(
        "证明上述事实的证据",
        widget="textarea",
        min_length=4,
        max_length=8000,
        group="事实",
        guide="P11.evidence",
    )
    law_violated: str = fact(
        "违反的规定",
        max_length=500,
        group="依据",
        help="法律、法规、规章名称和条、款、项",
        guide="P18.violated",
    )
    law_basis: str = fact(
        "处罚依据", max_length=500, group="依据", help="法律、法规、规章名称和条、款、项", guide="P18.basis"
    )
    factors: str = fact(
        "裁量情节",
        default="",
        widget="textarea",
        max_length=2000,
        group="裁量",
        help="对照裁量基准逐项说明",
        guide="P18.discretion",
    )
    tier: str = fact(
        "裁量阶次", default="", widget="choice", options="tiers", group="裁量", cite="行政处罚法第三十四条"
    )
    base_yuan: Yuan = fact(
        "计罚基数",
        default="0",
        widget="money",
        unit="元",
        group="裁量",
        help="按违法所得、货值、工程造价等的倍数或者比例处罚的填写；按固定幅度处罚的不填",
    )
    units: int = fact(
        "计罚数量", default=0, ge=0, group="裁量", help="按每吨、每平方米、每株等计罚的填写数量；其他不填"
    )
    lenient: tuple[Literal["remedied", "coerced", "confessed", "merit", "minor_age", "other"], ...] = fact(
        "从轻、减轻情形",
        default=(),
        widget="checks",
        options="leniency",
        group="裁量",
        cite="行政处罚法第三十条、第三十二条",
    )
    outside_reason: str = fact(
        "超出基准幅度的理由",
        default="",
        widget="textarea",
        max_length=1000,
        group="裁量",
        help="在基准幅度内的不填",
    )
    reasons: str = fact(
        "说理",
        widget="textarea",
        min_length=10,
        max_length=6000,
        group="裁量",
        help="事理、法理、情理",
        cite="行政处罚法第五条",
        guide="P18.reasoning",
        phrases="reasoning",
    )
    public_interest: bool = fact(
        "涉及重大公共利益", default=False, group="重大性", cite="行政处罚法第五十八条"
    )
    social_risk: bool = fact("可能造成重大社会影响或者引发社会风险", default=False, group="重大性")
    major_rights: bool = fact(
        "直接关系当事人或者第三人重大权益", default=False, group="重大性", cite="行政处罚法第五十八条"
    )
    complex: bool = fact(
        "案情疑难复杂、涉及多个法律关系", default=False, group="重大性", cite="行政处罚法第五十八条"
    )
    social_attention: bool = fact("社会关注度高", default=False, group="重大性")
    third_persons: str = fact(
        "案卷中出现的其他自然人姓名",
        default="",
        max_length=500,
        group="公示",
        help="公示时一律隐去，以顿号分隔",
    )
    no_correction_reason: str = fact(
        "未责令改正的理由",
        default="",
        max_length=300,
        group="处理",
        help="已经改正或者不存在改正必要的说明情况",
        cite="行政处罚法第二十八条",
    )
