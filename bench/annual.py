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
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
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

    def decided(self, n: int) -> tuple[int, int, str, str, int]:
        """(year, month, kind, procedure, 分) of the decision of matter ``n``."""
        later = n >= self.size
        month = (n - self.size) * 10 * 10 // self.size if later else n * 12 // self.size
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
    from mingzhi.organisations import api as organisations
    from mingzhi.procedures import api as procedures
    from mingzhi.supervision import api as supervision
    from mingzhi.supervision.models import Counted

    units = [u.id for u in organisations.units(bureau.body_id, "enforcement")]
    procedure = procedures.procedure("penalty.ordinary")
    began = time.perf_counter()
    moments = {
        (year, month): clock.at_local(date(year, month, 15))
        for year in (YEAR, YEAR + 1)
        for month in range(1, 13)
    }

    def dossier(n: int) -> tuple[Any, ...]:
        at = moments[made.decided(n)[:2]]
        return (
            FIRST + n, f"示例〔{at.year}〕{FIRST + n}号", procedure.code, procedure.version, f"涉嫌擅自占用城市道路案（示例{n}）",
            bureau.body_id, units[n % len(units)], "urban", "urban.road-occupy", "closed", "归档", "open", at, "bench", at, 20, at,
            f"示例{n}号商贸有限公司", "", None,
        )  # fmt: skip

    columns = (
        "id", "number", "procedure", "procedure_version", "title", "body_id", "unit_id", "field", "item_code", "state", "stage",
        "secrecy", "opened_at", "opened_by", "last_step_at", "steps_taken", "closed_at", "party_name", "lead_name", "lead_id",
    )  # fmt: skip

    def entries() -> Iterator[tuple[Any, ...]]:
        for n in range(made.whole):
            year, month, kind, way, fen = made.decided(n)
            at = moments[year, month]
            own = (bureau.body_id, units[n % len(units)], FIRST + n, year, month)
            yield (*own, "filed", 1, 0, at)
            yield (*own, f"decided.{kind}.{way}", 1, fen, at)
            yield (*own, "closed", 1, 0, at)
            if n % 100 == 0:
                yield (*own, "annulled.court", 1, 0, at)

    named = ("body_id", "unit_id", "dossier_id", "year", "month", "cell", "cases", "amount_fen", "at")
    with house.unindexed(Dossier, Counted) if made.size > 50_000 else nullcontext():
        house.fill(Dossier, columns, (dossier(n) for n in range(made.whole)))
        house.fill(Counted, named, entries())
    house.note(f"  sums and blocks: {time.perf_counter() - began:.0f} s until here")
    supervision.rebuild(bureau.body_id)
    supervision.seal()
    return round(time.perf_counter() - began, 1)


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
