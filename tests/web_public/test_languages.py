"""The public face speaks one language at a time."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.publication.conftest import Bureau
from tests.web.languages import catalogue, chinese_labels, stray_latin  # noqa: F401 — a fixture
from tests.web_public.test_pages import PAGES, text

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.web_public.urls")]
#: Names of agencies and of kinds of message: data, in the language they are registered in.
DATA = (
    "湛江市霞山区城市管理和综合执法局",
    "湛江市霞山区农业农村和水务局",
    "霞山区城综局",
    "投诉举报",
    "对执法行为的监督意见",
    "咨询",
)


def test_every_public_page_is_english_after_the_switch_and_chinese_before(
    client: Client,
    bureau: Bureau,
    catalogue: None,  # noqa: F811 — the fixture
) -> None:
    found: dict[str, list[str]] = {}
    for path in PAGES:
        found[f"zh {path}"] = stray_latin(text(client.get(path)))
        client.cookies["django_language"] = "en"
        found[f"en {path}"] = chinese_labels(text(client.get(path)), DATA)
        del client.cookies["django_language"]
    assert not any(found.values()), "\n".join(f"{k}: {v}" for k, v in found.items() if v)
