"""Ledger kinds of what phones send, each recomputed from its live row."""

from __future__ import annotations

import json
from typing import Any

from mingzhi.kernel import canonical
from mingzhi.ledger import api as ledger
from mingzhi.web.models import FieldFile, FieldItem, FieldOutcome


def _item_kept(row: FieldItem) -> dict[str, Any]:
    return {
        "key": row.key,
        "account": row.account_id,
        "person": row.person_id,
        "body": row.body_id,
        "kind": row.kind,
        "dossier": row.dossier_id,
        "device": row.device,
        "clock_offset_ms": row.clock_offset_ms,
        "payload_sha256": row.payload_sha256,
        "occurred_at": row.occurred_at,
        "received_at": row.received_at,
    }


def _outcome_kept(row: FieldOutcome) -> dict[str, Any]:
    return {
        "item": row.item_id,
        "turn": row.turn,
        "state": row.state,
        "dossier": row.dossier_id,
        "step": row.step_id,
        "record": row.record_id,
        "paper": row.paper_id,
        "detail_sha256": row.detail_sha256,
        "by": row.by,
        "at": row.at,
    }


def _item(row: FieldItem) -> dict[str, Any]:
    """As written, but with the digest of the content as it stands now."""
    return {**_item_kept(row), "payload_sha256": canonical.digest(json.loads(row.payload))}


def _outcome(row: FieldOutcome) -> dict[str, Any]:
    return {**_outcome_kept(row), "detail_sha256": canonical.digest(json.loads(row.detail))}


def _files(subject: str) -> list[tuple[int, str]]:
    rows = FieldFile.objects.filter(item_id=int(subject.rpartition(":")[2]))
    return list(rows.values_list("file_id", "sha256"))


ITEM = ledger.Rows("field:item:received", "收到现场提交", "field_item", FieldItem, _item, files=_files)
OUTCOME = ledger.Rows("field:item:settled", "处理现场提交", "field_outcome", FieldOutcome, _outcome)


def register() -> None:
    ITEM.register()
    OUTCOME.register()
