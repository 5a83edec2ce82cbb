"""What the second log costs a page: the case page with and without its line of who looked.

    python -m bench.attempts [--rounds 200] [--postgres URL]

The same case page and the same record (opened for a purpose) are asked for inside the process through
the whole stack, by turns: as they are, and with ``ledger.attempt`` doing nothing. The difference of the
medians is the cost of a look; the goal is 2 ms at most. The log holds 100,000 lines before.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any
from unittest import mock

from bench import bureau as house

LINES = 100_000


def measure(rounds: int) -> dict[str, Any]:
    from mingzhi.kernel import clock
    from mingzhi.ledger import actions, api
    from mingzhi.ledger.models import Attempt
    from mingzhi.ledger.router import ALIAS
    from mingzhi.web.demo.drive import Drive
    from tests.stories.conftest import a_matter

    bureau = house.people()
    now = clock.now()
    drive = Drive(bureau, a_matter(act_on=clock.local_date(now - timedelta(days=3))), now - timedelta(days=2))
    drive.file(clue=False)
    drive.investigate()
    Attempt.objects.using(ALIAS).bulk_create(
        (
            Attempt(act="dossier:viewed", subject=f"dossier:{n % 900}", by=f"person:{n % 50}", at=now, outcome="ok", detail={"tab": ""})
            for n in range(LINES)
        ),
        batch_size=5000,
    )  # fmt: skip
    client = house.browser(bureau, "officer1")
    page = f"/desk/cases/{drive.id}/"

    def get() -> None:
        assert client.get(page).status_code == 200

    def bare() -> None:
        with mock.patch.object(api, "attempt", lambda *_a, **_k: 0):
            assert client.get(page).status_code == 200

    def note() -> None:
        actions.attempt("dossier:viewed", f"dossier:{drive.id}", by="person:1", at=now, detail={"tab": ""})

    found = house.times({"page": get, "page_without": bare, "line_alone": note}, rounds)
    cost = round(found["page"]["p50_ms"] - found["page_without"]["p50_ms"], 2)
    return {"rounds": rounds, "lines_before": LINES, **found, "cost_p50_ms": cost, "goal_ms": 2.0}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--postgres", default="", help="a PostgreSQL server to make a database on")
    asked = parser.parse_args()
    found = {"sqlite": house.apart(measure, asked.rounds)}
    if asked.postgres:
        with house.fresh_database(asked.postgres) as url:
            found["postgresql"] = house.apart(measure, asked.rounds, url=url)
    house.answer(found)


if __name__ == "__main__":
    main()
