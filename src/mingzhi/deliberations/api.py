"""The deliberations room's door."""

from mingzhi.deliberations.actions import (
    discussion_record,
    hearing_arrange,
    hearing_held,
    hearing_reported,
    hearing_request,
    hearings_supersede,
)
from mingzhi.deliberations.queries import discussions, hearing_current

__all__ = [
    "discussion_record",
    "discussions",
    "hearing_arrange",
    "hearing_current",
    "hearing_held",
    "hearing_reported",
    "hearing_request",
    "hearings_supersede",
]
