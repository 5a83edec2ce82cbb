"""Custody in a real browser: a colleague asks, the head approves, the recording is played and a marked copy
taken along, and the chain tells it; and a derivative is drawn, looked at and made."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageChops

from mingzhi.files import api as files
from mingzhi.outbox import api as outbox
from mingzhi.recording import api as recording
from mingzhi.recording.probe import probe_run
from mingzhi.web.demo.cast import made_film
from mingzhi.web.demo.drive import STATEMENT, Drive
from tests.recording import footage
from tests.stories.by_hand import Moment
from tests.stories.test_working_day_browser import (  # noqa: F401 — fixtures
    PHONE,
    Desk,
    desk,
    drive,
    moment,
    wide,
)

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def case(drive: Callable[..., Drive], moment: Moment) -> Drive:  # noqa: F811
    """A filed case of officer1 in the first team. Made before the browser starts."""
    one = drive()
    one.file()
    moment.now = one.at
    outbox.run_due(moment())
    return one


def deposited(case: Drive, data: bytes, title: str, name: str, media_type: str, **more: Any) -> Any:
    stored = files.put_bytes(data, name=name, media_type=media_type, at=case.at)
    return recording.deposit(
        dossier_id=case.id, source="camera", file_id=stored.id, title=title, by=case.by("officer1"),
        at=case.at, **more,
    )  # fmt: skip


@pytest.fixture
def film(case: Drive) -> Any:
    made = made_film(0)
    assert made is not None
    record = deposited(
        case, made, "现场检查录像", "检查.mp4", "video/mp4", kind="recording", act="on_site_inspection",
        captured_at=case.at - timedelta(minutes=20), ended_at=case.at - timedelta(minutes=19),
        operator_id=case.by("officer1").person_id, statement=STATEMENT,
    )  # fmt: skip
    probe_run(record.id, at=case.at)
    return record


@pytest.fixture
def photo(case: Drive) -> Any:
    return deposited(
        case, footage.photo(), "现场照片", "现场.jpg", "image/jpeg", kind="evidence",
        evidence_kind="document", captured_at=case.at,
    )  # fmt: skip


def test_a_colleague_asks_the_head_approves_and_the_chain_tells_who_played_and_took_a_marked_copy(
    film: Any,
    case: Drive,
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
    tmp_path: Path,
) -> None:
    evidence = f"/desk/cases/{case.id}/?tab=evidence"
    colleague = desk.log_in("officer3")
    colleague.goto(evidence)
    row = colleague.locator(f"#record-{film.id}")
    assert row.get_by_role("button", name="打开").count() == 0
    row.get_by_role("link", name="申请调阅").click()
    colleague.get_by_label("用途", exact=True).select_option("evaluation")
    colleague.get_by_label("具体用途").fill("年度案卷评查")
    desk.picture(colleague, "ask")
    colleague.get_by_role("button", name="提交申请").click()
    colleague.wait_for_url(re.compile(r"/desk/access/\d+/$"))
    request = colleague.url

    head = desk.log_in("head")
    head.goto(request)
    assert "年度案卷评查" in head.locator("main").inner_text()
    desk.picture(head, "answer")
    head.get_by_role("button", name="批准", exact=True).click()
    head.get_by_text("已批准调阅").wait_for()

    colleague.goto(request)
    colleague.get_by_role("link", name="去查阅").click()
    row.get_by_text("调阅", exact=True).first.click()
    with colleague.context.expect_page() as opened:
        row.get_by_role("button", name="打开").click()
    player = opened.value
    player.locator("#player").evaluate(
        """p => {
            p.muted = true;
            const moved = new Promise((done) => {
                p.addEventListener('timeupdate', () => p.currentTime > 0 && done());
                setTimeout(done, 15000);
            });
            return p.play().then(() => moved).then(() => p.pause());
        }"""
    )
    assert player.evaluate("document.getElementById('player').currentTime") > 0

    with colleague.context.expect_page() as opened:
        row.get_by_role("button", name="下载水印副本").click()
    copy = opened.value
    copy.wait_for_url(re.compile(r"/made/\d+/$"))
    assert "等待制作" in copy.locator("main").inner_text()
    outbox.run_due(moment())
    with copy.expect_download() as waited:
        copy.get_by_role("link", name="下载水印副本").click()
    taken = tmp_path / "副本.mp4"
    waited.value.save_as(taken)
    assert marked(taken, made_film(0) or b"") > 1000, "the mark is in the picture"

    officer = desk.log_in("officer1")
    officer.goto(evidence)
    officer.locator(f"#record-{film.id}").get_by_role("link", name="保管链").click()
    told = officer.locator("#main, main").first.inner_text()
    for words in ("赵某丁", "播放", "取走水印副本", "案卷评查", "经批准调阅"):
        assert words in told, words
    assert "custody:viewed" not in told
    desk.picture(officer, "chain")
    officer.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert wide(officer) <= 0
    desk.picture(officer, "chain-phone")


def _first(source: Path | io.BytesIO) -> Image.Image:
    with av.open(source if isinstance(source, io.BytesIO) else str(source)) as box:
        return next(box.decode(video=0)).to_image().convert("L")


def marked(copy: Path, original: bytes) -> int:
    """How many pixels of the copy's first frame are another shade than the original's, by more than
    encoding it again explains."""
    return sum(ImageChops.difference(_first(copy), _first(io.BytesIO(original))).histogram()[12:])


def test_boxes_drawn_by_mouse_and_by_keyboard_are_previewed_and_what_is_made_is_covered(
    photo: Any,
    case: Drive,
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
) -> None:
    officer = desk.log_in("officer1")
    officer.goto(f"/desk/cases/{case.id}/?tab=evidence")
    officer.locator(f"#record-{photo.id}").get_by_role("link", name="遮挡、截取").click()
    picture = officer.locator("[data-picture]")
    picture.evaluate("i => i.decode()")

    # The mouse: from the corner of the square to the opposite one.
    seen = officer.locator("[data-canvas]").bounding_box()
    scale = seen["width"] / 160
    x, y, w, h = footage.SECRET
    officer.mouse.move(seen["x"] + x * scale, seen["y"] + y * scale)
    officer.mouse.down()
    officer.mouse.move(seen["x"] + (x + w / 2) * scale, seen["y"] + (y + h / 2) * scale)
    officer.mouse.move(seen["x"] + (x + w) * scale, seen["y"] + (y + h) * scale)
    officer.mouse.up()
    rows = officer.locator("[data-row]")
    assert _numbers(rows.nth(0)) == pytest.approx([x, y, w, h], abs=1)

    # The keyboard: the second line typed, its corner nudged by the arrows.
    rows.nth(1).get_by_label("左").focus()
    for value in ("100", "80", "30", "20"):
        officer.keyboard.type(value)
        officer.keyboard.press("Tab")
    rows.nth(1).get_by_label("左").focus()
    officer.keyboard.press("Shift+ArrowUp")
    officer.keyboard.press("ArrowDown")
    assert _numbers(rows.nth(1)) == [109, 80, 30, 20]
    # A third one drawn by mistake is taken away again.
    officer.mouse.move(seen["x"] + 5, seen["y"] + 5)
    officer.mouse.down()
    officer.mouse.move(seen["x"] + 60, seen["y"] + 60)
    officer.mouse.up()
    rows.nth(2).get_by_role("button", name="清除").click()
    assert rows.nth(2).get_by_label("左").input_value() == ""
    desk.picture(officer, "derive-drawn")

    officer.get_by_role("button", name="预览遮挡效果").click()
    officer.get_by_text("这是制作后的样子").wait_for()
    assert _shown(officer, 60, 60) < 40 and _shown(officer, 120, 90) < 40 < _shown(officer, 10, 10)
    assert officer.locator("[data-canvas]").is_hidden()
    desk.picture(officer, "derive-preview")
    officer.get_by_role("button", name="预览遮挡效果").click()
    officer.locator("[data-canvas]").wait_for(state="visible")
    picture.evaluate("i => i.decode()")
    assert _shown(officer, 60, 60) > 40

    officer.get_by_role("textbox", name="事由").fill("公示前遮挡无关人员")
    officer.get_by_role("button", name="制作", exact=True).click()
    officer.get_by_text("等待制作").wait_for()
    outbox.run_due(moment())
    officer.get_by_text("已存入案卷").wait_for()
    desk.picture(officer, "derive-made")
    officer.get_by_role("link", name="查看", exact=True).click()
    officer.get_by_text("现场照片（处理件）").first.wait_for()

    made = next(r for r in recording.records(case.id) if r.title == "现场照片（处理件）")
    with files.open_file(made.file.id) as stored:
        image = Image.open(io.BytesIO(stored.read())).convert("RGB")
    for at in ((60, 60), (42, 42), (77, 77), (120, 90)):
        assert max(image.getpixel(at)) < 40, at  # type: ignore[type-var]
    assert image.getpixel((10, 10))[0] > 150  # type: ignore[index]


def _numbers(row: Any) -> list[int]:
    return [int(row.get_by_label(name, exact=True).input_value()) for name in ("左", "上", "宽", "高")]


def _shown(page: Any, x: int, y: int) -> int:
    """The brightest colour of the pixel the picture on the page has at ``x``, ``y``."""
    found: int = page.evaluate(
        """([x, y]) => { const i = document.querySelector('[data-picture]'), c = document.createElement('canvas');
        c.width = i.naturalWidth; c.height = i.naturalHeight; const p = c.getContext('2d'); p.drawImage(i, 0, 0);
        return Math.max(...p.getImageData(x, y, 1, 1).data.slice(0, 3)); }""",
        [x, y],
    )
    return found
