"""Wide spaces, written: texts in segments of at most 65,536, for each run of two and of three characters the set of texts it is in.

A new text is loose first and found by being read. ``settle`` gathers loose ones into a segment, and small
segments into larger ones. A text that goes leaves every set in the caller's own transaction.
docs/algorithms/search.md, docs/decisions/0023.
"""

from __future__ import annotations

import json
import secrets
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from operator import add

from django.db import connections, transaction
from pyroaring import BitMap, BitMap64

from mingzhi.search.choices import Space
from mingzhi.search.engine import postgres
from mingzhi.search.models import Loose, Posting, SearchDoc, Segment, Shelf
from mingzhi.search.text import runs, units

SEGMENT = 65_536
#: So many loose texts are worth a segment; fewer are read through in a few milliseconds.
GATHER = 2_048
#: So many small segments are worth being one.
SMALL, MERGE = SEGMENT // 2, 8
_ROOM = 48  # bits of a run: three units of 16 bits each; of a run of two the last are nought
_MOST = (1 << (63 - _ROOM)) - 1

Text = tuple[int, str, str]  # id, folded text, lines of facets


def posting(segment: int, run: str) -> int:
    """The number of a run's set in a segment. Two runs never share one: no text holds the unit nought."""
    return segment << _ROOM | ord(run[0]) << 32 | ord(run[1]) << 16 | (ord(run[2]) if len(run) > 2 else 0)


@dataclass(frozen=True, slots=True)
class Built:
    """A segment's content, made from texts alone and so outside any transaction."""

    size: int
    first: int
    last: int
    ids: bytes
    facets: bytes
    sets: list[tuple[int, bytes]]  # run as a number, set


def build(texts: Iterable[Text]) -> Built:
    """``texts`` in ascending order of their ids, at most ``SEGMENT``."""
    ids = array("Q")
    threes: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
    ends: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
    lines: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
    for number, (doc_id, text, facets) in enumerate(texts):
        ids.append(doc_id)
        stretch = units(text)
        twos = list(map(add, stretch, stretch[1:]))
        for three in set(map(add, twos, stretch[2:])):
            threes[three].append(number)
        if twos:
            ends[twos[-1]].append(number)
        for line in facets.split("\n")[1:-1]:
            lines[line].append(number)
    lines[""] = array("I", range(len(ids)))
    sets = {three: BitMap(found) for three, found in threes.items()}
    # A run of two stands where a run of three begins with it, or at the end of a text.
    beginning: defaultdict[str, list[BitMap]] = defaultdict(list)
    for run, found in chain(sets.items(), ((two, BitMap(found)) for two, found in ends.items())):
        beginning[run[:2]].append(found)
    sets |= {two: BitMap().union(*found) for two, found in beginning.items() if " " not in two}
    every = BitMap64(ids)
    every.run_optimize()
    return Built(
        size=len(ids),
        first=ids[0],
        last=ids[-1],
        ids=every.serialize(),
        facets=packed({line: BitMap(found) for line, found in lines.items()}),
        sets=sorted((posting(0, run), small(found)) for run, found in sets.items()),
    )


def small(found: BitMap) -> bytes:
    found.run_optimize()
    return bytes(found.serialize())


def packed(sets: dict[str, BitMap]) -> bytes:
    """Facet lines with their sets; the empty line's set is all texts that are still there."""
    parts = {line: small(found) for line, found in sorted(sets.items()) if found or not line}
    head = json.dumps([(line, len(part)) for line, part in parts.items()], ensure_ascii=False).encode()
    return len(head).to_bytes(4) + head + b"".join(parts.values())


def unpacked(data: bytes) -> dict[str, BitMap]:
    at = 4 + int.from_bytes(data[:4])
    sets = {}
    for line, length in json.loads(data[4:at]):
        sets[line] = BitMap.deserialize(data[at : at + length])
        at += length
    return sets


def _stamp() -> int:
    return secrets.randbits(62)


def hold(using: str, space: Space) -> None:
    """Take the space's row until the end of the transaction, and tell readers that segments change."""
    shelf = Shelf.objects.using(using).filter(pk=space.value)
    if not shelf.update(stamp=_stamp()):
        Shelf.objects.using(using).bulk_create([Shelf(space=space.value)], ignore_conflicts=True)
        shelf.update(stamp=_stamp())


def insert(using: str, space: Space, built: Built) -> None:
    """Add a segment under the lowest free number. The caller holds the space."""
    taken = set(Segment.objects.using(using).values_list("pk", flat=True))
    number = next(number for number in count(1) if number not in taken)
    if number > _MOST:
        raise OverflowError(f"search: more than {_MOST} segments")
    Segment.objects.using(using).create(
        id=number,
        space=space.value,
        stamp=_stamp(),
        size=built.size,
        first=built.first,
        last=built.last,
        ids=built.ids,
        facets=built.facets,
    )
    base = posting(number, "\0\0")
    rows = ((base | run, found) for run, found in built.sets)
    with connections[using].cursor() as cursor:
        if postgres(using):
            with cursor.copy("COPY search_posting (id, bits) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany("INSERT INTO search_posting (id, bits) VALUES (%s, %s)", list(rows))


def drop(using: str, segments: Iterable[int]) -> None:
    for pk in segments:
        low = posting(pk, "\0\0")
        Posting.objects.using(using).filter(pk__gte=low, pk__lt=low + (1 << _ROOM)).delete()
        Segment.objects.using(using).filter(pk=pk).delete()


def clear(using: str, space: Space) -> None:
    """Forget every set of the space; its texts stay."""
    hold(using, space)
    drop(using, Segment.objects.using(using).filter(space=space.value).values_list("pk", flat=True))
    Loose.objects.using(using).filter(space=space.value).delete()


def take_out(using: str, space: Space, doc: SearchDoc) -> None:
    """Take ``doc`` out of every set. The caller holds the space."""
    if Loose.objects.using(using).filter(pk=doc.pk).delete()[0]:
        return
    for segment in Segment.objects.using(using).filter(
        space=space.value, first__lte=doc.pk, last__gte=doc.pk
    ):
        ids = BitMap64.deserialize(bytes(segment.ids))
        if doc.pk not in ids:
            continue
        number, facets = ids.rank(doc.pk) - 1, unpacked(bytes(segment.facets))
        if number not in facets[""]:
            continue
        if segment.size == 1:
            drop(using, [segment.pk])
            return
        for line in ["", *doc.facets.split("\n")[1:-1]]:
            facets[line].discard(number)
        _discard(using, [posting(segment.pk, run) for run in runs(doc.text)], number)
        segment.facets, segment.stamp, segment.size = packed(facets), _stamp(), segment.size - 1
        segment.save(update_fields=["facets", "stamp", "size"])
        return


def _discard(using: str, numbers: Sequence[int], number: int) -> None:
    changed: list[tuple[bytes, int]] = []
    empty: list[int] = []
    for pk, row in Posting.objects.using(using).in_bulk(list(numbers)).items():
        found = BitMap.deserialize(bytes(row.bits))
        found.discard(number)
        if found:
            changed.append((small(found), pk))
        else:
            empty.append(pk)
    with connections[using].cursor() as cursor:
        cursor.executemany("UPDATE search_posting SET bits = %s WHERE id = %s", changed)
    Posting.objects.using(using).filter(pk__in=empty).delete()


def _texts(using: str, ids: Sequence[int]) -> list[Text]:
    found: list[Text] = []
    for start in range(0, len(ids), 10_000):
        part = SearchDoc.objects.using(using).filter(pk__in=ids[start : start + 10_000])
        found += part.order_by("pk").values_list("pk", "text", "facets")
    return found


def _inside(segment: Segment) -> list[int]:
    """Ids of the texts that are still in the segment, in order."""
    ids = BitMap64.deserialize(bytes(segment.ids)).to_array()
    return [ids[number] for number in unpacked(bytes(segment.facets))[""]]


def _loose(using: str, space: Space) -> list[int]:
    rows = Loose.objects.using(using).filter(space=space.value).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:SEGMENT])


def _small(using: str, space: Space, *, least: int) -> list[Segment]:
    """Neighbours that together are one segment; nothing when they are too few to be worth it."""
    group: list[Segment] = []
    total = 0
    for segment in Segment.objects.using(using).filter(space=space.value, size__lt=SMALL).order_by("first"):
        if total + segment.size > SEGMENT:
            break
        group.append(segment)
        total += segment.size
    return group if len(group) >= least or (len(group) > 1 and total >= SMALL) else []


def settle(space: Space, *, gather: int = GATHER, merge: int = MERGE) -> int:
    """Gather loose texts into a segment, or else small segments into one; how many texts were moved.

    The sets are made outside the transaction; inside it the texts are compared with what they were made
    from. When somebody changed one meanwhile nothing is written (0), and the next round does it. If the
    process dies before the commit, all is as before.
    """
    using = SearchDoc.objects.db
    ids, old = _loose(using, space), []
    if len(ids) < max(gather, 1):
        old = _small(using, space, least=merge)
        ids = sorted(doc_id for segment in old for doc_id in _inside(segment))
    if not ids:
        return 0
    texts = _texts(using, ids)
    if not texts:
        return 0
    built = build(texts)
    stamps = {segment.pk: segment.stamp for segment in old}
    with transaction.atomic(using=using):
        hold(using, space)
        if old:
            now = Segment.objects.using(using).filter(pk__in=stamps).values_list("pk", "stamp")
            if dict(now) != stamps:
                return 0
            drop(using, stamps)
        else:
            gone = sum(
                Loose.objects.using(using).filter(pk__in=ids[start : start + 10_000]).delete()[0]
                for start in range(0, len(ids), 10_000)
            )
            if gone != len(ids) or _texts(using, ids) != texts:
                transaction.set_rollback(True, using=using)
                return 0
        insert(using, space, built)
    return len(ids)
