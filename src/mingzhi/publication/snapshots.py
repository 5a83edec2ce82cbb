"""What a kind of matter hands over of a decision: whitelists. What is not a field here can never be public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PARTY_KINDS: dict[str, str] = {
    "natural": "自然人",
    "legal": "法人",
    "organisation": "非法人组织",
    "household": "个体工商户",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltySnapshot:
    """A penalty decision as served, for disclosure.

    ``kinds`` are codes or names of ``PENALTY_KINDS``. ``minor``: the party was under 18 at the act.
    ``secrecy`` is the dossier's (``open``, ``private``, ``trade``, ``state``). ``third_persons`` are
    the names of all natural persons in the file other than the punished one and the officers;
    ``secrets`` are further strings that must never leave (ID number, phone, address, account of
    anybody in the file): they are used for masking and scanning only and never stored in clear.
    ``officers`` are enforcement officers, whose names are public (R010). ``severity`` is the
    agency's own finding (``minor``, ``ordinary``, ``serious``); empty lets the policy classify.
    """

    agency: str
    agency_code: str
    party_name: str
    party_kind: str
    credit_code: str = ""
    representative: str = ""
    number: str
    violation: str
    facts: str
    basis: str
    kinds: tuple[str, ...]
    content: str
    fine_fen: int = 0
    forfeit_fen: int = 0
    licence: str = ""
    decided_on: date
    valid_until: date | None = None
    benchmark: str = ""
    law_violated: str = ""
    title: str = ""
    summary_procedure: bool = False
    minor: bool = False
    secrecy: str = "open"
    severity: str = ""
    third_persons: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()
    item_code: str = ""
    field: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSnapshot:
    """A permit or any other decision: the four fields every seed asks for (R042), what dates them, and of
    a permit what 双公示 asks for besides (domain §4.2).

    ``decided_by`` names who decided where that is not ``agency`` alone: the government, or every body of a
    joint decision; ``agency`` is the body that publishes. ``ended`` says that the decision gives no permit
    (不予许可) or takes one away (撤销许可); empty for one that stands. Without ``valid_until`` a permit has no
    end. ``party_kind`` may be ``NOBODY``.
    """

    agency: str
    agency_code: str
    party_name: str
    party_kind: str
    credit_code: str = ""
    representative: str = ""
    number: str
    category: str
    conclusion: str
    basis: str
    decided_on: date
    decided_by: str = ""
    decided_by_code: str = ""
    paper_name: str = ""
    licence_class: str = ""
    licence: str = ""
    licence_number: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    ended: str = ""
    amount_fen: int = 0
    facts: str = ""
    title: str = ""
    minor: bool = False
    secrecy: str = "open"
    third_persons: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()
    item_code: str = ""
    field: str = ""
    region: str = ""


NOBODY = "none"
"""The party's kind of a decision that has no particular party (an ownerless obstacle removed, say)."""
