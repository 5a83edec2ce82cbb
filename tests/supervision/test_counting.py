"""The counting rules of the annual statistics, each on both sides of its line (domain §4.6)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mingzhi.cases.matters.outcome import EXECUTIONS
from mingzhi.cases.matters.outcome import KINDS as KINDS_OF_ACTS
from mingzhi.kernel import clock
from mingzhi.supervision import counting, layout
from mingzhi.supervision.counting import NOTHING, Cell, Count, Rule, counts, difference, heaviest, total

BY_LAW = ("99", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13")
DATONG = ("99", "01", "02", "03", "04", "05", "06", "07", "09", "10", "11", "12", "08", "13")


@dataclass(frozen=True)
class Step:
    seq: int
    verb: str
    occurred_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


def at(day: str) -> datetime:
    return clock.at_local(date.fromisoformat(day), 10)


def told(
    *steps: tuple[str, str, dict[str, Any]],
    stay: bool = True,
    severity: Any = BY_LAW,
    government: bool = False,
) -> dict[str, Any]:
    """cell → (year, month, cases, 分) of a matter with these (verb, day, facts)."""
    taken = [Step(n, verb, at(day), facts) for n, (verb, day, facts) in enumerate(steps, 1)]
    found = counts(taken, lambda _year: Rule(severity, stay, government=government))
    return {c.what: (c.year, c.month, n.cases, n.fen) for c, n in found.items()}


def decided(
    day: str = "2025-06-10", kinds: tuple[str, ...] = ("03",), **facts: Any
) -> tuple[str, str, dict[str, Any]]:
    return (
        "decide",
        day,
        {
            "outcome": "penalise",
            "kinds": list(kinds),
            "fine_yuan": "2000.00",
            "forfeit_yuan": "0.00",
            **facts,
        },
    )


def annulled(day: str, by_whom: str = "court") -> tuple[str, str, dict[str, Any]]:
    return "annul", day, {"by_whom": by_whom, "how": "revoked", "on": day}


def test_several_kinds_in_one_decision_are_one_case_under_the_heaviest() -> None:
    assert told(decided(kinds=("01", "03", "10"))) == {"decided.10.ordinary": (2025, 6, 1, 200_000)}


def test_the_order_of_severity_is_the_place_s_own() -> None:
    both = decided(kinds=("08", "09"))
    assert set(told(both, severity=BY_LAW)) == {"decided.09.ordinary"}
    assert set(told(both, severity=DATONG)) == {"decided.08.ordinary"}


def test_other_penalties_yield_to_any_named_kind_whatever_the_order() -> None:
    assert heaviest(["99", "01"], BY_LAW) == "01"
    assert heaviest(["99", "01"], (*BY_LAW[1:], "99")) == "01"
    assert heaviest(["99"], BY_LAW) == "99"


def test_a_kind_without_a_rank_is_refused_and_not_lost() -> None:
    with pytest.raises(ValueError, match="without a rank"):
        heaviest(["03", "77"], BY_LAW)


def test_the_year_is_that_of_the_decision_in_china_and_not_of_filing_or_payment() -> None:
    found = told(
        ("file_approve", "2024-12-30", {}), decided("2025-01-02"), ("close_approve", "2026-01-04", {})
    )
    assert {what: year for what, (year, *_rest) in found.items()} == {
        "filed": 2024, "decided.03.ordinary": 2025, "closed": 2026,
    }  # fmt: skip
    last = Step(1, "decide", datetime.fromisoformat("2024-12-31T16:30:00+00:00"), decided()[2])
    assert {c.year for c in counts([last], lambda _y: Rule(BY_LAW, True))} == {2025}, (
        "half past midnight in China"
    )


def test_the_amount_is_what_was_decided_and_forfeits_without_a_value_add_none() -> None:
    assert told(decided(kinds=("03", "04"), forfeit_yuan="350.50"))["decided.04.ordinary"][3] == 235_050
    assert told(decided(kinds=("05",), fine_yuan="0"))["decided.05.ordinary"] == (2025, 6, 1, 0)
    paid = told(decided(), ("payment", "2025-07-01", {"amount_yuan": "500.00"}))
    assert paid == told(decided()), "what was paid changes nothing"


def test_a_decision_annulled_later_stays_in_its_year_or_leaves_it_as_the_rule_says() -> None:
    steps = (decided("2025-06-10"), annulled("2026-03-01"))
    assert told(*steps, stay=True) == {
        "decided.03.ordinary": (2025, 6, 1, 200_000), "annulled.court": (2026, 3, 1, 0),
    }  # fmt: skip
    assert told(*steps, stay=False) == {"annulled.court": (2026, 3, 1, 0)}


def test_the_rule_of_the_year_of_the_decision_decides_not_that_of_the_annulment() -> None:
    taken = [
        Step(1, *decided("2025-06-10")[:1], at("2025-06-10"), decided()[2]),
        Step(2, "annul", at("2026-03-01"), annulled("2026-03-01")[2]),
    ]
    kept = counts(taken, lambda year: Rule(BY_LAW, year == 2025))
    gone = counts(taken, lambda year: Rule(BY_LAW, year == 2026))
    assert Cell("decided.03.ordinary", 2025, 6) in kept and Cell("decided.03.ordinary", 2025, 6) not in gone


def test_a_new_decision_after_reopening_is_a_decision_of_its_own() -> None:
    steps = (
        decided("2025-06-10"),
        annulled("2025-08-01"),
        ("reopen", "2025-08-02", {}),
        decided("2025-10-10", kinds=("01",)),
    )
    assert set(told(*steps, stay=True)) == {"decided.03.ordinary", "annulled.court", "decided.01.ordinary"}
    assert set(told(*steps, stay=False)) == {"annulled.court", "decided.01.ordinary"}


def test_sparing_transferring_and_withdrawing_are_no_penalty() -> None:
    for outcome, cell in (("spared", "spared"), ("unfounded", "spared"), ("transfer", "transferred.crime")):
        assert set(told(("decide", "2025-06-10", {"outcome": outcome, "kinds": []}))) == {cell}
    assert set(told(("transfer", "2025-06-10", {"crime": False}))) == {"transferred.agency"}
    assert set(told(("withdraw", "2025-06-10", {}))) == {"withdrawn"}


def test_leniency_counts_by_the_last_report_before_the_decision() -> None:
    lenient, strict = (
        ("conclude", "2025-06-01", {"lenient": ["remedied"]}),
        ("conclude", "2025-06-05", {"lenient": []}),
    )
    assert "lenient" in told(lenient, decided()) and "lenient" not in told(lenient, strict, decided())


def test_a_review_of_many_rounds_is_one_and_a_problem_in_any_is_one() -> None:
    rounds = [
        ("review_opine", f"2025-05-0{n}", {"kind": kind})
        for n, kind in ((1, "revise"), (3, "procedure"), (6, "agree"))
    ]
    found = told(*rounds)
    assert found["reviewed"][2] == found["review_problem"][2] == 1
    assert set(told(rounds[2])) == {"reviewed"}


def test_a_remedy_told_twice_is_one_and_a_second_forum_is_another() -> None:
    begun = ("remedy", "2025-07-01", {"forum": "reconsideration", "began_on": "2025-07-01"})
    ended = (
        "remedy",
        "2025-09-01",
        {"forum": "reconsideration", "began_on": "2025-07-01", "ended_on": "2025-08-30"},
    )
    sued = ("remedy", "2025-09-20", {"forum": "court", "began_on": "2025-09-18"})
    found = told(begun, ended, sued)
    assert found["remedy.reconsideration"][2] == 1 and found["remedy.court"] == (2025, 9, 1, 0)


def test_a_decision_on_the_spot_counts_as_summary() -> None:
    spot = ("spot_decide", "2025-06-10", {"kinds": ["01"], "fine_yuan": "0"})
    assert told(spot) == {"decided.01.summary": (2025, 6, 1, 0)}


# --- decisions outside the penalty procedure ---------------------------------------------------------------


def matter(act: str, in_name: str = "own") -> tuple[str, str, dict[str, Any]]:
    return "register", "2025-05-01", {"act_type": act, "in_name": in_name}


def made(
    *kinds: str, on: str = "2025-06-10", yuan: str = "0", verb: str = "matter_decide"
) -> tuple[str, str, dict[str, Any]]:
    """Entered on 20 June; the decision bears the day ``on``."""
    return verb, "2025-06-20", {"kinds": list(kinds), "decided_on": on, "amount_yuan": yuan, "made": "made"}


def executed(kind: str, on: str) -> tuple[str, str, dict[str, Any]]:
    return "executed", on, {"kind": kind, "how": "completed", "executed_on": on}


def test_a_permit_counts_by_its_outcome_on_the_day_the_decision_bears() -> None:
    assert told(matter("行政许可"), made("granted", on="2024-12-31")) == {"permit.granted": (2024, 12, 1, 0)}
    assert set(told(matter("行政许可"), made("refused"))) == {"permit.refused"}
    assert told(matter("行政许可")) == {}, "nothing counts before the decision"


def test_an_application_counts_when_received_and_when_accepted_and_stays_whatever_becomes_of_it() -> None:
    applied = "apply", "2025-01-06", {"applied_on": "2024-12-31", "accepted_on": "2025-01-02"}
    both = {"permit.applied": (2024, 12, 1, 0), "permit.accepted": (2025, 1, 1, 0)}
    assert told(matter("行政许可"), applied) == both
    gone = told(matter("行政许可"), applied, made("granted"), annulled("2026-02-01"), stay=False)
    assert set(gone) == {*both, "annulled.court"}
    theirs = matter("行政许可", "government"), applied
    assert told(*theirs) == {} and told(*theirs, government=True) == both


def test_each_measure_of_one_coercive_decision_counts_under_its_own_kind() -> None:
    found = told(matter("行政强制"), made("seal", "seize"))
    assert found == {"coercion.seal": (2025, 6, 1, 0), "coercion.seize": (2025, 6, 1, 0)}


def test_an_execution_counts_when_it_was_carried_out_or_given_up_and_not_when_decided() -> None:
    decision = matter("行政强制"), made("substitute", "freeze")
    assert set(told(*decision)) == {"coercion.freeze"}
    done = told(*decision, executed("substitute", "2026-01-03"))
    assert done["coercion.substitute"] == (2026, 1, 1, 0)
    gone = told(*decision, executed("substitute", "2026-01-03"), annulled("2026-02-01"), stay=False)
    assert set(gone) == {"coercion.substitute", "annulled.court"}, "what was carried out was carried out"


def test_a_levy_counts_with_its_amount_and_other_acts_without_one() -> None:
    assert told(matter("行政征收"), made("levy", yuan="1200.50")) == {"levy": (2025, 6, 1, 120_050)}
    assert told(matter("行政确认"), made("confirmation", yuan="9.00")) == {"confirmation": (2025, 6, 1, 0)}


def test_a_penalty_decided_outside_a_case_is_one_under_the_heaviest_and_one_decided_in_a_case_counts_there() -> (
    None
):
    both = told(matter("行政处罚"), made("03", "11", yuan="5000"))
    assert both == {"decided.11.ordinary": (2025, 6, 1, 500_000)}
    assert told(matter("行政处罚"), made("in_case")) == {}, "the case counts it: never twice"


def test_what_the_government_decides_counts_at_the_body_only_where_its_rule_says_so() -> None:
    steps = matter("行政处罚", "government"), made("11", verb="answered")
    assert told(*steps) == {}
    assert set(told(*steps, government=True)) == {"decided.11.ordinary"}
    refused = "answered", "2025-06-20", {"made": "refused", "decided_on": "2025-06-20"}
    assert told(matter("行政处罚", "government"), refused, government=True) == {}
    carried = (
        matter("行政强制", "government"),
        made("remove", verb="answered"),
        executed("remove", "2025-07-01"),
    )
    assert told(*carried) == {} and set(told(*carried, government=True)) == {"coercion.remove"}


def test_a_decision_from_before_its_kind_was_asked_for_counts_nothing_and_breaks_nothing() -> None:
    assert told(matter("行政许可"), ("matter_decide", "2025-06-10", {"decided_on": "2025-06-10"})) == {}


def test_an_annulled_permit_stays_in_its_year_or_leaves_it_as_the_rule_says() -> None:
    steps = matter("行政许可"), made("granted"), annulled("2026-03-01", "self")
    assert set(told(*steps, stay=True)) == {"permit.granted", "annulled.self"}
    assert set(told(*steps, stay=False)) == {"annulled.self"}


# --- algebra -------------------------------------------------------------------------------------------

DAYS = st.dates(date(2024, 11, 1), date(2026, 2, 28)).map(date.isoformat)
KINDS = st.lists(st.sampled_from(BY_LAW), min_size=1, max_size=4, unique=True)
STEPS = st.one_of(
    st.tuples(st.just("file_approve"), DAYS, st.just({})),
    st.builds(
        lambda day, kinds, yuan: decided(day, tuple(kinds), fine_yuan=f"{yuan}.00"),
        DAYS,
        KINDS,
        st.integers(0, 10**6),
    ),
    st.builds(annulled, DAYS, st.sampled_from(["court", "reconsideration", "self", "superior"])),
    st.tuples(st.just("reopen"), DAYS, st.just({})),
    st.tuples(st.just("close_approve"), DAYS, st.just({})),
    st.tuples(
        st.just("review_opine"), DAYS, st.fixed_dictionaries({"kind": st.sampled_from(["agree", "revise"])})
    ),
)
ACTS = st.sampled_from([(act, [code for code, _l in known]) for act, known in KINDS_OF_ACTS.items()])
OUTSIDE = ACTS.flatmap(
    lambda act: st.tuples(
        st.builds(lambda name: matter(act[0], name), st.sampled_from(["own", "joint", "government"])),
        st.builds(
            lambda kinds, on, yuan, verb: made(*kinds, on=on, yuan=f"{yuan}.00", verb=verb),
            st.lists(st.sampled_from(act[1]), min_size=1, max_size=3, unique=True),
            DAYS,
            st.integers(0, 10**6),
            st.sampled_from(["matter_decide", "answered"]),
        ),
        st.tuples(
            st.just("apply"), DAYS, st.builds(lambda a, b: {"applied_on": a, "accepted_on": b}, DAYS, DAYS)
        ),
        st.builds(executed, st.sampled_from(["substitute", "remove"]), DAYS),
        st.builds(annulled, DAYS, st.sampled_from(["court", "self"])),
    )
).flatmap(lambda steps: st.integers(1, 5).map(lambda n: list(steps[:n])))
"""A decision outside the penalty procedure, as far as it came."""

MATTERS = st.lists(st.one_of(st.lists(STEPS, max_size=7), OUTSIDE), max_size=12)


def steps_of(matter: list[Any]) -> list[Step]:
    return [Step(n, verb, at(day), facts) for n, (verb, day, facts) in enumerate(matter, 1)]


@settings(max_examples=30)
@given(matters=MATTERS, stay=st.booleans(), seed=st.integers(0, 999))
def test_figures_add_up_over_any_partition_of_the_matters(matters: list[Any], stay: bool, seed: int) -> None:
    own = [counts(steps_of(m), lambda _y: Rule(BY_LAW, stay, government=stay)) for m in matters]
    own += [counting.inspected(date(2025, 1 + n % 12, 9)) for n in range(len(matters) % 4)]
    whole = total(own)
    pick = random.Random(seed)
    heaps: list[list[Any]] = [[] for _ in range(4)]
    for counted in own:
        heaps[pick.randrange(4)].append(counted)
    assert total(total(heap) for heap in heaps) == whole
    months = {(c.year, c.month) for c in whole}
    assert total({c: n for c, n in whole.items() if (c.year, c.month) == month} for month in months) == whole
    for year in {c.year for c in whole}:
        sums: dict[str, Count] = {}
        for cell, count in whole.items():
            if cell.year == year:
                sums[cell.what] = sums.get(cell.what, NOTHING) + count
        table = layout.figures(sums, ("行政处罚",))["penalty"]
        kinds = [table[code] for code, _title, _kinds in layout.PENALTY_COLUMNS]
        assert sum(kinds) == table["total"], "the kinds add up to the total"  # type: ignore[arg-type]
        coercion = layout.figures(sums, ("行政强制",))["coercion"]
        assert (
            sum(n or 0 for code, n in coercion.items() if code != "coercion.total")
            == coercion["coercion.total"]
        )
        handling = layout.figures(sums, ("行政处罚",))["handling"]
        assert handling["summary"] + handling["ordinary"] == table["total"]  # type: ignore[operator]


@settings(max_examples=30)
@given(steps=st.one_of(st.lists(STEPS, max_size=9), OUTSIDE), stay=st.booleans())
def test_differences_written_step_by_step_come_to_the_whole(steps: list[Any], stay: bool) -> None:
    taken, kept = steps_of(steps), []
    rule = lambda _year: Rule(BY_LAW, stay, government=stay)  # noqa: E731
    for place in range(len(taken)):
        kept.append(dict(difference(counts(taken[:place], rule), counts(taken[: place + 1], rule))))
    assert total(kept) == counts(taken, rule)


@settings(max_examples=30)
@given(steps=st.one_of(st.lists(STEPS, max_size=9), OUTSIDE), stay=st.booleans())
def test_a_matter_never_counts_less_than_nothing(steps: list[Any], stay: bool) -> None:
    found = counts(steps_of(steps), lambda _y: Rule(BY_LAW, stay))
    assert all(n.cases > 0 and n.fen >= 0 for n in found.values())


def test_every_counted_verb_has_its_method_and_every_cell_its_column() -> None:
    assert all(hasattr(counting._Matter, f"_{verb}") for verb in counting.VERBS)
    columns = {cell for t in layout.TABLES for c in t.columns for cell in c.cells}
    cells = {
        "filed",
        "reviewed",
        "review_problem",
        "lenient",
        "spared",
        "withdrawn",
        "closed",
        "court_applied",
    }
    cells |= {f"decided.{k}.{p}" for k in BY_LAW for p in ("ordinary", "summary")}
    cells |= {"permit.applied", "permit.accepted"}
    cells |= {counting.INSPECTED, *(f"permit.{k}" for k, _l in KINDS_OF_ACTS["行政许可"])}
    cells |= {f"coercion.{k}" for k, _l in KINDS_OF_ACTS["行政强制"]}
    cells |= {
        k for act, known in KINDS_OF_ACTS.items() for k, _l in known
        if act not in ("行政处罚", "行政许可", "行政强制")
    }  # fmt: skip
    assert {k for k, _l in KINDS_OF_ACTS["行政处罚"]} == {*BY_LAW, counting.IN_CASE}
    assert counting.MEASURES | {k for k, _l in EXECUTIONS} == {k for k, _l in KINDS_OF_ACTS["行政强制"]}
    cells |= {f"annulled.{w}" for w in ("court", "reconsideration", "superior", "self")}
    assert cells <= columns
