"""Every profile's demonstration bureau shows the public its lists, and the engine reads what they say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.web import charts
from mingzhi.web.demo import lists_room
from tests.stories.conftest import MONDAY, bureau_for

pytestmark = pytest.mark.django_db(databases="__all__")
PROFILES = (
    "xian-transport",
    "zhenjiang-chengguan",
    "changzhi-water",
    "yongcheng-transport",
    "xiashan-chengzong",
)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_bureau_shows_every_list_and_the_engine_reads_the_same(profile: str) -> None:
    bureau = bureau_for(profile, MONDAY)
    day = clock.local_date(MONDAY)
    lists_room.furnish(bureau, MONDAY)
    shown = public_lists.in_force_of(bureau.body_id, day)
    assert {v.list.kind for v in shown} == set(ListKind)
    for version in shown:
        assert version.count and public_lists.drift(version, day) == [], version.list.title
        assert all(f.held for f in public_lists.institution_findings(version, day)), version.list.title
    assert charts.stale(profile, day) == []
    approvers = {v.list.kind: v.approver for v in shown}
    assert ("市场监督管理局" in approvers["random"]) == (profile == "zhenjiang-chengguan")
    assert ("司法局" in approvers["institution"]) == (profile == "changzhi-water")
    # Who takes requests in and goes out is a squad; the number to complain to is the one every page names.
    squads = {u.name for u in organisations.units(bureau.body_id) if u.kind == "enforcement"}
    watched = next(b for b in organisations.public_bodies() if b.id == bureau.body_id).supervision_phone
    rows = {v.list.kind: dict(zip(public_lists.list_schema(v.list.kind).keys, public_lists.rows_page(v, 0, 1)[0], strict=True))
            for v in shown if v.list.kind in ("guide", "plan")}  # fmt: skip
    assert rows["guide"]["accepts"] in squads and rows["plan"]["units"] in squads
    assert watched and watched in rows["guide"]["supervision"]
    lists_room.furnish(bureau, MONDAY + timedelta(days=1))
    assert len(public_lists.in_force_of(bureau.body_id, day + timedelta(days=1))) == len(shown)
