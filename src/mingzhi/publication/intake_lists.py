"""Reads of intakes for the desk: the list with clocks, one matter, figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from mingzhi.kernel import clock
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication.choices import (
    INTAKE_OPEN,
    SHELTERED,
    IntakeKind,
    IntakeState,
    IntakeStepKind,
    Satisfaction,
)
from mingzhi.publication.data_intake import IntakeFileView, IntakeLine, IntakeStepView, IntakeView
from mingzhi.publication.intake_access import (
    Sight,
    access_intake,
    may_open_files,
    may_unseal,
    readable,
    shown,
    sight,
    target_shown,
    visible,
)
from mingzhi.publication.intake_transfers import transfers_of
from mingzhi.publication.intake_verbs import draft_pending, verbs
from mingzhi.publication.intake_work import extract_for, repair_standing
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import IntakeFile

#: Only the unit complained of and what it was asked may be told to that unit.
_TO_THE_ASKED = (IntakeStepKind.ASKED, IntakeStepKind.ACCOUNTED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is filtered by; empty means all."""

    kind: str = ""
    state: str = ""
    late: bool = False
    number: str = ""


def _rows(by: Actor, asked: Asked, on: date) -> QuerySet[Intake]:
    rows = visible(by).select_related("unit", "handler")
    if asked.kind in IntakeKind.values:
        rows = rows.filter(kind=asked.kind)
    if asked.state == "open":
        rows = rows.filter(state__in=INTAKE_OPEN)
    elif asked.state in IntakeState.values:
        rows = rows.filter(state=asked.state)
    if asked.late:
        rows = rows.filter(state__in=INTAKE_OPEN, due_on__lt=on)
    if asked.number:
        rows = rows.filter(number=asked.number)
    return rows


def intakes(
    by: Actor, asked: Asked = Asked(), *, on: date, before: int | None = None, limit: int = 50
) -> list[IntakeLine]:
    """What came in and exists for this person, newest first."""
    rows = _rows(by, asked, on)
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return [_line(by, row, on) for row in rows.order_by("-pk")[:limit]]


def everything(by: Actor, asked: Asked, *, on: date, limit: int) -> Iterator[IntakeLine]:
    """The whole list, for a table to take away."""
    for row in _rows(by, asked, on).order_by("-pk")[:limit].iterator(chunk_size=500):
        yield _line(by, row, on)


def how_many(by: Actor, asked: Asked, *, on: date, limit: int) -> int:
    return _rows(by, asked, on)[:limit].count()


def _line(by: Actor, row: Intake, on: date) -> IntakeLine:
    seen = sight(by, row)
    asked = seen in (Sight.ASKED, None)
    return IntakeLine(
        id=row.pk,
        number=row.number,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        state=row.state,
        state_label=row.get_state_display(),
        title="（就来件说明情况）" if asked else shown(row, row.title),
        body_id=row.body_id,
        unit="" if asked or row.unit is None else row.unit.name,
        handler="" if asked or row.handler is None else row.handler.name,
        received_at=row.received_at,
        due_on=None if asked else row.due_on,
        late=not asked and row.state in INTAKE_OPEN and row.due_on is not None and row.due_on < on,
        satisfaction=row.get_satisfaction_display() if row.satisfaction and not asked else "",
    )


def intake(by: Actor, intake_id: int, *, at: datetime) -> IntakeView:
    """One matter as this person may read it; ``NotFound`` when it does not exist for them."""
    row, seen = access_intake(by, intake_id)
    on = clock.local_date(at)
    asked = seen == Sight.ASKED
    steps = row.steps.select_related("unit").order_by("pk")
    if asked:
        steps = steps.filter(kind__in=_TO_THE_ASKED, unit_id=by.unit_id or 0)
    may = verbs(by, row, seen, at)
    about = [x.name for x in (row.about_unit, row.about_person) if x is not None]
    files = [] if asked else list(row.files.order_by("pk"))
    opens = may_open_files(by, row, seen)
    draft = None if asked else draft_pending(row)
    return IntakeView(
        line=_line(by, row, on),
        sight=seen.value,
        sheltered=row.kind in SHELTERED,
        text="" if asked else shown(row, row.text),
        place="" if asked else shown(row, row.place),
        against="" if asked else target_shown(row),
        anonymous=row.anonymous and not asked,
        reachable=bool(row.contact or row.contact_name) and not asked,
        about_unit_id=row.about_unit_id,
        about_person_id=None if asked else row.about_person_id,
        about="" if asked else "、".join(about),
        disclosure_id=row.disclosure_id,
        disclosure_number=row.disclosure.number if row.disclosure is not None else "",
        reply="" if asked else row.reply,
        steps=tuple(
            IntakeStepView(
                kind=s.kind,
                label=s.get_kind_display(),
                at=s.at,
                by="" if asked and s.kind == IntakeStepKind.ASKED else s.by_name,
                unit=s.unit.name if s.unit is not None else "",
                said=s.said if asked else _said(row, s.kind, s.said),
                until=s.until,
            )
            for s in steps
        ),
        files=tuple(
            IntakeFileView(f.pk, f.file_id, f.name if opens else "（附件）", f.size, f.media_type)
            for f in files
        ),
        may=may,
        may_unseal=may_unseal(by, row, seen),
        may_open_files=opens,
        extract=extract_for(row) if "ask" in may else "",
        repair=repair_standing(row.disclosure, on)
        if row.kind == IntakeKind.REPAIR and row.disclosure is not None
        else None,
        draft=draft.said if draft is not None else "",
        draft_declines=draft is not None and draft.kind == IntakeStepKind.DECLINE_DRAFTED,
        transfers=transfers_of(by, row, seen),
    )


def _said(row: Intake, kind: str, said: str) -> str:
    """The citizen's words of a step are as sheltered as the first ones."""
    return shown(row, said) if kind == IntakeStepKind.REOPENED else said


def intake_file(by: Actor, intake_id: int, file_id: int) -> IntakeFile | None:
    """A file of an intake for who may open it; None for anybody else."""
    row, seen = access_intake(by, intake_id)
    return row.files.filter(pk=file_id).first() if may_open_files(by, row, seen) else None


def clue_source(by: Actor, *, on: date, limit: int = 10) -> list[IntakeLine]:
    """Reports that nobody has made a clue of yet, for who registers clues."""
    if not by.may(Permission.CLUE_REGISTER):
        return []
    rows = _rows(by, Asked(kind=IntakeKind.REPORT, state="open"), on)
    rows = rows.exclude(steps__kind=IntakeStepKind.CLUE)
    return [_line(by, row, on) for row in rows.order_by("-pk")[:limit]]


def counts(by: Actor, on: date) -> dict[str, int]:
    """Open, late and received ones, for the tabs."""
    found = visible(by).aggregate(
        open=Count("pk", filter=Q(state__in=INTAKE_OPEN)),
        late=Count("pk", filter=Q(state__in=INTAKE_OPEN, due_on__lt=on)),
        received=Count("pk", filter=Q(state=IntakeState.RECEIVED)),
    )
    return {name: int(value) for name, value in found.items()}


def satisfaction(by: Actor, first: date, last: date) -> dict[str, int]:
    """How the citizens marked the answers to what came in between two days, both included (R056)."""
    found = dict(_marked(readable(by), first, last).values_list("satisfaction").annotate(n=Count("pk")))
    return {mark: int(found.get(mark, 0)) for mark in Satisfaction.values}


def marks(body_ids: Collection[int], first: date, last: date) -> dict[int, dict[str, int]]:
    """The same by body, for who watches over bodies: how many, and nothing of any matter."""
    found = {pk: dict.fromkeys(Satisfaction.values, 0) for pk in body_ids}
    rows = _marked(Intake.objects.filter(body_id__in=body_ids), first, last)
    for body_id, mark, n in rows.values_list("body_id", "satisfaction").annotate(n=Count("pk")):
        found[body_id][mark] = n
    return found


def _marked(rows: QuerySet[Intake], first: date, last: date) -> QuerySet[Intake]:
    start, end = clock.at_local(first), clock.at_local(date.fromordinal(last.toordinal() + 1))
    return rows.exclude(satisfaction="").filter(received_at__gte=start, received_at__lt=end).order_by()
