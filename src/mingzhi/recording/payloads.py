"""What the ledger commits to of each row: everything that could be altered to someone's advantage."""

from __future__ import annotations

from typing import Any

from mingzhi.recording.models import (
    Excuse,
    ExcuseDecision,
    Expected,
    Note,
    Probe,
    Record,
    Verification,
)
from mingzhi.recording.models_equipment import Booking, BookingEnd, BookingRecord, DeviceEvent, Guide, Room


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
        **({"record": row.record_id} if row.record_id is not None else {}),
    }


def decision_payload(row: ExcuseDecision) -> dict[str, Any]:
    return {
        "excuse": row.excuse_id,
        "approved": row.approved,
        "opinion": row.opinion,
        "decided_by": row.decided_by_id,
        "at": row.at,
    }


def expected_payload(row: Expected) -> dict[str, Any]:
    return {
        "dossier": row.dossier_id,
        "body": row.body_id,
        "act": row.act,
        "mode": row.mode,
        "step": row.step,
        "began_at": row.began_at,
        "ended_at": row.ended_at,
        "window_from": row.window_from,
        "window_until": row.window_until,
        "due_at": row.due_at,
        "citation": row.citation,
        "noted_by": row.noted_by,
        "at": row.at,
    }


def probe_payload(row: Probe) -> dict[str, Any]:
    return {
        "record": row.record_id,
        "outcome": row.outcome,
        "container": row.container,
        "duration_ms": row.duration_ms,
        "video_codec": row.video_codec,
        "audio_codec": row.audio_codec,
        "width": row.width,
        "height": row.height,
        "found_at": row.found_at,
        "remarks": list(row.remarks),
        "thumb": row.thumb.sha256 if row.thumb is not None else "",
        "wave": row.wave.sha256 if row.wave is not None else "",
        "at": row.at,
    }


def note_payload(row: Note) -> dict[str, Any]:
    return {
        "record": row.record_id,
        "position_ms": row.position_ms,
        "text": row.text,
        "by": row.by,
        "by_name": row.by_name,
        "at": row.at,
    }


def device_event_payload(row: DeviceEvent) -> dict[str, Any]:
    """Names the device by what is engraved on it, so that the register's row cannot be swapped."""
    return {
        "body": row.device.body_id,
        "kind": row.device.kind,
        "asset_number": row.device.asset_number,
        "serial": row.device.serial,
        "act": row.act,
        "person": row.person_id,
        "battery": row.battery,
        "storage": row.storage,
        "offset_s": row.offset_s,
        "passed": row.passed,
        "note": row.note,
        "by": row.by,
        "by_name": row.by_name,
        "at": row.at,
    }


def room_payload(row: Room) -> dict[str, Any]:
    return {
        "body": row.body_id,
        "kind": row.kind,
        "name": row.name,
        "place": row.place,
        "capacity": row.capacity,
        "equipment": row.equipment,
        "by": row.by,
        "at": row.at,
    }


def booking_payload(row: Booking) -> dict[str, Any]:
    return {
        "room": row.room_id,
        "dossier": row.dossier_id,
        "purpose": row.purpose,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "by": row.by,
        "by_name": row.by_name,
        "cancelled_at": row.cancelled_at,
        "at": row.at,
    }


def booking_end_payload(row: BookingEnd) -> dict[str, Any]:
    return {
        "booking": row.booking_id,
        "kind": row.kind,
        "entered_at": row.entered_at,
        "left_at": row.left_at,
        "reason": row.reason,
        "by": row.by,
        "at": row.at,
    }


def booking_record_payload(row: BookingRecord) -> dict[str, Any]:
    return {"booking": row.booking_id, "record": row.record_id, "at": row.at}


def guide_payload(row: Guide) -> dict[str, Any]:
    return {
        "body": row.body_id,
        "kind": row.kind,
        "act": row.act,
        "title": row.title,
        "text": row.text,
        "file": row.file.sha256 if row.file is not None else "",
        "file_id": row.file_id,
        "publisher": row.publisher,
        "published_on": row.published_on,
        "by": row.by,
        "at": row.at,
    }


def guide_withdrawn_payload(row: Guide) -> dict[str, Any]:
    return {"guide": row.pk, "withdrawn_at": row.withdrawn_at}
