"""The register of what can be recorded: each room registers its kinds in its ``events.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mingzhi.ledger.errors import KindUnknown, PayloadInvalid

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry.

    ``name`` is ``room:thing[:act]``; ``version`` rises when the payload's shape changes (the old
    version stays registered as long as entries of it exist). ``sentence`` says it to a person.
    ``personal`` names payload fields with personal data. ``fields``, when given, are exactly the
    payload's keys. ``payload_of(subject)`` computes the payload anew from the live row, None when
    the row is gone. ``rows()`` yields ``(subject, payload)`` of every live row (the bulk form, for
    fsck); a payload of None means «lawfully erased, the entry stays». A kind with neither is an
    event without a row of its own: only its place in the tree can be checked. ``files(subject)``
    names the files a row stands on, as ``(file id, sha256 hex)``.

    A subject may have several entries of one kind when its row changes: fsck compares the latest.
    """

    name: str
    version: int
    sentence: str
    personal: tuple[str, ...] = ()
    payload_of: Callable[[str], Payload | None] | None = None
    rows: Callable[[], Iterable[tuple[str, Payload | None]]] | None = None
    subjects: Callable[[], Iterable[str]] | None = None
    fields: tuple[str, ...] = ()
    files: Callable[[str], Iterable[tuple[int, str]]] | None = None

    @property
    def has_rows(self) -> bool:
        """Whether there are live rows to compare; else only the entry's place can be checked."""
        return self.rows is not None or (self.subjects is not None and self.payload_of is not None)

    def live(self) -> Iterable[tuple[str, Payload | None]] | None:
        """All live rows, through ``rows`` or, slower, ``subjects`` and ``payload_of``. None: no rows."""
        if self.rows is not None:
            return self.rows()
        if self.subjects is not None and self.payload_of is not None:
            payload_of = self.payload_of
            return ((subject, payload_of(subject)) for subject in self.subjects())
        return None


FileCheck = Callable[[int, str], bool]
_file_check: list[FileCheck] = []

Check = Callable[[], Iterable[tuple[str, str]]]
_checks: dict[str, Check] = {}

_kinds: dict[tuple[str, int], Kind] = {}
_current: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make ``kind`` known. Registering the same (name, version) twice replaces it (module reload)."""
    if (
        not kind.name
        or ":" not in kind.name
        or len(kind.name) > 80
        or not kind.name.isprintable()
        or " " in kind.name
    ):
        raise PayloadInvalid(kind=kind.name, why="事项名称应为 room:thing[:act]")
    if not 1 <= kind.version <= 32_000:
        raise PayloadInvalid(kind=kind.name, why="版本应为 1 至 32000")
    _kinds[kind.name, kind.version] = kind
    known = _current.get(kind.name)
    if known is None or known.version <= kind.version:
        _current[kind.name] = kind
    return kind


def current(name: str) -> Kind:
    """The newest registered version of ``name``."""
    try:
        return _current[name]
    except KeyError:
        raise KindUnknown(kind=name) from None


def find(name: str, version: int) -> Kind | None:
    return _kinds.get((name, version))


def everything() -> list[Kind]:
    return [_kinds[key] for key in sorted(_kinds)]


def forget(name: str) -> None:
    """Take a kind out of the register (tests)."""
    for key in [key for key in _kinds if key[0] == name]:
        del _kinds[key]
    _current.pop(name, None)


def register_check(name: str, check: Check) -> None:
    """What fsck compares beside the entries: columns that a room derives from its facts and keeps for speed.

    ``check()`` yields ``(subject, sentence)`` for every row that does not follow from its facts. The
    same name again replaces the former.
    """
    _checks[name] = check


def checks_forget() -> None:
    """For tests that have the ledger's tables only."""
    _checks.clear()


def checks() -> dict[str, Check]:
    return dict(sorted(_checks.items()))


def register_file_check(check: FileCheck) -> None:
    """How fsck re-hashes a file: ``check(file id, sha256 hex)`` tells whether it is there and whole.

    The store of files lies above this room, so it tells us; the last one told counts.
    """
    _file_check[:] = [check]


def file_check() -> FileCheck | None:
    return _file_check[0] if _file_check else None


Strays = Callable[[datetime], list[tuple[str, int]]]
_strays: list[Strays] = []


def register_strays(strays: Strays) -> None:
    """How the whole check learns of files that no record names: ``strays(at)`` gives (name, bytes)."""
    _strays[:] = [strays]


def strays(at: datetime) -> list[tuple[str, int]]:
    """Files in the store that no record names; none where nobody said how to look."""
    return _strays[0](at) if _strays else []
