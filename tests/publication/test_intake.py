"""The life of what citizens send in: who sees it, who may do what, clocks, the answer, once more, repairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mingzhi.deadlines import api as deadlines
from mingzhi.files import api as files
from mingzhi.files.models import StoredFile
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, MingzhiError, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.models import Attempt
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission as P
from mingzhi.publication import api
from mingzhi.publication.data import IntakeReceipt
from mingzhi.publication.errors import NotClean, NotYetRepairable, OnceOnly, TooMany, WrongState
from mingzhi.publication.intake import new_code
from mingzhi.publication.intake_access import sight, visible
from mingzhi.publication.models import Disclosure, Intake, Progress
from mingzhi.publication.models_intake import IntakeFile, IntakeStep, IntakeTerm, Question
from mingzhi.tasks import api as tasks
from mingzhi.tasks.models import Task
from tests.append_only_flush import take_off
from tests.publication.conftest import AT, DECIDED, Bureau, actor

pytestmark = pytest.mark.django_db(databases="__all__")
letters = api.letters
TEXT = "2026年9月15日上午，某队人员在示例路检查时没有出示证件，态度粗暴。"
NAME, PHONE = "欧阳示例", "13900139000"


class People:
    """Who stands on which side of a complaint about the first enforcement unit."""

    def __init__(self, bureau: Bureau) -> None:
        body = bureau.body.id
        one, two = (
            u
            for u in organisations.units(body, "enforcement")
        )  # fmt: skip
        office = organisations.units(body, "office")[0]
        self.one, self.two = one, two
        self.manager = replace(actor(301, body, P.INTAKE_MANAGE, P.CLUE_REGISTER), unit_id=office.id)
        self.keeper = replace(
            actor(302, body, P.INTAKE_MANAGE, P.INTAKE_HANDLE, P.INTAKE_UNSEAL), unit_id=office.id
        )
        self.head_of_one = self._of(one.id, "王某丁", P.INTAKE_HANDLE, P.CASE_UNIT_CHECK)
        self.member_of_one = self._of(one.id, "李某丙", P.INTAKE_HANDLE)
        self.accused = self._of(
            one.id, "张某甲", P.INTAKE_HANDLE, P.INTAKE_MANAGE, P.INTAKE_UNSEAL, P.CASE_APPROVE
        )
        self.head_of_two = self._of(two.id, "孙某戊", P.INTAKE_HANDLE, P.CASE_UNIT_CHECK)
        self.member_of_two = self._of(two.id, "赵某丁", P.INTAKE_HANDLE)
        self.leader = replace(actor(307, body, P.CASE_APPROVE, P.CASE_DEPUTY_APPROVE), unit_id=None)
        self.deputy = replace(actor(308, body, P.CASE_DEPUTY_APPROVE), unit_id=None)
        self.elsewhere = actor(309, bureau.other.id, *P)
        top = bureau.body.path.split("/")[0]
        self.supervisor = replace(
            actor(310, 0, P.SUPERVISE_READ), supervised=(bureau.body.path[: max(1, len(top))],)
        )

    @staticmethod
    def _of(unit_id: int, name: str, *permissions: P) -> Actor:
        person = next(
            p for p in organisations.people(organisations.unit(unit_id).body_id, on=DECIDED) if p.name == name
        )
        return replace(actor(person.id, person.body_id, *permissions), unit_id=unit_id, name=name)

    def everybody(self) -> dict[str, Actor]:
        return {name: by for name, by in vars(self).items() if isinstance(by, Actor)}


@pytest.fixture
def people(bureau: Bureau) -> People:
    return People(bureau)


@pytest.fixture
def send(bureau: Bureau) -> Callable[..., tuple[Intake, IntakeReceipt]]:
    def go(kind: str = "complaint", at: datetime = AT, **changes: Any) -> tuple[Intake, IntakeReceipt]:
        given = {
            "kind": kind, "body_id": bureau.body.id, "title": "检查不出示证件", "text": TEXT,
            "against": "张某甲" if kind == "complaint" else "", "contact_name": NAME, "contact": PHONE,
        } | changes  # fmt: skip
        receipt = api.intake_receive(by=organisations.system_actor(bureau.body.id), at=at, **given)
        return Intake.objects.get(number=receipt.number), receipt

    return go


Send = Callable[..., tuple[Intake, IntakeReceipt]]


def told(receipt: IntakeReceipt, at: datetime = AT) -> Any:
    return api.progress(receipt.number, receipt.code, at=at)


def taken_up(people: People, send: Send, **changes: Any) -> tuple[Intake, IntakeReceipt]:
    row, receipt = send(**changes)
    letters.intake_accept(intake_id=row.pk, by=people.manager, at=AT)
    return row, receipt


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
    assert "answer" in view.may and "ask" not in view.may


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
        ("person:302", "ok", "电话核实经过"),
        *(((by.label), "denied", "想看一看") for by in (people.manager, people.leader, people.supervisor)),
    ]


def test_the_contact_of_who_asked_a_question_is_seen_by_whoever_answers_it(
    people: People, send: Send
) -> None:
    row, _receipt = taken_up(people, send, kind="question")
    letters.intake_assign(intake_id=row.pk, unit_id=people.two.id, by=people.manager, at=AT)
    found = letters.intake_unseal(intake_id=row.pk, purpose="回电说明", by=people.member_of_two, at=AT)
    assert found.contact == PHONE


# --- clocks, extension, answer, once more -------------------------------------------------------------------


def term(people: People, stage: str, days: int, kind: str = "complaint", at: datetime = AT) -> None:
    keeper = replace(people.manager, permissions=frozenset({P.CATALOGUE_MANAGE}))
    letters.term_set(
        kind=kind, stage=stage, days=days, working=True, valid_from=clock.local_date(at),
        citation="某局投诉举报办理规定第五条", by=keeper, at=at,
    )  # fmt: skip


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
    assert letters.term_for(row.body_id, "correction", "reply", DECIDED).term is not None


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
    letters.intake_answer(intake_id=row.pk, reply="经查，情况属实。", by=people.keeper, at=AT)
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
    letters.intake_answer(intake_id=row.pk, reply="经查，未发现问题。", by=people.keeper, at=AT)
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
        letters.intake_answer(intake_id=row.pk, reply="仍然没有问题。", by=people.keeper, at=AT)
    letters.intake_answer(
        intake_id=row.pk, reply="调取录像核实，确未亮证，已批评教育。", by=people.manager, at=AT
    )
    assert [reply for _at, reply in told(receipt).replies] == [
        "经查，未发现问题。",
        "调取录像核实，确未亮证，已批评教育。",
    ]
    with pytest.raises(OnceOnly):
        letters.intake_reopen(reason="还是不满意这个结果", **citizen)
    assert told(receipt).may_rate and not told(receipt).may_reopen


def test_after_the_body_s_own_days_it_is_too_late_to_ask_again(people: People, send: Send) -> None:
    term(people, "reopen", 10)
    row, receipt = taken_up(people, send)
    letters.intake_answer(intake_id=row.pk, reply="经查，未发现问题。", by=people.keeper, at=AT)
    last = clock.at_local(deadlines.due(AT, deadlines.Term(10, "WD")).on, 23)
    assert told(receipt, last).may_reopen
    assert not told(receipt, last + timedelta(hours=1)).may_reopen


def test_declining_and_transferring_tell_the_citizen_why(bureau: Bureau, people: People, send: Send) -> None:
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
    assert letters.intake(people.manager, away.pk, at=AT).may == ()


def test_two_officials_at_once_one_answers_and_the_other_is_told(people: People, send: Send) -> None:
    row, _receipt = taken_up(people, send)
    letters.intake_answer(intake_id=row.pk, reply="经查，情况属实。", by=people.keeper, at=AT)
    with pytest.raises(WrongState):
        letters.intake_answer(intake_id=row.pk, reply="经查，情况不实。", by=people.manager, at=AT)
    assert Intake.objects.get(pk=row.pk).reply == "经查，情况属实。"


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


# --- kept ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [IntakeStep, IntakeFile, IntakeTerm])
def test_steps_files_and_terms_only_grow(
    people: People, send: Send, model: Any, tmp_path: Any, settings: Any
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    term(people, "reply", 5)
    send(files=[files.put_bytes(b"%PDF-1.4\nx\n%%EOF", name="a.pdf", at=AT)])
    assert model.objects.exists()
    for change in (lambda: model.objects.update(id=99), lambda: model.objects.all()._raw_delete("default")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_nothing_of_a_refused_verb_stays(people: People, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """The crash story: whatever breaks after the step was written, the step is gone with the rest."""
    row, receipt = taken_up(people, send)
    before = (IntakeStep.objects.count(), Progress.objects.count(), ledger.pending_count())

    def broken(*args: Any, **kwargs: Any) -> None:
        raise MingzhiError("断电")

    monkeypatch.setattr("mingzhi.publication.intake_work.release", broken)
    with pytest.raises(MingzhiError, match="断电"):
        letters.intake_answer(intake_id=row.pk, reply="经查，情况属实。", by=people.keeper, at=AT)
    assert before == (IntakeStep.objects.count(), Progress.objects.count(), ledger.pending_count())
    assert told(receipt).stage == "已受理"
    assert tasks.tasks_mine(people.keeper).count() == 0
