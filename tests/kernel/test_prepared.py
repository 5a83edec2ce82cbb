"""Prepared statements do what Django's own would, each time with other values."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from mingzhi.deadlines.models import CalendarDay
from mingzhi.kernel.models import Series
from mingzhi.kernel.prepared import Change, Given, Read, insert, insert_once, pour
from mingzhi.outbox.choices import State
from mingzhi.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db(databases="__all__")
AT = datetime(2026, 9, 7, 1, 2, 3, 456789, tzinfo=UTC)
DUE = Read(
    lambda: (
        OutboxMessage.objects.filter(not_before__lte=Given("at"), kind=Given("kind"))
        .order_by("-pk")
        .values_list("payload", "created_at", "tried_at")
    )
)


def message(key: str = "", **changes: object) -> OutboxMessage:
    given = {
        "kind": "test.kind",
        "payload": {"名": [1, None]},
        "key": key,
        "not_before": AT,
        "created_at": AT,
    }
    return OutboxMessage(**{**given, **changes})


def test_a_row_comes_back_as_it_was_put_in() -> None:
    row = insert(message())
    assert row.pk and not row._state.adding
    assert DUE(at=AT, kind="test.kind") == [({"名": [1, None]}, AT, None)]
    again = OutboxMessage.objects.get(pk=row.pk)
    assert (again.state, again.attempts, again.created_at) == (State.WAITING, 0, AT)


def test_the_same_statement_answers_other_values_and_builds_nothing_anew() -> None:
    insert(message(payload={"n": 1}))
    insert(message(payload={"n": 2}, not_before=AT.replace(hour=2)))
    assert [r[0] for r in DUE(at=AT, kind="test.kind")] == [{"n": 1}]
    assert [r[0] for r in DUE(at=AT.replace(hour=3), kind="test.kind")] == [{"n": 2}, {"n": 1}]
    assert DUE(at=AT, kind="other") == [] and DUE.one(at=AT, kind="other") is None
    with CaptureQueriesContext(connection) as seen:
        DUE.one(at=AT, kind="test.kind")
    assert len(seen) == 1


def test_a_change_tells_how_many_rows_it_changed_and_may_set_null() -> None:
    row = insert(message())
    change = Change(
        lambda: OutboxMessage.objects.filter(pk=Given("pk"), attempts=Given("seen")),
        attempts=F("attempts") + 1,
        tried_at=Given("at", null=True),
    )
    assert change(pk=row.pk, seen=0, at=AT) == 1
    assert change(pk=row.pk, seen=0, at=AT) == 0, "compared with what was seen"
    assert change(pk=row.pk, seen=1, at=None) == 1
    row.refresh_from_db()
    assert (row.attempts, row.tried_at) == (2, None)


def test_nothing_is_silently_compared_with_null() -> None:
    with pytest.raises(TypeError, match="kind is None"):
        DUE(at=AT, kind=None)


def test_a_place_that_was_not_filled_is_a_fault() -> None:
    with pytest.raises(KeyError):
        DUE(at=AT)


def test_a_list_of_places_and_a_day_are_filled_too() -> None:
    both = Read(
        lambda: Series.objects.filter(name__in=[Given("a"), Given("b")]).order_by("name").values_list("name")
    )
    for name in ("x", "y", "z"):
        Series.objects.create(name=name, last=1)
    assert both(a="x", b="z") == [("x",), ("z",)]
    day = date(2026, 9, 7)
    CalendarDay.objects.create(date=day, kind="holiday", name="某日", notice="", table=2026)
    on = Read(lambda: CalendarDay.objects.filter(date=Given("day")).values_list("date", "name"))
    assert on(day=day) == [(day, "某日")] and on(day=date(2026, 9, 8)) == []


def test_a_filter_that_nothing_can_meet_reads_nothing() -> None:
    none = Read(lambda: Series.objects.filter(name__in=()).values_list("name"))
    with CaptureQueriesContext(connection) as seen:
        assert none() == []
    assert len(seen) == 0


def test_the_second_row_of_a_unique_key_is_not_made_and_the_work_goes_on() -> None:
    first, second = message("once"), message("once", payload={})
    assert insert_once(first) and not insert_once(second)
    assert second.pk is None and OutboxMessage.objects.filter(key="once").count() == 1


def test_a_refused_row_leaves_the_transaction_to_be_undone() -> None:
    insert(message("once"))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(message("once"))
    assert OutboxMessage.objects.filter(key="once").count() == 1


def test_models_with_a_key_of_their_own_keep_it() -> None:
    assert isinstance(Series._meta.pk, models.CharField)
    row = insert(Series(name="own", last=3))
    assert row.pk == "own" and Series.objects.get(pk="own").last == 3


def test_rows_poured_in_are_texts_and_numbers_like_any_others_and_judged_like_them() -> None:
    texts = ['编码\n\\N\t"甲"', "\U00020000"]
    rows = [(text.encode() if n else text, n) for n, text in enumerate(texts)]
    pour(Series, ("name", "last"), iter(rows))
    assert list(Series.objects.filter(name__in=texts).order_by("last").values_list("name", "last")) == [
        (texts[0], 0),
        (texts[1], 1),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        pour(Series, ("name", "last"), [("b", 1), (texts[1].encode(), 2)])
    assert not Series.objects.filter(name="b").exists()
