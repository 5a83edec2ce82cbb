"""What other rooms may know of people and bodies: frozen, small, no database behind it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from mingzhi.kernel.errors import Reason
from mingzhi.organisations.permissions import Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: resolved once per request, handed down as ``by=``.

    ``permissions`` and ``roles`` are those in force on the day of the request. ``supervised`` holds
    the path prefixes of bodies this person supervises beyond their own (``SUPERVISE_READ``).
    """

    account_id: int | None
    person_id: int | None
    name: str
    body_id: int
    unit_id: int | None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    supervised: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Stable identity for ledgers and logs: ``person:12``, ``account:3`` or ``system``."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return f"account:{self.account_id}" if self.account_id is not None else "system"

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class BodyRef:
    """A body as norms and numbers see it."""

    id: int
    name: str
    short_name: str
    credit_code: str
    region_code: str
    code_word: str
    profile: str
    path: str
    parent_id: int | None = None
    kind: str = ""
    level: str = ""
    government: str = ""
    court: str = ""
    address: str = ""
    phone: str = ""
    payee_bank: str = ""
    payee_address: str = ""
    entrusted_by_id: int | None = None

    @classmethod
    def of(cls, row: Any) -> BodyRef:
        """The body as its row has it."""
        return cls(*(getattr(row, own.name) for own in fields(cls)))


@dataclass(frozen=True, slots=True)
class UnitRef:
    id: int
    body_id: int
    name: str
    kind: str
    duties: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class PlaceView:
    """An enforcement place as it is on a day; ``version`` is what a change must have seen."""

    id: int
    body_id: int
    version: int
    valid_from: date
    name: str
    kind: str
    kind_label: str
    address: str
    hours: str
    phone: str
    route: str
    unit_ids: tuple[int, ...]
    active: bool
    reason: str
    made_by: str


@dataclass(frozen=True, slots=True)
class Shift:
    """Who stands at a window; ``when`` in words (周一、周三), empty for the whole opening time."""

    person_id: int
    when: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands at a window as a board may tell it. ``certificate`` is the number of a card valid that day,
    else empty; ``problem`` says in Chinese why this person may not stand there."""

    person_id: int
    name: str
    unit_name: str = ""
    title: str = ""
    work_number: str = ""
    certificate: str = ""
    when: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WindowView:
    """A window as it is on a day."""

    id: int
    place_id: int
    body_id: int
    version: int
    valid_from: date
    name: str
    unit_id: int
    post: str
    enforces: bool
    shifts: tuple[Shift, ...]
    handles: tuple[str, ...]
    active: bool
    reason: str
    made_by: str


@dataclass(frozen=True, slots=True)
class PersonRef:
    id: int
    name: str
    body_id: int
    unit_id: int | None
    unit_name: str
    title: str
    active: bool = True
    work_number: str = ""


@dataclass(frozen=True, slots=True)
class CertificateState:
    """A person's enforcement certificate on one day. ``status`` is a ``choices.CertificateStatus``;
    ``note`` says in Chinese why it is not valid."""

    person_id: int
    name: str
    on: date
    status: str
    number: str = ""
    issuer: str = ""
    scope: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""
    area: str = ""
    certificate_id: int | None = None

    @property
    def valid(self) -> bool:
        return self.status == "valid"


@dataclass(frozen=True, slots=True)
class Staffing:
    """Legal-review staffing of a body on a day (domain §5.6)."""

    officers: int
    reviewers: int
    required: int
    reviewers_named: tuple[str, ...] = field(default=())

    @property
    def short(self) -> int:
        """How many reviewers are missing; 0 when the ratio is met."""
        return max(0, self.required - self.reviewers)


@dataclass(frozen=True, slots=True)
class TrainingLine:
    kind: str
    kind_label: str
    title: str
    held_on: date
    hours: int
    passed: bool


@dataclass(frozen=True, slots=True)
class ReviewerLine:
    """One reviewer of the register (R111–R113). ``problems``: why this person may not review a penalty."""

    person: PersonRef
    first_reviewed_on: date | None
    qualifications: tuple[tuple[str, date], ...]
    trainings: tuple[TrainingLine, ...]
    problems: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PublicBody:
    """What anyone may know of an enforcement body (执法主体公示)."""

    id: int
    name: str
    kind: str
    credit_code: str
    region_code: str
    address: str
    phone: str
    supervision_phone: str
    duties: str
    basis: str
    entrusted_by: str
    government: str
    court: str


@dataclass(frozen=True, slots=True)
class PublicPerson:
    """What anyone may know of an officer (执法人员公示): never a phone, never an internal number."""

    name: str
    body_id: int
    body_name: str
    unit_name: str
    title: str
    certificate_number: str
    certificate_kind: str
    issuer: str
    scope: tuple[str, ...]
    area: str
    valid_from: date
    valid_until: date
    status: str
    status_label: str
