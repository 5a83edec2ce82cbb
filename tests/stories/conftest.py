"""A whole demonstration bureau for stories: calendar, lists, papers' templates, people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.documents import actions
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.demo import BureauLoaded
from mingzhi.web.demo.drive import Bureau, Drive, Matter
from tests.made_once import made_once
from tests.web.desk_people import desk  # noqa: F401 — a fixture

MONDAY = clock.at_local(date(2026, 9, 7), 9)


def bureau_for(profile: str, at: datetime) -> Bureau:
    def make() -> BureauLoaded:
        loaded = organisations.load_bureau(profile, at=at)
        by = organisations.system_actor(loaded.body_id)
        deadlines.load_calendar(by=by, at=at)
        catalogue.load_packs(by=by, at=at)
        actions.load_templates(by=by, at=at)
        return loaded

    loaded = made_once(("bureau", profile, at), make)
    return Bureau(body_id=loaded.body_id, accounts=dict(loaded.accounts))


def a_matter(**changes: object) -> Matter:
    """Occupying a road without leave, by an evidently invented company."""
    given: dict[str, object] = {
        "cause": "涉嫌擅自占用城市道路案",
        "item_code": "urban.road-occupy",
        "summary": "巡查发现当事人未经批准在人行道上堆放货物，占用面积约十二平方米。",
        "place": "示例路 1 号门前人行道",
        "act_on": date(2026, 9, 4),
        "party": PartyInput(
            kind="legal",
            name="示例一号商贸有限公司",
            credit_code="91440803MA0000001R",
            representative="林某某",
            address="示例路 1 号",
            phone="13800000000",
        ),
        "facts_found": "当事人未经批准，在示例路 1 号门前人行道堆放货物，占用城市道路面积约十二平方米。",
        "evidence_summary": "现场检查笔录、照片、询问笔录。",
        "law_violated": "《城市道路管理条例》第二十七条",
        "law_basis": "《城市道路管理条例》第四十二条",
        "reasons": "当事人占用城市道路影响通行，已立即改正，危害较轻，依法应予处罚。",
        "fine_yuan": "2000",
    }
    return Matter(**{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture
def bureau(db: None) -> Bureau:
    return bureau_for("xiashan-chengzong", MONDAY)


@pytest.fixture
def drive(bureau: Bureau) -> Callable[..., Drive]:
    def start(**changes: object) -> Drive:
        return Drive(bureau, a_matter(**changes), MONDAY)

    return start
