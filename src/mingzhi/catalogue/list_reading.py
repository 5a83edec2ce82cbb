"""A spreadsheet that comes in: a dry run that names every bad cell, then the draft's rows replaced by it.

Reading checks a block of rows column by column, so that a million good rows cost little; only a block
with something wrong is looked at cell by cell.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from itertools import chain, islice
from operator import lt
from typing import Any, BinaryIO, NamedTuple

from django.db import transaction

from mingzhi.catalogue import list_rows
from mingzhi.catalogue.errors import ListNotSound
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
from mingzhi.catalogue.list_schemas import Column, Schema
from mingzhi.catalogue.models import ListVersion
from mingzhi.kernel import sheets, workbooks
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations.data import Actor

MOST_BYTES = 300 * 1024 * 1024
"""Bytes of a file that is taken in; a million rows are about 250 MB as CSV and 50 MB as xlsx."""
AT_ONCE = 1024 * 1024
"""Bytes of a file that is still read while the person waits: about a second on a small machine."""
MOST_UNPACKED, SMALL_UNPACKED = 2 * 1024**3, 64 * 1024**2
PIECE = 256 * 1024
"""Bytes of a CSV file that are read at once."""
MOST_LINE = 8 * 1024**2
"""Bytes of one line of it."""
MOST_LOOKED = 32 * 1024**2
"""Bytes of a sheet that are looked through for cells far off before it is read."""
MOST_GRID = 30_000_000
"""Cells of the rectangle a sheet spans: a million rows of the widest list, and room."""
Share = Callable[[int], float]
Judged = tuple[Any, tuple[str, str] | None]
REMEMBERED = 500_000
"""Characters of one column that are remembered, so that a text that comes again is not looked at again."""
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
    """What a file holds, or held so far: how many rows, how many bad cells, the first of them, and what would
    change."""

    rows: int = 0
    bad: int = 0
    percent: int = 0
    """How much of the file has been read; 100 only when it is over."""
    cells: list[BadCell] = field(default_factory=list)
    difference: Difference | None = None

    @property
    def fits(self) -> bool:
        return self.rows > 0 and not self.bad


Told = Callable[[Checked], None]


def _bad_file(sentence: str, remedy: str) -> Invalid:
    return Invalid(fields={"file": [f"{sentence}。{remedy}"]})


def _sheets(file: BinaryIO, name: str) -> Iterator[tuple[str, Iterator[Chunk], Share]]:
    """(sheet, rows of texts, how much of the file has been read when so many of them are passed) of an xlsx or
    CSV file."""
    if name.lower().endswith(".csv"):
        size = file.seek(0, io.SEEK_END) or 1
        file.seek(0)
        yield "CSV", _csv_chunks(file), lambda _passed: file.tell() / size
        return
    if not name.lower().endswith(".xlsx"):
        raise _bad_file("只能导入 .xlsx 和 .csv 文件", "请另存为 Excel 工作簿（.xlsx）后再导入")
    from python_calamine import CalamineError, CalamineWorkbook

    _unpacked(file)
    try:
        book = CalamineWorkbook.from_filelike(file)
        for place, title in enumerate(book.sheet_names):
            sheet = book.get_sheet_by_name(title)
            share = partial(_share, place, len(book.sheet_names), max(1, sheet.total_height))
            yield title, _chunks(map(_texts, sheet.iter_rows())), share
    except CalamineError:
        raise _bad_file("无法读取该工作簿", "请用 Excel、WPS 打开并另存为 .xlsx 后再导入") from None


def _share(place: int, sheets: int, height: int, passed: int) -> float:
    return (place + passed / height) / sheets


def _unpacked(file: BinaryIO) -> None:
    """Refuse what is no workbook, and one that would unpack beyond reason (a million rows need about 900 MB).

    What is read while a person waits is looked through whole; a large one, which the worker reads, at its beginning.
    """
    small = file.seek(0, io.SEEK_END) <= AT_ONCE
    unpacked, looked = (SMALL_UNPACKED, SMALL_UNPACKED) if small else (MOST_UNPACKED, MOST_LOOKED)
    problem = workbooks.unfit(file, unpacked=unpacked, cells=MOST_GRID, looked=looked)
    if problem == workbooks.Unfit.BROKEN:
        raise _bad_file("无法读取该工作簿", "请用 Excel、WPS 打开并另存为 .xlsx 后再导入")
    if problem == workbooks.Unfit.LARGE:
        raise _bad_file("工作簿解压后过大", "请分成几个文件导入，或者另存为 CSV")
    if problem == workbooks.Unfit.FAR:
        raise _bad_file("工作表远处有零散的内容", "请删除清单以外的行、列后再导入")


class Even:
    """Lines of a CSV file as the cells of them all: ``width`` in each line, none quoted. The end of a line stays
    in its last cell."""

    def __init__(self, cells: list[str], width: int) -> None:
        self.cells, self.width = cells, width

    def __len__(self) -> int:
        return len(self.cells) // self.width

    def columns(self) -> list[list[str]]:
        return [self.cells[n :: self.width] for n in range(self.width)]

    def rows(self) -> list[list[str]]:
        *columns, last = self.columns()
        return list(map(list, zip(*columns, [cell.rstrip("\r\n") for cell in last], strict=True)))


Chunk = list[list[str]] | Even


def _chunks(rows: Iterator[list[str]]) -> Iterator[Chunk]:
    """The head by itself, then so many rows at a time."""
    yield from ([head] for head in islice(rows, 1))
    yield from _by_size(rows)


def _by_size(rows: Iterator[list[str]]) -> Iterator[Chunk]:
    return iter(lambda: list(islice(rows, list_rows.SIZE)), [])


def _csv_chunks(file: BinaryIO) -> Iterator[Chunk]:
    """The same of a CSV file in UTF-8, or in GB 18030 as Excel for Chinese saves it: in both, no byte of another
    character looks like a comma, a quotation mark or the end of a line. From the first line on that takes a
    reader of CSV, one reads the file."""
    head = file.read(4096)
    marked = head.startswith(codecs.BOM_UTF8)
    coding = "utf-8" if marked or _utf8(head) else "gb18030"
    file.seek(len(codecs.BOM_UTF8) if marked else 0)
    text, cells, width = None, list[str](), 0
    try:
        for start, piece in _pieces(file):
            first = not width
            width = width or piece.partition(b"\n")[0].count(b",") + 1
            found = _even(piece, width, coding)
            if found is None:
                file.seek(start)
                text = io.TextIOWrapper(file, encoding=coding, newline="")
                rows = csv.reader(text)
                yield from _chunks(rows) if first else _by_size(chain(Even(cells, width).rows(), rows))
                return
            cells += found
            if first:
                yield Even(cells[:width], width).rows()
                del cells[:width]
            size = width * list_rows.SIZE
            while len(cells) >= size:
                yield Even(cells[:size], width)
                del cells[:size]
        if cells:
            yield Even(cells, width)
    except (UnicodeDecodeError, csv.Error):
        raise _bad_file("文件编码或者格式有误", "请另存为“CSV UTF-8（逗号分隔）”后再导入") from None
    finally:
        if text is not None and not file.closed:  # else whoever stopped the reading has closed it before
            text.detach()


def _even(lines: bytes, width: int, coding: str) -> list[str] | None:
    """The cells of whole lines, where each has ``width`` of them, two at least, and none is quoted."""
    if width == 1 or b'"' in lines:
        return None
    cells = lines.removesuffix(b"\n").replace(b"\n", b"\n,").decode(coding).split(",")
    last = "".join(cells[width - 1 :: width])
    ends = last.count("\n")
    # Every line ends in such a cell, and with the return of a carriage at most there.
    if len(cells) != (ends + 1) * width or ends != lines.count(b"\n", 0, -1):
        return None
    return cells if lines.count(b"\r") == last.count("\r\n") + last.endswith("\r") else None


def _pieces(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(where it begins in the file, whole lines), some at a time; the last of all may lack its end."""
    start, rest = file.tell(), b""
    while piece := file.read(PIECE):
        lines, end, rest = (rest + piece).rpartition(b"\n")
        if end:
            yield start, lines + end
            start += len(lines) + 1
        elif len(rest) > MOST_LINE:
            if b"\r" in rest:  # the ends of lines are those of old
                yield start, rest
            raise _bad_file("有一行过长", "请检查是否缺少换行；另存为“CSV UTF-8（逗号分隔）”后再导入")
    if rest:
        yield start, rest


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


def _shaped(chunk: Chunk, order: list[int], passed: int) -> tuple[Sequence[int], list[Sequence[str]]]:
    """(lines in the file, columns in the schema's order) of a chunk, empty lines left out."""
    width = max(order, default=0) + 1
    straight = order == list(range(width))
    lines: Sequence[int] = range(passed + 1, passed + 1 + len(chunk))
    if isinstance(chunk, Even):
        columns = chunk.columns()
        if order[0] >= 0 and "" not in columns[order[0]]:  # no line is without its code
            return lines, [columns[n] if n >= 0 else [""] * len(chunk) for n in order]
        chunk = chunk.rows()
    if straight and all(map(any, chunk)) and set(map(len, chunk)) == {width}:
        return lines, list(zip(*chunk, strict=True))
    lines, found = [], []
    for line, given in enumerate(chunk, passed + 1):
        if any(given):
            cells = [*given, *[""] * (width - len(given))]
            lines.append(line)
            found.append(cells[:width] if straight else [cells[n] if n >= 0 else "" for n in order])
    return lines, list(zip(*found, strict=True))


def _stripped(texts: Sequence[str]) -> Sequence[str]:
    """Cells without what stands around them, and without the mark that our own export sets before signs."""
    if isinstance(texts, list_rows.Plain):
        return texts
    whole = "".join(texts)
    if not whole.isprintable() or " " in whole:  # a space of any kind
        texts = list(map(str.strip, texts))
    elif not any(sign in whole for sign in "'\"\\"):
        return list_rows.Plain(texts)
    return [sheets.bare_cell(t).strip() for t in texts] if "'" in whole else texts


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

    ``known`` are the draft's rows by code; ``whole`` says that they are all of them. ``told`` hears after every
    block how it stands, and may raise to stop the reading.
    """

    def __init__(
        self, own: Schema, known: dict[str, ListRow], *, whole: bool, told: Told = lambda _checked: None
    ) -> None:
        self.own, self.known, self.whole, self.checked, self.told = own, known, whole, Checked(), told
        self._in_order: list[Lines] | None = []
        self._codes: dict[str, int] = {}
        self._room: dict[str, int] = {}
        self._judged: dict[str, dict[str, Judged]] = {}
        self._good: dict[str, dict[str, Any]] = {}
        self._plain: dict[str, dict[str, str]] = {}

    def rows(self, file: BinaryIO, name: str) -> Iterator[ListRow]:
        """Every row of every sheet; bad ones are yielded too, their cells being in ``checked``."""
        for columns in self.columns(file, name):
            yield from map(list, zip(*columns, strict=True))

    def columns(self, file: BinaryIO, name: str) -> Iterator[list[Sequence[Any]]]:
        """The same, block by block and column by column."""
        for title, lines, share in _sheets(file, name):
            first = next(lines, None)
            head = (first.rows() if isinstance(first, Even) else first or [[]])[0]
            if not any(c.strip() for c in head):
                continue
            order = self._order(title, head)
            passed = 1
            for chunk in lines:
                numbers, given = _shaped(chunk, order, passed)
                if numbers:
                    yield self._block(title, numbers, given, order)
                passed += len(chunk)
                self.checked.percent = min(99, int(share(passed) * 100))
                self.told(self.checked)
        self.checked.percent = 100

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
        self, title: str, lines: Sequence[int], given: list[Sequence[str]], order: list[int]
    ) -> list[Sequence[Any]]:
        """The columns of a block of rows; ``lines`` are their places in the file."""
        given[0] = codes = _stripped(given[0])
        rows = Lines(title, lines, codes)
        done: list[Sequence[Any]] = []
        for place, column, texts in zip(order, self.own.shown, given, strict=True):
            if place < 0:
                done.append(self._absent(column, codes))
            elif column.kind != "text":
                done.append(self._cells(rows, place, column, texts))
            else:
                done.append(self._texts(rows, place, column, texts))
        self.checked.rows += len(lines)
        self._once(rows, order[0])
        if len(self.own.columns) != len(done):
            none: ListRow = [{}]
            done.append([self.known.get(code, none)[-1] for code in codes])
        return done

    def _once(self, rows: Lines, place: int) -> None:
        """Tell of every code that stands in an earlier row. While they come in their order, none can."""
        if self._in_order is not None:
            last = self._in_order[-1].codes[-1] if self._in_order else ""
            if all(map(lt, chain((last,), rows.codes), rows.codes)):
                self._in_order.append(rows)
                return
            for before in self._in_order:
                self._codes.update(zip(before.codes, before.numbers, strict=True))
            self._in_order = None
        first = list(map(self._codes.setdefault, rows.codes, rows.numbers))
        if first == list(rows.numbers) and "" not in self._codes:
            return
        self._codes.pop("", None)
        for number, code, earlier in zip(rows.numbers, rows.codes, first, strict=True):
            if code and earlier != number:
                address = f"{letters(max(place, 0))}{number}"
                self._tell(rows.sheet, address, code, f"与第 {earlier} 行的编码重复", "一个编码只能有一行")

    def _absent(self, column: Column, codes: Sequence[str]) -> list[Any]:
        """A column the file does not have, of which its head told: what the draft says of it stays."""
        place, none = self.own.place(column.key), empty_row(self.own)
        return [self.known.get(code, none)[place] for code in codes]

    def _texts(self, rows: Lines, place: int, column: Column, given: Sequence[str]) -> Sequence[str]:
        """A column of texts. One whose texts have all stood in it before is not looked at again."""
        good = self._plain.setdefault(column.key, {})
        if given[0] in good:
            values: list[Any] = list(map(good.get, given))
            if None not in values:
                return list_rows.Plain(values)
        texts = _stripped(given)
        if (column.required and "" in texts) or max(map(len, texts)) > column.most:
            return self._cells(rows, place, column, given)
        whole = "".join(texts)
        if not isinstance(texts, list_rows.Plain):
            if not whole.isprintable():
                return texts if sound(whole) else self._cells(rows, place, column, given)
            if '"' in whole or "\\" in whole:
                return texts
        if self._remembered(column, whole):
            good.update(zip(given, texts, strict=True))
        return list_rows.Plain(texts)

    def _cells(self, rows: Lines, place: int, column: Column, given: Sequence[str]) -> list[Any]:
        """The values of one column of a block. A text that occurs again is judged once; where the draft's own
        cell reads the same, its value stays."""
        judged = self._judged.setdefault(column.key, {})
        good = self._good.setdefault(column.key, {})
        if not self.known and None not in (values := list(map(good.get, given))):
            return values
        position = self.own.place(column.key)
        found: list[Any] = []
        for line, code, raw, text in zip(rows.numbers, rows.codes, given, _stripped(given), strict=True):
            old = self.known.get(code)
            if old is not None and text_of(column, old[position]) == text:
                found.append(old[position])
                continue
            if (known := judged.get(text)) is None:
                known = _judged(column, text)
                if self._remembered(column, text):
                    judged[text] = known
            if (bad := known[1]) is not None:
                self._tell(rows.sheet, f"{letters(max(place, 0))}{line}", text, *bad)
            elif text in judged and len(good) < list_rows.REMEMBERED:
                good[raw] = known[0]
            found.append(known[0])
        return found

    def _remembered(self, column: Column, text: str) -> bool:
        """Whether there is room for so much more of a column; if so, it is taken."""
        left = self._room.get(column.key, REMEMBERED) - len(text)
        if left >= 0:
            self._room[column.key] = left
        return left >= 0

    def _tell(self, sheet: str, address: str, value: str, sentence: str, remedy: str) -> None:
        self.checked.bad += 1
        if len(self.checked.cells) < SHOWN:
            self.checked.cells.append(BadCell(sheet, address, value[:80], sentence, remedy))


def _reading(version: ListVersion, own: Schema, told: Told) -> Reading:
    """With the draft's rows, where the file cannot say everything (``rest``) or they are few enough to compare."""
    if len(own.shown) == len(own.columns) and version.count > COMPARED:
        return Reading(own, {}, whole=False, told=told)
    return Reading(own, {row[0]: row for row in list_rows.rows(version)}, whole=True, told=told)


def _silent(_checked: Checked) -> None:
    """Nobody waits to hear how far the reading is."""


def sheet_check(*, version_id: int, file: BinaryIO, name: str, by: Actor, told: Told = _silent) -> Checked:
    """The dry run: read the whole file, write nothing and hold nothing up."""
    version = draft_of(by, version_id, locked=False)
    own = schema_by_hand(version)
    reading = _reading(version, own, told)
    if reading.whole:
        reading.checked.difference = compared(own, dict(reading.known), reading.rows(file, name))
    else:
        for _ in reading.columns(file, name):
            pass
    _empty(reading)
    return reading.checked


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was read whole and has no bad cell, for the draft that then had the digest ``seen``."""

    version_id: int
    seen: str
    checked: Checked
    blocks: list_rows.Spool


@contextmanager
def sheet_prepared(
    *, version_id: int, seen: str, file: BinaryIO, name: str, by: Actor, told: Told = _silent
) -> Iterator[Prepared]:
    """Read a file into blocks outside the database, so that the transaction that takes them in is short.
    ``ListNotSound`` names the bad cells, ``ListStale`` says that the draft is another by now."""
    version = draft_of(by, version_id, seen, locked=False)
    reading = _reading(version, schema_by_hand(version), told)
    encoded = list_rows.Columns()
    with closing(list_rows.Spool()) as blocks:
        for columns in reading.columns(file, name):
            if not reading.checked.bad:
                blocks.add(len(columns[0]), encoded(columns))
        _empty(reading)
        if reading.checked.bad:
            raise ListNotSound(
                [
                    CellProblem(0, c.address, c.value, f"{c.sheet} {c.address}：{c.sentence}", c.remedy)
                    for c in reading.checked.cells
                ]
            )
        yield Prepared(version_id, seen, reading.checked, blocks)


@transaction.atomic
def sheet_put(prepared: Prepared, *, by: Actor, at: datetime) -> None:
    """Replace the draft's rows by those of the prepared file, all or none."""
    version = draft_of(by, prepared.version_id, prepared.seen)
    list_rows.put(version, prepared.blocks)
    draft_kept(version, "count", "digest", by=by, at=at)


def sheet_import(
    *, version_id: int, seen: str, file: BinaryIO, name: str, by: Actor, at: datetime
) -> Checked:
    """Both at once: read the file, then replace the draft's rows by it."""
    with sheet_prepared(version_id=version_id, seen=seen, file=file, name=name, by=by) as prepared:
        sheet_put(prepared, by=by, at=at)
        return prepared.checked


def _empty(reading: Reading) -> None:
    if not reading.checked.rows and not reading.checked.bad:
        raise _bad_file("文件中没有内容", "首行为栏目名称，其下每行一项；请下载空白表填写")
