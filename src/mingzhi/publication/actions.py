"""Writes of the publication room: schedule, collect, check, publish, correct, withdraw, expire.

The desk works with the ``disclosure_*`` verbs; the worker calls the ``*_due`` functions; what the
kinds of matter push is in ``pushing``. Each fact appends one ``Event`` and
one ledger entry in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, MingzhiError, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import attachments, own_rules, preparing, records
from mingzhi.publication.choices import (
    Channel,
    DecisionKind,
    EventKind,
    PublicState,
    Severity,
    State,
    WithholdReason,
)
from mingzhi.publication.data import PARTY_KINDS, DecisionSnapshot, Mask, PenaltySnapshot, Release
from mingzhi.publication.errors import WITHDRAW_IT, NeverPublished, NotClean, SecretLeft, WrongState
from mingzhi.publication.events import POLICY
from mingzhi.publication.models import Disclosure, Version
from mingzhi.publication.queries import OWN_NAMES, access_disclosure, current_snapshot
from mingzhi.publication.steps import (
    ALL_TASKS,
    CHECK,
    COLLECT,
    PUBLISH,
    SYSTEMS_BEGAN,
    apart,
    clock_start,
    expect,
    locked,
    need_public,
    need_reason,
    put_aside,
    record,
    subject,
    take_down,
    task,
)
from mingzhi.tasks import api as tasks

# --- the desk's verbs -------------------------------------------------------------------------------


@transaction.atomic
def disclosure_collect(
    *,
    disclosure_id: int,
    summary: str = "",
    masks: Sequence[Mask] = (),
    releases: Sequence[Release] = (),
    by: Actor,
    at: datetime,
) -> None:
    """采集: hand the masked text to the checker. Automatic masks apply in any case; ``masks`` hide more,
    ``releases`` let a finding stand with a reason. Refused while the scan is not clean (``NotClean``)."""
    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_COLLECT))
    expect(row, (State.SCHEDULED, State.RETURNED, State.COLLECTED), "采集")
    if row.state == State.COLLECTED and row.collected_by != by.label:
        raise WrongState(state=row.get_state_display(), act="由他人重新采集")
    snapshot = current_snapshot(row)
    preparing.check_offsets(snapshot, [*masks, *releases])
    attachments.look_again(row, snapshot, at=at)
    content = _content(row, snapshot, masks, releases, summary)
    _refuse_unclean(row, snapshot, content, releases)
    row.summary = summary.strip()
    row.masks = [{"field": m.field, "start": m.start, "end": m.end} for m in masks]
    row.releases = [{"field": r.field, "start": r.start, "end": r.end, "reason": r.reason} for r in releases]
    row.draft = content
    row.state = State.COLLECTED
    row.collected_by, row.collected_name, row.collected_at = by.label, by.name[:60], at
    row.checked_by = row.checked_name = row.return_reason = ""
    row.checked_at = None
    row.save(
        update_fields=[
            "summary", "masks", "releases", "draft", "state", "collected_by", "collected_name", "collected_at",
            "checked_by", "checked_name", "checked_at", "return_reason",
        ]
    )  # fmt: skip
    released = "；".join(
        f"放行“{preparing.texts(snapshot)[r.field][r.start : r.end]}”：{r.reason}" for r in releases
    )
    record(row, EventKind.COLLECTED, by=by, at=at, reason=released)
    task(row, CHECK, "审核公示信息", Permission.DISCLOSURE_CHECK, by=by, at=at)


def _content(
    row: Disclosure,
    snapshot: PenaltySnapshot | DecisionSnapshot,
    masks: Sequence[Mask],
    releases: Sequence[Release],
    summary: str,
) -> dict[str, Any]:
    portal = next(p for p in row.policies if p["channel"] == Channel.PORTAL)
    content = preparing.public_content(
        snapshot,
        masks=masks,
        releases=releases,
        summary=summary.strip(),
        own_name=portal["own_name"],
        expires_on=row.expires_on,
    )
    listed = attachments.listed(row)
    return content | {"attachments": listed} if listed else content


def _refuse_unclean(
    row: Disclosure,
    snapshot: PenaltySnapshot | DecisionSnapshot,
    content: dict[str, Any],
    releases: Sequence[Release],
) -> None:
    attachments.refuse_leaks(row)
    if preparing.leftovers(snapshot, content):
        raise SecretLeft
    hits = preparing.residue(content, releases, preparing.texts(snapshot))
    if hits:
        raise NotClean(
            count=len(hits), hits=[(field, span.kind, span.start, span.end) for field, span in hits]
        )


@transaction.atomic
def disclosure_check(*, disclosure_id: int, by: Actor, at: datetime) -> None:
    """审核: a second person passes the masked text (SoD-4). The scan runs again on the very text."""
    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_CHECK))
    expect(row, (State.COLLECTED,), "审核")
    apart(
        row.collected_by,
        by,
        "sod.collector_is_checker",
        "公示信息的采集人与审核人不得为同一人",
        "请由另一名公示审核员审核",
    )
    releases = [Release(**r) for r in row.releases]
    _refuse_unclean(row, current_snapshot(row), row.draft, releases)
    row.state = State.CHECKED
    row.checked_by, row.checked_name, row.checked_at = by.label, by.name[:60], at
    row.save(update_fields=["state", "checked_by", "checked_name", "checked_at"])
    record(row, EventKind.CHECKED, by=by, at=at)
    task(row, PUBLISH, "发布公示信息", Permission.DISCLOSURE_PUBLISH, by=by, at=at)


@transaction.atomic
def disclosure_return(*, disclosure_id: int, reason: str, by: Actor, at: datetime) -> None:
    """审核退回: back to the collector with what to correct (R002)."""
    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_CHECK))
    expect(row, (State.COLLECTED, State.CHECKED), "退回")
    need_reason(reason)
    _send_back(row, reason.strip(), by=by, at=at)


def _send_back(row: Disclosure, reason: str, *, by: Actor, at: datetime) -> None:
    row.state, row.return_reason = State.RETURNED, reason
    row.checked_by = row.checked_name = ""
    row.checked_at = None
    row.save(update_fields=["state", "return_reason", "checked_by", "checked_name", "checked_at"])
    record(row, EventKind.RETURNED, by=by, at=at, reason=reason)
    task(row, COLLECT, "按审核意见修改公示信息", Permission.DISCLOSURE_COLLECT, by=by, at=at)


@transaction.atomic
def disclosure_publish(*, disclosure_id: int, by: Actor, at: datetime) -> int:
    """发布: put the checked text before the public. Returns the version number. The publisher is not the
    collector; the text is the one that was checked, letter for letter."""
    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_PUBLISH))
    apart(
        row.collected_by,
        by,
        "sod.collector_is_publisher",
        "公示信息的采集人不得自行发布",
        "请由公示发布员发布",
    )
    return _publish(row, by=by, at=at)


def _publish(row: Disclosure, *, by: Actor, at: datetime) -> int:
    if row.state == State.WITHHELD:
        raise NeverPublished(reason=row.get_withhold_reason_display())
    expect(row, (State.CHECKED,), "发布")
    snapshot = current_snapshot(row)
    never = preparing.never_because(snapshot)
    if never is not None and not _lifted(row, never):
        raise NeverPublished(reason=never.label)
    _refuse_unclean(row, snapshot, row.draft, [Release(**r) for r in row.releases])
    corrected = row.version_no > 0
    row.version_no += 1
    reason = row.correction_reason if corrected else ""
    version = Version.objects.create(
        disclosure=row,
        no=row.version_no,
        content=row.draft,
        reason=reason,
        published_at=at,
        published_by=by.label,
        collected_by=row.collected_by,
        checked_by=row.checked_by,
    )
    row.state = State.PUBLISHED
    row.published_at = row.published_at or at
    row.correction_reason = ""
    row.save(update_fields=["state", "version_no", "published_at", "correction_reason"])
    record(
        row,
        EventKind.CORRECTED if corrected else EventKind.PUBLISHED,
        by=by,
        at=at,
        reason=reason,
        version=version,
    )
    records.show(row, version, PublicState.CORRECTED if corrected else PublicState.PUBLISHED, at=at)
    tasks.tasks_close(kinds=(COLLECT, CHECK, PUBLISH), subject=subject(row), by=by, at=at)
    deadlines.stop(
        subject=subject(row), norm=row.norm, on=max(at, clock.at_local(row.decided_on)), by=by, at=at
    )
    return row.version_no


@transaction.atomic
def disclosure_withdraw(*, disclosure_id: int, reason: str, basis: str, by: Actor, at: datetime) -> None:
    """撤下 from the desk, with public reasons."""
    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_PUBLISH))
    need_public(row, reason, basis)
    if row.state in {State.WITHDRAWN, State.CANCELLED} or not row.version_no:
        raise WrongState(state=row.get_state_display(), act="撤下")
    take_down(row, reason.strip(), basis, by=by, at=at)


# --- not to be published ------------------------------------------------------------------------------


@transaction.atomic
def disclosure_withhold(
    *, disclosure_id: int, reason: str, note: str, basis: str = "", by: Actor, at: datetime
) -> None:
    """The collector proposes that the decision is not published; the checker approves or refuses (R045).
    ``reason`` is a ``WithholdReason``; ``prohibited`` and ``superior`` need their basis in words. What is on
    show while it is corrected would stay there: it is withdrawn instead."""
    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_COLLECT))
    expect(row, (State.SCHEDULED, State.RETURNED, State.COLLECTED), "提出不予公开")
    if row.version_no:
        raise WrongState(state="更正中，原公示内容仍在公示", act="提出不予公开", remedy=WITHDRAW_IT)
    need_reason(note)
    code = WithholdReason(reason) if reason in WithholdReason.values else None
    if code is None:
        raise Invalid(fields={"reason": ["请选择不予公开的情形"]})
    if code in {WithholdReason.PROHIBITED, WithholdReason.SUPERIOR} and not basis.strip():
        raise Invalid(
            fields={"basis": ["请填写法律、行政法规的名称和条文，或者上级机关书面意见的名称和文号"]}
        )
    put_aside(row, code, note=note.strip(), basis=basis.strip() or preparing.BASES[code], by=by, at=at)


@transaction.atomic
def disclosure_withhold_decide(
    *, disclosure_id: int, approve: bool, reason: str = "", by: Actor, at: datetime
) -> None:
    """The checker's word on not publishing. A refusal sends it to the collector; that a party is a minor
    or the file a state secret cannot be set aside here."""
    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_CHECK))
    expect(row, (State.WITHHELD,), "审核不予公开")
    apart(
        row.withhold_proposed_by,
        by,
        "sod.collector_is_checker",
        "提出不予公开的人不得自行批准",
        "请由另一名公示审核员审核",
    )
    if approve:
        row.withhold_approved_by = by.label
        row.save(update_fields=["withhold_approved_by"])
        record(row, EventKind.WITHHOLDING_APPROVED, by=by, at=at, reason=reason, basis=row.withhold_basis)
        tasks.tasks_close(kinds=ALL_TASKS, subject=subject(row), by=by, at=at)
        deadlines.drop(subject=subject(row), on=at, by=by, at=at)
        return
    need_reason(reason)
    if row.withhold_reason in {WithholdReason.MINOR, WithholdReason.STATE_SECRET}:
        raise NeverPublished(reason=row.get_withhold_reason_display())
    row.state = State.RETURNED
    row.return_reason = reason.strip()
    row.save(update_fields=["state", "return_reason"])
    record(row, EventKind.WITHHOLDING_REFUSED, by=by, at=at, reason=reason.strip())
    if not any(
        d.state in {"running", "late", "suspended"} for d in deadlines.of_subject(subject(row), row.norm)
    ):
        on = row.decided_on if row.decided_on >= SYSTEMS_BEGAN else clock.local_date(at)
        term = catalogue.term(row.norm, body=organisations.body(row.body_id), on=on)
        clock_start(row, term, row.decided_on, by=by, at=at)
    task(row, COLLECT, "采集公示信息", Permission.DISCLOSURE_COLLECT, by=by, at=at)


def _lifted(row: Disclosure, never: WithholdReason) -> bool:
    if never in {WithholdReason.MINOR, WithholdReason.STATE_SECRET}:
        return False
    return row.events.filter(kind=EventKind.WITHHOLDING_REFUSED).exists()


# --- the worker -----------------------------------------------------------------------------------------


def publish_due(*, at: datetime, limit: int = 200) -> int:
    """Publish what was checked and falls due today or is late; returns how many. The system publishes:
    collector and checker were two people, and the day does not wait for a third. What may not go out as
    it is (a newer scan sees more) goes back to the collector with the reason."""
    today = clock.local_date(at)
    ids = (
        Disclosure.objects.filter(state=State.CHECKED, due_on__lte=today)
        .order_by("due_on")
        .values_list("pk", flat=True)
    )

    def turn(row: Disclosure) -> bool:
        if row.state != State.CHECKED:
            return False
        by = organisations.system_actor(row.body_id)
        try:
            with transaction.atomic():
                _publish(row, by=by, at=at)
        except MingzhiError as error:
            row.refresh_from_db()
            _send_back(row, f"到期自动发布未能通过：{error.sentence}", by=by, at=at)
            return False
        return True

    return _each(ids[:limit], turn)


def withdraw_due(*, at: datetime, limit: int = 200) -> int:
    """Withdraw what an annulment reached and nobody withdrew by the last day; returns how many."""
    today = clock.local_date(at)
    ids = Disclosure.objects.filter(withdraw_by__isnull=False, withdraw_by__lte=today).values_list(
        "pk", flat=True
    )

    def turn(row: Disclosure) -> bool:
        if row.withdraw_by is None:
            return False
        by = organisations.system_actor(row.body_id)
        take_down(row, row.withdraw_reason, row.withdraw_basis, by=by, at=at)
        return True

    return _each(ids[:limit], turn)


def expire_due(*, at: datetime, limit: int = 500) -> int:
    """End the showing of what reached its last day yesterday or before; returns how many."""
    today = clock.local_date(at)
    ended = (State.WITHDRAWN, State.EXPIRED, State.CANCELLED)
    ids = (
        Disclosure.objects.filter(version_no__gt=0, expires_on__lt=today)
        .exclude(state__in=ended)
        .values_list("pk", flat=True)
    )

    def turn(row: Disclosure) -> bool:
        if row.state in ended:
            return False
        row.state = State.EXPIRED
        row.save(update_fields=["state"])
        portal = next(p for p in row.policies if p["channel"] == Channel.PORTAL)
        by = organisations.system_actor(row.body_id)
        record(
            row, EventKind.EXPIRED, by=by, at=at,
            reason=f"公示期至 {row.expires_on} 届满", basis=portal["citation"],
        )  # fmt: skip
        records.hide(row, PublicState.EXPIRED, at=at)
        # A correction that was under way has nothing to correct any more.
        tasks.tasks_close(kinds=(COLLECT, CHECK, PUBLISH), subject=subject(row), by=by, at=at)
        return True

    return _each(ids[:limit], turn)


def _each(ids: Iterable[int], turn: Callable[[Disclosure], bool]) -> int:
    """``turn`` for each, locked and in a transaction of its own; how many it did. One that cannot be done holds
    up no other: its error is raised when all had their turn."""
    done = 0
    failed: Exception | None = None
    for pk in list(ids):
        try:
            with transaction.atomic():
                done += turn(Disclosure.objects.select_for_update().get(pk=pk))
        except Exception as error:  # noqa: BLE001 — raised below
            failed = failed or error
    if failed is not None:
        raise failed
    return done


# --- policy ---------------------------------------------------------------------------------------------


def policy_set(
    *,
    channel: str,
    act: str,
    publish: bool,
    min_months: int = 0,
    max_months: int | None = None,
    severity: str = "",
    party_kind: str = "",
    own_name: str = "surname",
    valid_from: date,
    citation: str,
    by: Actor,
    at: datetime,
) -> int:
    """The body's own rule for a channel, with its basis; holds for decisions made from ``valid_from`` on."""
    problems = Problems()
    if max_months is not None and max_months < min_months:
        problems.add("max_months", "最长公示期不得短于最短公示期")
    for name, value, known in (
        ("channel", channel, Channel.values),
        ("act", act, DecisionKind.values),
        ("severity", severity, ["", *Severity.values]),
        ("party_kind", party_kind, ["", *PARTY_KINDS]),
        ("own_name", own_name, list(OWN_NAMES)),
    ):
        if value not in known:
            problems.add(name, "请从所列各项中选择")
    return own_rules.rule_set(
        POLICY,
        problems,
        channel=channel,
        act=act,
        party_kind=party_kind,
        severity=severity,
        publish=publish,
        min_months=min_months,
        max_months=max_months,
        own_name=own_name,
        valid_from=valid_from,
        citation=citation,
        by=by,
        at=at,
    )
