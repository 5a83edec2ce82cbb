"""A demonstration bureau, its people logged in, and cases on their way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mingzhi.organisations import api as organisations
from mingzhi.web.demo.drive import Bureau, Drive
from tests.stories.conftest import MONDAY, a_matter, bureau_for
from tests.web.desk_people import desk, freeze  # noqa: F401 — fixtures


@pytest.fixture(autouse=True)
def summaries_lead_to_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever page is refused here: each link of its summary leads to an id or a field's name on the page."""
    ask = Client.request

    def request(client: Client, **given: Any) -> Any:
        answer = ask(client, **given)
        if answer.status_code in (400, 409, 422) and not answer.streaming:
            page = answer.content.decode(errors="replace")
            summary = re.search(r'<div class="error-summary".*?</div>', page, re.S)
            for key in re.findall(r'href="#([^"]+)"', summary[0]) if summary else ():
                assert f'id="{key}"' in page or f'name="{key}"' in page, (given.get("PATH_INFO"), key)
        return answer

    monkeypatch.setattr(Client, "request", request)


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
