"""A list as a spreadsheet that leaves: CSV, xlsx and JSON, block by block as a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice

from mingzhi.catalogue import list_bridge, list_rows
from mingzhi.catalogue.list_cells import ListRow, text_of
from mingzhi.catalogue.list_queries import Change, differing
from mingzhi.catalogue.list_schemas import Schema, schema
from mingzhi.catalogue.models import ListVersion
from mingzhi.kernel import sheets
from mingzhi.organisations.data import BodyRef


def _blocks(version: ListVersion, own: Schema) -> Iterator[list[list[str]] | sheets.Joined]:
    plain = {c.kind for c in own.columns} <= {"text", "cites"}
    spelt: dict[str, str] = {}
    for part in list_rows.kept(version):
        joined = _joined(own, part.count, part.rows, spelt) if plain else None
        yield joined or _shown(own, json.loads(part.rows))


def _shown(own: Schema, rows: list[ListRow]) -> list[list[str]]:
    """The cells of a block as a person reads them."""
    cells: list[Sequence[str]] = [
        texts if c.kind == "text" else [text_of(c, value) for value in texts]
        for c, texts in zip(own.columns, zip(*rows, strict=True), strict=True)
        if c.kind != "rest"
    ]
    return list(map(list, zip(*cells, strict=True)))


_LAWS, _ENDS = '[{"title":"', '"}]'
_RISKY = re.compile(f'"[{re.escape("".join(sheets.SIGNS))}\\s]')


def _joined(own: Schema, count: int, text: str, spelt: dict[str, str]) -> sheets.Joined | None:
    """The same from the block's bytes, without reading them as JSON: where nothing is escaped every quotation
    mark is structure. ``spelt`` remembers how laws with their articles read. ``None`` where that would not do.

    Passes over the whole text are what costs, hence a single character wherever one will do."""
    if "\\" in text or "(" in text or ")" in text or "（" in text or "《" in text:
        return None
    parts = text.split(_LAWS)
    found = [parts[0]]
    for part in parts[1:]:
        laws, _ends, rest = part.partition(_ENDS)
        if (said := spelt.get(laws)) is None:
            said = laws.replace('","article":"', "》").replace('"},{"title":"', "；《")
            said = f'"《{said}"'
            if len(spelt) < list_rows.REMEMBERED:
                spelt[laws] = said
        found += (said, rest)
    text = "".join(found)
    if text.count("[") > count + 1:  # nothing in a cell of many
        text = text.replace('",[],"', '","","').replace('",[]]', '",""]')
    width = len(own.columns)
    if text.count('"') != 2 * count * width:
        return None
    safe = _RISKY.search(text) is None
    commas = text.count(",") > count * width - 1
    text = text[3:-3].replace('"],["', sheets.ROW)
    text = text.replace('","', sheets.CELL) if commas else text.replace('"', "").replace(",", sheets.CELL)
    shape = text.count(sheets.ROW) + 1, text.count(sheets.CELL)
    return sheets.Joined(text, safe) if shape == (count, count * (width - 1)) else None


def csv_of(version: ListVersion) -> Iterator[bytes]:
    own = list_bridge.schema_of(version)
    return sheets.csv_parts([c.label for c in own.shown], _blocks(version, own))


def xlsx_of(version: ListVersion) -> Iterator[bytes]:
    own = list_bridge.schema_of(version)
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


CHANGE_NAMES = {"added": "新增", "removed": "减少", "changed": "修改"}


def change_csv(version: ListVersion, changes: Iterable[Change], before: str, after: str) -> Iterator[bytes]:
    """What differs as a table, a line per cell; ``before`` and ``after`` head the two contents."""
    return sheets.csv_parts(_change_head(version, before, after), _change_blocks(version, changes))


def change_xlsx(version: ListVersion, changes: Iterable[Change], before: str, after: str) -> Iterator[bytes]:
    head = _change_head(version, before, after)
    return sheets.xlsx_parts("差别", head, _change_blocks(version, changes))


def difference_csv(old: ListVersion | None, new: ListVersion) -> Iterator[bytes]:
    return change_csv(new, differing(old, new), "前一版本", "本版本")


def difference_xlsx(old: ListVersion | None, new: ListVersion) -> Iterator[bytes]:
    return change_xlsx(new, differing(old, new), "前一版本", "本版本")


def _change_head(version: ListVersion, before: str, after: str) -> list[str]:
    return [schema(version.list.kind).columns[0].label, "名称", "差别", "栏目", before, after]


def _change_blocks(version: ListVersion, changes: Iterable[Change]) -> Iterator[list[list[str]]]:
    labels = {c.key: c.label for c in schema(version.list.kind).columns}
    lines = (
        [c.code, c.name, CHANGE_NAMES[c.kind], labels.get(key, ""), before, after]
        for c in changes
        for key, before, after in c.cells or (("", "", ""),)
    )
    return iter(lambda: list(islice(lines, list_rows.SIZE)), [])


def reference_csv(kind: str, body: BodyRef, on: date) -> Iterator[bytes]:
    """The shipped rows that apply to a body which has published no list of its own."""
    own = list_bridge.named(schema(kind), body, on)
    rows = _shown(own, list(list_bridge.rows_in_force(own, body, on)))
    return sheets.csv_parts([c.label for c in own.shown], [rows] if rows else [])


def blank_xlsx(kind: str) -> Iterator[bytes]:
    """An empty sheet with the right heads, to be filled in and imported."""
    own = schema(kind)
    return sheets.xlsx_parts(own.label, [c.label for c in own.shown], [])
