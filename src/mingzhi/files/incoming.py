"""The bytes of unfinished uploads: one growing part each, one writer at a time, hashed on the way.

**One writer.** A client whose line was cut comes back while the server still waits on the dead line.
So nobody holds a lock for the length of a request: who comes last writes a fresh mark into
``<token>.claim``, and a writer looks, under ``flock``, whether the mark is still its own before each
block. Whoever lost it stops; its bytes beyond the offset in the row are cut off.

**Durable.** ``Writer.flush`` is called before an offset is told to anybody. A failed flush is never
tried again (the kernel may have dropped the pages and called them clean): the request fails, and the
next one cuts the part back to the offset last vouched for and has the bytes sent anew.

**Hashes.** A state of hashlib cannot be saved. Each process keeps the states of the uploads it is
receiving, each knowing how many bytes it has seen; a state that is behind (another process took some
requests, or this one was killed) catches up by reading the part, a missing one starts at zero. Every
process reads a byte at most once, so k processes cost at most k times the hashing and a kill once.
SHA-256 runs beside the receiving; SM3, half as fast, follows behind on a thread that gives way.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import queue
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mingzhi.files import objects, store

#: Large enough for hashlib to let go of the interpreter, small enough to stay in the processor's cache.
BLOCK = 256 * 1024
#: Flushed this often while receiving, so that the flush before the answer has little left to do.
FLUSH = 8 * 1024 * 1024
_MARK = 16
_KEPT_STATES = 256

log = logging.getLogger("mingzhi.files")


class Superseded(Exception):
    """Another request took this upload over."""


class Lost(Exception):
    """The part is shorter than what was vouched for, or gone: the disk lost bytes."""


def path(token: str) -> Path:
    return store.incoming() / f"{token}.upload"


def _claim(token: str) -> Path:
    return store.incoming() / f"{token}.claim"


def create(token: str) -> None:
    """An empty part, its name flushed to the disk."""
    folder = store.incoming()
    folder.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path(token), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o640))
    os.close(os.open(_claim(token), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o640))
    objects.flush_folder(folder)


def remove(token: str) -> None:
    """Whatever is there of the upload goes; harmless when nothing is."""
    path(token).unlink(missing_ok=True)
    remove_claim(token)
    digests.forget(token)


def remove_claim(token: str) -> None:
    _claim(token).unlink(missing_ok=True)


class Writer:
    """The upload's only writer from here on, until somebody else makes one."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.offset = 0
        self._mark = secrets.token_bytes(_MARK)
        try:
            self._part = os.open(path(token), os.O_RDWR)
            try:
                self._claim = os.open(_claim(token), os.O_RDWR | os.O_CREAT, 0o640)
            except OSError:
                os.close(self._part)
                raise
        except FileNotFoundError:
            raise Lost from None
        with self._locked():
            os.pwrite(self._claim, self._mark, 0)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._part)
        os.close(self._claim)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._part, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._part, fcntl.LOCK_UN)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else can take the upload over meanwhile. ``Superseded`` when somebody already has."""
        with self._locked():
            if os.pread(self._claim, _MARK, 0) != self._mark:
                raise Superseded
            yield

    def begin(self, offset: int) -> None:
        """Go on at ``offset``: what lies beyond was never vouched for and is cut off."""
        with self.held():
            size = os.fstat(self._part).st_size
            if size < offset:
                raise Lost
            if size > offset:
                os.ftruncate(self._part, offset)
        self.offset = offset

    def write(self, block: bytes) -> None:
        with self.held():
            view = memoryview(block)
            while view:
                done = os.pwrite(self._part, view, self.offset)
                self.offset += done
                view = view[done:]

    def flush(self) -> None:
        os.fdatasync(self._part)


class _Beside(threading.Thread):
    """Does one thing to each item on another core; an error is kept and raised at ``finish``."""

    def __init__(self, do: Callable[[Any], object], depth: int) -> None:
        super().__init__(daemon=True, name="upload-beside")
        self._do = do
        self._items: queue.Queue[Any] = queue.Queue(maxsize=depth)
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        while (item := self._items.get()) is not None:
            if self._error is None:
                try:
                    self._do(item)
                except BaseException as error:  # noqa: BLE001 — raised again by whoever waits
                    self._error = error
            self._items.task_done()

    def put(self, item: object) -> None:
        if self._error is not None:
            raise self._error
        self._items.put(item)

    def wait(self) -> None:
        """Until everything put so far is done."""
        self._items.join()
        if self._error is not None:
            raise self._error

    def finish(self) -> None:
        self._items.put(None)
        self.join()
        if self._error is not None:
            raise self._error


class Running:
    """A hash that follows a growing part: ``at`` bytes of it are in."""

    def __init__(self, algorithm: str) -> None:
        self.hash = hashlib.new(algorithm)
        self.at = 0
        self.lock = threading.Lock()

    def feed(self, block: bytes) -> None:
        self.hash.update(block)
        self.at += len(block)

    def copy(self) -> Running:
        twin = Running.__new__(Running)
        twin.hash, twin.at, twin.lock = self.hash.copy(), self.at, threading.Lock()
        return twin

    def catch_up(self, source: Path, to: int) -> None:
        """Read ``source`` from where this hash stands up to ``to``. ``Lost`` when it is shorter."""
        with source.open("rb", buffering=0) as file:
            file.seek(self.at)
            while self.at < to:
                block = file.read(min(BLOCK, to - self.at))
                if not block:
                    raise Lost
                self.feed(block)


class _Digests:
    """The states this process holds, oldest forgotten first: a forgotten one is read anew."""

    def __init__(self) -> None:
        self._sha: OrderedDict[str, Running] = OrderedDict()
        self._sm3: OrderedDict[str, Running] = OrderedDict()
        self._lock = threading.Lock()
        self._behind: queue.SimpleQueue[tuple[str, Path, int]] = queue.SimpleQueue()
        self._follower: threading.Thread | None = None

    def sha256(self, token: str, at: int) -> Running:
        """The SHA-256 of the first ``at`` bytes of the part, to be fed further. Taken out while used."""
        with self._lock:
            state = self._sha.pop(token, None)
        if state is None or state.at > at:
            state = Running("sha256")
        if state.at < at:
            state.catch_up(path(token), at)
        return state

    def keep(self, token: str, state: Running) -> None:
        with self._lock:
            self._sha[token] = state
            while len(self._sha) > _KEPT_STATES:
                self._sha.popitem(last=False)

    def _sm3_of(self, token: str) -> Running:
        with self._lock:
            state = self._sm3.setdefault(token, Running("sm3"))
            while len(self._sm3) > _KEPT_STATES:
                self._sm3.popitem(last=False)
        return state

    def sm3(self, token: str, source: Callable[[], Path], size: int) -> str:
        """SM3 of all ``size`` bytes; waits for the follower or does the rest itself."""
        state = self._sm3_of(token)
        with state.lock:
            if state.at < size:
                state.catch_up(source(), size)
            return state.hash.hexdigest()

    def follow(self, token: str, source: Path, to: int) -> None:
        """Let SM3 come after, up to ``to`` bytes that will never be taken back."""
        with self._lock:
            if self._follower is None or not self._follower.is_alive():
                self._follower = threading.Thread(target=self._run, daemon=True, name="upload-sm3")
                self._follower.start()
        self._behind.put((token, source, to))

    def _run(self) -> None:
        with contextlib.suppress(OSError, AttributeError):  # gives way to receiving, where the system can
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        while True:
            token, source, to = self._behind.get()
            state = self._sm3_of(token)
            try:
                with state.lock:
                    state.catch_up(source, to)
            except (OSError, Lost):
                # Ended, moved to its place, or failing: who needs the hash reads again and is told.
                log.debug("sm3 of upload %s not followed to %s", token, to)

    def forget(self, token: str) -> None:
        with self._lock:
            self._sha.pop(token, None)
            self._sm3.pop(token, None)


digests = _Digests()


class Receiving:
    """What one request brings: written, hashed and flushed at once, each on its own thread.

    A small request is done in place; threads would cost more than they save.
    """

    def __init__(self, writer: Writer, state: Running, check: Any = None, *, expected: int) -> None:
        self.writer = writer
        self.state = state
        self._check = check
        self._since = 0
        large = expected > 8 * BLOCK
        self._hasher = _Beside(self._feed, 32) if large else None
        self._flusher = _Beside(lambda _: writer.flush(), 1) if large else None

    def _feed(self, block: bytes) -> None:
        self.state.feed(block)
        if self._check is not None:
            self._check.update(block)

    def take(self, block: bytes) -> None:
        if self._hasher:
            self._hasher.put(block)
        else:
            self._feed(block)
        self.writer.write(block)
        self._since += len(block)
        if self._flusher and self._since >= FLUSH:
            self._since = 0
            self._flusher.put(True)

    def flush(self) -> int:
        """Half-way: what was taken so far is on the disk; returns up to where."""
        if self._flusher:
            self._flusher.put(True)
            self._flusher.wait()
        else:
            self.writer.flush()
        self._since = 0
        return self.writer.offset

    def settle(self) -> None:
        """Everything taken is hashed and on the disk. Raises what went wrong on the way."""
        try:
            if self._flusher:
                self._flusher.finish()
            self.writer.flush()
        finally:
            if self._hasher:
                self._hasher.finish()

    def stop(self) -> None:
        """Let the threads go after an error elsewhere."""
        for thread in (self._flusher, self._hasher):
            if thread is not None and thread.is_alive():
                with contextlib.suppress(BaseException):
                    thread.finish()
