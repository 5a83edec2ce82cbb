"""Shared by all tests. Warnings are errors (pyproject); hypothesis runs the same examples every time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import connections
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
    stage of their own for them; that stage leaves out what touches no database."""
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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """On PostgreSQL both aliases reach one database: the second connection goes before it is dropped."""
    yield
    connections["attempts"].close()


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
