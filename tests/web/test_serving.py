"""A stored file as an answer: ranges as RFC 9110 says, and nothing that runs in the reader's browser."""

import io

import pytest
from django.test import RequestFactory

from mingzhi.files import api as files
from mingzhi.files.errors import FileDamaged
from mingzhi.web.serving import file_response

pytestmark = pytest.mark.django_db(databases="__all__")
ask = RequestFactory()
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200)) * 50 + b"\xff\xd9"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    yield
    while given_out:
        given_out.pop().close()  # as the server does when the reader goes away


@pytest.fixture
def photo(at):
    return files.put(io.BytesIO(JPEG), name="现场 1.jpg", at=at)


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


given_out = []


def given(photo, method="get", download=False, **headers):
    given_out.append(file_response(getattr(ask, method)("/", headers=headers), photo, download=download))
    return given_out[-1]


def test_the_whole_file_with_its_length_tag_and_name(photo):
    answer = given(photo)
    assert (answer.status_code, body(answer)) == (200, JPEG)
    assert (answer["Content-Type"], answer["Content-Length"]) == ("image/jpeg", str(len(JPEG)))
    assert answer["ETag"] == f'"{photo.sha256}"' and answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Disposition"] == "inline; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%201.jpg"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-0", 0, 0), ("bytes=100-", 100, len(JPEG) - 1), ("bytes=-5", len(JPEG) - 5, len(JPEG) - 1), ("bytes=5-999999", 5, len(JPEG) - 1)],
)  # fmt: skip
def test_a_range_is_answered_with_206(photo, header, start, end):
    answer = given(photo, Range=header)
    assert (answer.status_code, body(answer)) == (206, JPEG[start : end + 1])
    assert answer["Content-Range"] == f"bytes {start}-{end}/{len(JPEG)}"
    assert answer["Content-Length"] == str(end - start + 1)


def test_a_range_outside_is_416_and_says_how_long_the_file_is(photo):
    answer = given(photo, Range=f"bytes={len(JPEG)}-")
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(JPEG)}")


def test_several_ranges_another_unit_and_nonsense_are_answered_whole(photo):
    for header in ("bytes=0-1,4-5", "lines=0-1", "bytes=9-3", "bytes=a-b"):
        answer = given(photo, Range=header)
        assert (answer.status_code, body(answer)) == (200, JPEG)


def test_if_range_of_another_content_sends_everything(photo):
    assert given(photo, Range="bytes=0-9", **{"If-Range": f'"{photo.sha256}"'}).status_code == 206
    for other in ('"0000"', f'W/"{photo.sha256}"', "Wed, 25 Jun 2014 16:00:00 GMT"):
        assert given(photo, Range="bytes=0-9", **{"If-Range": other}).status_code == 200


def test_what_the_browser_has_already_is_not_sent_again(photo):
    answer = given(photo, **{"If-None-Match": f'"x", W/"{photo.sha256}"'})
    assert (answer.status_code, body(answer)) == (304, b"")
    assert given(photo, **{"If-None-Match": '"x"'}).status_code == 200


def test_head_tells_everything_and_sends_nothing(photo):
    answer = given(photo, method="head")
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, str(len(JPEG)), b"")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "a.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg"),
        (b"GIF89a\0<script>alert(1)</script>", "a.gif"),
        (b"PK\x03\x04" + bytes(50), "a.zip"),
        (b"plain text", "a.txt"),
        (b"<?xml version='1.0'?><a/>", "a.xml"),
    ],
)
def test_what_could_run_is_an_attachment_of_no_type_in_a_sandbox(at, data, name):
    answer = given(files.put(io.BytesIO(data), name=name, at=at))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_download_is_an_attachment_also_where_it_could_be_shown(photo):
    assert given(photo, download=True)["Content-Disposition"].startswith("attachment;")


def test_a_name_cannot_break_out_of_its_header(at):
    evil = files.put(io.BytesIO(JPEG), name='a\r\nSet-Cookie: x=1";filename=b.exe.jpg', at=at)
    shown = given(evil)["Content-Disposition"]
    assert "\r" not in shown and "Set-Cookie: " not in shown and '"' not in shown


def test_nginx_sends_the_bytes_where_told_and_gets_no_hostile_type(photo, settings, at):
    settings.FILES_ACCEL = "/_files/"
    answer = given(photo, Range="bytes=0-1")
    digest = photo.sha256
    assert answer["X-Accel-Redirect"] == f"/_files/{digest[:2]}/{digest[2:4]}/{digest}"
    assert (answer.status_code, body(answer), answer["Content-Type"]) == (200, b"", "image/jpeg")
    page = files.put(io.BytesIO(b"<html>"), name="a.html", at=at)
    assert given(page)["Content-Type"] == "application/octet-stream"
    files.path(photo.id).unlink()
    with pytest.raises(FileDamaged):
        given(photo)
