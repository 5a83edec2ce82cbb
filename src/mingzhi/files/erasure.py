"""Lawful erasure: bytes leave, the row with hash and name stays as a tombstone.

Only a caller with an approved destruction order gets here (``dossiers.destruction``). Crash story:
``erase`` writes rows in the caller's transaction and touches no byte; ``erase_ordered`` removes the
bytes of committed rows. Killed in between, bytes lie there that may go; the next call removes them.
What was erased and comes again (the same scan, uploaded to another file) is stored anew, and a ``Return``
says so in the transaction that names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from mingzhi.files import objects
from mingzhi.files.models import Erasure, Return, StoredFile
from mingzhi.ledger import api as ledger

KIND = "files:content:erased"


def same_content(file_ids: Sequence[int]) -> dict[str, list[int]]:
    """Every file over the same bytes as one of these: SHA-256 → ids."""
    hashes = StoredFile.objects.filter(pk__in=list(file_ids)).values("sha256")
    found: dict[str, list[int]] = {}
    for sha256, pk in StoredFile.objects.filter(sha256__in=hashes).values_list("sha256", "pk"):
        found.setdefault(sha256, []).append(pk)
    return found


def erase(*, sha256s: Iterable[str], order: str, at: datetime) -> None:
    """Order the erasure of these contents under destruction list ``order``; in the caller's transaction."""
    for sha256 in sha256s:
        row, made = Erasure.objects.get_or_create(sha256=sha256, order=order, defaults={"at": at})
        if made:
            ERASURES.kept(row, at=at)


@transaction.atomic
def erase_ordered(*, order: str) -> int:
    """Remove the bytes whose erasure was committed under ``order``; how many were still there.

    The orders are held meanwhile, so that a content which comes again is stored before or after, whole.
    """
    held = _held(order=order)
    return sum(objects.store().remove(row.sha256) for row in held)


def _held(**which: str) -> list[Erasure]:
    """Orders that no return has ended, held; looked at again once they are, for who waited for another."""
    held = list(Erasure.objects.select_for_update().filter(**which).order_by("pk"))
    ended = (
        set(Return.objects.filter(erasure__in=held).values_list("erasure_id", flat=True)) if held else set()
    )
    return [row for row in held if row.pk not in ended]


def came_again(sha256: str, *, at: datetime) -> bool:
    """Note, in the caller's transaction, that this content is stored again: no earlier order reaches it.

    False when an order took the bytes just now, between their arrival and this call.
    """
    rows = _held(sha256=sha256)
    for row in rows:
        made = Return.objects.create(erasure=row, at=at)
        RETURNS.kept(made, at=at)
    return not rows or objects.store().has(sha256)


def erased(sha256: str) -> Erasure | None:
    """The order by which this content was lawfully erased, unless it came again since."""
    return Erasure.objects.filter(sha256=sha256, returned=None).order_by("-pk").first()


ERASURES = ledger.Rows(
    KIND,
    "依法销毁文件内容",
    "erasure",
    Erasure,
    lambda row: {"sha256": row.sha256, "order": row.order, "at": row.at},
)
RETURNS = ledger.Rows(
    "files:content:returned",
    "销毁后重新入库",
    "erasure-return",
    Return,
    lambda row: {"erasure": row.erasure_id, "at": row.at},
)


def register() -> None:
    ERASURES.register()
    RETURNS.register()
