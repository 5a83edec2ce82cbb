"""Published registers and lists: who enforces, what, by which rules (R009–R027).

An agency's published list is the one truth. These addresses are older than it: once a list was published they lead to
it for good (it keeps its address through versions and withdrawal); before, they show the shipped rows as what they are.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import BodyRef, PublicBody
from mingzhi.publication import api as publication
from mingzhi.web.public import lists
from mingzhi.web.public.common import clean, given, today

PAGE = 60
REFERENCES = (ListKind.ITEM, ListKind.RECORDING, ListKind.REVIEW, ListKind.NO_PENALTY)


def agency(request: HttpRequest) -> tuple[PublicBody, BodyRef, list[PublicBody]]:
    """The agency asked for, else the installation's own; and the choice."""
    known = organisations.public_bodies()
    if not known:
        raise NotFound(_("本系统尚未登记执法机关"), remedy=_("请联系系统管理员完成初始化"))
    wanted = given(request, "body", 9)
    chosen = next((b for b in known if str(b.id) == wanted), None)
    if chosen is None:
        own = {b.id for b in organisations.bodies(profile=settings.PROFILE)}
        chosen = next((b for b in known if b.id in own), known[0])
    return chosen, organisations.body(chosen.id), known


@require_safe
def hub(request: HttpRequest) -> HttpResponse:
    """清单与指南: every list that is published, and where its text comes from."""
    context: dict[str, object] = {"publications": catalogue.publications()[:20]}
    if organisations.public_bodies():
        chosen, _, known = agency(request)
        context |= {"body": chosen, "bodies": known, "published": lists.published(chosen.id, request)}
    return render(request, "public/lists.html", context)


@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """执法主体, each with what it may do (R012) and where it sits."""
    on = today(request)
    rows = [(b, publication.boards.powers(b.id, on)) for b in organisations.public_bodies()]
    return render(request, "public/bodies.html", {"rows": rows})


def _published(chosen: PublicBody, kind: ListKind, query: str = "") -> HttpResponse | None:
    """For good to the list that the agency has published; nothing where it has not."""
    found = public_lists.public_list(chosen.id, kind)
    if found is None:
        return None
    words = f"?{urlencode({'q': query})}" if query else ""
    return HttpResponsePermanentRedirect(f"/lists/published/{found.pk}/{words}")


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    chosen, _, known = agency(request)
    if (published := _published(chosen, ListKind.PERSONNEL)) is not None:
        return published
    rows = organisations.public_people(chosen.id, today(request))
    return render(request, "public/people.html", {"body": chosen, "bodies": known, "people": rows})


@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """What the agency's field of law holds, for reference, until it publishes its own list."""
    query, field, after = given(request, "q", 40), given(request, "field", 20), given(request, "after", 60)
    own = None
    if organisations.public_bodies():
        chosen, ref, _ = agency(request)
        if (published := _published(chosen, ListKind.ITEM, query)) is not None:
            return published
        own = catalogue.field_of(ref) or None
    known = catalogue.items(field=own, on=today(request))
    fields = sorted({r.field for r in known})
    rows = [r for r in catalogue.items(field=own, query=query, on=today(request)) if field in ("", r.field)]
    rows = [r for r in rows if r.code > after] if after else rows
    rows.sort(key=lambda r: r.code)
    more = len(rows) > PAGE
    context = {
        "rows": rows[:PAGE],
        "query": query,
        "field": field,
        "fields": [(f, publication_label(f)) for f in fields],
        "next": rows[PAGE - 1].code if more else "",
        "table": "item",
    }
    return render(request, "public/items.html", context)


@require_safe
def reference(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The shipped rows of a list as a table file, as long as the agency has published none of its own."""
    if kind not in REFERENCES:
        raise NotFound
    chosen, ref, _ = agency(request)
    found = public_lists.public_list(chosen.id, kind)
    if found is not None:
        number = public_lists.public_history(found.pk)[0].number
        return HttpResponseRedirect(f"/lists/published/{found.pk}/{number}.csv")
    response = StreamingHttpResponse(
        public_lists.reference_csv(kind, ref, today(request)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="reference-{kind}.csv"'
    return response


def publication_label(field: str) -> str:
    return {
        "transport": "交通运输",
        "urban": "城市管理",
        "chengguan": "城市管理",
        "water": "水利",
        "common": "通用",
    }.get(field, field)


@require_safe
def item(request: HttpRequest, code: str) -> HttpResponse:
    """One power item: basis, kinds, fine range, and the discretion benchmark where there is one."""
    code = clean(code, 60)
    if organisations.public_bodies():
        chosen, _, _ = agency(request)
        if (published := _published(chosen, ListKind.ITEM, code)) is not None:
            return published
    found = catalogue.item(code, today(request))
    return render(
        request,
        "public/item.html",
        {
            "item": found,
            "field": publication_label(found.field),
            "kinds": [catalogue.PENALTY_KINDS.get(k, k) for k in found.kinds],
            "history": catalogue.item_versions(code),
        },
    )


@require_safe
def recording(request: HttpRequest) -> HttpResponse:
    chosen, ref, known = agency(request)
    if (published := _published(chosen, ListKind.RECORDING)) is not None:
        return published
    rows = catalogue.recording_list(body=ref, on=today(request))
    return render(
        request,
        "public/recording.html",
        {"body": chosen, "bodies": known, "rows": rows, "table": "recording"},
    )


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    chosen, ref, known = agency(request)
    if (published := _published(chosen, ListKind.REVIEW)) is not None:
        return published
    rows = catalogue.review_list(ref, today(request))
    return render(
        request, "public/review.html", {"body": chosen, "bodies": known, "rows": rows, "table": "review"}
    )


@require_safe
def no_penalty(request: HttpRequest) -> HttpResponse:
    chosen, ref, known = agency(request)
    if (published := _published(chosen, ListKind.NO_PENALTY)) is not None:
        return published
    rows = catalogue.no_penalty_list(body=ref, on=today(request))
    return render(
        request,
        "public/no_penalty.html",
        {"body": chosen, "bodies": known, "rows": rows, "table": "no_penalty"},
    )


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """办理时限: the terms in force for an agency, each with its source; reminders of our own are no terms."""
    chosen, ref, known = agency(request)
    units = {"WD": _("个工作日"), "CD": _("日"), "H": _("小时"), "M": _("个月"), "Y": _("年")}
    rows = [
        (n.description, f"{n.value} {units[n.unit]}", n.citation_text)
        for n in catalogue.norms_in_profile(ref, on=today(request))
        if n.unit in units and n.description and n.value is not None and not n.name.startswith("lists.")
    ]
    return render(request, "public/terms.html", {"body": chosen, "bodies": known, "rows": rows})
