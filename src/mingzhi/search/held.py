"""What a process holds of wide spaces in memory, so that counting reads sets and not rows.

All is held by stamps, which are drawn anew with every change of a segment and of the space: what is held is right or
not asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connections
from pyroaring import BitMap, BitMap64

from mingzhi.search.choices import Space
from mingzhi.search.engine import postgres
from mingzhi.search.segments import posting, unpacked

#: Bytes of ids and facets that one process keeps; ten million made texts take 54 MB.
MEMORY = 192 << 20
#: Bytes of sets of runs that one process keeps: the counts of a search need those of its page again.
KEEP = 64 << 20

Lines = Mapping[str, Sequence[str]]  # facet name → lines, any of which
Sets = dict[tuple[int, str], BitMap]  # stamp and run → places


def rows(using: str, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def numbered(using: str, sql: str, ids: Sequence[int], values: Sequence[Any] = ()) -> list[Any]:
    """``sql`` with ``{ids}`` for «is one of ``ids``»; further values stand behind it."""
    if postgres(using):
        return rows(using, sql.format(ids="= ANY(%s)"), [list(ids), *values]) if ids else []
    found: list[Any] = []
    for start in range(0, len(ids), 10_000):
        part = ids[start : start + 10_000]
        marks = ",".join(["%s"] * len(part))
        found += rows(using, sql.format(ids=f"IN ({marks})"), [*part, *values])
    return found


def reach(segments: Iterable[int]) -> BitMap:
    """All places of the segments."""
    found = BitMap()
    for segment in segments:
        found.add_range(segment << 16, (segment + 1) << 16)
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """A segment: its number and stamp, its ids, and the bytes that it and its facets take."""

    pk: int
    stamp: int
    first: int
    last: int
    ids: BitMap64
    weight: int


class Whole:
    """All segments of a space. A text's *place* is ``segment << 16 | number in the segment``, and every set in
    memory is one of places: a set over ten million texts is one set."""

    def __init__(self, stamp: int, parts: Mapping[int, Part], facets: Mapping[str, BitMap]) -> None:
        self.stamp = stamp
        self.parts = parts
        self.facets = facets
        #: The same by the facet's name, the most frequent first.
        self.values: dict[str, list[tuple[str, BitMap]]] = {}
        for line, texts in facets.items():
            name, _, value = line.partition("=")
            self.values.setdefault(name, []).append((value, texts))
        for values in self.values.values():
            values.sort(key=lambda item: -len(item[1]))

    @cached_property
    def following(self) -> dict[str, dict[str, str]]:
        """Facets whose value follows from the value of the facet with the most values, as the place follows from
        the body: for each such facet its value by the other's. They are added up and need not be counted."""
        finest = self.finest
        whole = sum(len(texts) for _, texts in self.values.get(finest, ()))
        found: dict[str, dict[str, str]] = {}
        for name, coarse in self.values.items():
            if not 1 < len(coarse) < len(self.values[finest]) or sum(len(t) for _, t in coarse) != whole:
                continue
            values: dict[str, str] = {}
            for value, texts in self.values[finest]:
                other = next((of for of, having in coarse if texts.min() in having), None)
                if other is None or not texts.issubset(self.facets[f"{name}={other}"]):
                    break
                values[value] = other
            else:
                found[name] = values
        return found

    @property
    def finest(self) -> str:
        """The facet with the most values."""
        return max(self.values, key=lambda name: len(self.values[name]), default="")

    def within(self, groups: Iterable[Sequence[str]]) -> BitMap:
        """Texts with one line of each group."""
        found = self.facets.get("", BitMap())
        for group in groups:
            found = found & BitMap().union(*(self.facets[line] for line in group if line in self.facets))
        return found

    def id(self, place: int) -> int:
        return self.parts[place >> 16].ids[place & 0xFFFF]


_wholes: dict[Space, Whole] = {}


def stamp(using: str, space: Space) -> int:
    found = rows(using, "SELECT stamp FROM search_shelf WHERE space = %s", [space.value])
    return int(found[0][0]) if found else 0


def whole(using: str, space: Space) -> Whole:
    """The space's segments. What is in memory is used as it is while the stamp of the space is the same, and
    otherwise as far as those of the segments are."""
    now = stamp(using, space)
    held = _wholes.get(space) or Whole(0, {}, {})
    if held.stamp == now:
        return held
    stamps = dict(rows(using, "SELECT id, stamp FROM search_segment WHERE space = %s", [space.value]))
    parts = {pk: part for pk, part in held.parts.items() if stamps.get(pk) == part.stamp}
    gone = reach(held.parts.keys() - parts.keys())
    sets: defaultdict[str, list[BitMap]] = defaultdict(list)
    for line, texts in held.facets.items():
        sets[line].append(texts - gone)
    missing = [pk for pk in stamps if pk not in parts]
    sql = "SELECT id, stamp, first, last, ids, facets FROM search_segment WHERE id {ids}"
    for start in range(0, len(missing), 16):
        for pk, drawn, first, last, ids, facets in numbered(using, sql, missing[start : start + 16]):
            every, data = BitMap64.deserialize(bytes(ids)), bytes(facets)
            parts[pk] = Part(pk, drawn, first, last, every, len(data) + len(ids))
            for line, texts in unpacked(data).items():
                sets[line].append(texts.shift(pk << 16))
    joined = {line: BitMap().union(*texts) for line, texts in sets.items()}
    return Whole(now, parts, {line: texts for line, texts in joined.items() if texts})


def keep(space: Space, found: Whole, sets: Sets) -> None:
    """Keep what was read of one state."""
    if sum(part.weight for part in found.parts.values()) <= MEMORY:
        _wholes[space] = found
    kept.add(sets)


class Kept:
    """Sets of runs that were read. When they become too many all are forgotten."""

    def __init__(self) -> None:
        self.sets: Sets = {}
        self.bytes = 0

    def add(self, sets: Sets) -> None:
        self.bytes += sum(100 + min(2 * len(found), 8192) for found in sets.values())
        if self.bytes > KEEP:
            self.sets, self.bytes = {}, 0
        else:
            self.sets.update(sets)


kept = Kept()


def runs(using: str, parts: Iterable[Part], wanted: Sequence[str], fresh: Sets) -> list[BitMap]:
    """For each of the runs ``wanted`` the texts of the segments ``parts`` that hold it, from memory or read;
    what is read is put in ``fresh``."""
    found: dict[str, list[BitMap]] = {run: [] for run in wanted}
    unread: dict[int, tuple[int, str]] = {}
    for part in parts:
        for run in wanted:
            key = part.stamp, run
            known = kept.sets.get(key)
            known = fresh.get(key) if known is None else known
            if known is None:
                unread[posting(part.pk, run)] = key
                fresh[key] = _NOTHING
            else:
                found[run].append(known)
    if len(fresh) * 8192 > KEEP:
        fresh.clear()
    for number, bits in numbered(using, "SELECT id, bits FROM search_posting WHERE id {ids}", list(unread)):
        key = unread[number]
        texts = BitMap.deserialize(bytes(bits)).shift(number >> 48 << 16)
        fresh[key] = texts
        found[key[1]].append(texts)
    return [BitMap().union(*texts) for texts in found.values()]


_NOTHING = BitMap()
