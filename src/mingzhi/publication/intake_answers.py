"""答复、不予受理: at once, or drafted by one and approved by another, as the body's rule says (``intake_rules``).

Each verb is one transaction, as in ``intake_work``. A draft is a step; it leaves as it was approved, word by word.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication.choices import AGAINST, DISCLOSED, IntakeState, IntakeStepKind
from mingzhi.publication.errors import WrongState
from mingzhi.publication.intake_access import named_here
from mingzhi.publication.intake_steps import CHECK, TRIAGE, WORK, done, ended, keep, step, to_do
from mingzhi.publication.intake_verbs import draft_pending, needed, taken
from mingzhi.publication.models import Intake

_K = IntakeStepKind
_WHY_DECLINED = "请填写不予受理的理由，来件人可以看到"


@transaction.atomic
def intake_answer(*, intake_id: int, reply: str, by: Actor, at: datetime) -> None:
    """答复: what the citizen reads under number and code. After a reopening, by somebody else than before."""
    row = taken(intake_id, "answer", "答复", by=by, at=at)
    said = needed(reply, "reply", "请填写给来件人的答复")
    row.state, row.reply = IntakeState.ANSWERED, said
    ended(row, _K.ANSWERED, said, by=by, at=at)


@transaction.atomic
def intake_draft(*, intake_id: int, reply: str, by: Actor, at: datetime) -> None:
    """拟定答复, for a second person to approve. The citizen is told nothing yet; the clock goes on."""
    row = taken(intake_id, "draft", "拟定答复", by=by, at=at)
    said = needed(reply, "reply", "请填写给来件人的答复")
    step(row, _K.DRAFTED, said=said, by=by, at=at)
    leader = row.kind in DISCLOSED or by.may(Permission.INTAKE_MANAGE)
    _to_second_person(row, "审核公众来件答复", leader=leader, by=by, at=at)


@transaction.atomic
def intake_decline(*, intake_id: int, reason: str, by: Actor, at: datetime) -> None:
    """不予受理, with the reason that the citizen reads."""
    row = taken(intake_id, "decline", "作不予受理处理", by=by, at=at)
    said = needed(reason, "reason", _WHY_DECLINED)
    row.state, row.reply = IntakeState.DECLINED, said
    ended(row, _K.DECLINED, said, by=by, at=at)


@transaction.atomic
def intake_decline_draft(*, intake_id: int, reason: str, by: Actor, at: datetime) -> None:
    """拟不予受理, for a second person to approve. A complaint goes to a leader only when it is known whom it is
    about: else it could reach that very one; it goes to another who takes letters up."""
    row = taken(intake_id, "decline_draft", "拟不予受理", by=by, at=at)
    said = needed(reason, "reason", _WHY_DECLINED)
    step(row, _K.DECLINE_DRAFTED, said=said, by=by, at=at)
    known = row.kind not in AGAINST or named_here(row)
    _to_second_person(row, "审核公众来件不予受理意见", leader=known, by=by, at=at)


def _to_second_person(row: Intake, title: str, *, leader: bool, by: Actor, at: datetime) -> None:
    done(row, TRIAGE, WORK, by=by, at=at)
    checker = Permission.CASE_DEPUTY_APPROVE if leader else Permission.INTAKE_MANAGE
    to_do(row, CHECK, title, permission=checker, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_draft_decide(*, intake_id: int, approve: bool, reason: str = "", by: Actor, at: datetime) -> None:
    """The second person's word, never the drafter's own: the answer leaves or the letter is declined, as drafted;
    or the draft goes back with the reason."""
    row = taken(intake_id, "draft_decide", "审核拟稿", by=by, at=at)
    draft = draft_pending(row)
    if draft is None:
        raise WrongState(state=row.get_state_display(), act="审核拟稿")
    done(row, CHECK, by=by, at=at)
    if not approve:
        said = needed(reason, "reason", "请填写退回的理由", most=500)
        step(row, _K.DRAFT_RETURNED, said=said, by=by, at=at)
        _to_whoever_works(row, by=by, at=at)
        keep(row, at=at)
        return
    declines = draft.kind == _K.DECLINE_DRAFTED
    row.state = IntakeState.DECLINED if declines else IntakeState.ANSWERED
    row.reply = draft.said
    ended(row, _K.DECLINED if declines else _K.ANSWERED, draft.said, by=by, at=at)


def _to_whoever_works(row: Intake, *, by: Actor, at: datetime) -> None:
    taking = Permission.DISCLOSURE_COLLECT if row.kind in DISCLOSED else Permission.INTAKE_MANAGE
    if row.state == IntakeState.RECEIVED:
        to_do(row, TRIAGE, "受理公众来件", permission=taking, by=by, at=at)
        return
    title = "重新拟定公众来件答复"
    if row.handler_id is not None:
        to_do(row, WORK, title, assignee_id=row.handler_id, by=by, at=at)
    elif row.unit_id is not None:
        to_do(row, WORK, title, permission=Permission.INTAKE_HANDLE, unit_id=row.unit_id, by=by, at=at)
    else:
        to_do(row, WORK, title, permission=taking, by=by, at=at)


def draft_dropped(row: Intake, why: str, *, by: Actor, at: datetime) -> None:
    """A draft that waits holds no more: somebody else may be concerned now, or another body has the matter."""
    if draft_pending(row) is not None:
        step(row, _K.DRAFT_RETURNED, said=why, by=by, at=at)
        done(row, CHECK, by=by, at=at)
