"""Wide spaces: pages, totals and facets are those of a plain scan, however texts came and went."""

from collections import Counter
from datetime import date, timedelta
from unittest import mock

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mingzhi.search import api as search
from mingzhi.search import held, segments, sets
from mingzhi.search.actions import docs_rebuild
from mingzhi.search.choices import Space
from mingzhi.search.errors import QueryTooShort, QueryTooWide
from mingzhi.search.models import Loose, Posting, SearchDoc, Segment

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = date(2026, 1, 1)
ALPHABET = "占道经营罚款某〔(2026)ａAb%_'\\\" 𠮷"
NAMES = ("kind", "year")
words = st.lists(st.text(ALPHABET, min_size=1, max_size=4), max_size=2).map(" ".join)
chosen = st.fixed_dictionaries(
    {}, optional={"kind": st.sampled_from("ab"), "year": st.sampled_from([2025, 2026])}
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 11), st.text(ALPHABET, max_size=12), st.sampled_from("ab")),
        st.tuples(st.just("remove"), st.integers(0, 11)),
        st.tuples(st.just("settle"), st.sampled_from([1, 100])),
    ),
    max_size=30,
)


def put(ref, text, kind="a"):
    facets = {"kind": kind, "year": 2025 + ref % 2}
    search.index("public", ref, text, sort=DAY + timedelta(days=ref // 3), facets=facets)
    return {"text": search.fold(text), "day": ref // 3, **facets}


class Scan:
    """What a reader with all texts in hand would say."""

    def __init__(self, texts, query, facets):
        self.texts, self.facets = texts, facets
        self.terms = search.parse(query).terms if query.strip() else ()

    def of(self, without=""):
        return [
            ref
            for ref in sorted(self.texts, key=lambda r: (self.texts[r]["day"], r), reverse=True)
            if all(term in self.texts[ref]["text"] for term in self.terms)
            and all(self.texts[ref][k] == v for k, v in self.facets.items() if k != without)
        ]

    def count(self, name):
        return dict(Counter(str(self.texts[ref][name]) for ref in self.of(without=name)))


class Exact(TestCase):
    databases = "__all__"

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        steps,
        st.lists(st.tuples(words, chosen), min_size=1, max_size=4),
        st.booleans(),
        st.sampled_from([-1, 0, 2, sets.LOOK]),
    )
    def test_pages_totals_and_facets_are_those_of_a_plain_scan(self, history, asked, oldest, look):
        with mock.patch.object(sets, "LOOK", look):  # few texts are looked at, more go through their sets
            self.hold(history, asked, oldest)

    def hold(self, history, asked, oldest):
        texts = {}
        for step in history:
            if step[0] == "put":
                texts[step[1]] = put(*step[1:])
            elif step[0] == "remove":
                assert search.remove("public", step[1]) == (texts.pop(step[1], None) is not None)
            else:
                segments.settle(Space.PUBLIC, gather=step[1], merge=2)
        for query, facets in asked:
            try:
                scan = Scan(texts, query, facets)
            except QueryTooShort:
                with pytest.raises(QueryTooShort):
                    search.wide_page("public", query, facets=facets)
                continue
            expected = scan.of()[::-1] if oldest else scan.of()
            found, cursor = [], None
            while True:
                page = search.wide_page("public", query, facets=facets, limit=3, cursor=cursor, oldest=oldest)
                found += [ref for _, ref in page]
                if len(page) < 3:
                    break
                cursor = page[-1][0]
            assert found == expected
            tally = search.wide_tally("public", query, facets=facets, names=NAMES)
            assert tally.total == len(expected)
            assert tally.proven == {"", *NAMES}
            assert tally.facets == {name: scan.count(name) for name in NAMES}
            for name in NAMES:
                if name not in facets:
                    assert sum(tally.facets[name].values()) == tally.total


def test_more_than_can_be_looked_at_is_counted_at_most_and_never_less(monkeypatch):
    monkeypatch.setattr(sets, "PROVE", 5)
    monkeypatch.setattr(sets, "LOOK", 4)
    for ref in range(9):
        put(ref, "占道经，道经营" if ref % 3 else "占道经营")
    segments.settle(Space.PUBLIC, gather=1)
    tally = search.wide_tally("public", "占道经营", names=NAMES)
    assert tally.total == 9 and tally.proven == frozenset()
    assert [ref for _, ref in search.wide_page("public", "占道经营")] == [6, 3, 0]
    few = search.wide_tally("public", "占道经营", facets={"year": 2026}, names=NAMES)
    assert few.total == 1 and few.proven == {"", "kind"}
    for run in ("占道", "占道经"):
        told = search.wide_tally("public", run, names=NAMES)
        assert told.total == 9 and told.proven == {"", *NAMES}


def test_a_word_that_must_be_looked_for_in_too_many_texts_is_refused_and_found_when_narrowed(monkeypatch):
    """Every run of ``0.000`` stands in every fine of a round sum, and the word in none of them."""
    monkeypatch.setattr(sets, "LOOK", 2)
    monkeypatch.setattr(sets, "MOST_LOOKED", 40)
    for ref in range(60):
        put(ref, f"罚款{ref + 10}000.00元", "a" if ref % 10 else "b")
    put(60, "没收0.000元", "b")
    while segments.settle(Space.PUBLIC, gather=1):
        pass
    assert [ref for _, ref in search.wide_page("public", "0.000", limit=1)] == [60]
    with pytest.raises(QueryTooWide) as refused:
        search.wide_page("public", "0.000", limit=5)
    assert "缩小范围" in refused.value.remedy
    assert [ref for _, ref in search.wide_page("public", "0.000", facets={"kind": "b"}, limit=5)] == [60]
    assert len(search.wide_page("public", "000.00元", limit=20)) == 20


def test_a_place_that_follows_from_the_body_is_counted_as_if_it_did_not():
    def add(ref, body, place):
        facets = {"body": body, "place": place, "kind": "ab"[ref % 2]}
        search.index("public", ref, f"占道经营{ref}号", sort=DAY, facets=facets)

    names = ("place", "body", "kind")
    for ref in range(12):
        add(ref, body=ref % 4, place="东西"[ref % 4 // 2])
    segments.settle(Space.PUBLIC, gather=1)
    assert set(held.whole("default", Space.PUBLIC).following) == {"place", "kind"}
    counted = search.wide_tally("public", "占道", names=names).facets
    assert counted["place"] == {"东": 6, "西": 6} and counted["kind"] == {"a": 6, "b": 6}
    few = search.wide_tally("public", "占道", facets={"kind": "a"}, names=names).facets
    assert few == {"place": {"东": 3, "西": 3}, "body": {"0": 3, "2": 3}, "kind": {"a": 6, "b": 6}}
    chosen = search.wide_tally("public", "占道", facets={"body": "0"}, names=names).facets
    assert chosen["place"] == {"东": 3} and chosen["body"] == dict.fromkeys("0123", 3)
    add(13, body=0, place="西")
    segments.settle(Space.PUBLIC, gather=1)
    assert not held.whole("default", Space.PUBLIC).following
    assert search.wide_tally("public", "占道", names=names).facets["place"] == {"东": 6, "西": 7}


def test_a_text_that_goes_leaves_every_set_with_the_transaction():
    put(1, "擅自占道经营")
    put(2, "某某建设公司占道")
    segments.settle(Space.PUBLIC, gather=1)
    kept = Posting.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        search.remove("public", 2)
        assert search.wide_tally("public", "占道").total == 1
        raise RuntimeError
    assert search.wide_tally("public", "占道").total == 2
    search.remove("public", 2)
    assert [ref for _, ref in search.wide_page("public", "占道")] == [1]
    left = {row.pk & ((1 << 48) - 1) for row in Posting.objects.all()}
    runs = ("擅自", "自占", "占道", "道经", "经营", "擅自占", "自占道", "占道经", "道经营")
    assert left == {segments.posting(0, run) for run in runs}
    assert Posting.objects.count() < kept
    assert not segments.unpacked(bytes(Segment.objects.get().facets)).keys() & {"year=2025"}
    search.remove("public", 1)
    assert not Posting.objects.exists() and not Segment.objects.exists()


def test_a_page_stays_the_same_page_while_others_publish_and_withdraw():
    for ref in range(30):
        put(ref, "擅自占道经营")
    first = search.wide_page("public", "占道", limit=10)
    put(40, "后来占道")
    search.remove("public", first[3][1])
    segments.settle(Space.PUBLIC, gather=1)
    second = search.wide_page("public", "占道", limit=10, cursor=first[-1][0])
    assert [ref for _, ref in [*first, *second]] == list(range(29, 9, -1))


def test_a_character_beyond_sixteen_bits_is_found_alone_and_in_words():
    for ref, text in enumerate(["𠮷野家占道", "𠮷占道", "野家占道", "𠮷\U00020bb6野家"]):
        put(ref, text)
    segments.settle(Space.PUBLIC, gather=1)
    for query, found in {
        "占道 𠮷": {0, 1},
        "𠮷野": {0},
        "𠮷野家": {0},
        "\U00020bb6野": {3},
        "野家": {0, 2, 3},
    }.items():
        assert {ref for _, ref in search.wide_page("public", query)} == found
        assert search.wide_tally("public", query).total == len(found)


def test_a_segment_takes_the_lowest_free_number_and_none_of_what_stood_under_it():
    for ref in range(3):
        put(ref, f"占道经营{ref}号")
        segments.settle(Space.PUBLIC, gather=1)
    assert search.wide_tally("public", "营1").total == 1
    search.remove("public", 1)
    put(4, "占道经营4号")
    segments.settle(Space.PUBLIC, gather=1)
    assert set(Segment.objects.values_list("pk", flat=True)) == {1, 2, 3}
    assert [ref for _, ref in search.wide_page("public", "占道")] == [4, 2, 0]
    assert search.wide_tally("public", "营1").total == 0 and search.wide_tally("public", "营4号").total == 1


def test_small_segments_become_one_and_nothing_else_changes():
    for ref in range(12):
        put(ref, f"占道经营{ref}号", kind="ab"[ref % 2])
        segments.settle(Space.PUBLIC, gather=1)
    before = search.wide_tally("public", "占道", names=NAMES), search.wide_page("public", "占道")
    assert Segment.objects.count() == 12
    assert segments.settle(Space.PUBLIC) == 12
    assert Segment.objects.count() == 1
    assert before == (search.wide_tally("public", "占道", names=NAMES), search.wide_page("public", "占道"))
    assert segments.settle(Space.PUBLIC) == 0


def test_what_is_changed_while_it_is_gathered_stays_loose_until_the_next_round(monkeypatch):
    put(1, "擅自占道经营")
    built = segments.build

    def slow(texts):
        put(1, "未按规定排水")
        monkeypatch.setattr(segments, "build", built)
        return built(texts)

    monkeypatch.setattr(segments, "build", slow)
    assert segments.settle(Space.PUBLIC, gather=1) == 0
    assert search.wide_page("public", "占道") == []
    assert [ref for _, ref in search.wide_page("public", "排水")] == [1]
    assert Loose.objects.count() == 1 and segments.settle(Space.PUBLIC, gather=1) == 1
    assert [ref for _, ref in search.wide_page("public", "排水")] == [1]


def test_first_filling_makes_segments_at_once_and_rebuild_makes_the_same(monkeypatch):
    monkeypatch.setattr(segments, "GATHER", 4)
    monkeypatch.setattr(segments, "SEGMENT", 10)
    put(3, "已有的占道经营")
    search.index_many(
        "public",
        [search.Entry(n, f"占道经营{n}号", sort=DAY, facets={"kind": "a", "year": 1}) for n in range(25)],
    )
    assert Segment.objects.count() == 3 and Loose.objects.count() == 1
    before = search.wide_tally("public", "占道", names=NAMES), search.wide_page("public", "占道", limit=50)
    assert before[0].total == 25
    assert docs_rebuild() == SearchDoc.objects.count() == 25
    assert not Loose.objects.exists()
    assert before == (
        search.wide_tally("public", "占道", names=NAMES),
        search.wide_page("public", "占道", limit=50),
    )


def test_memory_holds_no_more_than_its_measure_and_answers_stay_right(monkeypatch):
    monkeypatch.setattr(held, "MEMORY", 100)
    monkeypatch.setattr(held, "KEEP", 1_000)
    monkeypatch.setattr(sets, "LOOK", 0)
    monkeypatch.setattr(held, "kept", held.Kept())
    monkeypatch.setattr(held, "_wholes", {})
    for ref in range(6):
        put(ref, "占道经营")
        segments.settle(Space.PUBLIC, gather=1)
    assert search.wide_tally("public", "占道").total == 6
    assert not held._wholes and held.kept.sets
    assert search.wide_tally("public", "道经").total == 6
    assert not held.kept.sets
    assert search.wide_tally("public", "占道").total == 6


def test_an_order_of_the_owners_own_gets_all_refs_or_is_told_that_they_are_too_many():
    for ref in range(5):
        put(ref, "占道经营")
    assert sorted(search.wide_refs("public", "占道", most=5)) == [0, 1, 2, 3, 4]
    assert search.wide_refs("public", "占道", most=4) is None


def test_a_wide_text_is_in_no_index_of_the_narrow_ones_and_goes_without_it():
    put(1, "擅自占道经营")
    search.index("papers", 1, "占")
    search.index("papers", 2, "占道经营")
    for space, ref in (("public", 1), ("papers", 1), ("papers", 2)):
        assert search.remove(space, ref)
    assert not SearchDoc.objects.exists()


def test_narrow_and_wide_are_not_mixed_up():
    with pytest.raises(ValueError, match="wide"):
        search.matching("public", "占道")
    with pytest.raises(ValueError, match="segments"):
        search.wide_page("desk", "占道")
    with pytest.raises(ValueError, match="segments"):
        search.settle("desk")
    assert connection.vendor in {"sqlite", "postgresql"}
