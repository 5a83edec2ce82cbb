"""A cell as a person reads or types it, and what it is stored as; what is wrong with a row, cell by cell. Pure.

A row is a list of values in the order of its schema's columns: text, a list of texts, a list of
``{title, article}``, or (``rest``) a mapping. ``None`` and empty are the same: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mingzhi.catalogue.data import Citation
from mingzhi.catalogue.list_schemas import Column, Schema

Value = Any
ListRow = list[Value]
_CITE = re.compile(r"《([^《》]+)》([^《》；;]*)")
_MANY = re.compile(r"[、；;\n]")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One bad cell: the row's number in its source (1 is the first row of data), the column, what is wrong."""

    row: int
    column: str
    value: str
    sentence: str
    remedy: str


def text_of(column: Column, value: Value) -> str:
    """The cell as shown, exported and put into forms."""
    if value is None or value in ("", []):
        return ""
    match column.kind:
        case "many":
            return "、".join(map(str, value))
        case "choice":
            return column.options.get(value, str(value))
        case "choices":
            return "、".join(column.options.get(v, str(v)) for v in value)
        case "cites":
            return "；".join(Citation(c["title"], c.get("article", "")).text for c in value)
        case "item":
            name = column.options.get(value)
            return f"{name}（{value}）" if name else str(value)
        case "rest":
            return ""
    return str(value)


def value_of(column: Column, text: str) -> Value:
    """What a typed or imported cell is stored as. ``ValueError`` with a sentence when it cannot be."""
    text = text.strip()
    if not text:
        return [] if column.kind in ("many", "choices", "cites") else {} if column.kind == "rest" else ""
    match column.kind:
        case "many":
            return [part.strip() for part in _MANY.split(text) if part.strip()]
        case "choice":
            return _option(column, text)
        case "choices":
            return [_option(column, part.strip()) for part in _MANY.split(text) if part.strip()]
        case "cites":
            return _cites(text)
        case "item":
            return _item(column, text)
    return text


def _item(column: Column, text: str) -> str:
    """The code of an item given by its name with the code behind it, or by one of the two."""
    code = text.rpartition("（")[2].removesuffix("）")
    if code in column.options:
        return code
    return next((code for code, name in column.options.items() if name == text), text)


def _option(column: Column, text: str) -> str:
    for value, label in column.options.items():
        if text in (value, label):
            return value
    raise ValueError(f"只能填写：{'、'.join(column.options.values())}")


def _cites(text: str) -> list[dict[str, str]]:
    found = [
        {"title": title.strip(), "article": article.strip(" ，,。、")}
        for title, article in _CITE.findall(text)
    ]
    if not found or not all(c["article"] for c in found) or _CITE.sub("", text).strip("；;，,、。 \n"):
        raise ValueError("每条依据写成《法律名称》第…条，多条之间用分号隔开")
    return found


def sound(text: str) -> bool:
    """Whether every character prints: line breaks and tabs may stand in a cell, nothing else that is invisible."""
    return text.isprintable() or text.replace("\n", "").replace("\t", "").replace("\u3000", "").isprintable()


def cell_problem(column: Column, value: Value) -> tuple[str, str] | None:
    """(what is wrong, what to do) with a stored value; ``None`` when nothing is."""
    text = text_of(column, value)
    if not text:
        return (f"“{column.label}”为空", "请填写") if column.required else None
    if len(text) > column.most:
        return f"“{column.label}”有 {len(text)} 个字", f"不得超过 {column.most} 个字，请缩短"
    if not sound(text):
        return f"“{column.label}”含有不可见的控制字符", "请删除后重新录入"
    if column.kind == "choice" and value not in column.options:
        return f"“{column.label}”不在可选范围之内", f"只能填写：{'、'.join(column.options.values())}"
    return None


def problems(schema: Schema, rows: Sequence[ListRow]) -> list[CellProblem]:
    """Everything wrong with these rows, in order: cells, and codes that occur twice."""
    found: list[CellProblem] = []
    first: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        for column, value in zip(schema.columns, row, strict=True):
            if column.kind != "rest" and (wrong := cell_problem(column, value)) is not None:
                found.append(CellProblem(number, column.key, text_of(column, value)[:80], *wrong))
        code = row[0]
        if code and (before := first.setdefault(code, number)) != number:
            found.append(twice(schema, number, code, before))
    return found


def twice(schema: Schema, number: int, code: str, before: int) -> CellProblem:
    return CellProblem(
        number,
        "code",
        code[:80],
        f"“{schema.columns[0].label}”与第 {before} 行重复",
        "一个编码只能有一行，请改正或者合并",
    )


def empty_row(schema: Schema) -> ListRow:
    return [value_of(c, "") for c in schema.columns]


def row_of_data(schema: Schema, code: str, data: dict[str, Any]) -> ListRow:
    """An engine row as a list row: declared keys in their columns, everything else in ``rest``."""
    declared = set(schema.keys)
    row: ListRow = []
    for column in schema.columns:
        if column.key == "code":
            row.append(code)
        elif column.kind == "rest":
            row.append({k: v for k, v in data.items() if k not in declared})
        else:
            empty = value_of(column, "")
            row.append(data.get(column.key, empty))
    return row


def data_of_row(schema: Schema, row: ListRow) -> dict[str, Any]:
    """The engine's data of a list row; the inverse of ``row_of_data`` (empty cells are left out)."""
    data: dict[str, Any] = {}
    for column, value in zip(schema.columns, row, strict=True):
        if column.kind == "rest":
            data |= value or {}
        elif column.key != "code" and value not in ("", [], None):
            data[column.key] = value
    return data
