"""A penalty on the spot: amounts, kinds, collection. Both sides of each line (PEN-08, PEN-27, PEN-28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mingzhi.deadlines import api as deadlines
from mingzhi.documents import api as documents
from mingzhi.documents.errors import PaperFixed
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel import clock
from mingzhi.web.demo.drive import Bureau, Drive
from tests.cases.staging import on_copy, refused, standing, start, taken

pytestmark = pytest.mark.django_db(databases="__all__")
CITIZEN = PartyInput(kind="natural", name="孙某某", gender="男", address="示例路 2 号", phone="13800000001")
HOUSEHOLD = PartyInput(
    kind="household",
    name="示例便利店",
    standard="citizen",
    code_note="代码补办中",
    representative="钱某某",
    address="示例路 3 号",
)


def opened(bureau: Bureau, party: PartyInput | None = None) -> Drive:
    changes: dict[str, Any] = {"item_code": "urban.littering", **({"party": party} if party else {})}
    case = start(bureau, **changes)
    case.open("penalty.summary")
    case.record("summary_penalty", title="当场处罚录像")
    return case


@pytest.fixture(scope="module")
def company_once(module_bureau: Bureau) -> Drive:
    return opened(module_bureau)


@pytest.fixture(scope="module")
def citizen_once(module_bureau: Bureau) -> Drive:
    return opened(module_bureau, CITIZEN)


@pytest.fixture
def company(company_once: Drive) -> Drive:
    return on_copy(company_once)


@pytest.fixture
def citizen(citizen_once: Drive) -> Drive:
    return on_copy(citizen_once)


def spot(case: Drive, fine: str = "50", **changes: Any) -> dict[str, Any]:
    m = case.matter
    return {
        "item_code": m.item_code,
        "cause": m.cause,
        "place": m.place,
        "act_on": case.day,
        "facts_found": m.facts_found,
        "law_violated": m.law_violated,
        "law_basis": m.law_basis,
        "kinds": ["03"],
        "fine_yuan": fine,
        "officers": case.people(m.officers),
        "card_shown": True,
        "told": True,
        "signature": "signed",
        **changes,
    }


def test_a_fine_on_the_spot_of_200_yuan_for_a_citizen_is_allowed_and_200_01_is_refused(
    citizen: Drive,
) -> None:
    assert refused(citizen, "spot_decide", "officer1", **spot(citizen, "200.01")) == {"PEN-08.amount"}
    assert taken(citizen, "spot_decide", "officer1", **spot(citizen, "200")) == "decided"


def test_a_fine_on_the_spot_of_3000_yuan_for_a_company_is_allowed_and_3000_01_is_refused(
    company: Drive,
) -> None:
    assert refused(company, "spot_decide", "officer1", **spot(company, "3000.01")) == {"PEN-08.amount"}
    assert taken(company, "spot_decide", "officer1", **spot(company, "3000")) == "decided"


def test_a_household_business_is_judged_by_the_standard_it_was_registered_with(module_bureau: Bureau) -> None:
    as_citizen = opened(module_bureau, HOUSEHOLD)
    assert refused(as_citizen, "spot_decide", "officer1", **spot(as_citizen, "200.01")) == {"PEN-08.amount"}
    other = replace(HOUSEHOLD, standard="organisation", name="示例小吃店")
    as_organisation = opened(module_bureau, other)
    assert taken(as_organisation, "spot_decide", "officer1", **spot(as_organisation, "200.01")) == "decided"


def test_a_warning_is_given_on_the_spot_and_public_criticism_is_not(company: Drive) -> None:
    warning = spot(company, "0", kinds=["01"])
    assert refused(company, "spot_decide", "officer1", **spot(company, "0", kinds=["02"])) == {"PEN-08.kinds"}
    assert refused(company, "spot_decide", "officer1", **spot(company, "0", kinds=["10"])) == {"PEN-08.kinds"}
    assert taken(company, "spot_decide", "officer1", **warning) == "decided"


def test_kind_and_amount_agree(company: Drive) -> None:
    assert refused(company, "spot_decide", "officer1", **spot(company, "0")) == {"PEN-08.fine"}
    assert refused(company, "spot_decide", "officer1", **spot(company, "50", kinds=["01"])) == {"PEN-08.fine"}


def test_the_party_is_told_and_shown_the_card_first(company: Drive) -> None:
    bare = spot(company, told=False, card_shown=False)
    assert refused(company, "spot_decide", "officer1", **bare) == {"PEN-14.spot", "PEN-05.card"}
    assert taken(company, "spot_decide", "officer1", **spot(company)) == "decided"


def test_two_officers_decide_on_the_spot_too(company: Drive) -> None:
    one = company.people(("officer1",)) * 2
    assert refused(company, "spot_decide", "officer1", **spot(company, officers=one))
    assert taken(company, "spot_decide", "officer1", **spot(company)) == "decided"


@pytest.mark.parametrize(("born", "possible"), [(date(2012, 9, 8), False), (date(2012, 9, 7), True)])
def test_nobody_under_fourteen_is_penalised_on_the_spot(citizen: Drive, born: date, possible: bool) -> None:
    from mingzhi.dossiers.models import Party

    Party.objects.filter(dossier_links__dossier_id=citizen.id).update(born_on=born)
    if possible:
        assert taken(citizen, "spot_decide", "officer1", **spot(citizen)) == "decided"
    else:
        assert refused(citizen, "spot_decide", "officer1", **spot(citizen)) == {"PEN-40.exempt"}


def test_up_to_100_yuan_is_collected_on_the_spot_and_100_01_only_on_another_ground(citizen: Drive) -> None:
    small = {"collected": True, "collect_reason": "small", "receipt": "示例票据0001"}
    assert refused(citizen, "spot_decide", "officer1", **spot(citizen, "100.01", **small)) == {
        "PEN-27.amount"
    }
    assert taken(citizen, "spot_decide", "officer1", **spot(citizen, "100", **small)) == "decided"


def test_a_fine_hard_to_enforce_later_is_collected_above_100_yuan(citizen: Drive) -> None:
    hard = {"collected": True, "collect_reason": "hard_later", "receipt": "示例票据0001"}
    assert taken(citizen, "spot_decide", "officer1", **spot(citizen, "150", **hard)) == "decided"


def test_collection_names_its_ground_and_the_treasury_s_receipt(citizen: Drive) -> None:
    bare = spot(citizen, "50", collected=True)
    assert refused(citizen, "spot_decide", "officer1", **bare) == {"PEN-27.reason", "PEN-27.receipt"}
    nothing = spot(citizen, "0", kinds=["01"], collected=True, collect_reason="small", receipt="示例票据0001")
    assert refused(citizen, "spot_decide", "officer1", **nothing) == {"PEN-27.nothing"}


def test_a_fine_taken_on_the_spot_reaches_the_agency_and_the_bank_in_two_working_days_each(
    citizen: Drive,
) -> None:
    citizen.at = clock.at_local(date(2026, 9, 18), 10)
    taking = {"collected": True, "collect_reason": "small", "receipt": "示例票据0001"}
    citizen.step("spot_decide", "officer1", **spot(citizen, "50", **taking))
    due = {t.norm: t.due_on for t in deadlines.running(citizen.id)}
    assert due["penalty.term.spot_fine_to_agency"] == date(2026, 9, 21), "Sunday the 20th is a working day"
    citizen.step("record_file", "head", filed_on=citizen.day)
    assert standing(citizen, "close", "head") == {"PEN-28.open"}
    assert refused(citizen, "fine_to_bank", "cashier", done_on=citizen.day, voucher="示例0001") == {
        "ORDER.fine_to_agency"
    }
    citizen.step("fine_to_agency", "cashier", done_on=citizen.day, voucher="示例0001")
    due = {t.norm: t.due_on for t in deadlines.running(citizen.id)}
    assert due["penalty.term.spot_fine_to_bank"] == date(2026, 9, 21)
    citizen.step("fine_to_bank", "cashier", done_on=citizen.day, voucher="示例0002")
    assert standing(citizen, "close", "head") == set()


def test_nothing_is_handed_over_where_nothing_was_collected(citizen: Drive) -> None:
    citizen.step("spot_decide", "officer1", **spot(citizen))
    assert standing(citizen, "fine_to_agency", "cashier") == {"PEN-28.none"}


def test_a_spot_case_is_reported_to_the_agency_before_it_is_closed(citizen: Drive) -> None:
    citizen.step("spot_decide", "officer1", **spot(citizen))
    citizen.step(
        "payment", "cashier", amount_yuan="50", paid_on=citizen.day, channel="bank", voucher="示例0001"
    )
    assert standing(citizen, "close", "head") == {"PEN-09.record"}
    citizen.step("record_file", "head", filed_on=citizen.day)
    assert standing(citizen, "close", "head") == set()
    assert standing(citizen, "record_file", "head") == {"ONCE.record_file"}


def test_the_same_act_is_not_fined_on_the_spot_twice_and_a_warning_is_no_fine(module_bureau: Bureau) -> None:
    first, second = opened(module_bureau), opened(module_bureau)
    first.step("spot_decide", "officer1", **spot(first, "50"))
    assert refused(second, "spot_decide", "officer1", **spot(second, "50")) == {"PEN-41.twice"}
    warned = spot(second, "0", kinds=["01"])
    assert taken(second, "spot_decide", "officer1", **warned) == "decided"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"signature": "signed"}, {"signer": "孙某某", "refused_reason": ""}),
        (
            {"signature": "refused", "signature_note": "当事人拒绝签名，已当面宣读并交付"},
            {"signer": "", "refused_reason": "当事人拒绝签名，已当面宣读并交付"},
        ),
    ],
)
def test_a_decision_handed_over_on_the_spot_is_served_that_day_and_what_runs_from_service_runs(
    citizen: Drive, given: dict[str, Any], kept: dict[str, str]
) -> None:
    assert taken(citizen, "spot_decide", "officer1", **spot(citizen, **given)) == "decided"
    (paper,) = documents.papers(citizen.id, template="P20")
    assert (paper.state, paper.served_on) == ("served", citizen.at.date())
    (service,) = documents.services(citizen.id)
    assert service.mode == "direct" and len(service.facts["officers"]) == 2
    assert {name: service.facts[name] for name in kept} == kept
    running = {t.norm for t in deadlines.running(citizen.id)}
    assert {"remedy.term.review_application", "penalty.term.payment"} <= running
    with pytest.raises(PaperFixed):
        documents.void(paper_id=paper.id, reason="写错", by=citizen.by("officer1"), at=citizen.at)


def test_who_is_away_cannot_be_given_a_decision_on_the_spot(citizen: Drive) -> None:
    away = spot(citizen, signature="absent", signature_note="当事人离开现场")
    assert refused(citizen, "spot_decide", "officer1", **away) == {"PEN-09.handed"}
    assert documents.papers(citizen.id) == []
