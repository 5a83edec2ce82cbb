"""执法场所 and 窗口岗位 on the desk: registering, changing from a day on, closing, and their history (R025, R034)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations import choices
from mingzhi.organisations.data import PlaceView, Shift, WindowView
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.web.desk.boards import keeps, seen
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_of,
    given,
    number,
    shown,
    today,
)

BLANK_SHIFTS = 3
ITEMS_OFFERED = 400
_PLACE_TEXTS = ("name", "address", "hours", "phone", "route")


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": by_of(request), "at": at_of(request)}


def _numbers(request: HttpRequest, name: str) -> list[int]:
    return [found for text in request.POST.getlist(name) if (found := number(text)) is not None]


# --- places -----------------------------------------------------------------------------------------


def _place_entered(request: HttpRequest) -> dict[str, Any]:
    limits = {"name": 81, "address": 201, "hours": 201, "phone": 41, "route": 300}
    return {
        **{name: given(request, name, limits[name]) for name in _PLACE_TEXTS},
        "kind": given(request, "kind", 16),
        "unit_ids": _numbers(request, "unit_ids"),
    }


def _place_form(
    request: HttpRequest, body_id: int, values: dict[str, Any], refused: Refused | None, **more: Any
) -> HttpResponse:
    title = more.pop("title")
    return shown(
        request,
        "desk/registers/place.html",
        {
            "title": title,
            "values": values,
            "kinds": choices.PlaceKind.choices,
            "units": organisations.units(body_id),
            "today": today(request),
            "may_manage": keeps(by_of(request), body_id),
            "trail": [(_("场所与公示牌"), f"{reverse('desk:places')}?body={body_id}"), (title, "")],
            **more,
        },
        refused,
    )


@forms
def place_new(request: HttpRequest) -> HttpResponse:
    by = by_of(request)
    body = seen(by, number(request.GET.get("body", "")))
    organisations.require(by, Permission.BODY_MANAGE, body_id=body.id)
    made: list[int] = []

    def register() -> None:
        problems = Problems()
        start = day_of(problems, request, "valid_from", _("生效日期"))
        problems.raise_if_any()
        made.append(
            organisations.places.place_register(
                body_id=body.id, valid_from=start, **_place_entered(request), **_who(request)
            )
        )

    def form(refused: Refused | None = None) -> HttpResponse:
        first = {"address": body.address, "phone": body.phone, "kind": choices.PlaceKind.HALL.value}
        values = _place_entered(request) if refused else first
        return _place_form(request, body.id, values, refused, title=_("登记执法场所"))

    if request.method != "POST":
        return form()
    refused = attempted(request, register, _("执法场所已登记，请接着登记窗口"))
    return answered(request, refused, reverse("desk:place", args=made) if made else "", form)


@forms
def place(request: HttpRequest, place_id: int) -> HttpResponse:
    """One place: its facts as last registered, a change from a day on, its windows, its history."""
    history = organisations.places.place_history(place_id) if place_id < 2**62 else []
    if not history:
        raise NotFound
    last = history[0]
    seen(by_of(request), last.body_id)

    def change() -> None:
        problems = Problems()
        start = day_of(problems, request, "valid_from", _("生效日期"))
        problems.raise_if_any()
        organisations.places.place_change(
            place_id=place_id,
            seen=number(given(request, "seen", 19)) or 0,
            valid_from=start,
            reason=given(request, "reason", 201),
            active=given(request, "active", 1) == "1",
            **_place_entered(request),
            **_who(request),
        )

    def form(refused: Refused | None = None) -> HttpResponse:
        values = _place_entered(request) if refused else _place_values(last)
        return _place_form(
            request,
            last.body_id,
            values,
            refused,
            title=last.name,
            last=last,
            history=_named(history),
            windows=organisations.places.windows(place_id, max(today(request), last.valid_from)),
        )

    if request.method != "POST":
        return form()
    return answered(request, attempted(request, change, _("已登记变更")), request.path, form)


def _place_values(last: PlaceView) -> dict[str, Any]:
    return {name: getattr(last, name) for name in (*_PLACE_TEXTS, "kind", "unit_ids")}


def _named(history: list[Any]) -> list[dict[str, Any]]:
    """Versions with the name of who registered each."""
    ids = {int(v.made_by.removeprefix("person:")) for v in history if v.made_by.startswith("person:")}
    names = {f"person:{pk}": p.name for pk, p in organisations.persons(ids).items()}
    return [{"version": v, "by": names.get(v.made_by, _("系统"))} for v in history]


# --- windows ----------------------------------------------------------------------------------------


def _window_entered(request: HttpRequest) -> dict[str, Any]:
    shifts = []
    for place_in_form in range(organisations.places.MOST_SHIFTS):
        person = number(given(request, f"person_{place_in_form}", 19))
        if person is not None:
            shifts.append(Shift(person, given(request, f"when_{place_in_form}", 60)))
    return {
        "name": given(request, "name", 61),
        "unit_id": number(given(request, "unit_id", 19)),
        "post": given(request, "post", 80),
        "enforces": given(request, "enforces", 1) == "1",
        "shifts": shifts,
        "handles": [code[:80] for code in request.POST.getlist("handles")],
    }


def _window_values(last: WindowView) -> dict[str, Any]:
    return {
        name: getattr(last, name) for name in ("name", "unit_id", "post", "enforces", "shifts", "handles")
    }


def _window_form(
    request: HttpRequest, place: PlaceView, values: dict[str, Any], refused: Refused | None, **more: Any
) -> HttpResponse:
    on = max(today(request), place.valid_from)
    title = more.pop("title")
    items, count = publication.boards.items(place.body_id, on, size=ITEMS_OFFERED)
    guides = publication.boards.guides(place.body_id, on)
    offered = {row["code"] for row in (*guides, *items)}
    shifts = [*values.get("shifts", ()), *([Shift(0)] * BLANK_SHIFTS)][: organisations.places.MOST_SHIFTS]
    return shown(
        request,
        "desk/registers/window.html",
        {
            "title": title,
            "place": place,
            "values": values,
            "shifts": shifts,
            "units": organisations.units(place.body_id),
            "people": organisations.places.candidates(place.body_id, on),
            "posts": publication.boards.posts(place.body_id, on),
            "guides": guides,
            "items": items,
            "more_items": count > len(items),
            "gone": [code for code in values.get("handles", ()) if code not in offered],
            "today": today(request),
            "may_manage": keeps(by_of(request), place.body_id),
            "trail": [
                (_("场所与公示牌"), f"{reverse('desk:places')}?body={place.body_id}"),
                (place.name, reverse("desk:place", args=[place.id])),
                (title, ""),
            ],
            **more,
        },
        refused,
    )


def _newest(request: HttpRequest, place_id: int) -> PlaceView:
    history = organisations.places.place_history(place_id) if place_id < 2**62 else []
    if not history:
        raise NotFound
    seen(by_of(request), history[0].body_id)
    return history[0]


@forms
def window_new(request: HttpRequest, place_id: int) -> HttpResponse:
    place = _newest(request, place_id)
    organisations.require(by_of(request), Permission.BODY_MANAGE, body_id=place.body_id)

    def form(refused: Refused | None = None) -> HttpResponse:
        values = (
            _window_entered(request)
            if refused
            else {"unit_id": next(iter(place.unit_ids), None), "enforces": True}
        )
        return _window_form(request, place, values, refused, title=_("登记窗口"))

    return _answer(
        request,
        form,
        _("窗口已登记"),
        lambda **facts: organisations.places.window_register(place_id=place_id, **facts),
        lambda made: reverse("desk:window_board", args=[place_id, made]),
    )


@forms
def window(request: HttpRequest, place_id: int, window_id: int) -> HttpResponse:
    """One window: who stands there, which post, what it handles; a change from a day on; its history."""
    place = _newest(request, place_id)
    history = organisations.places.window_history(window_id) if window_id < 2**62 else []
    if not history or history[0].place_id != place_id:
        raise NotFound
    last = history[0]

    def form(refused: Refused | None = None) -> HttpResponse:
        values = _window_entered(request) if refused else _window_values(last)
        return _window_form(
            request, place, values, refused, title=last.name, last=last, history=_named(history)
        )

    return _answer(
        request,
        form,
        _("已登记变更"),
        lambda **facts: organisations.places.window_change(
            window_id=window_id,
            seen=number(given(request, "seen", 19)) or 0,
            reason=given(request, "reason", 201),
            active=given(request, "active", 1) == "1",
            **facts,
        ),
        lambda _made: request.path,
    )


def _answer(
    request: HttpRequest,
    form: Callable[..., HttpResponse],
    done: str,
    act: Callable[..., Any],
    to: Callable[[Any], str],
) -> HttpResponse:
    if request.method != "POST":
        return form()
    made: list[Any] = []

    def do() -> None:
        problems = Problems()
        start = day_of(problems, request, "valid_from", _("生效日期"))
        problems.raise_if_any()
        made.append(act(valid_from=start, **_window_entered(request), **_who(request)))

    refused = attempted(request, do, done)
    return answered(request, refused, to(made[0]) if made else "", form)
