"""Pushing to a platform over a real socket, with every fault a line and a platform have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingzhi.integrations import push
from mingzhi.kernel import sm2
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.publication import api
from mingzhi.publication.errors import PlatformAway
from mingzhi.publication.models import Delivery, PublicRecord, Target
from tests.publication.conftest import AT, Bureau, actor

from .receiver import Platform

pytestmark = pytest.mark.django_db(databases="__all__")
SECRET = "a-secret-of-the-platform"


@pytest.fixture
def platform() -> Iterator[Platform]:
    found = Platform(SECRET)
    yield found
    found.close()


class Desk:
    """A bureau with one channel to the platform, whose worker runs as time goes on."""

    def __init__(self, bureau: Bureau, snapshot: Any, platform: Platform, **options: Any) -> None:
        self.bureau, self.snapshot, self.platform, self.at, self.n = bureau, snapshot, platform, AT, 0
        self.admin = actor(108, bureau.body.id, Permission.CONFIG_MANAGE)
        self.target = api.channels.target_set(
            name="省级公示平台", act="penalty", adapter="push", options={"url": platform.url, **options},
            secret=options.pop("secret", SECRET), citation="示例文件第一条", by=self.admin, at=AT,
        )  # fmt: skip

    def tick(self, **by: float) -> datetime:
        self.at += timedelta(**(by or {"seconds": 1}))
        return self.at

    def publish(self, **changes: Any) -> int:
        self.n += 1
        number = f"湛霞综执罚决字〔2026〕第{PublicRecord.objects.count() + 300}号"
        changes = {"severity": "ordinary"} | changes
        return self.bureau.published(self.snapshot(number=number, **changes), at=self.tick())

    def correct(self, pk: int) -> None:
        b = self.bureau
        api.disclosure_correct(disclosure_id=pk, reason="文书笔误", by=b.collector, at=self.tick())
        api.disclosure_collect(disclosure_id=pk, by=b.collector, at=self.tick())
        api.disclosure_check(disclosure_id=pk, by=b.checker, at=self.tick())
        api.disclosure_publish(disclosure_id=pk, by=b.publisher, at=self.tick())

    def withdraw(self, pk: int) -> None:
        api.disclosure_withdraw(
            disclosure_id=pk, reason="决定已被撤销", basis="行政处罚法第四十八条", by=self.bureau.publisher, at=self.tick()
        )  # fmt: skip

    def work(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            outbox.run_due(self.tick(hours=1.01), limit=1000)

    def states(self) -> list[str]:
        return list(
            Delivery.objects.filter(target=self.target).order_by("pk").values_list("state", flat=True)
        )

    def differences(self) -> list[str]:
        return api.channels.reconcile(target_id=self.target, by=self.bureau.publisher, at=self.at)


@pytest.fixture
def desk(bureau: Bureau, snapshot: Any, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(push, "SECONDS", 5.0)
    return Desk(bureau, snapshot, platform)


@pytest.mark.parametrize(
    "fault",
    ["", "500", "cut before", "cut after", "late", "short", "other echo", "odd words", "no words"],
)
def test_added_corrected_withdrawn_each_arrives_once_whatever_the_line_does(
    desk: Desk, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "late":
        monkeypatch.setattr(push, "SECONDS", 0.5)
    pk = desk.publish()
    desk.platform.faults = [fault]
    desk.work(2)
    held = desk.platform.held[pk][2]
    assert (held["party"], held["credit_code"], held["fine_fen"]) == (
        "示例一号渣土运输有限公司",
        "91110000600037341L",
        500000,
    )
    assert "13800138000" not in str(held) and "王示例" not in str(held)
    desk.correct(pk)
    desk.platform.faults = [fault, fault]
    desk.work(3)
    assert desk.platform.held[pk][0] == 2
    assert desk.differences() == []
    desk.withdraw(pk)
    desk.platform.faults = [fault]
    desk.work(2)
    assert desk.platform.held == {} and desk.platform.wrong == []
    assert desk.states() == ["accepted"] * 3
    assert len(desk.platform.seen) == 3
    [view] = api.channels.targets(desk.bureau.publisher)
    assert (view.last_receipt, view.counts["accepted"], view.trouble) == ("R000003", 3, ())


def test_a_platform_that_answers_nothing_holds_up_nothing_else(desk: Desk) -> None:
    """Each message to it would wait its time out, and everything that leaves behind them."""
    gone = desk.publish()
    desk.work()
    made = [desk.publish() for _ in range(3)]
    desk.platform.faults = ["500"]
    at = desk.tick()
    outbox.run_due(at, limit=100)
    assert desk.platform.posts == 2 and desk.states() == ["accepted", *["waiting"] * 3]
    # But what must be taken down there is asked for at once.
    desk.withdraw(gone)
    outbox.run_due(at + timedelta(seconds=2), limit=100)
    assert gone not in desk.platform.held
    outbox.run_due(at + timedelta(seconds=70), limit=100)
    assert desk.states() == ["accepted"] * 5 and set(desk.platform.held) == set(made)


def test_an_address_that_turns_out_to_be_none_is_a_platform_away(desk: Desk) -> None:
    Target.objects.filter(pk=desk.target).update(options={"url": f"http://{'x' * 64}.example/"})
    desk.publish()
    desk.work()
    [view] = api.channels.targets(desk.bureau.publisher)
    assert "没有给出有效答复" in view.trouble[0].told
    with pytest.raises(PlatformAway):
        desk.differences()


def test_a_platform_that_holds_a_great_many_is_reconciled_too(desk: Desk) -> None:
    pk = desk.publish()
    desk.work()
    desk.platform.held |= {n: (1, "0" * 64, {}) for n in range(10**6, 10**6 + 13_000)}
    found = desk.differences()
    assert len(found) == 13_000 and not any(f"第{pk}号" in line for line in found)


def test_what_went_by_a_channel_that_was_opened_anew_comes_down_by_the_new_one(desk: Desk) -> None:
    """A key or an address is changed by ending the channel and opening it again."""
    pk, unsent = desk.publish(), desk.publish(severity="minor")
    desk.work()
    api.channels.target_end(target_id=desk.target, by=desk.admin, at=desk.tick())
    anew = Desk(desk.bureau, desk.snapshot, desk.platform)
    other = api.channels.target_set(
        name="另一平台", act="penalty", adapter="push", options={"url": "http://127.0.0.1:1/"},
        secret=SECRET, citation="示例文件第一条", by=desk.admin, at=AT,
    )  # fmt: skip
    assert pk in desk.platform.held
    for gone in (pk, unsent):
        anew.withdraw(gone)
    anew.work()
    assert desk.platform.held == {} and anew.states() == ["accepted"]
    assert not Delivery.objects.filter(target=other).exists()


def test_what_was_withdrawn_before_it_was_sent_never_leaves(desk: Desk) -> None:
    pk = desk.publish()
    desk.withdraw(pk)
    desk.work(2)
    assert desk.platform.posts == 0 and desk.states() == ["dropped", "dropped"]


def test_what_may_have_arrived_is_withdrawn_all_the_same(desk: Desk) -> None:
    pk = desk.publish()
    desk.platform.faults = ["cut after"]
    desk.work()
    assert pk in desk.platform.held and desk.states() == ["waiting"]
    desk.withdraw(pk)
    desk.work(3)
    assert desk.platform.held == {}


def test_a_refusal_is_told_and_sent_again_by_hand(desk: Desk) -> None:
    desk.publish()
    desk.platform.faults = ["refuse"]
    desk.work()
    [view] = api.channels.targets(desk.bureau.collector)
    assert view.counts["refused"] == 1 and "统一社会信用代码不存在" in view.trouble[0].told
    with pytest.raises(NotFound):
        api.channels.retry(delivery_id=view.trouble[0].id, by=desk.bureau.stranger, at=desk.tick())
    api.channels.retry(delivery_id=view.trouble[0].id, by=desk.bureau.publisher, at=desk.tick())
    desk.work()
    assert desk.states() == ["accepted"]


def test_a_wrong_key_is_told_and_nothing_is_taken(desk: Desk) -> None:
    Target.objects.filter(pk=desk.target).update(ended_at=desk.at)
    other = Desk(desk.bureau, desk.snapshot, desk.platform, secret="another-secret-than-theirs")
    other.publish()
    other.work()
    view = next(t for t in api.channels.targets(desk.bureau.publisher) if t.id == other.target)
    assert desk.platform.held == {} and "401" in view.trouble[0].told


def test_a_platform_away_for_a_day_gets_everything_when_it_is_back(desk: Desk) -> None:
    pk = desk.publish()
    desk.platform.faults = ["500"] * 40
    desk.work(24)
    assert desk.states() == ["waiting"] and outbox.counts()["failed"] >= 1
    desk.platform.faults = []
    from mingzhi.publication import delivering

    assert delivering.list_again(at=desk.tick()) == 1
    desk.work()
    assert desk.states() == ["accepted"] and pk in desk.platform.held
    # One that is away for good crowds out no other.
    gone = Desk(desk.bureau, desk.snapshot, desk.platform)
    Target.objects.filter(pk=gone.target).update(options={"url": "http://127.0.0.1:1/"})
    desk.platform.faults = ["500"] * 20
    more = [desk.publish(), desk.publish()]
    Delivery.objects.filter(target=desk.target, disclosure=more[0]).update(state="dropped")
    desk.work(24)
    desk.platform.faults = []
    assert delivering.list_again(at=desk.tick(hours=4), limit=1) == 2
    desk.work()
    assert more[1] in desk.platform.held


def test_minor_breaches_stay_off_the_credit_channel(desk: Desk) -> None:
    desk.publish(severity="minor")
    desk.work()
    assert desk.states() == [] and desk.platform.posts == 0


def test_reconciliation_names_every_difference(desk: Desk) -> None:
    one, two, three = desk.publish(), desk.publish(), desk.publish()
    desk.withdraw(three)
    desk.work(3)
    desk.platform.held[one] = (1, "0" * 64, {})
    held = desk.platform.held.pop(two)
    desk.platform.held[99999] = held
    found = " ".join(desk.differences())
    assert all(w in found for w in ("不一致", "对方没有", "99999"))


def test_sm2_signs_where_the_platform_wants_it(bureau: Bureau, snapshot: Any) -> None:
    if sm2.missing():
        pytest.skip(sm2.missing())
    private = sm2.provider().create()
    platform = Platform("", sm2.provider().public(private))
    try:
        desk = Desk(bureau, snapshot, platform, secret=private.hex(), algorithm="sm2")
        desk.publish()
        desk.work()
        assert desk.states() == ["accepted"]
    finally:
        platform.close()


def test_settings_that_cannot_work_are_refused(desk: Desk) -> None:
    def make(**changes: Any) -> int:
        given = {
            "name": "平台", "act": "penalty", "adapter": "push", "options": {"url": "https://x.example/a"},
            "secret": SECRET, "citation": "文件", "by": desk.admin, "at": AT,
        } | changes  # fmt: skip
        return api.channels.target_set(**given)

    for changes in (
        {"options": {"url": "file:///etc/passwd"}}, {"options": {"url": "http://x.example:99999/"}}, {"options": {"url": "http://例.example/"}},
        {"options": {"url": "http://x.example/\r\nX: y"}}, {"options": {"url": "https://u:p@x.example/"}}, {"secret": "short"},
        {"adapter": "none"}, {"act": "x"}, {"name": " "}, {"citation": ""}, {"options": {"url": "https://x.example", "algorithm": "md5"}},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            make(**changes)
    with pytest.raises(NotAllowed):
        make(by=desk.bureau.publisher)
    with pytest.raises(NotFound):
        api.channels.target_end(
            target_id=desk.target, by=actor(9, desk.bureau.other.id, Permission.CONFIG_MANAGE), at=AT
        )
    api.channels.target_end(target_id=desk.target, by=desk.admin, at=desk.tick())
    desk.publish()
    assert desk.states() == []


FAULTS = st.lists(st.sampled_from(["", "500", "cut before", "cut after", "short", "other echo"]), max_size=12)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(["publish", "correct", "withdraw", "work"]), max_size=8), faults=FAULTS, seed=st.integers(0, 999))  # fmt: skip
def test_after_any_sequence_and_any_faults_the_platform_holds_what_is_on_show(
    desk: Desk, steps: list[str], faults: list[str], seed: int
) -> None:
    rng = random.Random(seed)
    desk.platform.faults = list(faults)
    for step in ["publish", *steps]:
        shown = list(
            PublicRecord.objects.filter(shown=True, disclosure__state="published").values_list(
                "pk", flat=True
            )
        )
        if step == "publish":
            desk.publish()
        elif step == "work":
            desk.work()
        elif shown:
            getattr(desk, step)(rng.choice(shown))
    desk.platform.faults = desk.platform.faults[:2]
    desk.work(6)
    now = set(PublicRecord.objects.filter(shown=True).values_list("pk", flat=True))
    assert set(desk.platform.held) == now
    assert desk.differences() == [] and desk.platform.wrong == []
