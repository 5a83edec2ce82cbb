"""What citizens send in, and where their matter stands. The public face's only writes."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel.errors import Invalid, MingzhiError
from mingzhi.organisations import api as organisations
from mingzhi.publication import api as publication
from mingzhi.publication.choices import IntakeKind, Satisfaction
from mingzhi.web.public.common import address, given, throttle, today

_FIELDS = {"title": 200, "text": 6000, "place": 300, "against": 300, "contact_name": 100, "contact": 200}
_KINDS = (IntakeKind.COMPLAINT, IntakeKind.REPORT)
FILE_TYPES = (
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/ofd",
)
"""What a citizen's proofs may be: found by content, never by the name or by what the browser says."""
FILE_LIMIT = 10 * 1024 * 1024
MOST_FILES = 5


def intake_values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {name: given(request, name, limit) for name, limit in _FIELDS.items()}
    return values | {
        "kind": given(request, "kind", 20),
        "body": given(request, "body", 9),
        "form": given(request, "form", 64),
        "anonymous": bool(given(request, "anonymous", 5)),
        "promised": bool(given(request, "promised", 5)),
    }


def blank(**more: Any) -> dict[str, Any]:
    """An empty form with a token of its own: the same form sent twice is one intake."""
    return {"form": secrets.token_urlsafe(16), **more}


def _files(request: HttpRequest) -> list[FileRef]:
    """The files of the form, stored; what is too large, too many or of another kind is refused beside its field."""
    sent = [f for f in request.FILES.getlist("files") if f.name]
    if not sent:
        return []
    if len(sent) > MOST_FILES:
        raise Invalid(fields={"files": [_("附件最多 %(n)d 个") % {"n": MOST_FILES}]})
    throttle(request, "intake-files", limit=20, minutes=60)
    found = []
    for file in sent:
        try:
            found.append(
                files.put(
                    file,
                    name=str(file.name),
                    media_type=file.content_type or "",
                    limit=FILE_LIMIT,
                    expected=file.size,
                    accept=FILE_TYPES,
                    at=request.at,  # type: ignore[attr-defined]
                )
            )
        except MingzhiError as wrong:
            raise Invalid(fields={"files": [f"{wrong.sentence}。{wrong.remedy}"]}) from wrong
        if {"active", "polyglot"} & set(found[-1].remarks):
            raise Invalid(
                fields={"files": [_("“%(name)s”含有可执行内容，不能提交") % {"name": found[-1].name}]}
            )
    return found


def receive(
    request: HttpRequest, values: dict[str, Any], *, kind: str, disclosure_id: int | None = None
) -> Any:
    """Take the form in; its files and the intake are one transaction."""
    body_id = int(values["body"]) if str(values["body"]).isdecimal() else 0
    with transaction.atomic():
        return publication.intake_receive(
            kind=kind,
            body_id=body_id,
            disclosure_id=disclosure_id,
            anonymous=values["anonymous"],
            promised=values["promised"],
            files=_files(request),
            form=values["form"],
            address=address(request),
            by=organisations.system_actor(body_id),
            at=request.at,  # type: ignore[attr-defined]
            **{name: values[name] for name in _FIELDS},
        )


def terms(request: HttpRequest, kind: str, bodies: list[Any]) -> list[dict[str, Any]]:
    """How soon each body answers, by which document; or that it has set no term."""
    on = today(request)
    return [
        {"body": b, "found": publication.letters.term_for(b.id, kind, "reply", on)}
        | dict(zip(("regime", "basis"), publication.letters.regime(b.id, on), strict=True))
        for b in bodies[:6]
    ]


def answered(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    kind: str,
    values: dict[str, Any],
    disclosure_id: int | None = None,
) -> HttpResponse:
    """The receipt; or the form again with what was typed and what is wrong with it."""
    try:
        receipt = receive(request, values, kind=kind, disclosure_id=disclosure_id)
    except Invalid as error:
        context |= {"values": values, "errors": error.fields}
        return render(request, template, context, status=error.status)
    return render(request, "public/received.html", {"receipt": receipt, "row": context.get("row")})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complaints(request: HttpRequest) -> HttpResponse:
    """投诉执法机构和人员、举报违法行为, each with its own form. What was typed is never lost: a refused form
    comes back filled in."""
    known = organisations.public_bodies()
    kind = given(request, "kind", 20)
    if kind not in {k.value for k in _KINDS}:
        kind = "" if request.method == "POST" else IntakeKind.COMPLAINT.value
    context: dict[str, Any] = {
        "bodies": known,
        "kind": kind or IntakeKind.COMPLAINT.value,
        "values": blank(body=str(known[0].id) if len(known) == 1 else ""),
        "errors": {},
        "terms": terms(request, kind or IntakeKind.COMPLAINT.value, known),
        "files_most": MOST_FILES,
    }
    if request.method != "POST":
        return render(request, "public/complaints.html", context)
    return answered(request, "public/complaints.html", context, kind=kind, values=intake_values(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """A party says that what is disclosed is not right (公开条例第四十一条)."""
    return _of_decision(request, pk, IntakeKind.CORRECTION, "public/correction.html", {})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """A party asks that the showing end early: what was done, proofs, the commitment (domain §4.5)."""
    publication.public_decision(pk)
    standing = publication.letters.repair_of(pk, today(request))
    return _of_decision(request, pk, IntakeKind.REPAIR, "public/repair.html", {"standing": standing})


def _of_decision(
    request: HttpRequest, pk: int, kind: IntakeKind, template: str, more: dict[str, Any]
) -> HttpResponse:
    decision = publication.public_decision(pk)
    context: dict[str, Any] = {
        "decision": decision,
        "row": decision.row,
        "values": blank(),
        "errors": {},
        "files_most": MOST_FILES,
        **more,
    }
    if request.method != "POST":
        return render(request, template, context)
    values = intake_values(request) | {
        "title": f"{kind.label}：{decision.row.number}"[:100],
        "anonymous": False,
    }
    # The disclosure names its own agency; the form's only has to be one of ours.
    values["body"] = str(next(b.id for b in organisations.public_bodies()))
    return answered(request, template, context, kind=kind, values=values, disclosure_id=pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """办理进度: number and query code, both from the receipt. Posted, so that no code stays in an address. With
    them the citizen also marks the answer, or asks once to have it handled again."""
    number, code = given(request, "number", 64), given(request, "code", 20)
    act = given(request, "act", 10)
    context: dict[str, Any] = {
        "number": number,
        "code": code if request.method == "POST" else "",
        "marks": Satisfaction.choices,
        "reason": given(request, "reason", 2500) if act == "reopen" else "",
    }
    status = 200
    if request.method == "POST":
        try:
            if not number or not code:
                raise Invalid("请填写受理编号和查询码")
            throttle(request, "progress", limit=10, minutes=10)
            status = _further(request, context, act, number, code)
            context["found"] = publication.progress(number, code, at=request.at)  # type: ignore[attr-defined]
        except MingzhiError as error:
            context["problem"], status = error, error.status
    return render(request, "public/progress.html", context, status=status)


def _further(request: HttpRequest, context: dict[str, Any], act: str, number: str, code: str) -> int:
    """What the citizen does with the answer; a refusal is told beside the matter."""
    who = {
        "number": number,
        "code": code,
        "by": organisations.system_actor(),
        "at": request.at,  # type: ignore[attr-defined]
    }
    try:
        if act == "rate":
            publication.letters.intake_rate(mark=given(request, "mark", 10), **who)
            context["done"] = _("感谢您的评价")
        elif act == "reopen":
            publication.letters.intake_reopen(reason=context["reason"], **who)
            context["done"] = _("已收到您的意见，将由原答复人以外的人员重新办理")
    except Invalid as error:
        context["errors"] = error.fields
        return error.status
    return 200
