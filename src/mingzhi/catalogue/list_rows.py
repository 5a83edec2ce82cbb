"""The rows of a version, kept in blocks of a thousand: written in bulk, read as a stream, digested by block.

A list may have a million rows (an import), so nothing here holds a whole list unless it is asked to.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice, pairwise
from typing import Any

from mingzhi.catalogue.errors import ListStale
from mingzhi.catalogue.list_cells import ListRow, text_of
from mingzhi.catalogue.list_schemas import Schema
from mingzhi.catalogue.models import ListBlock, ListVersion
from mingzhi.kernel.prepared import pour

SIZE = 1000
AT_ONCE = 4
"""Blocks that are read at once."""
CLEARED = 32
"""Blocks that are removed by one statement: SQLite keeps in memory what a statement might have to bring back."""
SPOOLED = 8 * 1024**2
"""Bytes of blocks that wait in memory."""
REMEMBERED = 10_000
"""Different values of a stream that are kept to be dealt with once."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


Block = tuple[int, bytes, str]
"""How many rows, their compact JSON in UTF-8 as it is stored, its digest."""


def packed(count: int, text: str) -> Block:
    data = text.encode()
    return count, data, hashlib.sha256(data).hexdigest()


def write(version: ListVersion, rows: Iterable[ListRow]) -> int:
    """Replace the rows of an unpublished version; returns how many. The caller saves the version."""
    stream = iter(rows)
    with closing(Spool()) as blocks:
        for some in iter(lambda: list(islice(stream, SIZE)), []):
            blocks.add(len(some), _encode(some))
        return put(version, blocks)


def put(version: ListVersion, blocks: Iterable[Block]) -> int:
    """The same from blocks that are ready: nothing is read while they are written."""
    keys = list(version.blocks.values_list("pk", flat=True))
    for start in range(0, len(keys), CLEARED):
        version.blocks.filter(pk__in=keys[start : start + CLEARED]).delete()
    total, digests = 0, []

    def stored() -> Iterator[tuple[int, int, int, bytes, str]]:
        nonlocal total
        for place, (count, data, digest) in enumerate(blocks):
            yield version.pk, place, count, data, digest
            digests.append(digest)
            total += count

    pour(ListBlock, ("version_id", "place", "count", "rows", "digest"), stored())
    version.count, version.digest = total, digest_of(version.columns, digests)
    return total


class Spool:
    """Blocks outside the database until they are put into it: in memory while they are few, else in a file
    without a name, which goes with the process."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOLED, prefix="mingzhi-list-")  # noqa: SIM115 — closed by ``close``
        self._heads: list[tuple[int, int, str]] = []

    def add(self, count: int, text: str) -> None:
        count, data, digest = packed(count, text)
        self._file.write(data)
        self._heads.append((count, len(data), digest))

    def __iter__(self) -> Iterator[Block]:
        self._file.seek(0)
        for count, length, digest in self._heads:
            yield count, self._file.read(length), digest

    def close(self) -> None:
        self._file.close()


class Plain(list[str]):
    """A column of texts of which none needs an escape in JSON: whoever makes it has looked."""


class Columns:
    """Rows that come as columns, as the JSON that ``_encode`` would make of them. A column of texts of which
    none needs an escape takes no encoder; another value that comes again (the very object) is encoded once."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}
        self._alive: list[Any] = []
        self._glue: tuple[tuple[bool, ...], int, list[str]] = ((), 0, [])

    def __call__(self, columns: Sequence[Sequence[Any]]) -> str:
        plain = tuple(map(self._plain, columns))
        cells = self._between(plain, len(columns[0]))
        for place, (values, bare) in enumerate(zip(columns, plain, strict=True)):
            cells[2 * place :: 2 * len(columns)] = values if bare else self._encoded(values)
        return "".join(['[["' if plain[0] else "[[", *cells])

    def _between(self, plain: tuple[bool, ...], rows: int) -> list[str]:
        """What stands between the cells of so many rows, with room for the cells; ``plain`` ones are quoted."""
        if self._glue[:2] != (plain, rows):
            mark = ['"' if bare else "" for bare in plain]
            line = [part for a, b in pairwise(mark) for part in ("", f"{a},{b}")]
            cells = [*line, "", f"{mark[-1]}],[{mark[0]}"] * rows
            cells[-1] = f"{mark[-1]}]]"
            self._glue = plain, rows, cells
        return self._glue[2].copy()

    @staticmethod
    def _plain(values: Sequence[Any]) -> bool:
        if isinstance(values, Plain):
            return True
        if {*map(type, values)} != {str}:
            return False
        whole = "".join(values)
        return whole.isprintable() and '"' not in whole and "\\" not in whole

    def _encoded(self, values: Sequence[Any]) -> list[str]:
        found = list(map(self._known.get, map(id, values)))
        return [self._one(v) if f is None else f for v, f in zip(values, found, strict=True)]

    def _one(self, value: Any) -> str:
        text = _encode(value)
        if len(self._alive) < REMEMBERED:
            self._known[id(value)] = text
            self._alive.append(value)  # so that no other value gets its identity
        return text


def rewrite(version: ListVersion, changed: ListBlock, rows: list[ListRow]) -> None:
    """Put other rows into one block of an unpublished version and bring count and digest along."""
    count, data, digest = packed(len(rows), _encode(rows))
    ListBlock.objects.update_or_create(
        version=version,
        place=changed.place,
        defaults={"count": count, "rows": data.decode(), "digest": digest},
    )
    refresh(version)


def refresh(version: ListVersion) -> None:
    """Count and digest of a version from its blocks as they stand."""
    found = list(version.blocks.order_by("place").values_list("digest", "count"))
    version.count = sum(n for _, n in found)
    version.digest = digest_of(version.columns, (d for d, _ in found))


def digest_of(columns: list[str], digests: Iterable[str]) -> str:
    """One digest over the column keys and the blocks in their order."""
    return hashlib.sha256("|".join([",".join(columns), *digests]).encode()).hexdigest()


def content_digest(version: ListVersion) -> str:
    """The digest recomputed from the bytes of the blocks: what ``fsck`` compares."""
    digests = (hashlib.sha256(part.rows.encode()).hexdigest() for part in kept(version))
    return digest_of(version.columns, digests)


def otherwise() -> Iterator[tuple[str, str]]:
    """Versions whose blocks are not those that their count and digest were made from, for the whole check."""
    for version in ListVersion.objects.order_by("pk").iterator():
        digests, total, sound = [], 0, True
        for place, part in enumerate(kept(version)):
            digests.append(hashlib.sha256(part.rows.encode()).hexdigest())
            count = len(json.loads(part.rows))
            total += count
            sound = sound and (part.place, part.count, part.digest) == (place, count, digests[-1])
        if not sound or (version.count, version.digest) != (total, digest_of(version.columns, digests)):
            yield (
                f"catalogue:list_version:{version.pk}",
                f"清单版本 {version.pk} 的内容与其行数、摘要不符：内容被改动",
            )


def kept(version: ListVersion, but: Collection[str] = ()) -> Iterator[ListBlock]:
    """The blocks in their order, without those whose digest is in ``but``.

    A few at a time by their keys: one statement over them all is sorted whole in memory by SQLite and kept whole
    by PostgreSQL. ``ListStale`` when the draft was replaced meanwhile, so that nobody reads half of each.
    """
    wanted = version.blocks.exclude(digest__in=but) if but else version.blocks
    keys = list(wanted.order_by("place").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        found = ListBlock.objects.in_bulk(some)
        if len(found) != len(some):
            raise ListStale
        yield from map(found.__getitem__, some)


def blocks(version: ListVersion, but: Collection[str] = ()) -> Iterator[tuple[ListBlock, list[ListRow]]]:
    for found in kept(version, but):
        yield found, json.loads(found.rows)


def rows(version: ListVersion, but: Collection[str] = ()) -> Iterator[ListRow]:
    """Every row in order, block by block; without the blocks whose digest is in ``but``."""
    for _, found in blocks(version, but):
        yield from found


def page(version: ListVersion, start: int, size: int) -> list[ListRow]:
    """``size`` rows from row ``start`` (0 is the first); reads only the blocks they lie in."""
    found: list[ListRow] = []
    passed = 0
    for place, count in version.blocks.order_by("place").values_list("place", "count"):
        if passed + count > start and passed < start + size:
            text = ListBlock.objects.values_list("rows", flat=True).get(version=version, place=place)
            here = json.loads(text)
            found += here[max(0, start - passed) : start + size - passed]
        passed += count
        if passed >= start + size:
            break
    return found


def matching(version: ListVersion, own: Schema, words: str, limit: int) -> tuple[list[ListRow], bool]:
    """Rows in which every word occurs, the first ``limit`` of them, and whether there are more. ``own`` says what
    items are called."""
    wanted = words.split()
    called = [(own.place(c.key), c) for c in own.columns if c.kind == "item"]
    found: list[ListRow] = []
    for row in rows(version):
        text = _encode([row, [text_of(c, row[place]) for place, c in called]])
        if all(w in text for w in wanted):
            if len(found) == limit:
                return found, True
            found.append(row)
    return found, False


def find(version: ListVersion, code: str) -> tuple[ListBlock, list[ListRow], int] | None:
    """The block, its rows and the position of the row with ``code``."""
    mark = _encode(code)
    for found in version.blocks.filter(rows__contains=mark).order_by("place"):
        here: list[ListRow] = json.loads(found.rows)
        for position, row in enumerate(here):
            if row[0] == code:
                return found, here, position
    return None
