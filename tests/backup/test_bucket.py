"""Originals that lie in a bucket are backed up from there and brought back there (the bucket by moto)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mingzhi.backup import making, restoring
from mingzhi.backup import repository as store
from mingzhi.backup.data import Snapshot, Tally
from mingzhi.backup.errors import ObjectDamaged
from mingzhi.backup.repository import Repository
from mingzhi.files import api as files
from mingzhi.files import objects

pytestmark = pytest.mark.django_db(databases="__all__")
CONTENTS = [b"first", b"second" * 400_000, b"third"]


@pytest.fixture
def bucket(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    moto = pytest.importorskip("moto")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings.FILES_ROOT = tmp_path / "files"
    settings.FILES_S3 = {
        "bucket": "evidence", "endpoint": "", "region": "us-east-1", "access_key": "a", "secret_key": "b",
        "prefix": "mingzhi/", "lock_days": 0,
    }  # fmt: skip
    with moto.mock_aws():
        objects._client.cache_clear()
        found = objects.store()
        found.client.create_bucket(Bucket="evidence")  # type: ignore[attr-defined]
        yield found
    objects._client.cache_clear()


@pytest.fixture
def saved(bucket: Any, tmp_path: Path, at: datetime) -> tuple[Repository, Snapshot]:
    """A repository that holds what was in the bucket; the bucket is empty."""
    for content in CONTENTS:
        files.put(io.BytesIO(content), name="a.bin", at=at)
    repository = store.create(tmp_path / "backup", b"k" * 32)
    with repository.writing():
        copies, missing = making._files(repository, Tally(), lambda text: None)
    assert len(copies) == len(CONTENTS) and missing == ()
    for copy in copies:
        bucket.remove(copy.sha256)
    assert list(bucket.contents()) == []
    return repository, Snapshot(
        name="x", made_at="", profile="", version="", vendor="sqlite", checkpoint="", ledger_size=0,
        ledger_root="", databases=(), files=copies, small=(),
    )  # fmt: skip


def brought_back(saved: tuple[Repository, Snapshot], staging: Path) -> None:
    staging.mkdir(exist_ok=True)
    restoring._files(*saved, staging, lambda text: None)


def test_what_was_in_the_bucket_comes_back_into_a_bucket(
    bucket: Any, saved: tuple[Repository, Snapshot], tmp_path: Path
) -> None:
    brought_back(saved, tmp_path / "staging")
    assert {c.sha256 for c in bucket.contents()} == {c.sha256 for c in saved[1].files}
    assert all(files.holds_whole(c.sha256) for c in saved[1].files)
    assert [p for p in (tmp_path / "staging").rglob("*") if p.is_file()] == [], "nothing stays on the disk"


def test_a_restore_that_was_killed_goes_on_and_puts_nothing_twice(
    bucket: Any, saved: tuple[Repository, Snapshot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: list[str] = []
    keep = objects.Bucket.keep

    def killed(self: Any, part: Path, sha256: str) -> None:
        keep(self, part, sha256)
        put.append(sha256)
        if len(put) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(objects.Bucket, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        brought_back(saved, tmp_path / "one")
    brought_back(saved, tmp_path / "two")
    assert sorted(put) == sorted(c.sha256 for c in saved[1].files), "each once"


def test_a_damaged_object_in_the_way_is_replaced_and_a_damaged_backup_puts_nothing(
    bucket: Any, saved: tuple[Repository, Snapshot], tmp_path: Path
) -> None:
    victim = saved[1].files[1]
    bucket.client.put_object(**bucket._where(victim.sha256), Body=b"x" * victim.size)
    assert not files.holds_whole(victim.sha256)
    brought_back(saved, tmp_path / "staging")
    assert files.holds_whole(victim.sha256)
    bucket.remove(victim.sha256)
    sealed = saved[0].place(victim.object)
    data = bytearray(sealed.read_bytes())
    data[len(data) // 2] ^= 1
    sealed.chmod(0o600)
    sealed.write_bytes(data)
    with pytest.raises(ObjectDamaged):
        brought_back(saved, tmp_path / "again")
    assert not bucket.has(victim.sha256)


def test_a_backup_from_a_bucket_comes_back_on_a_disk(
    saved: tuple[Repository, Snapshot], tmp_path: Path, settings: Any
) -> None:
    settings.FILES_S3 = {**settings.FILES_S3, "bucket": ""}
    brought_back(saved, tmp_path / "staging")
    settings.FILES_ROOT = tmp_path / "staging" / "files"
    assert all(files.holds_whole(c.sha256) for c in saved[1].files)
