"""Two workers on one database, in threads with connections of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper

from mingzhi.outbox import api, registry
from mingzhi.outbox.models import OutboxMessage, PeriodicRun

MESSAGES = 40


@pytest.fixture(autouse=True)
def own_registry() -> Iterator[None]:
    kept, jobs = dict(registry.handlers), dict(registry.periodics)
    registry.handlers.clear()
    registry.periodics.clear()
    yield
    registry.handlers.clear()
    registry.periodics.clear()
    registry.handlers.update(kept)
    registry.periodics.update(jobs)


@pytest.fixture
def sqlite_file(tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """The outbox tables in a SQLite file, with the product's own options; path of the file."""
    from config.settings.databases import SQLITE_OPTIONS

    path = str(tmp_path / "outbox.sqlite3")
    settings = {**connections.databases["default"], "ENGINE": "django.db.backends.sqlite3", "NAME": path}
    settings["OPTIONS"] = SQLITE_OPTIONS
    kept = connections["default"]
    made: list[DatabaseWrapper] = []

    def fresh() -> DatabaseWrapper:
        made.append(DatabaseWrapper(settings, "default"))
        made[-1].inc_thread_sharing()
        return made[-1]

    with django_db_blocker.unblock():
        connections["default"] = fresh()
        connections._fresh = fresh  # type: ignore[attr-defined]
        try:
            with connections["default"].schema_editor() as editor:
                editor.create_model(OutboxMessage)
                editor.create_model(PeriodicRun)
            yield path
        finally:
            for one in made:
                one.close()
            connections["default"] = kept
            del connections._fresh  # type: ignore[attr-defined]


def _race(at: datetime, workers: int = 2) -> tuple[dict[int, int], int, list[BaseException]]:
    """Let ``workers`` drain the outbox together: runs per message, most at once per message, errors."""
    lock = threading.Lock()
    runs: dict[int, int] = {}
    inside: set[int] = set()
    overlaps = 0
    errors: list[BaseException] = []

    def work(payload: dict[str, Any], *, at: datetime) -> None:
        nonlocal overlaps
        n = payload["n"]
        with lock:
            overlaps += n in inside
            inside.add(n)
            runs[n] = runs.get(n, 0) + 1
        time.sleep(0.002)
        with lock:
            inside.discard(n)

    api.handler("race:fast")(work)
    api.handler("race:slow", slow=True)(work)
    with transaction.atomic():
        for n in range(MESSAGES):
            api.enqueue("race:fast" if n % 2 else "race:slow", {"n": n}, at=at)
    start = threading.Barrier(workers)
    fresh = getattr(connections, "_fresh", None)

    def drain() -> None:
        try:
            if fresh is not None:
                connections["default"] = fresh()
            start.wait()
            while api.run_due(at, 5):
                pass
        except BaseException as error:  # noqa: BLE001 — told by the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=drain) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return runs, overlaps, errors


def test_two_workers_never_run_the_same_message_on_sqlite(at: datetime, sqlite_file: str) -> None:
    runs, overlaps, errors = _race(at)
    assert errors == []
    assert (runs, overlaps) == (dict.fromkeys(range(MESSAGES), 1), 0)
    assert api.counts() == {"waiting": 0, "done": MESSAGES, "failed": 0}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_workers_never_run_the_same_message_on_postgresql(at: datetime) -> None:
    runs, overlaps, errors = _race(at, workers=4)
    assert errors == []
    assert (runs, overlaps) == (dict.fromkeys(range(MESSAGES), 1), 0)
    assert api.counts() == {"waiting": 0, "done": MESSAGES, "failed": 0}
