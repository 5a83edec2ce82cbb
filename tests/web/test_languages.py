"""The working desk speaks one language at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from mingzhi.web.demo.drive import Drive
from tests.web.languages import catalogue, chinese_labels, stray_latin  # noqa: F401 — a fixture

pytestmark = pytest.mark.django_db(databases="__all__")
DESK = (
    "/desk/",
    "/desk/cases/",
    "/desk/clues/",
    "/desk/warnings/",
    "/desk/clues/new/",
    "/desk/recordings/",
    "/account/",
)


def test_the_desk_is_english_after_the_switch_and_chinese_before(
    drive: Callable[..., Drive],
    people: Callable[[str], Client],
    catalogue: None,  # noqa: F811 — the fixture
) -> None:
    drive().file()
    officer, found = people("officer1"), {}
    for path in DESK:
        page = officer.get(path)
        assert page.status_code == 200, path
        found[f"zh {path}"] = stray_latin(page.content.decode().replace("officer1", "某某"))
        officer.cookies["django_language"] = "en"
        found[f"en {path}"] = chinese_labels(officer.get(path).content.decode())
        del officer.cookies["django_language"]
    assert not any(found.values()), "\n".join(f"{k}: {v}" for k, v in found.items() if v)
