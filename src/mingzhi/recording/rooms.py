"""询问室、听证室: the register, bookings that never overlap, and what was recorded in them (R075, R084)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording.choices import Closing, RoomKind
from mingzhi.recording.duties import NOW_TOLERANCE, recording_expect
from mingzhi.recording.errors import (
    BookingNotFound,
    BookingOver,
    DossierDone,
    RoomKnown,
    RoomNotFound,
    RoomTaken,
)
from mingzhi.recording.events import BOOKED, BOOKING_CLOSED, BOOKING_RECORDED, ROOM
from mingzhi.recording.models_equipment import Booking, BookingEnd, BookingRecord, Room

#: The act of the recording list that covers what happens in a room (R075).
PREMISES = "premises"
LONGEST = timedelta(hours=24)
AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class RoomView:
    id: int
    kind: str
    kind_label: str
    name: str
    place: str
    capacity: int | None
    equipment: str


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking and how it ended; ``records`` counts the recordings made in it."""

    id: int
    room_id: int
    room: str
    dossier_id: int
    number: str
    title: str
    purpose: str
    starts_at: datetime
    ends_at: datetime
    by: str
    by_name: str
    closing: str
    closing_label: str
    entered_at: datetime | None
    left_at: datetime | None
    reason: str
    records: int

    @property
    def open(self) -> bool:
        return not self.closing


# --- writes ---------------------------------------------------------------------------------------


@transaction.atomic
def room_register(
    *,
    kind: str,
    name: str,
    place: str,
    capacity: int | None = None,
    equipment: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Enter a room of ``by``'s body; ``equipment`` names its fixed recording devices."""
    organisations.require(by, Permission.DEVICE_MANAGE, body_id=by.body_id)
    problems = Problems()
    if kind not in RoomKind.values:
        problems.add("kind", "请选择场所类别")
    if len(name.strip()) < 2:
        problems.add("name", "请填写场所名称，例如“第一询问室”")
    if not place.strip():
        problems.add("place", "请填写所在位置")
    if capacity is not None and not 1 <= capacity <= 2000:
        problems.add("capacity", "容纳人数应为 1 至 2000")
    problems.raise_if_any()
    row, made = Room.objects.get_or_create(
        body_id=by.body_id,
        name=name.strip()[:60],
        defaults={
            "kind": kind,
            "place": place.strip()[:120],
            "capacity": capacity,
            "equipment": equipment.strip()[:200],
            "by": by.label,
            "at": at,
        },
    )
    if not made:
        raise RoomKnown(name=row.name)
    ROOM.kept(row, at=at)
    return row.pk


@transaction.atomic
def room_book(
    *,
    room_id: int,
    dossier_id: int,
    purpose: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    at: datetime,
) -> int:
    """Book a room for a dossier. Who comes second for a time is told so (``RoomTaken``); the database
    itself holds that no two live bookings of a room overlap. Touching ends do not overlap."""
    room = _room(by, room_id)
    organisations.require(by, Permission.CASE_ACT, body_id=by.body_id)
    dossier = dossiers.access_dossier(by, dossier_id)
    if dossier.body_id != by.body_id:
        raise NotFound()
    if dossier.closed_at is not None:
        raise DossierDone(number=dossier.number)
    problems = Problems()
    if len(purpose.strip()) < 2:
        problems.add("purpose", "请填写用途，例如“询问当事人”")
    if ends_at <= starts_at:
        problems.add("ends_at", "结束时间应晚于开始时间")
    elif ends_at - starts_at > LONGEST:
        problems.add("ends_at", "一次预约不超过 24 小时")
    if ends_at <= at:
        problems.add("starts_at", "预约的时间已经过去")
    if starts_at > at + AHEAD:
        problems.add("starts_at", "只能预约 90 日以内的时间")
    problems.raise_if_any()
    taken = Booking.objects.filter(
        room_id=room_id, cancelled_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).first()
    if taken is not None:
        raise RoomTaken(room=room.name, span=_span(taken.starts_at, taken.ends_at))
    try:
        with transaction.atomic():
            row = Booking.objects.create(
                room_id=room_id,
                dossier_id=dossier_id,
                purpose=purpose.strip()[:120],
                starts_at=starts_at,
                ends_at=ends_at,
                by=by.label,
                by_name=by.name[:60],
                at=at,
            )
    except IntegrityError:
        # Somebody booked between our look and our write.
        raise RoomTaken(room=room.name, span=_span(starts_at, ends_at)) from None
    BOOKED.kept(row, at=at)
    return row.pk


@transaction.atomic
def booking_cancel(*, booking_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Give the room back. Who booked it, a keeper, or whoever may act on the dossier's cases of the body."""
    row = _booking(by, booking_id)
    problems = Problems()
    if len(reason.strip()) < 2:
        problems.add("reason", "请填写取消原因")
    problems.raise_if_any()
    row.cancelled_at = at
    row.save(update_fields=["cancelled_at"])
    BOOKED.kept(row, at=at)
    _end(row, Closing.CANCELLED, reason=reason.strip()[:200], by=by, at=at)


@transaction.atomic
def booking_used(
    *, booking_id: int, entered_at: datetime, left_at: datetime, by: Actor, at: datetime
) -> None:
    """The room was used from … to …: from here its whole recording is expected within the upload term."""
    row = _booking(by, booking_id)
    problems = Problems()
    if left_at <= entered_at:
        problems.add("left_at", "离开时间应晚于进入时间")
    if left_at > at + NOW_TOLERANCE:
        problems.add("left_at", "离开时间晚于现在，请在使用结束后登记")
    if entered_at < row.starts_at - LONGEST or left_at > row.ends_at + LONGEST:
        problems.add("entered_at", "实际使用时间与预约时间相差超过 24 小时，请核对")
    problems.raise_if_any()
    _end(row, Closing.USED, entered_at=entered_at, left_at=left_at, by=by, at=at)
    if row.dossier.closed_at is None:
        recording_expect(
            dossier_id=row.dossier_id, act=PREMISES, began_at=entered_at, ended_at=left_at, by=by, at=at
        )


def _end(
    row: Booking,
    kind: Closing,
    *,
    entered_at: datetime | None = None,
    left_at: datetime | None = None,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> None:
    end = BookingEnd.objects.create(
        booking=row, kind=kind, entered_at=entered_at, left_at=left_at, reason=reason, by=by.label, at=at
    )
    BOOKING_CLOSED.kept(end, at=at)


def _room(by: Actor, room_id: int) -> Room:
    row = Room.objects.filter(pk=room_id, body_id=by.body_id).first()
    if row is None:
        raise RoomNotFound()
    return row


def _booking(by: Actor, booking_id: int) -> Booking:
    """A live booking of ``by``'s body, held until the transaction ends."""
    row = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("room", "dossier")
        .filter(pk=booking_id, room__body_id=by.body_id)
        .first()
    )
    if row is None:
        raise BookingNotFound()
    if row.by != by.label and not by.may(Permission.DEVICE_MANAGE):
        organisations.require(by, Permission.CASE_ACT, body_id=row.room.body_id)
        dossiers.access_dossier(by, row.dossier_id)
    end = BookingEnd.objects.filter(booking_id=booking_id).first()
    if end is not None:
        raise BookingOver(how="取消" if end.kind == Closing.CANCELLED else "登记使用")
    return row


# --- what a deposit asks --------------------------------------------------------------------------


def use_of(
    problems: Problems, booking_id: int, *, dossier_id: int, act: str, start: datetime, end: datetime
) -> Booking | None:
    """The booking a recording says it was made in; a problem when it cannot be that one."""
    row = (
        Booking.objects.select_related("room")
        .filter(pk=booking_id, dossier_id=dossier_id, cancelled_at=None)
        .first()
    )
    if row is None or not act.strip():
        problems.add("booking", "未找到本案卷的该场所预约，请重新选择")
        return None
    if end < row.starts_at - LONGEST or start > row.ends_at + LONGEST:
        problems.add("booking", "记录时间与场所预约时间相差超过 24 小时，请核对")
    return row


def recorded(booking: Booking, *, record_id: int, at: datetime) -> None:
    """Tie a recording to the booking it was made in; called by the deposit in its transaction."""
    row = BookingRecord.objects.create(booking=booking, record_id=record_id, at=at)
    BOOKING_RECORDED.kept(row, at=at)


# --- reads ----------------------------------------------------------------------------------------


def rooms(body_id: int) -> list[RoomView]:
    return [
        RoomView(r.pk, r.kind, RoomKind(r.kind).label, r.name, r.place, r.capacity, r.equipment)
        for r in Room.objects.filter(body_id=body_id).order_by("kind", "name")
    ]


def bookings(
    *,
    by: Actor,
    since: datetime | None = None,
    until: datetime | None = None,
    dossier_ids: Collection[int] | None = None,
    live: bool = False,
) -> list[BookingView]:
    """Bookings of the body's rooms in a period, or of some dossiers, in the order of time.

    Number and title of dossiers that ``by`` may not see are left blank: that the room is taken is no secret.
    """
    rows = Booking.objects.filter(room__body_id=by.body_id).select_related("room", "end")
    if since is not None:
        rows = rows.filter(ends_at__gt=since)
    if until is not None:
        rows = rows.filter(starts_at__lt=until)
    if dossier_ids is not None:
        rows = rows.filter(dossier_id__in=dossier_ids)
    if live:
        rows = rows.filter(cancelled_at=None)
    kept = list(rows.prefetch_related("records").order_by("starts_at", "pk")[:500])
    seen = {
        pk: (number, title)
        for pk, number, title in dossiers.dossiers_among(by, {r.dossier_id for r in kept})
        .order_by()
        .values_list("pk", "number", "title")
    }
    return [_view(row, seen.get(row.dossier_id, ("", ""))) for row in kept]


def booking(by: Actor, booking_id: int) -> BookingView:
    row = (
        Booking.objects.filter(pk=booking_id, room__body_id=by.body_id)
        .select_related("room", "end", "dossier")
        .first()
    )
    if row is None:
        raise BookingNotFound()
    dossier = dossiers.access_dossier(by, row.dossier_id)
    return _view(row, (dossier.number, dossier.title))


def _view(row: Booking, named: tuple[str, str]) -> BookingView:
    end = getattr(row, "end", None)
    return BookingView(
        id=row.pk,
        room_id=row.room_id,
        room=row.room.name,
        dossier_id=row.dossier_id,
        number=named[0],
        title=named[1],
        purpose=row.purpose if named[0] else "",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        by=row.by,
        by_name=row.by_name,
        closing=end.kind if end is not None else "",
        closing_label=Closing(end.kind).label if end is not None else "",
        entered_at=end.entered_at if end is not None else None,
        left_at=end.left_at if end is not None else None,
        reason=end.reason if end is not None else "",
        records=len(row.records.all()),
    )


def _span(first: datetime, last: datetime) -> str:
    start, end = clock.local(first), clock.local(last)
    tail = end.strftime("%H:%M") if start.date() == end.date() else end.strftime("%Y-%m-%d %H:%M")
    return f"{start.strftime('%Y-%m-%d %H:%M')} 至 {tail}"
