"""Who sees a dossier, who has a hand in it, and that both are remembered."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.models import Member
from mingzhi.kernel.errors import NotFound
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_neighbour_is_told_that_it_is_not_there_in_the_words_for_what_never_was(filed: Drive) -> None:
    with pytest.raises(NotFound) as closed:
        dossiers.access_dossier(filed.by("other"), filed.id)
    with pytest.raises(NotFound) as absent:
        dossiers.access_dossier(filed.by("other"), filed.id + 100_000)
    assert (closed.value.code, closed.value.sentence) == (absent.value.code, absent.value.sentence)
    assert not dossiers.dossiers_for(filed.by("other")).filter(pk=filed.id).exists()
    assert dossiers.access_dossier(filed.by("officer3"), filed.id).pk == filed.id


def test_the_supervisor_above_sees_it(filed: Drive) -> None:
    assert dossiers.access_dossier(filed.by("supervisor"), filed.id).pk == filed.id


def test_who_is_recused_no_longer_sees_it_and_who_merely_left_does(filed: Drive) -> None:
    officer1, officer2 = filed.people(("officer1", "officer2"))
    dossier = dossiers.access_dossier(filed.by("officer1"), filed.id)
    by = filed.by("leader")
    dossiers.member_leave(
        dossier=dossier, person_id=officer1, reason="调整承办人", recused=False, by=by, at=filed.at
    )
    assert dossiers.access_dossier(filed.by("officer1"), filed.id)
    dossiers.member_leave(
        dossier=dossier, person_id=officer2, reason="回避", recused=True, by=by, at=filed.at
    )
    with pytest.raises(NotFound):
        dossiers.access_dossier(filed.by("officer2"), filed.id)
    assert dossier.lead_id is None, "the lead left"


def test_a_new_lead_replaces_the_former_who_stays_on_record(filed: Drive) -> None:
    first, third = filed.people(("officer1", "officer3"))
    dossier = dossiers.access_dossier(filed.by("officer1"), filed.id)
    dossiers.member_join(dossier=dossier, person_id=third, role="lead", by=filed.by("head"), at=filed.at)
    assert [m.person_id for m in dossiers.members(filed.id, ("lead",))] == [third]
    past = [m.person_id for m in dossiers.members(filed.id, ("lead",), active=False)]
    assert past == [first, third]
    assert dossier.lead_id == third and dossier.lead_name


def test_joining_twice_changes_nothing(filed: Drive) -> None:
    second = filed.people(("officer2",))[0]
    dossier = dossiers.access_dossier(filed.by("officer1"), filed.id)
    before = Member.objects.count()
    dossiers.member_join(dossier=dossier, person_id=second, role="assist", by=filed.by("head"), at=filed.at)
    assert Member.objects.count() == before


def test_numbers_run_without_a_gap(filed: Drive, opened: Drive) -> None:
    numbers = [dossiers.access_dossier(filed.by("officer1"), c.id).number for c in (filed, opened)]
    serials = sorted(int(re.search(r"(\d+)号?$", n).group(1)) for n in numbers)  # type: ignore[union-attr]
    assert serials[1] == serials[0] + 1


def test_among_given_ids_the_same_dossiers_are_seen_as_in_the_list(filed: Drive, opened: Drive) -> None:
    ids = [filed.id, opened.id, 999_999]
    dossier, (officer2,) = dossiers.access_dossier(filed.by("leader"), filed.id), filed.people(("officer2",))
    dossiers.member_leave(
        dossier=dossier, person_id=officer2, reason="回避", recused=True, by=filed.by("leader"), at=filed.at
    )
    for who in ("officer1", "officer2", "supervisor", "other"):
        by = filed.by(who)
        listed = set(dossiers.dossiers_for(by).values_list("pk", flat=True))
        assert set(dossiers.dossiers_among(by, ids).values_list("pk", flat=True)) == listed & set(ids)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
def test_dossiers_asked_for_by_id_are_not_looked_for_among_all_of_the_body(filed: Drive) -> None:
    plan = dossiers.dossiers_among(filed.by("officer1"), [filed.id, 1, 2]).explain()
    assert "SEARCH dossiers_dossier USING INTEGER PRIMARY KEY" in plan, plan
