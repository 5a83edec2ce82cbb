"""The worker's loop: it drains, waits out a lost database, and stops when told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import OperationalError

from mingzhi.outbox import actions
from mingzhi.outbox import worker as worker_module
from mingzhi.outbox.worker import Worker


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Replace the loop's three parts (and its hands on connections, which here are the tests') by ``queue`` of results each; returns the log of calls."""

    def arrange(**queues: list[Any]) -> list[str]:
        calls: list[str] = []

        def part(name: str) -> Callable[[Worker], int]:
            def run(self: Worker) -> int:
                calls.append(name)
                queue = queues.get(name, [])
                result = queue.pop(0) if queue else 0
                if isinstance(result, BaseException):
                    raise result
                return result

            return run

        for name in ("_sequence", "_send", "_periodics"):
            monkeypatch.setattr(Worker, name, part(name))
        monkeypatch.setattr(worker_module, "let_go", lambda **_: None)
        return calls

    return arrange


def test_once_works_until_nothing_is_due(parts: Callable[..., list[str]]) -> None:
    calls = parts(_send=[50, 50, 3])
    assert Worker().once() == 103
    assert calls.count("_send") == 4


def test_a_sick_part_does_not_stop_the_others(parts: Callable[..., list[str]]) -> None:
    calls = parts(_sequence=[OperationalError("no such table")])
    with pytest.raises(OperationalError):
        Worker().round()
    assert calls == ["_sequence", "_send", "_periodics"]


def test_a_lost_database_is_waited_for_and_the_work_goes_on(
    parts: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(beat=0.5)
    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 5:
            worker.stop()
        return False

    monkeypatch.setattr(worker._stopped, "wait", wait)
    lost = [OperationalError("database is locked")] * 3
    calls = parts(_send=[*lost, actions.MAX_ATTEMPTS, 50])
    worker.run()
    assert pauses == [1.0, 2.0, 4.0, 0.5, 0.0], (
        "longer each time, then as before, then at once on a full batch"
    )
    assert calls.count("_send") == 5


def test_stopping_ends_the_loop_at_once(parts: Callable[..., list[str]]) -> None:
    parts()
    worker = Worker(beat=30)
    thread = threading.Thread(target=worker.run)
    thread.start()
    worker.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_the_command_explains_itself() -> None:
    from mingzhi.outbox.commands import worker

    shown = CliRunner().invoke(worker, ["--help"])
    assert shown.exit_code == 0
    assert "--once" in shown.output
