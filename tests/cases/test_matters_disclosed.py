"""A decision outside the penalty procedure goes to the public by itself, as its rules say, and comes down when it falls."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from mingzhi.cases import api as cases
from mingzhi.cases.matters import disclosure, effects
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import PartyInput
from mingzhi.dossiers.models import Dossier
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.errors import GuardsUnmet
from mingzhi.publication import actions as publishing
from mingzhi.publication import api as publication
from mingzhi.publication.models import Disclosure
from mingzhi.supervision import api as supervision
from mingzhi.tasks.models import Task
from mingzhi.web.demo.cast import Bureau
from mingzhi.web.demo.review_room import Own, a_company
from tests.cases.staging import holding
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")

NAME, PHONE = "示例桥梁工程有限公司", "13900000002"
SHEET = {
    "act_type": "行政许可",
    "basis": "《城市道路管理条例》第三十一条",
    "proposal": "准予临时占用道路三个月。",
}
PERMIT = {
    "kinds": ["granted"],
    "content": "准予临时占用示例路东侧道路一千二百平方米。",
    "paper_name": "准予行政许可决定书",
    "licence_class": "普通",
    "licence": "临时占用道路许可证",
    "licence_number": "示例占道2026001",
    "valid_until": "2026-12-06",
}


@pytest.fixture
def own(module_bureau: Bureau) -> Own:
    return Own(Bureau(module_bureau.body_id, module_bureau.accounts), MONDAY)


def company(own: Own) -> PartyInput:
    return a_company(own.bureau, NAME, 2)


def ready(own: Own, party: PartyInput | None, **facts: Any) -> int:
    """Reviewed and ready to be decided."""
    given = {
        **SHEET,
        "summary": f"申请人联系人王示例（电话 {PHONE}）申请临时占用道路。",
        "major_rights": True,
        **facts,
    }
    case = own.registered("关于临时占用示例路的事项", party, **given)
    if given["act_type"] == "行政许可":
        own.apply(case)
    own.reviewed(case)
    return case


def why(own: Own, case: int, verb: str, who: str = "leader", **facts: Any) -> set[str]:
    """Why the step is refused; nothing is taken."""
    if verb == "matter_decide":
        facts = {
            "decided_on": clock.local_date(own.at).isoformat(),
            "number": "1",
            "opinion": "同意。",
            **facts,
        }
    with pytest.raises(GuardsUnmet) as refusal:
        procedures.advance(case, verb, by=own.bureau.actor(who, own.at), at=own.at, facts=facts)
    assert all(r.sentence and r.citation for r in refusal.value.reasons)
    return {r.code for r in refusal.value.reasons}


def row_of(case: int) -> Disclosure:
    return Disclosure.objects.get(dossier_id=case)


def open_kinds(case: int) -> set[str]:
    return set(Task.objects.filter(dossier_id=case, closed_at=None).values_list("kind", flat=True))


def test_a_permit_is_decided_with_what_the_public_must_be_told_shown_masked_and_gone_when_annulled(
    own: Own,
) -> None:
    case = ready(own, company(own), third_persons="王示例")
    assert why(own, case, "matter_decide", kinds=["granted"]) == {"PUB.content", "PUB.licence_class"}
    assert why(own, case, "matter_decide", **{**PERMIT, "valid_until": "2026-01-01"}) == {"PUB.validity"}
    own.decide(case, "示例许准字〔2026〕1号", **PERMIT)
    found = row_of(case)
    assert (found.kind, str(found.due_on)) == ("permit", "2026-09-16"), (
        "seven working days from Monday the 7th"
    )
    assert "publication.collect" in open_kinds(case), "a to-do, though the matter has come to its end"
    assert found.unit_id == Dossier.objects.get(pk=case).unit_id

    shown = publication.public_decision(own.disclose(case))
    told = dict(shown.fields)
    assert shown.row.party == NAME and "作出决定的机关" not in told, "decided by who publishes"
    for label, value in (
        ("许可类别", "普通"), ("许可编号", "示例占道2026001"), ("许可证书名称", "临时占用道路许可证"), ("有效期自", "2026-09-07"), ("有效期至", "2026-12-06"),
        ("执法结论", PERMIT["content"]), ("决定文书名称", "准予行政许可决定书"),
    ):  # fmt: skip
        assert told[label] == value
    assert PHONE not in str(shown.content) and "王示例" not in str(shown.content)
    counted = publication.finding.public_counts("准予行政许可决定书")
    assert [(v.value, v.count) for f in counted.facets if f.name == "kind" for v in f.values] == [
        ("permit", 1)
    ]
    month = (date(2026, 9, 1), date(2026, 9, 30))
    kept = dict(publication.standing.kept_by_kind([own.bureau.body_id], *month, on=MONDAY.date()))
    assert kept["行政许可"].in_time == 1

    # Nobody decides a second disclosure of it, and no repair is for a permit.
    assert why(own, case, "disclose", "officer1", **{k: v for k, v in PERMIT.items() if k != "kinds"}) == {
        "PUB.listed"
    }
    with pytest.raises(NotFound):
        publication.letters.repair_of(found.pk, MONDAY.date())

    own.at += timedelta(days=3)
    own.step(
        case, "annul", "leader", by_whom="reconsideration", how="revoked", number="示例复议〔2026〕1号",
        on=clock.local_date(own.at).isoformat(), reason="主要事实不清，予以撤销。",
    )  # fmt: skip
    found.refresh_from_db()
    assert str(found.withdraw_by) == "2026-09-15", "three working days from the 10th"
    assert open_kinds(case) == {"publication.withdraw"}
    assert publishing.withdraw_due(at=clock.at_local(date(2026, 9, 14), 23)) == 0
    assert publishing.withdraw_due(at=clock.at_local(date(2026, 9, 15), 1)) == 1
    stone = publication.public_decision(found.pk)
    assert stone.content == {} and stone.row.party == "" and "主要事实不清" in stone.history[-1].reason
    assert publication.finding.public_counts("准予行政许可决定书").total == 0


def test_what_the_body_s_own_rule_keeps_back_stays_unpublished_with_its_reason(own: Own) -> None:
    rule = "示例机关公示办法第九条：行政强制措施决定不公示"
    by = holding(own.bureau.actor("leader", own.at), Permission.CATALOGUE_MANAGE)
    publication.policy_set(
        channel="portal",
        act="coercion",
        publish=False,
        valid_from=date(2026, 1, 1),
        citation=rule,
        by=by,
        at=own.at,
    )
    case = ready(own, company(own), act_type="行政强制")
    own.decide(case, "示例强字〔2026〕1号", kinds=["seal"], content="查封施工现场配电箱一台。")
    (told,) = publication.disclosure_status(case)
    assert (told.state, told.kind, told.public_url) == ("withheld", "coercion", "") and rule in told.reason
    assert str(told.due_on) == "2026-10-10", (
        "twenty working days across the holidays, one of them made up on a Saturday"
    )
    publication.disclosure_withhold_decide(
        disclosure_id=told.id, approve=True, by=own.bureau.actor("checker", own.at), at=own.at
    )
    with pytest.raises(NotFound):
        publication.public_decision(told.id)
    assert "publication.check" not in open_kinds(case)


def test_a_child_and_a_state_secret_are_never_published_and_a_matter_without_a_party_is(own: Own) -> None:
    child = PartyInput(kind="natural", name="赵某某", born_on=date(2012, 1, 1), address="示例小区 1 号")
    case = ready(own, child, act_type="行政强制")
    own.decide(case, "示例强字〔2026〕2号", kinds=["seize"], content="扣押电动车一辆。")
    assert row_of(case).withhold_reason == "minor"

    case = ready(own, company(own), act_type="行政强制", secrecy="state")
    own.decide(case, "示例强字〔2026〕3号", kinds=["seize"], content="扣押设备一台。")
    assert row_of(case).withhold_reason == "state_secret"

    case = ready(own, None, act_type="行政强制")
    own.decide(case, "示例强字〔2026〕4号", kinds=["other_measure"], content="清除无主堆放物。")
    shown = publication.public_decision(own.disclose(case))
    assert shown.row.party == "没有特定相对人" and shown.row.kind == "coercion"


def test_a_penalty_decided_here_is_disclosed_as_one_and_one_of_a_case_is_left_to_its_case(own: Own) -> None:
    case = ready(own, company(own), act_type="行政处罚")
    fined = {"kinds": ["03", "04"], "content": "罚款五千元，没收违法所得一千元。", "amount_yuan": "6000"}
    assert why(own, case, "matter_decide", **fined, forfeit_yuan="6000") == {"PUB.violation", "PUB.fine"}
    assert why(own, case, "matter_decide", **{**fined, "kinds": ["06"]}, violation="擅自占道") == {
        "PUB.forfeit", "PUB.punished_licence"
    }  # fmt: skip
    own.decide(case, "示例罚字〔2026〕9号", **fined, forfeit_yuan="1000", violation="擅自占用城市道路")
    shown = publication.public_decision(own.disclose(case))
    assert (shown.content["fine_fen"], shown.content["forfeit_fen"]) == (500_000, 100_000)
    assert row_of(case).severity == "ordinary", "and repaired as any penalty"

    case = ready(own, company(own), act_type="行政处罚")
    own.decide(case, "示例罚字〔2026〕10号", kinds=["in_case"])
    assert not Disclosure.objects.filter(dossier_id=case).exists()
    assert case not in {u.dossier_id for u in cases.undisclosed([own.bureau.body_id])}


def test_a_decision_and_its_disclosure_are_there_together_or_not_at_all(
    own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ready(own, company(own))
    schedule = publication.schedule

    def dies(**given: Any) -> int:
        schedule(**given)
        raise OSError("the process died")

    monkeypatch.setattr(publication, "schedule", dies)
    with pytest.raises(OSError):
        own.decide(case, "示例许准字〔2026〕2号", **PERMIT)
    assert (
        Dossier.objects.get(pk=case).state == "prepared"
        and not Disclosure.objects.filter(dossier_id=case).exists()
    )
    monkeypatch.undo()
    own.decide(case, "示例许准字〔2026〕2号", **PERMIT)
    assert Dossier.objects.get(pk=case).state == "decided" and row_of(case).state == "scheduled"


def test_whom_a_matter_concerns_is_registered_once_by_its_unit_and_is_the_one_it_was_registered_for(
    own: Own,
) -> None:
    case = own.registered("关于临时占用示例路的事项", None, party_kind="organisation", party=NAME, summary="申请临时占用道路三个月。", **SHEET)  # fmt: skip
    own.reviewed(case)
    own.apply(case)
    assert why(own, case, "matter_decide", **PERMIT) == {"PUB.party"}
    officer, stranger = own.bureau.actor("officer1", own.at), own.bureau.actor("other", own.at)
    with pytest.raises(NotFound):
        cases.matter_party(
            dossier_id=case, party=company(own), by=holding(stranger, Permission.CASE_ACT), at=own.at
        )
    with pytest.raises(NotAllowed):
        cases.matter_party(
            dossier_id=case, party=company(own), by=own.bureau.actor("reviewer", own.at), at=own.at
        )
    with pytest.raises(Invalid) as wrong:
        cases.matter_party(
            dossier_id=case, party=a_company(own.bureau, "示例七号有限公司", 7), by=officer, at=own.at
        )
    assert NAME in wrong.value.fields["name"][0] and not dossiers.parties(case)
    assert cases.party_wanted(Dossier.objects.get(pk=case), officer)
    cases.matter_party(dossier_id=case, party=company(own), by=officer, at=own.at)
    with pytest.raises(Conflict):
        cases.matter_party(dossier_id=case, party=company(own), by=officer, at=own.at)
    assert not cases.party_wanted(Dossier.objects.get(pk=case), officer)
    own.decide(case, "示例许准字〔2026〕3号", **PERMIT)
    assert row_of(case).kind == "permit"


def test_who_registers_the_matter_and_who_registers_another_party_do_not_both_succeed(own: Own) -> None:
    case = own.opened("关于临时占用示例路的事项", None)
    by = own.bureau.actor("officer1", own.at)
    ctx = procedures.form_context(dossiers.access_dossier(by, case), "register", by=by, at=own.at)
    ctx.facts = ctx.row.facts(
        in_name="own",
        party_kind="organisation",
        party=NAME,
        summary="申请临时占用道路三个月。",
        draft=(1,),
        **SHEET,
    )
    assert ctx.party is None
    cases.matter_party(dossier_id=case, party=a_company(own.bureau, "示例七号有限公司", 7), by=by, at=own.at)
    with pytest.raises(GuardsUnmet) as refusal, transaction.atomic():
        effects.describe(ctx)
    assert {r.code for r in refusal.value.reasons} == {"MAT.other_party"}


def test_a_decision_from_before_is_told_what_it_lacks_and_taken_up_once_that_is_added(
    own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = own.registered("关于临时占用示例路的事项", None, party_kind="organisation", party=NAME, summary="申请临时占用道路三个月。", **SHEET)  # fmt: skip
    own.reviewed(case)
    own.apply(case)
    with monkeypatch.context() as before:  # the program of that day asked for none of it
        before.setattr(disclosure, "party_known", lambda ctx: True)
        before.setattr(disclosure, "wanting", lambda *given: [])
        before.setattr(publication, "schedule", lambda **given: 0)
        own.decide(case, "示例许准字〔2026〕4号", kinds=["granted"])
    (left,) = cases.undisclosed([own.bureau.body_id])
    assert (left.dossier_id, left.lacks) == (case, ("相对人登记", "决定内容", "许可类别"))
    body = organisations.body(own.bureau.body_id)
    watched = supervision.watch(body, date(2026, 1, 1), date(2026, 12, 31), on=MONDAY.date())
    assert [u.dossier_id for u, _unit in watched.unlisted] == [case]

    own.at += timedelta(days=30)
    assert why(own, case, "disclose", "officer1") == {"PUB.party", "PUB.content", "PUB.licence_class"}
    cases.matter_party(
        dossier_id=case, party=company(own), by=own.bureau.actor("officer1", own.at), at=own.at
    )
    own.step(case, "disclose", "officer1", **{k: v for k, v in PERMIT.items() if k != "kinds"})
    found = row_of(case)
    assert (str(found.decided_on), str(found.due_on)) == ("2026-09-07", "2026-09-16"), "late, and counted so"
    assert cases.undisclosed([own.bureau.body_id]) == []
    assert why(own, case, "disclose", "officer1", content="再次补充。") >= {"PUB.listed"}


def test_a_permit_s_application_and_acceptance_are_told_once_counted_on_their_days_and_needed_to_grant(
    own: Own,
) -> None:
    case = own.registered(
        "关于临时占用示例路的事项", company(own), summary="申请临时占用道路三个月。", **SHEET
    )
    own.reviewed(case)
    assert why(own, case, "matter_decide", **PERMIT) == {"MAT.unapplied"}
    told = {"accepted": "accepted", "applied_on": "2026-08-31", "accepted_on": "2026-09-01"}
    for wrong, code in (
        ({"accepted_on": "2026-08-30"}, "MAT.application_days"),
        ({"accepted_on": "2026-09-08"}, "MAT.application_days"),
        ({"accepted": "deemed"}, "MAT.deemed"),
    ):
        assert why(own, case, "apply", "officer1", **{**told, **wrong}) == {code}

    body = organisations.body(own.bureau.body_id)

    def figures() -> list[int | None]:
        now = supervision.current(body, 2026, own.at)
        assert now == supervision.as_of(body, 2026, own.at), "sums equal entries"
        return [
            now.total["permit"][f"permit.{name}"] for name in ("applied", "accepted", "granted", "revoked")
        ]

    assert figures() == [0, 0, 0, 0]
    own.step(case, "apply", "officer1", **told)
    assert figures() == [1, 1, 0, 0]
    assert why(own, case, "apply", "officer1", **told) == {"MAT.applied"}
    own.decide(case, "示例许准字〔2026〕5号", **PERMIT)
    assert figures() == [1, 1, 1, 0]

    # What is revoked was not applied for; no other act is.
    case = ready(own, company(own), act_type="行政强制")
    assert "MAT.no_permit" in why(own, case, "apply", "officer1", **told)
    case = own.registered("关于撤销占道许可的事项", company(own), summary="以欺骗手段取得许可。", **SHEET)
    own.reviewed(case)
    own.decide(
        case, "示例许撤字〔2026〕1号", kinds=["revoked"], content="撤销占道许可。", licence_class="普通"
    )
    assert figures() == [1, 1, 1, 1]
    shown = publication.public_decision(own.disclose(case))
    assert shown.content["ended"] == "撤销许可" and "有效期自" not in dict(shown.fields)
