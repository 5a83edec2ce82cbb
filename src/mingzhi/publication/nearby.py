"""What else could be asked where a search found nothing: the words that do occur, and a number as it is written.

A search is exact, so one wrong or left-out character finds nothing. Pure: what occurs is asked of the caller,
a handful of times for each word, and nothing is offered that finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

WORDS = 3
"""Words of a query that are looked at; a longer one is no question of one thing."""
LONGEST = 40
"""Characters of a word that are looked at."""

_NUMBER = re.compile(r"(?<=[㐀-鿿])\W?((?:19|20)\d\d)\W?(?=第?\d)")
_QUOTES = re.compile('["“”„＂「」『』]')

Found = Callable[[str], bool]


def nearby(query: str, found: Found) -> list[str]:
    """Queries near ``query`` that do find something, the nearest first; at most ``WORDS``.

    ``found`` says whether a query finds anything; of two queries of which one holds the other, the longer
    may not find where the shorter does not.
    """
    words = [w[:LONGEST] for w in _QUOTES.sub(" ", query).split()][:WORDS]
    bracketed = " ".join(_NUMBER.sub("〔\\1〕", w) for w in words)
    if bracketed != " ".join(words) and found(bracketed):
        return [bracketed]
    kept = [part for word in words for part in _parts(word, found)]
    whole = " ".join(dict.fromkeys(kept))
    if not whole:
        return []
    if whole != query.strip() and found(whole):
        return [whole]
    alone = sorted(dict.fromkeys(kept), key=len, reverse=True)
    return [part for part in alone if part != query.strip()][:WORDS]


def _parts(word: str, found: Found) -> list[str]:
    """``word`` itself where it occurs, else the longest beginning and the longest end of it that do."""
    if len(word) < 2 or found(word):
        return [word] if len(word) >= 2 else []
    head = word[: _longest(len(word), lambda n: found(word[:n]))]
    tail_length = _longest(len(word), lambda n: found(word[-n:]))
    tail = word[len(word) - min(tail_length, len(word) - len(head)) :] if tail_length else ""
    return [part for part in (head, tail) if len(part) >= 2]


def _longest(length: int, occurs: Callable[[int], bool]) -> int:
    """The greatest n from 2 to below ``length`` for which ``occurs``, 0 if there is none."""
    low, high = 1, length - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if occurs(middle) else (low, middle - 1)
    return low if low >= 2 else 0
