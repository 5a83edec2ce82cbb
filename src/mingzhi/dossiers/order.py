"""卷内目录: items in the order of the file, with volumes and running page numbers (domain §7.3). Pure.

The order is rule data: ``archive.order.main`` and ``archive.order.side`` are lists of groups, each a
line of codes. Where the sources disagree (证据 before 听证 or after) ``archive.order.evidence_first``
decides. docs/algorithms/dossier-index.md tells the whole rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mingzhi.dossiers.choices import Volume
from mingzhi.dossiers.sources import Item
from mingzhi.kernel import canonical

MEDIA = {"paper": "文书", "picture": "图片", "recording": "音像", "file": "电子文件", "statement": "说明"}
HEARING = "P15R"
EVIDENCE = "EVIDENCE"


@dataclass(frozen=True, slots=True)
class Order:
    """The groups of both volumes, in order; a group is a set of codes."""

    main: tuple[frozenset[str], ...]
    side: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, main: Sequence[str], side: Sequence[str], *, evidence_first: bool) -> Order:
        """From the norms. The groups of evidence and hearing change places if the norm says so."""
        groups = [frozenset(line.split()) for line in main]
        evidence = next((i for i, g in enumerate(groups) if EVIDENCE in g), None)
        hearing = next((i for i, g in enumerate(groups) if HEARING in g), None)
        if evidence is not None and hearing is not None and (evidence < hearing) != evidence_first:
            groups[evidence], groups[hearing] = groups[hearing], groups[evidence]
        return cls(tuple(groups), tuple(frozenset(line.split()) for line in side))

    def place(self, item: Item) -> tuple[str, int]:
        """Volume and rank; a code the order does not name comes last in the item's own volume."""
        for volume, groups in ((Volume.MAIN, self.main), (Volume.SIDE, self.side)):
            for rank, group in enumerate(groups):
                if item.code in group:
                    return volume.value, rank
        return (item.volume, len(self.main if item.volume == Volume.MAIN else self.side))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the index. ``first`` and ``last`` are pages of the volume; ``None`` while not known."""

    seq: int
    volume: str
    item: Item
    first: int | None
    last: int | None
    supplement: bool = False

    @property
    def medium_label(self) -> str:
        return MEDIA[self.item.medium]

    @property
    def page_range(self) -> str:
        if self.first is None:
            return ""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def lines(items: Iterable[Item], order: Order, sealed: Sequence[Mapping[str, Any]] = ()) -> list[Line]:
    """The index: sorted and numbered; both volumes begin at page 1.

    With ``sealed`` (lines of an earlier sealing) those stay where they are, whatever has happened
    since, and new items follow at the end of their volume, marked as supplements.
    """
    found = {item.subject: item for item in items}
    result: list[Line] = []
    for volume in (Volume.MAIN.value, Volume.SIDE.value):
        seq, page = 1, 1
        known = [entry for entry in sealed if entry["volume"] == volume]
        for entry in known:
            result.append(line_of(entry))
            seq, page = entry["seq"] + 1, (entry["last"] or page - 1) + 1
        earlier = {entry["subject"] for entry in sealed}
        fresh = [i for i in found.values() if i.subject not in earlier and order.place(i)[0] == volume]
        fresh.sort(key=lambda i: (order.place(i)[1], i.moment, i.subject))
        for item in fresh:
            last = None if item.pages is None else page + item.pages - 1
            first = None if last is None else page
            result.append(Line(seq, volume, item, first, last, bool(known or sealed) or item.supplement))
            seq, page = seq + 1, (last or page - 1) + 1
    return result


_TEXTS = ("code", "subject", "title", "number", "sha256", "media_type", "secrecy")


def entry_of(line: Line) -> dict[str, Any]:
    """A line as it is sealed: plain data in canonical spelling."""
    item = line.item
    return {
        **{name: getattr(item, name) for name in _TEXTS},
        "seq": line.seq,
        "volume": line.volume,
        "on": item.on.isoformat(),
        "moment": canonical.plain(item.moment),
        "file_id": item.file_id,
        "size": item.size,
        "pages": item.pages,
        "first": line.first,
        "last": line.last,
        "supplement": line.supplement,
        "details": [list(pair) for pair in item.details],
        "link": item.link,
    }


def line_of(entry: Mapping[str, Any]) -> Line:
    """A sealed line read back."""
    item = Item(
        **{name: entry[name] for name in _TEXTS},
        on=date.fromisoformat(entry["on"]),
        moment=datetime.fromisoformat(entry["moment"]),
        volume=entry["volume"],
        file_id=entry["file_id"],
        size=entry["size"],
        pages=entry["pages"],
        details=tuple((a, b) for a, b in entry["details"]),
        link=entry["link"],
    )
    return Line(entry["seq"], entry["volume"], item, entry["first"], entry["last"], entry["supplement"])


#: What two systems must agree on: what the index says, not where this system keeps the file.
_OWN = ("file_id", "link", "subject")


def content_digest(entries: Iterable[Mapping[str, Any]]) -> str:
    """Digest of an index that is the same on every system that holds the same dossier."""
    return canonical.digest([{k: v for k, v in e.items() if k not in _OWN} for e in entries])
