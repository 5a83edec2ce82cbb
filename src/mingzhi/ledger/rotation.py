"""Which keys sign, and how one follows another.

A new key is announced by an entry of kind ``ledger:key``. The first checkpoint that holds the
announcement is still signed by the old key; from the next one on the new key signs. So whoever
trusts the old key learns of the new one from the log itself, and nobody who holds only the new
key can have announced it.

If a change of key stops …
* after the key's file is written, before the transaction: a file that nobody names;
* after the transaction, before the sequencer: the old key goes on signing until it ran twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from mingzhi.kernel import sm2
from mingzhi.ledger import keys, store
from mingzhi.ledger.actions import append, attempt
from mingzhi.ledger.errors import NoKeyChange
from mingzhi.ledger.formats import Proof
from mingzhi.ledger.models import Checkpoint, Entry, Log, LogKey, Place
from mingzhi.ledger.notes import ED25519, SM2, VerifierKey
from mingzhi.ledger.opening import KEY_KIND, Opening, head_of

ALGORITHMS = {"ed25519": ED25519, "sm2": SM2}


def subject_of(vkey: str) -> str:
    """The entry's subject, by the id the text names: also for a text that is no key (fsck meets those)."""
    return f"key:{''.join(vkey.split('+', 2)[1:2])}"


def payload_of_key(row: LogKey) -> dict[str, Any]:
    return {"vkey": row.vkey, "at": row.at}


def announced() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every announced key, as fsck compares it with the log."""
    for row in LogKey.objects.filter(announced=True).order_by("at", "vkey"):
        yield subject_of(row.vkey), payload_of_key(row)


def announced_one(subject: str) -> dict[str, Any] | None:
    return dict(announced()).get(subject)


def key_rotate(*, algorithm: str, by: str, at: datetime) -> str:
    """Make a new key of that algorithm and announce it; returns its public text.

    Also how a log that has no SM2 key gets one. Raises ``NoKeyChange`` when the log has not started,
    when the last announced key is not yet in use, or where there is no SM2.
    """
    kind = ALGORITHMS[algorithm]
    log = Log.objects.order_by("at").first()
    if log is None:
        raise NoKeyChange(why="账本还没有启用")
    if kind == SM2 and sm2.missing():
        raise NoKeyChange(why=sm2.missing())
    newest = LogKey.objects.filter(announced=True).order_by("-at").first()
    size = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    if newest is not None and newest.vkey not in in_force(log, size):
        raise NoKeyChange(why="上一次公告的密钥还没有开始使用")
    signer = keys.make_next(log.name, log.origin, kind)
    vkey = str(signer.verifier)
    with transaction.atomic():
        row = LogKey.objects.create(vkey=vkey, announced=True, at=at)
        append(KEY_KIND, subject_of(vkey), payload_of_key(row), at=at)
    attempt("ledger:key_rotated", subject_of(vkey), by=by, at=at)
    return vkey


def all_keys(log: Log) -> list[str]:
    """Every public key the log ever had, the oldest first."""
    return [log.vkey, *LogKey.objects.order_by("announced", "at", "vkey").values_list("vkey", flat=True)]


def _steps(log: Log) -> list[tuple[int, str]]:
    """(place of the announcement, key) in order; the first keys at −1."""
    first = LogKey.objects.filter(announced=False).values_list("vkey", flat=True)
    steps = [(-1, vkey) for vkey in (log.vkey, *first)]
    wanted = {subject_of(v): v for v in LogKey.objects.filter(announced=True).values_list("vkey", flat=True)}
    if wanted:
        entries = dict(Entry.objects.filter(kind=KEY_KIND, subject__in=wanted).values_list("pk", "subject"))
        places = Place.objects.filter(entry_id__in=entries).order_by("index")
        steps += [(place.index, wanted[entries[place.entry_id]]) for place in places]
    return steps


class Ladder:
    """The keys in force at any size, read once."""

    def __init__(self, log: Log) -> None:
        self._steps = _steps(log)

    def at(self, signed: int) -> list[str]:
        """Keys that sign the checkpoint after the one of ``signed`` entries: the newest of each
        algorithm whose announcement that one covers."""
        newest: dict[int, str] = {}
        for place, vkey in self._steps:
            if place < signed:
                newest[VerifierKey.parse(vkey).kind] = vkey
        return list(newest.values())


def in_force(log: Log, signed: int) -> list[str]:
    """As ``Ladder.at``, for one size."""
    return Ladder(log).at(signed)


def links(log: Log) -> list[str]:
    """The announcements as receipts, each provable by a key before it: what a reader who holds the
    first key needs to follow. Empty while no key was ever changed."""
    found = []
    rows = {subject_of(r.vkey): r for r in LogKey.objects.filter(announced=True)}
    if not rows:
        return []
    last = Checkpoint.objects.order_by("-size").first()
    for entry in Entry.objects.filter(kind=KEY_KIND, subject__in=rows).order_by("pk"):
        index = Place.objects.filter(entry_id=entry.pk).values_list("index", flat=True).first()
        if index is None:
            continue
        head = Checkpoint.objects.filter(size__gt=index).order_by("size").first()
        if head is None or last is None:
            continue
        path = store.tree(log, last).inclusion(index, head.size)
        opening = Opening.of(head_of(entry).leaf(), bytes(entry.salt), payload_of_key(rows[entry.subject]))
        found.append(Proof(index, tuple(path), head.note, opening.data()).text())
    return found
