"""Every write of an export fails once, kept or not kept: who reads the folder meets a whole log, the older or the newer."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from mingzhi.ledger import api, store
from mingzhi.ledger.export import export
from mingzhi.ledger.verify_export import verify_export
from tests.ledger.conftest import World

pytestmark = pytest.mark.django_db(databases="__all__")

OLD, NEW = 250, 300  # across the edge of a tile: partial tiles become full ones, and a level is added
WRITES = [
    (os, "open"),
    (os, "write"),
    (os, "fsync"),
    (os, "close"),
    (Path, "mkdir"),
    (Path, "replace"),
    (shutil, "rmtree"),
]


@pytest.fixture
def before(world: World, tmp_path: Path) -> Path:
    """A folder that shows the log at ``OLD``, while the log has ``NEW``."""
    world.add(OLD)
    world.place()
    folder = tmp_path / "before"
    export(folder)
    world.add(NEW - OLD)
    world.place()
    store.tree(*_head())  # the log's own files are not what fails here
    return folder


def _head() -> tuple[Any, Any]:
    from mingzhi.ledger.models import Checkpoint, Log

    return Log.objects.get(), Checkpoint.objects.latest("size")


class Disk:
    """Counts the calls of one kind, looks before and after each as a reader would, and fails the nth."""

    def __init__(self, folder: Path, nth: int = 0, *, kept: bool = False) -> None:
        self.folder, self.nth, self.kept = folder, nth, kept
        self.calls = 0
        self.seen: list[int] = []
        self._looking = False

    def look(self) -> None:
        self._looking = True
        try:
            proven, faults = verify_export(self.folder, api.verifier_keys())
        finally:
            self._looking = False
        assert faults == [] and proven.size in (OLD, NEW)
        self.seen.append(proven.size)

    def wrap(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._looking:
                return plain(*args, **kwargs)
            self.calls += 1
            if self.calls != self.nth:
                done = plain(*args, **kwargs)
            else:
                done = plain(*args, **kwargs) if self.kept else None
                self.look()
                raise OSError(errno.EIO, "injected")
            if self.nth == 0:
                self.look()
            return done

        return call


@contextlib.contextmanager
def failing(where: Any, call: str, disk: Disk) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, call, disk.wrap(getattr(where, call)))
        yield


@pytest.mark.parametrize(("where", "call"), WRITES, ids=[call for _, call in WRITES])
def test_whichever_write_of_an_export_fails_a_reader_meets_a_whole_log(
    before: Path, tmp_path: Path, where: Any, call: str
) -> None:
    def copy(name: str) -> Path:
        return Path(shutil.copytree(before, tmp_path / name))

    quiet = Disk(copy("quiet"))
    with failing(where, call, quiet):
        export(quiet.folder)
    quiet.look()
    assert quiet.calls > 0 and quiet.seen == sorted(quiet.seen) and quiet.seen[-1] == NEW
    for nth in range(1, quiet.calls + 1):
        for kept in (False, True):
            disk = Disk(copy(f"{call}-{nth}-{kept}"), nth, kept=kept)
            with failing(where, call, disk), contextlib.suppress(OSError):
                export(disk.folder)
            disk.look()
            assert export(disk.folder)["size"] == NEW  # the next one goes on, and all is there
            disk.look()
            assert disk.seen == sorted(disk.seen) and disk.seen[-1] == NEW
            assert [p for p in disk.folder.rglob(".*") if p.is_file()] == [], (
                "nothing half written lies about"
            )
            shutil.rmtree(disk.folder)


def test_a_disk_that_takes_only_part_of_a_write_is_written_to_again(
    before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = os.write
    monkeypatch.setattr(os, "write", lambda file, data: plain(file, data[:100]))
    assert export(before)["size"] == NEW
    proven, faults = verify_export(before, api.verifier_keys())
    assert proven.size == NEW and faults == []


@pytest.mark.parametrize("nth", range(1, 12))
def test_a_database_that_goes_away_during_an_export_leaves_the_older_log(before: Path, nth: int) -> None:
    disk, calls = Disk(before), 0

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OSError(errno.EIO, "injected")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper), contextlib.suppress(OSError):
        export(before)
    disk.look()
    assert disk.seen == [OLD if calls >= nth else NEW]
    export(before)
    disk.look()
    assert disk.seen[-1] == NEW
