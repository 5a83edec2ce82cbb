"""From schedule to tombstone, with both sides of every line."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.publication import actions, api
from mingzhi.publication.choices import State
from mingzhi.publication.data import Amendment, DecisionSnapshot, Mask, Release
from mingzhi.publication.errors import NeverPublished, NotClean, SecretLeft, WrongState
from mingzhi.publication.models import Disclosure, Event, PublicRecord, Snapshot, Version
from mingzhi.publication.redact import Span
from mingzhi.search import api as search
from mingzhi.tasks import api as tasks
from tests.receipts import disclosed

from .conftest import AT, DECIDED, Bureau

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_penalty_is_due_on_the_seventh_working_day_across_mid_autumn_and_national_day(
    bureau: Bureau, snapshot
) -> None:
    row = Disclosure.objects.get(pk=bureau.schedule(snapshot()))
    assert row.state == State.SCHEDULED
    assert row.due_on == deadlines.due(DECIDED, deadlines.Term.parse("7WD")).on
    clocks = deadlines.of_subject(f"disclosure:{row.pk}")
    assert [(c.norm, c.due_on) for c in clocks] == [("publication.term.licence_penalty", row.due_on)]


def test_any_other_decision_has_twenty_working_days(bureau: Bureau) -> None:
    decision = DecisionSnapshot(
        agency=bureau.body.name, agency_code=bureau.body.credit_code, party_name="示例一号渣土运输有限公司",
        party_kind="legal", number="湛霞综执强决字〔2026〕第1号", category="行政强制", conclusion="扣押车辆",
        basis="《中华人民共和国行政强制法》第二十二条", decided_on=DECIDED,
    )  # fmt: skip
    pk = api.schedule(
        dossier_id=None,
        kind="coercion",
        decided_on=DECIDED,
        snapshot=decision,
        body=bureau.body,
        by=bureau.leader,
        at=AT,
    )
    assert Disclosure.objects.get(pk=pk).due_on == deadlines.due(DECIDED, deadlines.Term.parse("20WD")).on


def test_an_incomplete_snapshot_is_refused_with_every_missing_field(bureau: Bureau, snapshot) -> None:
    with pytest.raises(Invalid) as refused:
        bureau.schedule(
            snapshot(number=" ", violation="", kinds=(), agency_code="", credit_code="91110000600037341M")
        )
    assert {"number", "violation", "kinds", "agency_code", "credit_code"} <= set(refused.value.fields)
    assert not Disclosure.objects.exists()


def test_the_same_decision_is_taken_up_once(bureau: Bureau, snapshot) -> None:
    assert bureau.schedule(snapshot()) == bureau.schedule(snapshot())
    assert Snapshot.objects.count() == 1


def test_published_text_is_masked_searchable_and_on_record(bureau: Bureau, snapshot, sequenced) -> None:
    pk = bureau.published(snapshot())
    decision = api.public_decision(pk)
    text = str(decision.content)
    assert "13800138000" not in text
    assert "李示例" not in text
    assert "李某某" in text
    assert decision.row.party == "示例一号渣土运输有限公司"
    assert [r.id for r in api.finding.public_search("建筑垃圾").rows] == [pk]
    assert [r.id for r in api.finding.public_search("", {"kind": "penalty", "band": "to_10k"}).rows] == [pk]
    assert not api.finding.public_search("", {"kind": "permit"}).rows
    assert not api.finding.public_search("李示例").rows
    sequenced(AT)
    assert "tlog-proof" in api.public_receipt(pk)
    assert disclosed(api.public_bundle(pk))["kind"] == "published"
    assert ledger.entries_of(f"disclosure-event:{Event.objects.get(kind='published').pk}")


def test_the_snapshot_is_ciphertext_at_rest(bureau: Bureau, snapshot) -> None:
    from django.db import connection

    bureau.schedule(snapshot())
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM publication_snapshot")
        assert "11010519491231002X" not in cursor.fetchone()[0]


def test_the_collector_may_not_check_and_may_not_publish(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    api.disclosure_collect(disclosure_id=pk, by=bureau.all_three, at=AT)
    with pytest.raises(NotAllowed) as refused:
        api.disclosure_check(disclosure_id=pk, by=bureau.all_three, at=AT)
    assert refused.value.code == "sod.collector_is_checker"
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    with pytest.raises(NotAllowed) as refused:
        api.disclosure_publish(disclosure_id=pk, by=bureau.all_three, at=AT)
    assert refused.value.code == "sod.collector_is_publisher"
    api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)


def test_the_database_itself_refuses_collector_as_checker(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=pk).update(collected_by="person:1", checked_by="person:1")


def test_another_bodys_disclosure_does_not_exist(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    with pytest.raises(NotFound):
        api.disclosure_collect(disclosure_id=pk, by=bureau.stranger, at=AT)
    with pytest.raises(NotFound):
        api.disclosure_view(bureau.stranger, pk, on=DECIDED)
    with pytest.raises(NotAllowed):
        api.disclosure_collect(disclosure_id=pk, by=bureau.checker, at=AT)


def test_returned_for_correction_with_reason_and_collected_again(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    with pytest.raises(Invalid):
        api.disclosure_return(disclosure_id=pk, reason=" ", by=bureau.checker, at=AT)
    api.disclosure_return(disclosure_id=pk, reason="通俗说明缺失，请补充", by=bureau.checker, at=AT)
    view = api.disclosure_view(bureau.collector, pk, on=DECIDED)
    assert view.return_reason == "通俗说明缺失，请补充"
    assert "collect" in view.may
    with pytest.raises(WrongState):
        api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    api.disclosure_collect(disclosure_id=pk, summary="补充", by=bureau.collector, at=AT)


def test_manual_masks_hide_more_and_releases_need_a_reason(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot(facts="执法人员在示例小区门口检查，当事人在场，单号13800138000。"))
    facts = "执法人员在示例小区门口检查，当事人在场，单号13800138000。"
    start = facts.index("示例小区")
    phone = facts.index("1380")
    with pytest.raises(Invalid):
        api.disclosure_collect(
            disclosure_id=pk, releases=[Release("facts", phone, phone + 11, "")], by=bureau.collector, at=AT
        )
    with pytest.raises(Invalid):
        api.disclosure_collect(disclosure_id=pk, masks=[Mask("facts", 0, 999)], by=bureau.collector, at=AT)
    api.disclosure_collect(
        disclosure_id=pk,
        masks=[Mask("facts", start, start + 4)],
        releases=[Release("facts", phone, phone + 11, "设备单号，不是电话")],
        by=bureau.collector,
        at=AT,
    )
    draft = Disclosure.objects.get(pk=pk).draft["facts"]
    assert "示例小区" not in draft
    assert "13800138000" in draft
    view = api.disclosure_view(bureau.checker, pk, on=DECIDED)
    assert [s.released for f in view.fields for s in f.spans if s.released] == ["设备单号，不是电话"]


def test_a_known_secret_cannot_be_released(bureau: Bureau, snapshot) -> None:
    facts = "当事人证件１１０１０５１９４９１２３１００２X。"
    pk = bureau.schedule(snapshot(facts=facts))
    api.disclosure_collect(
        disclosure_id=pk, releases=[Release("facts", 0, len(facts), "坚持公开")], by=bureau.collector, at=AT
    )
    assert "４９１２３１" not in Disclosure.objects.get(pk=pk).draft["facts"]


def test_a_secret_smuggled_into_the_draft_stops_check_and_publish(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    row = Disclosure.objects.get(pk=pk)
    row.draft["facts"] += " 王 示 例"
    row.save(update_fields=["draft"])
    with pytest.raises(SecretLeft):
        api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    row.draft["facts"] = "邮箱 someone@example.com"
    row.save(update_fields=["draft"])
    with pytest.raises(NotClean):
        api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)


def test_a_minor_is_withheld_and_never_published(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(
        snapshot(minor=True, party_kind="natural", party_name="张小示", credit_code="", representative="")
    )
    row = Disclosure.objects.get(pk=pk)
    assert (row.state, row.withhold_reason) == (State.WITHHELD, "minor")
    with pytest.raises(NeverPublished):
        api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    with pytest.raises(NeverPublished):
        api.disclosure_withhold_decide(
            disclosure_id=pk, approve=False, reason="应当公开", by=bureau.checker, at=AT
        )
    api.disclosure_withhold_decide(disclosure_id=pk, approve=True, by=bureau.checker, at=AT)
    with pytest.raises(NotFound):
        api.public_decision(pk)


def test_a_grown_up_is_published_with_the_family_name_only(bureau: Bureau, snapshot) -> None:
    pk = bureau.published(
        snapshot(party_kind="natural", party_name="欧阳示例", credit_code="", representative="")
    )
    assert api.public_decision(pk).row.party == "欧阳某某"


def test_withholding_is_proposed_by_one_and_approved_by_another(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    with pytest.raises(Invalid):
        api.disclosure_withhold(
            disclosure_id=pk, reason="prohibited", note="另有规定", by=bureau.all_three, at=AT
        )
    api.disclosure_withhold(
        disclosure_id=pk, reason="trade_secret", note="含客户名单", by=bureau.all_three, at=AT
    )
    with pytest.raises(NotAllowed):
        api.disclosure_withhold_decide(disclosure_id=pk, approve=True, by=bureau.all_three, at=AT)
    api.disclosure_withhold_decide(
        disclosure_id=pk, approve=False, reason="不属于商业秘密", by=bureau.checker, at=AT
    )
    assert Disclosure.objects.get(pk=pk).state == State.RETURNED


def test_checked_is_published_by_itself_on_the_due_day_and_not_the_day_before(
    bureau: Bureau, snapshot
) -> None:
    pk = bureau.schedule(snapshot())
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    due = Disclosure.objects.get(pk=pk).due_on
    assert actions.publish_due(at=clock.at_local(due - timedelta(days=1), 23)) == 0
    assert actions.publish_due(at=clock.at_local(due, 0, 1)) == 1
    assert actions.publish_due(at=clock.at_local(due, 1)) == 0
    assert api.public_decision(pk).row.published_on == due


def test_one_that_may_not_go_out_holds_up_no_other_and_goes_back_to_its_collector(
    bureau: Bureau, snapshot, dossier_id, monkeypatch
) -> None:
    """A newer scan sees in a checked text what the one before did not."""
    bad, good = (
        bureau.schedule(snapshot(number=f"湛霞综执罚决字〔2026〕第{n}号"), dossier_id=dossier_id)
        for n in (1, 2)
    )
    for pk in (bad, good):
        api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
        api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    seen = actions.preparing.residue
    monkeypatch.setattr(
        actions.preparing,
        "residue",
        lambda content, *a: [("facts", Span("name", 0, 2, "mask", "*"))] if "第1号" in content["number"] else seen(content, *a),
    )  # fmt: skip
    due = clock.at_local(Disclosure.objects.get(pk=bad).due_on, 0, 1)
    assert actions.publish_due(at=due) == 1
    assert api.public_decision(good).content
    row = Disclosure.objects.get(pk=bad)
    assert (row.state, row.version_no, row.checked_by) == (State.RETURNED, 0, "")
    assert "1 处疑似个人信息" in row.return_reason
    assert actions.publish_due(at=due) == 0

    # Nor does a withdrawal that fails: the others are gone all the same, and the failure is told.
    monkeypatch.undo()
    api.disclosure_collect(disclosure_id=bad, by=bureau.collector, at=due)
    api.disclosure_check(disclosure_id=bad, by=bureau.checker, at=due)
    api.disclosure_publish(disclosure_id=bad, by=bureau.publisher, at=due)
    api.annulled(
        dossier_id=dossier_id, reason="复议撤销", basis="复议决定书", on=due.date(), by=bureau.leader, at=due
    )
    take_down = actions.take_down

    def broken(row: Disclosure, *a: object, **kw: object) -> None:
        take_down(row, *a, **kw)
        if row.pk == bad:
            raise OSError("broken")

    monkeypatch.setattr(actions, "take_down", broken)
    with pytest.raises(OSError, match="broken"):
        actions.withdraw_due(at=due + timedelta(days=20))
    assert api.public_decision(good).row.state == "withdrawn"
    assert api.public_decision(bad).row.state == "published"


def test_what_is_on_show_is_withdrawn_and_never_put_aside_behind_its_page(bureau: Bureau, snapshot) -> None:
    pk = bureau.published(snapshot())
    with pytest.raises(NeverPublished, match="未成年人") as refused:
        api.disclosure_correct(
            disclosure_id=pk,
            reason="相对人信息有误",
            snapshot=snapshot(minor=True),
            by=bureau.collector,
            at=AT,
        )
    assert "撤下" in refused.value.remedy
    api.disclosure_correct(disclosure_id=pk, reason="文书笔误", by=bureau.collector, at=AT)
    assert "withhold" not in api.disclosure_view(bureau.all_three, pk, on=DECIDED).may
    with pytest.raises(WrongState) as refused:
        api.disclosure_withhold(
            disclosure_id=pk, reason="trade_secret", note="含客户名单", by=bureau.collector, at=AT
        )
    assert "撤下" in refused.value.remedy
    # What ends meanwhile leaves nobody a correction to do.
    assert actions.expire_due(at=clock.at_local(date(2027, 9, 19))) == 1
    assert api.public_decision(pk).content == {}
    assert not tasks.subjects_open(actions.ALL_TASKS)


def test_overdue_from_the_day_after_the_due_day(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    due = Disclosure.objects.get(pk=pk).due_on
    assert not api.overdue([bureau.body.id], due)
    assert [r.id for r in api.overdue([bureau.body.id], due + timedelta(days=1))] == [pk]


def test_correction_is_a_second_version_with_its_reason(bureau: Bureau, snapshot) -> None:
    pk = bureau.published(snapshot())
    api.disclosure_correct(
        disclosure_id=pk,
        reason="罚款金额录入有误",
        snapshot=snapshot(content="罚款人民币四千元", fine_fen=400000),
        by=bureau.collector,
        at=AT,
    )
    assert api.public_decision(pk).content["fine_fen"] == 500000
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    decision = api.public_decision(pk)
    assert decision.content["fine_fen"] == 400000
    assert [(h.kind, h.reason) for h in decision.history] == [
        ("published", ""),
        ("corrected", "罚款金额录入有误"),
    ]
    assert Version.objects.filter(disclosure_id=pk).count() == 2


def test_words_are_put_right_by_a_paper_that_says_so_and_only_where_they_stand(
    bureau: Bureau, snapshot
) -> None:
    pk = bureau.published(
        snapshot(title="某某公司占用解放东路案", violation="占用解放东路", facts="在解放东路堆料")
    )

    def correct(*amendments: Amendment, basis: str = "补正通知书（湛霞综执补字〔2026〕第1号）") -> None:
        api.disclosure_correct(
            disclosure_id=pk, reason="路名有误。", amendments=amendments, basis=basis, by=bureau.collector, at=AT
        )  # fmt: skip

    for wrong, told in (
        (Amendment("facts", "解放南路", "解放西路"), "amend-0"),
        (Amendment("facts", "解放东路", "解放东路"), "amend-0"),
        (Amendment("number", "第", "弟"), "amend-0"),
        (Amendment("", "", "解放西路"), "amend-0"),
    ):
        with pytest.raises(Invalid) as refused:
            correct(wrong)
        assert list(refused.value.fields) == [told]
    with pytest.raises(Invalid) as refused:
        correct(Amendment("", "解放东路", "解放西路"), basis="")
    assert list(refused.value.fields) == ["basis"]
    with pytest.raises(Invalid) as refused:
        correct(Amendment("violation", "占用解放东路", ""))
    assert list(refused.value.fields) == ["violation"], "what must be there stays"
    assert Snapshot.objects.filter(disclosure_id=pk).count() == 1

    correct(Amendment("", "解放东路", "解放西路"), Amendment("facts", "堆料", "堆放材料"))
    before = Disclosure.objects.get(pk=pk)
    assert api.public_decision(pk).content["facts"] == "在解放东路堆料", "public until the new text is out"
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    now = api.public_decision(pk)
    assert (now.content["title"], now.content["violation"], now.content["facts"]) == (
        "某某公司占用解放西路案", "占用解放西路", "在解放西路堆放材料",
    )  # fmt: skip
    assert before.expires_on is not None
    assert (before.title, before.expires_on.isoformat()) == (now.content["title"], now.content["expires_on"])
    assert now.history[-1].reason == "路名有误（依据：补正通知书（湛霞综执补字〔2026〕第1号））"
    assert not api.finding.public_search("解放东路").rows
    assert [r.id for r in api.finding.public_search("解放西路").rows] == [pk]


def test_what_is_corrected_to_another_day_or_kind_is_public_as_long_as_that_one_is(
    bureau: Bureau, snapshot
) -> None:
    pk = bureau.published(snapshot())
    was = Disclosure.objects.get(pk=pk)
    later = snapshot(decided_on=DECIDED + timedelta(days=1))
    api.disclosure_correct(
        disclosure_id=pk, reason="决定日期录入有误", snapshot=later, by=bureau.collector, at=AT
    )
    now = Disclosure.objects.get(pk=pk)
    assert now.decided_on == was.decided_on + timedelta(days=1)
    until = next(p["max_until"] for p in now.policies if p["channel"] == "portal")
    assert was.expires_on is not None and now.expires_on == was.expires_on + timedelta(days=1)
    assert until == now.expires_on.isoformat()
    assert (now.due_on, now.severity) == (was.due_on, was.severity)


def test_withdrawn_is_gone_from_page_and_search_and_leaves_tombstone_and_receipt(
    bureau: Bureau, snapshot, sequenced
) -> None:
    pk = bureau.published(snapshot())
    with pytest.raises(Invalid):
        api.disclosure_withdraw(
            disclosure_id=pk, reason="", basis="行政处罚法第四十八条", by=bureau.publisher, at=AT
        )
    api.disclosure_withdraw(
        disclosure_id=pk,
        reason="处罚决定经行政复议撤销",
        basis="行政处罚法第四十八条第二款",
        by=bureau.publisher,
        at=AT,
    )
    decision = api.public_decision(pk)
    assert decision.content == {}
    assert decision.fields == ()
    assert decision.row.number
    assert decision.row.party == ""
    assert decision.history[-1].reason == "处罚决定经行政复议撤销"
    assert not api.finding.public_search("建筑垃圾").rows
    assert not api.finding.public_search("").rows
    assert not search.wide_page("public", "建筑垃圾")
    sequenced(AT)
    assert disclosed(api.public_bundle(pk))["kind"] == "withdrawn"
    assert Version.objects.filter(disclosure_id=pk).exists()


@pytest.fixture
def dossier_id(bureau: Bureau) -> int:
    from mingzhi.dossiers.models import Dossier
    from mingzhi.organisations.models import Unit

    return Dossier.objects.create(
        number="示例案卷1", procedure="penalty.ordinary", procedure_version="1", title="示例", body_id=bureau.body.id,
        unit=Unit.objects.filter(body_id=bureau.body.id).first(), field="chengguan", state="decided", stage="decision",
        opened_at=AT, opened_by="person:1", last_step_at=AT,
    ).pk  # fmt: skip


def test_an_annulled_decision_is_withdrawn_within_three_working_days_by_itself(
    bureau: Bureau, snapshot, dossier_id
) -> None:
    pk = bureau.published(snapshot(), dossier_id=dossier_id)
    on = date(2026, 9, 24)
    at = clock.at_local(on, 9)
    assert api.annulled(
        dossier_id=dossier_id, reason="复议撤销", basis="复议决定书", on=on, by=bureau.leader, at=at
    ) == [pk]
    assert (
        api.annulled(
            dossier_id=dossier_id, reason="复议撤销", basis="复议决定书", on=on, by=bureau.leader, at=at
        )
        == []
    )
    row = Disclosure.objects.get(pk=pk)
    assert row.withdraw_by == deadlines.due(on, deadlines.Term.parse("3WD")).on
    assert actions.withdraw_due(at=clock.at_local(row.withdraw_by - timedelta(days=1), 12)) == 0
    assert actions.withdraw_due(at=clock.at_local(row.withdraw_by, 0, 5)) == 1
    assert api.public_decision(pk).row.state == "withdrawn"


def test_annulled_before_publication_is_cancelled_and_never_public(
    bureau: Bureau, snapshot, dossier_id
) -> None:
    pk = bureau.schedule(snapshot(), dossier_id=dossier_id)
    assert api.withdraw(
        dossier_id=dossier_id, reason="决定自行撤销", basis="行政处罚法", by=bureau.leader, at=AT
    ) == [pk]
    assert Disclosure.objects.get(pk=pk).state == State.CANCELLED
    with pytest.raises(NotFound):
        api.public_decision(pk)
    assert api.disclosure_status(dossier_id)[0].state == State.CANCELLED


def test_expires_after_the_last_day_counted_from_the_decision(bureau: Bureau, snapshot) -> None:
    pk = bureau.published(snapshot())
    row = Disclosure.objects.get(pk=pk)
    assert row.severity == "ordinary"
    assert row.expires_on == date(2027, 9, 18)
    assert actions.expire_due(at=clock.at_local(row.expires_on, 23)) == 0
    assert actions.expire_due(at=clock.at_local(row.expires_on + timedelta(days=1), 0, 1)) == 1
    decision = api.public_decision(pk)
    assert decision.row.state == "expired"
    assert not api.finding.public_search("建筑垃圾").rows


@pytest.mark.parametrize("table", ["publication_version", "publication_event", "publication_snapshot"])
def test_what_was_published_cannot_be_rewritten(bureau: Bureau, snapshot, table: str) -> None:
    from django.db import connection

    bureau.published(snapshot())
    for statement in (f"UPDATE {table} SET id = id + 1000", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_every_event_recomputes_to_what_the_ledger_holds(bureau: Bureau, snapshot, sequenced) -> None:
    pk = bureau.published(snapshot())
    api.disclosure_withdraw(
        disclosure_id=pk, reason="决定被撤销", basis="行政处罚法第四十八条", by=bureau.publisher, at=AT
    )
    sequenced(AT)
    report = ledger.fsck()
    assert not [f for f in report.findings if "disclosure" in str(f)], report.findings


def test_queue_and_counts_for_the_desk(bureau: Bureau, snapshot) -> None:
    pk = bureau.schedule(snapshot())
    assert [r.id for r in api.disclosure_queue(bureau.collector, on=DECIDED)] == [pk]
    assert api.disclosure_counts(bureau.collector, on=DECIDED)["scheduled"] == 1
    assert not api.disclosure_queue(bureau.stranger, on=DECIDED)
    assert not api.disclosure_queue(bureau.leader, on=DECIDED)


def test_dataclass_snapshot_round_trip(snapshot) -> None:
    from mingzhi.publication import preparing

    made = snapshot(valid_until=date(2027, 1, 1))
    assert preparing.load(preparing.dump(made)) == made
    assert dataclasses.is_dataclass(made)
    assert PublicRecord._meta.pk.name == "disclosure"
