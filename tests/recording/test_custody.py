"""Who may look, who must ask, who answers; and that every look is on record."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.models import Attempt, Entry
from mingzhi.recording import api as recording
from mingzhi.recording.access_models import AccessDecision, AccessRequest, AccessRevocation, PlaySession
from mingzhi.recording.choices import AccessState, Need
from mingzhi.recording.errors import (
    AccessAnswered,
    AccessNeeded,
    AccessNotFound,
    AccessNotNeeded,
    NotTheApprover,
    OriginalNotGranted,
    PurposeRequired,
    RecordNotFound,
)
from mingzhi.tasks import api as tasks

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def ask(scene, at):
    def put(who="officer3", **changes):
        facts = {
            "dossier_id": scene.dossier.pk,
            "use": "evaluation",
            "reason": "年度案卷评查",
            "days": 7,
            "by": scene.actor(who),
            "at": at,
        }
        return recording.custody.access_request(**{**facts, **changes})

    return put


@pytest.fixture
def answer(scene, at):
    def put(view, who="head", **changes):
        facts = {"request_id": view.id, "approved": True, "by": scene.actor(who), "at": at}
        return recording.custody.access_decide(**{**facts, **changes})

    return put


@pytest.fixture
def look(scene, at):
    def open_it(record_id, who, **changes):
        facts = {"record_id": record_id, "purpose": "核对", "by": scene.actor(who), "at": at}
        return recording.open_for(**{**facts, **changes})

    return open_it


def need(scene, at, who):
    found = recording.access.standing(scene.actor(who), scene.dossier, at)
    return found.need if found else None


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("officer1", Need.CASE),  # the lead
        ("officer2", None),  # same unit, not on the case
        ("head", Need.UNIT),
        ("head2", None),
        ("officer3", None),
        ("leader", Need.LEADER),
        ("deputy", Need.LEADER),
        ("reviewer", None),
        ("archivist", None),
        ("collector", None),
        ("cashier", None),
        ("supervisor", Need.SUPERVISOR),
    ],
)
def test_the_need_is_the_case_or_the_supervision_and_everybody_else_asks(
    scene, at, deposit, look, who, expected
):
    record_id = deposit().id
    assert need(scene, at, who) == expected
    if expected is None:
        with pytest.raises(AccessNeeded):
            look(record_id, who)
        assert Attempt.objects.get(by=scene.actor(who).label).outcome == "denied"
    else:
        assert look(record_id, who).standing.need == expected
        assert Attempt.objects.get(by=scene.actor(who).label).detail["need"] == expected


@pytest.mark.parametrize("who", ["other", "sysadmin", "secadmin", "auditor", "keeper"])
def test_for_other_bodies_and_administrators_the_record_is_not_there(scene, at, deposit, look, ask, who):
    record_id = deposit().id
    with pytest.raises(RecordNotFound):
        look(record_id, who)
    with pytest.raises(NotFound):
        ask(who)
    assert Attempt.objects.get(by=scene.actor(who).label).outcome == "denied"


def test_an_open_to_do_on_the_case_is_a_hand_in_it_but_the_approvers_is_not(scene, at, ask):
    assert need(scene, at, "reviewer") is None
    reviewer = scene.actor("reviewer")
    tasks.task_open(
        kind="review.opine", title="出具审核意见", body_id=scene.body.id, dossier_id=scene.dossier.pk,
        assignee_id=reviewer.person_id, by=scene.officer, at=at,
    )  # fmt: skip
    assert need(scene, at, "reviewer") == Need.CASE


def test_who_left_the_case_asks_again_and_who_was_recused_sees_nothing(scene, at, deposit, look):
    record_id = deposit().id
    dossiers.member_join(
        dossier=scene.dossier, person_id=scene.officer2.person_id, role="assist", by=scene.officer, at=at
    )
    assert look(record_id, "officer2")
    dossiers.member_leave(
        dossier=scene.dossier,
        person_id=scene.officer2.person_id,
        reason="轮岗",
        recused=False,
        by=scene.officer,
        at=at,
    )
    with pytest.raises(AccessNeeded):
        look(record_id, "officer2")
    dossiers.member_join(
        dossier=scene.dossier, person_id=scene.officer2.person_id, role="assist", by=scene.officer, at=at
    )
    dossiers.member_leave(
        dossier=scene.dossier,
        person_id=scene.officer2.person_id,
        reason="利害关系",
        recused=True,
        by=scene.officer,
        at=at,
    )
    with pytest.raises(RecordNotFound):
        look(record_id, "officer2")


def test_a_request_is_answered_by_the_head_and_the_grant_opens_what_was_asked_for_until_it_ends(
    scene, at, deposit, look, ask, answer, video
):
    one, two = deposit(), deposit(file_id=video("b"))
    view = ask(record_id=one.id)
    assert view.state == AccessState.PENDING and view.number.endswith("号")
    todo = tasks.tasks_mine(scene.actor("head")).filter(subject=f"access:{view.id}")
    assert todo.count() == 1 and todo.get().due_on is None  # no norm says by when
    assert not tasks.tasks_mine(scene.actor("head2")).filter(subject=f"access:{view.id}").exists()
    with pytest.raises(AccessNeeded):
        look(one.id, "officer3")

    given = answer(view, days=2)
    assert given.state == AccessState.APPROVED and given.expires_at == at + timedelta(days=2)
    assert not todo.exists()
    opened = look(one.id, "officer3")
    assert opened.standing.need == Need.GRANT and opened.standing.number == view.number
    seen = Attempt.objects.filter(act="recording:view", outcome="ok").get()
    assert (seen.detail["access"], seen.detail["use"]) == (view.number, "evaluation")
    with pytest.raises(AccessNeeded):
        look(two.id, "officer3")
    look(one.id, "officer3", at=at + timedelta(days=2, seconds=-1))
    with pytest.raises(AccessNeeded):
        look(one.id, "officer3", at=at + timedelta(days=2))
    assert (
        recording.custody_queries.access_of(scene.actor("officer3"), view.id, at + timedelta(days=2)).state
        == AccessState.EXPIRED
    )
    kinds = set(Entry.objects.filter(kind__startswith="recording:access").values_list("kind", flat=True))
    assert kinds == {"recording:access:requested", "recording:access:decided"}


def test_a_grant_for_the_whole_dossier_opens_every_record_and_ends_when_taken_back(
    scene, at, deposit, look, ask, answer, video
):
    one, two = deposit(), deposit(file_id=video("b"))
    view = answer(ask(), who="leader")
    assert look(one.id, "officer3") and look(two.id, "officer3")
    with pytest.raises(Invalid):
        recording.custody.access_revoke(request_id=view.id, reason=" ", by=scene.actor("head"), at=at)
    recording.custody.access_revoke(request_id=view.id, reason="评查结束", by=scene.actor("head"), at=at)
    with pytest.raises(AccessNeeded):
        look(one.id, "officer3")
    with pytest.raises(AccessAnswered):
        recording.custody.access_revoke(request_id=view.id, reason="再次", by=scene.actor("head"), at=at)


@pytest.mark.parametrize(
    "who", ["officer3", "officer1", "officer2", "head2", "reviewer", "deputy", "supervisor"]
)
def test_nobody_answers_who_is_not_the_units_head_or_the_bodys_leader(scene, at, ask, answer, who):
    view = ask()
    refusal = (NotTheApprover, AccessNotFound)
    with pytest.raises(refusal):
        answer(view, who=who)
    assert not AccessDecision.objects.exists()


def test_a_leader_does_not_answer_the_own_request(scene, at, deposit, ask, answer):
    view = ask("leader", kind="original", use="decision", reason="提交常务会议审议")
    with pytest.raises(NotTheApprover):
        answer(view, who="leader")
    assert answer(view, who="head").state == AccessState.APPROVED


def test_two_approvers_one_answer(scene, at, ask, answer):
    view = ask()
    answer(view, approved=False, reason="与评查范围无关")
    with pytest.raises(AccessAnswered) as told:
        answer(view, who="leader")
    assert "王某丁" in told.value.sentence
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessDecision.objects.create(
            request_id=view.id, approved=True, expires_at=at + timedelta(days=1), decided_by_id=scene.leader.person_id,
            decided_by_name="陈某甲", at=at,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"use": ""}, "use"),
        ({"use": "case"}, "use"),
        ({"use": "curiosity"}, "use"),
        ({"use": "other", "reason": "看看"}, "reason"),
        ({"days": 0}, "days"),
        ({"days": 91}, "days"),
        ({"days": None}, "days"),
        ({"kind": "burn"}, "kind"),
        ({"record_id": 999_999}, "record"),
    ],
)
def test_a_request_without_purpose_length_or_object_is_refused_at_its_field(ask, changes, field):
    with pytest.raises(Invalid) as refused:
        ask(**changes)
    assert field in refused.value.fields and not AccessRequest.objects.exists()


def test_the_lines_of_length_and_words(scene, at, ask, answer):
    assert ask(days=1).days == 1 and ask("officer4", days=90).days == 90
    assert ask("archivist", use="other", reason="编写年鉴用").use == "other"
    view = ask("reviewer", days=5)
    for days in (0, 6):
        with pytest.raises(Invalid):
            answer(view, days=days)
    with pytest.raises(Invalid):
        answer(view, approved=False, reason="")
    assert answer(view, days=5).expires_at == at + timedelta(days=5)


def test_asking_twice_while_it_waits_is_one_request_and_who_may_look_need_not_ask(ask):
    assert ask().id == ask().id
    assert AccessRequest.objects.count() == 1
    with pytest.raises(AccessNotNeeded):
        ask("officer1")


def test_who_asked_may_withdraw_and_then_ask_anew(scene, at, ask, answer):
    view = ask()
    recording.custody.access_revoke(request_id=view.id, reason="", by=scene.actor("officer3"), at=at)
    with pytest.raises(AccessAnswered):
        answer(view)
    assert not tasks.tasks_mine(scene.actor("head")).filter(subject=f"access:{view.id}").exists()
    assert ask().id != view.id


@pytest.mark.parametrize("approved", [True, False])
def test_who_asked_is_told_the_answer_until_it_is_read_and_sees_no_more_by_the_notice(
    scene, at, deposit, look, ask, answer, video, approved
):
    one, two = deposit(), deposit(file_id=video("b"))
    view = ask(record_id=one.id)
    mine = tasks.tasks_mine(scene.actor("officer3")).filter(subject=f"access:{view.id}")
    assert not mine.exists()
    recording.custody.access_decide(
        request_id=view.id,
        approved=approved,
        reason="与本案无关" if not approved else "",
        by=scene.actor("head"),
        at=at,
    )
    assert mine.get().title == f"调阅申请{'已批准' if approved else '未获批准'}：{view.number}"
    with pytest.raises(AccessNeeded):
        look(two.id, "officer3")
    recording.custody.access_read(request_id=view.id, by=scene.actor("head"), at=at)
    assert mine.exists(), "read by another it is not read"
    recording.custody.access_read(request_id=view.id, by=scene.actor("officer3"), at=at)
    assert not mine.exists()


def test_a_grant_taken_back_is_told_and_one_given_back_is_not(scene, at, ask, answer):
    view = ask()
    answer(view)
    mine = tasks.tasks_mine(scene.actor("officer3")).filter(subject=f"access:{view.id}")
    recording.custody.access_revoke(request_id=view.id, reason="用途已尽", by=scene.actor("head"), at=at)
    assert [t.title for t in mine] == [f"调阅申请的权限已被收回：{view.number}"]
    again = ask()
    answer(again)
    recording.custody.access_revoke(request_id=again.id, reason="", by=scene.actor("officer3"), at=at)
    assert not tasks.tasks_mine(scene.actor("officer3")).filter(subject=f"access:{again.id}").exists()


def test_where_the_only_head_asks_the_leader_answers(scene, at, ask):
    view = ask("head", kind="original", use="case", reason="移送司法机关使用")
    assert tasks.tasks_mine(scene.leader).filter(subject=f"access:{view.id}").exists()
    assert not tasks.tasks_mine(scene.actor("head")).filter(subject=f"access:{view.id}").exists()


def test_a_norm_that_sets_a_term_for_the_answer_puts_a_date_on_the_to_do(scene, at, ask, monkeypatch):
    from mingzhi.deadlines import api as deadlines
    from mingzhi.recording import custody

    monkeypatch.setattr(custody.catalogue, "term", lambda *a, **k: deadlines.Term(3, "CD"))
    view = ask()
    todo = tasks.tasks_mine(scene.actor("head")).get(subject=f"access:{view.id}")
    assert todo.due_on == deadlines.due(at, deadlines.Term(3, "CD")).on


def test_an_original_leaves_only_by_an_approved_request_for_it(scene, at, deposit, ask, answer):
    record_id = deposit().id
    take = {"record_id": record_id, "purpose": "移送", "by": scene.officer, "at": at}
    with pytest.raises(OriginalNotGranted):
        recording.custody.original_for(**take)
    with pytest.raises(AccessNeeded):
        ask("officer3", kind="original", reason="移送司法机关使用")
    view = ask("officer1", kind="original", record_id=record_id, use="case", reason="移送司法机关使用")
    answer(view, who="leader")
    assert recording.custody.original_for(**take).record.id == record_id
    tries = Attempt.objects.filter(act="recording:original").order_by("pk").values_list("outcome", flat=True)
    assert list(tries) == ["denied", "ok"]
    with pytest.raises(OriginalNotGranted):
        recording.custody.original_for(**{**take, "at": at + timedelta(days=7)})


def test_one_sitting_is_one_entry_however_many_ranges_are_read(scene, at, deposit):
    record_id = deposit().id
    playing = recording.custody.play_open(
        by=scene.officer, record_id=record_id, purpose="核对现场情况", use="case", at=at
    )
    for first, last in ((0, 9), (20, 29), (5, 14)):
        recording.custody.play_bytes(
            by=scene.officer, key=playing.key, record_id=record_id, first=first, last=last, at=at
        )
    assert Attempt.objects.filter(act="recording:play").count() == 1
    sitting = PlaySession.objects.get()
    assert (sitting.ranges, sitting.bytes, sitting.first_byte, sitting.last_byte) == (3, 30, 0, 29)
    lines = recording.custody_queries.chain(f"record:{record_id}", record_id=record_id)
    assert [x.note for x in lines if x.what == "播放"] == [
        f"承办本案，读取 3 次，约 {min(100, round(3000 / playing.record.file.size))}%"
    ]


def test_a_sitting_is_its_persons_own_and_ends_with_the_right_and_with_the_day(
    scene, at, deposit, ask, answer
):
    record_id = deposit().id
    view = answer(ask(record_id=record_id))
    officer3 = scene.actor("officer3")
    key = recording.custody.play_open(by=officer3, record_id=record_id, purpose="评查", at=at).key
    read = {"key": key, "record_id": record_id, "first": 0, "last": 1}
    recording.custody.play_bytes(by=officer3, at=at + timedelta(hours=12, seconds=-1), **read)
    for who, when in ((scene.officer, at), (officer3, at + timedelta(hours=12))):
        with pytest.raises(RecordNotFound):
            recording.custody.play_bytes(by=who, at=when, **read)
    recording.custody.access_revoke(request_id=view.id, reason="评查结束", by=scene.leader, at=at)
    with pytest.raises(AccessNeeded):
        recording.custody.play_bytes(by=officer3, at=at, **read)


def test_the_purpose_says_what_for(scene):
    stated = recording.access.stated
    assert stated("evaluation", "") == "案卷评查" and stated("evaluation", "抽查") == "案卷评查：抽查"
    assert stated("", "核对证据") == "核对证据"
    for use, words in (("other", " "), ("", ""), ("nonsense", "")):
        with pytest.raises(PurposeRequired):
            stated(use, words)


def test_the_chain_tells_who_when_and_what_for_and_only_to_whom_it_concerns(
    scene, at, deposit, look, ask, answer
):
    record_id = deposit().id
    with pytest.raises(AccessNeeded):
        look(record_id, "officer3")
    answer(ask(record_id=record_id))
    look(record_id, "officer3", at=at + timedelta(minutes=1))
    lines = recording.custody_queries.chain(f"record:{record_id}", record_id=record_id)
    told = [(x.what, x.who, x.outcome) for x in lines]
    assert ("音像记录入库", "", "") in told and ("查阅", "赵某丁", "未获准许") in told
    assert told[-1] == ("查阅", "赵某丁", "") and "调阅" in lines[-1].note
    may = {who: recording.custody_queries.may_see_chain(scene.actor(who), scene.dossier) for who in
           ("officer1", "head", "leader", "supervisor", "officer2", "head2", "officer3", "other", "auditor", "sysadmin")}  # fmt: skip
    assert {who for who, ok in may.items() if ok} == {"officer1", "head", "leader", "supervisor"}


def test_looks_are_counted_by_use_person_and_object_within_the_bodies_watched(scene, at, deposit, look):
    record_id = deposit().id
    look(record_id, "officer1", use="case")
    look(record_id, "supervisor")
    look(record_id, "supervisor")
    with pytest.raises(AccessNeeded):
        look(record_id, "officer3")
    span = {"since": at - timedelta(days=1), "until": at + timedelta(days=1)}
    found = recording.custody_queries.looks_counted(body_ids=[scene.body.id], **span)
    assert {n: d for n, d, _r in found["use"] if n} == {"supervision": 2, "case": 1}
    assert found["subject"] == [(f"record:{record_id}", 3, 1)]
    assert found["by"][0][:2] == (scene.actor("supervisor").label, 2)
    nobody = recording.custody_queries.looks_counted(body_ids=[scene.loaded.other_body_id], **span)
    assert nobody == {"use": [], "by": [], "subject": []}
    early = recording.custody_queries.looks_counted(body_ids=None, since=at - timedelta(days=2), until=at)
    assert early["subject"] == []


def test_requests_answers_and_revocations_cannot_be_altered_and_fsck_finds_who_tries(scene, at, ask, answer):
    view = answer(ask())
    recording.custody.access_revoke(request_id=view.id, reason="评查结束", by=scene.leader, at=at)
    for model in (AccessRequest, AccessDecision, AccessRevocation):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all().delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(reason="改")
    assert ledger.fsck().ok
