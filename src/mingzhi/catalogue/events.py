"""Ledger kinds of the catalogue: every publication of list rows."""

from __future__ import annotations

from collections.abc import Iterator

from mingzhi.catalogue.models import Publication
from mingzhi.catalogue.payloads import publication_payload
from mingzhi.ledger import api as ledger

_PREFIX = "catalogue:publication:"


def _payload(subject: str) -> dict[str, object] | None:
    found = Publication.objects.filter(pk=int(subject.removeprefix(_PREFIX))).first()
    return publication_payload(found) if found else None


def _rows() -> Iterator[tuple[str, dict[str, object]]]:
    for publication in Publication.objects.order_by("pk").iterator(chunk_size=200):
        yield f"{_PREFIX}{publication.pk}", publication_payload(publication)


def _subjects() -> Iterator[str]:
    for pk in Publication.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000):
        yield f"{_PREFIX}{pk}"


def register() -> None:
    ledger.register(
        ledger.Kind(
            name="catalogue:list:published",
            version=1,
            sentence="发布目录清单",
            personal=(),
            payload_of=_payload,
            subjects=_subjects,
            rows=_rows,
        )
    )
