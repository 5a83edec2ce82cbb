"""The open feed: every public event in the ledger's order, so that a copy elsewhere can follow.

The place of an event is the index of its ledger entry. Indexes follow commits without gaps, so the
cursor never skips what committed late. A text is handed out only while it is on show: the event of a
superseded or withdrawn one stays in the feed with its digest and proof, without the text
(docs/algorithms/feed.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Max

from mingzhi.kernel import canonical
from mingzhi.kernel.prepared import Given, Read
from mingzhi.ledger import api as ledger
from mingzhi.ledger.errors import LiveRowDiffers
from mingzhi.publication.choices import PUBLIC_EVENTS
from mingzhi.publication.data import FeedEntry, FeedPage, PublicMark, PublicRow, Standing
from mingzhi.publication.events import event_subject, public_payload
from mingzhi.publication.models import Event, FeedItem, PublicRecord
from mingzhi.publication.public import row_of

MOST = 200
_LARGEST = 2**63 - 1


@transaction.atomic
def place(*, at: datetime, limit: int = 2000) -> int:
    """Give public events their place, for the worker; returns how many got one.

    Only places below the latest checkpoint are given, and that is read first: whatever the checkpoint
    covers had committed, so nothing can turn up later before a place already given. Two workers give
    the same places; a worker killed here gave none.
    """
    latest = ledger.latest()
    rows = FeedItem.objects.filter(position__isnull=True).select_related("event").order_by("pk")[:limit]
    waiting = {event_subject(row.event): row for row in rows}
    if latest is None or not waiting:
        return 0
    placed = []
    last = {entry.subject: entry for entry in ledger.entries_of_many(waiting)}
    for subject, entry in last.items():
        row = waiting[subject]
        if entry.index is not None and entry.index < latest.size:
            row.position, row.placed_at = entry.index, at
            placed.append(row)
    FeedItem.objects.bulk_update(placed, ["position", "placed_at"], batch_size=500)
    return len(placed)


@transaction.atomic
def retell(*, at: datetime) -> int:
    """Record anew, without the person, the public events of every decision of which one was recorded with the person
    (the former form): from now on no proof that anybody may take names an official. Returns how many.

    All events of such a decision, in their order, so that who follows the feed ends with what stands now; they get
    new places. What was handed out before stays verifiable. All or nothing; the second time there is nothing.
    """
    first = FeedItem.objects.order_by("pk").select_related("event").first()
    if first is None or not _former([first]):
        return 0  # the oldest were recorded first in the former form: where it is not in it, none is
    rows = FeedItem.objects.select_related("event").order_by("pk").iterator(chunk_size=500)
    wanted: set[int] = set()
    while block := list(islice(rows, 500)):
        wanted |= _former(block)
    told = 0
    events = Event.objects.filter(disclosure_id__in=wanted, kind__in=PUBLIC_EVENTS).order_by("pk")
    for event in events.select_related("disclosure", "version", "snapshot").iterator(chunk_size=500):
        ledger.append(
            f"publication:disclosure:{event.kind}", event_subject(event), public_payload(event), at=at
        )
        told += 1
    FeedItem.objects.filter(event__disclosure_id__in=wanted).update(position=None, placed_at=None)
    return told


def _former(rows: Sequence[FeedItem]) -> set[int]:
    """The decisions of those events whose last entry is of the former form."""
    last = {e.subject: e.version for e in ledger.entries_of_many(event_subject(row.event) for row in rows)}
    return {row.event.disclosure_id for row in rows if last.get(event_subject(row.event)) == 1}


def misplaced() -> Iterator[tuple[str, str]]:
    """Public events that the feed lacks, and places that are not those of the events' entries, for the whole
    check."""
    for event in Event.objects.filter(kind__in=PUBLIC_EVENTS, feed=None).order_by("pk").iterator():
        yield event_subject(event), f"公开数据源缺少 {event_subject(event)}：条目被删除"
    rows = FeedItem.objects.filter(position__isnull=False).select_related("event").order_by("pk")
    found = rows.iterator(chunk_size=500)
    while block := list(islice(found, 500)):
        indexes: dict[str, int | None] = {}
        for entry in ledger.entries_of_many(event_subject(row.event) for row in block):
            indexes[entry.subject] = entry.index
        for row in block:
            subject = event_subject(row.event)
            if indexes.get(subject) != row.position:
                yield subject, f"公开数据源中 {subject} 的次序 {row.position} 不是其账本序号：次序被改动"


def page(after: int = -1, *, limit: int = 50, known: str = "") -> FeedPage:
    """Events behind the place ``after``, oldest first. ``known`` is a ``mark`` the reader holds: when it
    still fits, the page comes without its entries."""
    rows = FeedItem.objects.filter(position__gt=min(after, _LARGEST)).order_by("position")
    return _page(list(_joined(rows, limit)), after=after, limit=limit, known=known)


def newest(before: int | None = None, *, limit: int = 50, known: str = "") -> FeedPage:
    """Events before a place (or the newest), newest first: for readers of news. ``next`` pages on."""
    rows = FeedItem.objects.filter(position__lt=_LARGEST if before is None else min(before, _LARGEST))
    return _page(list(_joined(rows.order_by("-position"), limit)), after=-1, limit=limit, known=known)


def _joined(rows: object, limit: int) -> Sequence[FeedItem]:
    joined = rows.select_related("event__version", "event__disclosure")  # type: ignore[attr-defined]
    return joined[: min(max(limit, 1), MOST) + 1]  # type: ignore[no-any-return]


def head() -> int:
    """The last place there is; -1 before the first."""
    last: int | None = FeedItem.objects.aggregate(last=Max("position"))["last"]
    return -1 if last is None else last


def _page(rows: list[FeedItem], *, after: int, limit: int, known: str) -> FeedPage:
    top = head()
    most = min(max(limit, 1), MOST)
    more, rows = len(rows) > most, rows[:most]
    records = PublicRecord.objects.in_bulk([row.event.disclosure_id for row in rows])
    shown = {row.pk: _on_show(row, records[row.event.disclosure_id]) for row in rows}
    moments = [row.placed_at for row in rows if row.placed_at]
    moments += [record.updated_at for record in records.values()]
    parts = [f"{row.position}:{int(shown[row.pk])}" for row in rows]
    mark = hashlib.sha256(f"{after}|{more}|{top}|{','.join(parts)}".encode()).hexdigest()[:32]
    entries: tuple[FeedEntry, ...] = ()
    if mark != known:
        ids = {e.subject: e.id for e in ledger.entries_of_many(event_subject(row.event) for row in rows)}
        entries = tuple(
            _entry(row, records[row.event.disclosure_id], shown[row.pk], ids[event_subject(row.event)])
            for row in rows
        )
    return FeedPage(
        after=after,
        next=rows[-1].position if rows and rows[-1].position is not None else after,
        head=top,
        more=more,
        mark=mark,
        modified=max(moments, default=None),
        entries=entries,
    )


def _on_show(row: FeedItem, record: PublicRecord) -> bool:
    return record.shown and row.event.version_id == record.version_id


def _entry(row: FeedItem, record: PublicRecord, shown: bool, entry_id: int) -> FeedEntry:
    event = row.event
    try:
        proof = ledger.bundle(entry_id) or ""
    except LiveRowDiffers:  # an altered row has no proof any more; the rest of the feed goes on
        proof = ""
    return FeedEntry(
        position=row.position or 0,
        event=event.kind,
        label=event.get_kind_display(),
        disclosure=event.disclosure_id,
        version=event.version.no if event.version else None,
        number=record.number,
        agency=record.agency,
        kind=record.kind,
        at=event.at,
        reason=event.reason,
        basis=event.basis,
        sha256=canonical.digest(event.version.content) if event.version else None,
        content=event.version.content if shown and event.version else None,
        proof=proof,
    )


_STANDS = Read(
    lambda: PublicRecord.objects.filter(pk=Given("pk")).values_list("version_id", "state", "updated_at")
)


def mark(pk: int) -> object:
    """Changes when, and in the transaction in which, the public words of a decision change; ``None`` for
    what was never public."""
    return _STANDS.one(pk=min(pk, _LARGEST))


def marks(body_id: int | None = None, kinds: Collection[str] | None = None) -> list[PublicMark]:
    """Every decision that is or was public (of a body, of some kinds), by id."""
    rows = PublicRecord.objects.order_by("pk")
    if body_id is not None:
        rows = rows.filter(body_id=body_id)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    found = rows.values_list("pk", "version_id", "state", "shown", "published_on")
    return [PublicMark(pk, f"{version}:{state}", shown, on) for pk, version, state, shown, on in found]


def rows_of(ids: Collection[int]) -> list[PublicRow]:
    """The lines of those that are on show, newest first."""
    wanted = list(ids)
    records: list[PublicRecord] = []
    for start in range(0, len(wanted), 500):
        records += PublicRecord.objects.filter(shown=True, pk__in=wanted[start : start + 500])
    return [row_of(record) for record in sorted(records, key=lambda record: -record.rank)]


def inventory(after: int = 0, *, limit: int = 500) -> list[Standing]:
    """How every decision that is or was public stands, by id: what a whole copy is compared with."""
    rows = PublicRecord.objects.filter(pk__gt=min(after, _LARGEST)).select_related("version").order_by("pk")
    return [
        Standing(
            disclosure=row.pk,
            state="shown" if row.shown else row.state,
            version=row.version.no,
            sha256=canonical.digest(row.version.content) if row.shown else None,
        )
        for row in rows[: min(max(limit, 1), 1000)]
    ]
