"""The desk at 10,000 and at 1,000,000 cases: list, workbench and a long case page.

    python -m bench.desk [--sizes 10000,1000000] [--rounds 60] [--postgres URL]

The cases are made up by formula and written straight into the tables: dossiers of one body over all
states (nine in ten closed), a lead each among 200 made people, and for every open one a running clock
and a to-do. One case is real: filed, investigated and carried on through the engine to 150 steps and 60
papers. Pages are asked for inside the process through the whole stack (middleware, session, view,
template), by turns. The case list shows 50 lines a page; ``list of 100`` is the same page with its
length set to 100 for the measurement. ``healthz`` is the floor: a request that does nothing.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import timedelta
from typing import Any

from bench import bureau as house

PEOPLE = 200
STEPS, PAPERS = 150, 60


def long_case(bureau: Any) -> tuple[int, int, int]:
    """A case carried on through the engine; its id, steps and papers."""
    from mingzhi.documents import api as documents
    from mingzhi.dossiers import api as dossiers
    from mingzhi.kernel import clock
    from mingzhi.web.demo.drive import Drive
    from tests.stories.conftest import a_matter

    started = clock.now() - timedelta(days=60)
    drive = Drive(bureau, a_matter(act_on=clock.local_date(started)), started)
    drive.file(clue=False)
    drive.investigate()

    def counts() -> tuple[int, int]:
        dossier = dossiers.access_dossier(drive.by(drive.lead), drive.id)
        return dossier.steps_taken, len(documents.papers(drive.id))

    steps, papers = counts()
    while papers < PAPERS and steps < STEPS:
        drive.step(
            "recuse_apply",
            "officer1",
            applicant="party",
            target=bureau.person("officer2", drive.at),
            reason="当事人认为有利害关系",
        )
        drive.step("recuse_decide", "leader", approved=False, reason="经审查不存在应当回避的情形")
        steps, papers = counts()
    pairs = (("officer1", "officer2"), ("officer1", "officer3"))
    for turn in range(STEPS - steps):
        drive.step("assign", drive.head, officers=drive.people(pairs[turn % 2]), reason="工作需要")
    return drive.id, *counts()


def seed(bureau: Any, size: int, first: int) -> dict[str, Any]:
    """``size`` made dossiers of the bureau, with leads, clocks and to-dos; what was written, and how fast."""
    from mingzhi.deadlines.models import Deadline
    from mingzhi.dossiers.models import Dossier, Member
    from mingzhi.kernel import clock
    from mingzhi.organisations.models import Person, Unit
    from mingzhi.procedures import api as procedures
    from mingzhi.tasks.models import Task

    began = time.perf_counter()
    now = clock.now()
    today = clock.local_date(now)
    units = list(Unit.objects.filter(body_id=bureau.body_id).order_by("pk").values_list("pk", flat=True))
    made = Person.objects.bulk_create(
        Person(
            body_id=bureau.body_id, unit_id=units[n % len(units)], name=f"示例人员{n}", staffing="established"
        )
        for n in range(PEOPLE - 1)
    )
    leads = [bureau.person("officer1", now), *(p.pk for p in made)]
    procedure = next(p for p in procedures.procedures() if p.code == "penalty.ordinary")
    final = [s for s in procedure.states if s.final]
    going = [s for s in procedure.states if not s.final]
    number = house.walk(first)
    whole = [(next(number), next(number), next(number)) for _ in range(size)]

    def is_open(n: int) -> bool:
        return whole[n][0] % 10 == 0

    def dossier(n: int) -> tuple[Any, ...]:
        a, b, c = whole[n]
        state = going[a // 10 % len(going)] if is_open(n) else final[a // 10 % len(final)]
        age = timedelta(
            minutes=(b % (90 if is_open(n) else 2900)) * 1440 + c % 1440, microseconds=b % 999_983
        )
        opened = now - age - timedelta(days=1)
        last = opened + age * (c % 1000) / 1000
        return (
            first + n, f"示例〔{opened.year}〕{first + n}号", procedure.code, procedure.version, f"涉嫌擅自占用城市道路案（示例{n}）",
            bureau.body_id, units[b % len(units)], "urban", "urban.road-occupy", state.code, state.stage, "open", opened,
            "bench", last, c % 30 + 1, None if is_open(n) else last, f"示例{n}号商贸有限公司", f"示例人员{b % PEOPLE}", leads[b % PEOPLE],
        )  # fmt: skip

    columns = (
        "id", "number", "procedure", "procedure_version", "title", "body_id", "unit_id", "field", "item_code", "state", "stage",
        "secrecy", "opened_at", "opened_by", "last_step_at", "steps_taken", "closed_at", "party_name", "lead_name", "lead_id",
    )  # fmt: skip
    house.fill(Dossier, columns, (dossier(n) for n in range(size)))
    spent = time.perf_counter() - began
    opens = [n for n in range(size) if is_open(n)]
    house.fill(
        Member,
        ("dossier_id", "person_id", "role", "since", "ended_because", "recused"),
        ((first + n, leads[whole[n][1] % PEOPLE], "lead", now, "", False) for n in range(size)),
    )

    def clock_row(n: int) -> tuple[Any, ...]:
        # One in eight is late; the others end within the next ninety days.
        due = today + timedelta(days=whole[n][2] % 104 - 13)
        return (
            f"dossier:{first + n}", first + n, bureau.body_id, units[whole[n][1] % len(units)], "penalty.term.filing_to_decision",
            "", "作出处罚决定期限", "", now - timedelta(days=60), 90, "CD", True, "[]", "", "running", due, due, False, "made", "[]",
            "bench", now,
        )  # fmt: skip

    house.fill(
        Deadline,
        (
            "subject", "dossier_id", "body_id", "unit_id", "norm", "norm_version", "label", "citation", "started_at", "n", "unit",
            "roll", "warn_at", "extended", "state", "due_on", "alarm_on", "provisional", "calendar_version", "skipped", "started_by",
            "recorded_at",
        ),
        (clock_row(n) for n in opens),
    )  # fmt: skip
    house.fill(
        Task,
        ("dossier_id", "subject", "kind", "title", "body_id", "assignee_id", "permission", "due_on", "opened_at", "closed_by"),
        (
            (
                first + n, "", "case.investigate", f"调查取证：示例{n}", bureau.body_id, leads[whole[n][1] % PEOPLE], "",
                today + timedelta(days=whole[n][2] % 60), now - timedelta(days=whole[n][2] % 30), "",
            )
            for n in opens
        ),
    )  # fmt: skip
    return {
        "dossiers_added": size,
        "open_with_clock_and_to_do": len(opens),
        "dossiers_s": round(spent, 1),
        "all_s": round(time.perf_counter() - began, 1),
    }


def measure(sizes: list[int], rounds: int) -> dict[str, Any]:
    """One installation, filled up to each size in turn."""
    bureau = house.people()
    began = time.perf_counter()
    case, steps, papers = long_case(bureau)
    house.note(f"a case of {steps} steps and {papers} papers: {time.perf_counter() - began:.0f} s")
    found, there = [], 0
    for size in sizes:
        seeded = seed(bureau, size - there, 1_000_000 + there)
        there = size
        house.note(f"{seeded}")
        found.append(
            {"cases": size, "seeded": seeded, "load": round(os.getloadavg()[0], 2)}
            | pages(bureau, case, size, rounds)
        )
        house.note(f"{found[-1]}")
    return {"case": {"steps": steps, "papers": papers}, "sizes": found}


def pages(bureau: Any, case: int, size: int, rounds: int) -> dict[str, Any]:
    from django.db import connection

    from mingzhi.dossiers.models import Dossier
    from mingzhi.web.desk import case_list

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    officer, leader = house.browser(bureau, "officer1"), house.browser(bureau, "leader")
    deep = Dossier.objects.filter(body_id=bureau.body_id).order_by("-last_step_at", "-pk")[size // 2]
    ask = case_list.Asked("", "", "", None, False, "", None, "last", True, None)
    after = case_list.cursor(deep, ask)

    def get(client: Any, address: str, length: int = 0) -> Any:
        def call() -> None:
            shown = case_list.PAGE
            case_list.PAGE = length or shown
            try:
                response = client.get(address)
                assert response.status_code == 200, (
                    address,
                    response.status_code,
                    response.content[-1500:].decode(),
                )
            finally:
                case_list.PAGE = shown

        return call

    calls = {
        "floor_healthz": get(officer, "/healthz"),
        f"list_of_{case_list.PAGE}_as_shipped": get(officer, "/desk/cases/"),
        "list_of_100": get(officer, "/desk/cases/", 100),
        "list_of_100_from_the_middle": get(officer, f"/desk/cases/?after={after}", 100),
        "list_of_100_one_state": get(officer, "/desk/cases/?state=investigating", 100),
        "list_of_100_mine": get(officer, "/desk/cases/?mine=1", 100),
        "workbench_officer": get(officer, "/desk/"),
        "workbench_leader": get(leader, "/desk/"),
        "case_page": get(officer, f"/desk/cases/{case}/"),
        "case_papers": get(officer, f"/desk/cases/{case}/?tab=papers"),
    }
    figures = house.times(calls, rounds)
    for name, call in calls.items():
        figures[name]["queries"] = house.queries_of(call)
    return {
        "database": connection.vendor,
        "requests_each": rounds,
        "pages": figures,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="10000,1000000")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument(
        "--postgres", default="", help="postgres://… of a server; each size takes a database of its own"
    )
    options = parser.parse_args()
    sizes = sorted(map(int, options.sizes.split(",")))
    results = [house.apart(measure, sizes, options.rounds)]
    if options.postgres:
        with house.fresh_database(options.postgres) as url:
            results.append(house.apart(measure, sizes, options.rounds, url=url))
    house.answer(results)


if __name__ == "__main__":
    main()
