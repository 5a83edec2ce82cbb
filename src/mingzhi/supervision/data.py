"""Statistics as other rooms and pages may hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Values = Mapping[str, Mapping[str, int | None]]
"""Table → column → figure; ``None`` where the body has no such duty and nothing was counted. Amounts in 分."""

Typed = Mapping[str, Mapping[str, int]]
"""Table → column → the part that supplements make up; only where there is any."""


@dataclass(frozen=True, slots=True)
class Part:
    """One unit, or one body below: its figures, and what of them supplements make up."""

    id: int
    name: str
    values: Values
    typed: Typed = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything an annual report says in numbers, as of one moment."""

    year: int
    total: Values
    units: tuple[Part, ...]
    bodies: tuple[Part, ...]
    months: tuple[tuple[int, int], ...]
    """Decisions with a penalty and their amounts in 分, January to December."""
    officers: int
    certified: int
    typed: Typed | None = None
    """``None`` in a report that was frozen before this was told apart."""

    def plain(self) -> dict[str, Any]:
        """As it is frozen."""
        return {
            "year": self.year,
            "total": self.total,
            "units": [_plain(p) for p in self.units],
            "bodies": [_plain(p) for p in self.bodies],
            "months": [list(m) for m in self.months],
            "officers": self.officers,
            "certified": self.certified,
            "typed": self.typed,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Figures:
        return cls(
            year=stored["year"],
            total=stored["total"],
            units=tuple(_part(p) for p in stored["units"]),
            bodies=tuple(_part(p) for p in stored["bodies"]),
            months=tuple((n, fen) for n, fen in stored["months"]),
            officers=stored["officers"],
            certified=stored["certified"],
            typed=stored.get("typed"),
        )


def _plain(part: Part) -> dict[str, Any]:
    return {"id": part.id, "name": part.name, "values": part.values, "typed": part.typed}


def _part(stored: Mapping[str, Any]) -> Part:
    return Part(stored["id"], stored["name"], stored["values"], stored.get("typed", {}))


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A matter behind a figure, and what it adds to it."""

    dossier_id: int
    number: str
    title: str
    unit: str
    month: int
    cases: int
    fen: int


@dataclass(frozen=True, slots=True)
class InspectionLine:
    """An inspection behind a figure."""

    assignment_id: int
    number: str
    target: str
    outcome: str
    unit: str
    on: date


@dataclass(frozen=True, slots=True)
class SupplementLine:
    """A supplement behind a figure. ``here`` is what this system counts of the same in the same unit and year."""

    id: int
    unit: str
    name: str
    cases: int
    fen: int
    source: str
    by_name: str
    at: datetime
    here: int = 0


@dataclass(frozen=True, slots=True)
class Behind:
    """What a figure is made of. ``next`` is the dossier (of a figure of inspections, the result) after which
    the next page begins."""

    cases: tuple[CaseLine, ...]
    supplements: tuple[SupplementLine, ...]
    next: int | None
    inspections: tuple[InspectionLine, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link of the submission chain for one reporter: whose turn, by when, what came of it."""

    no: int
    sender: str
    receiver: str
    unit_id: int | None
    due_on: date | None
    due_words: str
    citation: str
    sent_on: date | None = None
    sent_by: str = ""
    received_on: date | None = None
    received_by: str = ""
    number: str = ""
    version: int | None = None
    public: bool = False
    way: str = ""
    """How it goes by itself (``choices.Way``); empty: by paper, entered by hand."""
    delivered_on: date | None = None
    returned_on: date | None = None
    returned_why: str = ""
    scan_id: int | None = None
    met_on: date | None = None
    """The day that counts against the deadline: of the first version that was not returned."""
    late: bool = False
    """Not done, and the day has passed; or done after it."""

    @property
    def done(self) -> bool:
        return self.sent_on is not None

    def corrected(self, latest: int) -> bool:
        """Whether what went out is no longer the latest version, so that it must go out again."""
        return self.done and self.version not in (None, latest)

    @property
    def key(self) -> str:
        return f"{self.no}-{self.unit_id or 0}"


@dataclass(frozen=True, slots=True)
class VersionView:
    """A frozen version of a report."""

    id: int
    body_id: int
    year: int
    no: int
    as_of: datetime
    figures: Figures
    rule: Mapping[str, Any]
    cases: int
    cases_sha256: str
    narrative: str
    reason: str
    difference: tuple[Mapping[str, Any], ...]
    pdf_id: int
    xlsx_id: int
    by: str
    by_name: str
    at: datetime
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class StationView:
    """A channel by which reports go up, or come in."""

    id: int
    up: bool
    name: str
    way: str
    peer: str
    url: str
    vkey: str
    due: str


@dataclass(frozen=True, slots=True)
class InboundView:
    """A report that another body handed in. ``act`` is how it stands (``choices.Act``)."""

    id: int
    sender: str
    peer_id: int | None
    year: int
    no: int
    figures: Figures
    in_wan: bool
    cases: int
    cases_sha256: str
    as_of: datetime
    narrative: str
    reason: str
    pdf_id: int
    sha256: str
    at: datetime
    act: str
    answered_on: date | None
    answered_by: str
    returned_why: str


@dataclass(frozen=True, slots=True)
class SenderLine:
    """One who reports to this body: by when, the last that came, whether it is late. ``stands`` is the last that
    was not returned: a correction that was leaves the version before it standing."""

    name: str
    due_on: date | None
    last: InboundView | None
    stands: InboundView | None
    late: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit (or a body) stands in disclosing: decisions due in a period, and what became of them."""

    unit_id: int | None
    name: str
    due: int
    in_time: int
    late: int
    waiting: int
    overdue: int
    withheld: int
    cancelled: int
    reasons: tuple[tuple[str, int], ...] = field(default=())
    """Why those late or withheld were, as far as anybody said."""

    @property
    def owed(self) -> int:
        """Decisions that had to be public: those due less the lawfully withheld and those that fell away."""
        return self.due - self.withheld - self.cancelled

    @property
    def covered(self) -> int:
        return self.in_time + self.late
