"""A real server and a real worker, killed while people take steps by the desk's forms: nothing lost, nothing twice.

A few kills here, on a SQLite file; ``python -m bench kills --what steps --count 1000 [--postgres URL]`` does
as many as one has patience for, on either database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import bureau, kills_steps
from tests import migrated

ROOT = Path(__file__).resolve().parents[2]
HOW = {"count": 4, "clerks": 1, "dossiers": 1, "seed": 3}

pytestmark = pytest.mark.slow


def score(folder: Path) -> dict[str, Any]:
    migrated.lay_under(folder / bureau.PROFILE)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    environment.pop("MINGZHI_TEST_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "bench.kills_steps", json.dumps({**HOW, "keep": str(folder)})],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def check(told: dict[str, Any]) -> None:
    assert {kind: told[kind] for kind in kills_steps.MUST_BE_NONE} == dict.fromkeys(
        kills_steps.MUST_BE_NONE, 0
    ), told["examples"]
    assert told["killed"]["server"] and told["killed"]["worker"]
    assert told["acknowledged"] > 0 and told["sent_again"], "people worked, and met the absence"
    assert told["checkpoints_kept"] > 1
    assert told["one_key_at_once"] == {"threads": 16, "different_answers": 1}, "one effect, one answer"


def test_killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_is_there_twice(
    tmp_path: Path,
) -> None:
    check(score(tmp_path))
