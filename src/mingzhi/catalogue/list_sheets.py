"""A list as a spreadsheet: out as a stream, in with a dry run that names every bad cell.

Reading checks a block of rows column by column, so that a million good rows cost little; only a block
with something wrong is looked at cell by cell.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import chain, islice
from typing import Any, BinaryIO, NamedTuple

from django.db import transaction

from mingzhi.catalogue import list_bridge, list_rows
from mingzhi.catalogue.errors import ListNotSound, ListStale
from mingzhi.catalogue.list_actions import draft_kept, draft_of, schema_by_hand
from mingzhi.catalogue.list_cells import (
    CellProblem,
    ListRow,
    cell_problem,
    empty_row,
    sound,
    text_of,
    value_of,
)
from mingzhi.catalogue.list_queries import SHOWN, Difference, compared
from mingzhi.catalogue.list_schemas import Column, Schema, schema
from mingzhi.catalogue.models import ListVersion
from mingzhi.kernel import sheets
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations.data import Actor, BodyRef

MOST_BYTES = 300 * 1024 * 1024
MOST_UNPACKED = 2 * 1024**3
MOST_LOOKED = 32 * 1024**2
"""Bytes of a sheet that are looked through for cells far off before it is read."""
MOST_GRID = 30_000_000
"""Cells of the rectangle a sheet spans: a million rows of the widest list, and room."""
_PLACE = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"(?:[^>]*[^/>])?>')
Judged = tuple[Any, tuple[str, str] | None]
COMPARED = 100_000
"""Rows up to which a dry run also says what would be added, removed and changed."""


@dataclass(frozen=True, slots=True)
class BadCell:
    """One bad cell by its place in the file: sheet, address (``C7``), value, what is wrong, what to do."""

    sheet: str
    address: str
    value: str
    sentence: str
    remedy: str


@dataclass(slots=True)
class Checked:
    """What a file holds: how many rows, how many bad cells, the first of them, and what would change."""

    rows: int = 0
    bad: int = 0
    cells: list[BadCell] = field(default_factory=list)
    difference: Difference | None = None

    @property
    def fits(self) -> bool:
        return self.rows > 0 and not self.bad


# --- out ------------------------------------------------------------------------------------------------


def _blocks(version: ListVersion, own: Schema) -> Iterator[list[list[str]]]:
    plain = {c.kind for c in own.columns} <= {"text", "cites"}
    for text in list_rows.texts(version):
        yield (plain and _split(own, text)) or _shown(own, json.loads(text))


def _shown(own: Schema, rows: list[ListRow]) -> list[list[str]]:
    """The cells of a block as a person reads them."""
    cells: list[Sequence[str]] = [
        texts if c.kind == "text" else [text_of(c, value) for value in texts]
        for c, texts in zip(own.columns, zip(*rows, strict=True), strict=True)
        if c.kind != "rest"
    ]
    return list(map(list, zip(*cells, strict=True)))


def _split(own: Schema, text: str) -> list[list[str]] | None:
    """The same from the block's bytes, without reading them as JSON: where nothing is escaped every quotation
    mark is structure, and a law with its article is spelt by replacing it. ``None`` where that would not do."""
    if "\\" in text or "(" in text or ")" in text or "（" in text or "《" in text:
        return None
    if text.count('"}]') != text.count('[{"title":"'):  # a cell that begins with }]
        return None
    for was, becomes in _SPELT if "[]" in text else _SPELT[:4]:
        text = text.replace(was, becomes)
    rows = [row.split('","') for row in text[3:-3].split('"],["')]
    return rows if set(map(len, rows)) == {len(own.columns)} else None


_SPELT = (
    ('[{"title":"', '"《'),
    ('"},{"title":"', "；《"),
    ('","article":"', "》"),
    ('"}]', '"'),
    ('",[],"', '","","'),
    ('",[]]', '",""]'),
)


def csv_of(version: ListVersion) -> Iterator[bytes]:
    own = schema(version.list.kind)
    return sheets.csv_parts([c.label for c in own.shown], _blocks(version, own))


def xlsx_of(version: ListVersion) -> Iterator[bytes]:
    own = schema(version.list.kind)
    return sheets.xlsx_parts(own.label, [c.label for c in own.shown], _blocks(version, own))


def json_of(version: ListVersion) -> Iterator[bytes]:
    """The version as one JSON object: what it is, its columns, its rows with one key a column."""
    own = schema(version.list.kind)
    head = {
        "list": version.list.title,
        "kind": version.list.kind,
        "body": version.list.body.name,
        "version": version.number,
        "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "digest": version.digest,
        "columns": [{"key": c.key, "label": c.label} for c in own.shown],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "rows": ['
    keys = [c.key for c in own.shown]
    comma = b""
    for rows in _blocks(version, own):
        texts = (json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False) for row in rows)
        yield comma + ",\n".join(texts).encode()
        comma = b",\n"
    yield b"]}\n"


def reference_csv(kind: str, body: BodyRef, on: date) -> Iterator[bytes]:
    """The shipped rows that apply to a body which has published no list of its own."""
    own = schema(kind)
    rows = _shown(own, list(list_bridge.rows_in_force(own, body, on)))
    return sheets.csv_parts([c.label for c in own.shown], [rows] if rows else [])


def blank_xlsx(kind: str) -> Iterator[bytes]:
    """An empty sheet with the right heads, to be filled in and imported."""
    own = schema(kind)
    return sheets.xlsx_parts(own.label, [c.label for c in own.shown], [])


# --- in ---------------------------------------------------------------------------------------------------


def _bad_file(sentence: str, remedy: str) -> Invalid:
    return Invalid(fields={"file": [f"{sentence}。{remedy}"]})


def _sheets(file: BinaryIO, name: str) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """(sheet, rows of texts) of an xlsx or CSV file."""
    if name.lower().endswith(".csv"):
        yield "CSV", _csv_rows(file)
        return
    if not name.lower().endswith(".xlsx"):
        raise _bad_file("只能导入 .xlsx 和 .csv 文件", "请另存为 Excel 工作簿（.xlsx）后再导入")
    from python_calamine import CalamineError, CalamineWorkbook

    _unpacked(file)
    try:
        book = CalamineWorkbook.from_filelike(file)
        for title in book.sheet_names:
            sheet = book.get_sheet_by_name(title)
            yield title, map(_texts, sheet.iter_rows())
    except CalamineError:
        raise _bad_file("无法读取该工作簿", "请用 Excel、WPS 打开并另存为 .xlsx 后再导入") from None


def _unpacked(file: BinaryIO) -> None:
    """Refuse what is no workbook, and one that would unpack beyond reason (a million rows need about 900 MB)."""
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _bad_file("工作簿解压后过大", "请分成几个文件导入，或者另存为 CSV")
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    with packed.open(part) as sheet:
                        if _grid(sheet.read(MOST_LOOKED)) > MOST_GRID:
                            raise _bad_file("工作表远处有零散的内容", "请删除清单以外的行、列后再导入")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        raise _bad_file("无法读取该工作簿", "请用 Excel、WPS 打开并另存为 .xlsx 后再导入") from None
    file.seek(0)


def _grid(sheet: bytes) -> int:
    """Cells of the rectangle from A1 to the last row and column with content. The reader makes every one of
    them, so that two words far apart would take all memory there is."""
    columns, last = set[bytes](), 0
    for found in _PLACE.finditer(sheet):
        columns.add(found[1])
        last = max(last, int(found[2]))
    return max(map(_column, columns), default=0) * last


def _column(name: bytes) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _csv_rows(file: BinaryIO) -> Iterator[list[str]]:
    """Rows of a CSV file in UTF-8, or in GB 18030 as Excel for Chinese saves it."""
    head = file.read(4096)
    file.seek(0)
    coding = "utf-8-sig" if head[:3] == b"\xef\xbb\xbf" or _utf8(head) else "gb18030"
    text = io.TextIOWrapper(file, encoding=coding, newline="")
    try:
        while lines := list(islice(text, list_rows.SIZE)):
            if '"' in "".join(lines):
                yield from csv.reader(chain(lines, text))
                return
            yield from [line.rstrip("\r\n").split(",") for line in lines]
    except (UnicodeDecodeError, csv.Error):
        raise _bad_file("文件编码或者格式有误", "请另存为“CSV UTF-8（逗号分隔）”后再导入") from None
    finally:
        text.detach()


def _utf8(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as wrong:
        return wrong.start > len(head) - 4
    return True


def _text(cell: Any) -> str:
    """A cell as typed: whole numbers without a point, days as 2026-09-07."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _texts(row: list[Any]) -> list[str]:
    return row if set(map(type, row)) <= _TEXT else [_text(cell) for cell in row]


_TEXT = {str}


def letters(number: int) -> str:
    """Column 0 → A, 26 → AA."""
    found = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def _shaped(
    chunk: list[list[str]], order: list[int], passed: int
) -> tuple[Sequence[int], Sequence[list[str]]]:
    """(lines in the file, cells in the schema's order) of a chunk, empty lines left out."""
    width = max(order, default=0) + 1
    straight = order == list(range(width))
    if straight and all(map(any, chunk)) and set(map(len, chunk)) == {width}:
        return range(passed + 1, passed + 1 + len(chunk)), chunk
    lines, found = [], []
    for line, given in enumerate(chunk, passed + 1):
        if any(given):
            cells = [*given, *[""] * (width - len(given))]
            lines.append(line)
            found.append(cells[:width] if straight else [cells[n] if n >= 0 else "" for n in order])
    return lines, found


def _stripped(texts: Sequence[str]) -> Sequence[str]:
    """Cells without what stands around them, and without the mark that our own export sets before signs."""
    found = list(map(str.strip, texts))
    return [sheets.bare_cell(t).strip() for t in found] if "'" in "".join(found) else found


def _judged(column: Column, text: str) -> Judged:
    try:
        value = value_of(column, text)
    except ValueError as wrong:
        return "", (f"“{column.label}”填写有误", str(wrong))
    return value, cell_problem(column, value)


class Lines(NamedTuple):
    """Where the rows of a block stand in the file: sheet, line of each, code of each."""

    sheet: str
    numbers: Sequence[int]
    codes: Sequence[str]


class Reading:
    """One file being read for a list: rows as they come, problems as they are found.

    ``known`` are the draft's rows by code; ``whole`` says that they are all of them.
    """

    def __init__(self, own: Schema, known: dict[str, ListRow], *, whole: bool) -> None:
        self.own, self.known, self.whole, self.checked = own, known, whole, Checked()
        self._codes: dict[str, int] = {}
        self._judged: dict[str, dict[str, Judged]] = {}

    def rows(self, file: BinaryIO, name: str) -> Iterator[ListRow]:
        """Every row of every sheet; bad ones are yielded too, their cells being in ``checked``."""
        for columns in self.columns(file, name):
            yield from map(list, zip(*columns, strict=True))

    def columns(self, file: BinaryIO, name: str) -> Iterator[list[Sequence[Any]]]:
        """The same, block by block and column by column."""
        for title, lines in _sheets(file, name):
            head = next(lines, None)
            if head is None or not any(c.strip() for c in head):
                continue
            order = self._order(title, head)
            passed = 1
            while chunk := list(islice(lines, list_rows.SIZE)):
                numbers, kept = _shaped(chunk, order, passed)
                if kept:
                    yield self._block(title, numbers, kept, order)
                passed += len(chunk)

    def _order(self, title: str, head: list[str]) -> list[int]:
        """Where each shown column stands in the file. A missing or unknown head is a problem of cell 1; an
        optional column may be missing where what the draft says of it is known and stays."""
        places = {sheets.bare_cell(text).strip(): n for n, text in enumerate(head) if text.strip()}
        missing = [
            c.label for c in self.own.shown if c.label not in places and (c.required or not self.whole)
        ]
        for label in missing:
            self._tell(title, "A1", "", f"缺少“{label}”一栏", "首行须为栏目名称，请下载空白表对照")
        known = {c.label for c in self.own.shown}
        for text, n in places.items():
            if text not in known:
                self._tell(
                    title, f"{letters(n)}1", text, "没有这一栏目", "请删除该栏，或者改为规定的栏目名称"
                )
        return [places.get(c.label, -1) for c in self.own.shown]

    def _block(
        self, title: str, lines: Sequence[int], kept: Sequence[list[str]], order: list[int]
    ) -> list[Sequence[Any]]:
        """The columns of a block of rows; ``lines`` are their places in the file."""
        vectors = [_stripped(texts) for texts in zip(*kept, strict=True)]
        rows = Lines(title, lines, codes := vectors[0])
        done: list[Sequence[Any]] = []
        for place, column, texts in zip(order, self.own.shown, vectors, strict=True):
            if place < 0:
                done.append(self._absent(column, codes))
            elif column.kind == "text" and self._plain(column, texts):
                done.append(texts)
            else:
                done.append(self._cells(rows, place, column, texts))
        self.checked.rows += len(kept)
        self._once(rows, order[0])
        if len(self.own.columns) != len(done):
            none: ListRow = [{}]
            done.append([self.known.get(code, none)[-1] for code in codes])
        return done

    def _once(self, rows: Lines, place: int) -> None:
        """Tell of every code that stands in an earlier row."""
        new = dict(zip(rows.codes, rows.numbers, strict=True))
        if len(new) == len(rows.codes) and "" not in new and new.keys().isdisjoint(self._codes.keys()):
            self._codes |= new
            return
        for line, code in zip(rows.numbers, rows.codes, strict=True):
            before = self._codes.setdefault(code, line) if code else line
            if before != line:
                address = f"{letters(max(place, 0))}{line}"
                self._tell(rows.sheet, address, code, f"与第 {before} 行的编码重复", "一个编码只能有一行")

    def _absent(self, column: Column, codes: Sequence[str]) -> list[Any]:
        """A column the file does not have, of which its head told: what the draft says of it stays."""
        place, none = self.own.place(column.key), empty_row(self.own)
        return [self.known.get(code, none)[place] for code in codes]

    @staticmethod
    def _plain(column: Column, texts: Sequence[str]) -> bool:
        if column.required and not all(texts):
            return False
        return max(map(len, texts)) <= column.most and sound("".join(texts))

    def _cells(self, rows: Lines, place: int, column: Column, texts: Sequence[str]) -> list[Any]:
        """The values of one column of a block. A text that occurs again is judged once; where the draft's own
        cell reads the same, its value stays."""
        judged = self._judged.setdefault(column.key, {})
        position = self.own.place(column.key)
        found: list[Any] = []
        for line, code, text in zip(rows.numbers, rows.codes, texts, strict=True):
            old = self.known.get(code)
            if old is not None and text_of(column, old[position]) == text:
                found.append(old[position])
                continue
            if (known := judged.get(text)) is None:
                known = _judged(column, text)
                if len(judged) < list_rows.REMEMBERED:
                    judged[text] = known
            if (bad := known[1]) is not None:
                self._tell(rows.sheet, f"{letters(max(place, 0))}{line}", text, *bad)
            found.append(known[0])
        return found

    def _tell(self, sheet: str, address: str, value: str, sentence: str, remedy: str) -> None:
        self.checked.bad += 1
        if len(self.checked.cells) < SHOWN:
            self.checked.cells.append(BadCell(sheet, address, value[:80], sentence, remedy))


def _reading(version: ListVersion, own: Schema) -> Reading:
    """With the draft's rows, where the file cannot say everything (``rest``) or they are few enough to compare."""
    if len(own.shown) == len(own.columns) and version.count > COMPARED:
        return Reading(own, {}, whole=False)
    return Reading(own, {row[0]: row for row in list_rows.rows(version)}, whole=True)


def sheet_check(*, version_id: int, file: BinaryIO, name: str, by: Actor) -> Checked:
    """The dry run: read the whole file, write nothing."""
    version = draft_of(by, version_id)
    own = schema_by_hand(version)
    reading = _reading(version, own)
    if reading.whole:
        reading.checked.difference = compared(own, dict(reading.known), reading.rows(file, name))
    else:
        for _ in reading.columns(file, name):
            pass
    _empty(reading)
    return reading.checked


@transaction.atomic
def sheet_import(
    *, version_id: int, seen: str, file: BinaryIO, name: str, by: Actor, at: datetime
) -> Checked:
    """Replace a draft's rows by those of the file, all or none. ``ListNotSound`` names the bad cells."""
    version = draft_of(by, version_id)
    if seen != version.digest:
        raise ListStale
    own = schema_by_hand(version)
    reading = _reading(version, own)
    list_rows.write_columns(version, reading.columns(file, name))
    _empty(reading)
    if reading.checked.bad:
        cells = reading.checked.cells
        raise ListNotSound(
            [
                CellProblem(0, c.address, c.value, f"{c.sheet} {c.address}：{c.sentence}", c.remedy)
                for c in cells
            ]
        )
    draft_kept(version, "count", "digest", by=by, at=at)
    return reading.checked


def _empty(reading: Reading) -> None:
    if not reading.checked.rows and not reading.checked.bad:
        raise _bad_file("文件中没有内容", "首行为栏目名称，其下每行一项；请下载空白表填写")
