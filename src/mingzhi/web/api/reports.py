"""Annual reports handed in by other installations. No log-in: a letter proves itself by its signature."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from mingzhi.kernel.errors import MingzhiError
from mingzhi.ledger import api as ledger
from mingzhi.supervision import api as supervision
from mingzhi.web import tries

MOST = 10_000_000
TRIES, MINUTES = 120, 10


@csrf_exempt
@never_cache
@require_POST
def hand(request: HttpRequest) -> HttpResponse:
    """200 with our signed answer to the letter; 400, 403, 413, 422 and 429 with a sentence."""
    at = request.at  # type: ignore[attr-defined]
    if tries.counted("report-hand", str(request.META.get("REMOTE_ADDR", "")), at=at, minutes=MINUTES) > TRIES:
        return _said("请求过于频繁，请稍后再试", 429)
    body = request.read(MOST + 1)
    if len(body) > MOST:
        return _said("请求过长", 413)
    try:
        told = json.loads(body)
        note, letter = told["note"], told["letter"]
        content = letter.encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _said("请求不是一封信件", 400)
    if not isinstance(note, str):
        return _said("请求不是一封信件", 400)
    try:
        return _said(supervision.handing.taken(note, content, at=at).removesuffix("\n"), 200)
    except MingzhiError as refused:
        return _said(f"{refused.sentence}。{refused.remedy}", refused.status)


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """Our public key for letters."""
    return _said(ledger.letters.key(), 200)


def _said(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence + "\n", status=status, content_type="text/plain; charset=utf-8")
