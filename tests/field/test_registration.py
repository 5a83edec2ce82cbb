"""A phone enters the device register only with a code that the keeper of the equipment allowed (R083)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from mingzhi.recording import api as recording
from mingzhi.recording import terminals
from mingzhi.recording.models_equipment import Device, TerminalPass
from mingzhi.web.demo.drive import Bureau
from mingzhi.web.field.views import CODE_TRIES
from tests.field.conftest import Phone
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def unknown(
    bureau: Bureau, desk: Callable[..., Client], freeze: Callable[[datetime], None]
) -> Callable[[str], Phone]:
    """A phone of officer1 that the register does not know."""
    freeze(MONDAY)
    actor = bureau.actor("officer1", MONDAY)

    def of(device: str) -> Phone:
        return Phone(desk("officer1"), actor.account_id or 0, actor.person_id or 0, device)

    return of


def shown_code(desk: Callable[..., Client]) -> str:
    page = desk("keeper").post("/desk/recordings/devices/phone-code/").content.decode()
    found = re.search(r"\b(\d{4} \d{4})\b", page)
    assert found and "只能登记一台" in page
    return found[1]


def test_a_phone_enters_the_register_only_with_the_keeper_s_code_and_each_code_once(
    unknown: Callable[[str], Phone], desk: Callable[..., Client], bureau: Bureau
) -> None:
    mine = unknown("00000000000000aa")
    refused = mine.enrol()
    assert refused.status_code == 403 and refused.json()["code"] == "recording.terminal_unregistered"
    assert "登记码" in refused.json()["remedy"]
    assert not Device.objects.filter(serial=mine.device).exists() and mine.get("data").status_code == 403
    assert desk("officer1").post("/desk/recordings/devices/phone-code/").status_code in (403, 404)
    code = shown_code(desk)
    assert code not in desk("keeper").get("/desk/recordings/devices/").content.decode(), "shown once"
    assert not TerminalPass.objects.filter(mark__contains=code.replace(" ", "")).exists(), "kept as a digest"
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08d}"
    assert "不正确" in mine.enrol(code=wrong).json()["message"]
    assert mine.enrol(code=code).status_code == 200 and mine.get("data").status_code == 200
    device = Device.objects.get(serial=mine.device)
    first = device.events.order_by("pk").first()
    assert (
        first is not None and "允许登记" in first.note and bureau.actor("keeper", MONDAY).name in first.note
    )
    assert mine.enrol().status_code == 200, "once in the register it stays there"
    assert unknown("00000000000000bb").enrol(code=code).status_code == 403, "one code, one phone"


def test_a_code_is_good_for_half_an_hour_and_for_its_own_bureau(
    unknown: Callable[[str], Phone], desk: Callable[..., Client], freeze: Callable[[datetime], None]
) -> None:
    code = shown_code(desk)
    TerminalPass.objects.update(mark=terminals._mark(0, code.replace(" ", "")))
    assert unknown("00000000000000cc").enrol(code=code).status_code == 403, "another bureau's"
    code = shown_code(desk)
    freeze(MONDAY + terminals.PASS_FOR)
    assert unknown_at(unknown, freeze, terminals.PASS_FOR).enrol(code=code).status_code == 403
    assert (
        unknown_at(unknown, freeze, terminals.PASS_FOR - timedelta(seconds=1)).enrol(code=code).status_code
        == 200
    )


def unknown_at(
    unknown: Callable[[str], Phone], freeze: Callable[[datetime], None], after: timedelta
) -> Phone:
    found = unknown("00000000000000dd")
    freeze(MONDAY + after)
    return found


def test_guessing_ends_after_a_few_codes(
    unknown: Callable[[str], Phone], desk: Callable[..., Client]
) -> None:
    mine, code = unknown("00000000000000ee"), shown_code(desk)
    for guess in range(CODE_TRIES):
        assert mine.enrol(code=f"{guess:08d}").json()["code"] == "recording.terminal_unregistered"
    assert mine.enrol(code=code).json()["code"] == "field.code_tries"


def test_where_the_bureau_wants_the_simple_way_the_log_in_is_enough(
    unknown: Callable[[str], Phone], desk: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    norm = terminals.catalogue.norm

    def simple(name: str, **asked: Any) -> Any:
        return SimpleNamespace(value="login") if name == "terminal.registration" else norm(name, **asked)

    monkeypatch.setattr(terminals.catalogue, "norm", simple)
    mine = unknown("00000000000000ff")
    assert mine.enrol().status_code == 200 and recording.terminals.number_of(mine.device)
    assert "生成登记码" not in desk("keeper").get("/desk/recordings/devices/").content.decode()
