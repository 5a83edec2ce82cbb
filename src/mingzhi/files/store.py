"""The bytes on disk: written once under their own hash, never changed.

Crash story of ``keep``. Whatever step the power fails at, no row names bytes that are not there:

1. blocks go to ``incoming/<random>.part`` — stops here: a part nobody names; ``tidy`` removes it;
2. the part is flushed to the disk (fsync) — same;
3. it is renamed to ``aa/bb/<sha256>`` (a bucket: put under that key, ``objects``), which is atomic, and both directories are flushed — stops
   here: whole bytes without a row, an orphan; a repeated upload finds the place taken by the same
   bytes and goes on; ``tidy`` removes it after a day;
4. only then the caller writes the row. A row that rolls back leaves an orphan, as in 3.

The same content arriving twice at once is harmless: both parts are whole and equal, and the second
rename puts equal bytes over equal bytes. Renaming over an existing file also heals a damaged one
and refreshes its age, so ``tidy`` cannot take what has just been named again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import secrets
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from mingzhi.files import objects

BLOCK = 1024 * 1024


class Readable(Protocol):
    """Anything with ``read(n)``: an upload, an open file, ``io.BytesIO``."""

    def read(self, size: int, /) -> bytes: ...


class TooMuch(Exception):
    """More bytes than the limit."""


@dataclass(frozen=True, slots=True)
class Blob:
    sha256: str
    sm3: str
    size: int


class _Sm3(threading.Thread):
    """SM3 beside SHA-256: hashlib lets go of the interpreter while it works, so this uses another core."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="sm3")
        self.blocks: queue.Queue[bytes | None] = queue.Queue(maxsize=4)  # bounds memory to four blocks
        self.hash = hashlib.new("sm3")

    def run(self) -> None:
        while (block := self.blocks.get()) is not None:
            self.hash.update(block)

    def finish(self) -> str:
        self.blocks.put(None)
        self.join()
        return self.hash.hexdigest()


def root() -> Path:
    return Path(settings.FILES_ROOT)


def incoming() -> Path:
    return root() / "incoming"


def room() -> int:
    """Bytes left on the disk that takes uploads in."""
    folder = root()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


@dataclass(slots=True)
class Part:
    """Bytes received and hashed, not yet in their place."""

    path: Path
    blob: Blob


@contextlib.contextmanager
def received(stream: Readable, limit: int) -> Iterator[Part]:
    """Take the stream in, block by block, hashing; the part is gone when the block ends unless kept."""
    folder = incoming()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}.part"
    try:
        yield Part(path, _write(stream, path, limit))
    finally:
        path.unlink(missing_ok=True)


def _write(stream: Readable, path: Path, limit: int) -> Blob:
    sha, size = hashlib.sha256(), 0
    other = _Sm3()
    other.start()
    try:
        with path.open("xb", buffering=0) as out:
            while block := stream.read(BLOCK):
                size += len(block)
                if size > limit:
                    raise TooMuch
                other.blocks.put(block)
                sha.update(block)
                _all(out, block)
            os.fsync(out.fileno())
    except BaseException:
        other.finish()
        raise
    return Blob(sha.hexdigest(), other.finish(), size)


def _all(out: BinaryIO, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[out.write(view) :]


def keep(part: Part) -> None:
    """Move a part to its place (steps 3 of the crash story)."""
    objects.store().keep(part.path, part.blob.sha256)


def digests(file: BinaryIO) -> Blob:
    """Both hashes of an open file, read block by block."""
    sha, size, other = hashlib.sha256(), 0, _Sm3()
    other.start()
    try:
        while block := file.read(BLOCK):
            size += len(block)
            other.blocks.put(block)
            sha.update(block)
    except BaseException:
        other.finish()
        raise
    return Blob(sha.hexdigest(), other.finish(), size)
