"""移交档案馆: proposed, approved, packed and checked, handed over, answered; and what stays here."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.db import IntegrityError, connection, transaction

from mingzhi.cases.core import archive_terms
from mingzhi.dossiers import (
    archive,
    destruction,
    handing,
    handover,
    held,
    jobs,
    lending,
    models,
    sources,
    transfer,
    transfer_papers,
    transfer_receipts,
    transfer_views,
)
from mingzhi.dossiers import transfer_models as rows
from mingzhi.dossiers.choices import SealKind
from mingzhi.dossiers.errors import (
    NotExpired,
    NotTransferable,
    PackageRefused,
    ReceiptRefused,
    TransferClosed,
    Transferred,
)
from mingzhi.dossiers.transfer_receipts import Said
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger import notes
from mingzhi.ledger.sequencer import open_log
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox.models import OutboxMessage
from mingzhi.tasks.models import Task
from mingzhi.web.demo.drive import Bureau
from tests import migrated
from tests.cases.staging import module_bureau, start
from tests.stories.conftest import MONDAY
from tests.stories.test_hostile_owner import OUTSIDE, alter, found, owner

__all__ = ["module_bureau"]
pytestmark = pytest.mark.django_db(databases="__all__")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ARCHIVE = notes.SignerKey("archive.example/mingzhi/receipts", bytes(range(32)))
_numbers = count(1)


class Desk:
    """The people, the moment, and old dossiers at will."""

    def __init__(self, bureau: Bureau, at: datetime = MONDAY) -> None:
        case = start(bureau, at)
        self.archivist, self.leader = case.by("archivist"), case.by("leader")
        self.at = at

    def old(self, *, years: int = 12, importance: str = "important", secrecy: str = "open") -> models.Dossier:
        """A paper file, closed so many years ago and scanned in."""
        serial = next(_numbers)
        closed_on = clock.local_date(self.at).replace(year=self.at.year - years)
        scan = files.put_bytes(PNG + bytes([serial]), name="决定书.png", media_type="image/png", at=self.at)
        return held.held_open(
            described=held.Description(
                title=f"某某公司违法堆放案{serial}", party="某某公司", closed_on=closed_on,
                archive_number=f"{closed_on.year}-试{serial:04d}", importance=importance, secrecy=secrecy,
            ),
            entries=[held.HeldEntry(title="行政处罚决定书", on=closed_on, volume="main", file=scan)],
            kind=SealKind.LEGACY, by=self.archivist, at=self.at,
        )  # fmt: skip

    def listed(self, *dossiers: models.Dossier) -> int:
        made = transfer.list_make(
            dossier_ids=[d.pk for d in dossiers], receiver="示例区档案馆", description="行政处罚案卷",
            by=self.archivist, at=self.at,
        )  # fmt: skip
        return made.pk

    def ready(self, *dossiers: models.Dossier) -> int:
        number = self.listed(*dossiers)
        transfer.list_decide(list_id=number, approved=True, by=self.leader, at=self.at)
        self.work()
        return number

    def handed(self, *dossiers: models.Dossier) -> int:
        number = self.ready(*dossiers)
        self.hand_over(number)
        return number

    def hand_over(self, number: int, **changes: Any) -> rows.TransferHandOver:
        given = {
            "medium": "disk", "medium_kind": "2.5 英寸移动硬盘 1 TB", "medium_numbers": "001—001",
            "reviewer": "王某某", "by": self.archivist, "at": self.at,
        }  # fmt: skip
        return transfer.hand_over(list_id=number, **{**given, **changes})

    def work(self) -> None:
        """What the worker would do."""
        for message in OutboxMessage.objects.filter(kind=transfer.PACK, finished_at=None).order_by("pk"):
            jobs.transfer_job(message.payload, at=self.at)

    def view(self, number: int) -> transfer_views.ListView:
        return transfer_views.list_of(self.archivist, number)

    def receipt(self, number: int, *refused: int, **changes: Any) -> str:
        """The archive's signed answer: all taken in but those at the given places."""
        view = self.view(number)
        answers = tuple(
            handover.Answer(x.package.sha256, i not in refused, "封面缺页" if i in refused else f"馆-{i}")
            for i, x in enumerate(view.lines)
            if x.package is not None and x.accepted is None
        )
        told = handover.Receipt(
            view.number, view.hand_overs[-1].sha256, "示例区档案馆", "李某某", self.at, answers
        )
        return notes.sign(replace(told, **changes).text(), ARCHIVE)

    def answered(self, number: int, note: str, key: str = "") -> rows.TransferReceipt:
        return transfer_receipts.receipt_signed(
            list_id=number, note=note, vkey=key or str(ARCHIVE.verifier), by=self.archivist, at=self.at
        )


@pytest.fixture(scope="module")
def desk_once(module_bureau: Bureau) -> Desk:
    open_log(at=MONDAY)
    return Desk(module_bureau)


@pytest.fixture
def desk(desk_once: Desk) -> Desk:
    return desk_once


def due_ids(desk: Desk) -> set[int]:
    return {r.dossier_id for r in transfer.due(desk.archivist.body_id, clock.local_date(desk.at))}


# --- what is due ------------------------------------------------------------------------------------


def test_a_county_dossier_is_due_ten_years_after_closing_and_not_a_day_sooner(desk: Desk) -> None:
    dossier = desk.old(years=12)
    day = archive.archive_of(dossier.pk)
    assert day is not None and day.transfer_on is not None
    due = transfer.due(desk.archivist.body_id, day.transfer_on)
    assert dossier.pk in {r.dossier_id for r in due}
    due = transfer.due(desk.archivist.body_id, day.transfer_on - timedelta(days=1))
    assert dossier.pk not in {r.dossier_id for r in due}


def test_what_is_held_lent_or_secret_is_told_and_refuses_the_whole_list(desk: Desk) -> None:
    fine, held_up, lent, secret = desk.old(), desk.old(), desk.old(), desk.old(secrecy="state")
    who: dict[str, Any] = {"by": desk.archivist, "at": desk.at}
    archive.hold_set(dossier=held_up, source="accident", reason="事故调查", **who)
    lending.loan_make(
        dossier=lent, volume="main", borrower="某某法官", unit="某某法院", purpose="审理案件",
        due_on=clock.local_date(desk.at) + timedelta(days=5), **who,
    )  # fmt: skip
    for dossier, word in ((held_up, "暂缓"), (lent, "借出"), (secret, "国家秘密")):
        record = models.ArchiveRecord.objects.get(dossier=dossier)
        assert word in transfer.why_not(record)
        with pytest.raises(NotTransferable, match=word):
            desk.listed(fine, dossier)
    assert desk.view(desk.listed(fine)).state == "listed"


def test_nothing_that_is_not_due_or_another_body_s_is_listed(desk: Desk) -> None:
    young, fine = desk.old(years=3), desk.old()
    with pytest.raises(Invalid):
        desk.listed(fine, young)
    stranger = replace(desk.archivist, body_id=desk.archivist.body_id + 1)
    with pytest.raises(Invalid):
        transfer.list_make(
            dossier_ids=[fine.pk],
            receiver="示例区档案馆",
            description="行政处罚案卷",
            by=stranger,
            at=desk.at,
        )
    number = desk.listed(fine)
    with pytest.raises(NotFound):
        transfer_views.list_of(stranger, number)
    with pytest.raises(Invalid):
        desk.listed(fine)  # once


def test_every_waiting_step_is_one_to_do_on_the_right_desk_and_goes_when_it_is_done(desk: Desk) -> None:
    def todos() -> set[tuple[str, str]]:
        archive_terms.transfers(desk.at)
        archive_terms.transfers(desk.at)
        rows_ = Task.objects.filter(closed_at=None, kind__startswith="archive.transfer_")
        return set(rows_.values_list("kind", "permission"))

    approve, keep = Permission.CASE_APPROVE.value, Permission.DOSSIER_ARCHIVE.value
    assert todos() == set()
    dossier = desk.old()
    assert todos() == {("archive.transfer_due", keep)}
    number = desk.listed(dossier)
    assert todos() == {("archive.transfer_decide", approve)}
    transfer.list_decide(list_id=number, approved=True, by=desk.leader, at=desk.at)
    assert todos() == {("archive.transfer_hand", keep)}
    desk.work()
    desk.hand_over(number)
    assert todos() == {("archive.transfer_answer", keep)}
    desk.answered(number, desk.receipt(number, 0))
    assert todos() == {("archive.transfer_due", keep)}, "what came back is due again"


# --- approval and packages ----------------------------------------------------------------------------


def test_who_proposed_the_list_does_not_approve_it(desk: Desk) -> None:
    number = desk.listed(desk.old())
    both = replace(desk.archivist, permissions=desk.archivist.permissions | desk.leader.permissions)
    with pytest.raises(NotAllowed):
        transfer.list_decide(list_id=number, approved=True, by=both, at=desk.at)
    with pytest.raises(NotAllowed):
        transfer.list_decide(list_id=number, approved=True, by=desk.archivist, at=desk.at)
    transfer.list_decide(list_id=number, approved=True, by=desk.leader, at=desk.at)
    with pytest.raises(TransferClosed):
        transfer.list_decide(list_id=number, approved=False, note="再想想", by=desk.leader, at=desk.at)


def test_a_refused_or_withdrawn_list_sets_its_dossiers_free(desk: Desk) -> None:
    one, two = desk.old(), desk.old()
    number = desk.listed(one)
    assert one.pk not in due_ids(desk)
    with pytest.raises(Invalid):
        transfer.list_decide(list_id=number, approved=False, by=desk.leader, at=desk.at)
    transfer.list_decide(list_id=number, approved=False, note="待整理", by=desk.leader, at=desk.at)
    assert desk.view(number).state == "refused" and one.pk in due_ids(desk)
    number = desk.ready(two)
    transfer.list_withdraw(list_id=number, reason="档案馆改期", by=desk.archivist, at=desk.at)
    assert desk.view(number).state == "withdrawn" and two.pk in due_ids(desk)


def test_packages_are_made_and_checked_before_anything_leaves_and_once(desk: Desk, tmp_path: Path) -> None:
    number = desk.listed(desk.old(), desk.old())
    with pytest.raises(TransferClosed):
        desk.hand_over(number)
    with pytest.raises(TransferClosed):
        handing.write_out(list_id=number, folder=tmp_path, by=desk.archivist, at=desk.at, say=print)
    transfer.list_decide(list_id=number, approved=True, by=desk.leader, at=desk.at)
    assert desk.view(number).state == "packing"
    desk.work()
    desk.work()
    view = desk.view(number)
    assert view.state == "ready"
    assert rows.TransferPackage.objects.filter(line__list_id=number).count() == 2, "killed and run again"
    for line in view.lines:
        assert line.package is not None and line.package.passed
        assert {c[0][0] for c in line.package.checks} == {"A", "C", "U", "S"}, "all four properties"
        assert all(c[2] == "pass" for c in line.package.checks)


def test_a_dossier_that_grew_after_it_was_listed_does_not_leave_under_that_list(desk: Desk) -> None:
    dossier = desk.old()
    number = desk.listed(dossier)
    more = files.put_bytes(PNG + b"more", name="补充.png", media_type="image/png", at=desk.at)
    held.supplement_add(
        dossier=dossier,
        entry=held.HeldEntry(title="补充照片", on=date(2020, 1, 2), volume="main", file=more),
        reason="装订时遗漏", by=desk.archivist, at=desk.at,
    )  # fmt: skip
    jobs.making(models.Making.objects.get(dossier=dossier, kind="seal").pk, at=desk.at)
    transfer.list_decide(list_id=number, approved=True, by=desk.leader, at=desk.at)
    desk.work()
    view = desk.view(number)
    assert view.state == "packing" and view.lines[0].package is not None
    assert any("目录有变动" in why for why in view.lines[0].package.failed)
    with pytest.raises(TransferClosed):
        desk.hand_over(number)
    transfer.list_withdraw(list_id=number, reason="目录有补充", by=desk.archivist, at=desk.at)
    assert desk.view(desk.ready(dossier)).state == "ready"


# --- handing over and the answer ------------------------------------------------------------------------


def test_the_register_names_the_medium_and_two_people(desk: Desk) -> None:
    number = desk.ready(desk.old())
    with pytest.raises(Invalid) as wrong:
        desk.hand_over(number, medium_kind="", medium_numbers="", reviewer=desk.archivist.name)
    assert set(wrong.value.fields) == {"medium_kind", "medium_numbers", "reviewer"}
    desk.hand_over(number, medium="online", medium_kind="", medium_numbers="")
    assert desk.view(number).state == "handed"


def test_what_the_archive_takes_in_stays_here_as_a_copy_that_nobody_destroys(desk: Desk) -> None:
    dossier = desk.old(years=31, importance="general")
    models.Retention.objects.create(
        archive=dossier.archive, importance="general", years=30, closed_on=dossier.archive.at.date(),
        starts_on=date(1995, 1, 1), expires_on=date(2025, 1, 1), transfer_on=date(2006, 1, 1), norms={},
        at=desk.at, by="某",
    )  # fmt: skip
    number = desk.handed(dossier)
    note = desk.receipt(number)
    desk.answered(number, note)
    view = desk.view(number)
    assert view.state == "done" and view.lines[0].accepted and view.lines[0].number == "馆-0"
    assert files.put_bytes(note.encode(), name="x", at=desk.at).sha256 == view.receipts[0].sha256
    assert archive.contents(dossier)[0].item.file_id is not None, "the copy is whole"
    day = clock.local_date(desk.at)
    assert dossier.pk not in {v.dossier_id for v in destruction.expired(desk.archivist.body_id, day)}
    with pytest.raises(Transferred):
        destruction.list_make(dossier_ids=[dossier.pk], reason="保管期限届满", by=desk.archivist, at=desk.at)
    assert dossier.pk not in due_ids(desk)


def test_what_the_archive_sends_back_comes_back_with_its_reason_and_may_be_listed_anew(desk: Desk) -> None:
    good, bad = desk.old(), desk.old()
    number = desk.handed(good, bad)
    desk.answered(number, desk.receipt(number, 1))
    view = desk.view(number)
    assert view.state == "done"
    assert [(x.accepted, x.reason) for x in view.lines] == [(True, ""), (False, "封面缺页")]
    assert bad.pk in due_ids(desk) and good.pk not in due_ids(desk)
    assert desk.view(desk.listed(bad)).state == "listed"


def test_a_receipt_proves_nothing_under_another_key_for_another_list_or_for_other_packages(
    desk: Desk,
) -> None:
    number = desk.handed(desk.old())
    other = notes.SignerKey("else.example/x", bytes(range(1, 33)))
    good = desk.receipt(number)
    later = desk.at + timedelta(hours=1)
    strange = (handover.Answer("ab" * 32, True, "馆-9"),)
    for note, key, why in (
        (good, str(other.verifier), "签名"),
        (good.replace("馆-0", "馆-1"), "", "签名"),
        (desk.receipt(number, list_number="示例移〔2020〕9号"), "", "不是本清单"),
        (desk.receipt(number, manifest_sha256="cd" * 32), "", "移交目录"),
        (desk.receipt(number, answers=strange), "", "不在待接收之列"),
        (desk.receipt(number, answers=()), "", "没有结果"),
        (desk.receipt(number, at=later), "", "晚于现在"),
        (ledger.checkpoint(), ledger.verifier_key(), "不是接收回执"),
        ("", "", "签名"),
        ("\x00" * 50, "", "签名"),
    ):
        with pytest.raises(ReceiptRefused, match=why):
            desk.answered(number, note, key)
    assert desk.view(number).state == "handed"
    desk.answered(number, good)
    with pytest.raises(TransferClosed):
        desk.answered(number, good)


def test_the_archive_may_answer_in_two_receipts_and_each_line_keeps_its_answer(desk: Desk) -> None:
    number = desk.handed(desk.old(), desk.old())
    whole = handover.opened(desk.receipt(number), [str(ARCHIVE.verifier)])[0]
    first = notes.sign(replace(whole, answers=whole.answers[:1]).text(), ARCHIVE)
    desk.answered(number, first)
    assert desk.view(number).state == "handed"
    with pytest.raises(ReceiptRefused, match="不在待接收之列"):
        desk.answered(number, first)
    desk.answered(number, desk.receipt(number))
    assert desk.view(number).state == "done"


def test_a_stamped_register_says_of_every_dossier_what_became_of_it(desk: Desk) -> None:
    number = desk.handed(desk.old(), desk.old())
    one, two = (x.id for x in desk.view(number).lines)
    scan = files.put_bytes(PNG, name="登记表.png", media_type="image/png", at=desk.at)
    given: dict[str, Any] = {
        "list_id": number, "scan": scan, "received_by": "李某某", "received_on": clock.local_date(desk.at),
        "by": desk.archivist, "at": desk.at,
    }  # fmt: skip
    enter = transfer_receipts.receipt_scanned
    for answers, field in (
        ({one: Said(True)}, "answers"),
        ({one: Said(True), two: Said(False)}, f"reason-{two}"),
    ):
        with pytest.raises(Invalid) as wrong:
            enter(**given, answers=answers)
        assert field in wrong.value.fields
    early = {**given, "received_on": clock.local_date(desk.at) - timedelta(days=1)}
    with pytest.raises(Invalid):
        enter(**early, answers={one: Said(True), two: Said(True)})
    enter(**given, answers={one: Said(True, number="馆-1"), two: Said(False, "纸质缺页")})
    assert desk.view(number).state == "done"


# --- the medium ----------------------------------------------------------------------------------------


def test_an_interrupted_writing_goes_on_and_the_manifest_comes_last(desk: Desk, tmp_path: Path) -> None:
    dossiers = [desk.old(), desk.old()]
    number = desk.ready(*dossiers)
    said: list[str] = []

    def killed(text: str) -> None:
        said.append(text)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        handing.write_out(list_id=number, folder=tmp_path, by=desk.archivist, at=desk.at, say=killed)
    assert not (tmp_path / handover.MANIFEST).exists()
    with pytest.raises(PackageRefused, match="不是完整的移交"):
        handing.take_in(tmp_path, vkeys=[], by=desk.archivist, at=desk.at, say=print)
    first = next(tmp_path.glob("0001-*.zip"))
    written = first.stat().st_mtime_ns
    content = handing.write_out(
        list_id=number, folder=tmp_path, by=desk.archivist, at=desk.at, say=said.append
    )
    assert first.stat().st_mtime_ns == written, "what is there whole is not written again"
    assert (tmp_path / handover.MANIFEST).read_bytes() == content.encode()
    assert desk.hand_over(number).sha256 == handover.digest(content.encode()), "the register names it"
    told = ledger.attempts(subject=f"dossier:{dossiers[0].pk}", act="dossier:exported")
    assert len(told) == 2 and "移交档案馆" in told[0].purpose


def test_an_empty_system_takes_in_what_is_whole_sends_back_what_is_not_and_its_receipt_closes_the_list(
    desk: Desk, tmp_path: Path
) -> None:
    """Two installations. One package is cut on the way; the other arrives, and the signed answer comes back."""
    number = desk.handed(desk.old(), desk.old(), desk.old())
    medium = tmp_path / "medium"
    handing.write_out(list_id=number, folder=medium, by=desk.archivist, at=desk.at, say=print)
    cut, gone = next(medium.glob("0002-*.zip")), next(medium.glob("0003-*.zip"))
    cut.write_bytes(cut.read_bytes()[:-7])
    gone.unlink()
    script, note = tmp_path / "receive.py", tmp_path / "receipt.txt"
    script.write_text(RECEIVE, "utf-8")
    migrated.lay_under(tmp_path / "var" / "zhenjiang-chengguan")
    env = {
        **os.environ,
        "MINGZHI_VAR": str(tmp_path / "var"),
        "MINGZHI_PROFILE": "zhenjiang-chengguan",
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
    }
    env.pop("MINGZHI_TEST_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, str(script), str(medium), ledger.verifier_key(), str(note)],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["accepted"], told["rejected"]) == (1, 2)
    desk_later = desk.at
    desk.at = clock.now() + timedelta(minutes=1) if clock.now() > desk.at else desk.at
    try:
        desk.answered(number, note.read_text("utf-8"), told["key"])
    finally:
        desk.at = desk_later
    view = desk.view(number)
    assert view.state == "done"
    assert [x.accepted for x in view.lines] == [True, False, False]
    assert "校验值不符" in view.lines[1].reason and "没有此档案包" in view.lines[2].reason
    assert view.receipts[0].receiver.startswith("镇江")


RECEIVE = """
import sys
from mingzhi.kernel import clock
import django
django.setup()
from mingzhi.ledger.sequencer import open_log
from mingzhi.organisations import api as organisations
at = clock.now()
open_log(at=at)
loaded = organisations.load_bureau("zhenjiang-chengguan", at=at)
from mingzhi.dossiers.commands import archive
account = organisations.accounts.account(dict(loaded.accounts)["archivist"])
archive(["take-in", sys.argv[1], "--as", account.username, "--receipt", sys.argv[3], "--key", sys.argv[2], "--json"])
"""


# --- papers, the ledger, the database -------------------------------------------------------------------


def test_list_and_register_are_papers_that_tell_what_was_handed_over(desk: Desk) -> None:
    number = desk.handed(desk.old(), desk.old())
    desk.answered(number, desk.receipt(number, 1))
    view = desk.view(number)
    listed = _text(transfer_papers.list_pdf(view, at=desk.at))
    assert view.number in listed and "合计：2 卷，2 件" in listed and view.lines[0].archive_number in listed
    register = _text(transfer_papers.register_pdf(view, at=desk.at))
    for told in (
        "载体起止顺序号",
        "001—001",
        "准确性检验",
        "2/2 个档案包通过",
        "待核实",
        "退回 1 卷",
        "封面缺页",
        "王某某",
    ):
        assert told in register, told


def _text(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_bounded() for page in opened)
    return text.replace("\r\n", "").replace("\u200b", "")


TABLES = [m for m in vars(rows).values() if isinstance(m, type) and m.__module__ == rows.__name__]


def test_every_column_of_a_hand_over_is_covered_by_the_ledger_and_fixed_by_the_database(desk: Desk) -> None:
    number = desk.handed(desk.old(), desk.old())
    desk.answered(number, desk.receipt(number, 1))
    transfer.list_withdraw(
        list_id=desk.listed(desk.old()), reason="档案馆改期", by=desk.archivist, at=desk.at
    )
    ledger.sequence(at=desk.at)
    assert [f for f in ledger.fsck().findings if "transfer" in f.kind] == []
    unnoticed = []
    for model in TABLES:
        table = model._meta.db_table
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        row = model._default_manager.order_by("pk").first()
        for field in model._meta.concrete_fields:
            if field.primary_key or f"{model._meta.label}.{field.name}" in OUTSIDE:
                continue
            with owner():
                if alter(row, field) and not found(model):
                    unnoticed.append(f"{model.__name__}.{field.name}")
    assert unnoticed == []


def test_a_package_of_a_dossier_that_came_back_goes_with_it_when_it_is_destroyed(desk: Desk) -> None:
    dossier = desk.old()
    number = desk.ready(dossier)
    package = desk.view(number).lines[0].package
    assert package is not None and package.file_id in sources.files_of(dossier.pk)
    assert sources.holders([package.file_id])[package.file_id] == {dossier.pk}


def test_a_general_dossier_that_expires_first_is_never_due(desk: Desk) -> None:
    dossier = desk.old(years=12, importance="general")
    view = archive.archive_of(dossier.pk)
    assert view is not None and view.transfer_on is not None, "thirty years are longer than ten"
    with pytest.raises(NotExpired):
        destruction.list_make(dossier_ids=[dossier.pk], reason="保管期限届满", by=desk.archivist, at=desk.at)


# --- the two texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: {**m, "format": "other"},
        lambda m: {**m, "packages": [{**m["packages"][0], "path": "../x.zip"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "path": "a\\b.zip"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "path": ".hidden"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "sha256": "zz"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "size": "9"}]},
        lambda m: {**m, "packages": m["packages"] * 2},
        lambda m: {**m, "packages": [7]},
        lambda m: [m],
    ],
)
def test_a_manifest_that_reaches_out_of_its_folder_or_is_no_manifest_is_refused(spoil: Any) -> None:
    packed = handover.Packed(
        "0001-a.zip", "ab" * 32, 9, "案〔1〕", "2010-0001", "题名", 1, 2, "永久", "cd" * 32
    )
    whole = handover.Manifest("移〔2026〕1号", "某局", "", "某馆", "案卷", (packed,))
    assert handover.Manifest.parse(whole.encode()) == whole
    bad = json.dumps(spoil(json.loads(whole.encode()))).encode()
    with pytest.raises(handover.BadHandover):
        handover.Manifest.parse(bad)


def test_a_receipt_reads_back_as_it_was_written_and_in_no_other_spelling() -> None:
    told = handover.Receipt(
        "移〔2026〕1号", "ab" * 32, "某馆", "李某某", MONDAY,
        (handover.Answer("cd" * 32, True, "馆-1"), handover.Answer("ef" * 32, False, "缺页\n接收 x")),
    )  # fmt: skip
    text = told.text()
    again = handover.Receipt.parse(text)
    assert again.answers[1].text == "缺页 接收 x", "no line of its own"
    assert again.text() == text
    for spoiled in (
        text + "\n",
        text.replace("清单 ", "清单  "),
        text.replace("v1", "v2"),
        text + text.splitlines()[-1],
    ):
        with pytest.raises(handover.BadHandover):
            handover.Receipt.parse(spoiled)


def test_another_person_of_the_bureau_sees_no_list(desk: Desk) -> None:
    officer: Actor = replace(desk.archivist, permissions=frozenset())
    with pytest.raises(NotAllowed):
        transfer.list_make(
            dossier_ids=[1], receiver="示例区档案馆", description="行政处罚案卷", by=officer, at=desk.at
        )
