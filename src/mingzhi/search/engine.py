"""The two databases' own ways to hold pairs and to look them up. SQL lives here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack
from typing import Any

from django.db import connections

TABLE = "search_searchdoc"

Row = tuple[int, str, int, str, str, list[int]]  # id, space, ref, facets, text, grams


def words(grams: Sequence[int]) -> str:
    """Numbers as FTS5 words: eight hexadecimal digits each."""
    return pack(f">{len(grams)}i", *grams).hex(" ", 4)


def postgres(using: str) -> bool:
    return connections[using].vendor == "postgresql"


def insert(using: str, row: Row) -> bool:
    """Add a row; ``False`` (and nothing written) when its id is taken."""
    doc_id, space, ref, facets, text, grams = row
    with connections[using].cursor() as cursor:
        if postgres(using):
            cursor.execute(
                f"INSERT INTO {TABLE} (id, space, ref, facets, text, grams) VALUES (%s, %s, %s, %s, %s, %s)"  # noqa: S608
                " ON CONFLICT (id) DO NOTHING",
                [doc_id, space, ref, facets, text, grams],
            )
            return bool(cursor.rowcount)
        cursor.execute(
            f"INSERT INTO {TABLE} (id, space, ref, facets, text) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608
            " ON CONFLICT (id) DO NOTHING",
            [doc_id, space, ref, facets, text],
        )
        if not cursor.rowcount:
            return False
        if grams:
            cursor.execute("INSERT INTO search_gram (rowid, grams) VALUES (%s, %s)", [doc_id, words(grams)])
        return True


def insert_many(using: str, rows: Sequence[Row]) -> None:
    """Add rows whose ids are known to be free."""
    with connections[using].cursor() as cursor:
        if postgres(using):
            with cursor.copy(f"COPY {TABLE} (id, space, ref, facets, text, grams) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        cursor.executemany(
            f"INSERT INTO {TABLE} (id, space, ref, facets, text) VALUES (%s, %s, %s, %s, %s)",  # noqa: S608
            [row[:5] for row in rows],
        )
        cursor.executemany(
            "INSERT INTO search_gram (rowid, grams) VALUES (%s, %s)",
            [(row[0], words(row[5])) for row in rows if row[5]],
        )


def delete(using: str, doc_id: int, grams: list[int]) -> None:
    """Take a row out. FTS5 without content must be told the old words (SQLite before 3.43); a text without
    pairs, or of a wide space, is not in it."""
    with connections[using].cursor() as cursor:
        if grams and not postgres(using):
            cursor.execute(
                "INSERT INTO search_gram (search_gram, rowid, grams) VALUES ('delete', %s, %s)",
                [doc_id, words(grams)],
            )
        cursor.execute(f"DELETE FROM {TABLE} WHERE id = %s", [doc_id])  # noqa: S608


def select(
    using: str,
    *,
    grams: list[int],
    anyof: list[list[int]],
    terms: Sequence[str],
    facets: Sequence[Sequence[str]],
    low: int,
    high: int,
    columns: str = "d.id, d.ref",
    order: bool = True,
    limit: int | None = None,
) -> tuple[str, list[Any]]:
    """SQL for rows in ``[low, high)`` holding all ``grams``, one of each ``anyof`` group, and, checked on
    the text itself, all ``terms`` and one line of each group of ``facets``."""
    where: list[str] = []
    values: list[Any] = []
    pg = postgres(using)
    if pg:
        source, find, row = f"{TABLE} d", "strpos({}, %s) > 0", "d.id"
    else:
        # CROSS JOIN fixes the order: pairs first, rows by id after.
        source, find, row = (
            f"search_gram g CROSS JOIN {TABLE} d ON d.id = g.rowid",
            "instr({}, %s) > 0",
            "g.rowid",
        )
        where.append("search_gram MATCH %s")
        values.append(_explicit_and(grams, anyof))
    where += [f"{row} >= %s", f"{row} < %s"]
    values += [low, high]
    for term in terms:
        where.append(find.format("d.text"))
        values.append(term)
    for group_lines in facets:
        where.append("(" + " OR ".join([find.format("d.facets")] * len(group_lines)) + ")")
        values += [f"\n{line}\n" for line in group_lines]
    if pg:
        where.append("d.grams @> %s::int[]")
        values.append(grams)
        for group in anyof:
            where.append("d.grams && %s::int[]")
            values.append(group)
    sql = f"SELECT {columns} FROM {source} WHERE {' AND '.join(where)}"  # noqa: S608 — parts above, values bound
    if order:
        # On PostgreSQL «+ 0» keeps the planner from walking the rows by id: it takes pairs for
        # independent, and for words far back in time that walk is long. What is frequent among the
        # newest rows ``probe`` has found before.
        sql += f" ORDER BY {row} + 0 DESC" if pg else f" ORDER BY {row} DESC"
    if limit is not None:
        sql += " LIMIT %s"
        values.append(limit)
    return sql, values


#: So many of the newest rows are read by their text alone before the pairs are asked (PostgreSQL).
PROBE = 2000


def probe(
    *, terms: Sequence[str], facets: Sequence[Sequence[str]], low: int, high: int, limit: int
) -> tuple[str, list[Any]]:
    """SQL for PostgreSQL: id and ref of up to ``limit`` matches among the newest ``PROBE`` rows in
    ``[low, high)``.

    A frequent phrase fills its page here at once, where reading its whole list of pairs and sorting it
    would take long; a rare one costs two milliseconds more. No CTE: one would copy every text.
    """
    tests, values = ["true"], []
    for term in terms:
        tests.append("strpos(text, %s) > 0")
        values.append(term)
    for group_lines in facets:
        tests.append("(" + " OR ".join(["strpos(facets, %s) > 0"] * len(group_lines)) + ")")
        values += [f"\n{line}\n" for line in group_lines]
    sql = (
        f"SELECT id, ref FROM (SELECT id, ref, text, facets FROM {TABLE} WHERE id >= %s AND id < %s"  # noqa: S608
        f" ORDER BY id DESC LIMIT %s) newest WHERE {' AND '.join(tests)} ORDER BY id DESC LIMIT %s"
    )
    return sql, [low, high, PROBE, *values, limit]


def probed(*, low: int, high: int) -> tuple[str, list[Any]]:
    """SQL for the id at which ``probe`` stopped; no row when it saw all there is."""
    sql = f"SELECT id FROM {TABLE} WHERE id >= %s AND id < %s ORDER BY id DESC OFFSET %s LIMIT 1"  # noqa: S608
    return sql, [low, high, PROBE - 1]


def _explicit_and(grams: Sequence[int], anyof: Sequence[Sequence[int]]) -> str:
    parts = [words([g]) for g in grams]
    parts += ["(" + " OR ".join(words([g]) for g in group) + ")" for group in anyof]
    return " AND ".join(parts)


#: Without fastupdate a search never has to read a pending list; a write costs a little more.
POSTGRES_INDEX = "CREATE INDEX search_grams ON search_searchdoc USING gin (grams) WITH (fastupdate = off)"
