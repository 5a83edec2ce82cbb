"""工作日历: a year as it counts for deadlines; one day changed by who keeps the lists."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.choices import DayKind
from mingzhi.kernel.errors import Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_of,
    day_or_none,
    given,
    number,
    shown,
    today,
)
from mingzhi.web.templatetags.mingzhi import WEEKDAYS

_FIRST, _LAST = 2016, 2099
_ENTER = (
    Permission.CASE_READ,
    Permission.CONFIG_MANAGE,
    Permission.CATALOGUE_MANAGE,
    Permission.SUPERVISE_READ,
)
_SATURDAY = 5


@forms
def page(request: HttpRequest) -> HttpResponse:
    by = by_of(request)
    if not any(by.may(p) for p in _ENTER):
        organisations.require(by, Permission.CASE_READ)
    if request.method != "POST":
        return _page(request)
    organisations.require(by, Permission.CATALOGUE_MANAGE)
    day = day_or_none(given(request, "day", 10))
    if given(request, "act", 12) == "recompute":
        refused = attempted(request, lambda: _recompute(request), _("所列期限已按现行日历重算"))
    else:
        refused = attempted(request, lambda: _set(request), _("日历已修改；受影响的期限见本页“期限变动”"))
    year = day.year if day else today(request).year
    return answered(request, refused, f"{reverse('desk:calendar')}?year={year}", lambda r: _page(request, r))


def _set(request: HttpRequest) -> None:
    problems = Problems()
    day = day_of(problems, request, "day", _("日期"))
    problems.raise_if_any()
    deadlines.calendar_day_set(
        day=day,
        kind=given(request, "kind", 12),
        name=given(request, "name", 30),
        notice=given(request, "notice", 200),
        reason=given(request, "reason", 300),
        by=by_of(request),
        at=at_of(request),
    )


def _recompute(request: HttpRequest) -> None:
    """Provisional ends move; an end that people were told as settled moves only where it was ticked."""
    deadlines.recompute(
        only=[pk for pk in map(number, request.POST.getlist("settled")) if pk is not None],
        reason=given(request, "why", 300),
        by=by_of(request),
        at=at_of(request),
    )


def _cell(day: date, now: date) -> dict[str, Any]:
    why, works = deadlines.day_name(day), deadlines.is_working_day(day)
    weekend = day.weekday() >= _SATURDAY
    tone = (
        "makeup"
        if works and weekend
        else "holiday"
        if not works and why and why != "周末"
        else ""
        if works
        else "off"
    )
    return {"day": day, "why": why, "tone": tone, "works": works, "now": day == now}


def _months(year: int, now: date) -> list[dict[str, Any]]:
    months = []
    for month in range(1, 13):
        weeks = [
            [_cell(d, now) if d.month == month else None for d in week]
            for week in calendar.Calendar().monthdatescalendar(year, month)
        ]
        cells = [c for week in weeks for c in week if c is not None]
        months.append({"number": month, "weeks": weeks, "working": sum(c["works"] for c in cells)})
    return months


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by, now = by_of(request), today(request)
    picked = day_or_none(given(request, "day", 10))
    year = number(given(request, "year", 4)) or (picked.year if picked else now.year)
    year = min(max(year, _FIRST), _LAST)
    may = by.may(Permission.CATALOGUE_MANAGE)
    named: dict[str, list[date]] = {}
    day = date(year, 1, 1)
    while day.year == year:
        why = deadlines.day_name(day)
        if why and why != "周末":
            named.setdefault(why, []).append(day)
        day += timedelta(days=1)
    return shown(
        request,
        "desk/registers/calendar.html",
        {
            "year": year,
            "months": _months(year, now),
            "named": [(name, days[0], days[-1], len(days)) for name, days in named.items()],
            "provisional": year in deadlines.provisional_years(until=year),
            "ticked": {number(pk) for pk in request.POST.getlist("settled")},
            "moves": deadlines.moves(on=now)[:50] if may else [],
            "picked": picked,
            "kinds": DayKind.choices,
            "may_edit": may,
            "week": [_(d) for d in WEEKDAYS],
            "trail": [(_("工作日历"), "")],
        },
        refused,
    )
