"""Deliberations as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class View:
    """One member's view in a collective discussion."""

    person_id: int
    name: str
    agrees: bool
    text: str


@dataclass(frozen=True, slots=True)
class DiscussionView:
    id: int
    topic: str
    held_at: datetime
    place: str
    chair_name: str
    recorder_name: str
    views: tuple[View, ...]
    conclusion: str
    agreed: bool
    chair_reasons: str


@dataclass(frozen=True, slots=True)
class HearingView:
    id: int
    state: str
    state_label: str
    requested_on: date
    requested_by: str
    host_id: int | None
    host_name: str
    recorder_name: str
    starts_at: datetime | None
    place: str
    public: bool
    closed_reason: str
    ended_because: str
    report: str
