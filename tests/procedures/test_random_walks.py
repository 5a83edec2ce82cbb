"""Whatever people try in whatever order: no illegal state, no decision past its gates, model equals system."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.errors import MingzhiError
from mingzhi.procedures import api as procedures
from mingzhi.procedures.errors import GuardsUnmet
from mingzhi.procedures.models import Step
from mingzhi.review import api as review
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")

TRIES: dict[str, Callable[[Drive], object]] = {
    "conclude": lambda c: c.conclude(check=False),
    "conclude_major": lambda c: c.conclude(check=False, complex=True),
    "conclude_heavier": lambda c: c.conclude(check=False, fine_yuan="9000"),
    "unit_check": lambda c: c.step("unit_check", "head", opinion="同意处理意见"),
    "reinvestigate": lambda c: c.step("reinvestigate", "head", reason="补充调查"),
    "review": lambda c: c.review(),
    "review_revise": lambda c: c.review("revise"),
    "notify": lambda c: c.notify(),
    "notify_silent": lambda c: c.notify("silent"),
    "notify_only": lambda c: c.step("notify", "officer1", contact="承办人", renewed_because="新的事实"),
    "discuss": lambda c: c.discuss(),
    "decide": lambda c: c.decide(),
    "decide_spared": lambda c: c.decide_as("spared"),
    "serve": lambda c: c.serve("P18", "decision_serve"),
    "pay": lambda c: c.pay(),
    "close": lambda c: c.close(),
    "annul": lambda c: c.step(
        "annul", "leader", by_whom="court", how="revoked", number="示例1号", on=c.day, reason="主要证据不足"
    ),
    "reopen": lambda c: c.step("reopen", "leader", reason="依判决重新处理"),
    "transfer": lambda c: c.step(
        "transfer", "leader", to="某机关", crime=False, reason="不属本机关管辖", annexes="调查报告"
    ),
}


def gates_kept(case: Drive) -> None:
    """What the law wants before a penalty, asked of the steps alone and not of the guards."""
    run: list[Any] = []
    for step in procedures.steps(case.dossier):  # type: ignore[arg-type]
        run = [step] if step.verb == "reopen" else [*run, step]
    decided = next(s for s in reversed(run) if s.verb == "decide")
    if decided.facts["outcome"] != "penalise":
        return
    before = [s for s in run if s.seq < decided.seq]
    report = next(s for s in reversed(before) if s.verb == "conclude")
    notice = next(s for s in reversed(before) if s.verb == "notify")
    assert any(s.verb == "unit_check" and s.seq > report.seq for s in before), (
        "the unit agreed to this report"
    )
    assert any(s.verb == "notice_serve" and s.seq > notice.seq for s in before), "this notice was served"
    assert any(s.verb == "statement" and s.seq > notice.seq for s in before), (
        "the party spoke, waived or was silent"
    )
    if report.facts["complex"]:
        opinions = [s for s in before if s.verb == "review_opine" and s.seq > report.seq]
        assert opinions and opinions[-1].facts["kind"] == "agree", "a major decision was agreed to"
        assert any(s.verb == "discuss" and s.seq > report.seq for s in before), "and discussed"
        current = review.review_current(case.id)
        assert current is not None and current.passed
    assert float(decided.facts["fine_yuan"]) <= float(report.facts["fine_yuan"])


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(verbs=st.lists(st.sampled_from(sorted(TRIES)), min_size=3, max_size=14))
def test_any_walk_stays_lawful(investigated: Drive, verbs: list[str]) -> None:
    table = procedures.procedure("penalty.ordinary")
    with transaction.atomic():
        case = copy.copy(investigated)
        for verb in verbs:
            seen = list(Step.objects.filter(dossier_id=case.id).order_by("seq").values_list("seq", "verb"))
            try:
                with transaction.atomic():
                    TRIES[verb](case)
            except GuardsUnmet as refusal:
                assert refusal.reasons and all(r.sentence and r.citation for r in refusal.reasons)
            except (MingzhiError, StopIteration):
                pass
            now = list(Step.objects.filter(dossier_id=case.id).order_by("seq").values_list("seq", "verb"))
            assert now[: len(seen)] == seen, "what was taken stays"
            dossier = dossiers.access_dossier(case.by("leader"), case.id)
            assert procedures.fold(procedures.steps(dossier), table) == dossier.state
            assert dossier.steps_taken == len(now)
            assert (dossier.closed_at is not None) == table.by_state[dossier.state].final
            if dossier.state == "decided":
                gates_kept(case)
        assert procedures.inconsistencies() == []
        transaction.set_rollback(True)


LAWFUL = ("conclude_major", "unit_check", "notify", "review", "discuss", "decide", "serve", "pay", "close")


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(dropped=st.sets(st.sampled_from(range(len(LAWFUL))), max_size=2), swap=st.integers(0, len(LAWFUL) - 2))
def test_the_lawful_way_with_a_step_left_out_or_two_swapped_never_reaches_an_unlawful_decision(
    investigated: Drive, dropped: set[int], swap: int
) -> None:
    order = list(LAWFUL)
    order[swap], order[swap + 1] = order[swap + 1], order[swap]
    with transaction.atomic():
        case = copy.copy(investigated)
        for verb in [v for v in order if LAWFUL.index(v) not in dropped]:
            try:
                with transaction.atomic():
                    TRIES[verb](case)
            except (MingzhiError, StopIteration):
                continue
            if case.state in ("decided", "enforcing", "closing", "closed"):
                gates_kept(case)
        transaction.set_rollback(True)


def test_the_lawful_way_arrives(investigated: Drive) -> None:
    for verb in LAWFUL:
        TRIES[verb](investigated)
    assert investigated.state == "closed"
