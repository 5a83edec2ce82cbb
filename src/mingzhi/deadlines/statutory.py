"""Holidays of a year whose State Council notice is not out: the days the law itself gives.

全国年节及纪念日放假办法 art. 2 (as amended from 2025): 元旦 1 day, 春节 4 (除夕 to 初三), 清明 1,
劳动节 2, 端午 1, 中秋 1, 国庆 3. Make-up days, and the substitute for a holiday that falls on a
weekend (art. 6), are fixed only by the notice, so they are not guessed; every result that leans
on such a year says provisional.
"""

from __future__ import annotations

from datetime import date, timedelta

# First day of the first lunar month, 清明, 端午, 中秋 — month and day, by year. Astronomical facts,
# compared with an independent source in tests/deadlines.
_FEASTS: dict[int, tuple[str, str, str, str]] = {
    2027: ("02-06", "04-05", "06-09", "09-15"),
    2028: ("01-26", "04-04", "05-28", "10-03"),
    2029: ("02-13", "04-04", "06-16", "09-22"),
    2030: ("02-03", "04-05", "06-05", "09-12"),
    2031: ("01-23", "04-05", "06-24", "10-01"),
    2032: ("02-11", "04-04", "06-12", "09-19"),
    2033: ("01-31", "04-04", "06-01", "09-08"),
    2034: ("02-19", "04-05", "06-20", "09-27"),
    2035: ("02-08", "04-05", "06-10", "09-16"),
    2036: ("01-28", "04-04", "05-30", "10-04"),
}


def holidays(year: int) -> dict[date, str]:
    """Statutory days off of ``year`` by date. Years outside the feast table have only the fixed dates."""
    found: dict[date, str] = {}

    def add(day: date, name: str) -> None:
        found[day] = f"{found[day]}、{name}" if day in found else name

    add(date(year, 1, 1), "元旦")
    for day in (1, 2):
        add(date(year, 5, day), "劳动节")
    for day in (1, 2, 3):
        add(date(year, 10, day), "国庆节")
    feasts = _FEASTS.get(year)
    if feasts is not None:
        spring, qingming, duanwu, zhongqiu = (date.fromisoformat(f"{year}-{text}") for text in feasts)
        for shift in (-1, 0, 1, 2):
            add(spring + timedelta(shift), "春节")
        add(qingming, "清明节")
        add(duanwu, "端午节")
        add(zhongqiu, "中秋节")
    return found
