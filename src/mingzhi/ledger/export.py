"""The log as files that others can serve, mirror and check: C2SP tlog-tiles.

``checkpoint``, ``vkey``, ``tile/<level>/<n>`` with 256 hashes each, ``tile/entries/<n>`` with the
leaf bytes. Holds no payload and no salt: it can be handed to anyone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import store
from mingzhi.ledger.head import MARK
from mingzhi.ledger.models import Checkpoint, Log
from mingzhi.ledger.sqltext import moment_sql
from mingzhi.ledger.tree import write_whole

TILE = 256


def tile_name(number: int, width: int) -> str:
    """The path of a tile: thousands with ``x`` before all but the last, ``.p/W`` when partial."""
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.insert(0, f"x{number % 1000:03d}")
    return "/".join(parts) + ("" if width == TILE else f".p/{width}")


def tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, number, width) of every hash tile of a tree of ``size`` leaves."""
    level = 0
    while size >> (8 * level):
        nodes = size >> (8 * level)
        for number in range(-(-nodes // TILE)):
            yield level, number, min(TILE, nodes - number * TILE)
        level += 1


def export(folder: Path) -> dict[str, int | str]:
    """Write the log as of its latest checkpoint into ``folder``; returns what was written.

    Full tiles that are there already are left as they are (they never change).
    """
    log = Log.objects.order_by("at").first()
    last = Checkpoint.objects.order_by("-size").first()
    if log is None or last is None:
        raise NotFound("账本还没有检查点，没有可导出的内容")
    tree = store.tree(log, last)
    written = 0
    for level, number, width in tiles(last.size):
        path = folder / "tile" / str(level) / tile_name(number, width)
        if width == TILE and path.exists():
            continue
        first = number * TILE
        _write(path, b"".join(tree.node(level * 8, index) for index in range(first, first + width)))
        written += 1
    for number, bundle, width in _entries(last.size):
        path = folder / "tile" / "entries" / tile_name(number, width)
        if width == TILE and path.exists():
            continue
        _write(path, bundle)
        written += 1
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "vkey", log.vkey + "\n")
    write_whole(folder / "checkpoint", last.note)  # last: whoever sees it finds its tiles
    return {"origin": log.origin, "size": last.size, "root": bytes(last.root).hex(), "written": written}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)


def _entries(size: int) -> Iterator[tuple[int, bytes, int]]:
    """(number, bytes, width) of every entry bundle: each entry prefixed by its length, 16 bits."""
    for number in range(-(-size // TILE)):
        first, end = number * TILE, min((number + 1) * TILE, size)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT e.kind, e.version, e.subject, {moment_sql('e.at')}, e.commitment FROM ledger_place p "  # noqa: S608
                "JOIN ledger_entry e ON e.id = p.entry_id "
                "WHERE p.position >= %s AND p.position < %s ORDER BY p.position",
                [first, end],
            )
            rows = cursor.fetchall()
        parts = []
        for kind, version, subject, at, commitment in rows:
            leaf = f"{MARK}\n{kind}\n{version}\n{subject}\n{at}\n{bytes(commitment).hex()}\n".encode()
            parts.append(struct.pack(">H", len(leaf)) + leaf)
        yield number, b"".join(parts), end - first
