"""What the steps of a legal review do in the rooms below, whatever is reviewed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.data import Term
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import MemberRole
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Effect
from mingzhi.review import api as review
from mingzhi.tasks import api as tasks


def _who(ctx: Context) -> dict[str, Any]:
    return {"by": ctx.by, "at": ctx.at}


def review_outdated(ctx: Context) -> None:
    """A new report makes earlier reviews of an older proposal count no more."""
    review.reviews_supersede(dossier_id=ctx.dossier.pk, **_who(ctx))
    deadlines.stop(subject=f"dossier:{ctx.dossier.pk}", norm="review.term.opinion", on=ctx.at, **_who(ctx))
    tasks.tasks_close(kinds=("review.accept", "review.opine"), dossier_id=ctx.dossier.pk, **_who(ctx))


def review_accept(ctx: Context) -> None:
    due = deadlines.due(ctx.at, ctx.term("review.term.opinion")).on
    review.review_accept(dossier_id=ctx.dossier.pk, reviewer_id=ctx.f.reviewer, due_on=due, **_who(ctx))
    _to_reviewer(ctx, due)


def review_reassign(ctx: Context) -> None:
    """The one until now has no hand in the matter any more; the other has the rest of the term."""
    now = review.review_current(ctx.dossier.pk)
    if now is None or now.reviewer_id is None:
        return
    review.review_reassign(dossier_id=ctx.dossier.pk, reviewer_id=ctx.f.reviewer, **_who(ctx))
    dossiers.member_leave(
        dossier=ctx.dossier,
        person_id=now.reviewer_id,
        reason=f"改派：{ctx.f.reason}"[:200],
        recused=ctx.f.recused,
        **_who(ctx),
    )
    tasks.tasks_close(kinds=("review.opine",), dossier_id=ctx.dossier.pk, **_who(ctx))
    _to_reviewer(ctx, now.due_on)


def _to_reviewer(ctx: Context, due: date | None) -> None:
    dossiers.member_join(dossier=ctx.dossier, person_id=ctx.f.reviewer, role=MemberRole.REVIEWER, **_who(ctx))
    tasks.task_open(
        kind="review.opine",
        title=f"法制审核：{ctx.dossier.title}",
        body_id=ctx.dossier.body_id,
        dossier_id=ctx.dossier.pk,
        assignee_id=ctx.f.reviewer,
        due_on=due,
        **_who(ctx),
    )


def review_return(ctx: Context) -> None:
    review.review_return(dossier_id=ctx.dossier.pk, missing=ctx.f.missing, **_who(ctx))


def review_extend(ctx: Context) -> None:
    """Once, by the body's extension, counted from the day that the term would have ended."""
    current = review.review_current(ctx.dossier.pk)
    if current is None or current.due_on is None:
        return
    extra: Term = ctx.term("review.term.extension")
    deadlines.extend(
        subject=f"dossier:{ctx.dossier.pk}",
        norm="review.term.opinion",
        by_term=extra,
        reason=ctx.f.reason,
        approved_by=ctx.by.label,
        **_who(ctx),
    )
    review.review_extended(
        dossier_id=ctx.dossier.pk, due_on=deadlines.due(current.due_on, extra).on, **_who(ctx)
    )


def review_opine(labels: Callable[[Context], dict[str, str]]) -> Effect:
    """The opinion, each check with the words it was asked in: the list may change, the opinion does not."""

    def give(ctx: Context) -> None:
        asked = labels(ctx)
        review.review_opine(
            dossier_id=ctx.dossier.pk,
            kind=ctx.f.kind,
            checks=[{**c.model_dump(), "label": asked.get(c.code, c.code)} for c in ctx.f.checks],
            text=ctx.f.text,
            advisers=ctx.f.advisers,
            **_who(ctx),
        )

    return give


def review_dissent(ctx: Context) -> None:
    review.review_dissent(dossier_id=ctx.dossier.pk, text=ctx.f.text, **_who(ctx))


def review_coordinate(ctx: Context) -> None:
    review.review_coordinate(
        dossier_id=ctx.dossier.pk,
        text=ctx.f.text,
        participants=ctx.f.participants,
        outcome=ctx.f.outcome,
        **_who(ctx),
    )
    current = review.review_current(ctx.dossier.pk)
    if ctx.f.outcome == "reconsider" and current is not None and current.reviewer_id is not None:
        tasks.task_open(
            kind="review.opine",
            title=f"重新出具审核意见：{ctx.dossier.title}",
            body_id=ctx.dossier.body_id,
            dossier_id=ctx.dossier.pk,
            assignee_id=current.reviewer_id,
            **_who(ctx),
        )
