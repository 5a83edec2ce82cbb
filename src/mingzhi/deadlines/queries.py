"""Reads: what runs, what is late, and how it is said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from mingzhi.deadlines import current
from mingzhi.deadlines.choices import State
from mingzhi.deadlines.data import Chip, DeadlineView, Due, Move, Term
from mingzhi.deadlines.models import Deadline, Extension, Suspension
from mingzhi.deadlines.reckoning import Calendar, Interval
from mingzhi.kernel import clock

SOON = 3
"""Days before the end from which a clock without its own warning days counts as «soon»."""


def due(start: date | datetime, term: Term) -> Due:
    """Where ``term`` ends if the event falls on ``start``, on the calendar in force."""
    return current.calendar().due(start, term)


def latest_start(day: date, term: Term) -> date:
    """The last day an event may fall on so that ``term`` (WD, CD) is over on ``day`` at the latest."""
    return current.calendar().latest_start(day, term)


def working_days_between(a: date, b: date) -> int:
    """Working days after ``a`` up to and including ``b``; negative when ``b`` is before ``a``."""
    return current.calendar().working_days_between(a, b)


def is_working_day(day: date) -> bool:
    return current.calendar().is_working_day(day)


def day_name(day: date) -> str:
    """What the calendar says of ``day``: holiday name, 周末, 调休上班, or empty."""
    return current.calendar().why(day)


def provisional_years(*, until: int) -> list[int]:
    """Years from the last official one's next up to ``until`` that still lack a notice."""
    official = current.calendar().official
    return list(range(max(official, default=until) + 1, until + 1))


# --- clocks ---------------------------------------------------------------------------------


def running(dossier_id: int, on: date | datetime | None = None) -> list[DeadlineView]:
    """Open clocks of a dossier, first to end first. ``on``: the day asked about (default: today)."""
    rows = Deadline.objects.filter(dossier_id=dossier_id, ended_at__isnull=True)
    return _views(rows.order_by("due_on", "id"), on)


def of_dossier(dossier_id: int, on: date | datetime | None = None) -> list[DeadlineView]:
    """All clocks of a dossier, ended ones too, in the order they started."""
    return _views(Deadline.objects.filter(dossier_id=dossier_id).order_by("started_at", "id"), on)


def of_subject(subject: str, norm: str = "", on: date | datetime | None = None) -> list[DeadlineView]:
    """All clocks of one subject (of one norm), in the order they started."""
    rows = Deadline.objects.filter(subject=subject)
    return _views((rows.filter(norm=norm) if norm else rows).order_by("started_at", "id"), on)


def running_for(dossier_ids: Collection[int], on: date | datetime) -> dict[int, list[DeadlineView]]:
    """Open clocks of many dossiers in one query, for lists."""
    found: dict[int, list[DeadlineView]] = {}
    rows = Deadline.objects.filter(dossier_id__in=dossier_ids, ended_at__isnull=True)
    for view in _views(rows.order_by("due_on", "id"), on):
        found.setdefault(view.dossier_id or 0, []).append(view)
    return found


def late_rows(body_ids: Collection[int], on: date | datetime) -> QuerySet[Deadline]:
    """Open clocks past their end: one range scan of the partial index on (body, due day).

    A day's term is late from the next day on (TIME-03); hours are late the moment after, when
    ``on`` is a moment.
    """
    day, moment = _when(on)
    rows = Deadline.objects.filter(body_id__in=body_ids, ended_at__isnull=True).order_by("due_on", "id")
    if moment is None:
        return rows.filter(due_on__lt=day)
    # The plain bound on due_on is what the index answers; the rest looks at today's few hour clocks.
    past = Q(due_on__lt=day, due_at__isnull=True) | Q(due_at__lt=moment)
    return rows.filter(past, due_on__lte=day)


def late(body_ids: Collection[int], on: date | datetime, *, limit: int = 500) -> list[DeadlineView]:
    """What is late, longest first. Suspended clocks are not."""
    return _views(late_rows(body_ids, on)[:limit], on)


def late_count(body_ids: Collection[int], on: date | datetime) -> int:
    return late_rows(body_ids, on).count()


def due_within(
    body_ids: Collection[int], on: date | datetime, *, days: int, unit_id: int | None = None, limit: int = 500
) -> list[DeadlineView]:
    """Open clocks, not late, whose alarm or end falls within ``days`` calendar days from ``on``."""
    day, _ = _when(on)
    rows = Deadline.objects.filter(body_id__in=body_ids, ended_at__isnull=True, due_on__gte=day)
    rows = rows.filter(Q(due_on__lte=day + timedelta(days)) | Q(alarm_on__lte=day + timedelta(days)))
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    return [view for view in _views(rows.order_by("due_on", "id")[:limit], on) if view.state != "late"]


def _when(on: date | datetime) -> tuple[date, datetime | None]:
    return (clock.local_date(on), on) if isinstance(on, datetime) else (on, None)


def _views(rows: QuerySet[Deadline], on: date | datetime | None) -> list[DeadlineView]:
    asked = clock.now() if on is None else on
    calendar = current.calendar()
    return [view(row, asked, calendar) for row in rows]


def view(row: Deadline, on: date | datetime, calendar: Calendar) -> DeadlineView:
    """``row`` as seen on ``on``."""
    day, moment = _when(on)
    term = term_of(row)
    state, left = str(row.state), None
    if row.state == State.RUNNING and row.due_on is not None:
        over = row.due_at < moment if row.due_at is not None and moment is not None else row.due_on < day
        if over:
            state, left = "late", (row.due_on - day).days
        elif row.unit == "WD":
            left = calendar.working_days_between(day, row.due_on)
        else:
            left = (row.due_on - day).days
    met_on = clock.local_date(row.ended_at) if row.ended_at is not None and row.state == State.MET else None
    return DeadlineView(
        id=row.pk,
        subject=row.subject,
        dossier_id=row.dossier_id,
        body_id=row.body_id,
        unit_id=row.unit_id,
        norm=row.norm,
        norm_version=row.norm_version,
        label=row.label,
        citation=row.citation,
        term=term,
        started_at=row.started_at,
        started_on=clock.local_date(row.started_at),
        due_on=row.due_on,
        due_at=row.due_at,
        alarm_on=row.alarm_on,
        state=state,
        days_left=left,
        provisional=row.provisional,
        calendar_version=row.calendar_version,
        skipped=tuple((date.fromisoformat(d), why) for d, why in row.skipped),
        warn_at=tuple(row.warn_at),
        extended=row.extended,
        suspended_on=row.suspended_on,
        met_on=met_on,
        met_late=met_on is not None and _ended_late(row),
    )


def _ended_late(row: Deadline) -> bool:
    assert row.ended_at is not None
    if row.due_at is not None:
        return row.ended_at > row.due_at
    return row.due_on is not None and clock.local_date(row.ended_at) > row.due_on


def term_of(row: Deadline) -> Term:
    """The term a row was started with."""
    return Term(row.n, row.unit, row.roll, row.norm, row.norm_version)  # type: ignore[arg-type]


# --- what a clock stands on ------------------------------------------------------------------


def gaps(deadline_id: int) -> list[Interval]:
    """Closed suspensions as intervals of days that do not count."""
    rows = Suspension.objects.filter(deadline_id=deadline_id, resumption__isnull=False)
    return list(rows.order_by("since").values_list("since", "resumption__on"))


def reckoned(
    row: Deadline, calendar: Calendar, *, extra: Extension | None = None, extra_gap: Interval | None = None
) -> Due:
    """The end of ``row`` anew from its facts: start, term, suspensions, extensions (style rule 22).

    ``extra`` and ``extra_gap`` are facts about to be stored.
    """
    extensions = list(Extension.objects.filter(deadline_id=row.pk).order_by("id"))
    if extra is not None:
        extensions.append(extra)
    without = gaps(row.pk) + ([extra_gap] if extra_gap is not None else [])
    more = [Term(x.n, x.unit, row.roll) for x in extensions if x.n is not None]  # type: ignore[arg-type]
    found = calendar.schedule(row.started_at, term_of(row), more=more, without=without)
    until = max((x.until for x in extensions if x.until is not None), default=None)
    if until is not None and until > found.unrolled:
        found = calendar.due(found.started, Term((until - found.started).days, "CD", row.roll))
    return found


def moves(*, on: date) -> list[Move]:
    """Open clocks, not yet over on ``on``, that the calendar in force would end on another day.

    Nothing moves by itself (TIME-15); ``actions.recompute`` moves what somebody decides to move.
    """
    return [move for _, _, move in moving(on=on)]


def moving(*, on: date) -> Iterator[tuple[Deadline, Due, Move]]:
    """The rows behind ``moves`` with their new ends."""
    calendar = current.calendar()
    rows = Deadline.objects.filter(state=State.RUNNING, ended_at__isnull=True, due_on__gte=on)
    for row in rows.exclude(calendar_version=calendar.version).exclude(unit="H").order_by("id").iterator(500):
        found = reckoned(row, calendar)
        assert row.due_on is not None
        if found.on != row.due_on or found.provisional != row.provisional:
            yield row, found, Move(row.pk, row.subject, row.label, row.due_on, found.on, row.provisional)


# --- words ----------------------------------------------------------------------------------


def chip(view: DeadlineView, on: date | datetime) -> Chip:
    """The mark beside a clock: 剩 3 个工作日, 今日到期, 逾期 2 日."""
    text, tone = _text_and_tone(view, on)
    if view.provisional and tone in {"ok", "soon", "today"}:
        text += "（暂定）"
    return Chip(text, tone, _title(view))


def _text_and_tone(view: DeadlineView, on: date | datetime) -> tuple[str, str]:
    if view.state == State.MET:
        return ("逾期办结", "late") if view.met_late else ("已办结", "met")
    if view.state == State.DROPPED:
        return "已终止", "met"
    if view.state == State.SUSPENDED or view.due_on is None or view.days_left is None:
        return "中止中", "paused"
    return _running_words(view, view.due_on, view.days_left, on)


def _running_words(view: DeadlineView, due_on: date, left: int, on: date | datetime) -> tuple[str, str]:
    day, moment = _when(on)
    if view.due_at is not None and moment is not None:
        return _hours(view, moment)
    if view.state == "late":
        return f"逾期 {-left} 日", "late"
    if day == due_on:
        return "今日到期", "today"
    if view.alarm_on is not None and view.alarm_on < due_on and day >= view.alarm_on:
        end = f"顺延至 {due_on.month} 月 {due_on.day} 日"
        return (f"今日到期，{end}" if day == view.alarm_on else f"末日遇休息日，{end}"), "today"
    word = "个工作日" if view.term.unit == "WD" else "日"
    soon = left <= max(view.warn_at, default=SOON)
    return f"剩 {left} {word}", "soon" if soon else "ok"


def _hours(view: DeadlineView, moment: datetime) -> tuple[str, str]:
    assert view.due_at is not None
    seconds = (view.due_at - moment).total_seconds()
    hours = int(abs(seconds) // 3600)
    size = f"{hours} 小时" if hours else f"{max(1, int(abs(seconds) // 60))} 分钟"
    if seconds < 0:
        return (f"逾期 {int(-seconds // 86400)} 日" if seconds <= -86400 * 2 else f"逾期 {size}"), "late"
    return f"剩 {size}", "today" if seconds <= 6 * 3600 else "soon" if seconds <= 24 * 3600 else "ok"


def _cn(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _title(view: DeadlineView) -> str:
    parts = [f"{view.label}：{view.term.text}" + (f"，已延长 {view.extended}" if view.extended else "")]
    parts.append(
        f"自{_cn(view.started_on)}起算（当日不计入）" if view.term.unit != "H" else _from_moment(view)
    )
    if view.due_at is not None:
        local = clock.local(view.due_at)
        parts.append(f"{_cn(local.date())}{local:%H:%M}届满")
    elif view.due_on is not None:
        if view.alarm_on is not None and view.alarm_on != view.due_on:
            parts.append(f"末日{_cn(view.alarm_on)}为休息日，顺延至{_cn(view.due_on)}届满")
        else:
            parts.append(f"{_cn(view.due_on)}届满")
    elif view.suspended_on is not None:
        parts.append(f"自{_cn(view.suspended_on)}起中止")
    if view.skipped and (view.term.unit == "WD" or view.extended):
        parts.append("未计入：" + _skipped_words(view.skipped))
    if view.provisional:
        parts.append("所涉年度的放假安排尚未公布，结果为暂定")
    if view.citation:
        parts.append(f"依据：{view.citation}")
    return "；".join(parts)


def _from_moment(view: DeadlineView) -> str:
    local = clock.local(view.started_at)
    return f"自{_cn(local.date())}{local:%H:%M}起算"


def _skipped_words(skipped: Sequence[tuple[date, str]]) -> str:
    """``9月19日（周末）、9月25日至27日（中秋节）``: runs of one reason together."""
    runs: list[tuple[date, date, str]] = []
    for day, why in skipped:
        if runs and runs[-1][2] == why and runs[-1][1] + timedelta(1) == day:
            runs[-1] = (runs[-1][0], day, why)
        else:
            runs.append((day, day, why))
    words = []
    for first, last, why in runs:
        text = f"{first.month}月{first.day}日"
        if last != first:
            text += f"至{last.day}日" if last.month == first.month else f"至{last.month}月{last.day}日"
        words.append(f"{text}（{why}）")
    return "、".join(words)
