"""The archivist's work in a real browser: archive a closed case, have it bound and packed, check the package."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.db import connections

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger.sequencer import open_log
from mingzhi.ledger.verify_package import verify_package
from mingzhi.outbox import api as outbox
from mingzhi.web.demo.drive import Drive
from tests.stories.by_hand import Moment
from tests.stories.test_working_day_browser import PHONE, Desk, desk, drive, moment, send, wide

__all__ = ["desk", "drive", "moment"]
pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


def worker(page: Any) -> None:
    """Everything that waits for the worker, done, once the page has all it asked for. In a thread of its
    own: the browser's driver keeps an event loop in this one, and the signer wants to start its own."""
    page.wait_for_load_state("networkidle")

    def work() -> None:
        open_log(at=clock.now())
        ledger.sequence(at=clock.now())
        while outbox.run_due(clock.now(), 100):
            pass
        connections.close_all()

    with ThreadPoolExecutor(1) as one:
        one.submit(work).result()


def test_a_closed_case_is_archived_bound_packed_and_checked(
    desk: Desk, drive: Callable[..., Drive], moment: Moment, tmp_path: Path
) -> None:
    case = drive()
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    case.serve("P18", "decision_serve")
    case.pay()
    case.close()
    moment.now = case.at
    archivist = desk.log_in("archivist")
    archivist.get_by_role("link", name="案卷归档").click()
    archivist.get_by_role("link", name=case.matter.cause).click()
    assert "卷内材料齐全，可以归档" in archivist.locator("#complete").inner_text()
    archivist.locator("#complete").get_by_role("link", name="归档").click()
    send(archivist, "归档")
    archivist.wait_for_url(f"**/desk/cases/{case.id}/**")
    worker(archivist)

    archivist.goto(f"/desk/archive/{case.id}/")
    assert "永久" in archivist.locator("main").inner_text()
    copies = archivist.locator("#copies")
    for kind in ("全卷 PDF", "档案包"):
        copies.get_by_label("制作", exact=True).select_option(label=kind)
        copies.get_by_role("button", name="开始制作").click()
        archivist.wait_for_load_state()
    assert "正在后台制作" in copies.inner_text()
    worker(archivist)
    archivist.reload()
    desk.picture(archivist, "archive-one")

    kept: dict[str, Path] = {}
    for kind in ("全卷 PDF", "档案包"):
        block = (
            copies.locator(".side-field", has_text=kind)
            .filter(has=archivist.get_by_role("button", name="下载"))
            .first
        )
        block.get_by_label("用途").fill("移交区档案馆")
        response = archivist.request.post(
            block.locator("form").get_attribute("action"),
            form={
                "purpose": "移交区档案馆",
                "csrfmiddlewaretoken": block.locator("input[name=csrfmiddlewaretoken]").input_value(),
            },
            headers={"Referer": archivist.url},
        )
        assert response.ok
        kept[kind] = tmp_path / kind
        kept[kind].write_bytes(response.body())
    pdf = pypdfium2.PdfDocument(kept["全卷 PDF"])
    assert [m.get_title() for m in pdf.get_toc() if m.level == 0] == ["正卷", "副卷"]
    report = verify_package(kept["档案包"], vkeys=ledger.verifier_keys())
    assert report.ok and not any(c.skipped for c in report.checks.values())

    archivist.get_by_role("link", name="四性检测").click()
    assert "检测通过" in archivist.locator("main").inner_text()
    desk.picture(archivist, "archive-report")
    archivist.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for address in (
        "/desk/archive/",
        f"/desk/archive/{case.id}/",
        "/desk/archive/lists/",
        "/desk/archive/ledger/",
    ):
        archivist.goto(address)
        assert wide(archivist) <= 0, address
