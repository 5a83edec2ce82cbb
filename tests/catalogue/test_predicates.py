"""The language of list rows: truth, explanation, refusal of what cannot be evaluated."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.catalogue import predicates
from mingzhi.catalogue.errors import BadPredicate

FINE: dict[str, Any] = {"fact": "fine_fen", "op": ">=", "value": 1_000_000}


@pytest.mark.parametrize(
    ("op", "below", "at", "above"),
    [
        (">=", False, True, True),
        (">", False, False, True),
        ("<=", True, True, False),
        ("<", True, False, False),
    ],
)
def test_both_sides_of_an_amount(op: str, below: bool, at: bool, above: bool) -> None:
    rule = {**FINE, "op": op}
    got = [predicates.evaluate(rule, {"fine_fen": f})[0] for f in (999_999, 1_000_000, 1_000_001)]
    assert got == [below, at, above]


def test_explanations_are_sentences() -> None:
    assert predicates.evaluate(FINE, {"fine_fen": 3_000_000}) == (
        True,
        "罚款数额 30,000.00元，标准：达到 10,000.00元",
    )
    assert predicates.evaluate(FINE, {}) == (False, "罚款数额：未填")
    assert predicates.evaluate({"fact": "complex"}, {"complex": True})[1] == "疑难复杂、涉及多个法律关系：是"
    assert predicates.evaluate({"always": True}, {}) == (True, "一律适用")


def test_any_all_not_and_lists() -> None:
    both = {"all": [FINE, {"fact": "party_kind", "op": "==", "value": "natural"}]}
    assert predicates.evaluate(both, {"fine_fen": 1_000_000, "party_kind": "natural"})[0]
    assert not predicates.evaluate(both, {"fine_fen": 1_000_000, "party_kind": "organisation"})[0]
    assert predicates.evaluate({"any": [FINE, {"fact": "joint"}]}, {"joint": True}) == (
        True,
        "joint：是".replace("joint", "两个以上机关共同作出"),
    )
    assert predicates.evaluate({"not": {"fact": "joint"}}, {"joint": False})[0]
    kinds = {"fact": "kinds", "op": "has_any", "value": ["08", "10"]}
    assert predicates.evaluate(kinds, {"kinds": ["03", "08"]}) == (True, "处罚种类：吊销许可证件")
    wrecked = {"fact": "act", "op": "==", "value": "demolition"}
    assert predicates.evaluate(wrecked, {"act": "demolition"}) == (True, "强制行为：强制拆除")
    assert not predicates.evaluate(kinds, {"kinds": ["03"]})[0]
    assert predicates.evaluate({"fact": "act", "op": "in", "value": ["a"]}, {"act": "a"})[0]
    assert predicates.evaluate({"fact": "act", "op": "!=", "value": "a"}, {"act": "b"})[0]


@pytest.mark.parametrize(
    "bad",
    [
        {},
        [],
        "x",
        {"any": []},
        {"any": [FINE], "all": [FINE]},
        {"always": False},
        {"fact": "x", "op": "~", "value": 1},
        {"fact": "x", "op": ">=", "value": "1"},
        {"fact": "x", "op": ">=", "value": True},
        {"fact": "x", "op": "in", "value": "abc"},
        {"fact": "x", "colour": 1},
        {"op": "=="},
    ],
)
def test_what_cannot_be_evaluated_is_refused(bad: Any) -> None:
    with pytest.raises(BadPredicate):
        predicates.check(bad)


def test_too_deep_is_refused() -> None:
    rule: dict[str, Any] = FINE
    for _ in range(50):
        rule = {"not": rule}
    with pytest.raises(BadPredicate):
        predicates.check(rule)


def test_facts_of_the_wrong_kind_are_refused() -> None:
    for value in ("many", True, 1.5):
        with pytest.raises(BadPredicate):
            predicates.evaluate(FINE, {"fine_fen": value})
    with pytest.raises(BadPredicate):
        predicates.evaluate({"fact": "kinds", "op": "has_any", "value": ["08"]}, {"kinds": "08"})


_leaf = st.builds(
    lambda f, op, v: {"fact": f, "op": op, "value": v},
    st.sampled_from("abc"),
    st.sampled_from([">=", ">", "<=", "<", "==", "!="]),
    st.integers(-5, 5),
)
_rules = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.builds(lambda xs: {"any": xs}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda xs: {"all": xs}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda x: {"not": x}, inner),
    ),
    max_leaves=6,
)
_facts = st.fixed_dictionaries({}, optional={k: st.integers(-5, 5) for k in "abc"})


@given(_rules, _facts)
def test_any_and_all_are_duals_and_every_answer_explains_itself(
    rule: dict[str, Any], facts: dict[str, int]
) -> None:
    predicates.check(rule)
    truth, why = predicates.evaluate(rule, facts)
    assert why
    assert predicates.evaluate({"not": rule}, facts)[0] is not truth
    assert predicates.evaluate({"any": [rule, {"not": rule}]}, facts)[0]
    assert not predicates.evaluate({"all": [rule, {"not": rule}]}, facts)[0]
