"""Penalties on the spot from the phone, and the numbers under which they are handed over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from mingzhi.documents import api as documents
from mingzhi.documents.queries import paper_data
from mingzhi.dossiers import api as dossiers
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.web.demo.drive import Drive
from mingzhi.web.field import items
from mingzhi.web.models import FieldOutcome
from tests.field.conftest import Freeze, Phone, settled, spot
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")


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
    data = paper_data(paper.id)
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
