"""The tus protocol over HTTP, as its text says it; an upload is its maker's and nobody else's."""

import base64
import hashlib
import os
from datetime import timedelta

import pytest
from django.test import Client

from mingzhi.files import api as files
from mingzhi.files import incoming
from mingzhi.files.errors import UploadNotFound
from mingzhi.files.models import StoredFile, Upload
from mingzhi.web.demo.drive import Bureau
from tests.made_once import load_bureau
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}
BODY = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


@pytest.fixture
def bureau(db):
    """People are enough here; lists and templates would only cost time."""
    loaded = load_bureau("xiashan-chengzong", at=MONDAY)
    return Bureau(body_id=loaded.body_id, accounts=dict(loaded.accounts))


@pytest.fixture
def officer(people):
    return people("officer1")


def meta(**pairs):
    return ",".join(f"{k} {base64.b64encode(str(v).encode()).decode()}" for k, v in pairs.items())


def make(client, length, **headers):
    metadata = headers.pop("metadata", meta(filename="现场.mp4", filetype="video/mp4"))
    return client.post(
        "/uploads/",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(length),
            "Upload-Metadata": metadata,
            **headers,
        },
    )


def send(client, url, data, offset, **headers):
    return client.patch(
        url,
        data,
        content_type=BODY,
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), **headers},
    )


def head(client, url):
    return client.head(url, headers={"Tus-Resumable": "1.0.0"})


def owner_of(url):
    return Upload.objects.get(token=url.rsplit("/", 1)[-1]).owner


def take(url):
    return files.upload_take(url.rsplit("/", 1)[-1], by=owner_of(url))


def test_what_is_possible_is_told(officer):
    told = officer.options("/uploads/")
    assert told.status_code == 204 and told["Tus-Version"] == "1.0.0" and int(told["Tus-Max-Size"]) > 0
    assert set(told["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "expiration", "checksum", "termination", "concatenation"
    }  # fmt: skip
    assert "sha1" in told["Tus-Checksum-Algorithm"].split(",")


def test_a_file_in_three_parts_is_one_stored_file_with_both_hashes(officer):
    data = os.urandom(3_000_000)
    made = make(officer, len(data))
    assert made.status_code == 201 and made["Upload-Expires"].endswith("GMT")
    url = made["Location"]
    for start in range(0, len(data), 1_000_000):
        assert int(head(officer, url)["Upload-Offset"]) == start
        sent = send(officer, url, data[start : start + 1_000_000], start)
        assert (sent.status_code, int(sent["Upload-Offset"])) == (204, start + 1_000_000)
        assert sent["Tus-Resumable"] == "1.0.0" and sent["Upload-Expires"]
    ref = take(url)
    assert (ref.sha256, ref.sm3) == (hashlib.sha256(data).hexdigest(), hashlib.new("sm3", data).hexdigest())
    assert files.path(ref.id).read_bytes() == data and ref.name == "现场.mp4"
    assert take(url) == ref and StoredFile.objects.filter(sha256=ref.sha256).count() == 1


def test_head_says_everything_the_maker_said_and_is_not_cached(officer):
    url = make(officer, 10)["Location"]
    told = head(officer, url)
    assert (told["Upload-Offset"], told["Upload-Length"]) == ("0", "10")
    assert told["Upload-Metadata"] == meta(filename="现场.mp4", filetype="video/mp4")
    assert "no-store" in told["Cache-Control"]


def test_creation_with_upload_may_carry_all_of_it(officer):
    data = b"\xff\xd8\xff\xe0" + os.urandom(5000) + b"\xff\xd9"
    made = officer.post(
        "/uploads/", data, content_type=BODY,
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata": meta(filename="a.jpg")},
    )  # fmt: skip
    assert (made.status_code, int(made["Upload-Offset"])) == (201, len(data))
    assert take(made["Location"]).media_type == "image/jpeg"


def test_whoever_is_not_logged_in_gets_401_as_json_and_never_a_log_in_page():
    for method in ("post", "options"):
        answer = getattr(Client(), method)("/uploads/", headers={"Tus-Resumable": "1.0.0"})
        assert answer.status_code == 401 and answer.json()["code"] == "not_logged_in"
    assert Client().head("/uploads/" + "0" * 32).status_code == 401


def test_without_the_csrf_header_nothing_is_made(people, officer):
    from django.conf import settings

    strict = Client(enforce_csrf_checks=True)
    strict.cookies = officer.cookies
    refused = make(strict, 10)
    assert refused.status_code == 403 and refused.json()["code"] == "csrf"
    strict.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    assert make(strict, 10, **{"X-CSRFToken": "a" * 32}).status_code == 201


def test_for_another_person_the_upload_does_not_exist(officer, people):
    url = make(officer, 10)["Location"]
    other = people("officer2")
    assert head(other, url).status_code == 404
    assert send(other, url, b"0123456789", 0).status_code == 404
    assert other.delete(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 404
    send(officer, url, b"0123456789", 0)
    with pytest.raises(UploadNotFound):
        files.upload_take(url.rsplit("/", 1)[-1], by="person:0")


def test_a_wrong_offset_is_refused_and_changes_nothing(officer):
    url = make(officer, 10)["Location"]
    send(officer, url, b"01234", 0)
    for offset in (0, 4, 6, 10):
        refused = send(officer, url, b"x", offset)
        assert refused.status_code == 409 and "5 字节" in refused.json()["message"]
    assert send(officer, url, b"56789", 5).status_code == 204
    assert files.path(take(url).id).read_bytes() == b"0123456789"


def test_more_than_was_declared_is_refused_before_it_is_read(officer):
    url = make(officer, 10)["Location"]
    refused = send(officer, url, b"x" * 11, 0)
    assert refused.status_code == 413 and "10 字节" in refused.json()["message"]
    assert head(officer, url)["Upload-Offset"] == "0"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_part_whose_checksum_differs_is_dropped_with_460(officer, algorithm):
    url = make(officer, 10)["Location"]
    send(officer, url, b"01234", 0)
    right = base64.b64encode(hashlib.new(algorithm, b"56789").digest()).decode()
    refused = send(officer, url, b"5678X", 5, **{"Upload-Checksum": f"{algorithm} {right}"})
    assert refused.status_code == 460 and head(officer, url)["Upload-Offset"] == "5"
    assert send(officer, url, b"56789", 5, **{"Upload-Checksum": f"{algorithm} {right}"}).status_code == 204
    assert files.path(take(url).id).read_bytes() == b"0123456789"


def test_an_unknown_checksum_is_a_bad_request_and_changes_nothing(officer):
    url = make(officer, 10)["Location"]
    assert send(officer, url, b"01234", 0, **{"Upload-Checksum": "crc32 AAAA"}).status_code == 400
    assert head(officer, url)["Upload-Offset"] == "0"


def test_the_phones_own_hash_is_compared_and_a_difference_keeps_nothing(officer, own_store):
    data = b"%PDF-1.7\n%%EOF\n"
    good = hashlib.sha256(data).hexdigest()
    url = make(officer, len(data), metadata=meta(filename="a.pdf", sha256=good.upper()))["Location"]
    assert send(officer, url, data, 0).status_code == 204 and take(url).sha256 == good
    url = make(officer, len(data), metadata=meta(filename="a.pdf", sha256="0" * 64))["Location"]
    refused = send(officer, url, data, 0)
    assert refused.status_code == 422 and "SHA-256" in refused.json()["message"]
    assert head(officer, url).status_code == 422
    assert not list((own_store / "incoming").iterdir())


def test_termination_frees_the_bytes_and_the_address_is_gone(officer, own_store):
    url = make(officer, 10)["Location"]
    send(officer, url, b"01234", 0)
    assert officer.delete(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
    gone = send(officer, url, b"56789", 5)
    assert gone.status_code == 410 and "已取消" in gone.json()["message"]
    assert not list((own_store / "incoming").iterdir())


def test_what_was_taken_cannot_be_terminated(officer):
    url = make(officer, 5)["Location"]
    send(officer, url, b"01234", 0)
    ref = take(url)
    assert officer.delete(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 403
    assert files.check(ref.id)


def test_an_upload_lives_longer_with_every_part_and_is_dropped_after_its_time(officer, own_store, settings):
    url = make(officer, 10)["Location"]
    send(officer, url, b"01234", 0)
    row = Upload.objects.get()
    assert files.uploads_expire(at=row.expires_at - timedelta(seconds=1)) == 0
    assert files.uploads_expire(at=row.expires_at) == 1
    assert not list((own_store / "incoming").iterdir())
    assert head(officer, url).status_code == 410


def test_segments_are_joined_in_the_order_given_and_may_come_twice(officer):
    parts = []
    for piece in (b"hello", b" world"):
        url = make(officer, len(piece), **{"Upload-Concat": "partial"})["Location"]
        assert send(officer, url, piece, 0).status_code == 204
        assert head(officer, url)["Upload-Concat"] == "partial"
        parts.append(url)
    concat = f"final;{parts[0]} http://testserver{parts[1]} {parts[0]}"
    made = officer.post(
        "/uploads/",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Concat": concat,
            "Upload-Metadata": meta(filename="a.txt"),
        },
    )
    assert made.status_code == 201
    told = head(officer, made["Location"])
    assert told["Upload-Length"] == told["Upload-Offset"] == "16" and told["Upload-Concat"] == concat
    assert send(officer, made["Location"], b"x", 16).status_code == 403
    assert files.path(take(made["Location"]).id).read_bytes() == b"hello worldhello"


def test_unfinished_or_foreign_segments_are_not_joined(officer, people):
    unfinished = make(officer, 5, **{"Upload-Concat": "partial"})["Location"]
    whole = make(officer, 5)["Location"]
    theirs = make(people("officer2"), 5, **{"Upload-Concat": "partial"})["Location"]
    for address, status in ((unfinished, 409), (whole, 404), (theirs, 404), ("/desk/", 400), ("", 400)):
        refused = officer.post(
            "/uploads/", headers={"Tus-Resumable": "1.0.0", "Upload-Concat": f"final;{address}"}
        )
        assert refused.status_code == status


def test_a_segment_alone_cannot_be_handed_in(officer):
    url = make(officer, 5, **{"Upload-Concat": "partial"})["Location"]
    send(officer, url, b"hello", 0)
    with pytest.raises(files_error("UploadPartial")):
        take(url)


def files_error(name):
    from mingzhi.files import errors

    return getattr(errors, name)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 412),
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Tus-Resumable": "1.0.0"}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "-1"}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "1e3"}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "9" * 19}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "9" * 18}, 413),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "0"}, 422),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": "a !"}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": "a YQ==,a YQ=="}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": "a " + "A" * 7000}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": meta(sha256="zz")}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Concat": "some"}, 400),
        ({"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": "is_confidential"}, 201),
    ],
)
def test_requests_that_make_an_upload(officer, headers, status):
    answer = officer.post("/uploads/", headers=headers)
    assert answer.status_code == status
    if status == 412:
        assert answer["Tus-Version"] == "1.0.0"
    assert Upload.objects.count() == (status == 201)


def test_the_method_may_come_in_a_header_and_another_body_type_is_415(officer):
    url = make(officer, 5)["Location"]
    assert (
        officer.patch(url, b"01234", headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}).status_code
        == 415
    )
    sent = officer.post(
        url, b"01234", content_type=BODY,
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
    )  # fmt: skip
    assert (sent.status_code, sent["Upload-Offset"]) == (204, "5")
    assert officer.post(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 405


def test_the_quota_of_a_person_and_of_a_body_refuse_before_a_byte_is_sent(officer, people, settings):
    settings.UPLOAD_PERSON_BYTES = 100
    assert make(officer, 60)["Location"]
    refused = make(officer, 41)
    assert refused.status_code == 413 and "100 字节" in refused.json()["message"]
    last = make(officer, 40)["Location"]
    assert make(people("officer2"), 100).status_code == 201
    officer.delete(last, headers={"Tus-Resumable": "1.0.0"})
    settings.UPLOAD_BODY_BYTES = 200
    refused = make(officer, 40)
    assert refused.status_code == 201
    settings.UPLOAD_PERSON_BYTES = 1000
    refused = make(officer, 1)
    assert refused.status_code == 413 and "本机关" in refused.json()["message"]


def test_a_disk_without_room_refuses_with_507_before_a_byte_is_sent(officer, settings):
    settings.UPLOAD_SPARE_BYTES = 1 << 60
    refused = make(officer, 10)
    assert refused.status_code == 507 and "空间不足" in refused.json()["message"]
    assert not Upload.objects.exists()


def test_programs_and_pages_are_refused_at_the_last_byte_with_a_sentence(officer, own_store):
    for data in (b"MZ\x90\0" + bytes(99), b"<html><script>alert(1)</script>", b"\x7fELF" + bytes(99)):
        url = make(officer, len(data), metadata=meta(filename="照片.jpg"))["Location"]
        refused = send(officer, url, data, 0)
        assert refused.status_code == 422 and "照片.jpg" in refused.json()["message"]
        assert not list((own_store / "incoming").iterdir())


def test_a_process_that_knows_nothing_of_the_first_part_goes_on_with_the_right_hash(officer):
    data = os.urandom(5_000_000)
    url = make(officer, len(data))["Location"]
    send(officer, url, data[:3_000_000], 0)
    incoming.digests.__init__()  # as after a kill: nothing in memory
    send(officer, url, data[3_000_000:], 3_000_000)
    incoming.digests.__init__()
    ref = take(url)
    assert (ref.sha256, ref.sm3) == (hashlib.sha256(data).hexdigest(), hashlib.new("sm3", data).hexdigest())


def test_bytes_beyond_what_was_vouched_for_are_cut_off(officer):
    url = make(officer, 10)["Location"]
    send(officer, url, b"01234", 0)
    with incoming.path(url.rsplit("/", 1)[-1]).open("ab") as part:
        part.write(b"garbage after a power cut")
    assert head(officer, url)["Upload-Offset"] == "5"
    send(officer, url, b"56789", 5)
    assert files.path(take(url).id).read_bytes() == b"0123456789"


def test_the_hour_job_is_registered():
    from mingzhi.outbox import api as outbox

    assert "files.uploads" in {run.name for run in outbox.periodic_runs()}
