"""A stretch of a working day in a real browser: what people click, read and are refused, and what a
citizen sees on a phone. Reads as the script of a demonstration."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mingzhi.documents import api as documents
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations.demo import DEMO_PASSWORD
from mingzhi.outbox import api as outbox
from mingzhi.web.demo.drive import Drive
from tests.stories.by_hand import Moment
from tests.stories.conftest import MONDAY, a_matter, bureau_for

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]

PHONE, DESKTOP = (360, 780), (1366, 900)


class Desk:
    """One browser for everybody in turn; whatever it complains of is kept."""

    def __init__(self, browser: Any, server: str, pictures: Path) -> None:
        self.browser = browser
        self.server = server
        self.pictures = pictures
        self.complaints: list[str] = []
        self.taken = 0
        self.refusals = {"409", "422"}

    def window(self, size: tuple[int, int] = DESKTOP) -> Any:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=self.server,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: self._heard(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self._heard(str(error)))
        return page

    def _heard(self, text: str) -> None:
        # A refusal carries its status, and the browser notes that on its own.
        if not any(f"status of {status}" in text for status in self.refusals):
            self.complaints.append(text)

    def log_in(self, username: str) -> Any:
        page = self.window()
        page.goto("/login/?next=/desk/")
        page.get_by_label("登录名").fill(username)
        page.get_by_label("口令").fill(DEMO_PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/desk/**")
        return page

    def picture(self, page: Any, name: str) -> None:
        self.taken += 1
        page.screenshot(path=str(self.pictures / f"{self.taken:02d}-{name}.png"), full_page=True)


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    one = Moment(MONDAY)
    monkeypatch.setattr(clock, "now", one)
    return one


@pytest.fixture
def desk(live_server: Any, tmp_path: Path) -> Iterator[Desk]:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = Path(os.environ.get("MINGZHI_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        pytest.skip("no Chromium on this machine")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    pictures = Path(os.environ.get("MINGZHI_PICTURES") or tmp_path)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        one = Desk(browser, live_server.url, pictures)
        yield one
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    assert one.complaints == []


@pytest.fixture
def drive(transactional_db: None) -> Callable[..., Drive]:
    bureau = bureau_for("xiashan-chengzong", MONDAY)
    return lambda **changes: Drive(bureau, a_matter(**changes), MONDAY)


def wide(page: Any) -> int:
    """By how many pixels the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


def send(page: Any, name: str) -> None:
    """Press the form's button, and confirm where the page asks."""
    page.locator("#main, main").get_by_role("button", name=name, exact=True).last.click()
    dialog = page.locator("dialog#confirm[open]")
    if dialog.count():
        dialog.locator("[data-confirm-yes]").click()


def test_an_officer_registers_opens_and_files_and_the_leader_approves(
    desk: Desk, drive: Callable[..., Drive], moment: Moment
) -> None:
    drive()
    officer = desk.log_in("officer1")

    officer.goto("/desk/clues/new/")
    officer.get_by_label("线索来源").select_option("inspection")
    officer.get_by_label("线索摘要").fill("示例路 1 号门前有人占用人行道堆放货物")
    officer.get_by_label("具体情况").fill("巡查发现人行道被货物占用，行人须绕行。")
    officer.get_by_label("涉嫌违法当事人").fill("示例一号商贸有限公司")
    send(officer, "登记线索")
    officer.wait_for_url("**/desk/clues/*/")
    desk.picture(officer, "clue")

    officer.get_by_role("link", name="建立案卷").click()
    officer.get_by_label("案由").fill("涉嫌擅自占用城市道路案")
    officer.get_by_label("当事人类型").select_option("legal")
    officer.locator("#credit_code").fill("91440803MA0000001R")
    officer.get_by_label("法定代表人").fill("林某某")
    officer.get_by_label("住址或住所").fill("示例路 1 号")
    send(officer, "建立案卷")
    officer.wait_for_url("**/desk/cases/*/**")
    case = officer.url.partition("/desk/cases/")[2].split("/")[0]

    # The next step stands open; what others do says who.
    following = officer.locator("#next")
    assert "呈批立案" in following.inner_text()
    desk.picture(officer, "case-opened")
    following.get_by_role("link", name="呈批立案").click()

    # Sent with gaps: the page says what is missing beside the field, and keeps what was typed.
    officer.locator("[name=summary]").fill("巡查发现当事人未经批准在人行道上堆放货物，约十二平方米。")
    send(officer, "呈批立案")
    officer.locator(".error-summary").wait_for()
    assert "请填写此项" in officer.locator(".error-summary").inner_text()
    assert "约十二平方米" in officer.locator("[name=summary]").input_value()
    officer.locator(".error-summary a").first.click()
    assert officer.evaluate("!!document.activeElement.closest('.field.invalid')"), "it leads into the field"
    desk.picture(officer, "filing-refused")

    officer.locator("[name=source]").first.wait_for()
    if officer.locator("select[name=source]").count():
        officer.locator("select[name=source]").select_option("inspection")
    else:
        officer.locator("[name=source][value=inspection]").check()
    officer.locator("[name=item_code]").select_option("urban.road-occupy")
    officer.locator("[name=cause]").fill("涉嫌擅自占用城市道路案")
    officer.locator("[name=place]").fill("示例路 1 号门前人行道")
    for day in ("act_began_on", "act_ended_on", "discovered_on"):
        officer.locator(f"[name={day}]").fill("2026-09-04")
    slots = officer.locator("select[name=officers]")
    slots.nth(0).select_option(label=pick(slots.nth(0), "张某甲"))
    slots.nth(1).select_option(label=pick(slots.nth(1), "李某丙"))
    desk.picture(officer, "filing-filled")
    send(officer, "呈批立案")
    officer.wait_for_url(f"**/desk/cases/{case}/#step-1")
    assert "张某甲" in officer.locator("#people").inner_text()

    leader = desk.log_in("leader")
    leader.goto(f"/desk/cases/{case}/")
    leader.locator("#next").get_by_role("link", name="批准立案").click()
    leader.locator("[name=opinion]").fill("同意立案。")
    send(leader, "批准立案")
    leader.wait_for_url(f"**/desk/cases/{case}/#step-2")
    assert wide(leader) <= 0
    desk.picture(leader, "filing-approved")

    # Beside 下一步: what is not yet possible, why, and by which article.
    officer.goto(f"/desk/cases/{case}/")
    refused = officer.locator("#next .next-step.closed")
    assert refused.count() > 0
    told = officer.locator("#next").inner_text()
    assert "条件未满足" in told and "依据：" in told and "第" in told
    desk.picture(officer, "refusals")


def pick(select: Any, name: str) -> str:
    return next(text for text in select.locator("option").all_inner_texts() if name in text)


def test_the_reviewer_opines_and_the_decision_opens(
    desk: Desk, drive: Callable[..., Drive], moment: Moment
) -> None:
    one = drive(flags={"complex": True})
    one.file()
    one.investigate()
    one.conclude()
    one.notify()
    one.review_submit()
    one.review_accept()
    moment.now = one.at

    leader = desk.log_in("leader")
    leader.goto(f"/desk/cases/{one.id}/")
    told = leader.locator("#next .next-step.closed", has_text="作出决定").inner_text()
    assert "法制审核" in told and "第五十八条" in told
    assert "本案属于重大执法决定" in leader.locator("main").inner_text()
    desk.picture(leader, "decision-closed")

    reviewer = desk.log_in("reviewer")
    reviewer.goto(f"/desk/cases/{one.id}/do/review_opine/")
    results = reviewer.locator("select[name^='checks-'][name$='-result']")
    assert results.count() >= 5
    for i in range(results.count()):
        results.nth(i).select_option(label="合格")
    if reviewer.locator("select[name=kind]").count():
        reviewer.locator("select[name=kind]").select_option("agree")
    else:
        reviewer.locator("[name=kind][value=agree]").check()
    reviewer.locator("[name=text]").fill("主体合法，事实清楚，证据充分，适用依据准确，程序合法，裁量适当。")
    desk.picture(reviewer, "review-checks")
    reviewer.locator("#step-form .form-actions button.primary").click()
    dialog = reviewer.locator("dialog#confirm[open]")
    if dialog.count():
        dialog.locator("[data-confirm-yes]").click()
    reviewer.wait_for_url(f"**/desk/cases/{one.id}/#step-*")

    one.at = max(one.at, moment.now)
    one.discuss()
    moment.now = max(moment.now, one.at)
    leader.reload()
    leader.locator("#next .steps").get_by_role("link", name="作出决定").wait_for()
    desk.picture(leader, "decision-open")
    leader.locator("#next .steps").get_by_role("link", name="作出决定").click()
    assert leader.locator("#step-form").count() == 1


@pytest.fixture
def decided(drive: Callable[..., Drive], moment: Moment) -> Drive:
    """A case whose decision waits to be served, its papers set. Made before the browser starts, as below."""
    one = drive()
    one.file()
    one.investigate()
    one.conclude()
    one.to_decision()
    one.wait(hours=1)
    one.working_day()
    moment.now = one.at
    outbox.run_due(clock.now())
    return one


def test_a_step_with_a_file_says_that_it_was_taken_and_shows_where(
    decided: Drive, desk: Desk, tmp_path: Path, moment: Moment
) -> None:
    proof = tmp_path / "送达回证.txt"
    proof.write_text("送达回证：已签收。", "utf-8")
    officer = desk.log_in("officer1")
    officer.goto(f"/desk/cases/{decided.id}/do/decision_serve/")
    officer.locator("select[name=paper]").select_option(index=1)
    mode = officer.locator("select[name=mode]")
    mode.select_option("direct") if mode.count() else officer.locator("[name=mode][value=direct]").check()
    officer.locator("[name=served_on]").fill(moment.now.date().isoformat())
    officer.locator("[name=place]").fill("当事人住所")
    slots = officer.locator("select[name=officers]")
    for at, name in enumerate(("张某甲", "李某丙")):
        slots.nth(at).select_option(label=pick(slots.nth(at), name))
    officer.locator("[name=receiver]").fill("林某某")
    officer.locator("[name=relation]").fill("本人")
    officer.locator("[name=proof-upload]").set_input_files(str(proof))
    desk.picture(officer, "serve-with-file")
    officer.locator("#step-form .form-actions button.primary").click()
    dialog = officer.locator("dialog#confirm[open]")
    if dialog.count():
        dialog.locator("[data-confirm-yes]").click()
    officer.wait_for_url(f"**/desk/cases/{decided.id}/#step-*")
    assert "已办理" in officer.locator("#messages").inner_text()
    officer.goto(f"/desk/cases/{decided.id}/?tab=evidence")
    assert "送达回证" in officer.locator("main").inner_text()
    desk.picture(officer, "served")


def test_the_list_is_taken_away_as_a_table_and_the_page_shows_how_far_it_is(
    decided: Drive, desk: Desk, moment: Moment
) -> None:
    officer = desk.log_in("officer1")
    officer.goto("/desk/cases/?stage=送达执行")
    officer.get_by_role("link", name="导出表格").click()
    officer.get_by_label("用途").fill("季度案件核对")
    officer.get_by_role("button", name="开始导出").click()
    officer.locator("#export progress").wait_for()
    assert "已排队" in officer.locator("#export").inner_text()
    desk.picture(officer, "export-waits")
    outbox.run_due(clock.now())
    # The page asks again by itself; nobody reloads it.
    officer.get_by_role("link", name="下载表格").wait_for()
    assert "共 1 行" in officer.locator("#export").inner_text()
    desk.picture(officer, "export-ready")
    with officer.expect_download() as waited:
        officer.get_by_role("link", name="下载表格").click()
    assert waited.value.suggested_filename.endswith(".xlsx")
    assert wide(officer) <= 0


@pytest.fixture
def disclosed(drive: Callable[..., Drive], moment: Moment) -> Any:
    """The paper of a decision that is public. Made before the browser starts: signing runs an event
    loop of its own."""
    one = drive()
    one.file()
    one.investigate()
    one.conclude()
    one.to_decision()
    one.serve("P18", "decision_serve")
    paper = next(p for p in documents.papers(one.id) if p.template == "P18")
    documents.page(paper.id, at=one.at)
    one.disclose()
    ledger.sequence(at=one.at)
    moment.now = one.at
    return paper


def test_a_citizen_finds_the_decision_on_a_phone_and_verifies_its_paper(disclosed: Any, desk: Desk) -> None:
    phone = desk.window(PHONE)
    phone.goto("/")
    assert wide(phone) <= 0
    desk.picture(phone, "public-home")
    phone.locator("#q").fill("示例一号商贸")
    phone.get_by_role("button", name="查询").click()
    phone.locator(".results .result-title").first.click()
    told = phone.locator("main").inner_text()
    assert disclosed.number in told and "示例一号商贸有限公司" in told
    assert "林某某" not in told and "13800000000" not in told
    assert wide(phone) <= 0
    desk.picture(phone, "public-decision")

    phone.goto("/verify/")
    phone.locator("#code").fill(disclosed.code)
    phone.get_by_role("button", name="核验", exact=True).click()
    phone.locator(".found", has_text="登记在案").wait_for()
    assert disclosed.number in phone.locator("main").inner_text()
    assert wide(phone) <= 0
    desk.picture(phone, "verified")

    desk.refusals.add("404")  # no such paper
    phone.locator("#code").fill("00000-00000-00000")
    phone.get_by_role("button", name="核验", exact=True).click()
    phone.locator("text=没有找到此编码对应的文书").first.wait_for()
