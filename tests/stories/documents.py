"""What the five bureaus' own documents say, copied out by hand with the clause: S0 Xi'an, S1 Zhenjiang, S2 Changzhi
with its table T01…T46, S3 Yongcheng, S4 Xiashan. Nothing here is read from the program's own tables; where a document
is silent, the rule of all is named (domain.md §1.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

XIAN, ZHENJIANG, CHANGZHI, YONGCHENG, XIASHAN = (
    "xian-transport", "zhenjiang-chengguan", "changzhi-water", "yongcheng-transport", "xiashan-chengzong",
)  # fmt: skip

# --- lists ---

GUIDE = {
    "code": "ZN-1", "name": "行政处罚当事人申请延期、分期缴纳罚款", "basis": "《行政处罚法》第六十六条第二款",
    "accepts": "办公室", "approves": "本机关", "conditions": "当事人确有经济困难", "favours": "无",
    "materials": "书面申请", "flow": "申请—审查—批准—告知", "term": "及时办理", "supervision": "监督电话 000-00000013",
    "liability": "滥用职权、玩忽职守的，依法追究责任", "remedy": "可以依法申请行政复议或者提起行政诉讼",
    "hours": "工作日 9:00—17:00", "address": "示例路 3 号", "phone": "000-00000003",
}  # fmt: skip
RANDOM = {
    "code": "SJ-1", "name": "城市道路占用检查", "agency": "本机关", "basis": "《城市道路管理条例》第二十七条",
    "target": "占用道路的单位", "content": "审批手续", "ratio": "5%", "method": "实地检查", "frequency": "每年一次",
}  # fmt: skip

# S2 四（二）with 附件2: twelve rules, lists, charts and guides, and nine systems.
TWELVE = ("T01", "T04", "T05", "T06", "T07", "T08", "T15", "T20", "T21", "T28", "T35", "T38")
NINE = ("T02", "T03", "T09", "T24", "T27", "T32", "T33", "T39", "T40")
LIBRARY = ("办法、清单、流程图、指南", "工作制度")
ROWS = {"guide": GUIDE, "random": RANDOM}


@dataclass(frozen=True)
class ListOf:
    """A list of a bureau: an element that its document asks for, words of it that the public must find, what the
    leader is told of another authority, and what that is called."""

    profile: str
    kind: str
    title: str
    asked: str
    holds: str
    outside: str = ""
    authority: str = ""

    def __str__(self) -> str:
        return f"{self.profile}:{self.kind}"


LISTS = (
    # S0 四（一）1（2）: published by the units themselves; the document names no other authority.
    ListOf(XIAN, "guide", "服务指南", "conditions", "当事人确有经济困难"),
    # S1 二（一）3: 经市市场监管局审核后公示.
    ListOf(ZHENJIANG, "random", "随机抽查事项清单", "ratio", "城市道路占用检查", "镇江市市场监督管理局审核",
           "镇江市市场监督管理局"),
    # S1 二（一）2: 经审核后公示 (政策法规处): checked in the house.
    ListOf(ZHENJIANG, "guide", "服务指南", "conditions", "当事人确有经济困难"),
    # S2 T08: 报本级政府司法行政机关备案后公示.
    ListOf(CHANGZHI, "guide", "服务指南", "favours", "优惠政策", "报本级司法行政机关备案", "长治市司法局"),
    # S2 四（二）: 报送市司法局审核后，同步在政府网站的依法行政专栏公开.
    ListOf(CHANGZHI, "institution", "制度库", "", "示例制度T40", "长治市司法局审核", "长治市司法局"),
    # S3 三（一）③: the first list is the bureau's own; its changes are another story below.
    ListOf(YONGCHENG, "item", "权责事项清单", "", "综合行政执法大队"),
    # S4 二（一）2、二（二）2: the recording list is made by the bureau and open to the public.
    ListOf(XIASHAN, "recording", "音像记录事项清单", "", "抽样取证"),
)  # fmt: skip

# --- disclosure ---

DECIDED, ANNULLED = date(2026, 9, 18), date(2026, 9, 30)
# Seven working days (S0 四（一）3（1），S1 二（一）7，S2 二（一）4-1），S4 二（一）4; S3 is silent, the rule of all):
# Sunday 20 September is worked, Friday the 25th is Mid-Autumn.
DUE = date(2026, 9, 29)
# Three working days (行政处罚法第四十八条第二款): the first week of October is off, Saturday the 10th is worked.
WITHDRAWN_BY = date(2026, 10, 10)


@dataclass(frozen=True)
class Carriers:
    """Where a bureau's document says that things are made public: what decisions go to by a channel, and how;
    what is handed over by hand."""

    profile: str
    channels: tuple[tuple[str, str], ...]
    by_hand: tuple[tuple[str, str], ...]
    clause: str


CARRIERS = (
    Carriers(XIAN, (("陕西信用建设官方网站", "json"),), (), "四（一）3（1）"),
    Carriers(
        ZHENJIANG,
        (("江苏省行政许可和行政处罚等信用信息平台", "json"), ("江苏省市场监管信息平台", "json")),
        (
            ("清单", "江苏政务服务网"), ("流程图", "江苏政务服务网"), ("服务指南", "江苏政务服务网"),
            ("执法人员", "镇江市权力阳光统建平台"),
        ),
        "二（一）9",
    ),
    # 三（一）3 and T44: one platform, joined to that of the government above; T09: the column of the government's site.
    Carriers(
        CHANGZHI, (("统一的行政执法信息公示平台", ""),),
        (("清单", "依法行政专栏"), ("流程图", "依法行政专栏"), ("服务指南", "依法行政专栏")), "三（一）3",
    ),
    # Flow charts in the offices and on the government's site; no platform for decisions is named.
    Carriers(YONGCHENG, (), (("流程图", "办公场所和政府网站"),), "二（二）"),
    Carriers(
        XIASHAN, (("全省统一的行政执法信息公示平台", ""),), (("法制审核人员", "全省统一的行政执法信息公示平台"),), "二（三）7"
    ),
)  # fmt: skip

# --- the year's report ---


@dataclass(frozen=True)
class Link:
    """One link of the way: whose row, the day the document sets, how the page words it, the day it is done here."""

    sender: str
    receiver: str
    due: date | None
    said: str
    done: date
    who: str = "keeper"

    @property
    def late(self) -> bool:
        return self.due is not None and self.done > self.due


def january(day: int) -> date:
    return date(2027, 1, day)


PUBLIC = "社会公开"
WAYS: dict[str, tuple[Link, ...]] = {
    # S0 四（一）3（2）: public by 31 January, and five working days from then each unit to the municipal bureau,
    # which is the body here.
    XIAN: (
        Link("市交通局", PUBLIC, january(31), "01-31", january(20), "leader"),
        Link(
            "综合执法支队一大队",
            "西安市交通运输局",
            january(27),
            "前一环节后 5 个工作日",
            january(27),
            "head",
        ),
        Link(
            "综合执法支队二大队",
            "西安市交通运输局",
            january(27),
            "前一环节后 5 个工作日",
            january(28),
            "head2",
        ),
    ),
    # S1 二（一）8: units by the 5th, the law office to the justice office by the 15th, public by the 31st, which
    # is a Sunday in 2027 and the day all the same.
    ZHENJIANG: (
        Link("综合行政执法支队一大队", "政策法规处", january(5), "01-05", january(5), "head"),
        Link("综合行政执法支队二大队", "政策法规处", january(5), "01-05", january(6), "head2"),
        Link("政策法规处", "镇江市司法局", january(15), "01-15", january(15)),
        Link("市城管局", PUBLIC, january(31), "01-31", january(31), "leader"),
    ),
    # S2 二（一）1-3）: public by the 31st; to the government and the superior, for which no day is stated.
    CHANGZHI: (
        Link("市水利局", PUBLIC, january(31), "01-31", january(31), "leader"),
        Link("市水利局", "长治市人民政府", None, "未定日期", date(2027, 3, 10)),
        Link("市水利局", "上级主管部门", None, "未定日期", date(2027, 3, 11)),
    ),
    # S3 says nothing of it: the rule of all (R053).
    YONGCHENG: (Link("市交通局", PUBLIC, january(31), "01-31", date(2027, 2, 1), "leader"),),
    # S4 一（二）: 及时公布, no day; the page says so and reminds of the day of all.
    XIASHAN: (Link("霞山区城综局", PUBLIC, january(31), "未定日期，按 01-31 提醒", january(30), "leader"),),
}

# --- windows ---

DOORS = ("办理进度查询", "咨询服务", "投诉举报")
BOARDS: dict[str, tuple[str, ...]] = {
    XIAN: ("岗位职责", "申请材料示范文本", *DOORS),  # S0 四（一）2（2）
    ZHENJIANG: ("姓名", "岗位职责", "服务指南", "申请材料示范文本", *DOORS),  # S1 二（一）6
    CHANGZHI: ("单位", "姓名", "职务", "执法种类", "岗位职责", "申请材料示范文本", *DOORS),  # S2 T12
    # S3 names no fields: everything that any of the documents asks for (domain.md §1.3).
    YONGCHENG: ("单位", "姓名", "职务", "执法种类", "服务指南", "岗位职责", "申请材料示范文本", *DOORS),
    XIASHAN: ("岗位职责", "申请材料示范文本", *DOORS),  # S4 二（一）3（2）
}
