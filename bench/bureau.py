"""What the benches share: a bureau of their own in a temporary folder, clocks over requests, bulk rows.

Everything runs under the production settings on data of its own; a bureau's own data is never touched.
"""

from __future__ import annotations

import json
import multiprocessing as mp
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
PROFILE = "xiashan-chengzong"


def environment(folder: str, url: str = "") -> dict[str, str]:
    """The variables of an installation of its own in ``folder``; fonts and scripts are this checkout's."""
    return {
        "MINGZHI_VAR": folder,
        "MINGZHI_SHARED_VAR": os.environ.get("MINGZHI_SHARED_VAR", str(ROOT / "var")),
        "MINGZHI_PROFILE": PROFILE,
        "MINGZHI_DATABASE_URL": url,
        "MINGZHI_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
    }


@contextmanager
def installation(url: str = "") -> Iterator[None]:
    """An empty installation of its own, for the processes started inside; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
        before = dict(os.environ)
        os.environ.update(environment(folder, url))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def apart(work: Callable[..., dict[str, Any]], *arguments: Any, url: str = "") -> dict[str, Any]:
    """``work(*arguments)`` in a process and an installation of its own; a Django process knows one only."""
    with installation(url):
        return set_up(work, *arguments)


def set_up(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """The bureau is made in this installation, then ``work(*arguments)`` done, in one process."""
    with mp.get_context("spawn").Pool(1) as pool:
        return pool.apply(_ready, (work, arguments))


def _ready(work: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> dict[str, Any]:
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    import django

    django.setup()
    from mingzhi.kernel import clock
    from mingzhi.web import set_up

    set_up.database(note)
    set_up.rooms(PROFILE, clock.now(), note)
    set_up.static_files(note)
    before = os.getloadavg()[0]
    found = work(*arguments)
    return {**found, "load_before": round(before, 2), "load_after": round(os.getloadavg()[0], 2)}


def people() -> Any:
    """The bureau as the demonstration's driver knows it."""
    from mingzhi.kernel import clock
    from mingzhi.organisations import api as organisations
    from mingzhi.web.demo.drive import Bureau

    loaded = organisations.load_bureau(PROFILE, at=clock.now())
    return Bureau(body_id=loaded.body_id, accounts=dict(loaded.accounts))


def browser(bureau: Any, username: str = "") -> Any:
    """A browser inside this process (no network), with ``username`` logged in."""
    from django.conf import settings
    from django.test import Client

    from mingzhi.organisations import api as organisations

    client = Client(HTTP_HOST="127.0.0.1")
    if username:
        account = organisations.accounts.account(bureau.accounts[username])
        client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def times(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, dict[str, float]]:
    """p50, p95 and worst of every call in ms; the calls take turns, so that a busy moment hits all alike."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 3):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if turn >= 3:  # the first rounds warm caches up
                spent[name].append((time.perf_counter() - began) * 1000)
    return {name: summary(values) for name, values in spent.items()}


def summary(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[max(0, -(-len(ordered) * 95 // 100) - 1)], 1),
        "max_ms": round(ordered[-1], 1),
    }


def queries_of(call: Callable[[], Any]) -> int:
    """SQL statements of one call on both connections."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    with (
        CaptureQueriesContext(connections["default"]) as main,
        CaptureQueriesContext(connections["attempts"]) as second,
    ):
        call()
    return len(main) + len(second)


def fill(model: Any, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]], batch: int = 20_000) -> int:
    """Rows straight into ``model``'s table, in big batches; the columns are its attribute names."""
    from django.db import connection, transaction

    names = ", ".join(
        connection.ops.quote_name(next(f.column for f in model._meta.fields if f.attname == name))
        for name in columns
    )
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) VALUES ({marks})"
    adapt = connection.ops.adapt_datetimefield_value
    count, waiting = 0, iter(rows)

    def cell(value: Any) -> Any:
        if isinstance(value, datetime):
            return adapt(value)
        return str(value) if isinstance(value, date) and connection.vendor == "sqlite" else value

    while block := [tuple(map(cell, row)) for row in islice(waiting, batch)]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, block)
        count += len(block)
    return count


def walk(seed: int) -> Iterator[int]:
    """A linear congruential walk: the same made data every time."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        yield state >> 33


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """An empty database on the PostgreSQL ``server`` (postgres://user@host:port/any), dropped afterwards."""
    import psycopg

    name = f"mingzhi_bench_{os.getpid()}_{time.monotonic_ns()}"
    parts = urlsplit(server)
    plain = urlunsplit(parts._replace(scheme="postgresql"))
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def answer(found: Any) -> None:
    json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
    print()
