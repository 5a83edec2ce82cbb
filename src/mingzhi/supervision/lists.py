"""清单复核监督: lists that must be looked at again come to their keeper in time; who is late is seen above (R006).

``reviews_open`` compares the to-dos with the lists and makes them agree, so that the worker may die between any
two lines and whoever settles a list calls the same function at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from mingzhi.catalogue.api import public_lists
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.tasks import api as tasks

TASK = "list.review"
GUIDE = "list.guide"


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A list that is late or comes due within the lead: whose, which version in force, by when."""

    body: BodyRef
    list_id: int
    title: str
    version_id: int
    number: int
    review_on: date
    days_late: int
    revising: bool


def reviews(bodies: Iterable[BodyRef], on: date) -> list[ReviewLine]:
    """The lists of these bodies that are late or come due within the lead, the latest first."""
    found = [line for body in bodies for line in _due(body, on)]
    return sorted(found, key=lambda line: (line.review_on, line.body.path, line.list_id))


def _due(body: BodyRef, on: date) -> Iterator[ReviewLine]:
    lines = [x for x in public_lists.lists_of(body.id, on) if x.review_on is not None]
    until = on + timedelta(days=public_lists.review_lead(body.id, on)) if lines else on
    for line in lines:
        if line.current is not None and line.list is not None and line.review_on and line.review_on <= until:
            yield ReviewLine(
                body=body,
                list_id=line.list.pk,
                title=line.list.title,
                version_id=line.current.pk,
                number=line.current.number,
                review_on=line.review_on,
                days_late=max(0, (on - line.review_on).days),
                revising=line.open is not None,
            )


@transaction.atomic
def reviews_open(*, body_id: int, at: datetime) -> int:
    """To-dos for the body's lists that come due within the lead, none for its others; returns how many stand."""
    on = clock.local_date(at)
    by = organisations.system_actor(body_id)
    due = {line.list_id: line for line in _due(organisations.body(body_id), on)}
    for line in public_lists.lists_of(body_id, on):
        if line.list is not None and line.list.pk not in due:
            tasks.tasks_close(kinds=(TASK,), subject=f"list:{line.list.pk}", by=by, at=at)
    for owed in due.values():
        tasks.task_open(
            kind=TASK,
            title=f"复核清单：{owed.title}（第 {owed.number} 版）",
            body_id=body_id,
            subject=f"list:{owed.list_id}",
            permission=Permission.CATALOGUE_MANAGE.value,
            due_on=owed.review_on,
            by=by,
            at=at,
        )
    return len(due)


@transaction.atomic
def guides_open(*, body_id: int, at: datetime) -> int:
    """To-dos for the patterns of lists that a higher body handed down and this one has not answered (R118)."""
    by = organisations.system_actor(body_id)
    waiting = public_lists.guides_open(body_id)
    for guide in waiting:
        tasks.task_open(
            kind=GUIDE,
            title=f"反馈上级下发的清单：{guide.version.list.title}（第 {guide.version.number} 版）",
            body_id=body_id,
            subject=f"guide:{guide.pk}",
            permission=Permission.CATALOGUE_MANAGE.value,
            due_on=guide.due_on,
            by=by,
            at=at,
        )
    return len(waiting)


@transaction.atomic
def guide_answer(*, guide_id: int, by: Actor, at: datetime, **answer: Any) -> int | None:
    """The answer to a pattern, and its to-do with it; returns the draft it made, if any."""
    draft = public_lists.guide_answer(guide_id=guide_id, by=by, at=at, **answer)
    tasks.tasks_close(kinds=(GUIDE,), subject=f"guide:{guide_id}", by=by, at=at)
    return draft.pk if draft is not None else None
