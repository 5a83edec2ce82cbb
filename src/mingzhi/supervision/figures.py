"""Reads of the statistics: figures from the kept sums, figures anew from the entries, what is behind one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db.models import QuerySet, Sum

from mingzhi.dossiers import api as dossiers
from mingzhi.double_random import api as double_random
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import BodyKind, UnitKind
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.review import api as review
from mingzhi.review.data import Indicators
from mingzhi.supervision import blocks, layout, rules
from mingzhi.supervision.counting import INSPECTED, NOTHING, Count
from mingzhi.supervision.data import Behind, CaseLine, Figures, InspectionLine, Part, SupplementLine
from mingzhi.supervision.models import Counted, Rollup, Supplement

PAGE = 50
_NOT_SUBJECTS = {BodyKind.SUPERVISOR, BodyKind.GOVERNMENT}
_DECIDED = layout.decided(layout.KINDS)

Grouped = dict[tuple[int, int], dict[str, Count]]
"""(body, unit) → cell → count."""


def access_body(by: Actor, body_id: int, permission: Permission = Permission.STATISTICS_READ) -> BodyRef:
    """The body, if its statistics exist for this person."""
    organisations.require(by, permission, body_id=body_id)
    return organisations.body(body_id)


def bodies_for(by: Actor) -> list[BodyRef]:
    """Bodies whose statistics this person may see: the own one first."""
    scope = organisations.in_scope(by, Permission.STATISTICS_READ)
    found = [b for b in organisations.bodies() if b.kind not in _NOT_SUBJECTS and scope.covers(b.id, b.path)]
    return sorted(found, key=lambda b: (b.id != by.body_id, b.path))


def subjects(body: BodyRef) -> list[BodyRef]:
    """The bodies a report speaks for: its own, those below it and those it entrusts (一个执法主体一张表)."""
    below = [
        b
        for b in organisations.bodies()
        if b.id != body.id
        and b.kind not in _NOT_SUBJECTS
        and (b.path.startswith(body.path) or b.entrusted_by_id == body.id)
    ]
    return [body, *below]


# --- sums ------------------------------------------------------------------------------------


def _grouped(sums: Iterable[tuple[blocks.Key, Count]]) -> tuple[Grouped, list[tuple[int, int]]]:
    units: Grouped = {}
    months = [NOTHING] * 12
    for (body_id, unit_id, month, cell), count in sums:
        if count == NOTHING:
            continue  # what came and went again leaves nothing, however it is summed
        own = units.setdefault((body_id, unit_id), {})
        own[cell] = own.get(cell, NOTHING) + count
        if cell in _DECIDED:
            months[month - 1] += count
    return units, [(m.cases, m.fen) for m in months]


def _kept(body_ids: Collection[int], year: int) -> Iterator[tuple[blocks.Key, Count]]:
    rows = Rollup.objects.filter(body_id__in=body_ids, year=year).order_by()
    summed = rows.values_list("body_id", "unit_id", "month", "cell")
    for body_id, unit_id, month, cell, n, fen in summed.annotate(n=Sum("cases"), fen=Sum("amount_fen")):
        yield (body_id, unit_id, month, cell), Count(n, fen)


def _entries(body_ids: Collection[int], year: int, as_of: datetime | None) -> QuerySet[Counted]:
    rows = Counted.objects.filter(body_id__in=body_ids, year=year)
    return rows.filter(at__lte=as_of) if as_of is not None else rows


def _typed(body_ids: Collection[int], year: int, moment: datetime | None) -> Grouped:
    """What supplements make up of the figures."""
    rows = Supplement.objects.filter(body_id__in=body_ids, year=year).order_by()
    if moment is not None:
        rows = rows.filter(at__lte=moment)
    units: Grouped = {}
    summed = rows.values_list("body_id", "unit_id", "cell").annotate(n=Sum("cases"), fen=Sum("amount_fen"))
    for body_id, unit_id, cell, n, fen in summed:
        units.setdefault((body_id, unit_id), {})[cell] = Count(n, fen)
    return units


def _added(parts: Iterable[dict[str, Count]]) -> dict[str, Count]:
    found: dict[str, Count] = {}
    for part in parts:
        for cell, count in part.items():
            found[cell] = found.get(cell, NOTHING) + count
    return found


def _figures(
    body: BodyRef,
    year: int,
    sums: Iterable[tuple[blocks.Key, Count]],
    known: list[BodyRef],
    *,
    on: date,
    moment: datetime | None = None,
) -> Figures:
    grouped, months = _grouped(sums)
    typed = _typed([b.id for b in known], year, moment)
    acts = {b.id: rules.year_rule(b, year).acts for b in known}
    names = {u.id: u.name for b in known for u in organisations.units(b.id)}
    for _body, unit_id in grouped:
        if unit_id not in names:
            names[unit_id] = organisations.unit(unit_id).name
    union = tuple(dict.fromkeys(act for own in acts.values() for act in own))
    own = [(u, sums) for (b, u), sums in sorted(grouped.items()) if b == body.id]
    officers, certified = _certificates([b.id for b in known], on)
    return Figures(
        year=year,
        total=layout.figures(_added(grouped.values()), union),
        units=tuple(
            Part(
                u,
                names[u],
                layout.figures(sums, acts[body.id]),
                layout.typed(typed.get((body.id, u), {})),
            )
            for u, sums in own
        ),
        bodies=tuple(
            Part(
                b.id,
                b.name,
                layout.figures(_of_body(grouped, b.id), acts[b.id]),
                layout.typed(_of_body(typed, b.id)),
            )
            for b in known
        )
        if len(known) > 1
        else (),
        months=tuple(months),
        officers=officers,
        certified=certified,
        typed=layout.typed(_added(typed.values())),
    )


def _of_body(grouped: Grouped, body_id: int) -> dict[str, Count]:
    return _added(sums for (own_id, _unit), sums in grouped.items() if own_id == body_id)


def _certificates(body_ids: Collection[int], on: date) -> tuple[int, int]:
    """Officers in office on the day, and how many of them hold a valid certificate (持证率)."""
    people = {
        p.id
        for body_id in body_ids
        for role in ("officer", "unit_head")
        for p in organisations.people(body_id, on=on, role=role)
    }
    states = organisations.certificate_states(people, on)
    return len(people), sum(s.valid for s in states.values())


def _day_of(year: int, moment: datetime) -> date:
    """The day for which people are counted: the last of the year, or today while it is running."""
    return min(date(year, 12, 31), clock.local_date(moment))


def current(body: BodyRef, year: int, at: datetime) -> Figures:
    """The year as it stands, from the sums kept with every step."""
    known = subjects(body)
    return _figures(body, year, _kept([b.id for b in known], year), known, on=_day_of(year, at))


def as_of(body: BodyRef, year: int, moment: datetime, *, known: list[BodyRef] | None = None) -> Figures:
    """The year as it stood at ``moment``, reckoned anew from every entry. Later facts do not move it.

    ``known`` are the bodies that are spoken for, where these are not those of today."""
    known = known or subjects(body)
    sums = blocks.added([b.id for b in known], year, moment)
    return _figures(body, year, sums.items(), known, on=_day_of(year, moment), moment=moment)


def moved_since(body: BodyRef, year: int, moment: datetime, *, slack: timedelta) -> bool:
    """Whether anything of the year was entered after ``moment``. Entries are read from the newest back until
    one is older by ``slack``, within which steps end in another order than they began."""
    ids = {b.id for b in subjects(body)}
    newest = Counted.objects.order_by("-pk").values_list("body_id", "year", "at")
    for body_id, of, at in newest.iterator(chunk_size=200):
        if at <= moment - slack:
            return False
        if at > moment and of == year and body_id in ids:
            return True
    return False


def digest(
    body: BodyRef, year: int, moment: datetime, *, known: list[BodyRef] | None = None
) -> tuple[int, str]:
    """How many matters and inspections stand behind the year's figures as of ``moment``, and the SHA-256 over
    what each adds: ``dossier cell cases 分`` a line, in order, then ``finding:id cell cases 分``. Anyone with
    the numbers can recompute it."""
    ids = [b.id for b in known or subjects(body)]
    total, matters = sha256(), 0
    for source, mark in (("dossier_id", ""), ("finding_id", "finding:")):
        last = None
        rows = _entries(ids, year, moment).exclude(**{source: None}).order_by(source, "cell")
        summed = rows.values_list(source, "cell").annotate(n=Sum("cases"), fen=Sum("amount_fen"))
        for pk, cell, n, fen in summed.iterator(chunk_size=5000):
            if n or fen:
                total.update(f"{mark}{pk} {cell} {n} {fen}\n".encode())
                matters, last = matters + (pk != last), pk
    return matters, total.hexdigest()


# --- behind a figure ---------------------------------------------------------------------------


def behind(
    body: BodyRef,
    year: int,
    column: layout.Column,
    *,
    unit_id: int | None = None,
    body_id: int | None = None,
    month: int | None = None,
    moment: datetime | None = None,
    known: list[BodyRef] | None = None,
    after: int = 0,
) -> Behind:
    """The matters or inspections (a page of them, by number of registration) and supplements that a figure is
    made of.

    ``body_id`` and ``unit_id`` narrow to a body below or a unit; ``known`` as in ``as_of``. The sum over all
    pages and supplements is the figure.
    """
    ids = [b.id for b in known or subjects(body) if body_id is None or b.id == body_id]
    rows = _entries(ids, year, moment).filter(cell__in=column.cells)
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    if month is not None:
        rows = rows.filter(month=month)
    told = (
        ()
        if after or month not in (None, 12)
        else tuple(_supplements(ids, year, column.cells, unit_id, moment))
    )
    if column.cells == (INSPECTED,):
        return _inspections(rows, after, told)
    found: dict[int, tuple[int, int]] = {}
    last = after
    while len(found) <= PAGE:
        following = _following(rows, ids, column.cells, last)
        if not following:
            break
        last = following[-1]
        found |= _summed(rows, following)
    shown = list(found)[:PAGE]
    names = dossiers.Dossier.objects.filter(pk__in=shown).values_list(
        "pk", "number", "title", "unit__name", "closed_at"
    )
    shown_as = {pk: (number, title, unit) for pk, number, title, unit, _closed in names}
    last_month: dict[int, int] = dict(
        rows.filter(dossier_id__in=shown).order_by("pk").values_list("dossier_id", "month")
    )
    return Behind(
        cases=tuple(
            CaseLine(pk, *shown_as[pk], last_month[pk], found[pk][0], found[pk][1])
            for pk in shown
            if pk in shown_as
        ),
        supplements=told,
        next=shown[-1] if len(found) > PAGE else None,
    )


def _inspections(rows: QuerySet[Counted], after: int, told: tuple[SupplementLine, ...]) -> Behind:
    own = rows.filter(finding_id__gt=after).order_by("finding_id").values_list("finding_id")
    summed = own.annotate(n=Sum("cases")).exclude(n=0).values_list("finding_id", flat=True)
    ids = list(summed[: PAGE + 1])
    shown = double_random.inspections(ids=ids[:PAGE])
    names = {u: organisations.unit(u).name for u in {i.unit_id for i in shown}}
    lines = tuple(
        InspectionLine(i.assignment_id, i.number, i.target, i.outcome, names[i.unit_id], i.inspected_on)
        for i in shown
    )
    return Behind((), told, ids[PAGE - 1] if len(ids) > PAGE else None, lines)


def _following(
    rows: QuerySet[Counted], body_ids: Collection[int], cells: Collection[str], after: int
) -> list[int]:
    """The next dossiers with entries in any of the cells: a short stretch of the index for each of them,
    so that a page costs the same however many matters a figure has."""
    found: set[int] = set()
    for body_id in body_ids:
        for cell in cells:
            own = rows.filter(body_id=body_id, cell=cell, dossier_id__gt=after).order_by("dossier_id")
            found.update(own.values_list("dossier_id", flat=True).distinct()[: PAGE + 1])
    return sorted(found)[: PAGE + 1]


def _summed(rows: QuerySet[Counted], dossier_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """What each adds; matters that came and went add nothing and are not listed."""
    summed = rows.filter(dossier_id__in=dossier_ids).order_by("dossier_id").values_list("dossier_id")
    return {pk: (n, fen) for pk, n, fen in summed.annotate(n=Sum("cases"), fen=Sum("amount_fen")) if n or fen}


def _supplements(
    body_ids: Collection[int], year: int, cells: Collection[str], unit_id: int | None, moment: datetime | None
) -> Iterable[SupplementLine]:
    rows = Supplement.objects.filter(body_id__in=body_ids, year=year, cell__in=cells)
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    if moment is not None:
        rows = rows.filter(at__lte=moment)
    return _supplement_lines(rows)


def _supplement_lines(rows: QuerySet[Supplement]) -> list[SupplementLine]:
    """Each with what this system counts of the same in that unit and year: the reader sees both beside one
    another, and that the supplement must not be about those."""
    told = list(rows.select_related("unit").order_by("pk"))
    own = Counted.objects.filter(
        body_id__in={r.body_id for r in told}, year__in={r.year for r in told}, cell__in={r.cell for r in told},
        supplement=None,
    ).order_by()  # fmt: skip
    sums = own.values_list("body_id", "unit_id", "year", "cell").annotate(n=Sum("cases"))
    here = {tuple(key): n for *key, n in sums}
    return [_supplement(r, here.get((r.body_id, r.unit_id, r.year, r.cell), 0)) for r in told]


def _supplement(row: Supplement, here: int) -> SupplementLine:
    name = next((name for cell, name, _unit in layout.REPORTED if cell == row.cell), row.cell)
    return SupplementLine(
        row.pk, row.unit.name, name, row.cases, row.amount_fen, row.source, row.by_name, row.at, here
    )


def counted_here(body_id: int, unit_id: int, year: int, cell: str) -> int:
    """What this system counts by itself of one figure of a unit."""
    own = Counted.objects.filter(body_id=body_id, unit_id=unit_id, year=year, cell=cell, supplement=None)
    return own.aggregate(n=Sum("cases"))["n"] or 0


def supplements(body: BodyRef, year: int) -> list[SupplementLine]:
    return _supplement_lines(Supplement.objects.filter(body_id=body.id, year=year))


def years(body: BodyRef) -> list[int]:
    """Years of which anything is counted, newest first."""
    ids = [b.id for b in subjects(body)]
    found = Rollup.objects.filter(body_id__in=ids).order_by("-year").values_list("year", flat=True)
    return list(found.distinct())


def reporting() -> list[BodyRef]:
    """Bodies that owe an annual report: those with enforcement units of their own."""
    return [
        b
        for b in organisations.bodies()
        if b.kind not in _NOT_SUBJECTS and organisations.units(b.id, UnitKind.ENFORCEMENT)
    ]


def anything(body: BodyRef, year: int) -> bool:
    return Rollup.objects.filter(body_id=body.id, year=year).exists()


def reviewed(body: BodyRef, year: int) -> Indicators:
    """Legal review of the year in the bodies a report speaks for: coverage, days, problems (R122)."""
    since, until = clock.at_local(date(year, 1, 1)), clock.at_local(date(year + 1, 1, 1))
    ids = [b.id for b in subjects(body)]
    return review.total(review.indicators(body_ids=ids, since=since, until=until))


def answers_marked(body: BodyRef, year: int) -> Mapping[str, int]:
    """How citizens marked the answers to what they sent in that year to the bodies a report speaks for (R056).
    No survey: the report's own table of questionnaires is filled from those."""
    ids = [b.id for b in subjects(body)]
    marked: Counter[str] = Counter()
    for of_body in publication.letters.marks(ids, date(year, 1, 1), date(year, 12, 31)).values():
        marked.update(of_body)
    return marked
