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
class MaterialRule:
    """A material that must come with a submission, and whether this matter needs it (domain §5.3)."""

    code: str
    label: str
    needed: bool
    present: bool
    remedy: str
