"""公示牌: what is missing on a board, printing it, and which printed boards are no longer true (R025, R034, R041)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from mingzhi.catalogue.api import public_lists
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound, Reason
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.publication.choices import Paper
from mingzhi.web import flowchart, listing
from mingzhi.web.desk.common import at_of, by_of, forms, reading
from mingzhi.web.desk.registers_bodies import bodies_seen
from mingzhi.web.desk.registers_common import Refused, answered, attempted, given, number, shown, today

_ENTER = (
    Permission.BODY_MANAGE,
    Permission.DISCLOSURE_COLLECT,
    Permission.DISCLOSURE_CHECK,
    Permission.DISCLOSURE_PUBLISH,
    Permission.SUPERVISE_READ,
)


def seen(by: Actor, body_id: int | None) -> BodyRef:
    """The body asked for (the own one without), if this person may look at its places."""
    if not any(by.may(p) for p in _ENTER):
        organisations.require(by, Permission.BODY_MANAGE)
    found = next((b for b in bodies_seen(by) if b.id == (body_id or by.body_id)), None)
    if found is None:
        raise NotFound
    return found


def keeps(by: Actor, body_id: int) -> bool:
    return by.may(Permission.BODY_MANAGE) and organisations.in_scope(by, Permission.BODY_MANAGE).covers(
        body_id
    )


def _lines(body_id: int, request: HttpRequest) -> list[dict[str, Any]]:
    """Places with their windows, each with the number of gaps of its board."""
    on = today(request)
    found = []
    for place in organisations.places.places(body_id, on):
        windows = organisations.places.windows(place.id, on)
        gaps = len(publication.boards.place_board(place.id, on).gaps) if place.active else None
        found.append(
            {
                "place": place,
                "gaps": gaps,
                "windows": [
                    {
                        "window": w,
                        "gaps": len(publication.boards.window_board(w.id, on).gaps)
                        if w.active and place.active
                        else None,
                    }
                    for w in windows
                ],
            }
        )
    return found


@forms
def index(request: HttpRequest) -> HttpResponse:
    """The body's places and windows, and every printed board with what of it has changed."""
    by = by_of(request)
    chosen = seen(by, number(request.GET.get("body", "")))
    if request.method == "POST":
        if given(request, "act", 16) != "take_down":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        refused = attempted(
            request,
            lambda: publication.boards.board_take_down(
                print_id=number(given(request, "print", 19)) or 0,
                reason=given(request, "reason", 200),
                by=by,
                at=at_of(request),
            ),
            _("已登记撤下"),
        )
        to = f"{reverse('desk:places')}?body={chosen.id}"
        return answered(request, refused, to, lambda r: _index(request, chosen, r))
    return _index(request, chosen)


def _index(request: HttpRequest, chosen: BodyRef, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    hanging = publication.boards.hanging(chosen.id, today(request))
    return shown(
        request,
        "desk/registers/places.html",
        {
            "body": chosen,
            "bodies": [b for b in bodies_seen(by) if b.id != chosen.id or b.id != by.body_id],
            "lines": _lines(chosen.id, request),
            "hanging": sorted(hanging, key=lambda h: (not h.stale, h.at)),
            "stale": sum(h.stale for h in hanging),
            "may_manage": keeps(by, chosen.id),
            "trail": [(_("场所与公示牌"), "")],
        },
        refused,
    )


def gap_links(gaps: tuple[Reason, ...], place_id: int, window_id: int | None, body_id: int) -> dict[str, str]:
    """Where each gap is mended."""
    lists = reverse("desk:lists")
    found = {
        "duty": lists,
        "guide": lists,
        "item": lists,
        "chart": reverse("desk:procedures"),
        "place": reverse("desk:place", args=[place_id]),
        "body": reverse("desk:body_edit", args=[body_id]),
    }
    if window_id is not None:
        found["window"] = reverse("desk:window", args=[place_id, window_id])
    for gap in gaps:
        kind, _sep, ref = gap.link.partition(":")
        if kind == "person":
            found[gap.link] = reverse("desk:person", args=[int(ref)])
    return found


def _board(request: HttpRequest, place_id: int, window_id: int | None) -> publication.boards.Board:
    made = publication.boards.board(place_id, window_id, today(request))
    seen(by_of(request), made.body_id)
    return made


@forms
def board(request: HttpRequest, place_id: int, window_id: int | None = None) -> HttpResponse:
    """The board as it would hang, its gaps, and printing it."""
    by = by_of(request)
    made = _board(request, place_id, window_id)
    if request.method != "POST":
        return _board_page(request, made)
    refused = attempted(
        request,
        lambda: publication.boards.board_print(
            place_id=place_id,
            window_id=window_id,
            paper=given(request, "paper", 2),
            despite=given(request, "despite", 1) == "1",
            by=by,
            at=at_of(request),
        ),
        _("打印已登记，请下载后打印、张贴，并取下旧的公示牌"),
    )
    return answered(request, refused, request.path, lambda r: _board_page(request, made, r))


def _board_page(
    request: HttpRequest, made: publication.boards.Board, refused: Refused | None = None
) -> HttpResponse:
    hanging = [
        h
        for h in publication.boards.hanging(made.body_id, today(request))
        if (h.place_id, h.window_id) == (made.place_id, made.window_id)
    ]
    title = publication.boards.title_of(made.shown)
    return shown(
        request,
        "desk/registers/board.html",
        {
            "b": made.shown,
            "body_id": made.body_id,
            "title": title,
            "gaps": made.gaps,
            "links": gap_links(made.gaps, made.place_id, made.window_id, made.body_id),
            "place_id": made.place_id,
            "window_id": made.window_id,
            "papers": Paper.choices,
            "hanging": hanging,
            "may_manage": keeps(by_of(request), made.body_id),
            "kiosk": reverse("public:kiosk", args=[made.place_id]),
            "trail": [
                (_("场所与公示牌"), f"{reverse('desk:places')}?body={made.body_id}"),
                (title, ""),
            ],
        },
        refused,
    )


def _charts(made: dict[str, Any]) -> list[tuple[str, str]]:
    """The flow charts a board names, drawn from exactly those versions, in strips for paper."""
    found = []
    for title, list_id, no in publication.boards.chart_keys(made):
        version = next(v for v in public_lists.public_history(list_id) if v.number == no)
        drawing = listing.chart_svg(version, flowchart.WALL)
        found += [(title, strip) for strip in flowchart.strips(drawing, publication.boards.STRIP)]
    return found


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or ""
    return response


@reading
def trial(request: HttpRequest, place_id: int, window_id: int | None = None) -> HttpResponse:
    """The sheets to look at before printing, marked as such."""
    made = _board(request, place_id, window_id)
    paper = given(request, "paper", 2)
    if paper not in Paper.values:
        raise NotFound
    content = publication.boards.pdf(
        made.shown, paper=paper, at=at_of(request), charts=_charts(made.shown), trial=True
    )
    return _pdf(content, f"{publication.boards.title_of(made.shown)}（预览）.pdf")


@reading
def sheets(request: HttpRequest, print_id: int) -> HttpResponse:
    """The sheets of a print, again exactly as they were."""
    by = by_of(request)
    found = publication.boards.printed(print_id)
    seen(by, found.body_id)
    ledger.attempt(
        "publication:board:fetched",
        f"board-print:{print_id}",
        by=by.label,
        at=at_of(request),
        address=request.META.get("REMOTE_ADDR", ""),
    )
    content = publication.boards.pdf(found.shown, paper=found.paper, at=found.at, charts=_charts(found.shown))
    day = clock.local_date(found.at)
    return _pdf(content, f"{publication.boards.title_of(found.shown)}{day}.pdf")
