"""Tables that leave: every cell arrives as it was, no cell runs, memory does not grow with the rows."""

import csv
import io
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from mingzhi.kernel import sheets

CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t=+-@<>&\"',;"), max_size=12
)


def read(parts: object) -> list[list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(parts)))  # type: ignore[call-overload]
    return [book.get_sheet_by_name(n).to_python() for n in book.sheet_names]


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read_back_and_no_cell_is_a_formula(rows: list[list[str]]) -> None:
    head = ["编码", "名称", "依据"]
    out = b"".join(sheets.csv_parts(head, [rows]))
    got = list(csv.reader(io.StringIO(out.decode("utf-8-sig"), newline="")))
    assert [[sheets.bare_cell(c) for c in r] for r in got] == [head, *rows]
    for cell in (c for r in got[1:] for c in r):
        assert cell.lstrip()[:1] not in sheets.SIGNS or not cell.strip()


@pytest.mark.parametrize(
    "text", ["=1+1", "＝cmd", " +1", "-2", "@x", "\t=1", "'=1", "'", "", "5%", "《法》<b>&"]
)
def test_a_risky_cell_is_marked_once_and_the_mark_comes_off(text: str) -> None:
    safe = sheets.safe_cell(text)
    assert sheets.bare_cell(safe) == text or text.startswith("'=")
    assert not sheets.safe_rows([[text]])[0][0].lstrip().startswith(("=", "＝", "+", "-", "@"))
    assert read(sheets.xlsx_parts("表", ["栏"], [[[text, "末"]]]))[0][1][0] == safe.replace("\t", "\t")


def test_more_rows_than_a_sheet_holds_go_on_another_with_the_same_head(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    blocks = [[[str(n)] for n in range(start, start + 5)] for start in (0, 5)]
    found = read(sheets.xlsx_parts("[清单]:*?", ["编码"], blocks))
    assert [s[0] for s in found] == [["编码"]] * len(found)
    assert [row[0] for sheet in found for row in sheet[1:]] == [str(n) for n in range(10)]
    assert len(found) == 4 and all(len(s) <= 4 for s in found)


def test_a_sheet_packed_beside_its_making_is_whole_however_small_the_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks = [[[str(n), f"第{n}项"] for n in range(start, start + 50)] for start in range(0, 400, 50)]
    whole = read(sheets.xlsx_parts("表", ["编码", "名称"], blocks))
    monkeypatch.setattr(sheets, "PIECE", 1)
    parts = [p for p in sheets.xlsx_parts("表", ["编码", "名称"], blocks) if p]
    assert len(parts) > 1 and read(parts) == whole == [[["编码", "名称"], *(r for b in blocks for r in b)]]


@pytest.mark.parametrize("taken", [1, 3])
def test_who_takes_no_more_of_a_sheet_or_gets_no_more_rows_leaves_nobody_at_work(
    monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setattr(sheets, "PIECE", 1)
    before = threading.active_count()
    parts = sheets.xlsx_parts("表", ["编码"], ([[str(n)]] for n in range(99)))
    for _ in range(taken):
        next(parts)
    parts.close()
    assert threading.active_count() == before

    def ended() -> Iterator[list[list[str]]]:
        yield [["1"]]
        raise LookupError

    with pytest.raises(LookupError):
        list(sheets.xlsx_parts("表", ["编码"], ended()))
    assert threading.active_count() == before


def test_controls_and_our_own_separators_cannot_break_the_file() -> None:
    found = read(sheets.xlsx_parts("表", ["甲", "乙"], [[["a\x00b\x01c", "d\x02e\x1f"], ["\ufffe", "ok"]]]))
    assert found == [[["甲", "乙"], ["abc", "de"], ["", "ok"]]]
