"""The touch-screen in the hall, by touch: upright and lying, back to its start by itself, and no way out."""

from __future__ import annotations

import os
from typing import Any

import pytest

from mingzhi.kernel import clock
from mingzhi.publication import api as publication
from mingzhi.web.demo import lists_room, places_room
from tests.stories.conftest import bureau_for
from tests.web_public.test_browser import browser

__all__ = ["browser"]
pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


def pictured(page: Any, name: str) -> None:
    folder = os.environ.get("MINGZHI_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_citizen_reads_a_window_by_touch_and_the_screen_is_new_for_the_next(
    browser: Any,
    live_server: Any,
) -> None:
    at = clock.now()
    bureau = bureau_for("changzhi-water", at)
    lists_room.furnish(bureau, at)
    places_room.furnish(bureau, at)
    place = publication.boards.places_of(bureau.body_id, clock.local_date(at))[1]
    start = f"{live_server.url}/kiosk/{place.id}/"
    for wide, high in ((1080, 1920), (1920, 1080)):
        room = browser.new_context(viewport={"width": wide, "height": high}, has_touch=True)
        page = room.new_page()
        complaints: list[str] = []
        page.on("console", lambda m, c=complaints: c.append(m.text) if m.type == "error" else None)
        page.clock.install()
        page.goto(start)
        pictured(page, f"kiosk-{wide}-start")
        for target in page.locator("a, button").all():
            if target.is_visible():
                box = target.bounding_box()
                assert box["width"] >= 72 and box["height"] >= 72, target.inner_text()
        page.get_by_role("link", name="1 号窗口").tap()
        page.wait_for_url(f"{start}windows/**")
        assert "一次性告知" in page.locator("main").inner_text()
        assert page.get_by_text("执法证号").count() == 2
        pictured(page, f"kiosk-{wide}-window")
        page.get_by_role("link", name="返回首页").tap()
        page.wait_for_url(start)
        for name, shot in (("执法流程图", "charts"), ("查询、咨询和投诉", "ways"), ("职责和权限", "powers")):
            page.get_by_role("link", name=name).tap()
            page.wait_for_url(f"{start}*/")
            assert page.evaluate("document.documentElement.scrollWidth") <= wide, shot
            pictured(page, f"kiosk-{wide}-{shot}")
            page.get_by_role("link", name="返回首页").tap()
            page.wait_for_url(start)

        page.get_by_role("button", name="English").tap()
        page.get_by_role("heading", name="Touch to choose").wait_for()
        page.get_by_role("link", name="Officers").first.tap()
        page.wait_for_url(f"{start}people/")
        page.clock.run_for(45_000)
        assert page.locator(".kiosk-idle").is_visible()
        page.get_by_role("button", name="Stay on this page").tap()
        assert page.locator(".kiosk-idle").is_hidden()
        page.clock.run_for(50_000)
        assert page.url == f"{start}people/"
        page.clock.run_for(12_000)
        page.get_by_role("heading", name="请触摸选择").wait_for()
        assert page.url == start

        # A link to elsewhere, however it came there, leads nowhere; nor does a server that is gone.
        page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('afterbegin', '<a id=out href=/login/>out</a>')"
        )
        page.locator("#out").tap()
        page.clock.run_for(2_000)
        assert page.url == start
        room.set_offline(True)
        page.get_by_role("link", name="执法人员").tap()
        page.locator(".kiosk-away").wait_for()
        room.set_offline(False)
        complaints.clear()
        page.clock.run_for(16_000)
        page.locator(".kiosk-away").wait_for(state="hidden")
        assert page.url == start and not complaints
        room.close()

    # Without a script it is the same screen, and goes back in its own time.
    room = browser.new_context(java_script_enabled=False, viewport={"width": 1080, "height": 1920})
    page = room.new_page()
    page.goto(start)
    page.get_by_role("link", name="执法人员").click()
    page.wait_for_url(f"{start}people/")
    assert f'content="180;url=/kiosk/{place.id}/?fresh=1"' in page.content()
    room.close()
