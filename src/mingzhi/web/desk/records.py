"""Recordings and evidence on a dossier: upload as a stream, excuse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.dossiers import api as dossiers
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel.errors import Invalid, MingzhiError, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.recording.choices import Ground
from mingzhi.web.desk import stepform
from mingzhi.web.desk.common import at_of, by_of, case_url
from mingzhi.web.desk.registers_common import beside
from mingzhi.web.handed import files_of

_WORKERS = {Permission.CASE_ACT, Permission.CASE_UNIT_CHECK, Permission.CASE_APPROVE}


def _text(request: HttpRequest, name: str, length: int = 500) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:length]


def _moment(request: HttpRequest, name: str) -> datetime | None:
    text = stepform.moment(request.POST.get(name, ""))
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(fields={name: [_("时间应为 2026-09-29 15:30 这样的格式")]}) from None
    if found.tzinfo is None:
        raise Invalid(fields={name: [_("时间应为 2026-09-29 15:30 这样的格式")]})
    return found


@require_POST
def upload(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """Store a file as it streams in and put it on the dossier. A refusal keeps the stored file, so
    that the corrected form is sent without the bytes."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    organisations.require(by, Permission.CASE_ACT, body_id=dossier.body_id)
    problems: dict[str, list[str]] = {}
    stored = None
    try:
        stored = _stored(request)
        with beside(operator_id="operator"):
            record = recording.deposit(
                dossier_id=dossier.pk,
                act=_text(request, "act", 60),
                kind=_text(request, "kind", 20),
                file_id=stored.id,
                captured_at=_moment(request, "captured_at"),
                ended_at=_moment(request, "ended_at"),
                device=_text(request, "device", 80),
                operator_id=_number(request.POST.get("operator", "")),
                place=_text(request, "place", 200),
                full="full" in request.POST,
                statement=tuple(request.POST.getlist("statement")),
                evidence_kind=_text(request, "evidence_kind", 20),
                source=_text(request, "source", 20),
                title=_text(request, "title", 200),
                purpose=_text(request, "purpose", 300),
                interruption=_text(request, "interruption"),
                interruption_ground=_text(request, "interruption_ground", 20) or Ground.OBJECTIVE,
                booking_id=_number(request.POST.get("booking", "")),
                note=_text(request, "note"),
                late_reason=_text(request, "late_reason", 300),
                by=by,
                at=at,
            )
    except Invalid as wrong:
        problems = wrong.fields or {"file": [wrong.sentence]}
    except (NotFound, NotAllowed):
        raise
    except MingzhiError as wrong:
        problems = {"file": [wrong.sentence]}
    else:
        # Said on the page itself: an upload with progress follows the redirect twice.
        return HttpResponseRedirect(
            f"{case_url(dossier.pk, 'evidence')}&added={record.id}#record-{record.id}"
        )
    return _again(request, dossier, problems, stored)


def _stored(request: HttpRequest) -> FileRef:
    given = files_of(request, "file")
    if given:
        return given[0]
    kept = _number(request.POST.get("file_id", ""))
    if kept is not None and kept in request.session.get("uploads", []):
        return files.ref(kept)
    raise Invalid(fields={"file": [_("请选择要上传的文件")]})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None


def _again(request: HttpRequest, dossier: Any, problems: dict[str, list[str]], stored: Any) -> HttpResponse:
    """The upload form again with everything kept; the stored file is remembered for this session."""
    from mingzhi.procedures import api as procedures
    from mingzhi.procedures.api import Context
    from mingzhi.web.desk import case_page

    procedure = procedures.procedure(dossier.procedure, dossier.procedure_version)
    ctx = Context(
        dossier=dossier, procedure=procedure, row=procedure.rows[0], by=by_of(request), at=at_of(request)
    )
    if stored is not None:
        request.session["uploads"] = [*request.session.get("uploads", []), stored.id][-20:]
    context = {
        **case_page.evidence_context(ctx),
        "dossier": dossier,
        "entered": request.POST,
        "statement": request.POST.getlist("statement"),
        "errors": problems,
        "stored": stored,
        "trail": [
            (_("案件"), reverse("desk:cases")),
            (dossier.number, case_url(dossier.pk, "evidence")),
            (_("上传证据、记录"), ""),
        ],
    }
    return render(request, "desk/record_upload.html", context, status=422)


@require_POST
def excuse(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """Why an act was not recorded, or its recording broke off: asked here, answered by somebody else."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    if dossier.body_id != by.body_id or not by.permissions & _WORKERS:
        raise NotAllowed()
    try:
        recording.excuse(
            dossier_id=dossier.pk,
            act=_text(request, "act", 60),
            reason=_text(request, "reason"),
            ground=_text(request, "ground", 20),
            record_id=_number(request.POST.get("record", "")),
            by=by,
            at=at,
        )
    except Invalid as wrong:
        for sentences in (wrong.fields or {"": [wrong.sentence]}).values():
            for sentence in sentences:
                messages.error(request, sentence)
    else:
        messages.success(request, _("已提交说明，等待承办机构负责人或者机关负责人审批"))
    return HttpResponseRedirect(case_url(dossier.pk, "evidence", "coverage"))


@require_POST
def expect(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """The officer recorded on site and has not deposited yet: the hours run from the end of the recording."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    organisations.require(by, Permission.CASE_ACT, body_id=dossier.body_id)
    try:
        ended = _moment(request, "ended_at")
        if ended is None:
            raise Invalid(fields={"ended_at": [_("请填写记录结束时间")]})
        recording.expect(dossier_id=dossier.pk, act=_text(request, "act", 60), ended_at=ended, by=by, at=at)
    except Invalid as wrong:
        for sentences in (wrong.fields or {"": [wrong.sentence]}).values():
            for sentence in sentences:
                messages.error(request, sentence)
    else:
        messages.success(request, _("已登记，请在规定时限内上传"))
    return HttpResponseRedirect(case_url(dossier.pk, "evidence", "due"))
