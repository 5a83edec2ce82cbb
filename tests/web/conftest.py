"""A demonstration bureau, its people logged in, and cases on their way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from mingzhi.organisations import api as organisations
from mingzhi.web.demo.drive import Bureau, Drive
from tests.stories.conftest import MONDAY, a_matter, bureau_for
from tests.web.desk_people import desk, freeze  # noqa: F401 — fixtures


@pytest.fixture
def bureau(db: None) -> Bureau:
    return bureau_for("xiashan-chengzong", MONDAY)


@pytest.fixture
def drive(bureau: Bureau) -> Callable[..., Drive]:
    def start(**changes: object) -> Drive:
        return Drive(bureau, a_matter(**changes), MONDAY)

    return start


@pytest.fixture
def people(bureau: Bureau) -> Callable[[str], Client]:
    """``people("officer1")`` → a browser in which that person is logged in."""

    def browser(username: str) -> Client:
        client = Client(raise_request_exception=True)
        account = organisations.accounts.account(bureau.accounts[username])
        client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return browser
