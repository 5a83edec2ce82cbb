"""What the desk reads of intakes and questions: frozen, whitelisted, no database behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class IntakeLine:
    """One line of the desk's list. ``title`` as this person may read it."""

    id: int
    number: str
    kind: str
    kind_label: str
    state: str
    state_label: str
    title: str
    body_id: int
    unit: str
    handler: str
    received_at: datetime
    due_on: date | None
    late: bool
    satisfaction: str


@dataclass(frozen=True, slots=True)
class IntakeStepView:
    kind: str
    label: str
    at: datetime
    by: str
    unit: str
    said: str
    until: date | None


@dataclass(frozen=True, slots=True)
class IntakeFileView:
    id: int
    file_id: int
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class IntakeIdentity:
    """Who sent it: handed out for a purpose, never kept on a page."""

    name: str
    contact: str
    text: str


@dataclass(frozen=True, slots=True)
class RepairStanding:
    """Whether a disclosure's showing may end early (domain §4.5). ``earliest`` None: no least period;
    ``confirmed`` False = 待核实."""

    severity_label: str
    earliest: date | None
    reached: bool
    shown: bool
    citation: str
    confirmed: bool
    until: date | None
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransferEventView:
    """``whom``: who signed for it or took it back; for a dispatch the number of the mail."""

    id: int
    label: str
    on: date
    way: str
    whom: str
    reason: str
    scanned: bool
    by: str


@dataclass(frozen=True, slots=True)
class TransferView:
    """A 转送函 with what became of it. ``may_open``: this person may open the paper and the scans."""

    id: int
    number: str
    to_name: str
    named: bool
    at: datetime
    by: str
    state: str
    state_label: str
    may_open: bool
    events: tuple[TransferEventView, ...]


@dataclass(frozen=True, slots=True)
class IntakeView:
    """A citizen's message as this person at the bureau may read it: names and contacts are never in it."""

    line: IntakeLine
    sight: str
    sheltered: bool
    text: str
    place: str
    against: str
    anonymous: bool
    reachable: bool
    about_unit_id: int | None
    about_person_id: int | None
    about: str
    disclosure_id: int | None
    disclosure_number: str
    reply: str
    steps: tuple[IntakeStepView, ...]
    files: tuple[IntakeFileView, ...]
    may: tuple[str, ...]
    may_unseal: bool
    may_open_files: bool
    extract: str = ""
    repair: RepairStanding | None = None
    draft: str = ""
    draft_declines: bool = False
    """Whether ``draft`` is the reason for declining, not an answer."""
    transfers: tuple[TransferView, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question of general use with its answer. ``own`` is who proposed it, for the desk."""

    id: int
    body_id: int
    body: str
    question: str
    answer: str
    state: str
    state_label: str
    proposed_by: str
    proposed_at: datetime
    checked_by: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    reason: str
    own: str
