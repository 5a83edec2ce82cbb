"""审核人员配备: the ratio with its arithmetic, as the body's own document has it (domain §5.6; R106, R107, R109)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from mingzhi.catalogue import api as catalogue
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import BodyRef
from mingzhi.review.data import StaffingSum
from mingzhi.review.models import Adviser


def staffing_sum(body: BodyRef, on: date) -> StaffingSum:
    """How many reviewers the body needs on ``on``, how many count, and every number that leads there.

    Advisers count only where the body's norm says so (``review.advisers_count``)."""
    ratio = catalogue.norm("review.staffing.ratio_permille", body=body, on=on)
    least = catalogue.norm("review.staffing.minimum", body=body, on=on)
    counted = catalogue.norm("review.advisers_count", body=body, on=on)
    found = organisations.reviewers.staffing(body.id, on, permille=ratio.value, minimum=least.value)
    advisers = Adviser.objects.filter(
        person__body_id=body.id, person__active=True, term_from__lte=on, term_until__gte=on, ended_on=None
    ).count()
    exact = Fraction(found.officers * ratio.value, 1000)
    return StaffingSum(
        officers=found.officers,
        reviewers=found.reviewers,
        reviewers_named=found.reviewers_named,
        advisers=advisers,
        advisers_count=bool(counted.value),
        permille=ratio.value,
        minimum=least.value,
        exact=f"{float(exact):.2f}".rstrip("0").rstrip("."),
        required=found.required,
        citations=tuple(dict.fromkeys((ratio.citation_text, least.citation_text, counted.citation_text))),
    )
