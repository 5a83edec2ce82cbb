"""清单待办与复核监督: what is to be done with a list comes to whoever must do it; who is late is seen above (R006, R171).

``todos`` compares the to-dos with the lists and makes them agree, so that the worker may die between any
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

REVIEW, APPROVE, PUBLISH = "list.review", "list.approve", "list.publish"
CHECK, MEND = "list.check", "list.mend"
JUDGE, LAW = "list.judge", "list.law"
KINDS = (REVIEW, CHECK, MEND, APPROVE, PUBLISH, JUDGE, LAW)
READ = 20_000
"""Rows up to which a list is read whole to see whether a change of law touches it; larger ones say it on their page."""
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    kind: str
    title: str
    permission: Permission
    due_on: date | None = None


@transaction.atomic
def todos(*, body_id: int, at: datetime) -> int:
    """To-dos of the body's lists as they stand now, none that is settled; returns how many stand."""
    on = clock.local_date(at)
    by = organisations.system_actor(body_id)
    due = {line.list_id: line for line in _due(organisations.body(body_id), on)}
    standing = 0
    for line in public_lists.lists_of(body_id, on):
        if line.list is None:
            continue
        subject = f"list:{line.list.pk}"
        wanted = list(_wanted(line, due.get(line.list.pk), on))
        settled = tuple(k for k in KINDS if k not in {w.kind for w in wanted})
        tasks.tasks_close(kinds=settled, subject=subject, by=by, at=at)
        for each in wanted:
            tasks.task_open(
                kind=each.kind,
                title=each.title,
                body_id=body_id,
                subject=subject,
                permission=each.permission.value,
                due_on=each.due_on,
                by=by,
                at=at,
            )
        standing += len(wanted)
    return standing


def _wanted(line: Any, due: ReviewLine | None, on: date) -> Iterator[_Wanted]:
    title = line.list.title
    if due is not None:
        yield _Wanted(
            REVIEW, f"复核清单：{title}（第 {due.number} 版）", Permission.CATALOGUE_MANAGE, due.review_on
        )
    if line.open is not None and line.open.state == "draft":
        asked = public_lists.last_act(line.open)
        if asked == "hand_in":
            yield _Wanted(CHECK, f"审核清单：{title}（第 {line.open.number} 版）", Permission.LIST_CHECK)
        elif asked == "return":
            yield _Wanted(
                MEND, f"修改退回的清单：{title}（第 {line.open.number} 版）", Permission.CATALOGUE_MANAGE
            )
    if line.open is not None and line.open.state == "checked":
        yield _Wanted(APPROVE, f"批准清单：{title}（第 {line.open.number} 版）", Permission.LIST_APPROVE)
    if line.open is not None and line.open.state == "approved":
        yield _Wanted(
            PUBLISH, f"公布清单：{title}（第 {line.open.number} 版）", Permission.DISCLOSURE_PUBLISH
        )
    if any(change.judged_at is None for change in public_lists.changes_of(line.list)):
        yield _Wanted(JUDGE, f"审查清单调整申请的合法性：{title}", Permission.LIST_CHECK)
    now = line.current
    if now is not None and line.open is None and now.count <= READ and public_lists.touched(now, on):
        yield _Wanted(LAW, f"所依据的法律有变化，请核对清单：{title}", Permission.CATALOGUE_MANAGE)


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
