"""答复: at once, or drafted by one and approved by another, as the body's rule says (``intake_rules``).

Each verb is one transaction, as in ``intake_work``. A draft is a step; it leaves as it was approved, word by word.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication.choices import DISCLOSED, IntakeState, IntakeStepKind
from mingzhi.publication.errors import WrongState
from mingzhi.publication.intake_steps import CHECK, TRIAGE, WORK, done, ended, keep, step, to_do
from mingzhi.publication.intake_verbs import draft_pending, needed, taken
from mingzhi.publication.models import Intake

_K = IntakeStepKind


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
    done(row, TRIAGE, WORK, by=by, at=at)
    leader = row.kind in DISCLOSED or by.may(Permission.INTAKE_MANAGE)
    checker = Permission.CASE_DEPUTY_APPROVE if leader else Permission.INTAKE_MANAGE
    to_do(row, CHECK, "审核公众来件答复", permission=checker, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_draft_decide(*, intake_id: int, approve: bool, reason: str = "", by: Actor, at: datetime) -> None:
    """The second person's word, never the drafter's own: the answer leaves, or goes back with the reason."""
    row = taken(intake_id, "draft_decide", "审核答复", by=by, at=at)
    draft = draft_pending(row)
    if draft is None:
        raise WrongState(state=row.get_state_display(), act="审核答复")
    done(row, CHECK, by=by, at=at)
    if not approve:
        said = needed(reason, "reason", "请填写退回的理由", most=500)
        step(row, _K.DRAFT_RETURNED, said=said, by=by, at=at)
        _to_whoever_works(row, by=by, at=at)
        keep(row, at=at)
        return
    row.state, row.reply = IntakeState.ANSWERED, draft.said
    ended(row, _K.ANSWERED, draft.said, by=by, at=at)


def _to_whoever_works(row: Intake, *, by: Actor, at: datetime) -> None:
    title = "重新拟定公众来件答复"
    if row.handler_id is not None:
        to_do(row, WORK, title, assignee_id=row.handler_id, by=by, at=at)
    elif row.unit_id is not None:
        to_do(row, WORK, title, permission=Permission.INTAKE_HANDLE, unit_id=row.unit_id, by=by, at=at)
    else:
        taking = Permission.DISCLOSURE_COLLECT if row.kind in DISCLOSED else Permission.INTAKE_MANAGE
        to_do(row, WORK, title, permission=taking, by=by, at=at)


def draft_dropped(row: Intake, why: str, *, by: Actor, at: datetime) -> None:
    """A draft that waits holds no more: somebody else may be concerned now, or another body has the matter."""
    if draft_pending(row) is not None:
        step(row, _K.DRAFT_RETURNED, said=why, by=by, at=at)
        done(row, CHECK, by=by, at=at)
