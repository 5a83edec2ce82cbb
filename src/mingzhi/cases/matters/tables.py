"""送审事项 and 共同名义会审 as printable tables: the review of what the penalty procedure does not hold.

A matter is registered, agreed by its unit, reviewed, and decided in the body's own name, jointly, or by
the government. Where other bodies decide jointly, each reviews in a dossier under the second table (R105).
Archived, a matter stays in the state that tells how it ended: the leading file reads there who signed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from mingzhi.cases.core import archiving, remedies, review_facts, review_guards
from mingzhi.cases.core import guards as core
from mingzhi.cases.core import review_effects as reviewing
from mingzhi.cases.matters import disclosure, matter, outcome, papers
from mingzhi.cases.matters import effects as do
from mingzhi.cases.matters import facts as fact
from mingzhi.cases.matters import guards as g
from mingzhi.cases.matters.archiving import DOSSIER_COMPLETE
from mingzhi.organisations.permissions import Permission as P
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Clock, PaperRule, Procedure, Row, StateInfo, TaskRule

DRAFT, REVIEW, DECIDE = "拟稿送审", "法制审核", "决定"
LAW, PLAN = review_guards.ACTION, g.PLAN


def review_rows(state: str) -> tuple[Row, ...]:
    """From receipt to opinion, disagreement and its coordination: alike for every body."""
    return (
        Row(
            "review_accept", "审核收件并指派", REVIEW, (state,), None, P.REVIEW_ASSIGN, LAW,
            facts=review_facts.ReviewAccept, relation="body",
            guards=(review_guards.review_in("submitted", cite=LAW), g.REVIEWER_INDEPENDENT),
            effects=(reviewing.review_accept,), closes=("review.accept",),
            clocks=(Clock("review.term.opinion", "法制审核期限", warn_at=(2,)),),
        ),
        Row(
            "review_reassign", "改派审核人员", REVIEW, (state,), None, P.REVIEW_ASSIGN, LAW,
            facts=review_facts.ReviewReassign, relation="body",
            guards=(
                review_guards.review_in("accepted", cite=LAW), review_guards.ANOTHER_REVIEWER, g.REVIEWER_INDEPENDENT,
            ),
            effects=(reviewing.review_reassign,), help="审核期限继续计算",
        ),
        Row(
            "review_return", "退回补充材料", REVIEW, (state,), None, P.REVIEW_ASSIGN, LAW,
            facts=review_facts.ReviewReturn, relation="body", guards=(review_guards.review_in("submitted", cite=LAW),),
            effects=(reviewing.review_return, do.tell_lead_returned), closes=("review.accept",),
            help="退回补充不占用审核期限",
        ),
        Row(
            "review_extend", "延长审核期限", REVIEW, (state,), None, P.CASE_DEPUTY_APPROVE, LAW,
            facts=review_facts.ReviewExtend, relation="body",
            guards=(review_guards.review_in("accepted", cite=LAW), review_guards.EXTENSION_IN_TIME),
            effects=(reviewing.review_extend,),
        ),
        Row(
            "review_opine", "出具法制审核意见", REVIEW, (state,), None, P.REVIEW_OPINE, LAW,
            facts=fact.Opine, relation="body",
            guards=(review_guards.review_in("accepted", cite=LAW), review_guards.IS_ITS_REVIEWER, g.CHECKS_WHOLE),
            effects=(reviewing.review_opine(matter.checks), do.tell_lead),
            stops=("review.term.opinion",), closes=("review.opine",),
            papers=(PaperRule("P12OG", "重大执法决定法制审核意见书", papers.opinion),),
        ),
        Row(
            "review_dissent", "不同意审核意见", REVIEW, (state,), None, P.CASE_UNIT_CHECK, LAW,
            facts=review_facts.ReviewDissent, relation="unit",
            guards=(review_guards.review_in("opined", cite=LAW), review_guards.REVIEW_NOT_PASSED),
            effects=(reviewing.review_dissent,), closes=("review.revise",),
            tasks=(TaskRule("review.coordinate", "协调审核意见分歧：{title}", P.CASE_DEPUTY_APPROVE),),
        ),
        Row(
            "review_coordinate", "协调审核分歧", REVIEW, (state,), None, P.CASE_DEPUTY_APPROVE, LAW,
            facts=review_facts.ReviewCoordinate, relation="body", guards=(review_guards.review_in("disputed", cite=LAW),),
            effects=(reviewing.review_coordinate, do.tell_lead_coordinated), closes=("review.coordinate",),
        ),
    )  # fmt: skip


def archive_rows(*ended: str) -> tuple[Row, ...]:
    """归档 and 档案室: alike for every body."""
    return (
        archiving.archive_row(DOSSIER_COMPLETE, ended=ended, citation="档案法第十四条"),
        *archiving.room_rows(*ended),
    )


def _told_now(ctx: Context) -> dict[str, Any]:
    """What was proposed is what is decided, unless somebody says otherwise."""
    act = matter.act_type(ctx)
    return {"content": matter.proposal(ctx), "paper_name": f"{act}决定书", **outcome.initial(act)}


def _decided_now(ctx: Context) -> dict[str, Any]:
    return {"decided_on": ctx.on.isoformat(), **_told_now(ctx)}


def _answered(ctx: Context) -> str:
    return "decided" if ctx.f.made == "made" else "stopped"


MATTER = Procedure(
    code=matter.MATTER,
    name="重大执法决定送审事项",
    version="2026-11",
    since=date(2018, 1, 1),
    initial="new",
    stages=(DRAFT, REVIEW, DECIDE, archiving.STAGE),
    states=(
        StateInfo("new", "待登记", DRAFT, public="受理中"),
        StateInfo("prepared", "拟稿、送审", REVIEW, public="审核中"),
        StateInfo("reported", "已报请本级人民政府", DECIDE, public="审核中"),
        StateInfo("decided", "已作出决定", DECIDE, final=True, public="已作出决定"),
        StateInfo("stopped", "已终止", DECIDE, final=True, public="已终止"),
        StateInfo("annulled", "决定已撤销", DECIDE, final=True, public="决定已撤销"),
    ),
    rows=(
        Row(
            "register", "登记送审事项", DRAFT, ("new",), "prepared", P.CASE_ACT, f"{LAW}；{PLAN}",
            facts=fact.Register, relation="unit", guards=(g.REGISTERED_WHOLE, g.FILES_OWN),
            effects=(do.take_on, do.describe, do.weigh), initial=matter.known_party,
            tasks=(TaskRule("case.unit_check", "审核拟作出的决定：{title}", P.CASE_UNIT_CHECK),),
        ),
        Row(
            "material", "补充送审材料", DRAFT, ("prepared",), None, P.CASE_ACT, LAW,
            facts=fact.Material, guards=(g.FILES_OWN,),
            help="按材料种类逐项上传；正在审核的机关随再次送审收到新材料",
        ),
        Row(
            "apply", "登记申请、受理", DRAFT, ("prepared", "reported", "decided"), None, P.CASE_ACT, g.APPLYING,
            facts=fact.Apply, guards=(g.APPLICATION_DUE, g.APPLICATION_POSSIBLE),
            help="行政许可的申请、受理按各自日期计入统计年报，不再补报",
        ),
        Row(
            "revise", "修改拟作出的决定", DRAFT, ("prepared",), None, P.CASE_ACT, LAW,
            facts=fact.Revise, guards=(g.NONE_SIGNED, g.FILES_OWN), effects=(do.outdate,),
            closes=("review.revise", "case.next"),
            tasks=(TaskRule("case.unit_check", "审核修改后的决定：{title}", P.CASE_UNIT_CHECK),),
            confirm="修改后，此前各机关的审核意见不再有效，须重新送审。",
        ),
        Row(
            "unit_check", "承办机构审核", DRAFT, ("prepared",), None, P.CASE_UNIT_CHECK, LAW,
            facts=fact.UnitCheck, relation="unit", closes=("case.unit_check",),
            guards=(core.APPROVER_NOT_HANDLER, g.NOT_YET_AGREED),
            tasks=(TaskRule("case.next", "送法制审核：{title}", "lead"),),
        ),
        Row(
            "review_submit", "送法制审核", REVIEW, ("prepared",), None, P.CASE_ACT, f"{LAW}；{PLAN}",
            facts=fact.Submit,
            guards=(g.UNIT_AGREED, g.SOMETHING_TO_SEND, g.MATERIALS_COMPLETE, g.MATERIALS_SENT),
            effects=(do.submit,), papers=(PaperRule("P12SG", "重大执法决定法制审核送审表", papers.submission),),
            closes=("case.next", "review.revise"),
            help="以共同名义作出的，同时送各机关的法制审核机构，分别审核",
        ),
        *review_rows("prepared"),
        Row(
            "matter_decide", "作出决定", DECIDE, ("prepared",), "decided", P.CASE_APPROVE, f"{LAW}；{PLAN}",
            facts=fact.Decide, relation="body", initial=_decided_now,
            guards=(
                core.APPROVER_NOT_HANDLER, g.IN_OWN_NAME, g.UNIT_AGREED, g.ALL_PASSED, g.COUNTERSIGNED, g.DAY_POSSIBLE,
                g.OUTCOME_TOLD, g.APPLICATION_TOLD, g.PARTY_KNOWN, g.DISCLOSABLE,
            ),
            effects=(do.join_approver, do.weigh, do.disclose), closes=("review.decide", "case.next"),
        ),
        Row(
            "report_up", "报请本级人民政府", DECIDE, ("prepared",), "reported", P.CASE_APPROVE, PLAN,
            facts=fact.ReportUp, relation="body",
            guards=(core.APPROVER_NOT_HANDLER, g.IN_GOVERNMENT_NAME, g.UNIT_AGREED, g.ALL_PASSED),
            effects=(do.join_approver, do.weigh), closes=("review.report_up", "case.next"),
            tasks=(TaskRule("case.next", "登记本级人民政府答复：{title}", "lead"),),
        ),
        Row(
            "answered", "登记本级人民政府答复", DECIDE, ("reported",), _answered, P.CASE_ACT, PLAN,
            facts=fact.Answered, initial=_told_now,
            guards=(g.DAY_POSSIBLE, g.OUTCOME_TOLD, g.APPLICATION_TOLD, g.PARTY_TOLD, g.DISCLOSABLE),
            effects=(do.disclose,), closes=("case.next",),
            targets_shown=("decided", "stopped"),
        ),
        Row(
            "disclose", "补充公示信息", DECIDE, ("decided",), None, P.CASE_ACT, disclosure.CITE,
            facts=fact.Disclose, initial=_told_now, effects=(do.disclose_later,),
            guards=(g.NOT_LISTED, g.PARTY_KNOWN, g.SUPPLEMENT_WHOLE),
            help="作出决定时没有填写公示内容的，在此补充；公示期限仍自决定之日起计算",
        ),
        Row(
            "executed", "登记强制执行结果", DECIDE, ("decided",), None, P.CASE_ACT, g.EXECUTION,
            facts=fact.Executed, guards=(g.SOMETHING_TO_EXECUTE, g.EXECUTION_POSSIBLE),
            help="强制执行按执行完毕或者终结的日期计入统计年报",
        ),
        Row(
            "remedy", "登记复议诉讼", DECIDE, ("decided",), None, P.CASE_ACT, "行政复议法第二条；行政诉讼法第二条",
            facts=remedies.Remedy, relation="body", guards=(core.DATES_PAST,), effects=(remedies.hold_for_remedy,),
        ),
        Row(
            "annul", "登记决定被撤销变更", DECIDE, ("decided",), "annulled", P.CASE_APPROVE, "行政复议法第六十四条；行政诉讼法第七十条",
            facts=remedies.Annul, relation="body", guards=(core.APPROVER_NOT_HANDLER, core.DATES_PAST),
            effects=(remedies.withdraw_disclosure, remedies.hold_for_annulment),
        ),
        Row(
            "stop", "终止", DECIDE, ("prepared", "reported"), "stopped", P.CASE_UNIT_CHECK, LAW,
            facts=fact.Ended, relation="unit", guards=(core.APPROVER_NOT_HANDLER,), effects=(do.end,),
            confirm="终止后不再作出决定，正在进行的审核随之终结。",
        ),
        *archive_rows("decided", "stopped", "annulled"),
    ),
    basis="国办发〔2018〕118号；霞山区实施方案二（三）",
)  # fmt: skip

JOINT = Procedure(
    code=matter.JOINT,
    name="共同名义决定会审",
    version="2026-11",
    since=date(2018, 1, 1),
    initial="reviewing",
    stages=(REVIEW, DECIDE, archiving.STAGE),
    states=(
        StateInfo("reviewing", "本机关审核", REVIEW, public="审核中"),
        StateInfo("signed", "已会签", DECIDE, final=True, public="已办结"),
        StateInfo("withdrawn", "牵头机关已终止", DECIDE, final=True, public="已终止"),
    ),
    rows=(
        *review_rows("reviewing"),
        Row(
            "countersign", "会签", DECIDE, ("reviewing",), "signed", P.CASE_APPROVE, PLAN,
            facts=fact.Countersign, relation="body", guards=(core.APPROVER_NOT_HANDLER, g.OWN_PASSED), effects=(do.signed,),
            closes=("review.sign",), confirm="会签后，牵头机关不能再修改拟作出的决定。",
        ),
        Row(
            "withdrawn", "随牵头机关终结", DECIDE, ("reviewing", "signed"), "withdrawn", P.REVIEW_ASSIGN, PLAN,
            relation="body", guards=(g.LEAD_ENDED,), closes=("review.end",),
        ),
        *archive_rows("signed", "withdrawn"),
    ),
    basis="霞山区实施方案二（三）2",
)  # fmt: skip
