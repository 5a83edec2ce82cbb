"""What every request passes through: the clock asked once, the person, the door, errors in words.

Order matters and is set in ``config.settings.apps``: the clock first, then the door, then errors.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError, NotAllowed
from mingzhi.web import errors
from mingzhi.web.away import DatabaseAway, away

log = logging.getLogger("mingzhi.web")

Respond = Callable[[HttpRequest], HttpResponse]

# Views of these packages may be seen without logging in; the API checks its own tokens.
OPEN_PACKAGES = ("mingzhi.web.public", "mingzhi.web.api", "ninja", "django.views.i18n", "django.views.static")
# Single addresses that must be reachable before log-in although their package is closed.
OPEN_PATHS = ("/login/", "/logout/", "/oidc/", "/healthz")
_SEEN = "_seen"
_REFRESH_SECONDS = 60


class WhoReallyCalls:
    """Behind our own proxies (``TRUSTED_PROXIES``), ``REMOTE_ADDR`` becomes the caller's address as the
    proxies wrote it down: the last hop of ``X-Forwarded-For`` that is not one of them. What stands before it
    was claimed by the caller; what a stranger sends is not read at all."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        while hops and self._ours(request.META.get("REMOTE_ADDR", "")):
            hop = self._address(hops.pop())
            if hop is None:
                break
            request.META["REMOTE_ADDR"] = str(hop)
        return self.get_response(request)

    def _ours(self, text: str) -> bool:
        address = self._address(text)
        return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)

    @staticmethod
    def _address(text: str) -> IPv4Address | IPv6Address | None:
        try:
            found = ip_address(text.strip())
        except ValueError:
            return None
        return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


class AskTheClockOnce:
    """Sets ``request.at`` (one moment for the whole request) and ``request.actor`` (lazily), and drops
    NUL characters from the query: nobody types them, and no database keeps or compares them."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at = clock.now()  # type: ignore[attr-defined]
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "")
            request.__dict__.pop("GET", None)
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self), interest-cohort=()"
        )
        if getattr(request, "_private", False):
            # A browser's back button or a shared proxy must not show a case after log-out.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class Sessions(SessionMiddleware):
    """Django's, which takes a database that can write nothing for a session that was ended (400). A page that
    was only looked at is not withheld because not even the idle time can be noted; a submission is 503."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (SessionInterrupted, DatabaseError, InterfaceError) as error:
            gone = _away_beneath(error)
            if gone is None:
                raise
            log.warning("%s: the session could not be kept at %s", gone.code, request.path)
            return response if request.method in {"GET", "HEAD"} else errors.told(request, gone)


def _away_beneath(error: BaseException | None) -> DatabaseAway | None:
    """``away`` of ``error`` or of what it was raised over."""
    while error is not None and away(error) is None:
        error = error.__context__
    return away(error)


def language_of(request: HttpRequest) -> str:
    """The language that the reader chose on the page, else Chinese."""
    asked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class ChosenLanguage:
    """Chinese unless the reader chose otherwise on the page; what the browser prefers does not count,
    because official text is Chinese whatever machine it is read on."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def _actor(request: HttpRequest) -> Any:
    # Imported here so that the public face never loads the identity rooms' queries.
    from mingzhi.organisations import api as organisations

    if not request.user.is_authenticated:
        raise NotAllowed(_("请先登录"), code="not_logged_in", status=401)
    return organisations.actor_of(request.user, clock.local_date(request.at))  # type: ignore[attr-defined]


def is_open(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Whether ``view`` may be seen by anybody. Everything is closed unless named above or marked
    with Django's ``login_not_required``."""
    if not getattr(view, "login_required", True):
        return True
    module = getattr(view, "__module__", "") or ""
    return request.path.startswith(OPEN_PATHS) or any(
        module == name or module.startswith(f"{name}.") for name in OPEN_PACKAGES
    )


class TellUploadsWhereToGo:
    """A form sent by script, for its progress bar, would follow a redirect and so read the page it leads
    to, and with it the notes meant for the reader. It is told the address instead (``X-Location``)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("X-Upload") and response.status_code in (302, 303):
            response.status_code = 200
            response["X-Location"] = response["Location"]
            del response["Location"]
        return response


class CloseTheDoor:
    """Log-in required by default; the session's idle time starts again at most once a minute."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if is_open(request, view):
            return None
        request._private = True  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            self._refresh(request)
            return None
        if errors.wants_json(request):
            return JsonResponse(
                {"code": "not_logged_in", "message": _("请先登录"), "remedy": _("登录后重试")}, status=401
            )
        login = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": login})
        return HttpResponseRedirect(login)

    @staticmethod
    def _refresh(request: HttpRequest) -> None:
        if request.headers.get("X-Background"):  # a page that polls by itself is not a person at work
            return
        now = int(request.at.timestamp())  # type: ignore[attr-defined]
        if now - int(request.session.get(_SEEN, 0)) >= _REFRESH_SECONDS:
            request.session[_SEEN] = now


class ErrorsInPlainWords:
    """``MingzhiError`` → sentences with the right status; a database that is away → 503 and when to come
    back; anything unforeseen → a calm page with an error number that the log repeats. No reader ever
    meets a stack trace."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, MingzhiError):
            if isinstance(error, NotAllowed):
                _note_refusal(request, error)
            return errors.told(request, error)
        if isinstance(error, Http404 | PermissionDenied | SuspiciousOperation):
            return None  # Django's own handlers, config.urls names ours
        gone = away(error)
        if gone is not None:
            log.error("%s at %s: %s", gone.code, request.path, error)
            return errors.told(request, gone)
        number = secrets.token_hex(4).upper()
        log.error("error %s at %s", number, request.path, exc_info=error)
        return errors.unforeseen(request, number)


def _note_refusal(request: HttpRequest, error: NotAllowed) -> None:
    """A refusal stays on record although the work rolled back (second log, own connection)."""
    if not request.user.is_authenticated:
        return
    from mingzhi.ledger import api as ledger

    try:
        ledger.attempt(
            error.code,
            request.path[:200],
            by=request.actor.label,  # type: ignore[attr-defined]
            at=request.at,  # type: ignore[attr-defined]
            outcome="denied",
            detail={"method": request.method or ""},
            address=request.META.get("REMOTE_ADDR", ""),
        )
    except Exception:
        log.exception("the refusal at %s could not be put on record", request.path)


__all__ = [
    "AskTheClockOnce",
    "ChosenLanguage",
    "CloseTheDoor",
    "ErrorsInPlainWords",
    "Sessions",
    "TellUploadsWhereToGo",
    "WhoReallyCalls",
    "is_open",
    "language_of",
]
