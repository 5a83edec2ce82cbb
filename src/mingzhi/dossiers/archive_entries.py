"""What the ledger says of a dossier in the archive: one spelling for writing and for fsck."""

from __future__ import annotations

import json
from typing import Any

from mingzhi.dossiers import order
from mingzhi.dossiers.models import (
    ArchiveRecord,
    Destroyed,
    DestructionDecision,
    DestructionList,
    DestructionOpinion,
    HeldItem,
    Hold,
    HoldLift,
    Loan,
    LoanReturn,
    PartyMatch,
    Retention,
    Sealing,
    SecrecyMark,
)
from mingzhi.kernel import canonical
from mingzhi.ledger.api import Rows


def _archived(row: ArchiveRecord) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "body": row.body_id,
        "year": row.year,
        "number": row.number,
        "fonds": row.fonds,
        "catalogue": row.catalogue,
        "at": row.at,
        "by": row.by,
        "by_name": row.by_name,
    }


def _retained(row: Retention) -> dict[str, Any]:
    return {
        "archive": row.archive_id,
        "importance": row.importance,
        "years": row.years,
        "closed_on": row.closed_on,
        "starts_on": row.starts_on,
        "expires_on": row.expires_on,
        "transfer_on": row.transfer_on,
        "norms_sha256": canonical.digest(row.norms),
        "reason": row.reason,
        "at": row.at,
        "by": row.by,
    }


def _sealed(row: Sealing) -> dict[str, Any]:
    """Computed from the index itself, so that a changed line is found."""
    return {
        "archive": row.archive_id,
        "seq": row.seq,
        "kind": row.kind,
        "index_sha256": order.content_digest(json.loads(row.index)),
        "stated_sha256": row.index_digest,
        "whole_sha256": canonical.digest(json.loads(row.index)),
        "items": row.items,
        "pages_main": row.pages_main,
        "pages_side": row.pages_side,
        "at": row.at,
        "by": row.by,
    }


def _held_up(row: Hold) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "source": row.source,
        "key": row.key,
        "reason": row.reason,
        "at": row.at,
        "by": row.by,
        "by_name": row.by_name,
    }


def _lifted(row: HoldLift) -> dict[str, Any]:
    return {"hold": row.hold_id, "reason": row.reason, "at": row.at, "by": row.by}


def _marked(row: SecrecyMark) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "secrecy": row.secrecy,
        "former": row.former,
        "reason": row.reason,
        "at": row.at,
        "by": row.by,
    }


def _lent(row: Loan) -> dict[str, Any]:
    return {
        "archive": row.archive_id,
        "volume": row.volume,
        "borrower": row.borrower,
        "unit": row.unit,
        "purpose": row.purpose,
        "basis": row.basis,
        "lent_at": row.lent_at,
        "due_on": row.due_on,
        "by": row.by,
    }


def _returned(row: LoanReturn) -> dict[str, Any]:
    return {"loan": row.loan_id, "condition": row.condition, "at": row.at, "by": row.by}


def _listed(row: DestructionList) -> dict[str, Any]:
    lines = sorted(row.lines.all(), key=lambda x: x.pk)
    return {
        "number": row.number,
        "body": row.body_id,
        "reason": row.reason,
        "lines": [[x.archive_id, x.expires_on] for x in lines],
        "at": row.at,
        "by": row.by,
        "by_name": row.by_name,
    }


def _opined(row: DestructionOpinion) -> dict[str, Any]:
    return {
        "line": row.line_id,
        "opinion": row.opinion,
        "reason": row.reason,
        "extend_years": row.extend_years,
        "at": row.at,
        "by": row.by,
        "by_name": row.by_name,
    }


def _decided(row: DestructionDecision) -> dict[str, Any]:
    return {
        "list": row.list_id,
        "role": row.role,
        "approved": row.approved,
        "note": row.note,
        "lines_sha256": row.lines_digest,
        "at": row.at,
        "by": row.by,
    }


def _destroyed(row: Destroyed) -> dict[str, Any]:
    return {"line": row.line_id, "hashes": row.hashes, "kept": row.kept, "at": row.at, "by": row.by}


def _item(row: HeldItem) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "seq": row.seq,
        "volume": row.volume,
        "code": row.code,
        "title": row.title,
        "number": row.number,
        "on": row.on,
        "pages": row.pages,
        "file": row.file_id,
        "sha256": row.sha256,
        "supplement": row.supplement,
        "details_sha256": canonical.digest(row.details),
    }


def _matched(row: PartyMatch) -> dict[str, Any]:
    return {
        "first": row.first_id,
        "second": row.second_id,
        "same": row.same,
        "reason": row.reason,
        "by": row.by,
        "by_name": row.by_name,
        "at": row.at,
    }


def _item_files(subject: str) -> list[tuple[int, str]]:
    row = HeldItem.objects.filter(pk=int(subject.removeprefix("held:"))).first()
    return [(row.file_id, row.sha256)] if row is not None and row.file_id else []


ARCHIVED = Rows("dossiers:archive:made", "案卷归档", "archive", ArchiveRecord, _archived, key="dossier_id")
RETAINED = Rows("dossiers:retention:fixed", "确定保管期限", "retention", Retention, _retained)
SEALED = Rows("dossiers:index:sealed", "卷内目录编定", "sealing", Sealing, _sealed)
HELD_UP = Rows("dossiers:hold:set", "暂缓处置", "hold", Hold, _held_up)
LIFTED = Rows("dossiers:hold:lifted", "解除暂缓处置", "hold_lift", HoldLift, _lifted)
MARKED = Rows("dossiers:secrecy:marked", "标定密级", "secrecy", SecrecyMark, _marked)
LENT = Rows("dossiers:loan:made", "借阅案卷", "loan", Loan, _lent)
RETURNED = Rows("dossiers:loan:returned", "归还案卷", "loan_return", LoanReturn, _returned)
LISTED = Rows("dossiers:destruction:listed", "提出销毁清册", "destruction", DestructionList, _listed)
OPINED = Rows(
    "dossiers:destruction:opined", "出具鉴定意见", "destruction_opinion", DestructionOpinion, _opined
)
DECIDED = Rows(
    "dossiers:destruction:decided", "审批销毁清册", "destruction_decision", DestructionDecision, _decided
)
DESTROYED = Rows("dossiers:destruction:done", "销毁案卷", "destroyed", Destroyed, _destroyed)
ITEM = Rows(
    "dossiers:item:held", "著录卷内件", "held", HeldItem, _item, personal=("title",), files=_item_files
)
MATCHED = Rows("dossiers:parties:matched", "当事人同一性核对", "party-match", PartyMatch, _matched)
ALL = (
    ARCHIVED, RETAINED, SEALED, HELD_UP, LIFTED, MARKED, LENT, RETURNED, LISTED, OPINED, DECIDED, DESTROYED,
    ITEM, MATCHED,
)  # fmt: skip
