"""Public search over made disclosures in any number: alone and through the site, beside Tantivy and PostgreSQL.

    python -m bench search --rows 10000000 --keep DIR [--minutes N] [--postgres URL] [--peer-rows N] [--json]

The rows are made by formula (``bench.disclosures``; no real person or company) and kept in DIR: an
installation whose disclosures share one published text and have their own public records and search texts, and Tantivy's
index of the same rows. What DIR holds is used again; ``--minutes`` stops making rows after that time,
at the end of a chunk, and the next run goes on. Peers answer the same queries: first 20 newest, how many,
and how many of each value of six facets. Result sets, totals and facet counts are compared in the same run.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import bureau as house
from bench import search_peers
from bench.disclosures import CHUNK, FACETS, agencies, chunk

# --- rows -------------------------------------------------------------------------------------------


def prepared(
    number: int, total: int, version: int
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], Any]:
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
        records.append(
            tuple({**row, **days, "updated_at": moment, "version_id": version, "rank": rank}.values())
        )
    # Where references pass a million of the slots of a day, ids are not in their order.
    return docs, records, build(sorted((doc[0], doc[4], doc[3]) for doc in docs))


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


def parents(low: int, high: int) -> None:
    """The disclosures that the public records from ``low`` to ``high`` stand for, all with one published text."""
    from django.db import connection

    from mingzhi.publication.models import Disclosure

    same = ("body_id", "kind", "number", "title", "decided_on", "state")
    told = {name: f"r.{name}" for name in same} | {
        "id": "r.disclosure_id", "due_on": "r.published_on", "scheduled_at": "r.updated_at", "published_at": "r.updated_at", "version_no": "1",
    }  # fmt: skip
    columns, values = [], []
    for field in Disclosure._meta.concrete_fields:
        columns.append(field.column)
        values.append(told.get(field.attname, "%s"))
    rest = [
        field.get_db_prep_save(field.get_default(), connection)
        for field in Disclosure._meta.concrete_fields
        if field.attname not in told
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO publication_disclosure ({', '.join(columns)}) SELECT {', '.join(values)}"
            " FROM publication_publicrecord r WHERE r.disclosure_id >= %s AND r.disclosure_id < %s",
            [*rest, low, high],
        )


def a_text() -> int:
    """The one published text that all made records share, and its disclosure."""
    from datetime import date

    from mingzhi.organisations.models import Body
    from mingzhi.publication.models import Disclosure, Version

    at = datetime(2026, 11, 1, 2, tzinfo=UTC)
    known = Version.objects.filter(published_by="bench").first()
    if known is None:
        owner = Disclosure.objects.create(
            pk=999_999, body=Body.objects.order_by("pk")[0], kind="penalty", number="示例", title="示例", state="cancelled",
            decided_on=date(2026, 10, 1), due_on=date(2026, 10, 1), norm="bench", scheduled_at=at, scheduled_by="bench",
        )  # fmt: skip
        known = Version.objects.create(
            disclosure=owner, no=1, content={}, published_at=at, published_by="bench", collected_by="bench", checked_by="bench"
        )  # fmt: skip
    return int(known.pk)


def seed(total: int, minutes: float) -> dict[str, Any]:
    """Rows up to ``total``, as many as the time allows; a chunk is whole or not there."""
    import django
    from django.db import connection, transaction
    from django.db.models import Sum

    from mingzhi.organisations.models import Body
    from mingzhi.publication.models import Disclosure, PublicRecord
    from mingzhi.search.choices import Space
    from mingzhi.search.models import Segment
    from mingzhi.search.segments import hold, insert

    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        # What is lost in a crash is made again.
        for pragma in ("synchronous=OFF", "wal_autocheckpoint=20000") if sqlite else ():
            cursor.execute(f"PRAGMA {pragma}")
        if not sqlite:
            cursor.execute("SET synchronous_commit = off")
    before = Segment.objects.aggregate(rows=Sum("size"))["rows"] or 0
    chunks = range(before // CHUNK, -(-total // CHUNK)) if before < total else range(0)
    if before % CHUNK and len(chunks):
        raise SystemExit(f"{before} rows were made as a whole; use another folder for {total}")
    if not Body.objects.filter(pk=agencies()[0][0]).exists():
        Body.objects.bulk_create(
            Body(
                id=pk, path=f"/{pk}/", name=name, short_name=name, kind="statutory", level="county", credit_code="",
                region_code=region, code_word=f"示{pk}", profile=house.PROFILE, government=f"{name[:6]}人民政府", court="示例区人民法院",
            )
            for pk, name, _, region in agencies()
        )  # fmt: skip
    version = a_text()
    began = time.monotonic()
    # Not through a schema editor: it would check every foreign key.
    indexes = [(m, index) for m in (PublicRecord, Disclosure) for index in m._meta.indexes]
    with connection.cursor() as cursor:
        for _, index in indexes if len(chunks) and minutes else ():
            cursor.execute(f"DROP INDEX IF EXISTS {index.name}")
    made = before
    with ProcessPoolExecutor(2, initializer=django.setup) as pool:
        waiting: list[Any] = []
        ahead = iter(chunks)
        while True:
            while len(waiting) < 3 and (number := next(ahead, None)) is not None:
                if time.monotonic() - began < minutes * 60:
                    waiting.append(pool.submit(prepared, number, total, version))
            if not waiting:
                break
            docs, records, built = waiting.pop(0).result()
            with transaction.atomic():
                put("search_searchdoc", ("id", "space", "ref", "facets", "text"), docs)
                put("publication_publicrecord", COLUMNS, records)
                parents(records[0][0], records[-1][0] + 1)
                hold("default", Space.PUBLIC)
                insert("default", Space.PUBLIC, built)
            made += len(docs)
            house.note(f"  {made:,} of {total:,}: {(made - before) / (time.monotonic() - began):,.0f} rows/s")
    with connection.cursor() as cursor:
        for model, index in indexes:
            sql = str(index.create_sql(model, connection.schema_editor()))
            cursor.execute(sql.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1))
    seconds = time.monotonic() - began
    with connection.cursor() as cursor:
        if sqlite:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if made > before:
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


# --- queries ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """A query as a reader types it, and the facets chosen beside it."""

    kind: str
    words: str
    chosen: dict[str, str]


def wanted(count: int) -> list[Ask]:
    """Stretches of two to six characters of texts spread over all rows, every tenth turned round; whole names,
    document numbers and credit codes; two words; every third with a facet chosen, some without words."""
    from mingzhi.publication.models import PublicRecord
    from mingzhi.search.api import parse
    from mingzhi.search.choices import Space
    from mingzhi.search.errors import QueryTooShort
    from mingzhi.search.held import whole as whole_space
    from mingzhi.search.models import SearchDoc

    found: list[Ask] = []
    some = [part for _, part in sorted(whole_space("default", Space.PUBLIC).parts.items())]
    for n in range(count):
        part = some[n * 7919 % len(some)]
        doc = SearchDoc.objects.get(pk=part.ids[n * 104_729 % len(part.ids)])
        record = dict(line.split("=", 1) for line in doc.facets.split("\n")[1:-1])
        whole = PublicRecord.objects.get(pk=doc.ref)
        chosen = {FACETS[n % 6]: record[FACETS[n % 6]]} if n % 3 == 0 else {}
        kind = ("stretch", "stretch", "name", "number", "two words", "none")[n % 6]
        if kind == "stretch":
            length = 2 + n % 5
            at = n * 31 % (len(doc.text) - length)
            words = doc.text[at : at + length].strip()
            words = words[::-1] if n % 10 == 9 else words
        elif kind == "none":
            words, chosen = "", {"field": record["field"], "year": record["year"]}
        else:
            words = {
                "name": whole.party_code or whole.party,
                "number": whole.number,
                "two words": f"{whole.title[:4]} {whole.agency[3:7]}",
            }[kind]
        try:
            if words:
                parse(words)
        except QueryTooShort:  # nothing but signs and spaces: the page tells the reader so
            continue
        found.append(Ask(kind, words, chosen))
    return found


# --- measure ----------------------------------------------------------------------------------------


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from urllib.parse import urlencode

    from django.db import connection

    from mingzhi.publication import api as publication

    seeded = seed(options.rows, options.minutes)
    asks = wanted(options.before + options.queries)
    before, asks = asks[: options.before], asks[options.before :]
    client = house.browser(None)
    began = time.perf_counter()
    client.get("/decisions/")
    first = round((time.perf_counter() - began) * 1000)
    engines: dict[str, dict[str, Any]] = {}
    find = publication.finding
    for ask in before:
        find.public_search(ask.words, ask.chosen)
        find.public_counts(ask.words, ask.chosen)

    def timed(name: str, call: Callable[[Ask], Any], **told: Any) -> list[Any]:
        spent, answers = [], []
        for ask in asks:
            started = time.perf_counter()
            answers.append(call(ask))
            spent.append((time.perf_counter() - started) * 1000)
        by_kind = {}
        for kind in dict.fromkeys(ask.kind for ask in asks):
            some = house.summary([ms for ms, ask in zip(spent, asks, strict=True) if ask.kind == kind])
            by_kind[kind] = some["p50_ms"], some["p95_ms"]
        engines[name] = {**house.summary(spent), "p50_p95_by_kind": by_kind, **told}
        house.note(f"{name}: {engines[name]}")
        return answers

    def ours(ask: Ask) -> Any:
        page, counts = find.public_search(ask.words, ask.chosen), find.public_counts(ask.words, ask.chosen)
        return [row.id for row in page.rows], counts

    def site(ask: Ask) -> Any:
        response = client.get(f"/decisions/?{urlencode({'q': ask.words, **ask.chosen})}")
        assert response.status_code == 200, ask

    timed("ours, the page without facets", lambda ask: find.public_search(ask.words, ask.chosen))
    answers = timed("ours, the page and all facets", ours)
    timed("ours, through the site", site)
    exact = sum(counts.exact and all(f.exact for f in counts.facets) for _, counts in answers)
    peers: list[Any] = []
    rows = min(options.peer_rows or seeded["rows"], seeded["rows"])
    try:
        peers.append(search_peers.Tantivy(Path(os.environ["MINGZHI_VAR"]) / f"tantivy-{rows}"))
    except ImportError:
        house.note("Tantivy is not installed (pip install tantivy): left out")
    if options.postgres:
        peers.append(search_peers.Postgres(options.postgres))
    for peer in peers:
        built = peer.fill(rows)
        told = timed(f"{peer.name}, the page and all facets", asked_of(peer, facets=True), **built)
        timed(f"{peer.name}, the page", asked_of(peer, facets=False))
        if rows == seeded["rows"]:
            engines[f"{peer.name}, the page and all facets"]["compared"] = compare(asks, answers, told)
    return {
        "database": connection.vendor, "seeded": seeded, "queries": len(asks), "with_exact_counts": exact,
        "first_page_of_a_process_ms": first, "peer_rows": rows if peers else 0, "engines": engines, **change(find),
    }  # fmt: skip


def asked_of(peer: Any, *, facets: bool) -> Callable[[Ask], search_peers.Answer]:
    from mingzhi.search.api import parse

    def call(ask: Ask) -> search_peers.Answer:
        found: search_peers.Answer = peer.answer(
            parse(ask.words).terms if ask.words else (), ask.chosen, facets=facets
        )
        return found

    return call


def compare(asks: list[Ask], ours: list[Any], theirs: list[search_peers.Answer]) -> dict[str, Any]:
    """How many result pages, totals and facet counts are the same; where ours is «at most», never less."""
    same = {"pages": 0, "totals": 0, "facets": 0, "at_most": 0}
    wrong = []
    for ask, (refs, counts), (found, total, facets) in zip(asks, ours, theirs, strict=True):
        fine = refs == found
        same["pages"] += fine
        told = {f.name: {v.value: v.count for v in f.values if v.count} for f in counts.facets}
        if counts.exact and all(f.exact for f in counts.facets):
            same["totals"] += counts.total == total
            same["facets"] += told == facets
            fine &= counts.total == total and told == facets
        else:
            same["at_most"] += counts.total >= total
            fine &= counts.total >= total
        if not fine:
            wrong.append((ask.words, ask.chosen, counts.total, total, refs[:3], found[:3]))
    return {**same, "wrong": wrong[:5]}


def change(find: Any) -> dict[str, Any]:
    """Milliseconds until a new text is found and a withdrawn one is not, and how long each took to write."""
    from django.db import transaction

    from mingzhi.publication.models import PublicRecord
    from mingzhi.search import api as search

    words = "示例检索专用词甲乙丙"
    known = PublicRecord.objects.filter(shown=True).order_by("rank").first()
    told = {}
    began = time.perf_counter()
    search.index("public", 999_998, words, sort=known.published_on, facets={"year": 2026})
    assert [ref for _, ref in search.wide_page("public", words)] == [999_998]
    told["new_seen_ms"] = round((time.perf_counter() - began) * 1000, 1)
    began = time.perf_counter()
    search.remove("public", 999_998)
    assert search.wide_page("public", words) == []
    told["loose_gone_ms"] = round((time.perf_counter() - began) * 1000, 1)
    began = time.perf_counter()
    with transaction.atomic():
        search.remove("public", known.pk)
        assert known.pk not in [ref for _, ref in search.wide_page("public", known.number)]
        told["gathered_gone_ms"] = round((time.perf_counter() - began) * 1000, 1)
        transaction.set_rollback(True)
    return told


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
    parser.add_argument(
        "--before",
        type=int,
        default=0,
        help="other queries asked before, untimed, as a server in use has had",
    )
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
    kept = "mingzhi_bench_search" if options.keep else ""
    with house.fresh_database(options.postgres, kept) if options.postgres else nullcontext("") as url:
        options.postgres = url
        found = house.apart(measure, options, keep=options.keep)
    if options.json:
        house.answer(found)
        return
    print(line(found))
    for name, row in found["engines"].items():
        print(
            f"  {name:<44}{row['p50_ms']:>9}{row['p95_ms']:>9}{row['max_ms']:>9}  {row.get('compared', '')}"
        )
    house.answer(found)


def line(found: dict[str, Any]) -> str:
    """A row for docs/performance.md."""
    e, seeded = found["engines"], found["seeded"]
    page, facets, site = (
        e[f"ours, {name}"]
        for name in ("the page without facets", "the page and all facets", "through the site")
    )
    peers = "; ".join(
        f"{name.split(',')[0]} p95 {row['p95_ms']} ms ({row['mb']} MB, built in {row['build_s']} s)"
        for name, row in e.items()
        if name.endswith("the page and all facets") and not name.startswith("ours")
    )
    return (
        f"| Public search over {seeded['rows']:,} made decisions ({found['database']}), p95 ≤ 50 ms with facets, ≤ 20 ms without | "
        f"with facets p50 {facets['p50_ms']}, p95 {facets['p95_ms']} ms; without p50 {page['p50_ms']}, p95 {page['p95_ms']} ms; "
        f"through the site p95 {site['p95_ms']} ms; counts exact for {found['with_exact_counts']} of {found['queries']} queries, "
        f"«at most» for the others; {seeded['bytes_per_row']} bytes a row; new found in {found['new_seen_ms']} ms, "
        f"withdrawn gone in {found['gathered_gone_ms']} ms | {peers or 'none'} ({found['peer_rows']:,} rows) |"
    )


if __name__ == "__main__":
    main()
