"""A record's content and its custody: looked at, played, taken along, and who did so before."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.files import api as files
from mingzhi.kernel.errors import MingzhiError, NotFound
from mingzhi.recording import api as recording
from mingzhi.recording.choices import Use
from mingzhi.recording.data import MarkedCopy, RecordView
from mingzhi.web.desk.common import at_of, by_of, case_url, looked, reading
from mingzhi.web.desk.registers_common import LARGEST, given
from mingzhi.web.serving import file_response

USES = tuple(c for c in Use.choices if c[0] != Use.CASE)


def record_here(request: HttpRequest, dossier_id: int, record_id: int) -> tuple[Dossier, RecordView]:
    """The record as one of this dossier: an address that mixes two cases leads nowhere."""
    dossier = dossiers.access_dossier(by_of(request), dossier_id)
    view = recording.record(min(record_id, LARGEST))
    if view.dossier_id != dossier.pk:
        raise NotFound()
    return dossier, view


def whose(request: HttpRequest) -> dict[str, Any]:
    return {"by": by_of(request), "at": at_of(request), "address": request.META.get("REMOTE_ADDR", "")}


def _purpose(request: HttpRequest) -> dict[str, Any]:
    use = given(request, "use", 16)
    return {"purpose": recording.access.stated(use, given(request, "purpose", 200)), "use": use}


def _named(response: HttpResponseBase, name: str, *, inline: bool) -> HttpResponseBase:
    kind = "inline" if inline else "attachment"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}"
    return response


def _copied(copy: MarkedCopy, *, inline: bool) -> HttpResponseBase:
    return _named(HttpResponse(copy.data, content_type=copy.media_type), copy.name, inline=inline)


@require_POST
def look(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponseBase:
    """Open a record for a stated purpose; the look is on record before the bytes leave.

    Sound and moving pictures go to the player. Who is outside the case is shown pictures and PDFs with
    the watermark in them, since what a screen shows can be kept.
    """
    dossier, view = record_here(request, dossier_id, record_id)
    if "download" in request.POST:
        return download(request, dossier_id, record_id)
    why, who = _purpose(request), whose(request)
    kind = recording.derivatives.kind_of(view.file.media_type)
    if kind == "media":
        playing = recording.custody.play_open(record_id=view.id, **why, **who)
        return HttpResponseRedirect(reverse("desk:record_play", args=[dossier.pk, view.id, playing.key]))
    standing = recording.access.standing(who["by"], dossier, who["at"], view.id)
    if standing is not None and not standing.inside and kind:
        copy = recording.derivatives.marked_copy(record_id=view.id, act="recording:view", **why, **who)
        return _copied(copy, inline=True)
    return file_response(request, recording.open_for(record_id=view.id, **why, **who).file)


@require_POST
def download(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponseBase:
    """A copy with the watermark burnt in: made at once for pictures and PDFs, ordered for video."""
    dossier, view = record_here(request, dossier_id, record_id)
    why, who = _purpose(request), whose(request)
    if view.file.media_type.startswith("video/"):
        order = recording.derivatives.copy_order(record_id=view.id, **why, **who)
        return HttpResponseRedirect(reverse("desk:record_order", args=[dossier.pk, view.id, order.id]))
    return _copied(recording.derivatives.marked_copy(record_id=view.id, **why, **who), inline=False)


@require_POST
def original(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponseBase:
    """The original itself, by an approved request for it."""
    _dossier, view = record_here(request, dossier_id, record_id)
    opened = recording.custody.original_for(
        record_id=view.id, purpose=given(request, "purpose", 200), **whose(request)
    )
    return file_response(request, opened.file, download=True)


# --- playing -----------------------------------------------------------------------------------------


@require_safe
def stream(request: HttpRequest, dossier_id: int, record_id: int, key: str) -> HttpResponseBase:
    """Bytes for the player, by ranges; each range counts towards the sitting."""
    dossiers.access_dossier(by_of(request), dossier_id)
    sitting = recording.custody.sitting_of(by=by_of(request), key=key, record_id=record_id, at=at_of(request))
    view = sitting.record
    if view.dossier_id != dossier_id:
        raise NotFound()
    first, last = _range(request, view.file.size)
    opened = recording.custody.play_bytes(
        key=key, record_id=record_id, first=first, last=last, **whose(request)
    )
    return file_response(request, opened.file)


def _range(request: HttpRequest, size: int) -> tuple[int, int]:
    """What is asked for, as it counts towards the sitting; a range that is none counts as nothing."""
    try:
        return files.parse_range(request.headers.get("Range", ""), size) or (0, size - 1)
    except MingzhiError:
        return 0, -1


# --- the chain ---------------------------------------------------------------------------------------


def _chain(
    request: HttpRequest, dossier: Dossier, *, subject: str, title: str, tab: str, record_id: int | None
) -> HttpResponse:
    if not recording.custody_queries.may_see_chain(by_of(request), dossier):
        raise NotFound()
    looked(request, "custody:viewed", subject, dossier=dossier.pk, body=dossier.body_id)
    return render(
        request,
        "desk/access/chain.html",
        {
            "dossier": dossier,
            "title": title,
            "links": recording.custody_queries.chain(subject, record_id=record_id),
            "trail": [
                (_("案件"), reverse("desk:cases")),
                (dossier.number, case_url(dossier.pk, tab)),
                (_("保管链"), ""),
            ],
        },
    )


@reading
def record_chain(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponse:
    """Who did what with a record, when and what for: for its lead, its heads, its supervisors."""
    dossier, view = record_here(request, dossier_id, record_id)
    return _chain(
        request,
        dossier,
        subject=f"record:{view.id}",
        title=view.title,
        tab="evidence",
        record_id=view.id,
    )


@reading
def paper_chain(request: HttpRequest, dossier_id: int, paper_id: int) -> HttpResponse:
    dossier = dossiers.access_dossier(by_of(request), dossier_id)
    paper = documents.paper(min(paper_id, LARGEST))
    if paper.dossier_id != dossier.pk:
        raise NotFound()
    title = f"{paper.title} {paper.number or ''}".strip()
    return _chain(request, dossier, subject=f"paper:{paper.id}", title=title, tab="papers", record_id=None)
