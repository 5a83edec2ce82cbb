"""The database full, read-only, or ended and back, under a step at the desk and an upload: 503 in words, looking
goes on, nothing is half there; then the same key is one step."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.test import Client

from mingzhi.dossiers import api as dossiers
from mingzhi.files.models import Upload
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.procedures import api as procedures
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

on_sqlite = pytest.mark.skipif(
    os.environ.get("MINGZHI_TEST_DATABASE_URL", "").startswith("postgres"), reason="a setting of SQLite's"
)


@pytest.fixture
def case(drive: Callable[..., Drive]) -> Drive:
    case = drive()
    case.file()
    return case


@pytest.fixture
def client(people: Callable[[str], Client]) -> Client:
    client = people("officer1")
    client.raise_request_exception = False
    return client


def fill_in(client: Client, case: Drive) -> Callable[[], int]:
    """A form that is filled in, and how it is sent: the same key each time."""
    url = f"/desk/cases/{case.id}/do/correct/"
    page = client.get(url).content.decode()
    seen = {n: re.search(rf'name="{n}" value="([^"]*)"', page)[1] for n in ("_key", "_expected")}  # type: ignore[index]
    typed = {**seen, "act": "堆放货物占用道路", "demand": "立即改正", "until": "", "_occurred_at": ""}

    def send() -> int:
        answer = client.post(url, typed)
        if answer.status_code == 503:
            assert int(answer["Retry-After"]) > 0
            assert re.search("数据库暂时不可用|暂时不能保存", answer.content.decode())
        return answer.status_code

    return send


def upload(client: Client) -> tuple[int, str]:
    """An upload begun: status and, where it is refused, the code."""
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": "filename YS5qcGc="}
    answer = client.post("/uploads/", headers=headers)
    return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


def corrections(case: Drive) -> int:
    dossier = dossiers.access_dossier(case.by("officer1"), case.id)
    assert procedures.inconsistencies() == []
    return sum(s.verb == "correct" for s in procedures.steps(dossier))


def ask(*statements: str) -> None:
    for alias in ("default", "attempts"):
        with connections[alias].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextmanager
def read_only() -> Iterator[None]:
    """As a database on a read-only disk: it answers, and keeps nothing, not even who looked."""
    sqlite = connection.vendor == "sqlite"
    ask("PRAGMA query_only = 1" if sqlite else "SET default_transaction_read_only = on")
    try:
        yield
    finally:
        ask("PRAGMA query_only = 0" if sqlite else "SET default_transaction_read_only = off")


@contextmanager
def full() -> Iterator[None]:
    """The facts' file may not grow by one page."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 2147483646")


def test_a_database_that_may_only_be_read_says_so_reads_go_on_and_it_recovers(
    case: Drive, client: Client, freeze: Callable[[datetime], None]
) -> None:
    send = fill_in(client, case)
    with read_only():
        assert send() == 503
        assert upload(client) == (503, "database.read_only")
        freeze(clock.now() + timedelta(minutes=5))  # the idle time would be noted anew
        for page in ("/", "/desk/", "/desk/cases/"):
            assert client.get(page).status_code == 200, page
        unrecorded = client.get(f"/desk/cases/{case.id}/")
        assert unrecorded.status_code == 503 and "须留下查阅记录" in unrecorded.content.decode()
        assert corrections(case) == 0
    assert send() == 302 and send() == 302
    assert corrections(case) == 1
    assert upload(client)[0] == 201
    assert client.get(f"/desk/cases/{case.id}/").status_code == 200


@on_sqlite
def test_a_full_database_refuses_in_words_keeps_nothing_half_and_goes_on_when_there_is_room(
    case: Drive, client: Client
) -> None:
    """What is left of the last pages takes a step or two; then SQLite says SQLITE_FULL, wherever in a step."""
    with full():
        kept, send = 0, fill_in(client, case)
        while (status := send()) == 302:
            kept += 1
            assert kept < 30, "thirty steps fit into no page"
            send = fill_in(client, case)
        assert status == 503
        assert corrections(case) == kept
        assert send() == 503, "and again, as long as there is no room"
        begun = 0
        while (answer := upload(client))[0] == 201:
            begun += 1
        assert answer == (503, "database.full")
        assert Upload.objects.count() == begun
        for page in ("/", "/desk/", f"/desk/cases/{case.id}/"):
            assert client.get(page).status_code == 200, page
    assert send() == 302 and send() == 302
    assert corrections(case) == kept + 1
    assert upload(client)[0] == 201
    assert ledger.sequence(at=clock.now()) > 0 and ledger.pending_count() == 0


@pytest.mark.postgres
def test_backends_that_are_ended_are_503_and_the_next_request_has_new_ones(
    case: Drive, client: Client
) -> None:
    import psycopg

    send = fill_in(client, case)
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
