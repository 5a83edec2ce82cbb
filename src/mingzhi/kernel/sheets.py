"""Tables that leave as spreadsheets: cells that no program runs, CSV and xlsx written as a stream.

``xlsx_parts`` writes the smallest workbook that Excel, WPS and LibreOffice read: one sheet per million
rows, every cell an inline string. Whole blocks of cells are escaped and marked up by a handful of
C-speed replacements, which is what makes a million rows a matter of seconds (``bench lists``);
xlsxwriter, which formats each cell, stays for small tables with widths and formats.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

SIGNS = frozenset("=+-@＝＋－＠")
MOST_ROWS = 1_048_576
"""Rows of one sheet, the head included (ECMA-376 as Excel reads it)."""
PIECE = 8 * 1024**2
"""Bytes of a sheet that are packed at once."""
CELL, ROW = "\x01", "\x02"
"""What parts cells and rows in ``Joined``; no text that a spreadsheet can hold has them."""
_SPACES = " \t\n\r"
"""What XML may take for nothing unless the cell says that it matters."""
_CONTROLS = bytes(n for n in range(32) if chr(n) not in f"{CELL}{ROW}{_SPACES}")
"""What XML 1.0 cannot hold, with U+FFFE, U+FFFF and halves of pairs; the two separators are dealt with before."""
_FIRST = itemgetter(slice(1))
Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Joined:
    """A block of rows, of two columns at least, as one text: cells parted by ``CELL``, rows by ``ROW``, and no
    other control character in it. Written without ever being taken apart, where no cell asks for it: ``safe``
    says that none begins with a sign of ``SIGNS`` or with a space."""

    text: str
    safe: bool

    def __iter__(self) -> Iterator[list[str]]:
        return (row.split(CELL) for row in self.text.split(ROW))

    def __len__(self) -> int:
        return self.text.count(ROW) + 1


Block = Iterable[Cells] | Joined


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula (CWE-1236), full-width signs included."""
    return f"'{text}" if text.lstrip()[:1] in SIGNS or text[:1] in ("\t", "\r", "\n") else text


def bare_cell(text: str) -> str:
    """The inverse of ``safe_cell``, for what we exported and somebody hands back."""
    return text[1:] if text[:1] == "'" and safe_cell(text[1:]) != text[1:] else text


def safe_rows(rows: Iterable[Cells]) -> Sequence[Cells]:
    """Every cell safe; a block or row without a risky cell is handed on as it is."""
    rows = rows if isinstance(rows, list) else list(rows)
    begins = set(map(_FIRST, chain.from_iterable(rows)))
    if begins.isdisjoint(SIGNS) and not any(map(str.isspace, begins)):
        return rows
    return [
        row if not any(c and (c[0] in SIGNS or c[0].isspace()) for c in row) else [safe_cell(c) for c in row]
        for row in rows
    ]


def csv_parts(head: Cells, blocks: Iterable[Block]) -> Iterator[bytes]:
    """CSV in UTF-8 with the mark that makes Excel read it as such, block by block."""
    yield b"\xef\xbb\xbf" + _csv([head])
    for rows in blocks:
        yield _joined_csv(rows) or _csv(safe_rows(rows))


def _joined_csv(rows: Block) -> bytes:
    """Nothing where a cell has to be looked at by itself."""
    if not isinstance(rows, Joined) or any(c in rows.text for c in '",\r\n') or not rows.safe:
        return b""
    text = rows.text.replace(CELL, ",").replace(ROW, "\r\n")
    return f"{text}\r\n".encode()


def _csv(rows: Sequence[Cells]) -> bytes:
    text = "\r\n".join(map(",".join, rows))
    ends = max(0, len(rows) - 1)
    plain = '"' not in text and text.count("\r") == text.count("\n") == ends
    # As many commas as stand between cells: none is in one. A row of a single cell may be an empty line.
    if plain and text.count(",") == sum(map(len, rows)) - len(rows) and min(map(len, rows), default=0) > 1:
        return f"{text}\r\n".encode()
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


class _Tail(io.RawIOBase):
    """A file that is only written to, and gives away what was written since it was last asked."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.length = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.length

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self.parts.append(part)
        self.length += len(part)
        return len(part)

    def taken(self) -> bytes:
        found = b"".join(self.parts)
        self.parts = []
        return found


def xlsx_parts(title: str, head: Cells, blocks: Iterable[Block]) -> Iterator[bytes]:
    """An xlsx file, piece by piece, in memory that does not grow with the rows.

    A second thread packs a piece while this one makes the next. It touches nothing but the archive, and between
    two pieces it rests: then the file is added to, and what was written of it taken."""
    tail = _Tail()
    stream = (safe for safe in map(_safe, blocks) if safe)
    waiting: Sequence[Cells] | Joined = []
    sheets = 0
    with zipfile.ZipFile(tail, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        more = True
        while more:
            sheets += 1
            with (
                book.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet,
                ThreadPoolExecutor(1, "xlsx") as other,
            ):
                packing = other.submit(sheet.write, _sheet_head(len(head)) + _rows_xml([head]))
                ready: list[bytes] = []
                room = MOST_ROWS - 1
                more = False
                while room:
                    rows = waiting or next(stream, ())
                    if not rows:
                        break
                    if len(rows) > room:
                        rows = list(rows)
                        waiting, rows = rows[room:], rows[:room]
                    else:
                        waiting = []
                    room -= len(rows)
                    ready.append(_rows_xml(rows))
                    if sum(map(len, ready)) >= PIECE:
                        packing.result()
                        written = tail.taken()
                        packing = other.submit(sheet.write, b"".join(ready))
                        ready = []
                        yield written
                    if waiting:
                        more = True
                        break
                packing.result()
                sheet.write(b"".join([*ready, b"</sheetData></worksheet>"]))
            yield tail.taken()
        for name, text in _fixed(title, sheets):
            book.writestr(name, text)
    yield tail.taken()


def _safe(rows: Block) -> Sequence[Cells] | Joined:
    return rows if isinstance(rows, Joined) and rows.safe else safe_rows(rows)


def _rows_xml(rows: Sequence[Cells] | Joined) -> bytes:
    if isinstance(rows, Joined):
        text = rows.text
    else:
        text = ROW.join([CELL.join(row) for row in rows])
        if text.count(CELL) + text.count(ROW) != sum(map(len, rows)) - 1:
            text = ROW.join(CELL.join(c.replace(CELL, "").replace(ROW, "") for c in row) for row in rows)
    spaced = any(c in text for c in _SPACES)
    if "\ufffe" in text or "\uffff" in text:
        text = text.replace("\ufffe", "").replace("\uffff", "")
    found = text.encode(errors="ignore")
    if not isinstance(rows, Joined):
        found = found.translate(None, _CONTROLS)
    found = found.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    start = b'<c t="inlineStr"><is><t xml:space="preserve">' if spaced else b'<c t="inlineStr"><is><t>'
    found = found.replace(b"\x02", b"</t></is></c></row><row>" + start).replace(
        b"\x01", b"</t></is></c>" + start
    )
    return b"<row>%b%b</t></is></c></row>" % (start, found)


_NS = "http://schemas.openxmlformats.org"
WIDTH = 24
"""Width of a column in characters of Latin script: a dozen Chinese ones."""


def _sheet_head(columns: int) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_NS}/spreadsheetml/2006/main">'
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft"'
        ' state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f'<cols><col min="1" max="{columns}" width="{WIDTH}" customWidth="1"/></cols><sheetData>'
    ).encode()


def _fixed(title: str, sheets: int) -> Iterator[tuple[str, str]]:
    top = '<?xml version="1.0" encoding="UTF-8"?>'
    name = "".join(c for c in title if c not in r"[]:*?/\'" and c.isprintable())
    name = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    numbers = range(1, sheets + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{top}<Types xmlns="{_NS}/package/2006/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{parts}</Types>',
    )
    office = f"{_NS}/officeDocument/2006/relationships"
    yield (
        "_rels/.rels",
        f'{top}<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    listed = "".join(
        f'<sheet name="{name[:25] or "清单"}{n if n > 1 else ""}" sheetId="{n}" r:id="rId{n}"/>'
        for n in numbers
    )
    yield (
        "xl/workbook.xml",
        f'{top}<workbook xmlns="{_NS}/spreadsheetml/2006/main" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{top}<Relationships xmlns="{_NS}/package/2006/relationships">{links}</Relationships>',
    )
