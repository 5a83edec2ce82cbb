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
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from mingzhi.kernel import identifiers
from mingzhi.kernel.errors import NotFound
from mingzhi.publication import api as publication
from mingzhi.web import serving
from mingzhi.web.public.common import plain, today

#: Labels of a notice, its states and what happened to it: translated where they are shown.
WORDS = (
    gettext_noop("执法机关统一社会信用代码"),
    gettext_noop("行政相对人"),
    gettext_noop("相对人类型"),
    gettext_noop("决定书文号"),
    gettext_noop("处罚种类"),
    gettext_noop("违法行为"),
    gettext_noop("主要事实"),
    gettext_noop("违反的规定"),
    gettext_noop("裁量基准适用"),
    gettext_noop("执法类别"),
    gettext_noop("处罚内容"),
    gettext_noop("执法结论"),
    gettext_noop("涉及的证照"),
    gettext_noop("罚款金额"),
    gettext_noop("没收金额"),
    gettext_noop("公示截止日期"),
    gettext_noop("公示中"),
    gettext_noop("已更正"),
    gettext_noop("已撤下"),
    gettext_noop("公示期满"),
    gettext_noop("发布公示"),
    gettext_noop("更正公示"),
    gettext_noop("决定被撤销或者变更"),
    gettext_noop("撤下公示"),
    gettext_noop("期满停止公示"),
    gettext_noop("执法机关"),
    gettext_noop("依据"),
    gettext_noop("统一社会信用代码"),
    gettext_noop("决定日期"),
)


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
    rows = publication.public_of_party(wanted)
    name = rows[0].party if rows else ""
    return render(request, "public/party.html", {"code": wanted, "name": name, "rows": rows})


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
