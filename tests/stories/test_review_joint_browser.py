"""A joint decision in a real browser: registered, reviewed by two bodies side by side, barred by one, mended, open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mingzhi.review import api as review
from mingzhi.web.demo.cast import Bureau, made_picture
from mingzhi.web.demo.review_room import Joint
from tests.stories.by_hand import Moment
from tests.stories.conftest import MONDAY, bureau_for
from tests.stories.test_working_day_browser import Desk, desk, moment, send, wide  # noqa: F401 — fixtures

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]

TITLE = "关于共同强制拆除违法建筑物的事项"


def pressed(page: Any, case: int, name: str) -> None:
    """Send the form once its kept draft is written, and see the step on the case page."""
    page.wait_for_load_state("networkidle")
    send(page, name)
    page.wait_for_url(f"**/desk/cases/{case}/#step-*", timeout=60_000)


def opined(page: Any, case: int, *, agree: bool) -> None:
    """The opinion's form, filled in by hand."""
    page.goto(f"/desk/cases/{case}/do/review_opine/")
    for box in page.locator("select[name^=checks-][name$=-result]").all():
        box.select_option("pass")
    if not agree:
        page.locator("select[name^=checks-][name$=-result]").first.select_option("problem")
        page.locator("[name^=checks-][name$=-note]").first.fill("主体依据不足")
    page.locator(f"[name=kind][value={'agree' if agree else 'revise'}]").check()
    page.locator("[name=text]").fill("同意拟作出的决定。" if agree else "请补充主体依据后再次送审。")
    pressed(page, case, "出具法制审核意见")


def checked(page: Any, case: int) -> None:
    page.goto(f"/desk/cases/{case}/do/unit_check/")
    page.locator("[name=opinion]").fill("事实清楚，同意送审。")
    pressed(page, case, "承办机构审核")


def submitted(page: Any, case: int) -> None:
    page.goto(f"/desk/cases/{case}/do/review_submit/")
    page.locator("[name=statement]").fill("基本事实、法律依据和办理程序详见所附材料，请予审核。")
    for box in page.locator("[name=materials]").all():
        box.check()
    page.locator("[name=truthful]").check()
    pressed(page, case, "送法制审核")


def test_one_body_s_refusal_bars_the_joint_decision_until_both_agree_to_the_mended_text(
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
    transactional_db: None,
    tmp_path: Path,
) -> None:
    bureau: Bureau = bureau_for("xiashan-chengzong", MONDAY)
    desk.refusals |= {"404"}
    draft = tmp_path / "决定书稿.png"
    draft.write_bytes(made_picture(1, 1))
    officer = desk.log_in("officer1")
    officer.goto("/desk/review/matters/")
    officer.get_by_role("link", name="登记送审事项").first.click()
    officer.get_by_label("送审事项名称").fill(TITLE)
    officer.get_by_label("当事人类型").select_option("legal")
    officer.get_by_label("姓名或名称").fill("示例二号建设有限公司")
    officer.locator("#credit_code").fill("91440803MA0000001R")
    send(officer, "建立案卷")
    officer.wait_for_url("**/do/register/")
    case = int(officer.url.partition("/desk/cases/")[2].split("/")[0])
    for name, value in (("act_type", "行政强制"), ("in_name", "joint")):
        officer.locator(f"[name={name}][value={value}]").check()
    officer.get_by_label("霞山区农业农村和水务局").first.check()
    assert officer.locator("[name=party]").input_value() == "示例二号建设有限公司"
    officer.locator("[name=summary]").fill("当事人搭建建筑物，经催告逾期未自行拆除。")
    officer.locator("[name=basis]").fill("《中华人民共和国行政强制法》第四十四条")
    officer.locator("[name=proposal]").fill("强制拆除当事人搭建的建筑物。")
    officer.locator("[name=major_rights]").check()
    officer.locator("[name=draft-upload]").set_input_files(str(draft))
    desk.picture(officer, "register")
    pressed(officer, case, "登记送审事项")
    assert wide(officer) <= 0

    told = Joint(bureau, moment())
    for kind, title in (("evidence", "现场检查笔录"), ("approval", "审批材料")):
        told.step(case, "material", "officer1", material=kind, files=[told.paper(case, title)])
    moment.wait(hours=2)
    head = desk.log_in("head")
    checked(head, case)
    submitted(officer, case)
    (seat,) = review.review_standing(case).seats
    told.at = moment()
    told.accept(case, "reviewhead", "reviewer")
    told.accept(seat.own_id, "otherreviewhead", "otherreviewer")
    moment.wait(hours=3)

    # Two reviewers, each at their own body's file, at the same time.
    ours, theirs = desk.log_in("reviewer"), desk.log_in("otherreviewer")
    opined(ours, case, agree=True)
    opined(theirs, seat.own_id, agree=False)
    theirs.goto(f"/desk/cases/{case}/")
    assert "强制拆除" not in theirs.locator("body").inner_text(), (
        "the leading body's file is not there for them"
    )
    leader = desk.log_in("leader")
    leader.goto(f"/desk/cases/{case}/")
    closed = leader.locator("#next .next-step.closed", has_text="作出决定").first.inner_text()
    assert "霞山区农业农村和水务局的法制审核没有通过" in closed and "建议修改" in closed
    desk.picture(leader, "barred")
    leader.goto(f"/desk/cases/{case}/?tab=review")
    assert "建议修改" in leader.locator("#seats").inner_text()
    desk.picture(leader, "seats")

    # Mended: both are asked anew, both agree, the other body signs, and the decision stands open.
    officer.goto(f"/desk/cases/{case}/do/revise/")
    officer.locator("[name=reason]").fill("按审核意见补充主体依据。")
    officer.locator("[name=proposal]").fill("限期十日自行拆除，逾期强制拆除。")
    officer.locator("[name=draft-upload]").set_input_files(str(draft))
    pressed(officer, case, "修改拟作出的决定")
    checked(head, case)
    submitted(officer, case)
    moment.wait(minutes=5)
    told.at = moment()
    told.accept(case, "reviewhead", "reviewer")
    told.accept(seat.own_id, "otherreviewhead", "otherreviewer")
    moment.wait(hours=3)
    opined(theirs, seat.own_id, agree=True)
    opined(ours, case, agree=True)
    told.at = moment()
    told.step(seat.own_id, "countersign", "otherleader", opinion="同意会签。")
    moment.wait(hours=1)
    leader.goto(f"/desk/cases/{case}/")
    leader.locator("#next").get_by_role("link", name="作出决定", exact=True).click()
    leader.locator("[name=number]").fill("湛霞城综强决字〔2026〕1号")
    leader.locator("[name=opinion]").fill("同意。")
    leader.get_by_label("代履行", exact=True).check()
    pressed(leader, case, "作出决定")
    assert "已作出决定" in leader.locator("main").inner_text()
    assert wide(leader) <= 0
    desk.picture(leader, "decided")
