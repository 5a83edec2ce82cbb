"""The shell that a phone keeps: nothing of any person in it, every word there, behind the log-in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from mingzhi.web.field import views
from tests.field.conftest import Phone

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
    "path", ["card", "numbers", "numbers/return", "leave", "items", "conflicts/1/withdraw"]
)
def test_what_writes_is_not_reached_by_a_look(phone: Callable[..., Phone], path: str) -> None:
    assert phone("officer1").get(path).status_code == 405


@pytest.mark.parametrize("device", ["", "x", "../../etc", "ABC DEF 12345678", "a" * 33])
def test_a_device_that_cannot_be_read_gets_nothing(phone: Callable[..., Phone], device: str) -> None:
    one = phone("officer1")
    one.device = device
    for answer in (one.get("data"), one.get("key"), one.post("numbers"), one.post("card")):
        assert answer.status_code == 422


def test_the_key_of_a_phone_is_one_s_own_and_the_same_at_the_next_log_in(phone: Callable[..., Phone]) -> None:
    one, again, other = phone("officer1"), phone("officer1"), phone("officer2")
    keys = [p.get("key").json()["key"] for p in (one, again, other)]
    assert keys[0] == keys[1] != keys[2] and len(keys[0]) == 64
    one.device = "f" * 16
    assert one.get("key").json()["key"] != keys[0]
