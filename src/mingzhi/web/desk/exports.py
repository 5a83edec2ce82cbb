"""Taking lists away: say what for, watch it being written, download it. One's own only."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.web import exporting
from mingzhi.web.desk import case_list
from mingzhi.web.desk.common import at_of, by_of, forms, looked, reading
from mingzhi.web.desk.intakes import may_enter
from mingzhi.web.models import Export

_OF = {
    "cases": (gettext_lazy("案件"), "desk:cases", "desk:cases_export"),
    "intakes": (gettext_lazy("公众来件"), "desk:intakes", "desk:intakes_export"),
}
"""Where each table is asked for: its name, the list, the page that asks."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@forms
def cases(request: HttpRequest) -> HttpResponse:
    """The case list as filtered: how much it is and what for, then to the page that shows it grow."""
    by, at, ask = by_of(request), at_of(request), case_list.asked(request.GET)
    organisations.require(by, Permission.CASE_READ)
    query = ask.query()
    wrong: Invalid | None = None
    if request.method == "POST":
        try:
            purpose = request.POST.get("purpose", "").replace("\x00", "")
            row = exporting.export_ask(kind="cases", query=query, purpose=purpose, by=by, at=at)
        except Invalid as error:
            wrong = error
        else:
            looked(
                request, "cases:export_asked", f"body:{by.body_id}", purpose=row.purpose, query=query[:200]
            )
            return HttpResponseRedirect(reverse("desk:export", args=[row.pk]))
    # A search word that cannot be used is told here, before anything is asked of the worker.
    total = case_list.how_many(by, ask, exporting.LIMIT + 1)
    context = {
        "total": min(total, exporting.LIMIT),
        "cut": total > exporting.LIMIT,
        "limit": exporting.LIMIT,
        "narrowed": bool(query),
        "purpose": request.POST.get("purpose", ""),
        "errors": wrong.fields if wrong else {},
        "refused": wrong,
        "back": f"{reverse('desk:cases')}?{query}",
        "exports": [_line(e) for e in exporting.exports_of(by, at)],
        "trail": [(_("案件"), reverse("desk:cases")), (_("导出表格"), "")],
    }
    return render(request, "desk/export_ask.html", context, status=wrong.status if wrong else 200)


@forms
def intakes(request: HttpRequest) -> HttpResponse:
    """The list of intakes as filtered, likewise: with its purpose, without who sent them."""
    by, at = by_of(request), at_of(request)
    may_enter(by)
    query = request.GET.urlencode()
    wrong: Invalid | None = None
    if request.method == "POST":
        try:
            purpose = request.POST.get("purpose", "").replace("\x00", "")
            row = exporting.export_ask(kind="intakes", query=query, purpose=purpose, by=by, at=at)
        except Invalid as error:
            wrong = error
        else:
            looked(
                request, "intakes:export_asked", f"body:{by.body_id}", purpose=row.purpose, query=query[:200]
            )
            return HttpResponseRedirect(reverse("desk:export", args=[row.pk]))
    total = exporting.tables()["intakes"].how_many(by, request.GET, exporting.LIMIT + 1)
    context = {
        "total": min(total, exporting.LIMIT),
        "cut": total > exporting.LIMIT,
        "limit": exporting.LIMIT,
        "scope": _("公众来件列表中按当前条件筛选、您可以查看的来件"),
        "purpose": request.POST.get("purpose", ""),
        "errors": wrong.fields if wrong else {},
        "refused": wrong,
        "back": f"{reverse('desk:intakes')}?{query}",
        "exports": [_line(e) for e in exporting.exports_of(by, at)],
        "trail": [(_("公众来件"), reverse("desk:intakes")), (_("导出表格"), "")],
    }
    return render(request, "desk/export_ask.html", context, status=wrong.status if wrong else 200)


def _line(row: Export) -> dict[str, Any]:
    return {
        "row": row,
        "url": reverse("desk:export", args=[row.pk]),
        "going": row.state in ("waiting", "running"),
        "ready": row.state == "ready",
        "failed": row.state == "failed",
        "percent": min(99, row.written * 100 // row.total) if row.total else 0,
    }


@reading
def page(request: HttpRequest, export_id: int) -> HttpResponse:
    """How far it is; asked again every second by the page itself, or by the reader."""
    row = exporting.export_of(by_of(request), export_id, at_of(request))
    name, back, ask = _OF[row.kind]
    context = {
        **_line(row),
        "back": reverse(back),
        "trail": [
            (str(name), reverse(back)),
            (_("导出表格"), reverse(ask)),
            (_("进度"), ""),
        ],
    }
    template = "desk/_export.html" if request.headers.get("HX-Request") else "desk/export.html"
    return render(request, template, context)


@reading
def download(request: HttpRequest, export_id: int) -> HttpResponse:
    row = exporting.export_of(by_of(request), export_id, at_of(request))
    content = exporting.contents(row)
    looked(
        request,
        f"{row.kind}:exported",
        f"body:{by_of(request).body_id}",
        purpose=row.purpose,
        rows=row.written,
        query=row.query[:200],
    )
    answer = HttpResponse(content, content_type=XLSX)
    name = f"{exporting.tables()[row.kind].name}列表-{clock.local_date(row.asked_at).isoformat()}.xlsx"
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer
