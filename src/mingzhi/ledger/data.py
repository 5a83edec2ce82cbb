"""What the ledger hands out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from mingzhi.ledger.kinds import Kind

__all__ = [
    "AttemptView",
    "CheckRunView",
    "CheckpointView",
    "CosignerView",
    "EntryView",
    "Finding",
    "Kind",
    "PublicProofView",
    "Report",
    "SplitViewView",
    "WatchedLogView",
    "WitnessView",
]


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as a reader sees it. ``index`` is its place in the tree, None while not sequenced."""

    id: int
    kind: str
    version: int
    subject: str
    at: datetime
    index: int | None
    sentence: str
    leaf: str


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """The latest signed tree head: entries, root (hex), when signed, and the signed text."""

    size: int
    root: str
    at: datetime
    note: str

    def after(self, at: datetime) -> bool:
        """Whether this checkpoint has a time that the clock, which shows ``at``, has not reached: one of the two
        is wrong. Less than two seconds is the time between asking the clock and reading this."""
        return self.at - at > timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One line of the second log."""

    id: int
    act: str
    subject: str
    by: str
    at: datetime
    outcome: str
    purpose: str
    detail: dict[str, Any]
    address: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that fsck found: stable code, Chinese sentence, and where it is."""

    code: str
    sentence: str
    index: int | None = None
    entry_id: int | None = None
    kind: str = ""
    subject: str = ""


@dataclass
class Part:
    """What one pass of fsck found; plain data, so that it travels between processes."""

    entries: int = 0
    rows: int = 0
    files: int = 0
    checkpoints: int = 0
    size: int = 0
    root: str = ""
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    """What fsck looked at and what it found. ``notes`` are no findings, but worth knowing."""

    entries: int
    rows: int
    files: int
    checkpoints: int
    size: int
    root: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class PublicProofView:
    """What the holder of a paper may check it against. ``sha256`` is that of the signed PDF.

    ``receipt`` (tlog-proof text) and ``bundle`` (with the recorded facts, for offline verification)
    are None while the entry has no place in the log yet, normally for about a second.
    """

    code: str
    title: str
    number: str
    body_name: str
    made_on: date
    sha256: str
    sm3: str
    entry_id: int
    voided_at: datetime | None
    void_reason: str
    receipt: str | None
    bundle: str | None


@dataclass(frozen=True, slots=True)
class CosignerView:
    """A witness of ours: how far it cosigned, and when its last signature came."""

    name: str
    vkey: str
    url: str
    size: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class WatchedLogView:
    """A log we witness: how far we saw it."""

    origin: str
    url: str
    size: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class SplitViewView:
    """Two signed heads of one log that contradict one another."""

    id: int
    origin: str
    source: str
    sentence: str
    ours: str
    theirs: str
    at: datetime
    settled_at: datetime | None
    settled_by: str
    settled_how: str


@dataclass(frozen=True, slots=True)
class WitnessView:
    """Witnessing from both sides. ``ok`` while no contradiction is unsettled."""

    cosigners: tuple[CosignerView, ...]
    watched: tuple[WatchedLogView, ...]
    splits: tuple[SplitViewView, ...]

    @property
    def alarms(self) -> tuple[SplitViewView, ...]:
        return tuple(split for split in self.splits if split.settled_at is None)

    @property
    def ok(self) -> bool:
        return not self.alarms


@dataclass(frozen=True, slots=True)
class CheckRunView:
    """How a kept whole check went. ``found`` counts all findings, ``findings`` are the first thousand."""

    at: datetime
    seconds: float
    size: int
    rows: int
    files: int
    found: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.found == 0
