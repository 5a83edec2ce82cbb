"""Kept whole checks, and what alarms."""

from __future__ import annotations

import fcntl
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, connection, transaction

from mingzhi.ledger import api, kinds
from mingzhi.ledger.commands import ledger
from mingzhi.ledger.standing import check_and_keep
from tests.ledger.conftest import World

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def whole(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(kinds, "_strays", [])
    monkeypatch.setattr(kinds, "_file_check", [lambda file_id, digest: file_id != 8])
    world.add(5)
    world.place()
    world.files["note:2"] = [(7, "aa")]
    return world


def test_a_whole_check_is_kept_and_names_rows_and_files(whole: World) -> None:
    assert api.standing.check_runs() == []
    check_and_keep(at=whole.at)
    (good,) = api.standing.check_runs()
    assert good.ok and (good.size, good.rows, good.files) == (5, 5, 1)
    whole.rows["note:1"] = {"number": 1, "text": "改"}
    del whole.rows["note:3"]
    whole.rows["note:9"] = {"number": 9, "text": "插入"}
    whole.files["note:4"] = [(8, "bb")]
    check_and_keep(at=whole.at + timedelta(days=1))
    bad = api.standing.check_runs()[0]
    assert {(f.code, f.subject) for f in bad.findings} == {
        ("fact.altered", "note:1"),
        ("fact.missing", "note:3"),
        ("fact.extra", "note:9"),
        ("file.altered", "note:4"),
    }
    assert bad.found == 4 and not bad.ok
    from config import checks

    assert "mingzhi.E061" in [f.id for f in checks.ledger(deploy=False)]
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute("UPDATE ledger_checkrun SET found = 0")


def test_files_that_no_record_names_are_told(whole: World) -> None:
    api.register_strays(lambda at: [("ab/cd", 7)])
    check_and_keep(at=whole.at)
    (run,) = api.standing.check_runs()
    assert run.ok and "ab/cd" in run.notes[-1]


def test_one_check_at_a_time(whole: World, settings: Any) -> None:
    folder = Path(settings.LEDGER_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "check.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert check_and_keep(at=whole.at) is None
        assert CliRunner().invoke(ledger, ["fsck", "--keep"]).exit_code == 2
    assert json.loads(CliRunner().invoke(ledger, ["fsck", "--keep", "--json"]).output)["ok"]
    assert len(api.standing.check_runs(9)) == 1


def test_an_old_check_is_told(whole: World) -> None:
    from config import checks

    assert [f.id for f in checks.ledger(deploy=False)] == ["mingzhi.W062"]  # begun long ago, never checked


def test_keys_and_rotation_from_the_command_line(whole: World) -> None:
    run = CliRunner().invoke
    old = run(ledger, ["key"]).output.split()
    assert old == api.keys_in_force()
    told = json.loads(
        run(ledger, ["rotate", "--algorithm", "ed25519", "--by", "示例管理员", "--json"]).output
    )
    assert run(ledger, ["rotate", "--algorithm", "ed25519", "--by", "示例管理员"]).exit_code == 1
    whole.place()
    assert told["vkey"] in run(ledger, ["key", "--all"]).output
    assert "tlog-proof" in run(ledger, ["key", "--all"]).output
