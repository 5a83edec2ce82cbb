"""Folding, pairs, queries and snippets: pure functions, the same for both databases.

docs/algorithms/search.md says why. A text and a query are folded alike; what is then compared is
plain substring, so a hit is a hit on both databases and in a plain scan.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from operator import add
from struct import pack, unpack

from mingzhi.search.choices import NUMBERS, Space
from mingzhi.search.errors import QueryTooLong, QueryTooShort

MAX_QUERY = 200
MAX_GRAMS = 24  # enough to narrow; the substring check decides
_EPOCH = date(1970, 1, 1)
_LAST_DAY = (1 << 16) - 1
_SLOT_BITS, _DAY_BITS = 20, 16

# Document numbers are typed with whatever bracket and dash the keyboard offers.
_SAME = {
    **dict.fromkeys("(（﹙〔﹝［[【〖{｛", "["),
    **dict.fromkeys(")）﹚〕﹞］]】〗}｝", "]"),
    **dict.fromkeys("‐‑‒–—―−－﹣─", "-"),
    **dict.fromkeys("·•‧∙⋅・･․", "·"),
    **dict.fromkeys("“”„‟＂「」『』", '"'),
    **dict.fromkeys("‘’‚‛＇", "'"),
    "〇": "○",
    "◯": "○",
}


@lru_cache(maxsize=65536)
def _fold_char(char: str) -> str:
    """One character's comparison form; empty for what is invisible."""
    if char in _SAME:
        return _SAME[char]
    if char.isspace():
        return " "
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}:
        return ""
    folded = unicodedata.normalize("NFKC", char).casefold()
    return "".join(_SAME.get(c, c) for c in folded if not c.isspace()) or " "


def _folded(text: str) -> Iterator[tuple[str, int]]:
    """Folded characters with the position they came from. A space stays only between two of a–z, 0–9:
    «张　三» and «张三» are one name, «art 43» and «art43» are not one word."""
    before, gap = "", None
    for position, char in enumerate(text):
        for c in _fold_char(char):
            if c == " ":
                gap = position if gap is None else gap
                continue
            if gap is not None and _western(before) and _western(c):
                yield " ", gap
            gap, before = None, c
            yield c, position


def _western(char: str) -> bool:
    return char.isascii() and char.isalnum()


_SPACES = re.compile(" +")
_IDLE_SPACE = re.compile("(?<![a-z0-9]) | (?![a-z0-9])")


def fold(text: str) -> str:
    """``text`` as it is compared: width, case, brackets, dashes and invisible characters do not matter.

    The quick form of ``_folded``, which also knows positions; a test holds the two equal.
    """
    folded = "".join(map(_fold_char, unicodedata.normalize("NFC", text)))
    return _IDLE_SPACE.sub("", _SPACES.sub(" ", folded)) if " " in folded else folded


def grams(space: Space, folded: str) -> list[int]:
    """The distinct pairs of adjacent characters as signed 32-bit numbers, seeded by the space.

    Two pairs may share a number; the substring check that follows every look-up removes such hits.
    """
    seed = NUMBERS[space]
    return _signed({zlib.crc32(pair.encode(), seed) for pair in pairs(folded)})


def pairs(folded: str) -> set[str]:
    """The distinct pairs of adjacent characters, neither of them a space."""
    found = set(map(add, folded, folded[1:]))
    return {pair for pair in found if " " not in pair} if " " in folded else found


def runs(folded: str) -> set[str]:
    """The distinct runs of two and of three adjacent units; a run of two never holds a space."""
    text = units(folded)
    twos = list(map(add, text, text[1:]))
    return {two for two in twos if " " not in two} | set(map(add, twos, text[2:]))


def units(folded: str) -> str:
    """``folded`` with each character beyond 16 bits as the two units of UTF-16, so that a run of three is a number
    of 48 bits. A word stands in a text exactly if its units stand in the text's."""
    data = folded.encode("utf-16-le")
    return folded if len(data) == 2 * len(folded) else "".join(map(chr, unpack(f"<{len(data) // 2}H", data)))


def facet_grams(space: Space, facets: Iterable[str]) -> list[int]:
    """Numbers for ``name=value`` lines; longer than a pair, so in practice apart from them."""
    seed = NUMBERS[space]
    return _signed({zlib.crc32(b"\x1f" + facet.encode(), seed) for facet in facets})


def _signed(values: set[int]) -> list[int]:
    """Unsigned numbers of 32 bits as signed ones, in order."""
    return sorted(unpack(f"{len(values)}i", pack(f"{len(values)}I", *values)))


def facet(name: str, value: object) -> str:
    return f"{name}={str(value).strip()}".replace("\n", " ")


def key(space: Space, day: date | None, slot: int) -> int:
    """Row id: space, day (since 1970, at most 16 bits), slot (20 bits). Newest first = descending."""
    days = min(max((day - _EPOCH).days, 0), _LAST_DAY) if day else 0
    return (
        (NUMBERS[space] << (_DAY_BITS + _SLOT_BITS)) | (days << _SLOT_BITS) | (slot & ((1 << _SLOT_BITS) - 1))
    )


def bounds(space: Space) -> tuple[int, int]:
    """First id of the space and first id after it."""
    width = _DAY_BITS + _SLOT_BITS
    return NUMBERS[space] << width, (NUMBERS[space] + 1) << width


@dataclass(frozen=True, slots=True)
class Query:
    """Folded words, all of which must occur; ``terms`` keeps the order for highlighting."""

    terms: tuple[str, ...]

    @property
    def runs(self) -> set[str]:
        """Runs that a text must hold to hold every word: the threes of each word, or the two it is."""
        found: set[str] = set()
        for word in map(units, self.terms):
            found |= {word} if len(word) == 2 else set(map(add, map(add, word, word[1:]), word[2:]))
        return found

    @property
    def unproven(self) -> tuple[str, ...]:
        """Words of which a text may hold every run and not the word: all but those that are one run."""
        return tuple(term for term in self.terms if not 2 <= len(units(term)) <= 3)

    def grams(self, space: Space) -> list[int]:
        """At most ``MAX_GRAMS`` numbers, taken from all terms in turn, so a long query narrows by each word."""
        lists = [
            [g for pair in pairwise(term) if " " not in pair for g in grams(space, "".join(pair))]
            for term in self.terms
        ]
        chosen: dict[int, None] = {}
        for rank in range(max((len(found) for found in lists), default=0)):
            for found in lists:
                if rank < len(found):
                    chosen[found[rank]] = None
        return list(chosen)[:MAX_GRAMS]


_QUOTED = re.compile(r'["“”＂「『]([^"“”＂」』]+)["“”＂」』]')


def parse(query: str) -> Query:
    """Words separated by spaces are ANDed; a word or phrase in quotation marks is taken as it stands.

    Raises ``QueryTooShort`` when no word has two characters (a single character stands in almost
    every text, so neither index nor reader is served), ``QueryTooLong`` over 200 characters.
    """
    if len(query) > MAX_QUERY:
        raise QueryTooLong(limit=MAX_QUERY)
    text = unicodedata.normalize("NFC", query)
    phrases = [found for found in _QUOTED.findall(text) if fold(found)]
    words = _QUOTED.sub(" ", text).split() if phrases else text.split()
    terms = dict.fromkeys(t for t in (fold(word) for word in [*phrases, *words]) if t)
    # A term inside another says nothing more.
    kept = tuple(t for t in terms if not any(t != other and t in other for other in terms))
    if not any(
        len(term.replace(" ", "")) >= 2 and any(" " not in pair for pair in pairwise(term)) for term in kept
    ):
        raise QueryTooShort()
    return Query(kept)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet; ``hit`` stretches are highlighted."""

    text: str
    hit: bool


def hits(text: str, query: Query) -> list[tuple[int, int]]:
    """Where the terms stand in ``text`` (NFC), as merged, ordered ``[start, end)`` positions."""
    forms = list(map(_fold_char, text))
    places: Sequence[int] = range(len(text))
    if " " in forms or set(map(len, forms)) != {1}:  # else each character stands where it stood
        pairs = list(_folded(text))
        forms, places = [c for c, _ in pairs], [place for _, place in pairs]
    folded = "".join(forms)
    spans = []
    for term in query.terms:
        at = folded.find(term)
        while at >= 0:
            spans.append((places[at], places[at + len(term) - 1] + 1))
            at = folded.find(term, at + len(term))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def snippet(text: str, query: str, *, width: int = 80) -> list[Piece]:
    """About ``width`` characters of ``text`` around the densest hits, cut into pieces to highlight.

    Without a hit (or with a query too short to search) the beginning of the text. Line breaks become
    spaces. The pieces are plain text: the template escapes them.
    """
    text = unicodedata.normalize("NFC", text)
    try:
        found = hits(text, parse(query))
    except (QueryTooShort, QueryTooLong):
        found = []
    start = 0
    if found:
        best = max(
            found, key=lambda span: (sum(1 for s in found if span[0] <= s[0] < span[0] + width), -span[0])
        )
        start = max(0, best[0] - width // 4)
        start = max(0, min(start, len(text) - width))
    end = min(len(text), start + width)
    pieces: list[Piece] = []
    if start > 0:
        pieces.append(Piece("…", False))
    at = start
    for first, last in found:
        left, right = max(first, at), min(last, end)
        if left >= right:
            continue
        if left > at:
            pieces.append(Piece(_one_line(text[at:left]), False))
        pieces.append(Piece(_one_line(text[left:right]), True))
        at = right
    if at < end:
        pieces.append(Piece(_one_line(text[at:end]), False))
    if end < len(text):
        pieces.append(Piece("…", False))
    return pieces


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
