"""The recording room's door."""

from mingzhi.recording.actions import (
    act_excuse as excuse,
)
from mingzhi.recording.actions import (
    evidence_verify as verify_evidence,
)
from mingzhi.recording.actions import (
    record_deposit as deposit,
)
from mingzhi.recording.actions import (
    recording_expect as expect,
)
from mingzhi.recording.queries import (
    act_problems,
    coverage,
    due,
    evidence,
    evidence_unverified,
    excuses,
    open_for,
    record,
    recordings,
    records,
)
from mingzhi.recording.rules import ACCEPTED, upload_term, voice_statement

__all__ = [
    "ACCEPTED",
    "act_problems",
    "coverage",
    "deposit",
    "due",
    "evidence",
    "evidence_unverified",
    "excuse",
    "excuses",
    "expect",
    "open_for",
    "record",
    "recordings",
    "records",
    "upload_term",
    "verify_evidence",
    "voice_statement",
]
