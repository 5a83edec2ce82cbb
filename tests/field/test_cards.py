"""亮证: a code that changes, and what it proves to a passer-by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.organisations import api as organisations
from mingzhi.organisations import card_codes
from mingzhi.organisations.models import CardKey
from mingzhi.organisations.permissions import Permission
from tests.field.conftest import Phone
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")
Freeze = Callable[[datetime], None]


@pytest.fixture
def mine(phone: Callable[..., Phone], freeze: Freeze) -> Phone:
    freeze(MONDAY)
    return phone("officer1")


def given_key(phone: Phone) -> tuple[str, bytes]:
    answer = phone.post("card")
    assert answer.status_code == 200, answer.content
    return answer.json()["id"], bytes.fromhex(answer.json()["secret"])


def shown(key: tuple[str, bytes], at: datetime) -> str:
    return card_codes.written(key[1], key[0], at)


def seen(code: str) -> str:
    page: str = Client().get(f"/officers/{code}").content.decode()
    return page


def test_a_fresh_code_says_who_and_that_the_certificate_is_valid_now(mine: Phone) -> None:
    page = seen(shown(given_key(mine), MONDAY))
    assert "二维码有效" in page and "张某甲" in page and "440803990002" in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-89, "二维码有效"), (-91, "已经过时"), (-3600, "已经过时"), (29, "二维码有效"), (61, "时钟不准")],
)
def test_a_code_is_good_for_its_half_minute_and_the_two_after_it(
    mine: Phone, seconds: int, words: str
) -> None:
    """The frozen moment stands at the beginning of a half minute."""
    key = given_key(mine)
    assert MONDAY.timestamp() % 30 == 0
    at = MONDAY + timedelta(seconds=seconds if seconds > 0 else seconds + 29)
    assert words in seen(shown(key, at))


def test_a_phone_may_be_without_the_net_for_seven_days_and_not_longer(mine: Phone, freeze: Freeze) -> None:
    key = given_key(mine)
    for days, words in ((7, "二维码有效"), (8, "已停用")):
        freeze(MONDAY + timedelta(days=days))
        assert words in seen(shown(key, MONDAY + timedelta(days=days)))


def test_a_suspended_certificate_fails_at_once_whatever_the_phone_shows(mine: Phone) -> None:
    key = given_key(mine)
    held = organisations.certificate(mine.person, MONDAY.date())
    body_id = organisations.person(mine.person).body_id
    keeper = replace(
        organisations.system_actor(body_id), permissions=frozenset({Permission.CERTIFICATE_MANAGE})
    )
    organisations.certificate_event(
        certificate_id=held.certificate_id or 0,
        kind="suspend",
        on=MONDAY.date(),
        reason="接受调查期间暂扣",
        by=keeper,
        at=MONDAY,
    )
    page = seen(shown(key, MONDAY))
    assert "二维码有效" not in page and "暂扣" in page and "不能用于执法" in page


def test_log_out_and_a_newer_key_of_the_same_phone_end_the_old_one_and_other_phones_go_on(
    mine: Phone, phone: Callable[..., Phone]
) -> None:
    other = phone("officer1", "fedcba9876543210")
    first, elsewhere = given_key(mine), given_key(other)
    second = given_key(mine)
    assert "已停用" in seen(shown(first, MONDAY))
    assert "二维码有效" in seen(shown(second, MONDAY))
    assert mine.post("leave").json() == {"left": True}
    assert "已停用" in seen(shown(second, MONDAY))
    assert "二维码有效" in seen(shown(elsewhere, MONDAY))
    assert mine.get("now").status_code == 401


def test_codes_that_were_made_up_and_probes_are_one_answer(mine: Phone) -> None:
    key_id, secret = given_key(mine)
    good = shown((key_id, secret), MONDAY)
    for code in (
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        shown((key_id, b"x" * 32), MONDAY),
        shown(("a" * 16, secret), MONDAY),
        "0" * 40,
        "x",
        good + "x",
    ):
        page = seen(code)
        assert "不是本机关的亮证二维码" in page and "张某甲" not in page


def test_who_tries_codes_is_stopped(mine: Phone) -> None:
    client = Client(REMOTE_ADDR="192.0.2.77")
    answers = [client.get(f"/officers/{'a' * 16}-59000000-{'b' * 16}").status_code for _ in range(22)]
    assert answers[0] == 200 and answers[-1] == 429


def test_who_holds_no_certificate_gets_no_key_and_the_secret_is_ciphertext_at_rest(
    mine: Phone, phone: Callable[..., Phone]
) -> None:
    assert phone("cashier").post("card").status_code == 403
    _, secret = given_key(mine)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT secret FROM {CardKey._meta.db_table}")
        assert all(secret.hex() not in row[0] for row in cursor.fetchall())


def test_the_keeper_of_certificates_ends_every_key_of_a_lost_phone_and_others_may_not(
    mine: Phone, phone: Callable[..., Phone]
) -> None:
    key = given_key(mine)
    actor = replace(organisations.system_actor(organisations.person(mine.person).body_id), person_id=None)
    from mingzhi.kernel.errors import NotAllowed

    with pytest.raises(NotAllowed):
        organisations.card_keys.card_keys_end(person_id=mine.person, reason="遗失", by=actor, at=MONDAY)
    keeper = replace(actor, permissions=frozenset({Permission.CERTIFICATE_MANAGE}))
    assert (
        organisations.card_keys.card_keys_end(person_id=mine.person, reason="手机遗失", by=keeper, at=MONDAY)
        == 1
    )
    assert "已停用" in seen(shown(key, MONDAY))


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=32, max_size=32),
    st.integers(min_value=10**9, max_value=4 * 10**9),
)
def test_a_code_is_genuine_under_its_own_secret_and_step_alone(one: bytes, other: bytes, second: int) -> None:
    moment = datetime.fromtimestamp(second, tz=MONDAY.tzinfo)
    code = card_codes.read(card_codes.written(one, "abcdefghijklmnop", moment))
    assert code is not None and card_codes.genuine(code, one)
    assert one == other or not card_codes.genuine(code, other)
    assert not card_codes.genuine(replace(code, step=code.step + 1), one)
