"""Ledger kinds of the recording room: one table, one kind, each written and recomputed by the same words."""

from __future__ import annotations

from mingzhi.ledger import api as ledger
from mingzhi.recording import payloads
from mingzhi.recording.choices import RecordKind
from mingzhi.recording.models import Excuse, ExcuseDecision, Expected, Note, Probe, Record, Verification
from mingzhi.recording.models_equipment import (
    Booking,
    BookingEnd,
    BookingRecord,
    Device,
    DeviceEvent,
    Guide,
    Room,
)


def _files(subject: str) -> list[tuple[int, str]]:
    pk = int(subject.removeprefix("record:"))
    return list(Record.objects.filter(pk=pk).values_list("file_id", "sha256"))


DEPOSITED = {
    kind: ledger.Rows(
        f"recording:{kind}:deposited",
        sentence,
        "record",
        Record,
        payloads.record_payload,
        only={"kind": kind},
        personal=("title", "place", "purpose", "note"),
        files=_files,
    )
    for kind, sentence in (
        (RecordKind.RECORDING.value, "音像记录入库"),
        (RecordKind.EVIDENCE.value, "证据材料登记"),
    )
}
VERIFIED = ledger.Rows(
    "recording:evidence:verified",
    "证据查证",
    "verification",
    Verification,
    payloads.verification_payload,
    personal=("finding",),
)
EXCUSED = ledger.Rows(
    "recording:act:excused",
    "未作音像记录说明",
    "excuse",
    Excuse,
    payloads.excuse_payload,
    personal=("reason",),
)
EXPECTED = ledger.Rows(
    "recording:act:expected", "音像记录待上传", "expected", Expected, payloads.expected_payload
)
EXCUSE_DECIDED = ledger.Rows(
    "recording:excuse:decided",
    "未作音像记录审批",
    "excuse-decision",
    ExcuseDecision,
    payloads.decision_payload,
    personal=("opinion",),
)
PROBED = ledger.Rows(
    "recording:record:probed",
    "音像文件识别",
    "probe",
    Probe,
    payloads.probe_payload,
    related=("thumb", "wave"),
)
NOTED = ledger.Rows(
    "recording:record:noted",
    "音像记录时点标注",
    "record-note",
    Note,
    payloads.note_payload,
    personal=("text",),
)
DEVICE = ledger.Rows("recording:device:kept", "执法设备登记或变动", "device", Device, ledger.columns(Device))
DEVICE_EVENT = ledger.Rows(
    "recording:device:event",
    "执法设备记事",
    "device-event",
    DeviceEvent,
    payloads.device_event_payload,
    related=("device",),
    personal=("note",),
)
ROOM = ledger.Rows("recording:room:registered", "执法办案场所登记", "room", Room, payloads.room_payload)
BOOKED = ledger.Rows(
    "recording:room:booked",
    "执法办案场所预约",
    "booking",
    Booking,
    payloads.booking_payload,
    personal=("purpose",),
)
BOOKING_CLOSED = ledger.Rows(
    "recording:room:closed",
    "执法办案场所预约结束",
    "booking-end",
    BookingEnd,
    payloads.booking_end_payload,
    personal=("reason",),
)
BOOKING_RECORDED = ledger.Rows(
    "recording:room:recorded",
    "执法办案场所音像记录",
    "booking-record",
    BookingRecord,
    payloads.booking_record_payload,
)
GUIDE = ledger.Rows(
    "recording:guide:published",
    "记录指引发布",
    "guide",
    Guide,
    payloads.guide_payload,
    related=("file",),
)
GUIDE_WITHDRAWN = ledger.Rows(
    "recording:guide:withdrawn",
    "记录指引停用",
    "guide-end",
    Guide,
    payloads.guide_withdrawn_payload,
    only={"withdrawn_at__isnull": False},
)


def register() -> None:
    for rows in (
        *DEPOSITED.values(),
        VERIFIED,
        EXCUSED,
        EXPECTED,
        EXCUSE_DECIDED,
        PROBED,
        NOTED,
        DEVICE,
        DEVICE_EVENT,
        ROOM,
        BOOKED,
        BOOKING_CLOSED,
        BOOKING_RECORDED,
        GUIDE,
        GUIDE_WITHDRAWN,
    ):
        rows.register()
