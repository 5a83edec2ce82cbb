"""The rows of a version, kept in blocks of a thousand: written in bulk, read as a stream, digested by block.

A list may have a million rows (an import), so nothing here holds a whole list unless it is asked to.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from mingzhi.catalogue.list_cells import ListRow
from mingzhi.catalogue.models import ListBlock, ListVersion

SIZE = 1000
AT_ONCE = 20
SPOOLED = 8 * 1024**2
"""Bytes of blocks that wait in memory."""
REMEMBERED = 10_000
"""Different values of a stream that are kept to be dealt with once."""
_BETWEEN = "\x7f"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


Block = tuple[int, str, str]
"""How many rows, their compact JSON, its digest."""


def packed(count: int, text: str) -> Block:
    return count, text, hashlib.sha256(text.encode()).hexdigest()


def write(version: ListVersion, rows: Iterable[ListRow]) -> int:
    """Replace the rows of an unpublished version; returns how many. The caller saves the version."""
    stream = iter(rows)
    return put(version, (packed(len(c), _encode(c)) for c in iter(lambda: list(islice(stream, SIZE)), [])))


def put(version: ListVersion, blocks: Iterable[Block]) -> int:
    """The same from blocks that are ready."""
    ListBlock.objects.filter(version=version).delete()
    total, digests = 0, []
    waiting: list[ListBlock] = []
    for place, (count, text, digest) in enumerate(blocks):
        waiting.append(ListBlock(version=version, place=place, count=count, rows=text, digest=digest))
        digests.append(digest)
        total += count
        if len(waiting) == AT_ONCE:
            ListBlock.objects.bulk_create(waiting)
            waiting = []
    ListBlock.objects.bulk_create(waiting)
    version.count, version.digest = total, digest_of(version.columns, digests)
    return total


class Spool:
    """Blocks outside the database until they are put into it: in memory while they are few, else in a file
    without a name, which goes with the process."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOLED, prefix="mingzhi-list-")  # noqa: SIM115 — closed by ``close``
        self._heads: list[tuple[int, int, str]] = []

    def add(self, count: int, text: str) -> None:
        data = text.encode()
        self._file.write(data)
        self._heads.append((count, len(data), hashlib.sha256(data).hexdigest()))

    def __iter__(self) -> Iterator[Block]:
        self._file.seek(0)
        for count, length, digest in self._heads:
            yield count, self._file.read(length).decode(), digest

    def close(self) -> None:
        self._file.close()


class Columns:
    """Rows that come as columns, as the JSON that ``_encode`` would make of them. A column of texts of which
    none needs an escape takes no encoder; another value that comes again (the very object) is encoded once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}

    def __call__(self, columns: Sequence[Sequence[Any]]) -> str:
        parts = [self._texts(values) or list(map(self._one, values)) for values in columns]
        return f"[[{'],['.join(map(','.join, zip(*parts, strict=True)))}]]"

    @staticmethod
    def _texts(values: Sequence[Any]) -> list[str] | None:
        if {*map(type, values)} != {str}:
            return None
        whole = "".join(values)
        if '"' in whole or "\\" in whole or not whole.isprintable():
            return None
        return f'"{_BETWEEN.join(values)}"'.replace(_BETWEEN, f'"{_BETWEEN}"').split(_BETWEEN)

    def _one(self, value: Any) -> str:
        known = self._known.get(id(value))
        if known is None:
            known = (value, _encode(value))
            if len(self._known) < REMEMBERED:
                self._known[id(value)] = known
        return known[1]


def rewrite(version: ListVersion, changed: ListBlock, rows: list[ListRow]) -> None:
    """Put other rows into one block of an unpublished version and bring count and digest along."""
    count, text, digest = packed(len(rows), _encode(rows))
    ListBlock.objects.update_or_create(
        version=version,
        place=changed.place,
        defaults={"count": count, "rows": text, "digest": digest},
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
    texts = version.blocks.order_by("place").values_list("rows", flat=True).iterator(chunk_size=50)
    return digest_of(version.columns, (hashlib.sha256(t.encode()).hexdigest() for t in texts))


def otherwise() -> Iterator[tuple[str, str]]:
    """Versions whose blocks are not those that their count and digest were made from, for the whole check."""
    for version in ListVersion.objects.order_by("pk").iterator():
        digests, total, sound = [], 0, True
        for place, part in enumerate(version.blocks.order_by("place").iterator(chunk_size=10)):
            digests.append(hashlib.sha256(part.rows.encode()).hexdigest())
            count = len(json.loads(part.rows))
            total += count
            sound = sound and (part.place, part.count, part.digest) == (place, count, digests[-1])
        if not sound or (version.count, version.digest) != (total, digest_of(version.columns, digests)):
            yield (
                f"catalogue:list_version:{version.pk}",
                f"清单版本 {version.pk} 的内容与其行数、摘要不符：内容被改动",
            )


def blocks(version: ListVersion, but: Collection[str] = ()) -> Iterator[tuple[ListBlock, list[ListRow]]]:
    """Block by block; those whose digest is in ``but`` are not looked at."""
    wanted = version.blocks.exclude(digest__in=but) if but else version.blocks
    for found in wanted.order_by("place").iterator(chunk_size=10):
        yield found, json.loads(found.rows)


def texts(version: ListVersion) -> Iterator[str]:
    """The blocks as they are kept."""
    return version.blocks.order_by("place").values_list("rows", flat=True).iterator(chunk_size=10)


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


def matching(version: ListVersion, words: str, limit: int) -> tuple[list[ListRow], bool]:
    """Rows in which every word occurs, the first ``limit`` of them, and whether there are more."""
    wanted = words.split()
    found: list[ListRow] = []
    for row in rows(version):
        text = _encode(row)
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
