"""The log's signing key: a file outside the database, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from mingzhi.ledger.errors import KeyMissing
from mingzhi.ledger.notes import BadNote, SignerKey
from mingzhi.ledger.tree import write_whole


def folder() -> Path:
    return Path(settings.KEYS_ROOT) / "ledger"


def origin_for(name: str) -> str:
    """The origin line: where the bureau is found, and the log's random name."""
    host = urlsplit(settings.PUBLIC_URL).netloc.rpartition("@")[2] or "localhost"
    return f"{host}/mingzhi/{name}"


def make(name: str) -> SignerKey:
    """A new key for the log ``name``, its files written: ``NAME.key`` (600) and ``NAME.vkey``."""
    key = SignerKey(origin_for(name), secrets.token_bytes(32))
    where = folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(where / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, f"{key}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)
    write_whole(where / f"{name}.vkey", f"{key.verifier}\n")
    return key


@lru_cache(maxsize=8)
def _load(path: Path) -> SignerKey:
    return SignerKey.parse(path.read_text("ascii"))


def load(name: str, origin: str, vkey: str) -> SignerKey:
    """The private key of a log that has one. ``KeyMissing`` when the file is gone or another's."""
    path = folder() / f"{name}.key"
    try:
        key = _load(path)
    except (FileNotFoundError, PermissionError, BadNote, UnicodeDecodeError):
        raise KeyMissing(origin=origin, path=path) from None
    if str(key.verifier) != vkey:
        raise KeyMissing(origin=origin, path=path)
    return key
