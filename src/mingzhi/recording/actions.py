"""Writes of the recording room."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.recording import choices, devices, exif, rooms, rules
from mingzhi.recording.data import RecordView
from mingzhi.recording.duties import NOW_TOLERANCE, excuse_asked
from mingzhi.recording.errors import DossierDone, LateReasonRequired, NotEvidence, RecordNotFound
from mingzhi.recording.events import DEPOSITED, VERIFIED
from mingzhi.recording.models import Record, Verification
from mingzhi.recording.models_equipment import Device
from mingzhi.recording.probe import probe_later
from mingzhi.recording.queries import as_view, record_rows

#: A camera's clock and the officer's word may differ by this much before anyone must look.
CLOCK_TOLERANCE = timedelta(minutes=5)
#: Digital records before this are a dead camera battery, not a record.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


@transaction.atomic
def record_deposit(
    *,
    dossier_id: int,
    act: str = "",
    kind: str,
    file_id: int,
    captured_at: datetime | None = None,
    ended_at: datetime | None = None,
    device: str = "",
    device_clock_offset_s: int | None = None,
    operator_id: int | None = None,
    place: str = "",
    full: bool = False,
    statement: Collection[str] = (),
    step: str = "",
    evidence_kind: str = "",
    source: str = "",
    title: str = "",
    purpose: str = "",
    interruption: str = "",
    interruption_ground: str = choices.Ground.OBJECTIVE,
    booking_id: int | None = None,
    note: str = "",
    late_reason: str = "",
    derived_from: int | None = None,
    by: Actor,
    at: datetime,
) -> RecordView:
    """Put a stored file on a dossier as a recording of an act, or as evidence.

    The same file for the same act a second time is the same record. A recording deposited later than
    the body's term after its end is accepted and marked late, but only with a reason (R081). What
    cannot be true is refused, all problems at once; what is merely odd is accepted and remarked, since
    a recording cannot be made again.

    Raises ``Invalid`` (fields), ``LateReasonRequired``, ``DossierDone``, ``NotFound``. The stored file
    is kept whatever happens, so the form can be sent again without a new upload.
    """
    dossier = dossiers.dossier_lock(dossier_id=dossier_id)
    file = files.ref(file_id)
    known = record_rows().filter(dossier_id=dossier_id, kind=kind, act=act, file_id=file_id).first()
    if known is not None:
        return as_view(known)
    if dossier.closed_at is not None:
        raise DossierDone(number=dossier.number)
    recording = kind == choices.RecordKind.RECORDING
    when = _when(
        dossier,
        file,
        device,
        captured_at=captured_at,
        ended_at=ended_at,
        offset_s=device_clock_offset_s,
        at=at,
    )
    body = organisations.body(dossier.body_id)
    on = clock.local_date(when.end)
    problems = Problems()
    _check_kind(problems, kind, evidence_kind, act, file)
    _check_times(problems, when.start, when.end, at, recording=recording, given=when.known)
    _check_source(problems, source, recording=recording)
    _check_operator(problems, operator_id, dossier.body_id, recording=recording)
    _check_original(problems, derived_from, dossier_id)
    duty = rules.voice_statement(body, on) if recording and derived_from is None else None
    missing = _check_statement(problems, statement, duty, note)
    use = None
    if booking_id is not None:
        use = rooms.use_of(
            problems, booking_id, dossier_id=dossier_id, act=act, start=when.start, end=when.end
        )
    _check_whole(problems, full, interruption, interruption_ground, in_room=use is not None)
    problems.raise_if_any()

    term = rules.upload_term(body, on) if recording and derived_from is None else None
    late = term is not None and at - when.end > timedelta(hours=term.hours)
    if late and term is not None and not late_reason.strip():
        raise LateReasonRequired(hours=term.hours, fields={"late_reason": ["请填写逾期原因"]})
    remarks = [files.REMARKS[code] for code in file.remarks]
    remarks += _odd(dossier, when, at)
    if recording:
        remarks += devices.remarks(when.device, device, operator_id, when.start)
    if missing:
        remarks.append(f"语音说明缺少：{'、'.join(missing)}")
    record = Record.objects.create(
        dossier_id=dossier_id,
        kind=kind,
        evidence_kind=evidence_kind,
        act=act,
        step=step[:60],
        title=(title.strip() or file.name)[:200],
        file_id=file_id,
        sha256=file.sha256,
        sm3=file.sm3,
        source=source or (choices.Source.BODY_CAMERA if recording else choices.Source.DOCUMENT),
        captured_at=when.start,
        ended_at=when.end,
        found_captured_at=when.found,
        device=device.strip()[:80],
        device_clock_offset_s=when.offset_s,
        operator_id=operator_id,
        place=place.strip()[:200],
        full=full,
        interruption=interruption.strip()[:500],
        statement=sorted(set(statement)),
        purpose=purpose.strip()[:300],
        note=note.strip()[:500],
        remarks=remarks,
        late=late,
        late_reason=late_reason.strip()[:300] if late else "",
        upload_hours=term.hours if term else None,
        upload_citation=term.citation[:200] if term else "",
        deposited_at=at,
        deposited_by=by.label,
        derived_from_id=derived_from,
    )
    DEPOSITED[kind].kept(record, at=at)
    if use is not None:
        rooms.recorded(use, record_id=record.pk, at=at)
    if recording and derived_from is None and interruption.strip():
        excuse_asked(
            dossier,
            act=act,
            ground=interruption_ground,
            reason=interruption,
            record_id=record.pk,
            by=by,
            at=at,
        )
    probe_later(record.pk, file.media_type, at=at)
    return as_view(record_rows().get(pk=record.pk))


@transaction.atomic
def evidence_verify(*, record_id: int, genuine: bool, finding: str, by: Actor, at: datetime) -> RecordView:
    """Note that evidence was checked and what was found; only then it may found a fact (行政处罚法第四十六条).

    A second check with the same result changes nothing; another result is a new row and the latest counts.
    """
    record = record_rows().filter(pk=record_id).first()
    if record is None:
        raise RecordNotFound()
    if record.kind != choices.RecordKind.EVIDENCE:
        raise NotEvidence()
    if not finding.strip():
        raise Invalid(
            fields={"finding": ["请写明查证方法和结果，例如“与原件核对一致”"]}, code="recording.finding"
        )
    last = record.verifications.order_by("-pk").first()
    if last is not None and last.genuine == genuine and last.finding == finding.strip()[:500]:
        return as_view(record)
    row = Verification.objects.create(
        record=record,
        genuine=genuine,
        finding=finding.strip()[:500],
        verified_by=by.label,
        verified_by_name=by.name[:60],
        at=at,
    )
    VERIFIED.kept(row, at=at)
    return as_view(record_rows().get(pk=record_id))


@dataclass(frozen=True, slots=True)
class When:
    """The period of a record in true time, and where it comes from. ``found`` is what the file says;
    ``from_file`` that the beginning was taken from it; ``known`` that somebody or something gave one."""

    start: datetime
    end: datetime
    found: datetime | None
    offset_s: int
    device: Device | None
    from_file: bool
    known: bool


def _when(
    dossier: Dossier,
    file: FileRef,
    number: str,
    *,
    captured_at: datetime | None,
    ended_at: datetime | None,
    offset_s: int | None,
    at: datetime,
) -> When:
    """The stated times; the beginning, where none is stated, from the file, set right by the device's error."""
    picture = file.media_type.startswith("image/")
    found = exif.captured_at(files.path(file.id), file.media_type) if picture else None
    device = devices.find(dossier.body_id, number)
    if offset_s is None:
        offset_s = devices.clock_offset(device, captured_at or found or at)
    taken = captured_at
    if taken is None and found is not None:
        taken = found - timedelta(seconds=offset_s)
    start = taken or ended_at or at
    return When(
        start=start,
        end=ended_at or start,
        found=found,
        offset_s=offset_s,
        device=device,
        from_file=captured_at is None and found is not None,
        known=taken is not None,
    )


def _check_statement(
    problems: Problems, statement: Collection[str], duty: rules.StatementDuty | None, note: str
) -> list[str]:
    """Labels of what should have been said aloud and was not; without a note that is a problem."""
    if set(statement) - set(choices.Element.values):
        problems.add("statement", "语音说明的勾选项无法识别，请刷新页面后重新勾选")
    if duty is None:
        return []
    missing = [choices.Element(e).label for e in duty.elements if e not in statement]
    if missing and not note.strip():
        problems.add(
            "statement",
            f"语音说明缺少：{'、'.join(missing)}。确未说明的，请在备注中写明情况（{duty.citation}）",
        )
    return missing


def _check_whole(problems: Problems, full: bool, interruption: str, ground: str, *, in_room: bool) -> None:
    told = interruption.strip()
    if in_room and not full and not told:
        problems.add("full", "执法办案场所内的记录应当全程不间断；确有中断的，请填写中断说明")
    if full and told:
        problems.add("full", "已填写中断说明，不属于全程记录；请取消“全程记录”或删除中断说明")
    if told and len(told) < 5:
        problems.add("interruption", "请写明中断的时段和原因（不少于 5 个字）")
    if told and ground not in choices.Ground.values:
        problems.add("interruption", "请选择中断的情形")


def _check_kind(problems: Problems, kind: str, evidence_kind: str, act: str, file: FileRef) -> None:
    if kind not in choices.RecordKind.values:
        problems.add("kind", "请选择记录类别：音像记录或者证据材料")
        return
    accepted = file.media_type in rules.ACCEPTED or f"{file.media_type.partition('/')[0]}/*" in rules.ACCEPTED
    if not accepted:
        problems.add(
            "file",
            f"文件“{file.name}”的实际类型是{files.type_label(file.media_type)}，不能作为记录或者证据登记；请上传图片、音视频、PDF、办公文档或压缩包",
        )
    if kind == choices.RecordKind.RECORDING:
        if not act.strip():
            problems.add("act", "请选择所记录的执法环节")
        if accepted and not file.media_type.startswith(rules.AUDIOVISUAL):
            problems.add(
                "file",
                f"文件“{file.name}”是{files.type_label(file.media_type)}，不是图片、音频或视频，不能作为音像记录",
            )
        if evidence_kind:
            problems.add("evidence_kind", "音像记录不填写证据种类；作为视听资料使用的请登记为证据材料")
    elif evidence_kind not in choices.EvidenceKind.values:
        problems.add("evidence_kind", "请选择证据种类（行政处罚法第四十六条的八类之一）")


def _check_times(
    problems: Problems, start: datetime, end: datetime, at: datetime, *, recording: bool, given: bool
) -> None:
    if recording and not given:
        problems.add("captured_at", "请填写记录开始时间")
    if start > at + NOW_TOLERANCE:
        problems.add("captured_at", "开始时间晚于现在，请核对设备时钟和填写的时间")
    if end > at + NOW_TOLERANCE:
        problems.add("ended_at", "结束时间晚于现在，请核对设备时钟和填写的时间")
    if end < start:
        problems.add("ended_at", "结束时间早于开始时间，请核对")
    if recording and start < EARLIEST:
        problems.add("captured_at", "开始时间早于 2000 年，应为设备时钟未校准，请填写实际时间")
    if recording and end - start > timedelta(hours=48):
        problems.add("ended_at", "单个记录的时长超过 48 小时，请核对起止时间，或者分段登记")


def _check_source(problems: Problems, source: str, *, recording: bool) -> None:
    if source and source not in choices.Source.values:
        problems.add("source", "请选择来源")
    if recording and source in {choices.Source.DOCUMENT, choices.Source.PARTY}:
        problems.add("source", "音像记录应由执法设备形成；当事人或者他人提供的请登记为证据材料")


def _check_operator(problems: Problems, operator_id: int | None, body_id: int, *, recording: bool) -> None:
    if operator_id is None:
        if recording:
            problems.add("operator_id", "请选择记录人")
        return
    try:
        person = organisations.person(operator_id)
    except NotFound:
        problems.add("operator_id", "记录人不在人员名录中")
        return
    if person.body_id != body_id:
        problems.add("operator_id", f"记录人{person.name}不是本机关人员")


def _check_original(problems: Problems, derived_from: int | None, dossier_id: int) -> None:
    if (
        derived_from is not None
        and not Record.objects.filter(pk=derived_from, dossier_id=dossier_id).exists()
    ):
        problems.add("derived_from", "未在本案卷中找到所依据的原件")


def _odd(dossier: Dossier, when: When, at: datetime) -> list[str]:
    """Sentences about what is not impossible but should be looked at."""
    noted = []
    if when.start < dossier.opened_at - timedelta(minutes=1):
        noted.append(f"形成时间（{_moment(when.start)}）早于建卷时间（{_moment(dossier.opened_at)}），请核对")
    if abs(when.offset_s) > CLOCK_TOLERANCE.total_seconds():
        minutes = math.ceil(abs(when.offset_s) / 60)
        noted.append(f"设备时钟比实际时间{'快' if when.offset_s > 0 else '慢'}约 {minutes} 分钟，请及时校时")
    if when.found is not None:
        true = when.found - timedelta(seconds=when.offset_s)
        if true < when.start - CLOCK_TOLERANCE or true > when.end + CLOCK_TOLERANCE:
            noted.append(f"照片内记载的拍摄时间为 {_moment(when.found)}，与填写的时间不一致，请核对")
        if true > at + CLOCK_TOLERANCE:
            noted.append(f"照片内记载的拍摄时间 {_moment(when.found)} 晚于入库时的服务器时间，请核对设备时钟")
    if when.from_file:
        noted.append("开始时间取自文件内记载的时间" + ("，已按设备时钟误差校正" if when.offset_s else ""))
    return noted


def _moment(value: datetime) -> str:
    return clock.local(value).strftime("%Y-%m-%d %H:%M")
