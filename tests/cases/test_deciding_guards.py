"""Collective discussion and the decision: quorum, dissent, never heavier than told (G10, PEN-11, PEN-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mingzhi.deliberations import api as deliberations
from mingzhi.organisations.permissions import Permission
from mingzhi.web.demo.drive import Bureau, Drive
from tests.cases.staging import holding, refused, standing, start, taken

pytestmark = pytest.mark.django_db(databases="__all__")


def views(case: Drive, *agrees: bool) -> list[dict[str, Any]]:
    who = ("deputy", "deputy2", "leader")
    return [
        {"person": case.bureau.person(w, case.at), "agrees": a, "text": "同意。" if a else "不同意。"}
        for w, a in zip(who, agrees, strict=True)
    ]


def discussion(case: Drive, *agrees: bool, **changes: Any) -> dict[str, Any]:
    return {
        "held_at": (case.at - timedelta(minutes=30)).isoformat(),
        "place": "本机关会议室",
        "chair": case.bureau.person("leader", case.at),
        "recorder": case.bureau.person("collector", case.at),
        "views": views(case, *(agrees or (True, True, True))),
        "agreed": True,
        "conclusion": "同意拟处理意见。",
        **changes,
    }


def decision(case: Drive, **changes: Any) -> dict[str, Any]:
    return {
        "outcome": "penalise",
        "kinds": ["03"],
        "fine_yuan": case.matter.fine_yuan,
        "opinion": "同意。",
        "adoption": "当事人未提出陈述申辩。",
        **changes,
    }


def test_a_heavy_case_is_discussed_before_its_decision_and_an_ordinary_one_need_not_be(
    heavy: Drive, concluded: Drive
) -> None:
    assert "G10.discussion" in standing(heavy, "submit_decision", "officer1")
    assert "G10.discussion" not in standing(concluded, "submit_decision", "officer1")
    heavy.step("discuss", "leader", **discussion(heavy))
    assert "G10.discussion" not in standing(heavy, "submit_decision", "officer1")


def test_a_discussion_held_on_an_earlier_report_does_not_count_for_a_new_one(heavy: Drive) -> None:
    heavy.step("discuss", "leader", **discussion(heavy))
    heavy.step("reinvestigate", "head", reason="补充调查")
    heavy.conclude()
    assert "G10.discussion" in standing(heavy, "submit_decision", "officer1")


def test_a_discussion_that_did_not_agree_keeps_the_decision_closed(heavy: Drive) -> None:
    heavy.step(
        "discuss",
        "leader",
        **discussion(heavy, False, False, True, agreed=False, conclusion="不同意拟处理意见。"),
    )
    assert "G10.disagreed" in standing(heavy, "submit_decision", "officer1")


def test_three_leaders_speak_the_chair_last_and_no_handler_among_them(heavy: Drive) -> None:
    three = views(heavy, True, True, True)
    officer = {"person": heavy.bureau.person("officer1", heavy.at), "agrees": True, "text": "同意。"}
    assert refused(heavy, "discuss", "leader", **discussion(heavy, views=[three[0], three[0], three[2]])) == {
        "PEN-11.quorum",
        "PEN-11.repeat",
    }
    assert refused(heavy, "discuss", "leader", **discussion(heavy, views=[three[2], three[0], three[1]])) == {
        "PEN-11.last"
    }
    assert refused(heavy, "discuss", "leader", **discussion(heavy, views=[officer, *three[:2]])) == {
        "PEN-11.chair",
        "SoD-1.discussant",
    }
    assert taken(heavy, "discuss", "leader", **discussion(heavy)) == "concluded"


def test_a_conclusion_against_the_majority_gives_the_chair_s_reasons(heavy: Drive) -> None:
    against = discussion(heavy, False, False, True)
    assert refused(heavy, "discuss", "leader", **against) == {"PEN-11.reasons"}
    assert taken(heavy, "discuss", "leader", **against, chair_reasons="社会危害较大，应予处罚") == "concluded"
    (kept,) = deliberations.discussions(heavy.id)
    assert [v.agrees for v in kept.views] == [False, False, True], "dissent stays on record"
    assert kept.chair_reasons


def test_a_tie_is_no_majority_and_two_of_three_is(heavy: Drive) -> None:
    deputy = {"person": heavy.bureau.person("reviewer", heavy.at), "agrees": False, "text": "不同意。"}
    three = views(heavy, False, True, True)
    assert refused(heavy, "discuss", "leader", **discussion(heavy, views=[deputy, *three])) == {
        "PEN-11.reasons"
    }
    assert taken(heavy, "discuss", "leader", **discussion(heavy, False, True, True)) == "concluded"


def test_a_discussion_is_registered_after_it_was_held(heavy: Drive) -> None:
    ahead = (heavy.at + timedelta(minutes=1)).isoformat()
    assert refused(heavy, "discuss", "leader", **discussion(heavy, held_at=ahead)) == {"time.future"}
    assert taken(heavy, "discuss", "leader", **discussion(heavy, held_at=heavy.at.isoformat())) == "concluded"


# --- the decision ---------------------------------------------------------------------------


def ready(case: Drive) -> Drive:
    case.notify()
    return case


def test_a_decision_at_what_was_told_is_made_and_one_fen_above_is_refused(concluded: Drive) -> None:
    ready(concluded)
    above = refused(concluded, "decide", "leader", **decision(concluded, fine_yuan="2000.01"))
    assert above == {"PEN-16.fine_yuan", "PEN-16.proposed"}
    assert taken(concluded, "decide", "leader", **decision(concluded)) == "decided"


def test_a_lighter_decision_than_told_is_made(concluded: Drive) -> None:
    assert taken(ready(concluded), "decide", "leader", **decision(concluded, fine_yuan="1500")) == "decided"


def test_a_milder_decision_keeps_to_the_law_s_lower_end(module_bureau: Bureau) -> None:
    case = start(module_bureau, item_code="urban.site-dust", fine_yuan="20000")
    case.file()
    case.investigate()
    case.conclude()
    ready(case)
    assert refused(case, "decide", "leader", **decision(case, fine_yuan="9999.99")) == {
        "discretion.outside_law"
    }
    assert taken(case, "decide", "leader", **decision(case, fine_yuan="10000")) == "decided"


def test_a_kind_that_was_not_told_is_not_added(concluded: Drive) -> None:
    ready(concluded)
    added = decision(concluded, kinds=["01", "03"])
    assert refused(concluded, "decide", "leader", **added) == {"PEN-16.kinds", "PEN-16.proposed"}
    assert taken(concluded, "decide", "leader", **decision(concluded)) == "decided"


def test_a_decision_stays_at_or_below_the_proposal_even_where_the_notice_was_higher(concluded: Drive) -> None:
    ready(concluded)
    concluded.step("reinvestigate", "head", reason="重新核定裁量情节")
    concluded.conclude(fine_yuan="500")
    assert refused(concluded, "decide", "leader", **decision(concluded, fine_yuan="500.01")) == {
        "PEN-16.proposed"
    }
    assert taken(concluded, "decide", "leader", **decision(concluded, fine_yuan="500")) == "decided"


def test_nobody_is_penalised_whom_the_report_spared(investigated: Drive) -> None:
    investigated.conclude(outcome="spared", kinds=[], fine_yuan="0", spared_because="minor")
    assert refused(investigated, "decide", "leader", **decision(investigated)) == {"PEN-16.outcome"}
    spared = decision(investigated, outcome="spared", kinds=[], fine_yuan="0", spared_because="minor")
    assert taken(investigated, "decide", "leader", **spared) == "spared"


def test_a_decision_waits_for_the_unit_s_check(investigated: Drive) -> None:
    m = investigated.matter
    investigated.step(
        "conclude",
        "officer1",
        outcome="spared",
        spared_because="minor",
        facts_found=m.facts_found,
        evidence_summary=m.evidence_summary,
        law_violated=m.law_violated,
        law_basis=m.law_basis,
        reasons=m.reasons,
    )
    spared = decision(investigated, outcome="spared", kinds=[], fine_yuan="0", spared_because="minor")
    assert refused(investigated, "decide", "leader", **spared) == {"G5.unit"}
    investigated.step("unit_check", "head", opinion="同意")
    assert taken(investigated, "decide", "leader", **spared) == "spared"


def test_a_deputy_decides_only_under_a_mandate(concluded: Drive) -> None:
    deputy = holding(ready(concluded).by("deputy"), Permission.CASE_APPROVE)
    assert refused(concluded, "decide", deputy, **decision(concluded)) == {"SoD-9.mandate"}
    assert (
        taken(concluded, "decide", deputy, **decision(concluded, mandate="示例授权书〔2026〕1号"))
        == "decided"
    )


def test_the_decision_is_asked_for_once(concluded: Drive) -> None:
    ready(concluded).step("submit_decision", "officer1")
    assert standing(concluded, "submit_decision", "officer1") == {"ONCE.submit_decision"}


def test_evidence_that_came_after_the_report_is_verified_before_the_decision(concluded: Drive) -> None:
    ready(concluded)
    extra = concluded.record("", kind="evidence", title="补充照片")
    assert refused(concluded, "decide", "leader", **decision(concluded)) == {"G4.unverified"}
    concluded.step("evidence_verify", "officer1", evidence=[extra], conclusion="真实合法，予以采信")
    assert taken(concluded, "decide", "leader", **decision(concluded)) == "decided"
