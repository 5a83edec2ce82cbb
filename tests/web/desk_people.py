"""A bureau's people as browsers: ``desk("reviewer")`` is that person logged in. Named in ``conftest.py``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.web.demo.drive import Bureau


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Let every request be made at one moment."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return at


@pytest.fixture
def desk(bureau: Bureau) -> Callable[..., Client]:
    def log_in(username: str, **kwargs: Any) -> Client:
        client = Client(**kwargs)
        client.force_login(
            organisations.accounts.account(bureau.accounts[username]),
            backend=settings.AUTHENTICATION_BACKENDS[-1],
        )
        return client

    return log_in
