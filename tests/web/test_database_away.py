"""The database away, the disk full or read-only: 503 in plain words with the time to come back, never a 500."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config import urls as house_urls
from mingzhi.web.away import DatabaseAway, DatabaseFull, DatabaseReadOnly, DiskFailing, away


def _raised(error: Exception, cause: BaseException) -> Exception:
    try:
        raise error from cause
    except Exception as raised:  # noqa: BLE001 — as Django wraps a driver's error
        return raised


class Lost(Exception):
    """A driver's error as psycopg's look: an SQLSTATE, or none where the connection is gone."""

    def __init__(self, state: str | None) -> None:
        self.sqlstate = state


def lost(request: HttpRequest) -> HttpResponse:
    raise OperationalError("terminating connection due to administrator command")


lost.login_required = False  # type: ignore[attr-defined]


def no_room(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, "No space left on device")


no_room.login_required = False  # type: ignore[attr-defined]


def closed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


urlpatterns = [
    path("lost", lost),
    path("no-room", no_room),
    path("desk/closed", closed),
    *house_urls.urlpatterns,
]
handler500 = house_urls.handler500


@pytest.mark.django_db(databases="__all__")
@pytest.mark.urls("tests.web.test_database_away")
class TestAnswers:
    def test_a_person_gets_a_chinese_page_and_when_to_come_back(self, client: Client) -> None:
        page = client.get("/lost")
        text = page.content.decode()
        assert (
            page.status_code == 503 and int(page["Retry-After"]) > 0 and page["Cache-Control"] == "no-store"
        )
        assert "数据库暂时不可用" in text and "只会登记一次" in text
        assert "administrator" not in text and "Traceback" not in text

    def test_a_machine_gets_a_code(self, client: Client) -> None:
        answer = client.get("/lost", HTTP_ACCEPT="application/json")
        assert answer.status_code == 503 and answer["Retry-After"]
        assert answer.json()["code"] == "database.away"

    def test_a_disk_without_room_is_told_as_such(self, client: Client) -> None:
        page = client.get("/no-room")
        assert page.status_code == 503 and int(page["Retry-After"]) > 0
        assert "磁盘空间不足" in page.content.decode() and "No space" not in page.content.decode()

    def test_a_form_stays_as_it_was(self, client: Client) -> None:
        answer = client.get("/lost", HTTP_HX_REQUEST="true")
        assert answer.status_code == 503 and answer["HX-Retarget"] == "#messages"
        assert "<html" not in answer.content.decode()

    def test_it_may_be_gone_before_the_view_is_reached(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The session is read on the way in: no view and no page of the desk has begun."""
        from django.contrib.sessions.backends.base import SessionBase

        def unreadable(self: Any) -> None:
            raise InterfaceError("connection already closed")

        monkeypatch.setattr(SessionBase, "_session", property(unreadable))
        client.raise_request_exception = False
        client.cookies["sessionid"] = "x"
        for headers in ({}, {"HTTP_ACCEPT": "application/json"}):
            answer = client.get("/desk/closed", **headers)
            assert answer.status_code == 503 and answer["Retry-After"], headers
            assert "数据库暂时不可用" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "state", "kind"),
    [
        (OperationalError, "57P01", DatabaseAway),  # the administrator ended the connection
        (OperationalError, "57P03", DatabaseAway),  # the server is starting
        (OperationalError, None, DatabaseAway),
        (InterfaceError, None, DatabaseAway),
        (OperationalError, "53100", DatabaseFull),
        (DatabaseError, "25006", DatabaseReadOnly),
        (ProgrammingError, "42P01", None),  # a missing table is a fault of ours
        (DatabaseError, "23505", None),
    ],
)
def test_what_postgresql_says_is_told_apart(
    error: type[Exception], state: str | None, kind: type[DatabaseAway] | None
) -> None:
    found = away(_raised(error("told"), Lost(state)))
    assert type(found) is (kind or type(None))


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, DatabaseFull), (errno.EROFS, DiskFailing), (errno.EIO, DiskFailing), (errno.ENOENT, None), (errno.EPIPE, None)],
)  # fmt: skip
def test_what_the_disk_says_is_told_apart(number: int, kind: type[DatabaseAway] | None) -> None:
    assert type(away(OSError(number, "told"))) is (kind or type(None))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "db") as made:
        made.execute("CREATE TABLE kept (n)")
    made.close()
    return tmp_path / "db"


def _meets(work: Callable[[], Any]) -> DatabaseAway | None:
    with pytest.raises(sqlite3.Error) as met:
        work()
    return away(_raised(OperationalError(str(met.value)), met.value))


def test_what_sqlite_says_is_told_apart(file: Path) -> None:
    holder, other = sqlite3.connect(file, isolation_level=None), sqlite3.connect(file, timeout=0.01)
    reader = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    small = sqlite3.connect(":memory:")
    try:
        holder.execute("BEGIN IMMEDIATE")
        assert type(_meets(lambda: other.execute("INSERT INTO kept VALUES (1)"))) is DatabaseAway
        assert type(_meets(lambda: reader.execute("INSERT INTO kept VALUES (1)"))) is DatabaseReadOnly
        small.execute("PRAGMA max_page_count=1")
        assert type(_meets(lambda: small.execute("CREATE TABLE too_much (n)"))) is DatabaseFull
        assert type(_meets(lambda: sqlite3.connect(file / "no" / "folder"))) is DatabaseAway
        assert _meets(lambda: other.execute("SELECT * FROM missing")) is None
    finally:
        for one in (holder, other, reader, small):
            one.close()


@pytest.mark.django_db(transaction=True)
def test_a_missing_table_is_no_absence() -> None:
    with connection.cursor() as cursor, pytest.raises(DatabaseError) as met:
        cursor.execute("SELECT 1 FROM no_such_table")
    assert away(met.value) is None


@pytest.mark.postgres
@pytest.mark.django_db(databases="__all__")
def test_postgresql_compiles_no_statement_before_it_runs_it() -> None:
    """Unless the address brings options of its own: every step once cost sixteen times what it does."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
