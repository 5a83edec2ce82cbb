"""Lists are published once, superseded by day, and never overlap or change afterwards."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from mingzhi.catalogue import api, packs
from mingzhi.catalogue.errors import BadList, UnknownItem
from mingzhi.catalogue.models import Entry, Publication
from mingzhi.catalogue.payloads import publication_payload
from mingzhi.kernel.models import Series
from mingzhi.organisations.data import Actor

pytestmark = pytest.mark.django_db(databases="__all__")
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BY = Actor(account_id=None, person_id=None, name="系统", body_id=1, unit_id=None)
DAY = date(2026, 3, 2)


def _row(start: date = date(2024, 1, 1), **over: object) -> packs.Row:
    data = {
        "name": "对示例行为的处罚",
        "field": "urban",
        "act_type": "行政处罚",
        "basis": [{"title": "示例条例", "article": "第一条"}],
        "kinds": ["03"],
        "fines": [{"kind": "range", "low": 100, "high": 200}],
        **over,
    }
    return next(iter(packs.rows_of({"item": [{"code": "TEST-1", "valid_from": start, **data}]}, "test")))


def test_loading_twice_publishes_once() -> None:
    first = api.load_packs(by=BY, at=AT)
    again = api.load_packs(by=BY, at=AT + timedelta(days=400))
    assert first.publication_id and first.added == len(packs.shelf().rows)
    assert again == api.Published(None, 0, 0, first.added)
    assert Publication.objects.count() == 1


def test_a_publication_taken_back_leaves_nothing_behind_for_the_same_one_made_again() -> None:
    """On PostgreSQL the second try gets other row numbers under the same content and chain."""
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        api.load_packs(by=BY, at=AT)
        assert api.items(on=DAY)
        raise ZeroDivisionError
    api.load_packs(by=BY, at=AT)
    kept = set(Entry.objects.filter(kind="item").values_list("pk", flat=True))
    assert {found.row_id for found in api.items(on=DAY)} <= kept


def test_dry_run_writes_nothing() -> None:
    told = api.load_packs(by=BY, at=AT, dry_run=True)
    assert told.added == len(packs.shelf().rows) and not Entry.objects.exists()


def test_a_changed_row_ends_the_old_one_on_the_day_it_starts() -> None:
    api.list_publish(rows=[_row()], source="初版", by=BY, at=AT)
    api.list_publish(rows=[_row(date(2026, 5, 1), party_scope="natural")], source="修订", by=BY, at=AT)
    assert api.item("TEST-1", date(2026, 4, 30)).party_scope == "any"
    assert api.item("TEST-1", date(2026, 5, 1)).party_scope == "natural"
    with pytest.raises(UnknownItem):
        api.item("TEST-1", date(2023, 12, 31))
    assert [v.valid_from for v in api.item_versions("TEST-1")] == [date(2024, 1, 1), date(2026, 5, 1)]


def test_a_correction_with_the_old_start_counts_from_today() -> None:
    api.list_publish(rows=[_row()], source="初版", by=BY, at=AT)
    api.list_publish(rows=[_row(party_scope="natural")], source="更正", by=BY, at=AT)
    assert api.item("TEST-1", DAY - timedelta(days=1)).party_scope == "any"
    assert api.item("TEST-1", DAY).party_scope == "natural"
    with pytest.raises(BadList):
        api.list_publish(rows=[_row(party_scope="organisation")], source="再更正", by=BY, at=AT)


def test_a_superseded_row_is_not_brought_back_by_loading_it_again() -> None:
    old = _row()
    api.list_publish(rows=[old], source="初版", by=BY, at=AT)
    api.list_publish(rows=[_row(date(2026, 5, 1), party_scope="natural")], source="修订", by=BY, at=AT)
    assert api.list_publish(rows=[old], source="旧包", by=BY, at=AT).publication_id is None
    assert api.item("TEST-1", date(2027, 1, 1)).party_scope == "natural"


def test_an_end_day_closes_the_row() -> None:
    row = _row()
    api.list_publish(rows=[row], source="初版", by=BY, at=AT)
    api.list_publish(rows=[replace(row, valid_to=date(2026, 6, 1))], source="废止", by=BY, at=AT)
    assert api.item("TEST-1", date(2026, 5, 31)).code == "TEST-1"
    with pytest.raises(UnknownItem):
        api.item("TEST-1", date(2026, 6, 1))


def test_the_database_refuses_overlap_change_and_deletion() -> None:
    done = api.list_publish(rows=[_row()], source="初版", by=BY, at=AT)
    entry = Entry.objects.get()
    twin = Entry(
        kind=entry.kind,
        scope=entry.scope,
        code=entry.code,
        data={},
        valid_from=date(2025, 1, 1),
        publication_id=done.publication_id,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    entry.data = {"name": "改写"}
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.update(source="改写")


def test_the_payload_shows_a_row_changed_behind_our_back() -> None:
    done = api.list_publish(rows=[_row()], source="初版", by=BY, at=AT)
    publication = Publication.objects.get(pk=done.publication_id)
    before = publication_payload(publication)
    assert before["content"] == publication.digest
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE catalogue_entry DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER catalogue_entry_no_update")
        cursor.execute("UPDATE catalogue_entry SET name = %s", ["改写"])
    assert publication_payload(publication)["content"] != before["content"]


def test_items_are_found_by_field_and_words() -> None:
    api.load_packs(by=BY, at=AT)
    found = api.items(on=DAY, field="transport", query="超限")
    assert any(i.code == "transport.overload" for i in found)
    assert all(i.field == "transport" for i in found)


@pytest.mark.postgres
def test_one_publication_commits_before_another_begins() -> None:
    """Else the later number could be seen first, and what the earlier one published be hidden behind it."""
    api.list_publish(rows=[_row()], source="x", by=BY, at=AT)
    waits = (
        f"INSERT INTO {Series._meta.db_table} (name, last) VALUES ('catalogue:publication', 1) "
        f"ON CONFLICT (name) DO UPDATE SET last = {Series._meta.db_table}.last + 1"
    )
    with transaction.atomic(using="attempts"), connections["attempts"].cursor() as other:
        other.execute("SET LOCAL lock_timeout = '100ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            other.execute(waits)
        transaction.set_rollback(True, using="attempts")
