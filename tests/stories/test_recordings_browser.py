"""A recording in a real browser: deposited with the form, played for a purpose, a moment noted and found again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mingzhi.kernel import clock
from mingzhi.recording import api as recording
from mingzhi.recording.probe import probe_run
from mingzhi.web.demo.cast import made_film
from mingzhi.web.demo.drive import Drive
from tests.stories.by_hand import Moment
from tests.stories.test_working_day_browser import (  # noqa: F401 — fixtures
    PHONE,
    Desk,
    desk,
    drive,
    moment,
    wide,
)

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


def test_a_recording_is_deposited_played_and_noted(
    desk: Desk,  # noqa: F811
    drive: Callable[..., Drive],  # noqa: F811
    moment: Moment,  # noqa: F811
    tmp_path: Path,
) -> None:
    case = drive()
    case.file()
    moment.now = case.at
    film = made_film(0)
    assert film is not None
    path = tmp_path / "现场检查.mp4"
    path.write_bytes(film)

    page = desk.log_in("officer1")
    page.goto(f"/desk/cases/{case.id}/?tab=evidence")
    page.get_by_role("radio", name="音像记录", exact=True).check()
    page.locator("#file").set_input_files(str(path))
    page.get_by_label("记录的执法环节").select_option("on_site_inspection")
    began = clock.local(moment.now - timedelta(minutes=20))
    page.locator("#captured_at").fill(began.strftime("%Y-%m-%dT%H:%M"))
    page.locator("#ended_at").fill((began + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M"))
    for box in page.locator("input[name=statement]").all():
        box.check()
    page.get_by_role("button", name="上传并登记").click()
    page.wait_for_url(re.compile("added="))
    (record,) = recording.recordings(case.id)
    probe_run(record.id, at=moment.now)

    page.reload()
    row = page.locator(f"#record-{record.id}")
    assert row.locator("img.thumb").evaluate("i => i.decode().then(() => i.naturalWidth)") == 320
    row.get_by_text("调阅").click()
    row.get_by_label("具体用途").fill("核对检查经过")
    with page.context.expect_page() as opened:
        row.get_by_role("button", name="打开").click()
    player = opened.value
    player.locator("#player").evaluate(
        "p => p.readyState ? 1 : new Promise((done) => p.addEventListener('loadedmetadata', () => done(1)))"
    )
    assert 5 < player.evaluate("document.getElementById('player').duration") < 7
    assert player.locator("[data-wave] img").evaluate("i => i.decode().then(() => i.naturalWidth)") == 800

    player.evaluate("document.getElementById('player').currentTime = 3.2")
    player.get_by_role("button", name="取当前时间").click()
    assert player.locator("#position").input_value() == "0:03"
    player.get_by_label("标注内容").fill("当事人移开货物")
    player.get_by_role("button", name="标注", exact=True).click()
    player.get_by_text("当事人移开货物").first.wait_for()
    seek = player.get_by_role("button", name="跳到 0:03")
    seek.focus()
    player.keyboard.press("Enter")
    assert player.evaluate("document.getElementById('player').currentTime") == pytest.approx(3.0, abs=0.1)
    assert player.evaluate("document.activeElement.id") == "player"
    desk.picture(player, "player")
    assert wide(player) <= 0
    player.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    desk.picture(player, "player-phone")
    assert wide(player) <= 0
