"""Writes of the deliberations room. Each runs inside the engine's step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from mingzhi.deliberations import choices
from mingzhi.deliberations.data import View
from mingzhi.deliberations.errors import HearingOutOfTurn
from mingzhi.deliberations.events import DISCUSSION, HEARING
from mingzhi.deliberations.models import Discussion, Hearing
from mingzhi.organisations.data import Actor

State = choices.HearingState


@transaction.atomic
def discussion_record(
    *,
    dossier_id: int,
    topic: str,
    held_at: datetime,
    place: str,
    chair_id: int,
    recorder_id: int,
    views: Sequence[View],
    conclusion: str,
    agreed: bool,
    chair_reasons: str,
    by: Actor,
    at: datetime,
) -> int:
    """集体讨论记录, with each view, dissent included, and the chair's reasons against a majority (S3)."""
    row = Discussion.objects.create(
        dossier_id=dossier_id,
        topic=topic[:200],
        held_at=held_at,
        place=place,
        chair_id=chair_id,
        recorder_id=recorder_id,
        views=[asdict(v) for v in views],
        conclusion=conclusion,
        agreed=agreed,
        chair_reasons=chair_reasons,
        recorded_by=by.label,
        recorded_at=at,
    )
    DISCUSSION.kept(row, at=at)
    return row.pk


def _hearing(dossier_id: int, act: str, *states: str) -> Hearing:
    row = Hearing.objects.select_for_update().filter(dossier_id=dossier_id).order_by("-pk").first()
    if row is None or row.state not in states:
        raise HearingOutOfTurn(state=row.get_state_display() if row else "未申请", act=act)
    return row


@transaction.atomic
def hearing_request(
    *, dossier_id: int, requested_on: date, requested_by: str, accepted: bool, by: Actor, at: datetime
) -> int:
    """当事人要求听证. A request out of time is registered as refused, so that it stays on record."""
    row = Hearing.objects.create(
        dossier_id=dossier_id,
        state=State.REQUESTED if accepted else State.REFUSED,
        requested_on=requested_on,
        requested_by=requested_by,
    )
    HEARING.kept(row, at=at)
    return row.pk


@transaction.atomic
def hearing_arrange(
    *,
    dossier_id: int,
    host_id: int,
    recorder_id: int,
    starts_at: datetime,
    place: str,
    public: bool,
    closed_reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """组织听证: host, recorder, time and place; arranging again replaces the former arrangement."""
    row = _hearing(dossier_id, "安排听证", State.REQUESTED, State.NOTICED)
    row.state, row.host_id, row.recorder_id = State.NOTICED, host_id, recorder_id
    row.starts_at, row.place, row.public, row.closed_reason = starts_at, place, public, closed_reason
    row.save(update_fields=["state", "host", "recorder", "starts_at", "place", "public", "closed_reason"])
    HEARING.kept(row, at=at)


@transaction.atomic
def hearing_held(*, dossier_id: int, ended_because: str, by: Actor, at: datetime) -> None:
    """听证举行完毕, or ended because the party stayed away or left (第六十四条第六项)."""
    row = _hearing(dossier_id, "登记听证情况", State.NOTICED)
    row.state = State.ENDED if ended_because else State.HELD
    row.ended_because = ended_because
    row.save(update_fields=["state", "ended_because"])
    HEARING.kept(row, at=at)


@transaction.atomic
def hearing_reported(*, dossier_id: int, report: str, by: Actor, at: datetime) -> None:
    """主持人提交听证报告."""
    row = _hearing(dossier_id, "提交听证报告", State.HELD)
    row.state, row.report = State.REPORTED, report
    row.save(update_fields=["state", "report"])
    HEARING.kept(row, at=at)


@transaction.atomic
def hearings_supersede(*, dossier_id: int, by: Actor, at: datetime) -> None:
    """The matter was reopened: earlier hearings no longer count for the new decision."""
    for row in Hearing.objects.filter(dossier_id=dossier_id).exclude(state=State.SUPERSEDED):
        row.state = State.SUPERSEDED
        row.save(update_fields=["state"])
        HEARING.kept(row, at=at)
