"""衍生件: where to cover, what to cut, what to mute — drawn with the mouse or typed — and what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound, Problems
from mingzhi.recording import api as recording
from mingzhi.recording.data import Standing
from mingzhi.web.desk.common import by_of, case_url, forms, reading
from mingzhi.web.desk.custody import record_here, whose
from mingzhi.web.desk.registers_common import LARGEST, attempted, given, number, shown
from mingzhi.web.serving import file_response

ROWS = 3
"""Empty lines offered for boxes and mutes; the page's script adds more."""
_BOX = ("x", "y", "w", "h", "from", "to", "mode")


def _allowed(request: HttpRequest, dossier_id: int, record_id: int) -> tuple[Any, Any, Standing]:
    dossier, view = record_here(request, dossier_id, record_id)
    _row, _dossier, standing = recording.access.access_record(
        record_id=view.id, act="recording:derive", **whose(request)
    )
    if not recording.derivatives.may_derive(by_of(request), dossier, standing):
        raise NotAllowed(
            _("衍生件由承办本案的执法人员或者承办机构负责人在案件办结前制作"),
            remedy=_("办结后确需对外提供的，请下载水印副本"),
        )
    return dossier, view, standing


def _typed_boxes(source: Any, length_ms: int) -> list[dict[str, Any]]:
    """Boxes as typed, empty lines left out; a missing end is the end of the recording."""
    columns = [source.getlist(f"box_{name}") for name in _BOX]
    found = []
    for x, y, w, h, start, end, mode in zip(*columns, strict=False):
        if not any(v.strip() for v in (x, y, w, h)):
            continue
        found.append(
            {
                "x": number(x.strip()),
                "y": number(y.strip()),
                "w": number(w.strip()),
                "h": number(h.strip()),
                "from": recording.recipes.clock_ms(start) if start.strip() else 0,
                "to": recording.recipes.clock_ms(end) if end.strip() else length_ms or 1,
                "mode": mode or "fill",
            }
        )
    return found


def _recipe(source: Any, shape: Any, problems: Problems) -> dict[str, Any]:
    """The recipe as typed. Times that are none are told beside their field."""
    clip = None
    start, end = source.get("clip_from", "").strip(), source.get("clip_to", "").strip()
    if start or end:
        first = recording.recipes.clock_ms(start) if start else 0
        last = recording.recipes.clock_ms(end) if end else shape.length_ms
        if first is None or last is None:
            problems.add("clip_from", _("时间应为 00:01:23.450 这样的格式"))
        else:
            clip = (first, last)
    mutes = []
    for a, b in zip(source.getlist("mute_from"), source.getlist("mute_to"), strict=False):
        if a.strip() or b.strip():
            first = recording.recipes.clock_ms(a) if a.strip() else 0
            last = recording.recipes.clock_ms(b) if b.strip() else shape.length_ms
            if first is None or last is None:
                problems.add("mute_from", _("时间应为 00:01:23.450 这样的格式"))
            else:
                mutes.append((first, last))
    return recording.recipes.recipe(clip=clip, boxes=_typed_boxes(source, shape.length_ms), mutes=mutes)


@forms
def page(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponse:
    """The page on which a derivative is drawn, and its order."""
    dossier, view, _standing = _allowed(request, dossier_id, record_id)
    shape, _frame = recording.derivatives.shape_of(record_view=view)
    refused = None
    if request.method == "POST":
        made: list[Any] = []

        def place() -> None:
            problems = Problems()
            recipe = _recipe(request.POST, shape, problems)
            problems.raise_if_any()
            made.append(
                recording.derivatives.derivative_order(
                    record_id=view.id,
                    given=recipe,
                    shape=shape,
                    title=given(request, "title", 200),
                    reason=given(request, "reason", 300),
                    **whose(request),
                )
            )

        refused = attempted(request, place, _("已开始制作，完成后自动存入案卷"))
        if refused is None:
            return HttpResponseRedirect(reverse("desk:record_order", args=[dossier.pk, view.id, made[0].id]))
    source = request.POST if refused else None
    boxes = (
        [
            dict(zip(_BOX, row, strict=True))
            for row in zip(*[source.getlist(f"box_{n}") for n in _BOX], strict=False)
        ]
        if source
        else []
    )
    mutes = list(zip(source.getlist("mute_from"), source.getlist("mute_to"), strict=False)) if source else []
    return shown(
        request,
        "desk/access/derive.html",
        {
            "dossier": dossier,
            "r": view,
            "shape": shape,
            "length": recording.recipes.clock_text(shape.length_ms),
            "frame": reverse("desk:record_frame", args=[dossier.pk, view.id]),
            "boxes": boxes or [{}] * ROWS,
            "mutes": mutes or [("", "")] * ROWS,
            "modes": recording.recipes.MODES.items(),
            "orders": recording.derivatives.orders(view.id),
            "trail": [
                (_("案件"), reverse("desk:cases")),
                (dossier.number, case_url(dossier.pk, "evidence")),
                (_("制作衍生件"), ""),
            ],
        },
        refused,
    )


@reading
def frame(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponse:
    """One frame (or the picture) with the boxes on it, as the derivative would show it."""
    _dossier, view, _standing = _allowed(request, dossier_id, record_id)
    moment = recording.recipes.clock_ms(given(request, "t", 20) or "0")
    if moment is None:
        raise Invalid(fields={"t": [_("时间应为 00:01:23.450 这样的格式")]})
    boxes = [
        b
        for b in _typed_boxes(request.GET, recording.recipes.LONGEST_MS)
        if all(isinstance(b[k], int) for k in ("x", "y", "w", "h", "from", "to"))
        and b["mode"] in recording.recipes.MODES
    ][: recording.recipes.MOST_BOXES]
    _shape, picture = recording.derivatives.shape_of(record_view=view, at_ms=moment, boxes=boxes)
    if not picture:
        raise NotFound()
    return HttpResponse(picture, content_type="image/jpeg")


def _order(request: HttpRequest, dossier_id: int, record_id: int, order_id: int) -> tuple[Any, Any, Any]:
    dossier, view = record_here(request, dossier_id, record_id)
    found = next((o for o in recording.derivatives.orders(view.id) if o.id == order_id), None)
    if found is None or (not found.lasting and found.ordered_by != by_of(request).label):
        raise NotFound()
    return dossier, view, found


@reading
def order(request: HttpRequest, dossier_id: int, record_id: int, order_id: int) -> HttpResponse:
    """How far an order has come; the page asks again by itself until it is over."""
    dossier, view, found = _order(request, dossier_id, record_id, order_id)
    return render(
        request,
        "desk/access/_order.html" if request.headers.get("HX-Request") else "desk/access/order.html",
        {
            "dossier": dossier,
            "r": view,
            "o": found,
            "over": found.state in {"done", "failed"},
            "trail": [
                (_("案件"), reverse("desk:cases")),
                (dossier.number, case_url(dossier.pk, "evidence")),
                (found.title, ""),
            ],
        },
    )


@reading
def fetch(request: HttpRequest, dossier_id: int, record_id: int, order_id: int) -> HttpResponseBase:
    """A finished watermarked copy, for who ordered it."""
    _dossier, view = record_here(request, dossier_id, record_id)
    opened = recording.derivatives.copy_fetched(order_id=min(order_id, LARGEST), **whose(request))
    if opened.record.id != view.id:
        raise NotFound()
    return file_response(request, opened.file, download=True)
