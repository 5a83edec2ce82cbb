"""Norms: the nearest level with a value on the day answers; what is not confirmed says so."""

from datetime import date, timedelta

import pytest

from mingzhi.catalogue import norms
from mingzhi.catalogue.errors import NormNotInForce, NormNotSet, UnknownNorm, UnknownProfile
from mingzhi.deadlines.data import Term

DAY = date(2026, 11, 22)
PROFILES = [
    "changzhi-water",
    "xian-transport",
    "xiashan-chengzong",
    "yongcheng-transport",
    "zhenjiang-chengguan",
]


def value(name: str, profile: str, on: date = DAY) -> object:
    return norms.norm(name, body=profile, on=on).value


def test_the_shipped_rules_have_no_problem() -> None:
    book, problems = norms.examine()
    assert problems == []
    assert sorted(book.profiles) == PROFILES


# Appendix A of the rule book: id, number, unit.
APPENDIX_A = """
PEN-03 90 CD|PEN-07 7 WD|PEN-18 5 WD|PEN-19 7 WD|PEN-23 7 WD|PEN-25 15 CD|PEN-28a 2 WD|PEN-28b 2 WD|PEN-32 3 WD
ENF-03 24 H|ENF-04 30 CD|ENF-10a 3 WD|ENF-10b 30 CD|ENF-17 3 WD|ENF-20 3 M|ENF-21 10 WD
LIC-01 5 WD|LIC-04 20 WD|LIC-05 45 WD|LIC-07 10 WD|LIC-12a 5 WD|LIC-12b 20 WD|LIC-13 7 WD
REM-01 60 CD|REM-08a 10 WD|REM-08b 5 WD|REM-06 5 WD|REM-11 60 CD|REM-12 6 M|REM-13 15 CD|REM-16 15 CD
SRV-06 30 CD|TRF-02 3 CD|TRF-03 24 H|TRF-05 3 CD|TRF-06 3 CD|PUB-01 7 WD|PUB-02 20 WD|PUB-03 20 WD
REV-01 5 WD|REC-01 24 H|DEC-03 30 CD|DEC-06 7 WD
"""
TIMERS = [part.split() for line in APPENDIX_A.strip().splitlines() for part in line.split("|")]


@pytest.mark.parametrize(("number", "n", "unit"), TIMERS)
def test_every_timer_is_found_by_its_number(number: str, n: str, unit: str) -> None:
    for profile in PROFILES:
        found = norms.norm_by_id(number, body=profile, on=DAY)
        assert (found.value, found.unit) == (int(n), unit)
        assert norms.as_term(found) == Term(int(n), unit)  # type: ignore[arg-type]
        assert found.citation_text


def test_certificate_cycles_are_off_unless_the_bureau_set_them() -> None:
    assert norms.term("certificate.term.inspection", body="yongcheng-transport", on=DAY) == Term(2, "Y")
    assert norms.term("certificate.term.retraining", body="yongcheng-transport", on=DAY) == Term(4, "Y")
    with pytest.raises(NormNotSet):
        norms.term("certificate.term.inspection", body="xian-transport", on=DAY)


def test_both_sides_of_the_day_a_law_changed() -> None:
    change = date(2021, 7, 15)
    before, after = change - timedelta(days=1), change
    assert value("penalty.summary.max_natural_fen", "xiashan-chengzong", before) == 5_000
    assert value("penalty.summary.max_natural_fen", "xiashan-chengzong", after) == 20_000
    assert value("penalty.summary.max_organisation_fen", "xiashan-chengzong", before) == 100_000
    assert value("penalty.summary.max_organisation_fen", "xiashan-chengzong", after) == 300_000
    old = norms.term("penalty.term.hearing_request", body=None, on=before)
    assert (
        old == Term(3, "CD") and norms.norm("penalty.term.hearing_request", body=None, on=before).unconfirmed
    )
    assert norms.term("penalty.term.hearing_request", body=None, on=after) == Term(5, "WD")
    with pytest.raises(NormNotInForce, match="2021-07-15"):
        norms.norm("penalty.term.filing_to_decision", body=None, on=before)


def test_what_the_five_bureaus_demand_differently() -> None:
    # badge worn: S4 demands, S0 encourages
    assert value("badge.worn", "xiashan-chengzong") == "mandatory"
    assert value("badge.worn", "xian-transport") == "encouraged"
    # dispute-prone acts on video: S4 must, others by circumstance
    assert value("recording.av.dispute_prone", "xiashan-chengzong") == "required"
    for other in set(PROFILES) - {"xiashan-chengzong"}:
        assert value("recording.av.dispute_prone", other) == "situational"
    # review: unit, checks, triggers
    assert value("review.unit_name", "zhenjiang-chengguan") == "政策法规处"
    assert value("review.unit_name", "changzhi-water") == "政策法规科"
    assert value("review.unit_name", "xiashan-chengzong") == "政策法规股"
    checks = {p: [c["code"] for c in value("review.checks", p)] for p in PROFILES}  # type: ignore[attr-defined]
    assert len(checks["xian-transport"]) == len(checks["changzhi-water"]) == 9
    assert "authority" not in checks["zhenjiang-chengguan"] and "authority" in checks["xian-transport"]
    assert len(checks["xiashan-chengzong"]) == 6 and "crime" in checks["xiashan-chengzong"]
    triggers = {p: {c["code"] for c in value("review.triggers", p)} for p in PROFILES}  # type: ignore[attr-defined]
    assert {p for p in PROFILES if "social_attention" in triggers[p]} == {"xiashan-chengzong"}
    # annual chain: S1 5 and 15 January, S0 five working days after publishing
    chain = value("annual.chain", "zhenjiang-chengguan")
    assert [step["deadline"] for step in chain] == ["01-05", "01-15", "01-31"]  # type: ignore[attr-defined]
    assert value("annual.chain", "xian-transport")[1]["deadline"] == "+5WD"  # type: ignore[index]
    # approvals and channels
    assert value("lists.approval.guide", "changzhi-water") == "filing"
    assert value("lists.approval.guide", "zhenjiang-chengguan") == "internal"
    assert value("lists.approval.random", "xiashan-chengzong") == "none"
    assert "政府法制部门" in str(value("lists.approval.item", "yongcheng-transport"))
    assert "市场监督管理局" in str(value("lists.approval.random", "zhenjiang-chengguan"))
    assert len(value("publication.channels", "zhenjiang-chengguan")) == 4  # type: ignore[arg-type]
    assert len(value("window.fields", "xian-transport")) == 5  # type: ignore[arg-type]
    assert len(value("window.fields", "changzhi-water")) == 9  # type: ignore[arg-type]
    # advisers may stand in only where the bureau's own document says so
    assert value("review.advisers_count", "zhenjiang-chengguan") is True
    assert value("review.advisers_count", "changzhi-water") is False
    assert value("supervision.body", "changzhi-water") == "长治市司法局执法协调监督科"


def test_levels_are_tried_nearest_first() -> None:
    assert norms.norm("annual.chain", body="zhenjiang-chengguan", on=DAY).level == "city/zhenjiang"
    assert norms.norm("publication.channels", body="xian-transport", on=DAY).level == "province/shaanxi"
    assert (
        norms.norm("review.unit_name", body="xiashan-chengzong", on=DAY).level == "bureau/xiashan-chengzong"
    )
    # before the bureau's own document the nation's rule answers
    assert norms.norm("badge.worn", body="xian-transport", on=date(2019, 6, 1)).level == "national"


def test_lookups_name_what_is_missing() -> None:
    with pytest.raises(UnknownProfile, match="xiashan-chengzong"):
        norms.norm("badge.worn", body="nobody", on=DAY)
    with pytest.raises(UnknownNorm):
        norms.norm("no.such", body=None, on=DAY)
    with pytest.raises(UnknownNorm):
        norms.norm_by_id("PEN-99", body=None, on=DAY)
    with pytest.raises(UnknownNorm, match="不是期限"):
        norms.term("badge.worn", body=None, on=DAY)
    with pytest.raises(NormNotSet, match="待核实"):
        norms.term("penalty.term.filing", body=None, on=DAY)


def test_answers_cannot_be_changed_and_are_remembered() -> None:
    found = norms.norm("review.checks", body="xian-transport", on=DAY)
    with pytest.raises(TypeError):
        found.value[0]["label"] = "改写"
    assert norms.norm("review.checks", body="xian-transport", on=DAY) is found


def test_defaults_without_a_law_say_so() -> None:
    for name in ("penalty.term.statement", "penalty.term.summary_report", "penalty.term.closing"):
        found = norms.norm(name, body="xiashan-chengzong", on=DAY)
        assert found.unconfirmed and "待核实" in found.citation_text


def test_profiles_carry_what_the_documents_give() -> None:
    regions = {p.key: p.region_code for p in norms.profiles()}
    assert regions == {
        "xian-transport": "610100",
        "zhenjiang-chengguan": "321100",
        "changzhi-water": "140400",
        "yongcheng-transport": "411481",
        "xiashan-chengzong": "440803",
    }
    assert {p.field for p in norms.profiles()} == {"transport", "urban", "water"}
    every = norms.norms_in_profile("xiashan-chengzong", on=DAY)
    assert len(every) > 100 and all(n.citations for n in every)
