"""A list's whole life in a real browser: from a sheet with bad cells to the public page, revised and withdrawn.

Zhenjiang's list of random inspections is examined by the market regulator before it is public (S1 二（一）3).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mingzhi.catalogue.api import public_lists
from mingzhi.ledger import api as ledger
from tests.stories.by_hand import Moment
from tests.stories.conftest import MONDAY, bureau_for
from tests.stories.test_working_day_browser import (  # noqa: F401 — fixtures
    DESKTOP,
    PHONE,
    Desk,
    desk,
    moment,
    send,
    wide,
)

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]
HEADS = [c.label for c in public_lists.list_schema("random").shown]
GOOD = [
    "SJ-1",
    "城市道路占用检查",
    "示例局",
    "《示例条例》第一条",
    "占用道路的单位",
    "审批手续",
    "5%",
    "实地检查",
    "每年一次",
]


def sheet(folder: Path, name: str, *rows: list[str]) -> str:
    path = folder / name
    path.write_text("\n".join(",".join(row) for row in (HEADS, *rows)), encoding="utf-8-sig")
    return str(path)


def both(one: Desk, page: Any, name: str) -> None:
    """The page as picture on a desk and on a phone, no wider than either window."""
    for size, suffix in ((PHONE, "phone"), (DESKTOP, "desk")):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        one.picture(page, f"{name}-{suffix}")
        assert wide(page) <= 0, (name, suffix)


def pressed(page: Any, name: str, said: str) -> None:
    send(page, name)
    page.get_by_text(said).first.wait_for()


def tried(page: Any, version: str, file: str) -> None:
    page.goto(f"{version}import/")
    page.locator("#file").set_input_files(file)
    send(page, "试导入")
    page.get_by_role("heading", name="试导入结果").wait_for()


def agreed(one: Desk, version: str) -> None:
    """Handed in, checked by a second person, approved with the outside body's opinion, published by a third."""
    keeper = one.log_in("keeper")
    keeper.goto(version)
    pressed(keeper, "送审", "已送审，由法制审核人员审核")
    reviewer = one.log_in("reviewer")
    reviewer.goto(version)
    reviewer.locator("#check_opinion").fill("依据、要素齐全")
    pressed(reviewer, "审核通过", "审核通过，待批准")
    leader = one.log_in("leader")
    leader.goto(version)
    assert "镇江市市场监督管理局审核" in leader.locator("main").inner_text()
    pressed(leader, "批准", "请填写审核、备案机关的名称")
    both(one, leader, "approve-refused")
    leader.locator("#approver").fill("示例市市场监督管理局")
    leader.locator("#number").fill("示市监函〔0000〕1号")
    leader.locator("#approved_on").fill(MONDAY.date().isoformat())
    pressed(leader, "批准", "已批准，待公布")
    publisher = one.log_in("publisher")
    publisher.goto(version)
    pressed(publisher, "公布", "已公布，公众可以查询")
    ledger.sequence(at=MONDAY)


def test_a_list_lives_from_a_bad_sheet_to_the_public_is_revised_and_withdrawn(
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
    transactional_db: None,
    tmp_path: Path,
) -> None:
    bureau = bureau_for("zhenjiang-chengguan", MONDAY)
    keeper = desk.log_in("keeper")
    keeper.goto("/desk/lists/")
    both(desk, keeper, "lists")
    keeper.goto("/desk/lists/new/random/")
    keeper.locator("#reason").fill("按照方案制定")
    send(keeper, "起草")
    keeper.wait_for_url("**/desk/lists/*/")
    version = keeper.url.partition("/desk/")[2]
    version = f"/desk/{version}"

    bad = [*GOOD[:1], "", *GOOD[2:3], "示例条例", *GOOD[4:]]
    tried(keeper, version, sheet(tmp_path, "错.csv", GOOD, bad))
    told = keeper.locator("main").inner_text()
    assert all(place in told for place in ("A3", "B3", "D3")) and "导入并替换" not in told
    both(desk, keeper, "bad-cells")
    tried(keeper, version, sheet(tmp_path, "清单.csv", GOOD, ["SJ-2", "渣土运输检查", *GOOD[2:]]))
    assert "新增 2 行" in keeper.locator("main").inner_text()
    pressed(keeper, "导入并替换草稿内容", "已导入")
    both(desk, keeper, "draft")
    assert keeper.get_by_role("button", name="审核通过").count() == 0, "who drafts does not check"
    agreed(desk, version)

    citizen = desk.window()
    citizen.goto(f"/lists/?body={bureau.body_id}")
    both(desk, citizen, "public-hub")
    citizen.get_by_role("link", name="随机抽查事项清单").first.click()
    public = citizen.url.partition("?")[0]
    assert (
        "渣土运输检查" in citizen.locator("main").inner_text() and "示市监函〔0000〕1号" in citizen.content()
    )
    both(desk, citizen, "public-list")

    moment.wait(days=40)
    keeper.goto("/desk/lists/new/random/")
    keeper.locator("#reason").fill("抽查频次调整")
    keeper.locator("#valid_from").fill(moment.today)
    send(keeper, "起草")
    keeper.wait_for_url("**/desk/lists/*/")
    second = f"/desk/{keeper.url.partition('/desk/')[2]}"
    keeper.goto(f"{second}row/?code=SJ-1")
    keeper.locator("#frequency").fill("每年两次")
    both(desk, keeper, "row")
    pressed(keeper, "保存", "已保存")
    keeper.goto(f"{second}?tab=changes")
    assert keeper.locator("ins").inner_text() == "每年两次"
    both(desk, keeper, "difference")
    agreed(desk, second)
    citizen.goto(f"{public}?version=2&compare=1")
    assert citizen.locator("del").inner_text() == "每年一次"
    both(desk, citizen, "public-difference")

    publisher = desk.log_in("publisher")
    publisher.goto(second)
    publisher.locator("summary", has_text="撤下").click()
    publisher.locator("#withdraw_reason").fill("职能划转")
    pressed(publisher, "撤下", "已撤下，自明日起不再执行")
    both(desk, publisher, "withdrawn-desk")
    moment.wait(days=1)
    citizen.goto(public)
    assert "职能划转" in citizen.locator("main").inner_text()
    both(desk, citizen, "withdrawn")
