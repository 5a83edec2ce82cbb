"""The database read-only, or ended and back, under a step at the desk: 503, then the same key is one step."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.test import Client

from mingzhi.dossiers import api as dossiers
from mingzhi.procedures import api as procedures
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

on_sqlite = pytest.mark.skipif(
    os.environ.get("MINGZHI_TEST_DATABASE_URL", "").startswith("postgres"), reason="a setting of SQLite's"
)


@pytest.fixture
def submitted(
    drive: Callable[..., Drive], people: Callable[[str], Client]
) -> tuple[Drive, Callable[[], int]]:
    """A form that is filled in, and how it is sent: the same key each time."""
    case = drive()
    case.file()
    client, url = people("officer1"), f"/desk/cases/{case.id}/do/correct/"
    client.raise_request_exception = False
    page = client.get(url).content.decode()
    seen = {n: re.search(rf'name="{n}" value="([^"]*)"', page)[1] for n in ("_key", "_expected")}  # type: ignore[index]
    typed = {**seen, "act": "堆放货物占用道路", "demand": "立即改正", "until": "", "_occurred_at": ""}

    def send() -> int:
        answer = client.post(url, typed)
        if answer.status_code == 503:
            assert int(answer["Retry-After"]) > 0
            assert re.search("数据库暂时不可用|暂时不能保存", answer.content.decode())
        return answer.status_code

    return case, send


def corrections(case: Drive) -> int:
    dossier = dossiers.access_dossier(case.by("officer1"), case.id)
    assert procedures.inconsistencies() == []
    return sum(s.verb == "correct" for s in procedures.steps(dossier))


def pragma(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {text}")


@contextmanager
def read_only() -> Iterator[None]:
    pragma("query_only = 1")
    try:
        yield
    finally:
        pragma("query_only = 0")


@on_sqlite
def test_a_database_that_may_only_be_read_says_so_reads_go_on_and_it_recovers(
    submitted: tuple[Drive, Callable[[], int]],
) -> None:
    case, send = submitted
    with read_only():
        assert send() == 503
        assert corrections(case) == 0
    assert send() == 302 and send() == 302
    assert corrections(case) == 1


@pytest.mark.postgres
def test_backends_that_are_ended_are_503_and_the_next_request_has_new_ones(
    submitted: tuple[Drive, Callable[[], int]],
) -> None:
    import psycopg

    case, send = submitted
    ours = [connections[alias] for alias in ("default", "attempts")]
    settings = ours[0].get_connection_params()
    settings = {k: v for k, v in settings.items() if k in ("host", "port", "user", "password")}
    for _ in range(2):
        pids = []
        for one in ours:
            one.ensure_connection()
            pids.append(one.connection.info.backend_pid)
        with psycopg.connect(dbname="postgres", autocommit=True, **settings) as admin:
            admin.execute("SELECT pg_terminate_backend(p) FROM unnest(%s::int[]) AS p", [pids])
        assert send() == 503
        for one in ours:  # as the server does between two requests
            one.close_if_unusable_or_obsolete()
        assert send() == 302
        assert corrections(case) == 1
