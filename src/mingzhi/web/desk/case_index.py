"""卷内目录 of a penalty case, derived from papers and evidence in the order of the file (domain §7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mingzhi.documents.data import PaperView
from mingzhi.kernel import clock
from mingzhi.recording.data import RecordView

MAIN: tuple[tuple[str, ...], ...] = (
    ("P02",),
    ("P18", "P19", "P20", "P30"),
    ("P27", "P27N", "P27A"),
    ("P04", "P07N", "P07D", "P08", "P09", "P13", "P13H", "P14R", "P15N", "P15G", "P15E", "P22", "P24"),
    ("EVIDENCE", "P04B", "P05", "P06", "P09R", "P10", "P14", "P14W"),
    ("P15A", "P15R"),
    ("P23",),
    ("P25", "P25L", "P26"),
    ("RECORDING",),
)
"""正卷."""
SIDE: tuple[tuple[str, ...], ...] = (
    ("P01",),
    ("P03", "P07A"),
    ("P11", "P17"),
    ("P12S", "P12O"),
    ("P16",),
    ("P15Z",),
    ("P28",),
)
"""副卷; whatever has no place of its own comes last in it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the index. ``pages`` are sheets; ``None`` where a medium has none."""

    seq: int
    title: str
    number: str
    on: date
    first: int | None
    last: int | None
    medium: str
    paper_id: int | None = None
    record_id: int | None = None


def _place(code: str) -> tuple[int, int]:
    """(volume, rank) of a kind of paper."""
    for volume, order in enumerate((MAIN, SIDE)):
        for rank, codes in enumerate(order):
            if code in codes:
                return volume, rank
    return 1, len(SIDE)


def contents(papers: list[PaperView], records: list[RecordView]) -> list[tuple[str, list[Line]]]:
    """(volume, lines) with running page numbers in each; voided papers are left out."""
    things: list[tuple[tuple[int, int], Any, Any]] = [
        (_place(p.template), p.drawn_at, p) for p in papers if p.voided_at is None
    ]
    things += [(_place(r.kind.upper()), r.captured_at, r) for r in records]
    things.sort(key=lambda t: (t[0], t[1], t[2].id))
    volumes = []
    for number, name in enumerate(("正卷", "副卷")):
        lines: list[Line] = []
        sheet = 1
        for place, when, thing in things:
            if place[0] != number:
                continue
            line = _line(len(lines) + 1, thing, clock.local_date(when), sheet)
            sheet = line.last + 1 if line.last else sheet
            lines.append(line)
        volumes.append((name, lines))
    return volumes


def _line(seq: int, thing: Any, on: date, sheet: int) -> Line:
    if isinstance(thing, PaperView):
        pages = thing.pages
        last = sheet + pages - 1 if pages else None
        return Line(
            seq,
            thing.title,
            thing.number or "",
            on,
            sheet if pages else None,
            last,
            "文书",
            paper_id=thing.id,
        )
    medium = "音像" if thing.kind == "recording" else thing.evidence_kind_label
    return Line(seq, thing.title, "", on, None, None, medium, record_id=thing.id)
