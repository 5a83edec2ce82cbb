"""The few pieces of SQL that differ between the databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

BLOCK = 4_096


def moment_sql(column: str) -> str:
    """SQL for a moment spelled as ``head.moment`` spells it; the database is quicker at it than we are."""
    if connection.vendor == "postgresql":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    whole, fraction = f"substr({column}, 1, 19)", f"substr({column}, 21)"
    return f"replace({whole}, ' ', 'T') || '.' || substr({fraction} || '000000', 1, 6) || 'Z'"


def head_columns(alias: str) -> str:
    """SQL for the three columns that ``head.stored_leaf`` takes; NULL where there is no entry.

    Texts and bytes as they lie, past the converters: moments would become objects for each row.
    """
    newline = "chr(10)" if connection.vendor == "postgresql" else "char(10)"
    named = f"{alias}.kind || {newline} || {alias}.version || {newline} || {alias}.subject"
    if connection.vendor == "postgresql":
        moment = f"to_char({alias}.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return f"{named}, {moment}, {alias}.commitment"
    return f"{named}, {alias}.at || '', CAST({alias}.commitment AS BLOB)"


def stream_blocks(sql: str, params: Iterable[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a query in blocks, never all in memory, without Django's converters."""
    manager = connection.chunked_cursor() if connection.vendor == "postgresql" else connection.cursor()
    with manager as cursor:
        cursor.execute(sql, list(params))
        while block := cursor.fetchmany(BLOCK):
            yield block
