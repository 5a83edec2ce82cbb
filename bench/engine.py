"""Steps per second through the engine: rights, guards, duties, clocks, to-dos, papers and ledger.

    python -m bench engine [--clients 4] [--seconds 10] [--cases 40] [--postgres postgres://user@host/any]

Each client is a process with its own connection and ``--cases`` cases of its own, as separate officers
are. It takes the steps ``recuse_apply`` (plain, with a to-do) and ``recuse_decide`` (a leader's step
with a numbered paper) in turn over them, each with a submission key as the desk sends it. Then steps
are refused: by all clients at once, and by one alone. Wall times say what a person waits on this
machine as busy as it is; CPU times (of the client process; PostgreSQL's own work is not in them) say
what a step costs on any. ``--postgres`` names a server: the database is made and dropped. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import secrets
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from bench import bureau

PLAIN, PAPER, REFUSED = "plain", "numbered_paper", "refused"
ALONE = "refused_alone"
Spent = dict[str, list[tuple[float, float]]]


class Clerk:
    """One client: takes the steps of its own cases and notes the wall and CPU seconds of each."""

    def __init__(self, dossiers: list[int]) -> None:
        from mingzhi.kernel import clock

        self.now = clock.now
        self.dossiers = dossiers
        people = bureau.people()
        self.officer, self.leader = (people.actor(who, self.now()) for who in ("officer1", "leader"))
        self.asked = people.person("officer2", self.now())
        self.spent: Spent = {}

    def step(self, kind: str, dossier: int, verb: str, by: Any, facts: dict[str, Any]) -> None:
        from mingzhi.procedures import api as procedures
        from mingzhi.procedures.errors import GuardsUnmet

        wall, cpu = time.perf_counter(), time.process_time()
        try:
            procedures.advance(
                dossier, verb, by=by, at=self.now(), facts=facts, key=secrets.token_urlsafe(16)
            )
        except GuardsUnmet:
            if kind not in {REFUSED, ALONE}:
                raise
        self.spent.setdefault(kind, []).append((time.perf_counter() - wall, time.process_time() - cpu))

    def work(self, dossier: int) -> None:
        reason = {"applicant": "party", "target": self.asked, "reason": "当事人认为有利害关系"}
        self.step(PLAIN, dossier, "recuse_apply", self.officer, reason)
        decided = {"approved": False, "reason": "经审查不存在应当回避的情形"}
        self.step(PAPER, dossier, "recuse_decide", self.leader, decided)

    def be_refused(self, kind: str) -> None:
        for dossier in self.dossiers:
            self.step(kind, dossier, "conclude", self.officer, {})


def _client(number: int, dossiers: list[int], seconds: float, ready: Any, out: Any) -> None:
    import django

    django.setup()
    clerk = Clerk(dossiers)
    for _ in range(3):  # warm up; not counted
        clerk.work(dossiers[0])
        clerk.be_refused(REFUSED)
    clerk.spent = {}
    ready.wait()
    began, index = time.perf_counter(), 0
    while time.perf_counter() < began + seconds:
        clerk.work(dossiers[index % len(dossiers)])
        index += 1
    elapsed = time.perf_counter() - began
    ready.wait()
    clerk.be_refused(REFUSED)
    ready.wait()
    if number == 0:
        clerk.be_refused(ALONE)
    out.put((elapsed, clerk.spent))


def filed(count: int) -> dict[str, Any]:
    """``count`` filed cases, and how durable a commit is on this database."""
    from django.db import connection

    from mingzhi.kernel import clock
    from mingzhi.web.demo.drive import Drive
    from tests.stories.conftest import a_matter

    now, people, ids = clock.now(), bureau.people(), []
    for _ in range(count):
        drive = Drive(people, a_matter(act_on=clock.local_date(now)), now)
        drive.file(clue=False)
        ids.append(drive.id)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous")
            durable = f"synchronous={cursor.fetchone()[0]} (2 = FULL)"
        else:
            cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
            durable = "fsync={}, synchronous_commit={}".format(*cursor.fetchone())
    return {"dossiers": ids, "durability": durable}


def _gather(results: list[tuple[float, Spent]]) -> dict[str, Any]:
    spent: Spent = {}
    for _, own in results:
        for kind, pairs in own.items():
            spent.setdefault(kind, []).extend(pairs)
    taken = [pair for kind in (PLAIN, PAPER) for pair in spent[kind]]
    found: dict[str, Any] = {
        "steps": len(taken),
        "steps_per_second": round(sum(2 * len(own[PAPER]) / elapsed for elapsed, own in results), 1),
        "step": bureau.summary([wall * 1000 for wall, _ in taken]),
    }
    for kind, pairs in spent.items():
        found[kind] = {
            **bureau.summary([wall * 1000 for wall, _ in pairs]),
            "cpu_ms": round(statistics.mean(cpu for _, cpu in pairs) * 1000, 2),
        }
    return found


def run(*, clients: int, seconds: float, cases: int, url: str = "") -> dict[str, Any]:
    with bureau.installation(url):
        made = bureau.set_up(filed, clients * cases)
        bureau.note(f"{clients * cases} cases filed; {clients} clients for {seconds:g} s")
        context = mp.get_context("spawn")
        ready, out = context.Barrier(clients), context.Queue()
        before = os.getloadavg()[0]
        people = [
            context.Process(target=_client, args=(i, made["dossiers"][i::clients], seconds, ready, out))
            for i in range(clients)
        ]
        for person in people:
            person.start()
        results = [out.get() for _ in people]
        for person in people:
            person.join()
    found = {
        "database": "postgresql" if url else "sqlite",
        "durability": made["durability"],
        "clients": clients,
        "seconds": seconds,
        **_gather(results),
        "load_before": round(before, 2),
        "load_after": round(os.getloadavg()[0], 2),
    }
    bureau.note(json.dumps(found))  # at once: the next database may take longer than there is time
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--cases", type=int, default=40, help="per client")
    parser.add_argument("--postgres", default="", metavar="URL", help="a server; the database is made there")
    parser.add_argument("--only-postgres", action="store_true", help="leave SQLite out")
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
    asked = {"clients": options.clients, "seconds": options.seconds, "cases": options.cases}
    results = [] if options.only_postgres else [run(**asked)]
    if options.postgres:
        with bureau.fresh_database(options.postgres) as url:
            results.append(run(**asked, url=url))
    bureau.answer(results)


if __name__ == "__main__":
    main()
