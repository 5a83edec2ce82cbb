"""A permit and a coercive measure in a real browser: one is read by a citizen on a phone and falls, one is kept back."""

from __future__ import annotations

from datetime import date

import pytest

from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.web.demo.cast import Bureau
from mingzhi.web.demo.review_room import Own, a_company
from tests.cases.staging import holding
from tests.stories.by_hand import Moment
from tests.stories.conftest import MONDAY, bureau_for
from tests.stories.test_review_joint_browser import pressed
from tests.stories.test_working_day_browser import PHONE, Desk, desk, moment, send, wide  # noqa: F401 — fixtures

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]

CONTENT = "准予临时占用示例路东侧道路一千二百平方米，期限三个月。"
RULE = "示例机关公示办法第九条：行政强制措施决定不公示"


def test_a_permit_is_read_by_anybody_until_it_falls_and_a_measure_kept_back_says_why(
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
    transactional_db: None,
) -> None:
    bureau: Bureau = bureau_for("xiashan-chengzong", MONDAY)
    own, company = Own(bureau, moment()), a_company(bureau, "示例桥梁工程有限公司", 2)
    shared = {
        "basis": "《城市道路管理条例》第三十一条",
        "summary": "申请临时占用示例路东侧道路。",
        "public_interest": True,
    }
    permit = own.registered(
        "关于临时占用示例路的事项", company, act_type="行政许可", proposal=CONTENT, **shared
    )
    own.apply(permit)
    own.reviewed(permit)
    publication.policy_set(
        channel="portal", act="coercion", publish=False, valid_from=date(2026, 1, 1), citation=RULE,
        by=holding(bureau.actor("leader", own.at), Permission.CATALOGUE_MANAGE), at=own.at,
    )  # fmt: skip
    measure = own.registered(
        "关于查封施工现场的事项", company, act_type="行政强制", proposal="查封配电箱一台。", **shared
    )
    own.reviewed(measure)
    own.decide(measure, "示例强字〔2026〕1号", kinds=["seal"], content="查封配电箱一台。")
    moment.now = own.at

    leader = desk.log_in("leader")
    leader.goto(f"/desk/cases/{permit}/")
    leader.locator("#next").get_by_role("link", name="作出决定", exact=True).click()
    assert leader.locator("[name=content]").input_value() == CONTENT
    leader.locator("[name=number]").fill("示例许准字〔2026〕1号")
    leader.locator("[name=opinion]").fill("同意。")
    leader.get_by_label("准予许可", exact=False).first.check()
    leader.get_by_label("普通", exact=True).check()
    leader.locator("[name=licence]").fill("临时占用道路许可证")
    leader.locator("[name=licence_number]").fill("示例占道2026001")
    leader.locator("[name=valid_until]").fill("2026-12-06")
    assert wide(leader) <= 0
    desk.picture(leader, "deciding")
    pressed(leader, permit, "作出决定")
    leader.goto(f"/desk/cases/{measure}/?tab=disclosure")
    assert "不予公开" in leader.locator("main").inner_text() and RULE in leader.locator("main").inner_text()
    desk.picture(leader, "kept-back")

    own.at = moment()
    number = own.disclose(permit)
    citizen = desk.window(PHONE)
    citizen.goto("/decisions/?q=临时占用")
    citizen.locator(f"a[href='/decisions/{number}/']").first.click()
    assert "示例占道2026001" in citizen.locator("main").inner_text() and wide(citizen) <= 0
    desk.picture(citizen, "permit")
    citizen.goto("/decisions/?kind=coercion")
    assert "没有符合条件的公示信息" in citizen.locator("main").inner_text()

    moment.now = own.at
    leader.goto(f"/desk/cases/{permit}/")
    leader.locator("#next").get_by_role("link", name="登记决定被撤销变更", exact=True).click()
    leader.locator("[name=by_whom][value=reconsideration]").check()
    leader.locator("[name=how][value=revoked]").check()
    leader.locator("[name=number]").fill("示例复议〔2026〕1号")
    leader.locator("[name=on]").fill("2026-09-07")
    leader.locator("[name=reason]").fill("主要事实不清，予以撤销。")
    pressed(leader, permit, "登记决定被撤销变更")
    publisher = desk.log_in("publisher")
    publisher.goto(f"/desk/disclosures/{number}/")
    publisher.locator("summary", has_text="撤下").last.click()
    publisher.locator("[name=withdraw_reason]").fill("许可决定经行政复议撤销")
    publisher.locator("[name=withdraw_basis]").fill("示例复议〔2026〕1号")
    desk.picture(publisher, "withdrawing")
    publisher.locator("button[name=act][value=withdraw]").click()
    if publisher.locator("dialog#confirm[open]").count():
        publisher.locator("dialog#confirm[open] [data-confirm-yes]").click()
    publisher.locator("main", has_text="撤下公示").locator(".pill", has_text="已撤下").first.wait_for()
    publisher.wait_for_load_state("networkidle")
    citizen.goto(f"/decisions/{number}/")
    stone = citizen.locator("main").inner_text()
    assert "本信息已撤下" in stone and "许可决定经行政复议撤销" in stone and CONTENT not in stone
    desk.picture(citizen, "tombstone")
