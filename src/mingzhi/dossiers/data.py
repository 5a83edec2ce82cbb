"""Dossiers as other rooms may hold them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mingzhi.dossiers.archive import ArchiveView, HoldView
from mingzhi.dossiers.order import Line
from mingzhi.dossiers.sources import Event, Item, Source

__all__ = [
    "ArchiveView",
    "Event",
    "HoldView",
    "Item",
    "Line",
    "MemberView",
    "PartyInput",
    "PartyView",
    "Source",
]


@dataclass(frozen=True, slots=True)
class PartyView:
    """A party on a dossier, decrypted: hold it no longer than the work needs."""

    id: int
    role: str
    kind: str
    standard: str
    name: str
    credit_code: str
    representative: str
    id_kind: str
    id_number: str
    born_on: date | None
    gender: str
    address: str
    phone: str
    e_service_agreed_on: date | None
    e_service_address: str


@dataclass(frozen=True, slots=True)
class MatchView:
    """What somebody said of two rows of the register."""

    id: int
    first_id: int
    second_id: int
    first_name: str
    second_name: str
    same: bool
    reason: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberView:
    person_id: int
    name: str
    role: str
    unit_id: int | None
    since: datetime
    until: datetime | None
    recused: bool

    @property
    def active(self) -> bool:
        return self.until is None and not self.recused


@dataclass(frozen=True, slots=True)
class PartyInput:
    """What is entered of a party; validated by ``dossiers.api.party_save``."""

    kind: str
    name: str
    standard: str = ""
    credit_code: str = ""
    representative: str = ""
    id_kind: str = ""
    id_number: str = ""
    gender: str = ""
    address: str = ""
    phone: str = ""
    born_on: date | None = None
    code_note: str = ""
    """Why there is no credit code where one is due (domain §9.2): stands in its place, and is shown."""
