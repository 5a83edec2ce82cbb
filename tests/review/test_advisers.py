"""Advisers: registered with qualification and term, asked across bodies, barred by a conflict, never instead of
the reviewer (R109, R110)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.review import api as review
from mingzhi.review.errors import AdviceGiven, AdviserBarred, ReviewOutOfTurn
from mingzhi.tasks import api as tasks
from mingzhi.web.demo.drive import Drive
from tests.review.test_rounds import accept, current, opine, request

pytestmark = pytest.mark.django_db(databases="__all__")

QUESTION, ADVICE = "拟处罚的法律依据是否准确？", "依据准确，裁量适当，建议补充说理。"


def register(case: Drive, who: str = "adviser", by: str = "reviewhead", **changes: Any) -> int:
    given: dict[str, Any] = {
        "person_id": case.bureau.person(who, case.at),
        "kind": "counsel" if who == "adviser" else "public_lawyer",
        "employer": "示例律师事务所",
        "licence": "示例00001",
        "fields": "行政处罚",
        "term_from": date(2026, 1, 1),
        "term_until": date(2026, 12, 31),
        "shared": False,
    }
    return review.adviser_register(**{**given, **changes}, by=case.by(by), at=case.at)


def ask(case: Drive, adviser: int, by: str = "reviewer") -> int:
    return review.advice_ask(
        dossier_id=case.id, adviser_id=adviser, question=QUESTION, by=case.by(by), at=case.at
    )


def answer(case: Drive, asked: int, by: str = "adviser", **changes: Any) -> int:
    given: dict[str, Any] = {"recused": False, "text": ADVICE, **changes}
    return review.advice_give(consultation_id=asked, **given, by=case.by(by), at=case.at)


@pytest.fixture
def accepted(concluded: Drive) -> Drive:
    request(concluded)
    accept(concluded)
    return concluded


def barred(case: Drive, adviser: int) -> set[str]:
    with pytest.raises(AdviserBarred) as refusal:
        ask(case, adviser)
    return {r.code for r in refusal.value.reasons}


def test_only_qualified_people_are_registered_for_a_term_by_the_review_unit_s_head(concluded: Drive) -> None:
    with pytest.raises(NotAllowed):
        register(concluded, by="officer1")
    with pytest.raises(Invalid) as refusal:
        register(concluded, who="officer1", kind="counsel", term_until=date(2025, 12, 31), employer="")
    assert set(refusal.value.fields) == {"person_id", "term_until", "employer"}
    with pytest.raises(NotFound):
        register(concluded, person_id=concluded.bureau.person("other", concluded.at))
    first = register(concluded)
    assert register(concluded, term_until=date(2027, 12, 31)) == first, "a renewal is the same entry"


def test_an_adviser_answers_beside_the_reviewer_and_nothing_passes_by_it(accepted: Drive) -> None:
    asked = ask(accepted, register(accepted))
    assert [t.subject for t in tasks.tasks_mine(accepted.by("adviser"))] == [f"consultation:{asked}"]
    given = answer(accepted, asked)
    assert not current(accepted).passed and current(accepted).state == "accepted"
    (shown,) = review.consultations(accepted.id)
    assert (shown.text, shown.recused, shown.adviser_name) == (ADVICE, False, "喻某丑")
    assert not tasks.tasks_mine(accepted.by("adviser"))
    with pytest.raises(AdviceGiven):
        answer(accepted, asked)
    for statement in (
        f"UPDATE review_advice SET text = '改' WHERE id = {given}",
        "DELETE FROM review_consultation",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_when_the_reviewer_has_spoken_nobody_waits_for_the_adviser_and_no_answer_is_taken(
    accepted: Drive,
) -> None:
    asked = ask(accepted, register(accepted))
    opine(accepted)
    assert not tasks.tasks_mine(accepted.by("adviser")), "nothing is to be done any more"
    with pytest.raises(ReviewOutOfTurn):
        answer(accepted, asked)
    (shown,) = review.consultations(accepted.id)
    assert not shown.open and shown.recused is None


def test_a_question_is_its_adviser_s_alone(accepted: Drive) -> None:
    asked = ask(accepted, register(accepted))
    for other in ("otheradviser", "officer1", "reviewer", "leader"):
        with pytest.raises(NotFound):
            review.consultation_mine(accepted.by(other), asked)
        with pytest.raises(NotFound):
            answer(accepted, asked, by=other)
    assert answer(accepted, asked, recused=True, text="与当事人有合作关系。")
    assert review.consultation_mine(accepted.by("adviser"), asked).recused


def test_another_body_s_adviser_is_asked_only_while_shared(accepted: Drive) -> None:
    theirs = register(accepted, who="otheradviser", by="otherreviewhead")
    with pytest.raises(Invalid):
        ask(accepted, theirs)
    register(accepted, who="otheradviser", by="otherreviewhead", shared=True)
    pool = {a.id: a for a in review.adviser_pool(accepted.by("reviewer"), clock.local_date(accepted.at))}
    assert pool[theirs].shared and not pool[theirs].own
    asked = ask(accepted, theirs)
    assert review.consultation_mine(accepted.by("otheradviser"), asked).body_name.startswith(
        "湛江市霞山区城市管理"
    )
    assert answer(accepted, asked, by="otheradviser")


@pytest.mark.parametrize(("ends", "codes"), [(0, set()), (-1, {"review.adviser_term"})])
def test_the_last_day_of_a_term_counts_and_the_next_does_not(
    accepted: Drive, ends: int, codes: set[str]
) -> None:
    until = clock.local_date(accepted.at) + timedelta(days=ends)
    adviser = register(accepted, term_until=until)
    if codes:
        assert barred(accepted, adviser) == codes
    else:
        assert ask(accepted, adviser)


def test_who_has_a_hand_in_the_case_or_stands_on_the_party_s_side_is_not_asked(accepted: Drive) -> None:
    assert barred(accepted, register(accepted, who="reviewer", kind="counsel")) == {"review.adviser_reviewer"}
    assert barred(accepted, register(accepted, employer=accepted.matter.party.name)) == {
        "review.adviser_party"
    }
    adviser = register(accepted)
    review.adviser_end(adviser_id=adviser, reason="合同到期", by=accepted.by("reviewhead"), at=accepted.at)
    assert barred(accepted, adviser) == {"review.adviser_term"}
    assert ask(accepted, register(accepted)) and barred(accepted, adviser) == {"review.adviser_asked"}


def test_only_a_round_under_review_is_asked_about_by_who_reviews_it(concluded: Drive) -> None:
    adviser = register(concluded)
    request(concluded)
    with pytest.raises((ReviewOutOfTurn, NotAllowed)):
        ask(concluded, adviser)
    accept(concluded)
    for other in ("officer1", "leader"):
        with pytest.raises(NotAllowed):
            ask(concluded, adviser, by=other)
    with pytest.raises(NotFound):
        ask(concluded, adviser, by="otherreviewhead")
    opine(concluded)
    with pytest.raises(ReviewOutOfTurn):
        ask(concluded, adviser, by="reviewhead")


def test_advisers_count_toward_the_ratio_only_where_the_body_says_so(concluded: Drive) -> None:
    body = organisations.body(concluded.bureau.body_id)
    on = clock.local_date(concluded.at)
    before = review.staffing_sum(body, on)
    register(concluded)
    after = review.staffing_sum(body, on)
    assert (after.officers, after.exact, after.required, after.percent) == (6, "0.3", 1, "5%")
    assert after.advisers == before.advisers + 1 and not after.advisers_count
    assert after.counted == before.counted == after.reviewers and after.short == 0
    assert after.citations
