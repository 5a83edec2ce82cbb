"""What hangs on a dossier, told by the rooms above: they register here, the dossier imports none of them.

Each room that keeps material registers a ``Source`` in its ``AppConfig.ready()``: the items for the
index, what happened (for the process metadata), the ledger subjects behind it, and which dossiers
stand on a file (so that the bytes of one are not destroyed under another).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a dossier.

    ``code`` is the place in the order of the file (``archive.order.*``): a paper's template code, or
    a group such as ``EVIDENCE``, ``RECORDING``, ``SERVED``. ``subject`` is the item's name in the ledger.
    ``volume`` is where it goes when the order names no place for its code. ``pages`` counts sheets and
    is ``None`` until known; ``details`` are the lines of a description page.
    """

    code: str
    subject: str
    title: str
    on: date
    moment: datetime
    number: str = ""
    volume: str = "side"
    file_id: int | None = None
    sha256: str = ""
    size: int = 0
    media_type: str = ""
    pages: int | None = None
    secrecy: str = "open"
    supplement: bool = False
    details: tuple[tuple[str, str], ...] = ()
    link: str = ""
    """A desk hint: ``paper:12`` or ``record:5``."""

    @property
    def medium(self) -> str:
        """Of what the item is made: paper, picture, recording, file, or a statement without a file."""
        if self.file_id is None and not self.sha256:
            return "statement"
        kind = self.media_type.partition("/")[0]
        if self.media_type == "application/pdf":
            return "paper"
        return {"image": "picture", "video": "recording", "audio": "recording"}.get(kind, "file")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was done in the matter: process metadata."""

    at: datetime
    act: str
    by: str
    by_name: str
    subject: str
    note: str = ""


def _none(_: int) -> Iterable[Any]:
    return ()


def _nobody(_: list[int]) -> Mapping[int, set[int]]:
    return {}


@dataclass(frozen=True, slots=True)
class Source:
    """One room's contribution. ``ready`` makes what is still to be made (pages not yet set); ``copies``
    are the files that hold the dossier's content and are no items of its index (derivatives, thumbnails,
    bound PDFs, what was voided): they are destroyed with it."""

    name: str
    items: Callable[[int], Iterable[Item]] = _none
    events: Callable[[int], Iterable[Event]] = _none
    subjects: Callable[[int], Iterable[str]] = _none
    holders: Callable[[list[int]], Mapping[int, set[int]]] = _nobody
    ready: Callable[[int, datetime], None] | None = field(default=None)
    copies: Callable[[int], Iterable[int]] = _none


_sources: dict[str, Source] = {}
Typesetter = Callable[[bytes, Mapping[str, Any]], bytes]
_typesetter: list[Typesetter] = []


def register(source: Source) -> None:
    """Make a room's contribution known; the same name again replaces it (module reload)."""
    _sources[source.name] = source


def register_typesetter(typesetter: Typesetter) -> None:
    """How a page is set: ``(Typst source, data) -> PDF``. The typesetter lives above; it tells us."""
    _typesetter[:] = [typesetter]


def typeset(source: bytes, doc: Mapping[str, Any]) -> bytes:
    if not _typesetter:
        raise RuntimeError("no typesetter registered")
    return _typesetter[0](source, doc)


def items(dossier_id: int) -> list[Item]:
    """Every item of the dossier, of every room, in no particular order."""
    return [item for source in _sources.values() for item in source.items(dossier_id)]


def events(dossier_id: int) -> list[Event]:
    """What was done, oldest first."""
    found = [event for source in _sources.values() for event in source.events(dossier_id)]
    return sorted(found, key=lambda e: (e.at, e.subject))


def subjects(dossier_id: int) -> list[str]:
    """The ledger subjects of everything on the dossier, each once, in a stable order."""
    found = [f"dossier:{dossier_id}", f"archive:{dossier_id}"]
    for source in _sources.values():
        found += source.subjects(dossier_id)
    return list(dict.fromkeys(found))


def files_of(dossier_id: int) -> set[int]:
    """Every file that holds content of the dossier: what its index lists, and every copy."""
    listed = {item.file_id for item in items(dossier_id) if item.file_id is not None}
    return listed.union(*(source.copies(dossier_id) for source in _sources.values()))


def holders(file_ids: list[int]) -> dict[int, set[int]]:
    """For each file the dossiers that stand on it."""
    found: dict[int, set[int]] = {}
    for source in _sources.values():
        for file_id, dossiers in source.holders(file_ids).items():
            found.setdefault(file_id, set()).update(dossiers)
    return found


def make_ready(dossier_id: int, at: datetime) -> None:
    """Have every room make what is still missing, such as pages that no worker has come to yet."""
    for source in _sources.values():
        if source.ready is not None:
            source.ready(dossier_id, at)
