"""The tree on disk: one file per level, 32 bytes a node, complete nodes only.

The database is authoritative; these files are a copy outside it that makes proofs quick and lets
fsck say *which* leaf was altered. ``level-00`` is the journal: it is the last file written by an
append and the only one synced for it, so its length says how many leaves are whole. Higher levels
follow from it and are synced now and then; ``synced`` says up to which leaf they are.

If an append stops …
* before the journal is written: higher levels may be too long; opening cuts and recomputes them;
* after the write, before the sync: after a power cut the tail may be anything. Opening recomputes
  the levels above it, and the caller compares the tail with the database (``unsynced``);
* in the sync itself: the object refuses everything from then on; open anew.

Every change happens under an exclusive ``flock``; readers in other processes need none, because
they read only up to a size that was complete before they learned of it.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from mingzhi.ledger import merkle

WIDTH = merkle.HASH_BYTES
SYNC_EVERY = 65_536


class TreeBroken(OSError):
    """A write or sync failed; nothing more is read or written through this object."""


class Tree:
    """A tree in ``folder``. ``durable=False`` leaves out the sync (tests, exports)."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.broken = ""
        self._files: list[int] = []
        self._maps: list[mmap.mmap | bytes] = []
        self._thread_lock = threading.RLock()
        self._depth = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock_file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with self.locked():
            self._recover()

    # -- reading ---------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Leaves in the journal."""
        return os.fstat(self._files[0]).st_size // WIDTH

    def node(self, level: int, index: int) -> bytes:
        """The hash at ``index`` of ``level``. IndexError when it is not there."""
        start = index * WIDTH
        try:
            found = self._maps[level][start : start + WIDTH]
        except IndexError:
            found = b""
        if len(found) != WIDTH:
            found = self._remap(level)[start : start + WIDTH]
            if len(found) != WIDTH:
                raise IndexError(f"no node {level}/{index}")
        return found

    def nodes(self, level: int, first: int, count: int) -> bytes:
        """``count`` hashes of ``level`` from ``first`` on, as they lie. IndexError when one is not there."""
        start, end = first * WIDTH, (first + count) * WIDTH
        found = self._maps[level][start:end] if level < len(self._maps) else b""
        if len(found) != end - start:
            found = self._remap(level)[start:end]
            if len(found) != end - start:
                raise IndexError(f"no nodes {level}/{first}…{first + count - 1}")
        return found

    def root(self, size: int) -> bytes:
        return merkle.root(self.node, size)

    def edge(self, size: int) -> merkle.Edge:
        return merkle.Edge.of(self.node, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return merkle.inclusion(self.node, index, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency(self.node, old, new)

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """Leaf hashes ``start``…``end``-1, read in blocks."""
        while start < end:
            block = os.pread(self._files[0], min(end - start, 8192) * WIDTH, start * WIDTH)
            if not block:
                return
            for at in range(0, len(block) - WIDTH + 1, WIDTH):
                yield block[at : at + WIDTH]
            start += len(block) // WIDTH

    def _remap(self, level: int) -> mmap.mmap | bytes:
        with self._thread_lock:
            while len(self._files) <= level:
                self._open_level(len(self._files))
            while len(self._maps) <= level:
                self._maps.append(b"")
            length = os.fstat(self._files[level]).st_size
            # Mapped one file long; the old map lives until its last reader lets go of it.
            self._maps[level] = (
                mmap.mmap(self._files[level], length, access=mmap.ACCESS_READ) if length else b""
            )
            return self._maps[level]

    # -- writing ---------------------------------------------------------------------------------

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes these files meanwhile. Re-entrant within a thread."""
        with self._thread_lock:
            if self.broken:
                raise TreeBroken(self.broken)
            if self._depth == 0:
                fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def append(self, leaves: Sequence[bytes]) -> int:
        """Add leaf hashes at the right edge, durably; returns the new size."""
        with self.locked():
            size = self.size
            try:
                self._write_levels(size, leaves)
                self._write(0, b"".join(leaves), size)
                if self.durable:
                    os.fdatasync(self._files[0])
                size += len(leaves)
                if size - self._synced >= SYNC_EVERY:
                    self._sync_all(size)
            except OSError as error:
                raise self._break(error) from error
            return size

    def truncate(self, size: int) -> None:
        """Forget all leaves from ``size`` on (they never were in the database)."""
        with self.locked():
            try:
                self._mark(min(self._synced, size))
                for level, file in enumerate(self._files):
                    self._maps[level : level + 1] = [b""]
                    os.ftruncate(file, (size >> level) * WIDTH)
                self._sync_all(size)
            except OSError as error:
                raise self._break(error) from error

    @property
    def unsynced(self) -> int:
        """First leaf of the tail whose bytes a power cut may have spoiled."""
        return self._synced

    def settle(self) -> None:
        """Sync all levels; what is here now is known to be whole."""
        with self.locked():
            try:
                self._sync_all(self.size)
            except OSError as error:
                raise self._break(error) from error

    def close(self) -> None:
        for file in [*self._files, self._lock_file]:
            os.close(file)
        self._files, self._maps, self.broken = [], [], "closed"

    def _break(self, error: OSError) -> TreeBroken:
        # After a failed sync the page cache may call lost bytes clean: never retry here.
        self.broken = f"{type(error).__name__}: {error.strerror or error}"
        return TreeBroken(self.broken)

    def _write_levels(self, size: int, leaves: Sequence[bytes]) -> None:
        """Complete nodes above ``leaves``, the first of which is leaf ``size``."""
        level, start, items = 0, size, list(leaves)
        while True:
            if start & 1:
                items.insert(0, self.node(level, start - 1))
                start -= 1
            if len(items) < 2:
                return
            items = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(items[::2], items[1::2], strict=False)
            ]
            level += 1
            start >>= 1
            self._write(level, b"".join(items), start)

    def _write(self, level: int, data: bytes, index: int) -> None:
        while len(self._files) <= level:
            self._open_level(len(self._files))
        at = index * WIDTH
        while data:
            done = os.pwrite(self._files[level], data, at)
            data, at = data[done:], at + done

    def _open_level(self, level: int) -> None:
        path = self.folder / f"level-{level:02d}"
        self._files.append(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))

    def _sync_all(self, size: int) -> None:
        if self.durable:
            for file in self._files:
                os.fdatasync(file)
        self._mark(size)

    def _mark(self, size: int) -> None:
        write_whole(self.folder / "synced", f"{size}\n", durable=self.durable)
        self._synced = size

    def _recover(self) -> None:
        """Make every level agree with the journal, from the last known-good leaf on."""
        try:
            self._synced = int((self.folder / "synced").read_text("ascii"))
        except (FileNotFoundError, ValueError):
            self._synced = 0
        self._open_level(0)
        size = self.size
        os.ftruncate(self._files[0], size * WIDTH)
        self._synced = min(self._synced, size)
        for level in range(1, 64):
            if size >> level == 0 and not (self.folder / f"level-{level:02d}").exists():
                break
            self._open_level(level)
            known = min(self._synced >> level, os.fstat(self._files[level]).st_size // WIDTH)
            os.ftruncate(self._files[level], known * WIDTH)
            wanted = size >> level
            while known < wanted:
                step = min(wanted - known, 4096)
                below = os.pread(self._files[level - 1], step * 2 * WIDTH, known * 2 * WIDTH)
                data = b"".join(
                    sha256(b"\x01" + below[at : at + 2 * WIDTH]).digest()
                    for at in range(0, len(below), 2 * WIDTH)
                )
                self._write(level, data, known)
                known += step


def write_whole(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace ``path`` by ``text`` so that a reader or a crash meets the old or the new, never a part."""
    put_whole(path, text.encode(), durable=durable)
    if durable:
        sync_folder(path.parent)


def put_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """The same for many files of a folder: that they are there at all is on the disk once ``sync_folder``
    was called. What could not be written whole is taken away again."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            while data:
                data = data[os.write(file, data) :]
            if durable:
                os.fsync(file)
        finally:
            os.close(file)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise


def sync_folder(path: Path) -> None:
    """What was renamed into ``path`` stays there after a power cut."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
