"""下发的清单: a pattern from a higher body, taken over row by row or not, each refusal with its reason (R118)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.catalogue.api import public_lists
from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.supervision import api as supervision
from mingzhi.web import listing
from mingzhi.web.desk.common import at_of, by_of, forms, looked, reading
from mingzhi.web.desk.registers_common import (
    LARGEST,
    Refused,
    answered,
    attempted,
    day_of,
    given,
    number,
    shown,
    today,
)


def send(request: HttpRequest, found: Any) -> None:
    """Hand a version down to the bodies that were ticked; the to-dos there come with it."""
    problems = Problems()
    due_on = day_of(problems, request, "guide_due", _("反馈期限"))
    problems.raise_if_any()
    ids = {n for text in request.POST.getlist("bodies")[:500] if (n := number(text)) is not None}
    with transaction.atomic():
        public_lists.guide_send(
            version_id=found.pk,
            body_ids=ids,
            note=given(request, "note", 1001),
            due_on=due_on,
            by=by_of(request),
            at=at_of(request),
        )
        for body_id in ids:
            supervision.lists.guides_open(body_id=body_id, at=at_of(request))


def sent(found: Any) -> dict[str, Any]:
    """What the page of a version says of its handing down: to whom, what they answered, whom else it could go to."""
    guides = public_lists.guides_of(found)
    there = {g.body_id for g in guides}
    below = public_lists.guided(organisations.body(found.list.body_id))
    return {"guides": guides, "bodies": [b for b in below if b.id not in there]}


@forms
def page(request: HttpRequest, guide_id: int) -> HttpResponse:
    by = by_of(request)
    organisations.require(by, P.CATALOGUE_MANAGE)
    if guide_id >= LARGEST:
        raise NotFound
    guide = public_lists.guide_seen(by, guide_id)
    if request.method != "POST":
        return _page(request, guide)
    made: dict[str, Any] = {}
    kept = {code: given(request, f"reason:{code}", 301) for code in request.POST.getlist("kept")[:1000]}
    looked_at = [*request.POST.getlist("row")[:1000], *kept]

    def note() -> None:
        public_lists.guide_note(guide_id=guide.pk, looked_at=looked_at, kept=kept, by=by, at=at_of(request))

    if (other := number(given(request, "turn", 9))) is not None:
        refused = attempted(request, note, _("本页的选择已保存"))
        page_of = f"{reverse('desk:list_guide', args=[guide_id])}?start={other}"
        return answered(request, refused, page_of, lambda r: _page(request, guide, r))

    def act() -> None:
        problems = Problems()
        first = day_of(problems, request, "valid_from", _("生效日期"))
        problems.raise_if_any()
        made["draft"] = supervision.lists.guide_answer(
            guide_id=guide.pk,
            looked_at=looked_at,
            kept=kept,
            valid_from=first,
            changes=[n for c in request.POST.getlist("changes")[:20] if (n := number(c)) is not None],
            by=by,
            at=at_of(request),
        )

    refused = attempted(request, act, _("已反馈采用情况"))
    draft = made.get("draft")
    to = reverse("desk:list_version", args=[draft]) if draft else reverse("desk:list_guide", args=[guide_id])
    return answered(request, refused, to, lambda r: _page(request, public_lists.guide_seen(by, guide_id), r))


@reading
def download(request: HttpRequest, guide_id: int, form: str) -> HttpResponseBase:
    """All that the pattern would change in one's own list, as a table."""
    by = by_of(request)
    organisations.require(by, P.CATALOGUE_MANAGE)
    if guide_id >= LARGEST:
        raise NotFound
    guide = public_lists.guide_seen(by, guide_id)
    looked(request, "catalogue:list:difference_exported", f"catalogue:list_guide:{guide_id}", form=form)
    return listing.pattern_response(guide, today(request), form)


def _page(request: HttpRequest, guide: Any, refused: Refused | None = None) -> HttpResponse:
    by, on = by_of(request), today(request)
    own = public_lists.list_schema(guide.version.list.kind)
    labels = {c.key: listing.word(c) for c in own.columns}
    asked = request.POST if request.method == "POST" else request.GET
    start = number(asked.get("start", "")[:9]) or 0
    told = None
    if guide.answered_at is None:
        told = public_lists.pattern(guide, on, start=start, size=listing.PAGE)
    noted = public_lists.guide_notes(guide)
    kept = set(request.POST.getlist("kept")) if refused else set(noted)
    mine = next(
        (x.list for x in public_lists.lists_of(by.body_id, on) if x.list and x.list.kind == own.kind), None
    )
    return shown(
        request,
        "desk/lists/guide.html",
        {
            "guide": guide,
            "own": own,
            "name": listing.word(own),
            "pattern": told,
            **listing.turned(start, told.differing if told else 0),
            "noted": len(noted),
            "lines": [
                {
                    "change": c,
                    "cells": [(labels[key], before, after) for key, before, after in c.cells],
                    "kept": c.code in kept,
                    "reason": request.POST.get(f"reason:{c.code}", "") if refused else noted.get(c.code, ""),
                    "errors": refused.fields.get(f"reason:{c.code}", []) if refused else [],
                }
                for c in (told.changes if told else ())
            ],
            "answers": by.body_id == guide.body_id and guide.answered_at is None,
            "usable": [c for c in public_lists.changes_of(mine) if c.lawful and c.version_id is None]
            if mine
            else [],
            "chosen": request.POST.getlist("changes") if refused else [],
            "on": on,
            "public_url": f"/lists/published/{guide.version.list_id}/?version={guide.version.number}",
            "trail": [
                (_("清单管理"), reverse("desk:lists")),
                (guide.version.list.title, ""),
            ],
        },
        refused,
    )
