"""Shared by all tests. Warnings are errors (pyproject); hypothesis runs the same examples every time."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, settings

from mingzhi.kernel import clock
from tests import append_only_flush, migrated

settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("house")

append_only_flush.install()
migrated.install()

ON_POSTGRES = os.environ.get("MINGZHI_TEST_DATABASE_URL", "").startswith("postgres")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """``postgres`` tests need PostgreSQL; on SQLite they are left out here because ``./test`` has a
    stage of their own for them; that stage leaves out what touches no database. ``slow`` files come
    first: at the end no process waits for another, and none is shared out, so that what it makes once
    is made once."""
    if os.environ.get("MINGZHI_ONLY_DATABASE_TESTS"):
        kept = [
            item
            for item in items
            if item.get_closest_marker("django_db") or item.get_closest_marker("postgres")
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
    for item in items:
        if item.get_closest_marker("postgres") and not ON_POSTGRES:
            item.add_marker(pytest.mark.skip(reason="PostgreSQL 阶段单独运行（MINGZHI_TEST_DATABASE_URL）"))
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """What was read and collected stays to the end: it is not looked through for garbage again and again,
    which was a sixth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """On PostgreSQL both aliases reach one database: the second connection goes before it is dropped."""
    yield
    connections["attempts"].close()


#: Bytes of a table from which it is worth sweeping.
LITTERED = 64 * 1024


@pytest.fixture(scope="module", autouse=True)
def swept(django_db_blocker: Any) -> Iterator[None]:
    """On PostgreSQL, what the file's tests wrote and rolled back goes: nothing else would take it away."""
    yield
    if not ON_POSTGRES or connection.connection is None:
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(oid::regclass::text, ', ') FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > %s",
            [LITTERED],
        )
        (tables,) = cursor.fetchone()
        if tables:
            cursor.execute(f"VACUUM {tables}")


@pytest.fixture
def at() -> datetime:
    """A plain working moment: Monday 2026-09-14, 09:30 in China."""
    return clock.at_local(date(2026, 9, 14), 9, 30)


@pytest.fixture
def day() -> date:
    return date(2026, 9, 14)


@pytest.fixture
def later(at: datetime) -> Callable[..., datetime]:
    """``later(days=3)`` → the moment three days after ``at``."""

    def move(**delta: float) -> datetime:
        return at + timedelta(**delta)

    return move
