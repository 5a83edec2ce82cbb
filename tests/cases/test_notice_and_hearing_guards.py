"""Notice, statement, hearing: nobody is decided upon before being heard (G7, G8, G9)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.organisations.permissions import Permission
from mingzhi.web.demo.drive import Drive
from tests.cases.staging import holding, recorded, refused, standing, taken

pytestmark = pytest.mark.django_db(databases="__all__")
CONTACT = {"contact": "承办人 0000-0000000"}


def told(case: Drive) -> Drive:
    """Notified and served; nothing said yet."""
    case.working_day()
    case.step("notify", "officer1", **CONTACT)
    case.serve("P13H" if case.hearing_possible() else "P13", "notice_serve")
    return case


def served_on(case: Drive) -> date:
    return next(t.started_on for t in deadlines.running(case.id) if t.norm == "penalty.term.statement")


def waive(case: Drive, **changes: Any) -> dict[str, Any]:
    return {"form": "waived", "made_on": case.day, "waiver_signed": True, **changes}


def submit(case: Drive) -> set[str]:
    return standing(case, "submit_decision", "officer1")


def test_no_decision_before_the_notice_is_made_and_served(concluded: Drive) -> None:
    assert submit(concluded) == {"G7.notice"}
    concluded.working_day()
    concluded.step("notify", "officer1", **CONTACT)
    assert submit(concluded) == {"G7.notice"}, "made is not served"
    concluded.serve("P13", "notice_serve")
    assert submit(concluded) == {"G7.period"}
    concluded.step("statement", "officer1", **waive(concluded))
    assert submit(concluded) == set()


def test_a_decision_waits_through_the_last_day_to_speak_and_not_a_day_longer(concluded: Drive) -> None:
    told(concluded)
    last = deadlines.due(served_on(concluded), deadlines.Term(5, "WD")).on
    concluded.at = clock.at_local(last, 16)
    assert submit(concluded) == {"G7.period"}
    concluded.at = clock.at_local(last + timedelta(days=1), 0, 1)
    assert submit(concluded) == set()


def test_silence_is_registered_after_the_period_and_not_on_its_last_day(concluded: Drive) -> None:
    told(concluded)
    last = deadlines.due(served_on(concluded), deadlines.Term(5, "WD")).on
    concluded.at = clock.at_local(last, 16)
    assert refused(concluded, "statement", "officer1", form="silent", made_on=concluded.day) == {
        "PEN-15.early"
    }
    concluded.at = clock.at_local(last + timedelta(days=1), 9)
    assert taken(concluded, "statement", "officer1", form="silent", made_on=concluded.day) == "concluded"


def test_five_working_days_to_speak_run_from_the_service_and_not_from_the_notice(concluded: Drive) -> None:
    concluded.at = clock.at_local(date(2026, 9, 18), 9)
    concluded.step("notify", "officer1", **CONTACT)
    assert all(t.norm != "penalty.term.statement" for t in deadlines.running(concluded.id))
    concluded.at = clock.at_local(date(2026, 9, 21), 9)
    concluded.serve("P13", "notice_serve")
    term = next(t for t in deadlines.running(concluded.id) if t.norm == "penalty.term.statement")
    assert term.started_on == date(2026, 9, 21)
    assert term.due_on == date(2026, 9, 29), "22, 23, 24, then 28, 29: 25 September is a holiday"


def test_a_statement_is_not_dated_before_the_notice_was_served(concluded: Drive) -> None:
    told(concluded)
    on = served_on(concluded)
    early = waive(concluded, made_on=(on - timedelta(days=1)).isoformat())
    assert refused(concluded, "statement", "officer1", **early) == {"PEN-15.order"}
    assert (
        taken(concluded, "statement", "officer1", **waive(concluded, made_on=on.isoformat())) == "concluded"
    )


def test_nothing_is_said_to_a_notice_that_was_not_served(concluded: Drive) -> None:
    concluded.working_day()
    concluded.step("notify", "officer1", **CONTACT)
    assert refused(concluded, "statement", "officer1", **waive(concluded)) == {"G7.served"}
    concluded.serve("P13", "notice_serve")
    assert taken(concluded, "statement", "officer1", **waive(concluded)) == "concluded"


def test_a_waiver_is_signed_and_a_statement_has_words(concluded: Drive) -> None:
    told(concluded)
    assert refused(concluded, "statement", "officer1", **waive(concluded, waiver_signed=False)) == {
        "PEN-14.waiver"
    }
    oral = {"form": "oral", "made_on": concluded.day}
    assert refused(concluded, "statement", "officer1", **oral) == {"PEN-15.content"}
    assert taken(concluded, "statement", "officer1", **oral, content="请求从轻") == "concluded"


def test_what_was_said_is_weighed_before_the_decision_and_silence_needs_no_answer(concluded: Drive) -> None:
    told(concluded)
    assert standing(concluded, "reconsider", "officer1") == {"G9.nothing"}
    concluded.step("statement", "officer1", form="written", made_on=concluded.day, content="请求从轻")
    assert submit(concluded) == {"G9.answer"}
    concluded.step("reconsider", "officer1", accepted="part", opinion="部分采纳，维持处理意见")
    assert submit(concluded) == set()
    concluded.step("statement", "officer1", form="written", made_on=concluded.day, content="补充意见")
    assert submit(concluded) == {"G9.answer"}, "an answer given before does not answer what was said after"


def test_a_second_notice_gives_its_reason_and_an_earlier_waiver_does_not_answer_it(concluded: Drive) -> None:
    told(concluded).step("statement", "officer1", **waive(concluded))
    assert submit(concluded) == set()
    assert refused(concluded, "notify", "officer1", **CONTACT) == {"PEN-14.again"}
    concluded.step("notify", "officer1", renewed_because="发现新的违法事实", **CONTACT)
    assert submit(concluded) == {"G7.notice"}
    concluded.serve("P13", "notice_serve")
    assert submit(concluded) == {"G7.period"}, "the waiver was of the notice before"
    concluded.step("statement", "officer1", **waive(concluded))
    assert submit(concluded) == set()


def test_a_heavier_proposal_is_notified_anew_and_a_lighter_one_need_not_be(concluded: Drive) -> None:
    told(concluded).step("statement", "officer1", **waive(concluded))
    concluded.step("reinvestigate", "head", reason="补充调查裁量情节")
    concluded.conclude(fine_yuan="1999.99")
    assert submit(concluded) == set()
    concluded.step("reinvestigate", "head", reason="补充调查裁量情节")
    concluded.conclude(fine_yuan="2000.01")
    assert submit(concluded) == {"PEN-16.proposal"}


def test_nothing_is_notified_where_nothing_is_penalised(investigated: Drive) -> None:
    investigated.conclude(outcome="spared", kinds=[], fine_yuan="0", spared_because="minor")
    assert standing(investigated, "notify", "officer1") == {"PEN-14.none"}
    assert submit(investigated) == set()


# --- hearing --------------------------------------------------------------------------------


def ask(case: Drive, on: date | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "requested_on": (on or clock.local_date(case.at)).isoformat(),
        "requested_by": "示例一号商贸有限公司",
        **changes,
    }


def arrange(case: Drive, held: date, **changes: Any) -> dict[str, Any]:
    return {
        "host": case.bureau.person("host", case.at),
        "recorder": case.bureau.person("collector", case.at),
        "starts_at": clock.at_local(held, 9).isoformat(),
        "place": "本机关听证室",
        "public": True,
        **changes,
    }


def test_a_hearing_is_asked_for_where_the_law_gives_it_and_not_elsewhere(
    concluded: Drive, heavy: Drive
) -> None:
    told(concluded)
    assert standing(concluded, "hearing_request", "officer1") == {"PEN-17.none"}
    told(heavy)
    assert standing(heavy, "hearing_request", "officer1") == set()


@pytest.mark.parametrize(("fine", "right"), [("99999.99", False), ("100000", True)])
def test_a_fine_at_the_threshold_gives_a_hearing_and_one_fen_below_does_not(
    investigated: Drive, fine: str, right: bool
) -> None:
    from mingzhi.dossiers.models import Dossier

    # An item without a range of its own, so that only the hearing's threshold draws a line here.
    Dossier.objects.filter(pk=investigated.id).update(item_code="urban.littering")
    investigated.conclude(fine_yuan=fine)
    assert investigated.hearing_possible() is right


def test_a_decision_waits_until_the_last_day_to_ask_for_a_hearing_is_over(heavy: Drive) -> None:
    told(heavy)
    last = deadlines.due(served_on(heavy), deadlines.Term(5, "WD")).on
    heavy.step("statement", "officer1", **waive(heavy))
    heavy.at = clock.at_local(last, 16)
    assert "G7.hearing_period" in submit(heavy)
    heavy.at = clock.at_local(last + timedelta(days=1), 9)
    assert "G7.hearing_period" not in submit(heavy)


def test_a_request_on_the_fifth_working_day_is_heard_and_on_the_sixth_is_put_on_record_as_late(
    heavy: Drive,
) -> None:
    from mingzhi.deliberations import api as deliberations

    told(heavy)
    last = deadlines.due(served_on(heavy), deadlines.Term(5, "WD")).on
    heavy.at = clock.at_local(last + timedelta(days=3), 9)
    late = heavy.step("hearing_request", "officer1", **ask(heavy, last + timedelta(days=1)))
    current = deliberations.hearing_current(heavy.id)
    assert late and current is not None and current.state == "refused"
    assert "G8.hearing" not in submit(heavy)


def test_a_request_in_time_must_be_heard_before_the_decision(heavy: Drive) -> None:
    from mingzhi.deliberations import api as deliberations

    told(heavy)
    last = deadlines.due(served_on(heavy), deadlines.Term(5, "WD")).on
    heavy.at = clock.at_local(last + timedelta(days=3), 9)
    heavy.step("hearing_request", "officer1", **ask(heavy, last))
    current = deliberations.hearing_current(heavy.id)
    assert current is not None and current.state == "requested"
    assert "G8.hearing" in submit(heavy)
    assert standing(heavy, "hearing_request", "officer1") == {"PEN-18.twice"}


def test_a_request_is_not_dated_before_the_notice(heavy: Drive) -> None:
    told(heavy)
    on = served_on(heavy)
    assert refused(heavy, "hearing_request", "officer1", **ask(heavy, on - timedelta(days=1))) == {
        "PEN-18.order"
    }
    assert taken(heavy, "hearing_request", "officer1", **ask(heavy, on)) == "concluded"


def test_a_hearing_is_held_seven_working_days_after_its_notice_and_not_a_day_earlier(heavy: Drive) -> None:
    told(heavy).step("hearing_request", "officer1", **ask(heavy))
    heavy.at = clock.at_local(date(2026, 9, 18), 10)
    assert refused(heavy, "hearing_arrange", "reviewhead", **arrange(heavy, date(2026, 9, 28))) == {
        "PEN-19.short"
    }
    assert taken(heavy, "hearing_arrange", "reviewhead", **arrange(heavy, date(2026, 9, 29))) == "concluded"


def test_the_host_did_not_investigate_review_or_approve_the_case(heavy: Drive) -> None:
    told(heavy).step("hearing_request", "officer1", **ask(heavy))
    held = deadlines.due(clock.local_date(heavy.at), deadlines.Term(9, "WD")).on
    officer, leader = heavy.people(("officer1", "leader"))
    assert refused(heavy, "hearing_arrange", "reviewhead", **arrange(heavy, held, host=officer)) == {
        "sod.handler_is_host"
    }
    assert refused(heavy, "hearing_arrange", "reviewhead", **arrange(heavy, held, host=leader)) == {
        "sod.capacities"
    }
    assert refused(heavy, "hearing_arrange", "reviewhead", **arrange(heavy, held, recorder=officer)) == {
        "PEN-20.recorder"
    }
    assert taken(heavy, "hearing_arrange", "reviewhead", **arrange(heavy, held)) == "concluded"


def test_a_hearing_is_public_or_says_why_not(heavy: Drive) -> None:
    told(heavy).step("hearing_request", "officer1", **ask(heavy))
    held = deadlines.due(clock.local_date(heavy.at), deadlines.Term(9, "WD")).on
    closed = arrange(heavy, held, public=False)
    assert refused(heavy, "hearing_arrange", "reviewhead", **closed) == {"PEN-20.public"}
    assert (
        taken(heavy, "hearing_arrange", "reviewhead", **closed, closed_reason="涉及商业秘密") == "concluded"
    )


def test_only_the_host_registers_the_hearing_and_only_once_its_time_came(heavy: Drive) -> None:
    told(heavy).step("hearing_request", "officer1", **ask(heavy))
    held = deadlines.due(clock.local_date(heavy.at), deadlines.Term(9, "WD")).on
    heavy.step("hearing_arrange", "reviewhead", **arrange(heavy, held))
    minutes = {
        "held": "held",
        "participants": "当事人、调查人员",
        "minutes": "听证笔录全文",
        "signature": "signed",
    }
    heavy.at = clock.at_local(held, 8, 59)
    recorded(heavy, "hearing")
    assert refused(heavy, "hearing_hold", "host", **minutes) == {"PEN-19.before"}
    heavy.at = clock.at_local(held, 9)
    other = holding(heavy.by("reviewer"), Permission.HEARING_HOST)
    assert refused(heavy, "hearing_hold", other, **minutes) == {"PEN-20.host"}
    assert standing(heavy, "hearing_report", "host") == {"HEARING.state"}
    heavy.step("hearing_hold", "host", **minutes)
    assert "G8.hearing" in submit(heavy), "held is not yet reported"
    heavy.step("hearing_report", "host", report="建议按拟处理意见作出决定。")
    assert "G8.hearing" not in submit(heavy)
    assert "G9.answer" in submit(heavy)


def test_a_party_that_stays_away_ends_the_hearing_and_the_host_has_nothing_left_to_do(heavy: Drive) -> None:
    from mingzhi.tasks.models import Task

    told(heavy).step("hearing_request", "officer1", **ask(heavy))
    held = deadlines.due(clock.local_date(heavy.at), deadlines.Term(9, "WD")).on
    heavy.step("hearing_arrange", "reviewhead", **arrange(heavy, held))
    heavy.at = clock.at_local(held, 10)
    recorded(heavy, "hearing")
    heavy.step(
        "hearing_hold",
        "host",
        held="absent",
        participants="调查人员",
        minutes="当事人未到场",
        signature="absent",
        signature_note="未到场",
    )
    assert "G8.hearing" not in submit(heavy)
    assert not Task.objects.filter(dossier_id=heavy.id, kind="hearing.hold", closed_at=None).exists()
