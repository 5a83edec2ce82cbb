"""Bytes of a stored file with ranges, so that a player can seek without loading the whole (RFC 9110 §14)."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.files.errors import RangeRefused


def ranged(request: HttpRequest, stored: FileRef, *, kept: bool = False) -> HttpResponseBase:
    """The file shown in place: whole (200), the asked part (206), or a refusal (416).

    ``kept`` lets this browser keep it for a day: for small pictures made by us, never for recordings.
    """
    tag = f'"{stored.sha256}"'
    asked = request.headers.get("Range", "")
    if asked and request.headers.get("If-Range", tag) != tag:
        asked = ""
    try:
        part = files.parse_range(asked, stored.size) if asked else None
    except RangeRefused:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{stored.size}"
        return refused
    first, last = part or (0, stored.size - 1)
    length = last - first + 1
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=206 if part else 200)
    else:
        response = StreamingHttpResponse(
            files.open_range(stored.id, first, last), status=206 if part else 200
        )
    response["Content-Type"] = stored.media_type
    response["Content-Length"] = str(length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=86400" if kept else "private, no-store"
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(stored.name)}"
    if part:
        response["Content-Range"] = f"bytes {first}-{last}/{stored.size}"
    return response
