"""An officer's phone in a real browser: no net, no server, a cut line, two phones, another person."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import segno
from django.conf import settings
from segno import encoder

from mingzhi.documents import api as documents
from mingzhi.documents.models import Paper
from mingzhi.documents.pages import unsigned
from mingzhi.documents.queries import paper_data
from mingzhi.dossiers import api as dossiers
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.procedures import api as procedures
from mingzhi.recording import api as recording
from mingzhi.web.demo.cast import made_picture
from mingzhi.web.demo.drive import Drive
from mingzhi.web.models import FieldItem, FieldOutcome
from tests.field.by_phone import (
    CODE,
    LARGE,
    SMALL,
    Clock,
    Phones,
    fill_spot,
    go,
    inspect,
    record,
    scribble,
    settled,
    sign_everybody,
    states,
    synced,
    unlock,
    until,
)
from tests.field.line import Line
from tests.stories.conftest import MONDAY, a_matter, bureau_for

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]
MEDIA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


@pytest.fixture
def server_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(clock, "now", one)
    return one


@pytest.fixture
def phones(live_server: Any, tmp_path: Path, server_clock: Clock) -> Iterator[Phones]:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = Path(os.environ.get("MINGZHI_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        pytest.skip("no Chromium on this machine")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    line = Line(live_server.url)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", *MEDIA])
        one = Phones(browser, line, Path(os.environ.get("MINGZHI_PICTURES") or tmp_path))
        yield one
        browser.close()
    line.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    assert one.complaints == []


@pytest.fixture
def drive(transactional_db: None) -> Callable[..., Drive]:
    bureau = bureau_for("xiashan-chengzong", MONDAY)
    return lambda **changes: Drive(bureau, a_matter(**changes), MONDAY)


def test_with_the_server_down_the_phone_opens_shows_and_records_and_sends_when_it_is_back(
    phones: Phones, drive: Callable[..., Drive]
) -> None:
    case = drive()
    case.file(clue=False)
    page = phones.log_in(phones.phone(), "officer1")
    until(page, "document.body.dataset.kept === '1'")
    phones.picture(page, "home")

    phones.line.cut()
    phones.reload(page)
    page.locator("[data-cases] a").first.wait_for()
    page.locator("[data-net]", has_text="无网络").wait_for()
    go(page, f"case/{case.id}")
    assert case.matter.cause in page.locator("[data-case]").inner_text()
    phones.picture(page, "case-offline")
    shown = record(page, f"{case.id}/on_site_inspection")
    go(page, "queue")
    page.locator("[data-queue] .chip", has_text="待上传").wait_for()
    assert "剩 23 小时" in page.locator("[data-queue]").inner_text()
    phones.picture(page, "queue-offline")
    phones.reload(page)
    page.locator("[data-queue-link]", has_text="待上传 1").wait_for()

    phones.line.mend()
    assert settled(page) == ["done"]
    (kept,) = recording.recordings(case.id, "on_site_inspection")
    assert kept.file.sha256 == shown and kept.full and kept.file.media_type == "video/webm"
    assert abs((kept.ended_at - kept.captured_at).total_seconds() - 2) < 2
    assert FieldItem.objects.get().clock_offset_ms != 0


def test_what_lies_on_the_phone_is_unreadable_and_gone_at_log_out_but_the_queue_waits_for_its_owner(
    phones: Phones, drive: Callable[..., Drive]
) -> None:
    case = drive()
    case.file(clue=False)
    page = phones.log_in(phones.phone(), "officer1")
    raw = """async () => { const db = await new Promise(ok => { indexedDB.open('mingzhi-field').onsuccess = e => ok(e.target.result); });
      const found = {}; for (const name of db.objectStoreNames) found[name] = await new Promise(ok => { db.transaction(name).objectStore(name).getAll().onsuccess = e => ok(e.target.result); });
      db.close(); return JSON.stringify(found, (k, v) => v instanceof ArrayBuffer ? new TextDecoder().decode(v) : v instanceof CryptoKey ? {key: v.extractable} : v); }"""
    kept = json.loads(page.evaluate(raw))
    text = json.dumps(kept, ensure_ascii=False)
    assert case.matter.party.name not in text and case.matter.cause not in text
    assert "key" not in kept["keys"][0] and kept["keys"][0]["pin"], "wrapped by the code only"
    assert kept["keys"][0]["card"]["key"] == {"key": False}, "usable, not readable"

    phones.line.cut()
    record(page, f"{case.id}/on_site_inspection")
    phones.line.mend()
    # The session ends while the queue waits: nothing is lost, and the phone asks for a new log-in.
    cookies = page.context.cookies()
    page.context.clear_cookies()
    assert settled(page) == ["waiting"]
    page.locator("[data-net]", has_text="登录已过期").wait_for()
    page.context.add_cookies(cookies)

    phones.line.cut()
    go(page, "me")
    page.get_by_role("button", name="退出登录并清除本机资料").click()
    assert "尚有 1 件未上传" in page.locator("dialog[open]").inner_text()
    phones.line.mend()
    page.get_by_role("button", name="确定").click()
    page.wait_for_url("**/login/**")
    left = json.loads(page.evaluate(raw))
    assert left["keys"] == [] and left["sealed"] == [] and len(left["queue"]) == 1

    phones.log_in(page, "officer2")
    assert states(page) == [] and FieldItem.objects.count() == 0
    page.evaluate("field.sync()")
    go(page, "me")
    page.get_by_role("button", name="退出登录并清除本机资料").click()
    page.get_by_role("button", name="确定").click()
    page.wait_for_url("**/login/**")

    phones.log_in(page, "officer1")
    assert synced(page) == ["done"]
    assert FieldItem.objects.get().person_name == "张某甲"


def test_the_phone_locks_by_itself_guesses_wait_and_a_forgotten_code_loses_nothing(
    phones: Phones, drive: Callable[..., Drive]
) -> None:
    case = drive()
    case.file(clue=False)
    page = phones.phone()
    page.clock.install()
    phones.log_in(page, "officer1")
    phones.line.cut()
    go(page, f"form/{case.id}/inspect")
    page.locator("[name=findings]").fill("现场堆放货物占用人行道，正在记录中。")
    page.locator("[data-form-saved]", has_text="草稿已保存").wait_for()
    page.clock.fast_forward("05:10")
    page.locator("dialog[data-lock]", has_text="张某甲的现场执法已锁定").wait_for()
    phones.picture(page, "locked")
    assert page.evaluate("field.who.key") is None
    unlock(page)
    assert "正在记录中" in page.locator("[name=findings]").input_value(), "what was begun stands as it was"

    page.evaluate("field.lock()")
    for left in (9, 8, 7):
        unlock(page, "135790")
        page.locator("[data-lock-problem]", has_text=f"还可以试 {left} 次").wait_for()
    unlock(page, "135790")
    page.locator("[data-lock-problem]", has_text="秒后可以再试").wait_for()
    page.locator("#pin").fill(CODE)
    page.get_by_role("button", name="解锁", exact=True).click()
    page.locator("[data-lock-problem]", has_text="秒后再试").wait_for()
    # Opened anew the wait goes on; ten wrong tries end the code.
    page.reload()
    page.locator("#pin").fill(CODE)
    page.get_by_role("button", name="解锁", exact=True).click()
    page.locator("[data-lock-problem]", has_text="秒后再试").wait_for()
    for _ in range(6):
        page.clock.fast_forward("01:00:01")
        unlock(page, "135790")
        page.locator("[data-lock-go]:enabled").wait_for()
        while page.locator("#pin").input_value():
            page.wait_for_timeout(50)
    page.locator("[data-lock-problem]", has_text="已停用").wait_for()

    phones.line.mend()
    page.get_by_role("button", name="重新登录").click()
    page.wait_for_url("**/login/**")
    phones.log_in(page, "officer1")
    assert states(page) == ["draft"]
    go(page, f"form/{case.id}/inspect")
    assert "正在记录中" in page.locator("[name=findings]").input_value()


def test_a_phone_suspended_by_the_head_ends_at_its_next_contact_and_its_queue_waits(
    phones: Phones, drive: Callable[..., Drive]
) -> None:
    case = drive()
    case.file(clue=False)
    page = phones.log_in(phones.phone(), "officer1")
    phones.line.cut()
    record(page, f"{case.id}/on_site_inspection")
    (terminal,) = recording.devices.devices(case.bureau.body_id, kind="terminal")
    assert terminal.holder_name == "张某甲" and terminal.offset_s is not None
    told = {"device_id": terminal.id, "by": case.by(case.head), "at": clock.now()}
    recording.devices.device_act(act="suspended", note="手机遗失", **told)
    phones.line.mend()
    page.evaluate("field.sync()")
    page.locator("[data-nobody]", has_text="已停用").wait_for()
    assert page.evaluate("field.who") is None and FieldItem.objects.count() == 0
    page.goto("/desk/")
    assert "/login/" in page.url, "its session ended too"

    recording.devices.device_act(act="resumed", **told)
    phones.log_in(page, "officer1")
    assert synced(page) == ["done"]
    (kept,) = recording.recordings(case.id, "on_site_inspection")
    assert kept.device == terminal.asset_number


def test_an_upload_cut_in_the_middle_goes_on_from_there(phones: Phones, drive: Callable[..., Drive]) -> None:
    case = drive()
    case.file(clue=False)
    page = phones.log_in(phones.phone(), "officer1")
    page.evaluate(
        """async (dossier) => {
          const F = field, bytes = new Uint8Array(9 << 20), at = new Date(F.now()).toISOString();
          for (let i = 0; i < bytes.length; i += 65536) crypto.getRandomValues(bytes.subarray(i, i + 65536));
          bytes.set([0x1a, 0x45, 0xdf, 0xa3]);
          const file = { ...await F.store.putBlob(new Blob([bytes])), type: "video/webm", name: "长录像.webm" }, key = F.random(16);
          await F.store.keep({ key, state: "waiting", kind: "record", title: "长录像", files: [file], envelope: { key, kind: "record", title: "长录像", device: F.device(), clock_offset_ms: Math.round(F.offset), occurred_at: at, dossier,
            records: [{ file: 0, kind: "evidence", title: "长录像", captured_at: at, ended_at: at, evidence_kind: "audiovisual", purpose: "证明占道情况" }] } });
          window.sum = file.sha256; window.own = await F.digest(bytes);
        }""",
        case.id,
    )
    assert page.evaluate("window.sum") == page.evaluate("window.own"), "hashed in pieces and whole alike"
    before = phones.line.sent
    phones.line.cut_after(4 << 20)
    assert synced(page) == ["waiting"]
    assert not phones.line.up
    phones.line.mend()
    go(page, "queue")
    assert settled(page) == ["done"]
    (kept,) = recording.evidence(case.id)
    assert kept.file.sha256 == page.evaluate("window.sum")
    assert phones.line.sent - before < 13 << 20, "what had arrived is not sent again"


def on_paper(paper_id: int) -> Any:
    """The page before it is signed (the signer wants an event loop of its own, and the browser has one)."""
    row = Paper.objects.select_related("template").get(pk=paper_id)
    return pypdfium2.PdfDocument(unsigned(row))


def test_a_penalty_on_the_spot_without_the_net_is_accepted_and_one_over_the_limit_is_decided_by_a_person(
    phones: Phones, drive: Callable[..., Drive], server_clock: Clock
) -> None:
    case = drive(item_code="urban.littering")
    page = phones.log_in(phones.phone(LARGE), "officer1")
    go(page, "me")
    page.get_by_role("button", name="领用号段").click()
    page.locator("[data-me-numbers]", has_text="10 个").wait_for()
    phones.line.cut()

    fill_spot(page, "300", "示例路 5 号")
    phones.picture(page, "spot-form")
    page.get_by_role("button", name="核对并签名").click()
    page.locator("[data-field=fine_yuan]", has_text="不得超过 200 元").wait_for()
    page.locator("[name=fine_yuan]").fill("50")
    # A reload in the middle loses nothing that was typed.
    page.locator("[data-form-saved]", has_text="草稿已保存").wait_for()
    page.wait_for_timeout(600)
    phones.reload(page)
    page.locator("[name=fine_yuan]").wait_for()
    assert page.locator("[name=fine_yuan]").input_value() == "50"
    sign_everybody(page, "孙某某")
    phones.picture(page, "spot-sign")
    page.get_by_role("button", name="提交").last.click()
    page.locator("[data-paper] dl").wait_for()
    paper = page.locator("[data-paper]").inner_text()
    assert "当罚字〔2026〕第1号" in paper and "先自收到本决定书之日起六十日内" in paper
    code = page.locator("[data-paper-qr]").get_attribute("data-text").rpartition("/")[2]
    phones.picture(page, "spot-paper")

    # The rule changes while the phone is out: what it could not know is judged by the server.
    page.evaluate("field.bundle.limits.natural_fen = 100000")
    fill_spot(page, "300", "示例路 7 号")
    sign_everybody(page, "孙某某")
    page.get_by_role("button", name="提交").last.click()
    page.locator("[data-paper] dl").wait_for()

    server_clock.move(minutes=3)
    phones.line.mend()
    assert sorted(settled(page)) == ["conflict", "done"]
    good = FieldOutcome.objects.get(state="accepted")
    made = documents.paper(good.paper_id or 0)
    assert (made.code, made.number) == (code, documents.numbers(case.bureau.body_id)[0].text)
    signed = documents.signatures(made.id)
    assert sorted(s["kind"] for s in signed) == ["officer", "officer", "party"]
    with files.open_file(signed[0]["file_id"]) as stream:
        drawn = stream.read()
    assert b"iTXtmingzhi-signature" in drawn and drawn.startswith(b"\x89PNG")
    page_of_paper = on_paper(made.id)
    shown = [one.type for sheet in page_of_paper for one in sheet.get_objects()]
    assert shown.count(3) == 3, "three hands on the decision: the party's and both officers'"
    item = FieldItem.objects.get(pk=good.item_id)
    sent = json.loads(item.payload)
    assert hashlib.sha256(sent["content"].encode()).hexdigest().encode() in drawn

    go(page, "queue")
    phones.picture(page, "queue-conflict")
    page.get_by_role("link", name="查看并处理").click()
    page.get_by_role("heading", name="手机上的内容").wait_for()
    assert "不得超过 200.00 元" in page.locator("main").inner_text()
    phones.picture(page, "conflict")
    page.locator("#reason").fill("超过当场处罚限额，改按普通程序办理")
    page.get_by_role("button", name="撤回").click()
    page.locator(".turns", has_text="已撤回").wait_for()
    void = [n for n in documents.numbers(case.bureau.body_id) if n.voided]
    assert [n.void_reason for n in void] == ["超过当场处罚限额，改按普通程序办理"]


def test_a_notice_left_with_a_witness_is_served_by_phone_and_the_refusal_stands_on_the_receipt(
    phones: Phones, drive: Callable[..., Drive], server_clock: Clock
) -> None:
    case = drive()
    case.file(clue=False)
    case.investigate()
    case.conclude()
    case.step("notify", case.lead, contact="承办人 0000-0000000")
    server_clock.move(days=(case.at - server_clock()).days + 2)
    page = phones.log_in(phones.phone(LARGE), "officer1")
    go(page, f"case/{case.id}")
    page.get_by_role("link", name="送达：").click()
    page.locator("[name=mode][value=leave]").check()
    page.locator("[name=place]").fill("示例路 1 号")
    page.locator("[name=refusal]").fill("受送达人称须请示上级，拒绝签收")
    page.locator("[name=witness]").fill("钱某某")
    page.locator("[name=witness_unit]").fill("示例社区居民委员会")
    page.locator("label", has_text="李某丙").locator("[name=officers]").check()
    page.get_by_role("button", name="核对并签名").click()
    page.locator("[data-signers]", has_text="拒绝签名").wait_for()
    phones.picture(page, "serve-sign")
    for name in page.locator("[data-signers] li > p.strong:first-child").all_inner_texts()[1:]:
        scribble(page, name)
    page.get_by_role("button", name="提交").last.click()
    page.locator("[data-notice]", has_text="已提交").wait_for()
    assert synced(page) == ["conflict"], "left with a witness must be filmed, by the recording list"
    page.goto(f"{phones.line.url}/field/conflicts/{FieldItem.objects.get().pk}/")
    assert "留置送达" in page.locator("main").inner_text()
    case.at = server_clock()
    case.record("service_leave", title="留置送达录像")
    phones.picture(page, "serve-conflict")
    page.get_by_role("button", name="重新提交").click()
    page.locator(".turns", has_text="已登记").wait_for()
    receipt = documents.papers(case.id, template="P27")[-1]
    data = paper_data(receipt.id)
    assert ("party", "refused") in [(s["kind"], s["outcome"]) for s in data["signatures"]]
    words = on_paper(receipt.id)[0].get_textpage()
    assert "拒绝签名，注明情况：受送达人称须请示上级" in "".join(words.get_text_range().split())


def test_a_notice_sent_by_post_is_served_by_phone_without_the_net_and_its_slip_goes_along(
    phones: Phones, drive: Callable[..., Drive], server_clock: Clock
) -> None:
    case = drive()
    case.file(clue=False)
    case.investigate()
    case.conclude()
    case.step("notify", case.lead, contact="承办人 0000-0000000")
    server_clock.move(days=(case.at - server_clock()).days + 2)
    page = phones.log_in(phones.phone(LARGE), "officer1")
    phones.line.cut()
    go(page, f"case/{case.id}")
    page.get_by_role("link", name="送达：").click()
    page.locator("[name=mode][value=electronic]").check()
    assert "确认书" in page.locator("[data-law]").inner_text()
    page.get_by_role("button", name="核对并签名").click()
    page.locator("[data-notice]", has_text="没有签订电子送达确认书").wait_for()
    page.locator("[name=mode][value=mail]").check()
    page.locator("[name=tracking]").fill("示例000000001")
    page.locator("[name=receiver]").fill("林某某")
    page.locator("[name=relation]").fill("负责收件的人")
    page.get_by_role("button", name="核对并签名").click()
    page.locator("[data-notice]", has_text="回执").wait_for()
    page.locator("#form-proof").set_input_files(
        {"name": "回执.png", "mimeType": "image/png", "buffer": made_picture(case.id, 3)}
    )
    page.locator("[data-proofs] li", has_text="回执.png").wait_for()
    phones.picture(page, "serve-mail")
    page.get_by_role("button", name="核对并签名").click()
    page.locator("[data-sign-paper]", has_text="回执.png SHA-256").wait_for()
    for name in page.locator("[data-signers] li > p.strong:first-child").all_inner_texts():
        scribble(page, name)
    page.get_by_role("button", name="提交").last.click()
    page.locator("[data-notice]", has_text="已提交").wait_for()
    phones.line.mend()
    assert settled(page) == ["done"]
    done = documents.services(case.id)[-1]
    assert done.mode == "mail" and files.path(done.facts["file_ids"][0]).read_bytes() == made_picture(
        case.id, 3
    )


def test_two_phones_on_one_case_meet_after_the_net_is_back_and_a_person_decides(
    phones: Phones, drive: Callable[..., Drive]
) -> None:
    case = drive()
    case.file(clue=False)
    case.record("on_site_inspection", title="现场检查录像")
    first, second = phones.log_in(phones.phone(), "officer1"), phones.log_in(phones.phone(), "officer2")
    phones.line.cut()
    inspect(first, case, "现场堆放货物占用人行道约十二平方米，未见许可文件。")
    scribble(first, "当事人 林某某")
    phones.picture(first, "inspect-sign")
    first.get_by_role("button", name="提交").last.click()
    inspect(second, case, "现场货物已部分清走，尚余约四平方米，当事人表示继续清理。")
    second.locator("li", has_text="当事人").get_by_role("button", name="拒绝签名").click()
    second.locator("dialog[open] input").fill("当事人称看不清内容，拒绝签名；见证人：社区网格员李某某")
    second.get_by_role("button", name="确定").click()
    second.locator("li", has_text="拒绝签名").first.wait_for()
    second.get_by_role("button", name="提交").last.click()
    second.locator("[data-notice]", has_text="已提交").wait_for()

    # Phones try by themselves: the second gets its net back after the first has sent.
    second.context.set_offline(True)
    phones.line.mend()
    assert settled(first) == ["done"]
    second.context.set_offline(False)
    assert settled(second) == ["conflict"]
    go(second, "queue")
    second.get_by_role("link", name="查看并处理").click()
    text = second.locator("main").inner_text()
    assert "张某甲" in text and "手机离线期间，本案又办理了" in text and "社区网格员李某某" in text
    phones.picture(second, "conflict-two-phones")
    second.get_by_role("button", name="重新提交").click()
    second.locator(".turns", has_text="已登记").wait_for()
    dossier = dossiers.access_dossier(case.by("officer1"), case.id)
    last = procedures.steps(dossier)[-1]
    assert (last.by_name, last.facts["signature"]) == ("李某丙", "refused")


def test_the_certificate_s_code_verifies_for_anyone_and_neither_an_old_nor_an_altered_one_does(
    phones: Phones, drive: Callable[..., Drive], server_clock: Clock
) -> None:
    drive()
    page = phones.log_in(phones.phone(), "officer1")
    phones.line.cut()
    phones.reload(page)
    page.locator("[data-cases]").wait_for()
    go(page, "card")
    until(page, "document.querySelector('[data-card-qr]').dataset.text")
    phones.picture(page, "card")
    phones.line.mend()
    code = page.locator("[data-card-qr]").get_attribute("data-text").rpartition("/")[2]
    passer_by = phones.phone(LARGE)
    passer_by.goto(f"/officers/{code}")
    shown = passer_by.locator("main").inner_text()
    assert "二维码有效" in shown and "张某甲" in shown
    phones.picture(passer_by, "officer-check")
    server_clock.move(minutes=3)
    passer_by.goto(f"/officers/{code}")
    assert "已经过时" in passer_by.locator("main").inner_text()
    altered = code[:-1] + ("a" if code[-1] != "a" else "b")
    passer_by.goto(f"/officers/{altered}")
    assert "不是本机关的亮证二维码" in passer_by.locator("main").inner_text()


TOUCHED = """[...document.querySelectorAll('main button, main a, header a, main input, main select')]
  .filter(e => e.offsetParent && !['checkbox', 'radio'].includes(e.type) && e.getBoundingClientRect().height < 48).map(e => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_every_screen_fits_the_phone_is_big_enough_to_touch_and_axe_finds_nothing_serious(
    phones: Phones, drive: Callable[..., Drive], size: tuple[int, int]
) -> None:
    found = next(
        (root / "axe" / "axe.min.js" for name, root in settings.STATICFILES_DIRS if name == "vendor"), None
    )
    if found is None or not found.exists():
        pytest.skip("axe is not here")
    case = drive()
    case.file(clue=False)
    context = phones.browser.new_context(
        viewport={"width": size[0], "height": size[1]}, base_url=phones.line.url, bypass_csp=True,
        permissions=["camera", "microphone"], locale="zh-CN",
    )  # fmt: skip
    page = context.new_page()
    phones.log_in(page, "officer1")
    page.evaluate(found.read_text("utf-8"))
    for screen in (
        "",
        "card",
        "me",
        "queue",
        "spot",
        f"case/{case.id}",
        f"record/{case.id}",
        f"photo/{case.id}",
        f"form/{case.id}/inspect",
    ):
        go(page, screen)
        page.wait_for_timeout(300)
        phones.picture(page, f"{size[0]}-{screen.replace('/', '-') or 'home'}")
        assert page.evaluate(TOUCHED) == [], screen
        wrong = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        assert [(v["id"], v["impact"]) for v in wrong if v["impact"] in ("serious", "critical")] == [], screen


def test_the_phone_draws_the_same_codes_and_hashes_as_others_do(
    phones: Phones, drive: Callable[..., Drive], monkeypatch: pytest.MonkeyPatch
) -> None:
    drive()
    page = phones.log_in(phones.phone(), "officer1")
    # segno fills a whole byte where none is needed (ISO/IEC 18004 7.4.9 adds at most seven bits).
    monkeypatch.setattr(
        encoder, "write_padding_bits", lambda buff, version, length: buff.extend([0] * (-length % 8))
    )
    full = ["a" * n for n in (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)]
    for text in [*full, "b", "https://example.invalid/officers/" + "x" * 40, "核验" * 20]:
        ours = page.evaluate("text => field.qr(text)", text)
        theirs = segno.make_qr(
            text, error="m", version=ours["version"], mask=ours["mask"], mode="byte", boost_error=False,
            encoding="utf-8",
        )  # fmt: skip
        assert [list(row) for row in theirs.matrix] == ours["modules"], text
    for size in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000):
        hashed = page.evaluate(
            "n => { const h = new field.Sha256(), b = new Uint8Array(n).fill(97), c = n >> 1; return h.add(b.subarray(0, c)).add(b.subarray(c)).end(); }",
            size,
        )
        assert hashed == hashlib.sha256(b"a" * size).hexdigest()
