"""The form of one step: shown from its schema, submitted to the engine, nothing entered ever lost."""

from __future__ import annotations

import contextlib
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.data import AskedFact
from mingzhi.documents import api as documents
from mingzhi.documents.errors import PaperIncomplete
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import money
from mingzhi.kernel.errors import Invalid, MingzhiError, NotAllowed, NotFound, Reason
from mingzhi.procedures import api as procedures
from mingzhi.procedures.api import Context
from mingzhi.procedures.errors import GuardsUnmet, NoSuchStep, SomebodyActed
from mingzhi.recording import api as recording
from mingzhi.web.desk import drafts, stepform
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, reason_links
from mingzhi.web.handed import files_of


@forms
def page(request: HttpRequest, dossier_id: int, verb: str) -> HttpResponse:
    """Show the form of a step, or take the step."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    try:
        ctx = procedures.form_context(dossier, verb, by=by, at=at)
    except NoSuchStep:
        if request.method == "POST":
            return _moved_on(request, dossier, verb)
        raise
    if not by.may(ctx.row.permission):
        raise NotAllowed(
            _("“%(step)s”须由%(who)s办理") % {"step": ctx.row.label, "who": procedures.who_may(ctx.row)},
            code="not_allowed.permission",
        )
    if request.method == "POST":
        return _submitted(request, ctx)
    return _fresh(request, ctx)


def _moved_on(request: HttpRequest, dossier: dossiers.Dossier, verb: str) -> HttpResponse:
    """The case went to a state without this step while the form was open, or the form was sent twice."""
    row = procedures.procedure(dossier.procedure, dossier.procedure_version).by_verb.get(verb)
    if row is None:
        raise NotFound()
    key = request.POST.get("_key", "")
    # The same submission again (two clicks, a reload) finds the step it made.
    done = procedures.advance(
        dossier.pk,
        verb,
        by=by_of(request),
        at=at_of(request),
        facts=stepform.entered(row.facts, request.POST),
        key=key,
    )
    messages.success(request, _("“%(step)s”已办理") % {"step": done.label})
    return HttpResponseRedirect(case_url(dossier.pk, anchor=f"step-{done.seq}"))


def _fresh(request: HttpRequest, ctx: Context) -> HttpResponse:
    values = dict(ctx.row.initial(ctx)) if ctx.row.initial is not None else {}
    if "law_basis" in ctx.row.facts.model_fields and not values.get("law_basis") and ctx.dossier.item_code:
        # The item's basis is on record: nobody retypes it.
        with contextlib.suppress(NotFound, Invalid):
            values["law_basis"] = catalogue.item(ctx.dossier.item_code, ctx.on, body=ctx.body).basis_text
    draft = drafts.kept(ctx.by.account_id, ctx.dossier.pk, ctx.row.verb)
    saved_at = None
    if draft is not None:
        values, saved_at = draft
    return _form(
        request,
        ctx,
        values,
        typed=draft is not None,
        saved_at=saved_at,
        occurred=values.get("_occurred_at", ""),
    )


def _form(
    request: HttpRequest,
    ctx: Context,
    values: dict[str, Any],
    *,
    typed: bool,
    errors: dict[str, list[str]] | None = None,
    reasons: tuple[Reason, ...] = (),
    refused: MingzhiError | None = None,
    saved_at: Any = None,
    occurred: str = "",
    status: int = 200,
) -> HttpResponse:
    errors = errors or {}
    standing = tuple(procedures.standing_reasons(ctx)) if not reasons and request.method != "POST" else ()
    shown = reasons or standing
    context = {
        "dossier": ctx.dossier,
        "row": ctx.row,
        "groups": stepform.groups(ctx, values, errors, typed=typed),
        "errors": stepform.error_anchors(ctx, errors),
        "reasons": shown,
        "links": reason_links(ctx.dossier, shown, ctx.by),
        "refused": refused,
        "conflict": isinstance(refused, SomebodyActed),
        "saved_at": saved_at,
        "occurred": occurred[:16],
        "key": uuid.uuid4().hex,
        "expected": ctx.dossier.steps_taken,
        "papers": [(p.template, p.title) for p in ctx.row.papers],
        "multipart": any(stepform.widget_of(i) == "files" for i in ctx.row.facts.model_fields.values()),
        "draft_url": reverse("desk:step_draft", args=[ctx.dossier.pk, ctx.row.verb]),
        "preview_url": reverse("desk:step_preview", args=[ctx.dossier.pk, ctx.row.verb]),
        "helper": "tier" in ctx.row.facts.model_fields and bool(ctx.dossier.item_code),
        "discretion": _discretion_facts(ctx) if "tier" in ctx.row.facts.model_fields else (),
        "case_url": case_url(ctx.dossier.pk),
        "trail": [
            (_("案件"), reverse("desk:cases")),
            (ctx.dossier.number, case_url(ctx.dossier.pk)),
            (ctx.row.label, ""),
        ],
    }
    return render(request, "desk/step.html", context, status=status)


def _submitted(request: HttpRequest, ctx: Context) -> HttpResponse:
    schema = ctx.row.facts
    values = stepform.entered(schema, request.POST)
    occurred = request.POST.get("_occurred_at", "")
    try:
        _take_files(request, ctx, values)
        done = procedures.advance(
            ctx.dossier.pk,
            ctx.row.verb,
            by=ctx.by,
            at=ctx.at,
            facts=values,
            occurred_at=_occurred(occurred),
            key=request.POST.get("_key", "")[:64],
            expected=_number(request.POST.get("_expected", "")),
        )
    except (GuardsUnmet, PaperIncomplete, Invalid) as refused:
        return _form(
            request,
            ctx,
            values,
            typed=True,
            errors=refused.fields,
            reasons=refused.reasons,
            refused=refused,
            occurred=occurred,
            status=409 if isinstance(refused, GuardsUnmet) else 422,
        )
    except SomebodyActed as refused:
        dossier = dossiers.access_dossier(ctx.by, ctx.dossier.pk)
        try:
            now = procedures.form_context(dossier, ctx.row.verb, by=ctx.by, at=ctx.at)
        except NoSuchStep:
            now = ctx
            now.dossier = dossier
        return _form(request, now, values, typed=True, refused=refused, occurred=occurred, status=409)
    except (NotAllowed, NotFound):
        raise
    except MingzhiError as refused:
        return _form(
            request,
            ctx,
            values,
            typed=True,
            reasons=refused.reasons,
            refused=refused,
            occurred=occurred,
            status=refused.status,
        )
    drafts.forget(ctx.by.account_id, ctx.dossier.pk, ctx.row.verb)
    messages.success(request, _("“%(step)s”已办理") % {"step": done.label})
    return HttpResponseRedirect(case_url(ctx.dossier.pk, anchor=f"step-{done.seq}"))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _occurred(text: str) -> Any:
    """When it happened, as typed; blank is now."""
    from datetime import datetime

    text = stepform.moment(text)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(fields={"_occurred_at": [_("发生时间应为 2026-09-29 15:30 这样的格式")]}) from None
    if found.tzinfo is None or not 1990 <= found.year <= 2100:
        raise Invalid(fields={"_occurred_at": [_("请核对发生时间")]})
    return found


def _take_files(request: HttpRequest, ctx: Context, values: dict[str, Any]) -> None:
    """Files handed over with the form are stored and put on the dossier first; the form then names them."""
    for name, info in ctx.row.facts.model_fields.items():
        if stepform.widget_of(info) != "files":
            continue
        for stored in files_of(request, f"{name}-upload", tokens=f"{name}-upload", field=name):
            recording.deposit(
                dossier_id=ctx.dossier.pk,
                kind="evidence",
                file_id=stored.id,
                evidence_kind="document",
                title=f"{ctx.row.label}：{stored.name}",
                by=ctx.by,
                at=ctx.at,
            )
            if str(stored.id) not in values[name]:
                values[name].append(str(stored.id))


# --- preview ------------------------------------------------------------------------------


@require_POST
def preview(request: HttpRequest, dossier_id: int, verb: str) -> HttpResponse:
    """The paper as it would look with what is typed now; stores nothing."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    ctx = procedures.form_context(dossier, verb, by=by, at=at)
    if not by.may(ctx.row.permission):
        raise NotAllowed()
    values = stepform.entered(ctx.row.facts, request.POST)
    try:
        made = procedures.preview_papers(ctx, values)
        wanted = request.POST.get("_template", "")
        chosen = next((p for p in made if p[0] == wanted), made[0] if made else None)
        if chosen is None:
            return _no_preview(request, ctx, [_("按目前填写的内容，本环节不产生文书")], {})
        page_ = documents.preview(template=chosen[0], data=chosen[2], body=ctx.body, at=at)
    except Invalid as wrong:
        return _no_preview(request, ctx, [], wrong.fields)
    except MingzhiError as wrong:
        return _no_preview(request, ctx, [wrong.sentence, *(r.sentence for r in wrong.reasons)], {})
    response = HttpResponse(page_, content_type="application/pdf")
    response["Content-Disposition"] = "inline; filename*=UTF-8''preview.pdf"
    return response


def _no_preview(
    request: HttpRequest, ctx: Context, sentences: list[str], fields: dict[str, list[str]]
) -> HttpResponse:
    lines = [*sentences, *(text for _anchor, text in stepform.error_anchors(ctx, fields))]
    return render(request, "desk/_no_preview.html", {"lines": lines, "row": ctx.row}, status=422)


# --- discretion -----------------------------------------------------------------------------


def _discretion_facts(ctx: Context) -> tuple[AskedFact, ...]:
    """What the item's benchmark must be told."""
    if not ctx.dossier.item_code:
        return ()
    return catalogue.benchmark_asks(ctx.dossier.item_code, on=ctx.on, body=ctx.body)


@require_POST
def discretion(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """What law and benchmark lead to for the circumstances chosen: steps, range, citations."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    ctx = Context(
        dossier=dossier,
        procedure=procedures.procedure(dossier.procedure, dossier.procedure_version),
        row=procedures.procedure(dossier.procedure, dossier.procedure_version).rows[0],
        by=by,
        at=at,
    )
    party = ctx.party
    facts: dict[str, Any] = {
        "party_kind": "natural" if party is not None and party.standard == "citizen" else "organisation"
    }
    for key in request.POST:
        if key.startswith("d-") and request.POST[key].strip():
            facts[key[2:]] = _typed(request.POST[key].strip())
    try:
        found = catalogue.propose(dossier.item_code, facts, on=ctx.on, body=ctx.body)
        context = {"found": found, "range": _range(found)}
    except MingzhiError as wrong:
        problems = [sentence for told in wrong.fields.values() for sentence in told]
        context = {"problem": wrong.sentence, "problems": problems}
    return render(request, "desk/_discretion.html", context)


def _typed(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text[:200]


def _range(found: Any) -> str:
    if found.fine_fen is not None:
        return _("%(sum)s 元") % {"sum": money.yuan(found.fine_fen)}
    if found.min_fen is None and found.max_fen is None:
        return ""
    low = money.yuan(found.min_fen) if found.min_fen is not None else ""
    high = money.yuan(found.max_fen) if found.max_fen is not None else ""
    if high:
        return _("%(low)s 元至 %(high)s 元") % {"low": low or "0.00", "high": high}
    return _("%(sum)s 元以上") % {"sum": low}
