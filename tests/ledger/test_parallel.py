"""Whatever writes in parallel, places are gapless and the tree is the reference tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(tmp_path: Path, url: str = "") -> dict[str, Any]:
    environment = {
        **os.environ,
        "MINGZHI_VAR": str(tmp_path),
        "MINGZHI_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings.test"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    environment.pop("MINGZHI_TEST_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.ledger.parallel_writers"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def check(told: dict[str, Any]) -> None:
    assert told["failures"] == []
    assert told["committed"] == told["entries"] == 6 * 32
    assert told["attempts"] == 6 * 8
    assert told["gapless"]
    assert told["each_once"]
    assert told["pending"] == 0
    assert told["root_is_reference"]
    assert told["findings"] == []
    assert told["checkpoints"] > 1


def test_on_a_sqlite_file(tmp_path: Path) -> None:
    told = run(tmp_path)
    assert told["vendor"] == "sqlite"
    check(told)


@pytest.mark.postgres
def test_on_postgresql_where_ids_commit_out_of_order(tmp_path: Path) -> None:
    import psycopg
    from psycopg import sql

    url = os.environ["MINGZHI_TEST_DATABASE_URL"]
    name = f"mingzhi_parallel_{os.getpid()}"
    base, _, _ = url.rpartition("/")
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            told = run(tmp_path, f"{base}/{name}")
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    assert told["vendor"] == "postgresql"
    check(told)
