"""What a phone sent and the server refused: both versions side by side, and a person decides."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Conflict, Invalid, MingzhiError, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.api import Context
from mingzhi.procedures.errors import NoSuchStep
from mingzhi.web.desk import stepform
from mingzhi.web.desk.common import at_of, by_of, reading
from mingzhi.web.field import bundle, inbox, items
from mingzhi.web.field.applying import SPOT
from mingzhi.web.models import FieldItem

KINDS = {
    "record": gettext_lazy("音像记录、证据"),
    "step": gettext_lazy("现场文书"),
    "spot": gettext_lazy("当场处罚"),
    "number": gettext_lazy("文号作废"),
}
STATES = {
    "received": gettext_lazy("待处理"),
    "accepted": gettext_lazy("已登记"),
    "refused": gettext_lazy("未予登记"),
    "withdrawn": gettext_lazy("已撤回"),
}


def _enter(request: HttpRequest) -> None:
    by = by_of(request)
    if not by.may(Permission.CASE_ACT):
        organisations.require(by, Permission.CASE_UNIT_CHECK)


@reading
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for a decision: one's own, and for a unit's head those of the unit."""
    _enter(request)
    rows = [
        {
            "item": row,
            "kind": KINDS[row.kind],
            "why": json.loads(outcome.detail).get("sentence", ""),
            "at": outcome.at,
        }
        for row, outcome in inbox.waiting(by_of(request))
    ]
    return render(request, "field/conflicts.html", {"rows": rows})


@reading
def page(request: HttpRequest, pk: int) -> HttpResponse:
    _enter(request)
    return _page(request, inbox.access_item(by_of(request), pk))


def _page(
    request: HttpRequest,
    row: FieldItem,
    *,
    values: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
    refused: MingzhiError | None = None,
    status: int = 200,
) -> HttpResponse:
    by, item = by_of(request), items.unkept(row.payload)
    outcomes = list(row.outcomes.order_by("turn"))
    last = outcomes[-1] if outcomes else None
    open_ = last is not None and last.state not in inbox.SETTLED
    ctx = _context(request, row, item)
    facts = items.facts_of(item) if item.content else {}
    typed = values is not None
    groups = (
        stepform.groups(ctx, facts if values is None else values, errors or {}, typed=typed) if ctx else []
    )
    return render(
        request,
        "field/conflict.html",
        {
            "item": row,
            "kind": KINDS[row.kind],
            "sent": item,
            "shown": items.content_of(item).shown if item.content else {},
            "digest": items.content_digest(item) if item.content else "",
            "files": [
                {"name": f.name, "claimed": f.sha256, "arrived": a.sha256 if a else ""}
                for f, a in _files(row, item)
            ],
            "turns": [{"o": o, "label": STATES[o.state], "detail": json.loads(o.detail)} for o in outcomes],
            "last": json.loads(last.detail) if last else {},
            "open": open_,
            "groups": groups,
            "label": ctx.row.label if ctx else "",
            "since": _since(by, row, item),
            "dossier": _dossier(by, last.dossier_id if last else row.dossier_id),
            "may_resubmit": open_ and by.may(Permission.CASE_ACT) and row.kind != "number",
            "late": any(r.kind == "recording" for r in item.records),
            "entered": request.POST,
            "errors": errors or {},
            "refused": refused,
            "is_spot": row.kind == "spot",
            "number": items.content_of(item).number if item.kind == "spot" else item.number,
        },
        status=status,
    )


def _files(row: FieldItem, item: items.Item) -> list[tuple[items.FileIn, Any]]:
    arrived = {f.place: f for f in row.files.all()}
    return [(f, arrived.get(place)) for place, f in enumerate(item.files)]


def _dossier(by: Any, dossier_id: int | None) -> Dossier | None:
    if dossier_id is None:
        return None
    try:
        return dossiers.access_dossier(by, dossier_id)
    except NotFound:
        return None


def _since(by: Any, row: FieldItem, item: items.Item) -> list[Any]:
    """Steps that others took after what the phone had seen."""
    dossier = _dossier(by, item.dossier)
    if dossier is None or item.expected is None:
        return []
    return [s for s in procedures.steps(dossier) if s.seq > item.expected]


def _context(request: HttpRequest, row: FieldItem, item: items.Item) -> Context | None:
    """What the form of correction is made from: the case as it stands, or none for a penalty on the spot."""
    by, at = by_of(request), at_of(request)
    if not item.content:
        return None
    if item.kind == "spot":
        table = procedures.procedure("penalty.summary", on=clock.local_date(at))
        ctx = bundle.form_context(table, SPOT, by, organisations.body(row.body_id), at)
        ctx.dossier.item_code = str(items.facts_of(item).get("item_code", ""))
        return ctx
    dossier = _dossier(by, item.dossier)
    if dossier is None:
        return None
    try:
        return procedures.form_context(dossier, items.content_of(item).verb, by=by, at=at)
    except NoSuchStep:
        return None


@require_POST
def resubmit(request: HttpRequest, pk: int) -> HttpResponse:
    """更正后重新提交: judged again at the case as it stands now."""
    _enter(request)
    by = by_of(request)
    row = inbox.access_item(by, pk)
    item = items.unkept(row.payload)
    ctx = _context(request, row, item)
    values = stepform.entered(ctx.row.facts, request.POST) if ctx else {}
    try:
        if item.content and ctx is None:
            raise Conflict(
                _("案件当前状态下不能办理该环节"),
                code="field.no_step",
                remedy=_("请撤回并注明原因，或者在工作台另行办理"),
            )
        inbox.resubmit(
            item_id=row.pk,
            facts=values,
            late_reason=request.POST.get("late_reason", "").strip()[:300],
            note=request.POST.get("note", "").strip()[:500],
            by=by,
            at=at_of(request),
        )
    except (NotAllowed, NotFound):
        raise
    except MingzhiError as wrong:
        fields = wrong.fields if isinstance(wrong, Invalid) else {}
        return _page(
            request, row, values=values if ctx else None, errors=fields, refused=wrong, status=wrong.status
        )
    messages.success(request, _("已重新提交并登记"))
    return HttpResponseRedirect(reverse("field:conflict", args=[row.pk]))


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回: with the reason; the number becomes void, the recordings stay."""
    _enter(request)
    row = inbox.access_item(by_of(request), pk)
    try:
        inbox.withdraw(
            item_id=row.pk, reason=request.POST.get("reason", ""), by=by_of(request), at=at_of(request)
        )
    except (NotAllowed, NotFound):
        raise
    except MingzhiError as wrong:
        fields = wrong.fields if isinstance(wrong, Invalid) else {}
        return _page(request, row, errors=fields, refused=wrong, status=wrong.status)
    messages.success(request, _("已撤回"))
    return HttpResponseRedirect(reverse("field:conflict", args=[row.pk]))
