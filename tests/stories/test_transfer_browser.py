"""移交档案馆 in a real browser: proposed, approved on the leader's phone, handed over, and answered by the archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mingzhi.ledger.sequencer import open_log
from tests.dossiers.transfer_desk import ARCHIVE
from tests.dossiers.transfer_desk import Desk as Room
from tests.stories.by_hand import Moment
from tests.stories.conftest import MONDAY, bureau_for
from tests.stories.test_working_day_browser import PHONE, Desk, desk, moment, send, wide  # noqa: F401 — fixtures

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]


def test_a_due_dossier_goes_to_the_archive_and_its_receipt_closes_the_list(
    desk: Desk,  # noqa: F811
    moment: Moment,  # noqa: F811
    transactional_db: None,
    tmp_path: Path,
) -> None:
    bureau = bureau_for("xiashan-chengzong", MONDAY)
    open_log(at=MONDAY)
    room = Room(bureau)
    room.old()
    archivist = desk.log_in("archivist")
    archivist.goto("/desk/archive/transfers/")
    archivist.get_by_label("接收档案馆").fill("示例区档案馆")
    archivist.get_by_label("内容描述").fill("行政处罚案卷，2014 年度，1 卷")
    send(archivist, "提出移交清单")
    archivist.wait_for_url("**/desk/archive/transfers/*/")
    address = archivist.url
    number = int(address.rstrip("/").rpartition("/")[2])

    leader = desk.log_in("leader")
    leader.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    leader.goto(address)
    assert not wide(leader)
    approve, dossier = leader.get_by_role("button", name="同意移交"), leader.locator("[id^=line-]").first
    assert _top(approve) < _top(dossier), "the decision does not lie below the dossiers"
    send(leader, "同意移交")
    leader.get_by_text("正在后台制作档案包").wait_for()
    room.work()

    archivist.goto(address)
    archivist.get_by_label("载体类型、规格").fill("移动硬盘 1 TB")
    archivist.get_by_label("载体起止顺序号").fill("001—001")
    archivist.get_by_label("审核人").fill("王某某")
    send(archivist, "登记移交")
    archivist.get_by_text("已移交，待登记回执").wait_for()
    note = tmp_path / "回执.txt"
    note.write_text(room.receipt(number), "utf-8")
    archivist.get_by_text("登记电子回执").click()
    archivist.get_by_label("回执文件").set_input_files(str(note))
    archivist.get_by_label("接收方回执公钥").fill(str(ARCHIVE.verifier))
    send(archivist, "验签并登记")
    archivist.get_by_text("档案馆已接收").wait_for()
    assert room.view(number).state == "done" and desk.complaints == []


def _top(found: Any) -> float:
    return float(found.bounding_box()["y"])
