"""Search over all that is disclosed: a page whose address says everything, for people and for machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from mingzhi.kernel import identifiers
from mingzhi.kernel.errors import MingzhiError
from mingzhi.publication import api as publication
from mingzhi.publication.data import Facet, FacetValue, PublicCounts, PublicPage, ToldIn
from mingzhi.web.public.common import given

TITLES = {
    "year": _lazy("决定年度"),
    "kind": _lazy("决定种类"),
    "body": _lazy("执法机关"),
    "field": _lazy("执法领域"),
    "region": _lazy("行政区划"),
    "band": _lazy("罚没金额"),
}
ORDERS = {
    "newest": _lazy("公示日期从新到旧"),
    "oldest": _lazy("公示日期从旧到新"),
    "amount": _lazy("罚没金额从高到低"),
}
#: Values of a facet that stand open; the others wait behind «更多».
OPEN = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: words, chosen facets, order, and the place of the page."""

    query: str
    chosen: dict[str, str]
    order: str
    cursor: str
    back: bool

    @classmethod
    def of(cls, request: HttpRequest) -> Asked:
        order = given(request, "order", 10)
        before = given(request, "before", 40)
        return cls(
            query=given(request, "q", 100),
            chosen={
                name: value for name in publication.finding.FACETS if (value := given(request, name, 20))
            },
            order=order if order in publication.finding.ORDERS else "newest",
            cursor=before or given(request, "after", 40),
            back=bool(before),
        )

    def address(self, **changes: str) -> str:
        """The query of another page of the same search: from its beginning, or where ``changes`` say."""
        asked = {"q": self.query, **self.chosen, "order": "" if self.order == "newest" else self.order}
        asked |= changes
        kept = {name: value for name, value in asked.items() if value}
        return f"?{urlencode(kept)}" if kept else "?"

    def page(self) -> PublicPage:
        return publication.finding.public_search(
            self.query, self.chosen, cursor=self.cursor, back=self.back, order=self.order
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A facet's value as the page shows it, with the address that chooses it, or takes it back."""

    value: FacetValue
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """A facet as the page shows it: what stands open, and what waits behind «更多»."""

    title: str
    facet: Facet
    open: tuple[Choice, ...]
    more: tuple[Choice, ...]

    @classmethod
    def of(cls, facet: Facet, asked: Asked) -> Group:
        choices = [
            Choice(v, asked.address(**{facet.name: "" if v.chosen else v.value})) for v in facet.values
        ]
        first = [c for c in choices if c.value.chosen]
        rest = [c for c in choices if not c.value.chosen]
        ordered = first + rest if len(choices) > OPEN else choices
        return cls(str(TITLES[facet.name]), facet, tuple(ordered[:OPEN]), tuple(ordered[OPEN:]))


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """The page. A query nobody can answer keeps the form and says why."""
    asked = Asked.of(request)
    page: PublicPage | None = None
    counts: PublicCounts | None = None
    problem: MingzhiError | None = None
    told: dict[int, ToldIn] = {}
    near: list[tuple[str, int]] = []
    try:
        page, counts = asked.page(), publication.finding.public_counts(asked.query, asked.chosen)
        told = publication.finding.told_in(page.rows, asked.query)
        if asked.query and not page.rows:
            near = publication.finding.public_nearby(asked.query, asked.chosen)
    except MingzhiError as error:
        problem = error
    groups = [Group.of(facet, asked) for facet in counts.facets] if counts else []
    context = {
        "asked": asked,
        "page": page,
        "counts": counts,
        "told": told,
        "near": [(words, n, asked.address(q=words)) for words, n in near],
        "problem": problem,
        "groups": [g for g in groups if len(g.facet.values) > 1 or g.facet.chosen],
        "chosen": [
            {"title": g.title, "label": value.label, "href": asked.address(**{g.facet.name: ""})}
            for g in groups
            if (value := g.facet.chosen)
        ],
        "orders": _orders(asked, counts),
        "party_code": _credit_code(asked.query),
        "next": asked.address(after=page.next_cursor) if page and page.next_cursor else "",
        "previous": asked.address(before=page.previous_cursor) if page and page.previous_cursor else "",
        "newest": asked.address(),
        "without_words": asked.address(q=""),
        "only_words": f"?{urlencode({'q': asked.query})}",
        "json": f"/decisions.json{asked.address(**_place(asked))}",
        "canonical": f"{settings.PUBLIC_URL}/decisions/{asked.address(**_place(asked)).removesuffix('?')}",
    }
    return render(request, "public/decisions.html", context, status=problem.status if problem else 200)


@require_safe
def decisions_json(request: HttpRequest) -> HttpResponse:
    """The same page for machines: rows, how many, counts by facet, and the addresses of its neighbours."""
    asked = Asked.of(request)
    page, counts = asked.page(), publication.finding.public_counts(asked.query, asked.chosen)
    base = f"{settings.PUBLIC_URL}/decisions.json"
    rows = [
        {
            "id": row.id,
            "url": f"{settings.PUBLIC_URL}/decisions/{row.id}/",
            "title": row.title,
            "number": row.number,
            "agency": row.agency,
            "party": row.party,
            "kind": row.kind,
            "kinds": list(row.kinds),
            "decided_on": row.decided_on,
            "published_on": row.published_on,
            "state": row.state,
            "amount_fen": row.amount_fen,
        }
        for row in page.rows
    ]
    return JsonResponse(
        {
            "query": asked.query,
            "chosen": asked.chosen,
            "order": asked.order,
            "total": counts.total,
            "total_is_exact": counts.exact,
            "facets": {
                facet.name: {
                    "exact": facet.exact,
                    "values": [{"value": v.value, "label": v.label, "count": v.count} for v in facet.values],
                }
                for facet in counts.facets
            },
            "rows": rows,
            "next": base + asked.address(after=page.next_cursor) if page.next_cursor else None,
            "previous": base + asked.address(before=page.previous_cursor) if page.previous_cursor else None,
        },
        json_dumps_params={"ensure_ascii": False},
    )


def _place(asked: Asked) -> dict[str, str]:
    return {"before" if asked.back else "after": asked.cursor} if asked.cursor else {}


def _orders(asked: Asked, counts: PublicCounts | None) -> list[dict[str, Any]]:
    """Ways to order, each with its address; none for amounts where there are too many to compare."""
    few = counts is not None and counts.total <= publication.finding.MOST_SORTED
    return [
        {
            "label": label,
            "current": name == asked.order,
            "href": asked.address(order="" if name == "newest" else name) if name != "amount" or few else "",
        }
        for name, label in ORDERS.items()
    ]


def _credit_code(query: str) -> str:
    """The query as a credit code, when it is one."""
    try:
        return identifiers.credit_code(query)
    except ValueError:
        return ""
