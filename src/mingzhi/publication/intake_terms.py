"""How long an intake may take: the body's own term, else the norm, else none, which the pages say.

No law that was read sets a term for complaints about enforcement; the seeds ask each bureau for rules of
its own (S0 五2; S1 三(二); S2 五(四)). So the norms ``intake.term.*`` ship without a value (待核实) and a body
sets its terms with the document they come from. Corrections go by the term of open information, since
公开条例第四十一条 only says «及时».
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.data import Term
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.publication import own_rules
from mingzhi.publication.choices import DISCLOSED, IntakeKind, IntakeStage
from mingzhi.publication.events import INTAKE_TERM
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import IntakeTerm

#: 公开条例 sets no term for corrections («及时»); its term for open information is used, and said so.
CORRECTION_TERM = "publication.term.open_information"
NORMS = {
    IntakeStage.ACCEPTANCE: "intake.term.acceptance",
    IntakeStage.REPLY: "intake.term.reply",
    IntakeStage.EXTENSION: "intake.term.extension",
    IntakeStage.REOPEN: "intake.term.reopen",
    IntakeStage.RECEIPT: "intake.term.receipt",
}
LONGEST = 365
NOT_BACK = "只能适用于今日及以后收到的来件"
BY_ANALOGY = "《政府信息公开条例》第四十一条要求及时更正，未规定天数；比照"
UNSET = "法律未规定天数，由本机关规定（待核实）"


@dataclass(frozen=True, slots=True)
class TermFound:
    """A term with where it comes from; ``term`` None: neither the law nor the body sets one."""

    kind: str
    stage: str
    term: Term | None
    citation: str
    norm: str
    own: bool = False

    @property
    def kind_label(self) -> str:
        return str(IntakeKind(self.kind).label)

    @property
    def stage_label(self) -> str:
        return str(IntakeStage(self.stage).label)


def term_for(body_id: int, kind: str, stage: str, on: date) -> TermFound:
    """The term of the body for intakes of ``kind`` received on ``on``."""
    stage = IntakeStage(stage)
    norm = CORRECTION_TERM if (kind, stage) == (IntakeKind.CORRECTION, IntakeStage.REPLY) else NORMS[stage]
    own = own_rules.newest(IntakeTerm, on, body_id=body_id, kind=kind, stage=stage)
    if own is not None:
        length = Term(own.days, "WD" if own.working else "CD")
        return TermFound(kind, stage, length, own.citation, norm, own=True)
    known = catalogue.norm(norm, body=organisations.body(body_id), on=on)
    term = catalogue.term(norm, body=organisations.body(body_id), on=on) if known.value is not None else None
    citation = f"{BY_ANALOGY}{known.citation_text}" if norm == CORRECTION_TERM else known.citation_text
    return TermFound(kind, stage, term, citation if term else UNSET, norm)


def found(row: Intake, stage: IntakeStage) -> TermFound:
    return term_for(row.body_id, row.kind, stage, clock.local_date(row.received_at))


def table(body_id: int, on: date) -> list[TermFound]:
    """Every term of a body for what it receives on ``on``. What is about a disclosure is never passed on."""
    return [
        term_for(body_id, kind, stage, on)
        for kind in IntakeKind
        for stage in IntakeStage
        if kind != IntakeKind.DISCIPLINE and not (kind in DISCLOSED and stage == IntakeStage.RECEIPT)
    ]


def regime(body_id: int, on: date) -> tuple[str, str]:
    """What the body calls its complaint rules, and the document or law that asks for them."""
    norm = catalogue.norm("intake.system", body=organisations.body(body_id), on=on)
    return str(norm.value), norm.citation_text


def is_over(since: datetime, term: Term, at: datetime) -> bool:
    return deadlines.due(since, term).on < clock.local_date(at)


def start(row: Intake, stage: IntakeStage, *, started: datetime, by: Actor, at: datetime) -> None:
    """Start the clock of ``stage`` where there is a term for it."""
    set_ = found(row, stage)
    if set_.term is None:
        return
    deadlines.start(
        subject=f"intake:{row.pk}",
        dossier_id=None,
        norm=set_.norm,
        label=f"{row.get_kind_display()}：{stage.label}",
        citation=set_.citation[:200],
        started=started,
        term=set_.term,
        unit_id=None,
        body_id=row.body_id,
        warn_at=(2,),
        by=by,
        at=at,
    )


def stop(row: Intake, stage: IntakeStage, *, by: Actor, at: datetime) -> None:
    deadlines.stop(subject=f"intake:{row.pk}", norm=found(row, stage).norm, on=at, by=by, at=at)


def drop(row: Intake, *, by: Actor, at: datetime) -> None:
    deadlines.drop(subject=f"intake:{row.pk}", on=at, by=by, at=at)


def clocks(row: Intake, at: datetime) -> list[deadlines.DeadlineView]:
    """The clocks that run on an intake, first to end first."""
    open_ = [c for c in deadlines.of_subject(f"intake:{row.pk}", on=at) if c.state in ("running", "late")]
    return sorted(open_, key=lambda c: c.due_on or date.max)


def clocks_of(intake_id: int, at: datetime) -> list[deadlines.DeadlineView]:
    """All clocks of an intake, ended ones too, for its page."""
    return deadlines.of_subject(f"intake:{intake_id}", on=at)


def nearest(row: Intake, at: datetime) -> date | None:
    running = clocks(row, at)
    return running[0].due_on if running else None


def reply_due(row: Intake, at: datetime) -> date | None:
    """The last day for the answer, extensions included; None where no term was set or the matter has ended."""
    norm = found(row, IntakeStage.REPLY).norm
    return next((c.due_on for c in clocks(row, at) if c.norm == norm), None)


def term_set(
    *,
    kind: str,
    stage: str,
    days: int,
    working: bool,
    valid_from: date,
    citation: str,
    by: Actor,
    at: datetime,
) -> int:
    """The body's own term with the document it comes from; holds for what is received from ``valid_from`` on."""
    problems = Problems()
    if kind not in IntakeKind.values or kind == IntakeKind.DISCIPLINE:
        problems.add("kind", "请选择来件种类")
    if stage not in IntakeStage.values:
        problems.add("stage", "请选择期限")
    if not 1 <= days <= LONGEST:
        problems.add("days", f"天数应为 1 至 {LONGEST}")
    return own_rules.rule_set(
        INTAKE_TERM,
        problems,
        kind=kind,
        stage=stage,
        days=days,
        working=working,
        valid_from=valid_from,
        citation=citation,
        past=NOT_BACK,
        by=by,
        at=at,
    )
