"""Every write on the way of an upload fails, once without and once with effect; the line is cut a hundred
times; the disk is full. Nothing that was told is lost, and the file that arrives is the one that was sent."""

import errno
import hashlib
import io
import os
import random
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError

from mingzhi.files import actions, incoming, store, uploads
from mingzhi.files import api as files
from mingzhi.files.errors import FileDamaged, StoreFailing, StoreFull
from mingzhi.files.models import StoredFile, Upload
from mingzhi.kernel import clock

pytestmark = pytest.mark.django_db(databases="__all__")
MB = 1024 * 1024
DATA = os.urandom(5 * MB + 333)
CHUNK = 2 * MB + 77


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


@pytest.fixture
def who(at):
    return {"by": "person:1", "at": at}


class Fault:
    """The ``turn``-th call fails: before it did anything, or after it did everything."""

    def __init__(self, real, turn, kept, error):
        self.real, self.turn, self.kept, self.error, self.calls = real, turn, kept, error, 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        if self.calls != self.turn:
            return self.real(*args, **kwargs)
        if self.kept:
            self.real(*args, **kwargs)
        raise self.error


@pytest.fixture
def flushed(monkeypatch):
    """How far each part was really flushed, whatever was asked for before a fault struck."""
    sizes, real = {}, incoming.Writer.flush

    def flush(writer):
        size = os.fstat(writer._part).st_size
        real(writer)
        sizes[writer.token] = max(sizes.get(writer.token, 0), size)

    monkeypatch.setattr(incoming.Writer, "flush", flush)
    return sizes


def deliver(data, who, flushed=None, chunk=CHUNK, cut=None, most=60):
    """As a client does: ask how far, go on from there, begin again after any trouble. Faults met, file."""
    token, faults, told = None, 0, 0
    for _ in range(most):
        try:
            if token is None:
                token = files.upload_create(name="现场.mp4", length=len(data), group="body:1", **who).token
            view = files.upload_find(token, **who)
            while view.offset < len(data):
                assert view.offset >= told, "a byte that was vouched for is gone"
                assert flushed is None or view.offset <= flushed.get(token, 0), "told before it was flushed"
                told = view.offset
                part = data[told : told + chunk]
                source = cut(part) if cut else io.BytesIO(part)
                view = files.upload_append(token, source, offset=told, count=len(part), **who)
                if cut and view.offset < told + len(part):
                    faults += 1
            return faults, files.upload_take(token, by=who["by"])
        except (StoreFailing, StoreFull, OperationalError):
            faults += 1
    raise AssertionError("never arrived")


DISK = OSError(errno.EIO, "the disk fails")
BASE = OperationalError("the database fails")
WRITES = [
    ("os.pwrite", os, "pwrite", DISK, (1, 2, 3, 12, 25)),
    ("os.fdatasync", os, "fdatasync", DISK, (1, 2, 3)),
    ("os.ftruncate", os, "ftruncate", DISK, (1,)),
    ("os.fsync of a folder", os, "fsync", DISK, (1, 2, 3)),
    ("the move to its place", Path, "replace", DISK, (1,)),
    ("the row of the upload", Upload.objects, "create", BASE, (1,)),
    ("the offset in the row", uploads, "_save", BASE, (1, 2, 3, 4)),
    ("the row of the file", StoredFile.objects, "get_or_create", BASE, (1,)),
]


@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
@pytest.mark.parametrize(
    ("where", "name", "error", "turn"),
    [(w[1], w[2], w[3], turn) for w in WRITES for turn in w[4]],
    ids=[f"{w[0]} {turn}" for w in WRITES for turn in w[4]],
)
def test_any_write_may_fail_with_or_without_effect(who, flushed, monkeypatch, where, name, error, turn, kept):
    fault = Fault(getattr(where, name), turn, kept, error)
    if where is Path:
        monkeypatch.setattr(Path, name, lambda *a: fault(*a))  # noqa: PLW0108 — a function, so that it binds
    else:
        monkeypatch.setattr(where, name, fault)
    if name == "ftruncate":  # only met when there is something to cut off
        monkeypatch.setattr(os, "fdatasync", Fault(os.fdatasync, 1, False, DISK))
    faults, ref = deliver(DATA, who, flushed)
    assert fault.calls >= turn and faults >= 1
    assert ref.sha256 == hashlib.sha256(DATA).hexdigest() and files.check(ref.id)
    assert Upload.objects.filter(file__isnull=False).count() == 1


def test_a_hundred_cut_lines_and_the_digest_is_the_same(who):
    chance = random.Random(20260914)

    class Cut(io.BytesIO):
        """Gives up after some bytes: the line ends, or breaks with an error."""

        def __init__(self, data):
            super().__init__(data)
            self.left = chance.randrange(0, 3 * len(data) // 2)

        def read(self, size):
            block = super().read(min(size, self.left, chance.randrange(1, 90_000)))
            self.left -= len(block)
            if not self.left and chance.random() < 0.5:
                raise ConnectionResetError
            return block

    cuts, turns = 0, 0
    while cuts < 100:
        data = os.urandom(1_500_000)
        met, ref = deliver(data, who, chunk=200_000, cut=Cut, most=500)
        assert ref.sha256 == hashlib.sha256(data).hexdigest() and files.check(ref.id)
        cuts, turns = cuts + met, turns + 1
    assert turns >= 2


def test_a_full_and_a_read_only_disk_are_told_and_all_goes_on_when_they_are_well(who, tmp_path, settings):
    """Real ones: 24 MB of tmpfs, then mounted for reading only."""
    disk = tmp_path / "small"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let the tests mount a small disk")
    try:
        settings.FILES_ROOT = disk / "files"
        settings.UPLOAD_SPARE_BYTES = -(1 << 40)  # let it run into the wall
        small = files.put(io.BytesIO(b"kept before"), name="a.txt", at=who["at"])
        (disk / "ballast").write_bytes(bytes(14 * MB))
        data = os.urandom(18 * MB)
        token = files.upload_create(name="a.mp4", length=len(data), group="body:1", **who).token
        with pytest.raises(StoreFull) as told:
            files.upload_append(token, io.BytesIO(data), offset=0, count=len(data), **who)
        assert told.value.status == 507 and "空间不足" in told.value.sentence
        kept = files.upload_find(token, **who).offset
        assert kept > 4 * MB
        assert files.check(small.id)
        (disk / "ballast").unlink()
        files.upload_append(token, io.BytesIO(data[kept:]), offset=kept, count=len(data) - kept, **who)
        ref = files.upload_take(token, by=who["by"])
        assert ref.sha256 == hashlib.sha256(data).hexdigest() and files.check(ref.id)
        begun = [files.upload_create(name="b.mp4", length=9, group="body:1", **who).token for _ in range(2)]
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for refused in (
            lambda: files.upload_create(name="c.mp4", length=9, group="body:1", **who),
            lambda: files.upload_find(begun[0], **who),
            lambda: files.upload_append(begun[0], io.BytesIO(b"123"), offset=0, count=3, **who),
        ):
            with pytest.raises(StoreFailing) as failing:
                refused()
            assert failing.value.status == 503
        files.upload_end(begun[1], **who)  # its bytes are tidied another time
        assert files.check(ref.id), "reading goes on"
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert files.upload_append(begun[0], io.BytesIO(b"123456789"), offset=0, count=9, **who).whole
        taken = files.upload_take(begun[0], by=who["by"])
        left = {
            name for name, _ in actions.strays_remove(at=clock.now() + timedelta(days=30))
        }  # by their age
        assert f"incoming/{begun[1]}.upload" in left
        assert files.check(taken.id) and files.check(ref.id)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_bytes_tidied_away_before_they_are_taken_make_no_record_without_bytes(who):
    token = files.upload_create(name="a.jpg", length=9, group="body:1", **who).token
    assert files.upload_append(token, io.BytesIO(b"123456789"), offset=0, count=9, **who).whole
    assert actions.strays_remove(at=clock.now() + timedelta(days=30))
    with pytest.raises(FileDamaged):
        files.upload_take(token, by=who["by"])
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(("number", "told"), [(errno.ENOSPC, StoreFull), (errno.EIO, StoreFailing)])
def test_asking_how_far_on_a_failing_disk_is_told_in_words(who, monkeypatch, number, told):
    """Whoever asks takes the upload over, and that is written down, too."""
    token = files.upload_create(name="a.mp4", length=9, group="body:1", **who).token
    with monkeypatch.context() as failing:
        failing.setattr(os, "pwrite", Fault(os.pwrite, 1, False, OSError(number, "the disk")))
        with pytest.raises(told):
            files.upload_find(token, **who)
    assert files.upload_find(token, **who).offset == 0


def test_no_room_for_a_checked_part_keeps_the_offset(who, monkeypatch):
    data = os.urandom(3 * MB)
    token = files.upload_create(name="a.mp4", length=len(data), group="body:1", **who).token
    full = Fault(os.pwrite, 5, False, OSError(errno.ENOSPC, "full"))
    monkeypatch.setattr(os, "pwrite", full)
    checksum = files.Checksum("sha1", hashlib.sha1(data).digest())
    with pytest.raises(StoreFull):
        files.upload_append(token, io.BytesIO(data), offset=0, count=len(data), checksum=checksum, **who)
    assert files.upload_find(token, **who).offset == 0
    files.upload_append(token, io.BytesIO(data), offset=0, count=len(data), checksum=checksum, **who)
    assert files.upload_take(token, by=who["by"]).sha256 == hashlib.sha256(data).hexdigest()


def test_who_comes_back_takes_the_upload_over_and_the_dead_request_writes_no_more(who):
    data = os.urandom(3 * MB)
    token = files.upload_create(name="a.mp4", length=len(data), group="body:1", **who).token

    class DeadLine(io.BytesIO):
        """While this request still waits, its client has come back and sent everything."""

        def read(self, size):
            if self.tell() == 0:
                first = super().read(size)
                self.back = True
                return first
            offset = files.upload_find(token, **who).offset
            files.upload_append(
                token, io.BytesIO(data[offset:]), offset=offset, count=len(data) - offset, **who
            )
            return b"z" * size

    with pytest.raises(files_errors().UploadTakenOver):
        files.upload_append(token, DeadLine(data), offset=0, count=len(data), **who)
    ref = files.upload_take(token, by=who["by"])
    assert ref.sha256 == hashlib.sha256(data).hexdigest() and files.check(ref.id)
    assert not list(store.incoming().iterdir())


def files_errors():
    from mingzhi.files import errors

    return errors


def test_a_part_that_vanished_from_the_disk_is_told_and_nothing_is_pretended(who):
    token = files.upload_create(name="a.mp4", length=10, group="body:1", **who).token
    files.upload_append(token, io.BytesIO(b"01234"), offset=0, count=5, **who)
    shutil.rmtree(store.incoming())
    for ask in (
        lambda: files.upload_find(token, **who),
        lambda: files.upload_append(token, io.BytesIO(b"56789"), offset=5, count=5, **who),
    ):
        with pytest.raises(files_errors().UploadGone):
            ask()
