"""The review room's door."""

from mingzhi.review.actions import (
    facts_weighed,
    review_accept,
    review_coordinate,
    review_dissent,
    review_extended,
    review_opine,
    review_request,
    review_return,
    reviews_supersede,
    seat_add,
)
from mingzhi.review.advice import (
    advice_ask,
    advice_give,
    adviser_end,
    adviser_pool,
    adviser_register,
    consultation_mine,
    consultations,
    consultations_mine,
)
from mingzhi.review.people import staffing_sum
from mingzhi.review.queries import (
    review_current,
    review_queue,
    review_rounds,
    review_standing,
    review_triggers,
    seat_of,
)
from mingzhi.review.report import (
    REPORT_PERMISSIONS,
    departures,
    indicators,
    require_report,
    responsibility,
    total,
)
from mingzhi.review.trial import TRIAL_PERMISSIONS, dry_run

__all__ = [
    "REPORT_PERMISSIONS",
    "TRIAL_PERMISSIONS",
    "advice_ask",
    "advice_give",
    "adviser_end",
    "adviser_pool",
    "adviser_register",
    "consultation_mine",
    "consultations",
    "consultations_mine",
    "departures",
    "dry_run",
    "facts_weighed",
    "indicators",
    "require_report",
    "responsibility",
    "review_accept",
    "review_coordinate",
    "review_current",
    "review_dissent",
    "review_extended",
    "review_opine",
    "review_queue",
    "review_request",
    "review_return",
    "review_rounds",
    "review_standing",
    "review_triggers",
    "reviews_supersede",
    "seat_add",
    "seat_of",
    "staffing_sum",
    "total",
]
