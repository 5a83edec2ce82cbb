"""A worker process really killed in the middle of a message, and one told to stop."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import pathlib, signal, sys, time
import django
from django.conf import settings
folder = pathlib.Path(sys.argv[1])
settings.configure(
    INSTALLED_APPS=["mingzhi.kernel", "mingzhi.ledger", "mingzhi.outbox"], USE_TZ=True, SECRET_KEY="x",
    VAR=folder, LEDGER_ROOT=folder / "ledger", KEYS_ROOT=folder / "keys", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db.sqlite3",
                           "OPTIONS": {"transaction_mode": "IMMEDIATE"}}},
)
django.setup()
from django.db import connection, transaction
from mingzhi.kernel import clock
from mingzhi.outbox import api
from mingzhi.outbox.models import OutboxMessage, PeriodicRun
from mingzhi.outbox.worker import Worker

if sys.argv[2] == "prepare":
    with connection.schema_editor() as editor:
        editor.create_model(OutboxMessage)
        editor.create_model(PeriodicRun)
    with transaction.atomic():
        api.enqueue("kill:push", {}, at=clock.now(), key="push:1")
    sys.exit()

@api.handler("kill:push")
def push(payload, *, at):
    PeriodicRun.objects.create(name="effect", last_error=sys.argv[2])
    with (folder / "outside").open("a") as file:
        file.write(payload["_key"] + "\\n")
    if sys.argv[2] == "hang":
        time.sleep(60)

Worker._sequence = lambda self: 0
worker = Worker(beat=0.05)
worker.listen_to_signals()
worker.run()
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[object]:
    started: list[subprocess.Popen[bytes]] = []

    def start(mode: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        started.append(
            subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path), mode], env=env, cwd=ROOT)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _until(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_a_killed_worker_loses_and_doubles_nothing(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    outside = tmp_path / "outside"
    assert run("prepare").wait(30) == 0

    first = run("hang")
    _until(outside.exists)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        assert database.execute("SELECT state, attempts FROM outbox_outboxmessage").fetchall() == [
            ("waiting", 0)
        ]
        kept = database.execute("SELECT name FROM outbox_periodicrun WHERE name = 'effect'").fetchall()
        assert kept == [], "what it did in this database died with it"
    database.close()

    second = run("finish")
    _until(lambda: len(outside.read_text().splitlines()) == 2)
    time.sleep(0.3)
    second.send_signal(signal.SIGTERM)
    assert second.wait(10) == 0, "told to stop, it stops cleanly"
    assert outside.read_text().splitlines() == ["push:1", "push:1"], (
        "the same key, so the other side knows it"
    )
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        assert database.execute("SELECT state, attempts FROM outbox_outboxmessage").fetchall() == [
            ("done", 1)
        ]
        kept = database.execute("SELECT last_error FROM outbox_periodicrun WHERE name = 'effect'").fetchall()
        assert kept == [("finish",)]
    database.close()
