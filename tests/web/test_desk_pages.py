"""Every page of the working desk opens for those it is for, and does not exist for others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")
TABS = ("", "evidence", "papers", "review", "hearing", "disclosure", "index", "party")


@pytest.fixture
def case(drive: Callable[..., Drive]) -> Drive:
    """A case whose report is made."""
    one = drive()
    one.file()
    one.investigate()
    one.conclude()
    return one


@pytest.mark.parametrize(
    "path",
    [
        "/desk/",
        "/desk/cases/",
        "/desk/clues/",
        "/desk/warnings/",
        "/desk/search/?q=示例",
        "/desk/cases/new/",
        "/desk/clues/new/",
    ],
)
def test_the_desk_opens_for_an_officer(case: Drive, people: Callable[[str], Client], path: str) -> None:
    page = people("officer1").get(path)
    assert page.status_code == 200, page.content.decode()[:500]


@pytest.mark.parametrize("tab", TABS)
def test_the_case_page_opens_on_every_tab(case: Drive, people: Callable[[str], Client], tab: str) -> None:
    page = people("officer1").get(f"/desk/cases/{case.id}/", {"tab": tab} if tab else {})
    assert page.status_code == 200, page.content.decode()[:500]
    assert "下一步" in page.content.decode()
    assert ("说明解释记录" in page.content.decode()) == (tab == ""), "who explained what, and the answer"
