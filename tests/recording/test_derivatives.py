"""A derivative is a new record with its parent and its making; the original never changes."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers import sources
from mingzhi.dossiers.models import Dossier
from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid, NotAllowed
from mingzhi.ledger import api as ledger
from mingzhi.ledger.models import Attempt, Entry
from mingzhi.outbox import api as outbox
from mingzhi.recording import api as recording
from mingzhi.recording import derivatives, workshop
from mingzhi.recording.access_models import Derivation, DerivationOrder
from mingzhi.recording.choices import WorkState
from mingzhi.recording.errors import AccessNeeded, DossierDone, NoMarkedCopy, OrderNotFound
from mingzhi.recording.models import Probe, Record
from mingzhi.recording.recipes import Shape
from tests.recording import footage

pytestmark = pytest.mark.django_db(databases="__all__")
SHAPE = Shape("video", 160, 120, 3000, True)
BOX = dict(zip("xywh", footage.SECRET, strict=True)) | {"from": 0, "to": 3000, "mode": "fill"}


@pytest.fixture
def film(deposit, at, tmp_path):
    """A recording of three seconds on the dossier."""
    data = footage.clip(tmp_path / "film.mp4").read_bytes()
    stored = files.put_bytes(data, name="现场.mp4", media_type="video/mp4", at=at)
    start = at - timedelta(minutes=10)
    return deposit(
        file_id=stored.id,
        captured_at=start,
        ended_at=start + timedelta(seconds=3),
        full=True,
        title="现场检查录像",
    )


@pytest.fixture
def order(scene, at, film):
    def put(who="officer1", record_id=None, shape=SHAPE, **recipe):
        return recording.derivatives.derivative_order(
            record_id=record_id or film.id,
            given=recording.recipes.recipe(**(recipe or {"boxes": [BOX]})),
            shape=shape,
            title="现场检查录像（处理件）",
            reason="公示前遮挡无关人员",
            by=scene.actor(who),
            at=at,
        )

    return put


def state(view):
    return DerivationOrder.objects.get(pk=view.id)


def test_a_masked_clip_becomes_a_record_that_names_its_parent_and_its_making(scene, at, film, order):
    before = files.path(film.file.id).read_bytes()
    view = order(clip=(500, 2500), boxes=[BOX], mutes=[(1000, 1500)])
    assert view.state == WorkState.WAITING
    outbox.run_due(at + timedelta(minutes=1))
    done = state(view)
    assert (done.state, done.percent) == (WorkState.DONE, 100)
    made = done.made
    child = recording.record(made.record_id)
    assert child.derived_from_id == film.id and child.title == "现场检查录像（处理件）" and not child.full
    assert child.captured_at == film.captured_at + timedelta(milliseconds=500)
    assert child.ended_at == film.captured_at + timedelta(milliseconds=2500)
    assert "截取 00:00:00.500 至 00:00:02.500" in child.note and "遮挡 1 处" in child.note
    assert (made.parent_sha256, made.sha256) == (film.file.sha256, child.file.sha256)
    assert made.recipe["clip"] == [500, 2500] and "av " in made.tool and made.made_by == scene.officer.label
    assert not any(
        p[1] > p[0] + 20 for _t, f in footage.frames(files.path(child.file.id)) for p in _inside(f)
    )
    assert files.path(film.file.id).read_bytes() == before and files.check(film.file.id)
    parent, how = recording.derivatives.origin(child.id)
    assert parent.id == film.id and how.pk == made.pk and recording.derivatives.origin(film.id) is None
    assert Entry.objects.get(kind="recording:derivative:made").subject == f"derivation:{made.pk}"
    lines = recording.custody_queries.chain(f"record:{film.id}", record_id=film.id)
    assert [x.what for x in lines if "衍生件" in x.what] == ["制作衍生件", "制成衍生件"]
    assert ledger.fsck().ok


def test_what_was_asked_and_made_goes_with_the_dossier_and_its_files_are_known(scene, at, film, order):
    order(boxes=[BOX])
    outbox.run_due(at + timedelta(minutes=1))
    asked = recording.custody.access_request(
        dossier_id=scene.dossier.pk, use="credit", reason="复核", days=2, by=scene.actor("officer3"), at=at
    )
    recording.custody.access_decide(request_id=asked.id, approved=True, by=scene.actor("head"), at=at)
    recording.custody.access_revoke(request_id=asked.id, reason="用途已尽", by=scene.actor("head"), at=at)
    made = Derivation.objects.get()
    mine = {f"access:{asked.id}", f"derivation:{made.pk}"}
    found = sources.subjects(scene.dossier.pk)
    kinds = {e.kind for subject in found for e in ledger.entries_of(subject)}
    assert mine < set(found) and len(found) == len(set(found))
    assert {
        "recording:access:requested", "recording:access:decided", "recording:access:revoked", "recording:derivative:made"
    } <= kinds  # fmt: skip
    assert mine < {e.subject for e in sources.events(scene.dossier.pk)}
    looked = Probe.objects.get(record_id=film.id)
    assert {film.file.id, made.file_id, looked.thumb_id, looked.wave_id} <= sources.files_of(scene.dossier.pk)
    other = dossiers.dossier_open(
        procedure="penalty.ordinary", procedure_version="2026-11", state="new", stage="启动", title="另案",
        body_id=scene.dossier.body_id, unit_id=scene.officer.unit_id, field="urban", by=scene.officer, at=at,
    )  # fmt: skip
    assert not mine & set(sources.subjects(other.pk)) and sources.files_of(other.pk) == set()


def _inside(picture: Image.Image):
    x, y, w, h = footage.SECRET
    return [picture.getpixel((a, b)) for a in range(x, x + w, 3) for b in range(y, y + h, 3)]


def test_a_copy_never_stands_for_the_original_at_a_gate(scene, at, film, order):
    order()
    outbox.run_due(at + timedelta(minutes=1))
    originals = Record.objects.filter(dossier=scene.dossier, derived_from=None)
    assert originals.count() == 1 and Record.objects.filter(derived_from=film.id).count() == 1


def test_run_again_after_a_kill_it_is_made_once(at, order, monkeypatch):
    view = order(mutes=[(0, 1000)])
    finish = derivatives._finish

    def killed(*_a, **_k):
        raise KeyboardInterrupt

    monkeypatch.setattr(derivatives, "_finish", killed)
    with pytest.raises(KeyboardInterrupt):
        derivatives.derive_job({"order": view.id}, at=at)
    assert state(view).state == WorkState.RUNNING and not Derivation.objects.exists()
    monkeypatch.setattr(derivatives, "_finish", finish)
    for _turn in range(2):
        derivatives.derive_job({"order": view.id}, at=at + timedelta(minutes=11))
    assert Derivation.objects.count() == 1 and Record.objects.filter(derived_from__isnull=False).count() == 1
    assert state(view).state == WorkState.DONE


def test_a_fact_without_its_entry_is_never_there(at, order, monkeypatch):
    view = order()

    def full(*_a, **_k):
        raise OSError("no space")

    monkeypatch.setattr("mingzhi.ledger.rows.append", full)
    with pytest.raises(OSError):
        derivatives.derive_job({"order": view.id}, at=at)
    assert not Derivation.objects.exists() and not Record.objects.filter(derived_from__isnull=False).exists()


def test_what_cannot_be_made_says_why_and_is_not_tried_for_ever(scene, at, deposit, video, order):
    broken = deposit(file_id=video("broken"))
    view = order(record_id=broken.id)
    assert outbox.run_due(at + timedelta(minutes=1)) >= 1
    failed = state(view)
    assert failed.state == WorkState.FAILED and "未能制作" in failed.error
    assert outbox.run_due(at + timedelta(days=1)) == 0 and not Derivation.objects.exists()


def test_a_dossier_closed_meanwhile_takes_nothing_in(scene, at, order):
    view = order()
    Dossier.objects.filter(pk=scene.dossier.pk).update(closed_at=at)
    outbox.run_due(at + timedelta(minutes=1))
    assert state(view).state == WorkState.FAILED and "已办结" in state(view).error
    with pytest.raises(DossierDone):
        order()


@pytest.mark.parametrize(
    ("recipe", "field"),
    [
        ({"clip": (2000, 1000)}, "clip"),
        ({"clip": (3000, 4000)}, "clip"),
        ({"boxes": [BOX | {"x": 121}]}, "boxes"),
        ({"boxes": [BOX | {"w": 0}]}, "boxes"),
        ({"boxes": [BOX | {"y": -1}]}, "boxes"),
        ({"boxes": [BOX | {"x": None}]}, "boxes"),
        ({"boxes": [BOX | {"from": 2000, "to": 2000}]}, "boxes"),
        ({"boxes": [BOX | {"mode": "blur"}]}, "boxes"),
        ({"boxes": [BOX] * 41}, "boxes"),
        ({"mutes": [(1000, 1000)]}, "mutes"),
        ({"mutes": [(3000, 4000)]}, "mutes"),
        ({"clip": None}, "boxes"),
    ],
)
def test_a_recipe_that_fits_nothing_is_refused_at_its_field(order, recipe, field):
    with pytest.raises(Invalid) as refused:
        order(**recipe)
    assert field in refused.value.fields and not DerivationOrder.objects.exists()


@pytest.mark.parametrize(
    "recipe",
    [
        {"clip": (0, 1)},
        {"clip": (2999, 9000)},
        {"boxes": [BOX | {"x": 120}]},
        {"boxes": [BOX | {"x": 0, "y": 0, "w": 160, "h": 120}]},
        {"boxes": [BOX] * 40},
        {"mutes": [(2999, 3000)]},
    ],
)
def test_a_recipe_on_the_line_is_taken(order, recipe):
    assert order(**recipe).state == WorkState.WAITING


@pytest.mark.parametrize("who", ["leader", "supervisor"])
def test_who_may_look_but_does_not_handle_makes_no_derivative(order, who):
    with pytest.raises(NotAllowed):
        order(who)


def test_who_may_not_look_makes_none_and_the_try_is_noted(scene, order):
    with pytest.raises(AccessNeeded):
        order("officer3")
    assert Attempt.objects.get(act="recording:derive").outcome == "denied"


def test_a_marked_copy_of_a_picture_is_a_fact_with_its_hash_and_its_bytes_are_not_kept(scene, at, exhibit):
    stored = files.put_bytes(footage.photo(), name="现场.jpg", media_type="image/jpeg", at=at)
    view = exhibit(file_id=stored.id)
    held = len(list(Path(files.path(stored.id)).parents[2].rglob("*")))
    copy = recording.derivatives.marked_copy(
        by=scene.officer, record_id=view.id, purpose="案件办理", use="case", at=at
    )
    row = Derivation.objects.get()
    assert (row.sha256, row.size, row.parent_sha256, row.record_id, row.file_id) == (
        copy.sha256,
        len(copy.data),
        stored.sha256,
        None,
        None,
    )
    for words in (scene.officer.name, "2026-09-14 09:30", "案件办理"):
        assert words in row.recipe["watermark"]
    assert Image.open(io.BytesIO(copy.data)).size == (160, 120)
    assert len(list(Path(files.path(stored.id)).parents[2].rglob("*"))) == held
    assert Entry.objects.filter(kind="recording:copy:made").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Derivation.objects.update(sha256="0" * 64)


def test_what_cannot_carry_a_mark_does_not_leave_as_a_copy(scene, at, exhibit):
    stored = files.put_bytes("账目\n".encode(), name="账目.txt", media_type="text/plain", at=at)
    view = exhibit(file_id=stored.id)
    assert not view.copyable and not view.derivable
    with pytest.raises(NoMarkedCopy, match="文本文件"):
        recording.derivatives.marked_copy(by=scene.officer, record_id=view.id, purpose="案件办理", at=at)


def test_a_video_copy_is_made_by_the_worker_and_fetched_by_who_ordered_it_within_the_week(scene, at, film):
    supervisor = scene.actor("supervisor")
    view = recording.derivatives.copy_order(
        record_id=film.id, purpose="执法监督：专项督查", by=supervisor, at=at
    )
    fetch = {"order_id": view.id, "by": supervisor}
    with pytest.raises(OrderNotFound):
        recording.derivatives.copy_fetched(at=at, **fetch)
    outbox.run_due(at + timedelta(minutes=1))
    opened = recording.derivatives.copy_fetched(at=at + timedelta(minutes=2), **fetch)
    assert opened.file.media_type == "video/mp4"
    dark = footage.frames(files.path(opened.file.id))[0][1].convert("L").getextrema()
    assert (
        dark[1] - dark[0]
        > footage.still().convert("L").getextrema()[1] - footage.still().convert("L").getextrema()[0]
    )
    assert not Record.objects.filter(derived_from=film.id).exists()
    with pytest.raises(OrderNotFound):
        recording.derivatives.copy_fetched(order_id=view.id, by=scene.officer, at=at)
    with pytest.raises(OrderNotFound):
        recording.derivatives.copy_fetched(at=at + timedelta(days=7, minutes=2), **fetch)
    assert Attempt.objects.filter(act="recording:export", outcome="ok").count() == 1


def test_progress_is_told_while_it_is_made(at, order, monkeypatch):
    view, told = order(), []
    make = workshop.make

    def watched(task, *, seconds, progress):
        def both(percent):
            progress(percent)
            told.append(state(view).percent)

        return make(task, seconds=seconds, progress=both)

    monkeypatch.setattr(workshop, "make", watched)
    derivatives.derive_job({"order": view.id}, at=at)
    assert told and told == sorted(told) and 0 < told[0] < 100
