"""What other rooms push into publication and read back: frozen, whitelisted, no database behind it.

Publication never pulls a file: the kind of matter hands over a snapshot, and nothing that is not a
field below can ever reach the public (style rule 25). Amounts are integer 分.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mingzhi.publication.snapshots import (
    NOBODY,
    PARTY_KINDS,
    DecisionSnapshot,
    PenaltySnapshot,
)
from mingzhi.search.data import Piece

__all__ = ["NOBODY", "PARTY_KINDS", "DecisionSnapshot", "PenaltySnapshot"]


@dataclass(frozen=True, slots=True)
class Mask:
    """A stretch of one snapshot field that the collector hides in addition to what was found."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Release:
    """A finding of the scan that the collector says is no personal data, with the reason (shown to
    the checker, kept in the history)."""

    field: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """Words of what is public that are put right: ``wrong`` becomes ``right`` wherever it stands in ``field``, or
    in all fields where none is named."""

    field: str
    wrong: str
    right: str


@dataclass(frozen=True, slots=True)
class SpanView:
    """One masked stretch of a field, in offsets of the original text."""

    field: str
    kind: str
    label: str
    start: int
    end: int
    action: str
    original: str
    manual: bool = False
    released: str = ""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field side by side: as served, as the public will see it, and what differs."""

    name: str
    label: str
    original: str
    masked: str
    spans: tuple[SpanView, ...]


@dataclass(frozen=True, slots=True)
class LeakView:
    """One finding of the leak check: where in the file, what it is, its words."""

    where: str
    label: str
    text: str
    bound: bool


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file to be public with a disclosure. ``blocked``: findings that nobody cleared yet."""

    id: int
    file_id: int
    name: str
    size: int
    sha256: str
    leaks: tuple[LeakView, ...]
    blocked: bool
    cleared_by: str
    clear_reason: str


@dataclass(frozen=True, slots=True)
class EventView:
    kind: str
    label: str
    at: datetime
    by: str
    reason: str = ""
    basis: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """One line of the disclosure desk's list."""

    id: int
    dossier_id: int | None
    body_id: int
    kind: str
    kind_label: str
    number: str
    title: str
    party: str
    state: str
    state_label: str
    decided_on: date
    due_on: date
    expires_on: date | None
    overdue: bool
    correcting: bool


@dataclass(frozen=True, slots=True)
class DisclosureView:
    """Everything the disclosure desk shows of one disclosure. ``problems`` are those that stop the
    next step; ``hits`` are scan findings not yet resolved."""

    row: DisclosureRow
    fields: tuple[FieldView, ...]
    summary: str
    collected_by: str
    checked_by: str
    return_reason: str
    withhold_reason: str
    withhold_label: str
    withhold_note: str
    withhold_basis: str
    policy: tuple[PolicyOutcome, ...]
    history: tuple[EventView, ...]
    may: tuple[str, ...]
    attachments: tuple[AttachmentView, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """What one channel does with this decision (domain §4.5). ``confirmed`` False = 待核实."""

    channel: str
    channel_label: str
    severity: str
    severity_label: str
    publish: bool
    min_until: date | None
    max_until: date | None
    version: str
    citation: str
    confirmed: bool
    own_name: str


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A line of the table of publication rules, in the order in which they are asked: the first that
    fits a decision is its rule. ``own``: the body's, before what ships. ``confirmed`` False = 待核实."""

    channel_label: str
    act_label: str
    severity_label: str
    party_label: str
    publish: bool
    min_months: int
    max_months: int | None
    own_name_label: str
    start: date | None
    end: date | None
    citation: str
    confirmed: bool
    own: bool


@dataclass(frozen=True, slots=True)
class DisclosureStatus:
    """For gates and the case page: where the disclosures of a dossier stand. ``reason``: why it is not public."""

    id: int
    kind: str
    state: str
    label: str
    due_on: date
    published_at: datetime | None
    public_url: str = ""
    kind_label: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One line of the public result list."""

    id: int
    title: str
    number: str
    agency: str
    party: str
    kind: str
    kind_label: str
    kinds: tuple[str, ...]
    decided_on: date
    published_on: date
    state: str
    state_label: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ToldIn:
    """Where in a notice the words of a search stand: the line's name, and the text around them."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page of results. The cursors name places in the order, so a page's address stays right whatever is
    published later; ``next_cursor`` is empty on the last page, ``previous_cursor`` on the first."""

    rows: tuple[PublicRow, ...]
    next_cursor: str
    previous_cursor: str = ""


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a search. Counts are under the words and the *other* facets chosen; where not
    ``exact`` there are at most so many."""

    name: str
    values: tuple[FacetValue, ...]
    exact: bool

    @property
    def chosen(self) -> FacetValue | None:
        return next((v for v in self.values if v.chosen), None)


@dataclass(frozen=True, slots=True)
class PublicCounts:
    """How many a search finds, and how they fall on each facet. ``exact`` as for ``Facet``."""

    total: int
    exact: bool
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class PublicDecision:
    """One disclosed decision as anyone may read it. ``content`` is empty when it is not shown any more."""

    id: int
    row: PublicRow
    content: dict[str, Any]
    fields: tuple[tuple[str, str], ...]
    version: int
    expires_on: date | None
    history: tuple[EventView, ...]
    entry_ids: tuple[int, ...] = ()
    plain_summary: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DrawPublished:
    """A version of a random inspection as anyone may read it; ``stage`` is committed, drawn or voided.
    ``first_id`` is the id of its first version: the cursor of the list."""

    id: int
    first_id: int
    body_id: int
    agency: str
    number: str
    no: int
    title: str
    stage: str
    content: dict[str, Any]
    pool_id: int
    record_id: int | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One public event as others may copy it. ``content`` only while this very text is on show;
    ``proof`` discloses what the ledger recorded of the event, with the text's digest in it."""

    position: int
    event: str
    label: str
    disclosure: int
    version: int | None
    number: str
    agency: str
    kind: str
    at: datetime
    reason: str
    basis: str
    sha256: str | None
    content: dict[str, Any] | None
    proof: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """``next`` is the cursor to go on from; ``head`` the last place there is. ``mark`` changes when, and
    only when, what the page says changes; ``modified`` is when it last did, as far as is known."""

    after: int
    next: int
    head: int
    more: bool
    mark: str
    modified: datetime | None
    entries: tuple[FeedEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How one decision stands in public: for comparing copies."""

    disclosure: int
    state: str
    version: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class PublicMark:
    """How one decision stands in public, in a line: ``mark`` is another whenever its public words are."""

    disclosure: int
    mark: str
    shown: bool
    published_on: date


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event of a disclosure, ready for a platform. ``facts`` hold what the channel's policy lets it
    have; empty for a withdrawal. ``key`` is the same at every try."""

    key: str
    operation: str
    kind: str
    disclosure: int
    number: str
    version: int
    reason: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A platform's word: taken (with its receipt), or refused for good (with its reason)."""

    taken: bool
    receipt: str = ""
    told: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class TargetView:
    """A channel as the desk shows it: its last receipt, what waits, what failed."""

    id: int
    name: str
    act: str
    act_label: str
    adapter: str
    adapter_label: str
    by_file: bool
    reconciles: bool
    options: dict[str, Any]
    citation: str
    ended: bool
    last_receipt: str
    last_at: datetime | None
    counts: dict[str, int]
    trouble: tuple[DeliveryView, ...]


@dataclass(frozen=True, slots=True)
class BatchView:
    """A file for a channel fed by hand: how many events are in it, how many have no answer yet."""

    name: str
    count: int
    open: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    id: int
    disclosure: int
    number: str
    operation_label: str
    state: str
    state_label: str
    made_at: datetime
    tried_at: datetime | None
    told: str
    receipt: str
    batch: str


@dataclass(frozen=True, slots=True)
class HomeCounts:
    published: int
    this_year: int
    withdrawn: int
    latest: tuple[PublicRow, ...] = ()


@dataclass(frozen=True, slots=True)
class IntakeReceipt:
    """What a citizen takes home after sending something in. ``due_on`` is the last day for the answer."""

    number: str
    code: str
    kind_label: str
    received_at: datetime
    due_on: date | None


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Public answer to «where does my matter stand?»: stages only, no names."""

    number: str
    title: str
    stage: str
    updated_at: datetime
    steps: tuple[tuple[datetime, str], ...] = field(default=())
    reply: str = ""
    replies: tuple[tuple[datetime, str], ...] = field(default=())
    may_rate: bool = False
    may_reopen: bool = False
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Disclosures due in a period, and what became of them. ``due`` is the sum of all others."""

    due: int
    in_time: int
    late: int
    waiting: int
    overdue: int
    withheld: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class KeptUnit(Kept):
    """Those of one unit."""

    body_id: int
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class LateRow:
    """A decision that was not public when it had to be; ``published_on`` is empty where it still is not.
    Tells nothing of the party: who supervises the clock needs no name."""

    id: int
    body_id: int
    unit_id: int | None
    dossier_id: int | None
    number: str
    title: str
    state: str
    state_label: str
    decided_on: date
    due_on: date
    published_on: date | None
    citation: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """A published report. ``current`` tells the last version of its year from those it replaced."""

    id: int
    body_id: int
    agency: str
    year: int
    no: int
    content: Mapping[str, Any]
    pdf_id: int
    xlsx_id: int
    reason: str
    published_at: datetime
    current: bool
