"""Steps per second through the engine: rights, guards, duties, clocks, to-dos and ledger, 4 clients.

    python -m bench.engine [--clients 4] [--seconds 10] [--postgres URL]

Each client is a process with its own connection and cases of its own body, as separate officers are.
It takes the steps ``recuse_apply`` (with a to-do) and ``recuse_decide`` (a leader's step with a numbered
paper) in turn over its 40 cases; refused steps are timed afterwards. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path


def _client(
    number: int, dossier_ids: list[int], accounts: dict[str, int], body_id: int, seconds: float, out: mp.Queue
) -> None:
    import django

    django.setup()
    from mingzhi.kernel import clock
    from mingzhi.kernel.errors import MingzhiError
    from mingzhi.procedures import api as procedures
    from mingzhi.web.demo.drive import Bureau

    bureau = Bureau(body_id=body_id, accounts=accounts)
    now = clock.now()
    officer, leader = bureau.actor("officer1", now), bureau.actor("leader", now)
    taken, refused, durations = 0, [], []
    end = time.perf_counter() + seconds
    index = 0
    while time.perf_counter() < end:
        dossier = dossier_ids[index % len(dossier_ids)]
        index += 1
        at = clock.now()
        for verb, by, facts in (
            (
                "recuse_apply",
                officer,
                {
                    "applicant": "party",
                    "target": bureau.person("officer2", at),
                    "reason": "当事人认为有利害关系",
                },
            ),
            ("recuse_decide", leader, {"approved": False, "reason": "经审查不存在应当回避的情形"}),
        ):
            began = time.perf_counter()
            procedures.advance(dossier, verb, by=by, at=at, facts=facts)
            durations.append(time.perf_counter() - began)
            taken += 1
    for dossier in dossier_ids[:40]:
        began = time.perf_counter()
        try:
            procedures.advance(dossier, "conclude", by=officer, at=clock.now(), facts={})
        except MingzhiError:
            refused.append(time.perf_counter() - began)
    out.put((taken, durations, refused))


def _prepare(cases: int) -> tuple[list[int], dict[str, int], int]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.conf import settings

    if settings.DATABASES["attempts"]["NAME"] != settings.DATABASES["default"]["NAME"]:
        call_command("migrate", database="attempts", verbosity=0)
    from mingzhi.kernel import clock
    from mingzhi.web.demo.drive import Drive
    from tests.stories.conftest import a_matter, bureau_for

    now = clock.now()
    bureau = bureau_for("xiashan-chengzong", now)
    ids = []
    for _ in range(cases):
        drive = Drive(bureau, a_matter(act_on=clock.local_date(now)), now)
        drive.open()
        drive.step(
            "file_request", "officer1", cause="涉嫌擅自占用城市道路案", source="inspection", item_code="urban.road-occupy",
            summary="巡查发现当事人未经批准占用城市道路。", place="示例路", act_began_on=drive.day, act_ended_on=drive.day,
            discovered_on=drive.day, officers=drive.people(("officer1", "officer2")),
        )  # fmt: skip
        drive.step("file_approve", "leader", opinion="同意立案。")
        ids.append(drive.id)
    return ids, bureau.accounts, bureau.body_id


def run(*, clients: int, seconds: float, url: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
        os.environ["MINGZHI_VAR"] = folder
        os.environ["MINGZHI_DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
        context = mp.get_context("spawn")
        with context.Pool(1) as pool:
            ids, accounts, body_id = pool.apply(_prepare, (clients * 40,))
        out: mp.Queue = context.Queue()
        people = [
            context.Process(target=_client, args=(i, ids[i::clients], accounts, body_id, seconds, out))
            for i in range(clients)
        ]
        began = time.perf_counter()
        for person in people:
            person.start()
        results = [out.get() for _ in people]
        elapsed = time.perf_counter() - began
        for person in people:
            person.join()
    taken = sum(r[0] for r in results)
    durations = sorted(d for r in results for d in r[1])
    refused = sorted(d for r in results for d in r[2])
    return {
        "database": "postgresql" if url else "sqlite",
        "clients": clients,
        "steps": taken,
        "steps_per_second": round(taken / seconds, 1),
        "step_ms_median": round(statistics.median(durations) * 1000, 2),
        "step_ms_p95": round(durations[int(len(durations) * 0.95)] * 1000, 2),
        "refused_ms_median": round(statistics.median(refused) * 1000, 2),
        "refused_ms_p95": round(refused[int(len(refused) * 0.95)] * 1000, 2),
        "elapsed": round(elapsed, 1),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--postgres", default="", help="postgres://… of an empty database")
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
    results = [run(clients=options.clients, seconds=options.seconds, url="")]
    if options.postgres:
        results.append(run(clients=options.clients, seconds=options.seconds, url=options.postgres))
    json.dump(results, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
