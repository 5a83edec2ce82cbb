"""The recording list decides by profile and day which steps are refused without a recording."""

from datetime import timedelta

import pytest

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger.models import Attempt
from mingzhi.organisations import api as organisations
from mingzhi.organisations.models import Account
from mingzhi.recording import api as recording
from mingzhi.recording.errors import PurposeRequired, RecordNotFound

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def problems(scene, at):
    def ask(act):
        return recording.act_problems(
            dossier_id=scene.dossier.pk, act=act, body=scene.body, on=clock.local_date(at)
        )

    return ask


@pytest.fixture
def excuse(scene, at):
    def put(act, ground="objective", approved=None, **changes):
        asked = recording.excuse(
            dossier_id=scene.dossier.pk,
            act=act,
            ground=ground,
            reason="记录仪当场发生故障",
            by=scene.officer,
            at=at,
            **changes,
        )
        if approved is not None:
            recording.decide_excuse(
                excuse_id=asked, approved=approved, opinion="理由不充分", by=scene.leader, at=at
            )
        return asked

    return put


def test_seizure_is_refused_without_a_whole_recording(problems, deposit):
    (reason,) = problems("seizure")
    assert (
        reason.code == "recording.full_required"
        and reason.citation
        and reason.remedy
        and reason.link == "recording"
    )
    deposit(act="seizure", full=False, interruption="更换电池，中断两分钟")
    assert "均未标明全程" in problems("seizure")[0].sentence


def test_seizure_passes_with_a_whole_recording(problems, deposit):
    deposit(act="seizure", full=True)
    assert problems("seizure") == []


def test_a_whole_recording_of_another_act_does_not_help(problems, deposit):
    deposit(act="on_site_inspection", full=True)
    assert problems("seizure")


def test_a_copy_does_not_stand_for_the_original(problems, deposit, video):
    original = deposit(act="seizure", full=False)
    deposit(act="seizure", full=True, file_id=video("masked"), derived_from=original.id)
    assert problems("seizure")


def test_seizure_may_be_excused_only_with_approval_and_not_by_text(problems, excuse):
    excuse("seizure")
    assert "尚未经批准" in problems("seizure")[0].sentence
    excuse("seizure", ground="text", approved=True)
    assert "不能以文字记录代替" in problems("seizure")[0].sentence
    excuse("seizure", approved=True)
    assert problems("seizure") == []


def test_where_the_bureau_demands_it_an_inspection_needs_a_recording(problems, deposit):
    (reason,) = problems("on_site_inspection")
    assert reason.code == "recording.required" and "霞山" in reason.citation
    deposit()
    assert problems("on_site_inspection") == []


def test_where_the_bureau_demands_it_a_reason_needs_approval(problems, excuse):
    excuse("on_site_inspection", ground="text")
    assert "尚未经批准" in problems("on_site_inspection")[0].sentence
    excuse("on_site_inspection", ground="text", approved=True)
    assert problems("on_site_inspection") == []


@pytest.mark.parametrize(
    "profile", ["xian-transport", "zhenjiang-chengguan", "changzhi-water", "yongcheng-transport"]
)
def test_where_the_situation_decides_a_recording_or_a_stated_reason_is_enough(problems, excuse):
    (reason,) = problems("on_site_inspection")
    assert reason.code == "recording.situational"
    excuse("on_site_inspection", ground="text")
    assert problems("on_site_inspection") == []


@pytest.mark.parametrize("profile", ["xian-transport", "xiashan-chengzong"])
def test_seizure_is_whole_in_every_profile_and_direct_service_is_text(problems):
    assert problems("seizure")[0].code == "recording.full_required"
    assert problems("service_direct") == []
    assert problems("an act on no list") == []


def test_an_excuse_needs_a_real_reason_and_twice_is_once(scene, at):
    facts = {"dossier_id": scene.dossier.pk, "act": "seizure", "by": scene.officer, "at": at}
    with pytest.raises(Invalid):
        recording.excuse(**facts, reason="没电")
    assert recording.excuse(**facts, reason="记录仪没电了") == recording.excuse(
        **facts, reason="记录仪没电了"
    )


def test_coverage_shows_each_act_with_what_is_there_and_missing(scene, at, deposit):
    deposit()
    inspection, seizure = recording.coverage(
        dossier_id=scene.dossier.pk,
        acts=["on_site_inspection", "seizure"],
        body=scene.body,
        on=clock.local_date(at),
    )
    assert inspection.met and len(inspection.recordings) == 1 and inspection.mode_label == "应当音像记录"
    assert not seizure.met and seizure.mode_label == "全程音像记录" and seizure.content


def test_a_recording_still_to_come_counts_down_and_goes_when_deposited(scene, at, later, deposit):
    ended = at - timedelta(minutes=10)
    recording.expect(
        dossier_id=scene.dossier.pk, act="on_site_inspection", ended_at=ended, by=scene.officer, at=at
    )
    recording.expect(
        dossier_id=scene.dossier.pk, act="on_site_inspection", ended_at=ended, by=scene.officer, at=at
    )
    (due,) = recording.due(at=at, body_id=scene.body.id)
    assert due.due_at == ended + timedelta(hours=24) and due.seconds_left == 24 * 3600 - 600 and not due.late
    assert not recording.due(at=due.due_at, dossier_id=scene.dossier.pk)[0].late
    assert recording.due(at=due.due_at + timedelta(seconds=1), dossier_id=scene.dossier.pk)[0].late
    assert recording.due(at=at, body_id=scene.loaded.other_body_id) == []
    deposit(captured_at=ended - timedelta(hours=2), ended_at=ended - timedelta(hours=1))
    assert recording.due(at=at)
    deposit(file_id=_second(at), captured_at=ended - timedelta(minutes=30), ended_at=ended)
    assert recording.due(at=at) == []


def _second(at):
    from mingzhi.files import api as files

    return files.put_bytes(
        b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\0\x08moov", name="b.mp4", media_type="video/mp4", at=at
    ).id


def test_an_end_in_the_future_is_not_expected(scene, at):
    with pytest.raises(Invalid):
        recording.expect(
            dossier_id=scene.dossier.pk,
            act="seizure",
            ended_at=at + timedelta(hours=1),
            by=scene.officer,
            at=at,
        )


def test_every_look_is_noted_with_its_purpose(scene, at, deposit):
    view = deposit()
    opened = recording.open_for(by=scene.officer, record_id=view.id, purpose="案件审核", at=at)
    assert opened.file.inline and opened.file.size == view.file.size
    seen = Attempt.objects.get(act="recording:view")
    assert (seen.subject, seen.by, seen.outcome, seen.purpose) == (
        f"record:{view.id}",
        scene.officer.label,
        "ok",
        "案件审核",
    )


def test_without_a_purpose_nothing_is_shown(scene, at, deposit):
    with pytest.raises(PurposeRequired):
        recording.open_for(by=scene.officer, record_id=deposit().id, purpose=" ", at=at)


def test_for_people_of_another_body_the_record_is_not_there_and_the_try_is_noted(scene, at, deposit):
    account = Account.objects.filter(body_id=scene.loaded.other_body_id).exclude(person=None).first()
    stranger = organisations.actor_of(account, clock.local_date(at))
    for record_id in (deposit().id, 999_999):
        with pytest.raises(RecordNotFound):
            recording.open_for(by=stranger, record_id=record_id, purpose="看看", at=at)
    assert Attempt.objects.filter(act="recording:view", outcome="denied", by=stranger.label).count() == 2


def test_the_record_list_is_a_bounded_number_of_queries(scene, deposit, video, django_assert_max_num_queries):
    for word in "abcde":
        deposit(file_id=video(word))
    with django_assert_max_num_queries(3):
        assert len(recording.records(scene.dossier.pk)) == 5
