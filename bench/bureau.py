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
from concurrent.futures import ProcessPoolExecutor
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
def installation(url: str = "", keep: str = "") -> Iterator[None]:
    """An empty installation of its own, for the processes started inside; gone afterwards. With ``keep``, it
    stays in that folder, and is found there again."""
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as passing:
        folder = str(Path(keep).resolve()) if keep else passing
        Path(folder).mkdir(parents=True, exist_ok=True)
        before = dict(os.environ)
        os.environ.update(environment(folder, url))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def apart(
    work: Callable[..., dict[str, Any]], *arguments: Any, url: str = "", keep: str = ""
) -> dict[str, Any]:
    """``work(*arguments)`` in a process and an installation of its own; a Django process knows one only."""
    with installation(url, keep):
        return set_up(work, *arguments)


def set_up(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """The bureau is made in this installation, then ``work(*arguments)`` done, in one process."""
    with ProcessPoolExecutor(1, mp_context=mp.get_context("spawn")) as pool:
        return pool.submit(_ready, work, arguments).result()


def _ready(work: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> dict[str, Any]:
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    import django

    django.setup()
    from mingzhi.kernel import clock
    from mingzhi.web import set_up

    if not set_up.is_current():
        set_up.database(note)
        set_up.rooms(PROFILE, clock.now(), note)
        set_up.static_files(note)
        set_up.stamp()
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
    """p50, p95 and worst of every call in ms; the calls take turns, so that a busy moment hits all alike.

    ``cpu_p50_ms`` is the processor's time of this process (on SQLite that is all there is), which a busy
    machine stretches far less than the clock on the wall.
    """
    spent: dict[str, list[float]] = {name: [] for name in calls}
    worked: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 3):
        for name, call in calls.items():
            began, busy = time.perf_counter(), time.process_time()
            call()
            if turn >= 3:  # the first rounds warm caches up
                worked[name].append((time.process_time() - busy) * 1000)
                spent[name].append((time.perf_counter() - began) * 1000)
    return {
        name: {**summary(values), "cpu_p50_ms": round(statistics.median(worked[name]), 1)}
        for name, values in spent.items()
    }


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
    """Rows straight into ``model``'s table, in big batches; the columns are its attribute names. Long fills
    say how far they are."""
    from django.db import connection, transaction

    quote = connection.ops.quote_name
    names = ", ".join(
        quote(next(f.column for f in model._meta.fields if f.attname == name)) for name in columns
    )
    table = quote(model._meta.db_table)
    count, waiting, began = 0, iter(rows), time.monotonic()
    told = began
    while block := list(islice(waiting, batch)):
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in block:
                        copy.write_row(row)
            else:
                marks = ", ".join(["?"] * len(columns))
                cursor.connection.executemany(
                    f"INSERT INTO {table} ({names}) VALUES ({marks})", _plain(block)
                )
        count += len(block)
        if time.monotonic() - told > 5:
            told = time.monotonic()
            note(f"  {model._meta.db_table}: {count:,} rows, {count / (told - began):,.0f}/s")
    return count


@contextmanager
def unindexed(*models: Any) -> Iterator[None]:
    """For a big fill: the tables without their plain indexes, which are built again at the end, each in one go."""
    from django.db import connection

    made: list[str] = []
    with connection.cursor() as cursor:
        for model in models:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND NOT EXISTS "
                    "(SELECT 1 FROM pg_constraint WHERE conname = indexname)",
                    [model._meta.db_table],
                )
            else:
                cursor.execute(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL AND tbl_name = %s",
                    [model._meta.db_table],
                )
            for name, sql in cursor.fetchall():
                cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
                made.append(sql)
    try:
        yield
    finally:
        began = time.monotonic()
        with connection.cursor() as cursor:
            for sql in made:
                cursor.execute(sql)
        note(f"  {len(made)} indexes built: {time.monotonic() - began:.0f} s")


def _plain(block: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Moments and days as SQLite keeps them; one text per moment, however many rows share it."""
    from django.db import connection

    adapt, known = connection.ops.adapt_datetimefield_value, {}

    def cell(value: Any) -> Any:
        if isinstance(value, datetime):
            if value not in known:
                known[value] = str(adapt(value))
            return known[value]
        return str(value) if isinstance(value, date) else value

    return (tuple(map(cell, row)) for row in block)


def walk(seed: int) -> Iterator[int]:
    """A linear congruential walk: the same made data every time."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        yield state >> 33


@contextmanager
def fresh_database(server: str, keep: str = "") -> Iterator[str]:
    """An empty database on the PostgreSQL ``server`` (postgres://user@host:port/any), dropped afterwards;
    with ``keep``, the one of that name, made if it is not there, and left there."""
    import psycopg

    name = keep or f"mingzhi_bench_{os.getpid()}_{time.monotonic_ns()}"
    parts = urlsplit(server)
    plain = urlunsplit(parts._replace(scheme="postgresql"))
    with psycopg.connect(plain, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {name}")
    if keep:
        yield urlunsplit(parts._replace(path=f"/{name}"))
        return
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
