"""电子触摸屏: a place's boards for a touch-screen in its hall (R036).

The same data as the public pages, in large targets, with no form and no link that leads elsewhere: what a
citizen would type is done on the citizen's own phone, reached by QR code, so nothing private is left on a
screen that stands in public. Works without a script; with it, the screen goes back to its start by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from mingzhi.catalogue.api import public_lists
from mingzhi.kernel.errors import MingzhiError, NotFound
from mingzhi.publication import api as publication
from mingzhi.web import listing
from mingzhi.web.public import places
from mingzhi.web.public.common import clean, given, today

PAGE = 12
"""Items on one screen of the list of powers."""


def screen(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A screen that is only looked at; a refusal is told on a screen of this place, not on a page that leads away."""

    @wraps(view)
    def guarded(request: HttpRequest, place_id: int, **named: Any) -> HttpResponse:
        try:
            return view(request, place_id, **named)
        except MingzhiError as error:
            told = {"sentence": error.sentence, "remedy": error.remedy}
            beginning = reverse("public:kiosk", args=[place_id])
            return render(
                request, "public/kiosk/error.html", {**told, "start": beginning}, status=error.status
            )

    return require_safe(guarded)


def _shown(request: HttpRequest, place_id: int, template: str, **context: Any) -> HttpResponse:
    board = publication.boards.place_board(place_id, today(request))
    return render(
        request,
        template,
        {
            "b": board.shown,
            "place_id": place_id,
            "start": reverse("public:kiosk", args=[place_id]),
            **context,
        },
    )


@screen
def start(request: HttpRequest, place_id: int) -> HttpResponse:
    """The first screen. ``?fresh=1`` begins anew for the next person: in Chinese."""
    if given(request, "fresh", 1):
        response = HttpResponseRedirect(reverse("public:kiosk", args=[place_id]))
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)
        return response
    windows = publication.boards.windows_of(place_id, today(request))
    return _shown(request, place_id, "public/kiosk/start.html", windows=windows)


@screen
def window(request: HttpRequest, place_id: int, window_id: int) -> HttpResponse:
    board = places.window_board(request, place_id, window_id)
    return _shown(request, place_id, "public/kiosk/window.html", w=board.shown, window_id=window_id)


@screen
def people(request: HttpRequest, place_id: int) -> HttpResponse:
    return _shown(request, place_id, "public/kiosk/people.html")


@screen
def powers(request: HttpRequest, place_id: int) -> HttpResponse:
    """What the body may do: by kind of act, and item by item from its published list."""
    body_id = publication.boards.place_board(place_id, today(request)).body_id
    asked = given(request, "start", 9)
    at = int(asked) if asked.isascii() and asked.isdigit() else 0
    rows, count = publication.boards.items(body_id, today(request), start=at, size=PAGE)
    return _shown(
        request,
        place_id,
        "public/kiosk/powers.html",
        rows=rows,
        preceding=max(0, at - PAGE) if at else None,
        following=at + PAGE if at + PAGE < count else None,
    )


@screen
def guides(request: HttpRequest, place_id: int) -> HttpResponse:
    return _shown(request, place_id, "public/kiosk/guides.html", rows=_guides(request, place_id))


@screen
def guide(request: HttpRequest, place_id: int, code: str) -> HttpResponse:
    found = next((g for g in _guides(request, place_id) if g["code"] == clean(code, 80)), None)
    if found is None:
        raise NotFound
    own = public_lists.list_schema("guide")
    cells = [(listing.word(c), found[c.key]) for c in own.shown if c.key not in ("code", "name")]
    return _shown(request, place_id, "public/kiosk/guide.html", name=found["name"], cells=cells)


def _guides(request: HttpRequest, place_id: int) -> list[dict[str, str]]:
    on = today(request)
    return publication.boards.guides(publication.boards.place_open(place_id, on).body_id, on)


@screen
def charts(request: HttpRequest, place_id: int) -> HttpResponse:
    return _shown(request, place_id, "public/kiosk/charts.html")


@screen
def chart(request: HttpRequest, place_id: int, part: str) -> HttpResponse:
    on = today(request)
    body_id = publication.boards.place_open(place_id, on).body_id
    found = public_lists.chart_of(body_id, clean(part, 80), on)
    if found is None:
        raise NotFound
    drawing = SafeString(listing.chart_svg(found))
    return _shown(request, place_id, "public/kiosk/chart.html", name=found.list.title, drawing=drawing)


@screen
def ways(request: HttpRequest, place_id: int) -> HttpResponse:
    """办理进度、咨询、投诉举报: telephone numbers, and QR codes to take along."""
    return _shown(request, place_id, "public/kiosk/ways.html")


@screen
def way_qr(request: HttpRequest, place_id: int, number: int) -> HttpResponse:
    found = publication.boards.place_board(place_id, today(request)).shown["ways"]
    if number >= len(found):
        raise NotFound
    return places.qr(found[number]["url"])
