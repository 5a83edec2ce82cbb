"""How the duty to disclose is kept, for those who watch it: one pass over a period, grouped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from mingzhi.dossiers.api import Dossier
from mingzhi.kernel import clock
from mingzhi.publication.choices import DecisionKind, State, WithholdReason
from mingzhi.publication.data import Kept, KeptUnit, LateRow
from mingzhi.publication.models import Disclosure
from mingzhi.publication.queries import OPEN


def _due(body_ids: Collection[int], since: date, until: date) -> QuerySet[Any]:
    rows = Disclosure.objects.filter(body_id__in=body_ids, due_on__gte=since, due_on__lte=until)
    return rows.annotate(
        published=TruncDate("published_at", tzinfo=clock.CHINA),
        unit=Coalesce("unit_id", "dossier__unit_id", output_field=BigIntegerField()),
    )


_IN_TIME = Q(published__lte=F("due_on"))
_LATE = Q(published__gt=F("due_on"))
_NEVER = Q(published__isnull=True)


def kept(body_ids: Collection[int], since: date, until: date, *, on: date) -> list[KeptUnit]:
    """By body and unit, what became of the decisions whose last day for disclosure lies in the period.

    A decision withheld by approval, or annulled before its day, owes nothing. One waiting for approval of
    its withholding still does.
    """
    rows = _grouped(_due(body_ids, since, until), ("body_id", "unit"), on)
    return [KeptUnit(**_counts(r), body_id=r["body_id"], unit_id=r["unit"]) for r in rows]


def kept_by_kind(body_ids: Collection[int], since: date, until: date, *, on: date) -> list[tuple[str, Kept]]:
    """The same by kind of decision, under its name."""
    rows = _grouped(_due(body_ids, since, until), ("kind",), on)
    return [(str(DecisionKind(r["kind"]).label), Kept(**_counts(r))) for r in rows]


def _counts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: row[field.name] for field in fields(Kept)}


def _grouped(rows: QuerySet[Any], by: tuple[str, ...], on: date) -> Iterable[Mapping[str, Any]]:
    withheld = _NEVER & Q(state=State.WITHHELD) & ~Q(withhold_approved_by="")
    cancelled = _NEVER & Q(state__in=(State.CANCELLED, State.WITHDRAWN))
    owing = _NEVER & (Q(state__in=OPEN) | Q(state=State.WITHHELD, withhold_approved_by=""))
    found: Iterable[Mapping[str, Any]] = (
        rows.order_by(*by)
        .values(*by)
        .annotate(
            due=Count("pk"),
            in_time=Count("pk", filter=_IN_TIME),
            late=Count("pk", filter=_LATE),
            waiting=Count("pk", filter=owing & Q(due_on__gte=on)),
            overdue=Count("pk", filter=owing & Q(due_on__lt=on)),
            withheld=Count("pk", filter=withheld),
            cancelled=Count("pk", filter=cancelled),
        )
    )
    return found


def never_taken_up(rows: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Those of the dossiers of which no decision was ever taken up for disclosure."""
    return rows.exclude(Exists(Disclosure.objects.filter(dossier_id=OuterRef("pk"))))


def units(disclosure_ids: Iterable[int]) -> dict[int, int | None]:
    """The unit that each disclosure lies with, where one was named."""
    rows = Disclosure.objects.filter(pk__in=list(disclosure_ids))
    return dict(rows.values_list("pk", "unit_id"))


def withheld_why(body_ids: Collection[int], since: date, until: date) -> list[tuple[str, int]]:
    """Reasons for which decisions of the period are lawfully not public, most frequent first."""
    rows = (
        _due(body_ids, since, until)
        .filter(state=State.WITHHELD)
        .exclude(withhold_approved_by="")
        .values_list("withhold_reason")
        .annotate(n=Count("pk"))
        .order_by("-n", "withhold_reason")
    )
    return [(WithholdReason(reason).label, n) for reason, n in rows]


def late_rows(
    body_ids: Collection[int], since: date, until: date, *, on: date, limit: int = 200
) -> list[LateRow]:
    """Decisions of the period that are overdue (longest first), then those that came late."""
    owing = _NEVER & (Q(state__in=OPEN) | Q(state=State.WITHHELD, withhold_approved_by=""))
    rows = _due(body_ids, since, until).filter((owing & Q(due_on__lt=on)) | _LATE)
    return [
        LateRow(
            id=r.pk,
            body_id=r.body_id,
            unit_id=r.unit,
            dossier_id=r.dossier_id,
            number=r.number,
            title=r.title,
            state=r.state,
            state_label=r.get_state_display(),
            decided_on=r.decided_on,
            due_on=r.due_on,
            published_on=r.published,
            citation=r.citation,
        )
        for r in rows.order_by(F("published").asc(nulls_first=True), "due_on", "pk")[:limit]
    ]
