"""Steps and services from the phone: judged as of when they happened, on the text that was shown and signed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest

from mingzhi.documents import api as documents
from mingzhi.documents.queries import paper_data
from mingzhi.dossiers import api as dossiers
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.procedures import api as procedures
from mingzhi.web.demo.drive import Drive
from mingzhi.web.models import FieldItem, FieldOutcome
from tests.field.conftest import PNG, Freeze, Phone, inspection, service, settled

pytestmark = pytest.mark.django_db(databases="__all__")


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
    (bound,) = paper_data(outcome.paper_id or 0)["signatures"]
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
    assert [s["kind"] for s in paper_data(receipt.id)["signatures"]] == ["party", "officer"]
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
