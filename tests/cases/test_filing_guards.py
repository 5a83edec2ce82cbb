"""Filing: limitation, officers, items, approval. Both sides of each line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed
from mingzhi.organisations.permissions import Permission
from mingzhi.tasks.models import Task
from mingzhi.web.demo.drive import Drive
from tests.cases.staging import holding, person_named, refused, taken

pytestmark = pytest.mark.django_db(databases="__all__")


def request(case: Drive, **changes: Any) -> dict[str, Any]:
    m = case.matter
    return {
        "cause": m.cause,
        "source": m.source,
        "item_code": m.item_code,
        "summary": m.summary,
        "place": m.place,
        "act_began_on": "2026-09-04",
        "act_ended_on": "2026-09-04",
        "discovered_on": "2026-09-04",
        "officers": case.people(m.officers),
        **changes,
    }


@pytest.mark.parametrize(
    ("ended", "grave", "possible"),
    [
        ("2024-09-04", False, True),
        ("2024-09-03", False, False),
        ("2024-09-03", True, True),
        ("2021-09-04", True, True),
        ("2021-09-03", True, False),
    ],
)
def test_an_act_found_on_the_last_day_of_two_or_five_years_is_filed_and_a_day_later_it_is_not(
    opened: Drive, ended: str, grave: bool, possible: bool
) -> None:
    facts = request(opened, act_began_on=ended, act_ended_on=ended, discovered_on="2026-09-04", grave=grave)
    if possible:
        assert taken(opened, "file_request", "officer1", **facts) == "pending"
    else:
        assert refused(opened, "file_request", "officer1", **facts) == {"PEN-01.expired"}


def test_limitation_does_not_run_while_the_act_goes_on(opened: Drive) -> None:
    facts = request(opened, act_began_on="2020-01-01", act_ended_on=None)
    assert taken(opened, "file_request", "officer1", **facts) == "pending"


def test_days_that_run_backwards_are_refused_together(opened: Drive) -> None:
    facts = request(opened, act_began_on="2026-09-04", act_ended_on="2026-09-03", discovered_on="2026-09-02")
    assert refused(opened, "file_request", "officer1", **facts) == {"PEN-01.order", "PEN-01.discovered"}


def test_an_act_found_today_is_filed_and_one_found_tomorrow_is_refused(opened: Drive) -> None:
    tomorrow = (clock.local_date(opened.at) + timedelta(days=1)).isoformat()
    assert refused(opened, "file_request", "officer1", **request(opened, discovered_on=tomorrow)) == {
        "date.discovered_on"
    }
    assert taken(opened, "file_request", "officer1", **request(opened, discovered_on=opened.day)) == "pending"


@pytest.mark.parametrize("who", ["冯某己", "褚某庚", "卫某辛"])
def test_two_certified_officers_file_and_one_with_an_expired_suspended_or_no_certificate_does_not_count(
    opened: Drive, who: str
) -> None:
    good, other = opened.people(opened.matter.officers)
    bad = person_named(opened, who)
    codes = refused(opened, "file_request", "officer1", **request(opened, officers=[good, bad]))
    assert codes, "two officers with valid certificates are needed"
    assert all("cert" in c or "two" in c or "PEN-04" in c or "officer" in c for c in codes), codes
    assert taken(opened, "file_request", "officer1", **request(opened, officers=[good, other])) == "pending"


def test_one_officer_named_twice_is_one_officer(opened: Drive) -> None:
    good, other = opened.people(opened.matter.officers)
    assert refused(opened, "file_request", "officer1", **request(opened, officers=[good, good]))
    assert taken(opened, "file_request", "officer1", **request(opened, officers=[good, other])) == "pending"


def test_a_certificate_counts_on_its_last_day_and_not_on_the_next(opened: Drive) -> None:
    from mingzhi.organisations.models import Certificate

    good, other = opened.people(opened.matter.officers)
    today = clock.local_date(opened.at)
    own = Certificate.objects.filter(person_id=other)
    own.update(valid_until=today - timedelta(days=1))
    assert refused(opened, "file_request", "officer1", **request(opened, officers=[good, other]))
    own.update(valid_until=today)
    assert taken(opened, "file_request", "officer1", **request(opened, officers=[good, other])) == "pending"


def test_an_item_in_force_is_filed_and_one_outside_the_catalogue_is_refused(opened: Drive) -> None:
    assert refused(opened, "file_request", "officer1", **request(opened, item_code="urban.no-such")) == {
        "PEN-47.item"
    }
    assert taken(opened, "file_request", "officer1", **request(opened)) == "pending"


def test_filing_waits_for_a_party(opened: Drive) -> None:
    from mingzhi.dossiers.models import DossierParty

    links = DossierParty.objects.filter(dossier_id=opened.id)
    kept = links.get()
    links.delete()
    assert refused(opened, "file_request", "officer1", **request(opened)) == {"G1.party"}
    kept.pk = None
    kept.save()
    assert taken(opened, "file_request", "officer1", **request(opened)) == "pending"


def test_every_field_that_is_missing_is_named_at_once(opened: Drive) -> None:
    from mingzhi.procedures import api as procedures

    with pytest.raises(Invalid) as wrong:
        procedures.advance(
            opened.id,
            "file_request",
            by=opened.by("officer1"),
            at=opened.at,
            facts={"cause": "占路", "spare": "1"},
        )
    assert {"cause", "source", "item_code", "summary", "place", "officers", "spare"} <= set(
        wrong.value.fields
    )
    assert "至少填写 4 个字" in wrong.value.fields["cause"]
    assert "本环节没有此项内容" in wrong.value.fields["spare"]


def test_the_handler_does_not_approve_the_own_filing_and_a_leader_who_never_handled_it_does(
    opened: Drive,
) -> None:
    opened.step("file_request", "officer1", **request(opened))
    own = holding(opened.by("officer1"), Permission.CASE_APPROVE, roles=frozenset({"leader"}))
    assert refused(opened, "file_approve", own, opinion="同意立案。") == {"SoD-1.approver"}
    assert taken(opened, "file_approve", "leader", opinion="同意立案。") == "investigating"


def test_someone_who_handled_it_earlier_does_not_approve_it_later(opened: Drive) -> None:
    third = opened.people(("officer3", "officer2"))
    opened.step("file_request", "officer1", **request(opened))
    opened.step("file_approve", "leader", opinion="同意立案。")
    opened.step("assign", "head", officers=third, reason="工作调整")
    former = holding(opened.by("officer1"), Permission.CASE_APPROVE, roles=frozenset({"leader"}))
    assert refused(opened, "withdraw", former, reason="主体认定错误。") == {"SoD-1.approver"}
    assert taken(opened, "withdraw", "leader", reason="主体认定错误。") == "withdrawn"


def test_a_deputy_approves_under_a_mandate_on_record_and_not_without(opened: Drive) -> None:
    opened.step("file_request", "officer1", **request(opened))
    deputy = holding(opened.by("deputy"), Permission.CASE_APPROVE)
    assert refused(opened, "file_approve", deputy, opinion="同意。") == {"SoD-9.mandate"}
    assert (
        taken(opened, "file_approve", deputy, opinion="同意。", mandate="示例授权书〔2026〕1号")
        == "investigating"
    )


def test_an_officer_may_not_approve_at_all(opened: Drive) -> None:
    opened.step("file_request", "officer1", **request(opened))
    with pytest.raises(NotAllowed):
        taken(opened, "file_approve", "officer3", opinion="同意立案。")


def test_ninety_calendar_days_run_from_filing_with_warnings(opened: Drive) -> None:
    opened.step("file_request", "officer1", **request(opened))
    opened.step("file_approve", "leader", opinion="同意立案。")
    (term,) = deadlines.running(opened.id)
    assert term.norm == "penalty.term.filing_to_decision"
    assert term.started_on == date(2026, 9, 7)
    # Day 90 is Sunday 2026-12-06: the law lets it end on Monday, the alarm stays on the unrolled day.
    assert term.due_on == date(2026, 12, 7)
    assert term.alarm_on == date(2026, 12, 6)


def test_a_returned_filing_comes_back_and_a_refused_one_ends(opened: Drive) -> None:
    opened.step("file_request", "officer1", **request(opened))
    opened.step("file_return", "leader", reason="补充当事人信息")
    opened.step("file_request", "officer1", **request(opened))
    assert taken(opened, "file_refuse", "leader", reason="违法事实轻微，不予立案") == "not_filed"
    assert not Task.objects.filter(dossier_id=opened.id, closed_at=None).exists(), (
        "an ended case asks nobody for anything"
    )
