"""What comes of messages before the public: credit repair ends a showing, answers of general use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.publication import api
from mingzhi.publication.data import IntakeReceipt
from mingzhi.publication.errors import NotClean, NotYetRepairable, WrongState
from mingzhi.publication.models import Disclosure, Intake
from tests.publication.conftest import (
    AT,
    NAME,
    Bureau,
    People,
    Send,
    taken_up,
    told,
)

pytestmark = pytest.mark.django_db(databases="__all__")
letters = api.letters


# --- credit repair -------------------------------------------------------------------------------------------


def repairing(
    bureau: Bureau, people: People, send: Send, snapshot: Any, at: datetime, **changes: Any
) -> tuple[Intake, IntakeReceipt, int]:
    pk = bureau.published(snapshot(**changes))
    row, receipt = send(
        "repair", at=at, disclosure_id=pk, promised=True, text="已缴清罚款并清运建筑垃圾，附票据。"
    )
    letters.intake_accept(intake_id=row.pk, by=bureau.collector, at=at)
    return row, receipt, pk


def test_a_repair_waits_for_the_least_period_and_ends_the_showing_with_its_reason_on_the_day_itself(
    bureau: Bureau, people: People, send: Send, snapshot: Any
) -> None:
    row, receipt, pk = repairing(bureau, people, send, snapshot, AT)
    earliest = date(2026, 12, 18)
    standing = letters.intake(bureau.collector, row.pk, at=AT).repair
    assert (standing.earliest, standing.reached, standing.severity_label) == (earliest, False, "一般")
    assert not standing.confirmed
    decide = {"intake_id": row.pk, "approve": True, "reason": "符合信用修复条件。", "by": people.leader}
    with pytest.raises(NotAllowed):
        letters.intake_repair_decide(at=AT, **decide)
    letters.intake_check(
        intake_id=row.pk, finding="票据和现场照片相符", performed=True, by=bureau.collector, at=AT
    )
    day_before = clock.at_local(earliest - timedelta(days=1), 17)
    with pytest.raises(NotYetRepairable):
        letters.intake_repair_decide(at=day_before, **decide)
    assert Disclosure.objects.get(pk=pk).state == "published"
    letters.intake_repair_decide(at=clock.at_local(earliest, 9), **decide)
    gone = Disclosure.objects.get(pk=pk)
    assert gone.state == "withdrawn" and gone.versions.count() == 1
    shown = api.public_decision(pk)
    assert shown.content == {} and "信用修复" in shown.history[-1].reason
    assert told(receipt).reply == "符合信用修复条件。"


def test_what_was_not_performed_is_not_repaired_and_who_checked_does_not_decide(
    bureau: Bureau, people: People, send: Send, snapshot: Any
) -> None:
    at = clock.at_local(date(2026, 12, 20), 9)
    row, receipt, pk = repairing(bureau, people, send, snapshot, at)
    letters.intake_check(
        intake_id=row.pk, finding="罚款尚未缴清", performed=False, by=bureau.collector, at=at
    )
    own = replace(bureau.collector, permissions=bureau.collector.permissions | {P.CASE_APPROVE})
    with pytest.raises(NotAllowed):
        letters.intake_repair_decide(intake_id=row.pk, approve=False, reason="尚未履行", by=own, at=at)
    with pytest.raises(Invalid):
        letters.intake_repair_decide(intake_id=row.pk, approve=True, reason="同意", by=people.leader, at=at)
    letters.intake_repair_decide(
        intake_id=row.pk, approve=False, reason="罚款尚未缴清。", by=people.leader, at=at
    )
    assert Disclosure.objects.get(pk=pk).state == "published"
    assert told(receipt).reply == "罚款尚未缴清。"


def test_a_repair_asked_for_again_is_checked_again_and_decided_by_another_leader(
    bureau: Bureau, people: People, send: Send, snapshot: Any
) -> None:
    at = clock.at_local(date(2026, 12, 20), 9)
    row, receipt, pk = repairing(bureau, people, send, snapshot, at)
    check = {"intake_id": row.pk, "finding": "核对了缴款记录", "by": bureau.collector, "at": at}
    decide = {"intake_id": row.pk, "reason": "核查情况已经说明。", "at": at}
    letters.intake_check(performed=False, **check)
    letters.intake_repair_decide(approve=False, by=people.leader, **decide)
    letters.intake_reopen(
        number=receipt.number,
        code=receipt.code,
        reason="罚款已于昨日缴清",
        by=organisations.system_actor(row.body_id),
        at=at,
    )
    with pytest.raises(NotAllowed):
        letters.intake_repair_decide(approve=True, by=people.deputy, **decide)
    letters.intake_check(performed=True, **check)
    assert "repair_decide" not in letters.intake(people.leader, row.pk, at=at).may
    with pytest.raises(NotAllowed, match="原答复人以外"):
        letters.intake_repair_decide(approve=True, by=people.leader, **decide)
    letters.intake_repair_decide(approve=True, by=people.deputy, **decide)
    assert Disclosure.objects.get(pk=pk).state == "withdrawn"


def test_a_minor_one_has_no_least_period_and_what_is_not_on_show_cannot_be_repaired(
    bureau: Bureau, people: People, send: Send, snapshot: Any
) -> None:
    row, _receipt, pk = repairing(
        bureau, people, send, snapshot, AT, kinds=("01",), content="警告", fine_fen=0
    )
    assert letters.intake(bureau.collector, row.pk, at=AT).repair.reached
    api.disclosure_withdraw(
        disclosure_id=pk, reason="决定已撤销", basis="某复议决定", by=bureau.publisher, at=AT
    )
    with pytest.raises(WrongState):
        send("repair", disclosure_id=pk, promised=True)


# --- questions of general use -----------------------------------------------------------------------------------


def test_an_answer_becomes_public_by_a_second_person_without_anybody_s_data_and_can_be_withdrawn(
    bureau: Bureau, people: People, send: Send
) -> None:
    row, _receipt = taken_up(people, send, kind="question", text=f"我是{NAME}，想问摆摊要办什么手续？")
    letters.intake_answer(intake_id=row.pk, reply="请到窗口办理临时占道许可。", by=people.manager, at=AT)
    propose = {"intake_id": row.pk, "by": people.manager, "at": AT}
    with pytest.raises(NotClean):
        api.questions.question_propose(
            question=f"{NAME}问摆摊要办什么手续？", answer="请到窗口办理。", **propose
        )
    pk = api.questions.question_propose(
        question="摆摊要办什么手续？", answer="请到窗口办理临时占道许可。", **propose
    )
    assert api.questions.public_questions() == ([], None)
    both = replace(people.manager, permissions=people.manager.permissions | {P.DISCLOSURE_CHECK})
    with pytest.raises(NotAllowed):
        api.questions.question_decide(question_id=pk, publish=True, by=both, at=AT)
    with pytest.raises(NotFound):
        api.questions.question_decide(question_id=pk, publish=True, by=bureau.stranger, at=AT)
    api.questions.question_decide(question_id=pk, publish=True, by=bureau.checker, at=AT)
    assert [q.id for q in api.questions.public_questions("摆摊 许可")[0]] == [pk]
    assert api.questions.public_questions("拆迁") == ([], None)
    assert [q.id for q in api.questions.typical(people.manager, "摆摊")] == [pk]
    api.questions.question_withdraw(question_id=pk, reason="规定已经修改", by=bureau.checker, at=AT)
    assert api.questions.public_questions() == ([], None)
    gone = api.questions.public_question(pk)
    assert (gone.question, gone.answer, gone.reason) == ("", "", "规定已经修改")


def test_a_returned_question_is_never_public(bureau: Bureau, people: People) -> None:
    pk = api.questions.question_propose(
        question="摆摊要办什么手续？", answer="请到窗口办理。", by=people.manager, at=AT
    )
    with pytest.raises(Invalid):
        api.questions.question_decide(question_id=pk, publish=False, by=bureau.checker, at=AT)
    api.questions.question_decide(
        question_id=pk, publish=False, reason="答复不完整", by=bureau.checker, at=AT
    )
    with pytest.raises(NotFound):
        api.questions.public_question(pk)
    with pytest.raises(WrongState):
        api.questions.question_decide(question_id=pk, publish=True, by=bureau.checker, at=AT)
