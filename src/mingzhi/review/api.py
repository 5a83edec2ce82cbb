"""The review room's door."""

from mingzhi.review.actions import (
    review_accept,
    review_coordinate,
    review_dissent,
    review_extended,
    review_opine,
    review_reassign,
    review_request,
    review_return,
    reviews_supersede,
)
from mingzhi.review.queries import review_current, review_queue, review_rounds, review_triggers

__all__ = [
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
    "review_triggers",
    "reviews_supersede",
]
