"""What an officer does at a phone, in a real browser: shared by the stories of the field face."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.demo import DEMO_PASSWORD
from mingzhi.organisations.models import Account
from mingzhi.recording import api as recording
from mingzhi.web.demo.drive import Drive
from tests.field.line import Line
from tests.stories.conftest import MONDAY

SMALL, LARGE = (360, 740), (412, 915)
CODE = "280519"


class Clock:
    """The server's clock: runs on from a Monday morning, and can be moved."""

    def __init__(self) -> None:
        self.began = clock.now()
        self.base = MONDAY + timedelta(days=2)
        self.real = clock.now

    def __call__(self) -> datetime:
        return self.base + (self.real() - self.began)

    def move(self, **delta: float) -> None:
        self.base += timedelta(**delta)


class Phones:
    """One browser program; each phone is a window with a storage of its own."""

    def __init__(self, browser: Any, line: Line, pictures: Path) -> None:
        self.browser = browser
        self.line = line
        self.pictures = pictures
        self.complaints: list[str] = []
        self.taken = 0

    def phone(self, size: tuple[int, int] = SMALL) -> Any:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=self.line.url,
            permissions=["camera", "microphone"],
            has_touch=True,
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda m: self.complaints.append(m.text) if "Content Security" in m.text else None,
        )
        return page

    def log_in(self, page: Any, username: str) -> Any:
        page.goto("/login/?next=/field/")
        page.get_by_label("登录名").fill(username)
        page.get_by_label("口令").fill(DEMO_PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.locator("body[data-ready]").wait_for()
        if page.locator("#phone-code").is_visible():
            self.allow(page)
        page.locator("#pin").fill(CODE)
        page.locator("#pin-again").fill(CODE)
        page.get_by_role("button", name="保存", exact=True).click()
        page.locator("dialog[data-lock]").wait_for(state="hidden")
        return page

    def allow(self, page: Any) -> None:
        """The keeper's code for this phone, typed in on it."""
        account = Account.objects.get(username="keeper")
        by = organisations.actor_of(account, clock.local_date(clock.now()))
        page.locator("#phone-code").fill(recording.terminals.terminal_allow(by=by, at=clock.now())[0])
        page.get_by_role("button", name="登记本机").click()
        page.locator("#pin").wait_for(state="visible")

    def reload(self, page: Any) -> None:
        """The application is opened again: its code is asked for, with or without the net."""
        page.reload()
        unlock(page)

    def picture(self, page: Any, name: str) -> None:
        self.taken += 1
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{name}: too wide"
        page.screenshot(path=str(self.pictures / f"{self.taken:02d}-{name}.png"), full_page=True)


def unlock(page: Any, code: str = CODE) -> None:
    page.locator("#pin").fill(code)
    page.get_by_role("button", name="解锁", exact=True).click()
    if code == CODE:
        page.locator("dialog[data-lock]").wait_for(state="hidden")


def go(page: Any, where: str) -> None:
    page.evaluate("where => { location.hash = where; }", f"#/{where}")
    page.wait_for_timeout(150)


def until(page: Any, asked: str, seconds: int = 25) -> None:
    page.wait_for_function(asked, timeout=seconds * 1000)


def states(page: Any) -> list[str]:
    """The state of each item on the phone; of one that met a problem, the problem."""
    found: list[str] = page.evaluate("field.store.items().then(all => all.map(i => i.problem || i.state))")
    return found


def synced(page: Any) -> list[str]:
    page.evaluate("field.sync()")
    return states(page)


def settled(page: Any) -> list[str]:
    """Where the items stand after a turn that began now: the first may join one that ran as the net came back."""
    synced(page)
    return synced(page)


def record(page: Any, where: str) -> str:
    """Two seconds of video with everything said; the hash shown at capture."""
    go(page, f"record/{where}")
    for box in page.locator("[data-record-ticks] input").all():
        box.check()
    page.get_by_role("button", name="开始记录").click()
    page.wait_for_timeout(2200)
    page.get_by_role("button", name="停止并保存").click()
    page.locator("[data-record-hash]").wait_for()
    shown: str = page.locator("[data-record-hash]").inner_text()
    page.get_by_role("button", name="保存到队列").last.click()
    page.locator("[data-notice]", has_text="已保存在本机").wait_for()
    return shown.split()[1].partition("（")[0]


def scribble(page: Any, who: str) -> None:
    page.get_by_role("button", name=f"{who}签名", exact=True).click()
    pad = page.locator("dialog[open] canvas")
    pad.wait_for()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for i in range(14):
        page.mouse.move(box["x"] + 30 + i * 18, box["y"] + 60 + (i % 3) * 30)
    page.mouse.up()
    page.get_by_role("button", name="确认签名").click()
    page.locator("li", has_text=who).locator(".ok-text").wait_for()


def fill_spot(page: Any, fine: str, place: str) -> None:
    go(page, "spot")
    page.locator("[data-form] fieldset").first.wait_for()
    page.get_by_label("自然人").check()
    page.locator("[name='party.name']").fill("孙某某")
    page.get_by_label("男", exact=True).check()
    page.locator("[name='party.address']").fill("示例路 2 号")
    page.locator("[name='party.phone']").fill("13800000001")
    page.locator("[name=item_code]").select_option("urban.littering")
    page.locator("[name=cause]").fill("涉嫌乱扔生活垃圾案")
    page.locator("[name=place]").fill(place)
    page.locator("[name=facts_found]").fill("当事人在人行道随意丢弃生活垃圾，经劝阻后仍未清理，现场已拍照。")
    if not page.locator("[name=law_violated]").input_value():
        page.locator("[name=law_violated]").fill("《城市市容和环境卫生管理条例》第三十二条")
    page.get_by_label("罚款", exact=True).check()
    page.locator("[name=fine_yuan]").fill(fine)
    for name in ("张某甲", "李某丙"):
        page.locator("label", has_text=name).locator("[name=officers]").check()
    page.locator("[name=card_shown]").check()
    page.locator("[name=told]").check()
    page.locator("[name=statement]").fill("当事人口头陈述系一时疏忽，经复核不影响处罚。")
    page.locator("#form-excuse").fill("执法记录仪电量耗尽，已作文字记录")
    page.locator("[data-form-saved]", has_text="草稿已保存").wait_for()


def sign_everybody(page: Any, party: str) -> None:
    page.get_by_role("button", name="核对并签名").click()
    page.locator("[data-signers] li").first.wait_for()
    names = page.locator("[data-signers] li > p.strong:first-child").all_inner_texts()
    for name in names:
        if party not in name or "当事人" not in name:
            scribble(page, name)
    scribble(page, f"当事人 {party}")


def inspect(page: Any, case: Drive, findings: str) -> None:
    go(page, f"form/{case.id}/inspect")
    page.locator("[name=findings]").fill(findings)
    page.locator("[name=attendee]").fill("林某某")
    for name in ("张某甲", "李某丙"):
        page.locator("label", has_text=name).locator("[name=officers]").check()
    page.locator("[name=card_shown]").check()
    page.locator("[name=rights_told]").check()
    page.get_by_role("button", name="核对并签名").click()
    page.locator("[data-signers] li").first.wait_for()
    for name in page.locator("[data-signers] li > p.strong:first-child").all_inner_texts()[1:]:
        scribble(page, name)
