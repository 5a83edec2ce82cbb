"""SoD-1 … SoD-11, each on both sides of its line."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mingzhi.kernel.errors import Reason
from mingzhi.organisations import separation as sod
from mingzhi.organisations.choices import Role
from mingzhi.organisations.data import Actor, CertificateState


def refused(reason: Reason | None) -> bool:
    if reason is None:
        return False
    assert reason.code.startswith("sod.") and reason.sentence and reason.citation and reason.remedy
    return True


def test_all_eleven_have_a_name():
    assert all(callable(getattr(sod, f"SOD_{n}")) for n in range(1, 12))


@pytest.mark.parametrize(
    "guard", [sod.sod_handler_not_reviewer, sod.sod_handler_not_host, sod.sod_handler_not_approver]
)
def test_sod_1_the_handler_neither_reviews_nor_hosts_nor_approves(guard):
    assert refused(guard([1, 2], 2))
    assert not refused(guard([1, 2], 3))


@pytest.mark.parametrize("was", ["handler", "reviewer", "host", "approver"])
@pytest.mark.parametrize("becomes", ["handler", "reviewer", "host", "approver"])
def test_sod_1_holds_for_the_whole_history_of_the_file(was: str, becomes: str):
    assert refused(sod.SOD_1([(7, was), (8, becomes)], person_id=7, capacity=becomes)) is (was != becomes)
    assert not refused(sod.SOD_1([(7, was)], person_id=9, capacity=becomes))


def test_sod_2_the_review_unit_is_not_the_handling_unit():
    assert refused(sod.SOD_2(5, 5))
    assert not refused(sod.SOD_2(5, 6)) and not refused(sod.SOD_2(None, None))


def test_sod_3_two_distinct_valid_officers():
    def state(person: int, status: str = "valid") -> CertificateState:
        return CertificateState(person, "张某甲", date(2026, 9, 14), status)

    assert refused(sod.SOD_3([state(1), state(1)]))
    assert refused(sod.SOD_3([state(1), state(2, "expired")]))
    assert not refused(sod.SOD_3([state(1), state(2)]))


def test_sod_4_the_collector_does_not_check():
    assert refused(sod.SOD_4(1, 1))
    assert not refused(sod.SOD_4(1, 2))


def test_sod_5_nobody_evaluates_the_own_unit():
    assert refused(sod.SOD_5(3, 3))
    assert not refused(sod.SOD_5(3, 4)) and not refused(sod.SOD_5(None, 3))


def test_sod_6_three_administrators():
    assert refused(sod.SOD_6(["system_admin"], "audit_admin"))
    assert refused(sod.SOD_6(["officer"], "security_admin"))
    assert not refused(sod.SOD_6(["officer"], "unit_head")) and not refused(sod.SOD_6([], "audit_admin"))


def test_sod_7_payment_comes_from_the_bank_except_on_the_spot_with_a_receipt():
    assert not refused(sod.SOD_7(source="bank")) and not refused(sod.SOD_7(source="treasury"))
    assert refused(sod.SOD_7(source="officer"))
    assert refused(sod.SOD_7(source="officer", receipt_number="1234"))
    assert refused(sod.SOD_7(source="officer", collected_on_spot=True, receipt_number=" "))
    assert not refused(sod.SOD_7(source="officer", collected_on_spot=True, receipt_number="1234"))


def test_sod_8_recusal_counts_from_the_moment_of_the_decision(at):
    recused = [(7, at)]
    assert not refused(sod.SOD_8(recused, person_id=7, at=at - timedelta(seconds=1)))
    assert refused(sod.SOD_8(recused, person_id=7, at=at))
    assert not refused(sod.SOD_8(recused, person_id=8, at=at))


def test_sod_9_an_acting_approval_names_its_mandate():
    assert refused(sod.SOD_9(acting=True, mandate="  "))
    assert not refused(sod.SOD_9(acting=True, mandate="示例局〔2026〕1号"))
    assert not refused(sod.SOD_9(acting=False, mandate=""))


def test_sod_10_interference_is_read_by_discipline_and_supervision_only():
    def who(*roles: Role) -> Actor:
        return Actor(1, 1, "张某甲", 1, 1, roles=frozenset(roles))

    assert refused(sod.SOD_10(who(Role.LEADER)))
    assert not refused(sod.SOD_10(who(Role.SUPERVISOR)))
    assert not refused(sod.SOD_10(who(Role.OFFICER), in_discipline_unit=True))


@pytest.mark.parametrize("gate", ["G6", "G7"])
def test_sod_11_no_reason_passes_a_statutory_gate(gate: str):
    assert refused(sod.SOD_11(gate=gate, by=1, reason="情况紧急", basis="机关负责人批示"))


def test_sod_11_other_overrides_name_who_why_and_basis():
    assert not refused(sod.SOD_11(gate="G12", by=1, reason="设备故障", basis="音像记录办法"))
    assert refused(sod.SOD_11(gate="G12", by=None, reason="设备故障", basis="音像记录办法"))
    assert refused(sod.SOD_11(gate="G12", by=1, reason="", basis="音像记录办法"))
    assert refused(sod.SOD_11(gate="G12", by=1, reason="设备故障", basis=""))
