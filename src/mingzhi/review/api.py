"""The review room's door."""

from mingzhi.review.actions import (
    facts_weighed,
    review_accept,
    review_coordinate,
    review_dissent,
    review_extended,
    review_opine,
    review_reassign,
    review_request,
    review_return,
    reviews_supersede,
    seat_add,
)
from mingzhi.review.queries import (
    review_current,
    review_queue,
    review_rounds,
    review_standing,
    review_triggers,
    seat_of,
)
from mingzhi.review.trial import TRIAL_PERMISSIONS, dry_run

__all__ = [
    "TRIAL_PERMISSIONS",
    "dry_run",
    "facts_weighed",
    "review_accept",
    "review_coordinate",
    "review_current",
    "review_dissent",
    "review_extended",
    "review_opine",
    "review_queue",
    "review_reassign",
    "review_request",
    "review_return",
    "review_rounds",
    "review_standing",
    "review_triggers",
    "reviews_supersede",
    "seat_add",
    "seat_of",
]
