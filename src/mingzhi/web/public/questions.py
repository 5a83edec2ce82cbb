"""咨询 (R038): answers of general use, and the form to ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mingzhi.organisations import api as organisations
from mingzhi.publication import api as publication
from mingzhi.publication.choices import IntakeKind
from mingzhi.web.public.common import given
from mingzhi.web.public.intake import MOST_FILES, answered, blank, intake_values, terms

LARGEST = 2**62


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What others asked and were answered, newest first, by words."""
    words, before = given(request, "q", 60), given(request, "before", 19)
    at = int(before) if before.isascii() and before.isdigit() and int(before) < LARGEST else None
    found, following = publication.questions.public_questions(words, before=at)
    query = {"before": following} | ({"q": words} if words else {})
    return render(
        request,
        "public/questions.html",
        {"words": words, "found": found, "next_url": f"?{urlencode(query)}" if following else ""},
    )


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them at an address that stays; a withdrawn one says so."""
    if pk >= LARGEST:
        raise Http404
    found = publication.questions.public_question(pk)
    return render(request, "public/question.html", {"q": found}, status=410 if found.withdrawn_at else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    known = organisations.public_bodies()
    context: dict[str, Any] = {
        "bodies": known,
        "values": blank(body=str(known[0].id) if len(known) == 1 else ""),
        "errors": {},
        "terms": terms(request, IntakeKind.QUESTION.value, known),
        "files_most": MOST_FILES,
    }
    if request.method != "POST":
        return render(request, "public/ask.html", context)
    values = intake_values(request)
    return answered(request, "public/ask.html", context, kind=IntakeKind.QUESTION, values=values)
