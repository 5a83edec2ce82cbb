"""Reads of the tasks room."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from mingzhi.organisations.data import Actor
from mingzhi.tasks.models import Task


def tasks_mine(by: Actor) -> QuerySet[Task]:
    """What this person must do: theirs by name, and their body's by permission; soonest due first."""
    mine = Q(assignee__isnull=True, permission__in=[p.value for p in by.permissions], body_id=by.body_id)
    mine &= Q(unit__isnull=True) | Q(unit_id=by.unit_id)
    if by.person_id is not None:
        mine |= Q(assignee_id=by.person_id)
    return (
        Task.objects.filter(mine, closed_at=None)
        .select_related("dossier", "assignee", "unit")
        .order_by(F("due_on").asc(nulls_last=True), "opened_at")
    )


def tasks_waiting(dossier_ids: list[int]) -> QuerySet[Task]:
    """Open to-dos on these dossiers, whoever they lie with."""
    return Task.objects.filter(dossier_id__in=dossier_ids, closed_at=None).select_related(
        "dossier", "assignee", "unit"
    )


def subjects_open(kinds: tuple[str, ...]) -> set[tuple[str, str]]:
    """(kind, subject) of every open to-do of these kinds that hangs on no dossier."""
    rows = Task.objects.filter(closed_at=None, kind__in=kinds, dossier=None)
    return set(rows.values_list("kind", "subject"))
