"""The ledger's errands: when the whole check begins, and what is sent to witnesses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger import notes
from mingzhi.ledger.cosigning import cosigner_add
from mingzhi.ledger.errors import WitnessUnclear
from mingzhi.outbox import actions, api, ledger_jobs
from mingzhi.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db(databases="__all__")

NOON = clock.at_local(date(2026, 9, 14), 12)
NIGHT = clock.at_local(date(2026, 9, 15), 2)


@pytest.mark.parametrize(
    ("at", "last", "due"),
    [
        (NOON, NOON - timedelta(hours=9), False),
        (NIGHT, NIGHT - timedelta(hours=23), True),
        (NIGHT + timedelta(minutes=10), NIGHT, False),
        (NIGHT + timedelta(hours=2, minutes=59), NIGHT - timedelta(hours=23), True),
        (NIGHT + timedelta(hours=3), NIGHT - timedelta(hours=23), False),
        (NOON, NOON - timedelta(hours=30), False),
        (NOON, NOON - timedelta(hours=31), True),  # the machine was off at night
    ],
)
def test_the_whole_check_begins_once_a_night_or_when_overdue(
    monkeypatch: pytest.MonkeyPatch, at: datetime, last: datetime, due: bool
) -> None:
    monkeypatch.setattr(ledger.standing, "check_runs", lambda: [SimpleNamespace(at=last)])
    assert ledger_jobs.check_is_due(at) is due


def test_a_new_log_is_checked_the_first_night(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not ledger_jobs.check_is_due(NIGHT)  # no log, nothing to check
    monkeypatch.setattr(ledger, "started_at", lambda: NOON)
    assert not ledger_jobs.check_is_due(NOON + timedelta(hours=1))
    assert ledger_jobs.check_is_due(NIGHT)


def test_the_check_runs_beside_the_worker_and_never_twice_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Process:
        def __init__(self, command: list[str], **_: Any) -> None:
            started.append(command)
            self.ended: int | None = None

        def poll(self) -> int | None:
            return self.ended

    monkeypatch.setattr(ledger_jobs, "check_is_due", lambda at: True)
    monkeypatch.setattr(ledger_jobs.subprocess, "Popen", Process)
    monkeypatch.setattr(ledger_jobs, "_running", [])
    ledger_jobs.check_at_night(NIGHT)
    ledger_jobs.check_at_night(NIGHT)
    assert len(started) == 1 and started[0][1:] == ["-m", "mingzhi.cli", "ledger", "fsck", "--files", "--keep", "--json"]  # fmt: skip
    ledger_jobs._running[0].ended = 1
    ledger_jobs.check_at_night(NIGHT)
    assert len(started) == 2


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch, at: datetime) -> str:
    key = str(notes.SignerKey.make("w.example/witness", notes.COSIGNATURE).verifier)
    cosigner_add(vkey=key, url="https://w.example/witness", by="示例管理员", at=at)
    monkeypatch.setattr(ledger.cosigning, "behind", lambda: [(key, 7)])
    return key


def test_a_new_checkpoint_goes_to_each_witness_once_and_a_failure_is_retried(
    witness: str, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def submit(vkey: str, *, at: datetime) -> bool:
        asked.append(vkey)
        if len(asked) == 1:
            raise WitnessUnclear(name="https://w.example", why="连接失败")
        return True

    monkeypatch.setattr(ledger.cosigning, "submit", submit)
    for _ in range(3):
        ledger_jobs.ask_witnesses(at)
    assert OutboxMessage.objects.filter(kind=ledger_jobs.COSIGN).count() == 1
    actions.run_due(at)
    assert api.struggling()[0].kind == ledger_jobs.COSIGN
    ledger_jobs.ask_witnesses(at)  # the one that waits will do
    assert OutboxMessage.objects.filter(kind=ledger_jobs.COSIGN).count() == 1
    actions.run_due(at + timedelta(seconds=5))
    assert asked == [witness, witness]
    assert not api.struggling()


def test_a_contradiction_is_logged_and_an_unclear_view_fails_the_job(
    at: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ledger, "watch", lambda at: SimpleNamespace(wrong=("两个不同的根",), unclear=()))
    ledger_jobs.look_around(at)
    assert "两个不同的根" in caplog.text
    monkeypatch.setattr(ledger, "watch", lambda at: SimpleNamespace(wrong=(), unclear=("连接失败",)))
    with pytest.raises(WitnessUnclear, match="连接失败"):
        ledger_jobs.look_around(at)
    with transaction.atomic():
        assert ledger.standing.witnesses().ok
