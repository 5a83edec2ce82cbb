"""Lists that rule the engine: from the rows in force to a draft, and from a published version to ``Entry`` rows.

A version holds every row that applies to the agency; only where it says other than the scopes
above (profile, field, nation) does it need entries of its own, in scope ``body:<id>``. So what the
engine reads is what the version says, and what a higher level changes later shows as ``drift``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from mingzhi.catalogue import list_rows, lists, norms, packs, queries
from mingzhi.catalogue.data import ReviewRule
from mingzhi.catalogue.errors import BadList
from mingzhi.catalogue.list_cells import CellProblem, ListRow, data_of_row, row_of_data
from mingzhi.catalogue.list_models import ListVersion
from mingzhi.catalogue.list_schemas import Schema, schema
from mingzhi.catalogue.models import Entry
from mingzhi.catalogue.norms import HasProfile
from mingzhi.catalogue.shelf import Row, Shelf, scopes_of
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import MingzhiError
from mingzhi.organisations.data import BodyRef

Data = dict[str, Any]


def scope(body: BodyRef) -> str:
    return f"body:{body.id}"


def in_force(schema: Schema, body: HasProfile | str, on: date, shelf: Shelf | None = None) -> dict[str, Data]:
    """Code → data of the rows that apply on a day. A profile key instead of a body leaves its own rows out."""
    shelf = shelf or queries.shelf()
    if schema.engine == "recording":
        return {
            r.act: {"label": r.label, "mode": r.mode, "content": r.content, "citation": r.citation}
            for r in lists.recording_list(shelf, body=body, on=on)
        }
    field = norms.profile(body if isinstance(body, str) else body.profile).field
    found = {}
    for row in shelf.all(schema.engine, scopes_of(body), on):
        data = canonical.plain(dict(row.data))
        if schema.engine == "item" and data["field"] not in (field, "common"):
            continue
        if schema.engine == "benchmark" and _foreign(shelf, data["item"], body, on, field):
            continue
        if schema.mine(data):
            found[row.code] = data
    return found


def named(own: Schema, body: HasProfile, on: date) -> Schema:
    """The columns with the names of the items that their codes stand for, as the body knows them on a day."""
    if all(c.kind != "item" for c in own.columns):
        return own
    names = {row.code: row.data["name"] for row in queries.shelf().all("item", scopes_of(body), on)}
    columns = tuple(replace(c, options=names) if c.kind == "item" else c for c in own.columns)
    return replace(own, columns=columns)


def schema_of(version: ListVersion) -> Schema:
    """The columns of a version as a person reads and writes them."""
    return named(schema(version.list.kind), version.list.body, version.valid_from)


def _foreign(shelf: Shelf, item: str, body: HasProfile | str, on: date, field: str) -> bool:
    row = shelf.find("item", item, scopes_of(body), on)
    return row is None or row.data["field"] not in (field, "common")


def rows_in_force(schema: Schema, body: BodyRef, on: date) -> Iterator[ListRow]:
    """The rows that apply to the body on a day, as a first draft, in code order."""
    for code, data in sorted(in_force(schema, body, on).items()):
        yield row_of_data(schema, code, data)


def review_rules(version: ListVersion) -> tuple[ReviewRule, ...]:
    """The rules that a version of the review list would make, whatever its state: so that it can be tried before
    anybody approves it (R115). A row without a predicate catches nothing and is left out."""
    found = ((row[0], data_of_row(schema(version.list.kind), row)) for row in list_rows.rows(version))
    return tuple(
        ReviewRule(
            code, data["label"], data["predicate"], data["citation"], bool(data.get("unconfirmed", False))
        )
        for code, data in found
        if data.get("predicate")
    )


def plain(schema: Schema, code: str, data: Data) -> Data:
    """Data in the one spelling a list row gives back, so that equal rows compare equal."""
    return data_of_row(schema, row_of_data(schema, code, data))


def problems(schema: Schema, body: BodyRef, rows: Iterable[ListRow], on: date) -> Iterator[CellProblem]:
    """What the engine could not use, and what would be less than the scopes above demand."""
    above = in_force(schema, body.profile, on)
    seen = set()
    for number, row in enumerate(rows, 1):
        code, data = row[0], data_of_row(schema, row)
        seen.add(code)
        try:
            packs.check_row(schema.engine, code, data, "")
        except MingzhiError as error:
            yield CellProblem(
                number,
                "code",
                code,
                error.facts.get("why", error.sentence),
                "适用条件、阶次、幅度等结构化内容由系统管理员以 mingzhi catalogue load 装入后再列入清单",
            )
        if schema.engine == "recording" and code in above:
            modes = packs.RECORDING_MODES
            if modes.index(data.get("mode", "optional")) < modes.index(above[code]["mode"]):
                yield CellProblem(
                    number, "mode", str(data.get("mode", "")), "低于上级清单的要求", "只能更严，不能更宽"
                )
    if schema.engine == "recording":
        for code in sorted(set(above) - seen):
            yield CellProblem(
                0,
                "code",
                code,
                f"缺少上级清单要求的“{above[code]['label']}”",
                "请补列，不能删除上级要求记录的行为",
            )


def entries(
    schema: Schema, body: BodyRef, rows: Iterable[ListRow], start: date
) -> tuple[list[Row], list[tuple[Entry, date]]]:
    """Entries to add and entries to end so that from ``start`` on the engine reads exactly these rows."""
    above = {c: plain(schema, c, d) for c, d in in_force(schema, body.profile, start).items()}
    wanted: dict[str, Data] = {row[0]: data_of_row(schema, row) for row in rows}
    standing = {
        e.code: e
        for e in Entry.objects.filter(kind=schema.engine, scope=scope(body), valid_to=None)
        if schema.mine(e.data)
    }
    add: list[Row] = []
    end: list[tuple[Entry, date]] = []
    for code in sorted({*above, *wanted, *standing}):
        data: Data | None = wanted.get(code)
        if data is None and code in above:
            data = {**above[code], "off": True}
        elif data == above.get(code):
            data = None
        own = standing.get(code)
        if own is not None:
            if data is not None and own.data == data:
                continue
            if own.valid_from >= start:
                raise BadList(why=f"{code} 自 {own.valid_from} 起已有本机关内容，新版本须晚于该日生效")
            end.append((own, start))
        if data is not None:
            add.append(Row(schema.engine, scope(body), code, start, None, data))
    return add, end


def closing(schema: Schema, body: BodyRef, day: date) -> list[tuple[Entry, date]]:
    """The body's own entries of this list, to end on ``day``: the lists above rule again."""
    standing = Entry.objects.filter(kind=schema.engine, scope=scope(body), valid_to=None)
    return [(e, day) for e in standing if schema.mine(e.data)]


def drift(schema: Schema, body: BodyRef, rows: Iterable[ListRow], on: date) -> list[str]:
    """Codes for which the engine reads other than these rows say: a higher list was changed since."""
    read = {c: plain(schema, c, d) for c, d in in_force(schema, body, on).items()}
    said = {row[0]: data_of_row(schema, row) for row in rows}
    return sorted(c for c in {*read, *said} if read.get(c) != said.get(c))
