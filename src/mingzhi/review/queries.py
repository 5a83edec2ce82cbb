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
from mingzhi.review.data import DisagreementView, OpinionView, ReviewView, Trigger
from mingzhi.review.models import Review


def review_triggers(facts: Mapping[str, Any], *, body: BodyRef, on: date) -> list[Trigger]:
    """Every rule of the body's review catalogue that this proposal meets, with what matched.

    Pure in the facts and the catalogue in force on ``on`` (行政处罚法第五十八条; domain §5.1).
    """
    found = []
    for rule in catalogue.review_list(body, on):
        matched, explanation = catalogue.evaluate(rule.predicate, facts)
        if matched:
            found.append(Trigger(rule.code, rule.label, explanation, rule.citation))
    return found


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
