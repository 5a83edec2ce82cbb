"""An officer hands in a long film over a bad line: the line is cut, the page reloaded, and it goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mingzhi.files.models import StoredFile, Upload
from mingzhi.recording.models import Record
from mingzhi.web.demo.drive import Drive
from tests.stories.by_hand import Moment
from tests.stories.test_working_day_browser import Desk, desk, drive, moment, send  # noqa: F401 — fixtures

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


@pytest.fixture
def film(tmp_path: Path, settings: Any) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    path = tmp_path / "现场全程.pdf"
    path.write_bytes(b"%PDF-1.7\n" + os.urandom(24_000_000) + b"\n%%EOF\n")
    return path


def test_an_upload_survives_a_cut_line_and_a_reload_and_is_handed_in_with_the_form(
    desk: Desk,  # noqa: F811
    drive: Callable[..., Drive],  # noqa: F811
    moment: Moment,  # noqa: F811
    film: Path,
) -> None:
    case = drive()
    case.open()
    page = desk.log_in("officer1")
    desk.complaints.clear()

    def evidence_tab() -> None:
        page.goto(f"/desk/cases/{case.id}/?tab=evidence")
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")

    evidence_tab()
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 3_000_000}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", slow)
    page.locator("#file").set_input_files(film)
    shown = page.locator("ul.uploads li")
    shown.get_by_text("MB/s").wait_for()
    shown.get_by_role("button", name="暂停").click()
    shown.get_by_text("已暂停").wait_for()
    desk.picture(page, "paused")

    # The line is cut: it says so. Reloaded: how much the server keeps is shown, and the file asked for.
    line.send("Network.emulateNetworkConditions", {**slow, "offline": True})
    shown.get_by_role("button", name="继续").click()
    shown.get_by_text("网络中断，已传部分已保存").wait_for()
    line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    evidence_tab()
    shown.get_by_text("请重新选择同一文件").wait_for()
    desk.picture(page, "again")
    before = Upload.objects.get().offset
    assert 0 < before < film.stat().st_size
    page.locator("#file").set_input_files(film)
    shown.get_by_text("已传完").wait_for()
    assert Upload.objects.count() == 1

    # Reloaded once more: it is whole and need not be chosen again.
    evidence_tab()
    shown.get_by_text("已传完").wait_for()
    page.locator("#evidence_kind").select_option("document")
    send(page, "上传并登记")
    page.wait_for_url("**added=**")
    stored = StoredFile.objects.get(pk=Record.objects.get().file_id)
    assert stored.sha256 == hashlib.sha256(film.read_bytes()).hexdigest() and stored.name == film.name
    evidence_tab()
    assert shown.count() == 0
    desk.complaints[:] = [c for c in desk.complaints if "ERR_INTERNET_DISCONNECTED" not in c]
