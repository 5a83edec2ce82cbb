"""A complaint on a phone, handled at the desk, read again on the phone. Reads as the script of a demonstration."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mingzhi.publication.models import Intake
from tests.stories.by_hand import Moment
from tests.stories.conftest import MONDAY, bureau_for
from tests.stories.test_working_day_browser import PHONE, Desk, desk, moment, wide  # noqa: F401 — fixtures

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


def pressed(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    if page.locator("dialog[open]").count():
        page.locator("[data-confirm-yes]").click()
    page.wait_for_load_state()


def test_a_citizen_complains_on_a_phone_is_answered_and_reads_it_by_the_code(
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
    transactional_db: None,
) -> None:
    bureau_for("xiashan-chengzong", MONDAY)
    phone = desk.window(PHONE)
    for address in ("/questions/", "/questions/ask/", "/complaints/?kind=report", "/complaints/"):
        phone.goto(address)
        assert wide(phone) == 0, address
        desk.picture(phone, address.strip("/").replace("/", "-").replace("?", "-"))
    phone.get_by_label("收件的执法机关").select_option(index=1)
    phone.get_by_label("被投诉的机构或者人员").fill("执法人员张某甲")
    phone.get_by_label("主题").fill("检查时不出示证件")
    phone.get_by_label("什么时间、什么地点").fill(
        "九月四日上午在示例路检查时没有出示证件。我是欧阳示例，电话13900139000。"
    )
    phone.get_by_role("textbox", name="称呼").fill("欧阳示例")
    phone.get_by_role("textbox", name="联系方式").fill("13900139000")
    pressed(phone, "提交")
    phone.wait_for_selector(".received")
    assert wide(phone) == 0
    desk.picture(phone, "receipt")
    words = phone.inner_text("main")
    number, code = re.search(r"收\d{10}", words)[0], re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", words)[0]  # type: ignore[index]
    pk = Intake.objects.get(number=number).pk

    keeper = desk.log_in("letters")
    keeper.get_by_role("link", name=re.compile(number)).first.click()
    keeper.wait_for_url(f"**/desk/intakes/{pk}/")
    desk.picture(keeper, "desk-received")
    pressed(keeper, "受理")
    keeper.get_by_text("要求被投诉机构说明情况").first.click()
    assert "13900139000" not in keeper.locator("#ask_extract").input_value()
    desk.picture(keeper, "desk-ask")
    keeper.locator("#ask_extract").fill("有人反映九月四日示例路检查时没有出示证件，请说明。")
    keeper.locator("#ask_checked").check()
    pressed(keeper, "发出")

    head = desk.log_in("head")
    head.goto(f"/desk/intakes/{pk}/")
    assert "有人反映九月四日" in head.inner_text("main") and "欧阳" not in head.content()
    desk.picture(head, "desk-asked")
    head.locator("#account_account").fill("当日两名人员均已亮证，有录像可查。")
    pressed(head, "提交情况说明")

    keeper.reload()
    keeper.locator("#draft_reply").fill("经查看录像，两名人员均已出示证件。")
    keeper.wait_for_load_state("networkidle")
    pressed(keeper, "提交审核")
    keeper.wait_for_selector("text=答复稿已提交审核")
    deputy = desk.log_in("deputy")
    deputy.goto(f"/desk/intakes/{pk}/")
    desk.picture(deputy, "desk-draft")
    pressed(deputy, "审核通过并答复")
    deputy.wait_for_selector("text=已审核通过，来件人可以凭查询码查看")
    desk.picture(deputy, "desk-answered")
    for address in (
        "/desk/intakes/?state=",
        "/desk/intakes/terms/",
        "/desk/intakes/questions/",
        f"/desk/intakes/{pk}/",
    ):
        keeper.set_viewport_size({"width": 1366, "height": 768})
        keeper.goto(address)
        desk.picture(keeper, "desk" + address.replace("/", "-").replace("?", "-"))
        keeper.set_viewport_size({"width": 360, "height": 740})
        assert wide(keeper) <= 0, address

    phone.goto("/progress/")
    phone.get_by_label("受理编号").fill(number)
    phone.get_by_label("查询码").fill(code.lower())
    pressed(phone, "查询")
    phone.wait_for_selector(".found")
    assert "经查看录像" in phone.inner_text("main")
    assert wide(phone) == 0
    desk.picture(phone, "progress")
    phone.get_by_label("满意", exact=True).check()
    pressed(phone, "提交评价")
    phone.wait_for_selector("text=感谢您的评价")
