"""Legal review as other rooms see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a decision is a major one: the list rule that caught it, and the fact that matched."""

    code: str
    label: str
    explanation: str
    citation: str


@dataclass(frozen=True, slots=True)
class OpinionView:
    id: int
    kind: str
    kind_label: str
    checks: list[dict[str, str]]
    text: str
    advisers: str
    by: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DisagreementView:
    kind: str
    text: str
    participants: str
    outcome: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewView:
    id: int
    dossier_id: int
    round: int
    matter: str
    proposal: str
    statement: str
    materials: list[str]
    triggers: list[dict[str, str]]
    state: str
    state_label: str
    submitted_at: datetime
    accepted_at: datetime | None
    reviewer_id: int | None
    reviewer_name: str
    missing: str
    due_on: date | None
    extended: bool
    opinions: tuple[OpinionView, ...]
    disagreements: tuple[DisagreementView, ...]

    @property
    def passed(self) -> bool:
        """Only an agreeing last opinion of a round that nobody superseded opens the gate."""
        return self.state == "opined" and bool(self.opinions) and self.opinions[-1].kind == "agree"


@dataclass(frozen=True, slots=True)
class SeatView:
    """Another body in whose name the decision is made, and how its own review stands."""

    dossier_id: int
    own_id: int
    own_number: str
    own_state: str
    body_id: int
    body_name: str
    unit_id: int
    unit_name: str
    review: ReviewView | None

    @property
    def passed(self) -> bool:
        return self.review is not None and self.review.passed


@dataclass(frozen=True, slots=True)
class Standing:
    """How the review of a dossier stands: its own body's, and that of every body beside it (R105)."""

    own: ReviewView | None
    seats: tuple[SeatView, ...]

    @property
    def passed(self) -> bool:
        """Every body's own review agreed: one that did not, or was never asked, bars the decision."""
        return self.own is not None and self.own.passed and all(s.passed for s in self.seats)


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One matter in a trial: by what it is caught now, and by what it would be."""

    dossier_id: int
    number: str
    title: str
    at: datetime
    was: tuple[Trigger, ...]
    will: tuple[Trigger, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What another list would have done over a period. ``before`` and ``after`` count matters by rule."""

    considered: int
    newly: int
    lost: int
    both: int
    newly_lines: tuple[TrialLine, ...]
    lost_lines: tuple[TrialLine, ...]
    both_lines: tuple[TrialLine, ...]
    before: dict[str, int]
    after: dict[str, int]


@dataclass(frozen=True, slots=True)
class MaterialRule:
    """A material that must come with a submission, and whether this matter needs it (domain §5.3)."""

    code: str
    label: str
    needed: bool
    present: bool
    remedy: str
