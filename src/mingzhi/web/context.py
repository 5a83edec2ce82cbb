"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mingzhi.kernel import clock
from mingzhi.organisations.permissions import Permission
from mingzhi.web import rail


def common(request: HttpRequest) -> dict[str, Any]:
    """``now``/``today`` (the request's one moment), ``actor`` (``None`` outside), ``rail``, ``house``."""
    at = getattr(request, "at", None) or clock.now()
    inside = bool(getattr(request, "user", None) is not None and getattr(request, "_private", False))
    actor = request.actor if inside and request.user.is_authenticated else None  # type: ignore[attr-defined]
    return {
        "now": at,
        "today": clock.local_date(at),
        "actor": actor,
        "rail": SimpleLazyObject(lambda: rail.entries(actor, request.path)) if actor is not None else (),
        "warned": actor is not None and actor.may(Permission.CASE_READ),
        "house": SimpleLazyObject(lambda: rail.house(actor)),
        "profile": settings.PROFILE,
    }
