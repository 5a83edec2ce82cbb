"""调阅: asking to look, the answer, taking it back; sittings before the player; what left and how.

Crash story. A request, its number, its to-do and its ledger entry are one transaction, and so are an
answer or a revocation: either all is there or nothing. Two approvers at once meet at the dossier's row;
the second is told that the request is answered. A look is noted before the bytes go: killed in between,
the log says more than was seen, never less.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest, Least

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.errors import NormNotInForce, NormNotSet, UnknownNorm
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import Problems
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import access_events
from mingzhi.recording.access import ANSWERED, TASK, access_record, grants, noted, standing
from mingzhi.recording.access_models import AccessDecision, AccessRequest, AccessRevocation, PlaySession
from mingzhi.recording.choices import AccessKind, AccessState, Use
from mingzhi.recording.custody_queries import access_dossier_of, access_of, access_view, may_decide, state_of
from mingzhi.recording.data import AccessView, Opened, Playing
from mingzhi.recording.errors import (
    AccessAnswered,
    AccessNeeded,
    AccessNotNeeded,
    NotTheApprover,
    OriginalNotGranted,
    RecordNotFound,
)
from mingzhi.recording.models import Record
from mingzhi.recording.queries import record
from mingzhi.tasks import api as tasks

LONGEST_DAYS = 90
"""No law says how long; the product allows no open-ended looking (own rule, not a norm)."""
SITTING = timedelta(hours=12)
"""How long one sitting before the player may last before the purpose is asked again."""


@transaction.atomic
def access_request(
    *,
    dossier_id: int,
    record_id: int | None = None,
    kind: str = AccessKind.VIEW,
    use: str,
    reason: str,
    days: int | None,
    by: Actor,
    at: datetime,
) -> AccessView:
    """Ask to look at one record or the whole dossier, or to take an original along.

    Asking again for the same while the first request waits changes nothing. Raises ``Invalid`` (fields),
    ``AccessNotNeeded`` for who may look anyway, ``NotFound``.
    """
    seen = dossiers.access_dossier(by, dossier_id)
    dossier = dossiers.dossier_lock(dossier_id=seen.pk)
    problems = Problems()
    if by.person_id is None:
        problems.add("", "该账号没有对应的在册人员，不能提出调阅申请")
    if kind not in AccessKind.values:
        problems.add("kind", "请选择申请事项")
    if use not in Use.values or (use == Use.CASE and kind == AccessKind.VIEW):
        problems.add("use", "请选择调阅用途")
    if use == Use.OTHER and len(reason.strip()) < 5:
        problems.add("reason", "用途为“其他”的，请写明具体用途（不少于 5 个字）")
    elif kind == AccessKind.ORIGINAL and len(reason.strip()) < 5:
        problems.add("reason", "导出原件须写明理由（不少于 5 个字）")
    if days is None or not 1 <= days <= LONGEST_DAYS:
        problems.add("days", f"期限为 1 至 {LONGEST_DAYS} 日")
    if record_id is not None and not Record.objects.filter(pk=record_id, dossier_id=dossier.pk).exists():
        problems.add("record", "未在本案卷中找到该记录")
    problems.raise_if_any()
    if kind == AccessKind.VIEW and standing(by, dossier, at, record_id) is not None:
        raise AccessNotNeeded()
    if kind == AccessKind.ORIGINAL and standing(by, dossier, at, record_id) is None:
        raise AccessNeeded()
    if by.person_id is None or days is None:  # both told above
        raise AccessNeeded()
    wanted = {"dossier_id": dossier.pk, "record_id": record_id, "kind": kind, "asked_by_id": by.person_id}
    waiting = AccessRequest.objects.filter(**wanted, decision=None, revocation=None).first()
    if waiting is not None:
        return access_view(waiting, by, at)
    year = clock.local_date(at).year
    word = organisations.body(dossier.body_id).code_word
    row = AccessRequest.objects.create(
        **wanted,
        number=f"{word}调阅〔{year}〕{numbers.allot(f'access:{word}:{year}')}号",
        use=use,
        reason=reason.strip()[:300],
        days=days,
        asked_by_name=by.name[:60],
        at=at,
    )
    access_events.REQUESTED.kept(row, at=at)
    unit, permission = _desk(dossier, row, by, at)
    tasks.task_open(
        kind=TASK,
        title=f"审批{AccessKind(kind).label}申请：{by.name}，{Use(use).label}",
        body_id=dossier.body_id,
        dossier_id=dossier.pk,
        subject=f"access:{row.pk}",
        unit_id=unit,
        permission=permission,
        due_on=_answer_due(dossier, at),
        by=by,
        at=at,
    )
    return access_view(row, by, at)


def _desk(dossier: Dossier, row: AccessRequest, by: Actor, at: datetime) -> tuple[int | None, str]:
    """Whose to-do the request is: the unit's heads; the body's leaders where originals leave, where the
    unit has no head, and where its only head asks."""
    on = clock.local_date(at)
    heads = organisations.people(dossier.body_id, on=on, role="unit_head", unit_id=dossier.unit_id)
    able = [p for p in heads if p.id != by.person_id]
    leaders = [p for p in organisations.people(dossier.body_id, on=on, role="leader") if p.id != by.person_id]
    if able and (row.kind == AccessKind.VIEW or not leaders):
        return dossier.unit_id, Permission.CASE_UNIT_CHECK.value
    return None, Permission.CASE_APPROVE.value


def _answer_due(dossier: Dossier, at: datetime) -> date | None:
    """By when to answer, where a norm of the body says so; none ships, so normally there is no clock."""
    body, on = organisations.body(dossier.body_id), clock.local_date(at)
    try:
        term = catalogue.term("recording.term.access_answer", body=body, on=on)
    except (UnknownNorm, NormNotInForce, NormNotSet):
        return None
    return deadlines.due(at, term).on


@transaction.atomic
def access_decide(
    *, request_id: int, approved: bool, reason: str = "", days: int | None = None, by: Actor, at: datetime
) -> AccessView:
    """Answer a request. Approved for at most the days asked for; refused only with a reason.

    Raises ``AccessNotFound``, ``NotTheApprover`` (also for one's own request), ``AccessAnswered``, ``Invalid``.
    """
    row, dossier = _held(request_id, by)
    if by.person_id is None or not may_decide(row, dossier, by):
        raise NotTheApprover()
    _must_be(row, at, AccessState.PENDING)
    problems = Problems()
    granted = row.days if days is None else days
    if approved and not 1 <= granted <= row.days:
        problems.add("days", f"批准的期限为 1 至 {row.days} 日（申请人申请的期限）")
    if not approved and len(reason.strip()) < 2:
        problems.add("reason", "不予批准的，请写明理由")
    problems.raise_if_any()
    decision = AccessDecision.objects.create(
        request=row,
        approved=approved,
        reason=reason.strip()[:300],
        expires_at=at + timedelta(days=granted) if approved else None,
        decided_by_id=by.person_id,
        decided_by_name=by.name[:60],
        at=at,
    )
    access_events.DECIDED.kept(decision, at=at)
    tasks.tasks_close(kinds=(TASK,), subject=f"access:{row.pk}", by=by, at=at)
    _tell(row, dossier, "已批准" if approved else "未获批准", by=by, at=at)
    return access_view(_fresh(row.pk), by, at)


def _tell(row: AccessRequest, dossier: Dossier, what: str, *, by: Actor, at: datetime) -> None:
    """Put the answer on the desk of who asked, until it is read."""
    tasks.task_open(
        kind=ANSWERED,
        title=f"{AccessKind(row.kind).label}申请{what}：{row.number}",
        body_id=dossier.body_id,
        dossier_id=dossier.pk,
        subject=f"access:{row.pk}",
        assignee_id=row.asked_by_id,
        by=by,
        at=at,
    )


@transaction.atomic
def access_read(*, request_id: int, by: Actor, at: datetime) -> AccessView:
    """A request as it stands, for who may see it; who asked has read the answer by this."""
    view = access_of(by, request_id, at)
    if by.person_id == view.asked_by_id:
        tasks.tasks_close(kinds=(ANSWERED,), subject=f"access:{request_id}", by=by, at=at)
    return view


@transaction.atomic
def access_revoke(*, request_id: int, reason: str, by: Actor, at: datetime) -> AccessView:
    """Take a grant back before it ends (who may approve), or withdraw or give back one's own request."""
    row, dossier = _held(request_id, by)
    own = row.asked_by_id == by.person_id
    if by.person_id is None or not (own or may_decide(row, dossier, by)):
        raise NotTheApprover()
    _must_be(row, at, *((AccessState.PENDING,) if own else ()), AccessState.APPROVED)
    problems = Problems()
    if not own and len(reason.strip()) < 2:
        problems.add("reason", "收回调阅权限的，请写明原因")
    problems.raise_if_any()
    revocation = AccessRevocation.objects.create(
        request=row,
        reason=reason.strip()[:300] or "申请人撤回",
        revoked_by_id=by.person_id,
        revoked_by_name=by.name[:60],
        at=at,
    )
    access_events.REVOKED.kept(revocation, at=at)
    tasks.tasks_close(kinds=(TASK, ANSWERED), subject=f"access:{row.pk}", by=by, at=at)
    if not own:
        _tell(row, dossier, "的权限已被收回", by=by, at=at)
    return access_view(_fresh(row.pk), by, at)


def _fresh(pk: int) -> AccessRequest:
    return AccessRequest.objects.get(pk=pk)


def _held(request_id: int, by: Actor) -> tuple[AccessRequest, Dossier]:
    """The request as it stands while nobody else can answer it: the dossier's row is held first."""
    row, dossier = access_dossier_of(by, request_id)
    return _fresh(row.pk), dossiers.dossier_lock(dossier_id=dossier.pk)


def _must_be(row: AccessRequest, at: datetime, *states: AccessState) -> None:
    now = state_of(row, at)
    if now in states:
        return
    revocation, decision = getattr(row, "revocation", None), getattr(row, "decision", None)
    name = revocation.revoked_by_name if revocation else decision.decided_by_name if decision else ""
    raise AccessAnswered(name=name or "他人", state=now.label)


# --- looking -------------------------------------------------------------------------------------


def play_open(
    *, by: Actor, record_id: int, purpose: str, use: str = "", at: datetime, address: str = ""
) -> Playing:
    """Sit down before the player: one entry in the second log for the whole sitting."""
    row, dossier, found = access_record(
        by=by, record_id=record_id, at=at, act="recording:play", purpose=purpose, address=address
    )
    sitting = PlaySession.objects.create(
        key=secrets.token_urlsafe(18), record=row, by=by.label, opened_at=at, last_at=at
    )
    noted(
        "recording:play",
        f"record:{record_id}",
        by=by,
        at=at,
        dossier=dossier,
        standing=found,
        purpose=purpose,
        use=use,
        address=address,
        sitting=sitting.pk,
        sha256=row.sha256,
    )
    return Playing(key=sitting.key, record=record(record_id))


def sitting_of(*, by: Actor, key: str, record_id: int, at: datetime) -> Playing:
    """A sitting of one's own that is not over. Raises ``RecordNotFound``."""
    rows = PlaySession.objects.filter(key=key, by=by.label, record_id=record_id, opened_at__gt=at - SITTING)
    if not rows.exists():
        raise RecordNotFound()
    return Playing(key=key, record=record(record_id))


def play_bytes(
    *, by: Actor, key: str, record_id: int, first: int, last: int, at: datetime, address: str = ""
) -> Opened:
    """Leave to read bytes ``first`` … ``last`` (inclusive) in a sitting of one's own.

    The right is looked at again for every range, so a grant taken back ends the sitting; the range is
    added to the sitting, not to the log. Raises ``RecordNotFound`` for other people's and old sittings.
    """
    sitting = sitting_of(by=by, key=key, record_id=record_id, at=at)
    _row, _dossier, found = access_record(
        by=by, record_id=record_id, at=at, act="recording:play", address=address
    )
    PlaySession.objects.filter(key=key).update(
        ranges=F("ranges") + 1,
        bytes=F("bytes") + (last - first + 1),
        first_byte=Least(Coalesce(F("first_byte"), Value(first)), Value(first)),
        last_byte=Greatest(Coalesce(F("last_byte"), Value(last)), Value(last)),
        last_at=at,
    )
    view = sitting.record
    return Opened(record=view, file=view.file, standing=found)


def original_for(*, by: Actor, record_id: int, purpose: str, at: datetime, address: str = "") -> Opened:
    """Leave to take the original along, by an approved request for it; noted with the request's number.

    Raises ``OriginalNotGranted`` without one, with the try on record.
    """
    _row, dossier, found = access_record(
        by=by, record_id=record_id, at=at, act="recording:original", purpose=purpose, address=address
    )
    grant = next(
        (
            g
            for g in grants(by, dossier.pk, at, AccessKind.ORIGINAL)
            if g.record_id is None or g.record_id == record_id
        ),
        None,
    )
    if grant is None:
        ledger.attempt(
            "recording:original",
            f"record:{record_id}",
            by=by.label,
            at=at,
            outcome="denied",
            purpose=purpose,
            detail={"dossier": dossier.pk, "body": dossier.body_id},
            address=address,
        )
        raise OriginalNotGranted()
    view = record(record_id)
    ledger.attempt(
        "recording:original",
        f"record:{record_id}",
        by=by.label,
        at=at,
        purpose=purpose or grant.reason,
        detail={
            "dossier": dossier.pk,
            "body": dossier.body_id,
            "use": grant.use,
            "need": str(found.need),
            "access": grant.number,
            "sha256": view.file.sha256,
        },
        address=address,
    )
    return Opened(record=view, file=view.file, standing=found)
