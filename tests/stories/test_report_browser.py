"""A year's report in a real browser, from what a unit reports to the public page. Reads as the script of a
demonstration."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from mingzhi.kernel import clock
from mingzhi.web.demo.drive import Bureau
from tests.stories.by_hand import Moment
from tests.stories.conftest import MONDAY, bureau_for
from tests.stories.test_lists_browser import both
from tests.stories.test_working_day_browser import (  # noqa: F401 — fixtures
    PHONE,
    Desk,
    desk,
    moment,
    send,
    wide,
)

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


def pressed(page: Any, name: str, said: str) -> None:
    """Send the form once the page is quiet, and read what it says of it."""
    page.wait_for_load_state("networkidle")
    send(page, name)
    page.get_by_text(said).first.wait_for()


@pytest.fixture
def zhenjiang(transactional_db: None) -> Bureau:
    return bureau_for("zhenjiang-chengguan", MONDAY)


def test_the_years_report_is_counted_frozen_sent_and_published(
    zhenjiang: Bureau,
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
) -> None:
    """Zhenjiang's way (S1 二（一）8): units by 5 January, the justice office by the 15th, public by the 31st."""
    moment.now = clock.at_local(date(2027, 1, 5), 10)
    year = f"/desk/statistics/{zhenjiang.body_id}/2026/"
    head = desk.log_in("head")
    head.goto(f"{year}?tab=supplements")
    head.locator("#cell").select_option("inspection.done")
    head.locator("#cases").fill("十二")
    head.locator("#source").fill("行政检查台账")
    pressed(head, "登记", "数量应为整数")
    head.locator("#cases").fill("12")
    pressed(head, "登记", "已计入年报")
    head.goto(f"{year}?tab=chain")
    mine = head.locator("tr", has_text="一大队")
    mine.locator("summary", has_text="登记报送").click()
    both(desk, head, "unit-sends")
    send(head, "登记报送")
    head.get_by_text("已登记报送").first.wait_for()
    assert "2027-01-05" in mine.inner_text() and "逾期" not in mine.inner_text()

    moment.now = clock.at_local(date(2027, 1, 6), 9)
    keeper = desk.log_in("keeper")
    keeper.goto(f"{year}?tab=chain")
    assert "有 1 个环节逾期未办" in keeper.locator("main").inner_text(), "the other unit has not reported"
    keeper.goto(year)
    keeper.locator("main svg").first.wait_for()
    both(desk, keeper, "figures")
    keeper.goto(f"{year}?tab=words")
    drafted = keeper.locator("#narrative").input_value()
    assert "行政检查 12 次" in drafted
    keeper.locator("#narrative").fill(drafted + "\n特此说明。")
    both(desk, keeper, "words")
    pressed(keeper, "定版", "年报已定版")
    assert keeper.get_by_role("button", name="审定并公布").count() == 0, "who compiled does not approve"
    keeper.goto(f"{year}?tab=chain")
    justice = keeper.locator("tr", has_text="镇江市司法局")
    justice.locator("summary", has_text="登记报送").click()
    justice.get_by_label("报送文号").fill("示报〔2027〕1号")
    justice.get_by_role("button", name="登记报送").click()
    keeper.get_by_text("已登记报送").first.wait_for()
    justice.locator("summary", has_text="登记签收").click()
    justice.get_by_label("签收人").fill("某某")
    justice.get_by_role("button", name="登记签收").click()
    keeper.get_by_text("已登记签收").first.wait_for()
    assert "某某" in justice.inner_text() and "逾期" not in justice.inner_text()
    both(desk, keeper, "chain")

    leader = desk.log_in("leader")
    leader.goto("/desk/")
    assert "2026 年度统计年报" in leader.locator("main").inner_text()
    leader.goto(f"{year}?tab=words")
    pressed(leader, "审定并公布", "年报已审定并向社会公布")

    phone = desk.window(PHONE)
    phone.goto("/reports/")
    phone.get_by_role("link", name=re.compile("2026 年度")).first.click()
    told = phone.locator("main").inner_text()
    assert "行政检查 12 次" in told and "特此说明" in told
    assert phone.locator("main svg").count() > 0 and wide(phone) <= 0
    figures = phone.locator("main table", has_text="合计").first
    assert "fitted" in str(figures.get_attribute("class")), "figures stay in their columns"
    desk.picture(phone, "public-report")
    with phone.expect_download() as waited:
        phone.get_by_role("link", name="下载数据表").click()
    assert waited.value.suggested_filename.endswith(".xlsx")
