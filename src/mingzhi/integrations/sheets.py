"""Rows as xlsx, CSV or JSON, in the columns given. Cells are text or exact decimals; no program takes one for
a formula (in CSV by the mark of ``kernel.sheets``; JSON is exact)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import xlsxwriter

from mingzhi.kernel import sheets
from mingzhi.kernel.errors import NotFound

Row = dict[str, str]


def written(form: str, columns: Sequence[tuple[str, str]], rows: Sequence[Row], gone: Sequence[Row]) -> bytes:
    """``rows`` by column code under their names; ``gone`` are withdrawals (number, reason) apart.

    ``form``: ``xlsx`` (withdrawals on a sheet of their own), ``json`` (codes as keys), ``csv`` (rows),
    ``csv-withdrawn`` (withdrawals). CSV is UTF-8 with a mark, as spreadsheets here expect it.
    """
    if form == "xlsx":
        return _xlsx(columns, rows, gone)
    if form == "json":
        return json.dumps(
            {"records": list(rows), "withdrawn": list(gone)}, ensure_ascii=False, indent=1
        ).encode()
    if form == "csv":
        return _csv(columns, rows)
    if form == "csv-withdrawn":
        return _csv(GONE, gone)
    raise NotFound


GONE = (("number", "决定书文号"), ("reason", "撤下理由"))


def _csv(columns: Sequence[tuple[str, str]], rows: Sequence[Row]) -> bytes:
    lines = [[row.get(code, "") for code, _ in columns] for row in rows]
    return b"".join(sheets.csv_parts([name for _, name in columns], [lines]))


def _xlsx(columns: Sequence[tuple[str, str]], rows: Sequence[Row], gone: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    for title, heads, lines in (("报送", columns, rows), ("撤下", GONE, gone)):
        sheet = book.add_worksheet(title)
        for n, (code, name) in enumerate(heads):
            sheet.write_string(0, n, name)
            for line, row in enumerate(lines, start=1):
                sheet.write_string(line, n, row.get(code, ""))
    book.close()
    return out.getvalue()
