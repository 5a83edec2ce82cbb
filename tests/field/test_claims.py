"""A phone's claimed time is measured by what the server knows; a phone is a device of the register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from mingzhi.kernel.errors import NotAllowed
from mingzhi.ledger import api as ledger
from mingzhi.recording import api as recording
from mingzhi.recording.errors import TerminalBarred
from mingzhi.web.demo.cast import made_sound
from mingzhi.web.demo.drive import Drive
from mingzhi.web.models import FieldOutcome
from tests.field.conftest import Phone, inspection, spot
from tests.field.conftest import recording as record
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")
Freeze = Callable[[datetime], None]
KEY = "0123456789abcdef"


@pytest.fixture
def case(drive: Callable[..., Drive], freeze: Freeze) -> Drive:
    found = drive()
    found.file(clue=False)
    found.record("on_site_inspection", title="现场检查录像")
    freeze(found.at)
    return found


def sent(phone: Phone, item: dict[str, Any]) -> tuple[str, str]:
    answer = phone.send(item)
    assert answer.status_code == 200, answer.content.decode()
    found = answer.json()
    return found["state"], found["message"]


@pytest.mark.parametrize(
    ("ahead", "state"), [(timedelta(minutes=5), "accepted"), (timedelta(minutes=5, seconds=1), "refused")]
)
def test_a_time_after_the_item_came_in_is_for_a_person(
    case: Drive, phone: Callable[..., Phone], freeze: Freeze, ahead: timedelta, state: str
) -> None:
    mine = phone("officer1")
    freeze(case.at + timedelta(hours=1))
    item = inspection(mine, case, case.at + timedelta(hours=1)) | {
        "occurred_at": (case.at + timedelta(hours=1) + ahead).isoformat()
    }
    found, message = sent(mine, item)
    assert found == state and ("晚于系统收到的时间" in message) == (state == "refused")


@pytest.mark.parametrize(("offset", "state"), [(301_000, "accepted"), (302_000, "refused")])
def test_a_clock_that_was_moved_since_the_item_was_made_is_for_a_person(
    case: Drive, phone: Callable[..., Phone], freeze: Freeze, offset: int, state: str
) -> None:
    mine = phone("officer1")
    item = inspection(mine, case, case.at)
    freeze(case.at + timedelta(hours=2))
    mine.enrol(offset_ms=offset)
    found, message = sent(mine, item)
    assert found == state and ("时钟在联网前后被调动过" in message) == (state == "refused")


def test_a_time_at_which_the_phone_was_in_nobody_s_or_another_s_hands_is_for_a_person(
    case: Drive, phone: Callable[..., Phone], freeze: Freeze
) -> None:
    before = case.at - timedelta(hours=1)
    mine = phone("officer1")
    item = inspection(mine, case, before)
    assert sent(mine, item)[0] == "refused"
    assert "本机不由提交人领用" in FieldOutcome.objects.get().detail
    freeze(case.at + timedelta(hours=1))
    phone("officer2")
    freeze(case.at + timedelta(hours=3))
    back = phone("officer1")
    assert sent(back, inspection(back, case, case.at + timedelta(hours=2)))[0] == "refused"
    assert sent(back, inspection(back, case, case.at + timedelta(minutes=30)))[0] == "accepted"


@pytest.mark.parametrize(("after", "state"), [(5, "accepted"), (6, "refused")])
def test_a_paper_older_than_the_block_of_its_number_is_for_a_person(
    drive: Callable[..., Drive], phone: Callable[..., Phone], freeze: Freeze, after: int, state: str
) -> None:
    freeze(MONDAY)
    mine, matter = phone("officer1"), drive(item_code="urban.littering")
    freeze(MONDAY + timedelta(minutes=after))
    mine.post("numbers")
    found, message = sent(mine, spot(mine, matter, MONDAY))
    assert found == state and ("才领用，不能用于此前的文书" in message) == (state == "refused")


def test_a_phone_is_in_the_register_with_its_holders_and_its_clock(
    case: Drive, phone: Callable[..., Phone], freeze: Freeze
) -> None:
    mine = phone("officer1")
    (terminal,) = recording.devices.devices(case.bureau.body_id, kind="terminal")
    assert (terminal.asset_number, terminal.kind_label) == ("手机 01234567", "移动执法终端")
    assert (terminal.holder_id, terminal.offset_s) == (mine.person, 2)
    mine.enrol()
    acts = [e.act for e in reversed(recording.devices.events(terminal.id))]
    assert acts == ["registered", "issued", "checked"], "a second contact of the same day notes nothing new"
    mine.enrol(offset_ms=40_000)
    other = phone("officer2")
    held = recording.devices.device(case.bureau.body_id, terminal.id)
    assert (held.holder_id, held.offset_s) == (other.person, 2)
    assert mine.get("data").status_code == 403, "it is in other hands now"
    item = other.item("record", case.at, dossier=case.id, records=[record(case.at, "on_site_inspection")])
    item["files"] = [other.upload(made_sound(3, 1))]
    other.send(item)
    assert {r.device for r in recording.recordings(case.id) if r.source == "phone"} == {terminal.asset_number}
    other.post("leave")
    assert recording.devices.device(case.bureau.body_id, terminal.id).state == "stored"
    assert recording.devices.folded(terminal.id) == ("stored", None)
    ledger.sequence(at=case.at + timedelta(hours=1))
    kinds = ("recording:device", "field:")
    assert not [f for f in ledger.fsck(processes=1).findings if f.kind.startswith(kinds)]


def test_the_head_suspends_a_phone_and_its_session_key_and_certificate_end(
    case: Drive, phone: Callable[..., Phone]
) -> None:
    mine = phone("officer1")
    code = mine.post("card").json()["id"]
    (terminal,) = recording.devices.devices(case.bureau.body_id, kind="terminal")
    told = {"device_id": terminal.id, "act": "suspended", "note": "手机遗失", "at": case.at}
    with pytest.raises(NotAllowed):
        recording.devices.device_act(by=case.by("officer2"), **told)
    recording.devices.device_act(by=case.by(case.head), **told)
    from mingzhi.organisations.models import CardKey

    assert CardKey.objects.get(key_id=code).ended_at is not None
    assert mine.post("key").status_code == 403 and mine.get("data").status_code == 403
    refused = mine.enrol()
    assert refused.status_code == 403 and refused.json()["code"] == "recording.terminal_barred"
    assert mine.get("now").status_code in {302, 401}, "the session ended at this contact"
    with pytest.raises(TerminalBarred):
        recording.terminals.terminal_require(key=KEY, by=case.by("officer1"))
    assert phone("officer2").get("now").status_code in {302, 401}, "nobody else gets in on it"
    recording.devices.device_act(device_id=terminal.id, act="resumed", by=case.by(case.head), at=case.at)
    assert phone("officer1").post("key").status_code == 200


@pytest.mark.parametrize(
    "told",
    ["{}", "x", '{"clock": "昨天"}', '{"clock": "2026-09-07T10:00:00"}', '{"clock": "9999-01-01T00:00:00Z"}'],
)
def test_what_a_phone_cannot_say_of_itself_is_refused(phone: Callable[..., Phone], told: str) -> None:
    mine = phone("officer1")
    answer = mine.client.post("/field/enrol", told, content_type="application/json", **mine.headers)
    assert answer.status_code == 422
