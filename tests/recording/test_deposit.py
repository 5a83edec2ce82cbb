"""What goes in: true things, hashed, once; late things with their reason; impossible things not at all."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.ledger.models import Entry
from mingzhi.organisations.models import Account
from mingzhi.recording import api as recording
from mingzhi.recording.errors import DossierDone, LateReasonRequired, NotEvidence
from mingzhi.recording.models import Excuse, Expected, Record, Verification
from tests.recording.conftest import ALL_SAID

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_recording_keeps_who_when_where_with_what_and_both_hashes(deposit, scene, at, video):
    view = deposit(full=True)
    stored = files.ref(video())
    assert (view.kind_label, view.act, view.device, view.place) == (
        "音像记录",
        "on_site_inspection",
        "JLY-07",
        "人民大道1号",
    )
    assert view.operator_id == scene.officer.person_id and view.operator_name
    assert view.seconds == 30 * 60 and view.full and not view.late and view.upload_hours == 24
    assert (view.file.sha256, view.file.sm3) == (stored.sha256, stored.sm3)
    row = Record.objects.get()
    assert (row.sha256, row.sm3) == (stored.sha256, stored.sm3)
    assert set(view.statement) == set(ALL_SAID)
    entry = Entry.objects.get(kind="recording:recording:deposited")
    assert entry.subject == f"record:{view.id}"


def test_the_same_file_sent_twice_is_one_record_and_one_entry(deposit):
    assert deposit().id == deposit().id
    assert Record.objects.count() == 1
    assert Entry.objects.filter(kind="recording:recording:deposited").count() == 1


def test_twenty_four_hours_to_the_second_are_in_time(deposit, at):
    view = deposit(captured_at=at - timedelta(hours=25), ended_at=at - timedelta(hours=24))
    assert not view.late and view.late_reason == ""


def test_one_second_more_needs_a_reason_and_loses_nothing(deposit, at, video):
    late = {
        "captured_at": at - timedelta(hours=25),
        "ended_at": at - timedelta(hours=24, seconds=1),
        "file_id": video(),
    }
    with pytest.raises(LateReasonRequired) as refused:
        deposit(**late)
    assert "24 小时" in refused.value.sentence and "late_reason" in refused.value.fields
    assert not Record.objects.exists() and files.check(late["file_id"])
    view = deposit(**late, late_reason="山区执法无网络，返回后上传")
    assert view.late and view.late_reason and view.upload_citation


def test_a_server_clock_set_wrong_loses_no_recording_and_the_24_hours_are_right_when_it_is(deposit, at):
    """A day behind, nothing is taken from the future; a day ahead, it is late with the reason said; then neither."""
    taken = {"captured_at": at - timedelta(hours=2), "ended_at": at - timedelta(hours=1)}
    with pytest.raises(Invalid) as refused:
        deposit(**taken, at=at - timedelta(days=1))
    assert "captured_at" in refused.value.fields
    with pytest.raises(LateReasonRequired):
        deposit(**taken, at=at + timedelta(days=1))
    assert not Record.objects.exists()
    view = deposit(**taken)
    assert not view.late and Record.objects.count() == 1


def test_evidence_has_no_upload_hours(exhibit, at):
    view = exhibit(captured_at=at - timedelta(days=40), ended_at=None)
    assert not view.late and view.upload_hours is None and view.evidence_kind_label == "书证"


@pytest.mark.parametrize("missing", ALL_SAID)
def test_each_part_of_the_statement_is_asked_for_and_its_absence_must_be_explained(deposit, missing):
    said = [element for element in ALL_SAID if element != missing]
    with pytest.raises(Invalid) as refused:
        deposit(statement=said)
    assert list(refused.value.fields) == ["statement"]
    view = deposit(statement=said, note="当事人情绪激动，先行处置")
    assert any("语音说明缺少" in remark for remark in view.remarks)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "rumour"}, "kind"),
        ({"act": " "}, "act"),
        ({"evidence_kind": "document"}, "evidence_kind"),
        ({"operator_id": None}, "operator_id"),
        ({"operator_id": 999_999}, "operator_id"),
        ({"captured_at": None}, "captured_at"),
        ({"source": "party"}, "source"),
        ({"source": "satellite dish"}, "source"),
        ({"statement": [*ALL_SAID, "weather"]}, "statement"),
        ({"full": True, "interruption": "换电池"}, "full"),
        ({"derived_from": 999_999}, "derived_from"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(deposit, changes, field):
    with pytest.raises(Invalid) as refused:
        deposit(**changes)
    assert field in refused.value.fields
    assert not Record.objects.exists()


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (timedelta(minutes=3), timedelta(minutes=4), "captured_at"),
        (timedelta(0), timedelta(minutes=3), "ended_at"),
        (timedelta(minutes=-5), timedelta(minutes=-6), "ended_at"),
        (timedelta(hours=-49), timedelta(0), "ended_at"),
        (timedelta(days=-365 * 27), timedelta(days=-365 * 27), "captured_at"),
    ],
)
def test_times_that_cannot_be_are_refused(deposit, at, start, end, field):
    with pytest.raises(Invalid) as refused:
        deposit(captured_at=at + start, ended_at=at + end)
    assert field in refused.value.fields


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (timedelta(minutes=1), timedelta(minutes=2)),
        (timedelta(hours=-48), timedelta(0)),
        (timedelta(0), timedelta(0)),
    ],
)
def test_times_on_the_line_are_accepted(deposit, at, start, end):
    assert deposit(captured_at=at + start, ended_at=at + end).id


def test_several_faults_are_told_at_once(deposit, at):
    with pytest.raises(Invalid) as refused:
        deposit(act="", operator_id=None, captured_at=at + timedelta(days=1), ended_at=at, statement=())
    assert {"act", "operator_id", "captured_at", "ended_at", "statement"} <= set(refused.value.fields)


def test_an_officer_of_another_body_is_no_operator(deposit, scene):
    stranger = Account.objects.filter(body_id=scene.loaded.other_body_id).exclude(person=None).first()
    with pytest.raises(Invalid) as refused:
        deposit(operator_id=stranger.person_id)
    assert "不是本机关人员" in refused.value.fields["operator_id"][0]


def test_a_program_is_no_evidence_and_a_document_is_no_recording(deposit, exhibit, at):
    program = files.put_bytes(b"MZ\x90\0" + b"\0" * 60, name="现场.jpg", media_type="image/jpeg", at=at)
    with pytest.raises(Invalid) as refused:
        exhibit(file_id=program.id)
    assert "可执行程序" in refused.value.fields["file"][0]
    paper = files.put_bytes(b"%PDF-1.7\n%%EOF\n", name="a.pdf", media_type="application/pdf", at=at)
    with pytest.raises(Invalid) as refused:
        deposit(file_id=paper.id)
    assert "file" in refused.value.fields
    assert exhibit(file_id=paper.id).id


def test_an_unfinished_film_is_taken_and_remarked(deposit, at):
    cut = files.put_bytes(
        b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\1\0mdat", name="断.mp4", media_type="video/mp4", at=at
    )
    assert any("不完整" in remark for remark in deposit(file_id=cut.id).remarks)


def test_a_recording_older_than_the_dossier_is_taken_and_remarked(exhibit, scene):
    view = exhibit(captured_at=scene.dossier.opened_at - timedelta(hours=5), ended_at=None)
    assert any("早于建卷时间" in remark for remark in view.remarks)


def test_a_picture_that_agrees_with_its_stated_time_is_not_remarked(exhibit, photo, at):
    view = exhibit(
        file_id=photo("2026:09:14 09:00:00"), captured_at=at - timedelta(minutes=30), ended_at=None
    )
    assert view.found_captured_at == at - timedelta(minutes=30) and view.remarks == ()


def test_a_picture_that_says_another_time_is_remarked(exhibit, photo, at):
    view = exhibit(
        file_id=photo("2026:09:10 09:00:00"), captured_at=at - timedelta(minutes=30), ended_at=None
    )
    assert any("2026-09-10 09:00" in remark for remark in view.remarks)


def test_the_time_zone_of_the_picture_and_the_error_of_the_clock_are_reckoned(exhibit, photo, at):
    view = exhibit(
        file_id=photo("2026:09:14 01:00:00", "+00:00"), captured_at=at - timedelta(minutes=30), ended_at=None
    )
    assert view.remarks == ()
    view = exhibit(
        file_id=photo("2026:09:14 10:00:00"),
        captured_at=at - timedelta(minutes=30),
        ended_at=None,
        device_clock_offset_s=3600,
    )
    assert len(view.remarks) == 1 and "快约 60 分钟" in view.remarks[0]


def test_a_closed_dossier_takes_nothing_more(deposit, scene, at):
    type(scene.dossier).objects.filter(pk=scene.dossier.pk).update(closed_at=at)
    with pytest.raises(DossierDone):
        deposit()


def test_an_unknown_file_is_not_found(deposit):
    with pytest.raises(NotFound):
        deposit(file_id=999_999)


def test_nothing_written_can_be_changed_or_deleted(deposit, exhibit, scene, at):
    view = exhibit()
    recording.verify_evidence(
        record_id=view.id, genuine=True, finding="与原件核对一致", by=scene.leader, at=at
    )
    recording.excuse(
        dossier_id=scene.dossier.pk, act="seizure", reason="记录仪电池耗尽", by=scene.officer, at=at
    )
    recording.expect(dossier_id=scene.dossier.pk, act="seizure", ended_at=at, by=scene.officer, at=at)
    for model, change in (
        (Record, {"full": True}),
        (Verification, {"genuine": False}),
        (Excuse, {"reason": "x"}),
        (Expected, {"act": "x"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all()._raw_delete("default")
        assert model.objects.exists()


def test_evidence_is_unverified_until_somebody_finds_it_true_and_the_latest_finding_counts(
    exhibit, scene, at, later
):
    view = exhibit()
    assert [v.id for v in recording.evidence_unverified(scene.dossier.pk)] == [view.id]
    checked = recording.verify_evidence(
        record_id=view.id, genuine=True, finding="与原件核对一致", by=scene.leader, at=at
    )
    assert checked.verification.genuine and checked.verification.name == scene.leader.name
    assert recording.evidence_unverified(scene.dossier.pk) == []
    recording.verify_evidence(
        record_id=view.id, genuine=True, finding="与原件核对一致", by=scene.leader, at=at
    )
    assert Verification.objects.count() == 1
    recording.verify_evidence(
        record_id=view.id, genuine=False, finding="经比对系翻拍", by=scene.leader, at=later(hours=1)
    )
    assert [v.id for v in recording.evidence_unverified(scene.dossier.pk)] == [view.id]


def test_a_finding_needs_words_and_evidence(deposit, exhibit, scene, at):
    with pytest.raises(Invalid):
        recording.verify_evidence(record_id=exhibit().id, genuine=True, finding=" ", by=scene.leader, at=at)
    with pytest.raises(NotEvidence):
        recording.verify_evidence(
            record_id=deposit().id, genuine=True, finding="一致", by=scene.leader, at=at
        )


def test_every_row_gives_its_ledger_payload_again(deposit, exhibit, scene, at):
    from mingzhi.ledger import kinds
    from mingzhi.ledger.fsck import fsck

    view = exhibit()
    deposit()
    recording.verify_evidence(
        record_id=view.id, genuine=True, finding="与原件核对一致", by=scene.leader, at=at
    )
    recording.excuse(
        dossier_id=scene.dossier.pk, act="seizure", reason="记录仪电池耗尽", by=scene.officer, at=at
    )
    recording.expect(dossier_id=scene.dossier.pk, act="seizure", ended_at=at, by=scene.officer, at=at)
    for entry in Entry.objects.filter(kind__startswith="recording:"):
        kind = kinds.current(entry.kind)
        assert kind.payload_of(entry.subject) == dict(kind.rows())[entry.subject]
    assert kinds.current("recording:evidence:deposited").files(f"record:{view.id}") == [
        (view.file.id, view.file.sha256)
    ]
    assert callable(fsck)
