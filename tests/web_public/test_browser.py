"""The public pages in a real browser: narrow phone, desktop, and verification without the server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mingzhi.publication import api
from tests.publication.conftest import AT, Bureau

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.urls("tests.web_public.urls"),
    pytest.mark.browser,
]

PATHS = (
    "/", "/decisions/", "/decisions/{}/", "/lists/", "/lists/bodies/", "/lists/people/", "/lists/items/", "/lists/recording/",
    "/lists/review/", "/lists/terms/", "/officers/", "/progress/", "/complaints/", "/verify/", "/decisions/{}/correction/",
)  # fmt: skip


@pytest.fixture
def browser() -> Any:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("no Chromium on this machine")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with playwright.sync_playwright() as p:
        opened = p.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def test_no_page_scrolls_sideways_on_a_small_phone_or_a_desktop(
    browser: Any, live_server: Any, bureau: Bureau, snapshot: Any, sequenced: Any
) -> None:
    pk = bureau.published(snapshot())
    sequenced(AT)
    gone = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号", title="占道经营"))
    api.disclosure_withdraw(
        disclosure_id=gone,
        reason="处罚决定经行政复议撤销",
        basis="行政处罚法第四十八条第二款",
        by=bureau.publisher,
        at=AT,
    )
    pictures = os.environ.get("MINGZHI_PICTURES")
    for width, height in ((360, 780), (1366, 768)):
        page = browser.new_page(viewport={"width": width, "height": height})
        complaints: list[str] = []
        page.on("console", lambda m, c=complaints: c.append(m.text) if m.type == "error" else None)
        for path in (*PATHS, f"/decisions/{gone}/"):
            page.goto(live_server.url + path.format(pk))
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, f"{path} is {wide} px too wide at {width}"
            if pictures:
                page.screenshot(
                    path=f"{pictures}/{width}{path.format(pk).replace('/', '_')}.png", full_page=True
                )
        assert not [c for c in complaints if "Content Security" in c or "404" in c], complaints
        page.close()


def test_a_receipt_is_verified_in_the_browser_and_a_changed_one_is_refused(
    browser: Any, live_server: Any, bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, client: Any
) -> None:
    pk = bureau.published(snapshot())
    sequenced(AT)
    receipt, text, false = tmp_path / "a.mingzhi-receipt", tmp_path / "a.json", tmp_path / "b.mingzhi-receipt"
    receipt.write_bytes(client.get(f"/decisions/{pk}/bundle").content)
    text.write_bytes(client.get(f"/decisions/{pk}/text").content)
    false.write_bytes(receipt.read_bytes().replace("第12号".encode(), "第13号".encode()))
    page = browser.new_page()
    page.goto(live_server.url + "/verify/")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url))
    page.set_input_files("#local-receipt", str(receipt))
    told = page.locator("#local-result p").first
    told.wait_for()
    first = page.inner_text("#local-result")
    assert "核验通过" in first or "不支持 Ed25519" in first
    page.set_input_files("#local-file", str(text))
    page.locator("#local-result", has_text="所选文件与登记的摘要一致").wait_for()
    page.set_input_files("#local-receipt", str(false))
    page.locator("#local-result.bad", has_text="内容与登记时不一致").wait_for()
    assert not [url for url in sent if "/static/" not in url]
