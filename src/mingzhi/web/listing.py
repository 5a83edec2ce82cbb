"""What desk and public share of a list: its words in either language, its rows as cells, its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from mingzhi.catalogue.api import public_lists

PAGE = 50
WIDE = 9
"""Columns from which a row is shown as a card of its own, since no screen holds them side by side."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def word(thing: Any) -> str:
    """A schema's or a column's label in the language of the page."""
    return str(thing.english if (get_language() or "").startswith("en") else thing.label)


def rows_shown(version: Any, query: str, start: int) -> dict[str, Any]:
    """One page of a version's rows as (code, cells), found by words or from a place on."""
    own = public_lists.list_schema(version.list.kind)
    if query:
        rows, more = public_lists.rows_matching(version, query, PAGE)
        following = None
    else:
        rows, more = public_lists.rows_page(version, start, PAGE), start + PAGE < version.count
        following = start + PAGE if more else None
    places = [(own.place(c.key), c) for c in own.shown]
    return {
        "columns": [{"key": c.key, "label": word(c), "source": c.source} for c in own.shown],
        "rows": [
            {
                "code": row[0],
                "name": public_lists.name_of(own, row),
                "cells": [(word(c), public_lists.text_of(c, row[n])) for n, c in places],
            }
            for row in rows
        ],
        "wide": len(own.shown) > WIDE,
        "query": query,
        "start": start,
        "cut": more and bool(query),
        "following": following,
        "preceding": None if query or not start else max(0, start - PAGE),
    }


def differences(old: Any, new: Any) -> dict[str, Any]:
    """What differs, with columns in words, for the side-by-side table."""
    own = public_lists.list_schema(new.list.kind)
    labels = {c.key: word(c) for c in own.columns}
    told = public_lists.difference(old, new)
    return {
        "added": told.added,
        "removed": told.removed,
        "changed": told.changed,
        "total": told.added + told.removed + told.changed,
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
    }


def file_response(version: Any, form: str) -> StreamingHttpResponse:
    """The version as ``csv`` or ``xlsx``, streamed."""
    parts: Iterator[bytes]
    if form == "csv":
        parts, kind = public_lists.csv_of(version), "text/csv; charset=utf-8"
    elif form == "xlsx":
        parts, kind = public_lists.xlsx_of(version), XLSX
    else:
        raise Http404
    response = StreamingHttpResponse(parts, content_type=kind)
    name = f"{version.list.title}（第{version.number}版）.{form}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response
