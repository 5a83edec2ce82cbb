"""普通程序: the ordinary penalty procedure as one printable table, hearing within it.

Read a row as a sentence: from which states, who, under which conditions, what it draws, starts and
stops, and by which law. `mingzhi` prints it; the flow chart is drawn from it; the engine enforces it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mingzhi.cases.core import archiving, remedies, review_facts, review_guards
from mingzhi.cases.core import guards as core
from mingzhi.cases.core import review_effects as reviewing
from mingzhi.cases.core.facing import FACED
from mingzhi.cases.penalty import effects as do
from mingzhi.cases.penalty import facts as fact
from mingzhi.cases.penalty import facts_decision as decision_facts
from mingzhi.cases.penalty import facts_execution as execution_facts
from mingzhi.cases.penalty import guards as g
from mingzhi.cases.penalty import papers as paper
from mingzhi.cases.penalty import papers_decision as deciding
from mingzhi.cases.penalty import papers_execution as executing
from mingzhi.cases.penalty import proposal
from mingzhi.organisations.permissions import Permission as P
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Clock, PaperRule, Procedure, Row, StateInfo, TaskRule

START, INVESTIGATE, DECIDE, EXECUTE, ARCHIVE = "启动", "调查取证", "审核决定", "送达执行", "归档"

STATES = (
    StateInfo("new", "待呈批立案", START, public="受理中"),
    StateInfo("pending", "待立案审批", START, public="受理中"),
    StateInfo("not_filed", "不予立案", START, final=True, public="不予立案"),
    StateInfo("investigating", "调查取证", INVESTIGATE, public="调查中"),
    StateInfo("concluded", "调查终结，待审核决定", DECIDE, public="审核中"),
    StateInfo("decided", "已决定，待送达", EXECUTE, public="已作出决定"),
    StateInfo("spared", "决定不予处罚，待送达", EXECUTE, public="已作出决定"),
    StateInfo("enforcing", "已送达，待执行", EXECUTE, public="执行中"),
    StateInfo("closing", "待结案审批", EXECUTE, public="执行中"),
    StateInfo("closed", "已结案", ARCHIVE, final=True, public="已办结"),
    StateInfo("archived", "已归档", ARCHIVE, final=True, public="已办结"),
    StateInfo("transferred", "已移送", EXECUTE, final=True, public="已移送"),
    StateInfo("withdrawn", "已撤销立案", START, final=True, public="已撤销立案"),
    StateInfo("annulled", "决定已撤销", EXECUTE, final=True, public="决定已撤销"),
)
OPEN_CASE = ("investigating", "concluded")
ENDED = ("not_filed", "withdrawn", "transferred", "annulled")
WITH_PAPERS = ("investigating", "concluded", "decided", "spared", "enforcing")


def _to_discovered(ctx: Context) -> dict[str, Any]:
    return {"officers": [ctx.by.person_id] if ctx.by.person_id else []}


def _officers(ctx: Context) -> dict[str, Any]:
    filed = ctx.ever("file_request")
    return {"officers": [m.person_id for m in ctx.handlers], "place": filed.facts["place"] if filed else ""}


def _proposal(ctx: Context) -> dict[str, Any]:
    now = proposal.proposed(ctx)
    keys = ("outcome", "kinds", "fine_yuan", "forfeit_yuan", "other_penalty", "spared_because", "transfer_to")
    return {k: now[k] for k in keys if k in now}


def _last_report(ctx: Context) -> dict[str, Any]:
    return dict(proposal.proposed(ctx))


def _opened(ctx: Context) -> dict[str, Any]:
    from mingzhi.cases.core.initial import filing_defaults

    return {**_to_discovered(ctx), **filing_defaults(ctx)}


def _contact(ctx: Context) -> dict[str, Any]:
    lead = next((m for m in ctx.handlers if m.role == "lead"), None)
    return {"contact": lead.name if lead else ctx.by.name}


def _unserved_default(*templates: str) -> Any:
    def initial(ctx: Context) -> dict[str, Any]:
        papers = [p.id for p in proposal.unserved(ctx) if not templates or p.template in templates]
        party = ctx.party
        return {
            "paper": papers[-1] if papers else None,
            "officers": [m.person_id for m in ctx.handlers],
            "receiver": party.name if party and party.kind == "natural" else "",
            "relation": "本人" if party and party.kind == "natural" else "",
            "mode": "direct",
            "place": party.address if party else "",
        }

    return initial


def _decided_state(ctx: Context) -> str:
    return {"penalise": "decided", "spared": "spared", "unfounded": "spared", "transfer": "transferred"}[
        ctx.f.outcome
    ]


def _after_serving(ctx: Context) -> str:
    """A decision that still counts from a later day (公告), or that failed to reach, is not served yet."""
    return ctx.dossier.state if ctx.f.failed else "enforcing"


def _decided_at(ctx: Context) -> datetime:
    step = proposal.decided(ctx)
    return step.occurred_at if step else ctx.occurred_at


ROWS: tuple[Row, ...] = (
    # ------------------------------------------------------------------ 启动
    Row(
        "file_request", "呈批立案", START, ("new",), "pending", P.CASE_ACT, "行政处罚法第五十四条第二款",
        facts=fact.FileRequest, relation="body", initial=_opened,
        guards=(g.HAS_PARTY, core.DATES_PAST, g.WITHIN_LIMITATION, g.NAMED_OFFICERS_CERTIFIED, g.ITEM_KNOWN),
        effects=(do.describe, do.join_officers),
        tasks=(TaskRule("case.file", "审批立案：{title}", P.CASE_APPROVE),),
        help="登记当事人和初步证据后呈报负责人批准立案",
    ),
    Row(
        "file_approve", "批准立案", START, ("pending",), "investigating", P.CASE_APPROVE, "行政处罚法第五十四条第二款",
        facts=fact.Approval, relation="body", guards=(core.APPROVER_NOT_HANDLER, g.OWN_MANDATE),
        effects=(do.join_approver,), closes=("case.file",),
        papers=(PaperRule("P02", "立案（不予立案）审批表", paper.filing_approved),),
        clocks=(Clock("penalty.term.filing_to_decision", "作出处罚决定期限", warn_at=(30, 15, 5)),),
        tasks=(TaskRule("case.investigate", "调查取证：{title}", "lead"),),
    ),
    Row(
        "file_return", "退回补充", START, ("pending",), "new", P.CASE_APPROVE, "行政处罚法第五十四条",
        facts=fact.Refusal, relation="body", guards=(core.APPROVER_NOT_HANDLER,), closes=("case.file",),
        tasks=(TaskRule("case.file_again", "补充后重新呈批：{title}", "lead"),),
    ),
    Row(
        "file_refuse", "不予立案", START, ("pending",), "not_filed", P.CASE_APPROVE, "行政处罚法第五十四条、第三十六条",
        facts=fact.Refusal, relation="body", guards=(core.APPROVER_NOT_HANDLER,), effects=(do.join_approver,),
        papers=(PaperRule("P02", "立案（不予立案）审批表", paper.filing_approved),),
        confirm="不予立案后案件终止，线索处理结果将留痕。",
    ),
    # ------------------------------------------------------------------ 调查取证
    Row(
        "assign", "变更承办人", INVESTIGATE, OPEN_CASE, None, P.CASE_UNIT_CHECK, "行政处罚法第四十二条",
        facts=fact.Assign, relation="unit", initial=_officers, guards=(g.NAMED_OFFICERS_CERTIFIED,), effects=(do.join_officers,),
    ),
    Row(
        "recuse_apply", "申请回避", INVESTIGATE, OPEN_CASE, None, P.CASE_ACT, "行政处罚法第四十三条",
        facts=fact.RecuseApply, relation="body",
        tasks=(TaskRule("case.recuse", "决定回避申请：{title}", P.CASE_APPROVE),),
        help="决定作出之前，不停止调查",
    ),
    Row(
        "recuse_decide", "决定回避", INVESTIGATE, OPEN_CASE, None, P.CASE_APPROVE, "行政处罚法第四十三条第三款",
        facts=fact.RecuseDecide, relation="body", guards=(core.NOT_ABOUT_ONESELF, core.step_open("recuse_apply", "recuse_decide", "没有待决定的回避申请"),),
        effects=(do.recuse,), closes=("case.recuse",),
        papers=(PaperRule("P03", "回避决定书", paper.recusal),),
    ),
    Row(
        "inspect", "现场检查（勘验）", INVESTIGATE, OPEN_CASE, None, P.CASE_ACT, "行政处罚法第五十四条、第五十五条",
        facts=fact.Inspect, initial=_officers, officers=2, recording="on_site_inspection",
        guards=(*FACED, core.CARD_SHOWN, core.TIMES_ORDERED, core.SIGNATURE_EXPLAINED),
        papers=(PaperRule("P05", "现场检查（勘验）笔录", paper.inspection),),
    ),
    Row(
        "question", "询问", INVESTIGATE, OPEN_CASE, None, P.CASE_ACT, "行政处罚法第五十五条第二款",
        facts=fact.Question, initial=_officers, officers=2, recording="questioning",
        guards=(*FACED, core.CARD_SHOWN, core.TIMES_ORDERED, core.SIGNATURE_EXPLAINED),
        papers=(PaperRule("P04B", "询问笔录", paper.questioning),),
    ),
    Row(
        "sample", "抽样取证", INVESTIGATE, ("investigating",), None, P.CASE_ACT, "行政处罚法第五十六条",
        facts=fact.Sample, initial=_officers, officers=2, recording="sampling",
        guards=(*FACED, core.CARD_SHOWN, core.TIMES_ORDERED),
        papers=(PaperRule("P06", "抽样取证凭证", paper.sampling),),
    ),
    Row(
        "preserve_request", "呈批先行登记保存", INVESTIGATE, ("investigating",), None, P.CASE_ACT, "行政处罚法第五十六条",
        facts=fact.PreserveRequest, guards=(core.step_settled("preserve_request", ("preserve_approve", "preserve_refuse"), "已有待批准的登记保存"),),
        papers=(PaperRule("P07A", "先行登记保存证据审批表", paper.preserve_request),),
        tasks=(TaskRule("case.preserve", "审批先行登记保存：{title}", P.CASE_APPROVE),),
    ),
    Row(
        "preserve_approve", "批准先行登记保存", INVESTIGATE, ("investigating",), None, P.CASE_APPROVE, "行政处罚法第五十六条",
        facts=fact.Approval, relation="body", closes=("case.preserve",),
        guards=(core.APPROVER_NOT_HANDLER, g.OWN_MANDATE, core.step_open("preserve_request", ("preserve_approve", "preserve_refuse"), "没有待批准的登记保存")),
        effects=(do.join_approver,),
    ),
    Row(
        "preserve_refuse", "不批准先行登记保存", INVESTIGATE, ("investigating",), None, P.CASE_APPROVE, "行政处罚法第五十六条",
        facts=fact.Refusal, relation="body", closes=("case.preserve",),
        guards=(core.APPROVER_NOT_HANDLER, core.step_open("preserve_request", ("preserve_approve", "preserve_refuse"), "没有待批准的登记保存"),),
    ),
    Row(
        "preserve", "实施先行登记保存", INVESTIGATE, ("investigating",), None, P.CASE_ACT, "行政处罚法第五十六条",
        facts=fact.Preserve, initial=_officers, officers=2, recording="registration_of_evidence",
        guards=(core.step_open("preserve_approve", "preserve", "先行登记保存应当先经机关负责人批准"), *FACED, core.CARD_SHOWN, core.TIMES_ORDERED, core.SIGNATURE_EXPLAINED),
        papers=(PaperRule("P07N", "先行登记保存证据通知书", paper.preserve),),
        clocks=(Clock("penalty.term.registered_evidence", "登记保存证据处理期限", warn_at=(2,)),),
    ),
    Row(
        "preserve_handle", "登记保存处理", INVESTIGATE, OPEN_CASE, None, P.CASE_ACT, "行政处罚法第五十六条",
        facts=fact.PreserveHandle, guards=(core.step_open("preserve", "preserve_handle", "没有待处理的登记保存证据"),),
        stops=("penalty.term.registered_evidence",),
        papers=(PaperRule("P07D", "先行登记保存证据处理决定书", paper.preserve_handled),),
    ),
    Row(
        "appraise", "鉴定（检测、检验）", INVESTIGATE, OPEN_CASE, None, P.CASE_ACT, "行政处罚法第四十六条",
        facts=fact.Appraise, guards=(core.DATES_PAST,), papers=(PaperRule("P08", "鉴定（检测）期间告知书", paper.appraisal, when=lambda c: c.f.told_party_on is not None),),
    ),
    Row(
        "correct", "责令改正", INVESTIGATE, OPEN_CASE, None, P.CASE_ACT, "行政处罚法第二十八条第一款",
        facts=fact.Correct, guards=(core.HANDLERS_CERTIFIED,), papers=(PaperRule("P09", "责令改正通知书", paper.correction),),
    ),
    Row(
        "correct_verify", "复查改正情况", INVESTIGATE, WITH_PAPERS, None, P.CASE_ACT, "行政处罚法第二十八条第一款",
        facts=fact.CorrectVerify, initial=_officers, officers=2,
        guards=(core.step_open("correct", "correct_verify", "没有待复查的责令改正"), *FACED),
        papers=(PaperRule("P09R", "责令改正复查记录", paper.correction_checked),),
    ),
    Row(
        "evidence_verify", "证据核实", INVESTIGATE, OPEN_CASE, None, P.CASE_ACT, "行政处罚法第四十六条",
        facts=fact.EvidenceVerify, guards=(core.EVIDENCE_WAITS,), effects=(do.verify_evidence,),
        papers=(PaperRule("P10", "证据清单", paper.evidence_list),),
    ),
    Row(
        "conclude", "调查终结", INVESTIGATE, ("investigating",), "concluded", P.CASE_ACT, "行政处罚法第五十七条第一款",
        facts=fact.Conclude, initial=_last_report,
        guards=(
            core.HANDLERS_CERTIFIED, core.RECUSAL_SETTLED, g.INVESTIGATED, core.EVIDENCE_VERIFIED, core.NOTHING_REGISTERED_OPEN,
            g.OUTCOME_WHOLE, g.AGE_RESPECTED, g.WITHIN_BENCHMARK, g.NOT_FINED_TWICE, g.CORRECTION_ORDERED,
        ),
        effects=(reviewing.review_outdated, do.weigh), closes=("case.investigate",),
        papers=(PaperRule("P11", "案件调查终结报告", paper.report),),
        tasks=(TaskRule("case.unit_check", "审核调查终结报告：{title}", P.CASE_UNIT_CHECK),),
    ),
    # ------------------------------------------------------------------ 审核决定
    Row(
        "unit_check", "承办机构审核", DECIDE, ("concluded",), None, P.CASE_UNIT_CHECK, "行政处罚法第五十七条",
        facts=decision_facts.UnitCheck, relation="unit", closes=("case.unit_check",),
        guards=(core.APPROVER_NOT_HANDLER, core.step_open("conclude", "unit_check", "本次调查终结报告已经审核")),
        tasks=(TaskRule("case.next", "送审或者告知：{title}", "lead"),),
    ),
    Row(
        "reinvestigate", "退回补充调查", DECIDE, ("concluded",), "investigating", P.CASE_UNIT_CHECK, "行政处罚法第五十四条",
        facts=fact.Refusal, relation="unit", effects=(reviewing.review_outdated,), closes=("case.unit_check", "case.next", "case.decide"),
        tasks=(TaskRule("case.investigate", "补充调查：{title}", "lead"),),
    ),
    Row(
        "review_submit", "送法制审核", DECIDE, ("concluded",), None, P.CASE_ACT, "行政处罚法第五十八条",
        facts=review_facts.ReviewSubmit, guards=(g.UNIT_CHECKED, review_guards.REVIEW_NOT_RUNNING, g.MATERIALS_COMPLETE, g.MATERIALS_SENT),
        effects=(do.review_submit, do.weigh), papers=(PaperRule("P12S", "重大执法决定法制审核送审表", paper.review_submission),),
        tasks=(TaskRule("review.accept", "法制审核收件：{title}", P.REVIEW_ASSIGN),), closes=("case.next", "review.revise"),
    ),
    Row(
        "review_accept", "审核收件并指派", DECIDE, ("concluded",), None, P.REVIEW_ASSIGN, "行政处罚法第五十八条；国办发〔2018〕118号",
        facts=review_facts.ReviewAccept, relation="body", guards=(review_guards.review_in("submitted"), g.REVIEWER_INDEPENDENT),
        effects=(reviewing.review_accept,), closes=("review.accept",),
        clocks=(Clock("review.term.opinion", "法制审核期限", warn_at=(2,)),),
    ),
    Row(
        "review_reassign", "改派审核人员", DECIDE, ("concluded",), None, P.REVIEW_ASSIGN, "行政处罚法第五十八条；国办发〔2018〕118号",
        facts=review_facts.ReviewReassign, relation="body",
        guards=(review_guards.review_in("accepted"), review_guards.ANOTHER_REVIEWER, g.REVIEWER_INDEPENDENT),
        effects=(reviewing.review_reassign,), help="审核期限继续计算",
    ),
    Row(
        "review_return", "退回补充材料", DECIDE, ("concluded",), None, P.REVIEW_ASSIGN, "国办发〔2018〕118号",
        facts=review_facts.ReviewReturn, relation="body", guards=(review_guards.review_in("submitted"),), effects=(reviewing.review_return,), closes=("review.accept",),
        tasks=(TaskRule("review.revise", "补充材料后再次送审：{title}", "lead"),),
        help="退回补充不占用审核期限",
    ),
    Row(
        "review_extend", "延长审核期限", DECIDE, ("concluded",), None, P.CASE_DEPUTY_APPROVE, "国办发〔2018〕118号",
        facts=review_facts.ReviewExtend, relation="body", guards=(review_guards.review_in("accepted"), review_guards.EXTENSION_IN_TIME), effects=(reviewing.review_extend,),
    ),
    Row(
        "review_opine", "出具法制审核意见", DECIDE, ("concluded",), None, P.REVIEW_OPINE, "行政处罚法第五十八条",
        facts=review_facts.ReviewOpine, relation="body", guards=(review_guards.review_in("accepted"), review_guards.IS_THE_REVIEWER, g.CHECKS_WHOLE),
        effects=(reviewing.review_opine(proposal.review_checks),), stops=("review.term.opinion",), closes=("review.opine",),
        papers=(PaperRule("P12O", "重大执法决定法制审核意见书", paper.review_opinion),),
        tasks=(
            TaskRule("case.next", "法制审核通过，办理告知或者报批：{title}", "lead", when=lambda c: c.f.kind == "agree"),
            TaskRule("review.revise", "研究处理审核意见：{title}", "lead", when=lambda c: c.f.kind != "agree"),
        ),
    ),
    Row(
        "review_dissent", "不同意审核意见", DECIDE, ("concluded",), None, P.CASE_UNIT_CHECK, "国办发〔2018〕118号",
        facts=review_facts.ReviewDissent, relation="unit", guards=(review_guards.review_in("opined"), review_guards.REVIEW_NOT_PASSED), effects=(reviewing.review_dissent,), closes=("review.revise",),
        tasks=(TaskRule("review.coordinate", "协调审核意见分歧：{title}", P.CASE_DEPUTY_APPROVE),),
    ),
    Row(
        "review_coordinate", "协调审核分歧", DECIDE, ("concluded",), None, P.CASE_DEPUTY_APPROVE, "国办发〔2018〕118号",
        facts=review_facts.ReviewCoordinate, relation="body", guards=(review_guards.review_in("disputed"),), effects=(reviewing.review_coordinate,), closes=("review.coordinate",),
        tasks=(TaskRule("review.revise", "按协调结论办理：{title}", "lead", when=lambda c: c.f.outcome != "reconsider"),),
    ),
    Row(
        "notify", "制作处罚告知书", DECIDE, ("concluded",), None, P.CASE_ACT, "行政处罚法第四十四条",
        facts=decision_facts.Notify, initial=_contact, guards=(g.UNIT_CHECKED, g.PENALISING, g.REVIEW_BEFORE_NOTICE, g.NOTICE_CURRENT),
        papers=(
            PaperRule("P13", "行政处罚事先告知书", deciding.notice, when=lambda c: not proposal.hearing_right(c)),
            PaperRule("P13H", "行政处罚听证告知书", deciding.notice, when=proposal.hearing_right),
        ),
        closes=("case.next",),
        tasks=(TaskRule("case.serve_notice", "送达处罚告知书：{title}", "lead"),),
    ),
    Row(
        "notice_serve", "送达告知书", DECIDE, ("concluded",), None, P.CASE_ACT, "行政处罚法第四十四条、第六十一条",
        facts=decision_facts.Serve, initial=_unserved_default(*proposal.NOTICES), officers=0,
        guards=(g.paper_waits(*proposal.NOTICES), core.DATES_PAST, core.SERVERS_NAMED, *FACED, g.serving_this(*proposal.NOTICES)),
        effects=(do.serve,), closes=("case.serve_notice",),
        papers=(PaperRule("P27", "送达回证", executing.service_receipt), PaperRule("P27N", "送达公告", executing.public_notice, when=lambda c: c.f.mode == "public_notice" and not c.f.failed)),
    ),
    Row(
        "statement", "登记陈述申辩", DECIDE, ("concluded",), None, P.CASE_ACT, "行政处罚法第四十五条",
        facts=decision_facts.Statement, guards=(g.NOTICE_IS_SERVED, core.DATES_PAST, g.WAIVER_SIGNED, g.STATEMENT_AFTER_NOTICE),
        stops=("penalty.term.statement",),
        papers=(
            PaperRule("P14", "陈述申辩笔录", deciding.statement, when=lambda c: c.f.form in ("oral", "written")),
            PaperRule("P14W", "放弃陈述申辩（听证）权利声明书", deciding.statement, when=lambda c: c.f.form == "waived"),
        ),
    ),
    Row(
        "hearing_request", "登记听证申请", DECIDE, ("concluded",), None, P.CASE_ACT, "行政处罚法第六十四条第一项",
        facts=decision_facts.HearingRequest, guards=(g.NOTICE_IS_SERVED, g.HEARING_RIGHT_EXISTS, g.NO_HEARING_YET, core.DATES_PAST, g.HEARING_AFTER_NOTICE),
        effects=(do.hearing_request,), stops=("penalty.term.hearing_request",),
        papers=(PaperRule("P15A", "听证申请书", deciding.hearing_application, when=lambda c: not c.f.waived),),
        tasks=(TaskRule("hearing.arrange", "组织听证：{title}", P.REVIEW_ASSIGN, when=do.hearing_in_time),),
    ),
    Row(
        "hearing_arrange", "安排并通知听证", DECIDE, ("concluded",), None, P.REVIEW_ASSIGN, "行政处罚法第六十四条第二项至第四项",
        facts=decision_facts.HearingArrange, relation="body", guards=(g.hearing_in("requested", "noticed"), g.HOST_INDEPENDENT, g.HEARING_NOTICED_EARLY),
        effects=(do.hearing_arrange,), closes=("hearing.arrange",),
        papers=(PaperRule("P15N", "听证通知书", deciding.hearing_notice), PaperRule("P15G", "听证公告", deciding.hearing_notice, when=lambda c: c.f.public)),
    ),
    Row(
        "hearing_hold", "登记听证情况", DECIDE, ("concluded",), None, P.HEARING_HOST, "行政处罚法第六十四条第五项至第八项",
        facts=decision_facts.HearingHold, relation="body", recording="hearing",
        guards=(g.hearing_in("noticed"), g.IS_THE_HOST, g.HEARING_TIME_CAME, core.SIGNATURE_EXPLAINED),
        effects=(do.hearing_hold,), papers=(PaperRule("P15R", "听证笔录", deciding.hearing_minutes, when=lambda c: c.f.held == "held"), PaperRule("P15E", "终止听证通知书", deciding.hearing_minutes, when=lambda c: c.f.held != "held")),
    ),
    Row(
        "hearing_report", "提交听证报告", DECIDE, ("concluded",), None, P.HEARING_HOST, "行政处罚法第六十五条",
        facts=decision_facts.HearingReport, relation="body", guards=(g.hearing_in("held"), g.IS_THE_HOST),
        effects=(do.hearing_report,), closes=("hearing.hold",), papers=(PaperRule("P15Z", "听证报告", deciding.hearing_report),),
        tasks=(TaskRule("case.next", "听证结束，复核并报批：{title}", "lead"),),
    ),
    Row(
        "reconsider", "复核意见", DECIDE, ("concluded",), None, P.CASE_ACT, "行政处罚法第四十五条第一款",
        facts=decision_facts.Reconsider, guards=(g.SOMETHING_SAID,), papers=(PaperRule("P14R", "陈述申辩复核意见书", deciding.reconsideration),),
    ),
    Row(
        "discuss", "集体讨论", DECIDE, ("concluded",), None, P.DISCUSSION_RECORD, "行政处罚法第五十七条第二款",
        facts=decision_facts.Discuss, relation="body", guards=(g.UNIT_CHECKED, g.DISCUSSION_WHOLE), effects=(do.discuss,),
        papers=(PaperRule("P16", "重大案件集体讨论笔录", deciding.discussion),),
    ),
    Row(
        "submit_decision", "报请决定", DECIDE, ("concluded",), None, P.CASE_ACT, "行政处罚法第五十七条第一款",
        guards=(
            core.RECUSAL_SETTLED, g.UNIT_CHECKED, g.REVIEW_PASSED, g.NOTICED, g.HEARING_DONE, g.ANSWERED, g.DISCUSSED,
            core.step_settled("submit_decision", ("decide", "reinvestigate", "notify", "conclude"), "已报请决定"),
        ),
        closes=("case.next",), tasks=(TaskRule("case.decide", "作出决定：{title}", P.CASE_APPROVE),),
    ),
    Row(
        "decide", "作出决定", DECIDE, ("concluded",), _decided_state, P.CASE_APPROVE, "行政处罚法第五十七条第一款",
        facts=decision_facts.Decide, relation="body", initial=_proposal, targets_shown=("decided", "spared", "transferred"),
        guards=(
            core.APPROVER_NOT_HANDLER, core.HANDLERS_CERTIFIED, core.RECUSAL_SETTLED, core.EVIDENCE_VERIFIED, g.UNIT_CHECKED,
            g.REVIEW_PASSED, g.NOTICED, g.HEARING_DONE, g.ANSWERED, g.DISCUSSED,
            g.OUTCOME_WHOLE, g.AGE_RESPECTED, g.DECISION_FITS, g.OWN_MANDATE,
        ),
        effects=(do.join_approver, do.weigh), stops=("penalty.term.filing_to_decision", "penalty.term.statement", "penalty.term.hearing_request"),
        closes=("case.decide", "case.next"),
        papers=(
            PaperRule("P17", "行政处罚决定审批表", deciding.decision_approval),
            PaperRule("P18", "行政处罚决定书", deciding.decision, when=lambda c: c.f.outcome == "penalise"),
            PaperRule("P19", "不予行政处罚决定书", deciding.sparing, when=lambda c: c.f.outcome in ("spared", "unfounded")),
            PaperRule("P25", "涉嫌犯罪案件移送书", deciding.transfer, when=lambda c: c.f.outcome == "transfer"),
        ),
        after_papers=(do.schedule_if_penalised,),
        clocks=(Clock("penalty.term.service_when_absent", "决定书送达期限", when=lambda c: c.f.outcome != "transfer", warn_at=(2,)),),
        tasks=(TaskRule("case.serve", "送达决定书：{title}", "lead", due_clock="penalty.term.service_when_absent", when=lambda c: c.f.outcome != "transfer"),),
        discloses="自决定作出之日起七个工作日内公示",
        confirm="决定作出后文书即编号用印，并自动进入公示程序，不能修改，只能依法撤销或者变更。",
    ),
    # ------------------------------------------------------------------ 送达执行
    Row(
        "decision_serve", "送达决定书", EXECUTE, ("decided", "spared"), _after_serving, P.CASE_ACT, "行政处罚法第六十一条",
        facts=decision_facts.Serve, initial=_unserved_default(*proposal.DECISIONS), targets_shown=("enforcing",),
        guards=(g.paper_waits(*proposal.DECISIONS), core.DATES_PAST, core.SERVERS_NAMED, *FACED, g.serving_this(*proposal.DECISIONS)),
        effects=(do.serve,), closes=("case.serve",),
        papers=(PaperRule("P27", "送达回证", executing.service_receipt), PaperRule("P27N", "送达公告", executing.public_notice, when=lambda c: c.f.mode == "public_notice" and not c.f.failed)),
        tasks=(TaskRule("case.enforce", "执行并结案：{title}", "lead", when=lambda c: not c.f.failed),),
    ),
    Row(
        "paper_serve", "送达其他文书", EXECUTE, WITH_PAPERS, None, P.CASE_ACT, "行政处罚法第六十一条",
        facts=decision_facts.Serve, initial=_unserved_default(), guards=(g.SOMETHING_TO_SERVE, core.DATES_PAST, core.SERVERS_NAMED, *FACED, g.serving_other()),
        effects=(do.serve,), papers=(PaperRule("P27", "送达回证", executing.service_receipt),),
    ),
    Row(
        "e_service", "签订电子送达确认书", INVESTIGATE, WITH_PAPERS, None, P.CASE_ACT, "行政处罚法第六十一条第二款",
        facts=decision_facts.EService, guards=(g.HAS_PARTY, core.DATES_PAST, core.CONFIRMATION_SIGNED), effects=(do.e_service,),
        papers=(PaperRule("P27A", "送达地址及送达方式确认书", executing.service_address),),
    ),
    Row(
        "payment", "登记缴款", EXECUTE, ("enforcing", "closing"), None, P.PAYMENT_RECORD, "行政处罚法第六十七条",
        facts=execution_facts.Payment, relation="body", guards=(g.MONEY_OWED, core.DATES_PAST, g.PAID_FROM_BANK), after_papers=(do.settle_payment,),
        help="缴款信息由代收银行、财政或者电子支付系统回传，执法人员不得自行收缴",
    ),
    Row(
        "defer_apply", "登记延期分期申请", EXECUTE, ("enforcing",), None, P.CASE_ACT, "行政处罚法第六十六条第二款",
        facts=execution_facts.DeferApply, guards=(g.MONEY_OWED, core.step_settled("defer_apply", ("defer_decide",), "已有待批准的申请")),
        tasks=(TaskRule("case.defer", "审批延期、分期缴纳：{title}", P.CASE_APPROVE),),
    ),
    Row(
        "defer_decide", "审批延期分期", EXECUTE, ("enforcing",), None, P.CASE_APPROVE, "行政处罚法第六十六条第二款",
        facts=execution_facts.DeferDecide, relation="body", guards=(core.APPROVER_NOT_HANDLER, core.step_open("defer_apply", "defer_decide", "没有待审批的申请"), g.DEFERRED_UNTIL),
        effects=(do.defer,), closes=("case.defer",), papers=(PaperRule("P22", "延期（分期）缴纳罚款决定书", executing.deferral),),
    ),
    Row(
        "remedy", "登记复议诉讼", EXECUTE, ("decided", "enforcing", "closing", "closed", "archived"), None, P.CASE_ACT, "行政处罚法第七十三条",
        facts=remedies.Remedy, relation="body", guards=(core.DATES_PAST,), effects=(remedies.hold_for_remedy,),
        help="复议、诉讼期间原则上不停止执行；加处罚款的数额在此期间不予计算",
    ),
    Row(
        "demand", "制作催告书", EXECUTE, ("enforcing",), None, P.CASE_ACT, "行政处罚法第七十二条；行政强制法第三十五条、第五十四条",
        facts=execution_facts.Demand, initial=_contact, guards=(g.OVERDUE,), papers=(PaperRule("P24", "履行行政处罚决定催告书", executing.demand),),
    ),
    Row(
        "court_apply", "申请法院强制执行", EXECUTE, ("enforcing",), None, P.CASE_APPROVE, "行政强制法第五十三条至第五十五条",
        facts=execution_facts.CourtApply, relation="body", guards=(core.APPROVER_NOT_HANDLER, g.MONEY_OWED, g.COURT_WINDOW, core.DATES_PAST),
    ),
    Row(
        "performed", "登记履行情况", EXECUTE, ("enforcing",), None, P.CASE_ACT, "行政处罚法第七十二条",
        facts=execution_facts.Performed, guards=(core.DATES_PAST,),
    ),
    Row(
        "close_request", "呈批结案", EXECUTE, ("enforcing",), "closing", P.CASE_ACT, "行政处罚法第六十六条、第六十七条",
        facts=execution_facts.CloseRequest, guards=(g.CLOSABLE,), closes=("case.enforce",),
        papers=(PaperRule("P28", "行政处罚案件结案审批表", executing.closing),),
        tasks=(TaskRule("case.close", "审批结案：{title}", P.CASE_APPROVE),),
    ),
    Row(
        "close_approve", "批准结案", EXECUTE, ("closing",), "closed", P.CASE_APPROVE, "行政处罚法第四十七条",
        facts=fact.Approval, relation="body", guards=(core.APPROVER_NOT_HANDLER, g.OWN_MANDATE), closes=("case.close",),
    ),
    Row(
        "close_return", "退回执行", EXECUTE, ("closing",), "enforcing", P.CASE_APPROVE, "行政处罚法第七十二条",
        facts=fact.Refusal, relation="body", guards=(core.APPROVER_NOT_HANDLER,), closes=("case.close",),
        tasks=(TaskRule("case.enforce", "继续执行：{title}", "lead"),),
    ),
    # ------------------------------------------------------------------ 归档与其他终结
    archiving.archive_row(g.DOSSIER_COMPLETE, closed="closed", ended=ENDED, citation="行政处罚法第四十七条；档案法第十四条"),
    *archiving.room_rows(archiving.ARCHIVED, *ENDED),
    Row(
        "withdraw", "撤销立案", DECIDE, ("investigating", "concluded"), "withdrawn", P.CASE_APPROVE, "行政处罚法第五十七条",
        facts=execution_facts.Withdraw, relation="body", guards=(core.APPROVER_NOT_HANDLER, core.NOTHING_REGISTERED_OPEN),
        effects=(do.join_approver, do.drop_clocks), confirm="撤销立案后案件终止。",
    ),
    Row(
        "transfer", "移送", DECIDE, ("investigating", "concluded"), "transferred", P.CASE_APPROVE, "行政处罚法第二十二条、第二十七条",
        facts=execution_facts.Transfer, relation="body", guards=(core.APPROVER_NOT_HANDLER, core.NOTHING_REGISTERED_OPEN),
        effects=(do.join_approver, do.drop_clocks), papers=(PaperRule("P25", "涉嫌犯罪案件移送书", deciding.transfer, when=lambda c: c.f.crime), PaperRule("P25L", "案件移送函", deciding.transfer, when=lambda c: not c.f.crime)),
        clocks=(Clock("transfer.term.handover", "移送公安机关期限", when=lambda c: c.f.crime),),
        confirm="移送后本机关终止办理；涉嫌犯罪的，应当在二十四小时内向同级公安机关移送。",
    ),
    Row(
        "annul", "登记决定被撤销变更", EXECUTE, ("decided", "spared", "enforcing", "closing", "closed", "archived"), "annulled", P.CASE_APPROVE, "行政处罚法第四十八条第二款",
        facts=remedies.Annul, relation="body", guards=(core.APPROVER_NOT_HANDLER, core.DATES_PAST,), effects=(remedies.withdraw_disclosure, do.drop_clocks, remedies.hold_for_annulment),
        confirm="登记后须在三日（工作日）内撤回已公开的处罚决定信息并公开说明理由。",
    ),
    Row(
        "reopen", "重新办理", INVESTIGATE, ("annulled",), "investigating", P.CASE_APPROVE, "行政复议法第六十四条；行政诉讼法第七十条、第七十一条",
        facts=execution_facts.Reopen, relation="body", effects=(do.begin_anew,),
        clocks=(Clock("penalty.term.filing_to_decision", "作出处罚决定期限", warn_at=(30, 15, 5)),),
        tasks=(TaskRule("case.investigate", "重新调查处理：{title}", "lead"),),
        help="不得以同一事实和理由作出与原决定基本相同的决定",
    ),
)  # fmt: skip

ORDINARY = Procedure(
    code="penalty.ordinary",
    name="行政处罚普通程序",
    version="2026-11",
    since=date(2018, 1, 1),
    initial="new",
    stages=(START, INVESTIGATE, DECIDE, EXECUTE, ARCHIVE),
    states=STATES,
    rows=ROWS,
    basis="行政处罚法第五章第三节、第四节，第六章",
)
