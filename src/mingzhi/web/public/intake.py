"""What citizens send in, and where their matter stands. The public face's only writes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mingzhi.kernel.errors import Invalid, MingzhiError
from mingzhi.organisations import api as organisations
from mingzhi.publication import api as publication
from mingzhi.publication.choices import IntakeKind
from mingzhi.web.public.common import address, given, throttle

_FIELDS = {"title": 200, "text": 6000, "place": 300, "contact_name": 100, "contact": 200}
_KINDS = (IntakeKind.COMPLAINT, IntakeKind.DISCIPLINE, IntakeKind.QUESTION)


def _values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {name: given(request, name, limit) for name, limit in _FIELDS.items()}
    return values | {
        "kind": given(request, "kind", 20),
        "body": given(request, "body", 9),
        "anonymous": bool(given(request, "anonymous", 5)),
    }


def _receive(
    request: HttpRequest, values: dict[str, Any], *, kind: str, disclosure_id: int | None = None
) -> Any:
    body_id = int(values["body"]) if str(values["body"]).isdecimal() else 0
    return publication.intake_receive(
        kind=kind,
        body_id=body_id,
        disclosure_id=disclosure_id,
        anonymous=values["anonymous"],
        address=address(request),
        by=organisations.system_actor(body_id),
        at=request.at,  # type: ignore[attr-defined]
        **{name: values[name] for name in _FIELDS},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complaints(request: HttpRequest) -> HttpResponse:
    """投诉举报、监督意见、咨询. What was typed is never lost: a refused form comes back filled in."""
    known = organisations.public_bodies()
    context: dict[str, Any] = {
        "bodies": known,
        "kinds": [(k.value, k.label) for k in _KINDS],
        "values": {"kind": "complaint", "body": str(known[0].id) if len(known) == 1 else ""},
        "errors": {},
    }
    if request.method != "POST":
        return render(request, "public/complaints.html", context)
    values = _values(request)
    try:
        if values["kind"] not in {k.value for k in _KINDS}:
            values["kind"] = ""
        receipt = _receive(request, values, kind=values["kind"])
    except Invalid as error:
        return render(
            request,
            "public/complaints.html",
            context | {"values": values, "errors": error.fields},
            status=error.status,
        )
    return render(request, "public/received.html", {"receipt": receipt})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """A party says that what is disclosed is not right (公开条例第四十一条)."""
    decision = publication.public_decision(pk)
    context: dict[str, Any] = {"decision": decision, "row": decision.row, "values": {}, "errors": {}}
    if request.method != "POST":
        return render(request, "public/correction.html", context)
    values = _values(request) | {"title": f"申请更正：{decision.row.number}", "anonymous": False}
    values["body"] = str(
        next(b.id for b in organisations.public_bodies())
    )  # the disclosure names its own agency
    try:
        receipt = _receive(request, values, kind=IntakeKind.CORRECTION, disclosure_id=pk)
    except Invalid as error:
        return render(
            request,
            "public/correction.html",
            context | {"values": values, "errors": error.fields},
            status=error.status,
        )
    return render(request, "public/received.html", {"receipt": receipt, "row": decision.row})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """办理进度: number and query code, both from the receipt. Posted, so that no code stays in an address."""
    number, code = given(request, "number", 64), given(request, "code", 20)
    context: dict[str, Any] = {"number": number, "code": code if request.method == "POST" else ""}
    status = 200
    if request.method == "POST":
        try:
            if not number or not code:
                raise Invalid("请填写受理编号和查询码")
            throttle(request, "progress", limit=10, minutes=10)
            context["found"] = publication.progress(number, code)
        except MingzhiError as error:
            context["problem"], status = error, error.status
    return render(request, "public/progress.html", context, status=status)
