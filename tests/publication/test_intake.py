"""The life of what citizens send in: taken in once, clocks, the answer, once more, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from mingzhi.deadlines import api as deadlines
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, MingzhiError, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.publication import api
from mingzhi.publication.errors import OnceOnly, TooMany, WrongState
from mingzhi.publication.intake import new_code
from mingzhi.publication.models import Intake, Progress
from mingzhi.publication.models_intake import IntakeCheck, IntakeFile, IntakeStep, IntakeTerm
from mingzhi.supervision import api as supervision
from mingzhi.tasks import api as tasks
from tests.publication.conftest import (
    AT,
    DECIDED,
    TEXT,
    Bureau,
    People,
    Send,
    answered,
    rule,
    taken_up,
    term,
    told,
)

pytestmark = pytest.mark.django_db(databases="__all__")
letters = api.letters


# --- received ----------------------------------------------------------------------------------------


def test_a_form_sent_twice_is_one_intake_with_the_same_receipt_and_other_words_are_another(
    bureau: Bureau, send: Send
) -> None:
    _row, first = send(form="a" * 22)
    _row, again = send(form="a" * 22, at=AT + timedelta(hours=2))
    assert (again.number, again.code) == (first.number, first.code)
    assert Intake.objects.count() == Progress.objects.count() == 1
    assert told(again).stage == "已收到"
    _row, other = send(form="a" * 22, text=TEXT + "请核实。")
    assert other.number != first.number and other.code != first.code


def test_a_form_without_a_token_is_always_a_new_one_and_codes_cannot_be_foretold(send: Send) -> None:
    assert send()[1].number != send()[1].number
    assert new_code() != new_code()
    assert new_code("x") == new_code("x") != new_code("y")


def test_the_sixth_form_of_an_hour_is_refused_but_one_sent_again_is_answered(send: Send) -> None:
    for n in range(5):
        _row, receipt = send(form=f"{n}" * 20, address="203.0.113.9")
    with pytest.raises(TooMany):
        send(form="z" * 20, address="203.0.113.9")
    assert send(form="4" * 20, address="203.0.113.9")[1] == receipt
    send(form="z" * 20, address="203.0.113.9", at=AT + timedelta(hours=1))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"against": " "}, "against"),
        ({"text": "太短"}, "text"),
        ({"text": "字" * 5001}, "text"),
        ({"kind": "discipline"}, "kind"),
        ({"kind": "repair"}, "promised"),
        ({"kind": "correction", "contact": ""}, "contact"),
        ({"body_id": 99999}, "body"),
        ({"title": "有\x00字"}, "title"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_is_kept(
    send: Send, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        send(**changes)
    assert field in refused.value.fields
    assert not Intake.objects.exists()


def test_an_anonymous_complaint_keeps_no_name_and_nobody_can_unseal_one(people: People, send: Send) -> None:
    row, _receipt = taken_up(people, send, anonymous=True, text=TEXT + "我叫李示例，请回复。")
    assert "李" not in letters.intake(people.keeper, row.pk, at=AT).extract
    assert (row.contact, row.contact_name) == ("", "")
    assert not letters.intake(people.keeper, row.pk, at=AT).may_unseal


def test_files_are_kept_with_the_intake_and_six_are_refused(
    people: People, send: Send, tmp_path: Any, settings: Any
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    refs = [
        files.put_bytes(b"%PDF-1.4\n" + bytes([65 + n]) * 9 + b"\n%%EOF", name=f"证据{n}.pdf", at=AT)
        for n in range(6)
    ]
    with pytest.raises(Invalid):
        send(files=refs)
    row, _receipt = taken_up(people, send, files=[*refs[:2], refs[0]])
    assert IntakeFile.objects.count() == 2, "the same content once"
    assert [f.name for f in letters.intake(people.manager, row.pk, at=AT).files] == ["（附件）"] * 2
    assert letters.intake_file(people.manager, row.pk, row.files.first().pk) is None
    assert letters.intake(people.keeper, row.pk, at=AT).files[0].name == "证据0.pdf"
    assert letters.intake_file(people.keeper, row.pk, row.files.first().pk).file_id == refs[0].id


# --- clocks, extension, answer, once more -------------------------------------------------------------------


def test_no_term_is_invented_and_the_body_s_own_term_holds_from_its_day_on(
    people: People, send: Send
) -> None:
    row, _receipt = send()
    assert row.due_on is None and not letters.clocks_of(row.pk, AT)
    untold = letters.term_for(row.body_id, "complaint", "reply", DECIDED)
    assert untold.term is None and "待核实" in untold.citation
    later = AT + timedelta(days=3)
    term(people, "reply", 10, at=later)
    assert letters.term_for(row.body_id, "complaint", "reply", DECIDED).term is None
    row, _receipt = send(at=later)
    assert row.due_on == deadlines.due(later, deadlines.Term(10, "WD")).on
    term(people, "acceptance", 3, at=later)
    row, receipt = send(at=later)
    assert row.due_on == deadlines.due(later, deadlines.Term(3, "WD")).on, "the desk's next clock"
    assert receipt.due_on == told(receipt, later).due_on == deadlines.due(later, deadlines.Term(10, "WD")).on
    by_analogy = letters.term_for(row.body_id, "correction", "reply", DECIDED)
    assert by_analogy.term is not None and "第四十一条要求及时更正，未规定天数；比照" in by_analogy.citation


def test_only_the_keeper_of_lists_sets_terms_with_a_document_and_never_backwards(people: People) -> None:
    with pytest.raises(NotAllowed):
        letters.term_set(
            kind="report",
            stage="reply",
            days=5,
            working=True,
            valid_from=DECIDED,
            citation="某规定第一条",
            by=people.manager,
            at=AT,
        )
    keeper = replace(people.manager, permissions=frozenset({P.CATALOGUE_MANAGE}))
    with pytest.raises(Invalid) as refused:
        letters.term_set(
            kind="x",
            stage="y",
            days=0,
            working=True,
            valid_from=DECIDED - timedelta(days=1),
            citation="",
            by=keeper,
            at=AT,
        )
    assert set(refused.value.fields) == {"kind", "stage", "days", "valid_from", "citation"}


def test_an_extension_needs_a_reason_a_later_day_and_another_person_s_word(
    people: People, send: Send
) -> None:
    term(people, "reply", 10)
    term(people, "extension", 5)
    row, receipt = taken_up(people, send)
    due = Intake.objects.get(pk=row.pk).due_on
    ask = {"intake_id": row.pk, "by": people.keeper, "at": AT}
    with pytest.raises(Invalid):
        letters.intake_extend(reason="", until=due, **ask)
    longest = deadlines.due(due, deadlines.Term(5, "WD")).on
    with pytest.raises(Invalid):
        letters.intake_extend(reason="需要调取录像", until=longest + timedelta(days=1), **ask)
    letters.intake_extend(reason="需要调取录像", until=longest, **ask)
    with pytest.raises(WrongState):
        letters.intake_extend(reason="需要调取录像", until=longest, **ask)
    both = replace(people.keeper, permissions=people.keeper.permissions | {P.CASE_DEPUTY_APPROVE})
    with pytest.raises(NotAllowed):
        letters.intake_extend_decide(intake_id=row.pk, approve=True, by=both, at=AT)
    with pytest.raises(NotFound):
        letters.intake_extend_decide(intake_id=row.pk, approve=True, by=people.member_of_two, at=AT)
    letters.intake_extend_decide(intake_id=row.pk, approve=True, by=people.deputy, at=AT)
    assert Intake.objects.get(pk=row.pk).due_on == longest
    assert str(longest) in told(receipt).stage


def test_a_refused_extension_leaves_the_day_as_it_was(people: People, send: Send) -> None:
    term(people, "reply", 10)
    row, _receipt = taken_up(people, send)
    due = Intake.objects.get(pk=row.pk).due_on
    letters.intake_extend(
        intake_id=row.pk, reason="需要调取录像", until=due + timedelta(days=9), by=people.keeper, at=AT
    )
    with pytest.raises(Invalid):
        letters.intake_extend_decide(intake_id=row.pk, approve=False, by=people.deputy, at=AT)
    letters.intake_extend_decide(
        intake_id=row.pk, approve=False, reason="录像已在库中", by=people.deputy, at=AT
    )
    assert Intake.objects.get(pk=row.pk).due_on == due


def test_late_is_the_day_after_the_last_one(people: People, send: Send) -> None:
    term(people, "reply", 10)
    row, _receipt = taken_up(people, send)
    due = Intake.objects.get(pk=row.pk).due_on
    late = letters.Asked(late=True)
    assert not letters.intakes(people.manager, late, on=due)
    assert [x.id for x in letters.intakes(people.manager, late, on=due + timedelta(days=1))] == [row.pk]
    answered(people, row, "经查，情况属实。")
    assert not letters.intakes(people.manager, late, on=due + timedelta(days=1))


def test_the_citizen_marks_the_answer_once_asks_again_once_and_somebody_else_answers(
    people: People, send: Send
) -> None:
    row, receipt = taken_up(people, send)
    citizen = {
        "number": receipt.number,
        "code": receipt.code,
        "by": organisations.system_actor(row.body_id),
        "at": AT,
    }
    assert not told(receipt).may_rate and not told(receipt).may_reopen
    with pytest.raises(WrongState):
        letters.intake_rate(mark="good", **citizen)
    letters.intake_ask(intake_id=row.pk, extract="请说明情况。", checked=True, by=people.keeper, at=AT)
    answered(people, row, "经查，未发现问题。")
    assert told(receipt).may_rate and told(receipt).may_reopen
    with pytest.raises(NotFound):
        letters.intake_rate(mark="good", **citizen | {"code": "AAAAA-AAAAA"})
    letters.intake_rate(mark="bad", **citizen)
    with pytest.raises(OnceOnly):
        letters.intake_rate(mark="good", **citizen)
    assert letters.satisfaction(people.manager, DECIDED, DECIDED) == {"good": 0, "fair": 0, "bad": 1}
    assert letters.intakes(people.head_of_one, on=DECIDED)[0].satisfaction == ""
    assert sum(letters.satisfaction(people.head_of_one, DECIDED, DECIDED).values()) == 0
    with pytest.raises(Invalid):
        letters.intake_reopen(reason="不", **citizen)
    letters.intake_reopen(reason="没有看录像就说没有问题", **citizen)
    assert told(receipt).stage == "重新办理"
    with pytest.raises(NotAllowed, match="原答复人以外"):
        letters.intake_draft(intake_id=row.pk, reply="仍然没有问题。", by=people.keeper, at=AT)
    letters.intake_draft(
        intake_id=row.pk, reply="调取录像核实，确未亮证，已批评教育。", by=people.manager, at=AT
    )
    with pytest.raises(NotAllowed, match="原答复人以外"):
        letters.intake_draft_decide(intake_id=row.pk, approve=True, by=people.deputy, at=AT)
    letters.intake_draft_decide(intake_id=row.pk, approve=True, by=people.leader, at=AT)
    assert [reply for _at, reply in told(receipt).replies] == [
        "经查，未发现问题。",
        "调取录像核实，确未亮证，已批评教育。",
    ]
    with pytest.raises(OnceOnly):
        letters.intake_reopen(reason="还是不满意这个结果", **citizen)
    assert told(receipt).may_rate and not told(receipt).may_reopen


def test_marks_are_told_by_body_and_by_the_year_in_which_the_matter_came_in(
    bureau: Bureau, people: People, send: Send
) -> None:
    last = clock.at_local(date(2026, 12, 31), 23)
    for at, mark in ((last, "bad"), (last + timedelta(hours=1), "good"), (last + timedelta(hours=1), "fair")):
        row, receipt = send("question", at=at)
        letters.intake_accept(intake_id=row.pk, by=people.manager, at=at)
        later = at + timedelta(days=3)
        letters.intake_answer(intake_id=row.pk, reply="请到窗口办理。", by=people.keeper, at=later)
        letters.intake_rate(
            number=receipt.number,
            code=receipt.code,
            mark=mark,
            by=organisations.system_actor(row.body_id),
            at=later,
        )
    first, both = date(2026, 1, 1), [bureau.body.id, bureau.other.id]
    found = letters.marks(both, first, date(2026, 12, 31))
    assert found[bureau.body.id] == {"good": 0, "fair": 0, "bad": 1}
    assert found[bureau.other.id] == {"good": 0, "fair": 0, "bad": 0}
    assert supervision.answers_marked(bureau.body, 2026) == {"good": 0, "fair": 0, "bad": 1}
    assert supervision.answers_marked(bureau.body, 2027) == {"good": 1, "fair": 1, "bad": 0}
    assert not any(supervision.answers_marked(bureau.other, 2027).values())


def test_after_the_body_s_own_days_it_is_too_late_to_ask_again(people: People, send: Send) -> None:
    term(people, "reopen", 10)
    row, receipt = taken_up(people, send)
    answered(people, row, "经查，未发现问题。")
    last = clock.at_local(deadlines.due(AT, deadlines.Term(10, "WD")).on, 23)
    assert told(receipt, last).may_reopen
    assert not told(receipt, last + timedelta(hours=1)).may_reopen


def test_declining_and_transferring_tell_the_citizen_why(bureau: Bureau, people: People, send: Send) -> None:
    rule(people, needed=False)
    declined, receipt = send()
    with pytest.raises(Invalid):
        letters.intake_decline(intake_id=declined.pk, reason="", by=people.manager, at=AT)
    letters.intake_decline(intake_id=declined.pk, reason="该事项已经法院受理。", by=people.manager, at=AT)
    assert (told(receipt).stage, told(receipt).reply) == ("不予受理", "该事项已经法院受理。")
    with pytest.raises(WrongState):
        letters.intake_accept(intake_id=declined.pk, by=people.manager, at=AT)
    passed, receipt = send("report", against="示例工地")
    letters.intake_transfer(
        intake_id=passed.pk, to_body_id=bureau.other.id, reason="属于水务部门职责", by=people.manager, at=AT
    )
    with pytest.raises(NotFound):
        letters.intake(people.manager, passed.pk, at=AT)
    assert letters.intake(people.elsewhere, passed.pk, at=AT).may[0] == "accept"
    assert bureau.other.name in told(receipt).steps[-1][1]
    away, receipt = send("report", against="示例工地")
    letters.intake_transfer(
        intake_id=away.pk, to_body_id=None, to_name="某市公安局", reason="涉嫌犯罪", by=people.manager, at=AT
    )
    assert "某市公安局" in told(receipt).stage
    assert letters.intake(people.manager, away.pk, at=AT).may == ("send",)


def test_two_officials_at_once_one_answers_and_the_other_is_told(people: People, send: Send) -> None:
    row, _receipt = taken_up(people, send)
    answered(people, row, "经查，情况属实。")
    for verb, words in (
        (letters.intake_draft, {"reply": "经查，情况不实。"}),
        (letters.intake_draft_decide, {"approve": True}),
    ):
        with pytest.raises(WrongState):
            verb(intake_id=row.pk, by=people.manager, at=AT, **words)
    assert Intake.objects.get(pk=row.pk).reply == "经查，情况属实。"


# --- kept ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [IntakeStep, IntakeFile, IntakeTerm, IntakeCheck])
def test_steps_files_and_terms_only_grow(
    people: People, send: Send, model: Any, tmp_path: Any, settings: Any
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    term(people, "reply", 5)
    rule(people, needed=False)
    send(files=[files.put_bytes(b"%PDF-1.4\nx\n%%EOF", name="a.pdf", at=AT)])
    assert model.objects.exists()
    for change in (lambda: model.objects.update(id=99), lambda: model.objects.all()._raw_delete("default")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_nothing_of_a_refused_verb_stays(people: People, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """The crash story: whatever breaks after the step was written, the step is gone with the rest."""
    row, receipt = taken_up(people, send)
    letters.intake_draft(intake_id=row.pk, reply="经查，情况属实。", by=people.keeper, at=AT)
    before = (IntakeStep.objects.count(), Progress.objects.count(), ledger.pending_count())

    def broken(*args: Any, **kwargs: Any) -> None:
        raise MingzhiError("断电")

    monkeypatch.setattr("mingzhi.publication.intake_steps.release", broken)
    with pytest.raises(MingzhiError, match="断电"):
        letters.intake_draft_decide(intake_id=row.pk, approve=True, by=people.deputy, at=AT)
    assert before == (IntakeStep.objects.count(), Progress.objects.count(), ledger.pending_count())
    assert told(receipt).stage == "已受理"
    assert tasks.tasks_mine(people.keeper).count() == 0
