"""公开问答 (R038): an answered question that helps others, put before the public by a second person.

The text is written anew for the public. While the scan finds personal data in it, or the sender's name
or contact, it can be neither proposed nor published; a published one is not changed but withdrawn, with
the reason, and proposed again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import redact
from mingzhi.publication.choices import QuestionState
from mingzhi.publication.data_intake import QuestionView
from mingzhi.publication.errors import NotClean, WrongState
from mingzhi.publication.events import QUESTION
from mingzhi.publication.intake_access import access_intake, known_of
from mingzhi.publication.intake_verbs import need, verbs
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import Question
from mingzhi.publication.steps import apart, need_reason
from mingzhi.tasks import api as tasks

CHECK = "publication.question_check"
PAGE = 20


def _subject(row: Question) -> str:
    return f"question:{row.pk}"


def _clean(question: str, answer: str, intake: Intake | None) -> None:
    known = known_of(intake) if intake is not None else {}
    found = [span for text in (question, answer) for span in redact.redact(text, **known).spans]
    if found:
        raise NotClean(count=len(found), hits=[])


@transaction.atomic
def question_propose(
    *, question: str, answer: str, intake_id: int | None = None, by: Actor, at: datetime
) -> int:
    """Propose a question with its answer for the public; from an answered consultation, or by the desk itself."""
    intake = None
    if intake_id is not None:
        intake, seen = access_intake(by, intake_id)
        if "propose" not in verbs(by, intake, seen, at):
            raise WrongState(state=intake.get_state_display(), act="提出公开问答")
    else:
        organisations.require(by, Permission.INTAKE_MANAGE, body_id=by.body_id)
    problems = Problems()
    asked = need(problems, question, "question", "请填写问题", most=1000)
    told = need(problems, answer, "answer", "请填写答复", most=3000)
    problems.raise_if_any()
    _clean(asked, told, intake)
    row = Question.objects.create(
        body_id=by.body_id,
        intake=intake,
        question=asked,
        answer=told,
        proposed_by=by.label,
        proposed_name=by.name[:60],
        proposed_at=at,
    )
    QUESTION.kept(row, at=at)
    tasks.task_open(
        kind=CHECK,
        title="审核公开问答",
        body_id=row.body_id,
        subject=_subject(row),
        permission=Permission.DISCLOSURE_CHECK.value,
        by=by,
        at=at,
    )
    return row.pk


def _taken(by: Actor, question_id: int, states: tuple[QuestionState, ...], act: str) -> Question:
    organisations.require(by, Permission.DISCLOSURE_CHECK)
    row = Question.objects.select_for_update().filter(pk=question_id).first()
    if row is None or not organisations.in_scope(by, Permission.DISCLOSURE_CHECK).covers(row.body_id):
        raise NotFound
    if row.state not in states:
        raise WrongState(f"该问答当前为“{row.get_state_display()}”，不能{act}")
    return row


@transaction.atomic
def question_decide(*, question_id: int, publish: bool, reason: str = "", by: Actor, at: datetime) -> None:
    """The second person's word: before the public, or back with the reason."""
    row = _taken(by, question_id, (QuestionState.PROPOSED,), "审核")
    apart(
        row.proposed_by,
        by,
        "sod.proposer_is_checker",
        "公开问答的提出人不得自行审核",
        "请由另一名公示审核员审核",
    )
    if publish:
        _clean(row.question, row.answer, row.intake)
        row.state, row.published_at = QuestionState.PUBLISHED, at
    else:
        need_reason(reason)
        row.state, row.reason = QuestionState.RETURNED, reason.strip()
    row.checked_by, row.checked_name = by.label, by.name[:60]
    row.save()
    QUESTION.kept(row, at=at)
    tasks.tasks_close(kinds=(CHECK,), subject=_subject(row), by=by, at=at)


@transaction.atomic
def question_withdraw(*, question_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Take it from the public pages; its place says that it was withdrawn and why."""
    row = _taken(by, question_id, (QuestionState.PUBLISHED,), "撤下")
    need_reason(reason)
    row.state, row.reason, row.withdrawn_at = QuestionState.WITHDRAWN, reason.strip(), at
    row.save()
    QUESTION.kept(row, at=at)


def _view(row: Question) -> QuestionView:
    withdrawn = row.state == QuestionState.WITHDRAWN
    return QuestionView(
        id=row.pk,
        body_id=row.body_id,
        body=organisations.body(row.body_id).name,
        question=row.question,
        answer=row.answer,
        state=row.state,
        state_label=row.get_state_display(),
        proposed_by=row.proposed_name,
        proposed_at=row.proposed_at,
        checked_by=row.checked_name,
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at if withdrawn else None,
        reason=row.reason,
        own=row.proposed_by,
    )


def questions(by: Actor, *, state: str = "", limit: int = 100) -> list[QuestionView]:
    """The body's questions for the desk, newest first."""
    rows = Question.objects.filter(body_id=by.body_id)
    rows = rows.filter(state=state) if state in QuestionState.values else rows
    return [_view(r) for r in rows.order_by("-pk")[:limit]]


def _matching(words: str) -> QuerySet[Question]:
    rows = Question.objects.filter(state=QuestionState.PUBLISHED)
    for word in words.split()[:5]:
        rows = rows.filter(Q(question__icontains=word) | Q(answer__icontains=word))
    return rows


def typical(by: Actor, words: str = "", *, limit: int = 8) -> list[QuestionView]:
    """The body's published answers, to answer alike what is asked again."""
    return [_view(r) for r in _matching(words).filter(body_id=by.body_id).order_by("-pk")[:limit]]


def public_questions(words: str = "", *, before: int | None = None) -> tuple[list[QuestionView], int | None]:
    """A page of what is public, newest first, and where the next one begins."""
    rows = _matching(words)
    rows = rows.filter(pk__lt=before) if before is not None else rows
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return [_view(r) for r in found[:PAGE]], (found[PAGE - 1].pk if len(found) > PAGE else None)


def public_question(question_id: int) -> QuestionView:
    """One of them; a withdrawn one without its words, with the reason."""
    row = Question.objects.filter(
        pk=question_id, state__in=(QuestionState.PUBLISHED, QuestionState.WITHDRAWN)
    ).first()
    if row is None:
        raise NotFound("没有这条问答")
    view = _view(row)
    if row.state == QuestionState.WITHDRAWN:
        return replace(view, question="", answer="")
    return view
