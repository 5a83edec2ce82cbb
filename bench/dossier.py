"""A dossier of many papers: how fast its page opens, its PDF is bound, its package is made and checked.

    python -m bench.dossier [--papers 500] [--rounds 3]

Makes one dossier with that many signed papers (one-page letters and two-page notices by turns) in a
database and file store of its own, archives it, and prints the median of the rounds for each
promise: opens ≤ 1 s, PDF ≤ 10 s, package ≤ 20 s. Making the papers themselves is told apart. Every
bound page and every hash is checked, so that nothing is quick by being incomplete.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
os.environ["MINGZHI_VAR"] = tempfile.mkdtemp(prefix="mingzhi-bench-")
os.environ.setdefault("MINGZHI_PROFILE", "xiashan-chengzong")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from mingzhi.documents import actions as document_actions  # noqa: E402
from mingzhi.documents import api as documents  # noqa: E402
from mingzhi.dossiers import api as dossiers  # noqa: E402
from mingzhi.dossiers import binding, jobs, package  # noqa: E402
from mingzhi.dossiers.models import Dossier  # noqa: E402
from mingzhi.files import api as files  # noqa: E402
from mingzhi.kernel import clock  # noqa: E402
from mingzhi.ledger import api as ledger  # noqa: E402
from mingzhi.ledger.sequencer import open_log  # noqa: E402
from mingzhi.ledger.verify_package import verify_package  # noqa: E402
from mingzhi.organisations import api as organisations  # noqa: E402

PROFILE = "xiashan-chengzong"
LINE = "当事人在示例区某某路人行道上堆放建筑物料，占用城市道路面积十二平方米，未经批准。"


def made(count: int) -> Dossier:
    """A closed dossier with ``count`` drawn papers, archived, nothing rendered yet."""
    at = clock.now()
    loaded = organisations.load_bureau(PROFILE, at=at)
    by = organisations.actor_of(
        organisations.accounts.account(dict(loaded.accounts)["archivist"]), clock.today()
    )
    body = organisations.body(by.body_id)
    document_actions.load_templates(by=organisations.system_actor(), at=at)
    open_log(at=at)
    with transaction.atomic():
        dossier = dossiers.dossier_open(
            procedure="penalty.ordinary", procedure_version="2026-11", state="archived", stage="归档",
            title="涉嫌擅自占用城市道路案", body_id=body.id, unit_id=by.unit_id or 0, field="urban", by=by, at=at,
        )  # fmt: skip
        for n in range(count):
            data = documents.sample_data(documents.template("P28" if n % 2 else "P13").text)
            data = {k: (f"{LINE * 6}" if k == "facts" else v) for k, v in data.items()}
            documents.draw(
                dossier_id=dossier.pk, template="P28" if n % 2 else "P13", data=data, body=body, step_id=None,
                by=by, at=at,
            )  # fmt: skip
        dossiers.archive.dossier_archive(dossier=dossier, importance="important", by=by, at=at)
    return Dossier.objects.select_related("unit", "linked_from", "body").get(pk=dossier.pk)


def timed(rounds: int, act: Callable[[], object]) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for alias in ("default", "attempts"):
        call_command("migrate", database=alias, verbosity=0)
    dossier = made(asked.papers)
    began = time.perf_counter()
    jobs.sealed(dossier, by="system", at=clock.now())
    print(f"setting, sealing and indexing {asked.papers} papers: {time.perf_counter() - began:.1f} s")
    print(f"load {os.getloadavg()[0]:.1f}, median of {asked.rounds}")

    def opens() -> None:
        lines = dossiers.archive.contents(dossier)
        assert len(lines) == asked.papers
        assert dossiers.archive.archive_of(dossier.pk) is not None

    print(f"opens:   {timed(asked.rounds, opens):6.2f} s  (promise 1 s)")
    lines = dossiers.archive.sealed_index(dossier.pk)[1]
    view = dossiers.archive.archive_of(dossier.pk)
    assert view is not None

    def bound() -> None:
        found = binding.bind(dossier, lines, ("main", "side"), at=clock.now())
        assert found.pages >= view.pages_main + view.pages_side

    print(
        f"PDF:     {timed(asked.rounds, bound):6.2f} s  (promise 10 s), {view.pages_main + view.pages_side} sheets"
    )
    stored = []
    print(
        f"package: {timed(asked.rounds, lambda: stored.append(package.build(dossier, at=clock.now()))):6.2f} s"
        f"  (promise 20 s), {stored[-1].size / 1e6:.0f} MB"
    )
    began = time.perf_counter()
    report = verify_package(files.path(stored[-1].id), vkeys=ledger.verifier_keys())
    assert report.ok, [c.findings for c in report.checks.values() if c.findings]
    print(f"checked: {time.perf_counter() - began:6.2f} s, {report.items} items, all passed")


if __name__ == "__main__":
    main()
