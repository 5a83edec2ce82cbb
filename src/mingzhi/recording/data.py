"""Records as other rooms may hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from mingzhi.files.data import FileRef
from mingzhi.kernel.errors import Reason
from mingzhi.recording.choices import AccessKind, AccessState, DutyState, Need, Use, WorkState

#: Pictures that can be opened, changed and written anew here.
PICTURES = frozenset({"image/bmp", "image/gif", "image/jpeg", "image/png", "image/tiff", "image/webp"})
#: What a visible watermark can be burnt into at once.
MARKABLE = PICTURES | {"application/pdf"}


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
    probe: ProbeView | None = None
    room: str = ""

    @property
    def told(self) -> tuple[str, ...]:
        """Everything the system remarked: at the deposit, and when it looked into the file."""
        return (*self.remarks, *(self.probe.remarks if self.probe is not None else ()))

    @property
    def copyable(self) -> bool:
        """Whether a copy of it can carry a visible watermark."""
        return self.file.media_type in MARKABLE or self.file.media_type.startswith("video/")

    @property
    def derivable(self) -> bool:
        """Whether something can be covered, cut or muted in it."""
        return self.file.media_type in PICTURES or self.file.media_type.startswith(("video/", "audio/"))

    @property
    def seconds(self) -> int:
        """How long it runs, by the stated times."""
        return int((self.ended_at - self.captured_at).total_seconds())


@dataclass(frozen=True, slots=True)
class ExcuseView:
    """Why an act was not recorded, or (``record_id``) why its recording broke off, and the answer."""

    id: int
    dossier_id: int
    act: str
    record_id: int | None
    record_title: str
    ground: str
    ground_label: str
    reason: str
    approved_by_id: int | None
    approved_by_name: str
    refused_by_name: str
    opinion: str
    decided_at: datetime | None
    asked_by: str
    at: datetime

    @property
    def approved(self) -> bool:
        return self.approved_by_id is not None

    @property
    def waiting(self) -> bool:
        return not self.approved and not self.refused_by_name


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
class Duty:
    """A recording that was expected, and how that stands."""

    id: int
    dossier_id: int
    number: str
    title: str
    unit: str
    act: str
    mode: str
    ended_at: datetime
    due_at: datetime
    state: DutyState
    deposited_at: datetime | None
    late_reason: str


@dataclass(frozen=True, slots=True)
class UnitCoverage:
    """Expected recordings of a unit in a period, counted by how they stand."""

    unit_id: int
    name: str
    counts: dict[DutyState, int]

    def count(self, state: DutyState) -> int:
        return self.counts.get(state, 0)

    @property
    def expected(self) -> int:
        return sum(self.counts.values())

    @property
    def met_percent(self) -> float | None:
        """Deposited in time, of those whose time is over or that came; ``None`` when there are none."""
        over = self.expected - self.count(DutyState.WAITING) - self.count(DutyState.EXCUSED)
        return round(100 * self.count(DutyState.MET) / over, 1) if over else None


@dataclass(frozen=True, slots=True)
class ProbeView:
    """What a record's own container says; ``None`` for what it does not say. See ``models.Probe``."""

    outcome: str
    container: str
    duration_ms: int | None
    video_codec: str
    audio_codec: str
    width: int | None
    height: int | None
    found_at: datetime | None
    remarks: tuple[str, ...]
    thumb_id: int | None
    wave_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note pinned to a moment of a recording."""

    id: int
    position_ms: int
    text: str
    by: str
    by_name: str
    at: datetime

    @property
    def clock(self) -> str:
        """``1:02:03`` or ``2:03``, as a player counts."""
        seconds = self.position_ms // 1000
        head, rest = divmod(seconds, 3600)
        return f"{head}:{rest // 60:02d}:{rest % 60:02d}" if head else f"{rest // 60}:{rest % 60:02d}"


@dataclass(frozen=True, slots=True)
class Opened:
    """Leave to look at a record, already noted in the second log. ``file`` is what is handed out: the
    record's own, or a marked copy of it."""

    record: RecordView
    file: FileRef
    standing: Standing


@dataclass(frozen=True, slots=True)
class Standing:
    """Why somebody may look: the need, the use it stands for, and the approval behind it if there is one."""

    need: Need
    use: Use
    access_id: int | None = None
    number: str = ""
    until: datetime | None = None

    @property
    def inside(self) -> bool:
        """Whether the case itself is the need: such people work with the original."""
        return self.need in {Need.CASE, Need.UNIT, Need.LEADER}


@dataclass(frozen=True, slots=True)
class AccessView:
    """A request with what became of it. ``may_*`` are for the person it was read for."""

    id: int
    number: str
    kind: AccessKind
    dossier_id: int
    dossier_number: str
    dossier_title: str
    record_id: int | None
    record_title: str
    use: Use
    reason: str
    days: int
    asked_by_id: int
    asked_by_name: str
    asked_at: datetime
    state: AccessState
    decided_by_name: str = ""
    decided_at: datetime | None = None
    decision_reason: str = ""
    expires_at: datetime | None = None
    revoked_by_name: str = ""
    revoked_at: datetime | None = None
    revocation_reason: str = ""
    may_decide: bool = False
    may_revoke: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One line of an object's custody chain: who did what with it, when and what for."""

    at: datetime
    who: str
    unit: str
    what: str
    purpose: str = ""
    outcome: str = ""
    note: str = ""
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Playing:
    """A sitting before the player."""

    key: str
    record: RecordView


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    """A watermarked copy about to leave, already on record."""

    data: bytes
    name: str
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """A derivative ordered: how far it has come, and what came of it."""

    id: int
    record_id: int
    dossier_id: int
    lasting: bool
    title: str
    how: str
    use: Use
    reason: str
    ordered_by: str
    ordered_by_name: str
    ordered_at: datetime
    state: WorkState
    percent: int
    error: str
    finished_at: datetime | None
    made_record_id: int | None
    sha256: str
    size: int | None
