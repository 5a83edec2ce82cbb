"""Unfinished step forms, kept on the server while they are typed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.procedures import api as procedures
from mingzhi.web.desk import stepform
from mingzhi.web.desk.common import at_of, by_of
from mingzhi.web.models import Draft

LIMIT = 400_000
"""Characters of one draft: the longest record a form takes, many times over."""


@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """Whether the person is still logged in, and the form's fresh token if so."""
    return JsonResponse({"csrf": get_token(request)})


@require_POST
def save(request: HttpRequest, dossier_id: int, verb: str) -> HttpResponse:
    """Keep what is typed. Answers when, so that the page can say so."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    row = procedures.procedure(dossier.procedure, dossier.procedure_version).by_verb.get(verb)
    if row is None or by.account_id is None:
        return JsonResponse({"saved": ""}, status=404)
    data = {**stepform.entered(row.facts, request.POST), "_occurred_at": request.POST.get("_occurred_at", "")}
    text = json.dumps(data, ensure_ascii=False)
    if len(text) > LIMIT:
        return JsonResponse({"saved": "", "message": _("内容过长，未能自动保存草稿")}, status=413)
    Draft.objects.update_or_create(
        account_id=by.account_id, dossier_id=dossier.pk, verb=verb, defaults={"data": text, "saved_at": at}
    )
    return JsonResponse({"saved": clock.local(at).strftime("%H:%M:%S")})


@require_POST
def drop(request: HttpRequest, dossier_id: int, verb: str) -> HttpResponse:
    """放弃草稿: back to the form with its defaults."""
    dossiers.access_dossier(by_of(request), dossier_id)
    forget(by_of(request).account_id, dossier_id, verb)
    return HttpResponseRedirect(reverse("desk:step", args=[dossier_id, verb]))


def kept(account_id: int | None, dossier_id: int, verb: str) -> tuple[dict[str, Any], datetime] | None:
    row = Draft.objects.filter(account_id=account_id or 0, dossier_id=dossier_id, verb=verb).first()
    if row is None:
        return None
    try:
        data = json.loads(row.data)
    except ValueError:
        return None
    return (data, row.saved_at) if isinstance(data, dict) else None


def forget(account_id: int | None, dossier_id: int, verb: str) -> None:
    Draft.objects.filter(account_id=account_id or 0, dossier_id=dossier_id, verb=verb).delete()
