"""Writes of the search room. They run in the caller's transaction: what is withdrawn is gone with the withdrawal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db import connections, transaction

from mingzhi.search import engine, segments
from mingzhi.search.choices import WIDE, Space
from mingzhi.search.models import Loose, SearchDoc
from mingzhi.search.text import facet, facet_grams, fold, grams, key

_SLOTS = 1 << 20


def _facet_lines(group: int | None, facets: Mapping[str, object] | None) -> list[str]:
    lines = [facet("group", group)] if group is not None else []
    return lines + [facet(name, value) for name, value in (facets or {}).items()]


def _stored(lines: list[str]) -> str:
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def _grams(space: Space, folded: str, facets: str) -> list[int]:
    if space in WIDE:
        return []
    # Both are in order already, and so quickly put in one.
    return sorted(dict.fromkeys(chain(grams(space, folded), facet_grams(space, facets.split("\n")[1:-1]))))


def _locked(using: str, space: Space, ref: int) -> SearchDoc | None:
    """What stands there now, nobody else's to change until the end of the transaction."""
    rows = SearchDoc.objects.using(using).filter(space=space.value, ref=ref)
    if space in WIDE:
        # The space first, then the row: the same order as ``segments.settle``.
        if not rows.exists():
            return None
        segments.hold(using, space)
    return rows.select_for_update().first()


def _delete(using: str, space: Space, doc: SearchDoc) -> None:
    if space in WIDE:
        segments.take_out(using, space, doc)
    engine.delete(using, doc.pk, _grams(space, doc.text, doc.facets))


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
    old = _locked(using, where, ref)
    first = key(where, sort, ref)
    if old is not None:
        if old.text == folded and old.facets == lines and old.pk >> 20 == first >> 20:
            return
        _delete(using, where, old)
    row_grams = _grams(where, folded, lines)
    # Two refs may fall on one slot of a day (a million apart, or moved there): take the next free one.
    for step in range(_SLOTS):
        doc_id = key(where, sort, ref + step)
        if engine.insert(using, (doc_id, where.value, ref, lines, folded, row_grams)):
            if where in WIDE:
                Loose.objects.using(using).create(doc_id=doc_id, space=where.value)
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
    if where in WIDE:
        _shelve(using, where, fresh)
    for entry in others:
        doc_index(space, entry.ref, entry.text, sort=entry.sort, group=entry.group, facets=entry.facets)


def _shelve(using: str, space: Space, rows: Sequence[engine.Row]) -> None:
    """Many at once are a segment at once; the rest is loose."""
    texts = sorted((row[0], row[4], row[3]) for row in rows)
    while len(texts) >= segments.GATHER:
        part, texts = texts[: segments.SEGMENT], texts[segments.SEGMENT :]
        segments.hold(using, space)
        segments.insert(using, space, segments.build(part))
    Loose.objects.using(using).bulk_create([Loose(doc_id=text[0], space=space.value) for text in texts])


@transaction.atomic
def doc_remove(space: str, ref: int) -> bool:
    """Make ``ref`` unfindable in ``space`` from this transaction on; ``False`` if it was not there."""
    where = Space(space)
    using = SearchDoc.objects.db
    old = _locked(using, where, ref)
    if old is None:
        return False
    _delete(using, where, old)
    return True


def space_settle(space: str) -> int:
    """Gather what is loose in a wide space, once; how many texts were moved (0: nothing to do).

    For the worker of the space's owner, every few seconds, outside any transaction. Searches are exact
    without it, and slower the longer it is away.
    """
    where = Space(space)
    if where not in WIDE:
        raise ValueError(f"{where} is not kept in segments")
    return segments.settle(where)


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
        for space in WIDE:
            segments.clear(using, space)
        for doc in tick(SearchDoc.objects.order_by("pk").iterator(chunk_size=1000)):
            count += 1
            if doc.space in WIDE:
                Loose.objects.using(using).create(doc_id=doc.pk, space=doc.space)
                continue
            found = _grams(Space(doc.space), doc.text, doc.facets)
            if engine.postgres(using):
                cursor.execute("UPDATE search_searchdoc SET grams = %s WHERE id = %s", [found, doc.pk])
            elif found:
                cursor.execute(
                    "INSERT INTO search_gram (rowid, grams) VALUES (%s, %s)", [doc.pk, engine.words(found)]
                )
        if engine.postgres(using):
            cursor.execute(engine.POSTGRES_INDEX)
        for space in WIDE:
            while segments.settle(space, gather=1, merge=segments.SEGMENT):
                pass
    return count
