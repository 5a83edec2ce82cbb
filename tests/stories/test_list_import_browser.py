"""A large file into a list in a real browser: watched while it is checked, cancelled, tried again, put in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from mingzhi.catalogue import list_rows
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.models import ListVersion
from mingzhi.kernel import clock
from mingzhi.outbox import api as outbox
from mingzhi.web import importing
from tests.stories.by_hand import Moment
from tests.stories.conftest import MONDAY, bureau_for
from tests.stories.test_lists_browser import GOOD, both, pressed, sheet
from tests.stories.test_working_day_browser import Desk, desk, moment, send

__all__ = ["desk", "moment"]
pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


class Paused:
    """The worker beside the browser, stopping before the file's second part until it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on, self.pool = threading.Event(), ThreadPoolExecutor(1)
        plain = public_lists.sheet_check

        def check(*, told: Callable[[Any], None], **given: Any) -> Any:
            def slow(checked: Any) -> None:
                told(checked)
                assert self.on.wait(30)

            return plain(told=slow, **given)

        monkeypatch.setattr(public_lists, "sheet_check", check)

    def run(self) -> Future[None]:
        def work() -> None:
            outbox.run_due(clock.now(), 100)
            connections.close_all()

        return self.pool.submit(work)


def test_a_large_file_is_watched_cancelled_tried_again_and_put_in(
    desk: Desk, moment: Moment, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner, name, value in (
        (importing, "AT_ONCE", 0),
        (importing, "TOLD_EVERY", 1),
        (list_rows, "SIZE", 4),
    ):
        monkeypatch.setattr(owner, name, value)
    bureau = bureau_for("xiashan-chengzong", MONDAY)
    by = bureau.actor("keeper", MONDAY)
    version = public_lists.list_start(
        list_id=public_lists.list_of(kind="random", by=by).pk,
        valid_from=clock.local_date(MONDAY),
        reason="按照方案制定",
        rows=[],
        by=by,
        at=MONDAY,
    )
    file = sheet(tmp_path, "清单.csv", *([f"SJ-{n}", *GOOD[1:]] for n in range(12)))
    paused = Paused(monkeypatch)
    keeper = desk.log_in("keeper")

    def handed() -> None:
        keeper.goto(f"/desk/lists/{version.pk}/import/")
        keeper.locator("#file").set_input_files(file)
        send(keeper, "试导入")
        keeper.get_by_text("已排队").wait_for()

    handed()
    at_work = paused.run()
    keeper.get_by_text("正在逐格检查").wait_for()
    assert "4 行" in keeper.locator("#import").inner_text(), "the page asked again by itself"
    both(desk, keeper, "watched")
    pressed(keeper, "取消", "已取消，草稿内容没有变化")
    paused.on.set()
    at_work.result(30)
    assert keeper.get_by_role("button", name="取消").count() == 0
    both(desk, keeper, "cancelled")

    handed()
    paused.run().result(30)
    keeper.get_by_role("button", name="导入并替换草稿内容").wait_for()
    assert "新增 12 行" in keeper.locator("main").inner_text()
    both(desk, keeper, "checked")
    send(keeper, "导入并替换草稿内容")
    keeper.get_by_text("已交后台导入").wait_for()
    paused.run().result(30)
    keeper.get_by_role("link", name="查看草稿").click()
    keeper.get_by_text("SJ-11").wait_for()
    assert ListVersion.objects.get().count == 12
    keeper.goto(f"/desk/lists/{version.pk}/import/")
    both(desk, keeper, "import-page")
