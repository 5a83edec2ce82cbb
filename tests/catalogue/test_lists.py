"""The five bureaus' lists: what must be on video, what must be reviewed, from which amount a hearing."""

from datetime import date
from typing import Any

import pytest

from mingzhi.catalogue import lists, norms, packs
from mingzhi.catalogue.predicates import evaluate
from mingzhi.catalogue.shelf import Row, Shelf

DAY = date(2026, 11, 22)
SHELF = packs.shelf()
PROFILES = [p.key for p in norms.profiles()]
DISPUTE_PRONE = (
    "on_site_inspection",
    "investigation",
    "questioning",
    "hearing",
    "service_leave",
    "service_public_notice",
)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("act", ["seizure", "demolition", "premises", "coercion_other"])
def test_acts_on_property_and_person_are_on_video_whole_everywhere(profile: str, act: str) -> None:
    rule = lists.recording_rule(SHELF, body=profile, act=act, on=DAY)
    assert rule.mode == "full" and rule.citation


@pytest.mark.parametrize("act", DISPUTE_PRONE)
def test_only_xiashan_demands_video_of_dispute_prone_acts(act: str) -> None:
    modes = {p: lists.recording_rule(SHELF, body=p, act=act, on=DAY).mode for p in PROFILES}
    assert modes.pop("xiashan-chengzong") == "required"
    assert set(modes.values()) == {"situational"}
    assert "霞山区城综局" in lists.recording_rule(SHELF, body="xiashan-chengzong", act=act, on=DAY).citation


def test_other_acts() -> None:
    for act in ("registration_of_evidence", "sampling", "notice", "statement"):
        assert lists.recording_rule(SHELF, body="xiashan-chengzong", act=act, on=DAY).mode == "situational"
    assert lists.recording_rule(SHELF, body="xiashan-chengzong", act="tea", on=DAY).mode == "optional"
    assert len(lists.recording_list(SHELF, body="xiashan-chengzong", on=DAY)) >= 20


def test_a_bodys_own_row_may_tighten_but_never_loosen() -> None:
    class Body:
        id, profile = 7, "xiashan-chengzong"

    def row(code: str, mode: str) -> Row:
        data = {"mode": mode, "label": code, "citation": "本单位清单"}
        return Row("recording", "body:7", code, date(2024, 1, 1), None, data)

    shelf = Shelf([*SHELF.rows, row("notice", "required"), row("seizure", "optional")])
    assert lists.recording_rule(shelf, body=Body(), act="notice", on=DAY).mode == "required"
    assert lists.recording_rule(shelf, body=Body(), act="seizure", on=DAY).mode == "full"


def triggered(profile: str, **facts: Any) -> set[str]:
    rules = lists.review_list(SHELF, body=profile, on=DAY)
    return {rule.code for rule in rules if evaluate(rule.predicate, facts)[0]}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_five_criteria_trigger_everywhere_one_by_one(profile: str) -> None:
    names = ("public_interest", "social_risk", "major_rights", "hearing_held", "complex")
    for number, name in enumerate(names, start=1):
        assert triggered(profile, **{name: True}) == {f"C{number}"}
        assert triggered(profile, **{name: False}) == set()
    assert triggered(profile, by_law=True) == {"C7"}
    assert triggered(profile, government_name=True) == {"C8-GOVERNMENT"}
    assert triggered(profile, kinds=["03"]) == set()
    assert triggered(profile, kinds=["03", "08"]) == {"C8-KIND"}
    assert triggered(profile) == set()


def test_social_attention_is_xiashans_own() -> None:
    assert {p for p in PROFILES if triggered(p, social_attention=True)} == {"xiashan-chengzong"}


@pytest.mark.parametrize(
    ("profile", "party", "fen", "met"),
    [
        ("xian-transport", "natural", 299_999, False),
        ("xian-transport", "natural", 300_000, True),
        ("xian-transport", "organisation", 1_999_999, False),
        ("xian-transport", "organisation", 2_000_000, True),
        ("xiashan-chengzong", "natural", 999_999, False),
        ("xiashan-chengzong", "natural", 1_000_000, True),
        ("xiashan-chengzong", "sole_trader", 9_999_999, False),
        ("xiashan-chengzong", "sole_trader", 10_000_000, True),
        ("changzhi-water", "natural", 1_000_000, False),
        ("changzhi-water", "natural", 1_000_001, True),
    ],
)
def test_amounts_trigger_on_their_side_of_the_line(profile: str, party: str, fen: int, met: bool) -> None:
    assert ("C8-FINE" in triggered(profile, party_kind=party, fine_fen=fen)) is met


def test_example_amounts_say_that_they_are_examples() -> None:
    rules = {r.code: r for r in lists.review_list(SHELF, body="xian-transport", on=DAY)}
    assert rules["C8-FINE"].unconfirmed and "待核实" in rules["C8-FINE"].citation
    assert not rules["C1"].unconfirmed
    for field, natural in (("water", 500_000), ("transport", 1_000_000), ("urban", 1_000_000)):
        found = lists.hearing_threshold(SHELF, body=None, field=field, party_kind="natural", on=DAY)
        assert found.amount_fen == natural and found.unconfirmed and "待核实" in found.citation
    water = lists.hearing_threshold(
        SHELF, body="changzhi-water", field="water", party_kind="organisation", on=DAY
    )
    assert (water.amount_fen, water.inclusive) == (5_000_000, False)
    before = lists.hearing_threshold(
        SHELF, body=None, field="water", party_kind="natural", on=date(2017, 1, 1)
    )
    assert before.amount_fen is None


def test_a_body_replaces_an_example_by_its_own_amount() -> None:
    data = {"party_kind": "natural", "amount_fen": 200_000, "citation": "本省规定", "unconfirmed": False}
    shelf = Shelf(
        [*SHELF.rows, Row("hearing", "profile:xian-transport", "natural", date(2024, 1, 1), None, data)]
    )
    found = lists.hearing_threshold(
        shelf, body="xian-transport", field="transport", party_kind="natural", on=DAY
    )
    assert (found.amount_fen, found.unconfirmed) == (200_000, False)


def test_the_checklist_of_articles_30_to_33() -> None:
    rules = {r.code: r for r in lists.no_penalty_list(SHELF, body=None, on=DAY)}
    assert rules["N33A"].effect == "none" and rules["N33B"].effect == "may_none"
    assert {c for c, r in rules.items() if r.effect == "must_lighten"} >= {
        "L32A",
        "L32B",
        "L32C",
        "L32D",
        "L32E",
    }
    assert all("行政处罚法" in r.citation for r in rules.values())
    assert lists.no_penalty_list(SHELF, body=None, on=date(2021, 7, 14)) == ()
