"""工作台: what I must do, what waits on others, this week, my unit's warnings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.data import Chip, DeadlineView
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.review import api as review
from mingzhi.tasks import api as tasks
from mingzhi.web.desk.common import at_of, by_of, case_url, chip, nearest, over, reading
from mingzhi.web.desk.recordings import due_lines

SHOWN = 50
MINE = 200
"""How many of a person's open dossiers the week and the waiting list look at."""
STEP_OF = {
    "case.file": "file_approve",
    "case.file_again": "file_request",
    "case.unit_check": "unit_check",
    "case.preserve": "preserve_approve",
    "case.recuse": "recuse_decide",
    "case.decide": "decide",
    "case.serve": "decision_serve",
    "case.serve_notice": "notice_serve",
    "case.defer": "defer_decide",
    "case.close": "close_approve",
    "archive.hand_in": "hand_in",
    "archive.take_in": "take_in",
    "review.accept": "review_accept",
    "review.opine": "review_opine",
    "review.coordinate": "review_coordinate",
    "review.decide": "matter_decide",
    "review.report_up": "report_up",
    "review.sign": "countersign",
    "hearing.arrange": "hearing_arrange",
    "hearing.hold": "hearing_hold",
}
"""The step that answers a to-do, where there is exactly one."""
_LIST_PART = {
    **dict.fromkeys(("list.check", "list.mend", "list.approve", "list.publish"), "?open=1"),
    "list.judge": "?tab=requests",
}


def task_chip(due_on: date | None, at: datetime) -> Chip | None:
    """A to-do's own mark: calendar days, since its rule is the clock behind it."""
    if due_on is None:
        return None
    left = (due_on - clock.local_date(at)).days
    title = _("应于 %(day)s 前完成") % {"day": due_on.isoformat()}
    if left < 0:
        return Chip(_("逾期 %(n)d 日") % {"n": -left}, "late", title)
    if left == 0:
        return Chip(_("今日到期"), "today", title)
    return Chip(_("剩 %(n)d 日") % {"n": left}, "soon" if left <= 3 else "ok", title)


def task_url(task: Any) -> str:
    if task.kind == "recording.excuse":
        return reverse("desk:recording_excuse", args=[int(task.subject.removeprefix("excuse:"))])
    if task.subject.startswith("access:"):
        return reverse("desk:access_request", args=[int(task.subject.removeprefix("access:"))])
    kind, _sep, ref = task.subject.partition(":")
    if task.dossier_id is not None and kind != "disclosure":
        return case_url(task.dossier_id)
    if kind in _PLACES and ref.isdigit():
        return reverse(_PLACES[kind], args=[int(ref)]) + _LIST_PART.get(task.kind, "")
    if kind in _LISTS:
        return reverse(_LISTS[kind])
    if kind == "report":
        body_id, year, _link = ref.split(":")
        return f"{reverse('desk:statistics_year', args=[int(body_id), int(year)])}?tab=chain"
    return ""


_PLACES = {
    "clue": "desk:clue",
    "consultation": "desk:review_advice",
    "disclosure": "desk:disclosure_one",
    "draw": "desk:inspection",
    "guide": "desk:list_guide",
    "inbound-report": "desk:inbound_report",
    "intake": "desk:intake",
    "list": "desk:list_one",
    "transfer": "desk:archive_transfer",
}
"""What a to-do is about → the page of one of these."""
_LISTS = {"board": "desk:places", "question": "desk:intake_questions", "transfers": "desk:archive_transfers"}


def step_url(task: Any) -> str:
    verb = STEP_OF.get(task.kind, "")
    return reverse("desk:step", args=[task.dossier_id, verb]) if verb and task.dossier_id else ""


@reading
def page(request: HttpRequest) -> HttpResponse:
    by, at = by_of(request), at_of(request)
    mine = list(tasks.tasks_mine(by)[: SHOWN + 1])
    own = _own_dossiers(by)
    waiting = _waiting(by, own)
    seen = {*own, *(t.dossier_id for t in mine if t.dossier_id)}
    clocks = deadlines.running_for(list(seen), at) if seen else {}
    todo = sorted(
        (_task(t, at, clocks) for t in mine[:SHOWN]), key=lambda t: (t["due"] is None, t["due"] or at.date())
    )
    context = {
        "tasks": todo,
        "more_tasks": len(mine) > SHOWN,
        "waiting": [_task(t, at, clocks) | {"with": _with(t)} for t in waiting[:20]],
        "week": _week((v for pk in own for v in clocks.get(pk, ()) if not over(v)), own, at),
        "recordings": due_lines(own, at, by.body_id),
        "may_register": by.may(Permission.CLUE_REGISTER),
        "may_read": by.may(Permission.CASE_READ),
        "staffing": _shortage(by, at),
        **_unit_warnings(by, at),
    }
    return render(request, "desk/home.html", context)


def _shortage(by: Actor, at: datetime) -> Any:
    """For who leads the body or its review unit: reviewers are missing, with the arithmetic; else nothing."""
    if not by.permissions & {
        Permission.CASE_APPROVE,
        Permission.CASE_DEPUTY_APPROVE,
        Permission.REVIEW_ASSIGN,
    }:
        return None
    found = review.staffing_sum(organisations.body(by.body_id), clock.local_date(at))
    return found if found.short else None


def _task(task: Any, at: datetime, clocks: dict[int, list[DeadlineView]]) -> dict[str, Any]:
    """A to-do's line; one without a date of its own goes by its case's nearest clock."""
    first = nearest(clocks.get(task.dossier_id or 0, ()), at)
    mark = task_chip(task.due_on, at) or (chip(first, at) if first else None)
    return {
        "due": task.due_on or (first.due_on if first else None),
        "title": task.title,
        "number": task.dossier.number if task.dossier else "",
        "party": task.dossier.party_name if task.dossier else "",
        "chip": mark,
        "url": task_url(task),
        "step": step_url(task),
        "opened": task.opened_at,
    }


def _with(task: Any) -> str:
    if task.assignee is not None:
        return str(task.assignee.name)
    if task.permission:
        return "、".join(organisations.roles_with(Permission(task.permission))[:3])
    return task.unit.name if task.unit else ""


def _own_dossiers(by: Actor) -> dict[int, str]:
    """Open dossiers on which this person has a hand: id → title, latest first."""
    if by.person_id is None or not by.may(Permission.CASE_READ):
        return {}
    held = dossiers.in_hand(dossiers.dossiers_for(by), by, going_on=True)
    return dict(held.order_by("-last_step_at").values_list("pk", "title")[:MINE])


def _waiting(by: Actor, own: dict[int, str]) -> list[Any]:
    """Open to-dos on my dossiers that lie with somebody else, oldest first."""
    if not own:
        return []
    held = {p.value for p in by.permissions}
    rows = tasks.tasks_waiting(list(own)).order_by("opened_at")[:MINE]
    return [
        t
        for t in rows
        if (t.assignee_id is not None and t.assignee_id != by.person_id)
        or (t.assignee_id is None and t.permission not in held)
    ]


def _week(views: Iterable[DeadlineView], own: dict[int, str], at: datetime) -> list[dict[str, Any]]:
    """The next seven days with what ends on each, for my dossiers."""
    today = clock.local_date(at)
    ends: dict[date, list[DeadlineView]] = defaultdict(list)
    for view in views:
        if view.due_on is not None and view.due_on <= today + timedelta(days=6):
            ends[max(view.due_on, today)].append(view)
    days = []
    for ahead in range(7):
        day = today + timedelta(days=ahead)
        days.append(
            {
                "day": day,
                "working": deadlines.is_working_day(day),
                "name": deadlines.day_name(day),
                "today": ahead == 0,
                "ends": [
                    {
                        "label": v.label,
                        "title": own.get(v.dossier_id or 0, ""),
                        "url": case_url(v.dossier_id) if v.dossier_id else "",
                        "late": v.state == "late",
                    }
                    for v in sorted(ends.get(day, ()), key=lambda v: v.due_on or day)
                ],
            }
        )
    return days


def _unit_warnings(by: Actor, at: datetime, limit: int = 8) -> dict[str, Any]:
    """Late and soon-due clocks: of my unit, or of the whole body for those who lead or supervise it."""
    if not by.may(Permission.CASE_READ):
        return {"late": [], "soon": [], "late_more": False}
    whole = _sees_whole_body(by)
    unit = None if whole else by.unit_id
    late = [
        v
        for v in deadlines.late([by.body_id], at, limit=200)
        if (unit is None or v.unit_id == unit) and not over(v)
    ]
    soon = deadlines.due_within([by.body_id], at, days=7, unit_id=unit, limit=limit)
    names = _titles(by, [*late, *soon])
    # A clock of no file (a complaint's, say) has a page with a gate of its own: it is not told here.
    late = [v for v in late if v.dossier_id in names]
    return {
        "late": [_warning(v, names, at) for v in late[:limit]],
        "soon": [_warning(v, names, at) for v in soon[:limit] if v.dossier_id in names],
        "late_more": len(late) > limit,
        "whole_body": whole,
    }


def _sees_whole_body(by: Actor) -> bool:
    return bool(
        by.permissions
        & {
            Permission.CASE_APPROVE,
            Permission.CASE_DEPUTY_APPROVE,
            Permission.REVIEW_ASSIGN,
            Permission.SUPERVISE_READ,
        }
    )


def _titles(by: Actor, views: list[DeadlineView]) -> dict[int | None, tuple[str, str, str]]:
    ids = {v.dossier_id for v in views if v.dossier_id is not None}
    if not ids:
        return {}
    rows = dossiers.dossiers_among(by, ids).values_list("pk", "number", "title", "unit__name")
    return {pk: (number, title, unit) for pk, number, title, unit in rows}


def _warning(view: DeadlineView, names: dict[Any, tuple[str, str, str]], at: datetime) -> dict[str, Any]:
    number, title, unit = names.get(view.dossier_id, ("", "", ""))
    return {
        "chip": chip(view, at),
        "label": view.label,
        "number": number,
        "title": title,
        "unit": unit,
        "due_on": view.due_on,
        "url": case_url(view.dossier_id) if view.dossier_id in names and view.dossier_id else "",
    }


@reading
def warnings(request: HttpRequest) -> HttpResponse:
    """预警: what is late and what ends within a fortnight, longest late first."""
    by, at = by_of(request), at_of(request)
    organisations.require(by, Permission.CASE_READ)
    whole = _sees_whole_body(by)
    unit = None if whole else by.unit_id
    late = [
        v
        for v in deadlines.late([by.body_id], at, limit=500)
        if (unit is None or v.unit_id == unit) and not over(v)
    ][:200]
    soon = deadlines.due_within([by.body_id], at, days=14, unit_id=unit, limit=200)
    names = _titles(by, [*late, *soon])
    context = {
        "late": [_warning(v, names, at) for v in late if v.dossier_id in names],
        "soon": [_warning(v, names, at) for v in soon if v.dossier_id in names],
        "whole_body": whole,
        "trail": [(_("工作台"), reverse("desk:home")), (_("预警"), "")],
    }
    return render(request, "desk/warnings.html", context)
