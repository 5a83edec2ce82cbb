"""Writes of the search room. Both run in the caller's transaction: what is withdrawn is gone with the withdrawal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db import connections, transaction

from mingzhi.search import engine
from mingzhi.search.choices import Space
from mingzhi.search.models import SearchDoc
from mingzhi.search.text import facet, facet_grams, fold, grams, key

_SLOTS = 1 << 20


def _facet_lines(group: int | None, facets: Mapping[str, object] | None) -> list[str]:
    lines = [facet("group", group)] if group is not None else []
    return lines + [facet(name, value) for name, value in (facets or {}).items()]


def _stored(lines: list[str]) -> str:
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def _grams(space: Space, folded: str, facets: str) -> list[int]:
    # Both are in order already, and so quickly put in one.
    return sorted(dict.fromkeys(chain(grams(space, folded), facet_grams(space, facets.split("\n")[1:-1]))))


@transaction.atomic
def doc_index(
    space: str,
    ref: int,
    text: str,
    *,
    sort: date | None = None,
    group: int | None = None,
    facets: Mapping[str, object] | None = None,
) -> None:
    """Make ``text`` findable in ``space`` as ``ref``, replacing what was there.

    ``sort`` orders results, newest first. ``group`` (a body id) and ``facets`` narrow a search. Only
    what may be seen by everyone who searches that space may be handed in: masked text for the public.
    """
    where = Space(space)
    folded, lines = fold(text), _stored(_facet_lines(group, facets))
    using = SearchDoc.objects.db
    old = SearchDoc.objects.select_for_update().filter(space=where.value, ref=ref).first()
    first = key(where, sort, ref)
    if old is not None:
        if old.text == folded and old.facets == lines and old.pk >> 20 == first >> 20:
            return
        engine.delete(using, old.pk, _grams(where, old.text, old.facets))
    row_grams = _grams(where, folded, lines)
    # Two refs may fall on one slot of a day (a million apart, or moved there): take the next free one.
    for step in range(_SLOTS):
        if engine.insert(using, (key(where, sort, ref + step), where.value, ref, lines, folded, row_grams)):
            return
    raise OverflowError(f"search: more than {_SLOTS} texts of one day in {where.value}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to index with many others."""

    ref: int
    text: str
    sort: date | None = None
    group: int | None = None
    facets: Mapping[str, object] | None = None


@transaction.atomic
def docs_index(space: str, entries: Sequence[Entry]) -> None:
    """``doc_index`` for many things that are not in the space yet (first filling); others go one by one."""
    where = Space(space)
    using = SearchDoc.objects.db
    refs = [entry.ref for entry in entries]
    firsts = [key(where, entry.sort, entry.ref) for entry in entries]
    known = set(SearchDoc.objects.filter(space=where.value, ref__in=refs).values_list("ref", flat=True))
    taken = set(SearchDoc.objects.filter(pk__in=firsts).values_list("pk", flat=True))
    fresh: list[engine.Row] = []
    others = []
    for entry, doc_id in zip(entries, firsts, strict=True):
        if entry.ref in known or doc_id in taken:
            others.append(entry)
            continue
        known.add(entry.ref)
        taken.add(doc_id)
        folded, lines = fold(entry.text), _stored(_facet_lines(entry.group, entry.facets))
        fresh.append((doc_id, where.value, entry.ref, lines, folded, _grams(where, folded, lines)))
    engine.insert_many(using, fresh)
    for entry in others:
        doc_index(space, entry.ref, entry.text, sort=entry.sort, group=entry.group, facets=entry.facets)


@transaction.atomic
def doc_remove(space: str, ref: int) -> bool:
    """Make ``ref`` unfindable in ``space`` from this transaction on; ``False`` if it was not there."""
    where = Space(space)
    old = SearchDoc.objects.select_for_update().filter(space=where.value, ref=ref).first()
    if old is None:
        return False
    engine.delete(SearchDoc.objects.db, old.pk, _grams(where, old.text, old.facets))
    return True


def docs_rebuild(*, tick: Callable[[Iterable[SearchDoc]], Iterable[SearchDoc]] = iter) -> int:
    """Build the pairs anew from the stored texts (after a repair or a change of folding); how many.

    One transaction: searches see the old pairs or the new ones, never half.
    """
    using = SearchDoc.objects.db
    count = 0
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if engine.postgres(using):
            cursor.execute("DROP INDEX IF EXISTS search_grams")
        else:
            cursor.execute("INSERT INTO search_gram (search_gram) VALUES ('delete-all')")
        for doc in tick(SearchDoc.objects.order_by("pk").iterator(chunk_size=1000)):
            found = _grams(Space(doc.space), doc.text, doc.facets)
            if engine.postgres(using):
                cursor.execute("UPDATE search_searchdoc SET grams = %s WHERE id = %s", [found, doc.pk])
            else:
                cursor.execute(
                    "INSERT INTO search_gram (rowid, grams) VALUES (%s, %s)", [doc.pk, engine.words(found)]
                )
            count += 1
        if engine.postgres(using):
            cursor.execute(engine.POSTGRES_INDEX)
    return count
