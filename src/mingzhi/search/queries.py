"""Reads of the search room."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from mingzhi.search import engine, held, sets
from mingzhi.search.choices import WIDE, Space
from mingzhi.search.data import Found
from mingzhi.search.models import SearchDoc
from mingzhi.search.text import Query, bounds, facet, facet_grams, parse

CAP = 1000


def _narrow(space: str) -> Space:
    if space in WIDE:
        raise ValueError(f"{space} is a wide space: wide_page, wide_tally, wide_refs")
    return Space(space)


def _conditions(
    space: Space, query: str, group: int | Collection[int] | None, facets: Mapping[str, object] | None
) -> dict[str, Any] | None:
    """Arguments of ``engine.select``; ``None`` when no group is allowed, so nothing can be found."""
    parsed = parse(query)
    lines: list[list[str]] = []
    if group is not None:
        groups = [group] if isinstance(group, int) else sorted(set(group))
        if not groups:
            return None
        lines.append([facet("group", g) for g in groups])
    for name, value in (facets or {}).items():
        values = value if isinstance(value, list | tuple | set | frozenset) else [value]
        if not values:
            return None
        lines.append([facet(name, v) for v in values])
    return {
        "grams": parsed.grams(space),
        "anyof": [facet_grams(space, alternatives) for alternatives in lines],
        "terms": parsed.terms,
        "facets": lines,
    }


def matching(
    space: str,
    query: str,
    *,
    limit: int = 20,
    before: int | None = None,
    group: int | Collection[int] | None = None,
    facets: Mapping[str, object] | None = None,
    count: bool = False,
    cap: int = CAP,
) -> Found:
    """Things in ``space`` whose text contains every word of ``query``, newest first, ``limit`` a page.

    Exact: what a plain substring scan of the folded texts finds, no more and no less. ``group``
    narrows to one or several bodies in the index itself; ``facets`` to values (a list means any of
    them). ``before`` is the ``cursor`` of the page before. ``count`` counts up to ``cap``.

    Raises ``QueryTooShort``, ``QueryTooLong``. Wide spaces have their own reads below.
    """
    where = _narrow(space)
    conditions = _conditions(where, query, group, facets)
    if conditions is None:
        return Found((), False, None, 0 if count else None)
    low, high = bounds(where)
    using = SearchDoc.objects.db
    top = min(high, before) if before is not None else high
    with connections[using].cursor() as cursor:
        rows: list[tuple[int, int]] = []
        rest = top
        if engine.postgres(using):
            tests = {"terms": conditions["terms"], "facets": conditions["facets"]}
            cursor.execute(*engine.probe(**tests, low=low, high=top, limit=limit + 1))
            rows = cursor.fetchall()
            if len(rows) <= limit:
                cursor.execute(*engine.probed(low=low, high=top))
                end = cursor.fetchone()
                rest = end[0] if end else low
        if len(rows) <= limit and rest > low:
            wanted = limit + 1 - len(rows)
            cursor.execute(*engine.select(using, **conditions, low=low, high=rest, limit=wanted))
            rows += cursor.fetchall()
        total = None
        if count:
            if before is None and len(rows) <= limit:
                total = len(rows)
            else:
                inner, values = engine.select(
                    using, **conditions, low=low, high=high, columns="1", order=False, limit=cap + 1
                )
                cursor.execute(f"SELECT count(*) FROM ({inner}) AS found", values)  # noqa: S608 — built above, values bound
                total = cursor.fetchone()[0]
    more = len(rows) > limit
    rows = rows[:limit]
    return Found(
        refs=tuple(ref for _, ref in rows),
        more=more,
        cursor=rows[-1][0] if more and rows else None,
        total=min(total, cap) if total is not None else None,
        capped=total is not None and total > cap,
    )


def matching_refs(
    space: str,
    query: str,
    *,
    group: int | Collection[int] | None = None,
    facets: Mapping[str, object] | None = None,
) -> QuerySet[SearchDoc, int]:
    """The same as a subquery, for lists that filter and order by their own columns:
    ``Thing.objects.filter(pk__in=matching_refs("desk", query, group=body_id))``."""
    where = _narrow(space)
    refs = SearchDoc.objects.filter(space=where.value)
    conditions = _conditions(where, query, group, facets)
    if conditions is None:
        return refs.none().values_list("ref", flat=True)
    low, high = bounds(where)
    sql, values = engine.select(refs.db, **conditions, low=low, high=high, columns="d.id", order=False)
    return refs.filter(pk__in=RawSQL(sql, values)).values_list("ref", flat=True)  # noqa: S611 — built by engine, values bound


def _wide(
    space: str, query: str, facets: Mapping[str, object] | None
) -> tuple[Space, Query | None, held.Lines]:
    where = Space(space)
    if where not in WIDE:
        raise ValueError(f"{where} is not kept in segments")
    groups = {
        name: [facet(name, v) for v in (value if isinstance(value, list | tuple) else [value])]
        for name, value in (facets or {}).items()
    }
    return where, parse(query) if query.strip() else None, groups


def wide_page(
    space: str,
    query: str = "",
    *,
    facets: Mapping[str, object] | None = None,
    limit: int = 20,
    cursor: int | None = None,
    oldest: bool = False,
) -> list[tuple[int, int]]:
    """Place and ref of up to ``limit`` things of a wide space, newest first (or oldest), beyond the place
    ``cursor``. A place is never given to another thing: a page's address stays right.

    Every word of ``query`` stands in each; without words, all there is. ``facets`` narrow (a list means
    any of them). Raises ``QueryTooShort``, ``QueryTooLong``, ``QueryTooWide``.
    """
    where, words, groups = _wide(space, query, facets)
    return sets.page(where, words, groups, limit=limit, cursor=cursor, oldest=oldest)


def wide_tally(
    space: str, query: str = "", *, facets: Mapping[str, object] | None = None, names: Sequence[str] = ()
) -> sets.Tally:
    """How many there are, and how many of each value of the facets ``names``."""
    where, words, groups = _wide(space, query, facets)
    return sets.tally(where, words, groups, names)


def wide_refs(
    space: str, query: str = "", *, facets: Mapping[str, object] | None = None, most: int
) -> list[int] | None:
    """All refs found, for an order of the owner's own; ``None`` when there are more than ``most``."""
    where, words, groups = _wide(space, query, facets)
    return sets.refs(where, words, groups, most=most)
