"""Letters passed to an agency elsewhere by a paper, and answers that a second person approves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import DatabaseError, IntegrityError, transaction

from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.models import Attempt
from mingzhi.organisations import api as organisations
from mingzhi.publication import api
from mingzhi.publication.errors import WrongState
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import IntakeTransfer, IntakeTransferEvent
from mingzhi.tasks import api as tasks
from tests.publication.conftest import (
    AT,
    NAME,
    PHONE,
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
DAY = clock.local_date(AT)
POLICE = "某市公安局"


@pytest.fixture(autouse=True)
def stored(tmp_path: Any, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"


def scan() -> Any:
    return files.put_bytes(b"%PDF-1.4\nsigned\n%%EOF", name="回执.pdf", at=AT)


def passed(people: People, row: Intake, **changes: Any) -> IntakeTransfer:
    given: dict[str, Any] = {"to_body_id": None, "to_name": POLICE, "reason": "涉嫌犯罪", "by": people.keeper}
    letters.intake_transfer(intake_id=row.pk, at=AT, **given | changes)
    return IntakeTransfer.objects.filter(intake=row).order_by("-pk")[0]


def sent(people: People, row: Intake, **changes: Any) -> None:
    given: dict[str, Any] = {"way": "post", "on": DAY, "tracking": "XA123", "by": people.manager}
    letters.intake_transfer_send(intake_id=row.pk, at=AT, **given | changes)


def receipt(people: People, row: Intake, **changes: Any) -> None:
    given: dict[str, Any] = {"accepted": True, "on": DAY, "whom": "钱某", "scan": None, "by": people.manager}
    letters.intake_transfer_receipt(intake_id=row.pk, at=AT, **given | changes)


def todos(people: People) -> list[str]:
    return [t.title for t in tasks.tasks_mine(people.manager)]


def words(made: IntakeTransfer) -> str:
    with pypdfium2.PdfDocument(files.path(made.file_id)) as pdf:
        pages = (pdf[n].get_textpage().get_text_range() for n in range(len(pdf)))
        return "".join("".join(pages).split())


def test_a_letter_for_an_agency_elsewhere_goes_by_a_numbered_paper_until_its_receipt_is_registered(
    people: People, send: Send
) -> None:
    term(people, "receipt", 10, kind="report")
    row, code = send("report", against="示例工地", text=TEXT + f"我是{NAME}，电话{PHONE}。")
    made = passed(people, row)
    view = letters.intake(people.manager, row.pk, at=AT)
    assert made.number.endswith(f"信转〔{DAY.year}〕1号") and view.transfers[0].number == made.number
    paper = words(made)
    for said in (POLICE, made.number, row.number, "涉嫌犯罪", "回执", "示例工地"):
        assert said in paper, said
    assert NAME not in paper and PHONE not in paper and "隐去" in paper
    assert ledger.entries_of(f"intake-transfer:{made.pk}")[-1].kind == "publication:intake:transfer"
    assert made.number in told(code).stage and told(code).reply == "涉嫌犯罪"
    assert todos(people) == [f"寄送来件转送函：{row.number}"]
    (clock_,) = [c for c in letters.clocks_of(row.pk, AT) if c.state == "running"]
    assert "取得转送回执" in clock_.label and view.may == ("send",)

    with pytest.raises(WrongState):
        receipt(people, row)
    for wrong, field in (
        ({"on": DAY - timedelta(days=1)}, "on"),
        ({"on": DAY + timedelta(days=1)}, "on"),
        ({"on": None}, "on"),
        ({"way": "pigeon"}, "way"),
        ({"tracking": ""}, "tracking"),
    ):
        with pytest.raises(Invalid) as refused:
            sent(people, row, **wrong)
        assert field in refused.value.fields
    sent(people, row)
    assert "发出" in told(code).stage and todos(people) == [f"登记来件转送回执：{row.number}"]
    assert letters.intake(people.manager, row.pk, at=AT).may == ("send", "receipt")
    for wrong, field in (({}, "scan"), ({"whom": "", "scan": scan()}, "whom")):
        with pytest.raises(Invalid) as refused:
            receipt(people, row, **wrong)
        assert field in refused.value.fields
    receipt(people, row, scan=scan())
    assert f"{POLICE}已于 {DAY} 签收" in told(code).stage and todos(people) == []
    assert not [c for c in letters.clocks_of(row.pk, AT) if c.state == "running"]
    view = letters.intake(people.manager, row.pk, at=AT)
    assert (view.may, view.transfers[0].state_label) == ((), "已签收")
    for again in (sent, receipt):
        with pytest.raises(WrongState):
            again(people, row)
    ends = view.transfers[0].events[-1]
    opened = letters.transfer_file(people.manager, row.pk, made.pk, event_id=ends.id, at=AT)
    assert opened.name == "回执.pdf" and ends.whom == "钱某"
    for by in (people.elsewhere, people.leader, people.supervisor):
        with pytest.raises(NotFound):
            letters.transfer_file(by, row.pk, made.pk, at=AT)
    for model in (IntakeTransfer, IntakeTransferEvent):
        with pytest.raises(DatabaseError), transaction.atomic():
            model._default_manager.update(sha256="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        IntakeTransferEvent.objects.create(
            transfer=made, kind="refused", on=DAY, reason="不属于", at=AT, by="x", by_name="x"
        )


def test_what_the_other_agency_sends_back_is_received_here_anew_and_may_go_to_another(
    people: People, send: Send
) -> None:
    term(people, "reply", 10, kind="report")
    row, code = send("report", against="示例工地")
    first = passed(people, row)
    assert Intake.objects.get(pk=row.pk).due_on is None
    sent(people, row, way="hand", tracking="")
    with pytest.raises(Invalid) as refused:
        receipt(people, row, accepted=False)
    assert "reason" in refused.value.fields
    receipt(people, row, accepted=False, reason="不属于本局管辖")
    assert "退回" in told(code).stage and told(code).reply == "不属于本局管辖"
    row.refresh_from_db()
    assert row.state == "received" and row.due_on is not None
    assert todos(people) == [f"处理被退回的公众来件：{row.number}"]
    second = passed(people, row, to_name="某市水务局")
    assert first.number != second.number and second.number.endswith("2号")
    view = letters.intake(people.manager, row.pk, at=AT)
    assert [t.state_label for t in view.transfers] == ["待寄送", "已退回"] and view.may == ("send",)


def test_the_sender_goes_along_only_knowingly_by_who_may_unseal_and_that_is_a_look(
    people: People, send: Send
) -> None:
    row, _code = send("report", against="示例工地", text=TEXT + f"我是{NAME}。")
    with pytest.raises(NotAllowed):
        passed(people, row, named=True, by=people.manager)
    assert not IntakeTransfer.objects.exists() and Intake.objects.get(pk=row.pk).state == "received"
    made = passed(people, row, named=True)
    assert NAME in words(made) and PHONE in words(made)
    letters.transfer_file(people.keeper, row.pk, made.pk, at=AT)
    with pytest.raises(NotFound):
        letters.transfer_file(people.manager, row.pk, made.pk, at=AT)
    looks = Attempt.objects.filter(act="intake:identity").values_list("outcome", flat=True)
    assert list(looks) == ["ok", "ok"]
    hidden, _code = send("report", against="示例工地", anonymous=True, text=TEXT + "请尽快。")
    with pytest.raises(NotAllowed):
        passed(people, hidden, named=True)


# --- the second person -------------------------------------------------------------------------------------


def test_who_needs_a_second_person_is_the_body_s_rule_and_the_default_does_not_pass_for_law(
    people: People, send: Send
) -> None:
    default = {c.kind: c for c in letters.checks(people.manager.body_id, DAY)}
    assert {k for k, c in default.items() if c.needed} == {"complaint", "report"}
    assert all("待核实" in c.citation and not c.own for c in default.values())
    row, _code = taken_up(people, send)
    with pytest.raises(NotAllowed, match="另一人审核"):
        letters.intake_answer(intake_id=row.pk, reply="经查属实。", by=people.keeper, at=AT)
    with pytest.raises(NotAllowed):
        letters.check_set(
            kind="complaint", needed=False, valid_from=DAY, citation="某规定第七条", by=people.keeper, at=AT
        )
    with pytest.raises(Invalid) as refused:
        rule(people, needed=True, kind="repair")
    assert "kind" in refused.value.fields
    rule(people, needed=False)
    found = letters.check_for(row.body_id, "complaint", DAY)
    assert not found.needed and found.own and "第七条" in found.citation
    assert letters.check_for(row.body_id, "complaint", DAY - timedelta(days=1)).needed
    letters.intake_answer(intake_id=row.pk, reply="经查属实。", by=people.keeper, at=AT)
    rule(people, needed=True, kind="question")
    asked, code = taken_up(people, send, kind="question")
    answered(people, asked, "请到窗口办理。")
    assert told(code).reply == "请到窗口办理。"


def test_nobody_approves_an_answer_of_one_s_own_and_nothing_leaves_before(
    bureau: Bureau, people: People, send: Send
) -> None:
    row, code = taken_up(people, send)
    letters.intake_draft(intake_id=row.pk, reply="经查属实。", by=people.keeper, at=AT)
    assert told(code).reply == "" and "draft" not in letters.intake(people.manager, row.pk, at=AT).may
    decide: dict[str, Any] = {"intake_id": row.pk, "approve": True, "at": AT}
    with pytest.raises(NotAllowed, match="本人拟定"):
        letters.intake_draft_decide(by=people.keeper, **decide)
    for by in (people.elsewhere, people.accused, people.head_of_one, people.head_of_two):
        with pytest.raises(NotFound):
            letters.intake_draft_decide(by=by, **decide)
    with pytest.raises(NotAllowed):
        letters.intake_draft_decide(by=people.supervisor, **decide)
    assert [t.title for t in tasks.tasks_mine(people.deputy)] == [f"审核公众来件答复：{row.number}"]
    with pytest.raises(Invalid):
        letters.intake_draft_decide(by=people.deputy, **decide | {"approve": False})
    letters.intake_draft_decide(by=people.deputy, reason="请写明依据", **decide | {"approve": False})
    assert not tasks.tasks_mine(people.deputy) and told(code).reply == ""
    answered(people, row, "经查属实，依据是某条。")
    assert told(code).reply == "经查属实，依据是某条。"


def test_declining_goes_by_the_same_rule_and_by_a_second_person(
    bureau: Bureau, people: People, send: Send
) -> None:
    row, code = send()
    assert letters.intake(people.manager, row.pk, at=AT).may[:2] == ("accept", "decline_draft")
    decline: dict[str, Any] = {"intake_id": row.pk, "reason": "该事项已经法院受理。", "at": AT}
    with pytest.raises(NotAllowed, match="经另一人审核"):
        letters.intake_decline(by=people.manager, **decline)
    with pytest.raises(NotFound):
        letters.intake(people.deputy, row.pk, at=AT)
    letters.intake_decline_draft(by=people.manager, **decline)
    assert told(code).reply == "" and [t.title for t in tasks.tasks_mine(people.deputy)] == [
        f"审核公众来件不予受理意见：{row.number}"
    ]
    with pytest.raises(WrongState, match="正在等待另一人审核"):
        letters.intake_accept(intake_id=row.pk, by=people.keeper, at=AT)
    decide: dict[str, Any] = {"intake_id": row.pk, "approve": True, "at": AT}
    with pytest.raises(NotAllowed, match="本人拟定"):
        letters.intake_draft_decide(by=people.manager, **decide)
    for by in (people.elsewhere, people.accused, people.head_of_one, people.head_of_two):
        with pytest.raises(NotFound):
            letters.intake_draft_decide(by=by, **decide)
    letters.intake_draft_decide(by=people.deputy, reason="请再核实", **decide | {"approve": False})
    assert not tasks.tasks_mine(people.deputy) and tasks.tasks_mine(people.keeper).count() == 1
    assert letters.intake(people.keeper, row.pk, at=AT).may[:2] == ("accept", "decline_draft")
    letters.intake_decline_draft(by=people.keeper, **decline)
    assert letters.intake(people.deputy, row.pk, at=AT).draft_declines
    letters.intake_draft_decide(by=people.deputy, **decide)
    assert (told(code).stage, told(code).reply) == ("不予受理", decline["reason"])
    letters.intake_reopen(
        number=code.number, code=code.code, reason="法院没有受理此事",
        by=organisations.system_actor(row.body_id), at=AT,
    )  # fmt: skip
    for by in (people.manager, people.keeper):
        may = letters.intake(by, row.pk, at=AT).may
        assert "assign" in may and "draft" not in may, "who proposed to decline does not answer again"

    question, code = send("question", against="")
    letters.intake_decline(intake_id=question.pk, reason="不属于执法咨询。", by=people.manager, at=AT)
    assert told(code).stage == "不予受理"
    rule(people, needed=True, kind="question")
    asked, _code = send("question", against="")
    assert "decline" not in letters.intake(people.manager, asked.pk, at=AT).may


def test_a_complaint_about_nobody_named_is_declined_by_another_who_takes_letters_up(
    bureau: Bureau, people: People, send: Send
) -> None:
    row, code = send(against="某个人", text="上午在某处有人态度不好，看不清是谁。")
    assert row.about_unit_id is None and row.about_person_id is None
    letters.intake_decline_draft(intake_id=row.pk, reason="内容无法辨认。", by=people.manager, at=AT)
    with pytest.raises(NotFound):
        letters.intake(people.deputy, row.pk, at=AT)
    assert not tasks.tasks_mine(people.deputy) and tasks.tasks_mine(people.keeper).count() == 1
    letters.intake_draft_decide(intake_id=row.pk, approve=True, by=people.keeper, at=AT)
    assert told(code).stage == "不予受理"


def test_a_draft_falls_when_the_one_complained_of_is_named_anew(people: People, send: Send) -> None:
    row, _code = taken_up(people, send)
    letters.intake_assign(intake_id=row.pk, unit_id=people.two.id, by=people.manager, at=AT)
    letters.intake_draft(intake_id=row.pk, reply="经查无此事。", by=people.member_of_two, at=AT)
    letters.intake_name(intake_id=row.pk, unit_id=people.two.id, by=people.manager, at=AT)
    with pytest.raises((NotAllowed, WrongState)):
        letters.intake_draft_decide(intake_id=row.pk, approve=True, by=people.keeper, at=AT)
    assert letters.intake(people.keeper, row.pk, at=AT).draft == ""
    with pytest.raises(NotFound):
        letters.intake(people.member_of_two, row.pk, at=AT)
