"""Run as a program: officers act at the same moment on one case, on a database of their own.

Prints one JSON line with what each met and what was left behind.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

import django

ROUNDS, EACH = 4, 6


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection, connections

    call_command("migrate", verbosity=0)
    call_command("migrate", database="attempts", verbosity=0)

    from mingzhi.documents import api as documents
    from mingzhi.dossiers import api as dossiers
    from mingzhi.kernel.errors import MingzhiError
    from mingzhi.procedures import api as procedures
    from mingzhi.web.demo.drive import Drive
    from tests.stories.conftest import MONDAY, a_matter, bureau_for

    case = Drive(bureau_for("xiashan-chengzong", MONDAY), a_matter(), MONDAY)
    case.file()
    people = {who: case.by(who) for who in ("officer1", "officer2")}
    failures: list[str] = []

    def taken() -> int:
        return dossiers.access_dossier(people["officer1"], case.id).steps_taken

    def act(who: str, **how: Any) -> str:
        facts = {"act": f"堆放货物占用道路（{who}）", "demand": "立即改正"}
        try:
            step = procedures.advance(case.id, "correct", by=people[who], at=case.at, facts=facts, **how)
        except MingzhiError as refusal:
            return refusal.code
        return f"step:{step.id}"

    def together(*works: Callable[[], object]) -> list[Any]:
        met: list[Any] = [None] * len(works)
        start = threading.Barrier(len(works))

        def run(index: int) -> None:
            try:
                start.wait()
                met[index] = works[index]()
            except Exception as error:  # noqa: BLE001 — reported to the test
                failures.append(repr(error))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=(i,)) for i in range(len(works))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return met

    seen = []
    for _ in range(ROUNDS):
        now = taken()
        seen.append(together(*(lambda w=w, now=now: act(w, expected=now) for w in people)))
    same = [
        together(*(lambda n=n: act("officer1", key=f"submission-{n}") for _ in range(2)))
        for n in range(ROUNDS)
    ]
    before = taken()
    unseen = together(*(lambda w=w: [act(w) for _ in range(EACH)] for w in people))
    dossier = dossiers.access_dossier(people["officer1"], case.id)
    steps = procedures.steps(dossier)
    numbers = [p.number for p in documents.papers(case.id) if p.template == "P09"]
    sys.stdout.write(
        json.dumps(
            {
                "vendor": connection.vendor,
                "failures": failures,
                "expected": seen,
                "same_key": same,
                "before": before,
                "unseen": unseen,
                "steps_taken": dossier.steps_taken,
                "steps": len(steps),
                "seqs": [s.seq for s in steps],
                "folds": procedures.fold(steps, procedures.procedure(dossier.procedure)) == dossier.state,
                "inconsistencies": procedures.inconsistencies(),
                "numbers": numbers,
                "corrects": sum(1 for s in steps if s.verb == "correct"),
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
