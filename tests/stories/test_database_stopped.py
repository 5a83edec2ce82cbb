"""PostgreSQL frozen in the middle of people's steps, its backends ended, its disk full: 503, nothing lost or double.

A database server of the test's own, a real server and a real worker over it, people at the desk's forms.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from bench.kills_steps import Clerk, Worker
from bench.serving import Server
from mingzhi.kernel import clock
from mingzhi.organisations.demo import DEMO_PASSWORD
from mingzhi.web.demo.drive import Bureau, Drive
from tests.stories.conftest import a_matter
from tools import postgres

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(databases="__all__", transaction=True)]

PATIENCE = 1
"""Seconds that a page waits for the database here; 20 where nothing is set."""


@pytest.fixture
def small_disk() -> Iterator[Path | None]:
    """A disk that can be filled, where this machine lets the tests mount one."""
    disk = Path(tempfile.mkdtemp(prefix="mingzhi-small-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=260m,mode=1777", "tmpfs", str(disk)]
    mounted = not subprocess.run(mount, check=False, capture_output=True).returncode
    try:
        yield disk if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(disk)], check=True)
        disk.rmdir()


@pytest.fixture
def own_database(bureau: Bureau, small_disk: Path | None) -> Iterator[tuple[postgres.Server, list[int], int]]:
    """A server with a copy of a bureau that has two filed cases; the cases, and a person to be recused."""
    place = postgres.binaries()
    assert place is not None
    cases = []
    for _ in range(2):
        drive = Drive(bureau, a_matter(), clock.now())
        drive.file(clue=False)
        cases.append(drive.id)
    settings = connection.settings_dict
    address = ["-h", settings["HOST"], "-p", settings["PORT"], "-U", settings["USER"]]
    with postgres.server(place, under=small_disk) as own:
        with subprocess.Popen(
            [place / "pg_dump", *address, "--no-owner", settings["NAME"]], stdout=subprocess.PIPE
        ) as dump:
            subprocess.run(
                [place / "psql", "-q", own.url.replace("postgres:", "postgresql:", 1)],
                stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True,
            )  # fmt: skip
        assert dump.returncode == 0
        yield own, cases, bureau.person("officer2", clock.now())


@contextmanager
def working(folder: Path, url: str, cases: list[int], target: int) -> Iterator[tuple[Server, list[Clerk]]]:
    """Server, worker and two clerks at work."""
    server = Server(
        folder,
        DJANGO_SETTINGS_MODULE="tests.stories.served",
        MINGZHI_TEST_DATABASE_URL=url,
        MINGZHI_DATABASE_SECONDS=str(PATIENCE),
    )
    worker, stop = Worker(server.environment), threading.Event()
    try:
        server.start()
        worker.start()
        clerks = [Clerk(server.port, DEMO_PASSWORD, [case], target, stop) for case in cases]
        for clerk in clerks:
            clerk.start()
        yield server, clerks
        stop.set()
        for clerk in clerks:
            clerk.join(20)
            assert not clerk.is_alive() and clerk.refused == []
        until(lambda: one(url, "SELECT count(*) FROM ledger_pending") == 0, "the worker goes on by itself")
    finally:
        stop.set()
        server.kill()
        worker.kill()


def one(url: str, query: str, *given: Any) -> Any:
    with psycopg.connect(url, autocommit=True) as there:
        row = there.execute(query, given).fetchone()
    return row[0] if row else None


def until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def more(clerks: list[Clerk], count: int = 2) -> None:
    """Everybody has ``count`` more steps acknowledged."""
    before = [len(clerk.told) for clerk in clerks]
    until(
        lambda: all(
            len(clerk.told) >= was + count or clerk.refused for clerk, was in zip(clerks, before, strict=True)
        ),
        "steps go on",
    )


def refusals(clerks: list[Clerk]) -> int:
    return sum(browser.waited["503"] for clerk in clerks for browser in (clerk.officer, clerk.leader))


@contextmanager
def full(disk: Path) -> Iterator[None]:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(1 << 16))
    try:
        yield
    finally:
        ballast.unlink()


def test_a_frozen_database_ended_backends_and_a_full_disk_cost_time_and_nothing_else(
    own_database: tuple[postgres.Server, list[int], int], small_disk: Path | None, tmp_path: Path
) -> None:
    own, cases, target = own_database
    folder = tmp_path / "var"
    shutil.copytree(os.environ["MINGZHI_VAR"], folder)
    before = one(own.url, "SELECT count(*) FROM procedures_step")
    with working(folder, own.url, cases, target) as (server, clerks):
        more(clerks)
        own.signal(signal.SIGSTOP)
        try:
            asked = time.monotonic()
            status, headers, body = server.ask("GET", "/login/")
            waited = time.monotonic() - asked
            time.sleep(PATIENCE)
        finally:
            own.signal(signal.SIGCONT)
        assert status == 503 and int(headers["retry-after"]) > 0 and "数据库暂时不可用" in body.decode()
        assert waited < 10 * PATIENCE, "told while the database is silent"
        more(clerks)
        for _ in range(3):
            with suppress(psycopg.OperationalError):
                one(
                    own.url,
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()",
                )
            more(clerks, 1)
        assert refusals(clerks) > 0, "people met the absence as 503"
        if small_disk is not None:
            met = refusals(clerks)
            with full(small_disk):
                until(lambda: refusals(clerks) > met + 4 or any(c.refused for c in clerks), "no room is told")
            more(clerks)
    told = {key: what for clerk in clerks for key, what in clerk.told.items()}
    with psycopg.connect(own.url) as there:
        rows = there.execute(
            "SELECT key, dossier_id, verb, seq FROM procedures_step WHERE key = ANY(%s)", [list(told)]
        ).fetchall()
    assert {key: tuple(what) for key, *what in rows} == told, (
        "what was acknowledged is there, as acknowledged"
    )
    assert one(own.url, "SELECT count(*) FROM procedures_step") == before + len(told), "and nothing twice"
