"""法制审核人员: how many a body needs and has, and the register of them (R106–R108, R111–R113; domain §5.6)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from mingzhi.organisations.choices import Role
from mingzhi.organisations.data import PersonRef, ReviewerLine, Staffing, TrainingLine
from mingzhi.organisations.models import Person
from mingzhi.organisations.queries import officers_certified, people, reviewer_problems


def required(officers: int, *, permille: int = 50, minimum: int = 1) -> int:
    """Legal reviewers a body needs: 5 % of its officers, rounded up, at least one; none without officers
    (R106, R107; domain §5.6)."""
    if officers <= 0:
        return 0
    needed = Fraction(officers * permille, 1000)
    return max(minimum, -(-needed.numerator // needed.denominator))


def _reviewers(body_id: int, on: date) -> list[PersonRef]:
    """Who holds a reviewer's role that day, each once."""
    roles = (Role.REVIEWER, Role.REVIEW_HEAD)
    return list({p.id: p for role in roles for p in people(body_id, on=on, role=role)}.values())


def staffing(body_id: int, on: date, *, permille: int = 50, minimum: int = 1) -> Staffing:
    """Officers with a valid certificate on ``on``, reviewers in office, and how many the ratio asks."""
    officers = officers_certified(body_id, on)
    reviewers = _reviewers(body_id, on)
    return Staffing(
        officers=officers,
        reviewers=len(reviewers),
        required=required(officers, permille=permille, minimum=minimum),
        reviewers_named=tuple(p.name for p in reviewers),
    )


def register(body_id: int, on: date) -> list[ReviewerLine]:
    """法制审核人员信息库 (R111): each reviewer with qualification, first engagement, trainings and examinations."""
    found = _reviewers(body_id, on)
    ids = [p.id for p in found]
    rows = {
        r.pk: r for r in Person.objects.filter(pk__in=ids).prefetch_related("qualifications", "trainings")
    }
    return [
        ReviewerLine(
            person=p,
            first_reviewed_on=rows[p.id].first_reviewed_on,
            qualifications=tuple(
                (str(q.get_kind_display()), q.obtained_on)
                for q in rows[p.id].qualifications.all()
                if q.obtained_on <= on
            ),
            trainings=tuple(
                TrainingLine(t.kind, str(t.get_kind_display()), t.title, t.held_on, t.hours, t.passed)
                for t in rows[p.id].trainings.all()
                if t.held_on <= on
            ),
            problems=tuple(reviewer_problems(p.id, on)),
        )
        for p in found
    ]
