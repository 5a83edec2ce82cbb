"""Legal review: who must be reviewed, by whom, with what, and that nothing passes without it (G6)."""

from __future__ import annotations

from mingzhi.cases.penalty import proposal
from mingzhi.kernel.errors import Reason
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard
from mingzhi.review import api as review

LAW = "行政处罚法"


def _review_passed(ctx: Context) -> list[Reason]:
    """G6, PEN-12: a major decision has an agreeing opinion on the proposal as it now stands (第五十八条)."""
    triggers = proposal.triggers(ctx)
    if not triggers:
        return []
    current = ctx.once("review", lambda: review.review_current(ctx.dossier.pk))
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


def _review_not_running(ctx: Context) -> list[Reason]:
    current = ctx.once("review", lambda: review.review_current(ctx.dossier.pk))
    if current is not None and current.state in ("submitted", "accepted", "disputed"):
        return [
            ctx.reason(
                "REV.running",
                f"第 {current.round} 轮法制审核{current.state_label}，不能重复送审",
                remedy="请等待审核意见",
                link="review",
            )
        ]
    if current is not None and current.passed:
        return [ctx.reason("REV.passed", "法制审核已经通过，无须再次送审")]
    return []


def _review_in(*states: str) -> Guard:
    def check(ctx: Context) -> list[Reason]:
        current = ctx.once("review", lambda: review.review_current(ctx.dossier.pk))
        if current is None or current.state not in states:
            return [
                ctx.reason(
                    "REV.state",
                    f"本案法制审核{current.state_label if current else '尚未送审'}",
                    remedy="请按审核流程办理",
                    link="review",
                )
            ]
        return []

    return Guard("REV-STATE", "审核进展", "行政处罚法第五十八条", check)


def _materials_complete(ctx: Context) -> list[Reason]:
    """Domain §5.3: what this matter must send with its submission."""
    missing = [m for m in proposal.review_materials(ctx) if m.needed and not m.present]
    reasons = [
        ctx.reason(f"REV.material.{m.code}", f"送审材料不齐：缺少{m.label}", remedy=m.remedy) for m in missing
    ]
    if ctx.facts is not None:
        chosen = set(ctx.f.materials)
        unsent = [
            m for m in proposal.review_materials(ctx) if m.needed and m.present and m.code not in chosen
        ]
        reasons += [
            ctx.reason(f"REV.unsent.{m.code}", f"未勾选应当送审的{m.label}", remedy="请勾选后提交")
            for m in unsent
        ]
        if not ctx.f.truthful:
            reasons.append(
                ctx.reason(
                    "REV.truthful",
                    "承办机构应当对送审材料的真实性、准确性、完整性负责",
                    "国办发〔2018〕118号",
                    "请确认后勾选",
                )
            )
    return reasons


def _reviewer_independent(ctx: Context) -> list[Reason]:
    """SoD-1, SoD-2, PEN-13: the reviewer never handled the case, is of the review unit, is qualified."""
    handled = tuple(m.person_id for m in ctx.all_members if m.role in ("lead", "assist", "approver", "host"))
    reasons = list(organisations.reviewer_problems(ctx.f.reviewer, ctx.on, act="penalty"))
    own = organisations.separation.sod_handler_not_reviewer(handlers=handled, reviewer=ctx.f.reviewer)
    if own is not None:
        reasons.append(own)
    unit = ctx.person(ctx.f.reviewer).unit_id
    same = organisations.separation.sod_review_unit_apart(ctx.dossier.unit_id, unit)
    if same is not None and not ctx.f.exception_reason:
        reasons.append(same)
    return reasons


def _review_not_passed(ctx: Context) -> list[Reason]:
    current = ctx.once("review", lambda: review.review_current(ctx.dossier.pk))
    if current is not None and current.passed:
        return [ctx.reason("REV.agreed", "审核意见为同意，没有分歧")]
    return []


def _is_the_reviewer(ctx: Context) -> list[Reason]:
    current = ctx.once("review", lambda: review.review_current(ctx.dossier.pk))
    if current is not None and current.reviewer_id != ctx.by.person_id:
        return [
            ctx.reason(
                "SoD-1.reviewer",
                f"本案已指派{current.reviewer_name or '其他人员'}审核",
                remedy="请由被指派的审核人员出具意见",
            )
        ]
    return []


def _checks_whole(ctx: Context) -> list[Reason]:
    """R119: each of the body's checks is answered, and agreement leaves no problem open."""
    labels = proposal.review_checks(ctx)
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
    current = ctx.once("review", lambda: review.review_current(ctx.dossier.pk))
    if current is None or current.due_on is None:
        return []
    if current.extended:
        return [ctx.reason("REV-01.twice", "本轮审核期限已经延长过一次", remedy="请在期限内出具审核意见")]
    if ctx.on > current.due_on:
        return [
            ctx.reason(
                "REV-01.late",
                f"审核期限已于 {current.due_on:%Y-%m-%d} 届满，不能再延长",
                remedy="请尽快出具审核意见，逾期情况将留痕",
            )
        ]
    return []


def _review_before_notice(ctx: Context) -> list[Reason]:
    """Where the bureau has it so, review comes before notice; the law only wants it before the decision."""
    if ctx.norm("penalty.review.before_notice"):
        return _review_passed(ctx)
    return []


REVIEW_PASSED = Guard("G6", "法制审核通过", "行政处罚法第五十八条", _review_passed)
REVIEW_NOT_RUNNING = Guard("REV-ONE", "没有进行中的审核", "行政处罚法第五十八条", _review_not_running)
MATERIALS_COMPLETE = Guard("REV-MATERIALS", "送审材料齐全", "国办发〔2018〕118号", _materials_complete)
MATERIALS_SENT = Guard(
    "REV-SENT", "送审材料勾选齐全", "国办发〔2018〕118号", _materials_complete, standing=False
)
REVIEWER_INDEPENDENT = Guard(
    "SoD-2",
    "审核人员独立并具备资格",
    "行政处罚法第五十八条；国办发〔2018〕118号",
    _reviewer_independent,
    standing=False,
)
REVIEW_NOT_PASSED = Guard("REV-DISSENT", "审核意见存在问题", "国办发〔2018〕118号", _review_not_passed)
IS_THE_REVIEWER = Guard("SoD-1-REVIEWER", "由被指派的审核人员办理", "行政处罚法第五十八条", _is_the_reviewer)
CHECKS_WHOLE = Guard("REV-CHECKS", "逐项审核", "国办发〔2018〕118号", _checks_whole, standing=False)
EXTENSION_IN_TIME = Guard("REV-01", "在期限届满前延长一次", "国办发〔2018〕118号", _extension_in_time)
REVIEW_BEFORE_NOTICE = Guard(
    "G6-NOTICE", "先审核后告知", "行政处罚法第五十八条；本单位规定", _review_before_notice
)
review_in = _review_in
