"""One demonstration bureau per test, and people of it by their log-in names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from mingzhi.kernel import clock
from mingzhi.organisations import api
from mingzhi.organisations.data import Actor
from mingzhi.organisations.demo import BureauLoaded
from tests.made_once import load_bureau


@pytest.fixture
def bureau(db: None, at: datetime) -> BureauLoaded:
    return load_bureau("xiashan-chengzong", at=at)


@pytest.fixture
def account(bureau: BureauLoaded) -> Callable[[str], object]:
    from mingzhi.organisations.models import Account

    return lambda username: Account.objects.get(pk=bureau.accounts[username])


@pytest.fixture
def actor(account: Callable[[str], object], at: datetime) -> Callable[[str], Actor]:
    """``actor("officer1")`` → that person as an actor on the day of ``at``."""
    return lambda username: api.actor_of(account(username), clock.local_date(at))


@pytest.fixture
def person(account: Callable[[str], object]) -> Callable[[str], int]:
    return lambda username: account(username).person_id
