"""简易程序: a penalty on the spot (行政处罚法第五章第二节), as one printable table."""

from __future__ import annotations

from datetime import date
from typing import Any

from mingzhi.cases.core import archiving, remedies
from mingzhi.cases.core import guards as core
from mingzhi.cases.core.facing import FACED
from mingzhi.cases.penalty import effects as do
from mingzhi.cases.penalty import facts as fact
from mingzhi.cases.penalty import facts_execution as execution_facts
from mingzhi.cases.penalty import guards as g
from mingzhi.cases.penalty import papers_execution as executing
from mingzhi.cases.penalty.ordinary import ARCHIVE, EXECUTE, START
from mingzhi.organisations.permissions import Permission as P
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Clock, PaperRule, Procedure, Row, StateInfo, TaskRule

STATES = (
    StateInfo("new", "待当场决定", START, public="受理中"),
    StateInfo("decided", "已当场决定", EXECUTE, public="已作出决定"),
    StateInfo("closed", "已结案", ARCHIVE, final=True, public="已办结"),
    StateInfo("archived", "已归档", ARCHIVE, final=True, public="已办结"),
    StateInfo("annulled", "决定已撤销", EXECUTE, final=True, public="决定已撤销"),
    StateInfo("withdrawn", "已转为普通程序或者终止", START, final=True, public="已终止"),
)


def _today(ctx: Context) -> dict[str, Any]:
    from mingzhi.cases.core.initial import filing_defaults

    first = filing_defaults(ctx)
    return {
        "officers": [ctx.by.person_id] if ctx.by.person_id else [],
        "act_on": ctx.on.isoformat(),
        "cause": first.get("cause", ""),
        "place": first.get("place", ""),
        "item_code": first.get("item_code", ""),
    }


ROWS: tuple[Row, ...] = (
    Row(
        "spot_decide", "当场处罚", START, ("new",), "decided", P.CASE_ACT, "行政处罚法第五十一条、第五十二条",
        facts=execution_facts.SpotDecide, relation="body", initial=_today, officers=2, recording="summary_penalty",
        guards=(
            g.HAS_PARTY, core.DATES_PAST, g.ITEM_KNOWN, *FACED, core.CARD_SHOWN, g.SPOT_TOLD, g.SPOT_HANDED, g.SPOT_ELIGIBLE, g.SPOT_AGE, g.SPOT_RANGE, g.SPOT_NOT_TWICE, g.SPOT_COLLECTED, core.SIGNATURE_EXPLAINED,
        ),
        effects=(do.describe, do.join_officers), papers=(PaperRule("P20", "当场行政处罚决定书", executing.spot_decision),),
        after_papers=(do.served_on_the_spot, do.schedule_if_penalised),
        clocks=(
            Clock("penalty.term.summary_report", "当场处罚备案期限"),
            Clock("penalty.term.spot_fine_to_agency", "当场收缴罚款交回期限", when=lambda c: c.f.collected),
        ),
        tasks=(TaskRule("case.record", "当场处罚备案：{title}", "lead", due_clock="penalty.term.summary_report"),),
        discloses="自决定作出之日起七个工作日内公示",
        confirm="当场处罚决定书当场交付当事人后即生效，不能修改。",
    ),
    Row(
        "to_ordinary", "不适用简易程序", START, ("new",), "withdrawn", P.CASE_ACT, "行政处罚法第五十一条",
        facts=fact.Refusal, relation="body", help="不符合当场处罚条件的，按普通程序另行立案",
    ),
    Row(
        "record_file", "登记备案", EXECUTE, ("decided",), None, P.CASE_UNIT_CHECK, "行政处罚法第五十二条第三款",
        facts=execution_facts.RecordFile, relation="body", guards=(core.step_settled("record_file", (), "已经备案"), core.DATES_PAST),
        stops=("penalty.term.summary_report",), closes=("case.record",),
    ),
    Row(
        "fine_to_agency", "登记罚款交回机关", EXECUTE, ("decided",), None, P.PAYMENT_RECORD, "行政处罚法第七十一条",
        facts=execution_facts.HandOver, relation="body", guards=(g.TAKEN_ON_SPOT, core.step_settled("fine_to_agency", (), "已经登记"), core.DATES_PAST),
        stops=("penalty.term.spot_fine_to_agency",), clocks=(Clock("penalty.term.spot_fine_to_bank", "罚款缴付银行期限"),),
    ),
    Row(
        "fine_to_bank", "登记罚款缴付银行", EXECUTE, ("decided",), None, P.PAYMENT_RECORD, "行政处罚法第七十一条",
        facts=execution_facts.HandOver, relation="body", guards=(g.TAKEN_ON_SPOT, core.step_open("fine_to_agency", "fine_to_bank", "罚款尚未交回机关"), core.DATES_PAST),
        stops=("penalty.term.spot_fine_to_bank",),
    ),
    Row(
        "payment", "登记缴款", EXECUTE, ("decided",), None, P.PAYMENT_RECORD, "行政处罚法第六十七条",
        facts=execution_facts.Payment, relation="body", guards=(g.MONEY_OWED, core.DATES_PAST, g.PAID_FROM_BANK), after_papers=(do.settle_payment,),
    ),
    Row(
        "close", "结案", EXECUTE, ("decided",), "closed", P.CASE_UNIT_CHECK, "行政处罚法第四十七条",
        facts=execution_facts.CloseRequest, relation="body", guards=(g.CLOSABLE, g.RECORD_FILED),
    ),
    archiving.archive_row(
        g.SPOT_DOSSIER_COMPLETE, closed="closed", ended=("withdrawn", "annulled"),
        citation="行政处罚法第四十七条；档案法第十四条",
    ),
    *archiving.room_rows(archiving.ARCHIVED, "withdrawn", "annulled"),
    Row(
        "annul", "登记决定被撤销变更", EXECUTE, ("decided", "closed", "archived"), "annulled", P.CASE_APPROVE, "行政处罚法第四十八条第二款",
        facts=remedies.Annul, relation="body", guards=(core.APPROVER_NOT_HANDLER, core.DATES_PAST,), effects=(remedies.withdraw_disclosure, do.drop_clocks, remedies.hold_for_annulment),
        confirm="登记后须在三日（工作日）内撤回已公开的处罚决定信息并公开说明理由。",
    ),
)  # fmt: skip

SUMMARY = Procedure(
    code="penalty.summary",
    name="行政处罚简易程序",
    version="2026-11",
    since=date(2018, 1, 1),
    initial="new",
    stages=(START, EXECUTE, ARCHIVE),
    states=STATES,
    rows=ROWS,
    basis="行政处罚法第五章第二节",
)
