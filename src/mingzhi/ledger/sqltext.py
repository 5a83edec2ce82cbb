"""The few pieces of SQL that differ between the databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from mingzhi.ledger.head import MARK

BLOCK = 4_096


def moment_sql(column: str) -> str:
    """SQL for a moment spelled as ``head.moment`` spells it; the database is quicker at it than we are."""
    if connection.vendor == "postgresql":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    whole, fraction = f"substr({column}, 1, 19)", f"substr({column}, 21)"
    return f"replace({whole}, ' ', 'T') || '.' || substr({fraction} || '000000', 1, 6) || 'Z'"


def head_sql(alias: str) -> str:
    """SQL for an entry's leaf bytes as ``head.Head.leaf`` writes them; NULL where there is no entry."""
    moment = moment_sql(f"{alias}.at")
    if connection.vendor == "postgresql":
        newline, digest = "chr(10)", f"encode({alias}.commitment, 'hex')"
    else:
        newline, digest = "char(10)", f"lower(hex({alias}.commitment))"
    parts = [f"'{MARK}'", f"{alias}.kind", f"{alias}.version", f"{alias}.subject", moment, digest]
    text = " || ".join(f"{part} || {newline}" for part in parts)
    return f"convert_to({text}, 'UTF8')" if connection.vendor == "postgresql" else f"CAST({text} AS BLOB)"


def stream_blocks(sql: str, params: Iterable[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a query in blocks, never all in memory, without Django's converters."""
    manager = connection.chunked_cursor() if connection.vendor == "postgresql" else connection.cursor()
    with manager as cursor:
        cursor.execute(sql, list(params))
        while block := cursor.fetchmany(BLOCK):
            yield block


def stream(sql: str, params: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """The same, row by row."""
    for block in stream_blocks(sql, params):
        yield from block
