"""The few pieces of SQL that differ between the databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

BLOCK = 5_000


def moment_sql(column: str) -> str:
    """SQL for a moment spelled as ``head.moment`` spells it; the database is quicker at it than we are."""
    if connection.vendor == "postgresql":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    whole, fraction = f"substr({column}, 1, 19)", f"substr({column}, 21)"
    return f"replace({whole}, ' ', 'T') || '.' || substr({fraction} || '000000', 1, 6) || 'Z'"


def stream(sql: str, params: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Rows of a query in blocks, never all in memory, without Django's converters."""
    manager = connection.chunked_cursor() if connection.vendor == "postgresql" else connection.cursor()
    with manager as cursor:
        cursor.execute(sql, list(params))
        while block := cursor.fetchmany(BLOCK):
            yield from block
