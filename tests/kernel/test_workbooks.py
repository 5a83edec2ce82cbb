"""A workbook that would take all memory there is is told from one that may be read, however it is written."""

from __future__ import annotations

import io
import zipfile

import pytest

from mingzhi.kernel import sheets
from mingzhi.kernel.workbooks import Unfit, unfit

MB = 1 << 20
NEAR = '<row r="1"><c r="A1"><v>1</v></c></row>'


def book(sheet: str, part: str = "xl/worksheets/sheet1.xml", **more: str) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr(part, f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
        for name, content in more.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), content)
    return made


@pytest.mark.parametrize(
    "sheet",
    [
        f'{NEAR}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        f"{NEAR}<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        f'{NEAR}<x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        f'{NEAR}<row\nr="1048576"><c\ns="1"\tr = "xfd1048576"><v>1</v></c></row>',
        '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>',
        f'{NEAR}<row r="9"><c s=">" r="XFD1048576"><v>1</v></c></row>',
    ],
)
def test_two_words_far_apart_are_found_however_they_are_written(sheet: str) -> None:
    for part in ("xl/worksheets/sheet1.xml", "xl/elsewhere/s.dat"):
        assert unfit(book(sheet, part), unpacked=MB, cells=1000) == Unfit.FAR


def test_rows_and_cells_without_a_place_follow_what_stands_before_them() -> None:
    sheet = "<row><c><v>1</v></c><c><v>2</v></c></row>" * 50
    assert unfit(book(sheet), unpacked=MB, cells=100) is None
    assert unfit(book(sheet), unpacked=MB, cells=99) == Unfit.FAR


def test_formats_without_content_take_no_room() -> None:
    far = f'{NEAR}<row r="1048576" s="1"/><row r="9"><c r="XFD9" s="2"/></row>'
    assert unfit(book(far), unpacked=MB, cells=1) is None


def test_what_is_large_or_another_kind_of_file_is_refused_before_it_is_read() -> None:
    assert unfit(book(NEAR + " " * MB), unpacked=MB, cells=1) == Unfit.LARGE
    assert unfit(book(NEAR, content_xml="<office/>"), unpacked=MB, cells=1) == Unfit.BROKEN
    assert unfit(book(NEAR, xl__workbook_bin=""), unpacked=MB, cells=1) == Unfit.BROKEN
    cut = book(NEAR).getvalue()[:-30]
    for data in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200, cut):
        assert unfit(io.BytesIO(data), unpacked=MB, cells=1) == Unfit.BROKEN


def test_our_own_workbooks_are_read_and_the_file_stands_at_its_beginning() -> None:
    rows = [[f"{n}", "某某", "=1+1"] for n in range(300)]
    file = io.BytesIO(b"".join(sheets.xlsx_parts("清单", ["编码", "名称", "说明"], [rows])))
    assert unfit(file, unpacked=MB, cells=301 * 3) is None and file.tell() == 0
    assert unfit(file, unpacked=MB, cells=301 * 3 - 1) == Unfit.FAR
