"""Search over all that is on show: pages, counts by facet, and the list of what is on show. Published words only.

What is found and counted comes from the search room's sets, written in the transaction that publishes,
corrects or withdraws; nothing here is kept longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from time import monotonic

from django.core.cache import cache
from django.db.models import Max, Min, QuerySet

from mingzhi.organisations import api as organisations
from mingzhi.publication import nearby
from mingzhi.publication.choices import AmountBand, DecisionKind, PublicState
from mingzhi.publication.data import (
    Facet,
    FacetValue,
    HomeCounts,
    PublicCounts,
    PublicPage,
    PublicRow,
    ToldIn,
)
from mingzhi.publication.models import PublicRecord
from mingzhi.publication.public import public_fields, row_of
from mingzhi.publication.records import SPACE
from mingzhi.search import api as search
from mingzhi.search.errors import QueryTooShort, QueryTooWide

#: What a search may be narrowed by, in the order of the page.
FACETS = ("year", "kind", "body", "field", "region", "band")
ORDERS = ("newest", "oldest", "amount")
#: So many results at most are put in order of amount; a longer list must be narrowed first.
MOST_SORTED = 2_000
#: Seconds in which a nearer question is looked for where one found nothing.
PATIENCE = 1.0
FIELD_LABELS = {"transport": "交通运输", "chengguan": "城市管理", "urban": "城市管理", "water": "水利"}


def clean_filters(filters: Mapping[str, str]) -> dict[str, str]:
    """Only what may be filtered by; anything else is dropped, never an error."""
    given = {name: str(filters.get(name, "")).strip()[:20] for name in FACETS}
    return {name: value for name, value in given.items() if value and value.isprintable()}


def public_search(
    query: str = "",
    filters: Mapping[str, str] | None = None,
    *,
    cursor: str = "",
    back: bool = False,
    order: str = "newest",
    limit: int = 20,
) -> PublicPage:
    """Published decisions, every word of ``query`` in each (exact, no dictionary); without words all there are.

    ``cursor`` is the ``next_cursor`` of the page before, or with ``back`` the ``previous_cursor`` of the
    page after; one that is none starts anew. ``order`` is one of ``ORDERS``; by amount only up to
    ``MOST_SORTED`` results, beyond that newest first. Raises the search room's errors for a query too
    short, too long or too wide.
    """
    facets = clean_filters(filters or {})
    if order == "amount":
        refs = search.wide_refs(SPACE, query, facets=facets, most=MOST_SORTED)
        if refs is not None:
            return _by_amount(refs, cursor, back, limit)
    oldest = order == "oldest"
    place = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else None
    found: list[tuple[int, int]] = []
    earlier = back and place is not None
    if earlier:
        found = search.wide_page(
            SPACE, query, facets=facets, limit=limit + 1, cursor=place, oldest=not oldest
        )[::-1]
        # What stands before is not a full page any more: it is the first page.
        earlier = len(found) > limit
        place = None if not earlier else place
    if earlier:
        found, more, first = found[1:], True, False
    else:
        found = search.wide_page(SPACE, query, facets=facets, limit=limit + 1, cursor=place, oldest=oldest)
        found, more, first = found[:limit], len(found) > limit, place is None
    records = PublicRecord.objects.in_bulk([ref for _, ref in found])
    rows = tuple(row_of(records[ref]) for _, ref in found if ref in records and records[ref].shown)
    return PublicPage(
        rows,
        str(found[-1][0]) if more else "",
        str(found[0][0]) if found and not first else "",
    )


def _by_amount(refs: list[int], cursor: str, back: bool, limit: int) -> PublicPage:
    """Highest first, newest first among equals. A cursor is the amount and the rank it stands at."""
    keys = sorted(
        PublicRecord.objects.filter(pk__in=refs, shown=True).values_list("amount_fen", "rank", "pk"),
        reverse=True,
    )
    amount, _, rank = cursor.partition(".")
    start = 0
    if (amount + rank).isascii() and amount.isdigit() and rank.isdigit():
        at = (int(amount), int(rank))
        # Below the cursor when going on; the page that ends just above it when going back.
        start = sum((a, r) >= at for a, r, _ in keys)
        if back:
            start = max(0, sum((a, r) > at for a, r, _ in keys) - limit)
    page = keys[start : start + limit]
    records = PublicRecord.objects.in_bulk([pk for _, _, pk in page])
    names = [f"{a}.{r}" for a, r, _ in page]
    return PublicPage(
        tuple(row_of(records[pk]) for _, _, pk in page if pk in records),
        names[-1] if start + limit < len(keys) else "",
        names[0] if start and names else "",
    )


def told_in(rows: Iterable[PublicRow], query: str) -> dict[int, ToldIn]:
    """For each decision that was found by words which its line in the list does not show: the line of the
    notice that holds most of them, and the words around. Published words only. Raises as ``public_search``."""
    if not query.strip():
        return {}
    terms = search.parse(query).terms
    hidden: dict[int, list[str]] = {}
    for row in rows:
        line = search.fold("\n".join((row.title, row.party, row.number, row.agency, *row.kinds)))
        unseen = [term for term in terms if term not in line]
        if unseen:
            hidden[row.id] = unseen
    records = PublicRecord.objects.select_related("version").filter(pk__in=hidden, shown=True)
    found = {}
    for record in records:
        content = record.version.content
        lines = [("简要说明", str(content.get("summary", ""))), *public_fields(content)]
        wanted = hidden[record.pk]
        held = [sum(t in text for t in wanted) for _label, text in lines]
        if max(held) < len(wanted):  # written otherwise
            held = [sum(t in folded for t in wanted) for _l, text in lines for folded in [search.fold(text)]]
        most, (label, text) = max(zip(held, lines, strict=True), key=lambda line: line[0])
        if most:
            found[record.pk] = ToldIn(label, tuple(search.snippet(text, query)))
    return found


def public_nearby(query: str, filters: Mapping[str, str] | None = None) -> list[tuple[str, int]]:
    """Where nothing was found: other queries, under the same facets, that do find something, and how much. What is
    not found within ``PATIENCE`` is not offered: nobody asked for it."""
    until = monotonic() + PATIENCE

    def finds(words: str) -> bool:
        if monotonic() > until:
            return False
        try:
            return bool(public_search(words, filters, limit=1).rows)
        except (QueryTooShort, QueryTooWide):
            return False

    return [(words, public_counts(words, filters).total) for words in nearby.nearby(query, finds)]


def public_counts(query: str = "", filters: Mapping[str, str] | None = None) -> PublicCounts:
    """How many ``public_search`` finds, and how many of each value of each facet under the words and the
    other facets. A chosen value is listed even where there is none. Raises as ``public_search`` does."""
    chosen = clean_filters(filters or {})
    tally = search.wide_tally(SPACE, query, facets=chosen, names=FACETS)
    facets = []
    for name in FACETS:
        counts = dict(tally.facets[name])
        counts.pop("", None)
        if name in chosen:
            counts.setdefault(chosen[name], 0)
        labels = _labels(name)
        values = [
            FacetValue(value, labels.get(value, value), count, chosen.get(name) == value)
            for value, count in counts.items()
        ]
        facets.append(Facet(name, tuple(_ordered(name, values)), name in tally.proven))
    return PublicCounts(tally.total, "" in tally.proven, tuple(facets))


def _ordered(name: str, values: list[FacetValue]) -> list[FacetValue]:
    """Years newest first, amounts from none to most, all else by how many there are."""
    if name == "year":
        return sorted(values, key=lambda v: v.label, reverse=True)
    if name == "band":
        order = list(AmountBand.values)
        return sorted(values, key=lambda v: (order.index(v.value) if v.value in order else 99, v.label))
    return sorted(values, key=lambda v: (-v.count, v.label))


def _labels(name: str) -> Mapping[str, str]:
    match name:
        case "kind":
            return {value: str(label) for value, label in DecisionKind.choices}
        case "band":
            return {value: str(label) for value, label in AmountBand.choices}
        case "field":
            return FIELD_LABELS
        case "body" | "region":
            return _names_of_bodies()[name]
    return {}


def _names_of_bodies() -> dict[str, dict[str, str]]:
    """Names of bodies and of the places they act for; they change slowly and are kept for a minute."""
    known: dict[str, dict[str, str]] | None = cache.get("publication.names")
    if known is None:
        bodies = organisations.public_bodies()
        known = {
            "body": {str(b.id): b.name for b in bodies},
            "region": {b.region_code: b.government.removesuffix("人民政府") or b.region_code for b in bodies},
        }
        cache.set("publication.names", known, 60)
    return known


def home_counts(on: date) -> HomeCounts:
    """Figures of the home page, at most a minute old, and the newest five."""
    known: tuple[int, int, int] | None = cache.get("publication.home")
    if known is None:
        tally = search.wide_tally(SPACE, names=("year",))
        gone = PublicRecord.objects.filter(shown=False, state=PublicState.WITHDRAWN)
        known = (tally.total, tally.facets["year"].get(str(on.year), 0), gone.count())
        cache.set("publication.home", known, 60)
    latest = tuple(row_of(r) for r in PublicRecord.objects.filter(shown=True).order_by("-rank")[:5])
    return HomeCounts(*known, latest=latest)


# --- what is on show, for site maps -------------------------------------------------------------------

#: Numbers of disclosures in one part; a part lists those of them that are on show.
PART = 40_000


def public_parts() -> Iterator[tuple[int, datetime]]:
    """Number and latest change of each part that has a decision on show. A part holds the disclosures
    from ``number * PART``, so it stays the same part whatever comes after."""
    ends = PublicRecord.objects.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is None:
        return
    for number in range(ends["low"] // PART, ends["high"] // PART + 1):
        latest = _part(number).aggregate(at=Max("updated_at"))["at"]
        if latest is not None:
            yield number, latest


def public_shown(number: int) -> Iterator[tuple[int, datetime]]:
    """Number and latest change of every decision of a part that is on show now."""
    yield from _part(number).order_by("pk").values_list("pk", "updated_at").iterator(chunk_size=10_000)


def _part(number: int) -> QuerySet[PublicRecord]:
    if number >= 2**63 // PART:  # SQLite refuses numbers beyond 64 bits instead of not finding them
        return PublicRecord.objects.none()
    return PublicRecord.objects.filter(shown=True, pk__gte=number * PART, pk__lt=(number + 1) * PART)
