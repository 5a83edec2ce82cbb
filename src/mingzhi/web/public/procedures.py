"""执法流程图: the published charts of an agency, each drawn from its published rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.kernel.errors import NotFound
from mingzhi.web import listing
from mingzhi.web.public.common import clean, today
from mingzhi.web.public.registers import agency


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    chosen, _ref, known = agency(request)
    rows = [v for v in public_lists.in_force_of(chosen.id, today(request)) if v.list.kind == ListKind.CHART]
    return render(request, "public/procedures.html", {"body": chosen, "bodies": known, "rows": rows})


def _chart(request: HttpRequest, code: str) -> tuple[Any, Any]:
    chosen, _ref, _known = agency(request)
    found = public_lists.chart_of(chosen.id, clean(code, 80), today(request))
    if found is None:
        raise NotFound(_("没有这一程序的流程图"), remedy=_("请从执法流程图页面进入"))
    return chosen, found


@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One flow chart, with every step as a row beneath it."""
    chosen, found = _chart(request, code)
    return render(
        request,
        "public/procedure.html",
        {
            "body": chosen,
            "found": found,
            "chart": SafeString(listing.chart_svg(found)),
            "name": found.list.title,
            "list_url": f"/lists/published/{found.list_id}/",
            **listing.rows_shown(found, "", 0, size=found.count, coded=False),
            "wide": False,
        },
    )


@require_safe
def drawing(request: HttpRequest, code: str) -> HttpResponse:
    """The chart alone, as a file to print as a poster."""
    _chosen, found = _chart(request, code)
    return HttpResponse(listing.chart_svg(found), content_type="image/svg+xml; charset=utf-8")
