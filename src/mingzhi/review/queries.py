"""Reads of the review room, and the question it exists for: must this decision be reviewed?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet

from mingzhi.catalogue import api as catalogue
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.review import choices
from mingzhi.review.data import DisagreementView, OpinionView, ReviewView, SeatView, Standing, Trigger
from mingzhi.review.models import Review, Seat
from mingzhi.review.trial import caught_by


def review_triggers(facts: Mapping[str, Any], *, body: BodyRef, on: date) -> list[Trigger]:
    """Every rule of the body's review catalogue that this proposal meets, with what matched.

    Pure in the facts and the catalogue in force on ``on`` (行政处罚法第五十八条; domain §5.1).
    """
    return list(caught_by(catalogue.review_list(body, on), dict(facts)))


def review_view(row: Review) -> ReviewView:
    return ReviewView(
        id=row.pk,
        dossier_id=row.dossier_id,
        round=row.round,
        matter=row.matter,
        proposal=row.proposal,
        statement=row.statement,
        materials=row.materials,
        triggers=row.triggers,
        state=row.state,
        state_label=row.get_state_display(),
        submitted_at=row.submitted_at,
        accepted_at=row.accepted_at,
        reviewer_id=row.reviewer_id,
        reviewer_name=row.reviewer.name if row.reviewer else "",
        missing=row.missing,
        due_on=row.due_on,
        extended=row.extended,
        opinions=tuple(
            OpinionView(
                o.pk, o.kind, o.get_kind_display(), o.checks, o.text, o.advisers, o.by, o.by_name, o.at
            )
            for o in sorted(row.opinions.all(), key=lambda o: o.pk)
        ),
        disagreements=tuple(
            DisagreementView(
                d.get_kind_display(), d.text, d.participants, d.get_outcome_display(), d.by_name, d.at
            )
            for d in sorted(row.disagreements.all(), key=lambda d: d.pk)
        ),
    )


def _whole() -> QuerySet[Review]:
    return Review.objects.select_related("reviewer").prefetch_related("opinions", "disagreements")


def review_rounds(dossier_id: int) -> list[ReviewView]:
    """All rounds, first to last."""
    return [review_view(r) for r in _whole().filter(dossier_id=dossier_id).order_by("round")]


def review_current(dossier_id: int) -> ReviewView | None:
    """The last round, unless it was superseded."""
    row = _whole().filter(dossier_id=dossier_id).order_by("-round").first()
    return review_view(row) if row is not None and row.state != choices.ReviewState.SUPERSEDED else None


def _seats(rows: QuerySet[Seat]) -> tuple[SeatView, ...]:
    found = list(rows.select_related("body", "unit", "own").order_by("pk"))
    last: dict[int, Review] = {}
    if found:
        for row in _whole().filter(dossier_id__in=[s.own_id for s in found]).order_by("round"):
            last[row.dossier_id] = row
    now = {k: v for k, v in last.items() if v.state != choices.ReviewState.SUPERSEDED}
    return tuple(
        SeatView(
            dossier_id=s.dossier_id,
            own_id=s.own_id,
            own_number=s.own.number,
            own_state=s.own.state,
            body_id=s.body_id,
            body_name=s.body.name,
            unit_id=s.unit_id,
            unit_name=s.unit.name,
            review=review_view(now[s.own_id]) if s.own_id in now else None,
        )
        for s in found
    )


def review_standing(dossier_id: int) -> Standing:
    """The dossier's own review and those of the bodies that decide jointly with it."""
    return Standing(review_current(dossier_id), _seats(Seat.objects.filter(dossier_id=dossier_id)))


def seat_of(own_id: int) -> SeatView | None:
    """The seat that a body's own review dossier answers for; ``None`` where it is no such dossier."""
    found = _seats(Seat.objects.filter(own_id=own_id))
    return found[0] if found else None


_DESK = (Permission.REVIEW_ASSIGN, Permission.CASE_DEPUTY_APPROVE)
"""Who enters the review desk beside the reviewers: who assigns, and who extends and coordinates."""


def review_queue(by: Actor, states: tuple[str, ...] = ()) -> QuerySet[Review]:
    """Rounds of this person's body for the review desk, soonest due first."""
    if not any(by.may(p) for p in _DESK):
        organisations.require(by, Permission.REVIEW_OPINE)
    rows = Review.objects.filter(body_id=by.body_id).select_related("dossier", "unit", "reviewer")
    if states:
        rows = rows.filter(state__in=states)
    return rows.order_by("due_on", "submitted_at")
