"""Where this installation keeps the keys of its repositories: ``KEYS_ROOT/backup/<id>.key``, mode 600."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from mingzhi.backup import sealing
from mingzhi.backup.errors import CodeMalformed, KeyUnknown


def _file(repository_id: str) -> Path:
    return Path(settings.KEYS_ROOT) / "backup" / f"{repository_id}.key"


def keep(repository_id: str, key: bytes) -> None:
    path = _file(repository_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(sealing.code_of(key) + "\n")
        out.flush()
        os.fsync(out.fileno())


def find(repository_id: str, code: str = "") -> bytes:
    """The key, from the recovery code if one is given. ``KeyUnknown``, ``CodeMalformed``."""
    if code:
        return sealing.key_of(code)
    try:
        return sealing.key_of(_file(repository_id).read_text("ascii"))
    except (OSError, UnicodeDecodeError, CodeMalformed):
        raise KeyUnknown from None
