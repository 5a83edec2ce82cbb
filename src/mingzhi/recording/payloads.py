"""What the ledger commits to of each row: everything that could be altered to someone's advantage."""

from __future__ import annotations

from typing import Any

from mingzhi.recording.models import Excuse, Expected, Record, Verification


def record_payload(row: Record) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "kind": row.kind,
        "evidence_kind": row.evidence_kind,
        "act": row.act,
        "step": row.step,
        "title": row.title,
        "file": row.file_id,
        "sha256": row.sha256,
        "sm3": row.sm3,
        "source": row.source,
        "captured_at": row.captured_at,
        "ended_at": row.ended_at,
        "found_captured_at": row.found_captured_at,
        "device": row.device,
        "device_clock_offset_s": row.device_clock_offset_s,
        "operator": row.operator_id,
        "place": row.place,
        "full": row.full,
        "interruption": row.interruption,
        "statement": list(row.statement),
        "purpose": row.purpose,
        "note": row.note,
        "remarks": list(row.remarks),
        "late": row.late,
        "late_reason": row.late_reason,
        "upload_hours": row.upload_hours,
        "upload_citation": row.upload_citation,
        "deposited_at": row.deposited_at,
        "deposited_by": row.deposited_by,
        "derived_from": row.derived_from_id,
    }


def verification_payload(row: Verification) -> dict[str, Any]:
    return {
        "record": row.record_id,
        "genuine": row.genuine,
        "finding": row.finding,
        "verified_by": row.verified_by,
        "verified_by_name": row.verified_by_name,
        "at": row.at,
    }


def excuse_payload(row: Excuse) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "act": row.act,
        "ground": row.ground,
        "reason": row.reason,
        "approved_by": row.approved_by_id,
        "asked_by": row.asked_by,
        "at": row.at,
    }


def expected_payload(row: Expected) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "body": row.body_id,
        "act": row.act,
        "ended_at": row.ended_at,
        "due_at": row.due_at,
        "citation": row.citation,
        "noted_by": row.noted_by,
        "at": row.at,
    }
