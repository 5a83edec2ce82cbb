"""The witness for other installations (C2SP tlog-witness): submission and monitoring under ``/witness``; and
for people, who witnesses this log and which logs are witnessed here.

No log-in: a checkpoint proves itself by its log's signature.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.errors import WitnessRefused
from mingzhi.publication.errors import TooMany
from mingzhi.web.public.common import plain, throttle

MOST = 200_000
_SIZE = "text/x.tlog.size"


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Who witnesses: keys and how far each signed, so that anybody can compare with what a witness says."""
    found, latest = ledger.standing.witnesses(), ledger.latest()
    size = latest.size if latest else 0
    context = {
        "cosigners": [{"w": w, "behind": max(0, size - w.size)} for w in found.cosigners],
        "watched": [{"w": w, "digest": ledger.witness.digest(w.origin)} for w in found.watched],
        "size": size,
        "latest": latest,
        "cosigned": bool(ledger.checkpoint(cosigned=True)),
        "own_key": ledger.witness.key(),
        "log_keys": ledger.keys_in_force(),
    }
    return render(request, "public/witnesses.html", context)


@csrf_exempt
@never_cache
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """200 signature lines; 400, 403, 404, 409 and 422 as the specification has them."""
    try:
        throttle(request, "witness", limit=1200, minutes=10)
    except TooMany as error:
        return _said(error.sentence, 429)
    body = request.read(MOST + 1)
    if len(body) > MOST:
        return _said("请求过长", 413)
    try:
        return plain(ledger.witness.add_checkpoint(body, at=request.at))  # type: ignore[attr-defined]
    except WitnessRefused as refused:
        if refused.status == 409:
            return HttpResponse(refused.body, status=409, content_type=_SIZE)
        return _said(refused.sentence, refused.status)


def _said(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence + "\n", status=status, content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def seen(request: HttpRequest, digest: str) -> HttpResponse:
    """The checkpoint we last cosigned of the log whose origin has this SHA-256."""
    try:
        return plain(ledger.witness.seen(digest.lower()))
    except NotFound as error:
        return _said(error.sentence, 404)


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """Our witness key."""
    return plain(ledger.witness.key() + "\n")
