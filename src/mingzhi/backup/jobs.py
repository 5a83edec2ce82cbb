"""The nightly backup, where the installation names a repository (``MINGZHI_BACKUP_TO``)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from mingzhi.backup import keyring
from mingzhi.backup.making import backup_make
from mingzhi.backup.repository import Repository, identity
from mingzhi.outbox import api as outbox

DAY = 24 * 3600.0
STATUS = "backup.json"


def arrange() -> None:
    if settings.BACKUP_TO:
        outbox.periodic("backup.nightly", DAY)(nightly)


def nightly(at: datetime) -> None:
    """One backup. A failure stays visible on the job's row and in ``mingzhi check``; the next night tries again."""
    path = Path(settings.BACKUP_TO)
    repository = Repository(path, keyring.find(identity(path)))
    snapshot, tally = backup_make(repository, at=at, say=lambda _: None)
    note_success(snapshot.name, at, len(snapshot.missing), tally.new_size)


def note_success(name: str, at: datetime, missing: int, new_size: int) -> None:
    status = {"snapshot": name, "at": at.isoformat(), "missing": missing, "new_size": new_size}
    part = Path(settings.VAR) / f"{STATUS}.part"
    part.write_text(json.dumps(status), "utf-8")
    part.replace(Path(settings.VAR) / STATUS)


def last_success() -> dict[str, Any] | None:
    """What the last backup of this installation said of itself; ``None`` when there was none."""
    try:
        found: dict[str, Any] = json.loads((Path(settings.VAR) / STATUS).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found
