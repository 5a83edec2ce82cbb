"""Folding, queries and snippets: what the reader types and what the paper prints meet."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.search import text
from mingzhi.search.choices import NUMBERS, Space
from mingzhi.search.errors import QueryTooLong, QueryTooShort

CHINESE = st.text(alphabet="湛江市霞山区城管罚决字某某公司 \n　〔〕（)[]0123ABｃ９—-·", max_size=60)


@pytest.mark.parametrize(
    "typed",
    [
        "示城罚决字〔2026〕12号",
        "示城罚决字[2026]12号",
        "示城罚决字（2026）12号",
        "示城罚决字(２０２６)１２号",
        "示城罚决字【2026】12号",
        "示城罚决字〔2026〕 12 号",
    ],
)
def test_a_document_number_is_the_same_however_typed(typed):
    assert text.fold(typed) == text.fold("示城罚决字〔2026〕12号")


def test_width_case_and_invisible_characters_do_not_matter():
    assert text.fold("ＡbC\u200b１２") == "abc12"


def test_space_inside_a_chinese_name_does_not_matter_but_between_western_words_it_does():
    assert text.fold("某　某\n某") == "某某某"
    assert text.fold("art  43") == "art 43"
    assert text.fold("第 43 条") == "第43条"


def test_a_single_character_is_refused_with_what_to_do():
    for query in ("", "  ", "湖", "湖 南", '"湖"', "。"):
        with pytest.raises(QueryTooShort) as refused:
            text.parse(query)
        assert "两个" in refused.value.remedy


def test_a_single_character_beside_a_longer_word_is_allowed():
    assert text.parse("湖南 省").terms == ("湖南", "省")


def test_two_hundred_characters_are_searched_and_two_hundred_and_one_refused():
    assert text.parse("某" * 200).terms == ("某" * 200,)
    with pytest.raises(QueryTooLong):
        text.parse("某" * 201)


def test_quotation_marks_keep_a_phrase_together():
    assert text.parse('"art 43" 处罚').terms == ("art 43", "处罚")
    assert text.parse("“擅自 占道”").terms == ("擅自占道",)


@given(CHINESE)
def test_folding_twice_is_folding_once(value):
    assert text.fold(text.fold(value)) == text.fold(value)


@given(CHINESE, CHINESE)
def test_every_query_pair_is_among_the_pairs_of_a_text_that_contains_it(value, query):
    folded = text.fold(value)
    try:
        parsed = text.parse(query)
    except QueryTooShort:
        return
    if all(term in folded for term in parsed.terms):
        assert set(parsed.grams(Space.PUBLIC)) <= set(text.grams(Space.PUBLIC, folded))


def test_spaces_do_not_share_pairs():
    assert not set(text.grams(Space.PUBLIC, "湖南省")) & set(text.grams(Space.DESK, "湖南省"))


def test_space_numbers_are_all_different_and_fit():
    assert sorted(NUMBERS) == sorted(Space) and len(set(NUMBERS.values())) == len(NUMBERS)
    assert max(NUMBERS.values()) < 128


def test_keys_are_newest_first_and_stay_inside_their_space():
    low, high = text.bounds(Space.PUBLIC)
    assert low <= text.key(Space.PUBLIC, None, 5) < text.key(Space.PUBLIC, date(2020, 1, 1), 1)
    assert text.key(Space.PUBLIC, date(2020, 1, 1), 9) < text.key(Space.PUBLIC, date(2020, 1, 2), 1) < high
    assert (
        low <= text.key(Space.PUBLIC, date(1900, 1, 1), 1)
        and text.key(Space.PUBLIC, date(9999, 1, 1), 1) < high
    )


def test_snippet_marks_the_hit_and_says_that_it_is_cut():
    pieces = text.snippet("前文" * 100 + "示城罚决字〔2026〕12号" + "后文" * 100, "罚决字(2026)12", width=60)
    assert [p.text for p in pieces if p.hit] == ["罚决字〔2026〕12"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert len("".join(p.text for p in pieces)) <= 62


def test_snippet_without_hit_is_the_beginning():
    assert [p.text for p in text.snippet("短文", "没有的")] == ["短文"]
    assert [p.text for p in text.snippet("短文", "一")] == ["短文"]


@given(CHINESE, CHINESE, st.integers(10, 80))
def test_a_snippet_is_text_of_the_document_and_hits_fold_to_terms(value, query, width):
    pieces = text.snippet(value, query, width=width)
    whole = "".join(unicodedata.normalize("NFC", value).split())
    shown = "".join("".join(p.text for p in pieces if p.text != "…").split())
    assert shown in whole


@given(CHINESE | st.text(max_size=40))
def test_quick_folding_equals_folding_with_positions(value):
    assert text.fold(value) == "".join(c for c, _ in text._folded(unicodedata.normalize("NFC", value)))
