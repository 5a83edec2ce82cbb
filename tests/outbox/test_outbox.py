"""The outbox promises: nothing of undone work leaves, nothing committed is forgotten, nothing runs twice at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from mingzhi.outbox import actions, api, registry
from mingzhi.outbox.errors import NoMessage, NotFailed, OutsideTransaction, PayloadInvalid
from mingzhi.outbox.models import OutboxMessage, PeriodicRun

pytestmark = pytest.mark.django_db(databases="__all__")


class Admin:
    label = "account:1"


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(actions, "handlers", registry.handlers)
    kept, jobs = dict(registry.handlers), dict(registry.periodics)
    registry.handlers.clear()
    registry.periodics.clear()
    yield
    registry.handlers.clear()
    registry.periodics.clear()
    registry.handlers.update(kept)
    registry.periodics.update(jobs)


@pytest.fixture
def seen() -> list[dict[str, Any]]:
    got: list[dict[str, Any]] = []

    @api.handler("test:note")
    def note(payload: dict[str, Any], *, at: datetime) -> None:
        got.append(payload)

    return got


def put(at: datetime, **kw: Any) -> int:
    with transaction.atomic():
        return api.enqueue(kw.pop("kind", "test:note"), kw.pop("payload", {"id": 1}), at=at, **kw)


def test_a_message_runs_once_and_is_done(at: datetime, seen: list[Any]) -> None:
    message_id = put(at)
    assert api.run_due(at) == 1
    assert seen == [{"id": 1, "_key": f"outbox:{message_id}"}]
    assert api.run_due(at) == 0
    message = api.message(message_id)
    assert message is not None
    assert (message.state, message.attempts, message.finished_at) == ("done", 1, at)


def test_rolled_back_work_leaves_no_message(at: datetime, seen: list[Any]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        api.enqueue("test:note", {"id": 1}, at=at)
        raise RuntimeError("the work failed")
    assert OutboxMessage.objects.count() == 0
    assert api.run_due(at) == 0
    assert seen == []


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_enqueue_outside_a_transaction_is_refused(at: datetime) -> None:
    with pytest.raises(OutsideTransaction):
        api.enqueue("test:note", {}, at=at)


def test_nothing_runs_before_its_time(at: datetime, seen: list[Any], later: Callable[..., datetime]) -> None:
    put(at, not_before=later(hours=1))
    assert api.run_due(later(minutes=59)) == 0
    assert api.run_due(later(hours=1)) == 1


def test_the_same_key_makes_one_message(at: datetime, seen: list[Any]) -> None:
    first = put(at, key="paper:7")
    assert put(at, key="paper:7", payload={"id": 2}) == first
    assert put(at, key="paper:8") != first
    assert api.run_due(at) == 2
    assert [p["_key"] for p in seen] == ["paper:7", "paper:8"]
    assert put(at, key="paper:7") == first, "also after it ran"
    assert api.run_due(at) == 0


def test_dates_and_ids_pass_but_objects_are_refused(at: datetime) -> None:
    put(at, payload={"on": at.date(), "when": at})
    for bad in ({"x": object()}, {"x": 1.5}, {"_key": "mine"}):
        with pytest.raises(PayloadInvalid):
            put(at, payload=bad)


def test_a_raising_handler_is_retried_with_back_off_then_fails_visibly(at: datetime) -> None:
    tried: list[datetime] = []

    @api.handler("test:broken")
    def broken(payload: dict[str, Any], *, at: datetime) -> None:
        tried.append(at)
        PeriodicRun.objects.create(name=f"effect {len(tried)}")
        raise ValueError("对方拒绝")

    message_id = put(at, kind="test:broken")
    now = at
    for attempt in range(1, actions.MAX_ATTEMPTS + 1):
        assert api.run_due(now) == 1, attempt
        message = api.message(message_id)
        assert message is not None
        if attempt < actions.MAX_ATTEMPTS:
            assert message.state == "waiting"
            assert message.not_before == now + actions.wait_after(attempt)
            assert [m.id for m in api.struggling()] == [message_id]
            assert api.run_due(message.not_before - timedelta(seconds=1)) == 0
            now = message.not_before
    assert len(tried) == actions.MAX_ATTEMPTS
    assert PeriodicRun.objects.count() == 0, "effects of failed attempts are rolled back"
    failed = api.failures()
    assert [m.id for m in failed] == [message_id]
    assert failed[0].last_error == "ValueError: 对方拒绝"
    assert api.counts() == {"waiting": 0, "done": 0, "failed": 1}
    assert api.run_due(now + timedelta(days=9)) == 0

    api.retry(message_id=message_id, by=Admin(), at=now)
    assert api.counts()["waiting"] == 1
    assert api.run_due(now) == 1
    assert len(tried) == actions.MAX_ATTEMPTS + 1


def test_waits_double_and_are_capped() -> None:
    waits = [actions.wait_after(n) for n in range(1, 30)]
    assert waits[0] == actions.FIRST_WAIT
    assert all(b == min(2 * a, actions.LONGEST_WAIT) for a, b in pairwise(waits))
    assert waits[-1] == actions.LONGEST_WAIT


def test_only_what_failed_is_retried_by_hand(at: datetime, seen: list[Any]) -> None:
    message_id = put(at)
    with pytest.raises(NotFailed):
        api.retry(message_id=message_id, by=Admin(), at=at)
    with pytest.raises(NoMessage):
        api.retry(message_id=0, by=Admin(), at=at)


def test_a_failing_message_does_not_hold_up_the_others(at: datetime, seen: list[Any]) -> None:
    put(at, kind="test:unknown")
    put(at)
    assert api.run_due(at) == 2
    assert len(seen) == 1
    (waiting,) = api.struggling()
    assert "没有处理“test:unknown”的程序" in waiting.last_error


def test_an_error_of_the_database_in_a_handler_is_that_messages_failure(
    at: datetime, seen: list[Any]
) -> None:
    @api.handler("test:sql")
    def bad(payload: dict[str, Any], *, at: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    put(at, kind="test:sql")
    put(at)
    assert api.run_due(at) == 2
    assert len(seen) == 1


class Killed(BaseException):
    """The process dies here: nothing after this line runs."""


def test_killed_between_effect_and_mark_runs_again_with_the_same_key(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside: list[str] = []

    @api.handler("test:push")
    def push(payload: dict[str, Any], *, at: datetime) -> None:
        outside.append(payload["_key"])
        PeriodicRun.objects.create(name=f"inside {len(outside)}")

    message_id = put(at, kind="test:push", key="push:9")

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_done", die)
        with pytest.raises(Killed):
            api.run_due(at)
    message = api.message(message_id)
    assert message is not None
    assert (message.state, message.attempts) == ("waiting", 0)
    assert PeriodicRun.objects.count() == 0, "its effect in this database died with it"
    assert api.run_due(at) == 1
    assert outside == ["push:9", "push:9"]
    assert list(PeriodicRun.objects.values_list("name", flat=True)) == ["inside 2"]


def test_killed_in_a_slow_handler_runs_again_after_the_lease_with_the_same_key(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, bool]] = []
    deep = len(connection.savepoint_ids)

    @api.handler("test:render", slow=True)
    def render(payload: dict[str, Any], *, at: datetime) -> None:
        calls.append((payload["_key"], len(connection.savepoint_ids) == deep))
        if len(calls) == 1:
            raise Killed

    put(at, kind="test:render", key="paper:1")
    with pytest.raises(Killed):
        api.run_due(at)
    assert api.run_due(at + actions.LEASE - timedelta(seconds=1)) == 0, "nobody else takes it meanwhile"
    assert api.run_due(at + actions.LEASE) == 1
    assert calls == [("paper:1", True), ("paper:1", True)], "same key, and in no transaction of the worker's"
    assert api.counts()["done"] == 1


def test_a_slow_handler_that_raises_is_retried(at: datetime) -> None:
    @api.handler("test:slow", slow=True)
    def slow(payload: dict[str, Any], *, at: datetime) -> None:
        raise TimeoutError("对方无应答")

    message_id = put(at, kind="test:slow")
    assert api.run_due(at) == 1
    message = api.message(message_id)
    assert message is not None
    assert message.not_before == at + actions.FIRST_WAIT
    assert message.last_error == "TimeoutError: 对方无应答"


def test_the_limit_and_the_stop_are_kept(at: datetime, seen: list[Any]) -> None:
    for _ in range(5):
        put(at)
    assert api.run_due(at, 2) == 2
    assert api.run_due(at, 9, stopping=lambda: len(seen) >= 3) == 1
    assert api.oldest_waiting() == at


def test_done_messages_are_forgotten_failures_are_kept(at: datetime, seen: list[Any]) -> None:
    put(at)
    api.run_due(at)
    OutboxMessage.objects.create(
        kind="x", payload={}, not_before=at, created_at=at, state="failed", finished_at=at
    )
    assert api.forget_done(before=at) == 0
    assert api.forget_done(before=at + timedelta(seconds=1)) == 1
    assert api.counts() == {"waiting": 0, "done": 0, "failed": 1}


def test_the_database_refuses_a_finished_message_that_waits(at: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.create(kind="x", payload={}, not_before=at, created_at=at, finished_at=at)


def test_the_workers_question_uses_its_index(at: datetime) -> None:
    rows = actions._due(at).order_by("not_before", "id")[:1]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "outbox_due" in rows.explain()


# --- periodic jobs ---------------------------------------------------------------------------


def test_a_periodic_job_runs_at_once_then_every_so_often(
    at: datetime, later: Callable[..., datetime]
) -> None:
    ran: list[datetime] = []

    @api.periodic("test:tick", 60)
    def tick(at: datetime) -> None:
        ran.append(at)

    assert api.run_periodics(at) == 1
    assert api.run_periodics(later(seconds=59)) == 0
    assert api.run_periodics(later(seconds=60)) == 1
    assert api.run_periodics(later(days=3)) == 1, "missed turns are not made up one by one"
    assert api.run_periodics(later(days=3, seconds=1)) == 0
    assert len(ran) == 3


def test_the_last_run_survives_a_restart(at: datetime, later: Callable[..., datetime]) -> None:
    api.periodic("test:daily", 86400)(lambda at: None)
    api.run_periodics(at)
    registry.periodics.clear()
    api.periodic("test:daily", 86400)(lambda at: None)
    assert api.run_periodics(later(hours=23)) == 0
    (view,) = api.periodic_runs()
    assert (view.name, view.started_at, view.failures) == ("test:daily", at, 0)


def test_one_failing_job_does_not_stop_the_others_and_is_seen(
    at: datetime, later: Callable[..., datetime]
) -> None:
    ran: list[datetime] = []

    @api.periodic("a:bad", 60)
    def bad(at: datetime) -> None:
        raise ValueError("坏了")

    api.periodic("b:good", 60)(ran.append)
    assert api.run_periodics(at) == 2
    assert api.run_periodics(later(seconds=60)) == 2
    views = {view.name: view for view in api.periodic_runs()}
    assert (views["a:bad"].failures, views["a:bad"].last_error) == (2, "ValueError: 坏了")
    assert (views["b:good"].failures, len(ran)) == (0, 2)
