"""Reads about recordings that must come: what is due, how each expectation stands, figures per unit."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.fields import CharField, DurationField

from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording.choices import DutyState, Ground, RecordKind
from mingzhi.recording.data import DueView, Duty, ExcuseView, UnitCoverage
from mingzhi.recording.errors import ExcuseNotFound
from mingzhi.recording.models import Excuse, Expected, Record


def answering(outer: str = "") -> QuerySet[Record]:
    """Original recordings that answer the outer ``Expected``: same dossier, same act, within its window."""
    return Record.objects.filter(
        dossier_id=OuterRef(f"{outer}dossier_id"),
        kind=RecordKind.RECORDING,
        act=OuterRef(f"{outer}act"),
        derived_from=None,
        captured_at__lt=OuterRef(f"{outer}window_until"),
        ended_at__gte=OuterRef(f"{outer}window_from"),
    )


def approving() -> QuerySet[Excuse]:
    """Approved excuses that cover the outer ``Expected``: asked on the day of the act or later."""
    return Excuse.objects.filter(
        Q(approved_by__isnull=False) | Q(decision__approved=True),
        dossier_id=OuterRef("dossier_id"),
        act=OuterRef("act"),
        record=None,
        at__gte=OuterRef("window_from"),
    )


def due(*, at: datetime, body_id: int | None = None, dossier_id: int | None = None) -> list[DueView]:
    """Recordings expected and not yet deposited (nor excused), soonest due first."""
    rows = Expected.objects.filter(~Exists(answering()), ~Exists(approving())).order_by("due_at", "pk")
    if body_id is not None:
        rows = rows.filter(body_id=body_id)
    if dossier_id is not None:
        rows = rows.filter(dossier_id=dossier_id)
    return [_due(row, at) for row in rows]


def due_on(*, dossier_ids: Collection[int], at: datetime) -> list[DueView]:
    """What is due on any of these dossiers: a person's own, for the workbench."""
    if not dossier_ids:
        return []
    rows = Expected.objects.filter(~Exists(answering()), ~Exists(approving()), dossier_id__in=dossier_ids)
    return [_due(row, at) for row in rows.order_by("due_at", "pk")[:50]]


def _due(row: Expected, at: datetime) -> DueView:
    return DueView(
        id=row.pk,
        dossier_id=row.dossier_id,
        act=row.act,
        ended_at=row.ended_at,
        due_at=row.due_at,
        seconds_left=int((row.due_at - at).total_seconds()),
        citation=row.citation,
    )


def _standing(at: datetime) -> QuerySet[Any]:
    """Expectations with ``deposited`` (the first answer), ``excused`` and ``standing`` at this moment."""
    rows = Expected.objects.annotate(
        deposited=Subquery(answering().order_by("deposited_at", "pk").values("deposited_at")[:1]),
        late_reason=Subquery(answering().order_by("deposited_at", "pk").values("late_reason")[:1]),
        excused=Exists(approving()),
    )
    return rows.annotate(
        standing=Case(
            When(deposited__lte=F("due_at"), then=Value(DutyState.MET.value)),
            When(deposited__isnull=False, then=Value(DutyState.LATE.value)),
            When(excused=True, then=Value(DutyState.EXCUSED.value)),
            When(due_at__lt=at, then=Value(DutyState.MISSING.value)),
            default=Value(DutyState.WAITING.value),
            output_field=CharField(),
        )
    )


def unit_coverage(
    *, body_ids: Collection[int], since: datetime, until: datetime, at: datetime
) -> list[UnitCoverage]:
    """How recordings expected of acts that ended in ``since``…``until`` stand, per handling unit.

    One query, whatever the number of cases. Units in the order of their ids; units without any are absent.
    """
    rows = (
        _standing(at)
        .filter(body_id__in=body_ids, ended_at__gte=since, ended_at__lt=until)
        .values("dossier__unit_id", "dossier__unit__name", "standing")
        .annotate(count=Count("pk"))
        .order_by("dossier__unit_id", "standing")
    )
    found: dict[int, UnitCoverage] = {}
    for row in rows:
        unit = found.setdefault(
            row["dossier__unit_id"],
            UnitCoverage(row["dossier__unit_id"], row["dossier__unit__name"] or "", {}),
        )
        unit.counts[DutyState(row["standing"])] = row["count"]
    return list(found.values())


def duties(
    *,
    body_ids: Collection[int],
    since: datetime,
    until: datetime,
    states: Collection[str],
    at: datetime,
    unit_id: int | None = None,
    limit: int = 200,
) -> list[Duty]:
    """Expectations of acts ended in the period that stand in one of ``states``, longest due first."""
    rows = _standing(at).filter(
        body_id__in=body_ids, ended_at__gte=since, ended_at__lt=until, standing__in=states
    )
    if unit_id is not None:
        rows = rows.filter(dossier__unit_id=unit_id)
    return [
        Duty(
            id=row.pk,
            dossier_id=row.dossier_id,
            number=row.dossier.number,
            title=row.dossier.title,
            unit=row.dossier.unit.name,
            act=row.act,
            mode=row.mode,
            ended_at=row.ended_at,
            due_at=row.due_at,
            state=DutyState(row.standing),
            deposited_at=row.deposited,
            late_reason=row.late_reason or "",
        )
        for row in rows.select_related("dossier__unit").order_by("due_at", "pk")[:limit]
    ]


def recorded_hours(*, body_id: int, since: datetime) -> int:
    """Hours of original recordings of a body captured since, by their stated times, rounded up."""
    length = Sum(F("ended_at") - F("captured_at"), output_field=DurationField())
    total = Record.objects.filter(
        dossier__body_id=body_id, kind=RecordKind.RECORDING, derived_from=None, captured_at__gte=since
    ).aggregate(total=length)["total"]
    return math.ceil(total.total_seconds() / 3600) if total is not None else 0


# --- excuses --------------------------------------------------------------------------------------


def _excuse_rows() -> QuerySet[Excuse]:
    return Excuse.objects.select_related("approved_by", "decision__decided_by", "record").order_by("pk")


def _excuse_view(row: Excuse) -> ExcuseView:
    decision = getattr(row, "decision", None)
    approver = decision.decided_by if decision is not None and decision.approved else row.approved_by
    return ExcuseView(
        id=row.pk,
        dossier_id=row.dossier_id,
        act=row.act,
        record_id=row.record_id,
        record_title=row.record.title if row.record is not None else "",
        ground=row.ground,
        ground_label=Ground(row.ground).label,
        reason=row.reason,
        approved_by_id=approver.pk if approver is not None else None,
        approved_by_name=approver.name if approver is not None else "",
        refused_by_name=decision.decided_by.name if decision is not None and not decision.approved else "",
        opinion=decision.opinion if decision is not None else "",
        decided_at=decision.at if decision is not None else None,
        asked_by=row.asked_by,
        at=row.at,
    )


def excuses(dossier_id: int, act: str | None = None) -> list[ExcuseView]:
    """Every excuse of a dossier with its answer, in the order they were asked."""
    rows = _excuse_rows().filter(dossier_id=dossier_id)
    return [_excuse_view(row) for row in (rows if act is None else rows.filter(act=act))]


def excuse(excuse_id: int) -> ExcuseView:
    row = _excuse_rows().filter(pk=excuse_id).first()
    if row is None:
        raise ExcuseNotFound()
    return _excuse_view(row)


def excuses_waiting(by: Actor) -> list[ExcuseView]:
    """Excuses of the body that wait for an answer this person may be asked for, oldest first."""
    rows = _excuse_rows().filter(dossier__body_id=by.body_id, approved_by=None, decision=None)
    if Permission.CASE_APPROVE not in by.permissions:
        rows = rows.filter(dossier__unit_id=by.unit_id or 0)
    return [_excuse_view(row) for row in rows[:100]]


def excuse_facts(views: Iterable[ExcuseView]) -> list[tuple[str, bool]]:
    """(ground, approved) of excuses for acts not recorded, refused ones left out: what the gate judges."""
    return [(v.ground, v.approved) for v in views if v.record_id is None and not v.refused_by_name]
