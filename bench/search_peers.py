"""Tantivy and PostgreSQL's full text over the rows of ``bench.search``: the same queries, the same three answers.

Both are handed what makes them exact for Chinese without a dictionary: Tantivy the pairs of adjacent characters
as words with positions, PostgreSQL single characters with positions; a query is a phrase of them.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench import bureau as house
from bench.disclosures import FACETS

#: The 20 newest, how many, and how many of each value of each facet.
Answer = tuple[list[int], int, dict[str, dict[str, int]]]
BATCH = 20_000


def texts(limit: int, after: int = 0) -> Iterator[tuple[int, int, str, dict[str, str]]]:
    """Id, reference, folded text and facets of the first ``limit`` rows, oldest first, after the id ``after``."""
    from mingzhi.search.models import SearchDoc

    left = limit
    while left > 0:
        rows = SearchDoc.objects.filter(space="public", pk__gt=after).order_by("pk")
        block = list(rows.values_list("pk", "ref", "text", "facets")[: min(BATCH, left)])
        if not block:
            return
        for pk, ref, text, facets in block:
            yield pk, ref, text, dict(line.split("=", 1) for line in facets.split("\n")[1:-1])  # type: ignore[misc]
        after, left = block[-1][0], left - len(block)


class Tantivy:
    """Its index in ``folder``; made by what is missing at the end."""

    name = "Tantivy"

    def __init__(self, folder: Path) -> None:
        import tantivy

        self.lib = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", stored=False, fast=True)
        builder.add_integer_field("ref", stored=True)
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
        for name in FACETS:
            builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        self.schema = builder.build()
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.index = tantivy.Index(self.schema, path=str(folder))

    @staticmethod
    def pairs(text: str) -> list[str]:
        return [f"{a}{b}".replace(" ", "␣") for a, b in pairwise(text)]

    def fill(self, rows: int) -> dict[str, Any]:
        self.index.reload()
        held = self.index.searcher().num_docs
        if held > rows:
            shutil.rmtree(self.folder)
            self.__init__(self.folder)  # type: ignore[misc]
            held = 0
        began = time.monotonic()
        if held < rows:
            from mingzhi.search.models import SearchDoc

            after = 0
            if held:
                listed = SearchDoc.objects.filter(space="public").order_by("pk").values_list("pk", flat=True)
                after = listed[held - 1]
            writer = self.index.writer(heap_size=256_000_000, num_threads=2)
            for n, (pk, ref, text, facets) in enumerate(texts(rows - held, after), 1):
                document = self.lib.Document(id=pk, ref=ref, text=" ".join(self.pairs(text)), **facets)
                writer.add_document(document)
                if n % 500_000 == 0:
                    writer.commit()
                    house.note(f"  Tantivy: {held + n:,} rows, {n / (time.monotonic() - began):,.0f}/s")
            writer.commit()
            writer.wait_merging_threads()
            self.index.reload()
        size = sum(f.stat().st_size for f in self.folder.iterdir())
        return {"build_s": round(time.monotonic() - began), "mb": round(size / 1e6)}

    def query(self, terms: tuple[str, ...], chosen: dict[str, str]) -> Any:
        q, must = self.lib.Query, self.lib.Occur.Must
        parts = []
        for term in terms:
            found = self.pairs(term)
            parts.append(
                q.phrase_query(self.schema, "text", found)
                if len(found) > 1
                else q.term_query(self.schema, "text", found[0])
            )
        parts += [q.term_query(self.schema, name, value) for name, value in chosen.items()]
        return q.boolean_query([(must, part) for part in parts]) if parts else q.all_query()

    def answer(self, terms: tuple[str, ...], chosen: dict[str, str], *, facets: bool) -> Answer:
        searcher, query = self.index.searcher(), self.query(terms, chosen)
        found = searcher.search(query, limit=20, count=facets, order_by_field="id")
        refs = [searcher.doc(address)["ref"][0] for _, address in found.hits]
        if not facets:
            return refs, 0, {}
        counts = {}
        for name in FACETS:
            under = {k: v for k, v in chosen.items() if k != name}
            told = searcher.aggregate(
                self.query(terms, under) if name in chosen else query,
                {"values": {"terms": {"field": name, "size": 1_000}}},
            )
            counts[name] = {str(b["key"]): int(b["doc_count"]) for b in told["values"]["buckets"]}
        return refs, int(found.count), counts


class Postgres:
    """A table of its own on the server, made anew when it has not the rows."""

    name = "PostgreSQL FTS"

    def __init__(self, url: str) -> None:
        import psycopg

        self.db = psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True)

    @staticmethod
    def lexeme(char: str) -> str:
        return "'" + char.replace("\\", "\\\\").replace("'", "''") + "'"

    def fill(self, rows: int) -> dict[str, Any]:
        began = time.monotonic()
        columns = ", ".join(f"{name} text" for name in FACETS)
        self.db.execute(f"CREATE TABLE IF NOT EXISTS peer (id bigint, ref bigint, words tsvector, {columns})")
        held = self.db.execute("SELECT count(*) FROM peer").fetchone()[0]  # type: ignore[index]
        if held != rows:
            self.db.execute("DROP TABLE peer")
            self.db.execute(f"CREATE UNLOGGED TABLE peer (id bigint, ref bigint, words tsvector, {columns})")
            names = ", ".join(("id", "ref", "words", *FACETS))
            with self.db.cursor() as cursor, cursor.copy(f"COPY peer ({names}) FROM STDIN") as copy:
                for n, (pk, ref, text, facets) in enumerate(texts(rows), 1):
                    words = " ".join(f"{self.lexeme(c)}:{at}" for at, c in enumerate(text, 1))
                    copy.write_row((pk, ref, words, *(facets[name] for name in FACETS)))
                    if n % 500_000 == 0:
                        house.note(f"  PostgreSQL: {n:,} rows, {n / (time.monotonic() - began):,.0f}/s")
            self.db.execute("SET maintenance_work_mem = '1GB'")
            self.db.execute("CREATE INDEX peer_words ON peer USING gin (words)")
            self.db.execute("CREATE INDEX peer_newest ON peer (id DESC)")
            self.db.execute("VACUUM ANALYZE peer")
        size = self.db.execute("SELECT pg_total_relation_size('peer')").fetchone()[0]  # type: ignore[index]
        return {"build_s": round(time.monotonic() - began), "mb": round(size / 1e6)}

    def answer(self, terms: tuple[str, ...], chosen: dict[str, str], *, facets: bool) -> Answer:
        words = " & ".join(f"({' <-> '.join(self.lexeme(c) for c in term)})" for term in terms)

        def where(under: dict[str, str]) -> tuple[str, list[str]]:
            tests = ["words @@ %s::tsquery"] if words else []
            tests += [f"{name} = %s" for name in under]
            return " AND ".join(tests) or "true", ([words] if words else []) + list(under.values())

        test, values = where(chosen)
        newest = f"SELECT ref FROM peer WHERE {test} ORDER BY id DESC LIMIT 20"
        refs = [row[0] for row in self.db.execute(newest, values)]
        if not facets:
            return refs, 0, {}
        plain = [name for name in FACETS if name not in chosen]
        sets = ", ".join(["()", *(f"({name})" for name in plain)])
        listed = ", ".join(plain)
        counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
        total = 0
        for *cells, number in self.db.execute(
            f"SELECT {listed}, count(*) FROM peer WHERE {test} GROUP BY GROUPING SETS ({sets})", values
        ):
            at = next((n for n, cell in enumerate(cells) if cell is not None), None)
            if at is None:
                total = number
            else:
                counts[plain[at]][cells[at]] = number
        for name in chosen:
            test, values = where({k: v for k, v in chosen.items() if k != name})
            rows = self.db.execute(f"SELECT {name}, count(*) FROM peer WHERE {test} GROUP BY 1", values)
            counts[name] = dict(rows.fetchall())
        return refs, total, counts
