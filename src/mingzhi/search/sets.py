"""Wide spaces, read: pages, totals and counts by facet from the sets of ``segments``, exact.

A query is the set of texts that hold all its pairs, and only those of a word longer than a pair need be
looked at. One state is read: when segments change while they are read, it is read again.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connections
from pyroaring import BitMap, BitMap64

from mingzhi.search.choices import Space
from mingzhi.search.engine import TABLE, postgres
from mingzhi.search.models import SearchDoc
from mingzhi.search.segments import posting, unpacked
from mingzhi.search.text import Query

#: So many texts are looked at to prove a count; beyond it the count is «at most».
PROVE = 2_000
#: So few texts are sooner looked at than the sets of further pairs; fewer than ``PROVE``.
LOOK = 64
#: Bytes of ids and facets that one process keeps; ten million made texts take 54 MB.
MEMORY = 192 << 20

T = TypeVar("T")
Lines = Mapping[str, Sequence[str]]  # facet name → lines, any of which


@dataclass(frozen=True, slots=True)
class Part:
    """A segment as it is held in memory: its ids and its facets."""

    pk: int
    stamp: int
    first: int
    last: int
    ids: BitMap64
    facets: dict[str, BitMap]
    values: dict[str, list[tuple[str, BitMap]]]  # the same by the facet's name, the most frequent first
    weight: int

    def within(self, groups: Iterable[Sequence[str]]) -> BitMap:
        """Texts with one line of each group."""
        found = self.facets[""]
        for group in groups:
            found = found & BitMap.union(_NOTHING, *(self.facets.get(line, _NOTHING) for line in group))
        return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How many texts a search finds and how they fall on the values of each facet.

    A facet's counts are under the query and the *other* facets chosen. ``proven`` names what is exact:
    facets, and ``""`` for the total. What is not is «at most», and never less than there are.
    """

    total: int
    facets: dict[str, dict[str, int]]
    proven: frozenset[str]


_NOTHING = BitMap()
_held: dict[int, Part] = {}


def _rows(using: str, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _numbered(using: str, sql: str, ids: Sequence[int], values: Sequence[Any] = ()) -> list[Any]:
    """``sql`` with ``{ids}`` for «is one of ``ids``»; further values stand behind it."""
    if postgres(using):
        return _rows(using, sql.format(ids="= ANY(%s)"), [list(ids), *values])
    found: list[Any] = []
    for start in range(0, len(ids), 10_000):
        part = ids[start : start + 10_000]
        marks = ",".join(["%s"] * len(part))
        found += _rows(using, sql.format(ids=f"IN ({marks})"), [*part, *values])
    return found


def _settled(using: str, space: Space, read: Callable[[], T]) -> T:
    """``read()`` of one state: once more when a text moved between loose and segments meanwhile. In a
    storm of moves the eighth answer is given as it is; it may miss or repeat a text that was moving."""
    for _ in range(8):
        before = _changes(using, space)
        found = read()
        if _changes(using, space) == before:
            break
    return found


def _changes(using: str, space: Space) -> int:
    found = _rows(using, "SELECT changes FROM search_shelf WHERE space = %s", [space.value])
    return int(found[0][0]) if found else 0


def parts(using: str, space: Space) -> list[Part]:
    """The space's segments. What is in memory is used while the stamp is the same."""
    listed = _rows(using, "SELECT id, stamp FROM search_segment WHERE space = %s", [space.value])
    known = {pk: _held.get(stamp) for pk, stamp in listed}
    missing = [pk for pk, part in known.items() if part is None]
    sql = "SELECT id, stamp, first, last, ids, facets FROM search_segment WHERE id {ids}"
    for start in range(0, len(missing), 16):
        for pk, stamp, first, last, ids, facets in _numbered(using, sql, missing[start : start + 16]):
            data = bytes(facets)
            sets = unpacked(data)
            every = BitMap64.deserialize(bytes(ids))
            weight = len(data) + len(ids)
            known[pk] = _held[stamp] = Part(pk, stamp, first, last, every, sets, _by_name(sets), weight)
    if missing:
        _forget({part.stamp for part in known.values() if part})
    return [part for part in known.values() if part is not None]


def _by_name(sets: dict[str, BitMap]) -> dict[str, list[tuple[str, BitMap]]]:
    found: dict[str, list[tuple[str, BitMap]]] = {}
    for line, texts in sets.items():
        name, _, value = line.partition("=")
        found.setdefault(name, []).append((value, texts))
    for values in found.values():
        values.sort(key=lambda item: -len(item[1]))
    return found


def _forget(used: set[int]) -> None:
    for stamp in list(_held):
        if stamp not in used:
            _held.pop(stamp, None)
    weight = 0
    for stamp, part in list(_held.items()):
        weight += part.weight
        if weight > MEMORY:
            _held.pop(stamp, None)


def _by_rarity(using: str, some: Sequence[Part], query: Query) -> list[str]:
    """The query's pairs, the rarest first as the largest segment has them: one look at sizes, not at sets."""
    largest = max(some, key=lambda part: len(part.ids))
    numbers = {posting(largest.pk, pair): pair for pair in query.pairs}
    sql = "SELECT id, length(bits) FROM search_posting WHERE id {ids}"
    sizes = {numbers[number]: size for number, size in _numbered(using, sql, list(numbers))}
    return sorted(numbers.values(), key=lambda pair: (sizes.get(pair, 0), pair))


def _with_words(
    using: str, some: Sequence[Part], found: dict[int, BitMap], query: Query | None, ordered: Sequence[str]
) -> dict[int, BitMap]:
    """Of the texts ``found`` in each segment those that hold every pair of the query (``ordered``: its pairs);
    segments with none are left out.

    A few pairs at a time: a rare one soon leaves few segments to look in, and few texts, which are then
    looked at instead.
    """
    found = {pk: texts for pk, texts in found.items() if texts}
    if query is None:
        return found
    for start in range(0, len(ordered), 3):
        if sum(map(len, found.values())) <= LOOK:
            return _holding_in(using, some, found, query.terms)
        wanted = ordered[start : start + 3]
        numbers = [posting(pk, pair) for pk in found for pair in wanted]
        rows = _numbered(using, "SELECT id, bits FROM search_posting WHERE id {ids}", numbers)
        sets = {number: BitMap.deserialize(bytes(bits)) for number, bits in rows}
        left = {}
        for pk, texts in found.items():
            both = BitMap.intersection(texts, *(sets.get(posting(pk, pair), _NOTHING) for pair in wanted))
            if both:
                left[pk] = both
        found = left
    return found


def _holding(using: str, ids: Sequence[int], words: Sequence[str]) -> set[int]:
    """Which of the texts hold all ``words``, by looking."""
    if not words or not ids:
        return set(ids)
    find = "strpos(text, %s) > 0" if postgres(using) else "instr(text, %s) > 0"
    sql = f"SELECT id FROM {TABLE} WHERE id {{ids}} AND {' AND '.join([find] * len(words))}"  # noqa: S608
    return {row[0] for row in _numbered(using, sql, ids, list(words))}


def _holding_in(
    using: str, some: Sequence[Part], texts: Mapping[int, BitMap], words: Sequence[str]
) -> dict[int, BitMap]:
    """The same by segment and number; segments with none are left out."""
    places = {part.ids[number]: (part.pk, number) for part in some for number in texts.get(part.pk, _NOTHING)}
    found: dict[int, list[int]] = {}
    for pk in _holding(using, list(places), words):
        segment, number = places[pk]
        found.setdefault(segment, []).append(number)
    return {segment: BitMap(numbers) for segment, numbers in found.items()}


def _loose(using: str, space: Space, query: Query | None) -> list[tuple[int, frozenset[str]]]:
    """Ids and facet lines of the loose texts that hold the query."""
    words = query.terms if query else ()
    find = "strpos(d.text, %s) > 0" if postgres(using) else "instr(d.text, %s) > 0"
    tests = " AND ".join(["l.space = %s", *[find] * len(words)])
    sql = f"SELECT d.id, d.facets FROM search_loose l CROSS JOIN {TABLE} d ON d.id = l.doc_id WHERE {tests}"  # noqa: S608
    if postgres(using):
        sql = sql.replace("CROSS JOIN", "JOIN")
    return [
        (pk, frozenset(lines.split("\n")[1:-1])) for pk, lines in _rows(using, sql, [space.value, *words])
    ]


def _in_all(lines: frozenset[str], groups: Iterable[Sequence[str]]) -> bool:
    return all(not lines.isdisjoint(group) for group in groups)


def page(
    space: Space,
    query: Query | None,
    groups: Lines,
    *,
    limit: int,
    cursor: int | None = None,
    oldest: bool = False,
) -> list[tuple[int, int]]:
    """Id and ref of up to ``limit`` texts, newest first (or oldest), beyond ``cursor``."""
    using = SearchDoc.objects.db
    walk = Walk(limit, cursor, oldest)
    return _settled(using, space, lambda: _page(using, space, query, groups, walk))


@dataclass(frozen=True, slots=True)
class Walk:
    """``limit`` texts from ``cursor`` on, towards older ones or (``oldest``) towards newer."""

    limit: int
    cursor: int | None
    oldest: bool

    def beyond(self, doc_id: int) -> bool:
        return self.cursor is None or (doc_id > self.cursor if self.oldest else doc_id < self.cursor)

    def best(self, ids: Iterable[int]) -> list[int]:
        return sorted(set(ids), reverse=not self.oldest)[: self.limit]

    def parts(self, some: Iterable[Part]) -> list[Part]:
        """Those that reach beyond the cursor, the one that reaches furthest first."""
        ahead = (part for part in some if self.beyond(part.last if self.oldest else part.first))
        return sorted(ahead, key=lambda part: part.first if self.oldest else -part.last)

    def done(self, found: list[int], part: Part) -> bool:
        """Whether the page is full of what comes before anything in ``part``."""
        if len(found) < self.limit:
            return False
        return found[-1] < part.first if self.oldest else found[-1] > part.last

    def numbers(self, part: Part, texts: BitMap) -> Sequence[int]:
        """Numbers of ``texts`` beyond the cursor, in order."""
        if self.cursor is not None:
            until = part.ids.rank(self.cursor if self.oldest else self.cursor - 1)
            texts = texts.copy()
            if self.oldest:
                texts.remove_range(0, until)
            else:
                texts.remove_range(until, 1 << 32)
        ordered: array[int] = texts.to_array()
        return ordered if self.oldest else ordered[::-1]


def _page(using: str, space: Space, query: Query | None, groups: Lines, walk: Walk) -> list[tuple[int, int]]:
    loose = _loose(using, space, query)
    found = walk.best(pk for pk, lines in loose if walk.beyond(pk) and _in_all(lines, groups.values()))
    rest, step = walk.parts(parts(using, space)), 2
    ordered = _by_rarity(using, rest, query) if query and rest else []
    while rest:
        some, rest, step = rest[:step], rest[step:], min(step * 2, 64)
        chosen = {part.pk: part.within(groups.values()) for part in some}
        held = _with_words(using, some, chosen, query, ordered)
        for part in some:
            if walk.done(found, part):
                rest = []
                break
            if part.pk in held:
                numbers = walk.numbers(part, held[part.pk])
                found = walk.best(found + _first(using, part, numbers, query, walk.limit))
    refs = dict(_numbered(using, f"SELECT id, ref FROM {TABLE} WHERE id {{ids}}", found))  # noqa: S608
    return [(pk, refs[pk]) for pk in found if pk in refs]


def _first(using: str, part: Part, numbers: Sequence[int], query: Query | None, limit: int) -> list[int]:
    """Ids of the first ``limit`` of ``numbers`` that hold the query; long words are looked at."""
    words = query.unproven if query else ()
    step = limit + 16 if words else limit
    found: list[int] = []
    at = 0
    while at < len(numbers) and len(found) < limit:
        ids = [part.ids[number] for number in numbers[at : at + step]]
        held = _holding(using, ids, words)
        found += [pk for pk in ids if pk in held]
        at, step = at + step, min(step * 2, 1_000)
    return found[:limit]


def tally(space: Space, query: Query | None, groups: Lines, names: Sequence[str]) -> Tally:
    """Total, and counts for the facets ``names``, each under the query and the other facets."""
    using = SearchDoc.objects.db
    return _settled(using, space, lambda: _tally(using, space, query, groups, names))


def _tally(using: str, space: Space, query: Query | None, groups: Lines, names: Sequence[str]) -> Tally:
    some = parts(using, space)
    ordered = _by_rarity(using, some, query) if query and some else []
    held = _with_words(using, some, {part.pk: part.facets[""] for part in some}, query, ordered)
    some = [part for part in some if part.pk in held]
    # What each facet is counted under: "" is all that is chosen, a chosen facet is left out for itself.
    under = {name: [lines for other, lines in groups.items() if other != name] for name in ["", *groups]}
    sets = {
        name: {part.pk: held[part.pk] & part.within(chosen) for part in some}
        for name, chosen in under.items()
    }
    proven = frozenset(under)
    if query is not None and query.unproven:
        proven = _prove(using, some, sets, query.unproven)
    counts: dict[str, dict[str, int]] = {name: {} for name in names}
    for name, found in counts.items():
        hits = sets[name if name in sets else ""]
        for part in some:
            if under_words := hits[part.pk]:
                left = len(under_words)
                for value, texts in part.values.get(name, ()):
                    if number := under_words.intersection_cardinality(texts):
                        found[value] = found.get(value, 0) + number
                        left -= number
                        if not left:  # a text has one value of a facet
                            break
    total = sum(len(texts) for texts in sets[""].values())
    for _, lines in _loose(using, space, query):
        total += _in_all(lines, groups.values())
        for line in lines:
            name, _, value = line.partition("=")
            if name in counts and _in_all(lines, under[name if name in under else ""]):
                counts[name][value] = counts[name].get(value, 0) + 1
    return Tally(
        total, counts, frozenset(name for name in ["", *names] if (name if name in under else "") in proven)
    )


def _prove(
    using: str, some: Sequence[Part], sets: dict[str, dict[int, BitMap]], words: Sequence[str]
) -> frozenset[str]:
    """Look at the texts of every set that is small enough; the names of those that are exact now."""
    done: dict[int, tuple[BitMap, BitMap]] = {}  # looked at, and of those, holding the words
    proven = set()
    for name, texts in sorted(sets.items(), key=lambda item: sum(map(len, item[1].values()))):
        if sum(len(found) for found in texts.values()) > PROVE:
            continue
        unseen = {pk: found - done.get(pk, (_NOTHING, _NOTHING))[0] for pk, found in texts.items()}
        good = _holding_in(using, some, unseen, words)
        for part in some:
            seen, holding = done.get(part.pk, (_NOTHING, _NOTHING))
            done[part.pk] = (seen | texts[part.pk], holding | good.get(part.pk, _NOTHING))
            texts[part.pk] = texts[part.pk] & done[part.pk][1]
        proven.add(name)
    return frozenset(proven)


def refs(space: Space, query: Query | None, groups: Lines, *, most: int) -> list[int] | None:
    """All refs found, in no order, for an order of the owner's own; ``None`` when more than ``most``."""
    found = page(space, query, groups, limit=most + 1)
    return [ref for _, ref in found] if len(found) <= most else None
