"""The calendar held in memory is looked at again for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mingzhi.deadlines import current


@pytest.fixture(autouse=True)
def fresh_calendar() -> Iterator[None]:
    current.forget()
    yield
    current.forget()
