"""What every write on an intake is made of: the step with its entry, the row, what the citizen is told, to-dos."""

from __future__ import annotations

from datetime import date, datetime

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, PersonRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import intake_terms
from mingzhi.publication.choices import AGAINST, IntakeStage, IntakeStepKind
from mingzhi.publication.events import INTAKE, INTAKE_STEP, PROGRESS
from mingzhi.publication.models import Intake, Progress
from mingzhi.publication.models_intake import IntakeStep
from mingzhi.tasks import api as tasks

TRIAGE, WORK, ACCOUNT, EXTEND, REPAIR, CHECK, TRANSFER = (
    "publication.intake",
    "publication.intake_work",
    "publication.intake_account",
    "publication.intake_extend",
    "publication.intake_repair",
    "publication.intake_check",
    "publication.intake_transfer",
)
ALL_TASKS = (TRIAGE, WORK, ACCOUNT, EXTEND, REPAIR, CHECK, TRANSFER)


def subject(row: Intake) -> str:
    return f"intake:{row.pk}"


def step(
    row: Intake,
    kind: IntakeStepKind,
    *,
    said: str = "",
    unit_id: int | None = None,
    until: date | None = None,
    by: Actor,
    at: datetime,
) -> IntakeStep:
    """One line of the timeline with its ledger entry."""
    made = IntakeStep.objects.create(
        intake=row,
        kind=kind,
        at=at,
        by=by.label,
        by_name=by.name[:60],
        unit_id=unit_id,
        until=until,
        said=said,
    )
    INTAKE_STEP.kept(made, at=at)
    return made


def keep(row: Intake, *, at: datetime) -> None:
    """Save the row as it now stands, its nearest clock with it, and say so in the ledger."""
    row.due_on = intake_terms.nearest(row, at)
    row.save()
    INTAKE.kept(row, at=at)


def tell(row: Intake, stage: str, *, reply: str = "", at: datetime) -> None:
    """What the citizen reads under number and code."""
    told = Progress.objects.create(
        number=row.number,
        code_hash=row.code_hash,
        title=row.get_kind_display(),
        stage=stage[:120],
        reply=reply,
        at=at,
    )
    PROGRESS.kept(told, at=at)


def to_do(
    row: Intake,
    kind: str,
    title: str,
    *,
    permission: Permission | None = None,
    unit_id: int | None = None,
    assignee_id: int | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """A to-do that tells nothing of the matter but its number: a title is read by more people than a page.

    It lies with all who hold ``permission`` (in the unit); where one of them is complained of, with each
    of the others by name, so that not even the number reaches the one it is about.
    """
    persons: list[int | None] = [assignee_id]
    if permission is not None and row.kind in AGAINST:
        holders = organisations.people(
            row.body_id, on=clock.local_date(at), permission=permission, unit_id=unit_id
        )
        asked = unit_id is not None and unit_id == row.about_unit_id
        free = [p.id for p in holders if p.id != row.about_person_id and (asked or not _of_target(row, p))]
        if len(free) < len(holders):
            persons, permission, unit_id = list(free), None, None
    for person in persons:
        tasks.task_open(
            kind=kind,
            title=f"{title}：{row.number}",
            body_id=row.body_id,
            subject=subject(row),
            unit_id=unit_id,
            assignee_id=person,
            permission=permission.value if permission else "",
            due_on=intake_terms.nearest(row, at),
            by=by,
            at=at,
        )


def _of_target(row: Intake, person: PersonRef) -> bool:
    return row.about_unit_id is not None and person.unit_id == row.about_unit_id


def done(row: Intake, *kinds: str, by: Actor, at: datetime) -> None:
    tasks.tasks_close(kinds=kinds or ALL_TASKS, subject=subject(row), by=by, at=at)


def release(row: Intake, *, by: Actor, at: datetime) -> None:
    """Somebody has answered: the dossier that was kept whole for this matter runs on (domain §6.5)."""
    dossier = row.disclosure.dossier if row.disclosure is not None else None
    if dossier is None:
        return
    for hold in dossiers.archive.holds(dossier.pk):
        if hold.lifted_at is None and f"（{row.number}）" in hold.reason:
            dossiers.archive.hold_lift(
                dossier=dossier, hold_id=hold.id, reason=f"来件 {row.number} 已经答复", by=by, at=at
            )


def handled(row: Intake, *, by: Actor, at: datetime) -> None:
    row.handled_by, row.handled_at = by.label, at


def ended(row: Intake, kind: IntakeStepKind, said: str, *, by: Actor, at: datetime) -> None:
    """The matter has its answer: clocks and to-dos end, the citizen reads ``said``."""
    handled(row, by=by, at=at)
    row.satisfaction = ""
    for stage in (IntakeStage.ACCEPTANCE, IntakeStage.REPLY):
        intake_terms.stop(row, stage, by=by, at=at)
    done(row, by=by, at=at)
    step(row, kind, said=said, by=by, at=at)
    tell(row, row.get_state_display(), reply=said, at=at)
    release(row, by=by, at=at)
    keep(row, at=at)
