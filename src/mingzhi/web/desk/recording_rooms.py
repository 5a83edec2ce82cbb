"""询问室、听证室: the register, the day's bookings, booking for a case, and how a booking ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.recording.choices import RoomKind
from mingzhi.web.desk.common import at_of, by_of, case_url, forms
from mingzhi.web.desk.recordings import enter, sections
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_or_none,
    given,
    number,
    shown,
    today,
)

rooms = recording.rooms
#: The part of the day that the plan shows, in hours.
OPENS, CLOSES = 8, 20


def _moment(request: HttpRequest, day: str, time: str) -> datetime:
    """A day and a time of China as typed."""
    try:
        hour, minute = (int(part) for part in given(request, time, 5).split(":"))
        return clock.at_local(date.fromisoformat(given(request, day, 10)), hour, minute)
    except ValueError:
        raise Invalid(fields={time: [_("请填写日期和时间")]}) from None


@forms
def page(request: HttpRequest) -> HttpResponse:
    """One day of all rooms."""
    enter(by_of(request))
    if request.method != "POST":
        return _page(request)
    act = given(request, "form", 12)
    day = day_or_none(given(request, "day", 10)) or today(request)
    work, said = (
        (lambda: _register(request), _("场所已登记"))
        if act == "room"
        else (lambda: _book(request), _("预约成功"))
    )
    refused = attempted(request, work, said)
    return answered(
        request, refused, f"{reverse('desk:rooms')}?day={day.isoformat()}", lambda r: _page(request, r)
    )


def _register(request: HttpRequest) -> None:
    rooms.room_register(
        kind=given(request, "kind", 10),
        name=given(request, "name", 60),
        place=given(request, "place", 120),
        capacity=number(given(request, "capacity", 5)),
        equipment=given(request, "equipment", 200),
        by=by_of(request),
        at=at_of(request),
    )


def _book(request: HttpRequest) -> None:
    rooms.room_book(
        room_id=number(given(request, "room", 12)) or 0,
        dossier_id=number(given(request, "dossier", 12)) or 0,
        purpose=given(request, "purpose", 120),
        starts_at=_moment(request, "day", "starts_at"),
        ends_at=_moment(request, "day", "ends_at"),
        by=by_of(request),
        at=at_of(request),
    )


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    day = day_or_none(given(request, "day", 10)) or today(request)
    begins = clock.at_local(day)
    booked = rooms.bookings(by=by, since=begins, until=begins + timedelta(days=1), live=True)
    register = rooms.rooms(by.body_id)
    may_book = by.may(Permission.CASE_ACT)
    return shown(
        request,
        "desk/recordings/rooms.html",
        {
            "sections": sections(by, "rooms"),
            "day": day,
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1),
            "plan": [
                {"room": r, "bookings": [b for b in booked if b.room_id == r.id], "y": 24 + 40 * i}
                for i, r in enumerate(register)
            ],
            "bars": _bars([r.id for r in register], booked, day),
            "hours": [{"hour": h, "x": _x(h * 60)} for h in range(OPENS, CLOSES + 1)],
            "plan_height": 30 + 40 * len(register),
            "rooms": register,
            "kinds": RoomKind.choices,
            "dossiers": _own(request) if may_book else [],
            "asked": number(given(request, "dossier", 12)),
            "may_book": may_book,
            "may_manage": by.may(Permission.DEVICE_MANAGE),
            "trail": [(_("音像记录"), reverse("desk:recordings")), (_("办案场所"), "")],
        },
        refused,
    )


def _own(request: HttpRequest) -> list[tuple[int, str, str]]:
    by = by_of(request)
    rows = dossiers.in_hand(dossiers.dossiers_for(by).filter(body_id=by.body_id), by, going_on=True)
    return list(rows.order_by("-last_step_at").values_list("pk", "number", "title")[:100])


def _x(minute: float) -> float:
    """Where a minute of the day stands in the plan, which is 620 wide beside a margin of 150."""
    inside = min(max(minute, OPENS * 60), CLOSES * 60) - OPENS * 60
    return round(150 + 620 * inside / ((CLOSES - OPENS) * 60), 1)


def _bars(ids: list[int], booked: list[Any], day: date) -> list[dict[str, Any]]:
    bars = []
    for b in booked:
        start, end = clock.local(b.starts_at), clock.local(b.ends_at)
        first = 0 if start.date() < day else start.hour * 60 + start.minute
        last = 24 * 60 if end.date() > day else end.hour * 60 + end.minute
        x = _x(first)
        bars.append(
            {
                "x": x,
                "width": max(round(_x(last) - x, 1), 3),
                "y": 28 + 40 * ids.index(b.room_id),
                "used": b.closing == "used",
                "label": f"{start:%H:%M}–{end:%H:%M} {b.number or _('已占用')}",
            }
        )
    return bars


@forms
def booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """One booking: give the room back, or note from when to when it was used."""
    by = by_of(request)
    enter(by)
    if request.method != "POST":
        return _booking(request, booking_id)
    if given(request, "form", 8) == "cancel":
        refused = attempted(
            request,
            lambda: rooms.booking_cancel(
                booking_id=booking_id, reason=given(request, "reason", 200), by=by, at=at_of(request)
            ),
            _("已取消，场所可以另行预约"),
        )
    else:
        refused = attempted(
            request, lambda: _used(request, booking_id), _("已登记使用情况，请在规定时限内上传全程记录")
        )
    return answered(
        request,
        refused,
        reverse("desk:booking", args=[booking_id]),
        lambda r: _booking(request, booking_id, r),
    )


def _used(request: HttpRequest, booking_id: int) -> None:
    rooms.booking_used(
        booking_id=booking_id,
        entered_at=_moment(request, "day", "entered_at"),
        left_at=_moment(request, "day", "left_at"),
        by=by_of(request),
        at=at_of(request),
    )


def _booking(request: HttpRequest, booking_id: int, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    view = rooms.booking(by, booking_id)
    return shown(
        request,
        "desk/recordings/booking.html",
        {
            "booking": view,
            "url": case_url(view.dossier_id, "evidence"),
            "day": clock.local_date(view.starts_at),
            "from": clock.local(view.starts_at).strftime("%H:%M"),
            "till": clock.local(view.ends_at).strftime("%H:%M"),
            "may_end": view.open and (by.may(Permission.CASE_ACT) or by.may(Permission.DEVICE_MANAGE)),
            "trail": [
                (_("音像记录"), reverse("desk:recordings")),
                (_("办案场所"), reverse("desk:rooms")),
                (view.room, ""),
            ],
        },
        refused,
    )
