"""What was decided, in the kinds that the annual statistics tell apart (domain §4.6).

A kind of act that is one column of its own has one kind. ``IN_CASE`` says that the decision stands in a
penalty case of this system, which tells it already.
"""

from __future__ import annotations

from typing import Any

from mingzhi.catalogue import api as catalogue
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import StepView

Pairs = list[tuple[str, str]]

PENALTY, PERMIT, COERCION, LEVY = "行政处罚", "行政许可", "行政强制", "行政征收"
IN_CASE = "in_case"
WITH_AMOUNT = frozenset({PENALTY, LEVY})

EXECUTIONS: Pairs = [
    ("surcharge", "加处罚款或者滞纳金"),
    ("transfer", "划拨存款、汇款"),
    ("auction", "拍卖或者依法处理"),
    ("remove", "排除妨碍、恢复原状"),
    ("substitute", "代履行"),
    ("other_execution", "其他强制执行"),
]
"""强制执行的方式 (行政强制法第十二条): counted when carried out or given up, not when decided."""

KINDS: dict[str, Pairs] = {
    PENALTY: [
        *catalogue.PENALTY_KINDS.items(),
        (IN_CASE, "决定由本系统的处罚案卷作出，在该案卷统计"),
    ],
    PERMIT: [
        ("granted", "准予许可（含变更、延续）"),
        ("refused", "不予许可（含不予变更、延续）"),
        ("revoked", "撤销许可"),
    ],
    COERCION: [
        ("seal", "查封场所、设施或者财物"),
        ("seize", "扣押财物"),
        ("freeze", "冻结存款、汇款"),
        ("other_measure", "其他强制措施"),
        *EXECUTIONS,
    ],
    LEVY: [("levy", LEVY)],
    "行政征用": [("requisition", "行政征用")],
    "行政裁决": [("ruling", "行政裁决")],
    "行政确认": [("confirmation", "行政确认")],
    "行政奖励": [("reward", "行政奖励")],
    "行政给付": [("payment", "行政给付")],
    "其他": [("other_act", "其他执法行为")],
}
"""By kind of act. 行政检查 has none: an inspection counts by its record, not by a decision."""


def kinds(act_type: str) -> Pairs:
    return KINDS.get(act_type, [])


def decision(ctx: Context) -> StepView | None:
    """The step by which it was decided, in the own name or by the government's answer."""
    return next(
        (
            s
            for s in reversed(ctx.steps)
            if s.verb == "matter_decide" or (s.verb == "answered" and s.facts["made"] == "made")
        ),
        None,
    )


def executing(ctx: Context) -> Pairs:
    """强制执行 that was decided and of which nobody said yet how it ended."""
    made = decision(ctx)
    told = {s.facts["kind"] for s in ctx.steps if s.verb == "executed"}
    decided = set(made.facts.get("kinds", ())) if made is not None else set()
    return [(code, label) for code, label in EXECUTIONS if code in decided - told]


def initial(act_type: str) -> dict[str, Any]:
    """Where the act leaves nothing to choose, it is chosen."""
    known = kinds(act_type)
    return {"kinds": [known[0][0]]} if len(known) == 1 else {}
