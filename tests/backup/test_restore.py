"""An installation of its own, backed up and brought back by the commands, and every way it must not be."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests import migrated
from tests.conftest import ON_POSTGRES

ROOT = Path(__file__).resolve().parents[2]
PROFILE = "yongcheng-transport"
pytestmark = [pytest.mark.slow, *([pytest.mark.postgres] if ON_POSTGRES else [])]


@dataclass(frozen=True)
class Place:
    """A data folder and the database that goes with it."""

    folder: Path
    url: str = ""

    def run(self, *words: str, given: str = "", code: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "mingzhi.cli", *words],
            cwd=ROOT,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("MINGZHI_")},
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
                "DJANGO_SETTINGS_MODULE": "config.settings.dev",
                "MINGZHI_VAR": str(self.folder),
                "MINGZHI_SHARED_VAR": os.environ.get("MINGZHI_SHARED_VAR", str(ROOT / "var")),
                "MINGZHI_PROFILE": PROFILE,
                "MINGZHI_DATABASE_URL": self.url,
            },
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    @property
    def data(self) -> Path:
        return self.folder / PROFILE


@contextmanager
def database(*, prepared: bool = False) -> Iterator[str]:
    """A database of its own on the tests' PostgreSQL server, empty or migrated; on SQLite, none is needed."""
    server = os.environ.get("MINGZHI_TEST_DATABASE_URL", "")
    if not ON_POSTGRES:
        yield ""
        return
    import psycopg

    name = f"backup_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(server)._replace(path="/postgres")
    admin = urlunsplit(parts._replace(scheme="postgresql"))
    with psycopg.connect(admin, autocommit=True) as connection:
        if prepared:
            migrated.create(connection, name)
        else:
            connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True)
class World:
    """A bureau with two cases, its repository with one backup, the recovery code, and a later checkpoint."""

    source: Place
    repository: Path
    code: str
    first: dict[str, object]
    later: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    base = tmp_path_factory.mktemp("backup")
    with database(prepared=True) as url:
        source = Place(base / "var", url)
        source.folder.mkdir()
        if not url:
            migrated.lay_under(source.data)
        source.run("init", "--profile", PROFILE, "--cases", "2")
        kept = source.run("ledger", "checkpoint").stdout
        told = source.run("backup", "new", str(base / "repository")).stdout
        code = re.search(r"(?:[A-Z2-7]{4}-){13}[A-Z2-7]{4}", told)
        assert code is not None
        first = json.loads(source.run("backup", "make", str(base / "repository"), "--json").stdout)
        source.run("demo", "--cases", "14")
        later = base / "later.txt"
        later.write_text(source.run("ledger", "checkpoint").stdout)
        (base / "kept.txt").write_text(kept)
        yield World(source, base / "repository", code.group(), first, later)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "new").mkdir()
    with database() as url:
        yield Place(tmp_path / "new", url)


@pytest.fixture
def copy(world: World, tmp_path: Path) -> Path:
    """The repository on another medium, to be damaged or gone on with."""
    return Path(shutil.copytree(world.repository, tmp_path / "copy"))


def test_a_lost_installation_comes_back_with_the_recovery_code_and_proves_itself(
    world: World, empty: Place
) -> None:
    kept = world.repository.parent / "kept.txt"
    done = empty.run(
        "restore", str(world.repository), "--code", "--json", "--checkpoint", str(kept), given=world.code
    )
    found = json.loads(done.stdout)
    assert found["entries"] == world.first["ledger_size"] and found["notes"] == []
    for key in ("secret.key", "data.key"):
        assert (empty.data / key).read_bytes() == (world.source.data / key).read_bytes()
    report = json.loads(empty.run("ledger", "fsck", "--files", "--json").stdout)
    assert report["ok"] and report["root"] == found["root"] and report["files"] > 0
    # It works on: new facts are recorded and signed by the same log.
    empty.run("demo", "--cases", "14")
    assert json.loads(empty.run("ledger", "checkpoint", "--json").stdout)["size"] > found["entries"]


def test_the_second_backup_writes_only_what_changed(world: World, copy: Path) -> None:
    again = json.loads(world.source.run("backup", "make", str(copy), "--json").stdout)
    once_more = json.loads(world.source.run("backup", "make", str(copy), "--json").stdout)
    assert again["ledger_size"] > int(str(world.first["ledger_size"]))
    # pg_dump's list of contents holds the hour, so that one file is always new.
    assert once_more["new_size"] < (0.5 if ON_POSTGRES else 0.2) * once_more["size"]
    listed = json.loads(world.source.run("backup", "list", str(copy), "--json").stdout)
    assert len(listed) >= 3
    assert "核对通过" in world.source.run("backup", "check", str(copy)).stdout


def test_entries_that_an_outside_checkpoint_proves_and_the_backup_lacks_are_told(
    world: World, empty: Place
) -> None:
    words = ("restore", str(world.repository), "--snapshot", str(world.first["snapshot"]), "--code")
    refused = empty.run(*words, "--checkpoint", str(world.later), given=world.code, code=1)
    assert "不在这份备份中" in refused.stderr and f"第 {world.first['ledger_size']} 条" in refused.stderr
    assert not empty.data.exists() or not (empty.data / "keys").exists()
    if empty.url:
        return  # the loaded database must be emptied by hand first, and a new attempt says so
    reason = "主机与次日备份一并损毁，经局长办公会决定启用"
    taken = empty.run(*words, "--checkpoint", str(world.later), "--accept-loss", reason, given=world.code)
    assert "不在备份中" in taken.stdout
    assert json.loads((empty.data / "restored.json").read_text("utf-8"))["reason"] == reason


def test_a_checkpoint_of_another_log_is_not_accepted(world: World, empty: Place, tmp_path: Path) -> None:
    text = world.later.read_text()
    forged = tmp_path / "forged.txt"
    forged.write_text(text.replace(text.splitlines()[1], "1", 1))
    refused = empty.run(
        "restore", str(world.repository), "--code", "--checkpoint", str(forged), given=world.code, code=1
    )
    assert "未通过账本核对" in refused.stderr


def test_nothing_is_restored_over_what_is_there(world: World) -> None:
    before = sorted(p.name for p in world.source.data.iterdir())
    refused = world.source.run("restore", str(world.repository), code=1)
    assert "不是空的" in refused.stderr
    assert sorted(p.name for p in world.source.data.iterdir()) == before


def test_a_wrong_code_and_a_misspelt_one_open_nothing(world: World, empty: Place) -> None:
    other = "-".join(["AAAA"] * 14)
    assert "书写有误" in empty.run("restore", str(world.repository), "--code", given=other, code=1).stderr
    assert "没有该备份库的密钥" in empty.run("restore", str(world.repository), code=1).stderr


def test_one_flipped_bit_in_the_repository_is_found_by_check_and_stops_a_restore(
    world: World, empty: Place, copy: Path
) -> None:
    # In every object: which of them the newest backup names, only the key tells.
    for sealed in [p for p in (copy / "objects").rglob("*") if p.is_file()]:
        data = bytearray(sealed.read_bytes())
        data[len(data) // 2] ^= 1
        sealed.write_bytes(data)
    checked = empty.run("backup", "check", str(copy), "--code", given=world.code, code=1)
    assert "✗" in checked.stdout
    assert "损坏" in empty.run("restore", str(copy), "--code", given=world.code, code=1).stderr
    assert not (empty.data / "mingzhi.sqlite3").exists()


@pytest.mark.skipif(ON_POSTGRES, reason="the same proof; altering the file is SQLite's")
def test_a_backup_of_falsified_rows_does_not_go_into_use(
    world: World, empty: Place, copy: Path, tmp_path: Path
) -> None:
    falsified = replace(world.source, folder=tmp_path / "falsified")
    shutil.copytree(world.source.folder, falsified.folder, symlinks=True)
    with sqlite3.connect(falsified.data / "mingzhi.sqlite3") as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='procedures_step'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(
            "UPDATE procedures_step SET by_name = '某某某' WHERE id = (SELECT min(id) FROM procedures_step)"
        )
    connection.close()
    falsified.run("backup", "make", str(copy), code=0)
    refused = empty.run("restore", str(copy), "--code", given=world.code, code=1)
    assert "未通过账本核对" in refused.stderr


@pytest.mark.skipif(ON_POSTGRES, reason="the same walk over files")
def test_a_missing_original_is_told_and_the_rest_is_saved(world: World, tmp_path: Path) -> None:
    poorer = replace(world.source, folder=tmp_path / "poorer")
    shutil.copytree(world.source.folder, poorer.folder, symlinks=True)
    victim = next(p for p in (poorer.data / "files").rglob("*") if p.is_file())
    victim.chmod(0o600)
    victim.unlink()
    told = poorer.run("backup", "new", str(tmp_path / "own")).stdout
    assert "恢复码" in told
    done = json.loads(poorer.run("backup", "make", str(tmp_path / "own"), "--json", code=1).stdout)
    assert done["missing"] == [victim.name] and done["objects"] > 5
    assert "缺 1 个文件" in poorer.run("backup", "list", str(tmp_path / "own")).stdout


def test_pruning_keeps_the_newest_and_frees_the_rest(world: World, copy: Path) -> None:
    world.source.run("backup", "make", str(copy))
    before = len(list((copy / "snapshots").iterdir()))
    world.source.run("backup", "prune", str(copy), "--keep", "1")
    assert before > 1 and len(list((copy / "snapshots").iterdir())) == 1
    assert "核对通过" in world.source.run("backup", "check", str(copy)).stdout
