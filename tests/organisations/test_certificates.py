"""Certificates on each side of each date; two officers; reviewers; staffing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations import api
from mingzhi.organisations.certificates import (
    Card,
    Event,
    Holder,
    card_status,
    holder_state,
    in_field,
    years_after,
)
from mingzhi.organisations.choices import Role
from mingzhi.organisations.errors import CertificateGone
from mingzhi.organisations.reviewers import required as reviewers_required

FROM, UNTIL = date(2022, 3, 1), date(2027, 2, 28)
db = pytest.mark.django_db(databases="__all__")


def card(*events: tuple[str, date], **more) -> Card:
    given = {
        "id": 1, "kind": "enforcement", "issuer": "示例省人民政府", "number": "X1", "scope": "交通运输", "area": "",
        "valid_from": FROM, "valid_until": UNTIL, "last_inspected_on": None, "last_retrained_on": None,
    }  # fmt: skip
    return Card(**{**given, **more}, events=tuple(Event(k, d, n) for n, (k, d) in enumerate(events)))


def status(c: Card, on: date, field: str = "", **norms) -> str:
    return card_status(c, on, field, **norms)[0].value


ONE = timedelta(days=1)


@pytest.mark.parametrize(
    ("on", "expected"), [(FROM - ONE, "early"), (FROM, "valid"), (UNTIL, "valid"), (UNTIL + ONE, "expired")]
)
def test_validity_counts_both_end_days(on: date, expected: str):
    assert status(card(), on) == expected


def test_a_suspension_counts_from_its_day_until_the_day_of_restoring():
    away, back = date(2024, 5, 6), date(2024, 8, 1)
    held = card(("suspend", away), ("restore", back))
    assert [status(held, d) for d in (away - ONE, away, back - ONE, back)] == [
        "valid",
        "suspended",
        "suspended",
        "valid",
    ]


def test_revocation_is_final():
    gone = date(2024, 5, 6)
    held = card(("revoke", gone), ("restore", gone + ONE))
    assert [status(held, d) for d in (gone - ONE, gone, gone + ONE, UNTIL + ONE)] == ["valid"] + [
        "revoked"
    ] * 3


@pytest.mark.parametrize(("years", "norm", "column"), [
    (2, "inspection_years", "last_inspected_on"), (4, "retraining_years", "last_retrained_on"),
])  # fmt: skip
def test_inspection_and_retraining_only_where_the_norm_asks(years: int, norm: str, column: str):
    due = years_after(FROM, years)
    wrong = "uninspected" if "inspection" in norm else "untrained"
    assert status(card(), due + ONE) == "valid"
    assert status(card(), due, **{norm: years}) == "valid"
    assert status(card(), due + ONE, **{norm: years}) == wrong
    assert status(card(**{column: FROM + 30 * ONE}), due + ONE, **{norm: years}) == "valid"


def test_the_field_of_the_certificate_must_cover_the_case():
    assert status(card(), FROM, "transport") == "valid"
    assert status(card(), FROM, "water") == "scope"
    assert status(card(scope="全部"), FROM, "water") == "valid"
    assert status(card(scope="城市管理、水利"), FROM, "water") == "valid"
    assert in_field("交通运输", "交通运输") and not in_field("公安交通管理", "transport")


@pytest.mark.parametrize(("staffing", "active", "expected"), [
    ("established", True, "valid"), ("auxiliary", True, "auxiliary"), ("adviser", True, "auxiliary"),
    ("established", False, "left"),
])  # fmt: skip
def test_auxiliary_staff_and_leavers_never_count(staffing: str, active: bool, expected: str):
    assert holder_state(Holder(1, "张某甲", staffing, active, (card(),)), FROM).status == expected


def test_the_best_of_several_cards_counts_and_supervision_cards_do_not():
    old = card(id=1, valid_until=FROM + ONE)
    new = card(id=2, number="X2")
    watch = card(id=3, kind="supervision")
    assert holder_state(Holder(1, "张某甲", "established", True, (old, new)), UNTIL).number == "X2"
    assert holder_state(Holder(1, "张某甲", "established", True, (watch,)), FROM).status == "none"


@given(
    st.lists(st.tuples(st.sampled_from(["suspend", "restore", "revoke"]), st.integers(0, 400)), max_size=8),
    st.integers(0, 400),
)
def test_folding_is_the_last_word_before_the_day(events: list[tuple[str, int]], offset: int):
    held = card(*[(k, FROM + n * ONE) for k, n in events])
    on = FROM + offset * ONE
    seen = [e.kind for e in sorted(held.events, key=lambda e: (e.on, e.id)) if e.on <= on]
    expected = "revoked" if "revoke" in seen else "suspended" if seen[-1:] == ["suspend"] else "valid"
    assert status(held, on) == expected


# --- with the register ----------------------------------------------------------------------------


@db
def test_two_valid_officers_are_enough_and_one_is_not(person, day, django_assert_num_queries):
    pair = [person("officer1"), person("officer2")]
    with django_assert_num_queries(1):
        assert api.certified_problems(pair, day, field="urban") == []
    [reason] = api.certified_problems([person("officer1")], day)
    assert "不少于 2 名" in reason.sentence and reason.citation == "行政处罚法第四十二条第一款"


@db
def test_the_same_officer_twice_is_one_officer(person, day):
    codes = [r.code for r in api.certified_problems([person("officer1"), person("officer1")], day)]
    assert codes == ["organisations.too_few_officers"]


@db
@pytest.mark.parametrize(("name", "code"), [
    ("冯某己", "expired"), ("褚某庚", "suspended"), ("卫某辛", "auxiliary"), ("陈某甲", "none"),
])  # fmt: skip
def test_every_unfit_officer_is_named_with_the_reason(bureau, person, name: str, code: str, day):
    unfit = next(p.id for p in api.people(bureau.body_id, on=day) if p.name == name)
    reasons = api.certified_problems([person("officer1"), person("officer2"), unfit], day)
    assert [r.code for r in reasons] == [f"organisations.certificate_{code}"]
    assert name in reasons[0].sentence
    assert api.certificate(unfit, day).status == code


@db
def test_the_wrong_field_and_an_unknown_person_are_told(person, day):
    codes = {
        r.code
        for r in api.certified_problems([person("officer1"), person("officer2"), 10**9], day, field="water")
    }
    assert codes == {
        "organisations.certificate_scope",
        "organisations.person_unknown",
        "organisations.too_few_officers",
    }


@db
def test_a_suspension_takes_effect_and_can_be_restored(bureau, actor, person, at, day):
    state = api.certificate(person("officer1"), day)

    def event(kind: str, on: date = day, reason: str = "年度考核不合格"):
        return api.certificate_event(
            certificate_id=state.certificate_id, kind=kind, on=on, reason=reason, by=actor("keeper"), at=at
        )

    with pytest.raises(Invalid):
        event("restore")
    with pytest.raises(Invalid):
        event("suspend", reason=" ")
    event("suspend")
    with pytest.raises(Invalid):
        event("suspend")
    with pytest.raises(Invalid):
        event("restore", on=day - ONE)
    assert api.certificate(person("officer1"), day).status == "suspended"
    assert api.certificate(person("officer1"), day - ONE).valid
    event("restore", on=day + ONE)
    assert api.certificate(person("officer1"), day + ONE).valid
    event("revoke", on=day + 2 * ONE)
    with pytest.raises(CertificateGone):
        event("restore", on=day + 3 * ONE)


@db
def test_only_the_register_keeper_changes_certificates(bureau, actor, person, at, day):
    state = api.certificate(person("officer1"), day)
    for username, refusal in (("officer2", NotAllowed), ("leader", NotAllowed), ("other", NotAllowed)):
        with pytest.raises(refusal):
            api.certificate_event(
                certificate_id=state.certificate_id,
                kind="suspend",
                on=day,
                reason="x",
                by=actor(username),
                at=at,
            )
    theirs = api.certificate(person("other"), day)
    with pytest.raises(NotFound):
        api.certificate_event(
            certificate_id=theirs.certificate_id,
            kind="suspend",
            on=day,
            reason="x",
            by=actor("keeper"),
            at=at,
        )


@db
def test_events_can_be_neither_changed_nor_deleted(bureau):
    from mingzhi.organisations.models import CertificateEvent

    event = CertificateEvent.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        CertificateEvent.objects.filter(pk=event.pk).update(reason="改写")
    with pytest.raises(IntegrityError), transaction.atomic():
        event.delete()


@db
def test_auxiliary_staff_get_no_certificate_and_numbers_are_unique(bureau, actor, person, at, day):
    from mingzhi.organisations.models import Certificate, Person

    helper = Person.objects.get(body_id=bureau.body_id, staffing="auxiliary")
    taken = Certificate.objects.first().number

    def register(person_id: int, number: str, until: date = UNTIL):
        return api.certificate_register(
            person_id=person_id, number=number, issuer="示例省人民政府", scope="城市管理", valid_from=FROM,
            valid_until=until, by=actor("keeper"), at=at,
        )  # fmt: skip

    with pytest.raises(Invalid) as refused:
        register(helper.pk, taken, FROM - ONE)
    assert set(refused.value.fields) == {"person", "number", "valid_until"}, "all problems are told at once"
    assert register(person("reviewer"), "示例-0001")


# --- legal review ---------------------------------------------------------------------------------


@db
def test_a_first_time_penalty_reviewer_needs_the_qualification(bureau, actor, person, at, day):
    assert api.reviewer_problems(person("reviewer"), day) == [], "qualified"
    assert api.reviewer_problems(person("reviewhead"), day) == [], "engaged before the law in force"
    codes = [r.code for r in api.reviewer_problems(person("keeper"), day)]
    assert codes == ["organisations.reviewer_unqualified"]
    assert api.reviewer_problems(person("keeper"), day, act="permit") == []
    api.qualification_register(
        person_id=person("keeper"), kind="law", number="A1", obtained_on=day, by=actor("keeper"), at=at
    )
    assert api.reviewer_problems(person("keeper"), day) == []
    assert api.reviewer_problems(person("keeper"), day - ONE) != [], "not yet on the day before"


@db
def test_who_is_not_of_the_review_unit_or_has_left_does_not_review(bureau, actor, person, at, day):
    assert "organisations.reviewer_unit" in [r.code for r in api.reviewer_problems(person("officer1"), day)]
    api.person_change(person_id=person("reviewer"), active=False, by=actor("keeper"), at=at)
    assert "organisations.reviewer_left" in [r.code for r in api.reviewer_problems(person("reviewer"), day)]


@pytest.mark.parametrize(
    ("officers", "required"), [(0, 0), (1, 1), (20, 1), (21, 2), (40, 2), (41, 3), (100, 5)]
)
def test_reviewers_required_by_the_vectors(officers: int, required: int):
    assert reviewers_required(officers) == required


@given(st.integers(0, 10**6), st.integers(1, 20))
def test_the_ratio_is_met_and_never_by_one_too_many(n: int, percent: int):
    need = reviewers_required(n, permille=percent * 10)
    assert need * 100 >= n * percent
    assert need <= 1 or (need - 1) * 100 < n * percent


@db
def test_staffing_counts_valid_officers_and_reviewers_in_office(bureau, day):
    found = api.reviewers.staffing(bureau.body_id, day)
    assert (found.officers, found.reviewers, found.required, found.short) == (6, 2, 1, 0)
    assert set(found.reviewers_named) == {"周某己", "吴某庚"}
    assert api.review_unit(bureau.body_id).name == "政策法规股"


@db
def test_people_by_role_and_by_certificate(bureau, day):
    assert {p.name for p in api.people(bureau.body_id, on=day, role=Role.LEADER)} == {"陈某甲"}
    certified = {p.name for p in api.people(bureau.body_id, on=day, certified=True, field="urban")}
    assert "张某甲" in certified and not {"冯某己", "褚某庚", "卫某辛"} & certified
    assert api.people(bureau.body_id, on=day, certified=True, field="water") == []
