"""Whether an answer or a refusal to take a letter up needs a second person before it leaves: the body's own rule, else our default, said as such.

No law that was read asks for one. The norm ``intake.answer.checked`` is marked 待核实 and names the kinds that
are answered in the body's name against somebody: complaints and reports. A body sets its own rule by kind with
the document it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mingzhi.catalogue import api as catalogue
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.publication import own_rules
from mingzhi.publication.choices import IntakeKind
from mingzhi.publication.events import INTAKE_CHECK
from mingzhi.publication.intake_terms import NOT_BACK
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import IntakeCheck

NORM = "intake.answer.checked"
#: A repair is decided by a leader in any case; supervision's opinions do not come in by this door.
KINDS = tuple(k for k in IntakeKind if k not in (IntakeKind.REPAIR, IntakeKind.DISCIPLINE))
DEFAULT = "法律没有规定答复、不予受理须经他人审核，系统默认（待核实），由本机关规定"


@dataclass(frozen=True, slots=True)
class CheckFound:
    """Whether answers of a kind are checked, and who says so. ``own`` = by the body's own document."""

    kind: str
    needed: bool
    citation: str
    own: bool = False

    @property
    def kind_label(self) -> str:
        return str(IntakeKind(self.kind).label)


def check_for(body_id: int, kind: str, on: date) -> CheckFound:
    """The rule of the body for intakes of ``kind`` received on ``on``."""
    own = own_rules.newest(IntakeCheck, on, body_id=body_id, kind=kind)
    if own is not None:
        return CheckFound(kind, own.needed, own.citation, own=True)
    default = catalogue.norm(NORM, body=organisations.body(body_id), on=on).value or ()
    return CheckFound(kind, kind in default, DEFAULT)


def checked_by_another(row: Intake) -> bool:
    """Whether the answer to ``row``, or declining it, must be approved by a second person."""
    if row.kind not in KINDS:
        return False
    return check_for(row.body_id, row.kind, clock.local_date(row.received_at)).needed


def checks(body_id: int, on: date) -> list[CheckFound]:
    """The rule of a body for each kind, for what it receives on ``on``."""
    return [check_for(body_id, kind, on) for kind in KINDS]


def check_set(*, kind: str, needed: bool, valid_from: date, citation: str, by: Actor, at: datetime) -> int:
    """The body's own rule with its document; holds for what is received from ``valid_from`` on."""
    problems = Problems()
    if kind not in KINDS:
        problems.add("kind", "请选择来件种类")
    return own_rules.rule_set(
        INTAKE_CHECK,
        problems,
        kind=kind,
        needed=needed,
        valid_from=valid_from,
        citation=citation,
        past=NOT_BACK,
        by=by,
        at=at,
    )
