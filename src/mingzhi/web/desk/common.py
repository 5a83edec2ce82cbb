"""What every desk page needs: the request as we use it, reads that only read, where a reason leads."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.db import connections
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.data import Chip, DeadlineView
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel.errors import Reason
from mingzhi.ledger import api as ledger
from mingzhi.organisations.data import Actor
from mingzhi.procedures import api as procedures

View = Callable[..., HttpResponseBase]
_READS = (
    "SELECT",
    "WITH",
    "SAVEPOINT",
    "RELEASE",
    "ROLLBACK",
    "EXPLAIN",
    "PRAGMA",
    "SET",
    "DECLARE",
    "FETCH",
)


class WriteOnRead(RuntimeError):
    """A page that is only looked at tried to write: a fault of ours, caught before it happens."""


def _select_only(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if not sql.lstrip(" (\n").upper().startswith(_READS):
        raise WriteOnRead(sql[:120])
    return execute(sql, params, many, context)


def reading(view: View) -> View:
    """For pages that are looked at: only GET and HEAD, and only SELECT on the main database.

    The second log has a connection of its own, so that a look can still be noted.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        with connections["default"].execute_wrapper(_select_only):
            return view(request, *args, **kwargs)

    return guarded


def forms(view: View) -> View:
    """For pages with a form: a look only reads, a submission may write."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        return reading(view)(request, *args, **kwargs)

    return guarded


def by_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def at_of(request: HttpRequest) -> datetime:
    return cast(datetime, request.at)  # type: ignore[attr-defined]


def looked(request: HttpRequest, act: str, subject: str, *, purpose: str = "", **detail: Any) -> None:
    """Who looked at what, and what for where that was asked, in the second log."""
    ledger.attempt(
        act,
        subject,
        by=by_of(request).label,
        at=at_of(request),
        purpose=purpose,
        detail=detail,
        address=request.META.get("REMOTE_ADDR", ""),
    )


def case_url(dossier_id: int, tab: str = "", anchor: str = "") -> str:
    url = reverse("desk:case", args=[dossier_id])
    return f"{url}{f'?tab={tab}' if tab else ''}{f'#{anchor}' if anchor else ''}"


_TABS = {
    "evidence": ("evidence", ""),
    "recording": ("evidence", "coverage"),
    "review": ("review", ""),
    "hearing": ("hearing", ""),
    "party": ("party", ""),
    "parties": ("party", ""),
    "papers": ("papers", ""),
    "people": ("", "people"),
    "members": ("", "people"),
}


def reason_links(dossier: Dossier, reasons: Iterable[Reason], by: Actor) -> dict[str, str]:
    """Where each reason's way out lies: a tab of the case page, or the form of the step that fixes it."""
    procedure = procedures.procedure(dossier.procedure, dossier.procedure_version)
    found: dict[str, str] = {}
    for link in {r.link for r in reasons if r.link}:
        row = procedure.by_verb.get(link)
        if row is not None:
            if by.may(row.permission) and dossier.state in row.sources:
                found[link] = reverse("desk:step", args=[dossier.pk, link])
        elif link in _TABS:
            found[link] = case_url(dossier.pk, *_TABS[link])
    return found


PARTY_WINDOWS = frozenset(
    {
        "penalty.term.statement",
        "penalty.term.hearing_request",
        "remedy.term.review_application",
        "remedy.term.litigation",
        "remedy.term.litigation_after_review",
    }
)
"""Terms in which the party may do something: when they are over, nobody here is late."""


def chip(view: DeadlineView, at: datetime) -> Chip:
    """The clock's mark; a party's window that is over is over, not late."""
    made = deadlines.chip(view, at)
    return replace(made, text=_("已届满"), tone="met") if over(view) else made


def over(view: DeadlineView) -> bool:
    return view.norm in PARTY_WINDOWS and view.state == "late"


def nearest(views: Iterable[DeadlineView], at: datetime) -> DeadlineView | None:
    """The clock that ends first; suspended ones only when nothing else runs, closed windows never."""
    running = sorted(
        (v for v in views if not over(v)), key=lambda v: (v.due_on is None, v.due_on or at.date())
    )
    return running[0] if running else None


def masked(value: str, head: int, tail: int) -> str:
    """``4408**********001X``: enough to recognise, not enough to use."""
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[len(value) - tail :]


def state_labels() -> dict[str, str]:
    """State code → label over all procedures, for filters and pills."""
    return {s.code: s.label for p in procedures.procedures() for s in p.states}
