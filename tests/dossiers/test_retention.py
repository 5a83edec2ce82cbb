"""Terms, holds, hand-over: a pure function, so the tests are its definition (ARC-06…ARC-08)."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.dossiers import retention

DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
SPANS = st.lists(
    st.tuples(DAYS, st.integers(0, 900)).map(lambda x: (x[0], x[0] + timedelta(days=x[1]))), max_size=6
)


def plan(**changes: object) -> retention.Plan:
    given_: dict[str, object] = {
        "closed_on": date(2026, 6, 30),
        "term": "30年",
        "starts": "次年一月一日",
        "transfer_years": 10,
    }
    return retention.plan(**{**given_, **changes})  # type: ignore[arg-type]


def test_a_general_dossier_of_a_county_body_is_kept_thirty_years_from_the_next_new_year() -> None:
    made = plan()
    assert (made.years, made.starts_on, made.expires_on) == (30, date(2027, 1, 1), date(2057, 1, 1))
    assert made.transfer_on == date(2036, 6, 30)


def test_a_permanent_dossier_never_expires_and_a_city_body_hands_it_over_after_twenty_years() -> None:
    made = plan(term="永久", transfer_years=20)
    assert made.expires_on is None and made.years is None
    assert made.transfer_on == date(2046, 6, 30)


def test_what_expires_before_its_hand_over_is_not_handed_over() -> None:
    assert plan(term="10年", starts="结案次日", transfer_years=20).transfer_on is None
    assert plan(term="30年", transfer_years=20).transfer_on == date(2046, 6, 30)


def test_the_29th_of_february_ends_on_the_28th_where_there_is_none() -> None:
    assert retention.later(date(2024, 2, 29), 10) == date(2034, 2, 28)
    assert retention.later(date(2024, 2, 29), 20) == date(2044, 2, 29)


@pytest.mark.parametrize("text", ["", "30", "三十年", "0年", "永远"])
def test_a_term_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="保管期限"):
        retention.years_of(text)


def test_a_start_nobody_can_read_is_refused() -> None:
    with pytest.raises(ValueError, match="起算"):
        retention.start(date(2026, 1, 1), "明天")


def test_a_hold_stops_the_clock_by_the_days_it_lasted() -> None:
    start, due = date(2027, 1, 1), date(2057, 1, 1)
    assert retention.expiry(start, due, [(date(2030, 1, 1), date(2030, 1, 11))]) == date(2057, 1, 11)


def test_a_hold_in_force_leaves_no_expiry_at_all() -> None:
    start, due = date(2027, 1, 1), date(2057, 1, 1)
    assert retention.expiry(start, due, [(date(2056, 12, 31), None)]) is None


def test_a_hold_before_the_term_began_takes_nothing_from_it() -> None:
    start, due = date(2027, 1, 1), date(2057, 1, 1)
    assert retention.expiry(start, due, [(date(2026, 1, 1), date(2026, 12, 31))]) == due
    assert retention.expiry(start, due, [(date(2026, 12, 1), date(2027, 1, 6))]) == date(2057, 1, 6)


def test_a_hold_set_on_the_last_day_counts_and_one_day_later_it_has_no_term_to_stop() -> None:
    start, due = date(2027, 1, 1), date(2057, 1, 1)
    last = due - timedelta(days=1)
    assert retention.expiry(start, due, [(last, last + timedelta(days=5))]) == due + timedelta(days=5)
    assert retention.expiry(start, due, [(due, due + timedelta(days=5))]) == due


@given(SPANS)
def test_merged_holds_do_not_touch_and_cover_the_same_days(spans: list[retention.Span]) -> None:
    found = retention.merged(spans)
    for (_, end), (begin, _) in itertools.pairwise(found):
        assert end is not None and end < begin

    def days(rows: list[retention.Span]) -> set[date]:
        return {a + timedelta(days=n) for a, b in rows if b for n in range((b - a).days)}

    assert days(found) == days(spans)


@given(SPANS, SPANS)
def test_more_holds_never_end_a_term_sooner_and_their_order_does_not_matter(
    some: list[retention.Span], more: list[retention.Span]
) -> None:
    start, due = date(2010, 1, 1), date(2040, 1, 1)
    few = retention.expiry(start, due, some)
    many = retention.expiry(start, due, [*some, *more])
    assert few is not None and many is not None and due <= few <= many
    assert retention.expiry(start, due, list(reversed([*some, *more]))) == many
