"""How legal review works: indicators, who departed from which opinion and why, who answers for what.

Figures are counted from the rounds and the weighed facts as they are kept; nothing is stored a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from datetime import datetime

from django.db.models import Exists, OuterRef

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.review import choices
from mingzhi.review.data import Departure, Indicators, Responsibility
from mingzhi.review.models import Disagreement, Opinion, Review, Weighed

REPORT_PERMISSIONS = frozenset(
    {
        Permission.CASE_APPROVE,
        Permission.CASE_DEPUTY_APPROVE,
        Permission.REVIEW_ASSIGN,
        Permission.STATISTICS_READ,
        Permission.SUPERVISE_READ,
    }
)
"""Who reads the indicators and the responsibility report: who leads, reviews, counts or supervises."""
LIMIT = 5000
"""Rows of one report; a longer period is asked for in parts."""


def _sums(rows: Iterable[Indicators]) -> dict[str, int]:
    found = list(rows)
    names = [f.name for f in fields(Indicators) if f.type == "int" and f.name != "unit_id"]
    return {name: sum(getattr(r, name) for r in found) for name in names}


def total(rows: Iterable[Indicators], **named: str) -> Indicators:
    """The cells added up: over units, months or both."""
    return replace(Indicators(**_sums(rows)), **named)  # type: ignore[arg-type]


def indicators(*, body_ids: Collection[int], since: datetime, until: datetime) -> list[Indicators]:
    """Counts per handling unit and month of ``[since, until)``: rounds by the day they were submitted,
    decisions by the day they were made. The caller names bodies that the person may see."""
    cells: dict[tuple[int, str], dict[str, int]] = {}
    units: dict[int, str] = {}

    def cell(unit_id: int, unit: str, at: datetime) -> dict[str, int]:
        units[unit_id] = unit
        return cells.setdefault(
            (unit_id, clock.local_date(at).strftime("%Y-%m")), dict.fromkeys(_sums(()), 0)
        )

    rounds = Review.objects.filter(
        body_id__in=list(body_ids), submitted_at__gte=since, submitted_at__lt=until
    )
    for row in (
        rounds.select_related("unit").prefetch_related("opinions").order_by("pk").iterator(chunk_size=500)
    ):
        now = cell(row.unit_id, row.unit.name, row.submitted_at)
        now["submitted"] += 1
        now["returned"] += bool(row.missing)
        first = min(row.opinions.all(), key=lambda o: o.pk, default=None)
        if first is None or row.accepted_at is None:
            continue
        now["opined"] += 1
        spoken = clock.local_date(first.at)
        now["days"] += max(1, deadlines.working_days_between(clock.local_date(row.accepted_at), spoken))
        now["late"] += row.due_on is not None and spoken > row.due_on
        if first.kind != choices.OpinionKind.AGREE:
            now["problems"] += 1
            now["points"] += sum(c.get("result") == choices.CheckResult.PROBLEM for c in first.checks)
    agreed = Opinion.objects.filter(
        review__dossier_id=OuterRef("dossier_id"), kind=choices.OpinionKind.AGREE, at__lte=OuterRef("at")
    )
    made = Weighed.objects.filter(body_id__in=list(body_ids), decided=True, at__gte=since, at__lt=until)
    named = made.annotate(covered=Exists(agreed)).values_list(
        "unit_id", "unit__name", "at", "caught", "covered"
    )
    for unit_id, unit, at, caught, covered in named.iterator(chunk_size=1000):
        if caught:
            now = cell(unit_id, unit, at)
            now["major"] += 1
            now["covered"] += covered
    return [
        Indicators(unit_id=unit_id, unit=units[unit_id], month=month, **counts)
        for (unit_id, month), counts in sorted(cells.items())
    ]


def require_report(by: Actor) -> None:
    if not by.permissions & REPORT_PERMISSIONS:
        organisations.require(by, Permission.REVIEW_OPINE)


def departures(*, by: Actor, since: datetime, until: datetime) -> list[Departure]:
    """In the own body: replies against an opinion, coordinations, opinions that a changed text left behind,
    and opinions given after their term; latest first (R126, R130)."""
    require_report(by)
    found = [*_disagreements(by, since, until), *_left_behind(by, since, until)]
    return sorted(found, key=lambda d: d.at, reverse=True)[:LIMIT]


def _disagreements(by: Actor, since: datetime, until: datetime) -> Iterable[Departure]:
    rows = Disagreement.objects.filter(review__body_id=by.body_id, at__gte=since, at__lt=until)
    for row in rows.select_related("review__dossier", "review__unit", "opinion").order_by("-pk")[:LIMIT]:
        yield _departure(
            row.review, row.opinion, kind=row.kind, label=str(row.get_kind_display()), by_name=row.by_name,
            why=row.text, outcome=str(row.get_outcome_display()), at=row.at,
        )  # fmt: skip


def _left_behind(by: Actor, since: datetime, until: datetime) -> Iterable[Departure]:
    """The text changed after an agreeing opinion; an opinion came late."""
    rows = Opinion.objects.filter(review__body_id=by.body_id, at__gte=since, at__lt=until)
    told = list(rows.select_related("review__dossier", "review__unit").order_by("-pk")[:LIMIT])
    left = _unheeded(
        row
        for row in told
        if row.kind == choices.OpinionKind.AGREE and row.review.state == choices.ReviewState.SUPERSEDED
    )
    for row in told:
        review = row.review
        if row.pk in left:
            yield _departure(
                review, row, kind="changed", label="同意后又修改拟作出的决定", by_name=review.unit.name,
                why="拟作出的决定在审核同意之后修改，原意见不再有效", outcome="重新送审", at=row.at,
            )  # fmt: skip
        if review.due_on is not None and clock.local_date(row.at) > review.due_on:
            yield _departure(
                review, row, kind="late", label="逾期出具意见", by_name=row.by_name,
                why=f"应于 {review.due_on:%Y-%m-%d} 前出具", outcome="", at=row.at,
            )  # fmt: skip


def _unheeded(opinions: Iterable[Opinion]) -> set[int]:
    """Of these, those on which nothing was decided before the matter went to another round. A round on which
    it was decided counts no more either, once the decision is annulled and the matter taken up anew."""
    rows = list(opinions)
    ids = {row.review.dossier_id for row in rows}
    began: dict[int, list[datetime]] = {}
    made: dict[int, list[datetime]] = {}
    for found, model, name, only in (
        (began, Review, "submitted_at", {}),
        (made, Weighed, "at", {"decided": True}),
    ):
        for dossier_id, at in model.objects.filter(dossier_id__in=ids, **only).values_list(
            "dossier_id", name
        ):
            found.setdefault(dossier_id, []).append(at)

    def decided(row: Opinion) -> bool:
        own = row.review.dossier_id
        following = min((at for at in began[own] if at > row.at), default=None)
        return any(row.at <= at and (following is None or at < following) for at in made.get(own, ()))

    return {row.pk for row in rows if not decided(row)}


def _departure(
    review: Review,
    opinion: Opinion,
    *,
    kind: str,
    label: str,
    by_name: str,
    why: str,
    outcome: str,
    at: datetime,
) -> Departure:
    return Departure(
        dossier_id=review.dossier_id,
        number=review.dossier.number,
        title=review.dossier.title,
        unit=review.unit.name,
        round=review.round,
        kind=kind,
        kind_label=label,
        against=str(opinion.get_kind_display()),
        against_by=opinion.by_name,
        by_name=by_name,
        why=why,
        outcome=outcome,
        at=at,
    )


def responsibility(*, by: Actor, since: datetime, until: datetime) -> list[Responsibility]:
    """Each round of the own body with who vouched for its materials and who gave its opinion, latest first."""
    require_report(by)
    rows = Review.objects.filter(body_id=by.body_id, submitted_at__gte=since, submitted_at__lt=until)
    found = list(
        rows.select_related("dossier", "unit", "reviewer")
        .prefetch_related("opinions")
        .order_by("-submitted_at", "-pk")[:LIMIT]
    )
    ids = {int(r.submitted_by.removeprefix("person:")) for r in found if r.submitted_by.startswith("person:")}
    people = organisations.persons(ids)
    lines = []
    for row in found:
        last = max(row.opinions.all(), key=lambda o: o.pk, default=None)
        who = people.get(int(row.submitted_by.rpartition(":")[2])) if ":" in row.submitted_by else None
        lines.append(
            Responsibility(
                dossier_id=row.dossier_id,
                number=row.dossier.number,
                title=row.dossier.title,
                unit=row.unit.name,
                round=row.round,
                submitted_by=who.name if who else row.submitted_by,
                submitted_at=row.submitted_at,
                reviewer=last.by_name if last else (row.reviewer.name if row.reviewer else ""),
                opinion=str(last.get_kind_display()) if last else "",
                opinion_at=last.at if last else None,
                problems=tuple(
                    f"{c.get('label', c.get('code', ''))}：{c.get('note', '')}"
                    for c in (last.checks if last else ())
                    if c.get("result") == choices.CheckResult.PROBLEM
                ),
                state_label=str(row.get_state_display()),
            )
        )
    return lines
