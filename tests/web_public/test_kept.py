"""Kept public pages: the same for every reader, given again while they stand, never after what they say went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel import clock
from mingzhi.publication import api
from mingzhi.web import kept
from mingzhi.web.kept import Hold, Page, Shelf
from tests.publication.conftest import AT, Bureau


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The clock stands at ``AT`` until it is moved."""
    now = [AT]
    monkeypatch.setattr(clock, "now", lambda: now[0])

    def move(**delta: float) -> None:
        now[0] += timedelta(**delta)

    return move


def queries(django_assert_num_queries: Any, count: int, client: Client, path: str, **headers: str) -> Any:
    with django_assert_num_queries(count):
        return client.get(path, headers=headers or None)


@pytest.mark.django_db(databases="__all__")
def test_a_decision_s_page_is_given_again_for_one_look_at_the_database_and_goes_with_its_words(
    bureau: Bureau, snapshot: Any, at: Any, django_assert_num_queries: Any
) -> None:
    pk = bureau.published(snapshot())
    page, client = f"/decisions/{pk}/", Client()
    first = client.get(page)
    assert first.status_code == 200 and not first.cookies and "Last-Modified" not in first
    assert (first["Cache-Control"], first["Vary"]) == ("no-cache", "Cookie")
    assert "default-src 'self'" in first["Content-Security-Policy"] and first["X-Frame-Options"]
    assert first["X-Content-Type-Options"] == "nosniff" and first["Permissions-Policy"]
    at(seconds=5)
    again = queries(django_assert_num_queries, 1, client, page)
    assert again.content == first.content and again["ETag"] == first["ETag"]
    dated = again["Last-Modified"]
    held = queries(django_assert_num_queries, 1, client, page, if_none_match=first["ETag"])
    assert held.status_code == 304 and not held.content and held["ETag"] == first["ETag"]
    assert client.get(page, headers={"if-modified-since": dated}).status_code == 304
    client.cookies["django_language"] = "en"
    english = client.get(page)
    assert english["Content-Language"] == "en" and english["ETag"] != first["ETag"]
    assert client.get(page).content == english.content
    client.cookies.clear()
    api.disclosure_withdraw(
        disclosure_id=pk,
        reason="决定已撤销",
        basis="行政处罚法第四十八条",
        by=bureau.publisher,
        at=clock.now(),
    )
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        gone = client.get(page, headers={"if-none-match": first["ETag"], "if-modified-since": dated})
        assert gone.status_code == 200 and "倾倒建筑垃圾" not in gone.content.decode()
        assert "决定已撤销" in gone.content.decode()
    client.cookies.clear()
    for shown in ("/", "/decisions/"):
        assert "倾倒建筑垃圾" not in client.get(shown).content.decode()


@pytest.mark.django_db(databases="__all__")
def test_a_list_or_the_home_page_goes_with_the_next_fact_and_after_a_minute_in_any_case(
    bureau: Bureau, snapshot: Any, at: Any, django_assert_num_queries: Any
) -> None:
    client = Client()
    for page in ("/", "/decisions/", "/lists/", "/procedures/", "/reports/"):
        before = client.get(page)
        assert (
            before["ETag"] and queries(django_assert_num_queries, 1, client, page).content == before.content
        )
    bureau.published(snapshot())
    assert "示例一号渣土运输有限公司" in client.get("/decisions/").content.decode()
    tag = client.get("/")["ETag"]
    at(minutes=2)  # figures on the home page are kept for a minute
    with pytest.raises(pytest.fail.Exception):
        queries(django_assert_num_queries, 1, client, "/")
    assert client.get("/")["ETag"] == tag, "made anew, and the same text has the same tag"


@pytest.mark.django_db(databases="__all__")
def test_what_is_one_reader_s_own_is_neither_kept_nor_given(
    bureau: Bureau, snapshot: Any, at: Any, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    page = f"/decisions/{bureau.published(snapshot())}/"
    with_note = Client()
    with_note.cookies["messages"] = "x"
    assert "ETag" not in with_note.get(page)
    with_session = Client()
    with_session.cookies["sessionid"] = "x"
    assert "ETag" not in with_session.get(page)
    assert "ETag" not in Client().get(page + "?from=paper")
    assert "ETag" not in Client().get("/complaints/")  # a form with its token
    assert Client().get("/decisions/999999/").status_code == 404
    assert Client(HTTP_HOST="evil.example").get(page).status_code == 400
    assert Client().head(page)["ETag"] == Client().get(page)["ETag"]


@pytest.mark.django_db(databases="__all__")
def test_a_database_that_does_not_answer_is_the_chain_s_to_tell(
    bureau: Bureau, snapshot: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, page = Client(), f"/decisions/{bureau.published(snapshot())}/"
    client.get(page)
    asked = []

    def away(_: Page, __: Any) -> bool:
        asked.append(1)
        raise DatabaseError

    monkeypatch.setattr(kept.Page, "stands", away)
    assert client.get(page).status_code == 200 and asked


def _page(body: bytes, mark: Any = None, before: Page | None = None, at: Any = AT) -> Page:
    from django.http import HttpResponse

    return Page(HttpResponse(body), Hold(mark or (lambda: 1), 1), at=at, before=before)


def test_a_page_stands_for_a_minute_unless_its_mark_moves_or_the_clock_goes_back() -> None:
    page = _page(b"x")
    assert page.stands(AT) and page.stands(AT + timedelta(seconds=59))
    assert not page.stands(AT + timedelta(seconds=60)) and not page.stands(AT - timedelta(seconds=1))
    assert not _page(b"x", mark=lambda: 2).stands(AT)


def test_the_date_is_that_of_the_text_and_not_of_its_making() -> None:
    first = _page(b"x")
    later = AT + timedelta(minutes=5)
    assert _page(b"x", before=first, at=later).since == AT
    assert _page(b"y", before=first, at=later).since == later


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60))
def test_the_shelf_never_holds_more_than_it_may(puts: list[tuple[int, int]]) -> None:
    shelf = Shelf(most=100)
    for name, size in puts:
        shelf.put((str(name), "en"), _page(b"x" * size))
        assert shelf.bytes == sum(len(p.body) for p in shelf._pages.values()) <= 100
        found = shelf.find((str(name), "en"))
        assert found is not None and len(found.body) == size


@pytest.mark.django_db(databases="__all__")
def test_two_server_processes_never_give_the_former_words_whatever_the_order(
    bureau: Bureau, snapshot: Any, at: Any
) -> None:
    """Each client has a chain and a shelf of its own, as a server process has (``bench pages`` does the same
    to real processes under load)."""
    processes = [Client(), Client()]
    pk = bureau.published(snapshot())
    page, former = f"/decisions/{pk}/", "罚款人民币五千元"
    for turn in range(4):
        for process in processes:
            assert former in process.get(page).content.decode()
        new = f"罚款人民币第{turn}次更正"
        api.disclosure_correct(
            disclosure_id=pk, reason="录入有误", snapshot=snapshot(content=new), by=bureau.collector, at=AT
        )
        api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
        api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
        processes[turn % 2].get(page)
        api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
        for process in processes:
            text = process.get(page).content.decode()
            assert former not in text and new in text
        former = new


@pytest.mark.django_db(databases="__all__")
def test_a_page_made_while_its_decision_was_withdrawn_is_not_given_again(
    bureau: Bureau, snapshot: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = bureau.published(snapshot())
    read = api.public_decision

    def overtaken(asked: int) -> Any:
        found = read(asked)
        monkeypatch.undo()
        monkeypatch.setattr(clock, "now", lambda: AT)
        api.disclosure_withdraw(
            disclosure_id=pk, reason="决定已撤销", basis="行政处罚法第四十八条", by=bureau.publisher, at=AT
        )
        return found

    monkeypatch.setattr("mingzhi.web.public.views.publication.public_decision", overtaken)
    client = Client()
    assert "倾倒" in client.get(f"/decisions/{pk}/").content.decode()
    assert "倾倒" not in client.get(f"/decisions/{pk}/").content.decode()
