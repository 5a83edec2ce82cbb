"""Rooms are booked once at a time, and what happens in them is recorded whole."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger.models import Entry
from mingzhi.recording import api as recording
from mingzhi.recording.api import rooms
from mingzhi.recording.errors import BookingNotFound, BookingOver, RoomKnown, RoomNotFound, RoomTaken
from mingzhi.recording.models_equipment import Booking

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR = timedelta(hours=1)


@pytest.fixture
def room(scene, at):
    return rooms.room_register(kind="inquiry", name="第一询问室", place="办公楼一层", by=scene.keeper, at=at)


@pytest.fixture
def book(room, scene, at):
    def do(start=HOUR, end=2 * HOUR, by=None, **changes):
        facts = {"room_id": room, "dossier_id": scene.dossier.pk, "purpose": "询问当事人", "at": at}
        return rooms.room_book(
            **{**facts, **changes}, starts_at=at + start, ends_at=at + end, by=by or scene.officer
        )

    return do


def test_a_name_is_one_room_and_keepers_enter_it(room, scene, at):
    with pytest.raises(RoomKnown):
        rooms.room_register(kind="hearing", name="第一询问室", place="二层", by=scene.keeper, at=at)
    with pytest.raises(NotAllowed):
        rooms.room_register(kind="hearing", name="听证室", place="二层", by=scene.officer, at=at)


@pytest.mark.parametrize(("start", "end"), [(90, 150), (30, 90), (70, 80), (0, 300), (60, 120)])
def test_who_comes_second_for_a_time_is_refused(book, scene, start, end):
    book()
    with pytest.raises(RoomTaken) as refused:
        book(timedelta(minutes=start), timedelta(minutes=end), by=scene.officer2)
    assert "10:30 至 11:30" in refused.value.sentence


@pytest.mark.parametrize(("start", "end"), [(0, 60), (120, 180)])
def test_what_touches_does_not_overlap(book, start, end):
    book()
    book(timedelta(minutes=start), timedelta(minutes=end))


def test_the_database_itself_refuses_an_overlap(book, scene, at):
    book()
    row = Booking.objects.values().get()
    del row["id"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(**{**row, "starts_at": at + timedelta(minutes=90)})
    Booking.objects.create(**{**row, "starts_at": row["ends_at"], "ends_at": row["ends_at"] + HOUR})


def test_a_cancelled_booking_frees_the_room_and_is_over(book, scene, at):
    first = book()
    with pytest.raises(Invalid):
        rooms.booking_cancel(booking_id=first, reason="", by=scene.officer, at=at)
    rooms.booking_cancel(booking_id=first, reason="当事人改期", by=scene.officer, at=at)
    book(by=scene.officer2)
    with pytest.raises(BookingOver):
        rooms.booking_cancel(booking_id=first, reason="再取消", by=scene.officer, at=at)


def test_times_that_cannot_be_are_refused(book):
    for start, end in (
        (2 * HOUR, HOUR),
        (HOUR, 26 * HOUR),
        (-2 * HOUR, -HOUR),
        (100 * 24 * HOUR, 100 * 24 * HOUR + HOUR),
    ):
        with pytest.raises(Invalid):
            book(start, end)


def test_another_agency_sees_no_room_and_books_none(book, room, scene, at):
    with pytest.raises(RoomNotFound):
        book(by=scene.other)
    with pytest.raises(BookingNotFound):
        rooms.booking_cancel(booking_id=book(), reason="取消", by=scene.other, at=at)
    with pytest.raises(NotFound):
        book(3 * HOUR, 4 * HOUR, dossier_id=999_999)


def test_a_used_room_expects_its_whole_recording(book, scene, at, later):
    booking = book()
    used = later(hours=3)
    rooms.booking_used(
        booking_id=booking, entered_at=at + HOUR, left_at=at + 2 * HOUR, by=scene.officer, at=used
    )
    (due,) = recording.due(at=used, dossier_id=scene.dossier.pk)
    assert due.act == "premises" and due.due_at == at + 26 * HOUR
    with pytest.raises(BookingOver):
        rooms.booking_used(
            booking_id=booking, entered_at=at + HOUR, left_at=at + 2 * HOUR, by=scene.officer, at=used
        )


def test_a_use_that_has_not_happened_cannot_be_noted(book, scene, at):
    with pytest.raises(Invalid) as refused:
        rooms.booking_used(
            booking_id=book(), entered_at=at + HOUR, left_at=at + 2 * HOUR, by=scene.officer, at=at
        )
    assert "left_at" in refused.value.fields


def test_a_recording_made_in_a_room_is_whole_or_says_why_not(book, deposit, scene, at):
    booking = book(-HOUR, HOUR)
    with pytest.raises(Invalid) as refused:
        deposit(act="premises", booking_id=booking)
    assert "full" in refused.value.fields
    view = deposit(act="premises", booking_id=booking, full=True)
    assert view.room == "第一询问室"
    (seen,) = rooms.bookings(by=scene.officer, dossier_ids=[scene.dossier.pk])
    assert seen.records == 1 and seen.number == scene.dossier.number


def test_a_recording_names_only_a_booking_of_its_dossier_and_time(book, deposit, at):
    for booking in (999_999, book(48 * HOUR, 49 * HOUR)):
        with pytest.raises(Invalid) as refused:
            deposit(act="premises", booking_id=booking, full=True)
        assert "booking" in refused.value.fields


def test_every_room_fact_is_in_the_ledger(book, deposit, scene, at):
    from mingzhi.ledger import kinds

    booking = book(-HOUR, HOUR)
    deposit(act="premises", booking_id=booking, full=True)
    rooms.booking_cancel(booking_id=book(3 * HOUR, 4 * HOUR), reason="改期", by=scene.officer, at=at)
    entries = list(Entry.objects.filter(kind__startswith="recording:room:"))
    assert {e.kind.rpartition(":")[2] for e in entries} == {"registered", "booked", "closed", "recorded"}
    for entry in entries:
        kind = kinds.current(entry.kind)
        assert kind.payload_of(entry.subject) == dict(kind.rows())[entry.subject]
