"""The disk and the bucket keep the same promises: the same tests on both (the bucket by moto, in process)."""

import hashlib
import io
import os
from datetime import timedelta

import pytest

from mingzhi.files import actions, incoming, objects, store
from mingzhi.files import api as files
from mingzhi.files.errors import FileDamaged, FileErased, StoreFailing
from mingzhi.files.models import Return, StoredFile, Upload
from mingzhi.kernel import clock

pytestmark = pytest.mark.django_db(databases="__all__")
MB = 1024 * 1024


@pytest.fixture(params=["disk", "bucket"])
def kept(request, settings, tmp_path, monkeypatch):
    """The store under test; everything local lies below ``tmp_path``."""
    settings.FILES_ROOT = tmp_path / "files"
    if request.param == "disk":
        yield objects.store()
        return
    moto = pytest.importorskip("moto")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with moto.mock_aws():
        settings.FILES_S3 = {
            "bucket": "evidence", "endpoint": "", "region": "us-east-1", "access_key": "a", "secret_key": "b",
            "prefix": "mingzhi/", "lock_days": 0,
        }  # fmt: skip
        objects._client.cache_clear()
        bucket = objects.store()
        bucket.client.create_bucket(Bucket="evidence", ObjectLockEnabledForBucket=True)
        yield bucket
    objects._client.cache_clear()


def put(data, at, name="a.bin"):
    return files.put(io.BytesIO(data), name=name, at=at)


def test_what_goes_in_comes_out_whole_by_range_as_a_path_and_checked(kept, at):
    data = os.urandom(9 * MB + 17)
    ref = put(data, at)
    assert (ref.sha256, ref.sm3) == (hashlib.sha256(data).hexdigest(), hashlib.new("sm3", data).hexdigest())
    assert b"".join(files.open_range(ref.id)) == data
    assert b"".join(files.open_range(ref.id, 5 * MB, 5 * MB + 9)) == data[5 * MB : 5 * MB + 10]
    assert files.path(ref.id).read_bytes() == data and files.path(ref.id).read_bytes() == data
    with files.open_file(ref.id) as file:
        file.seek(-4, 2)
        assert file.read() == data[-4:]
    assert files.check(ref.id)
    assert [(c.sha256, c.size) for c in kept.contents()] == [(ref.sha256, len(data))]
    assert put(data, at) == ref and len(list(kept.contents())) == 1
    assert not any(store.incoming().iterdir())


def test_an_upload_in_parts_ends_in_the_store(kept, at):
    data = os.urandom(3 * MB)
    who = {"by": "person:1", "at": at}
    token = files.upload_create(name="a.mp4", length=len(data), group="body:1", **who).token
    for start in range(0, len(data), MB):
        files.upload_append(token, io.BytesIO(data[start : start + MB]), offset=start, count=MB, **who)
    assert [c.sha256 for c in kept.contents()] == [hashlib.sha256(data).hexdigest()]
    incoming.digests.__init__()  # another process takes it
    ref = files.upload_take(token, by="person:1")
    assert ref.sm3 == hashlib.new("sm3", data).hexdigest() and files.check(ref.id)


def test_altered_or_missing_bytes_are_noticed_and_a_new_upload_heals(kept, at):
    ref = put(b"x" * 100, at)
    if isinstance(kept, objects.Disk):
        kept.place(ref.sha256).chmod(0o600)
        kept.place(ref.sha256).write_bytes(b"y" * 100)
    else:
        kept.client.put_object(Bucket="evidence", Key="mingzhi/" + objects.key(ref.sha256), Body=b"y" * 100)
    assert not files.check(ref.id)
    assert list(files.check_all()) == [(ref.sha256, [ref.id], False)]
    assert kept.remove(ref.sha256) and not kept.remove(ref.sha256)
    assert not files.check(ref.id)
    for ask in (files.path, files.open_file, files.open_range):
        with pytest.raises(FileDamaged):
            ask(ref.id)
    put(b"x" * 100, at)
    assert files.check(ref.id)


def test_only_what_nobody_names_is_tidied(kept, at):
    ref = put(b"named", at)
    who = {"by": "person:1", "at": at}
    token = files.upload_create(name="a.txt", length=5, group="body:1", **who).token
    files.upload_append(token, io.BytesIO(b"later"), offset=0, count=5, **who)
    part = objects.Path(incoming.path("0" * 32))
    part.write_bytes(b"orphan")
    kept.keep(part, hashlib.sha256(b"orphan").hexdigest())
    Upload.objects.update(expires_at=clock.now() + timedelta(days=7))
    assert actions.strays(at=clock.now()) == []
    found = actions.strays_remove(at=clock.now() + timedelta(days=2))
    assert [name for name, _ in found] == [objects.key(hashlib.sha256(b"orphan").hexdigest())]
    assert files.check(ref.id) and files.upload_take(token, by="person:1").size == 5


def test_lawful_erasure_removes_the_bytes(kept, at):
    ref = put(b"to be destroyed", at)
    files.erase(sha256s=[ref.sha256], order="清册 1 号", at=at + timedelta(seconds=1))
    assert files.erase_ordered(order="清册 1 号") == 1 and files.erase_ordered(order="清册 1 号") == 0
    with pytest.raises(FileErased):
        files.path(ref.id)
    assert files.check(ref.id) and StoredFile.objects.filter(pk=ref.id).exists()


def test_an_upload_of_what_was_erased_takes_it_in_again_under_the_same_name(kept, at):
    who = {"by": "person:1", "at": at}
    ref = put(b"to be destroyed", at)
    files.erase(sha256s=[ref.sha256], order="清册 1 号", at=at)
    files.erase_ordered(order="清册 1 号")
    token = files.upload_create(
        name=ref.name, media_type=ref.stated_type, length=15, group="body:1", **who
    ).token
    files.upload_append(token, io.BytesIO(b"to be destroyed"), offset=0, count=15, **who)
    again = files.upload_take(token, by="person:1")
    assert again.id == ref.id and files.erase_ordered(order="清册 1 号") == 0 and kept.has(ref.sha256)
    assert kept.remove(ref.sha256) and not files.check(ref.id), "now it is missing, not erased"


def test_what_was_ordered_and_still_lies_there_is_a_stray(kept, at):
    ref, other = put(b"to be destroyed", at), put(b"to be kept", at)
    files.erase(sha256s=[ref.sha256], order="清册 1 号", at=at)
    later = at + timedelta(days=40_000)
    assert [name for name, _ in actions.strays_remove(at=later)] == [objects.key(ref.sha256)]
    assert not kept.has(ref.sha256) and kept.has(other.sha256)


def test_bytes_taken_by_an_order_while_they_arrive_are_refused_and_not_acknowledged(kept, at, monkeypatch):
    ref = put(b"to be destroyed", at)
    files.erase(sha256s=[ref.sha256], order="清册 1 号", at=at)
    keep = store.keep

    def overtaken(part):
        keep(part)
        files.erase_ordered(order="清册 1 号")

    monkeypatch.setattr(store, "keep", overtaken)
    with pytest.raises(FileDamaged):
        put(b"to be destroyed", at)
    assert files.check(ref.id) and not Return.objects.exists(), "still erased, nothing half there"


def test_a_store_that_fails_keeps_the_upload_and_it_is_taken_later(kept, at, monkeypatch):
    who = {"by": "person:1", "at": at}
    token = files.upload_create(name="a.txt", length=5, group="body:1", **who).token

    def down(self, part, sha256):
        raise OSError(5, "down")

    with monkeypatch.context() as patched:
        patched.setattr(type(kept), "keep", down)
        with pytest.raises(StoreFailing):
            files.upload_append(token, io.BytesIO(b"12345"), offset=0, count=5, **who)
    assert files.upload_find(token, **who).whole
    assert files.check(files.upload_take(token, by="person:1").id)


def test_an_object_under_lock_cannot_be_deleted_before_its_day(settings, tmp_path, at):
    moto = pytest.importorskip("moto")
    settings.FILES_ROOT = tmp_path
    with moto.mock_aws():
        settings.FILES_S3 = {
            **settings.FILES_S3,
            "bucket": "locked",
            "access_key": "a",
            "secret_key": "b",
            "lock_days": 30,
        }
        objects._client.cache_clear()
        bucket = objects.store()
        bucket.client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
        ref = put(b"evidence", at)
        told = bucket.client.head_object(Bucket="locked", Key=objects.key(ref.sha256))
        assert told["ObjectLockMode"] == "COMPLIANCE"
        days = (told["ObjectLockRetainUntilDate"] - clock.now()).total_seconds() / 86400
        assert 29 < days <= 30
        with pytest.raises(Exception, match="AccessDenied"):
            bucket.client.delete_object(
                Bucket="locked", Key=objects.key(ref.sha256), VersionId=told["VersionId"]
            )
    objects._client.cache_clear()
