"""双随机抽查 as published: the promise before, the draw, the results, and the files to make it again (R059)."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mingzhi.files import api as files
from mingzhi.kernel.errors import NotFound
from mingzhi.publication import api as publication
from mingzhi.web.serving import file_response

PAGE = 50


@require_safe
def draws(request: HttpRequest) -> HttpResponse:
    """All draws, the newest first, voided ones too."""
    before = request.GET.get("before", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = publication.draws.public_draws(before=last, limit=PAGE)
    more = found[-1].first_id if len(found) == PAGE else None
    return render(request, "public/draws.html", {"draws": found, "more": more})


@require_safe
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """One draw as it stands now, with its history."""
    found, versions = publication.draws.public_draw(pk)
    return render(
        request,
        "public/draw.html",
        {
            "draw": found,
            "content": found.content,
            "versions": versions,
            "results": f"?q={quote(chr(34) + found.number + chr(34))}",
        },
    )


@require_safe
def draw_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The pool (``pool.jsonl``), or all that is needed to make the draw again (``draw.json``)."""
    found, _versions = publication.draws.public_draw(pk)
    file_id = {"pool.jsonl": found.pool_id, "draw.json": found.record_id}.get(kind)
    if file_id is None:
        raise NotFound
    return file_response(request, files.ref(file_id))
