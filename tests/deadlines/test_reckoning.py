"""Terms on the calendar: the vectors of the rule book, the algebra, and two independent calendars."""

from __future__ import annotations

import csv
import time
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import holidays as holidays_library
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.deadlines import statutory
from mingzhi.deadlines.data import Term
from mingzhi.deadlines.errors import BadDate, BadTerm, CalendarProblem, OutOfRange
from mingzhi.deadlines.reckoning import Calendar, YearTable, read_tables, shipped
from mingzhi.kernel import clock
from tests.shared_data import shared

CAL = shipped()
D = date.fromisoformat

# domain §2.0: start, term, un-rolled end, end.
VECTORS = [
    ("2026-09-18", "7WD", "2026-09-29", "2026-09-29"),
    ("2026-09-18", "20WD", "2026-10-22", "2026-10-22"),
    ("2026-09-24", "7WD", "2026-10-12", "2026-10-12"),
    ("2026-09-30", "7WD", "2026-10-15", "2026-10-15"),
    ("2026-02-12", "5WD", "2026-02-26", "2026-02-26"),
    ("2026-02-13", "7WD", "2026-03-02", "2026-03-02"),
    ("2026-04-30", "3WD", "2026-05-08", "2026-05-08"),
    ("2026-04-30", "10WD", "2026-05-18", "2026-05-18"),
    ("2026-06-18", "5WD", "2026-06-26", "2026-06-26"),
    ("2026-04-16", "15CD", "2026-05-01", "2026-05-06"),
    ("2026-09-18", "15CD", "2026-10-03", "2026-10-08"),
    # The corresponding day is missing: month end; it is a Sunday, so TIME-02 moves it to Monday.
    ("2026-08-31", "6M", "2027-02-28", "2027-03-01"),
]


@pytest.mark.parametrize(("start", "term", "unrolled", "on"), VECTORS)
def test_vectors_of_the_rule_book(start: str, term: str, unrolled: str, on: str) -> None:
    found = CAL.due(D(start), Term.parse(term))
    assert (found.unrolled, found.on) == (D(unrolled), D(on))
    assert CAL.due(D(start), Term.parse(term, roll=False)).on == D(unrolled)


def test_the_annual_report_day_of_2027_is_a_sunday_and_provisional() -> None:
    assert D("2027-01-31").weekday() == 6
    assert not CAL.is_working_day(D("2027-01-31"))
    assert CAL.is_provisional(D("2026-12-31"), D("2027-01-31"))


def test_every_day_2018_to_2026_agrees_with_two_sources() -> None:
    with shared("calendar/workdays_2018_2026.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == (D("2026-12-31") - D("2018-01-01")).days + 1
    for row in rows:
        works = CAL.is_working_day(D(row["date"]))
        assert works == (row["is_workday_holiday_cn"] == "1"), row
        assert works == (row["is_workday_chinesecalendar_1.11.0"] == "1"), row


def test_every_day_2018_to_2026_agrees_with_chinesecalendar() -> None:
    day = D("2018-01-01")
    while day.year <= 2026:
        assert CAL.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(1)


def test_provisional_years_have_the_statutory_days_and_no_make_up_days() -> None:
    known = holidays_library.country_holidays("CN", years=range(2027, 2037), language="zh_CN")
    for year in range(2027, 2037):
        library = {
            d for d, name in known.items() if d.year == year and "调休" not in name and "补" not in name
        }
        assert set(statutory.holidays(year)) == library, year
        assert year not in CAL.official
        for day in statutory.holidays(year):
            assert not CAL.is_working_day(day)
        saturdays = [date(year, 1, 1) + timedelta(n) for n in range(365)]
        assert not any(CAL.is_working_day(d) for d in saturdays if d.weekday() >= 5)
    assert statutory.holidays(2028)[D("2028-10-03")] == "国庆节、中秋节"
    assert D("2027-02-05") in statutory.holidays(2027), "除夕"


def test_what_touches_a_provisional_year_says_so_and_nothing_else_does() -> None:
    assert not CAL.due(D("2026-12-24"), Term(5, "WD")).provisional  # 2026-12-31
    assert CAL.due(D("2026-12-24"), Term(6, "WD")).provisional
    assert not CAL.due(D("2026-12-01"), Term(30, "CD")).provisional  # 2026-12-31, a Thursday
    assert CAL.due(D("2026-12-02"), Term(30, "CD")).provisional  # 2027-01-01, a holiday: rolls
    assert not CAL.due(D("2026-12-02"), Term(30, "CD", roll=False)).provisional, "no look at the calendar"
    assert not CAL.due(clock.at_local(D("2026-12-31"), 20), Term(24, "H")).provisional
    assert CAL.due(D("2017-12-28"), Term(3, "WD")).provisional, "before the first shipped year too"


def test_skipped_days_say_why_and_worked_weekends_are_named() -> None:
    found = CAL.due(D("2026-09-18"), Term(7, "WD"))
    assert [(d.isoformat(), why) for d, why in found.skipped] == [
        ("2026-09-19", "周末"),
        ("2026-09-25", "中秋节"),
        ("2026-09-26", "中秋节"),
        ("2026-09-27", "中秋节"),
    ]
    assert [(d.isoformat(), why) for d, why in found.worked] == [("2026-09-20", "调休上班（国庆节）")]
    rolled = CAL.due(D("2026-04-16"), Term(15, "CD"))
    assert [d.day for d, _ in rolled.skipped] == [1, 2, 3, 4, 5]
    assert CAL.due(D("2026-04-16"), Term(15, "CD", roll=False)).skipped == ()


# --- TIME-01 … TIME-04 -----------------------------------------------------------------------


def test_the_day_of_the_event_does_not_count_even_when_it_is_a_rest_day() -> None:
    assert CAL.due(D("2026-09-14"), Term(1, "WD")).on == D("2026-09-15")
    assert CAL.due(D("2026-09-12"), Term(1, "WD")).on == D("2026-09-14")  # from a Saturday
    assert CAL.due(D("2026-09-14"), Term(1, "CD")).on == D("2026-09-15")


def test_the_day_of_a_moment_is_chinas() -> None:
    late_evening = datetime(2026, 9, 14, 17, 0, tzinfo=UTC)  # 2026-09-15 01:00 in China
    assert CAL.due(late_evening, Term(1, "CD")).on == D("2026-09-16")


def test_hours_run_from_the_moment_and_do_not_roll() -> None:
    start = clock.at_local(D("2026-09-30"), 10, 30)
    found = CAL.due(start, Term(24, "H"))
    assert found.at == start + timedelta(hours=24)
    assert found.on == found.unrolled == D("2026-10-01")
    assert CAL.due(D("2026-09-30"), Term(24, "H")).at == clock.at_local(D("2026-10-01"))


def test_a_moment_without_time_zone_is_refused() -> None:
    for term in (Term(24, "H"), Term(7, "WD"), Term(7, "CD")):
        with pytest.raises(BadDate):
            CAL.due(datetime(2026, 9, 14, 9, 0), term)


@pytest.mark.parametrize(
    ("start", "term", "end"),
    [
        ("2024-01-31", "1M", "2024-02-29"),
        ("2023-01-31", "1M", "2023-02-28"),
        ("2024-02-29", "1Y", "2025-02-28"),
        ("2024-02-29", "4Y", "2028-02-29"),
        ("2026-03-31", "1M", "2026-04-30"),
        ("2026-12-15", "1M", "2027-01-15"),
        ("2026-11-30", "3M", "2027-02-28"),
        ("2026-01-15", "12M", "2027-01-15"),
    ],
)
def test_months_and_years_end_on_the_corresponding_day_or_the_months_last(
    start: str, term: str, end: str
) -> None:
    assert CAL.due(D(start), Term.parse(term, roll=False)).on == D(end)


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "7", "WD", "7XX", "-7WD", "0WD", "7.5WD", "七WD", "99999CD", "7 W D", "7WDx"]
)
def test_what_is_no_term_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadTerm) as caught:
        Term.parse(text)
    assert "无法识别" in caught.value.sentence
    assert "7WD" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("7wd", Term(7, "WD")),
        (" 15 CD ", Term(15, "CD")),
        ("7个工作日", Term(7, "WD")),
        ("15日", Term(15, "CD")),
        ("24小时", Term(24, "H")),
        ("6个月", Term(6, "M")),
        ("2年", Term(2, "Y")),
    ],
)
def test_terms_are_read_as_written(text: str, term: Term) -> None:
    assert Term.parse(text) == term


def test_ends_outside_the_calendar_are_refused() -> None:
    for start, term in [
        (D("2099-12-31"), Term(1, "WD")),
        (D("2099-12-31"), Term(1, "CD")),
        (D("2099-12-31"), Term(1, "Y")),
        (D("1999-12-31"), Term(1, "WD")),
        (D("2050-01-01"), Term(100, "Y")),
    ]:
        with pytest.raises(OutOfRange):
            CAL.due(start, term)


def test_a_calendar_file_with_mistakes_names_all_of_them(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "bad.toml"
    path.write_text(
        '[2027]\noff = [["春节", "2027-02-05", "2027-02-11"], ["国庆节", "2028-10-01"]]\n'
        'work = [["春节", "2027-02-09"], ["x"]]\n[abc]\nx = 1\n',
        "utf-8",
    )
    with pytest.raises(CalendarProblem) as caught:
        read_tables(path)
    told = "\n".join(caught.value.fields["days"])
    for part in (
        "2028-10-01",
        "“['x']”应为",
        "2027-02-09 既放假又上班",
        "2027-02-09 不是周末",
        "“abc”不是年份",
    ):
        assert part in told
    path.write_bytes(b"\xff[2027")
    with pytest.raises(CalendarProblem):
        read_tables(path)
    with pytest.raises(CalendarProblem):
        read_tables(tmp_path / "none.toml")


# --- algebra ---------------------------------------------------------------------------------

days = st.dates(D("2015-01-01"), D("2035-12-31"))
counts = st.integers(1, 400)
units = st.sampled_from(["WD", "CD", "M", "Y"])
small = st.integers(1, 60)


@given(days, counts)
def test_working_days_between_is_the_inverse(start: date, n: int) -> None:
    end = CAL.due(start, Term(n, "WD")).on
    assert CAL.working_days_between(start, end) == n
    assert CAL.working_days_between(end, start) == -n
    assert CAL.is_working_day(end)
    assert CAL.due(start, Term(n + 1, "WD")).on > end
    assert CAL.latest_start(end, Term(n, "WD")) >= start
    assert CAL.due(CAL.latest_start(end, Term(n, "WD")), Term(n, "WD")).on == end
    assert CAL.due(CAL.latest_start(end, Term(n, "WD")) + timedelta(1), Term(n, "WD")).on > end


@given(days, counts)
def test_due_agrees_with_counting_day_by_day(start: date, n: int) -> None:
    day, left = start, n
    while left:
        day += timedelta(1)
        left -= CAL.is_working_day(day)
    assert CAL.due(start, Term(n, "WD")).on == day


@given(days, days, small, units)
def test_a_later_event_never_ends_earlier(a: date, b: date, n: int, unit: str) -> None:
    term = Term(n, unit)  # type: ignore[arg-type]
    first, second = sorted((a, b))
    assert CAL.due(first, term).on <= CAL.due(second, term).on


@given(days, small, units)
def test_the_roll_lands_on_the_first_working_day(start: date, n: int, unit: str) -> None:
    found = CAL.due(start, Term(n, unit))  # type: ignore[arg-type]
    assert CAL.is_working_day(found.on)
    assert found.unrolled <= found.on
    assert CAL.next_working_day(found.unrolled) == found.on
    assert CAL.working_days_between(found.unrolled - timedelta(1), found.on) == 1
    if unit != "WD":
        assert len(found.skipped) == (found.on - found.unrolled).days


@given(days, counts)
def test_the_days_counted_and_skipped_are_all_the_days(start: date, n: int) -> None:
    found = CAL.due(start, Term(n, "WD"))
    assert (found.on - start).days == n + len(found.skipped)


@given(days, small, st.integers(0, 80), st.integers(0, 40))
def test_a_suspension_moves_calendar_days_by_its_length(
    start: date, n: int, offset: int, length: int
) -> None:
    term = Term(n, "CD", roll=False)
    since = start + timedelta(1 + offset)
    found = CAL.schedule(start, term, without=[(since, since + timedelta(length))])
    plain = CAL.due(start, term)
    assert found.on == (plain.on + timedelta(length) if since <= plain.on else plain.on)


@given(days, small, st.lists(st.tuples(st.integers(-5, 80), st.integers(0, 20)), max_size=4))
def test_suspensions_agree_with_counting_day_by_day(
    start: date, n: int, parts: list[tuple[int, int]]
) -> None:
    gaps = [(start + timedelta(a), start + timedelta(a + length)) for a, length in parts]

    def counts(day: date) -> bool:
        return not any(a <= day < b for a, b in gaps)

    for unit in ("WD", "CD"):
        day, left = start, n
        while left:
            day += timedelta(1)
            left -= counts(day) and (unit == "CD" or CAL.is_working_day(day))
        found = CAL.schedule(start, Term(n, unit, roll=False), without=gaps)  # type: ignore[arg-type]
        assert found.on == day, unit


@given(days, small, small, st.sampled_from(["WD", "CD", "M"]))
def test_extensions_in_the_same_unit_add_up(start: date, n: int, m: int, unit: str) -> None:
    extended = CAL.schedule(start, Term(n, unit), more=[Term(m, unit)])  # type: ignore[arg-type]
    assert extended.on == CAL.due(start, Term(n + m, unit)).on  # type: ignore[arg-type]


def test_an_extension_in_another_unit_runs_on_from_the_unrolled_end() -> None:
    found = CAL.schedule(D("2026-04-16"), Term(15, "CD"), more=[Term(3, "WD")])
    assert found.on == CAL.due(D("2026-05-01"), Term(3, "WD")).on == D("2026-05-08")


def test_a_suspended_hour_clock_moves_by_the_moments_left_out() -> None:
    start = clock.at_local(D("2026-09-14"), 10)
    found = CAL.schedule(start, Term(24, "H"), without=[(D("2026-09-15"), D("2026-09-16"))])
    assert found.at == start + timedelta(hours=48)


def test_the_seizure_of_thirty_days_with_a_test_of_nine_days() -> None:
    """强制法 art. 25: 30 calendar days, testing not counted, alarm on the un-rolled day (TIME-14)."""
    found = CAL.schedule(D("2026-09-01"), Term(30, "CD"), without=[(D("2026-09-10"), D("2026-09-19"))])
    assert found.unrolled == D("2026-10-10")
    assert found.on == D("2026-10-10"), "a make-up Saturday is a working day"
    assert ("2026-09-10", "中止期间") in [(d.isoformat(), why) for d, why in found.skipped]


# --- versions and speed ----------------------------------------------------------------------


def test_the_version_changes_with_any_day_and_with_the_standing_of_a_year() -> None:
    table = CAL.tables[2026]
    seen = {Calendar(CAL.tables.values()).version}
    for change in (
        YearTable(2026, True, off={**table.off, D("2026-09-28"): "中秋节"}, work=table.work),
        YearTable(2026, False, off=table.off, work=table.work),
        YearTable(2026, True, off=table.off, work={}),
    ):
        seen.add(Calendar({**CAL.tables, 2026: change}.values()).version)
    assert len(seen) == 4
    assert Calendar(reversed(CAL.tables.values())).version == CAL.version


def test_a_hundred_thousand_terms_a_second() -> None:
    start, term, n = D("2026-09-18"), Term(20, "WD"), 20_000
    best = min(_timed(start, term, n) for _ in range(5))
    assert n / best >= 100_000, f"{n / best:.0f}/s"


def _timed(start: date, term: Term, n: int) -> float:
    began = time.perf_counter()
    for _ in range(n):
        CAL.due(start, term)
    return time.perf_counter() - began
