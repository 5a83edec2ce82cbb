"""The annual report over made matters: from the kept sums, anew from every entry, and what is behind a figure.

    python -m bench annual [--cases 100000] [--rounds 7] [--keep FOLDER] [--postgres postgres://user@host/db]

``--cases`` matters of the year reported, and a tenth as many of the year after, are made by formula (the units
of the bureau, four kinds; filed, decided and closed; every hundredth annulled): three entries a matter, in the
order of time, written in bulk; the sums and the sealed blocks from them. What the report says is asserted
against the formula, and sums, blocks and a plain aggregate of the database over all rows against each other,
before anything is timed.

``--keep`` leaves the filled database behind (SQLite in the folder, PostgreSQL as ``mingzhi_bench_annual``), and
finds it there again; 10,000,000 matters need 12 GB and, on a busy machine, most of an hour once.
"""

from __future__ import annotations

import argparse
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bench import bureau as house

YEAR = 2025
KINDS = ("03", "01", "03", "10", "03", "04", "03", "03")
FIRST = 1_000_000


@dataclass(frozen=True)
class Made:
    """``size`` matters of ``YEAR`` and a tenth as many of the year after, in the order of time."""

    size: int

    @property
    def whole(self) -> int:
        return self.size + self.size // 10

    def span(self, year: int, month: int) -> tuple[int, int]:
        """The first and the last dossier decided in a month."""
        own = [n for n in self._edges() if self.decided(n)[:2] == (year, month)]
        return (FIRST + own[0], FIRST + own[-1]) if own else (1, 0)

    def _edges(self) -> list[int]:
        """The first and last matter of every month, in order."""
        starts = [-(-m * self.size // 12) for m in range(12)]
        starts += [self.size + -(-m * self.size // 100) for m in range(10)]
        edges = {0, self.whole - 1, *starts, *(start - 1 for start in starts)}
        return sorted(n for n in edges if 0 <= n < self.whole)

    def decided(self, n: int) -> tuple[int, int, str, str, int]:
        """(year, month, kind, procedure, 分) of the decision of matter ``n``."""
        later = n >= self.size
        month = (n - self.size) * 100 // self.size if later else n * 12 // self.size
        return (
            YEAR + later,
            min(month, 9 if later else 11) + 1,
            KINDS[n // 3 % len(KINDS)],
            ("ordinary", "summary")[n % 3 == 0],
            n % 977 * 100,
        )


def seed(bureau: Any, made: Made) -> float:
    from mingzhi.dossiers.api import Dossier
    from mingzhi.kernel import clock
    from mingzhi.supervision import blocks, journal
    from mingzhi.supervision.models import Counted

    began = time.perf_counter()
    months = [(year, month) for year in (YEAR, YEAR + 1) for month in range(1, 13)]
    with house.unindexed(Dossier, Counted) if made.size > 50_000 else nullcontext():
        for year, month in months:
            at = clock.at_local(date(year, month, 15))
            first, last = made.span(year, month)
            register(bureau, first, last, year, at)
            enter(first, last, year, month, at)
            house.note(f"  {year}-{month:02}: {time.perf_counter() - began:.0f} s until here")
    journal.rebuild(bureau.body_id)
    blocks.seal()
    return round(time.perf_counter() - began, 1)


def _run(statement: str, values: list[Any]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def register(bureau: Any, first: int, last: int, year: int, at: datetime) -> None:
    """The dossiers decided in one month, by one statement on both databases."""
    from mingzhi.organisations import api as organisations
    from mingzhi.procedures import api as procedures

    units = [u.id for u in organisations.units(bureau.body_id, "enforcement")]
    unit = " ".join(f"WHEN {place} THEN {unit_id}" for place, unit_id in enumerate(units))
    procedure = procedures.procedure("penalty.ordinary")
    _run(
        f"WITH RECURSIVE c(id) AS (SELECT {first} UNION ALL SELECT id + 1 FROM c WHERE id < {last}) "
        "INSERT INTO dossiers_dossier (id, number, procedure, procedure_version, title, body_id, unit_id, field, item_code, "
        "state, stage, secrecy, opened_at, opened_by, last_step_at, steps_taken, closed_at, party_name, lead_name) "
        f"SELECT id, '示例〔{year}〕' || id || '号', %s, %s, '涉嫌擅自占用城市道路案（示例' || (id - {FIRST}) || '）', "
        f"%s, CASE (id - {FIRST}) %% {len(units)} {unit} END, 'urban', 'urban.road-occupy', "
        "'closed', '归档', 'open', %s, 'bench', %s, 20, %s, '示例' || id || '号商贸有限公司', '' FROM c WHERE id <= %s",
        [procedure.code, procedure.version, bureau.body_id, at, at, at, last],
    )


def enter(first: int, last: int, year: int, month: int, at: datetime) -> None:
    """The entries of those matters, in their order."""
    n = f"(d.id - {FIRST})"
    kinds = " ".join(f"WHEN {place} THEN '{kind}'" for place, kind in enumerate(KINDS))
    way = f"CASE {n} %% 3 WHEN 0 THEN 'summary' ELSE 'ordinary' END"
    decided = f"'decided.' || CASE {n} / 3 %% {len(KINDS)} {kinds} END || '.' || {way}"
    _run(
        "INSERT INTO supervision_counted "
        "(body_id, unit_id, dossier_id, year, month, cell, cases, amount_fen, at) "
        f"SELECT d.body_id, d.unit_id, d.id, {year}, {month}, "
        f"CASE e.k WHEN 0 THEN 'filed' WHEN 1 THEN {decided} WHEN 2 THEN 'closed' ELSE 'annulled.court' END, "
        f"1, CASE e.k WHEN 1 THEN {n} %% 977 * 100 ELSE 0 END, %s "
        "FROM dossiers_dossier d "
        "CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) e "
        f"WHERE d.id BETWEEN %s AND %s AND (e.k < 3 OR {n} %% 100 = 0) ORDER BY d.id, e.k",
        [at, first, last],
    )


def once(call: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    found = call()
    return found, round(1000 * (time.perf_counter() - began), 1)


def measure(size: int, rounds: int) -> dict[str, Any]:
    from django.db import connection

    from mingzhi.kernel import clock
    from mingzhi.organisations import api as organisations
    from mingzhi.supervision import api as supervision
    from mingzhi.supervision import blocks, figures
    from mingzhi.supervision.models import Block, Counted

    bureau, made = house.people(), Made(size)
    body, now = organisations.body(bureau.body_id), clock.now()
    seconds = 0.0
    if not Counted.objects.exists():
        seconds = seed(bureau, made)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    kept = supervision.current(body, YEAR, now)
    if kept.total["penalty"]["total"] != size:
        raise SystemExit(f"the kept database holds {kept.total['penalty']['total']} matters, not {size}")
    assert kept.total["penalty"]["amount"] == sum(made.decided(n)[4] for n in range(size))
    assert kept == supervision.as_of(body, YEAR, now), "sums equal entries in blocks"
    ids = [b.id for b in figures.subjects(body)]
    plain, milliseconds = once(lambda: blocks.by_rows(ids, YEAR, now))
    assert plain == blocks.added(ids, YEAR, now), "blocks equal rows"
    table, column = supervision.find_column("penalty", "fine") or (None, None)
    assert table is not None and column is not None
    deep = FIRST + size // 2
    rare = supervision.find_column("review", "annulled.court")
    assert rare is not None
    middle = clock.at_local(date(YEAR, 6, 20))
    calls = {
        "year from the sums": lambda: supervision.current(body, YEAR, now),
        "year anew from every entry": lambda: supervision.as_of(body, YEAR, now),
        "year anew as of 20 June": lambda: supervision.as_of(body, YEAR, middle),
        "a figure opens": lambda: supervision.behind(body, YEAR, column),
        "a figure opens, half way down": lambda: supervision.behind(body, YEAR, column, after=deep),
        "a rare figure opens": lambda: supervision.behind(body, YEAR, rare[1]),
    }
    sealed = Block.objects.values_list("entries", flat=True)
    return {
        "cases": size,
        "entries": Counted.objects.filter(year=YEAR).count(),
        "blocks": len(sealed),
        "entries_in_blocks": sum(sealed),
        "database": connection.vendor,
        "seed_seconds": seconds,
        "the same by one aggregate over the rows, once, ms": milliseconds,
        "milliseconds": house.times(calls, rounds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--keep", default="", help="a folder in which the filled database stays for another run"
    )
    parser.add_argument(
        "--postgres", default="", help="postgres://… of a server; takes a database of its own"
    )
    options = parser.parse_args()
    kept = Path(options.keep) if options.keep else None
    results = [house.apart(measure, options.cases, options.rounds, keep=str(kept / "sqlite") if kept else "")]
    if options.postgres:
        with house.fresh_database(options.postgres, "mingzhi_bench_annual" if kept else "") as url:
            folder = str(kept / "postgres") if kept else ""
            results.append(house.apart(measure, options.cases, options.rounds, url=url, keep=folder))
    house.answer(results)


if __name__ == "__main__":
    main()
