"""The desk at 10,000 and at 1,000,000 cases: list, workbench and a long case page.

    python -m bench.desk [--sizes 10000,200000,1000000] [--rounds 60] [--postgres URL] [--keep FOLDER]

The cases are made up by formula and written straight into the tables: dossiers of one body over all
states (nine in ten closed), a lead and a second officer each among 200 people, and for every open one a
running clock and a to-do. The officer whose pages are measured holds about a thousand of them, a hundred
open, however many there are in all. One case is real: filed, investigated and carried on through the engine to 150 steps and 60
papers. Pages are asked for inside the process through the whole stack (middleware, session, view,
template), by turns. The case list shows 50 lines a page; ``list of 100`` is the same page with its
length set to 100 for the measurement. ``healthz`` is the floor: a request that does nothing.

``--keep`` leaves the filled databases behind (SQLite in the folder, PostgreSQL under ``mingzhi_bench_kept``),
and a later run with it begins where they stand; only ask for sizes not below what is there.
"""

from __future__ import annotations

import argparse
import os
import time
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import bureau as house

PEOPLE = 200
HELD_AMONG, SHARE = 10_000, 20
"""Of the first so many made cases, every twentieth is led by the officer whose pages are measured, and he
assists in as many: about a thousand, a hundred of them open, however many there are in all."""
FIRST = 1_000_000
"""The number of the first made case; below it stand those that went through the engine."""
STEPS, PAPERS = 150, 60


def long_case(bureau: Any) -> tuple[int, int, int]:
    """A case carried on through the engine; its id, steps and papers. One that is there is taken again."""
    from mingzhi.documents import api as documents
    from mingzhi.dossiers import api as dossiers
    from mingzhi.kernel import clock

    known = dossiers.Dossier.objects.filter(pk__lt=FIRST, steps_taken__gte=STEPS).first()
    if known is not None:
        return known.pk, known.steps_taken, len(documents.papers(known.pk))
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


def units_of(bureau: Any) -> list[int]:
    from mingzhi.organisations.models import Unit

    return list(Unit.objects.filter(body_id=bureau.body_id).order_by("pk").values_list("pk", flat=True))


def handlers(bureau: Any, units: list[int]) -> list[int]:
    """Who shares the cases out: the officer whose pages are measured, and made people."""
    from mingzhi.kernel import clock
    from mingzhi.organisations.models import Person

    known = list(Person.objects.filter(name__startswith="示例人员").order_by("pk"))
    made = known or Person.objects.bulk_create(
        Person(
            body_id=bureau.body_id, unit_id=units[n % len(units)], name=f"示例人员{n}", staffing="established"
        )
        for n in range(PEOPLE - 1)
    )
    return [bureau.person("officer1", clock.now()), *(p.pk for p in made)]


def seed(bureau: Any, size: int, first: int) -> dict[str, Any]:
    """``size`` made dossiers of the bureau, with two handlers each, clocks and to-dos; what was written, and
    how fast."""
    from mingzhi.deadlines.models import Deadline
    from mingzhi.dossiers.models import Dossier, Member
    from mingzhi.kernel import clock
    from mingzhi.procedures import api as procedures
    from mingzhi.tasks.models import Task

    began = time.perf_counter()
    now = clock.now()
    today = clock.local_date(now)
    units = units_of(bureau)
    leads = handlers(bureau, units)
    procedure = next(p for p in procedures.procedures() if p.code == "penalty.ordinary")
    final = [s for s in procedure.states if s.final]
    going = [s for s in procedure.states if not s.final]
    number = house.walk(first)
    whole = [(next(number), next(number), next(number)) for _ in range(size)]

    def is_open(n: int) -> bool:
        return whole[n][0] % 10 == 0

    def handler(n: int, nth: int = 0) -> int:
        """Which of ``leads`` has case ``n``: as its lead (0) or assistant (1); the first is who is measured."""
        b = whole[n][1]
        if first + n < FIRST + HELD_AMONG and b % SHARE == nth:
            return 0
        return 1 + (b // SHARE + nth * 7) % (PEOPLE - 1)

    def lived(n: int) -> tuple[Any, Any]:
        _, b, c = whole[n]
        age = timedelta(
            minutes=(b % (90 if is_open(n) else 2900)) * 1440 + c % 1440, microseconds=b % 999_983
        )
        opened = now - age - timedelta(days=1)
        return opened, opened + age * (c % 1000) / 1000

    def span(n: int) -> tuple[Any, Any]:
        opened, last = lived(n)
        return opened, None if is_open(n) else last

    def dossier(n: int) -> tuple[Any, ...]:
        a, b, c = whole[n]
        state = going[a // 10 % len(going)] if is_open(n) else final[a // 10 % len(final)]
        opened, last = lived(n)
        return (
            first + n, f"示例〔{opened.year}〕{first + n}号", procedure.code, procedure.version, f"涉嫌擅自占用城市道路案（示例{n}）",
            bureau.body_id, units[b % len(units)], "urban", "urban.road-occupy", state.code, state.stage, "open", opened,
            "bench", last, c % 30 + 1, None if is_open(n) else last, f"示例{n}号商贸有限公司", f"示例人员{handler(n)}", leads[handler(n)],
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
        ("dossier_id", "person_id", "role", "opened_at", "done_at", "since", "ended_because", "recused"),
        (
            (first + n, leads[handler(n, nth)], role, *span(n), now, "", False)
            for n in range(size)
            for nth, role in enumerate(("lead", "assist"))
        ),
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
                first + n, "", "case.investigate", f"调查取证：示例{n}", bureau.body_id, leads[handler(n)], "",
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


def filled() -> tuple[Any, ...]:
    from mingzhi.deadlines.models import Deadline
    from mingzhi.dossiers.models import Dossier, Member
    from mingzhi.tasks.models import Task

    return Dossier, Member, Deadline, Task


def made() -> int:
    """How many made cases there are already."""
    from mingzhi.dossiers.models import Dossier

    return Dossier.objects.filter(pk__gte=FIRST).count()


def measure(sizes: list[int], rounds: int) -> dict[str, Any]:
    """One installation, filled up to each size in turn."""
    bureau = house.people()
    began = time.perf_counter()
    case, steps, papers = long_case(bureau)
    house.note(f"a case of {steps} steps and {papers} papers: {time.perf_counter() - began:.0f} s")
    found, there = [], made()
    for size in sizes:
        if size < there:
            raise SystemExit(f"the kept database already holds {there} cases: ask for at least as many")
        with house.unindexed(*filled()) if size - there > 50_000 else nullcontext():
            seeded = seed(bureau, size - there, FIRST + there)
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
    unit = units_of(bureau)[3]
    officer, leader = house.browser(bureau, "officer1"), house.browser(bureau, "leader")
    ask = case_list.Asked("", "", "", None, False, "", None, "last", True, None)
    rows = Dossier.objects.filter(body_id=bureau.body_id).order_by("-last_step_at", "-pk")
    middle, end = (case_list.cursor(rows[nth], ask) for nth in (size // 2, size - 150))

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
        "list_of_100_from_the_middle": get(officer, f"/desk/cases/?after={middle}", 100),
        "list_of_100_from_the_end": get(officer, f"/desk/cases/?after={end}", 100),
        "list_of_100_oldest_step_first": get(officer, "/desk/cases/?sort=last", 100),
        "list_of_100_newest_first": get(officer, "/desk/cases/?sort=-opened", 100),
        "list_of_100_oldest_first": get(officer, "/desk/cases/?sort=opened", 100),
        "list_of_100_one_state": get(officer, "/desk/cases/?state=investigating", 100),
        "list_of_100_one_state_oldest_first": get(
            officer, "/desk/cases/?state=investigating&sort=opened", 100
        ),
        "list_of_100_one_unit": get(officer, f"/desk/cases/?unit={unit}", 100),
        "list_of_100_one_unit_oldest_first": get(officer, f"/desk/cases/?unit={unit}&sort=opened", 100),
        "list_of_100_mine": get(officer, "/desk/cases/?mine=1", 100),
        "list_of_100_mine_from_the_middle": get(officer, f"/desk/cases/?mine=1&after={middle}", 100),
        "list_of_100_mine_oldest_first": get(officer, "/desk/cases/?mine=1&sort=opened", 100),
        "list_of_100_mine_one_state": get(officer, "/desk/cases/?mine=1&state=investigating", 100),
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
    parser.add_argument("--sizes", default="10000,200000,1000000")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument(
        "--postgres", default="", help="postgres://… of a server; each size takes a database of its own"
    )
    parser.add_argument(
        "--keep", default="", help="a folder in which the filled databases stay for another run"
    )
    options = parser.parse_args()
    sizes = sorted(map(int, options.sizes.split(",")))
    kept = Path(options.keep) if options.keep else None
    results = [house.apart(measure, sizes, options.rounds, keep=str(kept / "sqlite") if kept else "")]
    if options.postgres:
        with house.fresh_database(options.postgres, "mingzhi_bench_kept" if kept else "") as url:
            folder = str(kept / "postgres") if kept else ""
            results.append(house.apart(measure, sizes, options.rounds, url=url, keep=folder))
    house.answer(results)


if __name__ == "__main__":
    main()
