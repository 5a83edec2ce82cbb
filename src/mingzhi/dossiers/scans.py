"""存量数字化 (R095): paper files scanned in by an index table, every wrong cell named before anything is kept.

The table has one row for each item: which dossier it belongs to, its title, date and scan. xlsx and csv
are read alike; nothing in a cell is ever evaluated.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import python_calamine

from mingzhi.dossiers import held
from mingzhi.dossiers.choices import Importance, SealKind, Secrecy, Volume
from mingzhi.dossiers.models import ArchiveRecord, Dossier
from mingzhi.kernel import clock, workbooks
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations.data import Actor

HEADS = (
    "归档号", "案卷题名", "当事人", "立案日期", "结案日期", "重要程度", "密级", "全宗号", "目录号",
    "卷别", "件题名", "文号", "日期", "页数", "文件名",
)  # fmt: skip
REQUIRED = frozenset({"归档号", "案卷题名", "结案日期", "卷别", "件题名", "日期", "文件名"})
OF_DOSSIER = HEADS[:9]
_LIMITS = {
    "归档号": 60,
    "案卷题名": 200,
    "当事人": 200,
    "件题名": 200,
    "文号": 80,
    "全宗号": 30,
    "目录号": 30,
}
_ALLOWED = {"重要程度": Importance.labels, "密级": Secrecy.labels, "卷别": Volume.labels}
_APART = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_TOGETHER = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SCANS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG", b"II*\x00", b"MM\x00*")
MOST_ROWS = 20_000
MOST_BYTES = 64 << 20
MOST_UNPACKED = 128 << 20
MOST_CELLS = 100 * MOST_ROWS
"""Cells of the rectangle that the table spans."""
Finder = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """``cell`` as a spreadsheet names it (``E7``), so that it can be found and mended."""

    cell: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class Planned:
    described: held.Description
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    dossiers: list[Planned]
    problems: list[Problem]

    @property
    def items(self) -> int:
        return sum(len(d.rows) for d in self.dossiers)


def read(data: bytes, name: str) -> list[list[str]]:
    """The table's rows as text. ``Invalid`` when it is no table we can read."""
    if len(data) > MOST_BYTES:
        raise Invalid("目录表过大", fields={"index": ["目录表过大，请分批导入"]})
    try:
        if name.lower().endswith(".csv"):
            text = data.decode("utf-8-sig") if not data.startswith(b"\xff\xfe") else data.decode("utf-16")
            rows = [[c.strip() for c in row] for row in csv.reader(io.StringIO(text))]
        else:
            _readable(data)
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
            rows = [[_text(c) for c in row] for row in book.get_sheet_by_index(0).to_python()]
    except (UnicodeDecodeError, csv.Error, python_calamine.CalamineError, ValueError, OSError):
        raise Invalid(
            "目录表无法读取", fields={"index": ["目录表应为 xlsx 文件，或者 UTF-8 编码的 csv 文件"]}
        ) from None
    if len(rows) > MOST_ROWS:
        raise Invalid("目录表过大", fields={"index": [f"目录表最多 {MOST_ROWS} 行，请分批导入"]})
    return rows


def _readable(data: bytes) -> None:
    """Refuse a workbook that would take more memory than a table of that many rows ever does."""
    problem = workbooks.unfit(io.BytesIO(data), unpacked=MOST_UNPACKED, cells=MOST_CELLS)
    if problem == workbooks.Unfit.BROKEN:
        raise ValueError
    if problem is not None:
        sentence = "目录表解压后过大，或者远处有零散的内容；请删除目录以外的行、列后再导入"
        raise Invalid("目录表过大", fields={"index": [sentence]})


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def column_name(index: int) -> str:
    """0 → A, 26 → AA."""
    name, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def examine(rows: Sequence[Sequence[str]], find: Finder) -> Plan:
    """Every wrong cell of the table, and what would be taken in. Stores nothing."""
    heads = list(rows[0]) if rows else []
    problems = _judge_heads(heads)
    if problems:
        return Plan([], problems)
    table = _Table({head: column_name(heads.index(head)) for head in heads if head}, find, problems)
    for number, cells in enumerate(rows[1:], 2):
        if any(cells):
            table.row(
                Row(number, {h: (cells[i] if i < len(cells) else "") for i, h in enumerate(heads) if h})
            )
    if not table.first:
        problems.append(Problem("A2", "目录表没有内容"))
    return Plan(list(table.dossiers.values()), problems)


def _judge_heads(heads: list[str]) -> list[Problem]:
    if not any(heads):
        return [Problem("A1", "目录表是空的")]
    missing = sorted(REQUIRED - set(heads), key=HEADS.index)
    problems = [Problem("1", f"缺少“{head}”一列") for head in missing]
    for index, head in enumerate(heads):
        if head and head not in HEADS:
            problems.append(Problem(f"{column_name(index)}1", f"不认识的列“{head[:20]}”"))
        elif head and heads.index(head) != index:
            problems.append(Problem(f"{column_name(index)}1", f"“{head}”一列重复"))
    return problems


@dataclass(slots=True)
class _Table:
    """Rows judged one by one; what they say of their dossiers is gathered on the way."""

    where: dict[str, str]
    find: Finder
    problems: list[Problem]
    dossiers: dict[str, Planned] = field(default_factory=dict)
    first: dict[str, Row] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)

    def wrong(self, row: Row, head: str, sentence: str) -> None:
        self.problems.append(Problem(f"{self.where.get(head, '')}{row.number}", sentence))

    def row(self, row: Row) -> None:
        for head, sentence in _judge_cells(row.cells):
            self.wrong(row, head, sentence)
        if row.cells["文件名"]:
            self._scan(row, row.cells["文件名"])
        key = row.cells["归档号"]
        known = self.first.setdefault(key, row)
        if known is row:
            described = _described(row)
            if described is not None:
                self.dossiers[key] = Planned(described)
        for head in OF_DOSSIER:
            if row.cells.get(head, "") not in ("", known.cells.get(head, "")):
                self.wrong(row, head, f"与第 {known.number} 行同一案卷的“{head}”不一致")
        if key in self.dossiers:
            self.dossiers[key].rows.append(row)

    def _scan(self, row: Row, name: str) -> None:
        if name in self.names:
            self.wrong(row, "文件名", f"“{name[:40]}”已在第 {self.names[name]} 行使用")
            return
        self.names[name] = row.number
        data = self.find(name)
        if data is None:
            self.wrong(row, "文件名", f"没有找到扫描件“{name[:40]}”")
        elif not data.startswith(_SCANS):
            self.wrong(row, "文件名", f"“{name[:40]}”不是 PDF 或者图片")
        elif data.startswith(b"%PDF-"):
            pages, stated = _pages(data), row.cells.get("页数", "")
            if pages is None:
                self.wrong(row, "文件名", f"“{name[:40]}”无法打开")
            elif stated and stated != str(pages):
                self.wrong(row, "页数", f"写明 {stated} 页，扫描件实有 {pages} 页")


def _judge_cells(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) of one row, as far as the row alone can tell."""
    for head in sorted(REQUIRED, key=HEADS.index):
        if not cells[head]:
            yield head, f"“{head}”不能为空"
    for head, limit in _LIMITS.items():
        if len(cells.get(head, "")) > limit:
            yield head, f"“{head}”超过 {limit} 字"
    for head in ("立案日期", "结案日期", "日期"):
        if cells.get(head) and day_of(cells[head]) is None:
            yield head, f"“{cells[head][:20]}”不是日期，应为 2016-09-29 这样的格式"
    for head, allowed in _ALLOWED.items():
        if cells.get(head) and cells[head] not in allowed:
            yield head, f"“{cells[head][:20]}”应为{'、'.join(allowed)}之一"
    if cells.get("页数") and not re.fullmatch(r"[1-9]\d{0,4}", cells["页数"]):
        yield "页数", f"“{cells['页数'][:20]}”不是页数"


def _pages(data: bytes) -> int | None:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return None
    try:
        return len(pdf)
    finally:
        pdf.close()


def day_of(text: str) -> date | None:
    """A day as people write it in such tables: 2016-09-29, 2016/9/29, 2016.9.29, 2016年9月29日, 20160929. What
    could be two days, 2016111, is none."""
    match = _APART.fullmatch(text.strip()) or _TOGETHER.fullmatch(text.strip())
    if match is None:
        return None
    try:
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return found if 1949 <= found.year <= 2100 else None


def _described(row: Row) -> held.Description | None:
    cells = row.cells
    closed_on = day_of(cells["结案日期"])
    if closed_on is None:
        return None
    importance = next(
        (v for v, label in Importance.choices if label == cells.get("重要程度")), Importance.IMPORTANT
    )
    secrecy = next((v for v, label in Secrecy.choices if label == cells.get("密级")), Secrecy.OPEN)
    return held.Description(
        title=cells["案卷题名"],
        party=cells.get("当事人", ""),
        closed_on=closed_on,
        opened_on=day_of(cells.get("立案日期", "")),
        archive_number=cells["归档号"],
        importance=str(importance),
        secrecy=str(secrecy),
        fonds=cells.get("全宗号", ""),
        catalogue=cells.get("目录号", ""),
    )


def known(numbers: Sequence[str], body_id: int) -> set[str]:
    """Archive numbers of the table that the body has given already."""
    rows = ArchiveRecord.objects.filter(body_id=body_id, number__in=list(numbers))
    return set(rows.values_list("number", flat=True))


def take_in(planned: Planned, find: Finder, *, by: Actor, at: datetime) -> Dossier:
    """Store the scans and open the held dossier; ``examine`` has found nothing wrong with it."""
    entries = []
    for row in planned.rows:
        data = find(row.cells["文件名"])
        if data is None:
            raise Invalid(f"没有找到扫描件“{row.cells['文件名']}”")
        volume = next(v for v, label in Volume.choices if label == row.cells["卷别"])
        entries.append(
            held.HeldEntry(
                title=row.cells["件题名"],
                on=day_of(row.cells["日期"]) or clock.local_date(at),
                volume=volume,
                file=held.file_of(data, row.cells["文件名"], at),
                number=row.cells.get("文号", ""),
            )
        )
    return held.held_open(described=planned.described, entries=entries, kind=SealKind.LEGACY, by=by, at=at)
