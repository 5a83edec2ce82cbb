"""What every outward paper tells: why, by what law, rights and duties, remedies (R032), on template and on data."""

from __future__ import annotations

import re

import pytest

from mingzhi.documents import notices, vocabulary
from mingzhi.documents.lint import lint_data, lint_template
from mingzhi.documents.markup import parse
from tests.documents.conftest import DECISION
from tests.documents.test_lint import ORGAN, SHIPPED, sample, text_of

OUTWARD = [code for code in SHIPPED if parse(text_of(code)).flag("对外")]
ASKED = [
    (code, part) for code in OUTWARD for part, rule in notices.notice_of(code).items() if "none" not in rule
]


def whole(code: str) -> dict:
    """Data with which the paper tells everything that is asked of it."""
    data = sample(code)
    for rule in notices.notice_of(code).values():
        for label in [*rule.get("any", [])[:1], *rule.get("all", [])]:
            field = vocabulary.field_of(label)
            if vocabulary.blank(data.get(field.key)):
                data[field.key] = {"rows": [{"name": "某某"}], "money": 100}.get(field.type, "某某内容")
    return data


def test_every_outward_paper_has_its_own_rule_for_all_four_parts():
    assert set(OUTWARD) == set(notices.rules()) - {notices.OWN}
    for code in OUTWARD:
        rule = notices.rules()[code]
        assert list(rule) == list(notices.PARTS), code
        for part in ("reason", "basis", "rights"):
            assert "none" not in rule[part] and rule[part]["citation"], (code, part)
        assert rule["remedies"].get("none") or rule["remedies"]["citation"], code
        for part in rule.values():
            for label in [*part.get("any", []), *part.get("all", [])]:
                assert label in vocabulary.by_label(), (code, label)


@pytest.mark.parametrize("code", OUTWARD)
def test_a_paper_with_its_data_tells_everything(code):
    assert notices.data_gaps(parse(text_of(code)), whole(code)) == []


@pytest.mark.parametrize(("code", "part"), ASKED)
def test_a_template_that_loses_a_part_is_refused_with_its_citation(code, part):
    rule = notices.notice_of(code)[part]
    text = text_of(code)
    for label in [*rule.get("any", []), *rule.get("all", [])]:
        for mark in ("{{%s", "【如有 %s", "【如无 %s", "【逐项 %s"):
            text = text.replace(mark % label, mark % f"别的{label}")
    for pattern in (rule.get("must"), rule.get("or")):
        while pattern and (found := re.search(pattern, text, re.DOTALL)):
            text = text[: found.start()] + text[found.end() :]
    if parse(text).body_text == parse(text_of(code)).body_text:
        pytest.fail(f"{code}: nothing to take away for {part}")
    _, problems = lint_template(text)
    lost = [p for p in problems if p.code == f"documents.template.notice.{part}"]
    assert [p.citation for p in lost] == [rule["citation"]]
    assert notices.PARTS[part] in lost[0].sentence and lost[0].remedy


@pytest.mark.parametrize(
    ("code", "part"), [(c, p) for c, p in ASKED if {"any", "all"} & set(notices.notice_of(c)[p])]
)
def test_a_paper_whose_data_leaves_a_part_empty_is_refused_with_its_citation(code, part):
    rule = notices.notice_of(code)[part]
    data = whole(code)
    for label in [*rule.get("any", []), *rule.get("all", [])]:
        data[vocabulary.field_of(label).key] = None
    if "or" in rule:
        assert notices.data_gaps(parse(text_of(code)), data) == []  # the law's own words stand in
        return
    lost = [r for r in lint_data(parse(text_of(code)), data) if r.code == f"documents.notice.{part}"]
    assert [r.citation for r in lost] == [rule["citation"]]


def test_what_stands_in_a_branch_that_is_not_printed_has_not_been_told():
    parsed = parse(text_of("P18"))
    told = {**ORGAN, **DECISION}
    assert notices.data_gaps(parsed, told) == []
    own = {**told, "remedy": "不服本决定的，可以向有关机关反映。"}
    assert [r.code for r in notices.data_gaps(parsed, own)] == ["documents.notice.remedies"]


def test_a_paper_of_the_bureaus_own_is_held_to_the_same_three_parts():
    head = "代码：P99\n名称：某告知书\n对外：是\n印章：是\n---\n> {{当事人}}：\n"
    _, problems = lint_template(head + "请知悉。\n")
    assert {p.code for p in problems} == {
        "documents.template.notice.reason",
        "documents.template.notice.basis",
        "documents.template.notice.rights",
    }
    _, problems = lint_template(
        head + "因{{案由}}，根据某某条例第一条，请你（单位）配合；你（单位）有权陈述。\n"
    )
    assert problems == []
    _, problems = lint_template(head.replace("对外：是", "对外：否") + "请知悉。\n")
    assert problems == []


def test_the_way_to_a_remedy_names_body_court_and_both_terms():
    for code in ("P07D", "P09", "P19", "P22"):
        text = text_of(code)
        for old, new in (("六十日", "三十日"), ("六个月", "三个月")):
            assert "documents.template.notice.remedies" in {
                p.code for p in lint_template(text.replace(old, new))[1]
            }
        data = {**whole(code), "court": ""}
        assert "documents.notice.remedies" in {r.code for r in notices.data_gaps(parse(text), data)}
