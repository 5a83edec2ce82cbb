"""From facts to a proposal: both sides of each line, bounds that hold for every amount, lines on stdin."""

import json
from datetime import date
from fractions import Fraction

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.catalogue import discretion, packs
from mingzhi.catalogue.commands import discretion as command
from mingzhi.catalogue.data import Fine, Proposal
from mingzhi.catalogue.errors import BadFacts, UnknownItem

DAY = date(2026, 11, 22)
SHELF = packs.shelf()


def propose(item: str, **facts: object) -> Proposal:
    return discretion.propose(SHELF, item, facts, on=DAY)


def overload(over: int, limit: int = 18_000) -> Proposal:
    return propose("transport.overload", limit_kg=limit, gross_kg=limit + over)


def test_every_benchmark_tells_its_tiers_in_words_the_stepped_ones_too() -> None:
    rows = SHELF.all("benchmark", ("national",), DAY)
    assert {row.data.get("method", "tiers") for row in rows} == {"tiers", "steps"}
    assert all(discretion.tiers(row) for row in rows)
    stepped = dict(discretion.tiers(discretion.benchmark(SHELF, "transport.overload", DAY, None)))
    assert stepped["警告"] == "车货总质量超过限定标准，超出部分未超过 1000 千克"
    assert "每满 1000 千克罚款 500 元，最高 30,000 元" in stepped["罚款"]
    assert discretion.tiers(None) == ()


@pytest.mark.parametrize(
    ("over", "result", "yuan"),
    [
        (-18_000, "不超限", 0),
        (-1, "不超限", 0),
        (0, "不超限", 0),
        (1, "警告", 0),
        (999, "警告", 0),
        (1_000, "警告", 0),
        (1_001, "罚款", 500),
        (1_500, "罚款", 500),
        (1_999, "罚款", 500),
        (2_000, "罚款", 1_000),
        (59_999, "罚款", 29_500),
        (60_000, "罚款", 30_000),
        (60_999, "罚款", 30_000),
        (61_000, "罚款", 30_000),
        (90_000, "罚款", 30_000),
    ],
)
def test_overload_lines(over: int, result: str, yuan: int) -> None:
    made = overload(over)
    assert (made.result, made.fine_fen) == (result, yuan * 100)
    assert made.kinds == {"不超限": (), "警告": ("01",), "罚款": ("03",)}[result]
    assert all("第四十三条" in step.citation for step in made.steps)


@given(limit=st.integers(1, 100_000), over=st.integers(-100_000, 200_000))
def test_overload_is_the_whole_tonnes_over_capped(limit: int, over: int) -> None:
    if limit + over < 0:
        return
    made = overload(over, limit)
    expected = min(over // 1000 * 500, 30_000) if over > 1000 else 0
    assert made.fine_fen == expected * 100
    assert (made.result == "不超限") == (over <= 0)
    assert overload(over + 1, limit).fine_fen >= made.fine_fen  # type: ignore[operator]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"limit_kg": 18_000},
        {"gross_kg": 19_500},
        {"limit_kg": 0, "gross_kg": 1},
        {"limit_kg": -1, "gross_kg": 1},
        {"limit_kg": 18_000, "gross_kg": -1},
        {"limit_kg": 18_000, "gross_kg": 19_500.5},
        {"limit_kg": 18_000, "gross_kg": "19500"},
        {"limit_kg": True, "gross_kg": 19_500},
        {"limit_kg": 18_000, "gross_kg": None},
        {"limit_kg": 18_000, "gross_kg": 10**30},
        {"limit_kg": 18_000, "gross_kg": float("nan")},
    ],
)
def test_overload_refuses_what_cannot_be_measured(facts: dict[str, object]) -> None:
    with pytest.raises(BadFacts, match="限定标准|车货总质量") as caught:
        discretion.propose(SHELF, "transport.overload", facts, on=DAY)
    assert caught.value.fields


def test_an_item_must_be_in_force() -> None:
    with pytest.raises(UnknownItem):
        propose("transport.none")
    with pytest.raises(UnknownItem):
        discretion.propose(SHELF, "transport.overload", {}, on=date(2016, 9, 20))
    with pytest.raises(UnknownItem):  # the old noise law ended on 2022-06-05
        discretion.propose(SHELF, "urban.noise-night-old", {}, on=date(2022, 6, 5))
    assert discretion.propose(SHELF, "urban.noise-night-old", {}, on=date(2022, 6, 4)).unverified


@pytest.mark.parametrize(
    ("party", "volume", "tier", "yuan"),
    [
        ("natural", 49, "轻微", 1_000),
        ("natural", 50, "一般", 2_000),
        ("natural", 99, "一般", 2_000),
        ("natural", 100, "严重", 3_000),
        ("natural", 120, "严重", 3_000),  # a published decision
        ("organisation", 49, "轻微", 5_000),
        ("organisation", 50, "一般", 8_000),
        ("organisation", 100, "严重", 10_000),
    ],
)
def test_tiers_by_party_and_volume(party: str, volume: int, tier: str, yuan: int) -> None:
    made = propose("urban.spoil-dump", party_kind=party, volume_m3=volume)
    assert (made.tier, made.fine_fen, made.unverified) == (tier, yuan * 100, True)


def test_missing_circumstances_are_asked_for() -> None:
    made = propose("urban.spoil-dump", party_kind="natural")
    assert made.tier == "" and made.fine_fen is None and made.max_fen == 300_000
    assert any("volume_m3" in step.text for step in made.steps)


def test_a_slight_matter_put_right_is_spared_but_not_when_damage_was_done() -> None:
    spared = propose("transport.road-occupation", minor_corrected=True)
    assert (spared.result, spared.max_fen, spared.kinds) == ("不予处罚", 0, ())
    grave = propose("transport.road-occupation", minor_corrected=True, loss_fen=3_000_000)
    assert (grave.tier, grave.fine_fen) == ("特别严重", 3_000_000)
    assert propose("transport.road-occupation", loss_fen=2_999_999).tier == "严重"
    assert propose("transport.road-occupation", blocked_minutes=59).tier == "严重"
    assert propose("transport.road-occupation", blocked_minutes=60).tier == "特别严重"


def test_fine_by_area_is_capped() -> None:
    assert propose("urban.road-digging-putian", part="sidewalk", units=39).fine_fen == 1_950_000
    assert propose("urban.road-digging-putian", part="sidewalk", units=41).fine_fen == 2_000_000


def test_percentage_and_multiple_need_their_base() -> None:
    bare = propose("urban.planning-permit", circumstance="尚可采取改正措施")
    assert bare.min_fen is None and any("建设工程造价" in s.text for s in bare.steps)
    made = propose("urban.planning-permit", circumstance="尚可采取改正措施", base_fen=2_000_000)
    assert (made.min_fen, made.max_fen) == (100_000, 200_000)  # 20 000 yuan: 5 to 10 per cent


def test_an_item_without_benchmark_keeps_the_range_of_the_law() -> None:
    made = propose("water.abstraction-unlicensed", party_kind="organisation")
    assert (made.min_fen, made.max_fen, made.tier) == (2_000_000, 10_000_000, "")
    assert any("第三十四条" in s.citation for s in made.steps)


@given(
    low=st.integers(0, 5_000),
    width=st.integers(0, 20_000),
    base=st.integers(0, 10**12),
    kind=st.sampled_from(["multiple", "percent"]),
)
def test_rounding_never_leaves_the_range(low: int, width: int, base: int, kind: str) -> None:
    fine = Fine(kind, low, low + width, base="违法所得")
    span = discretion.bounds(fine, {"base_fen": base})
    assert span is not None
    scale = 1000 if kind == "multiple" else 10_000
    assert span[0] >= Fraction(base * low, scale) and span[0] - 1 < Fraction(base * low, scale)
    assert span[1] <= Fraction(base * (low + width), scale) < span[1] + 1


@given(
    item=st.sampled_from(
        [r for r in SHELF.rows if r.kind == "benchmark" and r.data.get("method") != "steps"]
    ),
    party=st.sampled_from(["natural", "organisation", "sole_trader", ""]),
    number=st.integers(0, 10**8),
    flag=st.booleans(),
    word=st.sampled_from(
        ["slight", "small", "large", "severe", "minor", "serious", "very_serious", "sidewalk"]
    ),
)
def test_a_tier_never_leaves_the_law(item: packs.Row, party: str, number: int, flag: bool, word: str) -> None:
    names = ("loss_fen", "blocked_minutes", "volume_m3", "height_mm", "width_mm", "length_mm", "units")
    facts: dict[str, object] = dict.fromkeys(names, number)
    facts |= dict.fromkeys(("minor_corrected", "overdue", "traffic_affected"), flag)
    facts |= dict.fromkeys(("impact", "severity", "part"), word) | {"party_kind": party}
    made = discretion.propose(SHELF, item.code, facts, on=DAY)
    law = discretion.fine_for(discretion.lists.item(SHELF, item.code, DAY), facts)
    spans = [s for s in (discretion.bounds(f, facts) for f in law) if s is not None]
    if made.result != "不予处罚" and made.max_fen is not None and made.min_fen is not None:
        assert min(s[0] for s in spans) <= made.min_fen <= made.max_fen <= max(s[1] for s in spans)


def codes(item: str, tier: str, fen: int, **facts: object) -> list[str]:
    found = discretion.range_problems(SHELF, item, tier, fen, on=DAY, facts=facts)
    assert all(r.sentence and r.remedy for r in found)
    return [r.code for r in found]


def test_amounts_outside_the_law_or_the_tier_are_told() -> None:
    water = "water.abstraction-unlicensed"
    assert codes(water, "", 2_000_000) == codes(water, "", 10_000_000) == []
    assert codes(water, "", 1_999_999) == codes(water, "", 10_000_001) == ["discretion.outside_law"]
    river = "water.river-building"
    assert codes(river, "一般", 3_000_000) == []
    assert codes(river, "一般", 3_000_001) == ["discretion.outside_tier"]
    assert codes(river, "一般", 10_000_001) == ["discretion.outside_law", "discretion.outside_tier"]
    assert codes(river, "很重", 3_000_000) == ["discretion.unknown_tier"]
    assert codes("transport.overload", "罚款", 50_000, limit_kg=18_000, gross_kg=19_500) == []
    assert codes("transport.overload", "罚款", 60_000, limit_kg=18_000, gross_kg=19_500) == [
        "discretion.outside_tier"
    ]
    assert codes("transport.overload", "罚款", 60_000) == ["discretion.base_missing"]
    assert codes("urban.planning-permit", "", 100, circumstance="尚可采取改正措施") == [
        "discretion.base_missing"
    ]


def test_party_kind_decides_the_range() -> None:
    gas = "urban.gas-facility"
    assert codes(gas, "", 1_000_000, party_kind="natural") == []
    assert codes(gas, "", 1_000_000, party_kind="organisation") == ["discretion.outside_law"]
    assert codes(gas, "", 10_000_000, party_kind="organisation") == []


def test_zero_is_inside_only_where_the_clause_says_may() -> None:
    assert codes("transport.road-pollution", "", 0) == []
    assert codes("urban.noise-square", "", 0, party_kind="natural") == []
    assert codes("urban.noise-square", "", 10_000, party_kind="natural") == ["discretion.outside_law"]
    assert codes("urban.truck-scattering", "", 0) == ["discretion.outside_law"]


def lines(*asked: object) -> list[dict[str, object]]:
    text = "\n".join(a if isinstance(a, str) else json.dumps(a, ensure_ascii=False) for a in asked)
    done = CliRunner().invoke(command, ["--stdin"], input=text + "\n")
    assert done.exit_code == 0
    return [json.loads(line) for line in done.output.splitlines()]


def test_stdin_answers_a_line_each_and_goes_on_after_a_bad_one() -> None:
    good = {
        "item": "transport.overload",
        "facts": {"vehicle": "二轴货车", "limit_kg": 18000, "gross_kg": 19500},
    }
    answers = lines(
        good, "不是 JSON", {"item": 1}, {"item": "transport.overload"}, [], {**good, "on": "明天"}, good
    )
    assert answers[0] == answers[-1]
    assert answers[0]["result"] == "罚款" and answers[0]["fine_yuan"] == 500
    assert set(answers[0]) == {"result", "fine_yuan", "steps"}
    for bad in answers[1:-1]:
        assert set(bad) == {"error"} and set(bad["error"]) == {"code", "message"}  # type: ignore[arg-type,call-overload]
    assert lines({**good, "on": "2016-09-20"})[0]["error"]["code"] == "item.unknown"  # type: ignore[index]
    assert lines({**good, "on": "2016-09-21"})[0]["fine_yuan"] == 500


def test_stdin_survives_bytes_that_are_no_text_and_deep_nesting() -> None:
    done = CliRunner().invoke(command, ["--stdin"], input=b"\xff\xfe\n" + b"[" * 100_000 + b"\n{}\n")
    assert done.exit_code == 0 and len(done.output.splitlines()) == 3


def test_the_command_answers_one_question_in_words_or_json() -> None:
    run = CliRunner()
    facts = json.dumps({"limit_kg": 18000, "gross_kg": 19500})
    done = run.invoke(command, ["--item", "transport.overload", "--facts", facts])
    assert done.exit_code == 0 and "500 元" in done.output and "第四十三条" in done.output
    done = run.invoke(command, ["--item", "water.abstraction-unlicensed", "--json", "--facts", "{}"])
    answer = json.loads(done.output)
    assert answer["fine_yuan"] is None and (answer["min_yuan"], answer["max_yuan"]) == (20000, 100000)
    done = run.invoke(command, ["--item", "transport.overload", "--facts", "{"])
    assert done.exit_code == 1 and "JSON 对象" in done.output
    assert run.invoke(command, []).exit_code == 2
