"""Ledger kinds of looking and deriving, and what each commits to."""

from __future__ import annotations

from typing import Any

from mingzhi.ledger import api as ledger
from mingzhi.recording.access_models import AccessDecision, AccessRequest, AccessRevocation, Derivation


def access_payload(row: AccessRequest) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "dossier": row.dossier_id,
        "record": row.record_id,
        "use": row.use,
        "reason": row.reason,
        "days": row.days,
        "asked_by": row.asked_by_id,
        "asked_by_name": row.asked_by_name,
        "at": row.at,
    }


def decision_payload(row: AccessDecision) -> dict[str, Any]:
    return {
        "request": row.request_id,
        "approved": row.approved,
        "reason": row.reason,
        "expires_at": row.expires_at,
        "decided_by": row.decided_by_id,
        "decided_by_name": row.decided_by_name,
        "at": row.at,
    }


def revocation_payload(row: AccessRevocation) -> dict[str, Any]:
    return {
        "request": row.request_id,
        "reason": row.reason,
        "revoked_by": row.revoked_by_id,
        "revoked_by_name": row.revoked_by_name,
        "at": row.at,
    }


def derivation_payload(row: Derivation) -> dict[str, Any]:
    return {
        "subject": row.subject,
        "dossier": row.dossier_id,
        "parent": row.parent_id,
        "parent_sha256": row.parent_sha256,
        "record": row.record_id,
        "file": row.file_id,
        "sha256": row.sha256,
        "size": row.size,
        "recipe": row.recipe,
        "tool": row.tool,
        "use": row.use,
        "reason": row.reason,
        "access": row.access_id,
        "made_by": row.made_by,
        "made_by_name": row.made_by_name,
        "at": row.at,
    }


def _files(subject: str) -> list[tuple[int, str]]:
    pk = int(subject.removeprefix("derivation:"))
    rows = Derivation.objects.filter(pk=pk, file__isnull=False).values_list("file_id", "sha256")
    return [(file_id, sha256) for file_id, sha256 in rows if file_id is not None]


_REASON = ("reason",)
REQUESTED = ledger.Rows(
    "recording:access:requested", "调阅申请", "access", AccessRequest, access_payload, personal=_REASON
)
DECIDED = ledger.Rows(
    "recording:access:decided",
    "调阅审批",
    "access-decision",
    AccessDecision,
    decision_payload,
    personal=_REASON,
)
REVOKED = ledger.Rows(
    "recording:access:revoked",
    "调阅收回",
    "access-revocation",
    AccessRevocation,
    revocation_payload,
    personal=_REASON,
)
DERIVED, COPIED = (
    ledger.Rows(
        name,
        sentence,
        "derivation",
        Derivation,
        derivation_payload,
        only={"record__isnull": copy},
        personal=_REASON,
        files=_files,
    )
    for name, sentence, copy in (
        ("recording:derivative:made", "衍生件制成", False),
        ("recording:copy:made", "水印副本制成", True),
    )
)


def register() -> None:
    for rows in (REQUESTED, DECIDED, REVOKED, DERIVED, COPIED):
        rows.register()
