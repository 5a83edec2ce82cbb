"""Ledger kinds of the dossiers room."""

from __future__ import annotations

from collections.abc import Iterator

from mingzhi.dossiers.actions import opened_payload
from mingzhi.dossiers.models import Dossier
from mingzhi.ledger import api as ledger


def _payload(subject: str) -> dict[str, object] | None:
    dossier = Dossier.objects.filter(pk=int(subject.removeprefix("dossier:"))).first()
    return opened_payload(dossier) if dossier else None


def _rows() -> Iterator[tuple[str, dict[str, object]]]:
    for dossier in Dossier.objects.order_by("pk").iterator(chunk_size=2000):
        yield f"dossier:{dossier.pk}", opened_payload(dossier)


def _subjects() -> Iterator[str]:
    for pk in Dossier.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000):
        yield f"dossier:{pk}"


def register() -> None:
    ledger.register(
        ledger.Kind(
            name="dossiers:dossier:opened",
            version=1,
            sentence="建立案卷",
            personal=(),
            payload_of=_payload,
            subjects=_subjects,
            rows=_rows,
        )
    )
