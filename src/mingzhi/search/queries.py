"""Reads of the search room."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from mingzhi.search import engine
from mingzhi.search.choices import Space
from mingzhi.search.data import Found
from mingzhi.search.models import SearchDoc
from mingzhi.search.text import bounds, facet, facet_grams, parse

CAP = 1000


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

    Raises ``QueryTooShort``, ``QueryTooLong``.
    """
    where = Space(space)
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
    where = Space(space)
    refs = SearchDoc.objects.filter(space=where.value)
    conditions = _conditions(where, query, group, facets)
    if conditions is None:
        return refs.none().values_list("ref", flat=True)
    low, high = bounds(where)
    sql, values = engine.select(refs.db, **conditions, low=low, high=high, columns="d.id", order=False)
    return refs.filter(pk__in=RawSQL(sql, values)).values_list("ref", flat=True)  # noqa: S611 — built by engine, values bound
