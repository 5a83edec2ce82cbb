"""A report goes up by itself: to a body of this installation, and to another installation, with faults between."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger import letters
from mingzhi.ledger.errors import WitnessUnclear
from mingzhi.ledger.remote import Answer
from mingzhi.organisations import api as organisations
from mingzhi.outbox import api as outbox
from mingzhi.outbox.models import OutboxMessage
from mingzhi.supervision import api as supervision
from mingzhi.supervision import handing
from mingzhi.supervision.models import Inbound, ReportEvent
from mingzhi.supervision.reports import HAND
from mingzhi.web.demo.drive import Bureau
from tests.stories.conftest import MONDAY, bureau_for

pytestmark = pytest.mark.django_db(databases="__all__")

JANUARY = clock.at_local(date(2027, 1, 6), 10)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
WORDS = "2026 年，本机关未作出行政处罚决定，特此说明。"


def text(answer: Any) -> str:
    return b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()


def people(bureau: Bureau) -> Callable[[str], Client]:
    def log_in(username: str) -> Client:
        client = Client()
        account = organisations.accounts.account(bureau.accounts[username])
        client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return log_in


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    at(JANUARY)
    return at


def test_a_report_is_returned_corrected_and_signed_for_within_one_installation(
    db: None, now: Callable[[datetime], None]
) -> None:
    bureau = bureau_for("zhenjiang-chengguan", MONDAY)
    desk = people(bureau)
    keeper, sysadmin, supervisor = desk("keeper"), desk("sysadmin"), desk("supervisor")
    justice = next(b for b in organisations.bodies() if b.name == "镇江市司法局")
    year, listed = f"/desk/statistics/{bureau.body_id}/2026/", "/desk/statistics/inbound/?year=2026"

    opened = {"act": "set", "up": "1", "receiver": "镇江市司法局", "peer": str(justice.id)}
    assert keeper.post("/desk/statistics/stations/", opened).status_code == 403
    wrong = sysadmin.post("/desk/statistics/stations/", {**opened, "peer": str(bureau.body_id)})
    assert wrong.status_code == 422, "a body does not report to itself"
    assert sysadmin.post("/desk/statistics/stations/", opened).status_code == 302
    assert sysadmin.post("/desk/statistics/stations/", opened).status_code == 409
    now(clock.at_local(date(2027, 1, 18), 10))
    assert "有 1 个机关逾期未报" in text(supervisor.get(listed)), "15 January has passed"

    now(JANUARY)
    send = {"act": "send", "link": "1-0"}
    assert keeper.post(f"{year}?tab=words", {"act": "freeze", "narrative": WORDS}).status_code == 302
    assert keeper.post(f"{year}?tab=chain", send).status_code == 302
    assert "正在送达对方系统" in text(keeper.get(f"{year}?tab=chain"))
    outbox.run_due(at=JANUARY)
    assert "已送达对方系统" in text(keeper.get(f"{year}?tab=chain"))
    by_hand = {"act": "receive", "link": "1-0", "person": "某某", "on": "2027-01-06"}
    assert keeper.post(f"{year}?tab=chain", by_hand).status_code == 422, "the receiver signs itself"

    assert "年度统计年报（第 1 版）" in text(supervisor.get("/desk/"))
    first = Inbound.objects.get(body_id=justice.id)
    one = f"/desk/statistics/inbound/{first.pk}/"
    assert WORDS in text(supervisor.get(one)) and keeper.get(one).status_code == 404
    assert b"".join(supervisor.get(f"{one}pdf").streaming_content)[:5] == b"%PDF-"  # type: ignore[attr-defined]
    assert supervisor.post(one, {"act": "returned", "reason": ""}).status_code == 422
    back = {"act": "returned", "reason": "行政检查次数漏报，请补充"}
    assert supervisor.post(one, back).status_code == 302
    assert supervisor.post(one, {"act": "received"}).status_code == 409, "one answer"
    outbox.run_due(at=JANUARY)
    told = text(keeper.get(f"{year}?tab=chain"))
    assert "已被退回" in told and "行政检查次数漏报" in told
    assert "年度统计年报：" in text(keeper.get("/desk/")), "the link is to be done again"
    assert keeper.post(f"{year}?tab=chain", send).status_code == 409, "what was returned is corrected first"

    now(JANUARY + timedelta(hours=1))
    unit = organisations.units(bureau.body_id, "enforcement")[0].id
    added = {"act": "supplement", "unit": unit, "cell": "inspection.done", "cases": "12", "source": "台账"}
    assert keeper.post(f"{year}?tab=supplements", added).status_code == 302
    now(JANUARY + timedelta(hours=2))
    again = {"act": "freeze", "narrative": WORDS, "reason": "补充行政检查次数"}
    assert keeper.post(f"{year}?tab=words", again).status_code == 302
    assert keeper.post(f"{year}?tab=chain", send).status_code == 302
    outbox.run_due(at=JANUARY + timedelta(hours=2))
    second = Inbound.objects.get(body_id=justice.id, no=2)
    one = f"/desk/statistics/inbound/{second.pk}/"
    assert f"/desk/statistics/{bureau.body_id}/2026/figure/?table=inspection" in text(supervisor.get(one)), (
        "down to what it is made of"
    )
    assert supervisor.post(one, {"act": "received"}).status_code == 302
    outbox.run_due(at=JANUARY + timedelta(hours=3))
    assert "曹某酉" in text(keeper.get(f"{year}?tab=chain"))
    summed = text(supervisor.get(listed))
    assert "已签收" in summed and ">12<" in summed and one in summed and "逾期" not in summed

    now(clock.at_local(date(2027, 1, 18), 10))
    again |= {"narrative": f"{WORDS}全年开展普法宣传。", "reason": "补充普法宣传情况"}
    assert keeper.post(f"{year}?tab=words", again).status_code == 302
    assert keeper.post(f"{year}?tab=chain", send).status_code == 302
    outbox.run_due(at=clock.now())
    link = next(
        x
        for x in supervision.chain_standing(organisations.body(bureau.body_id), 2026, JANUARY.date())
        if x.no
    )
    assert link.version == 3 and link.sent_on == date(2027, 1, 18) and not link.late, (
        "a correction is not late"
    )
    summed = text(supervisor.get(listed))
    assert "待签收" in summed and "逾期" not in summed
    third = f"/desk/statistics/inbound/{Inbound.objects.get(body_id=justice.id, no=3).pk}/"
    assert supervisor.post(third, back).status_code == 302
    summed = text(supervisor.get(listed))
    assert "已退回" in summed and ">12<" in summed, "the version signed for before it stands"


def test_a_report_reaches_another_installation_through_faults_and_its_answer_comes_back(
    db: None, now: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    water, hub = bureau_for("changzhi-water", MONDAY), bureau_for("yongcheng-transport", MONDAY)
    keeper, sysadmin, leader = (people(water)(name) for name in ("keeper", "sysadmin", "leader"))
    hub_admin, hub_keeper = (people(hub)(name) for name in ("sysadmin", "keeper"))
    year, key = f"/desk/statistics/{water.body_id}/2026/", ledger.letters.key()
    assert text(Client().get("/api/reports/key")).strip() == key

    up = {"act": "set", "up": "1", "receiver": "长治市人民政府", "url": "https://hub.example", "vkey": key}
    for bad in ({"url": "ftp://hub.example"}, {"vkey": "not a key"}, {"due": "02-29"}, {"due": "W01-1"}):
        assert sysadmin.post("/desk/statistics/stations/", {**up, **bad}).status_code == 422
    assert sysadmin.post("/desk/statistics/stations/", up).status_code == 302
    assert keeper.post(f"{year}?tab=words", {"act": "freeze", "narrative": WORDS}).status_code == 302
    assert leader.post(f"{year}?tab=words", {"act": "approve", "no": "1"}).status_code == 302
    assert keeper.post(f"{year}?tab=chain", {"act": "send", "link": "1-0"}).status_code == 302
    event = ReportEvent.objects.get(act="sent")

    faults: list[str] = ["away", "garbled"]
    sent: list[bytes] = []

    def ask(url: str, body: bytes) -> Answer:
        assert url == "https://hub.example/api/reports/hand"
        sent.append(body)
        fault = faults.pop(0) if faults else ""
        if fault == "away":
            raise WitnessUnclear(name=url, why="连接失败")
        answer = Client().post("/api/reports/hand", body, content_type="text/plain")
        told = text(answer).replace("delivered", "received") if fault == "garbled" else text(answer)
        return Answer(answer.status_code, "text/plain", told.encode())

    monkeypatch.setattr(letters, "ask", ask)

    def acts() -> list[str]:
        return list(ReportEvent.objects.filter(pk__gte=event.pk).order_by("pk").values_list("act", flat=True))

    at = JANUARY
    for _ in range(2):
        outbox.run_due(at=at)
        at += timedelta(minutes=2)
    assert acts() == ["sent"] and not Inbound.objects.exists(), "unknown there, and away before"
    down = {"act": "set", "name": "长治市某某局", "vkey": key, "due": "01-31"}
    assert hub_admin.post("/desk/statistics/stations/", down).status_code == 302
    faults[:] = ["garbled"]
    for _ in range(3):
        outbox.run_due(at=at)
        at += timedelta(minutes=5)
    assert acts() == ["sent", "delivered"], (
        "an answer that was changed on its way is none; sent again, it arrived"
    )
    assert len(set(map(letter_of, sent))) == 1 and Inbound.objects.count() == 1, "the same letter, once"
    handing.ask_again(at)
    outbox.run_due(at=at)
    assert acts() == ["sent", "delivered"]

    got = Inbound.objects.get()
    assert ledger.letters.read(got.note, key) == [handing.FORMAT, got.sha256], "its signature is kept with it"
    assert got.sender == "长治市某某局", "the name its key is registered under, not what a letter says"
    assert hub_keeper.post(f"/desk/statistics/inbound/{got.pk}/", {"act": "received"}).status_code == 302
    at += timedelta(hours=1)
    handing.ask_again(at)
    outbox.run_due(at=at)
    assert acts() == ["sent", "delivered", "received"]
    assert "已签收" in text(hub_keeper.get("/desk/statistics/inbound/?year=2026"))

    content = json.loads(letter_of(sent[0]))
    for changed in (
        {"figures": {}}, {"year": 2026.5}, {"pdf": "AAAA"}, {"as_of": "soon"}, {"rule": None}, {"narrative": 7},
        {"figures": {**content["figures"], "year": 2025}}, {"format": "mingzhi-witness/1"}, {"more": "\0"},
        {"year": 2027, "figures": {**content["figures"], "year": 2027}},
        {"figures": {**content["figures"], "typed": []}},
        {"figures": {**content["figures"], "typed": {"permit": {"permit.applied": "3"}}}},
    ):  # fmt: skip
        refused = handed(spelt({**content, **changed}))
        assert refused.status_code == 422, changed
    for spelling in (json.dumps(content), json.dumps({**content, "more": "\ud800"}), "[]"):
        assert handed(spelling).status_code == 422, "one spelling, that every database and page can hold"
    for body in (b"", b"[]", b'{"note": 1, "letter": "x"}', b"{" * 5000):
        assert Client().post("/api/reports/hand", body, content_type="text/plain").status_code == 400
    unsigned = json.dumps({"note": "x\n\n— a b\n", "letter": letter_of(sent[0])})
    assert Client().post("/api/reports/hand", unsigned, content_type="text/plain").status_code == 403
    assert Inbound.objects.count() == 1


def test_of_several_reporters_under_one_key_the_letter_says_which_and_an_early_version_that_is_late_is_not_the_last(
    db: None, now: Callable[[datetime], None]
) -> None:
    bureau, hub = bureau_for("changzhi-water", MONDAY), bureau_for("yongcheng-transport", MONDAY)
    keeper, hub_admin, hub_keeper = (
        people(bureau)("keeper"), people(hub)("sysadmin"), people(hub)("keeper"),
    )  # fmt: skip
    year, name = f"/desk/statistics/{bureau.body_id}/2026/", organisations.body(bureau.body_id).name
    assert keeper.post(f"{year}?tab=words", {"act": "freeze", "narrative": WORDS}).status_code == 302
    assert keeper.post(f"{year}?tab=chain", {"act": "send", "link": "1-0"}).status_code == 302
    content = json.loads(handing.letter(ReportEvent.objects.get(act="sent")))

    def letter(**changed: Any) -> Any:
        return handed(spelt({**content, **changed}))

    for sender in ("长治市某某局", name):
        down = {"act": "set", "name": sender, "vkey": ledger.letters.key()}
        assert hub_admin.post("/desk/statistics/stations/", down).status_code == 302
    assert letter(body="某某县某某局").status_code == 403 and not Inbound.objects.exists()
    assert letter(no=2).status_code == 200 and letter(no=1).status_code == 200
    assert set(Inbound.objects.values_list("sender", flat=True)) == {name}
    second = Inbound.objects.get(no=2)
    assert f"/desk/statistics/inbound/{second.pk}/" in text(
        hub_keeper.get("/desk/statistics/inbound/?year=2026")
    )


def spelt(content: dict[str, Any]) -> str:
    """As ``kernel.canonical`` spells it, which refuses a fraction itself."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def letter_of(body: bytes) -> str:
    return str(json.loads(body)["letter"])


def handed(letter: str) -> Any:
    from hashlib import sha256

    note = ledger.letters.sign([handing.FORMAT, sha256(letter.encode()).hexdigest()])
    body = json.dumps({"note": note, "letter": letter})
    return Client().post("/api/reports/hand", body, content_type="text/plain")


def test_without_a_channel_it_goes_by_paper_with_the_receipt_s_picture(
    db: None, now: Callable[[datetime], None]
) -> None:
    bureau = bureau_for("changzhi-water", MONDAY)
    keeper, other, sysadmin = (people(bureau)(name) for name in ("keeper", "other", "sysadmin"))
    year = f"/desk/statistics/{bureau.body_id}/2026/"
    assert keeper.post(f"{year}?tab=words", {"act": "freeze", "narrative": WORDS}).status_code == 302
    assert (
        keeper.post(f"{year}?tab=chain", {"act": "send", "link": "1-0", "number": "某水字 1 号"}).status_code
        == 302
    )
    now(JANUARY + timedelta(hours=1))
    up = {"act": "set", "up": "1", "url": "https://hub.example", "vkey": ledger.letters.key()}
    up["receiver"] = ReportEvent.objects.get(act="sent").receiver
    assert sysadmin.post("/desk/statistics/stations/", up).status_code == 302
    handing.ask_again(JANUARY + timedelta(hours=2))
    assert not OutboxMessage.objects.filter(kind=HAND).exists(), (
        "a channel opened later is not for what went by paper"
    )
    assert "正在送达对方系统" not in text(keeper.get(f"{year}?tab=chain"))
    signed = {"act": "receive", "link": "1-0", "person": "某某", "on": "2027-01-06"}
    text_file = SimpleUploadedFile("r.txt", b"no picture")
    assert keeper.post(f"{year}?tab=chain", {**signed, "scan": text_file}).status_code == 422
    scan = SimpleUploadedFile("r.png", PNG, content_type="image/png")
    assert keeper.post(f"{year}?tab=chain", {**signed, "scan": scan}).status_code == 302
    page = text(keeper.get(f"{year}?tab=chain"))
    assert "回执扫描件" in page and "某某" in page
    stored = supervision.chain_standing(organisations.body(bureau.body_id), 2026, date(2027, 1, 6))[1]
    receipt = f"{year}receipts/{stored.scan_id}"
    assert b"".join(keeper.get(receipt).streaming_content) == PNG  # type: ignore[attr-defined]
    assert other.get(receipt).status_code in (403, 404)
    assert keeper.get(f"{year}receipts/{(stored.scan_id or 0) + 999}").status_code == 404
