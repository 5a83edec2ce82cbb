"""The fast ways in and out of a list say the same as the plain ones."""

import io
import json
from datetime import date
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.catalogue import list_reading, list_rows, list_sheets, packs
from mingzhi.catalogue.list_bridge import in_force
from mingzhi.catalogue.list_cells import data_of_row, row_of_data, text_of
from mingzhi.catalogue.list_schemas import SCHEMAS
from mingzhi.kernel import sheets
from mingzhi.kernel.errors import Invalid

OWN = SCHEMAS["random"]
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], include_characters='"\\,[]{}：（(《》\x7f\x01\n'), max_size=9
)
CITES = st.lists(st.fixed_dictionaries({"title": TEXT, "article": TEXT}), max_size=3)
ROWS = st.lists(
    st.tuples(*(CITES if c.kind == "cites" else TEXT for c in OWN.columns)).map(list), min_size=1, max_size=6
)


@given(ROWS)
def test_a_block_read_by_its_quotation_marks_is_the_block_read_as_json(rows: list[list[object]]) -> None:
    text = list_rows.Columns()(list(zip(*rows, strict=True)))
    assert json.loads(text) == rows and text == json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    shown = [[text_of(c, v) for c, v in zip(OWN.columns, row, strict=True)] for row in rows]
    assert list_sheets._shown(OWN, rows) == shown
    joined = list_sheets._joined(OWN, len(rows), text, {})
    assert joined is None or list(joined) == shown
    led = any(c and (c[0] in sheets.SIGNS or c[0].isspace()) for row in shown for c in row)
    assert joined is None or joined.safe == (not led)


def test_ordinary_blocks_do_go_the_fast_way() -> None:
    rows = [
        [
            "R1",
            "检查",
            "某局",
            [{"title": "条例", "article": "第一条"}],
            "企业",
            "a,[],b",
            "5%",
            "实地",
            "每年",
        ],
        ["R2", "检查", "某局", [], "企业", "", "5%", "实地", ""],
    ]
    odd = json.dumps([[*rows[0][:-1], "}]每年"]], ensure_ascii=False, separators=(",", ":"))
    ended = list_sheets._joined(OWN, 1, odd, {})
    assert ended is not None and next(iter(ended))[-1] == "}]每年", "a cell that begins as a law ends"
    joined = list_sheets._joined(OWN, 2, json.dumps(rows, ensure_ascii=False, separators=(",", ":")), {})
    assert joined is not None and len(joined) == 2
    shown = list(joined)
    assert [r[3] for r in shown] == ["《条例》第一条", ""] and shown[0][5] == "a,[],b"


BARE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters='=+-@＝ \u3000,，"'), max_size=5
)


@given(
    st.integers(2, 4).flatmap(
        lambda n: st.lists(st.lists(BARE, min_size=n, max_size=n), min_size=1, max_size=5)
    )
)
def test_a_block_that_is_one_text_is_written_as_its_rows_are(rows: list[list[str]]) -> None:
    safe = not any(c and (c[0] in sheets.SIGNS or c[0].isspace()) for row in rows for c in row)
    joined = sheets.Joined(sheets.ROW.join(map(sheets.CELL.join, rows)), safe)
    assert list(joined) == rows and len(joined) == len(rows)
    head = ["a", "b"]
    assert b"".join(sheets.csv_parts(head, [joined])) == b"".join(sheets.csv_parts(head, [rows]))
    assert sheets._rows_xml(sheets._safe(joined)) == sheets._rows_xml(sheets._safe(rows))


@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), max_size=5))
def test_a_csv_block_joined_by_hand_is_what_the_csv_writer_writes(rows: list[list[str]]) -> None:
    import csv

    plain = io.StringIO()
    csv.writer(plain, lineterminator="\r\n").writerows(rows)
    assert sheets._csv(rows) == plain.getvalue().encode()


@given(
    st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=5),
    st.lists(TEXT, max_size=3),
    st.lists(st.tuples(BARE.filter(lambda t: "," not in t and '"' not in t), BARE), max_size=4),
    st.sampled_from(["\n", "\r\n", "\r", "\r\r\n"]),
    st.sampled_from([1, 7, 1 << 18]),
)
def test_a_csv_file_split_by_hand_is_what_the_csv_reader_reads(
    rows: list[list[str]], raw: list[str], even: list[tuple[str, str]], end: str, piece: int
) -> None:
    import csv

    plain = io.StringIO()
    csv.writer(plain, lineterminator=end).writerows(rows)
    lines = [f"{a},{b.replace(',', '').replace(chr(34), '')}" for a, b in even]
    text = end.join([*lines, *lines, *raw, ""]) + plain.getvalue() * 2
    wanted = [r for r in csv.reader(io.StringIO(text, newline="")) if any(r)]
    for size, given_ in (
        (1, text.encode("utf-8-sig")),
        (1000, text.encode("utf-8-sig")),
        (3, text.removesuffix(end).encode("gb18030")),
    ):
        with (
            patch.object(list_rows, "SIZE", size),
            patch.object(list_reading, "PIECE", piece),
            patch.object(list_reading, "_utf8", lambda _head, given_=given_: given_[:1] == b"\xef"),
        ):
            chunks = list(list_reading._csv_chunks(io.BytesIO(given_)))
        assert {len(c) for c in chunks[1:-1]} <= {size} and all(len(c) <= size for c in chunks[1:])
        found = [c.rows() if isinstance(c, list_reading.Even) else c for c in chunks]
        assert [r for rows in found for r in rows if any(r)] == wanted


def test_an_ordinary_csv_file_goes_the_fast_way_whatever_ends_its_lines() -> None:
    head = ",".join(c.label for c in OWN.shown)
    line = "R{},检查,某局,《条例》第一条,企业,资质,5%,实地,每年"
    for end, coding in (("\n", "utf-8"), ("\r\n", "utf-8-sig"), ("\r\n", "gb18030")):
        text = end.join([head, *map(line.format, range(2500)), ""])
        first, *chunks = list_reading._csv_chunks(io.BytesIO(text.encode(coding)))
        assert [len(c) for c in (first, *chunks)] == [1, 1000, 1000, 500]
        assert all(isinstance(c, list_reading.Even) for c in chunks)
        mixed = text.replace(line.format(2200), line.format('"2200"'))
        *_, last = list_reading._csv_chunks(io.BytesIO(mixed.encode(coding)))
        assert last[200][0] == "R2200" or last[200][0] == 'R"2200"'
    with patch.object(list_reading, "MOST_LINE", 9_000), pytest.raises(Invalid) as refused:
        list(list_reading._csv_chunks(io.BytesIO(b"x," * 500_000)))
    assert "过长" in refused.value.fields["file"][0]


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), max_size=4))
def test_a_code_that_stands_twice_is_told_with_the_line_where_it_stood_first(blocks: list[list[int]]) -> None:
    reading = list_reading.Reading(OWN, {}, whole=False)
    line, told, known = 2, [], {}
    for block in blocks:
        codes = [str(n) if n else "" for n in block]
        reading._once(list_reading.Lines("表", range(line, line + len(block)), codes), 0)
        for number, code in enumerate(codes, line):
            if code and known.setdefault(code, number) != number:
                told.append((f"A{number}", f"与第 {known[code]} 行的编码重复"))
        line += len(block)
    assert [(c.address, c.sentence) for c in reading.checked.cells] == told


def test_two_words_far_apart_are_refused_before_the_whole_rectangle_is_made() -> None:
    import xlsxwriter

    def workbook(row: int, column: int) -> io.BytesIO:
        made = io.BytesIO()
        with xlsxwriter.Workbook(made) as book:
            sheet = book.add_worksheet()
            sheet.write_string(0, 0, "编码")
            sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
            sheet.write_string(row, column, "某")
        made.seek(0)
        return made

    for row, column in ((1_048_575, 28), (1_900, 16_383), (1_048_575, 16_383)):
        with pytest.raises(Invalid) as refused:
            list(list_reading._sheets(workbook(row, column), "清单.xlsx"))
        assert "远处" in refused.value.fields["file"][0]
    ((_, chunks, _share),) = list_reading._sheets(workbook(40, 30), "清单.xlsx")
    assert [row for chunk in chunks for row in chunk][40][30] == "某", "a format without a word is nothing"


def test_a_cell_that_is_judged_once_is_told_at_every_place() -> None:
    head = ",".join(c.label for c in OWN.shown)
    good = "R{},检查,某局,《条例》第一条,企业,资质,5%,实地,每年"
    lines = [head, good.format(1), good.format(2).replace("《条例》第一条", "条例"), "", ",,,,,,,,"]
    lines += [good.format(3).replace("《条例》第一条", "条例"), good.format(1)]
    reading = list_reading.Reading(OWN, {}, whole=False)
    rows = list(reading.rows(io.BytesIO("\r\n".join(lines).encode()), "清单.csv"))
    assert [row[0] for row in rows] == ["R1", "R2", "R3", "R1"] and reading.checked.rows == 4
    assert [c.address for c in reading.checked.cells] == ["D3", "D6", "A7"]
    assert "第 2 行" in reading.checked.cells[2].sentence


def test_a_row_of_the_engine_survives_the_way_through_a_list_unchanged() -> None:
    for schema in SCHEMAS.values():
        if not schema.engine:
            continue
        found = in_force(schema, "xiashan-chengzong", date(2026, 9, 14), packs.shelf())
        assert found, schema.kind
        for code, data in found.items():
            again = data_of_row(schema, row_of_data(schema, code, data))
            assert again == {k: v for k, v in data.items() if v not in ("", [])}, code
