"""The ledger's folder on a disk that is full or may not be written: said in Chinese, nothing lost, goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mingzhi.ledger import api, store
from mingzhi.ledger.errors import StoreFailed
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.models import Log
from tests.ledger.conftest import World

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def disk(tmp_path: Path, settings: Any) -> Iterator[Callable[[str], None]]:
    """The ledger on a small file system of its own; ``disk("remount,ro")`` changes how it is mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("NOT RUN: only root may mount a file system for this test")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"NOT RUN: this machine mounts nothing: {made.stderr.decode()[:200]}")
    settings.LEDGER_ROOT = folder / "ledger"

    def change(options: str) -> None:
        while store._open:  # an open file is in the way of a remount
            store._open.popitem()[1].close()
        subprocess.run([mount, "-o", options, str(folder)], check=True)

    yield change
    while store._open:
        store._open.popitem()[1].close()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def goes_on(world: World, size: int) -> None:
    world.add(1)
    while world.place():
        pass
    assert api.latest().size == size
    report = fsck(processes=1)
    assert report.ok, report.findings
    kept = store.outside(Log.objects.get())
    assert kept is not None and kept[0].size == size


def test_a_full_disk_stops_the_files_and_not_the_record(
    world: World, disk: Callable[[str], None], settings: Any
) -> None:
    (entry,) = world.add()
    world.place()
    receipt = api.receipt(entry)
    filler = settings.LEDGER_ROOT / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(b"x" * 512)
    world.add(400)
    with pytest.raises(StoreFailed, match="账本文件写入失败") as told:
        world.place()
    assert told.value.status == 503 and "磁盘空间" in told.value.remedy
    assert api.latest().size == 401, "the record is in the database, signed"
    assert api.entry(entry).id == entry and receipt, "reads of the record go on"
    world.add(1)
    with pytest.raises(StoreFailed):
        world.place()
    filler.unlink()
    goes_on(world, 403)
    assert api.receipt(entry)


def test_a_read_only_disk_stops_the_files_and_not_the_record(
    world: World, disk: Callable[[str], None]
) -> None:
    (entry,) = world.add()
    world.place()
    disk("remount,ro")
    world.add(3)
    with pytest.raises(StoreFailed, match="账本文件写入失败"):
        world.place()
    assert api.pending_count() == 3 and api.latest().size == 1
    assert api.entry(entry).id == entry
    disk("remount,rw")
    goes_on(world, 5)
    assert api.receipt(entry)
