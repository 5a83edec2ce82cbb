"""A penalty case from clue to closing, through the engine's door."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mingzhi.dossiers import api as dossiers
from mingzhi.procedures import api as procedures
from mingzhi.procedures.errors import GuardsUnmet
from mingzhi.publication.models import Snapshot
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")


def test_an_ordinary_case_runs_from_clue_to_archive(drive: Callable[..., Drive]) -> None:
    case = drive(cause="示例一号商贸有限公司涉嫌擅自占用城市道路案")
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    case.serve("P18", "decision_serve")
    told = json.loads(Snapshot.objects.get(disclosure__dossier_id=case.id).content)
    assert told["violation"] == "擅自占用城市道路" and "涉嫌" not in told["title"]
    assert told["title"] == "示例一号商贸有限公司擅自占用城市道路案", "the party is named once"
    case.pay()
    case.close()
    case.step("archive", "archivist", importance="important")
    dossier = dossiers.access_dossier(case.by("officer1"), case.id)
    assert dossier.state == "archived"
    steps = procedures.steps(dossier)
    assert procedures.fold(steps, procedures.procedure(dossier.procedure)) == "archived"
    assert procedures.inconsistencies() == []


def test_a_major_decision_waits_for_its_review_and_says_why(drive: Callable[..., Drive]) -> None:
    case = drive(flags={"complex": True})
    case.file()
    case.investigate()
    case.conclude()
    case.notify()
    with pytest.raises(GuardsUnmet) as refused:
        case.decide()
    codes = {r.code for r in refused.value.reasons}
    assert {"G6.review", "G10.discussion"} <= codes
    review = next(r for r in refused.value.reasons if r.code == "G6.review")
    assert "疑难复杂" in review.sentence and "第五十八条" in review.citation
    case.review(kind="revise", text="请补充裁量理由")
    with pytest.raises(GuardsUnmet) as refused:
        case.decide()
    assert "G6.review" in {r.code for r in refused.value.reasons}
    case.review()
    case.discuss(dissent=True)
    case.decide()
    assert case.state == "decided"


def test_a_hearing_is_held_reported_and_reviewed_before_the_decision(drive: Callable[..., Drive]) -> None:
    case = drive(kinds=("03", "10"), other_penalty="责令停产停业十五日", fine_yuan="5000")
    case.file()
    case.investigate()
    case.conclude()
    assert case.hearing_possible()
    case.to_decision(hearing=True)
    assert case.state == "decided"
    case.serve("P18", "decision_serve", mode="leave")
    assert case.state == "enforcing"


def test_a_case_is_spared_transferred_withdrawn_or_annulled_and_reopened(drive: Callable[..., Drive]) -> None:
    spared = drive(outcome="spared", spared_because="minor")
    spared.file()
    spared.investigate()
    spared.conclude(no_correction_reason="已当场改正")
    spared.decide()
    assert spared.state == "spared"
    spared.serve("P19", "decision_serve")
    spared.close()
    assert spared.state == "closed"

    moved = drive()
    moved.file()
    moved.step(
        "transfer", "leader", to="某某公安分局", crime=True, reason="涉嫌犯罪，依法移送。", annexes="调查报告"
    )
    assert moved.state == "transferred"

    dropped = drive()
    dropped.file()
    dropped.step("withdraw", "leader", reason="经查违法主体认定错误。")
    assert dropped.state == "withdrawn"

    fallen = drive()
    fallen.file()
    fallen.investigate()
    fallen.conclude()
    fallen.to_decision()
    disclosure = fallen.disclose()
    assert disclosure is not None
    fallen.step(
        "annul",
        "leader",
        by_whom="court",
        how="revoked",
        number="（2026）某0000行初1号",
        on=fallen.day,
        reason="主要证据不足。",
    )
    assert fallen.state == "annulled"
    fallen.step("reopen", "leader", reason="依判决重新作出处理。")
    fallen.conclude()
    with pytest.raises(GuardsUnmet) as refused:
        fallen.decide_as("penalise")
    assert "G7.notice" in {r.code for r in refused.value.reasons}, (
        "the annulled decision's notice does not count"
    )
    fallen.to_decision()
    assert fallen.state == "decided"


def test_a_penalty_on_the_spot_is_decided_recorded_paid_and_closed(drive: Callable[..., Drive]) -> None:
    case = drive(fine_yuan="500", item_code="urban.littering")
    case.open("penalty.summary")
    case.spot()
    assert case.state == "decided"
    case.step("record_file", "head", filed_on=case.day)
    case.pay()
    case.step("close", "head", kind="performed", detail="已缴纳。")
    assert case.state == "closed"
