"""What is counted besides penalty cases: inspections by their results, and what units report beside them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from python_calamine import CalamineWorkbook

from mingzhi.double_random import api as double_random
from mingzhi.double_random import telling
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.publication.models import PublicReport
from mingzhi.supervision import api as supervision
from mingzhi.supervision import checking, figures, setup
from mingzhi.supervision.data import Figures
from mingzhi.supervision.models import Counted
from mingzhi.web.demo.cast import Bureau
from mingzhi.web.demo.drive import Drive
from tests.double_random.conftest import bureau, freeze, people
from tests.stories.conftest import MONDAY, a_matter

__all__ = ["bureau", "freeze", "people"]

pytestmark = pytest.mark.django_db(databases="__all__")

NEW_YEAR = clock.at_local(date(2027, 1, 4), 10)
YEAR = MONDAY.year


def drawn(bureau: Bureau) -> int:
    """Six targets drawn, each with two officers."""
    head, other = bureau.actor("head", MONDAY), bureau.actor("reviewhead", MONDAY)
    draw_id = double_random.draw_commit(title="占用道路检查", item_code="SJ-001", count=6, by=head, at=MONDAY)
    ledger.sequence(at=MONDAY)
    double_random.draw_make(draw_id=draw_id, words="3、8", witnesses="示例企业代表", by=other, at=MONDAY)
    return draw_id


def inspected(bureau: Bureau, draw_id: int, most: int = 6, at: datetime = MONDAY) -> list[int]:
    """Results entered by whoever went, as far as these three officers did."""
    known = {bureau.person(n, MONDAY): n for n in ("officer1", "officer2", "officer3")}
    found = []
    for task in double_random.assignments(bureau.actor("head", MONDAY), draw_id):
        goes = next((known[p.id] for p in task.officers if p.id in known), None)
        if goes is not None and not task.outcome and len(found) < most:
            by = bureau.actor(goes, at)
            found.append(
                double_random.finding_enter(
                    assignment_id=task.id, outcome="clean", facts="未发现问题", inspected_on=at.date(), by=by,
                    at=at,
                )
            )  # fmt: skip
    return found


SOON = timedelta(minutes=1)
"""What is made up for bears the moment of its writing, a little after that of the asking."""


def figure(bureau: Bureau, at: datetime = MONDAY) -> int | None:
    body = organisations.body(bureau.body_id)
    now = supervision.current(body, YEAR, at)
    assert now == supervision.as_of(body, YEAR, at + SOON), "sums equal entries"
    assert list(checking.otherwise()) == []
    return now.total["inspection"]["inspection.done"]


def text(answer: Any) -> str:
    return b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()


def test_an_inspection_counts_once_with_its_result_or_not_at_all(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_id = drawn(bureau)
    assert figure(bureau) == 0, "drawn is not inspected"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        inspected(bureau, draw_id, most=1)
        raise ZeroDivisionError
    assert figure(bureau) == 0, "an entry is there with its result, or neither"
    (one,) = inspected(bureau, draw_id, most=1)
    assert figure(bureau) == 1
    own = Counted.objects.get(finding_id=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Counted.objects.filter(pk=own.pk).update(cases=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        own.pk, own.dossier_id, own.supplement_id, own.finding_id = None, None, None, None
        own.save(force_insert=True)

    # Entered while nobody counted inspections yet: named, and made up for once.
    with monkeypatch.context() as before:
        before.setattr(telling, "_after", {})
        older = inspected(bureau, draw_id)
    assert older
    body = organisations.body(bureau.body_id)
    assert [i.id for i, _c in checking.inspections_otherwise(body)] == older
    assert any("登记的结果不符" in s for _subject, s in checking.otherwise())
    said: list[str] = []
    setup.prepare(profile="", at=MONDAY, say=said.append)
    setup.prepare(profile="", at=MONDAY, say=said.append)
    assert said == [f"统计：补计已有案件、检查 {len(older)} 件"]
    assert figure(bureau) == 1 + len(older)
    held = supervision.behind(body, YEAR, supervision.find_column("inspection", "inspection.done")[1])  # type: ignore[index]
    assert len(held.inspections) == 1 + len(older) and not held.cases and held.next is None
    matters, _sha = figures.digest(body, YEAR, MONDAY + SOON)
    assert matters == 1 + len(older)


def test_an_inspection_whose_finding_was_punished_counts_as_the_penalty_and_no_more_beside_it(
    bureau: Bureau, people: Callable[[str], Client], freeze: Callable[[datetime], None]
) -> None:
    (one,) = inspected(bureau, drawn(bureau), most=1)
    story = Drive(bureau, a_matter(fine_yuan="500", item_code="urban.littering"), MONDAY)
    freeze(MONDAY)
    head = people("head")
    task = double_random.inspections(ids=[one])[0].assignment_id
    here = f"/desk/inspections/tasks/{task}/"
    story.open("penalty.summary")
    undecided = head.post(here, {"act": "follow", "number": story.dossier.number})  # type: ignore[union-attr]
    assert undecided.status_code == 422 and "已经作出处罚决定的案卷编号" in text(undecided)
    assert people("other").post(here, {"act": "follow", "number": "1"}).status_code in (403, 404)
    story.spot()
    freeze(story.at)
    head = people("head")
    assert figure(bureau, story.at) == 1
    told = {"act": "follow", "number": story.dossier.number}  # type: ignore[union-attr]
    another = head.post(here, told)
    assert another.status_code == 422 and "该案当事人不是检查对象" in text(another)
    told["reason"] = "该店铺由该公司开办"
    assert head.post(here, told).status_code == 302
    assert head.post(here, told).status_code == 409, "told once"
    page = text(head.get(here))
    assert story.dossier.number in page and told["reason"] in page  # type: ignore[union-attr]
    assert figure(bureau, story.at + timedelta(minutes=5)) == 0
    ledger.sequence(at=story.at)
    assert ledger.fsck().findings == ()
    body = organisations.body(bureau.body_id)
    assert supervision.as_of(body, YEAR, story.at - timedelta(seconds=1)).total["inspection"] == {
        "inspection.done": 1
    }, "the past stays"


def test_a_case_filed_before_the_inspection_is_not_its_own_and_the_target_s_own_needs_no_reason(
    bureau: Bureau, people: Callable[[str], Client], freeze: Callable[[datetime], None]
) -> None:
    drawn_id, tomorrow = drawn(bureau), MONDAY + timedelta(days=1)
    (one,) = inspected(bureau, drawn_id, most=1, at=tomorrow)
    finding = double_random.inspections(ids=[one])[0]
    _view, task = double_random.assignment(bureau.actor("head", MONDAY), finding.assignment_id)
    here = f"/desk/inspections/tasks/{task.id}/"

    def punished(at: datetime, **party: str) -> Drive:
        story = Drive(bureau, a_matter(fine_yuan="500", item_code="urban.littering"), at)
        story.matter = replace(story.matter, party=replace(story.matter.party, **party))
        story.open("penalty.summary")
        story.spot()
        return story

    target = {"name": f"{task.name}（原名）", "credit_code": task.code}
    before = punished(MONDAY, **target)
    freeze(tomorrow + timedelta(hours=3))
    head = people("head")
    told = {"act": "follow", "number": before.dossier.number, "reason": "同一违法行为"}  # type: ignore[union-attr]
    refused = head.post(here, told)
    assert refused.status_code == 422 and "早于检查日期" in text(refused), "no reason makes it later"
    same = punished(tomorrow, **target)
    freeze(same.at)
    told = {"act": "follow", "number": same.dossier.number, "reason": "不需要"}  # type: ignore[union-attr]
    assert people("head").post(here, told).status_code == 302
    assert "不需要" not in text(people("head").get(here)), "one code, one party: there is nothing to explain"
    ledger.sequence(at=same.at)
    assert ledger.fsck().findings == ()


def test_what_is_counted_and_what_is_reported_stand_apart_on_every_page_and_paper(
    bureau: Bureau,
    people: Callable[[str], Client],
    freeze: Callable[[datetime], None],
    client: Client,
) -> None:
    counted = len(inspected(bureau, drawn(bureau)))
    body = organisations.body(bureau.body_id)
    unit = double_random.inspections(body_id=body.id)[0].unit_id
    here = figures.counted_here(body.id, unit, YEAR, "inspection.done")
    assert 0 < here <= counted
    year = f"/desk/statistics/{body.id}/{YEAR}/"
    freeze(MONDAY)
    keeper, leader = people("keeper"), people("leader")
    opened = text(keeper.get(f"{year}figure/?table=inspection&column=inspection.done"))
    number = double_random.inspections(body_id=body.id)[0].number
    assert number in opened and "未发现问题" in opened

    entered = {
        "act": "supplement", "unit": str(unit), "cell": "inspection.done", "cases": "12", "source": "日常检查台账",
    }  # fmt: skip
    twice = keeper.post(f"{year}?tab=supplements", entered)
    assert twice.status_code == 422 and f"本系统已统计 {here}" in text(twice)
    assert keeper.post(f"{year}?tab=supplements", {**entered, "outside": "on"}).status_code == 302
    assert f"本系统另已统计 {here}" in text(keeper.get(f"{year}?tab=supplements"))
    levied = {**entered, "cell": "permit.applied", "cases": "3"}
    assert keeper.post(f"{year}?tab=supplements", levied).status_code == 302, "none was counted here"

    now = supervision.current(body, YEAR, MONDAY)
    table, column = supervision.find_column("inspection", "inspection.done") or (None, None)
    assert table is not None and column is not None
    assert now.total["inspection"]["inspection.done"] == counted + 12
    assert now.typed == {"inspection": {"inspection.done": 12}, "permit": {"permit.applied": 3}}
    own = next(p for p in now.units if p.id == unit)
    assert own.typed["inspection"]["inspection.done"] == 12

    freeze(NEW_YEAR)
    words = text(keeper.get(f"{year}?tab=words"))
    assert "其中由承办机构补报、在本系统以外办理的有申请 3 件、行政检查 12 次" in words
    told = "一、行政检查情况\n本年度开展行政检查，数据见所附数据表，共二十个字以上。"
    assert keeper.post(f"{year}?tab=words", {"act": "freeze", "narrative": told}).status_code == 302
    assert leader.post(f"{year}?tab=words", {"act": "approve", "no": "1"}).status_code == 302
    one = f"/reports/{PublicReport.objects.get().pk}/"
    shown = " ".join(text(client.get(one)).split())
    assert f'{counted + 12} 次</td><td class="num">{counted}</td><td class="num">12</td>' in shown
    assert (
        '<td>申请</td><td class="num nowrap">3 件</td><td class="num">0</td><td class="num">3</td>' in shown
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(client.get(f"{one}xlsx").streaming_content)))  # type: ignore[attr-defined]
    rows = book.get_sheet_by_name("合计").to_python()
    assert ["行政检查", "次", float(counted + 12), float(counted), 12.0] in rows
    assert ["申请", "件", 3.0, 0.0, 3.0] in rows
    again = text(keeper.get(f"{year}versions/1/?check=1"))
    assert "与定版时一致" in again
    older = Figures.of({k: v for k, v in now.plain().items() if k != "typed"})
    assert not any(t["split"] for t in supervision.table_lines(older, in_wan=True)), (
        "a report from before says nothing of what it did not tell apart"
    )
