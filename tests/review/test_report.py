"""Indicators that add up, departures with who and why, and who answers for what (R122, R127–R130)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotAllowed
from mingzhi.organisations import api as organisations
from mingzhi.review import api as review
from mingzhi.review.data import Indicators
from mingzhi.web.demo.drive import Drive
from tests.review.test_rounds import accept, opine, request

pytestmark = pytest.mark.django_db(databases="__all__")
COUNTS = ("submitted", "returned", "opined", "days", "problems", "points", "late", "major", "covered")


def period(case: Drive) -> dict[str, Any]:
    return {"since": case.at - timedelta(days=40), "until": case.at + timedelta(days=40)}


def counted(case: Drive) -> Indicators:
    return review.total(review.indicators(body_ids=[case.bureau.body_id], **period(case)))


def decided(case: Drive, **facts: Any) -> None:
    review.facts_weighed(
        dossier=case.dossier, body=organisations.body(case.bureau.body_id), facts={"complex": True, **facts},
        on=date(2026, 9, 14), decided=True, by=case.by("leader"), at=case.at,
    )  # fmt: skip


def test_a_round_is_counted_with_its_days_and_whether_it_found_problems(concluded: Drive) -> None:
    before = counted(concluded)
    request(concluded)
    accept(concluded)
    received = clock.local_date(concluded.at)
    concluded.wait(days=6)
    opine(concluded, "revise")
    days = deadlines.working_days_between(received, clock.local_date(concluded.at))
    after = counted(concluded)
    assert (after.submitted - before.submitted, after.opined - before.opined) == (1, 1)
    assert after.problems - before.problems == 1
    assert after.days - before.days == days > 1, "working days from receipt to the opinion"


@pytest.mark.parametrize(("opined", "covered"), [(True, 1), (False, 0)])
def test_a_major_decision_is_covered_by_an_agreement_before_it(
    concluded: Drive, opined: bool, covered: int
) -> None:
    before = counted(concluded)
    request(concluded)
    accept(concluded)
    if not opined:
        decided(concluded)
        concluded.wait(minutes=5)
    opine(concluded)
    if opined:
        concluded.wait(minutes=5)
        decided(concluded)
    after = counted(concluded)
    assert (after.major - before.major, after.covered - before.covered) == (1, covered)


def test_a_decision_the_list_does_not_catch_is_none_of_the_major_ones(concluded: Drive) -> None:
    before = counted(concluded)
    decided(concluded, complex=False)
    assert counted(concluded).major == before.major


cells = st.builds(Indicators, **{name: st.integers(0, 50) for name in COUNTS}, unit_id=st.integers(1, 4))


@given(st.lists(cells, max_size=12), st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_the_figures_add_up_over_any_partition(rows: list[Indicators], parts: list[int]) -> None:
    whole = review.total(rows)
    apart = review.total(
        review.total(r for r, p in zip(rows, parts, strict=False) if p == part) for part in range(3)
    )
    assert whole == apart


def test_who_departed_from_which_opinion_and_why_is_told(concluded: Drive) -> None:
    request(concluded)
    accept(concluded)
    concluded.wait(days=20)
    opine(concluded, "revise")
    given: dict[str, Any] = {"dossier_id": concluded.id, "at": concluded.at}
    review.review_dissent(**given, text="裁量符合基准，不同意修改。", by=concluded.by("head"))
    review.review_coordinate(
        **given, text="经协调，按审核意见修改。", participants="李某乙、周某己", outcome="revise", by=concluded.by("deputy")
    )  # fmt: skip
    request(concluded)
    accept(concluded)
    opine(concluded)
    review.reviews_supersede(**given, by=concluded.by("officer1"))
    found = [
        d
        for d in review.departures(by=concluded.by("leader"), **period(concluded))
        if d.dossier_id == concluded.id
    ]
    by_kind = {d.kind: d for d in found}
    assert set(by_kind) == {"reply", "coordination", "late", "changed"}
    reply = by_kind["reply"]
    assert (reply.by_name, reply.against, reply.against_by) == ("王某丁", "建议修改或者纠正", "吴某庚")
    assert reply.why == "裁量符合基准，不同意修改。"
    assert by_kind["coordination"].outcome and by_kind["late"].by_name == "吴某庚"
    lines = [
        x
        for x in review.responsibility(by=concluded.by("leader"), **period(concluded))
        if x.dossier_id == concluded.id
    ]
    assert [(x.round, x.reviewer) for x in lines] == [(2, "吴某庚"), (1, "吴某庚")]
    assert all(x.submitted_by == "吴某庚" for x in lines), "the label is told as a name"
    assert review.departures(by=concluded.by("otherreviewhead"), **period(concluded)) == []
    with pytest.raises(NotAllowed):
        review.departures(by=concluded.by("officer1"), **period(concluded))


def test_a_decision_that_followed_its_review_is_no_departure_when_the_matter_is_taken_up_anew(
    concluded: Drive,
) -> None:
    request(concluded)
    accept(concluded)
    opine(concluded)
    concluded.wait(minutes=5)
    decided(concluded)
    review.reviews_supersede(dossier_id=concluded.id, by=concluded.by("leader"), at=concluded.at)
    concluded.wait(minutes=5)
    request(concluded)
    found = review.departures(by=concluded.by("leader"), **period(concluded))
    assert [d.kind for d in found if d.dossier_id == concluded.id] == []


def test_the_register_tells_training_examination_and_who_may_review(concluded: Drive) -> None:
    who: dict[str, Any] = {"by": concluded.by("keeper"), "at": concluded.at}
    person = concluded.bureau.person("reviewer", concluded.at)
    organisations.training_register(
        person_id=person, kind="law_exam", title="国家统一法律职业资格考试", held_on=date(2026, 9, 1), hours=0, passed=True, **who
    )  # fmt: skip
    lines = {
        x.person.name: x
        for x in organisations.reviewers.register(concluded.bureau.body_id, date(2026, 9, 14))
    }
    assert set(lines) == {"吴某庚", "周某己"}
    assert {t.kind for t in lines["吴某庚"].trainings} == {"reviewer", "law_exam"}
    assert not lines["吴某庚"].problems and lines["吴某庚"].qualifications
    assert not lines["周某己"].problems, "engaged before the law in force"
