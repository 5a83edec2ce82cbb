"""Rounds of review by themselves: each in its turn, none overwritten, opinions unchangeable."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mingzhi.kernel.errors import NotAllowed
from mingzhi.ledger import api as ledger
from mingzhi.review import api as review
from mingzhi.review.errors import ReviewOutOfTurn
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")


def who(case: Drive) -> dict[str, Any]:
    return {"dossier_id": case.id, "by": case.by("reviewer"), "at": case.at}


def request(case: Drive) -> int:
    return review.review_request(
        **who(case),
        body_id=case.bureau.body_id,
        unit_id=case.by("head").unit_id,
        matter="案由",
        proposal="罚款",
        statement="情况说明",
        materials=["调查终结报告"],
        triggers=[],
    )


def accept(case: Drive) -> None:
    review.review_accept(
        **who(case), reviewer_id=case.bureau.person("reviewer", case.at), due_on=date(2026, 9, 21)
    )


def opine(case: Drive, kind: str = "agree") -> int:
    return review.review_opine(**who(case), kind=kind, checks=[], text="审核意见")


def current(case: Drive) -> Any:
    found = review.review_current(case.id)
    assert found is not None
    return found


def test_a_round_goes_from_submission_over_acceptance_to_its_opinion(concluded: Drive) -> None:
    request(concluded)
    assert (current(concluded).state, current(concluded).passed) == ("submitted", False)
    accept(concluded)
    assert (current(concluded).state, current(concluded).passed) == ("accepted", False)
    opine(concluded)
    assert (current(concluded).state, current(concluded).passed) == ("opined", True)


def test_nothing_is_done_out_of_turn(concluded: Drive) -> None:
    for early in (accept, opine):
        with pytest.raises(ReviewOutOfTurn):
            early(concluded)
    request(concluded)
    for wrong in (request, opine):
        with pytest.raises(ReviewOutOfTurn):
            wrong(concluded)
    accept(concluded)
    for wrong in (request, accept):
        with pytest.raises(ReviewOutOfTurn):
            wrong(concluded)


@pytest.mark.parametrize("kind", ["revise", "investigate", "procedure", "no_authority", "transfer"])
def test_only_agreement_passes(concluded: Drive, kind: str) -> None:
    request(concluded)
    accept(concluded)
    opine(concluded, kind)
    assert not current(concluded).passed


def test_superseded_rounds_pass_nothing_and_stay_on_record(concluded: Drive) -> None:
    request(concluded)
    accept(concluded)
    opine(concluded)
    review.reviews_supersede(**who(concluded))
    assert review.review_current(concluded.id) is None
    (kept,) = review.review_rounds(concluded.id)
    assert kept.opinions[0].kind == "agree" and not kept.passed


def test_an_opinion_is_in_the_ledger_and_cannot_be_changed(concluded: Drive) -> None:
    request(concluded)
    accept(concluded)
    opinion = opine(concluded)
    assert ledger.entries_of(f"opinion:{opinion}")
    for statement in ("UPDATE review_opinion SET kind = 'agree'", "DELETE FROM review_opinion"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_queue_is_for_the_review_unit_s_people(concluded: Drive) -> None:
    request(concluded)
    assert [r.dossier_id for r in review.review_queue(concluded.by("reviewhead"), ("submitted",))] == [
        concluded.id
    ]
    assert list(review.review_queue(concluded.by("reviewer"), ("accepted",))) == []
    with pytest.raises(NotAllowed):
        list(review.review_queue(concluded.by("officer1")))
