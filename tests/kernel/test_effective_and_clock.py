"""Days in force are closed at the start and open at the end; the day is China's day."""

from datetime import UTC, date, datetime

import pytest

from mingzhi.kernel import clock
from mingzhi.kernel.effective import DateRange


def test_the_first_day_counts_and_the_last_does_not() -> None:
    valid = DateRange(date(2026, 1, 1), date(2026, 7, 1))
    assert not valid.contains(date(2025, 12, 31))
    assert valid.contains(date(2026, 1, 1))
    assert valid.contains(date(2026, 6, 30))
    assert not valid.contains(date(2026, 7, 1))


def test_ranges_that_touch_do_not_overlap() -> None:
    first = DateRange(date(2026, 1, 1), date(2026, 7, 1))
    assert not first.overlaps(DateRange(date(2026, 7, 1)))
    assert first.overlaps(DateRange(date(2026, 6, 30)))
    assert DateRange(date(2026, 6, 30)).overlaps(first)


def test_a_range_without_days_is_refused() -> None:
    with pytest.raises(ValueError, match="失效日期"):
        DateRange(date(2026, 1, 1), date(2026, 1, 1))


def test_the_evening_in_utc_is_the_next_day_in_china() -> None:
    assert clock.local_date(datetime(2026, 9, 13, 16, 0, tzinfo=UTC)) == date(2026, 9, 14)
    assert clock.local_date(datetime(2026, 9, 13, 15, 59, tzinfo=UTC)) == date(2026, 9, 13)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="时区"):
        clock.local(datetime(2026, 9, 13))
