"""Writes of the tasks room."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

from mingzhi.kernel.prepared import Change, Given, Read, insert
from mingzhi.organisations.data import Actor
from mingzhi.tasks.models import Task


@cache
def _same(*, on_dossier: bool, with_person: bool) -> Read:
    """The to-do that is open already: of one dossier or of none, of one person or of nobody."""
    of: dict[str, Any] = {
        "dossier_id": Given("dossier") if on_dossier else None,
        "assignee_id": Given("person") if with_person else None,
    }
    return Read(
        lambda: (
            Task.objects.filter(
                kind=Given("kind"),
                subject=Given("subject"),
                closed_at=None,
                **of,
            )
            .order_by("pk")
            .values_list("pk")[:1]
        )
    )


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

    The same kind for the same dossier and person is not opened twice. In the caller's transaction.
    """
    same = _same(on_dossier=dossier_id is not None, with_person=assignee_id is not None).one(
        kind=kind, subject=subject, dossier=dossier_id, person=assignee_id
    )
    if same is not None:
        return int(same[0])
    return insert(
        Task(
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
        )
    ).pk


@cache
def _closing(kinds: tuple[str, ...], *, on_dossier: bool) -> Change:
    # The kinds are words of procedures and rooms: few, and the same for good.
    where = {"dossier_id" if on_dossier else "subject": Given("of")}
    return Change(
        lambda: Task.objects.filter(closed_at=None, kind__in=kinds, **where),
        closed_at=Given("at"),
        closed_by=Given("by"),
    )


def tasks_close(
    *, kinds: tuple[str, ...], dossier_id: int | None = None, subject: str = "", by: Actor, at: datetime
) -> int:
    """Close every open to-do of these kinds on the dossier (or subject); returns how many."""
    closing = _closing(kinds, on_dossier=dossier_id is not None)
    return closing(of=subject if dossier_id is None else dossier_id, at=at, by=by.label)


def tasks_close_all(*, dossier_id: int, by: Actor, at: datetime) -> int:
    """Close whatever is still open on a dossier that came to its end. What has a subject of its own (a
    disclosure to collect or to withdraw, a request) ends with that."""
    return Task.objects.filter(closed_at=None, dossier_id=dossier_id, subject="").update(
        closed_at=at, closed_by=by.label
    )
