"""The recording room's door. ``devices``, ``guides``, ``notes``, ``rooms`` and ``script`` are subjects of their own."""

from mingzhi.recording import (
    access,
    custody,
    custody_queries,
    derivatives,
    devices,
    guides,
    notes,
    recipes,
    rooms,
    script,
    terminals,
)
from mingzhi.recording.actions import (
    evidence_verify as verify_evidence,
)
from mingzhi.recording.actions import (
    record_deposit as deposit,
)
from mingzhi.recording.duties import APPROVERS, act_taken
from mingzhi.recording.duties import (
    act_excuse as excuse,
)
from mingzhi.recording.duties import (
    excuse_decide as decide_excuse,
)
from mingzhi.recording.duties import (
    recording_expect as expect,
)
from mingzhi.recording.duty_queries import (
    due,
    due_on,
    duties,
    excuses,
    excuses_waiting,
    recorded_hours,
    unit_coverage,
)
from mingzhi.recording.duty_queries import (
    excuse as one_excuse,
)
from mingzhi.recording.queries import (
    act_problems,
    coverage,
    evidence,
    evidence_unverified,
    open_for,
    record,
    recordings,
    records,
    records_of,
)
from mingzhi.recording.rules import ACCEPTED, upload_term, voice_statement

__all__ = [
    "ACCEPTED",
    "APPROVERS",
    "access",
    "act_problems",
    "act_taken",
    "coverage",
    "custody",
    "custody_queries",
    "decide_excuse",
    "deposit",
    "derivatives",
    "devices",
    "due",
    "due_on",
    "duties",
    "evidence",
    "evidence_unverified",
    "excuse",
    "excuses",
    "excuses_waiting",
    "expect",
    "guides",
    "notes",
    "one_excuse",
    "open_for",
    "recipes",
    "record",
    "recorded_hours",
    "recordings",
    "records",
    "records_of",
    "rooms",
    "script",
    "terminals",
    "unit_coverage",
    "upload_term",
    "verify_evidence",
    "voice_statement",
]
