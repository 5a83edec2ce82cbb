"""Investigation and its report: officers, recordings, evidence, registered goods, outcome, benchmark."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mingzhi.cases.core.facing import FACED, Facing
from mingzhi.deadlines import api as deadlines
from mingzhi.documents import actions
from mingzhi.documents import api as documents
from mingzhi.documents.models import Paper
from mingzhi.dossiers.models import Party
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.context import Context
from mingzhi.web.demo.drive import Bureau, Drive
from tests.cases.staging import holding, person_named, recorded, refused, standing, start, taken

pytestmark = pytest.mark.django_db(databases="__all__")


def visit(case: Drive, **changes: Any) -> dict[str, Any]:
    return {
        **case._site(),
        "findings": "当事人在人行道上堆放货物，面积约十二平方米。",
        "signature": "signed",
        **changes,
    }


def report(case: Drive, **changes: Any) -> dict[str, Any]:
    m = case.matter
    return {
        "outcome": "penalise",
        "kinds": ["03"],
        "fine_yuan": m.fine_yuan,
        "facts_found": m.facts_found,
        "evidence_summary": m.evidence_summary,
        "law_violated": m.law_violated,
        "law_basis": m.law_basis,
        "reasons": m.reasons,
        **changes,
    }


# --- on the spot ---------------------------------------------------------------------


def test_an_inspection_with_its_recording_is_taken_and_without_it_is_refused(filed: Drive) -> None:
    without = refused(filed, "inspect", "officer1", **visit(filed))
    assert len(without) == 1 and without == standing(filed, "inspect", "officer1")
    assert (
        taken(recorded(filed, "on_site_inspection"), "inspect", "officer1", **visit(filed)) == "investigating"
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"card_shown": False}, "PEN-05.card"),
        ({"rights_told": False}, "PEN-05.rights"),
        ({"signature": "refused"}, "record.signature"),
        ({"signature": "absent"}, "record.signature"),
    ],
)
def test_an_inspection_shows_the_card_tells_the_rights_and_explains_a_missing_signature(
    filed: Drive, changes: dict[str, Any], code: str
) -> None:
    recorded(filed, "on_site_inspection")
    assert refused(filed, "inspect", "officer1", **visit(filed, **changes)) == {code}
    mended = {**changes, "signature_note": "拒绝签名，见证人某某"} if "signature" in changes else {}
    assert taken(filed, "inspect", "officer1", **visit(filed, **mended)) == "investigating"


def test_what_was_explained_is_whole_and_stands_on_the_record(filed: Drive) -> None:
    """R033: who explained what to the party, when, and what the party answered."""
    recorded(filed, "on_site_inspection")
    plain = {k: v for k, v in visit(filed).items() if not k.startswith(("explained", "dress"))}
    told = {k: v for k, v in visit(filed).items() if k.startswith("explained")}
    for name in told:
        assert refused(filed, "inspect", "officer1", **{**plain, **told, name: None}) == {f"R033.{name}"}
    ahead = (filed.at + timedelta(minutes=1)).isoformat()
    assert refused(filed, "inspect", "officer1", **{**plain, **told, "explained_at": ahead}) == {
        "R033.future"
    }
    taken(filed, "inspect", "officer1", **{**plain, **told})
    paper = next(p for p in documents.papers(filed.id) if p.template == "P05")
    said = actions.data_of(Paper.objects.get(pk=paper.id))["explained"]
    assert "向当事人说明：本次执法的事由、依据" in said and said.endswith("当事人回应：表示清楚，没有疑问。")


def test_this_bureau_asks_for_dress_and_explanation_and_refuses_none_without(filed: Drive) -> None:
    """R030, R033 where the body's document only encourages them; an open admission needs its reason."""
    recorded(filed, "on_site_inspection")
    plain = {k: v for k, v in visit(filed).items() if not k.startswith(("explained", "dress"))}
    assert refused(filed, "inspect", "officer1", **plain, dress="not_worn") == {"R030.why"}
    assert taken(filed, "inspect", "officer1", **plain) == "investigating"


@pytest.mark.parametrize(
    ("profile", "wanted"),
    [
        ("zhenjiang-chengguan", {"R030", "R033"}),
        ("changzhi-water", {"R030", "R033"}),
        ("xian-transport", {"R030"}),
        ("yongcheng-transport", set()),
        ("xiashan-chengzong", set()),
    ],
)
def test_what_a_profile_demands_before_a_party_is_faced(filed: Drive, profile: str, wanted: set[str]) -> None:
    table = procedures.procedure("penalty.ordinary", on=clock.local_date(filed.at))
    row, by = table.by_verb["inspect"], filed.by("officer1")
    assert filed.dossier is not None
    ctx = Context(dossier=filed.dossier, procedure=table, row=row, by=by, at=filed.at)
    ctx.memo["body"] = replace(ctx.body, profile=profile)
    ctx.facts = Facing()
    assert {r.code.partition(".")[0] for guard in FACED for r in guard.check(ctx)} == wanted
    assert all(r.citation for guard in FACED for r in guard.check(ctx))


def test_a_record_ends_after_it_began_and_not_after_now(filed: Drive) -> None:
    recorded(filed, "on_site_inspection")
    began = filed.at - timedelta(minutes=30)
    same = visit(filed, began_at=began.isoformat(), ended_at=began.isoformat())
    ahead = visit(filed, ended_at=(filed.at + timedelta(minutes=1)).isoformat())
    assert refused(filed, "inspect", "officer1", **same) == {"time.order"}
    assert refused(filed, "inspect", "officer1", **ahead) == {"time.future"}
    assert taken(filed, "inspect", "officer1", **visit(filed, ended_at=filed.at.isoformat()))


@pytest.mark.parametrize("who", ["冯某己", "褚某庚", "卫某辛"])
def test_an_act_is_done_by_two_certified_officers_and_not_by_one_and_an_uncertified(
    filed: Drive, who: str
) -> None:
    recorded(filed, "on_site_inspection")
    good = filed.people(filed.matter.officers)
    assert refused(filed, "inspect", "officer1", **visit(filed, officers=[good[0], person_named(filed, who)]))
    assert refused(filed, "inspect", "officer1", **visit(filed, officers=[good[0], good[0]]))
    assert taken(filed, "inspect", "officer1", **visit(filed, officers=good))


def test_everything_wrong_with_an_inspection_is_told_at_once(filed: Drive) -> None:
    good = filed.people(filed.matter.officers)
    codes = refused(
        filed,
        "inspect",
        "officer1",
        **visit(filed, officers=[good[0], good[0]], card_shown=False, rights_told=False, signature="refused"),
    )
    assert {"PEN-05.card", "PEN-05.rights", "record.signature"} <= codes
    assert len(codes) >= 5, "with the missing recording and the missing second officer"


# --- registered evidence ----------------------------------------------------------------


def kept(case: Drive) -> Drive:
    case.step("preserve_request", "officer1", reason="证据可能灭失", goods="木箱，2 个", kept_at="本机关仓库")
    return case


def test_evidence_is_registered_after_approval_and_not_before(filed: Drive) -> None:
    recorded(kept(filed), "registration_of_evidence")
    facts = {**filed._site(), "signature": "signed"}
    assert refused(filed, "preserve", "officer1", **facts) == {"ORDER.preserve_approve"}
    filed.step("preserve_approve", "leader", opinion="同意")
    assert taken(filed, "preserve", "officer1", **{**filed._site(), "signature": "signed"}) == "investigating"


def test_a_second_request_waits_for_the_first_and_a_refused_one_may_be_made_again(filed: Drive) -> None:
    again = {"reason": "证据可能灭失", "goods": "木箱，3 个", "kept_at": "本机关仓库"}
    assert refused(kept(filed), "preserve_request", "officer1", **again) == {"ONCE.preserve_request"}
    filed.step("preserve_refuse", "leader", reason="没有必要")
    assert taken(filed, "preserve_request", "officer1", **again) == "investigating"


def test_registered_goods_are_dealt_with_in_seven_working_days_and_before_the_report(
    investigated: Drive,
) -> None:
    case = recorded(kept(investigated), "registration_of_evidence")
    case.step("preserve_approve", "leader", opinion="同意")
    case.at = clock.at_local(date(2026, 9, 18), 10)
    case.step("preserve", "officer1", **{**case._site(), "signature": "signed"})
    term = next(t for t in deadlines.running(case.id) if t.norm == "penalty.term.registered_evidence")
    assert term.due_on == date(2026, 9, 29), (
        "seven working days over a holiday and a make-up Sunday (domain §2.0)"
    )
    assert refused(case, "conclude", "officer1", **report(case)) == {"PEN-07.open"}
    case.step("preserve_handle", "officer1", handling="return", detail="退还当事人")
    assert all(
        t.norm != "penalty.term.registered_evidence"
        for t in deadlines.running(case.id)
        if t.state == "running"
    )
    assert taken(case, "conclude", "officer1", **report(case)) == "concluded"


# --- recusal --------------------------------------------------------------------------------


def test_a_report_waits_until_a_request_for_recusal_is_decided(investigated: Drive) -> None:
    target = investigated.people(("officer2",))[0]
    investigated.step(
        "recuse_apply", "officer1", applicant="party", target=target, reason="与当事人有亲属关系"
    )
    assert refused(investigated, "conclude", "officer1", **report(investigated)) == {"G3.open"}
    investigated.step("recuse_decide", "leader", approved=False, reason="经核查不存在利害关系")
    assert taken(investigated, "conclude", "officer1", **report(investigated)) == "concluded"


def test_a_request_against_the_leader_is_not_decided_by_the_leader(investigated: Drive) -> None:
    facts = {"applicant": "party", "reason": "当事人认为有利害关系"}
    decided = {"approved": False, "reason": "经核查不存在利害关系"}
    leader = investigated.bureau.person("leader", investigated.at)
    investigated.step("recuse_apply", "officer1", target=leader, **facts)
    assert refused(investigated, "recuse_decide", "leader", **decided) == {"PEN-06.self"}
    officer = investigated.bureau.person("officer2", investigated.at)
    investigated.step("recuse_apply", "officer1", target=officer, **facts)
    assert taken(investigated, "recuse_decide", "leader", **decided) == "investigating"


def test_a_recused_officer_loses_sight_of_the_case_and_the_report_waits_for_another(
    investigated: Drive,
) -> None:
    target = investigated.people(("officer2",))[0]
    assert standing(investigated, "conclude", "officer2") == set()
    investigated.step(
        "recuse_apply", "officer1", applicant="officer", target=target, reason="与当事人有亲属关系"
    )
    investigated.step("recuse_decide", "leader", approved=True, reason="确有利害关系")
    with pytest.raises(NotFound):
        standing(investigated, "conclude", "officer2")
    assert refused(investigated, "conclude", "officer1", **report(investigated)), "one officer is left"
    investigated.step(
        "assign", "head", officers=investigated.people(("officer1", "officer3")), reason="回避后补充"
    )
    assert taken(investigated, "conclude", "officer1", **report(investigated)) == "concluded"


# --- the report ---------------------------------------------------------------------------------


def test_a_report_needs_a_record_evidence_and_its_verification(filed: Drive) -> None:
    assert refused(filed, "conclude", "officer1", **report(filed)) == {"G5.none", "G4.none", "PEN-42.none"}
    recorded(filed, "on_site_inspection").step("inspect", "officer1", **visit(filed))
    filed.step("correct", "officer1", act="堆放货物占用道路", demand="立即改正")
    evidence = filed.record("", kind="evidence", title="现场照片")
    assert refused(filed, "conclude", "officer1", **report(filed)) == {"G4.unverified"}
    filed.step("evidence_verify", "officer1", evidence=[evidence], conclusion="真实合法，予以采信")
    assert taken(filed, "conclude", "officer1", **report(filed)) == "concluded"


def test_there_is_nothing_to_verify_before_evidence_is_deposited(filed: Drive) -> None:
    assert standing(filed, "evidence_verify", "officer1") == {"G4.nothing"}
    filed.record("", kind="evidence", title="现场照片")
    assert standing(filed, "evidence_verify", "officer1") == set()


def test_a_penalty_comes_with_an_order_to_correct_or_the_reason_why_there_is_none(filed: Drive) -> None:
    recorded(filed, "on_site_inspection").step("inspect", "officer1", **visit(filed))
    evidence = filed.record("", kind="evidence", title="现场照片")
    filed.step("evidence_verify", "officer1", evidence=[evidence], conclusion="真实合法，予以采信")
    assert refused(filed, "conclude", "officer1", **report(filed)) == {"PEN-42.none"}
    assert (
        taken(filed, "conclude", "officer1", **report(filed, no_correction_reason="已当场改正"))
        == "concluded"
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kinds": []}, "PEN-48.kinds"),
        ({"fine_yuan": "0"}, "PEN-48.fine"),
        ({"kinds": ["01"]}, "PEN-48.fine"),
        ({"kinds": ["03", "04"]}, "PEN-48.forfeit"),
        ({"forfeit_yuan": "10"}, "PEN-48.forfeit"),
        ({"kinds": ["03", "08"]}, "PEN-48.other"),
        ({"outcome": "spared"}, "PEN-10.mixed"),
        ({"outcome": "transfer"}, "TRF-01.to"),
    ],
)
def test_an_outcome_that_contradicts_itself_is_refused_and_a_whole_one_is_taken(
    investigated: Drive, changes: dict[str, Any], code: str
) -> None:
    assert code in refused(investigated, "conclude", "officer1", **report(investigated, **changes))
    assert taken(investigated, "conclude", "officer1", **report(investigated)) == "concluded"


@pytest.mark.parametrize(
    "changes",
    [
        {"kinds": ["01"], "fine_yuan": "0"},
        {"kinds": ["03", "04"], "forfeit_yuan": "10"},
        {"kinds": ["03", "05"]},
        {"kinds": ["03", "08"], "other_penalty": "吊销示例许可证 0 号"},
        {"outcome": "spared", "kinds": [], "fine_yuan": "0", "spared_because": "minor"},
        {"outcome": "unfounded", "kinds": [], "fine_yuan": "0"},
        {"outcome": "transfer", "kinds": [], "fine_yuan": "0", "transfer_to": "公安机关"},
    ],
)
def test_each_of_the_four_outcomes_whole_is_taken(investigated: Drive, changes: dict[str, Any]) -> None:
    assert taken(investigated, "conclude", "officer1", **report(investigated, **changes)) == "concluded"


def test_a_spared_party_is_told_the_ground(investigated: Drive) -> None:
    bare = report(investigated, outcome="spared", kinds=[], fine_yuan="0")
    assert refused(investigated, "conclude", "officer1", **bare) == {"PEN-36.because"}


@pytest.mark.parametrize("fine", ["20000", "19999.99"])
def test_a_fine_up_to_the_law_s_upper_end_is_taken(investigated: Drive, fine: str) -> None:
    assert taken(investigated, "conclude", "officer1", **report(investigated, fine_yuan=fine)) == "concluded"


def test_a_fine_of_20000_01_where_the_law_ends_at_20000_is_refused_whatever_the_reason(
    investigated: Drive,
) -> None:
    over = report(investigated, fine_yuan="20000.01")
    assert refused(investigated, "conclude", "officer1", **over) == {"discretion.outside_law"}
    excused = {**over, "outside_reason": "情节恶劣", "lenient": ["confessed"]}
    assert refused(investigated, "conclude", "officer1", **excused) == {"discretion.outside_law"}


@pytest.mark.parametrize(
    ("born", "codes"),
    [
        (date(2012, 9, 5), {"PEN-40.exempt"}),  # 13 on 2026-09-04, fourteen a day later
        (date(2012, 9, 4), {"PEN-40.reduced"}),  # fourteen that day
        (date(2008, 9, 5), {"PEN-40.reduced"}),  # 17, eighteen a day later
        (date(2008, 9, 4), set()),  # eighteen that day
    ],
)
def test_age_on_the_day_of_the_act_spares_under_fourteen_and_reduces_under_eighteen(
    investigated: Drive, born: date, codes: set[str]
) -> None:
    Party.objects.filter(dossier_links__dossier_id=investigated.id).update(born_on=born)
    if codes:
        assert refused(investigated, "conclude", "officer1", **report(investigated)) == codes
    if codes == {"PEN-40.exempt"}:
        spared = report(investigated, outcome="spared", kinds=[], fine_yuan="0", spared_because="under_14")
        assert taken(investigated, "conclude", "officer1", **spared) == "concluded"
    else:
        lenient = ["minor_age"] if codes else []
        assert (
            taken(investigated, "conclude", "officer1", **report(investigated, lenient=lenient))
            == "concluded"
        )


def test_the_same_act_is_not_fined_twice_and_another_day_s_act_is(module_bureau: Bureau) -> None:
    first = start(module_bureau)
    first.file()
    first.investigate()
    first.conclude()
    first.to_decision()
    same = start(module_bureau)
    same.file()
    same.investigate()
    assert refused(same, "conclude", "officer1", **report(same)) == {"PEN-41.twice"}
    warned = report(same, kinds=["01"], fine_yuan="0")
    assert taken(same, "conclude", "officer1", **warned) == "concluded", "a warning is no second fine"
    other = start(module_bureau, act_on=date(2026, 9, 3))
    other.file()
    other.investigate()
    assert taken(other, "conclude", "officer1", **report(other)) == "concluded"


def test_a_handler_s_report_is_checked_by_the_unit_s_head_and_not_by_the_handler(investigated: Drive) -> None:
    investigated.step("conclude", "officer1", **report(investigated))
    own = holding(investigated.by("officer1"), Permission.CASE_UNIT_CHECK)
    assert refused(investigated, "unit_check", own, opinion="同意") == {"SoD-1.approver"}
    assert standing(investigated, "notify", "officer1") == {"G5.unit"}
    assert taken(investigated, "unit_check", "head", opinion="同意") == "concluded"
    assert standing(investigated, "notify", "officer1") == set()
    assert refused(investigated, "unit_check", "head", opinion="同意") == {"ORDER.conclude"}


def test_an_order_to_correct_is_checked_once(investigated: Drive) -> None:
    facts = {
        "corrected": True,
        "detail": "已清理",
        "officers": investigated.people(investigated.matter.officers),
    }
    assert taken(investigated, "correct_verify", "officer1", **facts) == "investigating"
    assert refused(investigated, "correct_verify", "officer1", **facts) == {"ORDER.correct"}


def test_a_recusal_is_decided_only_where_one_was_asked_for(investigated: Drive) -> None:
    target = investigated.people(("officer2",))[0]
    facts = {"approved": False, "reason": "经核查不存在利害关系"}
    assert refused(investigated, "recuse_decide", "leader", **facts) == {"ORDER.recuse_apply"}
    investigated.step(
        "recuse_apply", "officer1", applicant="party", target=target, reason="与当事人有亲属关系"
    )
    assert taken(investigated, "recuse_decide", "leader", **facts) == "investigating"
