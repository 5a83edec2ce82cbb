"""The public flow chart and the enforced table cannot differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client, override_settings

from config import checks
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.data import quoted
from mingzhi.catalogue.models import ListVersion
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.procedures import api as procedures
from mingzhi.procedures import registry
from mingzhi.web import charts, flowchart, listing
from mingzhi.web.demo.drive import Bureau
from tests.stories.conftest import MONDAY
from tests.web.test_lists_desk import published, said

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = clock.local_date(MONDAY)


@pytest.fixture(autouse=True)
def monday(freeze: Any) -> None:
    freeze(MONDAY)


def shapes(svg: str, kind: str) -> list[str]:
    """What each drawn shape of a kind says, whole."""
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    return [
        "".join(t.text or "" for t in g.iter(f"{space}text"))
        for g in root.iter(f"{space}g")
        if g.get("class") == kind
    ]


def test_every_state_and_every_step_of_every_table_is_drawn_once(
    desk: Callable[..., Client], bureau: Bureau, client: Client
) -> None:
    body = organisations.body(bureau.body_id)
    for table in charts.drawn():
        made = desk("keeper").post("/desk/procedures/", {"chart": table.code})
        assert made.status_code == 302, said(made)[-2000:]
        version = published(desk, made.url)
        rows = list(public_lists.rows_page(version, 0, version.count))
        assert rows == procedures.chart_rows(table, body, DAY)
        svg = listing.chart_svg(version)
        states, steps = shapes(svg, "state"), shapes(svg, "step")
        assert states == [s.label for s in table.states]
        # In the chart a step stands under the state it begins in; as a set they are the table's rows.
        assert len(steps) == len(table.rows)
        for row in table.rows:
            mine = [s for s in steps if s.startswith(f"{row.label}由：")]
            assert len(mine) == 1 and quoted(row.citation).replace(" ", "") in mine[0].replace(" ", ""), (
                row.verb
            )
            for one in row.clocks:
                assert one.label in mine[0]
        page = said(client.get(f"/procedures/{table.code}/?body={body.id}"))
        assert svg in page and "<script" not in page.split("<main")[1]
        drawing = client.get(f"/procedures/{table.code}/chart.svg?body={body.id}")
        assert drawing["Content-Type"].startswith("image/svg+xml") and said(drawing) == svg
        assert "与程序表一致" in said(desk("keeper").get("/desk/procedures/"))
        again = desk("keeper").post("/desk/procedures/", {"chart": table.code})
        assert again.status_code == 422 and "不需要重新制作" in said(again)
    assert client.get("/procedures/none/").status_code == 404
    listed = said(client.get(f"/procedures/?body={body.id}"))
    assert [p.code for p in charts.drawn() if f"/procedures/{p.code}/?body=" not in listed] == []

    # A table that changes without a new chart is a finding, whatever part of it changed.
    with override_settings(PROFILE=body.profile):
        assert list(checks.charts(deploy=False)) == []
        table = charts.drawn()[0]
        for changed in (
            replace(table, rows=table.rows[:-1]),
            replace(table, rows=(replace(table.rows[0], citation="另一条"), *table.rows[1:])),
            replace(table, rows=(replace(table.rows[0], guards=()), *table.rows[1:])),
            replace(table, states=(replace(table.states[0], label="另一状态"), *table.states[1:])),
        ):
            versions = registry._tables[table.code]
            registry._tables[table.code] = [changed]
            try:
                found = list(checks.charts(deploy=False))
            finally:
                registry._tables[table.code] = versions
            assert [f.id for f in found] == ["mingzhi.W070"] and table.name in found[0].sentence


def test_a_procedure_without_a_public_chart_is_a_finding_and_only_a_keeper_makes_one(
    desk: Callable[..., Client], bureau: Bureau
) -> None:
    with override_settings(PROFILE=organisations.body(bureau.body_id).profile):
        assert len(list(checks.charts(deploy=False))) == len(charts.drawn())
    assert desk("officer1").post("/desk/procedures/", {"chart": "penalty.ordinary"}).status_code == 403
    assert desk("keeper").post("/desk/procedures/", {"chart": "none"}).status_code == 404
    assert not ListVersion.objects.exists()


def test_lines_lead_where_the_table_leads_and_nothing_is_drawn_over_the_edge() -> None:
    a, b = flowchart.Node("甲", "启动"), flowchart.Node("乙<b>", "归档", final=True)
    steps = [
        flowchart.Node("进", "启动", sources=("甲",), targets=("乙<b>",), who="某人", citation="长" * 90),
        flowchart.Node("退", "归档", sources=("乙<b>", "甲"), targets=("甲",)),
        flowchart.Node("留", "启动", sources=("甲",)),
    ]
    wall = flowchart.svg("很长的名称" * 9, [a, b], steps, size=flowchart.WALL)
    assert len(shapes(wall, "step")) == 3
    assert {int(n) for n in re.findall(r'font-size="(\d+)"', wall)} == {22, 21, 19}
    # On a sheet the small type keeps seven points and a half: one of two columns is 367 points wide.
    assert 19 * 367 / int(re.search(r'viewBox="0 0 (\d+)', wall)[1]) > 7.5  # type: ignore[index]
    assert wall.count('text-anchor="middle"') == 2
    svg = flowchart.svg("示例&图", [a, b], steps)
    assert shapes(svg, "state") == ["甲", "乙<b>"] and len(shapes(svg, "step")) == 3
    # Three lines to steps from their first source, one from a second, two to the states they lead to.
    assert svg.count('<path d="M') - 1 == 6 and svg.count("stroke-dasharray") == 1
    wide, high = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())  # type: ignore[union-attr]
    for x, y, w, h in re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', svg):
        assert int(x) + int(w) < wide and int(y) + int(h) < high
    widest = max(flowchart.width_of(t, 12) for t in flowchart.wrapped("长" * 90, 12, 454))
    assert widest <= 454 and "".join(flowchart.wrapped("a长" * 40, 12, 100)) == "a长" * 40
