"""Archiving a case: completeness, index, seal, holds, lending, destruction."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers import archive, destruction, held, jobs, lending, models
from mingzhi.dossiers.choices import MakeKind, MakeState, SealKind
from mingzhi.dossiers.errors import ListClosed, ListUnapproved, NotArchived, NotExpired, OnHold
from mingzhi.files import api as files
from mingzhi.files import objects
from mingzhi.files.errors import FileDamaged, FileErased
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.recording import derivatives, probe
from mingzhi.recording.access_models import Derivation
from mingzhi.recording.models import Probe
from mingzhi.web.demo.drive import Bureau, Drive
from tests.cases.staging import module_bureau, on_copy, refused, start
from tests.recording import footage

__all__ = ["module_bureau"]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
pytestmark = pytest.mark.django_db(databases="__all__")


def _closed(
    bureau: Bureau, meanwhile: Callable[[Drive], object] = lambda case: None, **changes: object
) -> Drive:
    case = start(bureau, **changes)
    case.file()
    case.investigate()
    meanwhile(case)
    case.conclude()
    case.to_decision()
    case.serve("P18", "decision_serve")
    case.pay()
    case.close()
    return case


@pytest.fixture(scope="module")
def closed_once(module_bureau: Bureau) -> Drive:
    return _closed(module_bureau)


@pytest.fixture
def closed(closed_once: Drive) -> Drive:
    return on_copy(closed_once)


@pytest.fixture(scope="module")
def archived_once(module_bureau: Bureau) -> Drive:
    """A matter of its own, so that whoever needs the closed one still finds it closed."""
    case = _closed(module_bureau, act_on=date(2026, 9, 2))
    case.step("archive", "archivist", importance="important")
    making = models.Making.objects.get(dossier_id=case.id, kind=MakeKind.SEAL)
    jobs.making(making.pk, at=case.at)
    return case


@pytest.fixture
def archived(archived_once: Drive) -> Drive:
    return on_copy(archived_once)


def dossier_of(case: Drive) -> models.Dossier:
    return models.Dossier.objects.get(pk=case.id)


# --- completeness ---------------------------------------------------------------------------------


def test_a_whole_dossier_is_archived_and_gets_number_term_and_sealed_index(archived: Drive) -> None:
    view = archive.archive_of(archived.id)
    assert view is not None
    assert view.number.startswith(f"{view.closed_on.year}-00")
    assert view.retention_label == "永久" and view.expires_on is None
    assert view.transfer_on == view.closed_on.replace(year=view.closed_on.year + 10), "a county body"
    digest, lines = archive.sealed_index(archived.id)
    assert view.items == len(lines) and view.index_digest == digest
    assert all(line.item.pages for line in lines)


def test_the_index_is_in_statutory_order_and_its_pages_run_on(archived: Drive) -> None:
    _, lines = archive.sealed_index(archived.id)
    main = [line for line in lines if line.volume == "main"]
    side = [line for line in lines if line.volume == "side"]
    codes = [line.item.code for line in main]
    assert codes[:2] == ["P02", "P18"]
    assert codes.index("P27") < codes.index("P13") < codes.index("EVIDENCE") < codes.index("RECORDING")
    assert {line.item.code for line in side} >= {"P11", "P17", "P28"}
    for volume in (main, side):
        page = 1
        for seq, line in enumerate(volume, 1):
            assert (line.seq, line.first) == (seq, page)
            assert line.last == page + (line.item.pages or 0) - 1
            page = line.last + 1


def test_a_voided_paper_is_missed_and_the_reason_says_where_to_mend_it(closed: Drive) -> None:
    from mingzhi.documents import api as documents

    paper = next(p for p in documents.papers(closed.id) if p.template == "P28")
    documents.void(paper_id=paper.id, reason="填写有误", by=closed.by("leader"), at=closed.at)
    assert refused(closed, "archive", "archivist", importance="important") == {"ARC.paper.P28"}


def test_a_case_is_not_asked_for_what_the_law_did_not_ask(closed: Drive) -> None:
    """No hearing, no review, no discussion, no preservation: and still it is complete."""
    from mingzhi.documents import api as documents

    held = {p.template for p in documents.papers(closed.id)}
    assert not held & {"P15R", "P12O", "P16", "P07N"}
    closed.step("archive", "archivist", importance="important")
    assert closed.state == "archived"


def test_a_dossier_that_lacks_several_things_is_told_all_of_them_at_once(closed: Drive) -> None:
    from mingzhi.documents import api as documents

    for paper in documents.papers(closed.id):
        if paper.template in ("P28", "P11", "P17"):
            documents.void(paper_id=paper.id, reason="填写有误", by=closed.by("leader"), at=closed.at)
    assert refused(closed, "archive", "archivist", importance="important") == {
        "ARC.paper.P11",
        "ARC.paper.P17",
        "ARC.paper.P28",
    }


def test_another_importance_than_the_usual_one_needs_its_reason(closed: Drive) -> None:
    assert refused(closed, "archive", "archivist", importance="general") == {"ARC.importance"}
    closed.step("archive", "archivist", importance="general", reason="标的较小，经档案部门同意按一般掌握")
    view = archive.archive_of(closed.id)
    assert view is not None and view.years == 30
    assert view.expires_on == date(view.closed_on.year + 31, 1, 1)


# --- sealed index and supplements ------------------------------------------------------------------


def add_supplement(case: Drive) -> models.HeldItem:
    picture = files.put_bytes(PNG, name="补充照片.png", at=case.at)
    entry = held.HeldEntry(title="补充照片", on=date.fromisoformat(case.day), volume="main", file=picture)
    return held.supplement_add(
        dossier=dossier_of(case), entry=entry, reason="装订时遗漏", by=case.by("archivist"), at=case.at
    )


def test_what_comes_after_sealing_stands_at_the_end_and_is_marked(archived: Drive) -> None:
    before = archive.sealed_index(archived.id)[1]
    add_supplement(archived)
    now = archive.contents(dossier_of(archived))
    added = [line for line in now if line.supplement]
    assert [line.item.title for line in added] == ["补充照片"]
    main = [line for line in now if line.volume == "main"]
    assert main[-1] is added[0] and added[0].first == (main[-2].last or 0) + 1
    kept = [line for line in now if not line.supplement]
    assert [(x.seq, x.first, x.item.sha256) for x in kept] == [
        (x.seq, x.first, x.item.sha256) for x in before
    ]
    row = archive.making_ask(
        dossier=dossier_of(archived), kind=MakeKind.SEAL, by=archived.by("archivist"), at=archived.at
    )
    assert jobs.making(row.pk, at=archived.at).state == MakeState.DONE
    sealing = models.Sealing.objects.filter(archive__dossier_id=archived.id).order_by("-seq").first()
    assert sealing is not None and (sealing.seq, sealing.kind) == (2, "supplement")


def test_what_comes_while_a_sealing_runs_is_sealed_by_another(archived: Drive) -> None:
    seals = models.Making.objects.filter(dossier_id=archived.id, kind=MakeKind.SEAL)
    row = add_supplement(archived)
    jobs.making(seals.latest("pk").pk, at=archived.at)
    seals.filter(pk=seals.latest("pk").pk).update(state=MakeState.RUNNING)  # sealed, and not yet said so
    late = add_supplement(archived)
    waiting = seals.filter(state=MakeState.WAITING)
    assert [w.state for w in waiting] == [MakeState.WAITING] and late.pk != row.pk
    jobs.making(waiting[0].pk, at=archived.at)
    assert f"held:{late.pk}" in {line.item.subject for line in archive.sealed_index(archived.id)[1]}


def test_sealing_twice_adds_nothing(archived: Drive) -> None:
    assert (
        archive.index_seal(dossier=dossier_of(archived), kind="archive", by="system", at=archived.at) is None
    )


def test_nothing_is_sealed_before_archiving(closed: Drive) -> None:
    with pytest.raises(NotArchived):
        archive.index_seal(dossier=dossier_of(closed), kind="archive", by="system", at=closed.at)


@pytest.mark.parametrize(
    "table", ["archiverecord", "retention", "sealing", "hold", "loan", "destructionlist"]
)
def test_the_database_refuses_to_change_what_was_archived(archived: Drive, table: str) -> None:
    _one_of_each(archived)
    column = "lent_at" if table == "loan" else "at"
    for statement in (f"UPDATE dossiers_{table} SET {column} = {column}", f"DELETE FROM dossiers_{table}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def _one_of_each(case: Drive) -> None:
    by = case.by("archivist")
    archive.hold_set(dossier=dossier_of(case), source="manual", reason="事故调查", by=by, at=case.at)
    lend(case)
    models.DestructionList.objects.create(
        body_id=by.body_id, number="试", reason="试试看", at=case.at, by=by.label, by_name=by.name
    )


def test_every_fact_of_the_archive_is_in_the_ledger_and_an_altered_index_is_found(archived: Drive) -> None:
    _lent_and_held(archived)
    ledger.sequence(at=archived.at)
    assert [f for f in ledger.fsck().findings if "dossiers:" in f.kind] == []


def _lent_and_held(case: Drive) -> None:
    by = case.by("archivist")
    hold = archive.hold_set(dossier=dossier_of(case), source="manual", reason="事故调查", by=by, at=case.at)
    archive.hold_lift(dossier=dossier_of(case), hold_id=hold.pk, reason="调查终结", by=by, at=case.at)
    loan = lend(case)
    lending.loan_return(dossier=dossier_of(case), loan_id=loan.pk, condition="完好", by=by, at=case.at)


# --- holds ------------------------------------------------------------------------------------------


def test_a_lawsuit_holds_the_dossier_by_itself_and_once(archived: Drive) -> None:
    archived.step("remedy", "officer1", forum="court", began_on=archived.day, number="（2026）某行初1号")
    view = archive.archive_of(archived.id)
    assert view is not None and view.held
    assert [h.source for h in view.holds] == ["litigation"]


def test_a_hold_is_lifted_with_a_reason_by_name(archived: Drive) -> None:
    dossier, by = dossier_of(archived), archived.by("archivist")
    hold = archive.hold_set(dossier=dossier, source="manual", reason="事故调查", by=by, at=archived.at)
    with pytest.raises(Invalid):
        archive.hold_lift(dossier=dossier, hold_id=hold.pk, reason=" ", by=by, at=archived.at)
    archive.hold_lift(dossier=dossier, hold_id=hold.pk, reason="调查终结", by=by, at=archived.at)
    view = archive.archive_of(archived.id)
    assert view is not None and not view.held and view.holds[0].lifted_by == by.name


# --- lending ----------------------------------------------------------------------------------------


def lend(case: Drive, **changes: object) -> models.Loan:
    given = {
        "volume": "main",
        "borrower": "某某法官",
        "unit": "某某区人民法院",
        "purpose": "审理行政案件",
        "due_on": date.fromisoformat(case.day) + timedelta(days=10),
        "by": case.by("archivist"),
        "at": case.at,
    }
    return lending.loan_make(dossier=dossier_of(case), **{**given, **changes})  # type: ignore[arg-type]


def test_what_is_out_is_not_lent_again_and_is_overdue_the_day_after_it_was_due(archived: Drive) -> None:
    loan = lend(archived)
    with pytest.raises(Invalid) as wrong:
        lend(archived)
    assert "volume" in wrong.value.fields
    view = lending.loans(dossier_id=archived.id, out=True)[0]
    assert not view.overdue(view.due_on) and view.overdue(view.due_on + timedelta(days=1))
    by = archived.by("archivist")
    lending.loan_return(
        dossier=dossier_of(archived), loan_id=loan.pk, condition="完好", by=by, at=archived.at
    )
    assert lending.loans(dossier_id=archived.id, out=True) == []
    lend(archived)


def test_the_side_volume_goes_out_on_a_named_approval_only(archived: Drive) -> None:
    with pytest.raises(Invalid) as wrong:
        lend(archived, volume="both")
    assert set(wrong.value.fields) == {"basis"}
    assert lend(archived, volume="both", basis="局长批示").volume == "both"


# --- destruction -------------------------------------------------------------------------------------


@pytest.fixture
def own_bytes(closed_once: Drive, settings: Any, tmp_path: Path) -> None:
    """The test's own store with everything stored so far: what a test erases is missed by no other,
    whose rows come back while bytes would not."""
    if Path(settings.FILES_ROOT).is_dir():
        shutil.copytree(settings.FILES_ROOT, tmp_path / "files", copy_function=_linked)
    settings.FILES_ROOT = tmp_path / "files"


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture
def expired(closed: Drive, own_bytes: None) -> Drive:
    """A general dossier whose thirty years are over."""
    return _expired(closed)


def _expired(closed: Drive) -> Drive:
    closed.step("archive", "archivist", importance="general", reason="标的较小，按一般掌握")
    making = models.Making.objects.get(dossier_id=closed.id, kind=MakeKind.SEAL)
    jobs.making(making.pk, at=closed.at)
    closed.at += timedelta(days=365 * 32)
    return closed


def listed(case: Drive, opinion: str = "destroy", **more: object) -> destruction.ListView:
    by = case.by("archivist")
    made = destruction.list_make(dossier_ids=[case.id], reason="保管期限届满", by=by, at=case.at)
    line = made.lines.get()
    destruction.line_opine(
        list_id=made.pk, line_id=line.pk, opinion=opinion, reason="无继续保存价值", by=by, at=case.at, **more
    )  # type: ignore[arg-type]
    return destruction.list_view(made)


def approve(case: Drive, view: destruction.ListView) -> None:
    destruction.list_decide(list_id=view.id, role="leader", approved=True, by=case.by("leader"), at=case.at)
    destruction.list_decide(list_id=view.id, role="second", approved=True, by=case.by("deputy"), at=case.at)


def test_a_dossier_one_day_before_its_expiry_cannot_be_listed(closed: Drive) -> None:
    closed.step("archive", "archivist", importance="general", reason="标的较小，按一般掌握")
    view = archive.archive_of(closed.id)
    assert view is not None and view.due_on is not None
    by = closed.by("archivist")
    assert destruction.expired(by.body_id, view.due_on - timedelta(days=1)) == []
    assert [v.dossier_id for v in destruction.expired(by.body_id, view.due_on)] == [closed.id]
    with pytest.raises(NotExpired):
        destruction.list_make(dossier_ids=[closed.id], reason="保管期限届满", by=by, at=closed.at)


def test_bytes_go_only_after_two_people_approved_and_hashes_stay(expired: Drive) -> None:
    by = expired.by("archivist")
    items = [line.item for line in archive.sealed_index(expired.id)[1] if line.item.file_id]
    view = listed(expired)
    with pytest.raises(ListUnapproved):
        destruction.list_carry_out(list_id=view.id, by=by, at=expired.at)
    destruction.list_decide(
        list_id=view.id, role="leader", approved=True, by=expired.by("leader"), at=expired.at
    )
    with pytest.raises(ListUnapproved):
        destruction.list_carry_out(list_id=view.id, by=by, at=expired.at)
    assert files.path(items[0].file_id or 0).exists()
    destruction.list_decide(
        list_id=view.id, role="second", approved=True, by=expired.by("deputy"), at=expired.at
    )
    done = destruction.list_carry_out(list_id=view.id, by=by, at=expired.at)
    assert done.state == "done"
    assert set(done.lines[0].hashes) | set(_kept(expired)) >= {i.sha256 for i in items}
    for item in items:
        if item.sha256 in done.lines[0].hashes:
            with pytest.raises(FileErased):
                files.path(item.file_id or 0)
    ledger.sequence(at=expired.at)
    found = ledger.fsck().findings
    assert [f.sentence for f in found] == [], "what was lawfully destroyed is no finding"


def _kept(case: Drive) -> list[str]:
    return list(models.Destroyed.objects.get(line__archive__dossier_id=case.id).kept)


def test_bytes_that_another_dossier_stands_on_are_kept(expired: Drive, module_bureau: Bureau) -> None:
    other = start(module_bureau)
    other.file()
    shared = next(
        i for i in (line.item for line in archive.sealed_index(expired.id)[1]) if i.code == "EVIDENCE"
    )
    recording.deposit(
        dossier_id=other.id, act="", kind="evidence", file_id=shared.file_id, captured_at=other.at,
        ended_at=other.at, device="", operator_id=other.by("officer1").person_id, place="某处", full=False,
        statement=(), evidence_kind="document", source="document", title="同一照片", purpose="证明", interruption="",
        note="", late_reason="", by=other.by("officer1"), at=other.at,
    )  # fmt: skip
    view = listed(expired)
    approve(expired, view)
    destruction.list_carry_out(list_id=view.id, by=expired.by("archivist"), at=expired.at)
    assert shared.sha256 in _kept(expired)
    assert files.path(shared.file_id or 0).exists()


def test_of_a_destroyed_dossier_no_byte_remains_in_any_copy(
    module_bureau: Bureau, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    film = footage.clip(tmp_path / "film.mp4").read_bytes()
    records: list[int] = []

    def filmed(case: Drive) -> None:
        """A film with its thumbnail and waveform, and a masked clip made from it."""
        by, start_at = case.by("officer1"), case.at - timedelta(minutes=10)
        stored = files.put_bytes(film, name="现场.mp4", media_type="video/mp4", at=case.at)
        view = recording.deposit(
            dossier_id=case.id, act="on_site_inspection", kind="recording", file_id=stored.id,
            captured_at=start_at, ended_at=start_at + timedelta(seconds=3), device="",
            operator_id=by.person_id, place="某处", full=True, statement=(), title="现场录像",
            note="佩戴口罩，未口述", by=by, at=case.at,
        )  # fmt: skip
        records.append(view.id)
        probe.probe_run(view.id, at=case.at)
        shape = recording.recipes.Shape("video", 160, 120, 3000, True)
        recipe = recording.recipes.recipe(mutes=[(0, 1000)])
        order = recording.derivatives.derivative_order(
            record_id=view.id, given=recipe, shape=shape, title="现场录像（处理件）", reason="公示前处理", by=by, at=case.at
        )  # fmt: skip
        derivatives.derive_job({"order": order.id}, at=case.at)

    case = _expired(_closed(module_bureau, filmed, act_on=date(2026, 9, 3)))
    by, dossier = case.by("archivist"), dossier_of(case)
    order = recording.derivatives.copy_order(
        record_id=records[0], purpose="送审", by=case.by("officer1"), at=case.at
    )
    derivatives.derive_job({"order": order.id}, at=case.at)
    bound = archive.making_ask(dossier=dossier, kind=MakeKind.BOTH, by=by, at=case.at)
    jobs.making(bound.pk, at=case.at)
    inward = next(p for p in documents.papers(case.id) if p.served_on is None)
    documents.void(paper_id=inward.id, reason="重复制作", by=case.by("officer1"), at=case.at)
    looked = Probe.objects.get(record_id=records[0])
    copies = [*Derivation.objects.filter(dossier_id=case.id), bound.__class__.objects.get(pk=bound.pk)]
    assert looked.thumb_id and looked.wave_id and len(copies) == 3 and inward.file_id
    doomed = {files.ref(i).sha256 for i in (looked.thumb_id, looked.wave_id, inward.file_id)}
    doomed |= {files.ref(copy.file_id).sha256 for copy in copies}
    view = listed(case)
    approve(case, view)
    assert doomed < {content.sha256 for content in objects.store().contents()}
    done = destruction.list_carry_out(list_id=view.id, by=by, at=case.at)
    assert doomed <= set(done.lines[0].hashes)
    left = {content.sha256 for content in objects.store().contents()}
    assert left == set(_kept(case)), "what no other dossier stands on is gone, whatever it was made for"
    assert film not in {objects.store().path(sha256).read_bytes() for sha256 in left}
    ledger.sequence(at=case.at)
    # Other dossiers of the module lie in the store that the session shares.
    own = {f"record:{records[0]}", f"paper:{inward.id}", *(f"derivation:{d.pk}" for d in copies[:2])}
    assert [f.sentence for f in ledger.fsck(files=True).findings if own & {f.subject}] == []


def test_what_was_erased_and_comes_again_is_there_and_no_earlier_list_reaches_it(expired: Drive) -> None:
    item = next(i.item for i in archive.sealed_index(expired.id)[1] if i.item.code == "EVIDENCE")
    before = files.ref(item.file_id or 0)
    data = files.path(before.id).read_bytes()
    view = listed(expired)
    approve(expired, view)
    by = expired.by("archivist")
    destruction.list_carry_out(list_id=view.id, by=by, at=expired.at)
    again = files.put_bytes(data, name=before.name, media_type=before.stated_type, at=expired.at)
    assert again.id == before.id, "the same bytes under the same name are the same row"
    destruction.list_carry_out(list_id=view.id, by=by, at=expired.at)
    assert files.path(again.id).read_bytes() == data
    files.path(again.id).unlink()
    with pytest.raises(FileDamaged):
        files.path(again.id)
    assert not files.check(again.id)


def test_leader_and_second_person_are_two_people_who_had_no_hand_in_the_list(expired: Drive) -> None:
    view = listed(expired)
    leader = expired.by("leader")
    archivist = expired.by("archivist")
    both = replace(archivist, permissions=archivist.permissions | {Permission.CASE_APPROVE})
    with pytest.raises(NotAllowed):
        destruction.list_decide(list_id=view.id, role="leader", approved=True, by=both, at=expired.at)
    destruction.list_decide(list_id=view.id, role="leader", approved=True, by=leader, at=expired.at)
    with pytest.raises(NotAllowed):
        destruction.list_decide(list_id=view.id, role="second", approved=True, by=leader, at=expired.at)


def test_a_refused_list_destroys_nothing_and_the_dossier_may_be_listed_again(expired: Drive) -> None:
    view = listed(expired)
    destruction.list_decide(
        list_id=view.id,
        role="leader",
        approved=False,
        note="尚有查考价值",
        by=expired.by("leader"),
        at=expired.at,
    )
    assert destruction.list_of(expired.by("archivist"), view.id).state == "refused"
    with pytest.raises(ListUnapproved):
        destruction.list_carry_out(list_id=view.id, by=expired.by("archivist"), at=expired.at)
    with pytest.raises(ListClosed):
        destruction.list_decide(
            list_id=view.id, role="second", approved=True, by=expired.by("deputy"), at=expired.at
        )
    assert listed(expired).state == "opined"


def test_a_hold_set_after_approval_still_stops_the_destruction(expired: Drive) -> None:
    view = listed(expired)
    approve(expired, view)
    by = expired.by("archivist")
    archive.hold_set(
        dossier=dossier_of(expired), source="litigation", reason="当事人起诉", by=by, at=expired.at
    )
    with pytest.raises(OnHold):
        destruction.list_carry_out(list_id=view.id, by=by, at=expired.at)
    assert not models.Destroyed.objects.exists()


def test_a_line_that_may_not_go_hinders_no_other_and_a_destroyed_volume_is_not_lent(expired: Drive) -> None:
    by = expired.by("archivist")
    scan = held.file_of(PNG, "旧卷.png", expired.at)
    entry = held.HeldEntry(title="决定书", on=date(1990, 5, 6), volume="main", file=scan)
    other = held.held_open(
        described=held.Description(
            title="旧案卷一宗", party="某某", closed_on=date(1990, 5, 6), importance="general"
        ),
        entries=[entry], kind=SealKind.ARCHIVE, by=by, at=expired.at,
    )  # fmt: skip
    made = destruction.list_make(
        dossier_ids=[expired.id, other.pk], reason="保管期限届满", by=by, at=expired.at
    )
    for line in made.lines.all():
        destruction.line_opine(
            list_id=made.pk, line_id=line.pk, opinion="destroy", reason="无继续保存价值", by=by, at=expired.at
        )
    approve(expired, destruction.list_view(made))
    archive.hold_set(
        dossier=dossier_of(expired), source="litigation", reason="当事人起诉", by=by, at=expired.at
    )
    with pytest.raises(OnHold):
        destruction.list_carry_out(list_id=made.pk, by=by, at=expired.at)
    assert [d.line.archive.dossier_id for d in models.Destroyed.objects.all()] == [other.pk]
    with pytest.raises(FileErased):  # whatever holds the first
        files.path(scan.id)
    with pytest.raises(Invalid) as wrong:
        lending.loan_make(
            dossier=other, volume="main", borrower="某某", unit="某某局", purpose="查阅",
            due_on=clock.local_date(expired.at), by=by, at=expired.at,
        )  # fmt: skip
    assert set(wrong.value.fields) == {"volume"}


def test_a_dossier_to_be_kept_is_prolonged_and_nothing_of_it_goes(expired: Drive) -> None:
    before = archive.archive_of(expired.id)
    view = listed(expired, opinion="extend", extend_years=10)
    approve(expired, view)
    assert (
        destruction.list_carry_out(list_id=view.id, by=expired.by("archivist"), at=expired.at).state == "done"
    )
    after = archive.archive_of(expired.id)
    assert before is not None and after is not None and before.expires_on is not None
    assert after.expires_on == before.expires_on.replace(year=before.expires_on.year + 10)
    destruction.list_carry_out(list_id=view.id, by=expired.by("archivist"), at=expired.at)
    again = archive.archive_of(expired.id)
    assert again is not None and again.expires_on == after.expires_on, "carried out twice, prolonged once"
    expired.at += timedelta(days=366 * 10)
    assert listed(expired).state == "opined", "when the longer term is over as well it is appraised again"


def test_another_body_s_list_does_not_exist(expired: Drive) -> None:
    view = listed(expired)
    stranger = replace(expired.by("archivist"), body_id=expired.by("archivist").body_id + 999)
    with pytest.raises(NotFound):
        destruction.list_of(stranger, view.id)
    with pytest.raises(NotFound):
        destruction.list_carry_out(list_id=view.id, by=stranger, at=expired.at)


def test_recused_and_foreign_people_reach_no_archive_through_the_gate(archived: Drive) -> None:
    stranger = replace(archived.by("archivist"), body_id=archived.by("archivist").body_id + 999)
    with pytest.raises(NotFound):
        dossiers.access_dossier(stranger, archived.id, Permission.DOSSIER_ARCHIVE)
