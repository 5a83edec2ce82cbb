"""The report as a workbook: one sheet for the whole, one for each body below, one for the units, the words."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import xlsxwriter

from mingzhi.kernel import clock
from mingzhi.supervision import layout, versions, words
from mingzhi.supervision.data import Figures
from mingzhi.supervision.versions import Made, rule_lines

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx(made: Made) -> bytes:
    """The same report gives the same bytes: the moment in the file is the one it was reckoned for."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    moment = clock.local(made.as_of).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": made.title, "author": made.body.name, "created": moment})
    style = {
        "head": book.add_format({"bold": True, "bg_color": "#EEF1F5", "border": 1, "text_wrap": True}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "cell": book.add_format({"border": 1}),
        "number": book.add_format({"border": 1, "num_format": "#,##0"}),
        "money": book.add_format({"border": 1, "num_format": "#,##0.00####" if made.in_wan else "#,##0.00"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    write = _Writer(made, style)
    write.tables(book.add_worksheet("合计"), made.figures, made.title)
    for place, part in enumerate(made.figures.bodies, 1):
        sheet = book.add_worksheet(f"主体{place}")
        own = replace(made.figures, total=part.values, typed=part.typed)
        write.tables(sheet, own, f"{part.name}{made.figures.year}年度")
    write.units(book.add_worksheet("承办机构"))
    text = book.add_worksheet("总体情况说明")
    text.set_column(0, 0, 100)
    for row, line in enumerate(made.narrative.split("\n")):
        text.write_string(row, 0, line, style["wrap"])
    rule = book.add_worksheet("统计规则")
    rule.set_column(0, 2, 40)
    for row, told in enumerate(rule_lines(made.rule)):
        for column, cell in enumerate(told):
            rule.write_string(row, column, cell, style["wrap"])
    book.close()
    return held.getvalue()


class _Writer:
    """Figures into sheets, in the report's own styles."""

    def __init__(self, made: Made, style: dict[str, Any]) -> None:
        self.made = made
        self.style = style

    def _figure(self, sheet: Any, at: tuple[int, int], column: layout.Column, value: int | None) -> None:
        if value is None:
            sheet.write_string(*at, "—", self.style["cell"])
        elif column.money:
            sheet.write_number(*at, value / (1_000_000 if self.made.in_wan else 100), self.style["money"])
        else:
            sheet.write_number(*at, value, self.style["number"])

    def tables(self, sheet: Any, found: Figures, title: str) -> None:
        for place, wide in enumerate((34, 10, 18, 18, 18)):
            sheet.set_column(place, place, wide)
        sheet.write_string(0, 0, title, self.style["title"])
        sheet.write_string(
            1, 0, f"数据截至 {clock.local(self.made.as_of):%Y-%m-%d %H:%M}，第 {self.made.no} 版"
        )
        row = 3
        for table in layout.TABLES:
            split = versions.split(found, table)
            heads = (table.title, "单位", "数量", *(("其中：系统统计", "补报") if split else ()))
            for place, head in enumerate(heads):
                sheet.write_string(row, place, head, self.style["head"])
            for column in table.columns:
                row += 1
                sheet.write_string(row, 0, column.title, self.style["cell"])
                sheet.write_string(row, 1, words.unit_of(column, in_wan=self.made.in_wan), self.style["cell"])
                parts = versions.parts(found, table, column) if split else ()
                for place, value in enumerate((found.total[table.code][column.code], *parts), 2):
                    self._figure(sheet, (row, place), column, value)
            if table.note:
                row += 1
                sheet.write_string(row, 0, f"说明：{table.note}")
            row += 2
        sheet.write_string(row, 0, "“—”为无此项职责；有职责无数据的填 0。")
        sheet.write_string(
            row + 1,
            0,
            "“系统统计”栏为“—”的，本系统不登记该项；“补报”为本系统以外办理、由承办机构报送的数量。",
        )

    def units(self, sheet: Any) -> None:
        sheet.set_column(0, 0, 34)
        sheet.write_string(0, 0, "统计项", self.style["head"])
        for place, part in enumerate(self.made.figures.units, 1):
            sheet.set_column(place, place, 18)
            sheet.write_string(0, place, part.name, self.style["head"])
        columns = [(t, c) for t in layout.TABLES for c in t.columns]
        for row, (table, column) in enumerate(columns, 1):
            sheet.write_string(row, 0, f"{table.title}·{column.title}", self.style["cell"])
            for place, part in enumerate(self.made.figures.units, 1):
                self._figure(sheet, (row, place), column, part.values[table.code][column.code])
