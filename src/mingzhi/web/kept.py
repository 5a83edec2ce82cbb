"""Public pages kept as they were answered, and given again for as long as what they say stands.

A view names what its page hangs on (``hangs_on``): a mark that is read from the database at every
request, beside the facts themselves. A withdrawal or correction changes the mark in its own transaction,
so the first request after its commit gets the new page, whichever server process it reaches. A page is
kept for a minute at most, for what no mark tells (the date, figures that may be a minute old).

Only what is the same for every reader is kept: no session, no notes, no form with a token, no query. The
headers are those the whole chain gave the page. docs/decisions/0024.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from mingzhi.kernel import clock
from mingzhi.web.middleware import language_of

MOST_BYTES = 32 * 1024 * 1024
"""What one server process keeps; the page that was longest not asked for goes first."""
LONGEST = timedelta(minutes=1)
SETTLED = timedelta(seconds=2)
"""Moments in HTTP are whole seconds: a page that changed within these is told by its tag alone."""

Respond = Callable[[HttpRequest], HttpResponseBase]
Mark = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Hold:
    """What a page hangs on, and how that stood before the page was made."""

    mark: Mark
    stood: object


def hangs_on(mark: Callable[..., object]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a public view whose page is the same for every reader. ``mark(**address)`` tells, from the
    database, when the page is another; it is read before the page is made, never after."""

    def of(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def kept(request: HttpRequest, **address: Any) -> HttpResponseBase:
            request.kept = True  # type: ignore[attr-defined] # templates leave the form's token out
            now = functools.partial(mark, **address)
            stood = now()
            response: HttpResponseBase = view(request, **address)
            response.hangs_on = Hold(now, stood)  # type: ignore[attr-defined]
            return response

        return kept

    return of


class Page:
    """An answer as the chain gave it. ``since``: when this process first gave this very text."""

    def __init__(self, response: HttpResponse, hold: Hold, *, at: datetime, before: Page | None) -> None:
        self.body = response.content
        self.hold = hold
        self.made = at
        self.tag = f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'
        self.since: datetime = before.since if before is not None and before.tag == self.tag else at
        self.headers = dict(response.headers) | {
            "ETag": self.tag,
            "Vary": "Cookie",
            "Cache-Control": "no-cache",
            "Content-Length": str(len(self.body)),
        }

    def stands(self, at: datetime) -> bool:
        return timedelta() <= at - self.made < LONGEST and self.hold.mark() == self.hold.stood

    def answer(self, request: HttpRequest, at: datetime) -> HttpResponseBase:
        """The page, or 304 when the reader holds it."""
        response = HttpResponse(self.body, headers=self.headers)
        modified = int(self.since.timestamp()) if at - self.since > SETTLED else None
        if modified is not None:
            response.headers["Last-Modified"] = http_date(modified)
        found = get_conditional_response(request, etag=self.tag, last_modified=modified, response=response)
        return found if found is not None else response


class Shelf:
    """Pages by address and language, the longest unasked first; never more than ``most`` bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most = most
        self.bytes = 0
        self._pages: OrderedDict[tuple[str, str], Page] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: tuple[str, str]) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: tuple[str, str], page: Page) -> None:
        with self._lock:
            former = self._pages.pop(key, None)
            self._pages[key] = page
            self.bytes += len(page.body) - (len(former.body) if former else 0)
            while self.bytes > self.most:
                self.bytes -= len(self._pages.popitem(last=False)[1].body)


class KeptPages:
    """Gives a kept page while it stands; else asks the chain, and keeps what may be kept."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response
        self.shelf = Shelf()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _anybody(request):
            return self.get_response(request)
        at, key = clock.now(), (request.path, language_of(request))
        page = self.shelf.find(key)
        if page is not None and _stands(page, at):
            return page.answer(request, at)
        response = self.get_response(request)
        hold = getattr(response, "hangs_on", None)
        if hold is None or response.status_code != 200 or response.cookies or response.streaming:
            return response
        assert isinstance(response, HttpResponse)
        page = Page(response, hold, at=at, before=page)
        self.shelf.put(key, page)
        return page.answer(request, at)


def _stands(page: Page, at: datetime) -> bool:
    try:
        return page.stands(at)
    except (DatabaseError, InterfaceError):  # the chain says so in words
        return False


def _anybody(request: HttpRequest) -> bool:
    """Whether nothing in the request makes the answer this reader's own. A host that is not ours is the
    chain's to refuse."""
    if request.method not in {"GET", "HEAD"} or request.META.get("QUERY_STRING"):
        return False
    if settings.SESSION_COOKIE_NAME in request.COOKIES or CookieStorage.cookie_name in request.COOKIES:
        return False
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True
