"""What the steps of a matter sent for review do in the rooms below, in the step's own transaction.

Crash story: the leading body's submission opens the other bodies' dossiers, hands them the materials and
opens their rounds in the one transaction of the step; either all bodies are asked, or none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mingzhi.cases.matters import disclosure, matter
from mingzhi.cases.matters.guards import NONE_SIGNED, OTHER_PARTY, OWN_PASSED, REGISTERED_WHOLE, needs_round
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import MemberRole
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.context import Context
from mingzhi.procedures.errors import GuardsUnmet
from mingzhi.publication import api as publication
from mingzhi.recording import api as recording
from mingzhi.review import api as review
from mingzhi.review.data import SeatView
from mingzhi.tasks import api as tasks

RUNNING_TASKS = ("review.accept", "review.opine", "review.coordinate")
SIGNING_TASKS = ("review.decide", "review.report_up", "review.sign")


def _who(ctx: Context) -> dict[str, Any]:
    return {"by": ctx.by, "at": ctx.at}


def take_on(ctx: Context) -> None:
    """Who registers the matter handles it."""
    if ctx.by.person_id is not None:
        dossiers.member_join(
            dossier=ctx.dossier, person_id=ctx.by.person_id, role=MemberRole.LEAD, **_who(ctx)
        )
    ctx.memo.pop("members", None)


def weigh(ctx: Context) -> None:
    """Keep what the review list is asked about, as the step just stored leaves it (R115, R122)."""
    review.facts_weighed(
        dossier=ctx.dossier,
        body=ctx.body,
        facts=matter.review_facts(ctx.afresh()),
        on=ctx.on,
        decided=ctx.row.verb in ("matter_decide", "report_up"),
        **_who(ctx),
    )


def submit(ctx: Context) -> None:
    """Send to every body whose review is open: one that agreed to this very text is not asked again."""
    _seat_partners(ctx)
    labels = {m.code: m.label for m in matter.materials(ctx)}
    sent: dict[str, Any] = {
        "matter": ctx.dossier.title,
        "proposal": matter.proposal(ctx),
        "statement": ctx.f.statement,
        "materials": [labels.get(code, code) for code in ctx.f.materials],
        "triggers": matter.triggers(ctx),
        **_who(ctx),
    }
    now = review.review_standing(ctx.dossier.pk)
    if needs_round(now.own):
        review.review_request(
            dossier_id=ctx.dossier.pk, body_id=ctx.dossier.body_id, unit_id=ctx.dossier.unit_id, **sent
        )
        _ask(ctx, ctx.dossier.pk, ctx.dossier.body_id)
    for seat in now.seats:
        _hand_materials(ctx, seat.own_id)
        if needs_round(seat.review):
            review.review_request(dossier_id=seat.own_id, body_id=seat.body_id, unit_id=seat.unit_id, **sent)
            _ask(ctx, seat.own_id, seat.body_id)


def _ask(ctx: Context, dossier_id: int, body_id: int) -> None:
    tasks.task_open(
        kind="review.accept",
        title=f"法制审核收件：{ctx.dossier.title}",
        body_id=body_id,
        dossier_id=dossier_id,
        permission=Permission.REVIEW_ASSIGN,
        **_who(ctx),
    )


def _seat_partners(ctx: Context) -> None:
    """A dossier of its own for every other body, once; it is opened at the body and handled by its unit."""
    seated = {s.unit_id for s in review.review_standing(ctx.dossier.pk).seats}
    for unit_id in matter.registered(ctx).get("partners", ()):
        if unit_id in seated:
            continue
        unit = organisations.unit(unit_id)
        table = procedures.procedure(matter.JOINT, on=clock.local_date(ctx.at))
        own = dossiers.dossier_open(
            procedure=table.code,
            procedure_version=table.version,
            state=table.initial,
            stage=table.by_state[table.initial].stage,
            title=ctx.dossier.title,
            body_id=unit.body_id,
            unit_id=unit.id,
            field=ctx.dossier.field,
            linked_from=ctx.dossier.pk,
            **_who(ctx),
        )
        review.seat_add(
            dossier_id=ctx.dossier.pk, body_id=unit.body_id, unit_id=unit.id, own_id=own.pk, **_who(ctx)
        )


def _hand_materials(ctx: Context, own_id: int) -> None:
    """The other body reads what the leading body sent: the same stored files, on its own dossier."""
    for record in recording.records(ctx.dossier.pk):
        if record.kind == "evidence":
            recording.deposit(
                dossier_id=own_id,
                kind="evidence",
                file_id=record.file.id,
                evidence_kind=record.evidence_kind,
                title=record.title,
                purpose=record.purpose,
                **_who(ctx),
            )


def outdate(ctx: Context) -> None:
    """The text changed: whoever agreed, agreed to another (R121). Every body is asked anew.

    A body may sign while this step is judged: its dossier is held here and looked at again, as ``signed``
    looks at its round again, so that one of the two is refused."""
    seats, signed_ids = _held_seats(ctx)
    if signed_ids:
        raise GuardsUnmet(label=ctx.row.label, reasons=NONE_SIGNED.check(ctx.afresh()), fields={})
    _end_rounds(ctx, (ctx.dossier.pk, *(s.own_id for s in seats)))


def _held_seats(ctx: Context) -> tuple[tuple[SeatView, ...], set[int]]:
    """The other bodies' seats, their dossiers held, and which of these were signed."""
    seats = review.review_standing(ctx.dossier.pk).seats
    held = [dossiers.dossier_lock(dossier_id=s.own_id) for s in seats]
    return seats, {own.pk for own in held if own.state == "signed"}


def _end_rounds(ctx: Context, dossier_ids: Iterable[int], *, unspoken: bool = False) -> None:
    for dossier_id in dossier_ids:
        review.reviews_supersede(dossier_id=dossier_id, unspoken=unspoken, **_who(ctx))
        deadlines.stop(subject=f"dossier:{dossier_id}", norm="review.term.opinion", on=ctx.at, **_who(ctx))
        tasks.tasks_close(kinds=(*RUNNING_TASKS, *SIGNING_TASKS), dossier_id=dossier_id, **_who(ctx))


def signed(ctx: Context) -> None:
    """The engine holds the dossier now: the text must still be the one that was agreed to."""
    reasons = OWN_PASSED.check(ctx.afresh())
    if reasons:
        raise GuardsUnmet(label=ctx.row.label, reasons=reasons, fields={})
    join_approver(ctx)


def _lead(ctx: Context) -> dossiers.Dossier:
    place = matter.seat(ctx)
    return dossiers.Dossier.objects.get(pk=place.dossier_id) if place else ctx.dossier


def _put_before_handler(ctx: Context, kind: str, words: str) -> None:
    lead = _lead(ctx)
    tasks.task_open(
        kind=kind,
        title=f"{words}：{lead.title}",
        body_id=lead.body_id,
        dossier_id=lead.pk,
        assignee_id=lead.lead_id,
        permission="" if lead.lead_id else Permission.CASE_ACT,
        **_who(ctx),
    )


def tell_lead(ctx: Context) -> None:
    """What an opinion means: who handles the matter mends it; a body that agreed signs; when all agreed, it
    is decided, or reported to the government."""
    if ctx.f.kind != "agree":
        _put_before_handler(ctx, "review.revise", "研究处理审核意见")
        return
    lead = _lead(ctx)
    if ctx.dossier.pk != lead.pk:
        _put_before_leader(ctx, ctx.dossier, "review.sign", "会签")
    if review.review_standing(lead.pk).passed:
        government = matter.registered(ctx).get("in_name") == "government"
        _put_before_leader(
            ctx, lead, "review.report_up" if government else "review.decide", "法制审核均已通过，请签批"
        )


def _put_before_leader(ctx: Context, dossier: dossiers.Dossier, kind: str, words: str) -> None:
    tasks.task_open(
        kind=kind,
        title=f"{words}：{dossier.title}",
        body_id=dossier.body_id,
        dossier_id=dossier.pk,
        permission=Permission.CASE_APPROVE,
        **_who(ctx),
    )


def tell_lead_coordinated(ctx: Context) -> None:
    if ctx.f.outcome != "reconsider":
        _put_before_handler(ctx, "review.revise", "按协调结论办理")


def tell_lead_returned(ctx: Context) -> None:
    _put_before_handler(ctx, "review.revise", "补充材料后再次送审")


def join_approver(ctx: Context) -> None:
    if ctx.by.person_id is not None:
        dossiers.member_join(
            dossier=ctx.dossier, person_id=ctx.by.person_id, role=MemberRole.APPROVER, **_who(ctx)
        )


def describe(ctx: Context) -> None:
    """The item and how secret the matter is, as registered. Somebody may have put another party on the dossier
    while this was judged: it is held now, so that is looked at again."""
    reasons = [r for r in REGISTERED_WHOLE.check(ctx.afresh()) if r.code == OTHER_PARTY]
    if reasons:
        raise GuardsUnmet(label=ctx.row.label, reasons=reasons, fields={})
    dossiers.dossier_described(
        dossier=ctx.dossier, item_code=ctx.f.item_code, secrecy=ctx.f.secrecy, **_who(ctx)
    )


def disclose(ctx: Context) -> None:
    """Take the decision up for disclosure in its own transaction; the clock runs from the day it bears (R043, R044)."""
    if getattr(ctx.f, "made", "made") == "made":
        _take_up(ctx, disclosure.deciding(ctx))


def disclose_later(ctx: Context) -> None:
    """The same for a decision that was made before: its clock began with the decision all the same."""
    told = disclosure.decided(ctx, ctx.f.model_dump(mode="json"))
    assert told is not None
    _take_up(ctx, told)


def _take_up(ctx: Context, told: disclosure.Told) -> None:
    if disclosure.elsewhere(told):
        return
    publication.schedule(
        dossier_id=ctx.dossier.pk,
        kind=disclosure.kind(ctx),
        decided_on=told.decided_on,
        snapshot=disclosure.snapshot(ctx, told),
        body=ctx.body,
        unit_id=ctx.dossier.unit_id,
        **_who(ctx),
    )


def end(ctx: Context) -> None:
    """The matter is given up: nothing waits for a review any more; the other bodies are told to close theirs.

    Who has signed has: that stays, and hinders nobody from giving the matter up."""
    seats, _signed = _held_seats(ctx)
    _end_rounds(ctx, (ctx.dossier.pk, *(s.own_id for s in seats)), unspoken=True)
    deadlines.drop_of_dossier(dossier_id=ctx.dossier.pk, on=ctx.occurred_at, **_who(ctx))
    for seat in seats:
        tasks.task_open(
            kind="review.end",
            title=f"牵头机关已终止，办理终结：{ctx.dossier.title}",
            body_id=seat.body_id,
            dossier_id=seat.own_id,
            permission=Permission.REVIEW_ASSIGN,
            **_who(ctx),
        )
