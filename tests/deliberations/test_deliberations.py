"""Hearings in their turn and discussions as they were held."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mingzhi.deliberations import api as deliberations
from mingzhi.deliberations.data import View
from mingzhi.deliberations.errors import HearingOutOfTurn
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")


def who(case: Drive) -> dict[str, Any]:
    return {"dossier_id": case.id, "by": case.by("host"), "at": case.at}


def ask(case: Drive, *, accepted: bool = True) -> None:
    deliberations.hearing_request(
        **who(case), requested_on=date(2026, 9, 14), requested_by="示例一号商贸有限公司", accepted=accepted
    )


def arrange(case: Drive) -> None:
    deliberations.hearing_arrange(
        **who(case),
        host_id=case.bureau.person("host", case.at),
        recorder_id=case.bureau.person("collector", case.at),
        starts_at=clock.at_local(date(2026, 9, 29), 9),
        place="听证室",
        public=True,
        closed_reason="",
    )


def state(case: Drive) -> str | None:
    found = deliberations.hearing_current(case.id)
    return found.state if found else None


def test_a_hearing_goes_from_request_to_report(concluded: Drive) -> None:
    assert state(concluded) is None
    ask(concluded)
    arrange(concluded)
    assert state(concluded) == "noticed"
    arrange(concluded)
    assert state(concluded) == "noticed", "arranged again"
    deliberations.hearing_held(**who(concluded), ended_because="")
    assert state(concluded) == "held"
    deliberations.hearing_reported(**who(concluded), report="听证报告")
    assert state(concluded) == "reported"


def test_nothing_of_a_hearing_is_done_out_of_turn(concluded: Drive) -> None:
    with pytest.raises(HearingOutOfTurn):
        arrange(concluded)
    ask(concluded)
    with pytest.raises(HearingOutOfTurn):
        deliberations.hearing_held(**who(concluded), ended_because="")
    arrange(concluded)
    with pytest.raises(HearingOutOfTurn):
        deliberations.hearing_reported(**who(concluded), report="听证报告")


def test_a_late_request_stays_on_record_as_refused_and_is_not_arranged(concluded: Drive) -> None:
    ask(concluded, accepted=False)
    assert state(concluded) == "refused"
    with pytest.raises(HearingOutOfTurn):
        arrange(concluded)


def test_a_party_that_left_ends_the_hearing_without_a_report(concluded: Drive) -> None:
    ask(concluded)
    arrange(concluded)
    deliberations.hearing_held(**who(concluded), ended_because="当事人未经许可中途退出")
    assert state(concluded) == "ended"
    with pytest.raises(HearingOutOfTurn):
        deliberations.hearing_reported(**who(concluded), report="听证报告")


def test_a_reopened_matter_starts_without_its_former_hearing(concluded: Drive) -> None:
    ask(concluded)
    deliberations.hearings_supersede(**who(concluded))
    assert state(concluded) is None


def test_a_discussion_keeps_every_view_dissent_included_and_cannot_be_changed(concluded: Drive) -> None:
    leader, deputy = concluded.people(("leader", "deputy"))
    made = deliberations.discussion_record(
        **who(concluded),
        topic="案由",
        held_at=concluded.at,
        place="会议室",
        chair_id=leader,
        recorder_id=concluded.bureau.person("collector", concluded.at),
        views=[View(deputy, "李某乙", False, "不同意。"), View(leader, "陈某甲", True, "同意。")],
        conclusion="同意",
        agreed=True,
        chair_reasons="社会危害较大",
    )
    (kept,) = deliberations.discussions(concluded.id)
    assert [(v.person_id, v.agrees) for v in kept.views] == [(deputy, False), (leader, True)]
    assert kept.chair_reasons == "社会危害较大"
    assert ledger.entries_of(f"discussion:{made}")
    for statement in (
        "UPDATE deliberations_discussion SET agreed = agreed",
        "DELETE FROM deliberations_discussion",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
