"""Guards of a legal review, whatever is reviewed: in its turn, by an independent reviewer, whole, in time.

What differs by kind of matter (why it is a major decision, which materials, which checks) is handed in.
"""

from __future__ import annotations

from collections.abc import Callable

from mingzhi.kernel.errors import Reason
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard
from mingzhi.review import api as review
from mingzhi.review.data import MaterialRule, ReviewView

ACTION = "国办发〔2018〕118号"
HANDLERS = ("lead", "assist", "approver", "host")


def current(ctx: Context) -> ReviewView | None:
    """The dossier's own last round, read once."""
    found: ReviewView | None = ctx.once("review", lambda: review.review_current(ctx.dossier.pk))
    return found


def _not_running(ctx: Context) -> list[Reason]:
    now = current(ctx)
    if now is not None and now.state in ("submitted", "accepted", "disputed"):
        return [
            ctx.reason(
                "REV.running",
                f"第 {now.round} 轮法制审核{now.state_label}，不能重复送审",
                remedy="请等待审核意见",
                link="review",
            )
        ]
    if now is not None and now.passed:
        return [ctx.reason("REV.passed", "法制审核已经通过，无须再次送审")]
    return []


def review_in(*states: str, cite: str = "行政处罚法第五十八条") -> Guard:
    def check(ctx: Context) -> list[Reason]:
        now = current(ctx)
        if now is None or now.state not in states:
            return [
                ctx.reason(
                    "REV.state",
                    f"本案法制审核目前为“{now.state_label}”" if now else "本案尚未送法制审核",
                    remedy="请按审核流程办理",
                    link="review",
                )
            ]
        return []

    return Guard("REV-STATE", "审核进展", cite, check)


def materials_problems(ctx: Context, rules: list[MaterialRule]) -> list[Reason]:
    """Domain §5.3: what this matter must send with its submission, sent, and vouched for (R123, R127)."""
    missing = [m for m in rules if m.needed and not m.present]
    reasons = [
        ctx.reason(f"REV.material.{m.code}", f"送审材料不齐：缺少{m.label}", remedy=m.remedy) for m in missing
    ]
    if ctx.facts is not None:
        chosen = set(ctx.f.materials)
        unsent = [m for m in rules if m.needed and m.present and m.code not in chosen]
        reasons += [
            ctx.reason(f"REV.unsent.{m.code}", f"未勾选应当送审的{m.label}", remedy="请勾选后提交")
            for m in unsent
        ]
        if not ctx.f.truthful:
            reasons.append(
                ctx.reason(
                    "REV.truthful",
                    "承办机构应当对送审材料的真实性、准确性、完整性负责",
                    ACTION,
                    "请确认后勾选",
                )
            )
    return reasons


def reviewer_problems(ctx: Context, act: str) -> list[Reason]:
    """SoD-1, SoD-2, PEN-13: the reviewer never handled the case, is of the review unit, is qualified."""
    handled = tuple(m.person_id for m in ctx.all_members if m.role in HANDLERS)
    reasons = list(organisations.reviewer_problems(ctx.f.reviewer, ctx.on, act=act))
    own = organisations.separation.sod_handler_not_reviewer(handlers=handled, reviewer=ctx.f.reviewer)
    if own is not None:
        reasons.append(own)
    unit = ctx.person(ctx.f.reviewer).unit_id
    same = organisations.separation.sod_review_unit_apart(ctx.dossier.unit_id, unit)
    if same is not None and not ctx.f.exception_reason:
        reasons.append(same)
    return reasons


def _not_passed(ctx: Context) -> list[Reason]:
    now = current(ctx)
    if now is not None and now.passed:
        return [ctx.reason("REV.agreed", "审核意见为同意，没有分歧")]
    return []


def _another_reviewer(ctx: Context) -> list[Reason]:
    now = current(ctx)
    if now is not None and now.reviewer_id == ctx.f.reviewer:
        return [ctx.reason("REV.same", "所选人员就是现在的审核人员", remedy="请选择其他审核人员")]
    return []


def _is_the_reviewer(ctx: Context) -> list[Reason]:
    now = current(ctx)
    if now is not None and now.reviewer_id is None:
        return [
            ctx.reason(
                "REV.unassigned",
                "本案尚未指派审核人员",
                remedy="请法制审核机构负责人收件并指派审核人员",
            )
        ]
    if now is not None and now.reviewer_id != ctx.by.person_id:
        return [
            ctx.reason(
                "SoD-1.reviewer",
                f"本案已指派{now.reviewer_name or '其他人员'}审核",
                remedy="请由被指派的审核人员出具意见",
            )
        ]
    return []


def checks_problems(ctx: Context, labels: dict[str, str]) -> list[Reason]:
    """R119: each of the body's checks is answered, and agreement leaves no problem open."""
    given = {c.code: c for c in ctx.f.checks}
    reasons = [
        ctx.reason(f"REV.check.{code}", f"审核项“{labels[code]}”尚无结论", remedy="请逐项作出结论")
        for code in labels
        if code not in given
    ]
    problems = [c for c in ctx.f.checks if c.result == "problem"]
    reasons += [
        ctx.reason(
            f"REV.note.{c.code}",
            f"审核项“{labels.get(c.code, c.code)}”有问题的，应当写明具体问题",
            remedy="请填写说明",
        )
        for c in problems
        if not c.note
    ]
    if ctx.f.kind == "agree" and problems:
        reasons.append(
            ctx.reason(
                "REV.agree",
                "仍有审核项存在问题，不能出具“同意”意见",
                remedy="请选择相应的意见种类，或者更正该项结论",
            )
        )
    if ctx.f.kind != "agree" and not problems:
        reasons.append(
            ctx.reason(
                "REV.problem",
                "不同意的意见应当指明存在问题的审核项",
                remedy="请将相应审核项选为“有问题”并说明",
            )
        )
    return reasons


def _extension_in_time(ctx: Context) -> list[Reason]:
    """R125: extended once, before the term ran out."""
    now = current(ctx)
    if now is None or now.due_on is None:
        return []
    if now.extended:
        return [ctx.reason("REV-01.twice", "本轮审核期限已经延长过一次", remedy="请在期限内出具审核意见")]
    if ctx.on > now.due_on:
        return [
            ctx.reason(
                "REV-01.late",
                f"审核期限已于 {now.due_on:%Y-%m-%d} 届满，不能再延长",
                remedy="请尽快出具审核意见，逾期情况将留痕",
            )
        ]
    return []


def materials_guards(rules: Callable[[Context], list[MaterialRule]]) -> tuple[Guard, Guard]:
    """Whether the materials are there (the button), and whether they were sent (the form)."""

    def check(ctx: Context) -> list[Reason]:
        return materials_problems(ctx, rules(ctx))

    return (
        Guard("REV-MATERIALS", "送审材料齐全", ACTION, check),
        Guard("REV-SENT", "送审材料勾选齐全", ACTION, check, standing=False),
    )


def reviewer_guard(act: Callable[[Context], str], cite: str = f"行政处罚法第五十八条；{ACTION}") -> Guard:
    return Guard(
        "SoD-2",
        "审核人员独立并具备资格",
        cite,
        lambda ctx: reviewer_problems(ctx, act(ctx)),
        standing=False,
    )


def checks_guard(labels: Callable[[Context], dict[str, str]]) -> Guard:
    return Guard(
        "REV-CHECKS", "逐项审核", ACTION, lambda ctx: checks_problems(ctx, labels(ctx)), standing=False
    )


REVIEW_NOT_RUNNING = Guard("REV-ONE", "没有进行中的审核", "行政处罚法第五十八条", _not_running)
REVIEW_NOT_PASSED = Guard("REV-DISSENT", "审核意见存在问题", ACTION, _not_passed)
ANOTHER_REVIEWER = Guard("REV-OTHER", "改派其他审核人员", ACTION, _another_reviewer, standing=False)
IS_THE_REVIEWER = Guard("SoD-1-REVIEWER", "由被指派的审核人员办理", "行政处罚法第五十八条", _is_the_reviewer)
IS_ITS_REVIEWER = Guard("SoD-1-REVIEWER", "由被指派的审核人员办理", ACTION, _is_the_reviewer)
"""The same of a matter that is no penalty."""
EXTENSION_IN_TIME = Guard("REV-01", "在期限届满前延长一次", ACTION, _extension_in_time)
