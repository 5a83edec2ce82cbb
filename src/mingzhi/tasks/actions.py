"""Writes of the tasks room."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from mingzhi.organisations.data import Actor
from mingzhi.tasks.models import Task


@transaction.atomic
def task_open(
    *,
    kind: str,
    title: str,
    body_id: int,
    dossier_id: int | None = None,
    subject: str = "",
    unit_id: int | None = None,
    assignee_id: int | None = None,
    permission: str = "",
    due_on: date | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Put a to-do on somebody's desk: a person's, or of all in the body who hold ``permission``.

    The same kind for the same dossier and person is not opened twice.
    """
    open_already = Task.objects.filter(kind=kind, subject=subject, closed_at=None)
    on_dossier = (
        open_already.filter(dossier__isnull=True)
        if dossier_id is None
        else open_already.filter(dossier_id=dossier_id)
    )
    with_person = (
        on_dossier.filter(assignee__isnull=True)
        if assignee_id is None
        else on_dossier.filter(assignee_id=assignee_id)
    )
    same = with_person.first()
    if same is not None:
        return same.pk
    return Task.objects.create(
        kind=kind,
        title=title[:200],
        body_id=body_id,
        dossier_id=dossier_id,
        subject=subject,
        unit_id=unit_id,
        assignee_id=assignee_id,
        permission=permission,
        due_on=due_on,
        opened_at=at,
    ).pk


@transaction.atomic
def tasks_close(
    *, kinds: tuple[str, ...], dossier_id: int | None = None, subject: str = "", by: Actor, at: datetime
) -> int:
    """Close every open to-do of these kinds on the dossier (or subject); returns how many."""
    rows = Task.objects.filter(closed_at=None, kind__in=kinds)
    rows = rows.filter(dossier_id=dossier_id) if dossier_id is not None else rows.filter(subject=subject)
    return rows.update(closed_at=at, closed_by=by.label)


@transaction.atomic
def tasks_close_all(*, dossier_id: int, by: Actor, at: datetime) -> int:
    """Close whatever is still open on a dossier that came to its end."""
    return Task.objects.filter(closed_at=None, dossier_id=dossier_id).update(closed_at=at, closed_by=by.label)
