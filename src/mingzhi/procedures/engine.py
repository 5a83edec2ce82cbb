"""The life of a step: the only way a dossier's state changes (design §4).

Crash story. What ``_advance`` writes is one database transaction: the step, the state, papers
and their numbers, clocks, to-dos, what the rooms below store, the ledger entries and the outbox
rows. If the process dies anywhere in it, nothing of it happened. If it dies after the commit,
everything happened: rendering, sequencing and sending are taken up by the worker from rows that
the commit left behind. A refused attempt is written to the second log after the rollback.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.documents import api as documents
from mingzhi.documents.data import Reserved, Signed
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.errors import Invalid, MingzhiError, NotAllowed, Reason
from mingzhi.kernel.prepared import insert
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.procedures import facts as facts_of
from mingzhi.procedures import queries, registry
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Option, Procedure, Row, StepView
from mingzhi.procedures.errors import GuardsUnmet, NoSuchStep, SomebodyActed
from mingzhi.procedures.events import STEP
from mingzhi.procedures.models import Step
from mingzhi.recording import api as recording
from mingzhi.tasks import api as tasks

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of the server an entered time may lie: clocks of desks and phones differ a little."""

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")

RETRIES = 5
"""How often a step is judged anew when others act on the same dossier at the same moment."""


def advance(
    dossier_id: int,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    facts: dict[str, Any],
    occurred_at: datetime | None = None,
    key: str = "",
    expected: int | None = None,
    reserved: Mapping[str, Reserved] | None = None,
    signed: Sequence[Signed] = (),
) -> StepView:
    """Take the step ``verb`` on the dossier.

    ``facts`` are as entered and are validated by the row's schema. ``occurred_at`` is when the act
    happened, by default now. ``key`` identifies one submission: the same key again returns the step
    it made. ``expected`` is the number of steps the person had seen; if somebody acted since,
    ``SomebodyActed`` is raised and nothing is written. ``reserved`` says, by template, what papers
    bore that were handed over before the step reached the server; ``signed`` are the signatures given on
    the glass for what the first paper of the step says.

    Errors: ``NotFound`` (no such dossier for this person), ``NoSuchStep``, ``NotAllowed``,
    ``GuardsUnmet`` with every reason and every field that is wrong as well, ``Invalid`` where only
    fields are, ``SomebodyActed``.
    """
    if key and not _KEY.fullmatch(key):
        raise Invalid("提交凭据无法识别，请刷新页面后重新提交", code="procedure.key_malformed")
    try:
        return _advance(
            dossier_id,
            verb,
            by=by,
            at=at,
            facts=facts,
            occurred_at=occurred_at,
            key=key,
            expected=expected,
            reserved=reserved or {},
            signed=signed,
        )
    except IntegrityError:
        if not key:
            raise
        # The dossier row is locked, so only one submission key used on two dossiers at once gets here.
        raise Invalid("提交凭据已在其他案件中使用，请刷新页面后重新提交", code="procedure.key_used") from None
    except MingzhiError as refused:
        ledger.attempt(
            f"step:{verb}",
            f"dossier:{dossier_id}",
            by=by.label,
            at=at,
            outcome="denied",
            detail={
                "code": refused.code,
                "reasons": [r.code for r in refused.reasons],
                "fields": sorted(refused.fields),
            },
        )
        raise


def _advance(
    dossier_id: int,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    facts: dict[str, Any],
    occurred_at: datetime | None,
    key: str,
    expected: int | None,
    reserved: Mapping[str, Reserved],
    signed: Sequence[Signed],
) -> StepView:
    """Look, judge, then hold the dossier and write.

    Guards are asked before the dossier is held, so that writers wait on one another for the writing
    only. What guards look at changes by steps; if a step was taken in between, everything is looked
    at and judged again. What does not change by steps (a certificate suspended in these
    milliseconds) counts as it was when it was looked at.
    """
    for _ in range(RETRIES):
        dossier = dossiers.access_dossier(by, dossier_id)
        if key and (done := queries.step_by_key(key)) is not None:
            if done.dossier_id != dossier_id or done.verb != verb:
                raise Invalid("提交凭据与本环节不符，请刷新页面后重新提交")
            return queries.step_view(done, dossier)
        procedure = registry.procedure(dossier.procedure, dossier.procedure_version)
        if expected is not None and expected != dossier.steps_taken:
            last = queries.steps(dossier)[-1]
            raise SomebodyActed(who=last.by_name, label=last.label, taken=dossier.steps_taken)
        ctx = Context(
            dossier=dossier,
            procedure=procedure,
            row=_row(procedure, dossier, verb),
            by=by,
            at=at,
            occurred_at=occurred_at,
        )
        _require(ctx)
        ctx = _checked(ctx, facts)
        if ctx.row.papers:
            ctx.warm()
        target = ctx.row.target(ctx) if callable(ctx.row.target) else ctx.row.target
        state = procedure.by_state[target or dossier.state]
        step = _step(ctx, state=state.code, key=key)
        with transaction.atomic():
            if not dossiers.dossier_move(
                dossier=dossier, state=state.code, stage=state.stage, closed=state.final, at=at
            ):
                continue
            ctx.step_id, ctx.step_seq = insert(step).pk, step.seq
            _consequences(ctx, reserved, signed)
            STEP.kept(step, at=at)
            taken = queries.step_view(step, dossier)
            for told in registry.listening(verb):
                told(ctx, taken)
        return taken
    raise SomebodyActed(who="其他人员", label="其他环节", taken=dossier.steps_taken)


def _row(procedure: Procedure, dossier: dossiers.Dossier, verb: str) -> Row:
    row = procedure.by_verb.get(verb)
    state = procedure.by_state[dossier.state]
    if row is None or dossier.state not in row.sources:
        raise NoSuchStep(state=state.label, label=row.label if row else verb)
    return row


def _relation_reason(ctx: Context) -> Reason | None:
    """Whether this person stands to the dossier as the row demands."""
    row, by = ctx.row, ctx.by
    if ctx.dossier.body_id != by.body_id:
        return Reason("relation.body", "本案由其他机关办理，您只能查看", "行政处罚法第二十二条")
    if row.relation == "member" and all(m.person_id != by.person_id for m in ctx.members):
        return Reason(
            "relation.member", "您不是本案承办人", "", "请由承办机构负责人将您指派为承办人", "members"
        )
    if row.relation == "unit" and ctx.dossier.unit_id != by.unit_id:
        return Reason("relation.unit", "本案由其他承办机构办理")
    return None


def _require(ctx: Context) -> None:
    if not ctx.by.may(ctx.row.permission):
        raise NotAllowed(
            f"“{ctx.row.label}”须由具有相应职责的人员办理",
            code="not_allowed.permission",
            permission=ctx.row.permission.value,
        )
    reason = _relation_reason(ctx)
    if reason is not None:
        raise NotAllowed(reason.sentence, code=reason.code, remedy=reason.remedy)


def standing_reasons(ctx: Context) -> list[Reason]:
    """Every standing condition not met: guards of the row, and the recording it must have."""
    reasons: list[Reason] = []
    for guard in ctx.row.guards:
        if guard.standing:
            reasons += [_cited(r, guard.citation) for r in guard.check(ctx)]
    if ctx.row.recording:
        reasons += recording.act_problems(
            dossier_id=ctx.dossier.pk, act=ctx.row.recording, body=ctx.body, on=ctx.on
        )
    return reasons


def fact_reasons(ctx: Context) -> list[Reason]:
    """Every condition on the entered facts not met."""
    reasons: list[Reason] = []
    if ctx.occurred_at > ctx.at + CLOCK_SKEW:
        reasons.append(Reason("time.future", "发生时间晚于当前时间", "", "请核对发生时间"))
    if ctx.occurred_at < ctx.dossier.opened_at - timedelta(days=3660):
        reasons.append(Reason("time.ancient", "发生时间早于建卷十年以上", "", "请核对发生时间"))
    if ctx.row.officers:
        named = tuple(getattr(ctx.facts, "officers", ()) or ())
        reasons += organisations.certified_problems(
            named, ctx.on, at_least=ctx.row.officers, field=ctx.dossier.field
        )
    reasons += _strangers(ctx)
    for guard in ctx.row.guards:
        if not guard.standing:
            reasons += [_cited(r, guard.citation) for r in guard.check(ctx)]
    return reasons


def _strangers(ctx: Context) -> list[Reason]:
    """Whoever is named in a step, as officer, reviewer, host or recorder, is of the body whose dossier it is."""
    named = {p for name in facts_of.people_fields(ctx.row.facts) for p in _people(getattr(ctx.f, name))}
    if not named:
        return []
    found = ctx.people(named | {m.person_id for m in ctx.members})  # whom papers will ask for as well
    return [
        Reason("people.foreign", f"{found[p].name}不是本机关人员", "", "请从本机关人员名录中选择", "people")
        for p in sorted(named & found.keys())
        if found[p].body_id != ctx.dossier.body_id
    ]


def _people(value: Any) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value or ())


def _cited(reason: Reason, citation: str) -> Reason:
    return reason if reason.citation else replace(reason, citation=citation)


def _checked(ctx: Context, entered: dict[str, Any]) -> Context:
    """Guards and facts together, so that everything wrong is told at once."""
    reasons = standing_reasons(ctx)
    fields: dict[str, list[str]] = {}
    try:
        ctx.facts = facts_of.parse(ctx.row.facts, entered)
    except Invalid as wrong:
        if not reasons:
            raise
        fields = wrong.fields
    else:
        reasons += fact_reasons(ctx)
    if reasons:
        raise GuardsUnmet(label=ctx.row.label, reasons=reasons, fields=fields)
    return ctx


def _step(ctx: Context, *, state: str, key: str) -> Step:
    """The step as it will be stored: everything in it is known before the dossier is held."""
    dossier, row = ctx.dossier, ctx.row
    return Step(
        dossier_id=dossier.pk,
        seq=dossier.steps_taken + 1,
        verb=row.verb,
        stage=row.stage,
        from_state=dossier.state,
        to_state=state,
        by=ctx.by.label,
        by_name=ctx.by.name,
        by_unit=ctx.by.unit_id,
        at=ctx.at,
        occurred_at=ctx.occurred_at,
        facts=ctx.f.model_dump(mode="json"),
        norms=_norms(ctx),
        key=key or None,
    )


def _norms(ctx: Context) -> dict[str, Any]:
    """The norms the step applied, with the terms of the clocks it will start."""
    for clock in ctx.row.clocks:
        if clock.when is None or clock.when(ctx):
            ctx.norm(clock.norm)
    return dict(ctx.norms_used)


def _consequences(ctx: Context, reserved: Mapping[str, Reserved], signed: Sequence[Signed]) -> None:
    """Effects in the rooms below, papers, clocks, the recording expected, to-dos: in this order, because
    papers may need what an effect stored and to-dos may need a clock's due date."""
    row, dossier = ctx.row, ctx.dossier
    for effect in row.effects:
        effect(ctx)
    for paper in row.papers:
        if paper.when is None or paper.when(ctx):
            documents.draw(
                dossier_id=dossier.pk,
                template=paper.template,
                data=paper.data(ctx),
                body=ctx.body,
                step_id=ctx.step_id,
                by=ctx.by,
                at=ctx.at,
                reserved=reserved.get(paper.template),
                signed=signed,
            )
            signed = ()
    for effect in row.after_papers:
        effect(ctx)
    for norm in row.stops:
        deadlines.stop(subject=f"dossier:{dossier.pk}", norm=norm, on=ctx.occurred_at, by=ctx.by, at=ctx.at)
    due: dict[str, Any] = {}
    for clock in row.clocks:
        if clock.when is not None and not clock.when(ctx):
            continue
        term = catalogue.term(clock.norm, body=ctx.body, on=ctx.on)
        started = clock.since(ctx) if clock.since else ctx.occurred_at
        deadlines.start(
            subject=clock.subject(ctx) if clock.subject else f"dossier:{dossier.pk}",
            dossier_id=dossier.pk,
            norm=clock.norm,
            label=clock.label,
            citation=catalogue.norm(clock.norm, body=ctx.body, on=ctx.on).citation_text,
            started=started,
            term=term,
            unit_id=dossier.unit_id,
            body_id=dossier.body_id,
            warn_at=clock.warn_at,
            by=ctx.by,
            at=ctx.at,
        )
        due[clock.norm] = deadlines.due(started, term).on
    if row.recording:
        recording.act_taken(
            dossier=dossier,
            body=ctx.body,
            act=row.recording,
            began_at=getattr(ctx.f, "began_at", ctx.occurred_at),
            ended_at=getattr(ctx.f, "ended_at", ctx.occurred_at),
            step_id=ctx.step_id,
            by=ctx.by,
            at=ctx.at,
        )
    if row.closes:
        tasks.tasks_close(kinds=row.closes, dossier_id=dossier.pk, by=ctx.by, at=ctx.at)
    if dossier.closed_at is not None:
        tasks.tasks_close_all(dossier_id=dossier.pk, by=ctx.by, at=ctx.at)
    for task in row.tasks:
        if task.when is not None and not task.when(ctx):
            continue
        to_lead = task.to == "lead"
        tasks.task_open(
            kind=task.kind,
            title=task.title.format(number=dossier.number, title=dossier.title),
            body_id=dossier.body_id,
            dossier_id=dossier.pk,
            unit_id=dossier.unit_id if task.to == "cases:case:unit_check" else None,
            assignee_id=dossier.lead_id if to_lead else None,
            permission="" if to_lead and dossier.lead_id else ("cases:case:act" if to_lead else task.to),
            due_on=due.get(task.due_clock),
            by=ctx.by,
            at=ctx.at,
        )


def options(
    dossier: dossiers.Dossier, *, by: Actor, at: datetime, shared: dict[str, Any] | None = None
) -> list[Option]:
    """Every step the procedure knows from here, open or with all reasons: what 下一步 shows.

    Reads of the dossier are shared among the rows, so the query count does not grow with them;
    a page that has a ``Context`` of its own hands in its ``memo`` as ``shared``.
    """
    procedure = registry.procedure(dossier.procedure, dossier.procedure_version)
    shared = {} if shared is None else shared
    found = []
    for row in procedure.rows:
        if dossier.state not in row.sources:
            continue
        ctx = Context(dossier=dossier, procedure=procedure, row=row, by=by, at=at, shared=shared)
        reasons = standing_reasons(ctx)
        mine = by.may(row.permission)
        if not mine:
            reasons.insert(0, Reason("not_allowed.permission", f"须由{who_may(row)}办理"))
        else:
            relation = _relation_reason(ctx)
            if relation is not None:
                reasons.insert(0, relation)
        found.append(
            Option(
                verb=row.verb,
                label=row.label,
                stage=row.stage,
                citation=row.citation,
                help=row.help,
                open=not reasons,
                reasons=tuple(reasons),
                confirm=row.confirm,
                mine=mine,
            )
        )
    return found


def who_may(row: Row) -> str:
    """The roles that hold the row's permission, in words."""
    return "、".join(organisations.roles_with(row.permission))


def form_context(dossier: dossiers.Dossier, verb: str, *, by: Actor, at: datetime) -> Context:
    """A context for showing the form of ``verb``: its defaults and the options of its choices."""
    procedure = registry.procedure(dossier.procedure, dossier.procedure_version)
    row = _row(procedure, dossier, verb)
    return Context(dossier=dossier, procedure=procedure, row=row, by=by, at=at)


def preview_papers(ctx: Context, entered: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(template, title, data) of the papers the entered facts would produce, for the live preview."""
    ctx.facts = facts_of.parse(ctx.row.facts, entered)
    return [(p.template, p.title, p.data(ctx)) for p in ctx.row.papers if p.when is None or p.when(ctx)]
