"""No link that a person is shown leads nowhere: what the rail and the pages behind it offer is opened by roles with
unlike rooms. Takes its seconds because a refusal is only found by asking as each of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

from mingzhi.web.demo.drive import Drive
from tests.conftest import ON_POSTGRES

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.skipif(ON_POSTGRES, reason="which links are shown does not hang on the database"),
]
#: Those whose rooms differ most; each costs the pages of its rooms.
ROLES = (
    "officer1",
    "checker",
    "publisher",
    "keeper",
    "archivist",
    "sysadmin",
    "auditor",
    "letters",
    "supervisor",
)
#: Opened by whoever comes first: the same for all, or made for whoever opened the page before.
ONCE = (
    "public:",
    "api:",
    "identity:log",
    "desk:exports",
    "desk:paper",
    "desk:record",
    "desk:receipt",
    "desk:procedure",
    "desk:template",
    "desk:item",
)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        target = given.get("href") if tag == "a" else given.get("src") if tag in ("img", "iframe") else None
        if target and not target.startswith(("data:", "mailto:", "tel:", "about:")):
            self.found.append(target)


def links(answer: HttpResponse) -> list[str]:
    reader = _Links()
    reader.feed(answer.content.decode())
    return reader.found


def dead(client: Client, start: str, seen: set[str], opened: Counter[str]) -> Iterator[str]:
    """Opens what ``start`` leads to, one address of each kind; tells which did not answer."""
    waiting = deque([(start, "")])
    while waiting:
        at, on = waiting.popleft()
        place = urlsplit(at)
        if at in seen or place.netloc or place.path.startswith(("/static/", "/logout")):
            continue
        seen.add(at)
        try:
            kind = resolve(place.path).view_name
        except Resolver404:
            yield f"{on} → {at}: no such address"
            continue
        opened[kind] += 1
        if opened[kind] > 1:
            continue
        answer = client.get(at)
        if answer.status_code >= 400:
            yield f"{on} → {at}: {answer.status_code}"
        elif answer.status_code in (301, 302):
            waiting.append((urljoin(at, answer["Location"]).partition("#")[0], on))
        elif answer["Content-Type"].startswith("text/html") and not answer.streaming:
            waiting.extend((urljoin(at, link).partition("#")[0], at) for link in links(answer))
        answer.close()


def test_every_link_that_a_role_is_shown_answers(
    drive: Callable[..., Drive], people: Callable[[str], Client], freeze: Callable[..., None]
) -> None:
    case = drive()
    case.file()
    freeze(case.at)
    told: dict[str, list[str]] = {}
    shared: Counter[str] = Counter()
    for who in ROLES:
        opened = Counter(kind for kind in shared if kind.startswith(ONCE))
        found = list(dead(people(who), "/desk/", set(), opened))
        assert opened["desk:home"] == 1, who
        shared |= opened
        if found:
            told[who] = found
    assert told == {}
    assert len(shared) > 60, "the walk went through the house"
