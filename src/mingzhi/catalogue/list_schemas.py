"""What a row of each public list holds: columns as data, each with its label, type and source clause. Pure.

The first columns of every list are ``code`` and a name. A list that rules the engine
(``engine`` names its ``EntryKind``) carries what no cell can say — tiers, predicates, fine ranges — in its last
column ``rest``, unseen and unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mingzhi.catalogue.choices import PENALTY_KINDS, ListKind
from mingzhi.catalogue.packs import RECORDING_MODES

REST = "rest"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``kind``: text, many (words joined by 、), cites (laws with articles), choice, choices, item (the
    code of an item, shown behind its name), rest.

    ``most`` is the longest text in characters; ``options`` maps stored value to label; an item's are known once
    body and day are (``list_bridge.named``).
    """

    key: str
    label: str
    english: str
    kind: str = "text"
    required: bool = False
    most: int = 300
    options: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """A kind of list: its columns, the norm that says who approves it, and what it owes to whom."""

    kind: ListKind
    english: str
    columns: tuple[Column, ...]
    source: str
    engine: str = ""
    computed: bool = False
    approval: str = ""
    asked: bool = False
    """Whether a revision needs a change request whose legality was checked (R171)."""
    mine: Callable[[Mapping[str, Any]], bool] = field(default=lambda _data: True)
    """Which entries of the engine's kind stand in this list."""

    @property
    def label(self) -> str:
        return str(ListKind(self.kind).label)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(c.key for c in self.columns)

    @property
    def shown(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.kind != "rest")

    def place(self, key: str) -> int:
        return self.keys.index(key)


ACT_TYPES = {
    t: t
    for t in (
        "行政处罚",
        "行政强制",
        "行政许可",
        "行政检查",
        "行政征收",
        "行政征用",
        "行政给付",
        "行政确认",
        "行政奖励",
        "行政裁决",
        "其他",
    )
}
FIELD_NAMES = {"transport": "交通运输", "urban": "城市管理", "water": "水利", "common": "通用"}
MODE_NAMES = dict(
    zip(
        RECORDING_MODES,
        ("可以录音录像", "视情录音录像", "应当录音录像", "全过程不间断录音录像"),
        strict=True,
    )
)
#: Natural persons are not drawn: the register and the draw are public.
TARGET_KINDS = {"legal": "法人", "organisation": "非法人组织", "household": "个体工商户"}
WEIGHTS = {str(n): str(n) for n in range(1, 11)}
NO_PENALTY_EFFECTS = {"none": "不予处罚", "may_none": "可以不予处罚"}
LIGHTER_EFFECTS = {
    "must_lighten": "应当从轻或者减轻",
    "may_lighten": "可以从轻或者减轻",
    "heavier": "从重",
}
PHRASE_FIELDS = ("code", "field", "stage", "use", "text", "basis")
PHRASE_STAGES = {
    "inspection": "现场检查",
    "questioning": "询问",
    "sampling": "抽样取证",
    "registering": "先行登记保存",
    "correcting": "责令改正",
    "explaining": "说明解释",
    "service": "送达",
    "signing": "核对签名",
    "spot": "当场处罚",
    "hearing": "听证",
    "reasoning": "说理",
}
PHRASE_USES = {
    "opening": "表明身份和告知",
    "record": "记录用语",
    "refusal": "拒签拒收",
    "explain": "说明解释",
    "reason": "说理",
}
INSTITUTION_KINDS = {"document": "办法、清单、流程图、指南", "system": "工作制度"}

_CODE = Column("code", "编码", "Code", required=True, most=80)
_REST = Column(REST, "结构化内容", "Structured content", "rest")


def _circumstances(kind: ListKind, english: str, effects: Mapping[str, str], source: str) -> Schema:
    return Schema(
        kind,
        english,
        (
            _CODE,
            Column("label", "情形", "Circumstance", required=True, most=500),
            Column("effect", "处理", "Effect", "choice", required=True, options=effects),
            Column("needs", "须查明的事实", "Facts to establish", "many", most=500),
            Column("citation", "依据", "Basis", required=True, most=500),
            _REST,
        ),
        source,
        engine="no_penalty",
        mine=lambda data: data.get("effect") in effects,
    )


SCHEMAS: dict[ListKind, Schema] = {
    s.kind: s
    for s in (
        Schema(
            ListKind.ITEM,
            "Powers and responsibilities",
            (
                Column("code", "项目编码", "Item code", required=True, most=80, source="镇江方案二（一）2"),
                Column(
                    "name",
                    "执法事项名称",
                    "Item",
                    required=True,
                    most=300,
                    source="镇江方案二（一）2",
                ),
                Column("act_type", "执法类别", "Kind of act", "choice", required=True, options=ACT_TYPES),
                Column("agency", "执法主体", "Agency", required=True, source="镇江方案二（一）2"),
                Column("unit", "承办机构或处室", "Handling unit", required=True, source="镇江方案二（一）2"),
                Column(
                    "basis",
                    "执法依据",
                    "Basis",
                    "cites",
                    required=True,
                    most=2000,
                    source="镇江方案二（一）2",
                ),
                Column("term", "办理时限", "Time limit", required=True, source="镇江方案二（一）2"),
                Column("kinds", "处罚种类", "Kinds of penalty", "choices", options=PENALTY_KINDS),
                Column("field", "执法领域", "Field", "choice", required=True, options=FIELD_NAMES),
                Column("note", "备注", "Note", most=1000),
                _REST,
            ),
            "镇江方案二（一）2；长治任务分解表第5项",
            engine="item",
            asked=True,
            approval="lists.approval.item",
        ),
        Schema(
            ListKind.BENCHMARK,
            "Discretion benchmarks",
            (
                _CODE,
                Column("item", "执法事项", "Item", "item", required=True, most=400),
                Column("version", "基准版本", "Version", required=True, most=80),
                Column("source", "来源", "Source", required=True, most=500),
                Column("note", "备注", "Note", most=1000),
                _REST,
            ),
            "《行政处罚法》第三十四条",
            engine="benchmark",
        ),
        Schema(
            ListKind.RECORDING,
            "Acts to be recorded on video",
            (
                _CODE,
                Column("label", "执法行为", "Act", required=True, source="长治任务分解表第21项"),
                Column("mode", "记录要求", "Requirement", "choice", required=True, options=MODE_NAMES),
                Column("content", "记录内容", "What is recorded", most=1000),
                Column("citation", "依据", "Basis", required=True, most=500),
                _REST,
            ),
            "霞山方案二（一）2、二（二）2；长治任务分解表第21项",
            engine="recording",
        ),
        Schema(
            ListKind.REVIEW,
            "Decisions subject to legal review",
            (
                _CODE,
                Column("label", "应当法制审核的情形", "Circumstance", required=True, most=500),
                Column("citation", "依据", "Basis", required=True, most=500),
                _REST,
            ),
            "霞山方案二（一）2；镇江方案二（三）3",
            engine="review",
        ),
        _circumstances(
            ListKind.NO_PENALTY,
            "When no penalty is imposed",
            NO_PENALTY_EFFECTS,
            "《行政处罚法》第三十条、第三十一条、第三十三条",
        ),
        _circumstances(
            ListKind.LIGHTER,
            "When a penalty is lighter or heavier",
            LIGHTER_EFFECTS,
            "《行政处罚法》第三十条至第三十二条、第四十九条",
        ),
        Schema(
            ListKind.SUBJECT,
            "Enforcement bodies",
            (
                Column("code", "统一社会信用代码", "Credit code", required=True, most=18),
                Column("name", "执法主体", "Body", required=True),
                Column("kind", "主体类别", "Kind", required=True),
                Column("duties", "职责", "Duties", most=4000),
                Column("basis", "执法依据和权限", "Basis and powers", most=4000),
                Column("entrusted_by", "委托机关", "Entrusted by"),
                Column("address", "办公地址", "Address"),
                Column("phone", "联系电话", "Telephone"),
                Column("supervision_phone", "监督电话", "Supervision"),
            ),
            "长治任务分解表第5项；霞山方案二（一）2",
            computed=True,
        ),
        Schema(
            ListKind.PERSONNEL,
            "Enforcement officers",
            (
                Column("code", "执法证号", "Certificate", required=True, most=60),
                Column("name", "姓名", "Name", required=True, most=60),
                Column("unit", "所在机构", "Unit"),
                Column("title", "职务", "Post"),
                Column("scope", "执法领域", "Field", "many"),
                Column("area", "执法区域", "Area"),
                Column("issuer", "发证机关", "Issued by"),
                Column("valid_until", "有效期至", "Valid until", most=10),
            ),
            "西安方案四（一）1（1）；镇江方案二（一）9；长治任务分解表第4项",
            computed=True,
        ),
        Schema(
            ListKind.RANDOM,
            "Random inspection items",
            (
                _CODE,
                Column("name", "抽查事项", "Item", required=True),
                Column("agency", "抽查主体", "Inspecting body", required=True, source="镇江方案二（一）3"),
                Column(
                    "basis",
                    "抽查依据",
                    "Basis",
                    "cites",
                    required=True,
                    most=2000,
                    source="镇江方案二（一）3",
                ),
                Column("target", "抽查对象", "Who", required=True, source="镇江方案二（一）3"),
                Column("content", "抽查内容", "What", required=True, most=2000, source="镇江方案二（一）3"),
                Column("ratio", "抽查比例", "Ratio", required=True, most=100, source="镇江方案二（一）3"),
                Column("method", "抽查方式", "Method", required=True, source="镇江方案二（一）3"),
                Column(
                    "frequency",
                    "抽查频次",
                    "Frequency",
                    required=True,
                    most=100,
                    source="镇江方案二（一）3",
                ),
            ),
            "镇江方案二（一）3；长治任务分解表第7项",
            approval="lists.approval.random",
        ),
        Schema(
            ListKind.GUIDE,
            "Service guides",
            (
                _CODE,
                Column("name", "执法事项名称", "Item", required=True, source="长治任务分解表第8项"),
                Column(
                    "basis",
                    "依据",
                    "Basis",
                    "cites",
                    required=True,
                    most=2000,
                    source="长治任务分解表第8项",
                ),
                Column("accepts", "受理机构", "Accepted by", required=True, source="西安方案四（一）1（2）"),
                Column("approves", "审批机构", "Approved by", required=True, source="西安方案四（一）1（2）"),
                Column(
                    "conditions",
                    "受理（许可）条件",
                    "Conditions",
                    required=True,
                    most=4000,
                    source="西安方案四（一）1（2）",
                ),
                Column(
                    "favours",
                    "优惠政策",
                    "Preferences",
                    required=True,
                    most=2000,
                    source="长治任务分解表第8项",
                ),
                Column(
                    "materials",
                    "申请材料",
                    "Documents",
                    required=True,
                    most=4000,
                    source="长治任务分解表第8项",
                ),
                Column(
                    "flow", "办理流程", "Procedure", required=True, most=4000, source="长治任务分解表第8项"
                ),
                Column("term", "办理时限", "Time limit", required=True, source="西安方案四（一）1（2）"),
                Column(
                    "supervision",
                    "监督方式",
                    "Supervision",
                    required=True,
                    most=1000,
                    source="长治任务分解表第8项",
                ),
                Column(
                    "liability",
                    "责任追究",
                    "Liability",
                    required=True,
                    most=2000,
                    source="长治任务分解表第8项",
                ),
                Column(
                    "remedy", "救济渠道", "Remedies", required=True, most=2000, source="长治任务分解表第8项"
                ),
                Column("hours", "办公时间", "Office hours", required=True, source="长治任务分解表第8项"),
                Column("address", "办公地址", "Address", required=True, source="长治任务分解表第8项"),
                Column("phone", "办公电话", "Telephone", required=True, source="长治任务分解表第8项"),
                Column(
                    "sample",
                    "申请材料示范文本",
                    "Model application",
                    most=6000,
                    source="长治任务分解表第12项",
                ),
            ),
            "长治任务分解表第8项；西安方案四（一）1（2）；镇江方案二（一）2",
            approval="lists.approval.guide",
        ),
        Schema(
            ListKind.DUTY,
            "Duties by post",
            (
                _CODE,
                Column("unit", "机构", "Unit", required=True),
                Column("post", "岗位", "Post", required=True),
                Column("people", "人员", "People", "many", most=1000),
                Column("powers", "执法职权", "Powers", required=True, most=2000),
                Column("duties", "岗位职责", "Duties", required=True, most=2000),
                Column("liability", "执法责任", "Liability", required=True, most=2000),
                Column("basis", "依据", "Basis", most=1000),
            ),
            "永城报告二（一）",
        ),
        Schema(
            ListKind.INSTITUTION,
            "Rules and systems",
            (
                _CODE,
                Column("name", "名称", "Title", required=True),
                Column("group", "类别", "Group", "choice", required=True, options=INSTITUTION_KINDS),
                Column("number", "发文字号", "Number", most=100),
                Column("scope", "内容范围", "Scope", required=True, most=2000, source="镇江方案二（一）1"),
                Column("content", "内容", "Content", required=True, most=20_000, source="镇江方案二（一）1"),
                Column("carrier", "载体", "Carrier", most=1000, source="镇江方案二（一）1"),
                Column("process", "程序", "Procedure", most=4000, source="镇江方案二（一）1"),
                Column("term", "时限要求", "Time limits", most=2000, source="镇江方案二（一）1"),
                Column("supervision", "监督方式", "Supervision", most=2000, source="镇江方案二（一）1"),
                Column("safeguards", "保障措施", "Safeguards", most=2000, source="镇江方案二（一）1"),
                Column("basis", "依据", "Basis", most=1000),
            ),
            "镇江方案二（一）1；长治方案四（二）、任务分解表",
            approval="lists.approval.institution",
        ),
        Schema(
            ListKind.CHART,
            "Enforcement flow charts",
            (
                _CODE,
                Column(
                    "row", "类别", "Kind", "choice", required=True, options={"state": "状态", "step": "环节"}
                ),
                Column("label", "名称", "Name", required=True),
                Column("stage", "阶段", "Stage", required=True),
                Column("sources", "由何状态", "From", "many", most=2000),
                Column("targets", "到何状态", "To", "many", most=2000),
                Column("who", "由谁办理", "Who"),
                Column("terms", "期限", "Time limits", "many", most=2000),
                Column("papers", "文书", "Documents", "many", most=2000),
                Column("citation", "依据", "Basis", most=1000),
            ),
            "西安方案四（一）1（2）；镇江方案二（一）2；长治任务分解表第6项",
            computed=True,
        ),
        Schema(
            ListKind.TARGET,
            "Register of those who may be inspected",
            (
                Column("code", "统一社会信用代码（编号）", "Credit code or number", required=True, most=80),
                Column("name", "检查对象", "Name", required=True),
                Column("party", "类型", "Type", "choice", required=True, options=TARGET_KINDS),
                Column("category", "对象类别", "Category", required=True, most=120),
                Column("area", "所在区域", "Area", most=120),
                Column("address", "住所（经营场所）", "Address"),
                Column("weight", "抽取权重", "Weight", "choice", options=WEIGHTS),
                Column("why", "权重理由", "Reason for the weight", most=200),
            ),
            "镇江方案二（一）3",
        ),
        Schema(
            ListKind.PLAN,
            "Annual plan of random inspections",
            (
                _CODE,
                Column("name", "抽查任务", "Task", required=True),
                Column("item", "抽查事项", "Item", required=True),
                Column("category", "对象类别", "Category", required=True),
                Column("share", "抽查比例或者户数", "Ratio or number", required=True, most=100),
                Column("period", "实施时间", "When", required=True, most=100),
                Column("units", "实施机构", "By whom", required=True),
                Column("jointly", "联合部门", "Jointly with", most=200),
            ),
            "镇江方案二（一）3",
        ),
        Schema(
            ListKind.PHRASE,
            "Standard wording for officers",
            (
                _CODE,
                Column("field", "执法领域", "Field", "choice", required=True, options=FIELD_NAMES),
                Column("stage", "执法环节", "Stage", "choice", required=True, options=PHRASE_STAGES),
                Column("use", "用途", "Use", "choice", required=True, options=PHRASE_USES),
                Column(
                    "text",
                    "规范用语",
                    "Wording",
                    required=True,
                    most=1000,
                    source="西安方案四（二）1",
                ),
                Column("basis", "依据", "Basis", required=True, most=500),
            ),
            "西安方案四（二）1；镇江方案二（二）2；长治任务分解表第16项",
        ),
    )
}


def schema(kind: str) -> Schema:
    return SCHEMAS[ListKind(kind)]
