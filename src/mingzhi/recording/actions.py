"""Writes of the recording room."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.db import transaction

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.recording import choices, exif, rules
from mingzhi.recording.data import RecordView
from mingzhi.recording.errors import DossierDone, LateReasonRequired, NotEvidence, RecordNotFound
from mingzhi.recording.models import Excuse, Expected, Record, Verification
from mingzhi.recording.payloads import excuse_payload, expected_payload, record_payload, verification_payload
from mingzhi.recording.queries import as_view, record_rows

#: A camera's clock and the officer's word may differ by this much before anyone must look.
CLOCK_TOLERANCE = timedelta(minutes=5)
#: Clocks of the server and the browser may differ by this much.
NOW_TOLERANCE = timedelta(minutes=2)
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
    device_clock_offset_s: int = 0,
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
    start = captured_at or ended_at or at
    end = ended_at or start
    body = organisations.body(dossier.body_id)
    on = clock.local_date(end)
    problems = Problems()
    _check_kind(problems, kind, evidence_kind, act, file)
    _check_times(problems, start, end, at, recording=recording, given=captured_at is not None)
    _check_source(problems, source, recording=recording)
    _check_operator(problems, operator_id, dossier.body_id, recording=recording)
    _check_original(problems, derived_from, dossier_id)
    unknown = set(statement) - set(choices.Element.values)
    if unknown:
        problems.add("statement", "语音说明的勾选项无法识别，请刷新页面后重新勾选")
    duty = rules.voice_statement(body, on) if recording and derived_from is None else None
    missing = [choices.Element(e).label for e in duty.elements if e not in statement] if duty else []
    if missing and not note.strip():
        problems.add(
            "statement",
            f"语音说明缺少：{'、'.join(missing)}。确未说明的，请在备注中写明情况（{duty.citation if duty else ''}）",
        )
    if full and interruption.strip():
        problems.add("full", "已填写中断说明，不属于全程记录；请取消“全程记录”或删除中断说明")
    problems.raise_if_any()

    term = rules.upload_term(body, on) if recording and derived_from is None else None
    late = term is not None and at - end > timedelta(hours=term.hours)
    if late and term is not None and not late_reason.strip():
        raise LateReasonRequired(hours=term.hours, fields={"late_reason": ["请填写逾期原因"]})
    found = exif.captured_at(files.path(file_id), file.media_type)
    remarks = [files.REMARKS[code] for code in file.remarks]
    remarks += _odd(dossier, start, end, found, device_clock_offset_s)
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
        captured_at=start,
        ended_at=end,
        found_captured_at=found,
        device=device.strip()[:80],
        device_clock_offset_s=device_clock_offset_s,
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
    ledger.append(f"recording:{kind}:deposited", f"record:{record.pk}", record_payload(record), at=at)
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
    ledger.append("recording:evidence:verified", f"verification:{row.pk}", verification_payload(row), at=at)
    return as_view(record_rows().get(pk=record_id))


@transaction.atomic
def act_excuse(
    *,
    dossier_id: int,
    act: str,
    reason: str,
    ground: str = choices.Ground.OBJECTIVE,
    approved_by: int | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Say why an act was not recorded. Acts that must be recorded need a second person's approval.

    Whether the excuse suffices is judged when the step is taken (``act_problems``). Returns its id.
    """
    dossier = dossiers.dossier_lock(dossier_id=dossier_id)
    if dossier.closed_at is not None:
        raise DossierDone(number=dossier.number)
    problems = Problems()
    if not act.strip():
        problems.add("act", "请选择未作音像记录的执法环节")
    if ground not in choices.Ground.values:
        problems.add("ground", "请选择未作音像记录的情形")
    if len(reason.strip()) < 5:
        problems.add("reason", "请写明未作音像记录的具体理由（不少于 5 个字）")
    if approved_by is not None:
        _check_approver(problems, approved_by, dossier.body_id, by)
    problems.raise_if_any()
    values = {
        "dossier_id": dossier_id,
        "act": act,
        "ground": ground,
        "reason": reason.strip()[:500],
        "approved_by_id": approved_by,
    }
    same = Excuse.objects.filter(**values).first()
    if same is not None:
        return same.pk
    row = Excuse.objects.create(**values, asked_by=by.label, at=at)
    ledger.append("recording:act:excused", f"excuse:{row.pk}", excuse_payload(row), at=at)
    return row.pk


@transaction.atomic
def recording_expect(*, dossier_id: int, act: str, ended_at: datetime, by: Actor, at: datetime) -> int | None:
    """An act was recorded on site and its recording has yet to come: start the hours. Returns the row's
    id, or ``None`` where this body has no upload term. Noting the same end twice changes nothing."""
    dossier = dossiers.dossier_lock(dossier_id=dossier_id)
    term = rules.upload_term(organisations.body(dossier.body_id), clock.local_date(ended_at))
    if term is None:
        return None
    if ended_at > at + NOW_TOLERANCE:
        raise Invalid(fields={"ended_at": ["记录结束时间晚于现在，请核对"]}, code="recording.future")
    same = Expected.objects.filter(dossier_id=dossier_id, act=act, ended_at=ended_at).first()
    if same is not None:
        return same.pk
    row = Expected.objects.create(
        dossier_id=dossier_id,
        body_id=dossier.body_id,
        act=act,
        ended_at=ended_at,
        due_at=ended_at + timedelta(hours=term.hours),
        citation=term.citation[:200],
        noted_by=by.label,
        at=at,
    )
    ledger.append("recording:act:expected", f"expected:{row.pk}", expected_payload(row), at=at)
    return row.pk


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


def _check_approver(problems: Problems, approved_by: int, body_id: int, by: Actor) -> None:
    if approved_by == by.person_id:
        problems.add("approved_by", "批准人不能是申请人本人")
        return
    try:
        person = organisations.person(approved_by)
    except NotFound:
        problems.add("approved_by", "批准人不在人员名录中")
        return
    if person.body_id != body_id:
        problems.add("approved_by", f"批准人{person.name}不是本机关人员")


def _check_original(problems: Problems, derived_from: int | None, dossier_id: int) -> None:
    if (
        derived_from is not None
        and not Record.objects.filter(pk=derived_from, dossier_id=dossier_id).exists()
    ):
        problems.add("derived_from", "未在本案卷中找到所依据的原件")


def _odd(
    dossier: Dossier, start: datetime, end: datetime, found: datetime | None, offset_s: int
) -> list[str]:
    """Sentences about what is not impossible but should be looked at."""
    noted = []
    if start < dossier.opened_at - timedelta(minutes=1):
        noted.append(f"形成时间（{_moment(start)}）早于建卷时间（{_moment(dossier.opened_at)}），请核对")
    if abs(offset_s) > CLOCK_TOLERANCE.total_seconds():
        minutes = math.ceil(abs(offset_s) / 60)
        noted.append(f"设备时钟比实际时间{'快' if offset_s > 0 else '慢'}约 {minutes} 分钟，请及时校时")
    if found is not None:
        true = found - timedelta(seconds=offset_s)
        if true < start - CLOCK_TOLERANCE or true > end + CLOCK_TOLERANCE:
            noted.append(f"照片内记载的拍摄时间为 {_moment(found)}，与填写的时间不一致，请核对")
    return noted


def _moment(value: datetime) -> str:
    return clock.local(value).strftime("%Y-%m-%d %H:%M")
