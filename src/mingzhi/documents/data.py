"""Papers as other rooms may hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class NumberedPaper:
    """A paper that carries a number: the template's 类别字, the body's own where it has one, how it comes out."""

    code: str
    title: str
    word: str
    own: str
    example: str


@dataclass(frozen=True, slots=True)
class NumberStyleView:
    """How a body writes its numbers from now on."""

    use_di: bool
    pad: int
    suffix: str
    papers: tuple[NumberedPaper, ...]


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A template version. ``number_word`` is the 文书类别字; empty = the paper carries no number."""

    id: int
    code: str
    title: str
    version: int
    state: str
    body_id: int | None
    number_word: str
    outward: bool
    seal: bool
    text: str = field(repr=False)
    fields: tuple[str, ...] = ()
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper without its data; ``state`` is a ``choices.PaperState``."""

    id: int
    template: str
    title: str
    number: str | None
    state: str
    dossier_id: int
    body_id: int
    step_id: int | None
    drawn_at: datetime
    drawn_by: str
    outward: bool
    code: str
    file_id: int | None = None
    sha256: str = ""
    pages: int | None = None
    rendered_at: datetime | None = None
    served_on: date | None = None
    voided_at: datetime | None = None
    void_reason: str = ""
    corrects_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a paper already bore when it was made without the net: a number out of a reserved block, as it
    was written on it, and the verification code under its QR code."""

    block_id: int
    seq: int
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature given on the glass, or that it was refused or could not be given, with what was noted.

    ``content_sha256`` is of the text that was shown and signed, ``file_id`` the picture (PNG).
    """

    kind: str
    name: str
    outcome: str
    at: datetime
    note: str = ""
    content_sha256: str = ""
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class BlockView:
    """A reserved block (预留号段). ``free`` are the serials neither used nor voided."""

    id: int
    word: str
    year: int
    first: int
    last: int
    holder: str
    allotted_at: datetime
    free: tuple[int, ...]
    texts: tuple[str, ...] = ()
    """The free serials as they are written on a paper."""


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What is known of one attempt to serve. Which of these a mode needs: ``service.service_problems``.

    ``on`` is the day that counts for the mode: signed (direct), left (leave), receipt on the slip
    (mail), received (entrusted, forwarded), issued (public notice). ``arrived_at`` is the arrival in
    the system that the party named (electronic). ``attempts`` are earlier ways tried and how they ended.
    ``on_spot``: a decision made on the spot was handed over there and then (direct); a refusal to sign
    for it is noted on the decision, and no witness is asked for (行政处罚法第五十二条第二款).
    """

    on: date
    place: str = ""
    recipient: str = ""
    signer: str = ""
    relation: str = ""
    officers: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    file_ids: tuple[int, ...] = ()
    left_at_residence: bool = False
    refused_reason: str = ""
    consent_on: date | None = None
    address: str = ""
    arrived_at: datetime | None = None
    tracking: str = ""
    carrier: str = ""
    agent: str = ""
    whereabouts_unknown: bool = False
    attempts: tuple[str, ...] = ()
    reason: str = ""
    failed: bool = False
    on_spot: bool = False


@dataclass(frozen=True, slots=True)
class ServiceView:
    id: int
    paper_id: int
    dossier_id: int
    mode: str
    mode_label: str
    outcome: str
    deemed_on: date | None
    recorded_at: datetime
    recorded_by: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NumberView:
    """One line of the number register (文书编号登记簿)."""

    text: str
    word: str
    year: int
    seq: int
    paper_id: int | None
    title: str
    dossier_number: str
    allotted_at: datetime
    voided: bool = False
    void_reason: str = ""


@dataclass(frozen=True, slots=True)
class Guidance:
    """What stands beside one field. ``law`` names its article; the example is invented."""

    key: str
    write: str
    law: str
    example: str

    @property
    def paper(self) -> str:
        return self.key.partition(".")[0]

    @property
    def field(self) -> str:
        return self.key.partition(".")[2]
