"""Lawful erasure: bytes leave, the row with hash and name stays as a tombstone.

Only a caller with an approved destruction order gets here (``dossiers.destruction``). Crash story:
``erase`` writes rows in the caller's transaction and touches no byte; ``erase_ordered`` removes the
bytes of committed rows. Killed in between, bytes lie there that may go; the next call removes them.
What was erased and comes again (the same scan, uploaded to another file) is stored anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from mingzhi.files import objects
from mingzhi.files.models import Erasure, StoredFile
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
            ledger.append(KIND, f"erasure:{row.pk}", payload(row), at=at)


def erase_ordered(*, order: str) -> int:
    """Remove the bytes whose erasure was committed under ``order``; how many were still there."""
    gone = 0
    for row in Erasure.objects.filter(order=order):
        if _named_again(row):
            continue
        gone += objects.store().remove(row.sha256)
    return gone


def _named_again(row: Erasure) -> bool:
    return StoredFile.objects.filter(sha256=row.sha256, created_at__gt=row.at).exists()


def erased(sha256: str) -> Erasure | None:
    """The order by which this content was lawfully erased, unless it came again since."""
    row = Erasure.objects.filter(sha256=sha256).order_by("-pk").first()
    return None if row is None or _named_again(row) else row


def payload(row: Erasure) -> dict[str, Any]:
    return {"sha256": row.sha256, "order": row.order, "at": row.at}


def register() -> None:
    def of(subject: str) -> dict[str, Any] | None:
        row = Erasure.objects.filter(pk=int(subject.removeprefix("erasure:"))).first()
        return payload(row) if row is not None else None

    def rows() -> Iterable[tuple[str, dict[str, Any]]]:
        for row in Erasure.objects.order_by("pk").iterator(chunk_size=2000):
            yield f"erasure:{row.pk}", payload(row)

    ledger.register(ledger.Kind(name=KIND, version=1, sentence="依法销毁文件内容", payload_of=of, rows=rows))
