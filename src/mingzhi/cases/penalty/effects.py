"""What the steps of a penalty case do in the rooms below, in the step's own transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

from mingzhi.cases.penalty import proposal
from mingzhi.cases.penalty.disclosure import penalty_disclosure
from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.deliberations import api as deliberations
from mingzhi.deliberations.data import View
from mingzhi.documents import api as documents
from mingzhi.documents.data import ServiceFacts
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import MemberRole
from mingzhi.kernel import clock, money
from mingzhi.procedures.context import Context
from mingzhi.publication import api as publication
from mingzhi.recording import api as recording
from mingzhi.review import api as review
from mingzhi.tasks import api as tasks


def _subject(ctx: Context) -> str:
    return f"dossier:{ctx.dossier.pk}"


def _who(ctx: Context) -> dict[str, Any]:
    return {"by": ctx.by, "at": ctx.at}


# --- people ----------------------------------------------------------------------------


def join_officers(ctx: Context) -> None:
    """The first named officer leads, the others assist; those no longer named leave."""
    named = list(dict.fromkeys(ctx.f.officers))
    for member in ctx.handlers:
        if member.person_id not in named:
            dossiers.member_leave(
                dossier=ctx.dossier,
                person_id=member.person_id,
                reason="调整承办人",
                recused=False,
                **_who(ctx),
            )
    for index, person_id in enumerate(named):
        role = MemberRole.LEAD if index == 0 else MemberRole.ASSIST
        dossiers.member_join(dossier=ctx.dossier, person_id=person_id, role=role, **_who(ctx))
    ctx.memo.pop("members", None)


def join_approver(ctx: Context) -> None:
    """Whoever approves has had a hand in the case from now on (SoD-1 looks at history)."""
    if ctx.by.person_id is not None:
        dossiers.member_join(
            dossier=ctx.dossier, person_id=ctx.by.person_id, role=MemberRole.APPROVER, **_who(ctx)
        )


def recuse(ctx: Context) -> None:
    """The person asked to withdraw does so, and loses access from this moment (SoD-8)."""
    asked = ctx.last("recuse_apply")
    if ctx.f.approved and asked is not None:
        dossiers.member_leave(
            dossier=ctx.dossier,
            person_id=asked.facts["target"],
            reason=f"回避：{ctx.f.reason}"[:200],
            recused=True,
            **_who(ctx),
        )


# --- the matter ----------------------------------------------------------------------------


def describe(ctx: Context) -> None:
    dossiers.dossier_described(
        dossier=ctx.dossier,
        title=ctx.f.cause,
        item_code=ctx.f.item_code,
        **_who(ctx),
    )


def verify_evidence(ctx: Context) -> None:
    for evidence_id in ctx.f.evidence:
        recording.verify_evidence(record_id=evidence_id, genuine=True, finding=ctx.f.conclusion, **_who(ctx))


# --- legal review ----------------------------------------------------------------------------


def weigh(ctx: Context) -> None:
    """Keep what the review list is asked about, as the step just stored leaves it (R115, R122)."""
    now = ctx.afresh()
    decided = ctx.row.verb == "decide"
    penalising = proposal.proposed(now).get("outcome") == "penalise"
    review.facts_weighed(
        dossier=ctx.dossier,
        body=ctx.body,
        facts={**proposal.review_facts(now), "leader_requested": False} if penalising else {},
        on=ctx.on,
        decided=decided,
        **_who(ctx),
    )


def review_submit(ctx: Context) -> None:
    now = proposal.proposed(ctx)
    from mingzhi.cases.penalty.papers import handling_text

    labels = {m.code: m.label for m in proposal.review_materials(ctx)}
    review.review_request(
        dossier_id=ctx.dossier.pk,
        body_id=ctx.dossier.body_id,
        unit_id=ctx.dossier.unit_id,
        matter=ctx.dossier.title,
        proposal=handling_text(now),
        statement=ctx.f.statement,
        materials=[labels.get(code, code) for code in ctx.f.materials],
        triggers=proposal.triggers(ctx),
        **_who(ctx),
    )


# --- hearing and discussion ------------------------------------------------------------------------


def hearing_in_time(ctx: Context) -> bool:
    """Asked for within five working days of the notice's service (第六十四条第一项)."""
    served = proposal.notice_served_on(ctx)
    if served is None or ctx.f.waived:
        return False
    requested: date = ctx.f.requested_on
    return requested <= deadlines.due(served, ctx.term("penalty.term.hearing_request")).on


def hearing_request(ctx: Context) -> None:
    if ctx.f.waived:
        return
    deliberations.hearing_request(
        dossier_id=ctx.dossier.pk,
        requested_on=ctx.f.requested_on,
        requested_by=ctx.f.requested_by,
        accepted=hearing_in_time(ctx),
        **_who(ctx),
    )


def hearing_arrange(ctx: Context) -> None:
    f = ctx.f
    deliberations.hearing_arrange(
        dossier_id=ctx.dossier.pk,
        host_id=f.host,
        recorder_id=f.recorder,
        starts_at=f.starts_at,
        place=f.place,
        public=f.public,
        closed_reason=f.closed_reason,
        **_who(ctx),
    )
    dossiers.member_join(dossier=ctx.dossier, person_id=f.host, role=MemberRole.HOST, **_who(ctx))
    tasks.task_open(
        kind="hearing.hold",
        title=f"主持听证：{ctx.dossier.title}",
        body_id=ctx.dossier.body_id,
        dossier_id=ctx.dossier.pk,
        assignee_id=f.host,
        due_on=clock.local_date(f.starts_at),
        **_who(ctx),
    )


def hearing_hold(ctx: Context) -> None:
    why = {"held": "", "absent": "当事人无正当理由拒不出席", "left": "当事人未经许可中途退出"}[ctx.f.held]
    deliberations.hearing_held(dossier_id=ctx.dossier.pk, ended_because=why, **_who(ctx))
    if why:
        # No report follows a hearing that ended because the party stayed away.
        tasks.tasks_close(kinds=("hearing.hold",), dossier_id=ctx.dossier.pk, **_who(ctx))


def hearing_report(ctx: Context) -> None:
    deliberations.hearing_reported(dossier_id=ctx.dossier.pk, report=ctx.f.report, **_who(ctx))


def discuss(ctx: Context) -> None:
    f = ctx.f
    deliberations.discussion_record(
        dossier_id=ctx.dossier.pk,
        topic=ctx.dossier.title,
        held_at=f.held_at,
        place=f.place,
        chair_id=f.chair,
        recorder_id=f.recorder,
        views=[View(v.person, ctx.person(v.person).name, v.agrees, v.text) for v in f.views],
        conclusion=f.conclusion,
        agreed=f.agreed,
        chair_reasons=f.chair_reasons,
        **_who(ctx),
    )


# --- service ---------------------------------------------------------------------------------------------


def serve(ctx: Context) -> None:
    """Store the service; when it counts from a day, start what runs from that day."""
    done = documents.serve(
        paper_id=ctx.f.paper,
        mode=proposal.SERVICE_MODES[ctx.f.mode],
        facts=proposal.service_facts(ctx),
        **_who(ctx),
    )
    for key in ("papers", "services"):
        ctx.memo.pop(key, None)
    if (act := proposal.SERVICE_ACTS.get(ctx.f.mode)) and not ctx.f.failed:
        recording.act_taken(
            dossier=ctx.dossier,
            body=ctx.body,
            act=act,
            began_at=ctx.occurred_at,
            ended_at=ctx.occurred_at,
            step_id=ctx.step_id,
            **_who(ctx),
        )
    if done.deemed_on is None:
        return
    paper = documents.paper(ctx.f.paper)
    if paper.template in proposal.NOTICES:
        _start(ctx, "penalty.term.statement", "陈述申辩期限", done.deemed_on)
        if paper.template == "P13H":
            _start(ctx, "penalty.term.hearing_request", "申请听证期限", done.deemed_on)
    elif paper.template in proposal.DECISIONS:
        deadlines.stop(
            subject=_subject(ctx), norm="penalty.term.service_when_absent", on=ctx.occurred_at, **_who(ctx)
        )
        if proposal.owed_fen(ctx):
            _start(ctx, "penalty.term.payment", "缴纳罚款期限", done.deemed_on)
        _start(ctx, "remedy.term.review_application", "申请行政复议期限", done.deemed_on)
        _start(ctx, "remedy.term.litigation", "提起行政诉讼期限", done.deemed_on)


def _start(ctx: Context, norm: str, label: str, since: date) -> None:
    """A clock that runs from the deemed day of service rather than from the step."""
    deadlines.start(
        subject=_subject(ctx),
        dossier_id=ctx.dossier.pk,
        norm=norm,
        label=label,
        citation=catalogue.norm(norm, body=ctx.body, on=ctx.on).citation_text,
        started=clock.at_local(since),
        term=ctx.term(norm),
        unit_id=ctx.dossier.unit_id,
        body_id=ctx.dossier.body_id,
        warn_at=(),
        **_who(ctx),
    )


def e_service(ctx: Context) -> None:
    party = ctx.party
    if party is not None:
        dossiers.e_service_agreed(
            party_id=party.id, address=ctx.f.address, on=clock.at_local(ctx.f.signed_on), **_who(ctx)
        )


def served_on_the_spot(ctx: Context) -> None:
    """A decision made on the spot is handed over on the spot, which is its service: signed for, or the
    refusal noted on it (第五十二条第二款). What runs from service runs from that day."""
    paper = documents.papers(ctx.dossier.pk, step_id=ctx.step_id)[0]
    name = ctx.party.name if ctx.party else ""
    signed = ctx.f.signature == "signed"
    facts = ServiceFacts(
        on=ctx.on,
        place=ctx.f.place,
        recipient=name,
        signer=name if signed else "",
        refused_reason="" if signed else ctx.f.signature_note,
        officers=tuple(ctx.person(p).name for p in ctx.f.officers),
        on_spot=True,
    )
    done = documents.serve(paper_id=paper.id, mode="direct", facts=facts, **_who(ctx))
    for key in ("papers", "services"):
        ctx.memo.pop(key, None)
    assert done.deemed_on is not None
    _start(ctx, "remedy.term.review_application", "申请行政复议期限", done.deemed_on)
    if not ctx.f.collected and money.fen(ctx.f.fine_yuan):
        _start(ctx, "penalty.term.payment", "缴纳罚款期限", done.deemed_on)


# --- disclosure ---------------------------------------------------------------------------------------------


def schedule_disclosure(ctx: Context) -> None:
    """In the decision's transaction: an incomplete snapshot is refused here, at the desk (style C.13)."""
    publication.schedule(
        dossier_id=ctx.dossier.pk,
        kind="penalty",
        decided_on=ctx.on,
        snapshot=penalty_disclosure(ctx),
        body=ctx.body,
        unit_id=ctx.dossier.unit_id,
        **_who(ctx),
    )


def schedule_if_penalised(ctx: Context) -> None:
    """Penalties are disclosed; a decision to spare or to transfer is not a penalty (第四十八条第一款)."""
    if getattr(ctx.f, "outcome", "penalise") == "penalise":
        schedule_disclosure(ctx)


def begin_anew(ctx: Context) -> None:
    """Reopened after annulment: reviews and hearings of the annulled decision count no more."""
    review.reviews_supersede(dossier_id=ctx.dossier.pk, **_who(ctx))
    deliberations.hearings_supersede(dossier_id=ctx.dossier.pk, **_who(ctx))


def settle_payment(ctx: Context) -> None:
    """Paid in full: the time to pay is met. The step just stored counts too."""
    ctx.memo.pop("steps", None)
    ctx.memo.pop("run", None)
    if proposal.outstanding_fen(ctx) == 0:
        deadlines.stop(subject=_subject(ctx), norm="penalty.term.payment", on=ctx.occurred_at, **_who(ctx))


def defer(ctx: Context) -> None:
    """An approved deferral moves the end of the time to pay; one asked for too late is a new term."""
    due = proposal.pay_by(ctx)
    if ctx.f.approved and ctx.f.until is not None and due is not None and ctx.on <= due:
        deadlines.extend(
            subject=_subject(ctx),
            norm="penalty.term.payment",
            until=ctx.f.until,
            reason=ctx.f.reason,
            approved_by=ctx.by.name,
            **_who(ctx),
        )


def drop_clocks(ctx: Context) -> None:
    """The matter ended: what still ran has no object any more."""
    deadlines.drop_of_dossier(dossier_id=ctx.dossier.pk, on=ctx.occurred_at, **_who(ctx))
