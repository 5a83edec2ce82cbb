"""Dossiers whose material was not made here: paper files scanned in (R095), and packages received.

A held dossier is a dossier like any other: found, lent, held, appraised by the same means. Its items
are rows of this room; its procedure has one state, 已归档.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import archive, order, sources
from mingzhi.dossiers.actions import dossier_open
from mingzhi.dossiers.archive_entries import ARCHIVED, ITEM
from mingzhi.dossiers.choices import MakeKind, SealKind, Volume
from mingzhi.dossiers.entries import DESCRIBED, HELD_PROCEDURE
from mingzhi.dossiers.errors import NotArchived
from mingzhi.dossiers.models import ArchiveRecord, Dossier, HeldItem, Making
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import canonical, clock
from mingzhi.kernel.errors import Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor

PROCEDURE = HELD_PROCEDURE
VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Description:
    """What is written down of a held dossier. ``archive_number`` is the one it already bears, if any."""

    title: str
    party: str
    closed_on: date
    opened_on: date | None = None
    original_number: str = ""
    archive_number: str = ""
    importance: str = "important"
    fonds: str = ""
    catalogue: str = ""
    secrecy: str = "open"


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """One item to be held. Its file is stored already."""

    title: str
    on: date
    volume: str
    file: FileRef | None
    number: str = ""
    code: str = "HELD"
    pages: int | None = None
    details: tuple[tuple[str, str], ...] = ()
    supplement: bool = False


@transaction.atomic
def held_open(
    *,
    described: Description,
    entries: Sequence[HeldEntry],
    kind: str,
    lines: Sequence[order.Line] | None = None,
    by: Actor,
    at: datetime,
) -> Dossier:
    """Open a held dossier, archived from the start, with its index sealed. All of it or nothing.

    ``lines``, when given, are the index as it was sealed elsewhere, one for each entry in their order.
    """
    problems = Problems()
    if len(described.title.strip()) < 2:
        problems.add("title", "请填写案卷题名")
    if described.closed_on > clock.local_date(at):
        problems.add("closed_on", "结案日期晚于今日，请核对")
    if described.opened_on and described.opened_on > described.closed_on:
        problems.add("opened_on", "立案日期晚于结案日期，请核对")
    if not entries:
        problems.add("files", "没有卷内件")
    number = described.archive_number.strip()
    if number and ArchiveRecord.objects.filter(body_id=by.body_id, number=number).exists():
        problems.add("archive_number", f"归档号 {number} 已被使用")
    if by.unit_id is None:
        problems.add("title", "您的账号没有所属机构，不能著录")
    problems.raise_if_any()
    assert by.unit_id is not None
    body = organisations.body(by.body_id)
    dossier = dossier_open(
        procedure=PROCEDURE,
        procedure_version=VERSION,
        state="archived",
        stage="归档",
        title=described.title,
        body_id=by.body_id,
        unit_id=by.unit_id,
        field=catalogue.field_of(body),
        by=by,
        at=at,
    )
    closed_at = clock.at_local(described.closed_on, 12)
    Dossier.objects.filter(pk=dossier.pk).update(
        closed_at=closed_at, party_name=described.party.strip()[:200], secrecy=described.secrecy
    )
    dossier.closed_at, dossier.party_name = closed_at, described.party.strip()[:200]
    dossier.secrecy = described.secrecy
    DESCRIBED.kept(dossier, at=at)
    if not number:
        number = archive.number_next(body.id, described.closed_on.year)
    record = ArchiveRecord.objects.create(
        dossier=dossier,
        body_id=body.id,
        year=described.closed_on.year,
        number=number,
        fonds=described.fonds.strip(),
        catalogue=described.catalogue.strip(),
        at=at,
        by=by.label,
        by_name=by.name,
    )
    ARCHIVED.kept(record, at=at)
    made, used = archive.planned(
        body, importance=described.importance, closed_on=described.closed_on, on=clock.local_date(at)
    )
    archive.retention_fix(
        record,
        made,
        importance=described.importance,
        closed_on=described.closed_on,
        norms=used,
        reason=f"原卷号 {described.original_number}" if described.original_number else "",
        by=by,
        at=at,
    )
    held_lines = []
    for seq, entry in enumerate(entries, 1):
        row = _item(dossier, seq, entry)
        if lines:
            line = lines[seq - 1]
            held_lines.append(replace(line, item=replace(line.item, subject=f"held:{row.pk}")))
        ITEM.kept(row, at=at)
    archive.index_seal(dossier=dossier, kind=kind, lines=held_lines or _as_listed(dossier), by=by, at=at)
    return dossier


@transaction.atomic
def supplement_add(*, dossier: Dossier, entry: HeldEntry, reason: str, by: Actor, at: datetime) -> HeldItem:
    """Put material that came after archiving behind the bound file, marked as what it is; ``reason``
    says why it comes late. The index is sealed anew by the worker."""
    record = ArchiveRecord.objects.select_for_update().filter(dossier=dossier).first()
    if record is None:
        raise NotArchived(number=dossier.number)
    problems = Problems()
    if len(entry.title.strip()) < 2:
        problems.add("title", "请填写题名")
    if entry.volume not in Volume.values:
        problems.add("volume", "请选择卷别")
    if entry.file is None:
        problems.add("file", "请选择要补充的文件")
    if len(reason.strip()) < 2:
        problems.add("reason", "请写明归档后补充的原因")
    problems.raise_if_any()
    seq = HeldItem.objects.filter(dossier=dossier).count() + 1
    details = (*entry.details, ("归档后补充的原因", reason.strip()[:300]))
    row = _item(dossier, seq, replace(entry, supplement=True, details=details))
    ITEM.kept(row, at=at)
    archive.making_ask(dossier=dossier, kind=MakeKind.SEAL, by=by, at=at)
    return row


def _item(dossier: Dossier, seq: int, entry: HeldEntry) -> HeldItem:
    return HeldItem.objects.create(
        dossier=dossier,
        seq=seq,
        volume=entry.volume,
        code=entry.code,
        title=entry.title.strip(),
        number=entry.number.strip(),
        on=entry.on,
        pages=entry.pages,
        file_id=entry.file.id if entry.file else None,
        sha256=entry.file.sha256 if entry.file else "",
        supplement=entry.supplement,
        details=canonical.encode([list(p) for p in entry.details]).decode() if entry.details else "",
    )


def _as_listed(dossier: Dossier) -> list[order.Line]:
    """A held dossier keeps the order in which it was listed: nobody rebinds what was bound."""
    found: list[order.Line] = []
    for volume in (Volume.MAIN.value, Volume.SIDE.value):
        page = 1
        own = (archive.counted(i) for i in items(dossier.pk) if i.volume == volume)
        for seq, item in enumerate(own, 1):
            pages = item.pages or 1
            found.append(order.Line(seq, volume, item, page, page + pages - 1))
            page += pages
    return found


def items(dossier_id: int) -> Iterator[sources.Item]:
    rows = HeldItem.objects.filter(dossier_id=dossier_id).select_related("file").order_by("seq")
    for row in rows:
        stored = row.file
        details = json.loads(row.details) if row.details else ()
        yield sources.Item(
            code=row.code,
            subject=f"held:{row.pk}",
            title=row.title,
            number=row.number,
            on=row.on,
            moment=clock.at_local(row.on, 12),
            volume=row.volume,
            file_id=stored.pk if stored else None,
            sha256=row.sha256,
            size=stored.size if stored else 0,
            media_type=stored.media_type if stored else "",
            pages=row.pages,
            details=tuple((a, b) for a, b in details),
            supplement=row.supplement,
        )


def _subjects(dossier_id: int) -> Iterator[str]:
    for pk in HeldItem.objects.filter(dossier_id=dossier_id).order_by("seq").values_list("pk", flat=True):
        yield f"held:{pk}"


def _events(dossier_id: int) -> Iterator[sources.Event]:
    """What this room itself records of a dossier, held or not."""
    dossier = Dossier.objects.get(pk=dossier_id)
    yield sources.Event(dossier.opened_at, "建立案卷", dossier.opened_by, "", f"dossier:{dossier_id}")
    record = ArchiveRecord.objects.filter(dossier_id=dossier_id).first()
    if record is not None:
        yield sources.Event(
            record.at, f"归档，归档号 {record.number}", record.by, record.by_name, f"archive:{dossier_id}"
        )
        for row in record.sealings.order_by("seq"):
            act = f"{SealKind(row.kind).label}编目，共 {row.items} 件"
            yield sources.Event(row.at, act, row.by, "", f"sealing:{row.pk}")
    for hold in archive.holds(dossier_id):
        yield sources.Event(
            hold.at, f"暂缓处置：{hold.source_label}", "", hold.by_name, f"hold:{hold.id}", hold.reason
        )


def _holders(file_ids: list[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for file_id, dossier_id in HeldItem.objects.filter(file_id__in=file_ids).values_list(
        "file_id", "dossier_id"
    ):
        found.setdefault(file_id, set()).add(dossier_id)
    for file_id, dossier_id in Making.objects.filter(file_id__in=file_ids).values_list(
        "file_id", "dossier_id"
    ):
        found.setdefault(int(file_id or 0), set()).add(dossier_id)
    return found


def _copies(dossier_id: int) -> list[int]:
    """Bound PDFs and packages made of the dossier."""
    made = Making.objects.filter(dossier_id=dossier_id, file__isnull=False)
    return [int(file_id or 0) for file_id in made.values_list("file_id", flat=True)]


def register() -> None:
    sources.register(sources.Source("dossiers", items, _events, _subjects, _holders, copies=_copies))


def file_of(data: bytes, name: str, at: datetime) -> FileRef:
    """Store a scanned page or PDF; anything else is refused by content."""
    return files.put(io.BytesIO(data), name=name, accept=("application/pdf", "image/*"), at=at)
