"""Records as other rooms may hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mingzhi.files.data import FileRef
from mingzhi.kernel.errors import Reason


@dataclass(frozen=True, slots=True)
class VerificationView:
    genuine: bool
    finding: str
    by: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordView:
    """A deposited recording or piece of evidence; labels are Chinese, remarks are sentences."""

    id: int
    dossier_id: int
    kind: str
    kind_label: str
    evidence_kind: str
    evidence_kind_label: str
    act: str
    step: str
    title: str
    file: FileRef
    source: str
    source_label: str
    captured_at: datetime
    ended_at: datetime
    found_captured_at: datetime | None
    device: str
    device_clock_offset_s: int
    operator_id: int | None
    operator_name: str
    place: str
    full: bool
    interruption: str
    statement: tuple[str, ...]
    purpose: str
    note: str
    remarks: tuple[str, ...]
    late: bool
    late_reason: str
    upload_hours: int | None
    upload_citation: str
    deposited_at: datetime
    deposited_by: str
    derived_from_id: int | None = None
    verification: VerificationView | None = None

    @property
    def seconds(self) -> int:
        """How long it runs, by the stated times."""
        return int((self.ended_at - self.captured_at).total_seconds())


@dataclass(frozen=True, slots=True)
class ExcuseView:
    id: int
    act: str
    ground: str
    ground_label: str
    reason: str
    approved_by_id: int | None
    approved_by_name: str
    asked_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ActCoverage:
    """What the recording list asks of an act and what the dossier holds of it."""

    act: str
    mode: str
    mode_label: str
    citation: str
    content: str
    recordings: tuple[RecordView, ...] = ()
    excuses: tuple[ExcuseView, ...] = ()
    problems: tuple[Reason, ...] = field(default=())

    @property
    def met(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class DueView:
    """A recording not yet deposited. ``seconds_left`` is negative when late."""

    id: int
    dossier_id: int
    act: str
    ended_at: datetime
    due_at: datetime
    seconds_left: int
    citation: str

    @property
    def late(self) -> bool:
        return self.seconds_left < 0


@dataclass(frozen=True, slots=True)
class Opened:
    """Leave to look at a record, already noted in the second log."""

    record: RecordView
    path: Path
    name: str
    media_type: str
    size: int
    inline: bool
