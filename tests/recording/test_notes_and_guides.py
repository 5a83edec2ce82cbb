"""Notes pinned to a moment, demonstration videos and wordings, and the card that is read aloud."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid, NotAllowed
from mingzhi.ledger.models import Entry
from mingzhi.recording.api import guides, notes, script
from mingzhi.recording.errors import GuideNotFound, RecordNotFound
from mingzhi.recording.models import Note
from mingzhi.recording.probe import probe_run
from tests.recording.films import film

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def record(deposit, at):
    stored = files.put_bytes(film(), name="a.mp4", media_type="video/mp4", at=at)
    view = deposit(file_id=stored.id)
    probe_run(view.id, at=at)
    return view.id


@pytest.fixture
def note(record, scene, at):
    def add(position, text="当事人签字", by=None):
        return notes.note_add(
            record_id=record, position_ms=position, text=text, by=by or scene.officer, at=at
        )

    return add


def test_notes_stand_in_the_order_of_the_recording_with_who_and_when(note, record, scene):
    note(1500, "当事人拒绝签字")
    note(500, "出示执法证件", by=scene.leader)
    first, second = notes.notes(record)
    assert (first.text, first.by_name, first.clock) == ("出示执法证件", scene.leader.name, "0:00")
    assert second.position_ms == 1500
    assert Entry.objects.filter(kind="recording:record:noted").count() == 2


def test_the_same_note_twice_is_one(note):
    assert note(500) == note(500)


@pytest.mark.parametrize(("position", "fine"), [(0, True), (3000, True), (3100, False), (-1, False)])
def test_a_note_lies_within_the_recording(note, position, fine):
    if fine:
        assert note(position)
    else:
        with pytest.raises(Invalid) as refused:
            note(position)
        assert "position" in refused.value.fields


def test_another_agency_and_empty_words_leave_no_note(note, scene):
    with pytest.raises(RecordNotFound):
        note(0, by=scene.other)
    with pytest.raises(Invalid):
        note(0, " ")
    assert not Note.objects.exists()


def test_a_note_is_never_changed(note):
    note(0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.update(text="x")


# --- guides ----------------------------------------------------------------------------------------


@pytest.fixture
def publish(scene, at):
    def do(by=None, **changes):
        facts = {
            "kind": "phrase",
            "title": "表明身份",
            "text": "您好，我们是执法人员，这是我们的执法证件。",
            "act": "on_site_inspection",
            "publisher": "示例省司法厅",
            "published_on": date(2026, 9, 1),
        }
        return guides.guide_publish(**{**facts, **changes}, by=by or scene.keeper, at=at)

    return do


def test_a_video_of_the_library_is_a_video_a_browser_plays(publish, scene, at):
    stored = files.put_bytes(film(), name="示范.mp4", media_type="video/mp4", at=at)
    made = publish(kind="video", title="现场检查示范", text="", file_id=stored.id)
    assert guides.guide_video(scene.body.id, made).sha256 == stored.sha256
    with pytest.raises(GuideNotFound):
        guides.guide_video(scene.loaded.other_body_id, made)
    paper = files.put_bytes(b"%PDF-1.7\n%%EOF\n", name="a.pdf", media_type="application/pdf", at=at)
    for wrong in (None, 999_999, paper.id):
        with pytest.raises(Invalid) as refused:
            publish(kind="video", file_id=wrong)
        assert "file" in refused.value.fields


def test_only_keepers_publish_and_nothing_half_is_published(publish, scene, at):
    with pytest.raises(NotAllowed):
        publish(by=scene.officer)
    with pytest.raises(Invalid) as refused:
        publish(title="", text="", publisher="", published_on=date(2026, 9, 15))
    assert set(refused.value.fields) == {"title", "text", "publisher", "published_on"}


def test_what_is_withdrawn_is_not_offered_any_more_and_stays_known(publish, scene, at):
    made = publish()
    guides.guide_withdraw(guide_id=made, by=scene.keeper, at=at)
    guides.guide_withdraw(guide_id=made, by=scene.keeper, at=at)
    assert guides.guides(scene.body.id) == []
    (kept,) = guides.guides(scene.body.id, withdrawn=True)
    assert kept.withdrawn_at == at
    from mingzhi.ledger import kinds

    for entry in Entry.objects.filter(kind__startswith="recording:guide:"):
        kind = kinds.current(entry.kind)
        assert kind.payload_of(entry.subject) == dict(kind.rows())[entry.subject]
    assert Entry.objects.filter(kind__startswith="recording:guide:").count() == 2


# --- the card --------------------------------------------------------------------------------------


def card(scene, at, **changes):
    facts = {
        "act": "on_site_inspection",
        "moment": at,
        "place": "示例路 1 号",
        "officers": (("张某甲", "粤1001"), ("李某丙", "粤1002")),
        "cause": "涉嫌擅自占道经营案",
    }
    return script.card(body=scene.body, **{**facts, **changes})


def test_the_card_says_all_six_from_the_matters_own_data(scene, at, publish):
    publish()
    publish(act="hearing", title="听证开场")
    made = card(scene, at)
    said = {line.element: line for line in made.lines}
    assert list(said) == ["time", "place", "officers", "act", "focus", "notice"]
    assert all(line.ready for line in made.lines)
    assert "2026年9月14日9时30分" in said["time"].text
    assert "粤1001" in said["officers"].text and scene.body.name in said["officers"].text
    assert "正在进行音像记录" in said["notice"].text
    assert made.mode_label == "应当音像记录" and made.hours == 24 and made.statement_citation
    assert [g.title for g in made.phrases] == ["表明身份"]


def test_what_the_matter_does_not_know_is_left_to_fill_in(scene, at):
    made = card(scene, at, place="", officers=(("张某甲", ""),), cause="")
    assert {line.element for line in made.lines if not line.ready} == {"place", "officers", "act"}


@pytest.mark.parametrize("profile", ["yongcheng-transport"])
def test_another_profiles_list_decides_the_mode(scene, at):
    assert card(scene, at).mode_label == "根据实际情况音像记录"
