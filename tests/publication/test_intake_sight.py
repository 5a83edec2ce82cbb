"""Who sees what of a citizen's message, and that the sender stays hidden from whom it is about."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mingzhi.files import api as files
from mingzhi.files.models import StoredFile
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.models import Attempt
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.publication import api
from mingzhi.publication.errors import NotClean
from mingzhi.publication.intake_access import sight, visible
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import IntakeStep, IntakeTerm, Question
from mingzhi.tasks import api as tasks
from mingzhi.tasks.models import Task
from tests.append_only_flush import take_off
from tests.publication.conftest import (
    AT,
    DECIDED,
    NAME,
    PHONE,
    TEXT,
    Bureau,
    People,
    Send,
    taken_up,
    term,
)

pytestmark = pytest.mark.django_db(databases="__all__")
letters = api.letters


# --- who sees it -------------------------------------------------------------------------------------


def test_from_the_first_second_a_complaint_does_not_exist_for_the_person_and_the_unit_it_names(
    people: People, send: Send
) -> None:
    row, _receipt = send()
    assert row.about_person_id == people.accused.person_id
    assert row.about_unit_id == people.one.id
    for by in (
        people.accused,
        people.head_of_one,
        people.member_of_one,
        people.elsewhere,
        people.member_of_two,
        people.leader,
    ):
        with pytest.raises(NotFound):
            letters.intake(by, row.pk, at=AT)
    assert letters.intake(people.manager, row.pk, at=AT).text == TEXT
    assert letters.intake(people.supervisor, row.pk, at=AT).sight == "reading"


def test_rights_do_not_help_the_one_complained_of(people: People, send: Send) -> None:
    row, _receipt = taken_up(people, send)
    for verb, given in (
        (letters.intake_answer, {"reply": "没有此事。"}),
        (letters.intake_draft, {"reply": "没有此事。"}),
        (letters.intake_draft_decide, {"approve": True}),
        (letters.intake_transfer, {"to_body_id": None, "to_name": "别处", "reason": "不属于我"}),
        (letters.intake_unseal, {"purpose": "想知道是谁"}),
        (letters.intake_assign, {"unit_id": people.two.id}),
        (letters.intake_account, {"account": "没有此事。"}),
    ):
        with pytest.raises(NotFound):
            verb(intake_id=row.pk, by=people.accused, at=AT, **given)


def test_the_unit_complained_of_gets_the_checked_extract_and_nothing_else(people: People, send: Send) -> None:
    row, _receipt = taken_up(people, send, text=TEXT + f"我是{NAME}，电话{PHONE}，就住在对面。")
    offered = letters.intake(people.keeper, row.pk, at=AT).extract
    assert PHONE not in offered and "欧阳" not in offered, "nor the surname"
    ask = {"intake_id": row.pk, "by": people.keeper, "at": AT}
    with pytest.raises(NotClean):
        letters.intake_ask(extract=f"投诉人{NAME}反映没有出示证件", checked=True, **ask)
    with pytest.raises(Invalid):
        letters.intake_ask(extract="有人反映没有出示证件", checked=False, **ask)
    letters.intake_ask(extract="有人反映检查时没有出示证件，请说明。", checked=True, **ask)
    with pytest.raises(NotFound):
        letters.intake(people.accused, row.pk, at=AT)
    assert not tasks.tasks_mine(people.accused).exists(), "not even the number"
    assert tasks.tasks_mine(people.head_of_one).count() == 1
    for by in (people.head_of_one, people.member_of_one):
        view = letters.intake(by, row.pk, at=AT)
        assert (view.text, view.against, view.place, view.about, view.reply) == ("", "", "", "", "")
        assert [s.said for s in view.steps] == ["有人反映检查时没有出示证件，请说明。"]
        assert view.may == ("account",) and not view.may_unseal
        assert NAME not in repr(view) and PHONE not in repr(view) and TEXT not in repr(view)
    letters.intake_account(
        intake_id=row.pk, account="当日两人均已亮证，有录像。", by=people.head_of_one, at=AT
    )
    assert letters.intake(people.head_of_one, row.pk, at=AT).may == ()
    assert "有录像" in repr(letters.intake(people.keeper, row.pk, at=AT).steps)


def test_who_handles_a_complaint_reads_it_without_the_sender_and_only_when_charged(
    people: People, send: Send
) -> None:
    row, _receipt = taken_up(people, send, text=TEXT + f"我是{NAME}，电话{PHONE}。")
    with pytest.raises(NotFound):
        letters.intake(people.member_of_two, row.pk, at=AT)
    letters.intake_assign(intake_id=row.pk, unit_id=people.two.id, by=people.manager, at=AT)
    view = letters.intake(people.member_of_two, row.pk, at=AT)
    assert "没有出示证件" in view.text
    assert NAME not in repr(view) and PHONE not in repr(view)
    letters.intake_assign(
        intake_id=row.pk,
        unit_id=people.two.id,
        person_id=people.head_of_two.person_id,
        by=people.head_of_two,
        at=AT,
    )
    with pytest.raises(NotFound):
        letters.intake(people.member_of_two, row.pk, at=AT)


@pytest.mark.parametrize("field", ["unit_id", "person_id"])
def test_a_complaint_is_never_charged_to_whom_it_is_about(people: People, send: Send, field: str) -> None:
    row, _receipt = taken_up(people, send)
    target = people.one.id if field == "unit_id" else people.accused.person_id
    with pytest.raises(Invalid):
        letters.intake_assign(
            **{"unit_id": None, "intake_id": row.pk, "by": people.manager, "at": AT, field: target}
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Intake.objects.filter(pk=row.pk).update(
            **({"unit_id": target} if field == "unit_id" else {"handler_id": target})
        )


def test_a_complaint_cannot_be_taken_up_before_it_is_known_whom_it_is_about(
    people: People, send: Send
) -> None:
    row, _receipt = send(against="穿制服的三个人")
    with pytest.raises(Invalid):
        letters.intake_accept(intake_id=row.pk, by=people.manager, at=AT)
    letters.intake_name(intake_id=row.pk, unit_id=people.two.id, by=people.manager, at=AT)
    letters.intake_accept(intake_id=row.pk, by=people.manager, at=AT)
    with pytest.raises(NotFound):
        letters.intake(people.head_of_two, row.pk, at=AT)


def test_naming_the_unit_that_was_charged_takes_the_complaint_away_from_it(
    people: People, send: Send
) -> None:
    row, _receipt = taken_up(people, send)
    letters.intake_assign(
        intake_id=row.pk,
        unit_id=people.two.id,
        person_id=people.member_of_two.person_id,
        by=people.manager,
        at=AT,
    )
    assert tasks.tasks_mine(people.member_of_two).count() == 1
    letters.intake_name(intake_id=row.pk, unit_id=people.two.id, by=people.manager, at=AT)
    row.refresh_from_db()
    assert (row.unit_id, row.handler_id) == (None, None)
    with pytest.raises(NotFound):
        letters.intake(people.member_of_two, row.pk, at=AT)
    assert not tasks.tasks_mine(people.member_of_two).exists(), "not even the number"
    assert [t.kind for t in tasks.tasks_mine(people.manager)] == ["publication.intake"]


def test_naming_somebody_else_takes_the_account_back_from_the_unit_that_was_asked_and_leaves_the_work(
    people: People, send: Send
) -> None:
    row, _receipt = taken_up(people, send)
    letters.intake_ask(
        intake_id=row.pk, extract="请说明当日检查情况。", checked=True, by=people.keeper, at=AT
    )
    name = {"intake_id": row.pk, "by": people.manager, "at": AT}
    letters.intake_name(unit_id=people.one.id, **name)
    assert [t.kind for t in tasks.tasks_mine(people.head_of_one)] == ["publication.intake_account"]
    letters.intake_name(unit_id=people.two.id, **name)
    assert not tasks.tasks_mine(people.head_of_one).exists()
    with pytest.raises(NotFound):
        letters.intake(people.head_of_one, row.pk, at=AT)


def test_another_body_cannot_ask_the_unit_of_the_first_one_for_its_account(
    bureau: Bureau, people: People, send: Send
) -> None:
    row, _receipt = taken_up(people, send)
    assert "ask" in letters.intake(people.keeper, row.pk, at=AT).may
    letters.intake_transfer(
        intake_id=row.pk, to_body_id=bureau.other.id, reason="由上级办理", by=people.manager, at=AT
    )
    letters.intake_accept(intake_id=row.pk, by=people.elsewhere, at=AT)
    view = letters.intake(people.elsewhere, row.pk, at=AT)
    assert "draft" in view.may and "ask" not in view.may


def test_the_list_shows_exactly_what_the_gate_lets_in(people: People, send: Send) -> None:
    made = [send(kind)[0] for kind in ("complaint", "report", "question")]
    made.append(send("complaint", against="示例")[0])
    row, _receipt = taken_up(people, send)
    made.append(row)
    asked, _receipt = taken_up(people, send)
    letters.intake_ask(
        intake_id=asked.pk, extract="请说明当日检查情况。", checked=True, by=people.keeper, at=AT
    )
    letters.intake_assign(intake_id=asked.pk, unit_id=people.two.id, by=people.manager, at=AT)
    made.append(asked)
    seen = 0
    for by, one in product(people.everybody().values(), Intake.objects.all()):
        listed = visible(by).filter(pk=one.pk).exists()
        assert listed is (sight(by, one) is not None), (by.name, one.kind, one.state)
        seen += listed
    assert 0 < seen < len(people.everybody()) * Intake.objects.count()
    titles = {line.title for line in letters.intakes(people.head_of_one, on=DECIDED)}
    assert titles == {"（就来件说明情况）"}


def test_the_to_do_of_a_complaint_about_who_takes_them_up_lies_with_the_others(
    bureau: Bureau, people: People, send: Send
) -> None:
    clerk = next(p for p in organisations.people(bureau.body.id, on=DECIDED, role="window_clerk"))
    send(against=clerk.name)
    with_names = Task.objects.filter(kind="publication.intake", assignee__isnull=False)
    assert with_names.exists() and not with_names.filter(assignee_id=clerk.id).exists()
    assert not Task.objects.filter(kind="publication.intake", permission=P.INTAKE_MANAGE.value).exists()


def test_nobody_s_page_tells_who_sent_a_report_and_what_it_is_about_stays_readable(
    people: People, send: Send
) -> None:
    words = f"我是{NAME}，电话{PHONE}。粤G12345货车在示例路8号门前倾倒渣土，司机钱示例。"
    row, _receipt = taken_up(people, send, kind="report", text=words, against="示例运输公司钱示例")
    letters.intake_assign(intake_id=row.pk, unit_id=people.one.id, by=people.manager, at=AT)
    for by in (people.manager, people.keeper, people.head_of_one, people.leader, people.supervisor):
        view = letters.intake(by, row.pk, at=AT)
        assert NAME not in repr(view) and PHONE not in repr(view), by.name
        assert all(told in view.text for told in ("粤G12345", "示例路8号", "钱示例"))
        assert view.against == "示例运输公司钱示例"
    told = letters.intake_unseal(intake_id=row.pk, purpose="核对原文", by=people.keeper, at=AT)
    assert told.text == words


def test_an_altered_word_of_any_step_term_or_answer_is_found(
    bureau: Bureau, people: People, send: Send, tmp_path: Any, settings: Any
) -> None:
    term(people, "reply", 5)
    settings.FILES_ROOT = tmp_path / "files"
    proof = files.put_bytes(b"%PDF-1.4\nx\n%%EOF", name="a.pdf", at=AT)
    taken_up(people, send, files=[proof])
    api.questions.question_propose(
        question="摆摊要办什么手续？", answer="请到窗口。", by=people.manager, at=AT
    )
    ledger.sequence(at=AT)
    assert fsck(processes=1, files=True).findings == ()
    take_off(connection)
    IntakeStep.objects.order_by("pk").first().delete()
    IntakeTerm.objects.update(days=50)
    Question.objects.update(answer="不必办理。")
    StoredFile.objects.filter(pk=proof.id).update(sha256="0" * 64)
    told = repr(fsck(processes=1, files=True).findings)
    assert all(subject in told for subject in ("intake-step:", "intake-term:", "question:", "intake-file:"))


# --- unsealing -----------------------------------------------------------------------------------------


def test_each_look_at_the_sender_is_kept_with_its_purpose_granted_or_refused(
    people: People, send: Send
) -> None:
    row, _receipt = taken_up(people, send)
    with pytest.raises(Invalid):
        letters.intake_unseal(intake_id=row.pk, purpose=" ", by=people.keeper, at=AT)
    found = letters.intake_unseal(intake_id=row.pk, purpose="电话核实经过", by=people.keeper, at=AT)
    assert (found.name, found.contact) == (NAME, PHONE)
    for by in (people.manager, people.leader, people.supervisor):
        with pytest.raises(NotAllowed):
            letters.intake_unseal(intake_id=row.pk, purpose="想看一看", by=by, at=AT)
    kept = (
        Attempt.objects.filter(act="intake:identity").order_by("pk").values_list("by", "outcome", "purpose")
    )
    assert list(kept) == [
        (f"person:{people.keeper.person_id}", "ok", "电话核实经过"),
        *(((by.label), "denied", "想看一看") for by in (people.manager, people.leader, people.supervisor)),
    ]


def test_the_contact_of_who_asked_a_question_is_seen_by_whoever_answers_it(
    people: People, send: Send
) -> None:
    row, _receipt = taken_up(people, send, kind="question")
    letters.intake_assign(intake_id=row.pk, unit_id=people.two.id, by=people.manager, at=AT)
    found = letters.intake_unseal(intake_id=row.pk, purpose="回电说明", by=people.member_of_two, at=AT)
    assert found.contact == PHONE
