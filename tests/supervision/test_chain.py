"""The submission chain of each bureau, the words drafted from figures, and the pictures beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import transaction

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import BodyRef
from mingzhi.organisations.models import Body
from mingzhi.organisations.permissions import Permission
from mingzhi.supervision import api as supervision
from mingzhi.supervision import chain, layout, reports
from mingzhi.supervision.commands import report
from mingzhi.supervision.counting import Count
from mingzhi.supervision.data import Figures
from mingzhi.supervision.models import ReportEvent
from mingzhi.tasks.models import Task
from mingzhi.web.demo import last_year
from mingzhi.web.demo.drive import Bureau

pytestmark = pytest.mark.django_db(databases="__all__")

JANUARY = clock.at_local(date(2026, 1, 2), 9)


def loaded(profile: str, at: datetime = JANUARY) -> tuple[Bureau, BodyRef]:
    found = organisations.load_bureau(profile, at=at)
    deadlines.load_calendar(by=organisations.system_actor(found.body_id), at=at)
    return Bureau(body_id=found.body_id, accounts=dict(found.accounts)), organisations.body(found.body_id)


def test_each_bureau_hands_its_report_on_as_its_own_document_says() -> None:
    bureau, zhenjiang = loaded("zhenjiang-chengguan")
    found = supervision.chain_standing(zhenjiang, 2025, date(2026, 1, 2))
    units = [v for v in found if v.no == 0]
    assert len(units) == 2 and all(v.receiver == "政策法规处" and v.due_on == date(2026, 1, 5) for v in units)
    assert [(v.receiver, v.due_on) for v in found[len(units) :]] == [
        ("镇江市司法局", date(2026, 1, 15)),
        ("社会公开", date(2026, 1, 31)),
    ], "31 January 2026 is a Saturday, and stays the day"
    reports.reports_due(at=JANUARY)
    assert Task.objects.filter(kind="report.link", body_id=zhenjiang.id, closed_at=None).count() == 4
    assert len(deadlines.late([zhenjiang.id], date(2026, 1, 7))) == 2
    head, mine = bureau.actor("head", JANUARY), units[0]
    assert mine.unit_id == head.unit_id
    supervision.report_send(
        body_id=zhenjiang.id, year=2025, link_no=0, unit_id=head.unit_id, by=head, at=JANUARY
    )
    with pytest.raises(MingzhiError, match="已经报送"):
        supervision.report_send(
            body_id=zhenjiang.id, year=2025, link_no=0, unit_id=head.unit_id, by=head, at=JANUARY
        )
    with pytest.raises(MingzhiError, match="not_allowed"):
        supervision.report_send(
            body_id=zhenjiang.id, year=2025, link_no=0, unit_id=units[1].unit_id, by=head, at=JANUARY
        )
    keeper, later = bureau.actor("keeper", JANUARY), clock.at_local(date(2026, 1, 6), 9)
    supervision.report_receive(
        body_id=zhenjiang.id, year=2025, link_no=0, unit_id=head.unit_id, person="周某己",
        on=date(2026, 1, 2), number="收 1 号", by=keeper, at=later,
    )  # fmt: skip
    first = supervision.chain_standing(zhenjiang, 2025, date(2026, 1, 6))
    assert (first[0].received_by, first[0].received_on, first[0].late) == ("周某己", date(2026, 1, 2), False)
    assert first[1].late and not first[1].done
    with pytest.raises(MingzhiError, match="尚未定版"):
        supervision.report_send(body_id=zhenjiang.id, year=2025, link_no=1, by=keeper, at=later)


def test_five_working_days_run_from_publication_and_no_day_is_invented_where_none_is_stated() -> None:
    bureau, xian = loaded("xian-transport")
    before = supervision.chain_standing(xian, 2025, date(2026, 1, 20))
    assert [v.due_on for v in before] == [date(2026, 1, 31), None, None]
    assert all("5 个工作日" in v.due_words for v in before[1:]), (
        "each unit reports to the bureau, never it to itself"
    )
    keeper, leader = bureau.actor("keeper", JANUARY), bureau.actor("leader", JANUARY)
    at = clock.at_local(date(2026, 1, 20), 9)
    supervision.report_freeze(
        body_id=xian.id,
        year=2025,
        narrative="全年未办理行政处罚案件，特此说明，无其他需要说明的情况。",
        by=keeper,
        at=at,
    )
    supervision.report_approve(body_id=xian.id, year=2025, by=leader, at=at)
    after = supervision.chain_standing(xian, 2025, date(2026, 1, 20))
    assert (after[0].sent_on, after[1].due_on) == (date(2026, 1, 20), date(2026, 1, 27))
    assert [d.due_on for d in deadlines.late([xian.id], date(2026, 1, 28))] == [date(2026, 1, 27)] * 2
    sent_at = clock.at_local(date(2026, 1, 26), 9)
    for head in (bureau.actor("head", sent_at), bureau.actor("head2", sent_at)):
        supervision.report_send(
            body_id=xian.id,
            year=2025,
            link_no=1,
            unit_id=head.unit_id,
            number="示字 1 号",
            by=head,
            at=sent_at,
        )
    assert deadlines.late([xian.id], date(2026, 1, 28)) == []
    assert not Task.objects.filter(kind="report.link", body_id=xian.id, closed_at=None).exists()
    assert ReportEvent.objects.filter(body_id=xian.id).count() == 3

    _bureau, changzhi = loaded("changzhi-water")
    lines = supervision.chain_standing(changzhi, 2025, date(2026, 3, 1))
    assert [(v.receiver, v.due_on) for v in lines[1:]] == [("长治市人民政府", None), ("上级主管部门", None)]
    assert lines[0].late and not any(v.late for v in lines[1:]), "no day, no lateness"
    _bureau, xiashan = loaded("xiashan-chengzong")
    (public,) = chain.links(xiashan, 2025)
    assert public.deadline is None
    assert "未定日期" in supervision.chain_standing(xiashan, 2025, date(2026, 1, 2))[0].due_words


def test_a_correction_comes_back_to_those_who_must_publish_and_send_it_and_no_clock_runs() -> None:
    bureau, changzhi = loaded("changzhi-water")
    keeper, leader = bureau.actor("keeper", JANUARY), bureau.actor("leader", JANUARY)
    at = clock.at_local(date(2026, 1, 20), 9)

    def frozen(told: str, why: str = "") -> None:
        supervision.report_freeze(
            body_id=changzhi.id,
            year=2025,
            narrative=f"全年未办理行政处罚案件，{told}。",
            reason=why,
            by=keeper,
            at=at,
        )
        supervision.report_approve(body_id=changzhi.id, year=2025, by=leader, at=at)

    def sent(link: int) -> None:
        supervision.report_send(body_id=changzhi.id, year=2025, link_no=link, by=keeper, at=at)

    def owed() -> list[tuple[str, str, date | None]]:
        open_now = Task.objects.filter(kind="report.link", body_id=changzhi.id, closed_at=None).order_by("pk")
        return [(t.title.removeprefix("2025 年度统计年报"), t.permission, t.due_on) for t in open_now]

    frozen("没有其他需要说明的情况")
    sent(1)
    sent(2)
    assert owed() == []
    at = clock.at_local(date(2026, 2, 3), 9)
    frozen("行政检查数据已另行补报", "漏报行政检查")
    again = [("（更正）：市水利局 → 长治市人民政府", "supervision:report:make", None)]
    again += [("（更正）：市水利局 → 上级主管部门", "supervision:report:make", None)]
    assert owed() == again, "the publication was approved at once, the sending waits"
    supervision.report_open(body=changzhi, year=2025, at=at)
    assert owed() == again, "looked at again by the worker, nothing is opened twice or anew"
    sent(1)
    assert owed() == again[1:]
    assert not any(v.late for v in supervision.chain_standing(changzhi, 2025, at.date())[:1])
    sent(2)
    assert owed() == []


@pytest.mark.parametrize("profile", ["xian-transport", "zhenjiang-chengguan", "changzhi-water"])
def test_the_demonstration_hands_on_every_link_in_its_bureaus_own_order(profile: str) -> None:
    bureau, body = loaded(profile)
    last_year.report(bureau, clock.at_local(date(2026, 2, 2), 9))
    links = supervision.chain_standing(body, 2025, date(2026, 2, 2))
    assert len(links) > 1 and all(x.done and (x.public or x.received_on) and not x.late for x in links)
    assert not Task.objects.filter(kind="report.link", body_id=body.id, closed_at=None).exists()


def test_nobody_freezes_sends_or_approves_another_bodys_report() -> None:
    bureau, body = loaded("yongcheng-transport")
    other = bureau.actor("other", JANUARY)
    keeper = replace(bureau.actor("keeper", JANUARY), body_id=other.body_id)
    for act in (
        lambda by: supervision.report_freeze(
            body_id=body.id, year=2025, narrative="说明" * 20, by=by, at=JANUARY
        ),
        lambda by: supervision.report_send(body_id=body.id, year=2025, link_no=0, by=by, at=JANUARY),
        lambda by: supervision.report_approve(body_id=body.id, year=2025, by=by, at=JANUARY),
        lambda by: supervision.access_body(by, body.id),
    ):
        for by in (other, keeper):
            with pytest.raises(MingzhiError) as refused, transaction.atomic():
                act(by)
            assert refused.value.status in (403, 404)


def test_a_unit_reports_its_own_and_takes_back_no_more_than_it_reported() -> None:
    bureau, body = loaded("yongcheng-transport")
    other_unit = organisations.units(bureau.actor("other", JANUARY).body_id)[0]
    keeper = bureau.actor("keeper", JANUARY)
    unit = organisations.units(body.id, "enforcement")[0]

    def told(cases: int, unit_id: int = unit.id) -> int:
        return supervision.supplement_report(
            body_id=body.id, unit_id=unit_id, year=2025, cell="inspection.done", cases=cases,
            source="行政检查台账", by=keeper, at=JANUARY,
        )  # fmt: skip

    told(12)
    told(-12)
    with pytest.raises(MingzhiError, match="不能为负数|invalid"):
        told(-1)
    with pytest.raises(NotFound):
        told(3, other_unit.id)
    assert supervision.as_of(body, 2025, JANUARY).total["inspection"]["inspection.done"] == 0


def test_a_frozen_report_is_reckoned_to_the_same_after_bodies_and_units_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bureau, body = loaded("yongcheng-transport")
    keeper, unit = bureau.actor("keeper", JANUARY), organisations.units(body.id, "enforcement")[0]
    other = organisations.body(bureau.actor("other", JANUARY).body_id)
    theirs = organisations.units(other.id)[0]
    done: dict[str, Any] = {"year": 2025, "cell": "inspection.done", "source": "行政检查台账"}
    supervision.supplement_report(body_id=body.id, unit_id=unit.id, cases=12, **done, by=keeper, at=JANUARY)
    supervision.supplement_report(
        body_id=other.id, unit_id=theirs.id, cases=5, **done, by=replace(keeper, body_id=other.id), at=JANUARY
    )
    later = JANUARY + timedelta(hours=1)
    supervision.report_freeze(
        body_id=body.id, year=2025, narrative="全年未办理行政处罚案件，特此说明。" * 2, by=keeper, at=later
    )
    admin = replace(keeper, permissions=frozenset(Permission))
    organisations.unit_change(unit_id=unit.id, name="更名后的执法大队", by=admin, at=later)
    Body.objects.filter(pk=other.id).update(entrusted_by_id=body.id)
    assert supervision.as_of(body, 2025, later).total["inspection"]["inspection.done"] == 17
    frozen = supervision.version(body.id, 2025, 1)
    assert supervision.recomputed(frozen) == ([], True)
    _table, column = supervision.find_column("inspection", "inspection.done") or ("", None)
    assert column is not None
    for known, sums in ((supervision.spoken_for(frozen), [12]), (None, [12, 5])):
        opened = supervision.behind(body, 2025, column, moment=frozen.as_of, known=known)
        assert [s.cases for s in opened.supplements] == sums, "a figure opens to what it was made of"
    monkeypatch.setenv("MINGZHI_PROFILE", "yongcheng-transport")
    told = CliRunner().invoke(report, ["annual", "2025"])
    assert told.exit_code == 0 and "17" in told.output, told.output


def figures_of(sums: dict[str, Count], year: int = 2025) -> Figures:
    values = layout.figures(sums, ("行政处罚", "行政检查"))
    return Figures(year, values, (), (), tuple((0, 0) for _ in range(12)), 40, 39)


def test_the_words_tell_corrections_and_satisfaction_as_counted() -> None:
    sums = {
        "filed": Count(9), "closed": Count(7), "lenient": Count(2), "reviewed": Count(4), "review_problem": Count(1),
        "decided.03.ordinary": Count(5, 1_234_500), "decided.01.summary": Count(3), "inspection.done": Count(120),
        "remedy.reconsideration": Count(3), "annulled.reconsideration": Count(1),
        "survey.asked": Count(200), "survey.satisfied": Count(191),
    }  # fmt: skip
    before = figures_of({"decided.03.ordinary": Count(10, 5_000_000)}, 2024)
    words = supervision.narrative_draft(
        "某某局", figures_of(sums), in_wan=True, before=before, disclosed=(8, 6, 1)
    )
    for told in (
        "立案查处行政处罚案件 9 件，结案 7 件", "作出行政处罚决定 8 宗（比上年减少 2 宗，下降 20.0%）", "罚没金额 1.2345 万元",
        "罚款 5 宗、警告 3 宗", "从轻、减轻处罚 2 件", "法制审核 4 件，其中提出问题并予纠正 1 件，占 25.0%",
        "被申请行政复议 3 件，复议纠错 1 件，纠错率 33.3%", "已公示 7 件，公示率 87.5%", "按期率 75.0%", "行政检查 120 次",
        "持证率 97.5%", "满意度 95.5%",
    ):  # fmt: skip
        assert told in words, words
    assert "没收" not in words and "移送" not in words, "what did not happen is not listed"
    quiet = supervision.narrative_draft("某某局", figures_of({}), in_wan=False)
    assert "全年未作出行政处罚决定" in quiet and "未发生被申请行政复议" in quiet


def test_no_duty_is_told_from_nothing_counted() -> None:
    values = layout.figures({}, ("行政处罚", "其他"))
    assert values["penalty"]["fine"] == 0 and values["permit"]["permit.granted"] is None
    assert values["others"]["other_act"] == 0 and values["others"]["levy"] is None
    done = layout.figures({"inspection.done": Count(12)}, ("行政处罚",))["inspection"]
    assert done["inspection.done"] == 12, "what was counted is told, whatever duties the document names"
    shown = [
        supervision.figure(c, v, in_wan=True)
        for c, v in zip(layout.TABLES[0].columns, (None, 0), strict=False)
    ]
    assert shown == ["—", "0"]


def test_pictures_escape_names_and_carry_every_figure() -> None:
    for draw in (supervision.charts.lying, supervision.charts.standing):
        svg = draw([("<甲>&", 3), ("乙", 0), ("丙", 12_000)], '说明"图')
        assert (
            "<甲>" not in svg
            and "&lt;甲&gt;&amp;" in svg
            and "12,000" in svg
            and 'aria-label="说明&quot;图"' in svg
        )
    assert supervision.charts.stacked([("甲", 0, 0, 0)], "空").count("<rect") == 0


def test_a_picture_is_as_wide_as_where_it_stands_a_phone_or_a_page() -> None:
    for svg in (
        supervision.charts.lying([("甲" * 60, 3), ("乙", 12_000)], "一"),
        supervision.charts.standing([(f"{n}月", n) for n in range(1, 13)], "二"),
        supervision.charts.stacked([("甲", 3, 2, 1), ("乙", 0, 0, 9)], "三"),
    ):
        assert "viewBox" not in svg, "what is scaled to fit cannot be read"
        bars = re.findall(r'<rect x="([\d.]+)%" y="[\d.]+" width="([\d.]+)%"', svg)
        assert len(bars) == svg.count("<rect") > 1
        assert all(float(x) + float(long) <= 100.01 for x, long in bars)
        assert all(len(name) <= 22 for name in re.findall(r">(甲+…?)<", svg))


def test_what_was_entered_a_moment_ago_is_waited_for_and_not_left_out_of_the_tables() -> None:
    bureau, changzhi = loaded("changzhi-water")
    keeper, at = bureau.actor("keeper", JANUARY), clock.at_local(date(2026, 1, 6), 9)
    unit = organisations.units(changzhi.id)[0]
    supervision.supplement_report(
        body_id=changzhi.id,
        unit_id=unit.id,
        year=2025,
        cell="levy",
        cases=3,
        source="征收台账",
        by=keeper,
        at=at,
    )

    def freeze(minutes: int) -> int:
        return supervision.report_freeze(
            body_id=changzhi.id, year=2025, narrative="全年办理行政征收三次，没有其他需要说明的情况。", by=keeper,
            at=at + timedelta(minutes=minutes),
        )  # fmt: skip

    with pytest.raises(MingzhiError) as early:
        freeze(1)
    assert early.value.code == "supervision.just_changed" and "两分钟后" in early.value.remedy
    assert freeze(2) == 1
    assert supervision.version(changzhi.id, 2025, 1).figures.total["others"]["levy"] == 3
