"""One box for everything: dossiers by number, title or party; parties by code; papers by number."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.errors import MingzhiError
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.search import api as search
from mingzhi.web.desk.case_list import bodies_of
from mingzhi.web.desk.common import by_of, case_url, looked, reading

SHOWN = 20


@reading
def page(request: HttpRequest) -> HttpResponse:
    """Results by group, each only what this person may see."""
    by = by_of(request)
    organisations.require(by, Permission.CASE_READ)
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    context: dict[str, Any] = {"search_query": query, "trail": [(_("全局检索"), "")]}
    if query:
        looked(request, "desk:searched", f"body:{by.body_id}", query=query)
        context |= _found(by, query)
    return render(request, "desk/search.html", context)


def _found(by: Actor, query: str) -> dict[str, Any]:
    bodies = bodies_of(by)
    problem = ""
    try:
        hits = search.matching("desk", query, limit=SHOWN, group=bodies)
        refs, more = list(hits.refs), hits.more
    except MingzhiError as refused:
        refs, more, problem = [], False, refused.sentence
    by_code = _dossiers_of_party(by, query, bodies)
    paper = documents.paper_by_number(by.body_id, query)
    wanted = dict.fromkeys([*by_code, *refs])
    rows = {d.pk: d for d in dossiers.dossiers_among(by, wanted).select_related("unit")}
    labels = {(p.code, s.code): s.label for p in procedures.procedures() for s in p.states}
    papers = []
    if paper is not None:
        owner = dossiers.dossiers_for(by).filter(pk=paper.dossier_id).first()
        papers = [{"paper": paper, "dossier": owner, "url": case_url(owner.pk, "papers")}] if owner else []
    return {
        "dossiers": [
            {
                "dossier": rows[pk],
                "url": case_url(pk),
                "state": labels.get((rows[pk].procedure, rows[pk].state), ""),
                "by_code": pk in by_code,
            }
            for pk in wanted
            if pk in rows
        ],
        "papers": papers,
        "parties": dossiers.register.parties_exact(by, query),
        "more": more,
        "problem": problem,
    }


def _dossiers_of_party(by: Actor, query: str, bodies: list[int]) -> list[int]:
    """Dossiers of the party with exactly this credit code or identity number; both are indexed."""
    code = query.upper()
    if len(code) < 6 or not code.isascii() or not code.isalnum():
        return []
    known = dossiers.Party.objects.filter(body_id__in=bodies)
    ids = [*known.filter(credit_code=code).values_list("pk", flat=True)[:SHOWN]]
    mark = fingerprint(code)
    if mark:
        ids += known.filter(id_fingerprint=mark).values_list("pk", flat=True)[:SHOWN]
    if not ids:
        return []
    rows = dossiers.dossiers_for(by).filter(party_links__party_id__in=ids).order_by("-pk")
    return list(rows.values_list("pk", flat=True).distinct()[:SHOWN])
