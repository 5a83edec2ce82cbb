"""同一当事人的全貌: everything on one party across matters, for those entitled (R092)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.cases import api as cases
from mingzhi.deadlines import api as deadlines
from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import PartyRole
from mingzhi.kernel.errors import MingzhiError, NotAllowed
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.recording import api as recording
from mingzhi.recording.choices import Use
from mingzhi.search import api as search
from mingzhi.web.desk.case_list import bodies_of
from mingzhi.web.desk.case_page import party_facts
from mingzhi.web.desk.common import at_of, by_of, case_url, chip, looked, over, reading
from mingzhi.web.desk.registers_common import LARGEST, Refused, attempted, given, number, shown

SHOWN = 30
"""Matters a page; what hangs on them is shown for these."""


def _enter(by: Actor) -> None:
    if not by.may(Permission.SUPERVISE_READ):
        organisations.require(by, Permission.CASE_READ)


@reading
def index(request: HttpRequest) -> HttpResponse:
    """Find a party by its whole name, code or number, or by words of a case it stands in."""
    by = by_of(request)
    _enter(by)
    query = given(request, "q", 100)
    found: list[Any] = []
    if query:
        looked(request, "party:searched", f"body:{by.body_id}", query=query)
        found = dossiers.register.parties_exact(by, query) or _by_words(by, query)
    return shown(
        request, "desk/parties/index.html", {"q": query, "found": found, "trail": [(_("当事人"), "")]}
    )


def _by_words(by: Actor, query: str) -> list[Any]:
    try:
        refs = search.matching("desk", query, limit=50, group=bodies_of(by)).refs
    except MingzhiError:
        return []
    seen = list(dossiers.dossiers_among(by, refs).values_list("pk", flat=True))
    return [p for p in dossiers.register.parties_in(by, seen) if query in p.name]


@reading
def page(request: HttpRequest, party_id: int) -> HttpResponse:
    """The whole picture. Numbers stay masked until they are asked for with a purpose."""
    return _page(request, party_id)


def _page(request: HttpRequest, party_id: int, refused: Refused | None = None) -> HttpResponse:
    by, at = by_of(request), at_of(request)
    party = dossiers.register.access_party(by, min(party_id, LARGEST))
    looked(request, "party:viewed", f"party:{party.pk}", body=party.body_id)
    rows = dossiers.register.same_party(by, party)
    ids = [p.pk for p in rows]
    before = number(given(request, "before", 20))
    matters = dossiers.register.matters_of(by, ids, before=before, limit=SHOWN + 1)
    more, matters = len(matters) > SHOWN, matters[:SHOWN]
    held = {d.pk: d for d, _roles in matters}
    labels = {(p.code, s.code): s.label for p in procedures.procedures() for s in p.states}
    names = {p.code: p.name for p in procedures.procedures()}
    outcomes = cases.outcomes(held)
    here = reverse("desk:party_page", args=[party.pk])
    return shown(
        request,
        "desk/parties/page.html",
        {
            "party": party,
            "facts": party_facts(dossiers.party_view(party), hidden=True)[1:],
            "rows": [p for p in rows if p.pk != party.pk],
            "matters": [
                {
                    "d": d,
                    "url": case_url(d.pk),
                    "kind": names.get(d.procedure, ""),
                    "roles": "、".join(str(PartyRole(r).label) for r in roles),
                    "state": labels.get((d.procedure, d.state), ""),
                }
                for d, roles in matters
            ],
            "outcomes": [(o, held[o.dossier_id], case_url(o.dossier_id)) for o in outcomes],
            "fines": sum(o.fine_fen for o in outcomes if not o.annulled),
            "clocks": [
                (v, chip(v, at), held[pk], case_url(pk))
                for pk, views in deadlines.running_for(list(held), at).items()
                for v in views
                if not over(v)
            ],
            "papers": [(p, held[p.dossier_id]) for p in documents.papers_of(held)],
            "records": [
                (r, held[r.dossier_id], case_url(r.dossier_id, "evidence", f"record-{r.id}"))
                for r in recording.records_of(held)
            ],
            "candidates": dossiers.register.candidates(by, rows),
            "matches": dossiers.register.matches(rows),
            "may_match": dossiers.register.may_match(by, [party]),
            "uses": Use.choices,
            "next": f"{here}?before={matters[-1][0].pk}" if more else "",
            "paged": before is not None or more,
            "trail": [(_("当事人"), reverse("desk:parties")), (party.name, "")],
        },
        refused,
    )


@require_POST
def reveal(request: HttpRequest, party_id: int) -> HttpResponse:
    """Numbers in full, for who works on one of the party's matters or supervises, for a stated purpose."""
    by, at = by_of(request), at_of(request)
    party = dossiers.register.access_party(by, min(party_id, LARGEST))
    purpose = recording.access.stated(given(request, "use", 16), given(request, "purpose", 200))
    rows = dossiers.register.same_party(by, party)
    matters = dossiers.register.matters_of(by, [p.pk for p in rows], limit=SHOWN)
    standing = next((s for d, _r in matters if (s := recording.access.standing(by, d, at)) is not None), None)
    if standing is None:
        looked(request, "party:revealed", f"party:{party.pk}", refused=True, purpose=purpose)
        raise NotAllowed(
            _("完整信息供承办该当事人案件的人员和监督人员查看"),
            remedy=_("因工作需要的，请在相应案件中申请调阅"),
        )
    looked(
        request,
        "party:revealed",
        f"party:{party.pk}",
        body=party.body_id,
        need=str(standing.need),
        purpose=purpose,
    )
    return shown(
        request,
        "desk/parties/full.html",
        {
            "party": party,
            "facts": party_facts(dossiers.party_view(party), hidden=False)[1:],
            "trail": [
                (_("当事人"), reverse("desk:parties")),
                (party.name, reverse("desk:party_page", args=[party.pk])),
                (_("完整信息"), ""),
            ],
        },
    )


@require_POST
def match(request: HttpRequest, party_id: int) -> HttpResponse:
    """A person's word that another row is, or is not, this party."""
    refused = attempted(
        request,
        lambda: dossiers.register.party_match(
            party_id=min(party_id, LARGEST),
            other_id=number(given(request, "other", 20)) or 0,
            same=given(request, "same", 4) == "yes",
            reason=given(request, "reason", 300),
            by=by_of(request),
            at=at_of(request),
        ),
        _("核对结果已登记"),
    )
    if refused is None:
        return HttpResponseRedirect(reverse("desk:party_page", args=[party_id]))
    if refused.status == 404:
        raise refused.error
    return _page(request, party_id, refused)
