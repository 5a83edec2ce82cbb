"""The index table of scanned files, hostile or broken: refused with a sentence, never read into all memory."""

from __future__ import annotations

from datetime import date

import pytest

from mingzhi.dossiers import scans
from mingzhi.kernel.errors import Invalid
from tests.kernel.test_workbooks import NEAR, book

FAR = f'{NEAR}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (book(FAR).getvalue(), "远处有零散的内容"),
        (book(NEAR + " " * (scans.MOST_UNPACKED + 1)).getvalue(), "解压后过大"),
        (book(NEAR, content_xml="<office/>").getvalue(), "目录表应为 xlsx 文件"),
        (b"\xd0\xcf\x11\xe0" * 200, "目录表应为 xlsx 文件"),
    ],
    ids=["far", "large", "other", "old"],
)
def test_a_table_that_must_not_be_read_is_refused_at_its_field(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as wrong:
        scans.read(data, "目录.xlsx")
    assert said in wrong.value.fields["index"][0]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2016-09-29", date(2016, 9, 29)),
        (" 2016/9/29", date(2016, 9, 29)),
        ("2016.9.9", date(2016, 9, 9)),
        ("2016年9月29日", date(2016, 9, 29)),
        ("20160929", date(2016, 9, 29)),
        ("2020-02-29", date(2020, 2, 29)),
        ("2019-02-29", None),
        ("2016111", None),
        ("201699", None),
        ("2016-929", None),
        ("1948-12-31", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_write_it_and_never_guessed(text: str, day: date | None) -> None:
    assert scans.day_of(text) == day
