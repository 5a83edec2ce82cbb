"""Bytes go in once, whole, hashed, and never change; what is refused leaves nothing."""

import hashlib
import io
import json
import os
import threading
import time
import tracemalloc

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction

from mingzhi.files import actions, objects, store
from mingzhi.files import api as files
from mingzhi.files.commands import files as command
from mingzhi.files.errors import (
    FileDamaged,
    FileEmpty,
    FileNotFound,
    FileTooLarge,
    FileTruncated,
    FileTypeRefused,
    RangeRefused,
)
from mingzhi.files.models import StoredFile

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


def on_disk(folder):
    return sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file()) if folder.exists() else []


def put(data=b"statement of the party\n", name="a.txt", at=None, **kw):
    return files.put(io.BytesIO(data), name=name, at=at, **kw)


def test_both_hashes_size_and_place(at, own_store):
    data = os.urandom(3 * store.BLOCK + 17)
    ref = put(data, name="现场.bin", at=at)
    assert ref.sha256 == hashlib.sha256(data).hexdigest()
    assert ref.sm3 == hashlib.new("sm3", data).hexdigest()
    assert ref.size == len(data)
    assert files.path(ref.id) == own_store / ref.sha256[:2] / ref.sha256[2:4] / ref.sha256
    assert files.path(ref.id).read_bytes() == data
    assert files.check(ref.id)
    assert files.ref(ref.id) == ref


def test_same_content_and_name_is_the_same_row_and_another_name_is_another_row_over_the_same_bytes(
    at, own_store
):
    first, again = put(at=at), put(at=at)
    other = put(name="b.txt", at=at)
    assert first == again and other.id != first.id and other.sha256 == first.sha256
    assert StoredFile.objects.count() == 2 and len(on_disk(own_store)) == 1


def test_nothing_is_refused_with_a_sentence_and_leaves_nothing(at, own_store):
    with pytest.raises(FileEmpty) as refused:
        put(b"", name="空.mp4", at=at)
    assert "空.mp4" in refused.value.sentence and "0 字节" in refused.value.sentence
    assert on_disk(own_store) == [] and not StoredFile.objects.exists()


def test_the_limit_itself_passes_and_one_byte_more_is_refused_while_streaming(at, own_store):
    assert put(b"x" * 100, at=at, limit=100).size == 100

    class Endless:
        given = 0

        def read(self, size):
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(FileTooLarge) as refused:
        files.put(endless, name="a.txt", limit=5 * store.BLOCK, at=at)
    assert endless.given <= 6 * store.BLOCK and "5 MB" in refused.value.sentence
    assert len(on_disk(own_store)) == 1


def test_a_declared_length_over_the_limit_is_refused_before_reading(at):
    class Unread:
        def read(self, size):
            raise AssertionError

    with pytest.raises(FileTooLarge):
        files.put(Unread(), name="a.txt", limit=10, expected=11, at=at)


@pytest.mark.parametrize("received", [0, 50, 99, 101])
def test_a_file_cut_off_half_way_is_refused_and_leaves_nothing(at, own_store, received):
    with pytest.raises(FileTruncated) as refused:
        put(b"x" * received, at=at, expected=100)
    assert "100" in refused.value.sentence and str(received) in refused.value.sentence
    assert on_disk(own_store) == [] and not StoredFile.objects.exists()
    assert put(b"x" * 100, at=at, expected=100).size == 100


def test_a_connection_that_breaks_leaves_nothing_and_no_thread(at, own_store):
    class Broken:
        blocks = 3

        def read(self, size):
            self.blocks -= 1
            if not self.blocks:
                raise ConnectionResetError
            return b"x" * size

    with pytest.raises(ConnectionResetError):
        files.put(Broken(), name="a.txt", at=at)
    assert on_disk(own_store) == []
    assert not [t for t in threading.enumerate() if t.name == "sm3"]


def test_a_type_that_is_not_wanted_here_is_refused_by_content_not_by_name(at, own_store):
    with pytest.raises(FileTypeRefused) as refused:
        put(b"MZ\x90\0" + b"\0" * 99, name="照片.jpg", media_type="image/jpeg", at=at, accept={"image/*"})
    assert "可执行程序" in refused.value.sentence and "图片" in refused.value.remedy
    assert on_disk(own_store) == []


def test_a_wrong_extension_is_kept_with_a_remark_and_the_true_type(at):
    ref = put(b"%PDF-1.7\n%%EOF\n", name="照片.jpg", media_type="image/jpeg", at=at)
    assert (ref.media_type, ref.stated_type, ref.remarks) == ("application/pdf", "image/jpeg", ("mismatch",))


def test_script_and_polyglots_are_never_shown_in_place(at):
    assert put(b"\xff\xd8\xff\xe0" + b"\0" * 9 + b"\xff\xd9", name="a.jpg", at=at).inline
    assert not put(b"<html><script>", name="a.html", at=at).inline
    assert not put(b"GIF89a\0<script>x</script>", name="a.gif", at=at).inline


@pytest.mark.parametrize("name", ["../../x.txt", "a\0b.txt", "\u202etxt.exe", "长" * 10_000, "..", ""])
def test_hostile_names_stay_inside_the_store(at, own_store, name):
    ref = put(name=name, at=at)
    assert own_store in files.path(ref.id).parents and len(ref.name) <= 160 and "/" not in ref.name


def test_the_row_cannot_be_changed_or_deleted(at):
    ref = put(at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=ref.id).update(name="b.txt")
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=ref.id).delete()


@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_damage_on_the_disk_is_noticed_and_a_new_upload_heals_it(at, harm):
    ref = put(at=at)
    path = files.path(ref.id)
    path.chmod(0o600)
    if harm == "flip":
        path.write_bytes(b"X" + path.read_bytes()[1:])
    elif harm == "cut":
        path.write_bytes(b"X")
    else:
        path.unlink()
    assert not files.check(ref.id)
    assert list(files.check_all()) == [(ref.sha256, [ref.id], False)]
    if harm != "flip":
        with pytest.raises(FileDamaged):
            files.open_file(ref.id)
    put(at=at)
    assert files.check(ref.id)


def test_an_unknown_file_is_not_found():
    with pytest.raises(FileNotFound):
        files.ref(404)


def test_ranges_are_inclusive_and_cut_to_the_file(at):
    data = bytes(range(256)) * 8192
    ref = put(data, name="a.bin", at=at)
    assert b"".join(files.open_range(ref.id)) == data
    assert b"".join(files.open_range(ref.id, 0, 0)) == data[:1]
    assert (
        b"".join(files.open_range(ref.id, store.BLOCK - 1, store.BLOCK))
        == data[store.BLOCK - 1 : store.BLOCK + 1]
    )
    assert b"".join(files.open_range(ref.id, len(data) - 1, len(data) + 5)) == data[-1:]
    assert max(map(len, files.open_range(ref.id))) <= store.BLOCK
    for start, end in ((len(data), None), (-1, 3), (5, 4)):
        with pytest.raises(RangeRefused):
            files.open_range(ref.id, start, end)


@pytest.mark.parametrize(
    ("header", "result"),
    [
        ("bytes=0-99", (0, 99)),
        ("bytes=0-", (0, 999)),
        ("bytes=990-5000", (990, 999)),
        ("bytes=-10", (990, 999)),
        ("bytes=-5000", (0, 999)),
        ("bytes=999-999", (999, 999)),
        ("", None),
        ("bytes=-", None),
        ("items=0-1", None),
        ("bytes=0-1,5-6", None),
        ("bytes=9-3", None),
    ],
)
def test_range_headers(header, result):
    assert files.parse_range(header, 1000) == result


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0"])
def test_ranges_outside_are_refused_with_416(header):
    with pytest.raises(RangeRefused) as refused:
        files.parse_range(header, 1000)
    assert refused.value.status == 416


def test_sixty_four_megabytes_never_lie_whole_in_memory(at):
    class Zeros:
        left = 64 * 1024 * 1024

        def read(self, size):
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    tracemalloc.start()
    try:
        ref = files.put(Zeros(), name="长视频.bin", at=at)
        for _ in files.open_range(ref.id):
            pass
        assert files.check(ref.id)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert ref.size == 64 * 1024 * 1024
    assert peak < 16 * 1024 * 1024


def test_the_same_content_at_once_is_stored_once_and_whole(at, own_store):
    data = os.urandom(2 * store.BLOCK)
    failures = []

    def one():
        try:
            with store.received(io.BytesIO(data), 10**9) as part:
                store.keep(part)
        except Exception as error:  # noqa: BLE001 — collected for the assertion
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and len(on_disk(own_store)) == 1
    assert b"".join(objects.store().blocks(hashlib.sha256(data).hexdigest(), 0, len(data))) == data


def test_a_crash_before_the_row_leaves_an_orphan_that_only_an_explicit_tidy_removes_after_a_day(
    at, later, own_store
):
    kept = put(at=at)
    with pytest.raises(RuntimeError), transaction.atomic():
        put(b"rolled back\n", name="b.txt", at=at)
        raise RuntimeError
    part = store.incoming() / "deadbeef.part"
    part.write_bytes(b"half")
    assert len(on_disk(own_store)) == 3
    old = at.timestamp()
    for path in on_disk(own_store):
        os.utime(own_store / path, (old, old))
    assert actions.strays(at=later(hours=24)) == []
    assert len(actions.strays(at=later(hours=24, seconds=1))) == 2
    assert len(on_disk(own_store)) == 3
    assert len(actions.strays_remove(at=later(days=2))) == 2
    assert on_disk(own_store) == [files.path(kept.id).relative_to(own_store)]


def test_tidy_command_lists_and_removes_only_when_told(at, own_store):
    put(at=at)
    part = store.incoming() / "deadbeef.part"
    part.write_bytes(b"half")
    long_ago = time.time() - 3 * 86400
    os.utime(part, (long_ago, long_ago))
    listed = CliRunner().invoke(command, ["tidy", "--json"])
    assert listed.exit_code == 0 and json.loads(listed.output)["strays"][0]["size"] == 4 and part.exists()
    assert "未删除" in CliRunner().invoke(command, ["tidy"]).output
    assert CliRunner().invoke(command, ["tidy", "--apply"]).exit_code == 0 and not part.exists()


def test_check_command_names_what_is_damaged(at):
    ref = put(at=at)
    assert CliRunner().invoke(command, ["check"]).exit_code == 0
    files.path(ref.id).unlink()
    result = CliRunner().invoke(command, ["check", "--json"])
    assert result.exit_code == 1 and ref.sha256 in result.output
