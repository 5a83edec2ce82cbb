"""What the double-random room hands out: frozen, small."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mingzhi.double_random.choices import Stage
from mingzhi.organisations.data import PersonRef


@dataclass(frozen=True, slots=True)
class ItemLine:
    """A row of the published list of random-inspection items."""

    code: str
    name: str
    target: str
    ratio: str
    method: str
    frequency: str


@dataclass(frozen=True, slots=True)
class Ready:
    """What a draw may be made from on a day: items, categories of targets with their numbers, officers."""

    items: tuple[ItemLine, ...]
    categories: tuple[tuple[str, int], ...]
    targets: int
    officers: tuple[PersonRef, ...]


@dataclass(frozen=True, slots=True)
class DrawLine:
    """One draw in the list."""

    id: int
    number: str
    title: str
    item_name: str
    committed_at: datetime
    size: int
    count: int
    found: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class ReplacementLine:
    out: str
    into: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """One drawn target with the officers who go now, and what was found."""

    id: int
    place: int
    code: str
    name: str
    officers: tuple[PersonRef, ...]
    replacements: tuple[ReplacementLine, ...] = ()
    outcome: str = ""
    outcome_label: str = ""
    facts: str = ""
    measures: str = ""
    inspected_on: date | None = None
    disclosure_id: int | None = None
    follow_up: tuple[int, str] | None = None
    """The case in which it was punished: dossier and number."""
    follow_reason: str = ""
    """Why the party punished is not the target."""


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw with all that was recorded of it. ``ready``: a checkpoint after the commitment is there."""

    line: DrawLine
    body_id: int
    basis: str
    content: str
    category: str
    share: int
    officers: int
    excused: tuple[tuple[str, str], ...]
    pool_id: int
    pool_digest: str
    commitment: str
    committed_by: str
    committed_name: str
    ready: bool
    words: str = ""
    witnesses: str = ""
    seed: str = ""
    drawn_name: str = ""
    drawn_at: datetime | None = None
    void_reason: str = ""
    voided_name: str = ""
    voided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InspectionView:
    """One inspected target with its recorded result, for who counts inspections. ``id`` is the finding's;
    ``unit_id`` the unit of the officer who entered it; ``punished`` that a penalty followed."""

    id: int
    assignment_id: int
    body_id: int
    unit_id: int
    number: str
    target: str
    outcome: str
    inspected_on: date
    punished: bool = False


@dataclass(frozen=True, slots=True)
class AvoidanceLine:
    id: int
    person: str
    target_code: str
    reason: str
    declared_at: datetime
