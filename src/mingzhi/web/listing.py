"""What desk and public share of a list: its words in either language, its rows as cells, its files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from mingzhi.catalogue.api import public_lists
from mingzhi.web import chart_words, flowchart

PAGE = 50
LARGE = 20_000
"""Rows up to which a page reads a whole list to compare or to examine it; the steps themselves always do."""
WIDE = 9
"""Columns from which a row is shown as a card of its own, since no screen holds them side by side."""
CSV = "text/csv; charset=utf-8"
INTERNAL = ("编码",)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def word(thing: Any) -> str:
    """A schema's or a column's label in the language of the page."""
    return str(thing.english if (get_language() or "").startswith("en") else thing.label)


def origins(text: str, document: str) -> str:
    """Of the places that ask for a list or a column, those of the bureau's own ``document`` and of the law."""
    return "；".join(p for p in text.split("；") if p.startswith("《") or (p and document.startswith(p[:2])))


def rows_shown(
    version: Any, query: str, start: int, *, size: int = PAGE, coded: bool = True
) -> dict[str, Any]:
    """One page of a version's rows as (code, cells), found by words or from a place on. ``coded``: with the
    codes by which the programs know rows; the public reads names (codes that a document asks for stay)."""
    own = public_lists.schema_of(version)
    columns = tuple(c for c in own.shown if coded or c.label not in INTERNAL)
    if query:
        rows, more = public_lists.rows_matching(version, own, query, PAGE)
        following = None
    else:
        rows, more = public_lists.rows_page(version, start, size), start + size < version.count
        following = start + PAGE if more else None
    places = [(own.place(c.key), c) for c in columns]
    return {
        "columns": [{"key": c.key, "label": word(c), "source": c.source} for c in columns],
        "rows": [
            {
                "code": row[0],
                "name": public_lists.name_of(own, row),
                "cells": [(word(c), public_lists.text_of(c, row[n])) for n, c in places],
            }
            for row in rows
        ],
        "wide": len(own.shown) > WIDE,
        "coded": coded,
        "query": query,
        "start": start,
        "cut": more and bool(query),
        "following": following,
        "preceding": None if query or not start else max(0, start - PAGE),
    }


def chart_svg(version: Any, size: flowchart.Type = flowchart.SCREEN) -> str:
    """The flow chart of a published version, drawn from its rows alone."""
    own = public_lists.list_schema(version.list.kind)
    place = {key: n for n, key in enumerate(own.keys)}
    english = (get_language() or "").startswith("en")
    nodes: dict[str, list[flowchart.Node]] = {"state": [], "step": []}
    for row in public_lists.rows_page(version, 0, version.count):
        label = row[place["label"]]
        said = chart_words.said(label)
        nodes[row[place["row"]]].append(
            flowchart.Node(
                label=label,
                stage=row[place["stage"]],
                shown=f"{said}　{label}" if english and said != label else "",
                sources=tuple(row[place["sources"]]),
                targets=tuple(row[place["targets"]]),
                who=row[place["who"]] if row[place["row"]] == "step" else "",
                terms=tuple(row[place["terms"]]),
                papers=tuple(row[place["papers"]]),
                citation=row[place["citation"]],
                final=row[place["row"]] == "state" and bool(row[place["who"]]),
            )
        )
    return flowchart.svg(version.list.title, nodes["state"], nodes["step"], chart_words.said, size=size)


def turned(start: int, total: int) -> dict[str, int | None]:
    """Where the page before and the page after the one from ``start`` begin."""
    return {
        "start": start,
        "following": start + PAGE if start + PAGE < total else None,
        "preceding": max(0, start - PAGE) if start else None,
        "first": min(start + 1, total),
        "last": min(start + PAGE, total),
    }


def differences(old: Any, new: Any, start: int = 0) -> dict[str, Any]:
    """What differs, with columns in words, for the side-by-side table; one page of it from ``start``."""
    own = public_lists.list_schema(new.list.kind)
    labels = {c.key: word(c) for c in own.columns}
    told = public_lists.difference(old, new, start=start, size=PAGE)
    total = told.added + told.removed + told.changed
    return {
        "added": told.added,
        "removed": told.removed,
        "changed": told.changed,
        "total": total,
        "old": old,
        "new": new,
        "lines": [
            {
                "code": c.code,
                "name": c.name,
                "kind": c.kind,
                "cells": [(labels[key], before, after) for key, before, after in c.cells],
            }
            for c in told.shown
        ],
        **turned(start, total),
    }


def difference_response(old: Any, new: Any, form: str) -> StreamingHttpResponse:
    """What ``new`` says other than ``old``, as ``csv`` or ``xlsx``."""
    of = {"csv": public_lists.difference_csv, "xlsx": public_lists.difference_xlsx}.get(form)
    if of is None:
        raise Http404
    return _table(of(old, new), f"{new.list.title}（第{new.number}版）与上一版比较.{form}")


def pattern_response(guide: Any, on: date, form: str) -> StreamingHttpResponse:
    """What a list handed down would change in one's own, as ``csv`` or ``xlsx``."""
    of = {"csv": public_lists.pattern_csv, "xlsx": public_lists.pattern_xlsx}.get(form)
    if of is None:
        raise Http404
    version = guide.version
    return _table(of(guide, on), f"{version.list.title}（第{version.number}版）与本机关清单的差别.{form}")


def _table(parts: Iterator[bytes], name: str) -> StreamingHttpResponse:
    kind = XLSX if name.endswith(".xlsx") else "application/json" if name.endswith(".json") else CSV
    response = StreamingHttpResponse(parts, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def file_response(version: Any, form: str) -> StreamingHttpResponse:
    """The version as ``csv``, ``xlsx`` or ``json``, streamed."""
    of = {"csv": public_lists.csv_of, "xlsx": public_lists.xlsx_of, "json": public_lists.json_of}.get(form)
    if of is None:
        raise Http404
    return _table(of(version), f"{version.list.title}（第{version.number}版）.{form}")
