"""What phones send is received once, judged as of when it happened, and never lost; and who may send it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mingzhi.ledger import api as ledger
from mingzhi.recording import api as recording
from mingzhi.web.demo.cast import made_sound
from mingzhi.web.demo.drive import Drive
from mingzhi.web.models import FieldFile, FieldItem, FieldOutcome
from tests.field.conftest import Freeze, Phone, settled, spot
from tests.field.conftest import recording as record
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_recording_goes_to_its_case_with_its_hash_its_device_and_the_clock(
    case: Drive, mine: Phone
) -> None:
    file = mine.upload(made_sound(1, 1))
    sent = mine.item(
        "record", case.at, dossier=case.id, records=[record(case.at, "on_site_inspection")], files=[file]
    )
    answer = settled(mine.send(sent))
    assert answer["state"] == "accepted"
    (kept,) = recording.recordings(case.id, "on_site_inspection")
    assert (kept.file.sha256, kept.source, kept.device) == (file["sha256"], "phone", "手机 01234567")
    assert (kept.device_clock_offset_s, kept.operator_id, kept.full) == (2, mine.person, True)


def test_the_same_item_sent_twice_is_one_and_the_answer_is_the_same(case: Drive, mine: Phone) -> None:
    sent = mine.item(
        "record",
        case.at,
        dossier=case.id,
        records=[record(case.at, "on_site_inspection")],
        files=[mine.upload(made_sound(1, 2))],
    )
    first = settled(mine.send(sent))
    again = settled(mine.send({**sent, "files": [{**sent["files"][0], "upload": "0" * 32}]}))
    assert first == again == settled(mine.get(f"items/{sent['key']}"))
    assert FieldItem.objects.count() == 1 and len(recording.recordings(case.id)) == 1
    other = mine.send({**sent, "title": "另一件"})
    assert (other.status_code, other.json()["code"]) == (422, "field.key_used")


def test_bytes_that_differ_from_what_was_captured_are_a_conflict_that_shows_both_hashes(
    case: Drive, mine: Phone
) -> None:
    file = {**mine.upload(made_sound(1, 3)), "sha256": "ab" * 32}
    sent = mine.item(
        "record", case.at, dossier=case.id, records=[record(case.at, "on_site_inspection")], files=[file]
    )
    answer = settled(mine.send(sent))
    assert answer["state"] == "refused" and "摘要" in answer["message"]
    assert recording.recordings(case.id) == []
    kept = FieldFile.objects.get()
    page = mine.client.get(f"/field/conflicts/{answer['id']}/").content.decode()
    assert kept.claimed in page and kept.sha256 in page


def test_an_item_whose_bytes_are_not_here_asks_for_them_and_is_judged_when_they_come(
    case: Drive, mine: Phone
) -> None:
    content = made_sound(1, 4)
    good = mine.upload(content)
    sent = mine.item(
        "record",
        case.at,
        dossier=case.id,
        records=[record(case.at, "on_site_inspection")],
        files=[{**good, "upload": "0" * 32}],
    )
    missing = mine.send(sent)
    assert (missing.status_code, missing.json()["code"]) == (409, "field.upload_missing")
    assert settled(mine.get(f"items/{sent['key']}"))["state"] == "received"
    assert settled(mine.send({**sent, "files": [good]}))["state"] == "accepted"


def test_a_recording_after_its_hours_waits_for_a_reason_and_is_kept_with_it(
    case: Drive, mine: Phone, freeze: Freeze
) -> None:
    at = case.at
    freeze(at + timedelta(hours=30))
    sent = mine.item(
        "record",
        at,
        dossier=case.id,
        records=[record(at, "on_site_inspection")],
        files=[mine.upload(made_sound(1, 5))],
    )
    answer = settled(mine.send(sent))
    assert answer["state"] == "refused"
    done = mine.client.post(
        f"/field/conflicts/{answer['id']}/resubmit", {"late_reason": "山区无信号，返回后上传"}
    )
    assert done.status_code == 302
    (kept,) = recording.recordings(case.id)
    assert kept.late and kept.late_reason == "山区无信号，返回后上传"


# --- who may -----------------------------------------------------------------------------------------


def test_another_person_neither_sees_nor_settles_nor_reuses_an_item(
    spot_case: Drive, mine: Phone, phone: Callable[..., Phone]
) -> None:
    mine.post("numbers")
    sent = spot(mine, spot_case, MONDAY, fine_yuan="300")
    answer = settled(mine.send(sent))
    other = phone("officer2")
    assert other.send(sent).status_code == 422
    assert other.get(f"items/{sent['key']}").status_code == 404
    for act in ("", "withdraw", "resubmit"):
        path = f"/field/conflicts/{answer['id']}/{act}"
        found = other.client.post(path, {"reason": "不是我的"}) if act else other.client.get(path)
        assert found.status_code == 404, act
    assert "当场处罚" not in other.client.get("/field/conflicts/").content.decode()


def test_another_body_s_case_does_not_exist_for_a_phone(case: Drive, phone: Callable[..., Phone]) -> None:
    stranger = phone("other")
    sent = stranger.item(
        "record",
        case.at,
        dossier=case.id,
        records=[record(case.at, "on_site_inspection")],
        files=[stranger.upload(made_sound(1, 6))],
    )
    answer = settled(stranger.send(sent))
    assert answer["state"] == "refused" and "未找到" in answer["message"]
    assert recording.recordings(case.id) == []


def test_nothing_is_taken_from_a_phone_that_thinks_somebody_else_is_logged_in(
    case: Drive, mine: Phone, phone: Callable[..., Phone]
) -> None:
    stranger = phone("officer2")
    sent = stranger.item(
        "record",
        case.at,
        dossier=case.id,
        records=[record(case.at, "on_site_inspection")],
        files=[mine.upload(made_sound(1, 9))],
    )
    wrong = Phone(stranger.client, mine.account, mine.person)
    refused = wrong.send(sent)
    assert (refused.status_code, refused.json()["code"]) == (409, "field.other_person")
    assert FieldItem.objects.count() == 0


@pytest.mark.parametrize("username", ["leader", "reviewer", "cashier"])
def test_who_does_not_act_in_cases_takes_nothing_along_and_reserves_nothing(
    spot_case: Drive, phone: Callable[..., Phone], username: str
) -> None:
    one = phone(username)
    assert one.get("data").status_code == 403
    assert one.post("numbers").status_code == 403
    assert one.client.get("/field/conflicts/").status_code == 403


def test_a_phone_takes_along_only_one_s_own_cases_and_no_party_s_numbers(
    case: Drive, mine: Phone, phone: Callable[..., Phone]
) -> None:
    taken = mine.data()
    assert [c["id"] for c in taken["cases"]] == [case.id]
    text = json.dumps(taken, ensure_ascii=False)
    assert "13800000000" not in text and "91440803MA0000001R" not in text
    assert phone("officer3").data()["cases"] == []
    assert taken["cases"][0]["verbs"] and {"inspect", "spot_decide"} <= set(taken["forms"])


def test_the_certificate_screen_says_whether_the_badge_must_be_worn(mine: Phone) -> None:
    """R029: 全程佩戴 is this bureau's own demand, with the clause it stands in."""
    card = mine.data()["card"]
    assert card["worn"] == "mandatory" and "全面推行" in card["worn_citation"]


def test_the_items_are_append_only_and_the_ledger_knows_them(case: Drive, mine: Phone) -> None:
    sent = mine.item(
        "record",
        case.at,
        dossier=case.id,
        records=[record(case.at, "on_site_inspection")],
        files=[mine.upload(made_sound(1, 8))],
    )
    settled(mine.send(sent))
    for model in (FieldItem, FieldFile, FieldOutcome):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all().delete()
    ledger.sequence(at=case.at)
    report = ledger.fsck(processes=1)
    assert not [f for f in report.findings if "field" in f.kind]
