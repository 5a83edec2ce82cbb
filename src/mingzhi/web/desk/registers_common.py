"""What the register pages share: entered values, acts that may be refused without losing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from mingzhi.dossiers import api as dossiers
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError, Problems
from mingzhi.web.desk.common import at_of

LARGEST = 2**62


def given(request: HttpRequest, name: str, limit: int = 200) -> str:
    """A parameter as text: trimmed, without control characters, cut at ``limit``."""
    source = request.POST if request.method == "POST" else request.GET
    return cleaned(source.get(name, ""), limit)


def cleaned(value: str, limit: int) -> str:
    """A text as people typed it: trimmed, without control characters, cut at ``limit``."""
    return "".join(c for c in value if c.isprintable() or c in "\n\t").strip()[:limit]


def number(text: str) -> int | None:
    """A whole number as typed, or ``None`` for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 and int(text) < LARGEST else None


def today(request: HttpRequest) -> date:
    return clock.local_date(at_of(request))


def day_or_none(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2100 else None


def day_of(problems: Problems, request: HttpRequest, name: str, label: str) -> date:
    """A required day; a problem beside the field when it is none."""
    found = day_or_none(given(request, name, 10))
    if found is None:
        problems.add(name, _("请填写%(what)s（年-月-日）") % {"what": label})
    return found or date(2000, 1, 1)


def asked_year(request: HttpRequest) -> int | None:
    """``?year=`` where it is one that any register can hold."""
    found = number(given(request, "year", 4))
    return found if found and 1990 <= found <= 2100 else None


def asked_day(request: HttpRequest) -> date:
    """``?on=`` for registers that answer for a day; today otherwise."""
    return day_or_none(given(request, "on", 10)) or today(request)


class Refused:
    """How an act was refused, as templates read it."""

    def __init__(self, error: MingzhiError) -> None:
        self.error = error
        self.sentence, self.remedy, self.reasons = error.sentence, error.remedy, error.reasons
        self.fields: Mapping[str, list[str]] = error.fields
        self.status = error.status


@contextmanager
def beside(**names: str) -> Iterator[None]:
    """For a form that calls a field otherwise than the room: what the room says of ``unit`` stands beside
    ``names["unit"]``, and the summary leads there. Also as a decorator."""
    try:
        yield
    except MingzhiError as error:
        error.fields = {names.get(name, name): told for name, told in error.fields.items()}
        raise


def uploaded(request: HttpRequest, name: str) -> FileRef | None:
    """The scan sent in this field, stored; None where nobody chose one. A picture or a PDF by content."""
    upload = request.FILES.get(name)
    if upload is None or not upload.name:
        return None
    return dossiers.held.file_of(upload.read(), upload.name, at_of(request))


def attempted(request: HttpRequest, act: Callable[[], Any], done: str) -> Refused | None:
    """Do ``act``; say ``done``. A refusal is handed back, so that the form can be shown again as entered."""
    try:
        act()
    except MingzhiError as error:
        return Refused(error)
    messages.success(request, done)
    return None


def answered(
    request: HttpRequest, refused: Refused | None, to: str, show: Callable[[Refused], HttpResponse]
) -> HttpResponse:
    """Away to ``to`` after success; the same page with what was entered after a refusal."""
    return HttpResponseRedirect(to) if refused is None else show(refused)


def submitted(
    request: HttpRequest,
    acts: Mapping[str, tuple[Callable[[], Any], str]],
    to: str,
    show: Callable[[Refused], HttpResponse],
) -> HttpResponse:
    """The submission of a page with several forms: ``act`` names which, ``acts`` what it does and says then."""
    act = acts.get(given(request, "act", 20))
    if act is None:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return answered(request, attempted(request, *act), to, show)


def shown(
    request: HttpRequest, template: str, context: dict[str, Any], refused: Refused | None = None
) -> HttpResponse:
    """A register page; after a refusal with the refusal, the fields' sentences and what was entered.
    A form may begin with what the page itself fills in (``context["entered"]``)."""
    context |= {
        "refused": refused,
        "errors": dict(refused.fields) if refused else {},
        "entered": request.POST if refused else context.get("entered", {}),
    }
    return render(request, template, context, status=refused.status if refused else 200)
