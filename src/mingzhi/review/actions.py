"""Writes of the review room. Each runs inside the engine's step; the step is the outer fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from mingzhi.dossiers.api import Dossier
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.review import choices
from mingzhi.review.advice import questions_over
from mingzhi.review.data import Trigger
from mingzhi.review.errors import ReviewOutOfTurn
from mingzhi.review.events import DISAGREEMENT, OPINION, ROUND, SEAT, WEIGHED
from mingzhi.review.models import Disagreement, Opinion, Review, Seat, Weighed
from mingzhi.review.queries import review_triggers

State = choices.ReviewState


def _round(dossier_id: int, act: str, *states: str) -> Review:
    review = Review.objects.select_for_update().filter(dossier_id=dossier_id).order_by("-round").first()
    if review is None or review.state not in states:
        raise ReviewOutOfTurn(state=review.get_state_display() if review else "未送审", act=act)
    return review


@transaction.atomic
def review_request(
    *,
    dossier_id: int,
    body_id: int,
    unit_id: int,
    matter: str,
    proposal: str,
    statement: str,
    materials: Sequence[str],
    triggers: Sequence[Trigger],
    by: Actor,
    at: datetime,
) -> int:
    """送审: a new round; an earlier open round is superseded, never overwritten."""
    last = Review.objects.select_for_update().filter(dossier_id=dossier_id).order_by("-round").first()
    if last is not None and last.state in (State.SUBMITTED, State.ACCEPTED):
        raise ReviewOutOfTurn(state=last.get_state_display(), act="再次送审")
    if last is not None and last.state != State.SUPERSEDED:
        last.state = State.SUPERSEDED
        last.save(update_fields=["state"])
        ROUND.kept(last, at=at)
    review = Review.objects.create(
        dossier_id=dossier_id,
        body_id=body_id,
        unit_id=unit_id,
        round=(last.round if last else 0) + 1,
        matter=matter[:200],
        proposal=proposal,
        statement=statement,
        materials=list(materials),
        triggers=[
            {"code": t.code, "label": t.label, "explanation": t.explanation, "citation": t.citation}
            for t in triggers
        ],
        submitted_by=by.label,
        submitted_at=at,
        state=State.SUBMITTED,
    )
    ROUND.kept(review, at=at)
    return review.pk


@transaction.atomic
def review_accept(*, dossier_id: int, reviewer_id: int, due_on: date, by: Actor, at: datetime) -> None:
    """收件并指派: the term runs from here, when the materials are complete (domain §5.3)."""
    review = _round(dossier_id, "收件", State.SUBMITTED)
    review.state, review.accepted_at, review.reviewer_id, review.due_on = (
        State.ACCEPTED,
        at,
        reviewer_id,
        due_on,
    )
    review.save(update_fields=["state", "accepted_at", "reviewer", "due_on"])
    ROUND.kept(review, at=at)


@transaction.atomic
def review_reassign(*, dossier_id: int, reviewer_id: int, by: Actor, at: datetime) -> None:
    """改派: another reviewer takes the round over as it is; its term runs on."""
    review = _round(dossier_id, "改派审核人员", State.ACCEPTED)
    review.reviewer_id = reviewer_id
    review.save(update_fields=["reviewer"])
    ROUND.kept(review, at=at)


@transaction.atomic
def review_return(*, dossier_id: int, missing: str, by: Actor, at: datetime) -> None:
    """退回补充材料: no working day of the term is used."""
    review = _round(dossier_id, "退回", State.SUBMITTED)
    review.state, review.missing = State.RETURNED, missing
    review.save(update_fields=["state", "missing"])
    ROUND.kept(review, at=at)


@transaction.atomic
def review_extended(*, dossier_id: int, due_on: date, by: Actor, at: datetime) -> None:
    """延长审核期限, approved by the leader in charge (S4 二(三)4)."""
    review = _round(dossier_id, "延长审核期限", State.ACCEPTED)
    review.extended, review.due_on = True, due_on
    review.save(update_fields=["extended", "due_on"])
    ROUND.kept(review, at=at)


@transaction.atomic
def review_opine(
    *,
    dossier_id: int,
    kind: str,
    checks: Sequence[dict[str, str]],
    text: str,
    advisers: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """出具审核意见."""
    review = _round(dossier_id, "出具意见", State.ACCEPTED)
    opinion = Opinion.objects.create(
        review=review,
        kind=kind,
        checks=list(checks),
        text=text,
        advisers=advisers,
        by=by.label,
        by_name=by.name,
        at=at,
    )
    review.state = State.OPINED
    review.save(update_fields=["state"])
    ROUND.kept(review, at=at)
    OPINION.kept(opinion, at=at)
    questions_over(review, by=by, at=at)
    return opinion.pk


@transaction.atomic
def review_dissent(*, dossier_id: int, text: str, by: Actor, at: datetime) -> None:
    """承办机构不同意审核意见的书面回复: opens the coordination."""
    review = _round(dossier_id, "提出不同意见", State.OPINED)
    row = Disagreement.objects.create(
        review=review,
        opinion=review.opinions.latest("pk"),
        kind="reply",
        text=text,
        by=by.label,
        by_name=by.name,
        at=at,
    )
    review.state = State.DISPUTED
    review.save(update_fields=["state"])
    ROUND.kept(review, at=at)
    DISAGREEMENT.kept(row, at=at)


@transaction.atomic
def review_coordinate(
    *, dossier_id: int, text: str, participants: str, outcome: str, by: Actor, at: datetime
) -> None:
    """协调结果. ``reconsider`` puts the round back before its reviewer; nothing passes without one."""
    review = _round(dossier_id, "登记协调结果", State.DISPUTED)
    row = Disagreement.objects.create(
        review=review,
        opinion=review.opinions.latest("pk"),
        kind="coordination",
        text=text,
        participants=participants,
        outcome=outcome,
        by=by.label,
        by_name=by.name,
        at=at,
    )
    review.state = State.ACCEPTED if outcome == choices.Coordination.RECONSIDER else State.OPINED
    review.save(update_fields=["state"])
    ROUND.kept(review, at=at)
    DISAGREEMENT.kept(row, at=at)


@transaction.atomic
def reviews_supersede(*, dossier_id: int, unspoken: bool = False, by: Actor, at: datetime) -> None:
    """The matter changed after review (proposal revised, matter reopened): earlier rounds no longer count.

    ``unspoken``: the matter was given up, and only a round without its opinion ends with it."""
    ended = (State.SUPERSEDED, State.OPINED) if unspoken else (State.SUPERSEDED,)
    for review in Review.objects.filter(dossier_id=dossier_id).exclude(state__in=ended):
        review.state = State.SUPERSEDED
        review.save(update_fields=["state"])
        ROUND.kept(review, at=at)
        questions_over(review, by=by, at=at)


@transaction.atomic
def seat_add(*, dossier_id: int, body_id: int, unit_id: int, own_id: int, by: Actor, at: datetime) -> int:
    """Another body in whose name the decision is made as well: its opinion will be asked, in ``own_id``."""
    seat = Seat.objects.create(
        dossier_id=dossier_id,
        body_id=body_id,
        unit_id=unit_id,
        own_id=own_id,
        by=by.label,
        by_name=by.name,
        at=at,
    )
    SEAT.kept(seat, at=at)
    return seat.pk


@transaction.atomic
def facts_weighed(
    *,
    dossier: Dossier,
    body: BodyRef,
    facts: Mapping[str, Any],
    on: date,
    decided: bool = False,
    by: Actor,
    at: datetime,
) -> int | None:
    """Keep the facts over which the list is asked; empty facts say that nothing reviewable is proposed any
    more. ``decided`` marks those of a decision that is being made. The same again is not kept twice."""
    caught = [t.code for t in review_triggers(facts, body=body, on=on)] if facts else []
    kept = dict(facts)
    last = Weighed.objects.filter(dossier_id=dossier.pk).order_by("-pk").first()
    same = last is not None and (last.facts, last.caught, last.decided) == (kept, caught, decided)
    if same or (last is None and not kept):
        return None
    row = Weighed.objects.create(
        dossier_id=dossier.pk,
        body_id=body.id,
        unit_id=dossier.unit_id,
        facts=kept,
        caught=caught,
        decided=decided,
        by=by.label,
        at=at,
    )
    WEIGHED.kept(row, at=at)
    return row.pk
