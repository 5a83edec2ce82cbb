"""Addresses of the machine face."""

from __future__ import annotations

import json

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_safe

from mingzhi.web.api import cases, public, reports
from mingzhi.web.api.service import api

api.add_router("", cases.router)
api.add_router("", public.router)


@require_safe
def description(request: HttpRequest) -> JsonResponse:
    """openapi.json, for anybody; it names no data."""
    return JsonResponse(
        json.loads(json.dumps(api.get_openapi_schema(), default=str)),
        json_dumps_params={"ensure_ascii": False},
    )


urlpatterns: list[URLPattern | URLResolver] = [
    path("openapi.json", description, name="openapi"),
    path("reports/hand", reports.hand, name="report_hand"),
    path("reports/key", reports.key, name="report_key"),
    path("", api.urls),
]
