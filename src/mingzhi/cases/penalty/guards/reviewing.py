"""Legal review of a penalty: why it must be reviewed, with what, and that nothing passes without it (G6)."""

from __future__ import annotations

from mingzhi.cases.core import review_guards as core
from mingzhi.cases.penalty import proposal
from mingzhi.kernel.errors import Reason
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard

LAW = "行政处罚法"


def _review_passed(ctx: Context) -> list[Reason]:
    """G6, PEN-12: a major decision has an agreeing opinion on the proposal as it now stands (第五十八条)."""
    triggers = proposal.triggers(ctx)
    if not triggers:
        return []
    current = core.current(ctx)
    if current is not None and current.passed:
        return []
    why = "；".join(f"{t.label}（{t.explanation}）" if t.explanation else t.label for t in triggers)
    state = f"，目前{current.state_label}" if current else ""
    return [
        ctx.reason(
            "G6.review",
            f"本案属于重大执法决定，应当经法制审核通过{state}。应审理由：{why}",
            "；".join(dict.fromkeys([f"{LAW}第五十八条", *(t.citation for t in triggers if t.citation)])),
            "请送法制审核；未经审核或者审核未通过的，不得作出决定",
            "review",
        )
    ]


def _review_before_notice(ctx: Context) -> list[Reason]:
    """Where the bureau has it so, review comes before notice; the law only wants it before the decision."""
    if ctx.norm("penalty.review.before_notice"):
        return _review_passed(ctx)
    return []


REVIEW_PASSED = Guard("G6", "法制审核通过", "行政处罚法第五十八条", _review_passed)
REVIEW_BEFORE_NOTICE = Guard(
    "G6-NOTICE", "先审核后告知", "行政处罚法第五十八条；本单位规定", _review_before_notice
)
MATERIALS_COMPLETE, MATERIALS_SENT = core.materials_guards(proposal.review_materials)
REVIEWER_INDEPENDENT = core.reviewer_guard(lambda ctx: "penalty")
CHECKS_WHOLE = core.checks_guard(proposal.review_checks)
