"""What a draw is made from on a day: the published item, the register of targets, the certified officers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.double_random.data import ItemLine, Ready
from mingzhi.double_random.draw import Officer, Pool, Target
from mingzhi.double_random.errors import NoPublishedItem, NoTargets, NotDrawable
from mingzhi.double_random.models import Avoidance, Draw
from mingzhi.kernel import identifiers
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import PersonRef

_ITEM = public_lists.list_schema(ListKind.RANDOM)
_TARGET = public_lists.list_schema(ListKind.TARGET)
_CODE, _NAME, _PARTY, _CATEGORY, _WEIGHT = map(_TARGET.place, ("code", "name", "party", "category", "weight"))


def _cells(row: list[Any]) -> dict[str, str]:
    return {c.key: public_lists.text_of(c, cell) for c, cell in zip(_ITEM.columns, row, strict=True)}


def version_of(body_id: int, kind: ListKind, on: date) -> Any:
    """The version of the body's list in force on ``on``; None where nothing was published."""
    return next((v for v in public_lists.in_force_of(body_id, on) if v.list.kind == kind), None)


def officers_of(body_id: int, on: date, field: str) -> list[PersonRef]:
    """Who may be sent: everybody of the body with a valid certificate for the field that day."""
    return organisations.people(body_id, on=on, certified=True, field=field)


def ready(body_id: int, on: date, field: str, *, categories: bool) -> Ready:
    """What a draw may be made from. ``categories`` of the targets, with how many are in each, ask for the whole
    register to be read: of a million rows, seconds."""
    items = version_of(body_id, ListKind.RANDOM, on)
    targets = version_of(body_id, ListKind.TARGET, on)
    found: Counter[str] = Counter()
    if targets is not None and categories:
        found.update(row[_CATEGORY] for row in public_lists.rows_of(targets))
    keys = ("code", "name", "target", "ratio", "method", "frequency")
    return Ready(
        items=tuple(
            ItemLine(**{k: cells[k] for k in keys})
            for cells in map(_cells, public_lists.rows_of(items) if items is not None else ())
        ),
        categories=tuple(sorted(found.items())),
        targets=targets.count if targets is not None else 0,
        officers=tuple(officers_of(body_id, on, field)),
    )


def party_of(row: Draw) -> Callable[[str], tuple[str, str]]:
    """How to tell, for a code of the draw's register, its kind of party and its credit code if it is one."""
    version = row.list_version

    def told(code: str) -> tuple[str, str]:
        found = public_lists.row_find(version, code)
        kind = found[1][found[2]][_PARTY] if found is not None else "legal"
        try:
            return kind, identifiers.credit_code(code)
        except ValueError:
            return kind, ""

    return told


@dataclass(frozen=True, slots=True)
class Gathered:
    """A pool with where it came from; ``people`` leads from certificate numbers to persons."""

    pool: Pool
    item: Mapping[str, str]
    item_version_id: int
    list_version_id: int
    people: Mapping[str, int]


def gather(
    *, body_id: int, on: date, field: str, item_code: str, category: str, excused: frozenset[int]
) -> Gathered:
    """The pool of a draw. Refuses an item that is not published (INS-09), an empty register, fewer than two
    officers, and targets that avoidance leaves with fewer than two."""
    items = version_of(body_id, ListKind.RANDOM, on)
    found = public_lists.row_find(items, item_code) if items is not None else None
    if items is None or found is None:
        raise NoPublishedItem
    targets = version_of(body_id, ListKind.TARGET, on)
    if targets is None:
        raise NoTargets
    _block, rows, place = found
    here = [
        Target(row[_CODE], row[_NAME], int(row[_WEIGHT] or 1))
        for row in public_lists.rows_of(targets)
        if not category or row[_CATEGORY] == category
    ]
    people = [p for p in officers_of(body_id, on, field) if p.id not in excused]
    states = organisations.certificate_states([p.id for p in people], on, field)
    numbers = {p.id: states[p.id].number for p in people}
    codes = {t.code for t in here}
    apart = [
        (numbers[person], code)
        for person, code in Avoidance.objects.filter(
            body_id=body_id, ended_at__isnull=True, person_id__in=numbers
        ).values_list("person_id", "target_code")
        if code in codes
    ]
    try:
        pool = Pool.of(here, (Officer(numbers[p.id], p.name) for p in people), apart)
    except ValueError as error:
        raise NotDrawable(f"{error}", remedy="请核对检查对象名录库和执法证件登记") from None
    _drawable(pool)
    return Gathered(
        pool=pool,
        item=_cells(rows[place]),
        item_version_id=items.pk,
        list_version_id=targets.pk,
        people={number: person for person, number in numbers.items()},
    )


def _drawable(pool: Pool) -> None:
    if not pool.targets:
        raise NotDrawable("所选类别中没有检查对象", remedy="请另选对象类别，或者先修订检查对象名录库")
    if len(pool.officers) < 2:
        raise NotDrawable(
            "持有效执法证件、可以参加本次抽查的人员不足两人", remedy="请核对执法证件登记和未列入名录的人员"
        )
    if short := pool.unattended():
        names = "、".join(t.name for t in short[:5])
        raise NotDrawable(
            f"{len(short)} 个检查对象在回避后不足两名检查人员：{names}{'等' if len(short) > 5 else ''}",
            remedy="请增加参加抽查的人员，或者核对回避登记",
        )
