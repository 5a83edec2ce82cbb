"""Reads: entries of a subject, the latest checkpoint, receipts and proofs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from mingzhi.kernel import canonical
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import kinds, store
from mingzhi.ledger.data import AttemptView, CheckpointView, EntryView
from mingzhi.ledger.errors import LiveRowDiffers
from mingzhi.ledger.formats import Proof
from mingzhi.ledger.head import Head, commit, moment
from mingzhi.ledger.models import Attempt, Checkpoint, Entry, Log, Place
from mingzhi.ledger.verify import BUNDLE_MARK


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
    row = Checkpoint.objects.order_by("-size").first()
    if row is None:
        return None
    return CheckpointView(size=row.size, root=bytes(row.root).hex(), at=row.at, note=row.note)


def checkpoint() -> str:
    """The latest signed checkpoint text; empty before the first."""
    return Checkpoint.objects.order_by("-size").values_list("note", flat=True).first() or ""


def verifier_key() -> str:
    """The log's public key (C2SP verifier key), to be published; empty before the first run."""
    return Log.objects.order_by("at").values_list("vkey", flat=True).first() or ""


def _head(row: Entry) -> Head:
    return Head(row.kind, row.version, row.subject, moment(row.at), bytes(row.commitment).hex())


def _proof(row: Entry) -> Proof | None:
    index = Place.objects.filter(entry_id=row.pk).values_list("index", flat=True).first()
    last = Checkpoint.objects.order_by("-size").first()
    log = Log.objects.order_by("at").first()
    if index is None or last is None or log is None or index >= last.size:
        return None
    path = store.tree(log, last).inclusion(index, last.size)
    return Proof(index, tuple(path), last.note, _head(row).leaf())


def receipt(entry_id: int) -> str | None:
    """The receipt of an entry as C2SP tlog-proof text; None while it has no place yet.

    Says that the entry is in the log and when; discloses nothing of the payload.
    """
    row = Entry.objects.filter(pk=entry_id).first()
    if row is None:
        raise NotFound
    proof = _proof(row)
    return None if proof is None else proof.text()


def bundle(entry_id: int, payload: Mapping[str, Any] | None = None) -> str | None:
    """The disclosing receipt (``.mingzhi-receipt``): receipt, salt and payload; None while not placed.

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
    if payload is None or commit(bytes(row.salt), canonical.encode(payload)) != bytes(row.commitment):
        raise LiveRowDiffers(subject=row.subject, entry_id=row.pk)
    proof = _proof(row)
    if proof is None:
        return None
    content = {
        "format": BUNDLE_MARK,
        "sentence": kind.sentence if kind else row.kind,
        "payload": canonical.plain(payload),
        "salt": bytes(row.salt).hex(),
        "proof": proof.text(),
        "vkey": verifier_key(),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


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
