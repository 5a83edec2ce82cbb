"""市级指导县级清单编制 (R118): a published list goes to a lower body as a pattern; that body takes over row by row
or says why not.

What a body means to refuse is kept row by row while it prepares its answer (``guide_note``), since a pattern may
differ in more rows than one page shows.

Crash story: handing down is one transaction per call; an answer, the draft it makes and their ledger entries
commit together, so an answer never stands without its draft, nor a draft without the answer it came from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from mingzhi.catalogue import list_bridge, list_rows, norms
from mingzhi.catalogue.choices import VersionState
from mingzhi.catalogue.events import LIST_GUIDE
from mingzhi.catalogue.list_actions import list_of, list_start
from mingzhi.catalogue.list_cells import ListRow
from mingzhi.catalogue.list_queries import SHOWN, Change, compared, in_force
from mingzhi.catalogue.list_queries import changes as changed_rows
from mingzhi.catalogue.list_schemas import Schema, schema
from mingzhi.catalogue.list_sheets import change_csv, change_xlsx
from mingzhi.catalogue.models import GuideNote, ListGuide, ListVersion
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import BodyKind, BodyLevel
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission

_NOT_GUIDED = (BodyKind.GOVERNMENT, BodyKind.SUPERVISOR)
_LEVELS = BodyLevel.values
MOST_ANSWERED = 20_000
"""Rows up to which a pattern is answered row by row; the codes are kept with the answer."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a pattern would change in the list of the body that received it: ``differing`` rows in all, of which
    ``changes`` are those of the page asked for. Rows that only the body has stay."""

    changes: tuple[Change, ...]
    differing: int
    own_only: int
    same: int
    too_many: bool


def guided(body: BodyRef) -> list[BodyRef]:
    """The bodies whose lists this one guides: below it, or below its government, of the same field and a
    lower level."""
    above = body.path.rstrip("/").rpartition("/")[0] + "/"
    field = norms.profile(body.profile).field if body.profile else ""
    found = []
    for other in organisations.bodies():
        if other.id == body.id or other.kind in _NOT_GUIDED or not other.profile:
            continue
        lower = (
            body.parent_id is not None
            and other.path.startswith(above)
            and norms.profile(other.profile).field == field
            and other.level in _LEVELS
            and body.level in _LEVELS
            and _LEVELS.index(other.level) > _LEVELS.index(body.level)
        )
        if other.path.startswith(body.path) or lower:
            found.append(other)
    return found


@transaction.atomic
def guide_send(
    *, version_id: int, body_ids: Collection[int], note: str, due_on: date, by: Actor, at: datetime
) -> list[ListGuide]:
    """Hand a version in force to lower bodies, each once, with what it is to standardise and by when to answer."""
    version = ListVersion.objects.select_for_update().select_related("list").filter(pk=version_id).first()
    if version is None:
        raise NotFound
    organisations.require(by, Permission.CATALOGUE_MANAGE, body_id=version.list.body_id)
    today = clock.local_date(at)
    if version.state != VersionState.PUBLISHED or version.valid_to is not None:
        raise Invalid("只能下发已公布的最新版本", remedy="请先公布，再下发")
    if schema(version.list.kind).computed:
        raise Invalid("该清单由各机关登记的资料生成，不能下发", remedy="请由各机关自行生成")
    below = {b.id for b in guided(organisations.body(version.list.body_id))}
    wanted = sorted(set(body_ids))
    problems = Problems()
    if not wanted or not below.issuperset(wanted):
        problems.add("bodies", "请选择接收的下级机关")
    if not note.strip():
        problems.add("note", "请写明指导意见，如应当统一的标准")
    elif len(note) > 1000:
        problems.add("note", "不得超过 1000 个字")
    if due_on <= today:
        problems.add("guide_due", "反馈期限应晚于今天")
    problems.raise_if_any()
    there = set(version.guides.values_list("body_id", flat=True))
    made = []
    for body_id in wanted:
        if body_id in there:
            continue
        guide = ListGuide.objects.create(
            version=version, body_id=body_id, note=note.strip(), due_on=due_on, sent_by=by.label, sent_at=at
        )
        LIST_GUIDE.kept(guide, at=at)
        made.append(guide)
    return made


@transaction.atomic
def guide_note(
    *, guide_id: int, looked_at: Collection[str], kept: Mapping[str, str], by: Actor, at: datetime
) -> None:
    """Of the rows ``looked_at``, those ``kept`` are meant not to be taken over, each with its reason; the others
    are. ``Invalid`` names the rows whose reason is missing."""
    guide = _unanswered(guide_id, by)
    differing = {c.code for c in _changes(guide, clock.local_date(at)) if c.code in set(looked_at)}
    _note(guide, differing, kept)


def _note(guide: ListGuide, codes: Collection[str], kept: Mapping[str, str]) -> None:
    refused = {code: reason.strip() for code, reason in kept.items() if code in codes}
    problems = Problems()
    for code, reason in refused.items():
        if not reason:
            problems.add(f"reason:{code}", "请说明不采用的理由")
        elif len(reason) > 300:
            problems.add(f"reason:{code}", "不得超过 300 个字")
    problems.raise_if_any()
    guide.notes.filter(code__in=codes).delete()
    GuideNote.objects.bulk_create(
        [GuideNote(guide=guide, code=code, reason=reason) for code, reason in refused.items()]
    )


def _unanswered(guide_id: int, by: Actor) -> ListGuide:
    """The pattern, locked, for the body that has to answer it."""
    guide = (
        ListGuide.objects.select_for_update(of=("self",))
        .select_related("version__list")
        .filter(pk=guide_id)
        .first()
    )
    if guide is None:
        raise NotFound
    organisations.require(by, Permission.CATALOGUE_MANAGE, body_id=guide.body_id)
    if guide.answered_at is not None:
        raise Invalid("已反馈过该清单的采用情况", remedy="如情况有变，请直接修订本机关的清单")
    return guide


@transaction.atomic
def guide_answer(
    *,
    guide_id: int,
    looked_at: Collection[str] | None = None,
    kept: Mapping[str, str],
    valid_from: date,
    changes: Collection[int] = (),
    by: Actor,
    at: datetime,
) -> ListVersion | None:
    """Take over what differs, except the codes in ``kept`` and those noted before, each with its reason; a draft
    holds the result.

    ``looked_at`` are the rows that ``kept`` speaks of (all, when not said). No draft where nothing was taken
    over. ``Invalid`` names the rows whose reason is missing.
    """
    guide = _unanswered(guide_id, by)
    differing = [c.code for c in _changes(guide, clock.local_date(at))]
    if len(differing) > MOST_ANSWERED:
        raise Invalid("差别过多，不能逐行反馈", remedy="请导出下发的清单，改成本机关的内容后导入草稿，再反馈")
    _note(guide, set(differing).intersection(differing if looked_at is None else looked_at), kept)
    noted = dict(guide.notes.values_list("code", "reason"))
    refused = {code: noted[code] for code in differing if code in noted}
    taken = [code for code in differing if code not in refused]
    if taken:
        guide.draft = _draft(guide, set(taken), valid_from=valid_from, changes=changes, by=by, at=at)
    guide.taken, guide.kept, guide.answered_by, guide.answered_at = taken, refused, by.label, at
    guide.save(update_fields=["taken", "kept", "answered_by", "answered_at", "draft"])
    guide.notes.all().delete()
    LIST_GUIDE.kept(guide, at=at)
    return guide.draft


def _draft(
    guide: ListGuide, taken: set[str], *, valid_from: date, changes: Collection[int], by: Actor, at: datetime
) -> ListVersion:
    version = guide.version
    own = schema(version.list.kind)
    was = _own_rows(own, guide.body_id, version.list.part, clock.local_date(at))
    given = {row[0]: row for row in list_rows.rows(version) if row[0] in taken}
    rows = [given.pop(code, row) for code, row in was.items()]
    above = organisations.body(version.list.body_id)
    return list_start(
        list_id=list_of(kind=version.list.kind, part=version.list.part, by=by).pk,
        valid_from=valid_from,
        reason=f"按照{above.name}下发的清单（第 {version.number} 版）修订：{guide.note}"[:1000],
        basis=f"{above.name}《{version.list.title}》第 {version.number} 版"[:500],
        changes=changes,
        rows=[*rows, *given.values()],
        by=by,
        at=at,
    )


# --- reads ------------------------------------------------------------------------------------------------


def pattern(guide: ListGuide, on: date, *, start: int = 0, size: int = SHOWN) -> Pattern:
    """What the pattern would add to and change in the receiving body's list of that day; ``size`` rows of it from
    ``start``."""
    version = guide.version
    own = list_bridge.schema_of(version)
    was = _own_rows(own, guide.body_id, version.list.part, on)
    told = compared(own, was, list_rows.rows(version), start=start, size=size)
    differing = told.added + told.changed
    return Pattern(
        changes=tuple(c for c in told.shown if c.kind != "removed"),
        differing=differing,
        own_only=told.removed,
        same=version.count - differing,
        too_many=differing > MOST_ANSWERED,
    )


def _changes(guide: ListGuide, on: date) -> Iterator[Change]:
    """Every row that the pattern would add or change, in its order."""
    version = guide.version
    own = list_bridge.schema_of(version)
    was = _own_rows(own, guide.body_id, version.list.part, on)
    return (c for c in changed_rows(own, was, list_rows.rows(version)) if c.kind != "removed")


def guide_notes(guide: ListGuide) -> dict[str, str]:
    """What the receiving body means not to take over so far: code and reason."""
    return dict(guide.notes.values_list("code", "reason"))


def pattern_csv(guide: ListGuide, on: date) -> Iterator[bytes]:
    return change_csv(guide.version, _changes(guide, on), "本机关现行内容", "下发的内容")


def pattern_xlsx(guide: ListGuide, on: date) -> Iterator[bytes]:
    return change_xlsx(guide.version, _changes(guide, on), "本机关现行内容", "下发的内容")


def _own_rows(own: Schema, body_id: int, part: str, on: date) -> dict[str, ListRow]:
    current = in_force(on).filter(list__body_id=body_id, list__kind=own.kind, list__part=part).first()
    if current is not None and current.columns == list(own.keys):
        return {row[0]: row for row in list_rows.rows(current)}
    if own.engine:
        return {row[0]: row for row in list_bridge.rows_in_force(own, organisations.body(body_id), on)}
    return {}


def guide_seen(by: Actor, guide_id: int) -> ListGuide:
    """One pattern, for the body that received it and the body that sent it; for others it does not exist."""
    guide = (
        ListGuide.objects.select_related("version__list__body", "body", "draft").filter(pk=guide_id).first()
    )
    if guide is None or by.body_id not in (guide.body_id, guide.version.list.body_id):
        raise NotFound
    return guide


def guides_of(version: ListVersion) -> list[ListGuide]:
    """To whom a version was handed down, and what they answered."""
    return list(version.guides.select_related("body", "draft").order_by("body__path"))


def guides_open(body_id: int) -> list[ListGuide]:
    """Patterns that a body has received and not answered, the earliest due first."""
    rows = ListGuide.objects.filter(body_id=body_id, answered_at=None)
    return list(rows.select_related("version__list__body").order_by("due_on", "pk"))
