"""The public pages over HTTP: what they show, what they refuse, and that nothing sent in breaks them."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations.models import Body, Certificate
from mingzhi.publication import api
from mingzhi.publication.models import Disclosure, Intake
from mingzhi.web.models import Tries
from mingzhi.web.public.urls import urlpatterns
from tests.publication.conftest import AT, Bureau
from tests.receipts import disclosed, reopened

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.web_public.urls")]

PAGES = (
    "/", "/decisions/", "/lists/", "/lists/bodies/", "/lists/people/", "/lists/items/", "/lists/recording/", "/lists/review/",
    "/lists/no-penalty/", "/lists/terms/", "/procedures/", "/feed/", "/officers/", "/progress/", "/complaints/", "/verify/",
)  # fmt: skip


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_with_nothing_inline_and_in_both_languages(
    client: Client, bureau: Bureau, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 200, text(response)[:800]
    page = text(response)
    assert "<script>" not in page
    assert not re.search(r"\son\w+=|\sstyle=", page)
    assert "{%" not in page
    client.cookies["django_language"] = "en"
    assert client.get(path).status_code == 200


def test_a_body_that_follows_no_document_of_its_own_has_its_pages_all_the_same(
    client: Client, bureau: Bureau
) -> None:
    alone = Body.objects.create(
        path="/999999/", name="某某县交通运输局", short_name="某县交通局", kind="organ", level="county",
        credit_code="11440803333333334N", region_code="440800", code_word="某交", profile="",
    )  # fmt: skip
    for path in (p for p in PAGES if p.startswith(("/lists/", "/procedures/"))):
        answer = client.get(path, {"body": alone.pk})
        assert answer.status_code == 200, (path, text(answer)[:400])
    assert "公路" in text(client.get("/lists/items/", {"body": alone.pk, "q": "超限"}))


def test_a_published_decision_is_found_read_and_verified(
    client: Client, bureau: Bureau, snapshot, sequenced
) -> None:
    pk = bureau.published(snapshot())
    page = text(client.get("/decisions/", {"q": "建筑垃圾"}))
    assert "示例一号渣土运输有限公司" in page
    notice = text(client.get(f"/decisions/{pk}/"))
    assert "湛霞综执罚决字〔2026〕第12号" in notice
    assert "5,000.00 元" in notice
    for secret in ("李示例", "13800138000", "11010519491231002X", "王示例"):
        assert secret not in notice
    assert client.get(f"/decisions/{pk}/bundle").status_code == 404
    sequenced(AT)
    bundle = client.get(f"/decisions/{pk}/bundle")
    assert bundle.status_code == 200
    content = client.get(f"/decisions/{pk}/text").content
    assert disclosed(bundle.content)["public_sha256"] == hashlib.sha256(content).hexdigest()
    checked = client.post("/verify/", {"receipt": SimpleUploadedFile("x.tlog-proof", bundle.content)})
    assert "核验通过" in text(checked)
    broken = reopened(bundle.content, {**disclosed(bundle.content), "number": "第13号"}).encode()
    refused = client.post("/verify/", {"receipt": SimpleUploadedFile("x.tlog-proof", broken)})
    assert refused.status_code == 422
    assert "内容与登记时不一致" in text(refused)
    receipt = client.get(f"/decisions/{pk}/receipt").content
    assert "核验通过" in text(client.post("/verify/", {"receipt": SimpleUploadedFile("x.txt", receipt)}))
    assert client.get(f"/decisions/{pk}/qr.svg")["Content-Type"] == "image/svg+xml"


def test_withdrawn_leaves_a_tombstone_with_the_reason_and_its_receipt(
    client: Client, bureau: Bureau, snapshot, sequenced
) -> None:
    pk = bureau.published(snapshot())
    api.disclosure_withdraw(
        disclosure_id=pk,
        reason="经行政复议撤销",
        basis="行政处罚法第四十八条第二款",
        by=bureau.publisher,
        at=AT,
    )
    sequenced(AT)
    page = text(client.get(f"/decisions/{pk}/"))
    assert "本信息已撤下" in page
    assert "经行政复议撤销" in page
    assert "湛霞综执罚决字〔2026〕第12号" in page
    assert "示例一号渣土运输有限公司" not in page
    assert "建筑垃圾" not in page
    assert "示例一号渣土运输有限公司" not in text(client.get("/decisions/", {"q": "建筑垃圾"}))
    assert client.get(f"/decisions/{pk}/text").status_code == 404
    assert client.get(f"/decisions/{pk}/bundle").status_code == 200


def test_what_was_never_published_is_not_there(client: Client, bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    for tail in ("", "bundle", "receipt", "text", "qr.svg", "correction/"):
        assert client.get(f"/decisions/{pk}/{tail}").status_code == 404


def test_an_officer_is_checked_by_the_whole_number_only_and_guessing_is_stopped(
    client: Client, bureau: Bureau
) -> None:
    number = (
        Certificate.objects.filter(person__body_id=bureau.body.id, person__staffing="established")
        .first()
        .number
    )
    page = text(client.get("/officers/", {"number": number}))
    assert "证件编号" in page
    assert "没有查到" not in page
    assert "没有查到" in text(client.get("/officers/", {"number": number[:-1]}))
    answers = [client.get("/officers/", {"number": f"x{i}"}).status_code for i in range(25)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_twenty_tries_are_answered_and_the_twenty_first_waits_until_the_ten_minutes_are_over(
    client: Client, bureau: Bureau, monkeypatch
) -> None:
    moment = [AT]
    monkeypatch.setattr(clock, "now", lambda: moment[0])

    def tried(**headers: str) -> int:
        return client.get("/officers/", {"number": "x"}, **headers).status_code

    assert [tried() for _ in range(21)] == [200] * 20 + [429]
    assert tried(REMOTE_ADDR="203.0.113.9") == 200, "another caller is not stopped"
    moment[0] = AT + timedelta(minutes=10) - timedelta(seconds=1)
    assert tried() == 429
    moment[0] = AT + timedelta(minutes=10)
    assert tried() == 200


def test_the_count_is_shared_by_all_server_processes(client: Client, bureau: Bureau) -> None:
    from django.core.cache import cache

    for _ in range(20):
        client.get("/officers/", {"number": "x"})
    cache.clear()  # what another process would not know either
    assert Tries.objects.get().count == 20
    assert client.get("/officers/", {"number": "x"}).status_code == 429


def test_behind_our_proxy_each_caller_is_counted_and_nobody_hides_behind_an_invented_address(
    client: Client, bureau: Bureau, settings
) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.5")]

    def tried(forwarded: str, through: str = "10.0.0.5") -> int:
        return client.get(
            "/officers/", {"number": "x"}, REMOTE_ADDR=through, HTTP_X_FORWARDED_FOR=forwarded
        ).status_code

    # The proxy appends whom it saw; what stands before was sent by the caller.
    assert [tried(f"198.51.100.{n}, 203.0.113.7") for n in range(21)] == [200] * 20 + [429]
    assert tried("203.0.113.8") == 200
    assert [tried(f"198.51.100.{n}", through="192.0.2.1") for n in range(21)] == [200] * 20 + [429]


def test_in_ipv6_whoever_holds_the_network_is_one_caller(client: Client, bureau: Bureau) -> None:
    answers = [
        client.get("/officers/", {"number": "x"}, REMOTE_ADDR=f"2001:db8::{n:x}").status_code
        for n in range(1, 22)
    ]
    assert answers == [200] * 20 + [429]
    assert client.get("/officers/", {"number": "x"}, REMOTE_ADDR="2001:db8:0:1::1").status_code == 200, (
        "the next network is another caller"
    )


def complaint(bureau: Bureau, **changes: str) -> dict[str, str]:
    return {
        "kind": "report", "body": str(bureau.body.id), "title": "夜间倾倒渣土", "text": "昨夜十一点有车在江边倾倒渣土。",
        "contact_name": "某先生", "contact": "13900139000",
    } | changes  # fmt: skip


def test_a_complaint_is_received_once_answered_and_followed_by_its_code(
    client: Client, bureau: Bureau
) -> None:
    from mingzhi.organisations.permissions import Permission
    from tests.publication.conftest import actor

    page = text(client.post("/complaints/", complaint(bureau)))
    number = re.search(r"收\d{10}", page)[0]
    code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", page)[0]
    assert "已收到" in text(client.post("/progress/", {"number": number, "code": code.lower()}))
    wrong = client.post("/progress/", {"number": number, "code": "AAAAA-AAAAA"})
    assert wrong.status_code == 404
    row = Intake.objects.get()
    clerk = actor(301, bureau.body.id, Permission.INTAKE_MANAGE, Permission.INTAKE_UNSEAL)
    api.letters.intake_accept(intake_id=row.pk, by=clerk, at=AT)
    api.letters.intake_draft(intake_id=row.pk, reply="已派员核查，感谢反映。", by=clerk, at=AT)
    waiting = client.post("/progress/", {"number": number, "code": code})
    assert "已派员核查" not in text(waiting), "nothing leaves before the second person"
    deputy = actor(308, bureau.body.id, Permission.CASE_DEPUTY_APPROVE)
    api.letters.intake_draft_decide(intake_id=row.pk, approve=True, by=deputy, at=AT)
    assert "已派员核查" in text(client.post("/progress/", {"number": number, "code": code}))
    told = api.letters.intake_unseal(intake_id=row.pk, purpose="回访核实", by=clerk, at=AT)
    assert told.contact == "13900139000"


def test_an_anonymous_complaint_keeps_no_contact(client: Client, bureau: Bureau) -> None:
    client.post("/complaints/", complaint(bureau, anonymous="1"))
    row = Intake.objects.get()
    assert (row.contact, row.contact_name, row.anonymous) == ("", "", True)


def test_a_refused_form_comes_back_filled_in(client: Client, bureau: Bureau) -> None:
    response = client.post("/complaints/", complaint(bureau, title="", text="太短"))
    assert response.status_code == 422
    page = text(response)
    assert "请填写主题" in page
    assert "太短" in page
    assert "13900139000" in page
    assert not Intake.objects.exists()


def test_the_sixth_complaint_within_an_hour_is_refused(client: Client, bureau: Bureau) -> None:
    answers = [client.post("/complaints/", complaint(bureau)).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_a_party_asks_for_correction_with_a_clock(client: Client, bureau: Bureau, snapshot) -> None:
    pk = bureau.published(snapshot())
    refused = client.post(f"/decisions/{pk}/correction/", {"text": "罚款金额应为四千元，见决定书。"})
    assert refused.status_code == 422
    done = client.post(
        f"/decisions/{pk}/correction/", {"text": "罚款金额应为四千元，见决定书。", "contact": "13900139000"}
    )
    assert done.status_code == 200
    row = Intake.objects.get()
    assert row.disclosure_id == pk
    assert row.due_on is not None


def test_words_of_citizens_are_ciphertext_at_rest(client: Client, bureau: Bureau) -> None:
    from django.db import connection

    client.post("/complaints/", complaint(bureau))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM publication_intake")
        assert "13900139000" not in str(cursor.fetchall())


def test_key_and_checkpoint_are_plain_text(client: Client, bureau: Bureau, snapshot, sequenced) -> None:
    bureau.published(snapshot())
    sequenced(AT)
    assert client.get("/ledger/key").content.decode().split() == ledger.keys_in_force()
    assert client.get("/ledger/checkpoint").content.decode() == ledger.checkpoint()


HOSTILE = (
    "\x00",
    "%",
    "'; DROP TABLE x;--",
    "<script>alert(1)</script>",
    "٣" * 30,
    "9" * 40,
    "-1",
    "\ud7ff",
    "../../etc",
    "𠀀" * 99,
    "{{7*7}}",
    '"' * 90,
)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_input_is_never_a_500_and_never_markup(client: Client, bureau: Bureau, value: str) -> None:
    from urllib.parse import quote

    asked = [
        client.get(
            "/decisions/",
            dict.fromkeys(("q", "body", "kind", "year", "band", "region", "field", "after"), value),
        ),
        client.get("/lists/items/", {"q": value, "field": value, "after": value}),
        client.get("/lists/people/", {"body": value}),
        client.get(f"/lists/items/{quote(value, safe='')}/"),
        client.get(f"/parties/{quote(value, safe='')}/"),
        client.get(f"/verify/{quote(value, safe='')}"),
        client.get("/officers/", {"number": value}),
        client.post("/progress/", {"number": value, "code": value}),
        client.post("/complaints/", {"kind": value, "body": value, "title": value, "text": value}),
        client.post(
            "/complaints/", dict.fromkeys(("body", "title", "text", "against", "form", "contact"), value)
        ),
        client.post("/questions/ask/", dict.fromkeys(("body", "title", "text", "form", "contact"), value)),
        client.get("/questions/", {"q": value, "before": value}),
        client.post(
            "/progress/",
            dict.fromkeys(("number", "code", "reason", "mark"), value) | {"act": "reopen"},
        ),
        client.post("/verify/", {"code": value}),
        client.post(
            "/verify/", {"receipt": SimpleUploadedFile("r", value.encode("utf-8", "replace") or b"x")}
        ),
    ]
    for response in asked:
        assert response.status_code < 500
        assert "<script>alert" not in text(response)


def test_numbers_beyond_the_database_are_not_found(client: Client, bureau: Bureau) -> None:
    """At every public address that has one."""
    routes = [route for one in urlpatterns if "<int:" in (route := str(one.pattern))]
    assert len(routes) > 20
    for route in routes:
        for number in (0, 2**31, 2**63 - 1, 2**63, 10**25):
            address = re.sub(r"<(str|path):\w+>", "x", re.sub(r"<int:\w+>", str(number), route))
            assert client.get(f"/{address}").status_code == 404, address


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_search_text_is_answered(client: Client, bureau: Bureau, words: str) -> None:
    assert client.get("/decisions/", {"q": words.encode("utf-8", "replace").decode()}).status_code < 500


def test_the_desk_words_of_a_scheduled_one_never_reach_the_list(
    client: Client, bureau: Bureau, snapshot
) -> None:
    bureau.schedule(snapshot())
    assert Disclosure.objects.count() == 1
    assert "渣土运输" not in text(client.get("/decisions/"))
    assert "渣土运输" not in text(client.get("/"))
