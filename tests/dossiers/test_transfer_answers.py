"""移交档案馆, both sides: handed over, taken in or sent back, answered; and what the ledger holds of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.db import IntegrityError, connection, transaction

from mingzhi.dossiers import (
    archive,
    destruction,
    handing,
    handover,
    models,
    sources,
    transfer,
    transfer_papers,
    transfer_receipts,
)
from mingzhi.dossiers import transfer_models as rows
from mingzhi.dossiers.errors import (
    PackageRefused,
    ReceiptRefused,
    TransferClosed,
    Transferred,
)
from mingzhi.dossiers.transfer_receipts import Said
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger import api as ledger
from mingzhi.ledger import notes
from tests import migrated
from tests.cases.staging import module_bureau
from tests.dossiers.transfer_desk import ARCHIVE, PNG, Desk, desk, desk_once, due_ids
from tests.stories.test_hostile_owner import OUTSIDE, alter, found, owner

__all__ = ["desk", "desk_once", "module_bureau"]
pytestmark = pytest.mark.django_db(databases="__all__")


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
