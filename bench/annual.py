"""The annual report over made matters: from the kept sums, anew from the entries, and what is behind a figure.

    python -m bench annual [--cases 100000] [--rounds 7] [--postgres postgres://user@host/db]

Matters are made by formula (two years, the units of the bureau, four kinds; filed, decided and closed, every
hundredth annulled): three entries a matter, written in bulk, and the sums from them. What the report says
is asserted against the formula, and the sums against the entries, before anything is timed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from bench import bureau as house

YEARS = (2025, 2026)
KINDS = ("03", "01", "03", "10", "03", "04", "03", "03")


def decided(n: int) -> tuple[int, int, str, str, int]:
    """(year, month, kind, procedure, 分) of the decision of matter ``n``."""
    year = YEARS[n % 2]
    months = 11 if year == YEARS[1] else 12
    return (
        year,
        n // 2 % months + 1,
        KINDS[n // 3 % len(KINDS)],
        ("ordinary", "summary")[n % 3 == 0],
        n % 977 * 100,
    )


def seed(bureau: Any, size: int) -> float:
    from mingzhi.dossiers.api import Dossier
    from mingzhi.kernel import clock
    from mingzhi.organisations import api as organisations
    from mingzhi.procedures import api as procedures
    from mingzhi.supervision import api as supervision
    from mingzhi.supervision.models import Counted

    units = [u.id for u in organisations.units(bureau.body_id, "enforcement")]
    procedure = procedures.procedure("penalty.ordinary")
    began, first = time.perf_counter(), 1_000_000
    moments = {y: clock.at_local(date(y, 6, 1)) for y in YEARS}

    def dossier(n: int) -> tuple[Any, ...]:
        at = moments[decided(n)[0]]
        return (
            first + n, f"示例〔{at.year}〕{first + n}号", procedure.code, procedure.version, f"涉嫌擅自占用城市道路案（示例{n}）",
            bureau.body_id, units[n % len(units)], "urban", "urban.road-occupy", "closed", "归档", "open", at, "bench", at, 20, at,
            f"示例{n}号商贸有限公司", "", None,
        )  # fmt: skip

    columns = (
        "id", "number", "procedure", "procedure_version", "title", "body_id", "unit_id", "field", "item_code", "state", "stage",
        "secrecy", "opened_at", "opened_by", "last_step_at", "steps_taken", "closed_at", "party_name", "lead_name", "lead_id",
    )  # fmt: skip
    house.fill(Dossier, columns, (dossier(n) for n in range(size)))

    def entries() -> Iterator[tuple[Any, ...]]:
        for n in range(size):
            year, month, kind, way, fen = decided(n)
            own = (bureau.body_id, units[n % len(units)], first + n, year, month)
            for cell, amount in (("filed", 0), (f"decided.{kind}.{way}", fen), ("closed", 0)):
                yield (*own, cell, 1, amount, moments[year])
            if n % 100 == 0:
                yield (*own, "annulled.court", 1, 0, moments[year])

    named = ("body_id", "unit_id", "dossier_id", "year", "month", "cell", "cases", "amount_fen", "at")
    house.fill(Counted, named, entries())
    supervision.rebuild(bureau.body_id)
    return round(time.perf_counter() - began, 1)


def measure(size: int, rounds: int) -> dict[str, Any]:
    from django.db import connection

    from mingzhi.kernel import clock
    from mingzhi.organisations import api as organisations
    from mingzhi.supervision import api as supervision

    bureau = house.people()
    seconds = seed(bureau, size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    body, year, now = organisations.body(bureau.body_id), YEARS[0], clock.now()
    own = [decided(n) for n in range(size) if decided(n)[0] == year]
    kept = supervision.current(body, year, now)
    assert kept == supervision.as_of(body, year, now), "sums equal entries"
    assert kept.total["penalty"]["total"] == len(own)
    assert kept.total["penalty"]["amount"] == sum(d[4] for d in own)
    table, column = supervision.find_column("penalty", "fine") or (None, None)
    assert table is not None and column is not None
    deep = 1_000_000 + size // 2
    rare = supervision.find_column("review", "annulled.court")
    assert rare is not None
    calls = {
        "year from the sums": lambda: supervision.current(body, year, now),
        "year anew from the entries": lambda: supervision.as_of(body, year, now),
        "a figure opens": lambda: supervision.behind(body, year, column),
        "a figure opens, half way down": lambda: supervision.behind(body, year, column, after=deep),
        "a rare figure opens": lambda: supervision.behind(body, year, rare[1]),
    }
    return {
        "cases": size,
        "database": connection.vendor,
        "seed_seconds": seconds,
        "milliseconds": house.times(calls, rounds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--postgres", default="", help="postgres://… of a server; takes a database of its own"
    )
    options = parser.parse_args()
    results = [house.apart(measure, options.cases, options.rounds)]
    if options.postgres:
        with house.fresh_database(options.postgres) as url:
            results.append(house.apart(measure, options.cases, options.rounds, url=url))
    house.answer(results)


if __name__ == "__main__":
    main()
