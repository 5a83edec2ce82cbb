"""Two officers at the same moment on one case: one wins or both come in order, and no step is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import migrated
from tests.procedures.acting_at_once import EACH, ROUNDS

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, url: str = "") -> dict[str, Any]:
    profile = "xiashan-chengzong"
    if not url:
        migrated.lay_under(folder / profile)
    environment = {
        **os.environ,
        "MINGZHI_VAR": str(folder),
        "MINGZHI_PROFILE": profile,
        "MINGZHI_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    environment.pop("MINGZHI_TEST_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.procedures.acting_at_once"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def check(told: dict[str, Any]) -> None:
    assert told["failures"] == []
    for met in told["expected"]:
        assert sorted(m.partition(":")[0] for m in met) == ["procedure.somebody_acted", "step"], "one wins"
    for first, second in told["same_key"]:
        assert first == second and first.startswith("step:"), "one submission is one step"
    assert told["before"] == 2 + 2 * ROUNDS
    won = [m for met in told["unseen"] for m in met if m.startswith("step:")]
    lost = [m for met in told["unseen"] for m in met if not m.startswith("step:")]
    assert set(lost) <= {"procedure.somebody_acted"} and len(set(won)) == len(won) and len(won) >= EACH
    assert told["steps"] == told["steps_taken"] == told["before"] + len(won)
    assert told["seqs"] == list(range(1, told["steps"] + 1))
    assert told["folds"] and told["inconsistencies"] == []
    assert told["corrects"] == len(told["numbers"]) == len(set(told["numbers"])), "a paper and a number each"


def test_on_a_sqlite_file(tmp_path: Path) -> None:
    told = run(tmp_path)
    assert told["vendor"] == "sqlite"
    check(told)


@pytest.mark.postgres
def test_on_postgresql(tmp_path: Path) -> None:
    import psycopg
    from psycopg import sql

    server = os.environ["MINGZHI_TEST_DATABASE_URL"]
    name = f"at_once_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        migrated.create(admin, name)
        try:
            told = run(tmp_path, f"{server.rpartition('/')[0]}/{name}")
            assert told["vendor"] == "postgresql"
            check(told)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
