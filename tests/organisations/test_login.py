"""Who may come in, over HTTP: lock-out and unlock, idle time, second factor, no enumeration, no fixation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from mingzhi.ledger import api as ledger
from mingzhi.organisations import api
from mingzhi.organisations.demo import DEMO_PASSWORD, BureauLoaded
from mingzhi.organisations.models import Account

pytestmark = pytest.mark.django_db(databases="__all__")
doors = api.accounts
WRONG = "certainly-not-the-password"


@pytest.fixture
def clock_at(at: datetime) -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(at, tick=False) as moved:
        yield moved


@pytest.fixture
def client(bureau: BureauLoaded, clock_at: object) -> Client:
    return Client()


def enter(
    client: Client, username: str, password: str = DEMO_PASSWORD, address: str = "10.0.0.1", **more: str
):
    return client.post("/login/", {"username": username, "password": password, **more}, REMOTE_ADDR=address)


def inside(client: Client, address: str = "10.0.0.1") -> bool:
    return client.get("/account/", REMOTE_ADDR=address).status_code == 200


def code_of(device: TOTPDevice, now: datetime) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = now.timestamp()
    return str(totp.token()).zfill(device.digits)


def test_the_right_password_opens_the_desk_and_is_recorded(client: Client):
    assert enter(client, "officer1").status_code == 302
    assert inside(client)
    assert ledger.attempts(act="login")[0].outcome == "ok"


def test_a_log_in_name_is_not_case_sensitive_and_forgives_spaces(client: Client):
    assert enter(client, "  Officer1 ").status_code == 302


def test_a_closed_page_leads_to_log_in_and_back(client: Client):
    answer = client.get("/account/?x=1")
    assert answer.status_code == 302 and answer["Location"] == "/login/?next=%2Faccount%2F%3Fx%3D1"
    assert enter(client, "officer1", next="/account/?x=1")["Location"] == "/account/?x=1"


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_a_foreign_address_is_never_the_next_page(client: Client, evil: str):
    assert enter(client, "officer1", next=evil)["Location"].startswith("/desk/")


def test_unknown_disabled_and_wrong_read_the_same(client: Client, bureau: BureauLoaded):
    Account.objects.filter(pk=bureau.accounts["officer2"]).update(is_active=False)
    pages = []
    for username, password in (("nobody", WRONG), ("officer1", WRONG), ("officer2", DEMO_PASSWORD)):
        answer = enter(Client(), username, password)
        text = answer.content.decode().replace(username, "NAME")
        pages.append(
            (answer.status_code, re.sub(r"csrf[^>]*?value=\"[^\"]*\"|data-csrf=\"[^\"]*\"", "", text))
        )
    assert pages[0] == pages[1] == pages[2]
    assert doors.REFUSED in pages[0][1]


def test_unknown_names_cost_one_password_hash_like_known_ones(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    plain = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *a, **k: hashed.append("x") or plain(self, *a, **k)
    )
    enter(client, "officer1", WRONG)
    known = len(hashed)
    enter(client, "nobody", WRONG)
    assert len(hashed) - known == known


def test_five_failures_lock_the_account_at_that_address_only(client: Client):
    for _ in range(4):
        assert enter(client, "officer1", WRONG).status_code == 422
    answer = enter(client, "officer1", WRONG)
    assert answer.status_code == 429
    assert "登录已锁定" in answer.content.decode() and "安全管理员" in answer.content.decode()
    assert enter(client, "officer1").status_code == 429, "the right password does not open a locked account"
    assert enter(Client(), "officer1", address="10.0.0.2").status_code == 302, (
        "nobody is locked out from elsewhere"
    )
    assert enter(Client(), "officer2").status_code == 302, "nor a colleague at the same address"


def test_an_unknown_name_locks_in_the_same_words(client: Client):
    for _ in range(5):
        unknown = enter(client, "nobody", WRONG)
    for _ in range(5):
        known = enter(client, "officer1", WRONG)
    strip = re.compile(r"data-csrf=\"[^\"]*\"|csrfmiddlewaretoken\" value=\"[^\"]*\"")
    assert strip.sub("", unknown.content.decode()) == strip.sub("", known.content.decode())
    assert unknown.status_code == known.status_code == 429


def test_four_failures_then_success_start_the_count_again(client: Client):
    for _ in range(4):
        enter(client, "officer1", WRONG)
    assert enter(client, "officer1").status_code == 302
    client.post("/logout/")
    for _ in range(4):
        assert enter(client, "officer1", WRONG).status_code == 422


def test_the_lock_ends_by_itself_after_thirty_minutes(client: Client, clock_at: time_machine.Coordinates):
    for _ in range(5):
        enter(client, "officer1", WRONG)
    clock_at.shift(timedelta(minutes=29))
    assert enter(client, "officer1").status_code == 429
    clock_at.shift(timedelta(minutes=31))
    assert enter(client, "officer1").status_code == 302


def test_the_security_administrator_ends_a_lock_on_the_page(client: Client, bureau: BureauLoaded):
    for _ in range(5):
        enter(client, "officer1", WRONG)
    desk = Client()
    enter(desk, "secadmin", address="10.0.0.9")
    page = f"/desk/accounts/{bureau.accounts['officer1']}/"
    assert "登录锁定中" in desk.get(page).content.decode()
    assert desk.post(f"{page}unlock/").status_code == 302
    assert "登录锁定中" not in desk.get(page).content.decode()
    assert enter(client, "officer1").status_code == 302


def test_failures_and_locks_stay_in_the_attempts_log(client: Client):
    for _ in range(6):
        enter(client, "officer1", WRONG)
    told = [(a.outcome, a.address) for a in ledger.attempts(subject="account:officer1")]
    assert told.count(("failed", "10.0.0.1")) == 5 and ("denied", "10.0.0.1") in told


def test_log_in_gives_a_new_session_key(client: Client):
    client.get("/login/")
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["sessionid"] = session.session_key
    before = session.session_key
    enter(client, "officer1")
    assert client.session.session_key != before
    assert Client(headers={"cookie": f"sessionid={before}"}).get("/account/").status_code != 200


def test_an_idle_session_ends_and_a_used_one_lives_on(client: Client, clock_at: time_machine.Coordinates):
    enter(client, "officer1")
    for _ in range(4):
        clock_at.shift(timedelta(minutes=20))
        assert inside(client)
    clock_at.shift(timedelta(minutes=31))
    assert not inside(client)


def test_log_out_ends_the_session_on_the_server(client: Client):
    enter(client, "officer1")
    stolen = client.cookies["sessionid"].value
    client.post("/logout/")
    thief = Client(headers={"cookie": f"sessionid={stolen}"})
    assert thief.get("/account/").status_code == 302
    assert client.get("/logout/").status_code == 405


def test_disabling_an_account_ends_its_open_session(client: Client, bureau: BureauLoaded):
    enter(client, "officer1")
    desk = Client()
    enter(desk, "secadmin")
    desk.post(f"/desk/accounts/{bureau.accounts['officer1']}/disable/")
    assert not inside(client)


def test_a_new_password_ends_the_other_sessions_but_not_this_one(client: Client):
    other = Client()
    enter(client, "officer1")
    enter(other, "officer1")
    new = "a-rather-new-pass-phrase"
    answer = client.post("/account/password/", {"old": DEMO_PASSWORD, "password": new, "again": new})
    assert answer.status_code == 302
    assert inside(client) and not inside(other)
    assert enter(Client(), "officer1").status_code == 422
    assert enter(Client(), "officer1", new).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "told"),
    [
        (WRONG, "a-rather-new-pass-phrase", "a-rather-new-pass-phrase", "原口令不正确"),
        (DEMO_PASSWORD, "short", "short", "口令至少 10 个字符</a>"),
        (DEMO_PASSWORD, "123456789012", "123456789012", "口令不能全是数字</a>"),
        (DEMO_PASSWORD, "a-rather-new-pass-phrase", "another", "不一致"),
        (DEMO_PASSWORD, DEMO_PASSWORD, DEMO_PASSWORD, "不得与原口令相同"),
    ],
)
def test_a_weak_or_mistyped_new_password_is_refused_in_words(
    client: Client, old: str, new: str, again: str, told: str
):
    enter(client, "officer1")
    answer = client.post("/account/password/", {"old": old, "password": new, "again": again})
    assert answer.status_code == 422 and told in answer.content.decode()
    assert inside(client)


def test_a_password_set_by_somebody_else_must_be_replaced_first(client: Client, bureau: BureauLoaded):
    desk = Client()
    enter(desk, "secadmin")
    first = "first-password-2026"
    assert (
        desk.post(f"/desk/accounts/{bureau.accounts['officer1']}/reset/", {"password": first}).status_code
        == 302
    )
    answer = enter(client, "officer1", first)
    assert answer["Location"] == "/account/password/"
    assert client.get("/account/")["Location"].startswith("/account/password/")
    new = "a-rather-new-pass-phrase"
    client.post("/account/password/", {"old": first, "password": new, "again": new})
    assert inside(client)


def _bind(client: Client, username: str) -> TOTPDevice:
    enter(client, username)
    assert "data:image/svg" in client.get("/account/code/").content.decode()
    device = TOTPDevice.objects.get(user__username=username)
    from mingzhi.kernel import clock

    assert client.post("/account/code/", {"code": code_of(device, clock.now())}).status_code == 302
    device.refresh_from_db()
    return device


def test_a_bound_device_is_asked_for_and_its_code_works_once(
    client: Client, clock_at: time_machine.Coordinates
):
    from mingzhi.kernel import clock

    device = _bind(client, "officer1")
    clock_at.shift(timedelta(minutes=2))
    code = code_of(device, clock.now())
    first = Client()
    assert enter(first, "officer1")["Location"] == "/login/code/"
    assert first.get("/account/")["Location"].startswith("/login/code/"), "half a log-in opens nothing"
    assert first.post("/login/code/", {"code": code}).status_code == 302
    assert inside(first)
    second = Client()
    enter(second, "officer1")
    answer = second.post("/login/code/", {"code": code})
    assert answer.status_code == 422 and "用过" in answer.content.decode()
    assert not inside(second)


def test_wrong_codes_slow_down_and_are_recorded(client: Client, clock_at: time_machine.Coordinates):
    from mingzhi.kernel import clock

    device = _bind(client, "officer1")
    clock_at.shift(timedelta(minutes=2))
    half = Client()
    enter(half, "officer1")
    assert half.post("/login/code/", {"code": "000000"}).status_code == 422
    answer = half.post("/login/code/", {"code": code_of(device, clock.now())})
    assert answer.status_code == 422 and "稍候" in answer.content.decode(), "even the right code has to wait"
    assert {a.outcome for a in ledger.attempts(act="totp")} == {"failed", "denied"}
    clock_at.shift(timedelta(minutes=2))
    assert half.post("/login/code/", {"code": code_of(device, clock.now())}).status_code == 302


def test_a_required_second_factor_must_be_bound_before_work(client: Client, bureau: BureauLoaded):
    desk = Client()
    enter(desk, "secadmin")
    desk.post(f"/desk/accounts/{bureau.accounts['officer1']}/totp-on/")
    assert enter(client, "officer1")["Location"] == "/account/code/"
    assert client.get("/account/")["Location"].startswith("/account/code/")


def test_without_the_second_factor_the_password_cannot_be_changed(
    client: Client, clock_at: time_machine.Coordinates
):
    _bind(client, "officer1")
    half = Client()
    enter(half, "officer1")
    assert half.get("/account/password/")["Location"].startswith("/login/code/")
    assert half.get("/account/code/")["Location"].startswith("/login/code/")


def test_a_lost_device_is_taken_off_by_the_security_administrator(client: Client, bureau: BureauLoaded):
    _bind(client, "officer1")
    desk = Client()
    enter(desk, "secadmin")
    assert desk.post(f"/desk/accounts/{bureau.accounts['officer1']}/totp-remove/").status_code == 302
    again = Client()
    enter(again, "officer1")
    assert inside(again)
