"""C2SP tlog-tiles: names, shapes, and a tree read through tiles. Pure.

A tile holds 256 hashes of one level; level L holds the roots of complete subtrees of 256**L leaves.
Only the rightmost tile of a level may be narrower; its name then ends in ``.p/<width>``.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from mingzhi.ledger import merkle

TILE = 256
HASHES = merkle.HASH_BYTES
_NUMBER = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
Fetch = Callable[[str], bytes]


def tile_name(number: int, width: int) -> str:
    """The path of a tile: thousands with ``x`` before all but the last, ``.p/W`` when partial."""
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.insert(0, f"x{number % 1000:03d}")
    return "/".join(parts) + ("" if width == TILE else f".p/{width}")


def parse_name(text: str) -> tuple[int, int] | None:
    """(number, width) of a tile's path; None for whatever ``tile_name`` would not write."""
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > 60:
        return None
    number = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2]) if found[2] else TILE
    return (number, width) if text == tile_name(number, width) and width <= TILE else None


def tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, number, width) of every hash tile of a tree of ``size`` leaves."""
    level = 0
    while size >> (8 * level):
        nodes = size >> (8 * level)
        for number in range(-(-nodes // TILE)):
            yield level, number, min(TILE, nodes - number * TILE)
        level += 1


def width_of(level: int, number: int, size: int) -> int:
    """How wide tile ``number`` of ``level`` is in a tree of ``size`` leaves; 0 when it is not there."""
    return max(0, min(TILE, (size >> (8 * level)) - number * TILE))


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle: each behind its length, 16 bits. ValueError when it does not come out."""
    found, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("a torn entry bundle")
        (length,) = struct.unpack_from(">H", data, at)
        at += 2 + length
        if at > len(data):
            raise ValueError("a torn entry bundle")
        found.append(data[at - length : at])
    return found


class TileTree:
    """A tree of ``size`` leaves behind tiles that ``fetch(path)`` brings; as ``merkle`` reads trees.

    What is fetched is believed: whoever uses it checks the proof it makes against a signed root.
    """

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch, self._size = fetch, size
        self._kept: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """The hash at ``index`` of binary level ``level``, computed from the tile below it."""
        tile_level, rise = divmod(level, 8)
        first = index << rise
        tile = self._tile(tile_level, first // TILE)
        start = first % TILE
        row = [tile[at * HASHES : (at + 1) * HASHES] for at in range(start, start + (1 << rise))]
        if any(len(one) != HASHES for one in row):
            raise IndexError(f"no node {level}/{index}")
        while len(row) > 1:
            row = [merkle.node_hash(a, b) for a, b in zip(row[::2], row[1::2], strict=True)]
        return row[0]

    def root(self) -> bytes:
        return merkle.root(self.node, self._size)

    def consistency(self, old: int) -> list[bytes]:
        """Proof from ``old`` leaves to this tree."""
        return merkle.consistency(self.node, old, self._size)

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._kept:
            width = width_of(level, number, self._size)
            if not width:
                raise IndexError(f"no tile {level}/{number}")
            self._kept[level, number] = self._fetch(f"tile/{level}/{tile_name(number, width)}")
        return self._kept[level, number]
