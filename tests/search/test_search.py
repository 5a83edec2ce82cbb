"""The index finds exactly what a plain substring scan finds, newest first, inside its space."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mingzhi.search import api as search
from mingzhi.search import engine
from mingzhi.search.actions import docs_rebuild
from mingzhi.search.errors import QueryTooShort
from mingzhi.search.models import SearchDoc

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = date(2026, 1, 1)
ALPHABET = "湖南省长沙市罚款决定书某〔〕(2026) ａAb%_'\\\"*"


def put(ref, text, day=0, **kw):
    search.index("papers", ref, text, sort=DAY + timedelta(days=day), **kw)


class Exact(TestCase):
    databases = "__all__"

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(st.text(ALPHABET, max_size=40), max_size=12),
        st.lists(st.text(ALPHABET, min_size=1, max_size=5), min_size=1, max_size=3),
        st.sets(st.integers(0, 11)),
    )
    def test_results_equal_plain_substring_search(self, texts, words, removed):
        for ref, text in enumerate(texts):
            put(ref, text, day=ref % 3)
        for ref in removed:
            search.remove("papers", ref)
        query = " ".join(words)
        try:
            terms = search.parse(query).terms
        except QueryTooShort:
            return
        expected = [
            ref
            for ref in sorted(range(len(texts)), key=lambda r: (r % 3, r), reverse=True)
            if ref not in removed and all(term in search.fold(texts[ref]) for term in terms)
        ]
        found = search.matching("papers", query, limit=100, count=True)
        assert list(found.refs) == expected
        assert found.total == len(expected)
        assert sorted(search.matching_refs("papers", query)) == sorted(expected)


def test_newest_first_and_page_by_page_without_gap_or_repetition():
    for ref in range(25):
        put(ref, "擅自占道经营", day=ref // 4)
    first = search.matching("papers", "占道", limit=10, count=True)
    second = search.matching("papers", "占道", limit=10, before=first.cursor)
    third = search.matching("papers", "占道", limit=10, before=second.cursor)
    assert (first.more, second.more, third.more, third.cursor) == (True, True, False, None)
    assert [*first.refs, *second.refs, *third.refs] == list(range(24, -1, -1))
    assert first.total == 25 and first.total_text == "25"


def test_counting_stops_at_the_cap():
    for ref in range(6):
        put(ref, "擅自占道经营")
    assert search.matching("papers", "占道", limit=2, count=True, cap=5).total_text == "5+"
    assert search.matching("papers", "占道", limit=2, count=True, cap=6).total_text == "6"


def test_the_same_text_again_changes_nothing_and_another_text_replaces():
    put(1, "擅自占道经营")
    before = SearchDoc.objects.get().pk
    put(1, "擅自占道经营")
    assert SearchDoc.objects.get().pk == before
    put(1, "未按规定排水", day=5)
    assert search.matching("papers", "占道").refs == ()
    assert search.matching("papers", "排水").refs == (1,)
    assert SearchDoc.objects.get().pk > before


def test_removed_is_gone_at_once_and_comes_back_when_the_work_rolls_back():
    put(1, "擅自占道经营")
    with pytest.raises(RuntimeError), transaction.atomic():
        assert search.remove("papers", 1) is True
        assert search.matching("papers", "占道").refs == ()
        raise RuntimeError
    assert search.matching("papers", "占道").refs == (1,)
    search.remove("papers", 1)
    assert search.matching("papers", "占道").refs == ()
    assert search.remove("papers", 1) is False


def test_one_space_never_shows_in_another():
    search.index("desk", 7, "擅自占道经营")
    assert search.matching("papers", "占道").refs == ()
    assert search.matching("desk", "占道").refs == (7,)
    assert list(search.matching_refs("papers", "占道")) == []


def test_an_unknown_space_is_a_programming_error():
    with pytest.raises(ValueError, match="nowhere"):
        search.index("nowhere", 1, "x")


def test_a_group_narrows_to_one_body_or_several_and_to_none():
    for ref, body in ((1, 11), (2, 12), (3, 13), (4, 1)):
        search.index("desk", ref, "擅自占道经营", group=body)
    assert search.matching("desk", "占道", group=11).refs == (1,)
    assert search.matching("desk", "占道", group=1).refs == (4,)
    assert set(search.matching("desk", "占道", group=[11, 13]).refs) == {1, 3}
    assert search.matching("desk", "占道", group=[]).refs == ()
    assert list(search.matching_refs("desk", "占道", group=[])) == []
    assert set(search.matching_refs("desk", "占道", group={12, 13})) == {2, 3}


def test_moving_to_another_body_leaves_the_first():
    search.index("desk", 1, "擅自占道经营", group=11)
    search.index("desk", 1, "擅自占道经营", group=12)
    assert search.matching("desk", "占道", group=11).refs == ()
    assert search.matching("desk", "占道", group=12).refs == (1,)


def test_a_pair_that_collides_with_the_group_number_opens_nothing(monkeypatch):
    """Pairs are 32-bit numbers and may collide; the group is checked on its own column as well."""
    search.index("desk", 1, "擅自占道经营", group=11)
    monkeypatch.setattr(
        "mingzhi.search.queries.facet_grams", lambda space, lines: search.parse("占道").grams(space)
    )
    assert search.matching("desk", "占道", group=12).refs == ()


def test_facets_narrow_and_several_values_mean_any():
    put(1, "擅自占道经营", facets={"field": "urban", "year": 2025})
    put(2, "擅自占道经营", facets={"field": "transport", "year": 2026})
    assert search.matching("papers", "占道", facets={"field": "urban"}).refs == (1,)
    assert search.matching("papers", "占道", facets={"field": "urban", "year": 2026}).refs == ()
    assert set(search.matching("papers", "占道", facets={"year": [2025, 2026]}).refs) == {1, 2}


def test_wild_cards_and_quotes_of_sql_and_fts_are_plain_characters():
    put(1, "合格率100%以上")
    put(2, "合格率100分以上")
    put(3, "a'b\"c*d OR NOT NEAR(")
    assert search.matching("papers", "100%").refs == (1,)
    assert search.matching("papers", "'b").refs == (3,)
    assert search.matching("papers", "c*d").refs == (3,)
    assert search.matching("papers", "__").refs == ()
    assert search.matching("papers", "OR NOT NEAR").refs == (3,)


def test_rare_characters_outside_the_basic_plane_are_found():
    put(1, "当事人𠮷某某")
    assert search.matching("papers", "人𠮷").refs == (1,)


def test_nul_and_half_characters_do_no_harm():
    put(1, "擅自\x00占道\ud800经营")
    assert search.matching("papers", "占道经营").refs == (1,)


def test_two_refs_on_one_slot_of_a_day_are_both_kept():
    put(5, "擅自占道经营")
    put(5 + (1 << 20), "擅自占道经营")
    assert set(search.matching("papers", "占道").refs) == {5, 5 + (1 << 20)}
    search.remove("papers", 5)
    assert search.matching("papers", "占道").refs == (5 + (1 << 20),)


def test_rebuilding_gives_the_same_answers():
    for ref in range(5):
        put(ref, f"第{ref}号决定书", facets={"field": "urban"})
    with connection.cursor() as cursor:
        if engine.postgres("default"):
            cursor.execute("UPDATE search_searchdoc SET grams = '{}'")
        else:
            cursor.execute("INSERT INTO search_gram (search_gram) VALUES ('delete-all')")
    if not engine.postgres("default"):  # there the newest rows are read by their text
        assert search.matching("papers", "决定书").refs == ()
    assert docs_rebuild() == 5
    assert search.matching("papers", "决定书").refs == (4, 3, 2, 1, 0)
    assert search.matching("papers", "3号", facets={"field": "urban"}).refs == (3,)
    search.remove("papers", 3)
    assert search.matching("papers", "3号").refs == ()


def test_a_search_is_one_query_and_on_postgresql_at_most_three(django_assert_max_num_queries):
    put(1, "擅自占道经营")
    with django_assert_max_num_queries(3 if engine.postgres("default") else 1):
        search.matching("papers", "占道", count=True)


def test_many_at_once_equal_one_by_one():
    put(2, "旧的内容")
    entries = [
        search.Entry(ref, f"第{ref}号占道经营", DAY, 11, {"field": "urban"})
        for ref in (1, 2, 3, 1 + (1 << 20))
    ]
    search.index_many("papers", [*entries, search.Entry(3, "后来的占道经营", DAY, 11)])
    assert set(search.matching("papers", "占道", group=11).refs) == {1, 2, 3, 1 + (1 << 20)}
    assert search.matching("papers", "旧的").refs == ()
    assert search.matching("papers", "后来").refs == (3,)
    assert search.matching("papers", "2号", facets={"field": "urban"}).refs == (2,)


def test_pages_join_without_a_seam_where_the_newest_rows_end(monkeypatch):
    """PostgreSQL reads the newest rows by their text and the older ones by their pairs."""
    monkeypatch.setattr(engine, "PROBE", 7)
    for ref in range(30):
        put(ref, "擅自占道经营" if ref % 3 else "未按规定排水", day=ref // 4)
    expected = [ref for ref in range(29, -1, -1) if ref % 3]
    for limit in (1, 2, 4, 5, 7, 50):
        got, cursor = [], None
        while True:
            page = search.matching("papers", "占道", limit=limit, before=cursor)
            got += page.refs
            cursor = page.cursor
            if not page.more:
                break
        assert got == expected
    assert search.matching("papers", "占道", limit=50, count=True).total == 20
    assert search.matching("papers", "占道", limit=5, count=True).total == 20
