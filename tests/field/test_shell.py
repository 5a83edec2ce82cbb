"""The shell that a phone keeps: nothing of any person in it, every word there, behind the log-in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from mingzhi.web.field import views
from tests.field.conftest import Phone
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")
STATIC = Path(views.__file__).parent.parent / "static"


def test_the_shell_holds_no_word_of_who_opened_it(phone: Callable[..., Phone]) -> None:
    one, other = phone("officer1").client.get("/field/"), phone("officer2").client.get("/field/")
    assert one.content == other.content
    assert "张某甲" not in one.content.decode() and one["Cache-Control"] == "no-store"


def test_the_worker_names_every_file_of_the_shell_and_changes_with_them(phone: Callable[..., Phone]) -> None:
    client = phone("officer1").client
    shell, worker = client.get("/field/").content.decode(), client.get("/field/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    kept = json.loads(re.search(r"FILES = (\[.*?\]);", worker.content.decode())[1])  # type: ignore[index]
    assert set(re.findall(r'(?:src|href)="(/static/[^"]+)"', shell)) <= set(kept)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert client.get("/field/sw.js").content != worker.content


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_word_the_scripts_say_is_in_the_shell(phone: Callable[..., Phone], language: str) -> None:
    client = phone("officer1").client
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get("/field/").content.decode()
    words = json.loads(re.search(r'id="words">(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    said = set()
    for name in views.SCRIPTS:
        said |= set(re.findall(r'say\("([a-z_0-9]+)"', (STATIC / name).read_text("utf-8")))
    assert said - set(words) == set() and all(words.values())


def test_the_scripts_weigh_less_than_half_of_what_the_field_may(phone: Callable[..., Phone]) -> None:
    assert sum((STATIC / name).stat().st_size for name in views.SCRIPTS) < 100_000


@pytest.mark.parametrize("path", ["", "sw.js", "now", "data", "key", "conflicts/", "conflicts/1/", "items/x"])
def test_nothing_of_the_field_face_opens_without_log_in(client: Client, path: str) -> None:
    assert client.get(f"/field/{path}").status_code == 302
    assert client.get(f"/field/{path}", HTTP_ACCEPT="application/json").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "card",
        "numbers",
        "numbers/return",
        "leave",
        "relogin",
        "enrol",
        "key",
        "items",
        "conflicts/1/withdraw",
    ],
)
def test_what_writes_is_not_reached_by_a_look(phone: Callable[..., Phone], path: str) -> None:
    assert phone("officer1").get(path).status_code == 405


@pytest.mark.parametrize("device", ["", "x", "../../etc", "ABC DEF 12345678", "a" * 33])
def test_a_device_that_cannot_be_read_gets_nothing(phone: Callable[..., Phone], device: str) -> None:
    one = phone("officer1")
    one.device = device
    for answer in (one.get("data"), one.post("key"), one.post("numbers"), one.post("card")):
        assert answer.status_code == 422


def test_the_key_of_a_phone_is_one_s_own_and_the_same_at_the_next_log_in(phone: Callable[..., Phone]) -> None:
    keys = []
    for username in ("officer1", "officer1", "officer2"):
        keys.append(phone(username).post("key").json()["key"])
    assert keys[0] == keys[1] != keys[2] and len(keys[0]) == 64
    assert phone("officer1", "f" * 16).post("key").json()["key"] != keys[0]


def test_the_key_is_given_once_for_a_log_in_and_again_only_where_the_net_lost_the_answer(
    phone: Callable[..., Phone], freeze: Callable[[datetime], None]
) -> None:
    freeze(MONDAY)
    one = phone("officer1")
    first = one.post("key").json()["key"]
    freeze(MONDAY + timedelta(minutes=2))
    assert one.post("key").json()["key"] == first
    freeze(MONDAY + timedelta(minutes=2, seconds=1))
    assert one.post("key").status_code == 409
    assert one.post("relogin").json() == {"left": True}
    assert one.post("key").status_code in {302, 401}, "who they are is asked anew"
    assert phone("officer1").post("key").json()["key"] == first
