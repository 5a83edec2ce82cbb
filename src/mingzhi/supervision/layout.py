"""The tables of the annual statistics, as printed: each column says what it adds up (domain §4.6).

``act`` names the kind of enforcement a table is about, so that a body without that duty shows 无此项职责
and not 0. What this system handles to its decision counts by itself; of a table that is ``supplemented``
units report what was done outside it (``Supplement``), and every such figure says how much of it they did.
A column that is not ``here`` is only ever reported: nothing in this system tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mingzhi.supervision.counting import NOTHING, Count

PENALTY_COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("warning", "警告", ("01",)),
    ("criticism", "通报批评", ("02",)),
    ("fine", "罚款", ("03",)),
    ("forfeit", "没收违法所得、没收非法财物", ("04", "05")),
    ("suspend_licence", "暂扣许可证件", ("06",)),
    ("lower_grade", "降低资质等级", ("07",)),
    ("restrict", "限制开展生产经营活动", ("09",)),
    ("suspend_business", "责令停产停业", ("10",)),
    ("close", "责令关闭、限制从业", ("11", "12")),
    ("revoke_licence", "吊销许可证件", ("08",)),
    ("detention", "行政拘留", ("13",)),
    ("other", "其他行政处罚", ("99",)),
)
KINDS = tuple(k for _c, _t, kinds in PENALTY_COLUMNS for k in kinds)
PROCEDURES = ("ordinary", "summary")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``cells`` are summed; ``money`` shows the amount instead of the number; ``here`` tells
    whether anything in this system counts for it."""

    code: str
    title: str
    cells: tuple[str, ...]
    money: bool = False
    unit: str = "件"
    sum_of_others: bool = False
    here: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    code: str
    title: str
    columns: tuple[Column, ...]
    act: str = ""
    supplemented: bool = False
    note: str = ""


def decided(kinds: tuple[str, ...], procedures: tuple[str, ...] = PROCEDURES) -> tuple[str, ...]:
    return tuple(f"decided.{kind}.{procedure}" for kind in kinds for procedure in procedures)


def _plain(*columns: tuple[str, str], unit: str = "件", here: bool = True) -> tuple[Column, ...]:
    return tuple(Column(code, title, (code,), unit=unit, here=here) for code, title in columns)


def _sum(code: str, title: str, parts: tuple[Column, ...], unit: str = "件") -> Column:
    return Column(code, title, tuple(c for p in parts for c in p.cells), unit=unit, sum_of_others=True)


_MEASURES = _plain(
    ("coercion.seal", "查封场所、设施或者财物"),
    ("coercion.seize", "扣押财物"),
    ("coercion.freeze", "冻结存款、汇款"),
    ("coercion.other_measure", "其他强制措施"),
    ("coercion.surcharge", "加处罚款或者滞纳金"),
    ("coercion.transfer", "划拨存款、汇款"),
    ("coercion.auction", "拍卖或者依法处理"),
    ("coercion.remove", "排除妨碍、恢复原状"),
    ("coercion.substitute", "代履行"),
    ("coercion.other_execution", "其他强制执行"),
)
_COURT = Column("court_applied", "申请人民法院强制执行", ("court_applied",))

TABLES: tuple[Table, ...] = (
    Table(
        "penalty",
        "行政处罚实施情况",
        (
            *(Column(code, title, decided(kinds), unit="宗") for code, title, kinds in PENALTY_COLUMNS),
            Column("total", "合计", decided(KINDS), unit="宗", sum_of_others=True),
            Column("amount", "罚没金额", decided(KINDS), money=True, unit="元"),
        ),
        act="行政处罚",
        note="单处的计入该种类；并处的为一宗，计入最重的种类。按决定日期计算；金额为决定数额，没收财物价值未确定的不计金额。",
    ),
    Table(
        "handling",
        "行政处罚案件办理情况",
        (
            *_plain(("filed", "立案")),
            Column("summary", "简易程序", decided(KINDS, ("summary",))),
            Column("ordinary", "普通程序", decided(KINDS, ("ordinary",))),
            *_plain(
                ("lenient", "从轻、减轻处罚"),
                ("spared", "不予处罚"),
                ("withdrawn", "撤销立案"),
                ("closed", "结案"),
                ("transferred.crime", "涉嫌犯罪移送"),
            ),
            *_plain(("transferred.accepted", "司法机关受理"), here=False),
            *_plain(("transferred.agency", "移送其他机关")),
        ),
        act="行政处罚",
    ),
    Table(
        "review",
        "法制审核和复议诉讼情况",
        (
            *_plain(("reviewed", "法制审核"), ("review_problem", "审核纠错")),
            *_plain(
                ("remedy.reconsideration", "被申请行政复议"),
                ("annulled.reconsideration", "复议纠错"),
                ("remedy.court", "被提起行政诉讼"),
                ("annulled.court", "败诉"),
                ("annulled.superior", "上级机关纠正"),
                ("annulled.self", "自行纠正"),
            ),
        ),
        note="审核一件多轮的计一件；任何一轮提出问题的计入纠错。",
    ),
    Table(
        "permit",
        "行政许可实施情况",
        (
            *_plain(
                ("permit.applied", "申请"),
                ("permit.accepted", "受理"),
                ("permit.granted", "许可"),
                ("permit.refused", "不予许可"),
                ("permit.revoked", "撤销许可"),
            ),
        ),
        act="行政许可",
        supplemented=True,
        note="变更、延续计入许可、不予许可。申请、受理按收到申请、受理的日期计算。",
    ),
    Table(
        "coercion",
        "行政强制实施情况",
        (*_MEASURES, _COURT, _sum("coercion.total", "合计", (*_MEASURES, _COURT))),
        act="行政强制",
        supplemented=True,
        note="强制措施按决定、强制执行按执行完毕或者终结、申请法院强制执行按申请时间计算。",
    ),
    Table(
        "inspection",
        "行政检查实施情况",
        (Column("inspection.done", "行政检查", ("inspection.done",), unit="次"),),
        act="行政检查",
        supplemented=True,
        note="对一个检查对象有完整详细记录的计一次；无特定对象的巡查、无记录的检查，以及已作出行政处罚等决定的检查不计。",
    ),
    Table(
        "others",
        "其他行政执法行为实施情况",
        (
            Column("levy", "行政征收", ("levy",), unit="次"),
            Column("levy_amount", "征收金额", ("levy",), money=True, unit="元"),
            *_plain(
                ("requisition", "行政征用"),
                ("ruling", "行政裁决"),
                ("confirmation", "行政确认"),
                ("reward", "行政奖励"),
                ("payment", "行政给付"),
                ("other_act", "其他执法行为"),
                unit="次",
            ),
        ),
        supplemented=True,
        note="按作出决定的日期计算。",
    ),
    Table(
        "satisfaction",
        "社会满意度调查情况",
        _plain(("survey.asked", "有效问卷"), ("survey.satisfied", "评价满意"), unit="份", here=False),
        supplemented=True,
    ),
)

ACT_OF: Mapping[str, str] = {
    "levy": "行政征收", "levy_amount": "行政征收", "requisition": "行政征用", "ruling": "行政裁决",
    "confirmation": "行政确认", "reward": "行政奖励", "payment": "行政给付", "other_act": "其他",
}  # fmt: skip
"""Columns of the table of other acts, each with the duty it stands for."""

REPORTED = tuple(
    (column.cells[0], f"{table.title}·{column.title}", column.unit)
    for table in TABLES
    for column in table.columns
    if not column.sum_of_others
    and not column.money
    and (table.supplemented or not column.here)
    and column.code != "court_applied"
)
"""What units report of what was done outside this system: (cell, name, unit)."""

Sums = Mapping[str, Count]


def find(table: str, column: str) -> tuple[Table, Column] | None:
    """The column of a table, by their codes."""
    return next(
        ((t, c) for t in TABLES if t.code == table for c in t.columns if c.code == column),
        None,
    )


def duty(table: Table, column: Column, acts: tuple[str, ...]) -> bool:
    """Whether the body has the duty that the column counts."""
    act = table.act or ACT_OF.get(column.code, "")
    return not act or act in acts


def value(column: Column, sums: Sums) -> int:
    """The figure: a number, or an amount in 分."""
    found = sum((sums.get(cell, NOTHING) for cell in column.cells), NOTHING)
    return found.fen if column.money else found.cases


def typed(sums: Sums) -> dict[str, dict[str, int]]:
    """The part of the figures that supplements make up, as far as there is any."""
    told = {t.code: {c.code: value(c, sums) for c in t.columns} for t in TABLES}
    return {
        table: {code: n for code, n in own.items() if n} for table, own in told.items() if any(own.values())
    }


def figures(sums: Sums, acts: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Every figure of every table; ``None`` where the body has no such duty and nothing was counted: what
    documents name ends with 等, and what was done is told all the same."""
    return {
        table.code: {c.code: value(c, sums) or (0 if duty(table, c, acts) else None) for c in table.columns}
        for table in TABLES
    }
