"""The archive package: a bag that others can check, and every seeded fault under the right item (DA/T 70)."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import bagit
import pypdfium2
import pytest

from mingzhi.dossiers import archive, held, jobs, models, package, package_import
from mingzhi.dossiers.choices import MakeKind, SealKind
from mingzhi.dossiers.errors import AlreadyHeld, PackageRefused, SecretNotForOutside
from mingzhi.files import api as files
from mingzhi.ledger import api as ledger
from mingzhi.ledger.notes import SignerKey
from mingzhi.ledger.sequencer import open_log
from mingzhi.ledger.verify_command import outcome
from mingzhi.ledger.verify_package import CHECKS, PackageReport, index_digest, verify_package
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import queries as procedures
from mingzhi.web.demo.drive import Drive
from tests import migrated
from tests.cases.staging import holding, module_bureau, on_copy
from tests.dossiers.test_archiving import PNG, archived_once, dossier_of

__all__ = ["archived_once", "module_bureau"]
pytestmark = pytest.mark.django_db(databases="__all__")
Fault = Callable[[Path], None]


@pytest.fixture
def archived(archived_once: Drive) -> Drive:
    return on_copy(archived_once)


@pytest.fixture(scope="module")
def bag_once(archived_once: Drive, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A whole package as a folder, and the key that its ledger signs with."""
    open_log(at=archived_once.at)
    stored = package.build(dossier_of(archived_once), at=archived_once.at)
    folder = tmp_path_factory.mktemp("bag")
    with files.open_file(stored.id) as source, zipfile.ZipFile(source) as zipped:
        zipped.extractall(folder / "bag")
    return folder / "bag", ledger.verifier_key()


@pytest.fixture
def bag(bag_once: tuple[Path, str], tmp_path: Path) -> Path:
    target = tmp_path / "bag"
    shutil.copytree(bag_once[0], target)
    return target


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as out:
        for found in sorted(folder.rglob("*")):
            if found.is_file():
                out.write(found, found.relative_to(folder).as_posix())
    return target


def failed(report: PackageReport) -> set[str]:
    return {code for code, check in report.checks.items() if check.state == "fail"}


# --- a whole package --------------------------------------------------------------------------------


def test_a_package_passes_every_check_and_bagit_itself_agrees(
    bag: Path, bag_once: tuple[Path, str], tmp_path: Path
) -> None:
    for shape in (bag, zipped(bag, tmp_path / "bag.zip")):
        report = verify_package(shape, vkeys=[bag_once[1]])
        assert failed(report) == set(), [c.findings for c in report.checks.values() if c.findings]
        assert [c.code for c in report.checks.values() if c.state == "skip"] == []
    assert report.origin and report.signed_at and report.items
    oracle = bagit.Bag(str(bag))
    assert oracle.is_valid()
    assert outcome(bag, None, [bag_once[1]]).ok, "what `mingzhi verify` says"
    assert oracle.version_info == (1, 0)


def test_without_a_trusted_key_signatures_are_told_as_unchecked_not_as_passed(bag: Path) -> None:
    report = verify_package(bag)
    assert failed(report) == set()
    assert {c.code for c in report.checks.values() if c.state == "skip"} == {"A6", "A7", "A8", "A9"}


def test_another_ledger_s_key_proves_nothing(bag: Path) -> None:
    other = SignerKey("else.example/log", bytes(range(32)))
    assert "A9" in failed(verify_package(bag, vkeys=[str(other.verifier)]))


def test_papers_in_the_package_are_the_originals_and_their_signatures_hold(bag: Path) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    content = json.loads((bag / "data/metadata/content.json").read_text("utf-8"))
    papers = [i for i in content["items"] if i["code"] == "P18"]
    assert papers
    with (bag / "data" / papers[0]["path"]).open("rb") as stream:
        signature = PdfFileReader(stream).embedded_signatures[0]
        signature.compute_integrity_info()
        stated = signature.signer_info["signed_attrs"]
        digest = next(a["values"][0].native for a in stated if a["type"].native == "message_digest")
        assert signature.compute_digest() == digest


# --- seeded faults ------------------------------------------------------------------------------------


def edit(name: str, change: Callable[[dict[str, Any]], None], *, reseal: bool = True) -> Fault:
    """Change a metadata file and, unless told not to, make the manifests fit: the forger is careful."""

    def apply(bag: Path) -> None:
        path = bag / f"data/metadata/{name}.json"
        content = json.loads(path.read_text("utf-8"))
        change(content)
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        if reseal:
            manifests(bag)

    return apply


def manifests(bag: Path) -> None:
    """Manifests that fit what is there, as bagit would make them."""
    lines, octets, count = [], 0, 0
    for found in sorted((bag / "data").rglob("*")):
        if found.is_file() and not found.is_symlink():
            data = found.read_bytes()
            octets, count = octets + len(data), count + 1
            lines.append(f"{hashlib.sha256(data).hexdigest()}  {found.relative_to(bag).as_posix()}\n")
    (bag / "manifest-sha256.txt").write_text("".join(lines), "utf-8")
    info = [
        x for x in (bag / "bag-info.txt").read_text("utf-8").splitlines() if not x.startswith("Payload-Oxum")
    ]
    (bag / "bag-info.txt").write_text("\n".join([*info, f"Payload-Oxum: {octets}.{count}"]) + "\n", "utf-8")
    tag(bag)


def tag(bag: Path) -> None:
    lines = []
    for name in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt"):
        if (bag / name).exists():
            lines.append(f"{hashlib.sha256((bag / name).read_bytes()).hexdigest()}  {name}\n")
    (bag / "tagmanifest-sha256.txt").write_text("".join(lines), "utf-8")


def item_file(bag: Path, kind: str = "application/pdf") -> Path:
    content = json.loads((bag / "data/metadata/content.json").read_text("utf-8"))
    return bag / "data" / next(i["path"] for i in content["items"] if i["media_type"] == kind)


def swap(data: bytes, kind: str = "application/pdf", *, described: bool = False) -> Fault:
    """Put other bytes where an item lies; ``described``: the metadata is made to fit as well."""

    def apply(bag: Path) -> None:
        path = item_file(bag, kind)
        path.write_bytes(data)
        if described:
            name = path.relative_to(bag / "data").as_posix()

            def fit(content: dict[str, Any]) -> None:
                for item in content["items"]:
                    if item["path"] == name:
                        item["sha256"], item["size"] = hashlib.sha256(data).hexdigest(), len(data)
                        item["sm3"] = hashlib.new("sm3", data).hexdigest()
                content["index_sha256"] = index_digest(content["items"])

            edit("content", fit)(bag)
        manifests(bag)

    return apply


def first(content: dict[str, Any], **changes: Any) -> None:
    content["items"][0].update(changes)
    content["index_sha256"] = index_digest(content["items"])


def drop(name: str, *, reseal: bool = False) -> Fault:
    def apply(bag: Path) -> None:
        (bag / name).unlink()
        if reseal:
            manifests(bag)

    return apply


def rewrite(name: str, change: Callable[[str], str], *, retag: bool = True) -> Fault:
    def apply(bag: Path) -> None:
        (bag / name).write_text(change((bag / name).read_text("utf-8")), "utf-8")
        if retag:
            tag(bag)

    return apply


def flip(name: str) -> Fault:
    def apply(bag: Path) -> None:
        path = next(bag.glob(name))
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))

    return apply


def both(*faults: Fault) -> Fault:
    def apply(bag: Path) -> None:
        for fault in faults:
            fault(bag)

    return apply


def sealed(fault: Fault) -> Fault:
    return both(fault, manifests)


def add(name: str, data: bytes) -> Fault:
    def apply(bag: Path) -> None:
        (bag / name).parent.mkdir(parents=True, exist_ok=True)
        (bag / name).write_bytes(data)

    return apply


def link(bag: Path) -> None:
    (bag / "data/items/link.pdf").symlink_to("../../bagit.txt")


def a_pdf(pages: int = 1, **kw: Any) -> bytes:
    pdf = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        pdf.new_page(200, 200)
    buffer = io.BytesIO()
    pdf.save(buffer)
    return buffer.getvalue()


def locked_pdf() -> bytes:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(a_pdf())))
    writer.encrypt("secret", "secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def first_receipt(bag: Path) -> Path:
    content = json.loads((bag / "data/metadata/content.json").read_text("utf-8"))
    return bag / "data" / content["items"][0]["receipts"][-1]


def receipt_broken(bag: Path) -> None:
    """The receipt of one entry says that it is another."""
    path = first_receipt(bag)
    text = path.read_text("utf-8")
    index = next(line for line in text.splitlines() if line.startswith("index "))
    path.write_text(text.replace(index, f"index {int(index[6:]) + 1}", 1), "utf-8")
    manifests(bag)


def sealing_gone(content: dict[str, Any]) -> None:
    content["ledger"]["sealing"] = ""


def page_gap(content: dict[str, Any]) -> None:
    item = content["items"][1]
    item["first"], item["last"] = item["first"] + 1, item["last"] + 1
    content["index_sha256"] = index_digest(content["items"])


JS = a_pdf()[:-6] + b"\n9 0 obj << /S /JavaScript /JS (app.alert(1)) >> endobj\n%%EOF\n"
BIG = "x" * 400

FAULTS: dict[str, tuple[str, Fault]] = {
    "a tag file was touched": ("A1", rewrite("bag-info.txt", lambda t: t + "Note: x\n", retag=False)),
    "the tag manifest leaves one out": ("A1", rewrite("tagmanifest-sha256.txt", lambda t: "\n".join(x for x in t.splitlines() if "bag-info" not in x) + "\n", retag=False)),
    "a byte of a paper flipped": ("A2", flip("data/items/main-0001.pdf")),
    "a byte of the bound volume flipped": ("A2", flip("data/bound/main.pdf")),
    "a metadata file was edited": ("A2", edit("context", lambda c: c.update(unit="别的机构"), reseal=False)),
    "a paper swapped, manifests made to fit": ("A3", swap(a_pdf())),
    "a size misstated": ("A4", edit("content", lambda c: first(c, size=c["items"][0]["size"] + 1))),
    "a title rewritten": ("A5", edit("content", lambda c: c["items"][0].update(title="另一份文书"))),
    "two items exchanged": ("A5", edit("content", lambda c: c["items"].__setitem__(slice(0, 2), [dict(c["items"][1], seq=1), dict(c["items"][0], seq=2)]))),
    "an index forged whole": ("A6", edit("content", lambda c: first(c, title="另一份文书"))),
    "the sealing's receipt left out": ("A6", edit("process", sealing_gone)),
    "a receipt forged": ("A7", receipt_broken),
    "a paper and its description forged": ("A8", swap(a_pdf(), described=True)),
    "the checkpoint forged": ("A9", sealed(rewrite("data/ledger/checkpoint.txt", lambda t: t.replace("time 20", "time 19")))),
    "a day that is none": ("A10", edit("content", lambda c: first(c, on="2026-13-40"))),
    "a level that is none": ("A10", edit("content", lambda c: first(c, secrecy="top"))),
    "a title beyond measure": ("A10", edit("content", lambda c: first(c, title=BIG * 2))),
    "a control sign in a title": ("A10", edit("content", lambda c: first(c, title="甲\u0007乙"))),
    "a number that is a text": ("A10", edit("content", lambda c: first(c, pages="1"))),
    "one name twice in the metadata": ("A11", sealed(rewrite("data/metadata/context.json", lambda t: t.replace('"body":', '"body": "甲",\n "body":', 1)))),
    "two items over one file": ("A11", edit("content", lambda c: c["items"][1].update(path=c["items"][0]["path"]))),
    "closed before it was opened": ("A12", edit("context", lambda c: c.update(opened_on="2027-01-01"))),
    "a file no item speaks of": ("A12", sealed(add("data/items/main-9999.pdf", a_pdf()))),
    "no bagit.txt": ("C1", drop("bagit.txt")),
    "another version of the bag": ("C1", rewrite("bagit.txt", lambda t: t.replace("1.0", "0.97"))),
    "no manifest": ("C2", drop("manifest-sha256.txt")),
    "a kind of metadata missing": ("C2", drop("data/metadata/process.json", reseal=True)),
    "no checkpoint": ("C2", drop("data/ledger/checkpoint.txt", reseal=True)),
    "the total misstated": ("C3", rewrite("bag-info.txt", lambda t: t.replace("Payload-Oxum: ", "Payload-Oxum: 9"))),
    "a listed file gone": ("C4", drop("data/README.txt")),
    "a file nobody listed": ("C5", add("data/more.txt", b"x")),
    "a required field gone": ("C6", edit("context", lambda c: c.pop("procedure"))),
    "an item taken out": ("C7", edit("content", lambda c: c["items"].pop(1))),
    "a gap in the pages": ("C8", edit("content", page_gap)),
    "an item's file taken out": ("C9", drop("data/items/main-0001.pdf", reseal=True)),
    "items miscounted": ("C10", edit("structure", lambda c: c["volumes"][0].update(items=99))),
    "an item without receipt": ("C11", edit("content", lambda c: c["items"][0].update(receipts=[]))),
    "the archiving not recorded": ("C12", edit("process", lambda c: c.update(events=[e for e in c["events"] if "归档" not in e["act"]]))),
    "events out of order": ("C12", edit("process", lambda c: c["events"].reverse())),
    "metadata that is no JSON": ("U1", sealed(rewrite("data/metadata/context.json", lambda t: t[:-20]))),
    "a paper that is a text": ("U2", swap(b"just words, no page", described=True)),
    "a paper with a page too many": ("U3", swap(a_pdf(99), described=True)),
    "a paper cut in half": ("U3", swap(b"%PDF-1.7 and then nothing", described=True)),
    "a picture cut in half": ("U4", swap(b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image/png", described=True)),
    "an empty item": ("U5", swap(b"", described=True)),
    "a locked paper": ("U6", swap(locked_pdf(), described=True)),
    "a bound volume with pages missing": ("U7", sealed(add("data/bound/main.pdf", a_pdf()))),
    "a path that climbs out": ("S1", rewrite("manifest-sha256.txt", lambda t: t + "0" * 64 + "  ../../etc/passwd\n")),
    "a link in the bag": ("S2", link),
    "a program in the bag": ("S3", sealed(add("data/items/main-9998.bin", b"MZ\x90\x00"))),
    "a paper with a script": ("S4", swap(JS, described=True)),
    "an inside volume marked for outside": ("S7", edit("structure", lambda c: c.update(scope="outside"))),
    "a state secret marked for outside": ("S7", both(edit("structure", lambda c: c.update(scope="outside")), edit("content", lambda c: c.update(secrecy="state")))),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_reported_under_its_item(name: str, bag: Path, bag_once: tuple[Path, str]) -> None:
    code, fault = FAULTS[name]
    fault(bag)
    report = verify_package(bag, vkeys=[bag_once[1]])
    assert code in failed(report), f"{name}: found {failed(report)}"
    assert not report.ok
    assert all(len(s) < 400 for c in report.checks.values() for s in c.findings)


# --- hostile zips --------------------------------------------------------------------------------------


def hostile(tmp_path: Path, write: Callable[[zipfile.ZipFile], None]) -> PackageReport:
    target = tmp_path / "hostile.zip"
    with zipfile.ZipFile(target, "w") as out:
        write(out)
    return verify_package(target)


@pytest.mark.parametrize(
    "name", ["../up.txt", "/abs.txt", "a/../../b", "C:/x", "a\\b", "data/\u202egnp.exe", "data/x. "]
)
def test_a_zip_with_a_path_trick_is_told_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    report = hostile(tmp_path, lambda out: out.writestr(name, b"x"))
    assert "S1" in failed(report)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["hostile.zip"]


def test_a_zip_bomb_is_told_before_it_is_opened(tmp_path: Path) -> None:
    def bomb(out: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("data/bomb")
        info.compress_type = zipfile.ZIP_DEFLATED
        with out.open(info, "w", force_zip64=True) as stream:
            for _ in range(80):
                stream.write(bytes(1 << 20))

    assert "S5" in failed(hostile(tmp_path, bomb))


def test_a_link_and_two_names_that_are_one_are_told(tmp_path: Path) -> None:
    def write(out: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("data/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(info, "/etc/passwd")
        out.writestr("data/A.pdf", b"x")
        out.writestr("data/a.pdf", b"x")

    assert {"S2", "S6"} <= failed(hostile(tmp_path, write))


def test_what_is_no_package_at_all_is_told(tmp_path: Path) -> None:
    for data in (b"", b"no zip", b"PK\x03\x04" + b"\0" * 100):
        target = tmp_path / "x.zip"
        target.write_bytes(data)
        assert "C1" in failed(verify_package(target))


def test_a_member_that_holds_more_than_it_declares_is_told(bag: Path, tmp_path: Path) -> None:
    target = zipped(bag, tmp_path / "bag.zip")
    data = target.read_bytes()
    cut = data.rfind(b"data/README.txt")
    start = cut - 46
    lied = data[: start + 24] + (5).to_bytes(4, "little") + data[start + 28 :]
    target.write_bytes(lied)
    assert failed(verify_package(target))


def test_every_check_is_named_once_and_each_has_a_seeded_fault() -> None:
    seeded = {code for code, _ in FAULTS.values()} | {"S5", "S6"}
    assert seeded == set(CHECKS)
    assert len(FAULTS) >= 30


# --- outside, and back in ---------------------------------------------------------------------------------


def test_a_package_for_outside_holds_no_inside_material(archived: Drive, tmp_path: Path) -> None:
    open_log(at=archived.at)
    stored = package.build(dossier_of(archived), outside=True, at=archived.at)
    report = verify_package(files.path(stored.id), vkeys=[ledger.verifier_key()])
    assert failed(report) == set(), [c.findings for c in report.checks.values() if c.findings]
    with files.open_file(stored.id) as source, zipfile.ZipFile(source) as out:
        names = out.namelist()
        text = (
            out.read("data/metadata/process.json").decode() + out.read("data/metadata/context.json").decode()
        )
        receipts = "".join(out.read(n).decode() for n in names if "receipts" in n)
    assert not any("side" in n for n in names)
    assert "调查终结" not in text and "调查终结" not in receipts


def test_a_state_secret_leaves_in_no_package(archived: Drive) -> None:
    models.Dossier.objects.filter(pk=archived.id).update(secrecy="state")
    with pytest.raises(SecretNotForOutside):
        package.build(dossier_of(archived), outside=True, at=archived.at)
    row = archive.making_ask(
        dossier=dossier_of(archived), kind=MakeKind.OUTSIDE, by=archived.by("archivist"), at=archived.at
    )
    with pytest.raises(SecretNotForOutside):
        jobs.making(row.pk, at=archived.at)
    row.refresh_from_db()
    assert row.state == "failed" and "国家秘密" in row.error


def test_a_faulty_or_unsigned_package_is_not_received(
    bag: Path, bag_once: tuple[Path, str], archived: Drive, tmp_path: Path
) -> None:
    by = archived.by("archivist")
    good = zipped(bag, tmp_path / "good.zip")
    with pytest.raises(PackageRefused, match="公钥"):
        package_import.package_import(good, by=by, at=archived.at)
    flip("data/items/main-0001.pdf")(bag)
    bad = zipped(bag, tmp_path / "bad.zip")
    with pytest.raises(PackageRefused, match="校验值"):
        package_import.package_import(bad, vkeys=[bag_once[1]], by=by, at=archived.at)
    with pytest.raises(AlreadyHeld):
        package_import.package_import(good, vkeys=[bag_once[1]], by=by, at=archived.at)


def test_packages_of_bureaus_that_gave_the_same_number_are_all_received(
    bag: Path, bag_once: tuple[Path, str], archived: Drive, tmp_path: Path
) -> None:
    by = holding(archived.by("otherleader"), Permission.DOSSIER_ARCHIVE)
    number = json.loads((bag / "data/metadata/context.json").read_text("utf-8"))["archive"]["number"]
    entry = held.HeldEntry(title="决定书", on=date(2020, 5, 6), volume="main", file=None, pages=1)
    for taken in (number, f"{number}（接收）"):
        held.held_open(
            described=held.Description(
                title="旧案卷一宗", party="", closed_on=date(2020, 5, 6), archive_number=taken
            ),
            entries=[entry], kind=SealKind.ARCHIVE, by=by, at=archived.at,
        )  # fmt: skip
    source = zipped(bag, tmp_path / "bag.zip")
    got, _ = package_import.package_import(source, vkeys=[bag_once[1]], by=by, at=archived.at)
    assert models.ArchiveRecord.objects.get(dossier=got).number == f"{number}（接收2）"


def test_a_package_received_by_an_empty_system_gives_the_same_hashes(
    bag: Path, bag_once: tuple[Path, str], archived: Drive, tmp_path: Path
) -> None:
    """Two installations: another database, another folder of files, another ledger."""
    source = zipped(bag, tmp_path / "bag.zip")
    out = tmp_path / "again.zip"
    script = tmp_path / "receive.py"
    script.write_text(RECEIVE, "utf-8")
    var = tmp_path / "var"
    migrated.lay_under(var / "zhenjiang-chengguan")
    env = {
        **os.environ,
        "MINGZHI_VAR": str(var),
        "MINGZHI_PROFILE": "zhenjiang-chengguan",
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
    }
    env.pop("MINGZHI_TEST_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, str(script), str(source), bag_once[1], str(out)],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    before = json.loads((bag / "data/metadata/content.json").read_text("utf-8"))
    with zipfile.ZipFile(out) as again:
        after = json.loads(again.read("data/metadata/content.json"))
        for item in after["items"]:
            if item["path"]:
                assert hashlib.sha256(again.read(f"data/{item['path']}")).hexdigest() == item["sha256"]
    assert after["index_sha256"] == before["index_sha256"]
    assert [i["sha256"] for i in after["items"]] == [i["sha256"] for i in before["items"]]
    assert [i["sm3"] for i in after["items"]] == [i["sm3"] for i in before["items"]]
    report = verify_package(out, vkeys=[told["vkey"]])
    assert failed(report) == set(), [c.findings for c in report.checks.values() if c.findings]


RECEIVE = """
import json, sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("migrate", database="attempts", verbosity=0)
from mingzhi.dossiers import package, package_import
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger.sequencer import open_log
from mingzhi.organisations import api as organisations
from mingzhi.documents import api as documents
at = clock.now()
open_log(at=at)
loaded = organisations.load_bureau("zhenjiang-chengguan", at=at)
account = organisations.accounts.account(dict(loaded.accounts)["archivist"])
by = organisations.actor_of(account, clock.today())
dossier, report = package_import.package_import(Path(sys.argv[1]), vkeys=[sys.argv[2]], by=by, at=at)
stored = package.build(dossier, at=at)
Path(sys.argv[3]).write_bytes(files.path(stored.id).read_bytes())
print(json.dumps({"vkey": ledger.verifier_key(), "number": dossier.number}))
"""


def test_a_held_dossier_ended_on_the_day_described_and_that_is_no_finding(archived: Drive) -> None:
    entry = held.HeldEntry(
        title="决定书", on=date(2020, 5, 6), volume="main", file=held.file_of(PNG, "a.png", archived.at)
    )
    made = held.held_open(
        described=held.Description(title="旧案卷一宗", party="某某", closed_on=date(2020, 5, 6)),
        entries=[entry],
        kind=SealKind.ARCHIVE,
        by=archived.by("archivist"),
        at=archived.at,
    )
    assert made.closed_at is not None
    found = dict(procedures.standing_otherwise())
    assert f"dossier:{made.pk}" not in found
    models.Dossier.objects.filter(pk=archived.id).update(closed_at=archived.at + timedelta(days=1))
    assert "办结时间" in dict(procedures.standing_otherwise())[f"dossier:{archived.id}"]


def test_numbers_go_past_those_that_older_files_brought_with_them(archived: Drive) -> None:
    entry = held.HeldEntry(
        title="决定书", on=date(2020, 5, 6), volume="main", file=held.file_of(PNG, "a.png", archived.at)
    )
    for number in ("2020-0001", "2020-0002", "", ""):
        held.held_open(
            described=held.Description(
                title="旧案卷一宗", party="某某", closed_on=date(2020, 5, 6), archive_number=number
            ),
            entries=[entry],
            kind=SealKind.ARCHIVE,
            by=archived.by("archivist"),
            at=archived.at,
        )
    found = models.ArchiveRecord.objects.filter(year=2020).values_list("number", flat=True)
    assert sorted(found) == ["2020-0001", "2020-0002", "2020-0003", "2020-0004"]
