"""What is open to whom on an intake now: the buttons of its page, asked again by every verb.

Reads only. ``taken`` is how a verb gets its row: locked, through the gate, among ``verbs``, or refused with
the reason that fits.
"""

from __future__ import annotations

from datetime import datetime

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel.errors import NotAllowed, NotFound, Problems
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import intake_terms
from mingzhi.publication.choices import (
    AGAINST,
    DISCLOSED,
    INTAKE_OPEN,
    IntakeKind,
    IntakeStage,
    IntakeState,
    IntakeStepKind,
    TransferState,
)
from mingzhi.publication.errors import WrongState
from mingzhi.publication.intake_access import LEADERS, Sight, sight
from mingzhi.publication.intake_rules import checked_by_another
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import IntakeStep, IntakeTransfer

_K = IntakeStepKind
_DRAFTS = (_K.DRAFTED, _K.DECLINE_DRAFTED)
AT_WORK = (IntakeState.ACCEPTED, IntakeState.REOPENED)


def _last(row: Intake, *kinds: IntakeStepKind) -> str:
    """The last of these steps, empty when there was none since the matter was last reopened."""
    for kind in row.steps.order_by("-pk").values_list("kind", flat=True):
        if kind in kinds:
            return str(kind)
        if kind == _K.REOPENED:
            return ""
    return ""


def extension_pending(row: Intake) -> bool:
    return _last(row, _K.EXTENSION_ASKED, _K.EXTENDED, _K.EXTENSION_REFUSED) == _K.EXTENSION_ASKED


def draft_pending(row: Intake) -> IntakeStep | None:
    """The drafted answer, or the reason for declining, that waits for its second person."""
    if _last(row, *_DRAFTS, _K.DRAFT_RETURNED, _K.ANSWERED, _K.DECLINED) not in _DRAFTS:
        return None
    return row.steps.filter(kind__in=_DRAFTS).order_by("-pk")[0]


def transfer_open(row: Intake) -> tuple[IntakeTransfer, str] | None:
    """The transfer whose receipt nobody has registered, with its state."""
    last = row.transfers.order_by("-pk").first() if row.state == IntakeState.TRANSFERRED else None
    if last is None:
        return None
    state = transfer_state(last)
    return (last, state) if state in (TransferState.MADE, TransferState.SENT) else None


def transfer_state(row: IntakeTransfer) -> str:
    last = row.events.order_by("-pk").values_list("kind", flat=True).first()
    return TransferState.MADE.value if last is None else str(last)


def answered_by(row: Intake) -> frozenset[str]:
    """Who drafted, answered or declined before the citizen asked for it again."""
    again = row.steps.filter(kind=_K.REOPENED).order_by("-pk").values_list("pk", flat=True).first()
    if again is None or row.state != IntakeState.REOPENED:
        return frozenset()
    ends = (*_DRAFTS, _K.ANSWERED, _K.DECLINED, _K.REPAIRED, _K.REPAIR_REFUSED)
    return frozenset(row.steps.filter(kind__in=ends, pk__lt=again).values_list("by", flat=True))


def verbs(by: Actor, row: Intake, seen: Sight, at: datetime) -> tuple[str, ...]:
    """What ``by`` may do with ``row`` now, in the order of the work."""
    if by.body_id != row.body_id:
        return ()
    if seen == Sight.ASKED:
        return ("account",) if row.state in INTAKE_OPEN and account_wanted(row, by.unit_id) else ()
    found: list[str] = []
    if seen == Sight.WHOLE and row.state in INTAKE_OPEN:
        found += _managing(row)
    if row.state in AT_WORK and seen in (Sight.WHOLE, Sight.HANDLING):
        found += _working(by, row, seen, at)
    if row.state in AT_WORK and by.permissions & LEADERS:
        found += _leading(by, row)
    if row.state in INTAKE_OPEN and _may_check(by, row, seen):
        found.append("draft_decide")
    if seen == Sight.WHOLE and (passed := transfer_open(row)) is not None:
        found += ["send", "receipt"] if passed[1] == TransferState.SENT else ["send"]
    if (
        seen in (Sight.WHOLE, Sight.HANDLING)
        and row.kind == IntakeKind.QUESTION
        and row.state == IntakeState.ANSWERED
    ):
        found.append("propose")
    return tuple(found)


def _managing(row: Intake) -> list[str]:
    found: list[str] = []
    if row.state == IntakeState.RECEIVED and draft_pending(row) is None:
        found += ["accept", "decline_draft" if checked_by_another(row) else "decline"]
    if row.kind in AGAINST:
        found.append("name")
    if row.kind not in DISCLOSED:
        found.append("transfer")
    return found


def _working(by: Actor, row: Intake, seen: Sight, at: datetime) -> list[str]:
    found: list[str] = []
    heads = by.may(Permission.CASE_UNIT_CHECK) and row.unit_id is not None and row.unit_id == by.unit_id
    if seen == Sight.WHOLE or heads:
        found.append("assign")
    if row.kind in AGAINST and row.about_unit is not None and row.about_unit.body_id == row.body_id:
        found.append("ask")
    if row.kind == IntakeKind.REPORT and by.may(Permission.CLUE_REGISTER):
        found.append("clue")
    if reply_clock(row, at) is not None and not extension_pending(row):
        found.append("extend")
    if row.kind == IntakeKind.REPAIR:
        found.append("check")
    elif by.label not in answered_by(row) and draft_pending(row) is None:
        found.append("draft" if checked_by_another(row) else "answer")
    return found


def _may_check(by: Actor, row: Intake, seen: Sight) -> bool:
    """Whether ``by`` may be the second person of the draft that waits: takes letters up, leads the body or
    the charged unit, and neither drafted it nor answered before."""
    draft = draft_pending(row)
    if draft is None or by.label in {draft.by, *answered_by(row)}:
        return False
    heads = seen == Sight.HANDLING and by.may(Permission.CASE_UNIT_CHECK) and row.unit_id == by.unit_id
    return seen == Sight.WHOLE or heads or bool(by.permissions & LEADERS)


def _leading(by: Actor, row: Intake) -> list[str]:
    found = ["extend_decide"] if extension_pending(row) else []
    checked = row.kind == IntakeKind.REPAIR and _last(row, _K.CHECKED, _K.REPAIR_REFUSED) == _K.CHECKED
    if checked and by.label not in answered_by(row):
        found.append("repair_decide")
    return found


def account_wanted(row: Intake, unit_id: int | None) -> bool:
    """Whether the unit was asked for its account and has not told it."""
    last = (
        row.steps.filter(kind__in=(_K.ASKED, _K.ACCOUNTED), unit_id=unit_id or 0)
        .order_by("-pk")
        .values_list("kind", flat=True)
        .first()
    )
    return last == _K.ASKED


def reply_clock(row: Intake, at: datetime) -> deadlines.DeadlineView | None:
    norm = intake_terms.found(row, IntakeStage.REPLY).norm
    return next((c for c in intake_terms.clocks(row, at) if c.norm == norm), None)


def taken(intake_id: int, verb: str, act: str, *, by: Actor, at: datetime) -> Intake:
    row = Intake.objects.select_for_update().filter(pk=intake_id).first()
    seen = sight(by, row) if row is not None else None
    if row is None or seen is None:
        raise NotFound
    if verb in verbs(by, row, seen, at):
        return row
    if verb in ("answer", "draft", "draft_decide", "repair_decide") and by.label in answered_by(row):
        raise NotAllowed(
            "来件人对原答复不满意，应当由原答复人以外的人员重新办理",
            remedy="请交办给其他人员",
            code="intake.same_answerer",
        )
    draft = draft_pending(row) if verb == "draft_decide" else None
    if draft is not None and draft.by == by.label:
        raise NotAllowed(
            "不得审核本人拟定的答复或者不予受理意见",
            remedy="请由投诉举报专管员、承办机构负责人或者分管领导审核",
            code="intake.own_draft",
        )
    if verb == "answer" and row.state in AT_WORK and checked_by_another(row):
        raise NotAllowed(
            "本机关要求该类来件的答复经另一人审核后发出",
            remedy="请提交答复稿，由另一人审核",
            code="intake.unchecked_answer",
        )
    if verb == "decline" and row.state == IntakeState.RECEIVED and checked_by_another(row):
        raise NotAllowed(
            "本机关要求该类来件不予受理的，经另一人审核后告知来件人",
            remedy="请提交不予受理意见，由另一人审核",
            code="intake.unchecked_answer",
        )
    if verb in ("accept", "decline", "decline_draft") and draft_pending(row) is not None:
        raise WrongState(f"不予受理意见正在等待另一人审核，不能{act}")
    if row.state not in INTAKE_OPEN or seen in (Sight.WHOLE, Sight.HANDLING):
        raise WrongState(f"该来件当前为“{row.get_state_display()}”，不能{act}")
    raise NotAllowed(f"该来件不由您{act}", remedy="请由承办机构、承办人或者有批准权的负责人办理")


def need(problems: Problems, value: str, name: str, sentence: str, *, most: int = 3000) -> str:
    text = value.strip()
    if len(text) < 2:
        problems.add(name, sentence)
    elif len(text) > most:
        problems.add(name, f"最多 {most} 个字，现有 {len(text)} 个字")
    return text


def needed(value: str, name: str, sentence: str, *, most: int = 3000) -> str:
    problems = Problems()
    text = need(problems, value, name, sentence, most=most)
    problems.raise_if_any()
    return text
