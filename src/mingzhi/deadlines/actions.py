"""Writes: clocks start, stop, pause, run on, last longer; the calendar is edited.

A clock's row is recorded whenever it starts, moves or ends; extensions, suspensions, recalculations and
calendar changes append their own entries beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from mingzhi.deadlines import current, reckoning
from mingzhi.deadlines.choices import DayKind, RevisionAct, State, YearStatus
from mingzhi.deadlines.data import By, Due, Move, Term
from mingzhi.deadlines.errors import AlreadyRunning, BadDate, CalendarProblem, Expired, NoClock, NotRunning
from mingzhi.deadlines.events import CHANGED, CLOCK, EXTENDED, RECOMPUTED, RESUMED, SUSPENDED, YEAR
from mingzhi.deadlines.models import (
    CalendarDay,
    CalendarRevision,
    CalendarYear,
    Deadline,
    Extension,
    Recalculation,
    Resumption,
    Suspension,
)
from mingzhi.deadlines.queries import moving, reckoned
from mingzhi.deadlines.reckoning import YearTable
from mingzhi.kernel import clock
from mingzhi.kernel.prepared import insert


def start(
    *,
    subject: str,
    dossier_id: int | None,
    norm: str,
    label: str,
    citation: str,
    started: datetime,
    term: Term,
    unit_id: int | None,
    body_id: int,
    warn_at: Collection[int] = (),
    norm_version: str = "",
    by: By,
    at: datetime,
) -> int:
    """Start a clock: the event happened at ``started``; one INSERT. Returns the deadline's id.

    ``subject`` is who it is about (``"dossier:12"``, ``"review:5"``); one open clock per subject and
    norm. Raises ``AlreadyRunning``. Must run inside the caller's transaction, whose ledger entry
    tells of it.
    """
    due = current.calendar().due(started, term)
    row = Deadline(
        subject=subject,
        dossier_id=dossier_id,
        body_id=body_id,
        unit_id=unit_id,
        norm=norm,
        norm_version=norm_version or term.norm_version,
        label=label,
        citation=citation,
        started_at=started,
        n=term.n,
        unit=term.unit,
        roll=term.roll,
        warn_at=sorted(warn_at, reverse=True),
        state=State.RUNNING,
        started_by=by.label,
        recorded_at=at,
    )
    _set_end(row, due)
    try:
        insert(row)  # no savepoint: a clash undoes the whole step, which is what a clash should do
    except IntegrityError as error:
        raise AlreadyRunning(label=label) from error
    CLOCK.kept(row, at=at)
    return row.pk


def stop(*, subject: str, norm: str, on: datetime, by: By, at: datetime) -> int:
    """The awaited thing happened at ``on``: the clock ends as met. How many ended (0 when none ran).

    A suspended clock ends too. Raises ``BadDate`` when ``on`` is on a day before the start.
    """
    return _end(Deadline.objects.filter(subject=subject, norm=norm), State.MET, on, at)


def drop(*, subject: str, norm: str = "", on: datetime, by: By, at: datetime) -> int:
    """The clock (all clocks of ``subject`` without ``norm``) no longer matters: withdrawn, transferred."""
    rows = Deadline.objects.filter(subject=subject)
    return _end(rows.filter(norm=norm) if norm else rows, State.DROPPED, on, at)


def drop_of_dossier(
    *, dossier_id: int, on: datetime, keep: Collection[str] = (), by: By, at: datetime
) -> int:
    """The dossier ends: its open clocks end with it, except the norms of ``keep``."""
    rows = Deadline.objects.filter(dossier_id=dossier_id)
    return _end(rows.exclude(norm__in=keep) if keep else rows, State.DROPPED, on, at)


def suspend(*, subject: str, norm: str, on: datetime, reason: str, by: By, at: datetime) -> int:
    """Stop counting from the day of ``on`` (included): testing, appraisal, a court's order, a review
    that stops a surcharge. Returns the suspension's id.

    Raises ``NoClock``, ``NotRunning``, ``Expired`` (nothing can be suspended that is over), ``BadDate``.
    """
    with transaction.atomic():
        row = _open(subject, norm)
        day = clock.local_date(on)
        if row.state != State.RUNNING:
            raise NotRunning(label=row.label, state=row.get_state_display(), act="中止")
        _refuse_expired(row, on, "中止")
        if day < clock.local_date(row.started_at):
            raise BadDate("中止日期早于期限起算日期", remedy="请核对中止的日期")
        _need(reason, "中止原因")
        last = Resumption.objects.filter(suspension__deadline=row).order_by("-on").first()
        if last is not None and day < last.on:
            raise BadDate("中止日期早于上次恢复计算的日期", remedy="请核对中止的日期")
        made = Suspension.objects.create(deadline=row, since=day, reason=reason, by=by.label, at=at)
        row.state, row.suspended_on = State.SUSPENDED, day
        row.due_on = row.due_at = row.alarm_on = None
        row.save(update_fields=["state", "suspended_on", "due_on", "due_at", "alarm_on"])
        CLOCK.kept(row, at=at)
        SUSPENDED.kept(made, at=at)
        return made.pk


def resume(*, subject: str, norm: str, on: datetime, reason: str = "", by: By, at: datetime) -> int:
    """Count again from the day of ``on`` (included); the end moves by the days left out. Returns the id.

    Raises ``NoClock``, ``NotRunning``, ``BadDate``.
    """
    with transaction.atomic():
        row = _open(subject, norm)
        if row.state != State.SUSPENDED or row.suspended_on is None:
            raise NotRunning(label=row.label, state=row.get_state_display(), act="恢复")
        day = clock.local_date(on)
        if day < row.suspended_on:
            raise BadDate("恢复日期早于中止日期", remedy="请核对恢复计算的日期")
        pending = Suspension.objects.get(deadline=row, resumption__isnull=True)
        due = reckoned(row, current.calendar(), extra_gap=(pending.since, day))
        made = Resumption.objects.create(
            suspension=pending, on=day, reason=reason, due_on=due.on, by=by.label, at=at
        )
        row.state, row.suspended_on = State.RUNNING, None
        _set_end(row, due)
        row.save(update_fields=["state", "suspended_on", *_END_FIELDS])
        CLOCK.kept(row, at=at)
        RESUMED.kept(made, at=at)
        return made.pk


def extend(
    *,
    subject: str,
    norm: str,
    by_term: Term | None = None,
    until: date | None = None,
    reason: str,
    approved_by: str,
    on: datetime | None = None,
    by: By,
    at: datetime,
) -> int:
    """Lengthen the clock by ``by_term``, or (a granted deferral) until a day. Returns the extension's id.

    ``approved_by`` says who approved, as the paper does; ``on`` is the moment of approval (default ``at``).
    Refused after expiry (domain §10 no. 16): raises ``Expired``, ``NoClock``, ``BadDate``. Whether the
    law allows so long an extension is the norm's affair, not this room's.
    """
    if (by_term is None) == (until is None):
        raise BadDate("延长应写明时长或者截止日，二者择一", remedy="请填写其中一项")
    with transaction.atomic():
        row = _open(subject, norm)
        moment = on if on is not None else at
        _refuse_expired(row, moment, "延长")
        _need(reason, "延长原因")
        _need(approved_by, "批准人")
        if until is not None and row.due_on is not None and until <= row.due_on:
            raise BadDate("延至的日期不晚于原届满日", remedy="请核对延长后的日期")
        made = Extension(
            deadline=row,
            n=by_term.n if by_term is not None else None,
            unit=by_term.unit if by_term is not None else "",
            until=until,
            reason=reason,
            approved_by=approved_by,
            old_due_on=row.due_on,
            by=by.label,
            at=at,
        )
        word = by_term.text if by_term is not None else f"至 {until}"
        row.extended = f"{row.extended}、{word}" if row.extended else word
        if row.state == State.RUNNING:
            due = reckoned(row, current.calendar(), extra=made)
            made.due_on = due.on
            _set_end(row, due)
            row.save(update_fields=["extended", *_END_FIELDS])
        else:  # the end is reckoned when the clock runs again
            row.save(update_fields=["extended"])
        CLOCK.kept(row, at=at)
        made.save(force_insert=True)
        EXTENDED.kept(made, at=at)
        return made.pk


def recompute(*, only: Collection[int] = (), reason: str, by: By, at: datetime) -> list[Move]:
    """Bring clocks to the calendar in force. Lists all that differ; ``moved`` says which were moved.

    Provisional clocks move; others only when named in ``only`` (their people were told a day that was
    then official, so somebody must decide). Clocks that are over or ended never move (TIME-15).
    """
    _need(reason, "重算原因")
    moves: list[Move] = []
    with transaction.atomic():
        for row, due, move in moving(on=clock.local_date(at)):
            if not (row.provisional or row.pk in only):
                moves.append(move)
                continue
            old_version, old_due = row.calendar_version, row.due_on
            _set_end(row, due)
            row.save(update_fields=list(_END_FIELDS))
            CLOCK.kept(row, at=at)
            if old_due is not None and old_due != due.on:
                made = Recalculation.objects.create(
                    deadline=row,
                    old_due_on=old_due,
                    due_on=due.on,
                    old_version=old_version,
                    version=due.calendar_version,
                    reason=reason,
                    by=by.label,
                    at=at,
                )
                RECOMPUTED.kept(made, at=at)
                moves.append(Move(row.pk, row.subject, row.label, old_due, due.on, move.provisional, True))
    return moves


# --- the calendar ----------------------------------------------------------------------------


def load_calendar(
    *, tables: Iterable[YearTable] = (), force: bool = False, by: By, at: datetime
) -> list[str]:
    """Store the shipped years (or ``tables``) and, provisional, the year after the last. Idempotent.

    A year edited by hand is left alone unless ``force``. Returns one sentence per year that changed or
    was left alone; nothing when all is as it was. Clocks do not move (see ``recompute``).
    """
    wanted = {table.year: table for table in (tables or reckoning.shipped().tables.values())}
    said: list[str] = []
    with transaction.atomic():
        rows = {row.year: row for row in CalendarYear.objects.all()}
        known = {y for y, row in rows.items() if row.status == YearStatus.OFFICIAL} | wanted.keys()
        following = max(known) + 1
        if following not in rows:
            wanted.setdefault(following, YearTable(following, official=False))
        for year in sorted(wanted):
            table, row = wanted[year], rows.get(year)
            if row is not None and row.version == table.version:
                continue
            if row is not None and row.edited and not force:
                said.append(f"{year}年曾经手工修改，未覆盖（确需覆盖请加 --force）")
                continue
            _store(table, by, at)
            said.append(f"{year}年已装入（{'官方安排' if table.official else '暂定，放假安排尚未公布'}）")
    current.forget()
    return said


def calendar_day_set(
    *, day: date, kind: str, name: str = "", notice: str = "", reason: str, by: By, at: datetime
) -> bool:
    """Set one day: ``holiday``, ``makeup`` (a weekend day that works) or ``week`` (as the week has it).

    ``notice`` names the decision behind it. Whether ``by`` may do so is asked by the face
    (catalogue keepers). Returns False when the day was so already. No clock moves: what would is
    listed by ``queries.moves``. Raises ``CalendarProblem``.
    """
    if kind not in DayKind.values:
        raise CalendarProblem("日期安排只能是放假、调休上班或按周历", remedy="请重新选择")
    if not reckoning.FIRST_YEAR <= day.year <= reckoning.LAST_YEAR:
        raise CalendarProblem("日期超出日历范围", remedy="请核对年份")
    if kind == DayKind.MAKEUP and day.weekday() < reckoning.SATURDAY:
        raise CalendarProblem("周一至周五本为工作日，不能列为调休上班", remedy="请核对日期，或者选择“按周历”")
    if kind == DayKind.HOLIDAY and not name.strip():
        raise CalendarProblem("放假应写明名称", remedy="请填写节日或者放假事由")
    _need(reason, "修改原因")
    with transaction.atomic():
        row = CalendarDay.objects.filter(date=day).first()
        if row is not None and (row.kind, row.name, row.notice) == (kind, name, notice):
            return False
        table = row.table if row is not None else day.year
        year = CalendarYear.objects.filter(year=table).first()
        if year is None:
            shipped = reckoning.shipped().tables.get(table)
            year = _store(shipped or YearTable(table, official=False), by, at)
        CalendarDay.objects.update_or_create(
            date=day, defaults={"kind": kind, "name": name, "notice": notice, "table": table}
        )
        year.edited = True
        year.version = current.table_of(year, list(CalendarDay.objects.filter(table=table))).version
        year.save(update_fields=["edited", "version"])
        _revise(
            RevisionAct.DAY_SET, year, by, at, day=day, kind=kind, name=name, notice=notice, reason=reason
        )
    current.forget()
    return True


def _store(table: YearTable, by: By, at: datetime) -> CalendarYear:
    CalendarDay.objects.filter(table=table.year).delete()
    numbers = "；".join(table.numbers)
    notice = f"{table.notice}（{numbers}）" if numbers else table.notice
    rows = [
        CalendarDay(date=d, kind=DayKind.HOLIDAY, name=n, notice=notice, table=table.year)
        for d, n in table.off.items()
    ]
    rows += [
        CalendarDay(date=d, kind=DayKind.MAKEUP, name=n, notice=notice, table=table.year)
        for d, n in table.work.items()
    ]
    CalendarDay.objects.filter(date__in=[row.date for row in rows]).delete()
    CalendarDay.objects.bulk_create(rows)
    status = YearStatus.OFFICIAL if table.official else YearStatus.PROVISIONAL
    year, _ = CalendarYear.objects.update_or_create(
        year=table.year,
        defaults={
            "status": status,
            "notice": table.notice,
            "numbers": numbers,
            "version": table.version,
            "edited": False,
        },
    )
    _revise(RevisionAct.LOADED, year, by, at, notice=table.notice)
    return year


def _revise(act: RevisionAct, year: CalendarYear, by: By, at: datetime, **facts: object) -> None:
    made = CalendarRevision.objects.create(
        act=act, year=year.year, version=year.version, by=by.label, at=at, **facts
    )
    CHANGED.kept(made, at=at)
    YEAR.kept(year, at=at)


# --- inside ----------------------------------------------------------------------------------

_END_FIELDS = ("due_on", "due_at", "alarm_on", "provisional", "calendar_version", "skipped")


def _set_end(row: Deadline, due: Due) -> None:
    row.due_on, row.due_at, row.alarm_on = due.on, due.at, due.unrolled
    row.provisional, row.calendar_version = due.provisional, due.calendar_version
    row.skipped = [[day.isoformat(), why] for day, why in due.skipped]


def _end(rows: QuerySet[Deadline], state: State, on: datetime, at: datetime) -> int:
    """End the open rows of ``rows``. A fact dated before the start is refused, not stored."""
    still = list(rows.filter(ended_at__isnull=True))
    ending = still
    if state == State.MET:
        # By days: a fact known only by its day stands at 00:00, before a start later on that day.
        day_after = clock.at_local(clock.local_date(on) + timedelta(1))
        ending = [row for row in still if row.started_at < day_after]
        if still and not ending:
            raise BadDate("办结时间早于期限起算时间", remedy="请核对所填日期的先后")
    if ending:
        Deadline.objects.filter(pk__in=[row.pk for row in ending]).update(state=state, ended_at=on)
    for row in ending:
        row.state, row.ended_at = state, on
        CLOCK.kept(row, at=at)
    return len(ending)


def _open(subject: str, norm: str) -> Deadline:
    rows = Deadline.objects.select_for_update().filter(subject=subject, norm=norm, ended_at__isnull=True)
    row = rows.first()
    if row is None:
        raise NoClock
    return row


def _refuse_expired(row: Deadline, moment: datetime, act: str) -> None:
    if row.due_on is None:
        return
    over = moment > row.due_at if row.due_at is not None else clock.local_date(moment) > row.due_on
    if over:
        raise Expired(
            label=row.label, due=f"{row.due_on.year}年{row.due_on.month}月{row.due_on.day}日", act=act
        )


def _need(text: str, what: str) -> None:
    if not text.strip():
        raise BadDate(f"未填写{what}", code="deadlines.missing", remedy=f"请填写{what}")
