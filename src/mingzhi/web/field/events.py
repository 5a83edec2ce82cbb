"""Ledger kinds of what phones send, each recomputed from its live row."""

from __future__ import annotations

import json
from typing import Any

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


ITEM = ledger.Rows("field:item:received", "收到现场提交", "field_item", FieldItem, _item, files=_files)
OUTCOME = ledger.Rows("field:item:settled", "处理现场提交", "field_outcome", FieldOutcome, _outcome)


def register() -> None:
    ITEM.register()
    OUTCOME.register()
