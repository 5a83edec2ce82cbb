"""Service, payment, surcharge, demand, court, closing. Both sides of each line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.cases.penalty import proposal
from mingzhi.deadlines import api as deadlines
from mingzhi.documents import actions
from mingzhi.documents import api as documents
from mingzhi.documents.models import Paper
from mingzhi.kernel import clock
from mingzhi.procedures import api as procedures
from mingzhi.web.demo.drive import Bureau, Drive
from tests.cases.staging import on_copy, refused, standing, start, taken

pytestmark = pytest.mark.django_db(databases="__all__")
SERVED = date(2026, 3, 2)


@pytest.fixture(scope="module")
def served_once(module_bureau: Bureau) -> Drive:
    """A fine of 5000 yuan, its decision served on Monday 2026-03-02."""
    case = start(
        module_bureau, at=clock.at_local(date(2026, 2, 2), 9), act_on=date(2026, 1, 30), fine_yuan="5000"
    )
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    case.at = clock.at_local(SERVED, 9)
    case.serve("P18", "decision_serve")
    return case


@pytest.fixture
def served(served_once: Drive) -> Drive:
    return on_copy(served_once)


def context(case: Drive, verb: str = "demand") -> procedures.Context:
    from mingzhi.dossiers import api as dossiers

    by = case.by("officer1")
    return procedures.form_context(dossiers.access_dossier(by, case.id), verb, by=by, at=case.at)


def paper(case: Drive, template: str) -> int:
    return next(p.id for p in reversed(documents.papers(case.id)) if p.template == template)


def service(case: Drive, mode: str = "direct", template: str = "P18", **changes: Any) -> dict[str, Any]:
    facts = {"paper": paper(case, template), "mode": mode, "served_on": case.day, "place": "示例路 1 号"}
    if mode in ("direct", "leave"):
        facts["officers"] = case.people(case.matter.officers)
    if mode in ("direct", "mail"):
        facts |= {"receiver": "林某某", "relation": "法定代表人"}
    return {**facts, **changes}


# --- service ------------------------------------------------------------------------------


def test_a_decision_is_due_for_service_in_seven_working_days(decided: Drive) -> None:
    term = next(t for t in deadlines.running(decided.id) if t.norm == "penalty.term.service_when_absent")
    assert term.due_on == deadlines.due(term.started_on, deadlines.Term(7, "WD")).on


def test_a_decision_is_served_by_two_certified_officers_to_somebody_who_signs(decided: Drive) -> None:
    assert refused(
        decided, "decision_serve", "officer1", **service(decided, officers=decided.people(("officer1",)))
    )
    assert refused(decided, "decision_serve", "officer1", **service(decided, receiver="")) == {
        "documents.service.signer"
    }
    assert taken(decided, "decision_serve", "officer1", **service(decided)) == "enforcing"


def test_a_service_tomorrow_or_before_the_paper_is_refused(decided: Drive) -> None:
    today = clock.local_date(decided.at)
    assert "date.served_on" in refused(
        decided,
        "decision_serve",
        "officer1",
        **service(decided, served_on=(today + timedelta(days=1)).isoformat()),
    )
    assert "documents.service.before_paper" in refused(
        decided,
        "decision_serve",
        "officer1",
        **service(decided, served_on=(today - timedelta(days=30)).isoformat()),
    )


def test_leaving_needs_a_witness_and_its_recording(decided: Drive) -> None:
    from tests.cases.staging import recorded

    left = service(decided, "leave", refusal="拒绝签收")
    codes = refused(decided, "decision_serve", "officer1", **left)
    assert "documents.service.witness_or_film" in codes and len(codes) == 2, "the recording is missing too"
    seen = {**left, "witness": "某某", "witness_unit": "社区居民委员会"}
    assert refused(decided, "decision_serve", "officer1", **seen) == codes - {
        "documents.service.witness_or_film"
    }
    recorded(decided, "service_leave")
    assert taken(
        decided,
        "decision_serve",
        "officer1",
        **service(decided, "leave", refusal="拒绝签收", witness="某某", witness_unit="社区居民委员会"),
    )


def test_what_was_written_of_an_explanation_does_not_count_where_nobody_was_faced(decided: Drive) -> None:
    """R033: the form hides it once another mode is chosen; what was written before neither blocks nor prints."""
    decided.step("e_service", "officer1", signed=True, address="party@example.invalid", signed_on=decided.day)
    left_over = {"explained": "说了一半", "explained_by": None, "explained_at": None, "explained_answer": ""}
    assert "R033.explained_by" in refused(
        decided, "decision_serve", "officer1", **{**service(decided), **left_over}
    )
    taken(decided, "decision_serve", "officer1", **{**service(decided, "electronic"), **left_over})
    assert "explained" not in actions.data_of(Paper.objects.get(pk=paper(decided, "P27")))


def test_electronic_service_only_after_the_party_signed_for_it(decided: Drive) -> None:
    assert refused(decided, "decision_serve", "officer1", **service(decided, "electronic")) >= {
        "documents.service.consent"
    }
    agreed = {"address": "party@example.invalid", "signed_on": decided.day}
    assert refused(decided, "e_service", "officer1", signed=False, **agreed) == {"PEN-24.unsigned"}
    decided.step("e_service", "officer1", signed=True, **agreed)
    assert taken(decided, "decision_serve", "officer1", **service(decided, "electronic")) == "enforcing"


def test_a_public_notice_is_the_last_resort_and_counts_after_thirty_days(decided: Drive) -> None:
    from tests.cases.staging import recorded

    notice = service(
        decided, "public_notice", notice_reason="两次到住所均无人", notice_place="本机关门户网站"
    )
    recorded(decided, "service_public_notice")
    assert refused(decided, "decision_serve", "officer1", **notice) == {"documents.service.last_resort"}
    bare = {**notice, "whereabouts_unknown": True, "notice_reason": "", "notice_place": ""}
    assert refused(decided, "decision_serve", "officer1", **bare) == {
        "documents.service.why_public",
        "documents.service.carrier",
    }
    failed = service(decided, "direct", failed=True, notice_reason="住所无人", receiver="", relation="")
    assert taken(decided, "decision_serve", "officer1", **failed) == "decided"
    assert taken(decided, "decision_serve", "officer1", **notice) == "enforcing"
    due = next(t for t in deadlines.running(decided.id) if t.norm == "penalty.term.payment")
    assert due.started_on == clock.local_date(decided.at) + timedelta(days=30)
    assert any(p.template == "P27N" for p in documents.papers(decided.id))


def test_a_failed_attempt_is_kept_and_starts_nothing(decided: Drive) -> None:
    failed = service(decided, "direct", failed=True, notice_reason="住所无人", receiver="", relation="")
    assert taken(decided, "decision_serve", "officer1", **failed) == "decided"
    assert all(t.norm != "penalty.term.payment" for t in deadlines.running(decided.id))
    assert taken(decided, "decision_serve", "officer1", **service(decided)) == "enforcing"


def test_a_decision_is_served_by_its_own_step_and_once(decided: Drive) -> None:
    assert refused(decided, "paper_serve", "officer1", **service(decided)) == {"SRV.own"}
    decided.step("decision_serve", "officer1", **service(decided))
    assert refused(decided, "paper_serve", "officer1", **service(decided)) >= {"SRV.paper"}


def test_clocks_of_payment_and_remedies_start_on_the_day_of_service(served: Drive) -> None:
    due = {t.norm: t.due_on for t in deadlines.running(served.id)}
    assert due["penalty.term.payment"] == date(2026, 3, 17), "fifteen calendar days"
    assert due["remedy.term.litigation"] == date(2026, 9, 2), "six months"
    assert due["remedy.term.review_application"] == date(2026, 5, 6), "sixty days end on a holiday and roll"


# --- money -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "fen"),
    [(-1, 0), (0, 0), (1, 15000), (10, 150000), (33, 495000), (34, 500000), (35, 500000), (400, 500000)],
)
def test_the_surcharge_is_three_percent_a_day_and_never_above_the_fine(days: int, fen: int) -> None:
    assert proposal.surcharge_fen(fine_fen=500000, days=days, daily_permille=30) == fen


@given(fine=st.integers(0, 10**12), days=st.integers(-5, 5000))
def test_the_surcharge_never_falls_with_time_and_stays_within_the_fine(fine: int, days: int) -> None:
    now = proposal.surcharge_fen(fine_fen=fine, days=days, daily_permille=30)
    later = proposal.surcharge_fen(fine_fen=fine, days=days + 1, daily_permille=30)
    assert 0 <= now <= later <= fine


@pytest.mark.parametrize(
    ("days", "fen"), [(0, 0), (1, 15000), (10, 150000), (33, 495000), (34, 500000), (60, 500000)]
)
def test_the_surcharge_of_a_case_counts_from_the_day_after_the_time_to_pay(
    served: Drive, days: int, fen: int
) -> None:
    served.at = clock.at_local(date(2026, 3, 17) + timedelta(days=days), 9)
    assert proposal.surcharge_due_fen(context(served)) == fen


def test_the_surcharge_stands_still_during_reconsideration(served: Drive) -> None:
    served.at = clock.at_local(date(2026, 4, 20), 9)
    served.step(
        "remedy",
        "officer1",
        forum="reconsideration",
        began_on="2026-03-23",
        ended_on="2026-04-11",
        number="示例复〔2026〕1号",
    )
    served.at = clock.at_local(date(2026, 4, 16), 9)
    # 18–22 March and 12–16 April: ten days; the twenty days of the proceedings do not count.
    assert proposal.surcharge_due_fen(context(served)) == 150000


def test_an_open_reconsideration_stops_the_surcharge_from_its_first_day(served: Drive) -> None:
    served.at = clock.at_local(date(2026, 6, 1), 9)
    served.step("remedy", "officer1", forum="court", began_on="2026-03-20", number="（2026）某0000行初1号")
    assert proposal.surcharge_due_fen(context(served)) == 30000, "18 and 19 March"


def test_what_is_paid_bears_no_surcharge(served: Drive) -> None:
    served.step(
        "payment", "cashier", amount_yuan="4000", paid_on=served.day, channel="bank", voucher="示例凭证0001"
    )
    served.at = clock.at_local(date(2026, 3, 27), 9)
    assert proposal.surcharge_due_fen(context(served)) == 30000, (
        "ten days of three percent of the remaining 1000 yuan"
    )


def pay(case: Drive, amount: str = "5000", **changes: Any) -> dict[str, Any]:
    return {
        "amount_yuan": amount,
        "paid_on": case.day,
        "channel": "bank",
        "voucher": "示例凭证0001",
        **changes,
    }


def test_a_payment_is_entered_by_the_cashier_and_never_by_the_handler(served: Drive) -> None:
    from mingzhi.organisations.permissions import Permission
    from tests.cases.staging import holding

    own = holding(served.by("officer1"), Permission.PAYMENT_RECORD)
    assert refused(served, "payment", own, **pay(served)) == {"SoD-7.handler"}
    assert taken(served, "payment", "cashier", **pay(served)) == "enforcing"


def test_one_voucher_is_entered_once_and_nothing_after_all_is_paid(served: Drive) -> None:
    assert refused(served, "payment", "cashier", **pay(served, "0")) == {"PEN-25.zero"}
    served.step("payment", "cashier", **pay(served, "1000"))
    assert refused(served, "payment", "cashier", **pay(served, "4000")) == {"PEN-25.voucher"}
    served.step("payment", "cashier", **pay(served, "4000", voucher="示例凭证0002"))
    assert standing(served, "payment", "cashier") == {"PEN-25.none"}
    assert all(t.norm != "penalty.term.payment" for t in deadlines.running(served.id))


def test_a_demand_comes_after_the_last_day_to_pay_and_not_on_it(served: Drive) -> None:
    served.at = clock.at_local(date(2026, 3, 17), 17)
    assert standing(served, "demand", "officer1") == {"PEN-29.early"}
    served.at = clock.at_local(date(2026, 3, 18), 9)
    assert standing(served, "demand", "officer1") == set()
    served.step("payment", "cashier", **pay(served))
    assert standing(served, "demand", "officer1") == {"PEN-29.paid"}


def test_an_approved_deferral_moves_the_day_to_pay_and_names_it(served: Drive) -> None:
    served.step("defer_apply", "officer1", kind="defer", reason="经营困难", until="2026-04-30")
    assert refused(served, "defer_decide", "leader", approved=True, reason="情况属实") == {"PEN-25.until"}
    assert refused(served, "defer_decide", "leader", approved=True, reason="情况属实", until=served.day) == {
        "PEN-25.past"
    }
    served.step("defer_decide", "leader", approved=True, reason="情况属实", until="2026-04-30")
    assert next(t.due_on for t in deadlines.running(served.id) if t.norm == "penalty.term.payment") == date(
        2026, 4, 30
    )
    served.at = clock.at_local(date(2026, 4, 30), 17)
    assert standing(served, "demand", "officer1") == {"PEN-29.early"}
    served.at = clock.at_local(date(2026, 5, 1), 9)
    assert standing(served, "demand", "officer1") == set()


# --- the court ----------------------------------------------------------------------------------


def demanded(case: Drive, on: date) -> Drive:
    case.at = clock.at_local(on, 9)
    case.step("demand", "officer1", contact="承办人 0000-0000000")
    case.serve("P24", "paper_serve")
    return case


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2026, 9, 2), {"ENF-20.early"}),
        (date(2026, 9, 3), set()),
        (date(2026, 12, 2), set()),
        (date(2026, 12, 3), {"ENF-20.late"}),
    ],
)
def test_a_decision_served_on_2_march_goes_to_the_court_from_3_september_to_2_december(
    served: Drive, day: date, codes: set[str]
) -> None:
    demanded(served, date(2026, 3, 20)).at = clock.at_local(day, 10)
    assert standing(served, "court_apply", "leader") == codes


def test_the_court_is_asked_ten_working_days_after_the_demand_was_served(served: Drive) -> None:
    served.at = clock.at_local(date(2026, 9, 3), 9)
    assert standing(served, "court_apply", "leader") == {"ENF-21.demand"}
    demanded(served, date(2026, 9, 7))
    ready = deadlines.due(date(2026, 9, 7), deadlines.Term(10, "WD")).on
    served.at = clock.at_local(ready, 17)
    assert standing(served, "court_apply", "leader") == {"ENF-21.wait"}
    served.at = clock.at_local(ready + timedelta(days=1), 9)
    assert standing(served, "court_apply", "leader") == set()


# --- closing --------------------------------------------------------------------------------------


def test_a_case_is_closed_when_all_is_paid_and_served_and_not_one_fen_earlier(served: Drive) -> None:
    served.step("payment", "cashier", **pay(served, "4999.99"))
    assert standing(served, "close_request", "officer1") == {"PEN-50.unpaid"}
    served.step("payment", "cashier", **pay(served, "0.01", voucher="示例凭证0002"))
    assert standing(served, "close_request", "officer1") == set()
    served.step("close_request", "officer1", kind="performed", detail="已缴清")
    assert taken(served, "close_approve", "leader", opinion="同意结案。") == "closed"


def test_an_unserved_paper_keeps_a_case_open(served: Drive) -> None:
    demanded_on = date(2026, 3, 20)
    served.at = clock.at_local(demanded_on, 9)
    served.step("demand", "officer1", contact="承办人 0000-0000000")
    served.step("payment", "cashier", **pay(served))
    assert standing(served, "close_request", "officer1") == {"PEN-50.unserved"}
    served.serve("P24", "paper_serve")
    assert standing(served, "close_request", "officer1") == set()


def test_a_handler_does_not_approve_the_closing(served: Drive) -> None:
    from mingzhi.organisations.permissions import Permission
    from tests.cases.staging import holding

    served.step("payment", "cashier", **pay(served))
    served.step("close_request", "officer1", kind="performed", detail="已缴清")
    own = holding(served.by("officer2"), Permission.CASE_APPROVE, roles=frozenset({"leader"}))
    assert refused(served, "close_approve", own, opinion="同意") == {"SoD-1.approver"}
    assert taken(served, "close_approve", "leader", opinion="同意结案。") == "closed"


def test_a_suspension_of_business_is_performed_before_the_case_is_closed(heavy: Drive) -> None:
    heavy.to_decision()
    heavy.serve("P18", "decision_serve")
    heavy.pay()
    assert standing(heavy, "close_request", "officer1") == {"PEN-50.unperformed"}
    heavy.step("performed", "officer1", performed_on=heavy.day, detail="已停产停业")
    assert standing(heavy, "close_request", "officer1") == set()
