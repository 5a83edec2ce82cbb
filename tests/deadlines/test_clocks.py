"""Clocks as rows: started by one INSERT, found late by one index, never moved in silence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from mingzhi.deadlines import api, current, queries
from mingzhi.deadlines.data import DeadlineView, Term
from mingzhi.deadlines.errors import AlreadyRunning, BadDate, Expired, NoClock, NotRunning
from mingzhi.deadlines.events import extended_payload
from mingzhi.deadlines.models import Deadline, Extension, Resumption, Suspension
from mingzhi.kernel import clock
from mingzhi.ledger.models import Entry

pytestmark = pytest.mark.django_db(databases="__all__")
D = date.fromisoformat
SEIZURE = "coercion.seizure"


class Somebody:
    label = "person:1"


BY = Somebody()


def start(at: datetime, term: str | Term = "7WD", **kw: Any) -> int:
    facts: dict[str, Any] = {
        "subject": "dossier:1",
        "dossier_id": 1,
        "norm": "publication.penalty",
        "label": "处罚决定公开",
        "citation": "《示例规定》第一条",
        "started": at,
        "term": Term.parse(term) if isinstance(term, str) else term,
        "unit_id": 3,
        "body_id": 5,
        "by": BY,
        "at": at,
    }
    return api.start(**{**facts, **kw})


def only(on: date | datetime, dossier_id: int = 1) -> DeadlineView:
    (view,) = api.running(dossier_id, on)
    return view


def kinds() -> list[str]:
    """What was entered in the ledger, without the clock's own row that goes with every change of it."""
    return list(Entry.objects.exclude(kind="deadline:kept").order_by("id").values_list("kind", flat=True))


# --- start and stop --------------------------------------------------------------------------


def test_starting_a_clock_is_one_insert_and_its_entry(at: datetime) -> None:
    api.due(at, Term(1, "WD"))  # the calendar is in memory
    with CaptureQueriesContext(
        connection,
    ) as seen:
        start(at)
    assert [q["sql"].split()[0] for q in seen.captured_queries] == ["INSERT", "INSERT"]
    assert kinds() == [], "the step's own entry tells of it"


def test_a_clock_keeps_everything_it_was_reckoned_from(at: datetime) -> None:
    pk = start(
        at,
        Term(7, "WD", norm="publication.penalty", norm_version="2018-12-05"),
        started=clock.at_local(D("2026-09-18"), 15),
    )
    row = Deadline.objects.get(pk=pk)
    assert (row.due_on, row.alarm_on, row.due_at) == (D("2026-09-29"), D("2026-09-29"), None)
    assert row.norm_version == "2018-12-05"
    assert row.calendar_version == current.calendar().version
    assert row.skipped == [
        ["2026-09-19", "周末"],
        ["2026-09-25", "中秋节"],
        ["2026-09-26", "中秋节"],
        ["2026-09-27", "中秋节"],
    ]
    assert row.started_by == "person:1"
    assert queries.reckoned(row, current.calendar()).on == row.due_on


def test_one_open_clock_per_subject_and_norm(at: datetime) -> None:
    start(at)
    with pytest.raises(AlreadyRunning) as caught, transaction.atomic():
        start(at)
    assert "处罚决定公开" in caught.value.sentence
    start(at, norm="another")
    start(at, subject="dossier:2")
    assert api.stop(subject="dossier:1", norm="publication.penalty", on=at, by=BY, at=at) == 1
    start(at)


def test_stopping_what_does_not_run_changes_nothing(at: datetime) -> None:
    assert api.stop(subject="dossier:1", norm="none", on=at, by=BY, at=at) == 0


def test_a_clock_met_in_time_and_one_met_late(at: datetime, later: Callable[..., datetime]) -> None:
    start(at, "2CD", norm="a")
    start(at, "2CD", norm="b")
    api.stop(subject="dossier:1", norm="a", on=later(days=2, hours=14), by=BY, at=at)
    api.stop(subject="dossier:1", norm="b", on=later(days=2, hours=15), by=BY, at=at)  # 2026-09-17 00:30
    views = {v.norm: v for v in api.of_dossier(1, later(days=9))}
    assert [(v.state, v.met_late) for v in (views["a"], views["b"])] == [("met", False), ("met", True)]
    assert api.chip(views["a"], at).tone == "met"
    assert api.chip(views["b"], at).text == "逾期办结"
    assert api.running(1, at) == []


def test_a_clock_is_not_met_before_it_began(at: datetime, later: Callable[..., datetime]) -> None:
    start(at)
    same: dict[str, Any] = {"subject": "dossier:1", "norm": "publication.penalty", "by": BY, "at": at}
    with pytest.raises(BadDate):
        api.stop(on=later(days=-1), **same)
    assert only(at).state == "running"
    assert api.stop(on=clock.at_local(at.date()), **same) == 1, "a fact known by its day only"


def test_clocks_end_with_their_dossier_but_for_those_kept(at: datetime) -> None:
    for norm in ("a", "b", "archive"):
        start(at, norm=norm)
    assert api.drop_of_dossier(dossier_id=1, on=at, keep=("archive",), by=BY, at=at) == 2
    assert [v.norm for v in api.running(1, at)] == ["archive"]
    assert {v.state for v in api.of_dossier(1, at)} == {"dropped", "running"}


# --- late ------------------------------------------------------------------------------------


def test_late_begins_the_day_after_the_last(at: datetime) -> None:
    start(at, "2CD")  # 2026-09-16
    assert api.late([5], D("2026-09-16")) == []
    assert api.late_count([5], D("2026-09-17")) == 1
    (view,) = api.late([5], clock.at_local(D("2026-09-18"), 8))
    assert (view.state, view.days_left) == ("late", -2)
    assert api.late([6], D("2026-09-18")) == []


def test_hours_are_late_the_moment_after(at: datetime, later: Callable[..., datetime]) -> None:
    start(at, "24H")
    assert api.late([5], later(hours=24)) == []
    assert len(api.late([5], later(hours=24, seconds=1))) == 1
    assert len(api.late([5], later(days=2).date())) == 1


def test_suspended_and_ended_clocks_are_not_late(at: datetime, later: Callable[..., datetime]) -> None:
    start(at, "2CD", norm="a")
    start(at, "2CD", norm="b")
    api.suspend(subject="dossier:1", norm="a", on=later(days=1), reason="检测", by=BY, at=at)
    api.stop(subject="dossier:1", norm="b", on=later(days=1), by=BY, at=at)
    assert api.late([5], later(days=30)) == []


def test_what_is_late_is_one_scan_of_the_partial_index(at: datetime) -> None:
    pk = start(at)
    row = Deadline.objects.get(pk=pk)
    many = []
    for n in range(3000):
        row.pk, row.subject, row.dossier_id, row.body_id = None, f"dossier:{n + 2}", n + 2, n % 20
        row.due_on = row.alarm_on = D("2026-09-15") + timedelta(n % 200)
        closed = n % 3 > 0
        row.state, row.ended_at = ("met", at) if closed else ("running", None)
        many.append(copy.copy(row))
    Deadline.objects.bulk_create(many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE deadlines_deadline")
    for on in (D("2026-09-20"), clock.at_local(D("2026-09-20"), 9)):
        assert len(queries.late_rows([5], on)) == sum(
            m.body_id == 5 and m.ended_at is None and m.due_on < D("2026-09-20") for m in many
        )
        plan = queries.late_rows([5], on).explain()
        assert "deadline_open_due" in plan, plan
        assert "Seq Scan" not in plan
        assert "SCAN deadlines_deadline" not in plan
    with CaptureQueriesContext(connection) as seen:
        api.late([5, 6, 7], at)
    assert len(seen.captured_queries) == 1


def test_due_within_lists_what_comes(at: datetime) -> None:
    start(at, "2CD", norm="a")
    start(at, "9CD", norm="b")
    start(at, "2CD", norm="c", unit_id=4)
    assert [v.norm for v in api.due_within([5], at, days=3)] == ["a", "c"]
    assert [v.norm for v in api.due_within([5], at, days=3, unit_id=4)] == ["c"]
    found = api.running_for([1, 2], at)
    assert [v.norm for v in found[1]] == ["a", "c", "b"]


# --- suspension ------------------------------------------------------------------------------


def test_a_suspension_moves_the_end_by_the_days_left_out(
    at: datetime, later: Callable[..., datetime]
) -> None:
    start(at, "30CD", norm=SEIZURE)  # 2026-10-14
    api.suspend(subject="dossier:1", norm=SEIZURE, on=later(days=5), reason="送检", by=BY, at=later(days=5))
    paused = only(later(days=6))
    assert (paused.state, paused.due_on, paused.days_left) == ("suspended", None, None)
    assert api.chip(paused, later(days=6)).text == "中止中"
    api.resume(subject="dossier:1", norm=SEIZURE, on=later(days=12), by=BY, at=later(days=12))
    view = only(later(days=12))
    assert (view.state, view.alarm_on) == ("running", D("2026-10-21"))
    api.suspend(subject="dossier:1", norm=SEIZURE, on=later(days=20), reason="复检", by=BY, at=later(days=20))
    api.resume(subject="dossier:1", norm=SEIZURE, on=later(days=23), by=BY, at=later(days=23))
    row = Deadline.objects.get()
    assert row.alarm_on == D("2026-10-24")
    assert row.due_on == D("2026-10-26"), "a Saturday"
    assert queries.reckoned(row, current.calendar()).on == row.due_on
    assert kinds() == ["deadline:suspended", "deadline:resumed"] * 2
    assert Resumption.objects.order_by("id").values_list("due_on", flat=True)[1] == row.due_on


def test_suspended_working_days_are_not_counted(at: datetime, later: Callable[..., datetime]) -> None:
    start(at, "5WD")  # 2026-09-14 Mon → 09-20 (a working Sunday)
    assert only(at).due_on == D("2026-09-20")
    api.suspend(subject="dossier:1", norm="publication.penalty", on=later(days=1), reason="x", by=BY, at=at)
    api.resume(subject="dossier:1", norm="publication.penalty", on=later(days=3), by=BY, at=at)
    view = only(at)
    assert view.due_on == D("2026-09-22")
    assert (D("2026-09-15"), "中止期间") in view.skipped


def test_suspending_and_resuming_are_refused_out_of_turn(
    at: datetime, later: Callable[..., datetime]
) -> None:
    same: dict[str, Any] = {"subject": "dossier:1", "norm": "publication.penalty", "by": BY, "at": at}
    with pytest.raises(NoClock):
        api.suspend(on=at, reason="x", **same)
    start(at)
    with pytest.raises(NotRunning):
        api.resume(on=at, **same)
    with pytest.raises(BadDate):
        api.suspend(on=later(days=1), reason=" ", **same)
    with pytest.raises(BadDate):
        api.suspend(on=later(days=-1), reason="x", **same)
    api.suspend(on=later(days=2), reason="x", **same)
    with pytest.raises(NotRunning):
        api.suspend(on=later(days=2), reason="x", **same)
    with pytest.raises(BadDate):
        api.resume(on=later(days=1), **same)
    api.resume(on=later(days=4), **same)
    with pytest.raises(BadDate):
        api.suspend(on=later(days=3), reason="x", **same)
    assert Suspension.objects.count() == 1


def test_nothing_expired_is_suspended(at: datetime, later: Callable[..., datetime]) -> None:
    start(at, "2CD")
    with pytest.raises(Expired):
        api.suspend(
            subject="dossier:1", norm="publication.penalty", on=later(days=3), reason="x", by=BY, at=at
        )


# --- extension -------------------------------------------------------------------------------


def extend(at: datetime, term: str | None = "3WD", **kw: Any) -> int:
    facts: dict[str, Any] = {"subject": "dossier:1", "norm": "publication.penalty", "reason": "案情复杂"}
    facts |= {"approved_by": "分管负责人", "by": BY, "at": at, "by_term": Term.parse(term) if term else None}
    return api.extend(**{**facts, **kw})


def test_an_approved_extension_lengthens_the_clock(at: datetime) -> None:
    start(at, "5WD")
    pk = extend(at)
    view = only(at)
    assert view.due_on == api.due(at, Term(8, "WD")).on
    assert view.extended == "3 个工作日"
    made = Extension.objects.get(pk=pk)
    assert (made.old_due_on, made.due_on, made.approved_by) == (D("2026-09-20"), view.due_on, "分管负责人")
    assert kinds() == ["deadline:extended"]
    assert extended_payload(made)["n"] == 3


def test_extension_on_the_last_day_is_granted_and_after_it_refused(
    at: datetime, later: Callable[..., datetime]
) -> None:
    """Domain §10 no. 16: extension clicked after expiry."""
    start(at, "30CD", norm=SEIZURE)  # 2026-10-14
    with pytest.raises(Expired) as caught:
        extend(later(days=31), "30CD", norm=SEIZURE)
    assert "2026年10月14日" in caught.value.sentence
    extend(later(days=30), "30CD", norm=SEIZURE)
    assert only(at).alarm_on == D("2026-11-13")


def test_an_hour_clock_is_extended_up_to_its_moment(at: datetime, later: Callable[..., datetime]) -> None:
    start(at, "24H")
    with pytest.raises(Expired):
        extend(later(hours=24, seconds=1), "24H")
    extend(later(hours=24), "24H")
    assert only(at).due_at == later(hours=48)


def test_payment_deferred_until_a_day(at: datetime) -> None:
    start(at, "15CD")  # 2026-09-29
    extend(at, None, until=D("2026-12-31"))
    view = only(at)
    assert (view.due_on, view.extended) == (D("2026-12-31"), "至 2026-12-31")
    with pytest.raises(BadDate):
        extend(at, None, until=D("2026-12-31"))
    with pytest.raises(BadDate):
        extend(at, "3WD", until=D("2027-12-31"))


def test_an_extension_needs_a_reason_and_an_approver(at: datetime) -> None:
    start(at)
    for missing in ({"reason": ""}, {"approved_by": "  "}):
        with pytest.raises(BadDate):
            extend(at, **missing)
    assert Extension.objects.count() == 0


def test_extension_while_suspended_counts_after_resuming(
    at: datetime, later: Callable[..., datetime]
) -> None:
    start(at, "10CD", norm=SEIZURE)
    api.suspend(subject="dossier:1", norm=SEIZURE, on=later(days=2), reason="检测", by=BY, at=at)
    extend(later(days=3), "10CD", norm=SEIZURE)
    api.resume(subject="dossier:1", norm=SEIZURE, on=later(days=7), by=BY, at=at)
    assert only(at).alarm_on == later(days=25).date()


@pytest.mark.parametrize("model", [Extension, Suspension, Resumption])
def test_what_moved_a_clock_cannot_be_unwritten(
    model: Any, at: datetime, later: Callable[..., datetime]
) -> None:
    start(at, "30CD")
    extend(at)
    api.suspend(subject="dossier:1", norm="publication.penalty", on=at, reason="x", by=BY, at=at)
    api.resume(subject="dossier:1", norm="publication.penalty", on=later(days=1), by=BY, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(at=later(days=9))
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all()._raw_delete(connection.alias)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "met"},
        {"state": "suspended"},
        {"due_on": None},
        {"ended_at": clock.at_local(D("2026-09-15"))},
        {"alarm_on": D("2030-01-01")},
    ],
)
def test_the_database_refuses_a_clock_that_contradicts_itself(wrong: dict[str, Any], at: datetime) -> None:
    pk = start(at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deadline.objects.filter(pk=pk).update(**wrong)


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "on", "text", "tone"),
    [
        ("7WD", "2026-09-14", "剩 7 个工作日", "ok"),
        ("7WD", "2026-09-18", "剩 3 个工作日", "soon"),
        ("7WD", "2026-09-22", "今日到期", "today"),
        ("7WD", "2026-09-23", "逾期 1 日", "late"),
        ("15CD", "2026-09-20", "剩 9 日", "ok"),
        ("15CD", "2026-09-29", "今日到期", "today"),
        ("15CD", "2026-10-01", "逾期 2 日", "late"),
        ("19CD", "2026-10-03", "今日到期，顺延至 10 月 8 日", "today"),
        ("19CD", "2026-10-05", "末日遇休息日，顺延至 10 月 8 日", "today"),
        ("19CD", "2026-10-08", "今日到期", "today"),
        ("19CD", "2026-10-09", "逾期 1 日", "late"),
        ("5M", "2026-09-14", "剩 154 日（暂定）", "ok"),
    ],
)
def test_chips(term: str, on: str, text: str, tone: str, at: datetime) -> None:
    start(at, term)
    chip = api.chip(only(D(on)), D(on))
    assert (chip.text, chip.tone) == (text, tone)


def test_the_chip_of_hours(at: datetime, later: Callable[..., datetime]) -> None:
    start(at, "24H")
    said = [
        api.chip(only(m), m).text for m in (at, later(hours=23, minutes=30), later(hours=26), later(days=4))
    ]
    assert said == ["剩 24 小时", "剩 30 分钟", "逾期 2 小时", "逾期 3 日"]


def test_the_bodys_own_warning_days_decide_soon(at: datetime) -> None:
    start(at, "10WD", warn_at=(5, 1))
    assert api.chip(only(D("2026-09-20")), D("2026-09-20")).tone == "soon"
    assert api.chip(only(D("2026-09-18")), D("2026-09-18")).tone == "ok"


def test_the_title_says_rule_start_skipped_days_and_citation(at: datetime) -> None:
    start(at, "10WD")
    extend(at, "3WD")
    title = api.chip(only(at), at).title
    for part in (
        "处罚决定公开：10 个工作日，已延长 3 个工作日",
        "自2026年9月14日起算（当日不计入）",
        "2026年10月8日届满",
        "9月25日至27日（中秋节）",
        "10月1日至7日（国庆节）",
        "依据：《示例规定》第一条",
    ):
        assert part in title, title


# --- the calendar changes --------------------------------------------------------------------


def test_loading_is_idempotent_and_entered_in_the_ledger(at: datetime) -> None:
    said = api.load_calendar(by=BY, at=at)
    assert len(said) == 10
    assert "2027年已装入（暂定" in said[-1]
    before = kinds()
    assert before == ["calendar:changed", "calendar:year:kept"] * 10
    assert api.load_calendar(by=BY, at=at) == []
    assert kinds() == before
    stored = current.from_database()
    shipped = queries.current.reckoning.shipped()
    day = D("2017-12-01")
    while day < D("2028-01-01"):
        assert stored.is_working_day(day) == shipped.is_working_day(day), day
        assert stored.why(day) == shipped.why(day), day
        day += timedelta(1)


def test_a_calendar_edit_moves_no_clock_until_somebody_decides(at: datetime) -> None:
    api.load_calendar(by=BY, at=at)
    start(at, "7WD", norm="official")  # 2026-09-22
    start(at, "5M", norm="provisional", started=clock.at_local(D("2026-09-28")))  # 2027-02-28, a Sunday
    start(at, "1CD", norm="past", started=clock.at_local(D("2026-09-10")))
    old = {v.norm: v.due_on for v in api.running(1, at)}
    assert (old["official"], old["provisional"]) == (D("2026-09-22"), D("2027-03-01"))

    assert api.calendar_day_set(
        day=D("2026-09-21"), kind="holiday", name="临时停工", reason="台风", by=BY, at=at
    )
    assert api.calendar_day_set(
        day=D("2026-09-11"), kind="holiday", name="临时停工", reason="台风", by=BY, at=at
    )
    assert api.calendar_day_set(day=D("2027-02-28"), kind="makeup", name="春节", reason="通知", by=BY, at=at)
    assert {v.norm: v.due_on for v in api.running(1, at)} == old
    assert not api.is_working_day(D("2026-09-21"))

    listed = api.moves(on=D("2026-09-14"))
    assert [(m.old_due_on, m.new_due_on, m.provisional) for m in listed] == [
        (D("2026-09-22"), D("2026-09-23"), False),
        (D("2027-03-01"), D("2027-02-28"), True),
    ]
    done = api.recompute(reason="2027年安排公布", by=BY, at=at)
    assert [m.moved for m in done] == [False, True]
    now = {v.norm: v.due_on for v in api.running(1, at)}
    assert now == {**old, "provisional": D("2027-02-28")}
    assert kinds().count("deadline:recomputed") == 1

    api.recompute(only=[listed[0].deadline_id], reason="经批准", by=BY, at=at)
    assert {v.norm: v.due_on for v in api.running(1, at)} == {**now, "official": D("2026-09-23")}
    assert api.moves(on=D("2026-09-14")) == []


def test_setting_a_day_to_what_it_is_changes_nothing(at: datetime) -> None:
    facts: dict[str, Any] = {
        "day": D("2026-09-21"),
        "kind": "holiday",
        "name": "停工",
        "reason": "x",
        "by": BY,
        "at": at,
    }
    assert api.calendar_day_set(**facts)
    count = Entry.objects.count()
    assert not api.calendar_day_set(**facts)
    assert Entry.objects.count() == count
    assert api.calendar_day_set(**{**facts, "kind": "week", "name": ""})
    assert api.is_working_day(D("2026-09-21"))


def test_a_hand_edited_year_is_not_overwritten_by_loading(at: datetime) -> None:
    api.load_calendar(by=BY, at=at)
    api.calendar_day_set(day=D("2026-09-21"), kind="holiday", name="停工", reason="x", by=BY, at=at)
    (said,) = api.load_calendar(by=BY, at=at)
    assert "手工修改" in said
    assert not api.is_working_day(D("2026-09-21"))
    assert len(api.load_calendar(force=True, by=BY, at=at)) == 1
    assert api.is_working_day(D("2026-09-21"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "makeup"},  # a Monday
        {"kind": "feast"},
        {"kind": "holiday", "name": ""},
        {"kind": "holiday", "name": "停工", "reason": ""},
        {"kind": "holiday", "name": "停工", "day": D("1980-01-01")},
    ],
)
def test_a_calendar_edit_that_cannot_be_right_is_refused(wrong: dict[str, Any], at: datetime) -> None:
    facts = {"day": D("2026-09-21"), "name": "停工", "reason": "x", "by": BY, "at": at, **wrong}
    with pytest.raises(Exception, match=r"deadlines\.") as caught:
        api.calendar_day_set(**facts)
    assert caught.value.remedy  # type: ignore[attr-defined]


def test_every_entry_is_recomputed_from_its_live_row(at: datetime, later: Callable[..., datetime]) -> None:
    from mingzhi.ledger import kinds as register

    api.load_calendar(by=BY, at=at)
    start(at, "30CD")
    extend(at)
    api.suspend(subject="dossier:1", norm="publication.penalty", on=at, reason="x", by=BY, at=at)
    api.resume(subject="dossier:1", norm="publication.penalty", on=later(days=1), by=BY, at=at)
    for entry in Entry.objects.all():
        kind = register.current(entry.kind)
        assert kind.payload_of is not None and kind.rows is not None
        assert kind.payload_of(entry.subject) == dict(kind.rows())[entry.subject]
