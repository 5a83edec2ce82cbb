"""What is expected when an act was taken, what answers it, and who answers an excuse."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger.models import Entry
from mingzhi.recording import api as recording
from mingzhi.recording.choices import DutyState
from mingzhi.recording.errors import AlreadyDecided, ExcuseNotFound, SameHand
from mingzhi.recording.models import Excuse, ExcuseDecision, Expected
from mingzhi.tasks import api as tasks

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def taken(scene, at):
    def take(act="on_site_inspection", ended=at, **changes):
        facts = {"began_at": ended - timedelta(minutes=30), "step_id": 7, "by": scene.officer, "at": at}
        return recording.act_taken(
            dossier=scene.dossier, body=scene.body, act=act, ended_at=ended, **{**facts, **changes}
        )

    return take


@pytest.fixture
def standing(scene, at):
    def ask(at=at):
        (unit,) = recording.unit_coverage(
            body_ids=[scene.body.id], since=at - timedelta(days=9), until=at + timedelta(days=9), at=at
        )
        return unit

    return ask


@pytest.fixture
def asked(scene, at):
    def ask(act="on_site_inspection", by=None, reason="记录仪当场发生故障", **changes):
        return recording.excuse(
            dossier_id=scene.dossier.pk, act=act, reason=reason, by=by or scene.officer, at=at, **changes
        )

    return ask


def test_a_step_on_the_list_starts_the_hours_and_keeps_what_was_asked(taken, at):
    taken()
    row = Expected.objects.get()
    assert row.due_at == at + timedelta(hours=24) and row.mode == "required" and row.step == 7
    assert row.citation
    assert Entry.objects.filter(kind="recording:act:expected", subject=f"expected:{row.pk}").count() == 1


def test_the_same_act_with_the_same_end_is_expected_once(taken):
    assert taken() == taken()
    assert Expected.objects.count() == 1


def test_an_act_that_text_may_record_expects_nothing(taken):
    assert taken("service_direct") is None and taken("an act on no list") is None


@pytest.mark.parametrize("profile", ["xian-transport"])
def test_where_the_situation_decides_a_stated_reason_leaves_nothing_to_expect(taken, asked, at):
    assert taken(ended=at - timedelta(days=1)) is not None
    asked(ground="text")
    assert taken() is None


def test_a_recording_of_the_day_answers_and_one_of_another_day_does_not(taken, deposit, scene, at):
    taken(ended=at - timedelta(hours=1))
    deposit(
        captured_at=at - timedelta(days=2), ended_at=at - timedelta(days=2, minutes=-9), late_reason="补传"
    )
    assert len(recording.due(at=at)) == 1
    deposit(file_id=_other(at))
    assert recording.due(at=at) == []


def test_a_recording_of_another_act_or_a_copy_does_not_answer(taken, deposit, at):
    taken()
    original = deposit(act="questioning")
    deposit(file_id=_other(at), derived_from=original.id)
    assert len(recording.due(at=at)) == 1


@pytest.mark.parametrize(
    ("after", "state"),
    [(timedelta(hours=24), DutyState.WAITING), (timedelta(hours=24, seconds=1), DutyState.MISSING)],
)
def test_the_hours_end_to_the_second(taken, standing, at, after, state):
    taken()
    assert standing(at + after).counts == {state: 1}


def test_what_came_in_time_late_or_was_excused_is_told_apart(taken, deposit, asked, scene, standing, at):
    taken(ended=at - timedelta(minutes=10))
    deposit()
    taken("questioning", ended=at - timedelta(hours=30))
    deposit(
        act="questioning",
        file_id=_other(at),
        captured_at=at - timedelta(hours=31),
        ended_at=at - timedelta(hours=30),
        late_reason="山区无网络",
    )
    taken("sampling")
    taken("hearing")
    recording.decide_excuse(excuse_id=asked("hearing"), approved=True, by=scene.head, at=at)
    unit = standing()
    assert unit.counts == {DutyState.MET: 1, DutyState.LATE: 1, DutyState.EXCUSED: 1, DutyState.WAITING: 1}
    assert unit.expected == 4 and unit.met_percent == 50.0
    (late,) = recording.duties(
        body_ids=[scene.body.id],
        since=at - timedelta(days=9),
        until=at + timedelta(days=9),
        states=[DutyState.LATE],
        at=at,
    )
    assert (
        late.act == "questioning" and late.late_reason == "山区无网络" and late.number == scene.dossier.number
    )


def test_an_excuse_lies_with_the_unit_head_until_somebody_answers(asked, scene, at):
    excuse_id = asked()
    (todo,) = tasks.tasks_mine(scene.head).filter(kind="recording.excuse")
    assert todo.subject == f"excuse:{excuse_id}"
    assert not tasks.tasks_mine(scene.head2).filter(kind="recording.excuse").exists()
    (waiting,) = recording.excuses_waiting(scene.head)
    assert waiting.id == excuse_id and waiting.waiting
    assert recording.excuses_waiting(scene.head2) == [] and len(recording.excuses_waiting(scene.leader)) == 1
    recording.decide_excuse(excuse_id=excuse_id, approved=True, by=scene.head, at=at)
    assert not tasks.tasks_mine(scene.head).filter(kind="recording.excuse").exists()
    assert recording.excuses_waiting(scene.leader) == []
    (view,) = recording.excuses(scene.dossier.pk)
    assert view.approved and view.approved_by_name == scene.head.name


def test_an_excuse_of_the_head_lies_with_the_leaders(asked, scene, at):
    excuse_id = asked(by=scene.head)
    assert tasks.tasks_mine(scene.leader).filter(kind="recording.excuse").exists()
    with pytest.raises(SameHand):
        recording.decide_excuse(excuse_id=excuse_id, approved=True, by=scene.head, at=at)
    recording.decide_excuse(excuse_id=excuse_id, approved=True, by=scene.leader, at=at)


@pytest.mark.parametrize("who", ["officer1", "officer2"])
def test_who_is_no_approver_does_not_answer(asked, scene, at, who):
    with pytest.raises(NotAllowed):
        recording.decide_excuse(excuse_id=asked(), approved=True, by=getattr(scene, who), at=at)


def test_the_head_of_another_unit_and_another_agency_do_not_answer(asked, scene, at):
    excuse_id = asked()
    with pytest.raises(NotAllowed):
        recording.decide_excuse(excuse_id=excuse_id, approved=True, by=scene.head2, at=at)
    with pytest.raises(NotFound):
        recording.decide_excuse(excuse_id=excuse_id, approved=True, by=scene.other, at=at)
    with pytest.raises(ExcuseNotFound):
        recording.decide_excuse(excuse_id=999_999, approved=True, by=scene.head, at=at)


def test_who_handles_the_case_does_not_answer(asked, scene, at):
    from mingzhi.dossiers import api as dossiers

    dossiers.member_join(
        dossier=scene.dossier, person_id=scene.head.person_id, role="assist", by=scene.officer, at=at
    )
    with pytest.raises(SameHand) as refused:
        recording.decide_excuse(excuse_id=asked(), approved=True, by=scene.head, at=at)
    assert "办案人员" in refused.value.sentence


def test_the_first_answer_stands_and_a_refusal_needs_words(asked, scene, at):
    excuse_id = asked()
    with pytest.raises(Invalid):
        recording.decide_excuse(excuse_id=excuse_id, approved=False, by=scene.head, at=at)
    first = recording.decide_excuse(
        excuse_id=excuse_id, approved=False, opinion="应补充说明", by=scene.head, at=at
    )
    again = recording.decide_excuse(
        excuse_id=excuse_id, approved=False, opinion="应补充说明", by=scene.head, at=at
    )
    assert first == again
    with pytest.raises(AlreadyDecided):
        recording.decide_excuse(excuse_id=excuse_id, approved=True, by=scene.leader, at=at)
    assert asked() != excuse_id, "what was refused may be asked anew"


def test_a_refused_reason_counts_for_nothing(asked, scene, at, taken):
    from mingzhi.kernel import clock

    recording.decide_excuse(
        excuse_id=asked("seizure"), approved=False, opinion="应补充说明", by=scene.head, at=at
    )
    (reason,) = recording.act_problems(
        dossier_id=scene.dossier.pk, act="seizure", body=scene.body, on=clock.local_date(at)
    )
    assert reason.sentence.endswith("尚未上传")


def test_an_interrupted_recording_counts_as_whole_once_its_interruption_is_approved(deposit, scene, at):
    from mingzhi.kernel import clock

    def problems():
        return recording.act_problems(
            dossier_id=scene.dossier.pk, act="seizure", body=scene.body, on=clock.local_date(at)
        )

    view = deposit(act="seizure", interruption="更换电池，中断两分钟", interruption_ground="objective")
    (asked,) = recording.excuses(scene.dossier.pk)
    assert asked.record_id == view.id and asked.reason == "更换电池，中断两分钟"
    assert problems()
    with pytest.raises(SameHand):
        recording.decide_excuse(excuse_id=asked.id, approved=True, by=_like(scene.head, scene.officer), at=at)
    recording.decide_excuse(excuse_id=asked.id, approved=True, by=scene.head, at=at)
    assert problems() == []


def test_an_interruption_needs_a_reason_of_some_length(deposit):
    with pytest.raises(Invalid) as refused:
        deposit(interruption="没电")
    assert "interruption" in refused.value.fields


def test_answers_can_neither_be_changed_nor_removed(asked, scene, at):
    recording.decide_excuse(excuse_id=asked(), approved=True, by=scene.head, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExcuseDecision.objects.update(approved=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Excuse.objects.all()._raw_delete("default")


def test_every_new_row_gives_its_ledger_payload_again(asked, taken, scene, at):
    from mingzhi.ledger import kinds

    taken()
    recording.decide_excuse(excuse_id=asked(), approved=True, by=scene.head, at=at)
    entries = Entry.objects.filter(kind__startswith="recording:")
    assert {e.kind for e in entries} >= {"recording:act:expected", "recording:excuse:decided"}
    for entry in entries:
        kind = kinds.current(entry.kind)
        assert kind.payload_of(entry.subject) == dict(kind.rows())[entry.subject]


def _other(at):
    from mingzhi.files import api as files

    data = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\0\x08moov"
    return files.put_bytes(data, name="b.mp4", media_type="video/mp4", at=at).id


def _like(head, officer):
    """The officer with the head's rights: one person, two hats."""
    from dataclasses import replace

    return replace(officer, permissions=head.permissions | officer.permissions)
