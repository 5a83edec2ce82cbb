"""Whether what is counted is what the steps say, and whether sums and sealed blocks are those of the entries."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Sum

from mingzhi.dossiers import api as dossiers
from mingzhi.double_random import api as double_random
from mingzhi.double_random.data import InspectionView
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import BodyRef
from mingzhi.procedures import api as procedures
from mingzhi.supervision import blocks, rules
from mingzhi.supervision.counting import VERBS, RuleOf, counts, difference
from mingzhi.supervision.journal import Changes, stored, told_by
from mingzhi.supervision.models import Counted, Rollup

AT_ONCE = 500
AGAIN = 2
"""How often a difference is looked at again before it is one."""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A matter whose entries differ from its steps; ``changes`` would set it right."""

    dossier_id: int
    number: str
    body_id: int
    unit_id: int
    changes: Changes


def counted_otherwise(body: BodyRef, among: Collection[int] | None = None) -> Iterator[Otherwise]:
    """Every matter of ``body`` (or of these ids) that counts otherwise than its steps and the rules say: read
    in batches, each matter from its first step."""
    rule_of = rules.rule_of(body)
    rows = dossiers.Dossier.objects.filter(body_id=body.id).order_by("pk")
    if among is not None:
        rows = rows.filter(pk__in=among)
    after = 0
    while batch := list(rows.filter(pk__gt=after)[:AT_ONCE].values_list("pk", "number", "unit_id")):
        after = batch[-1][0]
        ids = [pk for pk, _n, _u in batch]
        wrong = _wrong(ids, rule_of)
        # A step taken between the two readings is no difference: it is gone when both are read again.
        for _ in range(AGAIN):
            wrong = _wrong(list(wrong), rule_of) if wrong else {}
        for pk, number, unit_id in batch:
            if pk in wrong:
                yield Otherwise(pk, number, body.id, unit_id, wrong[pk])


def _wrong(ids: list[int], rule_of: RuleOf) -> dict[int, Changes]:
    taken = procedures.taken_of(ids, VERBS)
    entered = stored(ids, "dossier_id")
    found = {pk: difference(entered.get(pk, {}), counts(taken.get(pk, ()), rule_of)) for pk in ids}
    return {pk: changes for pk, changes in found.items() if changes}


def inspections_otherwise(body: BodyRef) -> Iterator[tuple[InspectionView, Changes]]:
    """Every inspection of ``body`` that counts otherwise than its recorded result, with what would set it right."""
    after = 0
    while batch := double_random.inspections(body_id=body.id, after=after, most=AT_ONCE):
        after = batch[-1].id
        entered = stored([i.id for i in batch], "finding_id")
        for inspection in batch:
            changes = difference(entered.get(inspection.id, {}), told_by(inspection))
            if changes:
                yield inspection, changes


def sums_otherwise(body_id: int) -> list[str]:
    """Figures whose kept sum is not the sum of the entries."""
    keys = ("year", "month", "cell", "unit_id")

    def summed(model: type[Counted] | type[Rollup]) -> dict[tuple[object, ...], tuple[int, int]]:
        rows = model.objects.filter(body_id=body_id).values_list(*keys).order_by()
        found = rows.annotate(n=Sum("cases"), fen=Sum("amount_fen"))
        return {tuple(r[:4]): (r[4], r[5]) for r in found if r[4] or r[5]}

    wrong: dict[tuple[object, ...], tuple[tuple[int, int], tuple[int, int]]] = {}
    for look in range(1 + AGAIN):  # as above: what people count meanwhile is no difference
        entries, kept = summed(Counted), summed(Rollup)
        here = {key: (kept.get(key, (0, 0)), entries.get(key, (0, 0))) for key in {*entries, *kept}}
        wrong = {key: pair for key, pair in here.items() if pair[0] != pair[1] and (not look or key in wrong)}
        if not wrong:
            break
    return [
        f"{key[0]} 年 {key[1]} 月统计项 {key[2]}（机构 {key[3]}）：汇总为 {pair[0]}，按分录为 {pair[1]}"
        for key, pair in sorted(wrong.items(), key=repr)
    ]


def otherwise() -> Iterator[tuple[str, str]]:
    """(subject, sentence) for fsck and for the nightly check."""
    for body in organisations.bodies():
        for found in counted_otherwise(body):
            yield f"dossier:{found.dossier_id}", f"案卷 {found.number}：统计分录与环节不符"
        for inspection, _changes in inspections_otherwise(body):
            yield f"finding:{inspection.id}", f"抽查 {inspection.number}：统计分录与登记的结果不符"
        for sentence in sums_otherwise(body.id):
            yield f"body:{body.id}", sentence
    for first, last in blocks.otherwise():
        yield f"entries:{first}-{last}", f"统计分录 {first}—{last} 的封存件与分录不符"
