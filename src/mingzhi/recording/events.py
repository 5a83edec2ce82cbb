"""Ledger kinds of the recording room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Model

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
from mingzhi.recording.payloads import excuse_payload, expected_payload, record_payload, verification_payload

DEVICE = ledger.Rows("recording:device:kept", "执法设备登记或变动", "device", Device, ledger.columns(Device))


def kind_of(
    name: str,
    sentence: str,
    prefix: str,
    model: type[Model],
    payload: Callable[[Any], Mapping[str, Any]],
    *,
    personal: tuple[str, ...] = (),
    only: Mapping[str, Any] | None = None,
    files: Callable[[str], list[tuple[int, str]]] | None = None,
) -> ledger.Kind:
    rows_of = model._default_manager.filter(**(only or {}))

    def payload_of(subject: str) -> Mapping[str, Any] | None:
        row = rows_of.all().filter(pk=int(subject.removeprefix(f"{prefix}:"))).first()
        return payload(row) if row is not None else None

    def rows() -> Iterator[tuple[str, Mapping[str, Any]]]:
        for row in rows_of.order_by("pk").iterator(chunk_size=2000):
            yield f"{prefix}:{row.pk}", payload(row)

    def subjects() -> Iterator[str]:
        for pk in rows_of.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000):
            yield f"{prefix}:{pk}"

    return ledger.Kind(
        name=name,
        version=1,
        sentence=sentence,
        personal=personal,
        payload_of=payload_of,
        rows=rows,
        subjects=subjects,
        files=files,
    )


def _files(subject: str) -> list[tuple[int, str]]:
    pk = int(subject.removeprefix("record:"))
    return list(Record.objects.filter(pk=pk).values_list("file_id", "sha256"))


def register() -> None:
    DEVICE.register()
    personal: tuple[str, ...] = ("title", "place", "purpose", "note")
    for kind, sentence in ((RecordKind.RECORDING, "音像记录入库"), (RecordKind.EVIDENCE, "证据材料登记")):
        ledger.register(
            kind_of(
                f"recording:{kind.value}:deposited",
                sentence,
                "record",
                Record,
                record_payload,
                personal=personal,
                only={"kind": kind.value},
                files=_files,
            )
        )
    ledger.register(
        kind_of(
            "recording:evidence:verified",
            "证据查证",
            "verification",
            Verification,
            verification_payload,
            personal=("finding",),
        )
    )
    ledger.register(
        kind_of(
            "recording:act:excused",
            "未作音像记录说明",
            "excuse",
            Excuse,
            excuse_payload,
            personal=("reason",),
        )
    )
    ledger.register(
        kind_of("recording:act:expected", "音像记录待上传", "expected", Expected, expected_payload)
    )
    for name, sentence, prefix, model, payload, personal in (
        (
            "recording:excuse:decided",
            "未作音像记录审批",
            "excuse-decision",
            ExcuseDecision,
            payloads.decision_payload,
            ("opinion",),
        ),
        ("recording:record:probed", "音像文件识别", "probe", Probe, payloads.probe_payload, ()),
        ("recording:record:noted", "音像记录时点标注", "record-note", Note, payloads.note_payload, ("text",)),
        (
            "recording:device:event",
            "执法设备记事",
            "device-event",
            DeviceEvent,
            payloads.device_event_payload,
            ("note",),
        ),
        ("recording:room:registered", "执法办案场所登记", "room", Room, payloads.room_payload, ()),
        (
            "recording:room:booked",
            "执法办案场所预约",
            "booking",
            Booking,
            payloads.booking_payload,
            ("purpose",),
        ),
        (
            "recording:room:closed",
            "执法办案场所预约结束",
            "booking-end",
            BookingEnd,
            payloads.booking_end_payload,
            ("reason",),
        ),
        (
            "recording:room:recorded",
            "执法办案场所音像记录",
            "booking-record",
            BookingRecord,
            payloads.booking_record_payload,
            (),
        ),
        ("recording:guide:published", "记录指引发布", "guide", Guide, payloads.guide_payload, ()),
    ):
        ledger.register(kind_of(name, sentence, prefix, model, payload, personal=personal))
    ledger.register(
        kind_of(
            "recording:guide:withdrawn",
            "记录指引停用",
            "guide-end",
            Guide,
            payloads.guide_withdrawn_payload,
            only={"withdrawn_at__isnull": False},
        )
    )
