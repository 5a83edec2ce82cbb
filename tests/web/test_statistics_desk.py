"""From a decision to the published annual report and its correction, over HTTP."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from mingzhi.kernel import clock
from mingzhi.publication.models import PublicReport
from mingzhi.supervision.models import ReportVersion
from mingzhi.web.demo.drive import Bureau, Drive

pytestmark = pytest.mark.django_db(databases="__all__")

NEW_YEAR = clock.at_local(date(2027, 1, 4), 10)
WEEK_AFTER = clock.at_local(date(2027, 1, 11), 10)


def text(answer: Any) -> str:
    return b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()


def test_a_decision_is_counted_opened_frozen_published_and_corrected(
    drive: Callable[..., Drive],
    bureau: Bureau,
    desk: Callable[..., Client],
    freeze: Callable[[datetime], None],
    client: Client,
) -> None:
    case = drive()
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    year = f"/desk/statistics/{bureau.body_id}/2026/"

    freeze(case.at)
    keeper, leader = desk("keeper"), desk("leader")
    page = text(keeper.get(year))
    assert "重大决定审核率" in page and "首次审核发现问题" in page
    assert "本年度尚未结束" in page and "0.20" in page, "2,000.00 yuan, shown in 万元"
    opened = text(keeper.get(f"{year}figure/?table=penalty&column=fine"))
    assert case.dossier is not None and case.dossier.number in opened
    assert case.matter.party.name not in opened, "who counts needs no names"
    refused = keeper.post(
        f"{year}?tab=words", {"act": "freeze", "narrative": "本年度执法情况说明，共二十个字以上的说明。"}
    )
    assert refused.status_code == 422 and "尚未结束" in text(refused)
    assert desk("officer1").get(year).status_code == 403
    assert desk("other").get(year).status_code in (403, 404)

    freeze(NEW_YEAR)
    words = text(keeper.get(f"{year}?tab=words"))
    assert "作出行政处罚决定 1 宗" in words and "罚款 1 宗" in words
    told = "一、行政处罚情况\n2026 年，本机关作出行政处罚决定 1 宗，均为罚款。"
    assert keeper.post(f"{year}?tab=words", {"act": "freeze", "narrative": told}).status_code == 302
    assert keeper.post(f"{year}?tab=words", {"act": "approve"}).status_code == 403, (
        "who compiled does not approve"
    )
    approve = {"act": "approve", "no": "1"}
    assert leader.post(f"{year}?tab=words", {**approve, "no": "2"}).status_code == 409, "not the one read"
    assert leader.post(f"{year}?tab=words", approve).status_code == 302
    assert leader.post(f"{year}?tab=words", approve).status_code == 409

    listed = text(client.get("/reports/"))
    assert "2026 年度" in listed
    one = f"/reports/{PublicReport.objects.get(no=1).pk}/"
    assert one in listed
    first = text(client.get(one))
    assert "均为罚款" in first and "第 2 版" not in first
    pdf = b"".join(client.get(f"{one}pdf").streaming_content)  # type: ignore[attr-defined]
    assert pdf[:5] == b"%PDF-"
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(client.get(f"{one}xlsx").streaming_content)))  # type: ignore[attr-defined]
    rows = book.get_sheet_by_name("合计").to_python()
    assert ["罚款", "宗", 1.0] in [r[:3] for r in rows] and ["罚没金额", "万元", 0.2] in [r[:3] for r in rows]

    freeze(WEEK_AFTER)
    entered = {
        "act": "supplement",
        "unit": str(case.dossier.unit_id),
        "cell": "inspection.done",
        "cases": "12",
        "source": "检查台账",
    }
    assert keeper.post(f"{year}?tab=supplements", entered).status_code == 302
    lowered = keeper.post(f"{year}?tab=supplements", {**entered, "cases": "-13"})
    assert lowered.status_code == 422 and "不能为负数" in text(lowered)
    counted = keeper.post(f"{year}?tab=supplements", {**entered, "cell": "filed"})
    assert counted.status_code == 422, "what cases tell is not reported by hand"

    inspected = text(keeper.get(f"{year}figure/?table=inspection&column=inspection.done"))
    assert "检查台账" in inspected, "a figure opens to what was reported as well"
    assert "检查台账" not in text(keeper.get(f"{year}figure/?table=inspection&column=inspection.done&no=1"))

    freeze(clock.at_local(date(2027, 1, 12), 10))
    no_reason = keeper.post(f"{year}?tab=words", {"act": "freeze", "narrative": told})
    assert no_reason.status_code == 422 and "更正理由" in text(no_reason)
    corrected = {"act": "freeze", "narrative": told, "reason": "补充行政检查次数"}
    assert keeper.post(f"{year}?tab=words", corrected).status_code == 302
    again = keeper.post(f"{year}?tab=words", corrected)
    assert again.status_code == 409, "nothing changed, no version"
    assert leader.post(f"{year}?tab=words", {**approve, "no": "2"}).status_code == 302
    second = text(client.get(f"/reports/{PublicReport.objects.get(no=2).pk}/"))
    assert "补充行政检查次数" in second and "0 → 12" in second
    assert "本版已被更正" in text(client.get(one))

    rechecked = text(keeper.get(f"{year}versions/1/?check=1"))
    assert "与定版时一致" in rechecked and "不一致" not in rechecked.replace("摘要不一致", "")
    assert case.dossier.number in text(keeper.get(f"{year}figure/?table=penalty&column=total&no=1"))
    assert [v.no for v in ReportVersion.objects.order_by("no")] == [1, 2]
    for wrong in (
        "figure/?table=x&column=y",
        "versions/9/",
        "versions/1/exe",
        "versions/99999999999999999999/",
    ):
        assert keeper.get(year + wrong).status_code == 404, wrong
    assert client.get("/reports/99999999999999999999/").status_code == 404
    assert client.get(year).status_code == 302, "not for the public"


def test_the_chain_is_walked_with_receipts_and_its_to_dos(
    bureau: Bureau, desk: Callable[..., Client], freeze: Callable[[datetime], None]
) -> None:
    from mingzhi.supervision import reports

    freeze(NEW_YEAR)
    reports.reports_due(at=NEW_YEAR)
    reports.reports_due(at=NEW_YEAR)
    year = f"/desk/statistics/{bureau.body_id}/2026/"
    leader = desk("leader")
    assert text(leader.get("/desk/")).count("2026 年度统计年报") == 1
    chain = text(leader.get(f"{year}?tab=chain"))
    assert "社会公开" in chain and "2027-01-31" in chain, "a Sunday, and the day all the same"
    freeze(clock.at_local(date(2027, 2, 3), 10))
    late = text(desk("keeper").get("/desk/statistics/"))
    assert "应于 2027-01-31 完成" in late
    assert "有 1 个环节逾期未办" in text(desk("keeper").get(f"{year}?tab=chain"))
