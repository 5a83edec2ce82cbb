"""Legal review: who must be reviewed, by whom, with what; nothing passes without an agreeing opinion (G6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.errors import GuardsUnmet
from mingzhi.review import api as review
from mingzhi.tasks.models import Task
from mingzhi.web.demo.drive import Drive
from tests.cases.staging import holding, refused, standing, taken

pytestmark = pytest.mark.django_db(databases="__all__")


def materials(case: Drive) -> list[str]:
    return [code for code, _ in case._options("review_submit", "officer1", "review_materials")]


def submission(case: Drive, **changes: Any) -> dict[str, Any]:
    return {
        "statement": "基本事实、依据和裁量情况详见所附材料。",
        "materials": materials(case),
        "truthful": True,
        **changes,
    }


def sent(case: Drive) -> Drive:
    case.working_day()
    case.step("review_submit", "officer1", **submission(case))
    return case


def accepted(case: Drive) -> Drive:
    sent(case).step("review_accept", "reviewhead", reviewer=case.bureau.person("reviewer", case.at))
    return case


def opinion(case: Drive, kind: str = "agree", **changes: Any) -> dict[str, Any]:
    codes = [code for code, _ in case._options("review_opine", "reviewer", "review_checks")]
    checks = [{"code": c, "result": "pass", "note": ""} for c in codes]
    if kind != "agree":
        checks[-1] |= {"result": "problem", "note": "裁量理由不充分"}
    return {"kind": kind, "checks": checks, "text": "审核意见全文。", **changes}


def g6(case: Drive) -> bool:
    return "G6.review" in standing(case, "submit_decision", "officer1")


@pytest.mark.parametrize(
    "flag", ["public_interest", "social_risk", "major_rights", "complex", "social_attention"]
)
def test_each_trigger_of_a_major_decision_closes_the_gate_and_none_leaves_it_open(
    investigated: Drive, flag: str
) -> None:
    investigated.conclude()
    assert not investigated.major() and not g6(investigated)
    investigated.step("reinvestigate", "head", reason="补充说明重大性")
    investigated.conclude(**{flag: True})
    assert investigated.major() and g6(investigated)
    (reason,) = [
        r
        for o in procedures.options(investigated.dossier, by=investigated.by("leader"), at=investigated.at)
        if o.verb == "decide"
        for r in o.reasons
        if r.code == "G6.review"
    ] or [None]
    assert reason is None or ("应审理由" in reason.sentence and "第五十八条" in reason.citation)


def test_only_an_agreeing_opinion_opens_the_gate(heavy: Drive) -> None:
    assert g6(heavy)
    sent(heavy)
    assert g6(heavy), "sent is not agreed"
    heavy.step("review_accept", "reviewhead", reviewer=heavy.bureau.person("reviewer", heavy.at))
    assert g6(heavy), "accepted is not agreed"
    heavy.step("review_opine", "reviewer", **opinion(heavy))
    assert not g6(heavy)


@pytest.mark.parametrize("kind", ["revise", "investigate", "procedure", "no_authority", "transfer"])
def test_every_other_opinion_keeps_it_closed(heavy: Drive, kind: str) -> None:
    accepted(heavy).step("review_opine", "reviewer", **opinion(heavy, kind))
    assert g6(heavy)


def test_a_new_report_makes_an_earlier_agreement_count_no_more(heavy: Drive) -> None:
    accepted(heavy).step("review_opine", "reviewer", **opinion(heavy))
    assert not g6(heavy)
    heavy.step("reinvestigate", "head", reason="补充调查")
    heavy.conclude(fine_yuan="6000")
    assert g6(heavy)


def test_nobody_approves_past_a_missing_review_whatever_they_hold(heavy: Drive) -> None:
    everything = holding(heavy.by("leader"), *Permission)
    facts = {
        "outcome": "penalise",
        "kinds": ["03"],
        "fine_yuan": "1",
        "opinion": "同意",
        "adoption": "未提出",
    }
    with pytest.raises(GuardsUnmet) as refusal:
        procedures.advance(heavy.id, "decide", by=everything, at=heavy.at, facts=facts)
    assert {"G6.review", "G7.notice", "G10.discussion"} <= {r.code for r in refusal.value.reasons}


def test_a_submission_sends_every_needed_material_and_vouches_for_it(heavy: Drive) -> None:
    heavy.working_day()
    fewer = submission(heavy, materials=[m for m in materials(heavy) if m != "evidence"])
    assert refused(heavy, "review_submit", "officer1", **fewer) == {"REV.unsent.evidence"}
    assert refused(heavy, "review_submit", "officer1", **submission(heavy, truthful=False)) == {
        "REV.truthful"
    }
    assert taken(heavy, "review_submit", "officer1", **submission(heavy)) == "concluded"


def test_a_case_is_not_sent_twice_while_a_round_runs_nor_after_it_passed(heavy: Drive) -> None:
    sent(heavy)
    assert standing(heavy, "review_submit", "officer1") == {"REV.running"}
    heavy.step("review_accept", "reviewhead", reviewer=heavy.bureau.person("reviewer", heavy.at))
    assert standing(heavy, "review_submit", "officer1") == {"REV.running"}
    heavy.step("review_opine", "reviewer", **opinion(heavy))
    assert standing(heavy, "review_submit", "officer1") == {"REV.passed"}


def test_a_problem_is_mended_in_a_new_round_and_the_former_stays_on_record(heavy: Drive) -> None:
    accepted(heavy).step("review_opine", "reviewer", **opinion(heavy, "revise"))
    accepted(heavy).step("review_opine", "reviewer", **opinion(heavy))
    rounds = review.review_rounds(heavy.id)
    assert [r.round for r in rounds] == [1, 2]
    assert [r.opinions[-1].kind for r in rounds] == ["revise", "agree"]
    assert not g6(heavy)


def test_the_reviewer_never_handled_the_case_and_sits_in_the_review_unit(heavy: Drive) -> None:
    sent(heavy)
    for who in ("officer1", "head", "officer3", "leader"):
        assert refused(heavy, "review_accept", "reviewhead", reviewer=heavy.bureau.person(who, heavy.at))
    assert taken(heavy, "review_accept", "reviewhead", reviewer=heavy.bureau.person("reviewer", heavy.at))


def test_who_reviewed_the_case_does_not_approve_it(heavy: Drive) -> None:
    accepted(heavy).step("review_opine", "reviewer", **opinion(heavy))
    reviewer = holding(heavy.by("reviewer"), Permission.CASE_APPROVE, roles=frozenset({"leader"}))
    assert refused(heavy, "withdraw", reviewer, reason="主体认定错误。") == {"sod.capacities"}
    assert taken(heavy, "withdraw", "leader", reason="主体认定错误。") == "withdrawn"


def test_the_reviewer_is_not_made_an_officer_of_the_case_meanwhile(heavy: Drive) -> None:
    accepted(heavy)
    named = heavy.people(("officer1", "reviewer"))
    found = refused(heavy, "assign", "head", officers=named, reason="工作调整")
    assert "sod.capacities" in found


def test_only_the_assigned_reviewer_gives_the_opinion(heavy: Drive) -> None:
    accepted(heavy)
    other = holding(heavy.by("reviewhead"), Permission.REVIEW_OPINE)
    assert refused(heavy, "review_opine", other, **opinion(heavy)) == {"SoD-1.reviewer"}
    with pytest.raises(NotAllowed):
        taken(heavy, "review_opine", "officer1", **opinion(heavy))
    assert taken(heavy, "review_opine", "reviewer", **opinion(heavy)) == "concluded"


def test_another_reviewer_takes_the_round_over_with_the_rest_of_the_term_and_the_former_has_no_hand_in_it(
    heavy: Drive,
) -> None:
    first, other = (heavy.bureau.person(who, heavy.at) for who in ("reviewer", "reviewhead"))
    sent(heavy)
    assert standing(heavy, "review_reassign", "reviewhead") == {"REV.state"}, "nobody has it yet"
    heavy.step("review_accept", "reviewhead", reviewer=first)
    before = review.review_current(heavy.id)
    assert before is not None
    whole = opinion(heavy)
    heavy.wait(hours=20)
    asked = {"reviewer": other, "reason": "原审核人员与当事人有直接利害关系", "recused": True}
    with pytest.raises(NotAllowed):
        taken(heavy, "review_reassign", "reviewer", **asked)
    assert refused(heavy, "review_reassign", "reviewhead", **asked | {"reviewer": first}) == {"REV.same"}
    for who in ("officer1", "head", "leader"):
        assert refused(
            heavy, "review_reassign", "reviewhead", **asked | {"reviewer": heavy.bureau.person(who, heavy.at)}
        )
    with pytest.raises(Invalid):
        taken(heavy, "review_reassign", "reviewhead", **asked | {"reason": ""})
    assert taken(heavy, "review_reassign", "reviewhead", **asked) == "concluded"

    now = review.review_current(heavy.id)
    assert now is not None and (now.round, now.due_on, now.reviewer_id) == (
        before.round,
        before.due_on,
        other,
    )
    (to_do,) = Task.objects.filter(kind="review.opine", dossier_id=heavy.id, closed_at=None)
    assert (to_do.assignee_id, to_do.due_on) == (other, before.due_on)
    with pytest.raises((NotAllowed, NotFound)):
        dossiers.access_dossier(heavy.by("reviewer"), heavy.id)
    with pytest.raises((GuardsUnmet, NotAllowed, NotFound)):
        heavy.step("review_opine", "reviewer", **whole)
    assert taken(heavy, "review_opine", holding(heavy.by("reviewhead"), Permission.REVIEW_OPINE), **whole)
    assert standing(heavy, "review_reassign", "reviewhead") == {"REV.state"}, "it has been given"
    assert not g6(heavy)


def test_every_check_is_answered_and_agreement_leaves_no_problem_open(heavy: Drive) -> None:
    accepted(heavy)
    whole = opinion(heavy)
    first = whole["checks"][0]["code"]
    assert refused(heavy, "review_opine", "reviewer", **{**whole, "checks": whole["checks"][1:]}) == {
        f"REV.check.{first}"
    }
    problem = [{**whole["checks"][0], "result": "problem", "note": "主体不合法"}, *whole["checks"][1:]]
    silent = [{**whole["checks"][0], "result": "problem"}, *whole["checks"][1:]]
    assert refused(heavy, "review_opine", "reviewer", **{**whole, "checks": problem}) == {"REV.agree"}
    assert refused(heavy, "review_opine", "reviewer", **{**whole, "kind": "revise", "checks": silent}) == {
        f"REV.note.{first}"
    }
    assert refused(heavy, "review_opine", "reviewer", **{**whole, "kind": "revise"}) == {"REV.problem"}
    assert taken(heavy, "review_opine", "reviewer", **whole) == "concluded"


def test_five_working_days_to_review_and_three_more_once_before_they_end(heavy: Drive) -> None:
    accepted(heavy)
    day = clock.local_date(heavy.at)
    first = deadlines.due(day, deadlines.Term(5, "WD")).on
    current = review.review_current(heavy.id)
    assert current is not None and current.due_on == first
    heavy.at = clock.at_local(first, 16)
    assert taken(heavy, "review_extend", "leader", reason="案情复杂，涉及多个法律关系") == "concluded"
    extended = deadlines.due(first, deadlines.Term(3, "WD")).on
    current = review.review_current(heavy.id)
    assert current is not None and current.due_on == extended and current.extended
    term = next(t for t in deadlines.running(heavy.id) if t.norm == "review.term.opinion")
    assert term.due_on == extended, "the clock and the round agree"
    assert standing(heavy, "review_extend", "leader") == {"REV-01.twice"}


def test_a_term_that_ran_out_is_not_extended(heavy: Drive) -> None:
    accepted(heavy)
    last = deadlines.due(clock.local_date(heavy.at), deadlines.Term(5, "WD")).on
    heavy.at = clock.at_local(last + timedelta(days=1), 9)
    assert refused(heavy, "review_extend", "leader", reason="案情复杂的情况") == {"REV-01.late"}


def test_returning_for_materials_uses_no_day_of_the_term(heavy: Drive) -> None:
    sent(heavy).step("review_return", "reviewhead", missing="裁量基准执行情况")
    assert all(t.norm != "review.term.opinion" for t in deadlines.running(heavy.id))
    heavy.wait(days=7)
    accepted(heavy)
    current = review.review_current(heavy.id)
    assert current is not None and current.round == 2
    assert current.due_on == deadlines.due(clock.local_date(heavy.at), deadlines.Term(5, "WD")).on


def test_a_disagreement_is_coordinated_and_ends_with_the_reviewer_or_not_at_all(heavy: Drive) -> None:
    accepted(heavy)
    assert standing(heavy, "review_dissent", "head") == {"REV.state"}
    heavy.step("review_opine", "reviewer", **opinion(heavy, "revise"))
    heavy.step("review_dissent", "head", text="裁量理由已经充分说明，请予复核。")
    assert g6(heavy)
    heavy.step(
        "review_coordinate",
        "leader",
        participants="法制、承办、分管领导",
        text="请审核人员重新审核",
        outcome="reconsider",
    )
    assert g6(heavy), "a coordination alone passes nothing"
    heavy.step("review_opine", "reviewer", **opinion(heavy))
    assert not g6(heavy)
    current = review.review_current(heavy.id)
    assert current is not None
    assert [o.kind for o in current.opinions] == ["revise", "agree"]
    assert [d.kind for d in current.disagreements] == ["承办机构书面回复", "协调结果"]


def test_there_is_nothing_to_dissent_from_in_an_agreeing_opinion(heavy: Drive) -> None:
    accepted(heavy).step("review_opine", "reviewer", **opinion(heavy))
    assert refused(heavy, "review_dissent", "head", text="不同意审核意见的理由说明。") == {"REV.agreed"}


def test_nothing_is_sent_for_review_before_the_unit_s_head_agreed(investigated: Drive) -> None:
    investigated.conclude(check=False, complex=True)
    assert "G5.unit" in standing(investigated, "review_submit", "officer1")
    investigated.step("unit_check", "head", opinion="同意")
    assert standing(investigated, "review_submit", "officer1") == set()


def test_an_adviser_s_opinion_is_kept_with_the_reviewer_s(heavy: Drive) -> None:
    accepted(heavy).step("review_opine", "reviewer", **opinion(heavy, advisers="公职律师：同意拟处理意见。"))
    current = review.review_current(heavy.id)
    assert current is not None and current.opinions[-1].advisers == "公职律师：同意拟处理意见。"
