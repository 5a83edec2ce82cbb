"""Whatever is sent, it is refused with a sentence or made harmless; quickly, and within bounds."""

import io
import time

import pytest
from django.test import RequestFactory

from mingzhi.files import api as files
from mingzhi.files import store
from mingzhi.files.errors import FileTypeRefused
from mingzhi.files.models import Upload
from mingzhi.web.serving import file_response
from tests.files import hostile

pytestmark = pytest.mark.django_db(databases="__all__")
KINDS = list(hostile.files())


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


def test_there_are_many_kinds_and_each_is_another():
    assert len(KINDS) >= 45 and len({kind for kind, *_ in KINDS}) == len(KINDS)


@pytest.mark.parametrize(("name", "data", "fate"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS])
def test_a_hostile_file_is_refused_or_harmless(own_store, at, name, data, fate):
    who = {"by": "person:1", "at": at}
    token = files.upload_create(name=name, length=len(data), group="body:1", **who).token
    began = time.monotonic()
    try:
        if fate == "refused":
            with pytest.raises(FileTypeRefused) as told:
                files.upload_append(token, io.BytesIO(data), offset=0, count=len(data), **who)
            assert "此处不接受" in told.value.sentence and told.value.remedy
            assert not list(store.incoming().iterdir()) and not list(own_store.glob("??"))
            return
        files.upload_append(token, io.BytesIO(data), offset=0, count=len(data), **who)
        ref = files.upload_take(token, by="person:1")
        answer = file_response(RequestFactory().get("/"), ref)
        b"".join(answer.streaming_content)
    finally:
        assert time.monotonic() - began < 10
    assert own_store in files.path(ref.id).parents and files.path(ref.id).read_bytes() == data
    assert 0 < len(ref.name) <= 160 and not set(ref.name) & set('/\\\0\r\n<>"\u202e') and ref.name[0] != "."
    assert answer["Content-Disposition"].isascii() and "\n" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    if fate == "download":
        assert not ref.inline and answer["Content-Disposition"].startswith("attachment;")
        assert answer["Content-Type"] == "application/octet-stream"
    else:
        assert ref.inline and answer["Content-Type"] == ref.media_type


def test_a_film_that_never_ends_stops_where_its_length_was_declared(at):
    class Endless:
        given = 0

        def read(self, size):
            self.given += size
            return b"x" * size

    who = {"by": "person:1", "at": at}
    token = files.upload_create(name="a.bin", length=3_000_000, group="body:1", **who).token
    endless = Endless()
    assert files.upload_append(token, endless, offset=0, count=3_000_000, **who).whole
    assert endless.given == 3_000_000


def test_a_body_that_trickles_in_bytes_one_by_one_costs_no_more_than_its_bytes(at):
    class Slow(io.BytesIO):
        def read(self, size):
            return super().read(min(size, 7))

    who = {"by": "person:1", "at": at}
    token = files.upload_create(name="a.txt", length=1000, group="body:1", **who).token
    assert files.upload_append(token, Slow(b"x" * 1000), offset=0, count=1000, **who).whole
    assert Upload.objects.get().sha256 == files.upload_take(token, by="person:1").sha256
