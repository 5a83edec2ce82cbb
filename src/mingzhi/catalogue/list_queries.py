"""Reads of the public lists: what is in force, what changed, what is due for review, what a law touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from mingzhi.catalogue import lawtext, list_bridge, list_cells, list_computed, list_rows, norms
from mingzhi.catalogue.choices import ListAct, ListKind, VersionState
from mingzhi.catalogue.institutions import Finding, findings
from mingzhi.catalogue.list_cells import CellProblem, ListRow, text_of
from mingzhi.catalogue.list_schemas import Schema, schema
from mingzhi.catalogue.models import Law, ListChange, ListEvent, ListVersion, PublicList
from mingzhi.kernel import canonical, clock
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission

_LAW = re.compile(r"《([^《》]+)》")
_OPEN = (VersionState.DRAFT, VersionState.CHECKED, VersionState.APPROVED)
SHOWN = 300
"""Differences and problems told one by one; how many there are is always told."""


@dataclass(frozen=True, slots=True)
class Change:
    """How one row differs between two versions: cells as (column label pair, before, after)."""

    code: str
    name: str
    kind: str
    cells: tuple[tuple[str, str, str], ...] = ()
    """(column key, text before, text after)"""


@dataclass(frozen=True, slots=True)
class Difference:
    added: int
    removed: int
    changed: int
    shown: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """A row that cites a law whose version ended since the list came into force."""

    code: str
    name: str
    law: str
    since: date


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list of an agency as the overview shows it."""

    schema: Schema
    list: PublicList | None
    current: ListVersion | None
    coming: ListVersion | None
    open: ListVersion | None
    late: bool = False
    review_on: date | None = None
    """When the version in force must be looked at again; a step "stays as it is" moves it on."""


# --- gates ----------------------------------------------------------------------------------------


def _may_see(by: Actor, body_id: int) -> None:
    """One's own agency's lists, and those of agencies one supervises; others do not exist."""
    if by.body_id != body_id:
        if not by.may(Permission.SUPERVISE_READ):
            raise NotFound
        organisations.require(by, Permission.SUPERVISE_READ, body_id=body_id)


def version_seen(by: Actor, version_id: int) -> ListVersion:
    version = ListVersion.objects.select_related("list", "list__body").filter(pk=version_id).first()
    if version is None:
        raise NotFound
    _may_see(by, version.list.body_id)
    return version


def list_seen(by: Actor, list_id: int) -> PublicList:
    found = PublicList.objects.select_related("body").filter(pk=list_id).first()
    if found is None:
        raise NotFound
    _may_see(by, found.body_id)
    return found


def looked_at(version: ListVersion) -> str:
    """What a person had before them who takes a step on a version: state, rows, days and words, as one digest."""
    told = (
        version.state,
        version.digest,
        version.valid_from,
        version.review_on,
        version.reason,
        version.basis,
    )
    return canonical.digest(list(told))


# --- the agency's lists ------------------------------------------------------------------------------


def in_force(on: date) -> QuerySet[ListVersion]:
    """Published versions whose period holds ``on``."""
    return ListVersion.objects.filter(published_at__isnull=False, valid_from__lte=on).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    )


def lists_of(body_id: int, on: date) -> list[ListLine]:
    """Every kind of list, with those there are; flow charts one line per procedure."""
    found = list(PublicList.objects.filter(body_id=body_id).order_by("pk"))
    versions = ListVersion.objects.filter(list__in=found).order_by("number")
    current: dict[int, ListVersion] = {}
    coming: dict[int, ListVersion] = {}
    opened: dict[int, ListVersion] = {}
    for version in versions:
        if version.state in _OPEN:
            opened[version.list_id] = version
        elif version.published_at is not None:
            if version.valid_from > on:
                coming[version.list_id] = version
            elif version.valid_to is None or version.valid_to > on:
                current[version.list_id] = version
    lines = []
    days = review_days(current.values())
    for kind in ListKind:
        own: list[PublicList | None] = [f for f in found if f.kind == kind]
        for each in own or [None]:
            pk = each.pk if each is not None else 0
            now = current.get(pk)
            due = days.get(now.pk) if now is not None else None
            late = due is not None and due < on
            lines.append(ListLine(schema(kind), each, now, coming.get(pk), opened.get(pk), late, due))
    return lines


def review_days(versions: Iterable[ListVersion]) -> dict[int, date]:
    """When each version must be looked at again: as it was drafted, or as the last look moved it on (R006)."""
    found = {v.pk: v.review_on for v in versions if v.review_on is not None}
    for event in ListEvent.objects.filter(version__in=[*found], act=ListAct.KEEP).order_by("pk"):
        found[event.version_id] = date.fromisoformat(event.facts["review_on"])
    return found


def review_lead(body_id: int, on: date) -> int:
    """How many days before its review day a list comes to the keeper's desk."""
    return int(norms.norm("lists.review_lead", body=organisations.body(body_id), on=on).value)


def versions_of(found: PublicList) -> list[ListVersion]:
    return list(found.versions.order_by("-number"))


def events_of(version: ListVersion) -> list[ListEvent]:
    return list(version.events.order_by("pk"))


def drafters(version: ListVersion) -> frozenset[str]:
    """Everybody who started the version or wrote in it: none of them checks, approves or publishes it."""
    wrote = version.events.filter(act__in=(ListAct.START, ListAct.EDIT))
    return frozenset(wrote.values_list("by", flat=True))


def last_act(version: ListVersion) -> str:
    """Where a draft stands between its writer and its checker: begun, handed in, or returned."""
    asked = (ListAct.START, ListAct.HAND_IN, ListAct.RETURN)
    last = version.events.filter(act__in=asked).order_by("pk").last()
    return last.act if last is not None else ""


def changes_of(found: PublicList) -> list[ListChange]:
    return list(found.changes.select_related("version").order_by("-pk"))


# --- what is wrong, what differs, what is touched --------------------------------------------------------


def version_problems(version: ListVersion) -> list[CellProblem]:
    """Everything that keeps a version from being checked: bad cells, codes twice, what the engine refuses."""
    own = schema(version.list.kind)
    found = _cells(own, version)
    if not version.count:
        found.append(CellProblem(0, "code", "", "清单没有内容", "请录入、导入或者生成内容"))
    if own.engine and not found:
        body = organisations.body(version.list.body_id)
        found += list_bridge.problems(own, body, list_rows.rows(version), version.valid_from)
    return found[:SHOWN]


def _cells(own: Schema, version: ListVersion) -> list[CellProblem]:
    found: list[CellProblem] = []
    first: dict[str, int] = {}
    passed = 0
    for _, rows in list_rows.blocks(version):
        for problem in list_cells.problems(own, rows):
            found.append(
                CellProblem(
                    passed + problem.row, problem.column, problem.value, problem.sentence, problem.remedy
                )
            )
        for number, row in enumerate(rows, passed + 1):
            if row[0] and first.setdefault(row[0], number) <= passed:
                found.append(list_cells.twice(own, number, row[0], first[row[0]]))
        passed += len(rows)
        if len(found) > SHOWN:
            break
    return found


def before(version: ListVersion) -> ListVersion | None:
    """The published version that this one follows or would follow."""
    rows = version.list.versions.filter(published_at__isnull=False, number__lt=version.number)
    return rows.order_by("number").last()


def difference(old: ListVersion | None, new: ListVersion, *, start: int = 0, size: int = SHOWN) -> Difference:
    """What ``new`` adds, removes and changes, in its order, removed rows last; ``size`` of them from ``start`` told
    one by one."""
    return compared(list_bridge.schema_of(new), *_unlike(old, new), start=start, size=size)


def differing(old: ListVersion | None, new: ListVersion) -> Iterator[Change]:
    """Every one of them, for a file."""
    return changes(list_bridge.schema_of(new), *_unlike(old, new))


def _unlike(old: ListVersion | None, new: ListVersion) -> tuple[dict[str, ListRow], Iterator[ListRow]]:
    """The rows of both that have to be compared: those of blocks that are not in the other one as they are."""
    if old is None or old.columns != new.columns:
        return {}, list_rows.rows(new)
    was, now = (set(v.blocks.values_list("digest", flat=True)) for v in (old, new))
    return {row[0]: row for row in list_rows.rows(old, but=now)}, list_rows.rows(new, but=was)


Pair = tuple[ListRow | None, ListRow | None]


def _pairs(was: dict[str, ListRow], rows: Iterable[ListRow]) -> Iterator[Pair]:
    """(before, after) of every row that differs; what was removed comes last. ``was`` is emptied on the way."""
    for row in rows:
        old = was.pop(row[0], None)
        if old != row:
            yield old, row
    for old in was.values():
        yield old, None


def _kind(pair: Pair) -> str:
    return "added" if pair[0] is None else "removed" if pair[1] is None else "changed"


def _change(own: Schema, pair: Pair) -> Change:
    old, new = pair
    row = new or old or []
    cells = tuple(_cells_changed(own, old, new)) if old is not None and new is not None else ()
    return Change(row[0], name_of(own, row), _kind(pair), cells)


def changes(own: Schema, was: dict[str, ListRow], rows: Iterable[ListRow]) -> Iterator[Change]:
    """Row by row how ``rows`` differ from ``was``, which is emptied on the way."""
    return (_change(own, pair) for pair in _pairs(was, rows))


def compared(
    own: Schema, was: dict[str, ListRow], rows: Iterable[ListRow], *, start: int = 0, size: int = SHOWN
) -> Difference:
    """The same counted whole, and ``size`` of them from ``start`` told one by one."""
    counts = {"added": 0, "removed": 0, "changed": 0}
    shown: list[Change] = []
    for place, pair in enumerate(_pairs(was, rows)):
        counts[_kind(pair)] += 1
        if start <= place < start + size:
            shown.append(_change(own, pair))
    return Difference(**counts, shown=tuple(shown))


def _cells_changed(own: Schema, old: ListRow, new: ListRow) -> Iterator[tuple[str, str, str]]:
    for column, a, b in zip(own.columns, old, new, strict=True):
        if a != b:
            yield column.key, text_of(column, a), text_of(column, b)


def name_of(own: Schema, row: ListRow) -> str:
    """The row's second column, which names it (the first of charts' is the kind of line)."""
    place = 2 if own.kind == ListKind.CHART else 1
    return text_of(own.columns[place], row[place])


def touched(version: ListVersion, on: date) -> list[Touched]:
    """Rows that cite a law of which another version came into force, or which ended, after the list came into force
    or was last looked at (R006)."""
    looked = version.events.filter(act=ListAct.KEEP).last()
    start = max(version.valid_from, clock.local_date(looked.at)) if looked is not None else version.valid_from
    since: dict[str, tuple[date, str]] = {}
    for law in Law.objects.order_by("in_force_from"):
        for day in (law.in_force_from, law.in_force_to):
            if day is not None and start < day <= on:
                since[law.short_title] = (day, law.title)
    if not since:
        return []
    own = schema(version.list.kind)
    found = []
    for row in list_rows.rows(version):
        text = "；".join(text_of(c, v) for c, v in zip(own.columns, row, strict=True))
        for title in dict.fromkeys(_LAW.findall(text)):
            hit = since.get(lawtext.short_title(title))
            if hit is not None:
                found.append(Touched(row[0], name_of(own, row), hit[1], hit[0]))
    return found


def drift(version: ListVersion, on: date) -> list[str]:
    """What a version in force no longer says: codes the engine reads otherwise, or ``register`` when the
    register a list was computed from has changed."""
    own = schema(version.list.kind)
    body = organisations.body(version.list.body_id)
    if own.engine:
        return list_bridge.drift(own, body, list_rows.rows(version), on)
    if own.kind in (ListKind.SUBJECT, ListKind.PERSONNEL):
        now = {str(r[0]): r for r in list_computed.computed_rows(own.kind, body, on)}
        told = compared(own, now, list_rows.rows(version))
        return sorted(c.code for c in told.shown)
    return []


def institution_findings(version: ListVersion, on: date) -> tuple[Finding, ...]:
    """What the agency's own document demands of its library (R026: twelve and nine), against what a version holds."""
    own = schema(version.list.kind)
    if own.kind != ListKind.INSTITUTION:
        return ()
    texts = {
        row[0]: "\n".join(text_of(c, v) for c, v in zip(own.columns, row, strict=True))
        for row in list_rows.rows(version)
    }
    return findings(texts, organisations.body(version.list.body_id), on)


# --- the public side ------------------------------------------------------------------------------------


def in_force_of(body_id: int, on: date) -> list[ListVersion]:
    """The published versions in force of an agency, in the order of kinds."""
    order = {kind: place for place, kind in enumerate(ListKind.values)}
    rows = in_force(on).filter(list__body_id=body_id).select_related("list")
    return sorted(rows, key=lambda v: (order[v.list.kind], v.list.part, v.list_id))


def public_history(list_id: int) -> list[ListVersion]:
    """Every version that was ever published, newest first; ``NotFound`` where none was."""
    rows = list(
        ListVersion.objects.filter(list_id=list_id, published_at__isnull=False)
        .select_related("list", "list__body")
        .order_by("-number")
    )
    if not rows:
        raise NotFound("没有这份清单", remedy="请从清单公示页面进入")
    return rows


def public_list(body_id: int, kind: str) -> PublicList | None:
    """The agency's list of a kind, once it has published one: its address stays, whatever becomes of the list."""
    found = PublicList.objects.filter(
        body_id=body_id, kind=kind, part="", versions__published_at__isnull=False
    )
    return found.distinct().first()


def published_entry(version: ListVersion) -> int | None:
    """The ledger entry of the publication of a version."""
    event = version.events.filter(act=ListAct.PUBLISH).first()
    if event is None:
        return None
    found = ledger.entries_of(f"catalogue:list_event:{event.pk}")
    return found[-1].id if found else None


def withdrawn_reason(version: ListVersion) -> str:
    event = version.events.filter(act=ListAct.WITHDRAW).last()
    return event.reason if event is not None else ""


def chart_of(body_id: int, part: str, on: date) -> ListVersion | None:
    """The flow chart in force of one procedure."""
    rows = in_force(on).filter(list__body_id=body_id, list__kind=ListKind.CHART, list__part=part)
    return rows.select_related("list", "list__body").first()
