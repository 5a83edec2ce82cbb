"""Reads: entries of a subject, the latest checkpoint, receipts and proofs."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Max, Q
from django.db.models.fields.json import KeyTextTransform

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import kinds, store
from mingzhi.ledger.data import AttemptView, CheckpointView, EntryView
from mingzhi.ledger.errors import LiveRowDiffers
from mingzhi.ledger.formats import Proof
from mingzhi.ledger.head import stored_leaf
from mingzhi.ledger.models import Attempt, Checkpoint, Cosignature, Entry, Log, Place
from mingzhi.ledger.notes import ED25519, VerifierKey
from mingzhi.ledger.opening import Opening, head_of
from mingzhi.ledger.rotation import all_keys, in_force, links
from mingzhi.ledger.sqltext import head_columns
from mingzhi.ledger.tiles import TILE, parse_name, width_of


def _views(rows: Iterable[Entry]) -> list[EntryView]:
    found = list(rows)
    places: dict[int, int] = {}
    for start in range(0, len(found), 500):
        ids = [row.pk for row in found[start : start + 500]]
        places.update(Place.objects.filter(entry_id__in=ids).values_list("entry_id", "index"))
    views = []
    for row in found:
        kind = kinds.find(row.kind, row.version)
        views.append(
            EntryView(
                id=row.pk,
                kind=row.kind,
                version=row.version,
                subject=row.subject,
                at=row.at,
                index=places.get(row.pk),
                sentence=kind.sentence if kind else row.kind,
                leaf=bytes(row.leaf).hex(),
            )
        )
    return views


def entries_of(subject: str) -> list[EntryView]:
    """All entries of ``subject``, in the order they were made."""
    return _views(Entry.objects.filter(subject=subject).order_by("id"))


def entries_of_many(subjects: Iterable[str]) -> list[EntryView]:
    """Entries of several subjects, in the order they were made; one query per 500 subjects."""
    wanted = list(dict.fromkeys(subjects))
    rows: list[Entry] = []
    for start in range(0, len(wanted), 500):
        rows += Entry.objects.filter(subject__in=wanted[start : start + 500])
    return _views(sorted(rows, key=lambda row: row.pk))


def entry(entry_id: int) -> EntryView:
    """One entry by its id. ``NotFound`` when there is none."""
    found = _views(Entry.objects.filter(pk=entry_id))
    if not found:
        raise NotFound
    return found[0]


def latest() -> CheckpointView | None:
    """The latest checkpoint with its parts; None before the first."""
    return _checkpoint_view(Checkpoint.objects.order_by("-size").first())


def checkpoint_covering(index: int) -> CheckpointView | None:
    """The first checkpoint whose tree holds the entry at ``index``; None while there is none."""
    return _checkpoint_view(Checkpoint.objects.filter(size__gt=index).order_by("size").first())


def _checkpoint_view(row: Checkpoint | None) -> CheckpointView | None:
    if row is None:
        return None
    return CheckpointView(size=row.size, root=bytes(row.root).hex(), at=row.at, note=row.note)


def recorded() -> int:
    """How many entries there are, placed or not: grows with every commit that recorded something, in
    whatever order transactions end. One look at an index and at the short queue, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(max(position) + 1, 0) FROM ledger_place)"
            " + (SELECT count(*) FROM ledger_pending)"
        )
        return int(cursor.fetchone()[0])


def checkpoint(*, cosigned: bool = False) -> str:
    """The latest signed checkpoint text with the cosignatures that came for it; with ``cosigned`` the newest
    that has a witness's line. Empty when there is none."""
    rows = Checkpoint.objects.order_by("-size")
    if cosigned:
        rows = rows.filter(size=Cosignature.objects.aggregate(newest=Max("size"))["newest"] or -1)
    row = rows.first()
    return cosigned_note(row) if row else ""


def cosigned_note(row: Checkpoint) -> str:
    """The text of a checkpoint with every witness's line on it."""
    lines = Cosignature.objects.filter(size=row.size).order_by("pk").values_list("line", flat=True)
    return row.note + "".join(lines)


def tile(level: int | None, name: str) -> bytes | None:
    """A tile by its path in C2SP tlog-tiles (``x001/234.p/17``): hashes of ``level``, or with None the
    entry bundle. None for whatever the latest checkpoint does not cover."""
    asked = parse_name(name)
    log = Log.objects.order_by("at").first()
    last = Checkpoint.objects.order_by("-size").first()
    if asked is None or log is None or last is None or (level or 0) > 7:
        return None
    number, width = asked
    if width > width_of(level or 0, number, last.size):
        return None
    if level is None:
        return entry_bundle(number, width)
    return store.tree(log, last).nodes(level * 8, number * TILE, width)


def entry_bundle(number: int, width: int) -> bytes:
    """An entry bundle: each entry's leaf bytes behind their length, 16 bits."""
    first = number * TILE
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {head_columns('e')} FROM ledger_place p JOIN ledger_entry e ON e.id = p.entry_id "  # noqa: S608
            "WHERE p.position >= %s AND p.position < %s ORDER BY p.position",
            [first, first + width],
        )
        rows = cursor.fetchall()
    leaves = [stored_leaf(*row) for row in rows]
    return b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in leaves)


def keys_text() -> str:
    """Every public key of the log, one a line; then the announcements of later keys, each after a blank
    line, so that a reader who holds the first key can follow (``mingzhi verify --key``)."""
    known = verifier_keys()
    return "\n".join(known) + "\n" + "".join(f"\n{link}" for link in key_links()) if known else ""


def verifier_key() -> str:
    """The log's Ed25519 key in force (C2SP verifier key), to be published; empty before the first run."""
    return next((key for key in keys_in_force() if VerifierKey.parse(key).kind == ED25519), "")


def started_at() -> datetime | None:
    """When the log began; None before."""
    return Log.objects.order_by("at").values_list("at", flat=True).first()


def keys_in_force() -> list[str]:
    """The keys that sign the next checkpoint: Ed25519, and SM2 where the log has one."""
    log = Log.objects.order_by("at").first()
    size = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    return in_force(log, size) if log else []


def verifier_keys() -> list[str]:
    """Every public key the log ever had, the oldest first: old receipts keep verifying."""
    log = Log.objects.order_by("at").first()
    return all_keys(log) if log else []


def key_links() -> list[str]:
    """The announcements of later keys as receipts (``rotation.links``)."""
    log = Log.objects.order_by("at").first()
    return links(log) if log else []


def _shown(index: int) -> Checkpoint | None:
    """The checkpoint a receipt shows: the newest that a witness cosigned, else the newest."""
    size = Cosignature.objects.filter(size__gt=index).order_by("-size").values_list("size", flat=True).first()
    rows = Checkpoint.objects.filter(size__gt=index).order_by("-size")
    return (rows.filter(size=size).first() if size else None) or rows.first()


def _proof(row: Entry, opening: Opening) -> Proof | None:
    index = Place.objects.filter(entry_id=row.pk).values_list("index", flat=True).first()
    log = Log.objects.order_by("at").first()
    head = _shown(index) if index is not None else None
    last = Checkpoint.objects.order_by("-size").first()
    if index is None or head is None or last is None or log is None:
        return None
    path = store.tree(log, last).inclusion(index, head.size)
    return Proof(index, tuple(path), cosigned_note(head), opening.with_links(links(log)).data())


def receipt(entry_id: int) -> str | None:
    """The receipt of an entry as C2SP tlog-proof text; None while it has no place yet.

    Says that the entry is in the log and when; discloses nothing of the payload.
    """
    row = Entry.objects.filter(pk=entry_id).first()
    if row is None:
        raise NotFound
    proof = _proof(row, Opening(head_of(row).leaf()))
    return None if proof is None else proof.text()


def bundle(entry_id: int, payload: Mapping[str, Any] | None = None) -> str | None:
    """The disclosing receipt: a tlog-proof that also carries salt and payload; None while not placed.

    The payload is computed anew from the live row by the entry's kind, unless given; it must be
    what was recorded (``LiveRowDiffers`` otherwise). Whoever hands a bundle out discloses the
    payload: that is the caller's decision.
    """
    row = Entry.objects.filter(pk=entry_id).first()
    if row is None:
        raise NotFound
    kind = kinds.find(row.kind, row.version)
    if payload is None and kind is not None and kind.payload_of is not None:
        payload = kind.payload_of(row.subject)
    head = head_of(row)
    opening = Opening.of(head.leaf(), bytes(row.salt), payload or {})
    if payload is None or not opening.opens(head.commitment):
        raise LiveRowDiffers(subject=row.subject, entry_id=row.pk)
    proof = _proof(row, opening)
    return None if proof is None else proof.text()


def consistency(old: int, new: int | None = None) -> tuple[list[bytes], str]:
    """Proof that the first ``old`` entries are still the same in the tree of ``new`` (default: latest).

    Returns the hashes and the checkpoint text of the new size. ``NotFound`` when no checkpoint of
    that size was signed or ``old`` is larger.
    """
    rows = Checkpoint.objects.order_by("-size")
    last = rows.first()
    head = last if new is None else rows.filter(size=new).first()
    log = Log.objects.order_by("at").first()
    if head is None or log is None or not 0 <= old <= head.size:
        raise NotFound
    return store.tree(log, last).consistency(old, head.size), head.note


def pending_count() -> int:
    """Committed entries that have no place yet (normally those of the last second)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_pending")
        return int(cursor.fetchone()[0])


def attempts(
    *,
    subject: str = "",
    by: str = "",
    act: str = "",
    outcome: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 200,
) -> list[AttemptView]:
    """The second log, newest first, narrowed by subject, person, act, outcome or time (``until`` not
    included). ``before`` is the id to page on from."""
    wanted = Q()
    if subject:
        wanted &= Q(subject=subject)
    if by:
        wanted &= Q(by=by)
    if act:
        wanted &= Q(act=act)
    if outcome:
        wanted &= Q(outcome=outcome)
    if since is not None:
        wanted &= Q(at__gte=since)
    if until is not None:
        wanted &= Q(at__lt=until)
    if before is not None:
        wanted &= Q(id__lt=before)
    return [
        AttemptView(r.pk, r.act, r.subject, r.by, r.at, r.outcome, r.purpose, r.detail, r.address)
        for r in Attempt.objects.filter(wanted).order_by("-id")[:limit]
    ]


def attempts_counted(
    *,
    acts: Collection[str],
    group: str,
    since: datetime,
    until: datetime,
    bodies: Collection[int] | None = None,
    limit: int = 200,
) -> list[tuple[str, int, int]]:
    """The second log counted over ``since`` … ``until`` (not included): (name, done, refused), most first.

    ``group`` is ``by``, ``subject``, ``act``, or a key of the detail. ``bodies`` narrows by the detail's
    ``body``; rows that name none are then left out.
    """
    rows = Attempt.objects.filter(act__in=list(acts), at__gte=since, at__lt=until)
    if bodies is not None:
        rows = rows.filter(detail__body__in=list(bodies))
    name = F(group) if group in {"by", "subject", "act"} else KeyTextTransform(group, "detail")
    found = (
        rows.annotate(name=name)
        .values_list("name")
        .annotate(done=Count("id", filter=Q(outcome="ok")), refused=Count("id", filter=~Q(outcome="ok")))
        .order_by("-done", "-refused", "name")[:limit]
    )
    return [(str(key or ""), done, refused) for key, done, refused in found]
