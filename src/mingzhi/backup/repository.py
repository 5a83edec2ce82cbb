"""A backup repository on a disk: sealed objects named by their content, sealed snapshots that list them.

::

    mingzhi-backup.json     format, random id, mark of the key: nothing secret
    objects/ab/<name>       one sealed content each
    snapshots/<name>        one sealed list each
    incoming/, lock

Crash story. An object is written to ``incoming/``, flushed, renamed into its place, and the folder
flushed: it is whole or not there. A snapshot is written last and in the same way, so a snapshot
that is there names only objects that were whole when it was written; what a broken backup left
behind is used by the next one or swept by ``sweep``. ``sweep`` removes objects only after the
snapshots that named them are gone from the disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from mingzhi.backup.data import Snapshot
from mingzhi.backup.errors import (
    KeyWrong,
    NoSnapshot,
    NotARepository,
    ObjectDamaged,
    RepositoryBusy,
    RepositoryThere,
)
from mingzhi.backup.sealing import Keys

ABOUT = "mingzhi-backup.json"
FORMAT = 1


def create(path: Path, key: bytes) -> Repository:
    """A new repository in an empty (or absent) folder."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RepositoryThere(path=path)
    for folder in (path, path / "objects", path / "snapshots", path / "incoming"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    about = {"format": FORMAT, "id": secrets.token_hex(8), "mark": Keys(key).mark}
    part = path / "incoming" / ABOUT
    _write(part, [json.dumps(about).encode()])
    part.replace(path / ABOUT)
    _flush(path)
    return Repository(path, key)


def identity(path: Path) -> str:
    """The repository's id, which names its key on this machine. ``NotARepository``."""
    return str(_about(path)["id"])


def _about(path: Path) -> dict[str, object]:
    try:
        about = json.loads((path / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        raise NotARepository(path=path) from None
    if not isinstance(about, dict) or about.get("format") != FORMAT or not {"id", "mark"} <= set(about):
        raise NotARepository(path=path)
    return about


class Repository:
    """An open repository. ``KeyWrong`` when the key is not its own."""

    def __init__(self, path: Path, key: bytes) -> None:
        about = _about(path)
        self.path = path
        self.id = str(about["id"])
        self.keys = Keys(key)
        if about["mark"] != self.keys.mark:
            raise KeyWrong

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Only one process writes or sweeps at a time; the lock goes with the process."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RepositoryBusy(path=self.path) from None
            for stray in (self.path / "incoming").iterdir():
                stray.unlink()
            yield
        finally:
            os.close(handle)

    # objects -----------------------------------------------------------------

    def place(self, name: str) -> Path:
        return self.path / "objects" / name[:2] / name

    def name(self, purpose: str, digest: bytes) -> str:
        return self.keys.name(purpose, digest)

    def holds(self, name: str) -> bool:
        return self.place(name).exists()

    def put(self, name: str, plain: Iterable[bytes]) -> None:
        """Keep ``plain`` as ``name``; what is there already stays."""
        if not self.holds(name):
            self._keep(self.place(name), name, plain)

    def put_block(self, block: bytes) -> tuple[str, bool]:
        """Keep one block of a database, compressed; its name, and whether it was new."""
        name = self.name("block", sha256(block).digest())
        fresh = not self.holds(name)
        if fresh:
            self.put(name, [zlib.compress(block, 1)])
        return name, fresh

    def read(self, name: str) -> Iterator[bytes]:
        """The content of an object, frame by frame. ``ObjectDamaged`` when it is not whole."""
        try:
            file = self.place(name).open("rb")
        except OSError:
            raise ObjectDamaged(name=name[:16]) from None
        with file:
            yield from self.keys.open(name, file)

    def block(self, name: str) -> bytes:
        """One block of a database, its content checked against its name."""
        try:
            block = zlib.decompress(b"".join(self.read(name)))
        except zlib.error:
            raise ObjectDamaged(name=name[:16]) from None
        if self.name("block", sha256(block).digest()) != name:
            raise ObjectDamaged(name=name[:16])
        return block

    # snapshots ---------------------------------------------------------------

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        text = json.dumps(snapshot.plain(), ensure_ascii=False, separators=(",", ":")).encode()
        self._keep(
            self.path / "snapshots" / snapshot.name, f"snapshot {snapshot.name}", [zlib.compress(text, 6)]
        )

    def snapshots(self) -> list[str]:
        """Names of all snapshots, oldest first."""
        return sorted(p.name for p in (self.path / "snapshots").iterdir())

    def snapshot(self, name: str = "") -> Snapshot:
        """One snapshot, by default the newest. ``NoSnapshot``, ``ObjectDamaged``."""
        names = self.snapshots()
        name = name or (names[-1] if names else "")
        if name not in names:
            raise NoSnapshot(name=name or "最近一次")
        with (self.path / "snapshots" / name).open("rb") as file:
            text = b"".join(self.keys.open(f"snapshot {name}", file))
        try:
            return Snapshot.read(json.loads(zlib.decompress(text)))
        except (ValueError, TypeError, KeyError, zlib.error):
            raise ObjectDamaged(name=name) from None

    def forget(self, name: str) -> None:
        """Drop a snapshot; its objects go with the next ``sweep``."""
        (self.path / "snapshots" / name).unlink()
        _flush(self.path / "snapshots")

    def sweep(self) -> tuple[int, int]:
        """Remove objects that no snapshot names: (how many, bytes on the disk)."""
        wanted: set[str] = set()
        for name in self.snapshots():
            wanted |= self.snapshot(name).objects()
        count = size = 0
        for folder in (self.path / "objects").iterdir():
            for found in folder.iterdir():
                if found.name not in wanted:
                    count, size = count + 1, size + found.stat().st_size
                    found.unlink()
        return count, size

    def _keep(self, target: Path, name: str, plain: Iterable[bytes]) -> None:
        part = self.path / "incoming" / secrets.token_hex(16)
        try:
            _write(part, self.keys.seal(name, plain))
            fresh = not target.parent.is_dir()
            target.parent.mkdir(exist_ok=True, mode=0o700)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _flush(target.parent)
        if fresh:
            _flush(target.parent.parent)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb", buffering=1 << 20) as out:
        for piece in pieces:
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
