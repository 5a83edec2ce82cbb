"""Wide spaces, read: pages, totals and counts by facet from the sets of ``segments``, exact.

A query is the set of texts that hold all its runs of three characters, and only those of a word longer than that
need be looked at. One state is read: when segments change while they are read, it is read again.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pyroaring import BitMap

from mingzhi.search import held
from mingzhi.search.choices import Space
from mingzhi.search.engine import TABLE, postgres
from mingzhi.search.errors import QueryTooWide
from mingzhi.search.held import Lines, Part, Sets, Whole
from mingzhi.search.models import SearchDoc
from mingzhi.search.segments import posting
from mingzhi.search.text import Query

#: So many texts are looked at to prove a count; beyond it the count is «at most». A text that the disk must be
#: asked for takes some fifty microseconds.
PROVE = 500
#: So few texts are sooner looked at than the sets of further runs; fewer than ``PROVE``.
LOOK = 64
#: So many runs at most are read at once, so a long query takes no more memory than a short one.
STEP = 8

#: So many texts one reading looks at, some seconds from the disk. Anybody may ask, and what must be looked for in
#: millions of texts one by one would hold a server for minutes.
MOST_LOOKED = 100_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many texts a search finds and how they fall on the values of each facet.

    A facet's counts are under the query and the *other* facets chosen. ``proven`` names what is exact:
    facets, and ``""`` for the total. What is not is «at most», and never less than there are.
    """

    total: int
    facets: dict[str, dict[str, int]]
    proven: frozenset[str]


class Reading:
    """One reading of a space for a query; right if the space did not change meanwhile (``_settled``)."""

    def __init__(self, using: str, space: Space, query: Query | None) -> None:
        self.using = using
        self.space = space
        self.query = query
        self.words = query.terms if query else ()
        self.whole: Whole = held.whole(using, space)
        self.fresh: Sets = {}
        self.looked = 0

    @cached_property
    def runs(self) -> list[str]:
        """The query's runs, the rarest first as the largest segment has them: one look at sizes, not at sets."""
        if not self.query or not self.whole.parts:
            return []
        largest = max(self.whole.parts.values(), key=lambda part: len(part.ids))
        numbers = {posting(largest.pk, run): run for run in self.query.runs}
        sql = "SELECT id, length(bits) FROM search_posting WHERE id {ids}"
        sizes = {numbers[number]: size for number, size in held.numbered(self.using, sql, list(numbers))}
        return sorted(numbers.values(), key=lambda run: (sizes.get(run, 0), run))

    def with_words(self, texts: BitMap) -> BitMap:
        """Those of ``texts`` that hold every run of the query.

        The rarest run alone, then more at a time: it soon leaves few segments to look in, and few texts, which
        are then looked at instead.
        """
        at = 0
        while at < len(self.runs):
            if len(texts) <= LOOK:
                return self.holding(texts, self.words)
            wanted = self.runs[at : at + min(at + 1, STEP)]
            at += len(wanted)
            texts = texts.intersection(*held.runs(self.using, self.parts(texts), wanted, self.fresh))
        return texts

    def parts(self, texts: BitMap) -> list[Part]:
        """The segments that ``texts`` stand in."""
        found = []
        place = texts.min() if texts else None
        while place is not None:
            found.append(self.whole.parts[place >> 16])
            try:
                place = texts.next_set_bit(((place >> 16) + 1) << 16)
            except ValueError:
                place = None
        return found

    def holding(self, texts: Iterable[int], words: Sequence[str]) -> BitMap:
        """Which of ``texts`` hold all ``words``, by looking. ``QueryTooWide`` beyond ``MOST_LOOKED``."""
        if not words:
            return BitMap(texts)
        places = {self.whole.id(place): place for place in texts}
        self.looked += len(places)
        if self.looked > MOST_LOOKED:
            raise QueryTooWide
        find = "strpos(text, %s) > 0" if postgres(self.using) else "instr(text, %s) > 0"
        sql = f"SELECT id FROM {TABLE} WHERE id {{ids}} AND {' AND '.join([find] * len(words))}"  # noqa: S608
        return BitMap(places[pk] for (pk,) in held.numbered(self.using, sql, list(places), list(words)))

    def loose(self) -> list[tuple[int, frozenset[str]]]:
        """Ids and facet lines of the loose texts that hold the query."""
        find = "strpos(d.text, %s) > 0" if postgres(self.using) else "instr(d.text, %s) > 0"
        tests = " AND ".join(["l.space = %s", *[find] * len(self.words)])
        sql = (
            f"SELECT d.id, d.facets FROM search_loose l CROSS JOIN {TABLE} d ON d.id = l.doc_id WHERE {tests}"  # noqa: S608
        )
        if postgres(self.using):
            sql = sql.replace("CROSS JOIN", "JOIN")
        found = held.rows(self.using, sql, [self.space.value, *self.words])
        return [(pk, frozenset(lines.split("\n")[1:-1])) for pk, lines in found]


def _settled(space: Space, query: Query | None, read: Callable[[Reading], T]) -> T:
    """``read`` of one state: once more when a text moved between loose and segments meanwhile. In a
    storm of moves the eighth answer is given as it is; it may miss or repeat a text that was moving."""
    using = SearchDoc.objects.db
    for _ in range(8):
        reading = Reading(using, space, query)
        found = read(reading)
        if held.stamp(using, space) == reading.whole.stamp:
            held.keep(space, reading.whole, reading.fresh)
            break
    return found


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
    walk = Walk(limit, cursor, oldest)
    return _settled(space, query, lambda reading: _page(reading, groups, walk))


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

    def places(self, part: Part, texts: BitMap) -> Sequence[int]:
        """Those of ``texts`` that stand in ``part`` beyond the cursor, in order."""
        low, high = part.pk << 16, (part.pk + 1) << 16
        if self.cursor is not None and self.oldest:
            low += part.ids.rank(self.cursor)
        elif self.cursor is not None:
            high = low + part.ids.rank(self.cursor - 1)
        reach = BitMap()
        reach.add_range(low, high)
        ordered: array[int] = (texts & reach).to_array()
        return ordered if self.oldest else ordered[::-1]


def _page(reading: Reading, groups: Lines, walk: Walk) -> list[tuple[int, int]]:
    lines = groups.values()
    found = walk.best(
        pk for pk, held_lines in reading.loose() if walk.beyond(pk) and _in_all(held_lines, lines)
    )
    chosen = reading.whole.within(lines)
    rest, step = walk.parts(reading.whole.parts.values()), 2
    while rest:
        some, rest, step = rest[:step], rest[step:], min(step * 2, 64)
        texts = reading.with_words(chosen & held.reach(part.pk for part in some))
        for part in some:
            if walk.done(found, part):
                rest = []
                break
            found = walk.best(found + _first(reading, walk.places(part, texts), walk.limit))
    sql = f"SELECT id, ref FROM {TABLE} WHERE id {{ids}}"  # noqa: S608
    refs = dict(held.numbered(reading.using, sql, found))
    return [(pk, refs[pk]) for pk in found if pk in refs]


def _first(reading: Reading, places: Sequence[int], limit: int) -> list[int]:
    """Ids of the first ``limit`` of ``places`` that hold the query; long words are looked at."""
    words = reading.query.unproven if reading.query else ()
    step = limit + 16 if words else limit
    found: list[int] = []
    at = 0
    while at < len(places) and len(found) < limit:
        some = places[at : at + step]
        holding = reading.holding(some, words)
        found += [reading.whole.id(place) for place in some if place in holding]
        at, step = at + step, min(step * 2, 1_000)
    return found[:limit]


def tally(space: Space, query: Query | None, groups: Lines, names: Sequence[str]) -> Tally:
    """Total, and counts for the facets ``names``, each under the query and the other facets."""
    return _settled(space, query, lambda reading: _tally(reading, groups, names))


def _tally(reading: Reading, groups: Lines, names: Sequence[str]) -> Tally:
    whole = reading.whole
    texts = reading.with_words(whole.within(()))
    # What each facet is counted under: "" is all that is chosen, a chosen facet is left out for itself.
    under = {name: [lines for other, lines in groups.items() if other != name] for name in ["", *groups]}
    sets = {name: texts & whole.within(chosen) for name, chosen in under.items()}
    proven = frozenset(under)
    if reading.query is not None and reading.query.unproven:
        proven = _prove(reading, sets, reading.query.unproven)
    counts = _counted(whole, sets, names)
    total = len(sets[""])
    for _, lines in reading.loose():
        total += _in_all(lines, groups.values())
        for line in lines:
            name, _, value = line.partition("=")
            if name in counts and _in_all(lines, under[name if name in under else ""]):
                counts[name][value] = counts[name].get(value, 0) + 1
    return Tally(
        total, counts, frozenset(name for name in ["", *names] if (name if name in under else "") in proven)
    )


def _counted(whole: Whole, sets: dict[str, BitMap], names: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many of ``sets`` there are of each value of the facets ``names``; ``""`` is the set of those that have none
    of their own."""
    counts: dict[str, dict[str, int]] = {name: {} for name in names}
    alike = [name for name in names if name not in sets]
    following = (
        {name: whole.following[name] for name in alike if name in whole.following}
        if whole.finest in alike
        else {}
    )
    for name in names:
        if name in following:
            continue
        hits = sets[name if name in sets else ""]
        left = len(hits)
        for value, having in whole.values.get(name, ()):
            if not left:  # a text has one value of a facet
                break
            if number := hits.intersection_cardinality(having):
                counts[name][value] = number
                left -= number
    for name, values in following.items():
        for value, number in counts[whole.finest].items():
            counts[name][values[value]] = counts[name].get(values[value], 0) + number
    return counts


def _prove(reading: Reading, sets: dict[str, BitMap], words: Sequence[str]) -> frozenset[str]:
    """Look at the texts of every set that is small enough; the names of those that are exact now."""
    seen, good = BitMap(), BitMap()
    proven = set()
    for name, texts in sorted(sets.items(), key=lambda item: len(item[1])):
        if len(texts) > PROVE:
            break
        good |= reading.holding(texts - seen, words)
        seen |= texts
        sets[name] = texts & good
        proven.add(name)
    return frozenset(proven)


def refs(space: Space, query: Query | None, groups: Lines, *, most: int) -> list[int] | None:
    """All refs found, in no order, for an order of the owner's own; ``None`` when more than ``most``."""
    found = page(space, query, groups, limit=most + 1)
    return [ref for _, ref in found] if len(found) <= most else None
