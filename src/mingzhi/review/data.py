"""Legal review as other rooms see it."""

from __future__ import annotations

from collections.abc import Mapping
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
class Older:
    """A matter from before facts were kept, as its own steps tell it; ``unknown`` names what nobody recorded then."""

    dossier_id: int
    number: str
    title: str
    at: datetime
    facts: Mapping[str, object]
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trial:
    """What another list would have done over a period. ``before`` and ``after`` count matters by rule.

    ``older`` of the considered are read from their steps; of those, ``unclear`` cannot be judged, because a
    rule asks what nobody asked then: they are in none of the three groups.
    """

    considered: int
    newly: int
    lost: int
    both: int
    newly_lines: tuple[TrialLine, ...]
    lost_lines: tuple[TrialLine, ...]
    both_lines: tuple[TrialLine, ...]
    before: dict[str, int]
    after: dict[str, int]
    older: int = 0
    unclear: int = 0
    unclear_lines: tuple[TrialLine, ...] = ()


@dataclass(frozen=True, slots=True)
class MaterialRule:
    """A material that must come with a submission, and whether this matter needs it (domain §5.3)."""

    code: str
    label: str
    needed: bool
    present: bool
    remedy: str


@dataclass(frozen=True, slots=True)
class AdviserView:
    """One of the advisers whom a body may ask. ``in_office`` is on the day that was asked for."""

    id: int
    person_id: int
    name: str
    kind_label: str
    employer: str
    fields: str
    term_from: date
    term_until: date
    shared: bool
    body_name: str
    own: bool
    in_office: bool
    ended_on: date | None
    asked: int


@dataclass(frozen=True, slots=True)
class AdviceView:
    """A question to an adviser with the matter as far as it must be known, and the answer once given.

    ``recused`` is ``None`` until it is answered; ``open`` says that it may be: until the reviewer has spoken."""

    id: int
    review_id: int
    round: int
    matter: str
    proposal: str
    statement: str
    materials: list[str]
    body_name: str
    due_on: date | None
    open: bool
    adviser_name: str
    adviser_kind: str
    employer: str
    adviser_body: str
    question: str
    asked_by: str
    asked_at: datetime
    recused: bool | None
    text: str
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaffingSum:
    """Reviewers needed and there, with every number of the arithmetic (domain §5.6)."""

    officers: int
    reviewers: int
    reviewers_named: tuple[str, ...]
    advisers: int
    advisers_count: bool
    permille: int
    minimum: int
    exact: str
    required: int
    citations: tuple[str, ...]

    @property
    def counted(self) -> int:
        return self.reviewers + (self.advisers if self.advisers_count else 0)

    @property
    def short(self) -> int:
        """How many are missing; 0 when the ratio is met."""
        return max(0, self.required - self.counted)

    @property
    def percent(self) -> str:
        """The ratio as text: 5%, 5.5%."""
        return f"{self.permille / 10:g}%"


@dataclass(frozen=True, slots=True)
class Indicators:
    """Counts of one unit in one month; sums of any of them are counts again (R122).

    ``days`` are working days from receipt to the first opinion, summed over ``opined`` rounds. ``major``
    are decisions that the list caught, ``covered`` those of them with an agreeing opinion before."""

    unit_id: int = 0
    unit: str = ""
    month: str = ""
    submitted: int = 0
    returned: int = 0
    opined: int = 0
    days: int = 0
    problems: int = 0
    points: int = 0
    late: int = 0
    major: int = 0
    covered: int = 0

    @property
    def average_days(self) -> float | None:
        return self.days / self.opined if self.opined else None

    @property
    def problem_permille(self) -> int | None:
        return self.problems * 1000 // self.opined if self.opined else None

    @property
    def coverage_permille(self) -> int | None:
        return self.covered * 1000 // self.major if self.major else None


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody acted otherwise than an opinion said, or later than the rule has it: who, from what, why (R130)."""

    dossier_id: int
    number: str
    title: str
    unit: str
    round: int
    kind: str
    kind_label: str
    against: str
    against_by: str
    by_name: str
    why: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who answers for what in one round: materials, opinion (R127, R128); the decision is the file's (R129)."""

    dossier_id: int
    number: str
    title: str
    unit: str
    round: int
    submitted_by: str
    submitted_at: datetime
    reviewer: str
    opinion: str
    opinion_at: datetime | None
    problems: tuple[str, ...]
    state_label: str
