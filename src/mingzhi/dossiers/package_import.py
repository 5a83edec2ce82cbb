"""接收档案包: a package of another installation becomes a held dossier, byte for byte.

The package is verified first and refused when anything failed; what could not be checked for want of a
trusted key is accepted only when the caller says so. Files are stored before the one transaction that
writes the dossier; killed in between, they are files nobody names, and the package can be received anew.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from mingzhi.dossiers import held, order
from mingzhi.dossiers.choices import SealKind
from mingzhi.dossiers.errors import AlreadyHeld, PackageRefused
from mingzhi.dossiers.models import ArchiveRecord, Dossier, Sealing
from mingzhi.files import api as files
from mingzhi.kernel.errors import NotAllowed
from mingzhi.ledger.verify_package import PackageReport, verify_package
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission


def package_import(
    path: Path, *, vkeys: Iterable[str] = (), unsigned: bool = False, by: Actor, at: datetime
) -> tuple[Dossier, PackageReport]:
    """Receive the zip at ``path``. ``PackageRefused`` names what failed; ``AlreadyHeld`` for one received
    before. ``unsigned``: accept a package whose signatures nobody here can check."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    if by.unit_id is None:
        raise NotAllowed()
    report = verify_package(path, vkeys=vkeys)
    failed = [f"{c.label}（{c.findings[0]}）" for c in report.checks.values() if c.findings]
    if failed:
        raise PackageRefused(why="；".join(failed[:5]))
    unchecked = [c.label for c in report.checks.values() if c.skipped and c.code in ("A7", "A8", "A9")]
    if unchecked and not unsigned:
        raise PackageRefused(why=f"{unchecked[0]}：没有可信的账本公钥")
    if not path.is_file():
        raise PackageRefused(why="请提供压缩包文件")
    with zipfile.ZipFile(path) as archive:
        base = _base(archive)
        content = _read(archive, f"{base}data/metadata/content.json")
        context = _read(archive, f"{base}data/metadata/context.json")
        known = (
            Sealing.objects.filter(archive__body_id=by.body_id, index_digest=content["index_sha256"])
            .select_related("archive__dossier")
            .first()
        )
        if known is not None:
            raise AlreadyHeld(number=known.archive.dossier.number)
        lines, entries = [], []
        for item in content["items"]:
            stored = None
            if item["path"]:
                with archive.open(f"{base}data/{item['path']}") as stream:
                    stored = files.put(
                        stream, name=f"{item['title']}.{item['path'].rpartition('.')[2]}",
                        media_type=item["media_type"], limit=item["size"], expected=item["size"], at=at,
                    )  # fmt: skip
                if stored.sha256 != item["sha256"]:
                    raise PackageRefused(why=f"《{item['title']}》的内容与校验值不符")
            entries.append(_entry(item, stored))
            lines.append(order.line_of({**item, "file_id": stored.id if stored else None, "link": ""}))
    archive_of = context["archive"]
    dossier = held.held_open(
        described=held.Description(
            title=content["title"],
            party=content.get("party", ""),
            closed_on=date.fromisoformat(context["closed_on"]),
            original_number=f"{context['body']} {content['number']}",
            archive_number=_number(by.body_id, str(archive_of["number"])),
            importance=archive_of["importance"],
            fonds=archive_of["fonds"],
            catalogue=archive_of["catalogue"],
            secrecy=content["secrecy"],
        ),
        entries=entries,
        kind=SealKind.IMPORT,
        lines=lines,
        by=by,
        at=at,
    )
    return dossier, report


def _number(body_id: int, number: str) -> str:
    """The number the dossier brought with it, told apart where others brought the same: every bureau begins
    its year with the first."""
    number = number.strip()[:50]
    known = ArchiveRecord.objects.filter(body_id=body_id, number__startswith=number)
    taken = set(known.values_list("number", flat=True))
    others = (f"{number}（接收{n}）" for n in count(2))
    return next(n for n in chain((number, f"{number}（接收）"), others) if n not in taken)


def _base(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    return "" if "bagit.txt" in names else names[0].partition("/")[0] + "/"


def _read(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(archive.read(name).decode("utf-8"))
    return loaded


def _entry(item: dict[str, Any], stored: Any) -> held.HeldEntry:
    return held.HeldEntry(
        title=item["title"],
        on=date.fromisoformat(item["on"]),
        volume=item["volume"],
        file=stored,
        number=item["number"],
        code=item["code"],
        pages=item["pages"],
        details=tuple((a, b) for a, b in item["details"]),
        supplement=item["supplement"],
    )
