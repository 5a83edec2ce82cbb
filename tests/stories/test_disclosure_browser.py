"""A decision becomes public in a real browser: masked, checked, published, and put right at the party's request.
Reads as the script of a demonstration."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mingzhi.ledger import api as ledger
from mingzhi.publication import api as publication
from mingzhi.publication.models import Intake
from mingzhi.web.demo.drive import Drive
from tests.stories.by_hand import Moment
from tests.stories.test_lists_browser import both
from tests.stories.test_working_day_browser import (  # noqa: F401 — fixtures
    PHONE,
    Desk,
    desk,
    drive,
    moment,
    send,
    wide,
)

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]

TOLD_OF, NEAR = "13900001111", "示例幼儿园东侧"


def pressed(page: Any, name: str, said: str) -> None:
    """Send the form once its kept draft is written, and read what the page says of it."""
    page.wait_for_load_state("networkidle")
    send(page, name)
    page.get_by_text(said).first.wait_for()


@pytest.fixture
def due(drive: Callable[..., Drive], moment: Moment) -> int:  # noqa: F811
    """A decision that waits to be collected. Made before the browser starts: signing runs an event loop of its own."""
    case = drive(
        facts_found=f"当事人（电话 {TOLD_OF}）未经批准，在{NEAR}堆放货物，占用城市道路约十二平方米。"
    )
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    moment.now = case.at
    return publication.disclosure_status(case.id)[-1].id


def test_a_decision_is_masked_checked_and_published_and_the_party_has_it_put_right(
    due: int,
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
) -> None:
    here, public = f"/desk/disclosures/{due}/", f"/decisions/{due}/"

    # Collected: what the scan found is marked beside the served text; a stretch more is hidden by hand.
    collector = desk.log_in("collector")
    collector.goto("/desk/disclosures/")
    both(desk, collector, "queue")
    collector.locator(f"a[href='{here}']").click()
    assert collector.locator("#sides mark").count() > 0
    collector.locator("#mf0").select_option("facts")
    collector.locator("#mt0").fill("没有这几个字")
    collector.locator("#summary").fill("该公司占用道路被罚款。")
    pressed(collector, "提交公示审核", "不在所选栏目的原文中")
    assert collector.locator("#summary").input_value() == "该公司占用道路被罚款。", "nothing typed is lost"
    collector.locator("#mt0").fill(NEAR)
    both(desk, collector, "mask-refused")
    pressed(collector, "提交公示审核", "已提交公示审核")
    assert collector.get_by_role("button", name="审核通过").count() == 0, "who collected does not check"

    checker = desk.log_in("checker")
    checker.goto(here)
    assert checker.locator("#sides mark.manual").count() > 0
    both(desk, checker, "check")
    pressed(checker, "审核通过", "审核通过，待发布")
    publisher = desk.log_in("publisher")
    publisher.goto(here)
    pressed(publisher, "发布", "已发布，公众可以查询")
    ledger.sequence(at=moment())

    # The party reads it on a phone, and asks to have it put right.
    phone = desk.window(PHONE)
    phone.goto(public)
    told = phone.locator("main").inner_text()
    assert "占用道路被罚款" in told and NEAR not in phone.content() and TOLD_OF not in phone.content()
    assert wide(phone) <= 0
    desk.picture(phone, "published")
    phone.get_by_role("link", name="申请更正").click()
    phone.get_by_label("哪一处不准确").fill("公示的简要说明没有写明我公司已经清理完毕，有照片为证。")
    phone.get_by_label("联系方式").fill("13900139000")
    assert wide(phone) <= 0
    desk.picture(phone, "ask-correction")
    phone.wait_for_load_state("networkidle")
    phone.get_by_role("button", name="提交申请").click()
    phone.wait_for_selector(".received")
    words = phone.inner_text("main")
    number, code = re.search(r"收\d{10}", words)[0], re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", words)[0]  # type: ignore[index]

    keeper = desk.log_in("letters")
    keeper.goto(f"/desk/intakes/{Intake.objects.get(number=number).pk}/")
    assert "所涉公示信息" in keeper.locator("main").inner_text()
    pressed(keeper, "受理", "已受理")
    both(desk, keeper, "correction-received")

    # Put right by the same three; until then the old text stands.
    collector.goto(here)
    collector.locator("summary", has_text="更正").click()
    collector.locator("#correct_reason").fill("当事人提出并举证，已清理完毕")
    pressed(collector, "启动更正", "已启动更正")
    phone.goto(public)
    assert "占用道路被罚款" in phone.locator("main").inner_text()
    assert collector.locator("[name=keep]").first.is_checked(), "what was hidden by hand stays hidden"
    collector.locator("#summary").fill("该公司占用道路被罚款，已清理完毕。")
    pressed(collector, "提交公示审核", "已提交公示审核")
    checker.goto(here)
    pressed(checker, "审核通过", "审核通过，待发布")
    publisher.goto(here)
    pressed(publisher, "发布", "已发布，公众可以查询")
    keeper.locator("#answer_reply").fill("经核对照片，已更正公示内容。")
    pressed(keeper, "答复", "已答复，来件人可以凭查询码查看")

    phone.goto(public)
    told = phone.locator("main").inner_text()
    assert "已清理完毕" in told and "第 2 版" in told and "当事人提出并举证" in told
    assert NEAR not in phone.content() and wide(phone) <= 0
    desk.picture(phone, "corrected")
    phone.goto("/progress/")
    phone.get_by_label("受理编号").fill(number)
    phone.get_by_label("查询码").fill(code)
    phone.get_by_role("button", name="查询", exact=True).click()
    phone.wait_for_selector(".found")
    assert "已更正公示内容" in phone.inner_text("main")
