"""Public search over made disclosures in any number: alone and through the site, beside Tantivy and PostgreSQL.

    python -m bench search --rows 10000000 --keep DIR [--minutes N] [--postgres URL] [--peer-rows N] [--json]

The rows are made by formula (``bench.disclosures``; no real person or company) and kept in DIR: an
installation whose public records and search space hold them (their desk side is left out), and Tantivy's
index of the same rows. What DIR holds is used again; ``--minutes`` stops making rows after that time,
at the end of a chunk, and the next run goes on. Peers answer the same queries: first 20 newest, how many,
and how many of each value of six facets. Result sets, totals and facet counts are compared in the same run.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import bureau as house
from bench.disclosures import CHUNK, FACETS, agencies, chunk

# --- rows -------------------------------------------------------------------------------------------


def prepared(number: int, total: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], Any]:
    """A chunk as rows of the search table, rows of the public records and its segment."""
    from mingzhi.search.choices import Space
    from mingzhi.search.segments import build
    from mingzhi.search.text import fold, key

    docs, records = [], []
    moment = str(datetime(2026, 11, 1, 2))
    for ref, text, row in chunk(number, total):
        lines = (
            "\n" + "\n".join(f"{name}={row['body_id' if name == 'body' else name]}" for name in FACETS) + "\n"
        )
        docs.append((key(Space.PUBLIC, row["published_on"], ref), "public", ref, lines, fold(text)))
        rank = row["published_on"].toordinal() * 1_000_000_000 + ref
        days = {"decided_on": str(row["decided_on"]), "published_on": str(row["published_on"])}
        records.append(tuple({**row, **days, "updated_at": moment, "version_id": ref, "rank": rank}.values()))
    return docs, records, build([(doc[0], doc[4], doc[3]) for doc in docs])


COLUMNS = (
    "disclosure_id", "state", "shown", "agency", "body_id", "kind", "kinds", "number", "title", "party", "party_code", "field",
    "region", "year", "amount_fen", "band", "decided_on", "published_on", "updated_at", "version_id", "rank",
)  # fmt: skip


def put(table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["?"] * len(columns))
        cursor.connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def seed(total: int, minutes: float) -> dict[str, Any]:
    """Rows up to ``total``, as many as the time allows; a chunk is whole or not there."""
    import django
    from django.db import connection, transaction

    from mingzhi.organisations.models import Body
    from mingzhi.publication.models import PublicRecord
    from mingzhi.search.choices import Space
    from mingzhi.search.models import SearchDoc
    from mingzhi.search.segments import hold, insert

    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        # Made rows have no desk side, and what is lost in a crash is made again.
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "wal_autocheckpoint=20000") if sqlite else ():
            cursor.execute(f"PRAGMA {pragma}")
        if not sqlite:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("SET synchronous_commit = off")
    before = SearchDoc.objects.filter(space="public").count()
    chunks = range(before // CHUNK, -(-total // CHUNK)) if before < total else range(0)
    if before % CHUNK and len(chunks):
        raise SystemExit(f"{before} rows were made as a whole; use another folder for {total}")
    if not Body.objects.filter(pk=agencies()[0][0]).exists():
        Body.objects.bulk_create(
            Body(
                id=pk, path=f"/{pk}/", name=name, short_name=name, kind="statutory", level="county", credit_code="",
                region_code=region, code_word=f"示{pk}", profile=house.PROFILE, government="示例区人民政府", court="示例区人民法院",
            )
            for pk, name, _, region in agencies()
        )  # fmt: skip
    began = time.monotonic()
    # Not through a schema editor: it would check every foreign key and switch the check on again.
    indexes = PublicRecord._meta.indexes if len(chunks) else []
    with connection.cursor() as cursor:
        for index in indexes:
            cursor.execute(f"DROP INDEX IF EXISTS {index.name}")
    made = before
    with ProcessPoolExecutor(2, initializer=django.setup) as pool:
        waiting: list[Any] = []
        ahead = iter(chunks)
        while True:
            while len(waiting) < 3 and (number := next(ahead, None)) is not None:
                if time.monotonic() - began < minutes * 60:
                    waiting.append(pool.submit(prepared, number, total))
            if not waiting:
                break
            docs, records, built = waiting.pop(0).result()
            with transaction.atomic():
                put("search_searchdoc", ("id", "space", "ref", "facets", "text"), docs)
                put("publication_publicrecord", COLUMNS, records)
                hold("default", Space.PUBLIC)
                insert("default", Space.PUBLIC, built)
            made += len(docs)
            house.note(f"  {made:,} of {total:,}: {(made - before) / (time.monotonic() - began):,.0f} rows/s")
    with connection.cursor() as cursor:
        for index in indexes:
            cursor.execute(str(index.create_sql(PublicRecord, connection.schema_editor())))
    seconds = time.monotonic() - began
    with connection.cursor() as cursor:
        if sqlite:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if len(chunks):
                cursor.execute("ANALYZE")
        else:
            cursor.execute("VACUUM ANALYZE")
    return {"rows": made, "made_now": made - before, "seconds": round(seconds), **sizes(made)}


def sizes(rows: int) -> dict[str, Any]:
    """Bytes a row takes in the whole database and in the search room's sets."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_database_size(current_database()), pg_total_relation_size('search_posting')"
                " + pg_total_relation_size('search_segment')"
            )
        else:
            cursor.execute(
                "SELECT (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size),"
                " (SELECT coalesce(sum(length(ids) + length(facets)), 0) FROM search_segment)"
            )
        whole, sets = cursor.fetchone()
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        whole = path.stat().st_size
    return {"bytes_per_row": round(whole / max(rows, 1)), "sets_mb": round(sets / 1e6)}


# --- command ----------------------------------------------------------------------------------------


def options_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--keep", default="", help="folder to make the rows in, or to use them from")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop making rows after so long")
    parser.add_argument("--only-make", action="store_true", help="make rows, measure nothing")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--peer-rows", type=int, default=0, help="rows for the peers; all unless given")
    parser.add_argument(
        "--postgres", default="", help="postgres://… of a server; takes a database of its own"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    options = options_of()
    if options.only_make:
        house.answer(house.apart(seed, options.rows, options.minutes, keep=options.keep))
        return


if __name__ == "__main__":
    main()
