"""The demonstration: every stage and every state of disclosure once, nothing in the future, nothing twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from mingzhi.cases.models import Clue
from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.procedures import api as procedures
from mingzhi.procedures.models import Step
from mingzhi.publication.models import Disclosure, Event
from mingzhi.web.demo import equipment, loading, matters
from mingzhi.web.demo.stories import FIRST, MIX, REST
from tests.stories.conftest import bureau_for

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = clock.at_local(date(2026, 11, 20), 16)
PROFILES = (
    "xiashan-chengzong",
    "xian-transport",
    "changzhi-water",
    "zhenjiang-chengguan",
    "yongcheng-transport",
)


def _load(profile: str, cases: int, **more: bool) -> list[loading.Told]:
    return list(loading.load(profile=profile, cases=cases, seed=0, at=NOW, **more))


def test_forty_cases_show_every_state_and_every_state_of_disclosure() -> None:
    bureau_for("xiashan-chengzong", NOW)
    told = _load("xiashan-chengzong", len(FIRST))
    assert len(told) == len(FIRST) == 40

    ordinary = {t.state for t in told if not t.story.startswith("spot")}
    wanted = {s.code for s in procedures.procedure("penalty.ordinary").states}
    assert wanted == ordinary
    spot = {t.state for t in told if t.story.startswith("spot")}
    assert {s.code for s in procedures.procedure("penalty.summary").states} == spot

    disclosed = set(Disclosure.objects.values_list("state", flat=True))
    assert {
        "scheduled",
        "collected",
        "returned",
        "checked",
        "published",
        "withdrawn",
        "withheld",
    } <= disclosed
    assert Event.objects.filter(kind="corrected").exists()
    late = Disclosure.objects.filter(state="scheduled", due_on__lt=clock.local_date(NOW))
    assert late.exists(), "one disclosure is overdue"
    assert set(Clue.objects.values_list("state", flat=True)) == {"open", "filed", "dismissed"}

    assert (
        not Step.objects.filter(at__gt=NOW).exists() and not Step.objects.filter(occurred_at__gt=NOW).exists()
    )
    assert not Event.objects.filter(at__gt=NOW).exists()
    assert procedures.inconsistencies() == []
    assert ledger.pending_count() == 0
    report = ledger.fsck()
    assert report.ok, report.findings[:5]

    before = Dossier.objects.count()
    assert before > len(FIRST), "the archive room holds older files beside them"
    assert _load("xiashan-chengzong", len(FIRST)) == [], "a second call adds nothing"
    assert len(_load("xiashan-chengzong", 2, more=True)) == 2
    assert Dossier.objects.count() == before + 2


@pytest.mark.parametrize("profile", PROFILES[1:])
def test_the_stories_run_in_the_other_bureaus(profile: str) -> None:
    bureau_for(profile, NOW)
    wanted = {"closed", "hearing arranged", "heard and closed", "minor", "spot decided"}
    bureau = loading.bureau_here(profile, NOW)
    field = catalogue.profile(profile).field
    for serial, story in enumerate(s for s in (*FIRST, *REST) if s.name in wanted):
        loading._tell(bureau, story, field=field, region="000000", serial=serial, seed=1, at=NOW)
    assert Dossier.objects.count() == len(wanted)


@pytest.mark.parametrize(
    ("after", "first"),
    [
        (datetime(2026, 11, 20, 16, 0, tzinfo=clock.CHINA), datetime(2026, 11, 23, 9, 0, tzinfo=clock.CHINA)),
        (
            datetime(2026, 11, 19, 23, 40, tzinfo=clock.CHINA),
            datetime(2026, 11, 20, 9, 0, tzinfo=clock.CHINA),
        ),
        (datetime(2026, 11, 19, 8, 0, tzinfo=clock.CHINA), datetime(2026, 11, 19, 9, 0, tzinfo=clock.CHINA)),
        (datetime(2026, 11, 19, 8, 1, tzinfo=clock.CHINA), datetime(2026, 11, 19, 15, 0, tzinfo=clock.CHINA)),
    ],
    ids=["a Friday afternoon", "at night", "an hour before", "less than an hour before"],
)
def test_rooms_are_booked_in_office_hours_of_working_days(after: datetime, first: datetime) -> None:
    deadlines.load_calendar(by=organisations.system_actor(), at=after)
    assert next(equipment.sittings(after)) == first


def test_the_ordinary_mix_runs_on_after_the_first_round() -> None:
    bureau_for("xiashan-chengzong", NOW)
    bureau = loading.bureau_here("xiashan-chengzong", NOW)
    for serial, story in enumerate(REST, start=len(FIRST)):
        loading._tell(bureau, story, field="urban", region="440803", serial=serial, seed=3, at=NOW)
    assert {s.name for s in REST} <= {s.name for s in MIX}
    assert Dossier.objects.count() == len(REST)


@pytest.mark.parametrize("field", sorted(matters.KINDS))
def test_every_fine_lies_within_the_range_of_its_item(field: str) -> None:
    on = clock.local_date(NOW) - timedelta(days=30)
    for kind in matters.KINDS[field]:
        assert catalogue.item(kind.item, on).act_type == "行政处罚"
        for fine in kind.fines:
            assert catalogue.range_problems(kind.item, "", fine * 100, on=on, party_kind="organisation") == []


def test_invented_codes_are_well_formed_and_evidently_invented() -> None:
    codes = {matters.credit_code("440803", n) for n in range(1, 300)}
    assert len(codes) == 299 and all("0000" in c for c in codes)
