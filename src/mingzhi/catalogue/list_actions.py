"""The life of a list: drafted, checked by a second person, approved, published, revised or withdrawn.

The crash story: every step is one transaction with its event and its ledger entry; a publication of a
list that rules the engine commits its ``Entry`` rows in the same transaction, so the engine never
reads a version that is not published, nor misses one that is.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from mingzhi.catalogue import list_bridge, list_rows, norms, phrases
from mingzhi.catalogue.actions import entries_commit
from mingzhi.catalogue.choices import ListAct, ListKind, VersionState
from mingzhi.catalogue.errors import ListNotSound, ListStale, ListStepClosed, SamePerson
from mingzhi.catalogue.events import LIST_CHANGE, LIST_STEP, LIST_VERSION
from mingzhi.catalogue.list_computed import computed_rows
from mingzhi.catalogue.list_queries import drafters, last_act, looked_at, version_problems
from mingzhi.catalogue.list_schemas import Schema, schema
from mingzhi.catalogue.models import ListBlock, ListChange, ListEvent, ListVersion, PublicList
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission

OPEN = (VersionState.DRAFT, VersionState.CHECKED, VersionState.APPROVED)
NO_OUTSIDE = frozenset({"none", "internal"})


# --- the list and its drafts ---------------------------------------------------------------------


def list_of(*, kind: str, by: Actor, part: str = "", title: str = "") -> PublicList:
    """The agency's list of this kind (and part); made when it is not there."""
    organisations.require(by, Permission.CATALOGUE_MANAGE, body_id=by.body_id)
    if kind not in ListKind.values:
        raise NotFound
    body = organisations.body(by.body_id)
    name = title or f"{body.name}{schema(kind).label}"
    found, _ = PublicList.objects.get_or_create(
        body_id=body.id, kind=kind, part=part, defaults={"title": name[:200]}
    )
    return found


@transaction.atomic
def list_start(
    *,
    list_id: int,
    valid_from: date,
    reason: str,
    by: Actor,
    at: datetime,
    basis: str = "",
    review_on: date | None = None,
    changes: Collection[int] = (),
    rows: Collection[list[Any]] | None = None,
    source_digest: str = "",
) -> ListVersion:
    """A draft: the rows of the last version, else the rows in force, else computed or handed rows, else none.

    A list whose revisions must be asked for (R171) needs change requests whose legality was confirmed.
    """
    found = _list(by, list_id, Permission.CATALOGUE_MANAGE)
    if ListVersion.objects.filter(list=found, state__in=OPEN).exists():
        raise Invalid("该清单已有正在办理的版本", remedy="请先办结或者作废正在办理的版本")
    own = schema(found.kind)
    _entered(valid_from, review_on, reason, at)
    last = found.versions.filter(published_at__isnull=False).order_by("number").last()
    granted = list(found.changes.select_for_update().filter(pk__in=list(changes), lawful=True, version=None))
    if own.asked and last is not None and not granted:
        raise Invalid(
            "修订该清单须先提出调整申请并通过合法性审查",
            remedy="请先提出调整申请；审查通过后，起草新版本时选择该申请",
            fields={"changes": ["请选择已通过合法性审查的调整申请"]},
        )
    version = ListVersion(
        list=found,
        number=(found.versions.order_by("-number").values_list("number", flat=True).first() or 0) + 1,
        valid_from=valid_from,
        review_on=review_on,
        reason=reason.strip(),
        basis=basis.strip(),
        columns=list(own.keys),
        drafted_by=by.label,
        source_digest=source_digest,
    )
    version.digest = list_rows.digest_of(version.columns, ())
    version.save(force_insert=True)
    body = organisations.body(found.body_id)
    if rows is not None:
        list_rows.write(version, rows)
    elif own.computed:
        list_rows.write(version, computed_rows(found.kind, body, clock.local_date(at)))
    elif last is not None and last.columns == version.columns:
        list_rows.write(version, list_rows.rows(last))
    elif own.kind == ListKind.PHRASE:
        list_rows.write(version, phrases.shipped_rows(body))
    elif own.engine:
        list_rows.write(version, list_bridge.rows_in_force(own, body, clock.local_date(at)))
    version_kept(version, "count", "digest", at=at)
    for change in granted:
        change.version = version
        change.save(update_fields=["version"])
        LIST_CHANGE.kept(change, at=at)
    _event(version, ListAct.START, by=by, at=at, reason=version.reason)
    return version


def _entered(valid_from: date, review_on: date | None, reason: str, at: datetime) -> None:
    problems = Problems()
    if valid_from < clock.local_date(at):
        problems.add("valid_from", "生效日期不得早于今天")
    if review_on is not None and review_on <= valid_from:
        problems.add("review_on", "复核日期应晚于生效日期")
    if not reason.strip():
        problems.add("reason", "请填写制定、修订理由")
    if len(reason) > 1000:
        problems.add("reason", "理由不得超过 1000 个字")
    problems.raise_if_any()


@transaction.atomic
def draft_change(
    *,
    version_id: int,
    valid_from: date,
    review_on: date | None,
    reason: str,
    by: Actor,
    at: datetime,
    basis: str = "",
) -> None:
    """Other dates, reason and basis for a draft."""
    version = draft_of(by, version_id)
    _entered(valid_from, review_on, reason, at)
    version.valid_from, version.review_on = valid_from, review_on
    version.reason, version.basis = reason.strip(), basis.strip()
    draft_kept(version, "valid_from", "review_on", "reason", "basis", by=by, at=at)


@transaction.atomic
def row_put(
    *, version_id: int, seen: str, texts: dict[str, str], by: Actor, at: datetime, code: str = ""
) -> None:
    """Write one row of a draft: ``code`` names the row to change, empty adds one. ``seen`` is the digest
    the person looked at; a cell whose text did not change keeps its value."""
    from mingzhi.catalogue.list_cells import cell_problem, empty_row, text_of, value_of

    version = draft_of(by, version_id, seen)
    own = schema_by_hand(version)
    place = list_rows.find(version, code) if code else None
    if code and place is None:
        raise NotFound("清单中没有这一行")
    row = list(place[1][place[2]]) if place else empty_row(own)
    problems = Problems()
    for position, column in enumerate(own.columns):
        text = texts.get(column.key)
        if column.kind == "rest" or text is None or text.strip() == text_of(column, row[position]):
            continue
        try:
            row[position] = value_of(column, text)
        except ValueError as wrong:
            problems.add(column.key, str(wrong))
    for column, value in zip(own.columns, row, strict=True):
        if column.key not in problems.fields and (bad := cell_problem(column, value)):
            problems.add(column.key, "，".join(bad))
    other = list_rows.find(version, row[0]) if row[0] and row[0] != code else None
    if other is not None:
        problems.add("code", "清单中已有这一编码")
    problems.raise_if_any()
    if place is not None:
        block, rows, position = place
        rows[position] = row
    else:
        last = version.blocks.order_by("-place").first()
        if last is not None and last.count < list_rows.SIZE:
            block, rows = last, [*list_rows.page(version, version.count - last.count, last.count), row]
        else:
            block, rows = ListBlock(place=last.place + 1 if last else 0), [row]
    list_rows.rewrite(version, block, rows)
    draft_kept(version, "count", "digest", by=by, at=at)


@transaction.atomic
def row_remove(*, version_id: int, seen: str, code: str, by: Actor, at: datetime) -> None:
    version = draft_of(by, version_id, seen)
    schema_by_hand(version)
    place = list_rows.find(version, code)
    if place is None:
        raise NotFound("清单中没有这一行")
    block, rows, position = place
    del rows[position]
    list_rows.rewrite(version, block, rows)
    draft_kept(version, "count", "digest", by=by, at=at)


@transaction.atomic
def rows_fill(*, version_id: int, seen: str, key: str, text: str, by: Actor, at: datetime) -> int:
    """Put one text into every empty cell of a column; returns how many were filled."""
    from mingzhi.catalogue.list_cells import cell_problem, value_of

    version = draft_of(by, version_id, seen)
    own = schema_by_hand(version)
    column = next((c for c in own.shown if c.key == key and key != "code"), None)
    if column is None:
        raise Invalid(fields={"key": ["请选择要填写的栏目"]})
    try:
        value = value_of(column, text)
    except ValueError as wrong:
        raise Invalid(fields={"text": [str(wrong)]}) from None
    if not text.strip() or (problem := cell_problem(column, value)):
        raise Invalid(fields={"text": ["，".join(problem) if text.strip() and problem else "请填写"]})
    position, filled = own.place(key), 0
    for block, rows in list(list_rows.blocks(version)):
        empty = [row for row in rows if not row[position]]
        for row in empty:
            row[position] = value
        if empty:
            list_rows.rewrite(version, block, rows)
            filled += len(empty)
    draft_kept(version, "count", "digest", by=by, at=at)
    return filled


@transaction.atomic
def rows_compute(*, version_id: int, by: Actor, at: datetime) -> None:
    """Read a computed draft's rows from the register once more."""
    version = draft_of(by, version_id)
    body = organisations.body(version.list.body_id)
    list_rows.write(version, computed_rows(version.list.kind, body, clock.local_date(at)))
    draft_kept(version, "count", "digest", by=by, at=at)


# --- steps -----------------------------------------------------------------------------------------


@transaction.atomic
def list_hand_in(*, version_id: int, by: Actor, at: datetime) -> None:
    """The drafter is done: every cell is sound, and the check comes to the desk of whoever may check."""
    version = _step(by, version_id, ListAct.HAND_IN, Permission.CATALOGUE_MANAGE, (VersionState.DRAFT,))
    if last_act(version) == ListAct.HAND_IN:
        raise Invalid("本版本已经送审", remedy="请等待审核；内容仍可修改，修改后不需要再次送审")
    _sound(version)
    _event(version, ListAct.HAND_IN, by=by, at=at)


@transaction.atomic
def list_check(*, version_id: int, opinion: str, by: Actor, at: datetime, seen: str | None = None) -> None:
    """A second person has read it: every cell is sound and the content is lawful.

    ``seen`` (here and in the steps after it) is ``looked_at`` of what the person read: ``ListStale`` when it is
    another by now, so that nobody vouches for what somebody changed meanwhile.
    """
    version = _step(by, version_id, ListAct.CHECK, Permission.LIST_CHECK, (VersionState.DRAFT,), seen=seen)
    _other_than(by, drafters(version), "审核", "起草")
    _said(opinion, "opinion", "请填写审核意见")
    _sound(version)
    version.state, version.checked_by = VersionState.CHECKED, by.label
    version_kept(version, "state", "checked_by", at=at)
    _event(version, ListAct.CHECK, by=by, at=at, reason=opinion)


@transaction.atomic
def list_return(*, version_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Back to the drafter, with the reason; whoever may check or approve may return."""
    permission = Permission.LIST_APPROVE if by.may(Permission.LIST_APPROVE) else Permission.LIST_CHECK
    version = _step(by, version_id, ListAct.RETURN, permission, OPEN)
    _said(reason, "reason", "请填写退回理由")
    if version.state == VersionState.DRAFT and by.label in drafters(version):
        raise SamePerson(act="退回", other="起草")
    version.state = VersionState.DRAFT
    version.checked_by = version.approver = version.approval_number = ""
    version.approved_on = None
    version_kept(version, "state", "checked_by", "approver", "approval_number", "approved_on", at=at)
    _event(version, ListAct.RETURN, by=by, at=at, reason=reason)


@transaction.atomic
def list_approve(
    *,
    version_id: int,
    by: Actor,
    at: datetime,
    opinion: str = "",
    approver: str = "",
    number: str = "",
    approved_on: date | None = None,
    seen: str | None = None,
) -> None:
    """The leader approves. Where the profile's norm sends the list to another authority (market regulator,
    justice office), its name, the number and the day of its reply are part of the step."""
    version = _step(
        by, version_id, ListAct.APPROVE, Permission.LIST_APPROVE, (VersionState.CHECKED,), seen=seen
    )
    _other_than(by, drafters(version), "批准", "起草")
    _other_than(by, {version.checked_by}, "批准", "审核")
    outside = outside_approval(version.list, clock.local_date(at))
    problems = Problems()
    if outside:
        if not approver.strip():
            problems.add("approver", "请填写审核、备案机关的名称")
        if not number.strip():
            problems.add("number", "请填写审核意见、备案回执的文号；没有文号的写明“无文号”")
        if approved_on is None or approved_on > clock.local_date(at):
            problems.add("approved_on", "请填写审核、备案日期，不得晚于今天")
    if len(opinion) > 1000 or len(approver) > 200 or len(number) > 100:
        problems.add("approver", "内容过长，请缩短")
    problems.raise_if_any()
    version.state = VersionState.APPROVED
    version.approver = approver.strip() if outside else organisations.body(version.list.body_id).name
    version.approval_number = number.strip()
    version.approved_on = approved_on if outside else clock.local_date(at)
    version_kept(version, "state", "approver", "approval_number", "approved_on", at=at)
    facts = {
        "approver": version.approver,
        "number": version.approval_number,
        "approved_on": version.approved_on.isoformat() if version.approved_on else "",
    }
    _event(version, ListAct.APPROVE, by=by, at=at, reason=opinion, facts=facts)


@transaction.atomic
def list_withdraw(*, version_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Take the list out of force from tomorrow, with the reason; for the engine the lists above rule again."""
    version = _step(
        by, version_id, ListAct.WITHDRAW, Permission.DISCLOSURE_PUBLISH, (VersionState.PUBLISHED,)
    )
    _said(reason, "reason", "请填写撤下理由")
    today = clock.local_date(at)
    if version.valid_from > today:
        raise Invalid(
            "该版本尚未生效，不能撤下", remedy=f"请在 {version.valid_from} 生效后撤下，或者公布新的版本"
        )
    if version.valid_to is not None:
        raise Invalid("该版本已被后一版本替代", remedy="请撤下最新的版本")
    day = today + timedelta(days=1)
    own = schema(version.list.kind)
    if own.engine:
        end = list_bridge.closing(own, organisations.body(version.list.body_id), day)
        if end:
            entries_commit(add=[], end=end, source=f"{version} 撤下", by=by, at=at)
    version.state, version.valid_to = VersionState.WITHDRAWN, day
    version_kept(version, "state", "valid_to", at=at)
    _event(version, ListAct.WITHDRAW, by=by, at=at, reason=reason, facts={"valid_to": day.isoformat()})


@transaction.atomic
def list_keep(*, version_id: int, reason: str, review_on: date, by: Actor, at: datetime) -> None:
    """The list in force was looked at against law and duties, and stays as it is: why, and when next (R006).

    The version itself is frozen; its next review day is what this step says.
    """
    version = _step(by, version_id, ListAct.KEEP, Permission.CATALOGUE_MANAGE, (VersionState.PUBLISHED,))
    today = clock.local_date(at)
    if version.valid_to is not None or version.valid_from > today:
        raise Invalid("只有现行版本可以复核", remedy="请在现行版本的页面上登记复核结果")
    problems = Problems()
    if not reason.strip():
        problems.add("keep_reason", "请写明核对了哪些法律法规、职能，为何维持")
    elif len(reason) > 1000:
        problems.add("keep_reason", "不得超过 1000 个字")
    if review_on <= today:
        problems.add("next_review", "下次复核日期应晚于今天")
    problems.raise_if_any()
    _event(version, ListAct.KEEP, by=by, at=at, reason=reason, facts={"review_on": review_on.isoformat()})


@transaction.atomic
def list_publish_version(*, version_id: int, by: Actor, at: datetime, seen: str | None = None) -> ListVersion:
    """Make it public and, for a list that rules the engine, make the engine read it, from its day on.

    A day that has passed while others decided becomes today. The version before ends the day before.
    """
    version = _step(
        by, version_id, ListAct.PUBLISH, Permission.DISCLOSURE_PUBLISH, (VersionState.APPROVED,), seen=seen
    )
    _other_than(by, drafters(version), "公布", "起草")
    start = max(version.valid_from, clock.local_date(at))
    last = version.list.versions.filter(published_at__isnull=False).order_by("valid_from").last()
    if last is not None and last.valid_to is not None:
        start = max(start, last.valid_to)
    if last is not None and last.valid_from >= start:
        raise Invalid(
            f"第 {last.number} 版自 {last.valid_from} 起生效，新版本须晚于该日生效",
            remedy="请退回修改生效日期，或者次日再公布",
        )
    version.valid_from = start  # what the lists above demand is asked for the day on which it will count
    _sound(version)
    if list_rows.content_digest(version) != version.digest:
        raise ListStale
    own = schema(version.list.kind)
    if own.engine:
        body = organisations.body(version.list.body_id)
        add, end = list_bridge.entries(own, body, list_rows.rows(version), start)
        if add or end:
            version.publication = entries_commit(add=add, end=end, source=str(version), by=by, at=at)
    if last is not None and last.valid_to is None:
        last.valid_to = start
        version_kept(last, "valid_to", at=at)
    version.state, version.published_at = VersionState.PUBLISHED, at
    version_kept(version, "state", "published_at", "valid_from", "publication", at=at)
    facts = {"valid_from": start.isoformat(), "count": version.count, "replaces": last.number if last else 0}
    _event(version, ListAct.PUBLISH, by=by, at=at, facts=facts)
    return version


@transaction.atomic
def list_drop(*, version_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Give up a version that was never published; its change requests stay spent, with the reason."""
    version = _step(by, version_id, ListAct.DROP, Permission.CATALOGUE_MANAGE, OPEN)
    _said(reason, "reason", "请填写作废理由")
    version.state = VersionState.DROPPED
    version_kept(version, "state", at=at)
    _event(version, ListAct.DROP, by=by, at=at, reason=reason)


# --- change requests (R171) ------------------------------------------------------------------------


@transaction.atomic
def change_ask(*, list_id: int, what: str, reason: str, basis: str, by: Actor, at: datetime) -> ListChange:
    """Ask that a list be changed: what, why, and by which law."""
    found = _list(by, list_id, Permission.CATALOGUE_MANAGE)
    problems = Problems()
    for name, text, most in (
        ("what", what, 1000),
        ("change_reason", reason, 1000),
        ("change_basis", basis, 500),
    ):
        if not text.strip():
            problems.add(name, "请填写")
        elif len(text) > most:
            problems.add(name, f"不得超过 {most} 个字")
    problems.raise_if_any()
    change = ListChange.objects.create(
        list=found,
        what=what.strip(),
        reason=reason.strip(),
        basis=basis.strip(),
        asked_by=by.label,
        asked_at=at,
    )
    LIST_CHANGE.kept(change, at=at)
    return change


@transaction.atomic
def change_judge(*, change_id: int, lawful: bool, opinion: str, by: Actor, at: datetime) -> None:
    """The legality check of a request, once, by another person."""
    change = ListChange.objects.select_for_update().filter(pk=change_id).select_related("list").first()
    if change is None:
        raise NotFound
    organisations.require(by, Permission.LIST_CHECK, body_id=change.list.body_id)
    if change.judged_by is not None:
        raise Invalid("该申请已作合法性审查", remedy="如情况有变，请另提申请")
    _other_than(by, {change.asked_by}, "审查", "申请")
    _said(opinion, "opinion", "请填写合法性审查意见")
    change.lawful, change.opinion, change.judged_by, change.judged_at = lawful, opinion.strip(), by.label, at
    change.save(update_fields=["lawful", "opinion", "judged_by", "judged_at"])
    LIST_CHANGE.kept(change, at=at)


# --- shared ---------------------------------------------------------------------------------------


def version_kept(version: ListVersion, *columns: str, at: datetime) -> None:
    """Save these columns and record the version as it now stands."""
    version.save(update_fields=columns)
    LIST_VERSION.kept(version, at=at)


def draft_kept(version: ListVersion, *columns: str, by: Actor, at: datetime) -> None:
    """Save what was changed in a draft. Whoever wrote in it is from then on one of its drafters."""
    version_kept(version, *columns, at=at)
    if by.label not in drafters(version):
        _event(version, ListAct.EDIT, by=by, at=at)


def outside_approval(found: PublicList, on: date) -> str:
    """Which other authority must have agreed: the norm's word, empty when the agency decides alone.

    Where changes of a list must be asked for, the other authority judges the change (S3 三（一）③), not the
    first version.
    """
    own = schema(found.kind)
    if not own.approval or (own.asked and not found.versions.filter(published_at__isnull=False).exists()):
        return ""
    value = str(norms.norm(own.approval, body=organisations.body(found.body_id), on=on).value)
    return "" if value in NO_OUTSIDE else value


def _list(by: Actor, list_id: int, permission: Permission) -> PublicList:
    found = PublicList.objects.select_for_update().filter(pk=list_id).first()
    if found is None:
        raise NotFound
    organisations.require(by, permission, body_id=found.body_id)
    return found


def _version(by: Actor, version_id: int, permission: Permission, *, locked: bool = True) -> ListVersion:
    rows = ListVersion.objects.select_for_update() if locked else ListVersion.objects
    version = rows.select_related("list").filter(pk=version_id).first()
    if version is None:
        raise NotFound
    organisations.require(by, permission, body_id=version.list.body_id)
    return version


def draft_of(by: Actor, version_id: int, seen: str | None = None, *, locked: bool = True) -> ListVersion:
    """A draft, locked for change or (in no transaction) only looked at; ``seen`` is the digest the person
    looked at."""
    version = _version(by, version_id, Permission.CATALOGUE_MANAGE, locked=locked)
    if version.state != VersionState.DRAFT:
        raise ListStepClosed(state=version.get_state_display(), act="修改内容")
    if seen is not None and seen != version.digest:
        raise ListStale
    return version


def schema_by_hand(version: ListVersion) -> Schema:
    own = list_bridge.schema_of(version)
    if own.computed:
        raise Invalid("该清单由系统从登记的资料生成，不能逐行修改", remedy="请在机构人员名录中更正后重新生成")
    return own


def _step(
    by: Actor,
    version_id: int,
    act: ListAct,
    permission: Permission,
    sources: Collection[VersionState],
    *,
    seen: str | None = None,
) -> ListVersion:
    version = _version(by, version_id, permission)
    if version.state not in sources:
        raise ListStepClosed(state=version.get_state_display(), act=act.label)
    if seen is not None and seen != looked_at(version):
        raise ListStale
    return version


def _other_than(by: Actor, labels: Collection[str], act: str, other: str) -> None:
    if by.label in labels:
        raise SamePerson(act=act, other=other)


def _said(text: str, name: str, sentence: str) -> None:
    if not text.strip():
        raise Invalid(fields={name: [sentence]})
    if len(text) > 1000:
        raise Invalid(fields={name: ["不得超过 1000 个字"]})


def _sound(version: ListVersion) -> None:
    found = version_problems(version)
    if found:
        raise ListNotSound(found)


def _event(
    version: ListVersion,
    act: ListAct,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    event = ListEvent.objects.create(
        version=version,
        act=act,
        by=by.label,
        by_name=by.name[:60],
        at=at,
        reason=reason.strip(),
        facts=facts or {},
        digest=version.digest,
    )
    LIST_STEP.kept(event, at=at)
