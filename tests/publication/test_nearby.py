"""Where a search finds nothing: the nearest questions that do find something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.publication.nearby import Found, nearby

TEXTS = (
    "示例3号餐饮管理有限公司擅自占用城市道路 示霞综罚决字〔2026〕第12号",
    "示例5号运输有限公司沿途遗撒 示霞综罚决字〔2025〕第7号",
)


def among(texts: tuple[str, ...]) -> Found:
    return lambda query: any(all(word in text for word in query.split()) for text in texts)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("擅自占用道路", ["擅自占用 道路"]),  # a character left out
        ("示例3号歺饮管理有限公司", ["示例3号 饮管理有限公司"]),  # a wrong one
        ("餐饮公司", ["餐饮 公司"]),  # the short name
        ("示霞综罚决字2026第12号", ["示霞综罚决字〔2026〕第12号"]),  # no brackets on the keyboard
        ("示霞综罚决字-2025-第7号", ["示霞综罚决字〔2025〕第7号"]),
        ("示霞综罚决字〔2025〕7号", ["示霞综罚决字〔2025〕 7号"]),
        ("餐饮 遗撒", ["餐饮", "遗撒"]),  # each occurs, never together
        ("“擅自占用道路”", ["擅自占用 道路"]),
        ("无中生有", []),
        ("，。！", []),
        ("一", []),
        ("", []),
    ],
)
def test_what_a_citizen_mistypes_leads_to_what_was_meant(asked: str, offered: list[str]) -> None:
    assert nearby(asked, among(TEXTS)) == offered


@given(
    st.text(alphabet="甲乙丙丁戊 “2026号字第", max_size=60),
    st.lists(st.text(alphabet="甲乙丙丁戊26", min_size=2)),
)
def test_whatever_is_offered_finds_something_and_is_another_question(asked: str, texts: list[str]) -> None:
    found = among(tuple(texts))
    tries: list[str] = []

    def counted(query: str) -> bool:
        tries.append(query)
        return found(query)

    offered = nearby(asked, counted)
    assert all(found(query) and query != asked.strip() for query in offered)
    assert len(tries) <= 45, "a handful of look-ups, however long the question"
