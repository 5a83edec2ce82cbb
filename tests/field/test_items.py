"""What phones send is received once, judged as of when it happened, and never lost."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.recording import api as recording
from mingzhi.web.demo.cast import made_sound
from mingzhi.web.demo.drive import Drive
from mingzhi.web.field import items
from mingzhi.web.models import FieldFile, FieldItem, FieldOutcome
from tests.field.conftest import PNG, Phone, inspection, service, spot
from tests.field.conftest import recording as record
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")
Freeze = Callable[[datetime], None]


@pytest.fixture
def case(drive: Callable[..., Drive], freeze: Freeze) -> Drive:
    found = drive()
    found.file(clue=False)
    freeze(found.at)
    return found


@pytest.fixture
def spot_case(drive: Callable[..., Drive], freeze: Freeze) -> Drive:
    """A matter for a penalty on the spot; nothing of it is on the server yet."""
    freeze(MONDAY)
    return drive(item_code="urban.littering")


@pytest.fixture
def mine(phone: Callable[..., Phone]) -> Phone:
    return phone("officer1")


def settled(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


# --- recordings ------------------------------------------------------------------------------------


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


# --- steps -------------------------------------------------------------------------------------------


def with_recording(case: Drive) -> None:
    case.record("on_site_inspection", title="现场检查录像")


def test_an_on_site_record_becomes_a_step_at_its_own_time_with_its_signature_bound_to_the_text(
    case: Drive, mine: Phone, phone: Callable[..., Phone], freeze: Freeze
) -> None:
    with_recording(case)
    at = case.at
    sent = inspection(mine, case, at)
    freeze(at + timedelta(hours=5))
    answer = settled(mine.send(sent))
    assert answer["state"] == "accepted", answer
    step = procedures.steps(dossiers.access_dossier(case.by("officer1"), case.id))[-1]
    assert (step.verb, step.occurred_at, step.at) == ("inspect", at, at + timedelta(hours=5))
    outcome = FieldOutcome.objects.get()
    (signed,) = documents.signatures(outcome.paper_id or 0)
    assert signed["name"] == "林某某" and signed["file_id"] is not None
    assert sent["signatures"][0]["content_sha256"][:24] in signed["note"]
    (bound,) = documents.paper_data(outcome.paper_id or 0)["signatures"]
    assert bound["picture_sha256"] == files.ref(signed["file_id"]).sha256 and bound["at"] == at.isoformat()
    pdf = pypdfium2.PdfDocument(documents.page(outcome.paper_id or 0, at=at + timedelta(hours=6)))
    assert [one.type for one in pdf[0].get_objects()].count(3) == 1, "the strokes stand on the paper's page"
    page = mine.client.get(f"/desk/cases/{case.id}/?tab=papers").content.decode()
    assert "当事人 林某某" in page and "所签内容摘要" in page
    (link,) = re.findall(r"/desk/cases/\d+/signatures/\d+/", page)
    assert mine.client.get(link).content.startswith(b"\x89PNG")
    assert phone("officer3").client.get(link).status_code == 404, "who does not work on the case"
    assert mine.client.get(link.replace(f"/{case.id}/", f"/{case.id + 1}/")).status_code == 404


def test_a_decision_is_served_by_phone_and_the_receipt_bears_the_recipient_s_hand(
    drive: Callable[..., Drive], phone: Callable[..., Phone], freeze: Freeze
) -> None:
    case = drive()
    case.file(clue=False)
    case.investigate()
    case.conclude()
    case.step("notify", case.lead, contact="承办人 0000-0000000")
    case.wait(hours=1)
    freeze(case.at)
    mine = phone("officer1")
    (waiting,) = next(c for c in mine.data()["cases"] if c["id"] == case.id)["serve"]
    assert waiting["verb"] == "notice_serve" and "告知书" in waiting["title"]
    sent = service(mine, case, case.at, waiting["paper"])
    assert settled(mine.send(sent))["state"] == "accepted"
    receipt = documents.papers(case.id, template="P27")[-1]
    assert [s["kind"] for s in documents.paper_data(receipt.id)["signatures"]] == ["party", "officer"]
    assert documents.paper(waiting["paper"]).served_on == clock.local_date(case.at)
    assert not next(c for c in mine.data()["cases"] if c["id"] == case.id)["serve"]


@pytest.fixture
def noticed(drive: Callable[..., Drive], freeze: Freeze) -> Drive:
    """A notice waits to be served."""
    case = drive()
    case.file(clue=False)
    case.investigate()
    case.conclude()
    case.step("notify", case.lead, contact="承办人 0000-0000000")
    case.wait(hours=1)
    freeze(case.at)
    return case


def waiting_for(mine: Phone, case: Drive) -> dict[str, Any]:
    known: dict[str, Any] = next(c for c in mine.data()["cases"] if c["id"] == case.id)
    return known


def test_by_post_the_phone_brings_the_slip_and_electronically_only_who_signed_for_it(
    noticed: Drive, mine: Phone
) -> None:
    """SRV-03, SRV-04: no consent, no electronic service; no slip, no service by post."""
    case, known = noticed, waiting_for(mine, noticed)
    paper = known["serve"][0]["paper"]
    assert known["e_service"] is None and known["serve"][0]["tried"] == []
    told = mine.data()
    assert "确认书" in told["service"]["electronic"]["law"] and "回执" in told["service"]["mail"]["law"]
    modes = next(f for f in told["forms"]["notice_serve"]["fields"] if f["name"] == "mode")
    assert {m[0] for m in modes["options"]} == {"direct", "leave", "mail", "electronic", "public_notice"}

    sent = service(mine, case, case.at, paper, mode="electronic", receiver="", relation="", proof=PNG)
    answer = settled(mine.send(sent))
    assert answer["state"] == "refused" and any("电子送达确认书" in r for r in answer["reasons"])
    again = f"/field/conflicts/{answer['id']}/resubmit"
    typed = {k: v for k, v in json.loads(sent["content"])["facts"].items() if v not in ("", None)}
    odd = mine.client.post(again, typed | {"proof": ["无此凭证", "999999999"]})
    assert odd.status_code == 422 and "送达凭证" in odd.content.decode()
    gone = mine.client.post(f"/field/conflicts/{answer['id']}/withdraw", {"reason": "改用邮寄送达"})
    assert gone.status_code == 302

    facts = {"mode": "mail", "tracking": "示例000000001", "receiver": "林某某", "relation": "负责收件的人"}
    bare = settled(mine.send(service(mine, case, case.at, paper, **facts)))
    assert bare["state"] == "refused" and any("回执" in r for r in bare["reasons"])
    slip = PNG + b"slip"
    whole = service(mine, case, case.at, paper, proof=slip, **facts)
    swapped = {**whole, "proofs": [0]}
    assert mine.send(swapped).status_code == 422, "another file than the one that was shown and signed"
    assert settled(mine.send(whole))["state"] == "accepted"
    done = documents.services(case.id, paper_id=paper)[-1]
    (kept,) = done.facts["file_ids"]
    assert files.path(kept).read_bytes() == slip and done.mode == "mail"
    assert documents.paper(paper).served_on == clock.local_date(case.at)


def test_a_failed_attempt_from_the_phone_opens_the_way_to_a_public_notice(
    noticed: Drive, mine: Phone
) -> None:
    """SRV-06, SRV-07: public notice is the last resort; what was tried stands on record and on the phone."""
    case, paper = noticed, waiting_for(mine, noticed)["serve"][0]["paper"]
    facts = {
        "mode": "public_notice", "notice_reason": "到住所送达无人，去向不明", "notice_place": "本机关门户网站",
        "receiver": "", "relation": "",
    }  # fmt: skip
    notice = service(mine, case, case.at, paper, **facts)
    answer = settled(mine.send(notice))
    assert answer["state"] == "refused" and any("公告送达" in r for r in answer["reasons"])
    failed = service(
        mine, case, case.at, paper, failed=True, notice_reason="住所无人", receiver="", relation=""
    )
    assert settled(mine.send(failed))["state"] == "accepted"
    assert waiting_for(mine, case)["serve"][0]["tried"] == ["直接送达"]
    case.record("service_public_notice", title="张贴公告录像")
    typed = {k: v for k, v in json.loads(notice["content"])["facts"].items() if v not in ("", None)}
    done = mine.client.post(f"/field/conflicts/{answer['id']}/resubmit", typed)
    assert done.status_code == 302, done.content.decode()
    assert documents.papers(case.id, template="P27N")
    assert documents.paper(paper).served_on == clock.local_date(case.at) + timedelta(days=30)


def test_two_phones_on_one_case_the_second_is_shown_who_did_what_and_a_person_decides(
    case: Drive, mine: Phone, phone: Callable[..., Phone]
) -> None:
    with_recording(case)
    other = phone("officer2", "fedcba9876543210")
    first, second = inspection(mine, case, case.at), inspection(other, case, case.at)
    assert settled(mine.send(first))["state"] == "accepted"
    answer = settled(other.send(second))
    assert answer["state"] == "refused"
    page = other.client.get(f"/field/conflicts/{answer['id']}/").content.decode()
    assert "张某甲" in page and "现场检查" in page and "更正后重新提交" in page
    # Still the second wants it registered: a second inspection on the same case is lawful.
    facts = json.loads(second["content"])["facts"]
    typed = {k: v for k, v in facts.items() if v is not True} | {
        "card_shown": "on", "rights_told": "on", "signature": "signed",
        "began_at": facts["began_at"], "ended_at": facts["ended_at"],
    }  # fmt: skip
    done = other.client.post(f"/field/conflicts/{answer['id']}/resubmit", typed)
    assert done.status_code == 302, done.content.decode()
    dossier = dossiers.access_dossier(case.by("officer1"), case.id)
    assert [s.verb for s in procedures.steps(dossier)][-2:] == ["inspect", "inspect"]
    again = other.client.post(f"/field/conflicts/{answer['id']}/resubmit", typed)
    assert again.status_code == 409


def test_a_signature_for_another_text_and_a_record_that_contradicts_itself_are_not_received(
    case: Drive, mine: Phone
) -> None:
    sent = inspection(mine, case, case.at)
    for change in (
        {"signatures": [{**sent["signatures"][0], "content_sha256": "0" * 64}]},
        {"dossier": case.id + 1},
        {"files": []},
        {"closing": {"findings": "改写"}},
        {"device": "ffffffffffffffff"},
    ):
        refused = mine.send({**sent, **change})
        assert refused.status_code == 422, change
    assert mine.send({**sent, "content": "不是内容"}).status_code == 422
    assert (
        mine.client.post(
            "/field/items", b"\xff\xfe{", content_type="application/json", **mine.headers
        ).status_code
        == 422
    )
    assert FieldItem.objects.count() == 0


# --- penalty on the spot -------------------------------------------------------------------------------


def test_a_penalty_made_without_the_net_is_registered_as_of_then_under_its_number_and_code(
    spot_case: Drive, mine: Phone, freeze: Freeze
) -> None:
    assert mine.post("numbers").json() == {"free": 10}
    sent = spot(mine, spot_case, MONDAY)
    freeze(MONDAY + timedelta(hours=20))
    answer = settled(mine.send(sent))
    assert answer["state"] == "accepted", answer
    content = json.loads(sent["content"])
    (paper,) = documents.papers(answer["dossier"], template="P20")
    assert paper.number == content["number"]["text"]
    assert paper.code == items.paper_code(items.content_digest(items.Item.model_validate(sent)))
    data = documents.paper_data(paper.id)
    assert data["drawn_on"] == "2026-09-07" and data["party_name"] == "孙某某"
    assert [s["outcome"] for s in documents.signatures(paper.id)] == ["signed"]
    assert paper.served_on == date(2026, 9, 7), "handed over then, whenever it reached the server"
    (service,) = documents.services(answer["dossier"])
    assert service.mode == "direct" and service.facts["signer"] == "孙某某"
    assert recording.recordings(answer["dossier"], "summary_penalty")[0].full
    assert len(mine.data()["numbers"]) == 9


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"fine_yuan": "200.01"}, "PEN-08.amount"), ({"told": False}, "PEN-14.spot"), ({"officers": []}, "")],
)
def test_what_the_law_does_not_allow_is_a_conflict_and_the_number_waits_with_it(
    spot_case: Drive, mine: Phone, changes: dict[str, Any], code: str
) -> None:
    mine.post("numbers")
    answer = settled(mine.send(spot(mine, spot_case, MONDAY, **changes)))
    assert answer["state"] == "refused"
    outcome = FieldOutcome.objects.get()
    assert not code or code in outcome.detail
    assert dossiers.dossiers_for(spot_case.by("officer1")).count() == 0
    assert len(mine.data()["numbers"]) == 10, "the number is neither used nor lost"


def posted(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as the form of correction posts them."""
    found = {k: v for k, v in facts.items() if v is not True and v is not False}
    return found | {k: "on" for k, v in facts.items() if v is True} | {"signature": "signed"}


def test_a_corrected_penalty_gets_a_new_number_and_the_handed_paper_s_number_is_void(
    spot_case: Drive, mine: Phone, client: Client
) -> None:
    mine.post("numbers")
    sent = spot(mine, spot_case, MONDAY, fine_yuan="300")
    answer = settled(mine.send(sent))
    content = json.loads(sent["content"])
    page = mine.client.get(f"/field/conflicts/{answer['id']}/").content.decode()
    assert "当场罚款不得超过 200.00 元" in page and content["number"]["text"] in page
    still = mine.client.post(f"/field/conflicts/{answer['id']}/resubmit", posted(content["facts"]))
    assert still.status_code == 409 and "不得超过" in still.content.decode()
    done = mine.client.post(
        f"/field/conflicts/{answer['id']}/resubmit", posted({**content["facts"], "fine_yuan": "200"})
    )
    assert done.status_code == 302
    outcome = FieldOutcome.objects.order_by("-turn")[0]
    (paper,) = documents.papers(outcome.dossier_id or 0, template="P20")
    assert paper.number != content["number"]["text"]
    assert documents.signatures(paper.id) == [], "nobody signed the corrected text"
    register = {n.text: n for n in documents.numbers(spot_case.bureau.body_id)}
    assert register[content["number"]["text"]].voided
    code = items.paper_code(items.content_digest(items.Item.model_validate(sent)))
    assert "内容更正，另行制作文书" in client.get(f"/verify/{code}").content.decode()
    assert "已作废" not in client.get(f"/verify/{paper.code}").content.decode()
    assert "应当收回原文书" in mine.client.get(f"/field/conflicts/{answer['id']}/").content.decode()


def test_the_same_facts_judged_again_keep_the_number_that_the_party_holds(
    spot_case: Drive, mine: Phone
) -> None:
    """Nobody had recorded it and nobody said why; then the head's people give the reason on the item."""
    mine.post("numbers")
    sent = spot(mine, spot_case, MONDAY)
    content = json.loads(sent["content"])
    late = [{**r, "ended_at": (MONDAY - timedelta(hours=30)).isoformat()} for r in sent["records"]]
    late = [{**r, "captured_at": (MONDAY - timedelta(hours=31)).isoformat()} for r in late]
    answer = settled(mine.send({**sent, "records": late}))
    assert answer["state"] == "refused" and "逾期" in answer["message"]
    done = mine.client.post(
        f"/field/conflicts/{answer['id']}/resubmit",
        {**posted(content["facts"]), "late_reason": "水上执法，靠岸后上传"},
    )
    assert done.status_code == 302
    outcome = FieldOutcome.objects.order_by("-turn")[0]
    paper = documents.paper(outcome.paper_id or 0)
    assert paper.number == content["number"]["text"]
    assert len(documents.signatures(paper.id)) == 1


def test_a_withdrawn_penalty_leaves_a_void_number_with_the_reason_and_a_dossier_that_ended(
    spot_case: Drive, mine: Phone, client: Client
) -> None:
    mine.post("numbers")
    sent = spot(mine, spot_case, MONDAY, fine_yuan="300")
    answer = settled(mine.send(sent))
    url = f"/field/conflicts/{answer['id']}/withdraw"
    assert mine.client.post(url, {"reason": " "}).status_code == 422
    assert mine.client.post(url, {"reason": "数额超过当场处罚限额，改按普通程序"}).status_code == 302
    assert mine.client.post(url, {"reason": "再来一次"}).status_code == 409
    number = json.loads(sent["content"])["number"]["text"]
    register = {n.text: n for n in documents.numbers(spot_case.bureau.body_id)}
    assert register[number].void_reason == "数额超过当场处罚限额，改按普通程序"
    # Who scans the code on the paper in the party's hand is told.
    code = items.paper_code(items.content_digest(items.Item.model_validate(sent)))
    ledger.sequence(at=MONDAY + timedelta(hours=1))
    told = client.get(f"/verify/{code}")
    assert told.status_code == 200
    text = told.content.decode()
    assert "已作废" in text and "数额超过当场处罚限额，改按普通程序" in text and number in text
    assert hashlib.sha256(sent["content"].encode()).hexdigest() in text and "孙某某" not in text
    receipt = client.get(f"/verify/{code}/receipt").content.decode()
    assert "孙某某" not in receipt and "account" not in receipt
    api = client.get(f"/api/public/verify/{code}").json()
    assert api["void_reason"] == "数额超过当场处罚限额，改按普通程序" and api["voided_at"]
    assert client.get(f"/verify/{code[:-1]}{'A' if code[-1] != 'A' else 'B'}").status_code == 404
    (dossier,) = dossiers.dossiers_for(spot_case.by("officer1"))
    assert dossier.state == "withdrawn" and len(recording.recordings(dossier.pk)) == 1
    assert mine.client.get("/field/conflicts/").content.decode().count("card-link") == 0


def test_a_number_is_used_by_one_penalty_only_and_the_second_is_a_conflict(
    spot_case: Drive, mine: Phone
) -> None:
    mine.post("numbers")
    first, second = spot(mine, spot_case, MONDAY), spot(mine, spot_case, MONDAY, place="示例路 3 号")
    assert settled(mine.send(first))["state"] == "accepted"
    answer = settled(mine.send(second))
    assert answer["state"] == "refused" and "已经使用" in answer["message"]
    # Giving up the second leaves the first's number alone.
    mine.client.post(f"/field/conflicts/{answer['id']}/withdraw", {"reason": "文号重复"})
    text = json.loads(first["content"])["number"]["text"]
    assert not next(n for n in documents.numbers(spot_case.bureau.body_id) if n.text == text).voided


@pytest.mark.parametrize(
    ("suspended_on", "state"), [(date(2026, 9, 8), "accepted"), (date(2026, 9, 7), "refused")]
)
def test_the_certificate_counts_as_it_was_on_the_day_of_the_act(
    spot_case: Drive, mine: Phone, freeze: Freeze, suspended_on: date, state: str
) -> None:
    mine.post("numbers")
    sent = spot(mine, spot_case, MONDAY)
    keeper = replace(
        organisations.system_actor(spot_case.bureau.body_id),
        permissions=frozenset({Permission.CERTIFICATE_MANAGE}),
    )
    held = organisations.certificate(mine.person, MONDAY.date())
    organisations.certificate_event(
        certificate_id=held.certificate_id or 0,
        kind="suspend",
        on=suspended_on,
        reason="接受调查期间暂扣",
        by=keeper,
        at=MONDAY,
    )
    freeze(MONDAY + timedelta(hours=20))
    assert settled(mine.send(sent))["state"] == state


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


# --- numbers ------------------------------------------------------------------------------------------


def test_numbers_are_topped_up_handed_back_with_a_reason_and_never_serve_another_phone(
    spot_case: Drive, mine: Phone, phone: Callable[..., Phone], freeze: Freeze
) -> None:
    assert mine.post("numbers").json() == {"free": 10} == mine.post("numbers").json()
    register = mine.client.get("/desk/numbers/?year=2026").content.decode()
    assert "1—10" in register and "张某甲（手机 01234567）" in register
    other = phone("officer2", "aaaaaaaaaaaaaaaa")
    assert other.data()["numbers"] == []
    assert mine.post("numbers/return", {"reason": ""}).status_code == 422
    assert mine.post("numbers/return", {"reason": "设备检修"}).json() == {"voided": 10}
    assert mine.data()["numbers"] == []
    freeze(MONDAY)
    mine.post("numbers")
    stolen = spot(mine, spot_case, MONDAY)
    stolen["signatures"] = []
    refused = settled(
        other.send(
            {
                **stolen,
                "device": other.device,
                "files": [other.upload(b"RIFF" + bytes(60))],
                "records": [],
                "key": "c" * 32,
            }
        )
    )
    assert refused["state"] == "refused"


def test_a_block_of_last_year_is_handed_back_by_itself(spot_case: Drive, mine: Phone, freeze: Freeze) -> None:
    mine.post("numbers")
    freeze(MONDAY + timedelta(days=130))
    assert mine.post("numbers").json() == {"free": 10}
    assert {n["year"] for n in mine.data()["numbers"]} == {2027}
    assert all(n.void_reason for n in documents.numbers(spot_case.bureau.body_id, year=2026))


def test_a_spoilt_number_is_voided_from_the_phone(spot_case: Drive, mine: Phone) -> None:
    mine.post("numbers")
    number = mine.data()["numbers"][0]
    sent = mine.item(
        "number", MONDAY, number={k: number[k] for k in ("block", "seq", "text")}, reason="书写错误"
    )
    assert settled(mine.send(sent))["state"] == "accepted"
    assert documents.numbers(spot_case.bureau.body_id)[0].void_reason == "书写错误"
