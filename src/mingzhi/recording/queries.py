"""Reads of the recording room, and the gate that steps ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.data import RecordingRule
from mingzhi.files.data import FileRef
from mingzhi.kernel.errors import Reason
from mingzhi.kernel.prepared import Given, Read, Row
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.recording import duty_queries
from mingzhi.recording.access import access_record, noted
from mingzhi.recording.choices import EvidenceKind, Ground, Mode, RecordKind, Source
from mingzhi.recording.data import ActCoverage, ExcuseView, Opened, ProbeView, RecordView, VerificationView
from mingzhi.recording.errors import PurposeRequired, RecordNotFound
from mingzhi.recording.models import Probe, Record


def record_rows() -> QuerySet[Record]:
    """Records with what a view needs, oldest first."""
    return (
        Record.objects.select_related("file", "operator", "probe", "room_use__booking__room")
        .prefetch_related("verifications")
        .order_by("captured_at", "pk")
    )


def as_view(row: Record) -> RecordView:
    stored = row.file
    checks = sorted(row.verifications.all(), key=lambda v: v.pk)
    return RecordView(
        id=row.pk,
        dossier_id=row.dossier_id,
        kind=row.kind,
        kind_label=RecordKind(row.kind).label,
        evidence_kind=row.evidence_kind,
        evidence_kind_label=EvidenceKind(row.evidence_kind).label if row.evidence_kind else "",
        act=row.act,
        step=row.step,
        title=row.title,
        file=FileRef(
            id=stored.pk,
            sha256=stored.sha256,
            sm3=stored.sm3,
            size=stored.size,
            name=stored.name,
            media_type=stored.media_type,
            stated_type=stored.stated_type,
            remarks=tuple(stored.remarks),
        ),
        source=row.source,
        source_label=Source(row.source).label,
        captured_at=row.captured_at,
        ended_at=row.ended_at,
        found_captured_at=row.found_captured_at,
        device=row.device,
        device_clock_offset_s=row.device_clock_offset_s,
        operator_id=row.operator_id,
        operator_name=row.operator.name if row.operator else "",
        place=row.place,
        full=row.full,
        interruption=row.interruption,
        statement=tuple(row.statement),
        purpose=row.purpose,
        note=row.note,
        remarks=tuple(row.remarks),
        late=row.late,
        late_reason=row.late_reason,
        upload_hours=row.upload_hours,
        upload_citation=row.upload_citation,
        deposited_at=row.deposited_at,
        deposited_by=row.deposited_by,
        derived_from_id=row.derived_from_id,
        verification=VerificationView(
            genuine=checks[-1].genuine,
            finding=checks[-1].finding,
            by=checks[-1].verified_by,
            name=checks[-1].verified_by_name,
            at=checks[-1].at,
        )
        if checks
        else None,
        probe=probe_view(row.probe) if hasattr(row, "probe") else None,
        room=row.room_use.booking.room.name if hasattr(row, "room_use") else "",
    )


def probe_view(row: Probe) -> ProbeView:
    return ProbeView(
        outcome=row.outcome,
        container=row.container,
        duration_ms=row.duration_ms,
        video_codec=row.video_codec,
        audio_codec=row.audio_codec,
        width=row.width,
        height=row.height,
        found_at=row.found_at,
        remarks=tuple(row.remarks),
        thumb_id=row.thumb_id,
        wave_id=row.wave_id,
        at=row.at,
    )


def records(dossier_id: int) -> list[RecordView]:
    """Everything deposited on a dossier, in the order it was captured (three queries at most)."""
    return [as_view(row) for row in record_rows().filter(dossier_id=dossier_id)]


def records_of(dossier_ids: Iterable[int], *, limit: int = 200) -> list[RecordView]:
    """Records of several dossiers, newest first."""
    rows = record_rows().filter(dossier_id__in=list(dossier_ids)).order_by("-captured_at", "-pk")
    return [as_view(row) for row in rows[:limit]]


def recordings(dossier_id: int, act: str | None = None) -> list[RecordView]:
    rows = record_rows().filter(dossier_id=dossier_id, kind=RecordKind.RECORDING)
    return [as_view(row) for row in (rows if act is None else rows.filter(act=act))]


def evidence(dossier_id: int) -> list[RecordView]:
    return [as_view(row) for row in record_rows().filter(dossier_id=dossier_id, kind=RecordKind.EVIDENCE)]


def evidence_unverified(dossier_id: int) -> list[RecordView]:
    """Evidence nobody has yet found true: it may not found a fact (行政处罚法第四十六条第二款)."""
    return [
        view for view in evidence(dossier_id) if view.verification is None or not view.verification.genuine
    ]


def record(record_id: int) -> RecordView:
    row = record_rows().filter(pk=record_id).first()
    if row is None:
        raise RecordNotFound()
    return as_view(row)


def act_problems(*, dossier_id: int, act: str, body: BodyRef, on: date) -> list[Reason]:
    """Why a step whose act is ``act`` may not be taken yet, by the recording list in force on ``on``.

    ``full``: a whole, uninterrupted recording, or an approved excuse on a lawful ground other than
    «the text suffices» (R073, R074). ``required``: any recording, or an approved excuse.
    ``situational``: a recording, or a stated reason. ``optional``: nothing.
    """
    rule = catalogue.recording_rule(body=body, act=act, on=on)
    if rule.mode == Mode.OPTIONAL:
        return []
    held = _ORIGINALS(dossier=dossier_id, act=act)
    given = duty_queries.excuses(dossier_id, act)
    return _judge(rule, _whole(held, given), duty_queries.excuse_facts(given))


# Copies (clips, masked versions) prove nothing by themselves: only originals count.
_ORIGINALS = Read(
    lambda: (
        Record.objects.filter(
            dossier_id=Given("dossier"), kind=RecordKind.RECORDING, act=Given("act"), derived_from=None
        )
        .order_by()
        .values_list("pk", "full")
    )
)


def _whole(held: Iterable[Row], given: Iterable[ExcuseView]) -> list[bool]:
    """Of each recording (id, stated whole): whether it counts as whole. One that broke off does once
    somebody else approved the reason."""
    accepted = {view.record_id for view in given if view.approved}
    return [full or pk in accepted for pk, full in held]


def _judge(rule: RecordingRule, held: Collection[bool], given: Collection[tuple[str, bool]]) -> list[Reason]:
    """The rule on plain data: ``held`` says of each recording whether it is whole, ``given`` of each
    excuse its ground and whether it is approved."""
    name = rule.label or rule.act
    approved = [ground for ground, yes in given if yes]
    if rule.mode == Mode.FULL:
        if any(held) or any(ground != Ground.TEXT for ground in approved):
            return []
        if held:
            sentence = f"“{name}”须全程音像记录，现有 {len(held)} 件记录均未标明全程不间断"
        elif given and not approved:
            sentence = f"“{name}”须全程音像记录，未记录的说明尚未经批准"
        elif approved:
            sentence = f"“{name}”须全程音像记录，不能以文字记录代替"
        else:
            sentence = f"“{name}”须全程音像记录，尚未上传"
        remedy = "请上传完整的执法记录；因国家秘密、情况紧急或者客观原因未能记录的，写明理由并报批准"
        return [Reason("recording.full_required", sentence, rule.citation, remedy, "recording")]
    if rule.mode == Mode.REQUIRED:
        if held or approved:
            return []
        sentence = (
            f"“{name}”应当进行音像记录，未记录的说明尚未经批准"
            if given
            else f"“{name}”应当进行音像记录，尚未上传"
        )
        remedy = "请上传音像记录；确未记录的，写明理由并报批准"
        return [Reason("recording.required", sentence, rule.citation, remedy, "recording")]
    if rule.mode == Mode.SITUATIONAL and not held and not given:
        return [
            Reason(
                "recording.situational",
                f"“{name}”应根据实际情况进行音像记录，现既无记录，也未说明未记录的理由",
                rule.citation,
                "请上传音像记录，或者填写未作音像记录的理由",
                "recording",
            )
        ]
    return []


def coverage(*, dossier_id: int, acts: Iterable[str], body: BodyRef, on: date) -> list[ActCoverage]:
    """For each act: what the list asks, what is there, what is missing."""
    held = recordings(dossier_id)
    given = duty_queries.excuses(dossier_id)
    found = []
    for act in dict.fromkeys(acts):
        rule = catalogue.recording_rule(body=body, act=act, on=on)
        own = tuple(view for view in held if view.act == act)
        why = tuple(view for view in given if view.act == act)
        originals = _whole([(v.id, v.full) for v in own if v.derived_from_id is None], why)
        found.append(
            ActCoverage(
                act=act,
                mode=rule.mode,
                mode_label=Mode(rule.mode).label,
                citation=rule.citation,
                content=rule.content,
                recordings=own,
                excuses=why,
                problems=tuple(_judge(rule, originals, duty_queries.excuse_facts(why))),
            )
        )
    return found


def open_for(
    *, by: Actor, record_id: int, purpose: str, at: datetime, address: str = "", use: str = ""
) -> Opened:
    """Leave to look at a record. Every look is noted with its purpose, refused ones too.

    Raises ``PurposeRequired``, ``RecordNotFound`` (also for records of dossiers out of reach),
    ``AccessNeeded`` (outside the case and not approved), ``files.errors.FileDamaged``.
    """
    if not purpose.strip():
        raise PurposeRequired(fields={"purpose": ["请填写调阅用途"]})
    _row, dossier, found = access_record(
        by=by, record_id=record_id, at=at, act="recording:view", purpose=purpose, address=address
    )
    view = record(record_id)
    # Noted before the bytes are handed out: a look that cannot be noted does not happen.
    noted(
        "recording:view",
        f"record:{record_id}",
        by=by,
        at=at,
        dossier=dossier,
        standing=found,
        purpose=purpose,
        use=use,
        address=address,
        sha256=view.file.sha256,
    )
    return Opened(record=view, file=view.file, standing=found)
