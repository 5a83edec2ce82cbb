"""Reads of the double-random room."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from hashlib import sha256
from typing import Any

from django.db.models import Count, Q, QuerySet

from mingzhi.catalogue import api as catalogue
from mingzhi.double_random.choices import Stage
from mingzhi.double_random.data import (
    AssignmentLine,
    AvoidanceLine,
    DrawLine,
    DrawView,
    InspectionView,
    Ready,
    ReplacementLine,
)
from mingzhi.double_random.draw import Pool
from mingzhi.double_random.models import Assignment, Avoidance, Draw, Finding, Replacement
from mingzhi.double_random.pool import officers_of
from mingzhi.double_random.pool import ready as ready_of
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.data import CheckpointView
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, PersonRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication

PAGE = 100


def _stage(*, voided: bool, drawn: bool, count: int, found: int) -> Stage:
    if voided:
        return Stage.VOIDED
    if not drawn:
        return Stage.COMMITTED
    return Stage.DONE if found >= count else Stage.DRAWN


def stage_of(row: Draw) -> Stage:
    """Where a draw stands, from its rows as they are now."""
    return _line(_told(Draw.objects.filter(pk=row.pk)).get()).stage


def _told(rows: QuerySet[Draw]) -> QuerySet[Draw]:
    """Draws with how many findings each has, and its drawing and voiding where there are."""
    return rows.annotate(found=Count("assignments__finding")).select_related("drawing", "voiding")


def pool_of(row: Draw) -> Pool:
    """The pool as it was published. ``ValueError`` when the file is not what the draw was committed to."""
    with files.open_file(row.pool_id) as file:
        data = file.read()
    if sha256(data).hexdigest() != row.pool_digest:
        raise ValueError(f"{row.number} 的名录文件与公布的摘要不一致")
    return Pool.parse(data.decode())


def covering(row: Draw) -> CheckpointView | None:
    """The first checkpoint that holds the commitment: nobody can choose among several."""
    first = ledger.entries_of(f"draw:{row.pk}")[:1]
    index = first[0].index if first else None
    return None if index is None else ledger.checkpoint_covering(index)


def people_of(row: Draw, pool: Pool) -> dict[str, int]:
    """The officers of the pool by the number of the certificate that stands there, in office or not by now."""
    on = clock.local_date(row.committed_at)
    everyone = [p.id for p in organisations.people(row.body_id, on=on, left=True)]
    states = organisations.certificate_states(everyone, on, row.field)
    holders = {state.number: person for person, state in states.items()}
    return {o.number: holders[o.number] for o in pool.officers if o.number in holders}


def able_on(row: Draw, on: date) -> frozenset[int]:
    """Who holds a certificate that is valid for the draw's field on ``on``, whatever its number by now."""
    return frozenset(p.id for p in officers_of(row.body_id, on, row.field))


def going(task: Assignment, replacements: Iterable[Replacement]) -> tuple[int, ...]:
    """Who goes now: the two who were drawn, after the replacements in their order."""
    now = [task.first_id, task.second_id]
    for change in replacements:
        now[now.index(change.out_id)] = change.into_id
    return tuple(now)


def task_subject(draw_id: int) -> str:
    return f"draw:{draw_id}"


# --- for who counts -------------------------------------------------------------------------------


def inspections(
    *, body_id: int | None = None, ids: Collection[int] | None = None, after: int = 0, most: int = 500
) -> list[InspectionView]:
    """Inspections with a recorded result, in the order of entry from ``after`` on: of a body, or these."""
    rows = Finding.objects.filter(pk__gt=after)
    if body_id is not None:
        rows = rows.filter(assignment__draw__body_id=body_id)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    found = list(rows.select_related("assignment__draw", "follow_up").order_by("pk")[:most])
    units = publication.standing.units(f.disclosure_id for f in found)
    return [_inspection(f, units.get(f.disclosure_id)) for f in found]


def _inspection(found: Finding, unit_id: int | None) -> InspectionView:
    task = found.assignment
    return InspectionView(
        id=found.pk,
        assignment_id=task.pk,
        body_id=task.draw.body_id,
        unit_id=unit_id or _unit_of(found),
        number=f"{task.draw.number}-{task.place}",
        target=task.target_name,
        outcome=found.get_outcome_display(),
        inspected_on=found.inspected_on,
        punished=hasattr(found, "follow_up"),
    )


def _unit_of(found: Finding) -> int:
    """Where whoever entered it belonged to no unit: that of the officers who went, or the body's first."""
    people = organisations.persons(found.officers)
    own = [people[p].unit_id for p in found.officers if p in people]
    return next((u for u in own if u), organisations.units(found.assignment.draw.body_id)[0].id)


# --- gates ----------------------------------------------------------------------------------------


def _may_see(by: Actor, body_id: int) -> None:
    """One's own body's draws, for who organises or inspects; those of bodies one supervises."""
    if by.body_id == body_id and (by.may(Permission.DRAW_MAKE) or by.may(Permission.CASE_READ)):
        return
    if not by.may(Permission.SUPERVISE_READ):
        raise NotFound
    organisations.require(by, Permission.SUPERVISE_READ, body_id=body_id)


def _row(by: Actor, draw_id: int) -> Draw:
    row = _told(Draw.objects.filter(pk=min(draw_id, 2**62))).first()
    if row is None:
        raise NotFound
    _may_see(by, row.body_id)
    return row


# --- what pages show --------------------------------------------------------------------------------


def _line(row: Draw) -> DrawLine:
    found: int = row.found  # type: ignore[attr-defined]
    return DrawLine(
        id=row.pk,
        number=row.number,
        title=row.title,
        item_name=row.item_name,
        committed_at=row.committed_at,
        size=row.size,
        count=row.count,
        found=found,
        stage=_stage(
            voided=hasattr(row, "voiding"), drawn=hasattr(row, "drawing"), count=row.count, found=found
        ),
    )


def draws(by: Actor, *, before: int | None = None) -> list[DrawLine]:
    """The draws that ``by`` may see, newest first, a page at a time (``before`` an id)."""
    scope = organisations.in_scope(by, Permission.SUPERVISE_READ).filter("body")
    if by.may(Permission.DRAW_MAKE) or by.may(Permission.CASE_READ):
        scope |= Q(body_id=by.body_id)
    rows = Draw.objects.filter(scope)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_line(row) for row in _told(rows.order_by("-pk"))[:PAGE]]


def draw_view(by: Actor, draw_id: int) -> DrawView:
    """One draw with all that was recorded of it."""
    row = _row(by, draw_id)
    line = _line(row)
    drawing, voiding = getattr(row, "drawing", None), getattr(row, "voiding", None)
    return DrawView(
        line=line,
        body_id=row.body_id,
        basis=row.basis,
        content=row.content,
        category=row.category,
        share=row.share,
        officers=row.officers,
        excused=tuple((name, why) for name, why in row.excused),
        pool_id=row.pool_id,
        pool_digest=row.pool_digest,
        commitment=row.commitment,
        committed_by=row.committed_by,
        committed_name=row.committed_name,
        ready=line.stage != Stage.COMMITTED or covering(row) is not None,
        **(
            {
                "words": drawing.words,
                "witnesses": drawing.witnesses,
                "seed": drawing.seed,
                "drawn_name": drawing.drawn_name,
                "drawn_at": drawing.drawn_at,
            }
            if drawing
            else {}
        ),
        **(
            {
                "void_reason": voiding.reason,
                "voided_name": voiding.voided_name,
                "voided_at": voiding.voided_at,
            }
            if voiding
            else {}
        ),
    )


def assignments(by: Actor, draw_id: int, *, after: int = 0, mine: bool = False) -> list[AssignmentLine]:
    """The drawn targets in order, a page from place ``after`` on; ``mine``: only where ``by`` goes."""
    row = _row(by, draw_id)
    rows = (
        Assignment.objects.filter(draw=row)
        .select_related("finding__follow_up")
        .prefetch_related("replacements")
    )
    if mine and by.person_id is not None:
        person = by.person_id
        rows = rows.filter(
            Q(first_id=person) | Q(second_id=person) | Q(replacements__into_id=person)
        ).distinct()
    found = list(rows.filter(place__gt=after).order_by("place")[:PAGE])
    gone = [going(a, a.replacements.all()) for a in found]
    wanted = {p for pair in gone for p in pair}
    wanted |= {p for a in found for r in a.replacements.all() for p in (r.out_id, r.into_id)}
    people = organisations.persons(wanted)
    return [
        _assignment(a, pair, people)
        for a, pair in zip(found, gone, strict=True)
        if not mine or by.person_id in pair
    ]


def _assignment(row: Assignment, pair: tuple[int, ...], people: dict[int, PersonRef]) -> AssignmentLine:
    finding = getattr(row, "finding", None)
    return AssignmentLine(
        id=row.pk,
        place=row.place,
        code=row.target_code,
        name=row.target_name,
        officers=tuple(people[p] for p in pair),
        replacements=tuple(
            ReplacementLine(people[r.out_id].name, people[r.into_id].name, r.reason, r.replaced_at)
            for r in row.replacements.all()
        ),
        **(
            {
                "outcome": finding.outcome,
                "outcome_label": finding.get_outcome_display(),
                "facts": finding.facts,
                "measures": finding.measures,
                "inspected_on": finding.inspected_on,
                "disclosure_id": finding.disclosure_id,
                **_followed(finding),
            }
            if finding
            else {}
        ),
    )


def _followed(found: Finding) -> dict[str, Any]:
    told = getattr(found, "follow_up", None)
    if told is None:
        return {}
    return {"follow_up": (told.dossier_id, told.number), "follow_reason": told.reason}


def assignment(by: Actor, assignment_id: int) -> tuple[DrawView, AssignmentLine]:
    """One drawn target with its draw."""
    row = Assignment.objects.filter(pk=min(assignment_id, 2**62)).first()
    if row is None:
        raise NotFound
    view = draw_view(by, row.draw_id)
    line = assignments(by, row.draw_id, after=row.place - 1)[0]
    return view, line


def ready(by: Actor, on: date, *, categories: bool = False) -> Ready:
    """What a draw may be made from today (``pool.ready``)."""
    organisations.require(by, Permission.DRAW_MAKE, body_id=by.body_id)
    body = organisations.body(by.body_id)
    return ready_of(body.id, on, catalogue.profile(body.profile).field, categories=categories)


def avoidances(by: Actor) -> list[AvoidanceLine]:
    """Who avoids whom now, newest first."""
    organisations.require(by, Permission.DRAW_MAKE, body_id=by.body_id)
    rows = Avoidance.objects.filter(body_id=by.body_id, ended_at__isnull=True).order_by("-pk")
    return [
        AvoidanceLine(r.pk, r.person.name, r.target_code, r.reason, r.declared_at)
        for r in rows.select_related("person")
    ]
