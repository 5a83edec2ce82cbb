"""What passes between the two sides on a medium: written out here, taken in there.

Crash story of ``write_out``. The look (who took what out) is on record before the first byte. Packages
are written aside, flushed, and renamed; what is there whole is not written again, so an interrupted run
goes on. The manifest comes last, when their names are on the medium too: a folder without it is no hand-over and nobody takes it in.

``take_in`` receives package by package, each in its own transaction; interrupted, the next run finds what
it has already and answers for it the same way. The receipt is written when all have been looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from mingzhi.dossiers import handover, package_import
from mingzhi.dossiers.errors import AlreadyHeld, PackageRefused
from mingzhi.dossiers.models import ArchiveRecord
from mingzhi.dossiers.transfer import require_fit, require_state
from mingzhi.dossiers.transfer_models import TransferList
from mingzhi.dossiers.transfer_views import list_of, manifest
from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission

Say = Callable[[str], None]


def write_out(*, list_id: int, folder: Path, by: Actor, at: datetime, say: Say) -> handover.Manifest:
    """Write the packages of an approved list and their manifest into ``folder``. May be called again."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    view = list_of(by, list_id)
    require_state(view, "ready", "handed")
    require_fit(view)
    content = manifest(TransferList.objects.get(pk=list_id))
    for line in view.lines:
        ledger.attempt(
            "dossier:exported", f"dossier:{line.dossier_id}", by=by.label, at=at,
            purpose=f"移交档案馆（{view.number}）", detail={"sha256": line.package.sha256 if line.package else ""},
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for number, (line, packed) in enumerate(zip(view.lines, content.packages, strict=True), 1):
        target = folder / packed.path
        if line.package is not None and not _is(target, packed.sha256):
            _written(target, files.open_range(line.package.file_id), packed.sha256)
        say(f"已写出 {number}/{len(view.lines)}：{packed.path}")
    _flushed(folder)
    data = content.encode()
    _written(folder / handover.MANIFEST, [data], handover.digest(data))
    _flushed(folder)
    return content


def _flushed(folder: Path) -> None:
    """The names in ``folder`` are on the medium, not only in memory."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is(path: Path, digest: str) -> bool:
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        total = sha256()
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest() == digest


def _written(path: Path, blocks: Iterable[bytes], digest: str) -> None:
    aside = path.with_name(f".{path.name}.part")
    total = sha256()
    aside.unlink(missing_ok=True)
    with aside.open("xb") as out:
        for block in blocks:
            total.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if total.hexdigest() != digest:
        aside.unlink()
        raise PackageRefused(why=f"{path.name} 的内容与登记的校验值不符")
    aside.replace(path)


def take_in(
    folder: Path, *, vkeys: Iterable[str], by: Actor, at: datetime, say: Say
) -> tuple[handover.Receipt, str]:
    """Receive every package of a medium; returns the receipt and its signed note.

    A package that is missing, altered, fails a check or whose sender's key is not among ``vkeys`` is sent
    back with the reason; the others are taken in. ``PackageRefused`` without a readable manifest.
    """
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    keys = list(vkeys)
    path = folder / handover.MANIFEST
    if not path.is_file() or path.stat().st_size > 50_000_000:
        raise PackageRefused(why=f"载体上没有 {handover.MANIFEST}，不是完整的移交")
    data = path.read_bytes()
    try:
        content = handover.Manifest.parse(data)
    except handover.BadHandover as error:
        raise PackageRefused(why=str(error)) from None
    answers = []
    for number, packed in enumerate(content.packages, 1):
        answer = _answer(folder / packed.path, packed, keys, by, at)
        answers.append(answer)
        say(f"{number}/{len(content.packages)} {packed.path}：{'接收' if answer.accepted else answer.text}")
    receipt = handover.Receipt(
        list_number=content.list_number,
        manifest_sha256=handover.digest(data),
        receiver=organisations.body(by.body_id).name,
        received_by=by.name,
        at=at,
        answers=tuple(answers),
    )
    return receipt, ledger.letters.sign(receipt.text().splitlines())


def _answer(
    path: Path, packed: handover.Packed, vkeys: list[str], by: Actor, at: datetime
) -> handover.Answer:
    if not path.is_file() or path.is_symlink():
        return handover.Answer(packed.sha256, False, "载体上没有此档案包")
    if not _is(path, packed.sha256):
        return handover.Answer(packed.sha256, False, "档案包与移交目录中的校验值不符")
    try:
        number = package_import.package_import(path, vkeys=vkeys, by=by, at=at)[0].number
    except AlreadyHeld as error:
        number = str(error.facts["number"])
    except (PackageRefused, Invalid) as error:  # a package that says of itself what no dossier may say
        return handover.Answer(packed.sha256, False, error.sentence[:200])
    record = ArchiveRecord.objects.get(dossier__number=number)
    return handover.Answer(packed.sha256, True, record.number)
