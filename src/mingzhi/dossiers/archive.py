"""归档: the dossier gets its number, its term and its sealed index; holds stop the term.

Crash story. ``dossier_archive`` is part of the archive step's transaction: number, retention and the
order to seal commit with the step or not at all. Sealing is a job, because pages may still have to be
set: killed before its one transaction, nothing is sealed and the job runs again; killed after, the
second run finds the same index sealed and adds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import order, retention, sources
from mingzhi.dossiers.archive_entries import ARCHIVED, HELD_UP, LIFTED, MARKED, RETAINED, SEALED
from mingzhi.dossiers.choices import HoldSource, Importance, MakeKind, MakeState, SealKind, Secrecy, Volume
from mingzhi.dossiers.entries import DESCRIBED
from mingzhi.dossiers.errors import IndexNotReady, NotArchived
from mingzhi.dossiers.models import (
    ArchiveRecord,
    DestructionLine,
    DestructionList,
    Dossier,
    Hold,
    HoldLift,
    Making,
    Retention,
    Sealing,
    SecrecyMark,
)
from mingzhi.files import api as files
from mingzhi.kernel import canonical, clock, numbers
from mingzhi.kernel.errors import Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.outbox import api as outbox

MAKE = "dossiers.make"


@dataclass(frozen=True, slots=True)
class HoldView:
    id: int
    source: str
    source_label: str
    reason: str
    at: datetime
    by_name: str
    lifted_at: datetime | None
    lift_reason: str
    lifted_by: str

    @property
    def in_force(self) -> bool:
        return self.lifted_at is None


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """A dossier's archiving as a page shows it. ``due_on`` is the expiry with holds reckoned in."""

    id: int
    dossier_id: int
    number: str
    fonds: str
    catalogue: str
    at: datetime
    by_name: str
    importance: str
    years: int | None
    closed_on: date
    starts_on: date
    expires_on: date | None
    transfer_on: date | None
    due_on: date | None
    norms: dict[str, Any]
    holds: tuple[HoldView, ...]
    sealed_at: datetime | None
    items: int
    pages_main: int
    pages_side: int
    index_digest: str

    @property
    def retention_label(self) -> str:
        return retention.PERMANENT if self.years is None else f"{self.years} 年"

    @property
    def importance_label(self) -> str:
        return Importance(self.importance).label

    @property
    def held(self) -> bool:
        return any(h.in_force for h in self.holds)


# --- the index -------------------------------------------------------------------------------


def order_of(body: BodyRef, on: date) -> order.Order:
    """The order of the file that this body uses on this day."""
    return order.Order.of(
        catalogue.norm("archive.order.main", body=body, on=on).value,
        catalogue.norm("archive.order.side", body=body, on=on).value,
        evidence_first=catalogue.norm("archive.order.evidence_first", body=body, on=on).value,
    )


@lru_cache(maxsize=4096)
def _pdf_pages(sha256: str, file_id: int) -> int:
    """Sheets of a stored PDF; 1 (its description) when it cannot be opened. Content never changes."""
    try:
        pdf = pypdfium2.PdfDocument(files.path(file_id))
    except pypdfium2.PdfiumError:
        return 1
    try:
        return max(1, len(pdf))
    finally:
        pdf.close()


def counted(item: sources.Item) -> sources.Item:
    """The item with its sheets: a PDF's own; one for a picture, and one that describes anything else."""
    if item.pages is not None:
        return item
    if item.file_id is None:
        return replace(item, pages=1) if item.medium == "statement" and item.details else item
    pages = _pdf_pages(item.sha256, item.file_id) if item.medium == "paper" else 1
    return replace(item, pages=pages)


def contents(dossier: Dossier) -> list[order.Line]:
    """The index as it stands: sealed lines where they are, what came since as supplements."""
    last = _last_sealing(dossier.pk)
    sealed = json.loads(last.index) if last is not None else []
    body = organisations.body(dossier.body_id)
    on = clock.local_date(last.at if last is not None else dossier.last_step_at)
    return order.lines((counted(i) for i in sources.items(dossier.pk)), order_of(body, on), sealed)


def _last_sealing(dossier_id: int) -> Sealing | None:
    return Sealing.objects.filter(archive__dossier_id=dossier_id).order_by("-seq").first()


def sealed_index(dossier_id: int) -> tuple[str, list[order.Line]]:
    """The sealed index and its digest. ``NotArchived`` before the first sealing."""
    last = _last_sealing(dossier_id)
    if last is None:
        number = Dossier.objects.values_list("number", flat=True).get(pk=dossier_id)
        raise NotArchived(f"案卷 {number} 尚未编目", number=number)
    return last.index_digest, [order.line_of(e) for e in json.loads(last.index)]


# --- archiving -------------------------------------------------------------------------------


def importance_of(procedure: str, body: BodyRef, on: date) -> str:
    """What the norm says of this kind of matter; a kind it does not name counts as important."""
    listed = dict(
        line.partition("=")[::2] for line in catalogue.norm("archive.importance", body=body, on=on).value
    )
    return str(listed.get(procedure, Importance.IMPORTANT.value))


def planned(
    body: BodyRef, *, importance: str, closed_on: date, on: date
) -> tuple[retention.Plan, dict[str, Any]]:
    """The retention of a dossier closed on ``closed_on``, and the norms it rests on."""
    used = {}

    def value(name: str) -> Any:
        found = catalogue.norm(name, body=body, on=on)
        used[name] = {"value": found.value, "version": found.version, "level": found.level}
        return found.value

    level = "county" if body.level in ("county", "township") else "city"
    made = retention.plan(
        closed_on=closed_on,
        term=value(f"archive.retention.{importance}"),
        starts=value("archive.retention.starts"),
        transfer_years=value(f"archive.transfer.{level}"),
    )
    return made, used


def number_next(body_id: int, year: int) -> str:
    """The body's next archive number of the year, past those that older files brought with them."""
    while True:
        number = f"{year}-{numbers.allot(f'archive:{body_id}:{year}'):04d}"
        if not ArchiveRecord.objects.filter(body_id=body_id, number=number).exists():
            return number


@transaction.atomic
def dossier_archive(
    *,
    dossier: Dossier,
    importance: str = "",
    reason: str = "",
    fonds: str = "",
    catalogue_number: str = "",
    by: Actor,
    at: datetime,
) -> ArchiveRecord:
    """Give the dossier its archive number (once), fix its retention, and order its index to be sealed.

    ``importance`` other than what the norm says needs a reason. Called by the archive step.
    """
    body = organisations.body(dossier.body_id)
    closed_on = clock.local_date(dossier.closed_at or at)
    on = clock.local_date(at)
    usual = importance_of(dossier.procedure, body, on)
    importance = importance or usual
    problems = Problems()
    if importance not in Importance.values:
        problems.add("importance", "请选择重要程度")
    elif importance != usual and not reason.strip():
        problems.add("reason", f"本类案卷一般按“{Importance(usual).label}”掌握，另定的请写明理由")
    problems.raise_if_any()
    record = ArchiveRecord.objects.filter(dossier=dossier).first()
    if record is None:
        record = ArchiveRecord.objects.create(
            dossier=dossier,
            body_id=dossier.body_id,
            year=closed_on.year,
            number=number_next(dossier.body_id, closed_on.year),
            fonds=fonds.strip(),
            catalogue=catalogue_number.strip(),
            at=at,
            by=by.label,
            by_name=by.name,
        )
        ARCHIVED.kept(record, at=at)
    made, used = planned(body, importance=importance, closed_on=closed_on, on=on)
    retention_fix(
        record, made, importance=importance, closed_on=closed_on, norms=used, reason=reason, by=by, at=at
    )
    making_ask(dossier=dossier, kind=MakeKind.SEAL, by=by, at=at)
    return record


def retention_fix(
    record: ArchiveRecord,
    made: retention.Plan,
    *,
    importance: str,
    closed_on: date,
    norms: dict[str, Any],
    reason: str,
    by: Actor,
    at: datetime,
) -> Retention:
    row = Retention.objects.create(
        archive=record,
        importance=importance,
        years=made.years,
        closed_on=closed_on,
        starts_on=made.starts_on,
        expires_on=made.expires_on,
        transfer_on=made.transfer_on,
        norms=canonical.plain(norms),
        reason=reason.strip()[:200],
        at=at,
        by=by.label,
    )
    RETAINED.kept(row, at=at)
    return row


def retention_extend(*, record: ArchiveRecord, years: int, reason: str, by: Actor, at: datetime) -> Retention:
    """继续保存 after appraisal: the term ends ``years`` after it would have ended."""
    last = record.retentions.order_by("-pk").first()
    if last is None or last.expires_on is None:
        raise NotArchived(number=record.dossier.number)
    made = retention.Plan(
        years=(last.years or 0) + years,
        starts_on=last.starts_on,
        expires_on=retention.later(last.expires_on, years),
        transfer_on=last.transfer_on,
    )
    return retention_fix(
        record, made, importance=last.importance, closed_on=last.closed_on, norms=last.norms, reason=reason,
        by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def index_seal(
    *, dossier: Dossier, kind: str, lines: Sequence[order.Line] | None = None, by: Actor | str, at: datetime
) -> Sealing | None:
    """Seal the index as it stands. ``None`` when nothing has come since the last sealing.

    Raises ``NotArchived``, ``IndexNotReady`` (items whose pages are not known yet).
    """
    record = ArchiveRecord.objects.select_for_update().filter(dossier=dossier).first()
    if record is None:
        raise NotArchived(number=dossier.number)
    found = list(lines) if lines is not None else contents(dossier)
    waiting = [line for line in found if line.item.pages is None]
    if waiting:
        raise IndexNotReady(count=len(waiting))
    entries = [order.entry_of(line) for line in found]
    text = canonical.encode(entries).decode()
    last = _last_sealing(dossier.pk)
    if last is not None and last.index == text:
        return None
    row = Sealing.objects.create(
        archive=record,
        seq=(last.seq if last else 0) + 1,
        kind=kind if last is None or kind != SealKind.ARCHIVE else SealKind.SUPPLEMENT,
        index=text,
        index_digest=order.content_digest(entries),
        items=len(entries),
        pages_main=_pages(found, Volume.MAIN),
        pages_side=_pages(found, Volume.SIDE),
        at=at,
        by=by if isinstance(by, str) else by.label,
    )
    SEALED.kept(row, at=at)
    return row


def _pages(lines: Iterable[order.Line], volume: str) -> int:
    return max((line.last or 0 for line in lines if line.volume == volume), default=0)


KEPT = "鉴定继续保存（{number}）"
"""Why a term was prolonged: the destruction list by which it was decided."""


def lines_waiting() -> QuerySet[DestructionLine]:
    """Lines of destruction lists by which something may still happen: not refused, and neither destroyed nor
    prolonged by it."""
    before, _, after = KEPT.partition("{number}")
    reason = Concat(Value(before), OuterRef("list__number"), Value(after))
    prolonged = Retention.objects.filter(archive=OuterRef("archive"), reason=reason)
    refused = DestructionList.objects.filter(decisions__approved=False).values("pk")
    open_ones = DestructionLine.objects.filter(destroyed=None).exclude(list_id__in=refused)
    return open_ones.exclude(Exists(prolonged))


# --- holds -----------------------------------------------------------------------------------


@transaction.atomic
def hold_set(*, dossier: Dossier, source: str, reason: str, key: str = "", by: Actor, at: datetime) -> Hold:
    """Stop the term and forbid destruction. ``key`` names the cause, so that one cause holds once."""
    problems = Problems()
    if source not in HoldSource.values:
        problems.add("source", "请选择暂缓处置的来源")
    if len(reason.strip()) < 2:
        problems.add("reason", "请写明暂缓处置的理由")
    problems.raise_if_any()
    key = key or f"by-hand:{canonical.plain(at)}"
    hold, made = Hold.objects.get_or_create(
        dossier=dossier,
        key=key,
        defaults={
            "source": source,
            "reason": reason.strip()[:300],
            "at": at,
            "by": by.label,
            "by_name": by.name,
        },
    )
    if made:
        HELD_UP.kept(hold, at=at)
    return hold


@transaction.atomic
def hold_lift(*, dossier: Dossier, hold_id: int, reason: str, by: Actor, at: datetime) -> None:
    """End a hold; the term runs on from this day. A second lifting changes nothing."""
    problems = Problems()
    hold = Hold.objects.select_for_update().filter(dossier=dossier, pk=hold_id).first()
    if hold is None:
        problems.add("hold", "没有这项暂缓处置")
    if len(reason.strip()) < 2:
        problems.add("lift_reason", "请写明解除的理由")
    problems.raise_if_any()
    lift, made = HoldLift.objects.get_or_create(
        hold=hold,
        defaults={"reason": reason.strip()[:300], "at": at, "by": by.label, "by_name": by.name},
    )
    if made:
        LIFTED.kept(lift, at=at)


def holds(dossier_id: int) -> list[HoldView]:
    rows = Hold.objects.filter(dossier_id=dossier_id).select_related("lift").order_by("pk")
    found = []
    for row in rows:
        lift = getattr(row, "lift", None)
        found.append(
            HoldView(
                id=row.pk,
                source=row.source,
                source_label=HoldSource(row.source).label,
                reason=row.reason,
                at=row.at,
                by_name=row.by_name,
                lifted_at=lift.at if lift else None,
                lift_reason=lift.reason if lift else "",
                lifted_by=lift.by_name if lift else "",
            )
        )
    return found


@transaction.atomic
def secrecy_set(*, dossier: Dossier, secrecy: str, reason: str, by: Actor, at: datetime) -> None:
    """标定密级 (R090): what stands on the cover and what may leave. The fact is kept with its reason."""
    problems = Problems()
    if secrecy not in Secrecy.values:
        problems.add("secrecy", "请选择密级")
    if len(reason.strip()) < 2:
        problems.add("reason", "请写明标定的依据或者理由")
    problems.raise_if_any()
    if dossier.secrecy == secrecy:
        return
    row = SecrecyMark.objects.create(
        dossier=dossier,
        secrecy=secrecy,
        former=dossier.secrecy,
        reason=reason.strip()[:200],
        at=at,
        by=by.label,
        by_name=by.name,
    )
    dossier.secrecy = secrecy
    dossier.save(update_fields=["secrecy"])
    DESCRIBED.kept(dossier, at=at)
    dossier.secrecy = secrecy
    MARKED.kept(row, at=at)


# --- making in the background ------------------------------------------------------------------


@transaction.atomic
def making_ask(*, dossier: Dossier, kind: str, mark: str = "", by: Actor, at: datetime) -> Making:
    """Order something to be made; an order that still waits or runs is not given twice. A sealing that runs may
    have read the index before what it is now asked for came, so only one that waits will do."""
    will_do = (MakeState.WAITING,) if kind == MakeKind.SEAL else (MakeState.WAITING, MakeState.RUNNING)
    running = (
        Making.objects.select_for_update()
        .filter(dossier=dossier, kind=kind, mark=mark, state__in=will_do)
        .order_by("-pk")
        .first()
    )
    if running is not None:
        return running
    row = Making.objects.create(
        dossier=dossier, kind=kind, state=MakeState.WAITING, mark=mark[:200], asked_at=at, asked_by=by.label
    )
    outbox.enqueue(MAKE, {"making": row.pk}, at=at, key=f"making:{row.pk}")
    return row


def makings(dossier_id: int) -> list[Making]:
    """The latest of each kind and mark, newest first."""
    seen: dict[tuple[str, str], Making] = {}
    for row in Making.objects.filter(dossier_id=dossier_id).select_related("file").order_by("-pk")[:60]:
        seen.setdefault((row.kind, row.mark), row)
    return list(seen.values())


# --- reads -----------------------------------------------------------------------------------


def archive_of(dossier_id: int) -> ArchiveView | None:
    record = ArchiveRecord.objects.filter(dossier_id=dossier_id).first()
    return None if record is None else archive_view(record)


def archive_view(record: ArchiveRecord) -> ArchiveView:
    term = record.retentions.order_by("-pk").first()
    if term is None:
        raise RuntimeError(f"archive {record.pk}: no retention")
    last = _last_sealing(record.dossier_id)
    held = holds(record.dossier_id)
    spans = [(clock.local_date(h.at), clock.local_date(h.lifted_at) if h.lifted_at else None) for h in held]
    return ArchiveView(
        id=record.pk,
        dossier_id=record.dossier_id,
        number=record.number,
        fonds=record.fonds,
        catalogue=record.catalogue,
        at=record.at,
        by_name=record.by_name,
        importance=term.importance,
        years=term.years,
        closed_on=term.closed_on,
        starts_on=term.starts_on,
        expires_on=term.expires_on,
        transfer_on=term.transfer_on,
        due_on=retention.expiry(term.starts_on, term.expires_on, spans),
        norms=term.norms,
        holds=tuple(held),
        sealed_at=last.at if last else None,
        items=last.items if last else 0,
        pages_main=last.pages_main if last else 0,
        pages_side=last.pages_side if last else 0,
        index_digest=last.index_digest if last else "",
    )
