"""Beside the intakes: public questions with their check, the body's own terms, the table to take away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.publication import choices
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.intakes import asked_of, may_enter, may_questions
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    beside,
    day_of,
    given,
    number,
    shown,
    submitted,
    today,
)
from mingzhi.web.exporting import Table

letters = publication.letters


@forms
def questions(request: HttpRequest) -> HttpResponse:
    """公开问答: what waits for the second person, what is public, what was withdrawn."""
    by = by_of(request)
    if not may_questions(by):
        organisations.require(by, Permission.INTAKE_HANDLE)
    if request.method != "POST":
        return _questions(request)
    acts = {"propose": _propose, "publish": _publish, "return": _return, "withdraw": _withdraw}
    act = acts.get(given(request, "act", 20))
    if act is None:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    refused = attempted(request, lambda: act(request), _("已办理"))
    return answered(request, refused, reverse("desk:intake_questions"), lambda r: _questions(request, r))


def _questions(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    state = given(request, "state", 12) if request.method == "GET" else ""
    context = {
        "found": publication.questions.questions(by, state=state),
        "state": state,
        "tabs": [{"label": _("全部"), "url": "?", "here": not state, "count": None}]
        + [
            {"label": str(s.label), "url": f"?state={s.value}", "here": state == s.value, "count": None}
            for s in choices.QuestionState
        ],
        "me": by.label,
        "asked_id": number(given(request, "question_id", 19)),
        "may_check": by.may(Permission.DISCLOSURE_CHECK),
        "may_propose": by.may(Permission.INTAKE_MANAGE),
        "trail": [
            (_("公众来件"), reverse("desk:intakes") if by.permissions & letters.ENTER else ""),
            (_("公开问答"), ""),
        ],
    }
    return shown(request, "desk/intakes/questions.html", context, refused)


def _propose(request: HttpRequest) -> None:
    publication.questions.question_propose(
        question=given(request, "question", 1200),
        answer=given(request, "answer", 3500),
        by=by_of(request),
        at=at_of(request),
    )


def _one(request: HttpRequest) -> dict[str, Any]:
    return {
        "question_id": number(given(request, "question_id", 19)) or 0,
        "by": by_of(request),
        "at": at_of(request),
    }


def _publish(request: HttpRequest) -> None:
    publication.questions.question_decide(publish=True, **_one(request))


def _return(request: HttpRequest) -> None:
    publication.questions.question_decide(
        publish=False, reason=given(request, "reason", 500), **_one(request)
    )


def _withdraw(request: HttpRequest) -> None:
    publication.questions.question_withdraw(reason=given(request, "reason", 500), **_one(request))


@forms
def terms(request: HttpRequest) -> HttpResponse:
    """办理期限: by the law, by the body's own document, or not set; the keeper of lists sets them."""
    by = by_of(request)
    if not by.may(Permission.CATALOGUE_MANAGE):
        may_enter(by)
    if request.method != "POST":
        return _terms(request)
    acts = {
        "set": (lambda: _set(request), _("期限已设定")),
        "check": (lambda: _check_set(request), _("已规定")),
    }
    return submitted(request, acts, reverse("desk:intake_terms"), lambda r: _terms(request, r))


def _terms(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    name, basis = letters.regime(by.body_id, today(request))
    context = {
        "table": letters.table(by.body_id, today(request)),
        "checks": letters.checks(by.body_id, today(request)),
        "kinds": [k for k in choices.IntakeKind.choices if k[0] != "discipline"],
        "stages": choices.IntakeStage.choices,
        "may_set": by.may(Permission.CATALOGUE_MANAGE),
        "today": today(request),
        "regime": name,
        "basis": basis,
        "trail": [(_("公众来件"), reverse("desk:intakes")), (_("办理期限"), "")],
    }
    return shown(request, "desk/intakes/terms.html", context, refused)


def _set(request: HttpRequest) -> None:
    problems = Problems()
    valid_from = day_of(problems, request, "valid_from", _("适用的起始日期"))
    problems.raise_if_any()
    letters.term_set(
        kind=given(request, "kind", 20),
        stage=given(request, "stage", 20),
        days=number(given(request, "days", 4)) or 0,
        working=given(request, "working", 8) == "yes",
        valid_from=valid_from,
        citation=given(request, "citation", 200),
        by=by_of(request),
        at=at_of(request),
    )


@beside(kind="check_kind", citation="check_citation", valid_from="check_from")
def _check_set(request: HttpRequest) -> None:
    problems = Problems()
    valid_from = day_of(problems, request, "check_from", _("适用的起始日期"))
    problems.raise_if_any()
    letters.check_set(
        kind=given(request, "check_kind", 20),
        needed=given(request, "check_needed", 4) == "yes",
        valid_from=valid_from,
        citation=given(request, "check_citation", 200),
        by=by_of(request),
        at=at_of(request),
    )


_COLUMNS = (
    ("受理编号", 18),
    ("种类", 12),
    ("状态", 14),
    ("主题", 40),
    ("承办机构", 18),
    ("承办人", 10),
    ("收到时间", 17),
    ("办理期限", 12),
    ("是否逾期", 10),
    ("来件人评价", 12),
)


def _rows(by: Actor, query: QueryDict, limit: int) -> Iterator[tuple[str, ...]]:
    may_enter(by)
    on = clock.local_date(clock.now())
    for x in letters.everything(by, asked_of(query), on=on, limit=limit):
        yield (
            x.number,
            x.kind_label,
            x.state_label,
            x.title,
            x.unit,
            x.handler,
            clock.local(x.received_at).strftime("%Y-%m-%d %H:%M"),
            x.due_on.isoformat() if x.due_on else "",
            "逾期" if x.late else "",
            x.satisfaction,
        )


def how_many(by: Actor, query: QueryDict, limit: int) -> int:
    may_enter(by)
    return letters.how_many(by, asked_of(query), on=clock.local_date(clock.now()), limit=limit)


TABLE = Table("公众来件", _COLUMNS, _rows, how_many)
