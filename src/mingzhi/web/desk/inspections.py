"""双随机抽查: draws of the body, the promise, the drawing, who goes, what was found."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.double_random import api as double_random
from mingzhi.double_random.choices import Outcome, Stage
from mingzhi.kernel.errors import Invalid, MingzhiError, Problems
from mingzhi.organisations.permissions import Permission
from mingzhi.web.desk.common import at_of, by_of, case_url, forms
from mingzhi.web.desk.lists import may_enter
from mingzhi.web.desk.registers_common import (
    Refused,
    day_of,
    given,
    number,
    shown,
    submitted,
    today,
)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": by_of(request), "at": at_of(request)}


def _home() -> tuple[str, str]:
    return _("双随机抽查"), reverse("desk:inspections")


@forms
def index(request: HttpRequest) -> HttpResponse:
    """All draws that one may see, and who avoids whom."""
    if request.method != "POST":
        return _index(request)
    acts = {
        "avoid": (partial(_avoid, request), _("已登记回避")),
        "avoid_end": (partial(_avoid_end, request), _("已解除回避")),
    }
    return submitted(request, acts, reverse("desk:inspections"), partial(_index, request))


def _index(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    lines = double_random.draws(by, before=number(given(request, "before", 19)))
    may = by.may(Permission.DRAW_MAKE)
    context = {
        "draws": lines,
        "more": lines[-1].id if len(lines) == 100 else None,
        "may_make": may,
        "may_list": may_enter(by),
        "ready": double_random.ready(by, today(request)) if may else None,
        "avoidances": double_random.avoidances(by) if may else [],
        "trail": [(_("双随机抽查"), "")],
    }
    return shown(request, "desk/inspections/index.html", context, refused)


def _avoid(request: HttpRequest) -> None:
    double_random.avoidance_declare(
        person_id=number(given(request, "person", 19)) or 0,
        target_code=given(request, "target", 80),
        reason=given(request, "reason", 300),
        **_who(request),
    )


def _avoid_end(request: HttpRequest) -> None:
    double_random.avoidance_end(avoidance_id=number(given(request, "avoidance", 19)) or 0, **_who(request))


@forms
def new(request: HttpRequest) -> HttpResponse:
    """Publish the pool and the promise of a new draw."""
    if request.method != "POST":
        return _new(request)
    try:
        made = _commit(request)
    except MingzhiError as error:
        return _new(request, Refused(error))
    return HttpResponseRedirect(reverse("desk:inspection", args=[made]))


def _new(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    found = double_random.ready(by, today(request), categories=True)
    chosen = set(request.POST.getlist("excused"))
    context = {
        "ready": found,
        "excused": [
            (p, str(p.id) in chosen, given(request, f"why-{p.id}", 200) if refused else "")
            for p in found.officers
        ],
        "trail": [_home(), (_("组织抽查"), "")],
    }
    return shown(request, "desk/inspections/new.html", context, refused)


def _commit(request: HttpRequest) -> int:
    share = given(request, "share", 10)
    try:
        hundredths = round(float(share) * 100) if share else 0
    except (ValueError, OverflowError):
        raise Invalid(fields={"count": [_("抽查比例请填写数字，如 5 或者 2.5")]}) from None
    count = number(given(request, "count", 9))
    if given(request, "count", 9) and not count:
        raise Invalid(fields={"count": [_("抽取数量请填写正整数")]})
    picked = [p for p in (number(v) for v in request.POST.getlist("excused")) if p is not None]
    return double_random.draw_commit(
        title=given(request, "title"),
        item_code=given(request, "item", 80),
        category=given(request, "category", 120),
        share=hundredths,
        count=count or 0,
        excused={p: given(request, f"why-{p}", 200) for p in picked},
        **_who(request),
    )


@forms
def one(request: HttpRequest, draw_id: int) -> HttpResponse:
    """One draw: the promise, the drawing, the targets with who goes, the results."""
    if request.method != "POST":
        return _one(request, draw_id)
    acts = {
        "draw": (partial(_draw, request, draw_id), _("已抽取，抽取记录已向社会公开")),
        "void": (partial(_void, request, draw_id), _("本次抽查已作废，作废理由已向社会公开")),
    }
    here = reverse("desk:inspection", args=[draw_id])
    return submitted(request, acts, here, partial(_one, request, draw_id))


def _one(request: HttpRequest, draw_id: int, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    view = double_random.draw_view(by, draw_id)
    mine = given(request, "mine", 1) == "1"
    lines = double_random.assignments(by, draw_id, after=number(given(request, "after", 19)) or 0, mine=mine)
    own = by.body_id == view.body_id
    stage = view.line.stage
    context = {
        "view": view,
        "lines": lines,
        "mine": mine,
        "next": lines[-1].place
        if lines and lines[-1].place < view.line.count and len(lines) == 100
        else None,
        "may_draw": own
        and by.may(Permission.DRAW_MAKE)
        and stage == Stage.COMMITTED
        and view.committed_by != by.label,
        "must_be_other": own
        and by.may(Permission.DRAW_MAKE)
        and stage == Stage.COMMITTED
        and view.committed_by == by.label,
        "may_void": own
        and by.may(Permission.CASE_DEPUTY_APPROVE)
        and stage in (Stage.COMMITTED, Stage.DRAWN)
        and not view.line.found,
        "trail": [_home(), (view.line.number, "")],
    }
    return shown(request, "desk/inspections/one.html", context, refused)


def _draw(request: HttpRequest, draw_id: int) -> None:
    double_random.draw_make(
        draw_id=draw_id,
        words=given(request, "words"),
        witnesses=given(request, "witnesses", 300),
        **_who(request),
    )


def _void(request: HttpRequest, draw_id: int) -> None:
    double_random.draw_void(draw_id=draw_id, reason=given(request, "reason", 500), **_who(request))


@forms
def task(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """One drawn target: who goes, who was replaced and why, and what was found."""
    if request.method != "POST":
        return _task(request, assignment_id)
    acts = {
        "finding": (partial(_finding, request, assignment_id), _("检查结果已登记，并已列入公示")),
        "follow": (partial(_follow, request, assignment_id), _("后续处罚已登记，本次检查不再单独计入统计")),
        "replace": (partial(_replace, request, assignment_id), _("已按抽取时确定的次序替换检查人员")),
    }
    here = reverse("desk:inspection_task", args=[assignment_id])
    return submitted(request, acts, here, partial(_task, request, assignment_id))


def _task(request: HttpRequest, assignment_id: int, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    view, line = double_random.assignment(by, assignment_id)
    open_ = view.line.stage == Stage.DRAWN and not line.outcome and by.body_id == view.body_id
    goes = by.person_id in {p.id for p in line.officers}
    context = {
        "view": view,
        "line": line,
        "outcomes": Outcome.choices,
        "may_enter": open_ and goes and by.may(Permission.CASE_READ),
        "may_follow": line.outcome
        and line.follow_up is None
        and by.body_id == view.body_id
        and (by.may(Permission.DRAW_MAKE) or (goes and by.may(Permission.CASE_READ))),
        "case": case_url(line.follow_up[0]) if line.follow_up is not None else "",
        "may_replace": open_ and by.may(Permission.DRAW_MAKE),
        "trail": [
            _home(),
            (view.line.number, reverse("desk:inspection", args=[view.line.id])),
            (line.name, ""),
        ],
    }
    return shown(request, "desk/inspections/task.html", context, refused)


def _finding(request: HttpRequest, assignment_id: int) -> None:
    problems = Problems()
    on = day_of(problems, request, "inspected_on", _("检查日期"))
    problems.raise_if_any()
    double_random.finding_enter(
        assignment_id=assignment_id,
        outcome=given(request, "outcome", 12),
        facts=given(request, "facts", 4000),
        measures=given(request, "measures", 2000),
        inspected_on=on,
        **_who(request),
    )


def _follow(request: HttpRequest, assignment_id: int) -> None:
    double_random.finding_follow(
        assignment_id=assignment_id,
        number=given(request, "number", 80),
        reason=given(request, "reason", 300),
        **_who(request),
    )


def _replace(request: HttpRequest, assignment_id: int) -> None:
    double_random.officer_replace(
        assignment_id=assignment_id,
        out_id=number(given(request, "out", 19)) or 0,
        reason=given(request, "reason", 300),
        **_who(request),
    )
