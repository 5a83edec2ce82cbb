"""Ledger kinds of what phones send, each recomputed from its live row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model

from mingzhi.kernel import canonical
from mingzhi.ledger import api as ledger
from mingzhi.web.field.inbox import item_payload, outcome_payload
from mingzhi.web.models import FieldFile, FieldItem, FieldOutcome


def _item(row: FieldItem) -> dict[str, Any]:
    """As written, but with the digest of the content as it stands now."""
    return {**item_payload(row), "payload_sha256": canonical.digest(json.loads(row.payload))}


def _outcome(row: FieldOutcome) -> dict[str, Any]:
    return {**outcome_payload(row), "detail_sha256": canonical.digest(json.loads(row.detail))}


def _files(subject: str) -> list[tuple[int, str]]:
    rows = FieldFile.objects.filter(item_id=int(subject.rpartition(":")[2]))
    return list(rows.values_list("file_id", "sha256"))


def _register(
    name: str, sentence: str, prefix: str, model: type[Model], payload: Callable[[Any], dict[str, Any]]
) -> None:
    def of(subject: str) -> dict[str, Any] | None:
        row = model._default_manager.filter(pk=int(subject.rpartition(":")[2])).first()
        return payload(row) if row is not None else None

    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        for row in model._default_manager.order_by("pk").iterator(chunk_size=500):
            yield f"{prefix}:{row.pk}", payload(row)

    def subjects() -> Iterator[str]:
        for pk in model._default_manager.order_by("pk").values_list("pk", flat=True).iterator():
            yield f"{prefix}:{pk}"

    ledger.register(
        ledger.Kind(
            name=name,
            version=1,
            sentence=sentence,
            payload_of=of,
            rows=rows,
            subjects=subjects,
            files=_files if model is FieldItem else None,
        )
    )


def register() -> None:
    _register("field:item:received", "收到现场提交", "field_item", FieldItem, _item)
    _register("field:item:settled", "处理现场提交", "field_outcome", FieldOutcome, _outcome)
