"""The repository on its disk: whole or not there, one writer, nothing swept that is still named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mingzhi.backup import repository as store
from mingzhi.backup.data import FileCopy, Snapshot
from mingzhi.backup.errors import (
    KeyWrong,
    NoSnapshot,
    NotARepository,
    ObjectDamaged,
    RepositoryBusy,
    RepositoryThere,
)
from mingzhi.backup.repository import Repository

KEY = b"k" * 32


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return store.create(tmp_path / "backup", KEY)


def snapshot(name: str, *objects: str) -> Snapshot:
    return Snapshot(
        name=name, made_at="", profile="", version="", vendor="sqlite", checkpoint="", ledger_size=0,
        ledger_root="", databases=(), files=tuple(FileCopy("00" * 32, 1, o) for o in objects), small=(),
    )  # fmt: skip


def kept(repository: Repository, content: bytes) -> str:
    return repository.put_block(content)[0]


def test_a_block_is_written_once_and_read_back(repository: Repository) -> None:
    name, fresh = repository.put_block(b"pages" * 1000)
    assert fresh and not repository.put_block(b"pages" * 1000)[1]
    assert repository.block(name) == b"pages" * 1000
    again = Repository(repository.path, KEY)
    assert again.block(name) == b"pages" * 1000


def test_the_disk_shows_neither_content_nor_its_hash(repository: Repository) -> None:
    secret = "某某运输有限公司".encode()
    kept(repository, secret)
    repository.keep_snapshot(snapshot("20260101T000000Z-0000", "ab" * 32))
    everything = b"".join(p.read_bytes() for p in repository.path.rglob("*") if p.is_file())
    assert secret not in everything and b"ab" * 32 not in everything


def test_another_key_does_not_open_it_and_another_folder_is_none(
    repository: Repository, tmp_path: Path
) -> None:
    with pytest.raises(KeyWrong):
        Repository(repository.path, b"j" * 32)
    with pytest.raises(NotARepository):
        Repository(tmp_path, KEY)
    with pytest.raises(RepositoryThere):
        store.create(repository.path, KEY)


def test_an_object_put_in_the_place_of_another_is_noticed(repository: Repository) -> None:
    one, two = kept(repository, b"one"), kept(repository, b"two")
    repository.place(one).write_bytes(repository.place(two).read_bytes())
    with pytest.raises(ObjectDamaged):
        repository.block(one)
    repository.place(two).unlink()
    with pytest.raises(ObjectDamaged):
        repository.block(two)


def test_a_snapshot_is_read_back_and_a_renamed_one_is_refused(repository: Repository) -> None:
    one = snapshot("20260101T000000Z-0000", "ab" * 32)
    repository.keep_snapshot(one)
    assert repository.snapshot() == one == repository.snapshot(one.name)
    folder = repository.path / "snapshots"
    (folder / one.name).rename(folder / "20270101T000000Z-0000")
    with pytest.raises(ObjectDamaged):
        repository.snapshot()
    with pytest.raises(NoSnapshot):
        repository.snapshot(one.name)


@pytest.mark.parametrize("dies_at", ["write", "fsync", "replace"])
def test_a_write_that_dies_leaves_no_object_and_the_next_backup_is_whole(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    def dead(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if dies_at == "fsync":
            patch.setattr(os, "fsync", dead)
        elif dies_at == "replace":
            patch.setattr(Path, "replace", dead)
        else:
            patch.setattr(os, "fdopen", dead)
        with pytest.raises(OSError, match="No space"):
            kept(repository, b"block")
    assert list((repository.path / "objects").rglob("*")) == [] or not any(
        p.is_file() for p in (repository.path / "objects").rglob("*")
    )
    assert repository.block(kept(repository, b"block")) == b"block"


def test_only_one_writes_and_strays_of_a_dead_one_go(repository: Repository) -> None:
    stray = repository.path / "incoming" / "stray"
    stray.write_bytes(b"half")
    with repository.writing():
        assert not stray.exists()
        with pytest.raises(RepositoryBusy), Repository(repository.path, KEY).writing():
            pass
    with repository.writing():
        pass


def test_sweeping_takes_what_no_snapshot_names_and_nothing_else(repository: Repository) -> None:
    shared, old, new = (kept(repository, text) for text in (b"shared", b"old", b"new"))
    repository.keep_snapshot(snapshot("20260101T000000Z-0000", shared, old))
    repository.keep_snapshot(snapshot("20260102T000000Z-0000", shared, new))
    assert repository.sweep()[0] == 0
    repository.forget("20260101T000000Z-0000")
    assert repository.sweep()[0] == 1
    assert [repository.holds(name) for name in (shared, old, new)] == [True, False, True]
