"""Entries sealed in columns, so that a year over millions of matters is reckoned anew in a second.

A stretch of entries that nothing can be added to any more is written once more, column by column: for
every body and year one ``Block``, in it for every unit, month and figure a run of numbers and a run of
amounts, each entry with its own. Reckoning a year adds up every one of them and, row by row, the entries
that no block holds or that a block holds only in part as of the moment (docs/decisions/0026).

Crash story. A stretch's blocks commit together or not at all; the next run begins where the last whole
stretch ends. The entries stay what counts: fsck packs every stretch again and compares byte by byte.
"""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, QuerySet, Sum

from mingzhi.kernel.numbers import allot
from mingzhi.supervision.counting import Count
from mingzhi.supervision.models import Block, Counted

SIZE = 131_072
"""Entries of a stretch. Fewer than this are read row by row at the end of every reckoning."""

WIDTHS = "bhiq"
"""Signed integers of 1, 2, 4 and 8 bytes; a run takes the narrowest that holds all of it."""

Key = tuple[int, int, int, str]
"""(body, unit, month, cell) within a year."""

Run = tuple[int, int, str, int, str, str]
"""(unit, month, cell, entries, width of the numbers, width of the amounts)."""

_COLUMNS = ("body_id", "year", "unit_id", "month", "cell", "cases", "amount_fen", "at")


# --- packing -----------------------------------------------------------------------------------------


def _packed(values: list[int]) -> tuple[str, bytes]:
    for width in WIDTHS:
        try:
            packed = array(width, values)
        except OverflowError:
            continue
        if sys.byteorder == "big":
            packed.byteswap()
        return width, packed.tobytes()
    raise OverflowError("a number of more than 64 bits")


def _blocks(rows: Iterable[tuple[Any, ...]], first: int, last: int) -> Iterator[Block]:
    """The blocks of a stretch, from its rows (``_COLUMNS``) in the order of entry."""
    parts: dict[tuple[int, int], dict[tuple[int, int, str], list[tuple[int, int]]]] = {}
    spans: dict[tuple[int, int], tuple[datetime, datetime]] = {}
    for body_id, year, unit_id, month, cell, cases, fen, at in rows:
        own = body_id, year
        parts.setdefault(own, {}).setdefault((unit_id, month, cell), []).append((cases, fen))
        early, late = spans.get(own, (at, at))
        spans[own] = min(early, at), max(late, at)
    for own, runs in sorted(parts.items()):
        told: list[Run] = []
        content: list[bytes] = []
        for (unit_id, month, cell), entries in sorted(runs.items()):
            cases_width, cases_bytes = _packed([n for n, _fen in entries])
            fen_width, fen_bytes = _packed([fen for _n, fen in entries])
            told.append((unit_id, month, cell, len(entries), cases_width, fen_width))
            content += (cases_bytes, fen_bytes)
        yield Block(
            body_id=own[0],
            year=own[1],
            first=first,
            last=last,
            entries=sum(len(entries) for entries in runs.values()),
            earliest=spans[own][0],
            latest=spans[own][1],
            runs=told,
            content=b"".join(content),
        )


def _sum(width: str, raw: memoryview) -> int:
    numbers = array(width)
    numbers.frombytes(raw)
    if sys.byteorder == "big":
        numbers.byteswap()
    return sum(numbers)


def _unpacked(runs: Iterable[Run], content: memoryview) -> Iterator[tuple[int, int, str, Count]]:
    """Unit, month, cell and the sum over every entry of each run."""
    place = 0
    for unit_id, month, cell, entries, cases_width, fen_width in runs:
        middle = place + entries * array(cases_width).itemsize
        end = middle + entries * array(fen_width).itemsize
        yield (
            unit_id,
            month,
            cell,
            Count(_sum(cases_width, content[place:middle]), _sum(fen_width, content[middle:end])),
        )
        place = end


# --- sealing -----------------------------------------------------------------------------------------


def sealed_to() -> int:
    """The last entry that a block holds."""
    return Block.objects.aggregate(n=Max("last"))["n"] or 0


def seal(*, size: int = SIZE) -> int:
    """Seal every whole stretch of ``size`` entries; how many. Run by the worker."""
    sealed, settled = 0, _settled()
    while True:
        with transaction.atomic():
            allot("supervision:blocks")
            after = sealed_to()
            ids = Counted.objects.filter(pk__gt=after, pk__lte=settled).order_by("pk")
            last = ids.values_list("pk", flat=True)[size - 1 : size].first()
            if last is None:
                return sealed
            Block.objects.bulk_create(_blocks(_rows(after + 1, last), after + 1, last), batch_size=50)
        sealed += 1


def _rows(first: int, last: int) -> Iterable[tuple[Any, ...]]:
    rows = Counted.objects.filter(pk__gte=first, pk__lte=last).order_by("pk")
    return rows.values_list(*_COLUMNS).iterator(chunk_size=10_000)


_WRITERS = (
    "SELECT virtualtransaction FROM pg_locks WHERE relation = 'supervision_counted'::regclass "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
)


def _settled(patience: float = 3.0) -> int:
    """An entry before which none can appear any more: the last one there is, once everybody who was writing
    when it was seen has ended. 0 if somebody does not end in time (the next run tries again)."""
    last = Counted.objects.aggregate(n=Max("pk"))["n"] or 0
    if connection.vendor != "postgresql":  # SQLite has one writer, and numbers entries in its order
        return last
    until = time.monotonic() + patience
    waiting = _writers()
    while waiting and time.monotonic() < until:
        time.sleep(0.05)
        waiting &= _writers()
    return 0 if waiting else last


def _writers() -> set[str]:
    """Who writes here. Another database of the server may have a table of the same number."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        return {row[0] for row in cursor.fetchall()}


# --- adding up ---------------------------------------------------------------------------------------


def added(body_ids: Collection[int], year: int, moment: datetime) -> dict[Key, Count]:
    """The sums of the year's entries with ``at`` up to ``moment``: every number in the blocks, and the rows
    of entries that are in none or in one that reaches beyond the moment."""
    found: dict[Key, Count] = {}

    def add(key: Key, count: Count) -> None:
        found[key] = found.get(key, Count()) + count

    end = sealed_to()
    own = Block.objects.filter(body_id__in=body_ids, year=year, last__lte=end, earliest__lte=moment)
    whole = own.filter(latest__lte=moment).order_by("pk").values_list("body_id", "runs", "content")
    for body_id, runs, content in whole.iterator(chunk_size=20):
        for unit_id, month, cell, count in _unpacked(runs, memoryview(content)):
            add((body_id, unit_id, month, cell), count)
    stretches = [Counted.objects.filter(pk__gt=end)]
    stretches += [
        Counted.objects.filter(pk__gte=first, pk__lte=last)
        for first, last in own.filter(latest__gt=moment).values_list("first", "last").distinct()
    ]
    for rows in stretches:
        for key, count in _plain(rows, body_ids, year, moment, by_index=not end):
            add(key, count)
    return {key: count for key, count in found.items() if count != Count()}


def by_rows(body_ids: Collection[int], year: int, moment: datetime) -> dict[Key, Count]:
    """The same without blocks, by the database over every row: what blocks are held against."""
    summed = _plain(Counted.objects.all(), body_ids, year, moment, by_index=True)
    return {key: count for key, count in summed if count != Count()}


def _plain(
    rows: QuerySet[Counted], body_ids: Collection[int], year: int, moment: datetime, *, by_index: bool
) -> Iterator[tuple[Key, Count]]:
    """Sums by the database over the rows. Where these are a short stretch, body and year are asked for in a
    way that keeps the database from walking the index of the whole year instead."""
    if by_index:
        rows = rows.filter(body_id__in=body_ids, year=year)
    else:
        rows = rows.alias(b=F("body_id") + 0, y=F("year") + 0).filter(b__in=body_ids, y=year)
    summed = rows.filter(at__lte=moment).order_by().values_list("body_id", "unit_id", "month", "cell")
    for body_id, unit_id, month, cell, n, fen in summed.annotate(n=Sum("cases"), fen=Sum("amount_fen")):
        yield (body_id, unit_id, month, cell), Count(n, fen)


# --- checking ----------------------------------------------------------------------------------------


def otherwise() -> Iterator[tuple[int, int]]:
    """(first, last) of every stretch whose blocks are not what its entries make, or are not there."""
    after = 0
    for first, last in Block.objects.order_by("last").values_list("first", "last").distinct():
        if first != after + 1:
            yield after + 1, first - 1
        kept = [_said(b) for b in Block.objects.filter(last=last).order_by("body_id", "year")]
        if kept != [_said(b) for b in _blocks(_rows(first, last), first, last)]:
            yield first, last
        after = last


def _said(block: Block) -> tuple[Any, ...]:
    return (
        block.body_id, block.year, block.first, block.entries, block.earliest, block.latest,
        [list(run) for run in block.runs], bytes(block.content),
    )  # fmt: skip


def mend() -> int:
    """Pack stretches anew whose blocks were damaged; how many. The entries are what counts."""
    wrong = list(otherwise())
    for first, last in wrong:
        with transaction.atomic():
            allot("supervision:blocks")
            Block.objects.filter(last=last).delete()
            Block.objects.bulk_create(_blocks(_rows(first, last), first, last), batch_size=50)
    return len(wrong)
