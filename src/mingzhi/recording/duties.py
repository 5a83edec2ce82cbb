"""Writes about recordings that must come: expecting them, and saying why one did not come or broke off."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.dossiers.choices import MemberRole
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import choices, rules
from mingzhi.recording.errors import AlreadyDecided, DossierDone, ExcuseNotFound, SameHand
from mingzhi.recording.events import EXCUSE_DECIDED, EXCUSED, EXPECTED
from mingzhi.recording.models import Excuse, ExcuseDecision, Expected, Record
from mingzhi.tasks import api as tasks

#: Clocks of the server and the browser may differ by this much.
NOW_TOLERANCE = timedelta(minutes=2)
#: How far beside a noted end a recording may lie and still be the one that was meant.
AROUND = timedelta(minutes=10)
EXCUSE_TASK = "recording.excuse"
#: Who may answer an excuse: the head of the handling unit, or a leader of the body.
APPROVERS = frozenset({Permission.CASE_UNIT_CHECK, Permission.CASE_APPROVE})
_HANDLERS = (MemberRole.LEAD, MemberRole.ASSIST)


# --- expecting ------------------------------------------------------------------------------------


def act_taken(
    *,
    dossier: Dossier,
    body: BodyRef,
    act: str,
    began_at: datetime,
    ended_at: datetime,
    step_id: int | None,
    by: Actor,
    at: datetime,
) -> int | None:
    """A step whose act stands on the recording list was taken: its recording is expected from here.

    Called by the procedure engine in the step's transaction, which holds the dossier. ``None`` where the
    list leaves the act to text, where it leaves it to the situation and a reason was stated, or where
    this body has no upload term. The same act with the same end is expected once.
    """
    mode = catalogue.recording_rule(body=body, act=act, on=clock.local_date(ended_at)).mode
    if mode == choices.Mode.OPTIONAL:
        return None
    if mode == choices.Mode.SITUATIONAL and stated(dossier.pk, act):
        return None
    # A step is often entered hours after the act, so that any recording of its days answers it.
    window = (
        clock.at_local(clock.local_date(min(began_at, ended_at))),
        clock.at_local(clock.local_date(ended_at) + timedelta(days=1)),
    )
    return _expect(
        dossier,
        body,
        act,
        mode=mode,
        period=(began_at, ended_at),
        window=window,
        step_id=step_id,
        by=by,
        at=at,
    )


@transaction.atomic
def recording_expect(
    *,
    dossier_id: int,
    act: str,
    began_at: datetime | None = None,
    ended_at: datetime,
    by: Actor,
    at: datetime,
) -> int | None:
    """An act was recorded on site and its recording has yet to come: start the hours. Returns the row's
    id, or ``None`` where this body has no upload term. Noting the same end twice changes nothing."""
    dossier = dossiers.dossier_lock(dossier_id=dossier_id)
    if dossier.closed_at is not None:
        raise DossierDone(number=dossier.number)
    began_at = began_at or ended_at
    problems = Problems()
    if not act.strip():
        problems.add("act", "请选择已经记录的执法环节")
    if ended_at > at + NOW_TOLERANCE:
        problems.add("ended_at", "记录结束时间晚于现在，请核对")
    if began_at > ended_at:
        problems.add("ended_at", "结束时间早于开始时间，请核对")
    problems.raise_if_any()
    body = organisations.body(dossier.body_id)
    mode = catalogue.recording_rule(body=body, act=act, on=clock.local_date(ended_at)).mode
    window = (began_at - AROUND, ended_at + AROUND)
    return _expect(
        dossier, body, act, mode=mode, period=(began_at, ended_at), window=window, step_id=None, by=by, at=at
    )


def _expect(
    dossier: Dossier,
    body: BodyRef,
    act: str,
    *,
    mode: str,
    period: tuple[datetime, datetime],
    window: tuple[datetime, datetime],
    step_id: int | None,
    by: Actor,
    at: datetime,
) -> int | None:
    began_at, ended_at = min(period), period[1]
    term = rules.upload_term(body, clock.local_date(ended_at))
    if term is None:
        return None
    row, made = Expected.objects.get_or_create(
        dossier_id=dossier.pk,
        act=act,
        ended_at=ended_at,
        defaults={
            "body_id": dossier.body_id,
            "mode": mode,
            "step": step_id,
            "began_at": began_at,
            "window_from": window[0],
            "window_until": window[1],
            "due_at": ended_at + timedelta(hours=term.hours),
            "citation": term.citation[:200],
            "noted_by": by.label,
            "at": at,
        },
    )
    if made:
        EXPECTED.kept(row, at=at)
    return row.pk


def stated(dossier_id: int, act: str) -> bool:
    """Whether a reason for not recording the act was stated and not refused."""
    return (
        Excuse.objects.filter(dossier_id=dossier_id, act=act, record=None)
        .exclude(decision__approved=False)
        .exists()
    )


# --- excuses --------------------------------------------------------------------------------------


@transaction.atomic
def act_excuse(
    *,
    dossier_id: int,
    act: str,
    reason: str,
    ground: str = choices.Ground.OBJECTIVE,
    record_id: int | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Say why an act was not recorded, or (``record_id``) why its recording broke off, and ask for approval.

    The approval is a to-do of the head of the handling unit; of the leaders where the head asks.
    Whether the excuse suffices is judged when the step is taken (``act_problems``). Returns its id; the
    same words again are the same excuse, unless they were refused.
    """
    dossier = dossiers.dossier_lock(dossier_id=dossier_id)
    if dossier.closed_at is not None:
        raise DossierDone(number=dossier.number)
    problems = Problems()
    if not act.strip():
        problems.add("act", "请选择未作音像记录的执法环节")
    if ground not in choices.Ground.values:
        problems.add("ground", "请选择未作音像记录的情形")
    if len(reason.strip()) < 5:
        problems.add("reason", "请写明具体理由（不少于 5 个字）")
    if (
        record_id is not None
        and not Record.objects.filter(
            pk=record_id, dossier_id=dossier_id, act=act, derived_from=None
        ).exists()
    ):
        problems.add("record", "未在本案卷中找到该音像记录")
    problems.raise_if_any()
    return excuse_asked(dossier, act=act, ground=ground, reason=reason, record_id=record_id, by=by, at=at)


def excuse_asked(
    dossier: Dossier, *, act: str, ground: str, reason: str, record_id: int | None, by: Actor, at: datetime
) -> int:
    """The checked request: its row, its to-do, its entry. The dossier is held by the caller."""
    values = {
        "dossier_id": dossier.pk,
        "act": act,
        "record_id": record_id,
        "ground": ground,
        "reason": reason.strip()[:500],
    }
    same = Excuse.objects.filter(**values).exclude(decision__approved=False).first()
    if same is not None:
        return same.pk
    row = Excuse.objects.create(**values, asked_by=by.label, at=at)
    by_head = Permission.CASE_UNIT_CHECK in by.permissions
    what = "音像记录中断说明" if record_id else "未作音像记录说明"
    tasks.task_open(
        kind=EXCUSE_TASK,
        title=f"审批{what}：{dossier.title}",
        body_id=dossier.body_id,
        dossier_id=dossier.pk,
        subject=f"excuse:{row.pk}",
        unit_id=None if by_head else dossier.unit_id,
        permission=(Permission.CASE_APPROVE if by_head else Permission.CASE_UNIT_CHECK).value,
        by=by,
        at=at,
    )
    EXCUSED.kept(row, at=at)
    return row.pk


@transaction.atomic
def excuse_decide(*, excuse_id: int, approved: bool, opinion: str = "", by: Actor, at: datetime) -> int:
    """Approve or refuse an excuse. A refusal needs an opinion; the same answer again changes nothing.

    Raises ``ExcuseNotFound`` (also for dossiers out of reach), ``NotAllowed``, ``SameHand`` (who asked, made
    the recording or handles the case does not answer), ``AlreadyDecided``, ``Invalid``.
    """
    row = Excuse.objects.select_related("record").filter(pk=excuse_id).first()
    if row is None:
        raise ExcuseNotFound()
    try:
        dossiers.access_dossier(by, row.dossier_id)
    except NotFound:
        raise ExcuseNotFound() from None
    dossier = dossiers.dossier_lock(dossier_id=row.dossier_id)
    person_id = _answerer(row, dossier, by)
    if not approved and len(opinion.strip()) < 2:
        raise Invalid(fields={"opinion": ["不予批准的，请写明意见"]}, code="recording.opinion")
    known = ExcuseDecision.objects.filter(excuse_id=excuse_id).select_related("decided_by").first()
    if known is not None:
        if known.approved == approved and known.decided_by_id == person_id:
            return known.pk
        raise AlreadyDecided(who=known.decided_by.name, what="批准" if known.approved else "不予批准")
    decision = ExcuseDecision.objects.create(
        excuse_id=excuse_id,
        approved=approved,
        opinion=opinion.strip()[:300],
        decided_by_id=person_id,
        at=at,
    )
    tasks.tasks_close(kinds=(EXCUSE_TASK,), subject=f"excuse:{excuse_id}", by=by, at=at)
    EXCUSE_DECIDED.kept(decision, at=at)
    return decision.pk


def _answerer(row: Excuse, dossier: Dossier, by: Actor) -> int:
    """The person who may answer this excuse; raises otherwise."""
    if dossier.body_id != by.body_id or by.person_id is None or not by.permissions & APPROVERS:
        raise NotAllowed("未作音像记录、记录中断的说明须由承办机构负责人或者机关负责人审批")
    if Permission.CASE_APPROVE not in by.permissions and by.unit_id != dossier.unit_id:
        raise NotAllowed("该说明由其他承办机构的负责人审批")
    operator = row.record.operator_id if row.record is not None else None
    if row.asked_by == by.label or operator == by.person_id:
        raise SameHand()
    handlers = [m.person_id for m in dossiers.members(dossier.pk, _HANDLERS, active=False)]
    apart = organisations.separation.sod_handler_not_approver(handlers, by.person_id)
    if apart is not None:
        raise SameHand(apart.sentence, remedy=apart.remedy)
    return by.person_id
