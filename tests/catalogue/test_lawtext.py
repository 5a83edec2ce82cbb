"""Reading the law: numerals, citations, articles, and what is said of a broken text."""

import csv
import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.catalogue import lawtext
from mingzhi.catalogue.errors import BadCitation
from tests.shared_data import shared


def table(name: str) -> list[dict[str, str]]:
    """Rows of a shared CSV file."""
    return list(csv.DictReader(io.StringIO(shared(name).read_text(encoding="utf-8-sig"), newline="")))


@given(st.integers(1, 9999))
def test_numerals_go_both_ways(value: int) -> None:
    assert lawtext.number_of(lawtext.numeral(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("十", 10), ("十一", 11), ("二十", 20), ("一百零一", 101), ("二百〇九", 209), ("１２", 12), ("43", 43)],
)
def test_numerals(text: str, value: int) -> None:
    assert lawtext.number_of(text) == value


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("《公路法》第七十六条第一项", ("公路法", 76, 0, 0, 1)),
        ("《中华人民共和国刑法》第一百二十条之一第二款", ("中华人民共和国刑法", 120, 1, 2, 0)),
        ("水法第69条第1款", ("水法", 69, 0, 1, 0)),
        ("《行政处罚法》第六十四条第（二）项", ("行政处罚法", 64, 0, 0, 2)),
        ("《民事诉讼法》（以下简称本法）第二条", ("民事诉讼法", 2, 0, 0, 0)),
        ("《最高人民法院关于适用〈中华人民共和国行政诉讼法〉的解释》第四十八条", None),
    ],
)
def test_citations(text: str, parts: tuple[str, int, int, int, int] | None) -> None:
    found = lawtext.parse_citation(text)
    if parts is None:
        assert lawtext.short_title(found.title) == "最高人民法院关于适用行政诉讼法的解释"
    else:
        assert (found.title, found.number, found.sub, found.paragraph, found.item) == parts


def test_a_bare_article_belongs_to_the_title_before_it() -> None:
    found = list(
        lawtext.citations_in("依据《公路法》第四十四条第一款、第七十六条第一项，以及《水法》第六十九条")
    )
    assert [(c.title, c.number) for c in found] == [("公路法", 44), ("公路法", 76), ("水法", 69)]


@pytest.mark.parametrize("text", ["", "第一条", "《公路法》", "没有引用"])
def test_what_is_no_citation_is_refused(text: str) -> None:
    with pytest.raises(BadCitation):
        lawtext.parse_citation(text)


def test_agreement_with_the_560_collected_citations() -> None:
    rows = table("search/citations.csv")
    wrong = []
    for row in rows:
        found = lawtext.parse_citation(row["citation"])
        wanted = tuple(int(row[k] or 0) for k in ("article", "sub", "paragraph", "item"))
        same = lawtext.short_title(found.title) == lawtext.short_title(row["law"])
        if not same or (found.number, found.sub, found.paragraph, found.item) != wanted:
            wrong.append(row["citation"])
    assert len(rows) == 560 and wrong == []


def test_citations_lead_to_the_same_article_as_the_collected_ones() -> None:
    laws: dict[str, list[str]] = {}
    with gzip.open(shared("search/laws_index.json.gz"), "rt", encoding="utf-8") as file:
        for law in json.load(file):
            laws.setdefault(lawtext.short_title(law["title"]), []).append(law["law_id"])
    asked = right = 0
    for row in table("search/citations.csv"):
        if row["status"] != "resolved":
            continue
        found = lawtext.parse_citation(row["citation"])
        number = f"{found.number}" + (f"-{found.sub}" if found.sub else "")
        got = {f"{law}-{number}" for law in laws.get(lawtext.short_title(found.title), [])}
        asked += 1
        right += bool(got & set(row["target_ids"].split("|")))
    assert asked == 494 and right >= 490


SAMPLE = """# 示例条例

2019年1月2日 示例机关公布

2021年３月４日 第一次修订

<!-- INFO END -->

## 第一章　总　则

第一条 为了示例，制定本条例。

第二条 第一款。

第三条规定的情形，属于第二款的延续。

（一）第一项；

### 第一节 分则

第三条　第三条正文。

第三条之一 增加的一条。

第四条 本条例自2019年5月1日起施行。
"""


def test_articles_chapters_paragraphs_and_inserted_articles() -> None:
    read = lawtext.read(SAMPLE, "示例条例")
    assert [(p.number, p.sub) for p in read.passages] == [(1, 0), (2, 0), (3, 0), (3, 1), (4, 0)]
    assert read.warnings == []
    assert read.passages[1].text.split("\n") == [
        "第一款。",
        "第三条规定的情形，属于第二款的延续。",
        "（一）第一项；",
    ]
    assert read.passages[2].chapter == "第一章 总 则 第一节 分则"
    assert read.passages[0].line == 11
    assert str(read.in_force_from) == "2021-03-04"  # an amended text holds from its last amendment


def test_numbers_may_stand_without_a_space_when_the_whole_file_does() -> None:
    text = "# 紧排条例\n\n第一条甲。\n\n第二条规定的情形除外。\n\n第二条乙。\n"
    read = lawtext.read(text, "紧排条例")
    assert [p.text for p in read.passages] == ["甲。\n第二条规定的情形除外。", "乙。"] and read.warnings == []


def test_in_force_is_what_the_text_states_when_that_is_later() -> None:
    assert (
        str(lawtext.read(SAMPLE.replace("2019年5月1日", "2021年5月1日"), "x").in_force_from) == "2021-05-01"
    )
    assert str(lawtext.read(SAMPLE, "x(2025修订,2026-01-01施行)").in_force_from) == "2026-01-01"


def test_broken_numbering_is_told_by_line_and_the_rest_is_kept() -> None:
    text = SAMPLE.replace("第四条 本", "第六条 本").replace("第三条之一 增加", "第二条 增加")
    read = lawtext.read(text, "示例条例")
    assert [(p.number, p.sub) for p in read.passages] == [(1, 0), (2, 0), (3, 0), (6, 0)]
    assert len(read.warnings) == 2
    assert "第23行" in read.warnings[0] and "重复" in read.warnings[0]
    assert "第25行" in read.warnings[1] and "不连续" in read.warnings[1]
    assert "增加的一条" not in read.passages[2].text


@pytest.mark.parametrize("text", ["", "\n\n", "没有标题也没有条文", "# 只有标题\n\n正文"])
def test_a_text_without_articles_says_so(text: str) -> None:
    assert any("没有识别到" in w for w in lawtext.read(text, "空").warnings)


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    read = lawtext.read(text + "\n第一条 甲\n" + text, "任意")
    keys = [(p.number, p.sub) for p in read.passages]
    assert len(keys) == len(set(keys))


def test_all_eighty_laws_give_the_articles_the_index_counts() -> None:
    rows = table("laws/INDEX.csv")
    assert len(rows) == 80
    for row in rows:
        path = shared("laws") / row["file"]
        read = lawtext.read(path.read_text(encoding="utf-8"), path.stem)
        assert (len(read.passages), read.warnings) == (int(row["articles"]), []), row["file"]
        assert read.in_force_from is not None and read.title
