"""Home and the notice of one decision. Published words only."""

from __future__ import annotations

import io
import json

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mingzhi.kernel import identifiers
from mingzhi.kernel.errors import NotFound
from mingzhi.publication import api as publication
from mingzhi.web import serving
from mingzhi.web.public.common import plain, today


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The search box, six doors, the newest decisions."""
    return render(request, "public/home.html", {"counts": publication.finding.home_counts(today(request))})


@require_safe
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision as a notice, with its history and how to verify it; a tombstone once withdrawn."""
    found = publication.public_decision(pk)
    return render(
        request,
        "public/decision.html",
        {"decision": found, "row": found.row, "gone": found.row.state in {"withdrawn", "expired"}},
    )


@require_safe
def party(request: HttpRequest, code: str) -> HttpResponse:
    """All published decisions about one organisation, by its credit code (R051)."""
    try:
        wanted = identifiers.credit_code(code)
    except ValueError as error:
        raise NotFound(str(error), remedy=_("请核对统一社会信用代码")) from None
    return render(request, "public/party.html", {"code": wanted, "rows": publication.public_of_party(wanted)})


@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    return plain(publication.public_receipt(pk), f"decision-{pk}.tlog-proof")


@require_safe
def bundle(request: HttpRequest, pk: int) -> HttpResponse:
    return plain(publication.public_bundle(pk), f"decision-{pk}.tlog-proof")


@require_safe
def published_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The published text in the very bytes whose digest the receipt names."""
    found = publication.public_decision(pk)
    if not found.content:
        raise NotFound(_("该信息已不再公示，公示内容不再提供"), remedy=_("页面保留文号、机关、日期和理由"))
    text = json.dumps(found.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    response = HttpResponse(text.encode(), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="decision-{pk}.json"'
    return response


@require_safe
def attachment(request: HttpRequest, pk: int, digest: str) -> HttpResponseBase:
    """A file that is public with the decision; gone with it."""
    answer = serving.file_response(request, publication.public_file(pk, digest))
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The address of the decision's page as a QR code, for print."""
    publication.public_decision(pk)
    out = io.BytesIO()
    segno.make(f"{settings.PUBLIC_URL}/decisions/{pk}/", error="m").save(out, kind="svg", scale=4, border=2)
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")
