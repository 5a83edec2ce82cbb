"""法律顾问、公职律师: the pool, dispatch across bodies, conflict of interest, and opinions beside the reviewer's.

An adviser is asked by who reviews and answers in his or her own words; nothing here passes a round. Crash
story: a question commits with its to-do, an answer with the end of it; either both or neither.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotAllowed, NotFound, Problems, Reason
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.review import choices
from mingzhi.review.data import AdviceView, AdviserView
from mingzhi.review.errors import AdviceGiven, AdviserBarred, ReviewOutOfTurn
from mingzhi.review.events import ADVICE, ADVISER, CONSULTATION
from mingzhi.review.models import Advice, Adviser, Consultation, Review
from mingzhi.tasks import api as tasks

TASK = "review.advise"
NEEDED = {
    choices.AdviserKind.COUNSEL: ("law",),
    choices.AdviserKind.PUBLIC_LAWYER: ("public_lawyer", "law"),
}
"""Qualifications, any of which an adviser of the kind must hold on the register."""
PARTIES = "当事人及利害关系人"


# --- the register -------------------------------------------------------------------------------


@transaction.atomic
def adviser_register(
    *,
    person_id: int,
    kind: str,
    employer: str,
    licence: str,
    fields: str,
    term_from: date | None,
    term_until: date | None,
    shared: bool,
    by: Actor,
    at: datetime,
) -> int:
    """Put a person of the own body on the register, or renew the term (R110)."""
    organisations.require(by, Permission.REVIEW_ASSIGN)
    person = organisations.person(person_id)
    if person.body_id != by.body_id:
        raise NotFound("未找到该人员")
    problems = Problems()
    if kind not in choices.AdviserKind.values:
        problems.add("kind", "请选择种类")
    elif not set(NEEDED[choices.AdviserKind(kind)]) & organisations.qualifications(
        person_id, clock.local_date(at)
    ):
        problems.add("person_id", f"{person.name}没有登记相应的法律职业资格，请先登记资格")
    for name, value, label, limit in (
        ("employer", employer, "所在单位", 120),
        ("licence", licence, "执业证号", 60),
    ):
        if not 2 <= len(value.strip()) <= limit:
            problems.add(name, f"请填写{label}，不超过 {limit} 个字")
    if term_from is None or term_until is None:
        problems.add("term_from", "请填写聘期起止日期")
    elif term_until < term_from:
        problems.add("term_until", "聘期截止日期早于起始日期")
    problems.raise_if_any()
    assert term_from is not None and term_until is not None
    row, _fresh = Adviser.objects.update_or_create(
        person_id=person_id,
        defaults={
            "kind": kind,
            "employer": employer.strip(),
            "licence": licence.strip(),
            "fields": fields.strip()[:200],
            "term_from": term_from,
            "term_until": term_until,
            "shared": shared,
            "registered_by": by.label,
            "registered_at": at,
            "ended_on": None,
            "end_reason": "",
        },
    )
    ADVISER.kept(row, at=at)
    return row.pk


@transaction.atomic
def adviser_end(*, adviser_id: int, reason: str, by: Actor, at: datetime) -> None:
    """解聘: nothing is asked from this day on; what was said stays."""
    organisations.require(by, Permission.REVIEW_ASSIGN)
    row = Adviser.objects.select_for_update().filter(pk=adviser_id, person__body_id=by.body_id).first()
    if row is None:
        raise NotFound("未找到该法律顾问、公职律师")
    problems = Problems()
    if len(reason.strip()) < 2:
        problems.add("reason", "请写明解聘原因")
    problems.raise_if_any()
    if row.ended_on is None:
        row.ended_on, row.end_reason = clock.local_date(at), reason.strip()[:200]
        row.save(update_fields=["ended_on", "end_reason"])
        ADVISER.kept(row, at=at)


def _pool(body_id: int) -> QuerySet[Adviser]:
    """Own advisers, and those whom bodies of the same government share."""
    parent = organisations.body(body_id).parent_id
    reach = Q(person__body_id=body_id)
    if parent is not None:
        reach |= Q(shared=True, person__body__parent_id=parent)
    return Adviser.objects.filter(reach).select_related("person__body")


def adviser_pool(by: Actor, on: date) -> list[AdviserView]:
    """Everyone whom this person's body may ask, with the term on ``on`` and what each was asked."""
    rows = _pool(by.body_id)
    asked = dict(Consultation.objects.filter(adviser__in=rows).values_list("adviser").annotate(n=Count("pk")))
    return [
        AdviserView(
            id=r.pk,
            person_id=r.person_id,
            name=r.person.name,
            kind_label=r.get_kind_display(),
            employer=r.employer,
            fields=r.fields,
            term_from=r.term_from,
            term_until=r.term_until,
            shared=r.shared,
            body_name=r.person.body.name,
            own=r.person.body_id == by.body_id,
            in_office=_in_office(r, on),
            ended_on=r.ended_on,
            asked=asked.get(r.pk, 0),
        )
        for r in rows.order_by("person__body_id", "person__pinyin", "pk")
    ]


def _in_office(row: Adviser, on: date) -> bool:
    return row.person.active and row.term_from <= on <= row.term_until and row.ended_on is None


# --- asking and answering ------------------------------------------------------------------------


def conflicts(row: Adviser, review: Review, on: date) -> list[Reason]:
    """Why this adviser may not be asked on this matter: no term, a hand in the case, or the party's side."""
    name = row.person.name
    reasons = []
    if not _in_office(row, on):
        reasons.append(
            Reason("review.adviser_term", f"{name}不在聘期内", "国办发〔2018〕118号", "请先办理续聘登记")
        )
    if row.person_id == review.reviewer_id:
        reasons.append(
            Reason(
                "review.adviser_reviewer",
                f"{name}是本轮审核人员",
                "国办发〔2018〕118号",
                "法律意见不能代替审核意见",
            )
        )
    members = dossiers.members(review.dossier_id, active=False)
    if any(m.person_id == row.person_id and m.role != "reviewer" for m in members):
        reasons.append(
            Reason("review.adviser_handled", f"{name}办理过本案，应当回避", "行政处罚法第四十三条")
        )
    sides = {w for p in dossiers.parties(review.dossier_id) for w in (p.name, p.representative) if w}
    if sides & {name, row.employer}:
        reasons.append(
            Reason(
                "review.adviser_party",
                f"{name}或者其所在单位与{PARTIES}同名，存在利害关系",
                "行政处罚法第四十三条",
            )
        )
    if Consultation.objects.filter(review=review, adviser=row).exists():
        reasons.append(Reason("review.adviser_asked", f"本轮审核已经向{name}咨询"))
    return reasons


@transaction.atomic
def advice_ask(*, dossier_id: int, adviser_id: int, question: str, by: Actor, at: datetime) -> int:
    """提请咨询, by who reviews the round or leads the review unit (R109, R110)."""
    review = Review.objects.select_for_update().filter(dossier_id=dossier_id).order_by("-round").first()
    if review is None or review.body_id != by.body_id:
        raise NotFound()
    if review.reviewer_id != by.person_id and not by.may(Permission.REVIEW_ASSIGN):
        raise NotAllowed("由本轮审核人员或者法制审核机构负责人提请咨询")
    if review.state != choices.ReviewState.ACCEPTED:
        raise ReviewOutOfTurn(state=review.get_state_display(), act="提请咨询")
    row = _pool(by.body_id).filter(pk=adviser_id).first()
    problems = Problems()
    if row is None:
        problems.add("adviser_id", "请从法律顾问、公职律师库中选择")
    if not 4 <= len(question.strip()) <= 2000:
        problems.add("question", "请写明咨询的问题，四个字以上")
    problems.raise_if_any()
    assert row is not None
    reasons = conflicts(row, review, clock.local_date(at))
    if reasons:
        raise AdviserBarred(name=row.person.name, reasons=reasons)
    asked = Consultation.objects.create(
        review=review, adviser=row, question=question.strip(), by=by.label, by_name=by.name, at=at
    )
    CONSULTATION.kept(asked, at=at)
    tasks.task_open(
        kind=TASK,
        title=f"提供法律意见：{review.matter}",
        body_id=row.person.body_id,
        subject=f"consultation:{asked.pk}",
        assignee_id=row.person_id,
        due_on=review.due_on,
        by=by,
        at=at,
    )
    return asked.pk


def _of(by: Actor) -> QuerySet[Consultation]:
    """Consultations put to this person: the adviser's only gate, object by object."""
    rows = Consultation.objects.filter(adviser__person_id=by.person_id or 0)
    return rows.select_related("review__body", "adviser__person__body", "advice")


def consultation_mine(by: Actor, consultation_id: int) -> AdviceView:
    row = _of(by).filter(pk=consultation_id).first()
    if row is None:
        raise NotFound()
    return _view(row)


def consultations_mine(by: Actor) -> list[AdviceView]:
    """What this adviser was asked, latest first."""
    return [_view(r) for r in _of(by).order_by("-pk")[:200]]


def consultations(dossier_id: int) -> list[AdviceView]:
    """Every question and answer of a dossier; the caller has passed its gate."""
    rows = Consultation.objects.filter(review__dossier_id=dossier_id)
    return [
        _view(r)
        for r in rows.select_related("review__body", "adviser__person__body", "advice").order_by("pk")
    ]


def _view(row: Consultation) -> AdviceView:
    given = getattr(row, "advice", None)
    return AdviceView(
        id=row.pk,
        review_id=row.review_id,
        round=row.review.round,
        matter=row.review.matter,
        proposal=row.review.proposal,
        statement=row.review.statement,
        materials=row.review.materials,
        body_name=row.review.body.name,
        due_on=row.review.due_on,
        open=given is None and row.review.state == choices.ReviewState.ACCEPTED,
        adviser_name=row.adviser.person.name,
        adviser_kind=row.adviser.get_kind_display(),
        employer=row.adviser.employer,
        adviser_body=row.adviser.person.body.name,
        question=row.question,
        asked_by=row.by_name,
        asked_at=row.at,
        recused=given.recused if given else None,
        text=given.text if given else "",
        given_at=given.at if given else None,
    )


@transaction.atomic
def advice_give(*, consultation_id: int, recused: bool, text: str, by: Actor, at: datetime) -> int:
    """The adviser's own opinion, or the declaration of a conflict of interest. Given once, and before the reviewer
    has spoken: what came later would stand in a file that was decided, or sealed, without it."""
    row = _of(by).filter(pk=consultation_id).first()
    if row is None:
        raise NotFound()
    review = Review.objects.select_for_update().get(pk=row.review_id)  # as who opines holds it
    if Advice.objects.filter(consultation=row).exists():
        raise AdviceGiven()
    if review.state != choices.ReviewState.ACCEPTED:
        raise ReviewOutOfTurn(state=review.get_state_display(), act="出具法律意见")
    problems = Problems()
    if not 4 <= len(text.strip()) <= 6000:
        problems.add("text", "请写明回避的理由" if recused else "请写明法律意见")
    problems.raise_if_any()
    given = Advice.objects.create(
        consultation=row, recused=recused, text=text.strip(), by=by.label, by_name=by.name, at=at
    )
    ADVICE.kept(given, at=at)
    tasks.tasks_close(kinds=(TASK,), subject=f"consultation:{row.pk}", by=by, at=at)
    return given.pk


def questions_over(review: Review, *, by: Actor, at: datetime) -> None:
    """The round has its opinion or was superseded: nobody is waited for any more."""
    for pk in Consultation.objects.filter(review=review, advice=None).values_list("pk", flat=True):
        tasks.tasks_close(kinds=(TASK,), subject=f"consultation:{pk}", by=by, at=at)
