"""A whole export folder (C2SP tlog-tiles), checked from its entries up. Pure.

Every leaf is hashed anew from the entry bundles, every tile of every level is compared with what
follows from them, and the root with the one that the log signed. Names each file that differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mingzhi.ledger import merkle, tiles
from mingzhi.ledger.notes import MAX_NOTE
from mingzhi.ledger.tiles import TILE, tile_name
from mingzhi.ledger.verify import Proven, Unproven, verify_checkpoint

_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: stable code and sentence."""

    code: str
    sentence: str


def looks_like_export(folder: Path) -> bool:
    return (folder / "checkpoint").is_file() and (folder / "tile").is_dir()


def verify_export(folder: Path, vkey: str | Iterable[str]) -> tuple[Proven, list[Fault]]:
    """The checkpoint's signature and everything below it; at most a thousand faults are named."""
    note = _read(folder / "checkpoint", MAX_NOTE)
    if note is None:
        raise Unproven("导出目录中没有检查点文件 checkpoint", code="verify.format")
    proven = verify_checkpoint(note.decode("utf-8", "replace"), vkey)
    faults: list[Fault] = []
    climb = _Climb(folder, faults)
    edge = merkle.Edge()
    for leaves in _bundles(folder, proven.size, faults):
        edge.extend(leaves)
        climb.add(leaves)
    climb.finish()
    if not faults and edge.root().hex() != proven.root:
        faults.append(Fault("export.root", "由全部条目算出的根散列与检查点不一致：条目被整体替换"))
    return proven, faults[:_MOST]


class _Climb:
    """Level by level: what the tiles must hold, compared with what they hold."""

    def __init__(self, folder: Path, faults: list[Fault]) -> None:
        self._folder, self._faults = folder, faults
        self._rows: list[list[bytes]] = [[]]
        self._full: list[int] = [0]

    def add(self, leaves: list[bytes]) -> None:
        """The next tile of leaf hashes. Full tiles give one hash of the level above, and so on up."""
        self._rows[0] = leaves
        level = 0
        while len(row := self._rows[level]) == TILE:
            self._compare(level, row)
            self._rows[level] = []
            self._full[level] += 1
            while len(row) > 1:
                row = [merkle.node_hash(a, b) for a, b in zip(row[::2], row[1::2], strict=True)]
            level += 1
            if level == len(self._rows):
                self._rows.append([])
                self._full.append(0)
            self._rows[level].append(row[0])

    def finish(self) -> None:
        """What is left at each level is its partial tile."""
        for level, row in enumerate(self._rows):
            if row:
                self._compare(level, row)

    def _compare(self, level: int, row: list[bytes]) -> None:
        number = self._full[level]
        name = f"tile/{level}/{tile_name(number, len(row))}"
        data = _read(self._folder / name, TILE * 32 + 1)
        if data is None:
            self._faults.append(Fault("export.tile", f"{name} 缺失"))
        elif data != b"".join(row):
            first = number * TILE
            what = f"（第 {first} 至 {first + len(row) - 1} 号条目）" if level == 0 else ""
            self._faults.append(Fault("export.tile", f"{name} 与由条目算出的散列不一致{what}"))


def _bundles(folder: Path, size: int, faults: list[Fault]) -> Iterator[list[bytes]]:
    """Leaf hashes bundle by bundle; where one cannot be read, those of its tile stand in."""
    for number in range(-(-size // TILE)):
        width = min(TILE, size - number * TILE)
        name = f"tile/entries/{tile_name(number, width)}"
        data = _read(folder / name, TILE * 65_540)
        try:
            entries = tiles.unbundle(data) if data is not None else []
        except ValueError:
            entries = []
        if len(entries) == width:
            yield [sha256(b"\x00" + entry).digest() for entry in entries]
            continue
        said = "缺失" if data is None else "条目数不对或已损坏"
        faults.append(Fault("export.entries", f"{name} {said}（第 {number * TILE} 号起 {width} 条）"))
        tile = _read(folder / "tile" / "0" / tile_name(number, width), TILE * 32) or b""
        yield [tile[at : at + 32] for at in range(0, len(tile) - 31, 32)][:width]


def _read(path: Path, most: int) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
