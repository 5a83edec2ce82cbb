"""执法场所公开: the places of an agency, each window's board, the same as data, and their QR codes (R025, R034)."""

from __future__ import annotations

import io
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from mingzhi.kernel.errors import NotFound
from mingzhi.publication import api as publication
from mingzhi.web.public.common import today
from mingzhi.web.public.registers import agency

#: What stands on a board, by the words of the bureaus' documents: translated where they are shown.
WORDS = (
    gettext_noop("单位"),
    gettext_noop("执法种类"),
    gettext_noop("服务指南"),
    gettext_noop("岗位职责"),
    gettext_noop("申请材料示范文本"),
    gettext_noop("办理进度查询"),
    gettext_noop("咨询服务"),
    gettext_noop("投诉举报"),
    gettext_noop("单位本部"),
    gettext_noop("科所（站、中队）"),
    gettext_noop("执法大厅"),
    gettext_noop("岗位"),
    gettext_noop("职责"),
    gettext_noop("责任"),
    gettext_noop("标明“窗口服务人员”的不持有行政执法证件，只从事受理、咨询等服务，不从事行政执法"),
)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The agency's places with address, hours, telephone and windows."""
    chosen, _ref, known = agency(request)
    on = today(request)
    rows = [
        {"place": p, "windows": publication.boards.windows_of(p.id, on)}
        for p in publication.boards.places_of(chosen.id, on)
    ]
    return render(request, "public/places.html", {"body": chosen, "bodies": known, "rows": rows})


@require_safe
def place(request: HttpRequest, place_id: int) -> HttpResponse:
    """One place: what its wall poster shows, and the way to its windows."""
    board = publication.boards.place_board(place_id, today(request))
    return render(
        request,
        "public/place.html",
        {
            "b": board.shown,
            "place_id": place_id,
            "body_id": board.body_id,
            "windows": publication.boards.windows_of(place_id, today(request)),
        },
    )


def window_board(request: HttpRequest, place_id: int, window_id: int) -> publication.boards.Board:
    """The board of a window of this place; under another place's address it is not there."""
    board = publication.boards.window_board(window_id, today(request))
    if board.place_id != place_id:
        raise NotFound
    return board


@require_safe
def window(request: HttpRequest, place_id: int, window_id: int) -> HttpResponse:
    board = window_board(request, place_id, window_id)
    context = {"b": board.shown, "place_id": place_id, "window_id": window_id}
    return render(request, "public/window.html", context)


@require_safe
def data(request: HttpRequest, place_id: int) -> JsonResponse:
    """The place and its windows as data: exactly what the boards show."""
    on = today(request)
    shown: dict[str, Any] = dict(publication.boards.place_board(place_id, on).shown)
    shown["windows"] = [
        publication.boards.window_board(w.id, on).shown for w in publication.boards.windows_of(place_id, on)
    ]
    return JsonResponse({"on": on.isoformat(), "place": shown}, json_dumps_params={"ensure_ascii": False})


@require_safe
def place_qr(request: HttpRequest, place_id: int) -> HttpResponse:
    return qr(publication.boards.place_board(place_id, today(request)).shown["url"])


@require_safe
def window_qr(request: HttpRequest, place_id: int, window_id: int) -> HttpResponse:
    return qr(window_board(request, place_id, window_id).shown["url"])


def qr(url: str) -> HttpResponse:
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="svg", scale=4, border=2)
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")
