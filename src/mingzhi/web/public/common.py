"""What the public views share: cleaned parameters, limits on guessing, plain text answers."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse

from mingzhi.kernel import clock
from mingzhi.publication.errors import TooMany
from mingzhi.web import tries


def today(request: HttpRequest) -> date:
    return clock.local_date(request.at)  # type: ignore[attr-defined]


def given(request: HttpRequest, name: str, limit: int = 200) -> str:
    """A parameter as text: trimmed, without control characters, cut at ``limit``."""
    source = request.POST if request.method == "POST" else request.GET
    return clean(source.get(name, ""), limit)


def clean(value: str, limit: int) -> str:
    """``value`` as a database takes it: no NUL or other control characters, trimmed, cut at ``limit``."""
    return "".join(c for c in value if c.isprintable() or c in "\n\t").strip()[:limit]


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def throttle(request: HttpRequest, act: str, *, limit: int, minutes: int) -> None:
    """At most ``limit`` tries of ``act`` per address in ``minutes`` (``TooMany``), whichever server process
    they reach."""
    at = request.at  # type: ignore[attr-defined]
    if tries.counted(act, address(request), at=at, minutes=minutes) > limit:
        raise TooMany(minutes=minutes)


def plain(text: str, name: str = "") -> HttpResponse:
    """A text file, as is; with ``name`` as a download."""
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
