"""What the worker does for this room: look into deposited files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mingzhi.outbox import api as outbox
from mingzhi.recording.probe import JOB, probe_run


@outbox.handler(JOB, slow=True)
def probe_job(payload: Mapping[str, Any], *, at: datetime) -> None:
    """Idempotent: a file already looked into is left alone. A file that cannot be read is a finding, no failure."""
    probe_run(int(payload["record"]), at=at)
