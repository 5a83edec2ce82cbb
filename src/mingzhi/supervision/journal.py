"""What a step changes in the statistics, written in its transaction: entries, and the sums kept of them.

Crash story. Entries and sums are rows of the step's own transaction: both are there with the step, or
neither. Sums are never set, only added to, by one statement per figure in a fixed order, so that two
steps at once wait on one another at most for a row and never crosswise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction

from mingzhi.dossiers import api as dossiers
from mingzhi.double_random import api as double_random
from mingzhi.double_random.data import InspectionView
from mingzhi.kernel.numbers import allot
from mingzhi.organisations.data import BodyRef
from mingzhi.procedures import api as procedures
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import StepView
from mingzhi.supervision import rules
from mingzhi.supervision.counting import VERBS, Cell, Count, Counts, counts, difference, inspected
from mingzhi.supervision.models import Counted, Rollup

SLOTS = 8
"""Rows over which the writers of one figure are spread."""

Changes = list[tuple[Cell, Count]]


def register() -> None:
    procedures.after_step("supervision.statistics", VERBS, counted)
    double_random.after_finding("supervision.statistics", found)


def counted(ctx: Context, step: StepView) -> None:
    """The matter counts for something else now than before this step."""
    # What the engine read before the step may have been read again after it.
    before = [taken for taken in ctx.steps if taken.seq < step.seq]
    rule_of = rules.rule_of(ctx.body)
    changed = difference(counts(before, rule_of), counts([*before, step], rule_of))
    if changed:
        dossier = ctx.dossier
        write(changed, body_id=dossier.body_id, unit_id=dossier.unit_id, dossier_id=dossier.pk, at=step.at)


def found(inspection: InspectionView, at: datetime) -> None:
    """An inspection's result was recorded, or the penalty that followed."""
    before = stored([inspection.id], "finding_id").get(inspection.id, {})
    _inspection(difference(before, told_by(inspection)), inspection, at)


def told_by(inspection: InspectionView) -> Counts:
    """What an inspection counts for by what is recorded of it."""
    return inspected(inspection.inspected_on, punished=inspection.punished)


def stored(ids: Collection[int], source: str) -> dict[int, Counts]:
    """What the entries of each of these matters (``dossier_id``) or inspections (``finding_id``) add up to."""
    found: dict[int, Counts] = {}
    rows = Counted.objects.filter(**{f"{source}__in": ids}).values_list(
        source, "cell", "year", "month", "cases", "amount_fen"
    )
    for pk, what, year, month, cases, fen in rows:
        own = found.setdefault(pk, {})
        cell = Cell(what, year, month)
        own[cell] = own.get(cell, Count()) + Count(cases, fen)
    return found


def _inspection(changed: Changes, inspection: InspectionView, at: datetime) -> None:
    write(changed, body_id=inspection.body_id, unit_id=inspection.unit_id, finding_id=inspection.id, at=at)


def write(
    changed: Changes,
    *,
    body_id: int,
    unit_id: int,
    dossier_id: int | None = None,
    supplement_id: int | None = None,
    finding_id: int | None = None,
    at: datetime,
) -> None:
    """Entries for what changed, and their sums. In the caller's transaction."""
    Counted.objects.bulk_create(
        Counted(
            body_id=body_id,
            unit_id=unit_id,
            dossier_id=dossier_id,
            supplement_id=supplement_id,
            finding_id=finding_id,
            year=cell.year,
            month=cell.month,
            cell=cell.what,
            cases=count.cases,
            amount_fen=count.fen,
            at=at,
        )
        for cell, count in changed
    )
    slot = (dossier_id or supplement_id or finding_id or 0) % SLOTS
    _add(
        (body_id, cell.year, cell.month, cell.what, unit_id, slot, count.cases, count.fen)
        for cell, count in changed
    )


_ADDED = (
    "INSERT INTO supervision_rollup (body_id, year, month, cell, unit_id, slot, cases, amount_fen) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (body_id, year, month, cell, unit_id, slot) DO UPDATE SET "
    "cases = supervision_rollup.cases + excluded.cases, "
    "amount_fen = supervision_rollup.amount_fen + excluded.amount_fen"
)


def _add(rows: Iterable[tuple[int | str, ...]]) -> None:
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(_ADDED, row)


def recount(body: BodyRef, *, at: datetime, among: Collection[int] | None = None) -> int:
    """Set right what counts otherwise than the rules now say: entries that make up the difference, none
    taken away. How many matters (of ``among``) and inspections changed. After a change of a year's rule;
    idempotent.

    Each matter is held and read once more before it is set right, so that two at once do it once. It may take
    longer than a report waits for what bears an earlier time: each entry bears the moment it is written.
    """
    from mingzhi.supervision.checking import counted_otherwise, inspections_otherwise

    changed, began = 0, monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=monotonic() - began)

    for wrong in counted_otherwise(body, among):
        with transaction.atomic():
            dossiers.dossier_lock(dossier_id=wrong.dossier_id)
            for still in counted_otherwise(body, [wrong.dossier_id]):
                write(
                    still.changes,
                    body_id=still.body_id,
                    unit_id=still.unit_id,
                    dossier_id=still.dossier_id,
                    at=now(),
                )
                changed += 1
    if next(inspections_otherwise(body), None) is not None:
        with transaction.atomic():
            allot(f"supervision:inspections:{body.id}")  # two at once: the second waits, and finds none
            for inspection, missing in inspections_otherwise(body):
                _inspection(missing, inspection, now())
                changed += 1
    return changed


def rebuild(body_id: int) -> None:
    """The sums anew from the entries, for sums that were damaged; the entries are what counts."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # SQLite has one writer anyway
            cursor.execute("LOCK TABLE supervision_rollup IN SHARE ROW EXCLUSIVE MODE")
        Rollup.objects.filter(body_id=body_id).delete()
        cursor.execute(
            "INSERT INTO supervision_rollup (body_id, year, month, cell, unit_id, slot, cases, amount_fen) "
            "SELECT body_id, year, month, cell, unit_id, 0, SUM(cases), SUM(amount_fen) "
            "FROM supervision_counted WHERE body_id = %s GROUP BY body_id, year, month, cell, unit_id",
            [body_id],
        )
