"""Writes of the publication room: schedule, collect, check, publish, correct, withdraw, expire.

The kinds of matter push with ``schedule``, ``annulled`` and ``withdraw``; the desk works with the
``disclosure_*`` verbs; the worker calls the ``*_due`` functions. Each fact appends one ``Event`` and
one ledger entry in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import policy, preparing, records
from mingzhi.publication.choices import (
    Channel,
    DecisionKind,
    EventKind,
    PublicState,
    Severity,
    State,
    WithholdReason,
)
from mingzhi.publication.data import DecisionSnapshot, Mask, PenaltySnapshot, PolicyOutcome, Release
from mingzhi.publication.errors import NeverPublished, NotClean, SecretLeft, WrongState
from mingzhi.publication.events import event_payload, event_subject
from mingzhi.publication.models import Disclosure, Event, Policy, Snapshot, Version
from mingzhi.publication.queries import access_disclosure, current_snapshot, own_rules
from mingzhi.tasks import api as tasks

TERMS = {
    DecisionKind.PENALTY: "publication.term.licence_penalty",
    DecisionKind.PERMIT: "publication.term.licence_penalty",
}
OTHER_TERM = "publication.term.other"
WITHDRAWAL_TERM = "publication.term.withdrawal"
_SYSTEMS_BEGAN = date(2019, 1, 1)
COLLECT, CHECK, PUBLISH, WITHDRAW = (
    "publication.collect",
    "publication.check",
    "publication.publish",
    "publication.withdraw",
)
_ALL_TASKS = (COLLECT, CHECK, PUBLISH, WITHDRAW)


def _record(
    row: Disclosure,
    kind: EventKind,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    basis: str = "",
    snapshot: Snapshot | None = None,
    version: Version | None = None,
) -> Event:
    event = Event.objects.create(
        disclosure=row,
        kind=kind,
        at=at,
        by=by.label,
        by_name=by.name[:60],
        reason=reason,
        basis=basis[:300],
        snapshot=snapshot,
        version=version,
    )
    ledger.append(f"publication:disclosure:{kind.value}", event_subject(event), event_payload(event), at=at)
    return event


def _subject(row: Disclosure) -> str:
    return f"disclosure:{row.pk}"


def _task(
    row: Disclosure,
    kind: str,
    title: str,
    permission: Permission,
    *,
    by: Actor,
    at: datetime,
    due_on: date | None = None,
) -> None:
    tasks.tasks_close(kinds=_ALL_TASKS, subject=_subject(row), by=by, at=at)
    tasks.task_open(
        kind=kind,
        title=f"{title}：{row.number}",
        body_id=row.body_id,
        dossier_id=row.dossier_id,
        subject=_subject(row),
        permission=permission.value,
        due_on=due_on or row.due_on,
        by=by,
        at=at,
    )


def _locked(row: Disclosure) -> Disclosure:
    return Disclosure.objects.select_for_update().get(pk=row.pk)


def _expect(row: Disclosure, states: tuple[State, ...], act: str) -> None:
    if row.state not in states:
        raise WrongState(state=row.get_state_display(), act=act)


# --- pushed by the kinds of matter ----------------------------------------------------------------


@transaction.atomic
def schedule(
    *,
    dossier_id: int | None,
    kind: str,
    decided_on: date,
    snapshot: PenaltySnapshot | DecisionSnapshot,
    body: BodyRef,
    unit_id: int | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Take a decision up for disclosure, in the decision's own transaction. Returns the disclosure's id.

    ``kind`` is a ``DecisionKind``; the clock runs from ``decided_on`` for the working days of the body's
    profile (R043, R044). The same decision number of the same body is taken up once. Raises
    ``Invalid`` with every missing field. A decision that its own facts forbid to publish (minor,
    secrets) is put down as withheld and waits for the checker's approval.
    """
    preparing.check_complete(snapshot)
    if snapshot.decided_on != decided_on:
        raise Invalid(fields={"decided_on": ["公示信息中的决定日期与决定书日期不一致"]})
    act = DecisionKind(kind)
    same = Disclosure.objects.filter(
        body_id=body.id, number=snapshot.number, dossier_id=dossier_id, kind=act
    ).first()
    if same is not None:
        return same.pk
    name = TERMS.get(act, OTHER_TERM)
    # A record from before the systems began (2019) is disclosed by the term in force when it is taken up.
    on = decided_on if decided_on >= _SYSTEMS_BEGAN else clock.local_date(at)
    norm, term = catalogue.norm(name, body=body, on=on), catalogue.term(name, body=body, on=on)
    citation = norm.citations[0].text[:200] if norm.citations else ""
    due = deadlines.due(decided_on, term)
    outcomes, severity = policies_of(snapshot, act, body_id=body.id)
    portal = next(o for o in outcomes if o.channel == Channel.PORTAL)
    row = Disclosure.objects.create(
        dossier_id=dossier_id,
        body_id=body.id,
        unit_id=unit_id,
        kind=act,
        number=snapshot.number[:128],
        title=_title(snapshot)[:200],
        decided_on=decided_on,
        due_on=due.on,
        norm=name,
        citation=citation,
        expires_on=portal.max_until,
        severity=severity,
        policies=[_plain(o) for o in outcomes],
        scheduled_at=at,
        scheduled_by=by.label,
    )
    source = Snapshot.objects.create(
        disclosure=row, no=1, content=preparing.dump(snapshot), made_at=at, made_by=by.label
    )
    _record(row, EventKind.SCHEDULED, by=by, at=at, basis=citation, snapshot=source)
    reason = preparing.never_because(snapshot)
    if reason is None and not portal.publish:
        reason, note = WithholdReason.PROHIBITED, f"公示规则：{portal.citation}"
    else:
        note = ""
    if reason is not None:
        _withhold(
            row, reason, note=note or "按案卷登记情况自动提出", basis=preparing.BASES[reason], by=by, at=at
        )
        return row.pk
    _clock(row, term, decided_on, by=by, at=at)
    _task(row, COLLECT, "采集公示信息", Permission.DISCLOSURE_COLLECT, by=by, at=at)
    return row.pk


def _title(snapshot: PenaltySnapshot | DecisionSnapshot) -> str:
    if snapshot.title:
        return snapshot.title
    return snapshot.violation if isinstance(snapshot, PenaltySnapshot) else snapshot.category


def _plain(outcome: PolicyOutcome) -> dict[str, Any]:
    return {
        "channel": outcome.channel,
        "severity": outcome.severity,
        "publish": outcome.publish,
        "min_until": outcome.min_until.isoformat() if outcome.min_until else None,
        "max_until": outcome.max_until.isoformat() if outcome.max_until else None,
        "version": outcome.version,
        "citation": outcome.citation,
        "confirmed": outcome.confirmed,
        "own_name": outcome.own_name,
    }


def _clock(row: Disclosure, term: deadlines.Term, started: date, *, by: Actor, at: datetime) -> None:
    deadlines.start(
        subject=_subject(row),
        dossier_id=row.dossier_id,
        norm=row.norm,
        label="执法决定公示",
        citation=row.citation,
        started=clock.at_local(started),
        term=term,
        unit_id=row.unit_id,
        body_id=row.body_id,
        warn_at=(2,),
        by=by,
        at=at,
    )


def policies_of(
    snapshot: PenaltySnapshot | DecisionSnapshot, act: str, *, body_id: int
) -> tuple[list[PolicyOutcome], str]:
    """What each channel does with this decision, and its severity (empty for other than penalties)."""
    severity = ""
    if isinstance(snapshot, PenaltySnapshot):
        severity = snapshot.severity or policy.severity_of(
            preparing.kind_codes(snapshot.kinds), summary_procedure=snapshot.summary_procedure
        )
        if severity not in Severity.values:
            raise Invalid(fields={"severity": ["失信程度应为轻微、一般或者严重"]})
    rules = own_rules(body_id)
    outcomes = [
        policy.outcome(
            rules,
            channel=channel,
            act=act,
            severity=severity,
            party_kind=snapshot.party_kind,
            decided_on=snapshot.decided_on,
            valid_until=snapshot.valid_until,
        )
        for channel in Channel.values
    ]
    return outcomes, severity


@transaction.atomic
def annulled(
    *, dossier_id: int, reason: str, basis: str, on: date, number: str = "", by: Actor, at: datetime
) -> list[int]:
    """The decision was annulled, changed, found unlawful or void: start the three working days in which
    its disclosure is withdrawn with public reasons (行政处罚法第四十八条第二款). Returns the disclosures.

    What is not public yet is cancelled at once. ``number`` narrows to one decision of the dossier.
    """
    done = []
    for row in _of_dossier(dossier_id, number):
        if row.state in {State.WITHDRAWN, State.EXPIRED, State.CANCELLED} or row.withdraw_by is not None:
            continue
        if not row.version_no:
            _cancel(row, reason, basis, by=by, at=at)
            done.append(row.pk)
            continue
        body = organisations.body(row.body_id)
        term = catalogue.term(WITHDRAWAL_TERM, body=body, on=clock.local_date(at))
        norm = catalogue.norm(WITHDRAWAL_TERM, body=body, on=clock.local_date(at))
        row.withdraw_by = deadlines.due(on, term).on
        row.withdraw_reason, row.withdraw_basis = reason, basis[:300]
        row.save(update_fields=["withdraw_by", "withdraw_reason", "withdraw_basis"])
        deadlines.start(
            subject=_subject(row),
            dossier_id=row.dossier_id,
            norm=WITHDRAWAL_TERM,
            label="撤回公开的处罚决定信息",
            citation="；".join(c.text for c in norm.citations)[:200],
            started=clock.at_local(on),
            term=term,
            unit_id=row.unit_id,
            body_id=row.body_id,
            by=by,
            at=at,
        )
        _record(row, EventKind.ANNULLED, by=by, at=at, reason=reason, basis=basis)
        _task(
            row,
            WITHDRAW,
            "撤下公示并公开说明理由",
            Permission.DISCLOSURE_PUBLISH,
            by=by,
            at=at,
            due_on=row.withdraw_by,
        )
        done.append(row.pk)
    return done


@transaction.atomic
def withdraw(
    *, dossier_id: int, reason: str, basis: str, number: str = "", by: Actor, at: datetime
) -> list[int]:
    """Withdraw the disclosures of a dossier at once (called inside the annulling step). The tombstone
    stays public: number, agency, reason, dates. What is not public yet is cancelled."""
    _need_reason(reason)
    done = []
    for row in _of_dossier(dossier_id, number):
        if row.state in {State.WITHDRAWN, State.CANCELLED}:
            continue
        if row.version_no:
            _withdraw(row, reason, basis, by=by, at=at)
        else:
            _cancel(row, reason, basis, by=by, at=at)
        done.append(row.pk)
    return done


def _of_dossier(dossier_id: int, number: str) -> list[Disclosure]:
    rows = Disclosure.objects.select_for_update().filter(dossier_id=dossier_id).order_by("pk")
    return list(rows.filter(number=number) if number else rows)


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
    row = _locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_COLLECT))
    _expect(row, (State.SCHEDULED, State.RETURNED, State.COLLECTED), "采集")
    if row.state == State.COLLECTED and row.collected_by != by.label:
        raise WrongState(state=row.get_state_display(), act="由他人重新采集")
    snapshot = current_snapshot(row)
    preparing.check_offsets(snapshot, [*masks, *releases])
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
    _record(row, EventKind.COLLECTED, by=by, at=at, reason=released)
    _task(row, CHECK, "审核公示信息", Permission.DISCLOSURE_CHECK, by=by, at=at)


def _content(
    row: Disclosure,
    snapshot: PenaltySnapshot | DecisionSnapshot,
    masks: Sequence[Mask],
    releases: Sequence[Release],
    summary: str,
) -> dict[str, Any]:
    portal = next(p for p in row.policies if p["channel"] == Channel.PORTAL)
    return preparing.public_content(
        snapshot,
        masks=masks,
        releases=releases,
        summary=summary.strip(),
        own_name=portal["own_name"],
        expires_on=row.expires_on,
    )


def _refuse_unclean(
    row: Disclosure,
    snapshot: PenaltySnapshot | DecisionSnapshot,
    content: dict[str, Any],
    releases: Sequence[Release],
) -> None:
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
    row = _locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_CHECK))
    _expect(row, (State.COLLECTED,), "审核")
    _apart(
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
    _record(row, EventKind.CHECKED, by=by, at=at)
    _task(row, PUBLISH, "发布公示信息", Permission.DISCLOSURE_PUBLISH, by=by, at=at)


@transaction.atomic
def disclosure_return(*, disclosure_id: int, reason: str, by: Actor, at: datetime) -> None:
    """审核退回: back to the collector with what to correct (R002)."""
    row = _locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_CHECK))
    _expect(row, (State.COLLECTED, State.CHECKED), "退回")
    _need_reason(reason)
    row.state, row.return_reason = State.RETURNED, reason.strip()
    row.checked_by = row.checked_name = ""
    row.checked_at = None
    row.save(update_fields=["state", "return_reason", "checked_by", "checked_name", "checked_at"])
    _record(row, EventKind.RETURNED, by=by, at=at, reason=reason.strip())
    _task(row, COLLECT, "按审核意见修改公示信息", Permission.DISCLOSURE_COLLECT, by=by, at=at)


@transaction.atomic
def disclosure_publish(*, disclosure_id: int, by: Actor, at: datetime) -> int:
    """发布: put the checked text before the public. Returns the version number. The publisher is not the
    collector; the text is the one that was checked, letter for letter."""
    row = _locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_PUBLISH))
    _apart(
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
    _expect(row, (State.CHECKED,), "发布")
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
    _record(
        row,
        EventKind.CORRECTED if corrected else EventKind.PUBLISHED,
        by=by,
        at=at,
        reason=reason,
        version=version,
    )
    records.show(row, version, PublicState.CORRECTED if corrected else PublicState.PUBLISHED, at=at)
    tasks.tasks_close(kinds=(COLLECT, CHECK, PUBLISH), subject=_subject(row), by=by, at=at)
    deadlines.stop(
        subject=_subject(row), norm=row.norm, on=max(at, clock.at_local(row.decided_on)), by=by, at=at
    )
    return row.version_no


@transaction.atomic
def disclosure_correct(
    *,
    disclosure_id: int,
    reason: str,
    snapshot: PenaltySnapshot | DecisionSnapshot | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """更正: reopen a published one for a further version. The public text stays until the new one is out.
    ``snapshot`` replaces the source when the decision itself was corrected."""
    row = _locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_COLLECT))
    _expect(row, (State.PUBLISHED,), "更正")
    _need_reason(reason)
    source = None
    if snapshot is not None:
        preparing.check_complete(snapshot)
        last = row.snapshots.order_by("-no").values_list("no", flat=True).first() or 0
        source = Snapshot.objects.create(
            disclosure=row, no=last + 1, content=preparing.dump(snapshot), made_at=at, made_by=by.label
        )
    row.state, row.correction_reason = State.SCHEDULED, reason.strip()
    row.collected_by = row.collected_name = row.checked_by = row.checked_name = row.return_reason = ""
    row.collected_at = row.checked_at = None
    if source is not None:
        row.masks, row.releases = [], []
    row.save(
        update_fields=[
            "state", "correction_reason", "collected_by", "collected_name", "checked_by", "checked_name",
            "return_reason", "collected_at", "checked_at", "masks", "releases",
        ]
    )  # fmt: skip
    _record(row, EventKind.REOPENED, by=by, at=at, reason=reason.strip(), snapshot=source)
    _task(
        row, COLLECT, "更正公示信息", Permission.DISCLOSURE_COLLECT, by=by, at=at, due_on=clock.local_date(at)
    )


@transaction.atomic
def disclosure_withdraw(*, disclosure_id: int, reason: str, basis: str, by: Actor, at: datetime) -> None:
    """撤下 from the desk, with public reasons."""
    row = _locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_PUBLISH))
    _need_reason(reason)
    if row.state in {State.WITHDRAWN, State.CANCELLED} or not row.version_no:
        raise WrongState(state=row.get_state_display(), act="撤下")
    _withdraw(row, reason.strip(), basis, by=by, at=at)


def _withdraw(row: Disclosure, reason: str, basis: str, *, by: Actor, at: datetime) -> None:
    row.state, row.withdraw_by = State.WITHDRAWN, None
    row.save(update_fields=["state", "withdraw_by"])
    _record(row, EventKind.WITHDRAWN, by=by, at=at, reason=reason, basis=basis)
    records.hide(row, PublicState.WITHDRAWN, at=at)
    deadlines.stop(subject=_subject(row), norm=WITHDRAWAL_TERM, on=at, by=by, at=at)
    deadlines.drop(subject=_subject(row), on=at, by=by, at=at)
    tasks.tasks_close(kinds=_ALL_TASKS, subject=_subject(row), by=by, at=at)


def _cancel(row: Disclosure, reason: str, basis: str, *, by: Actor, at: datetime) -> None:
    row.state = State.CANCELLED
    row.save(update_fields=["state"])
    _record(row, EventKind.CANCELLED, by=by, at=at, reason=reason, basis=basis)
    deadlines.drop(subject=_subject(row), on=at, by=by, at=at)
    tasks.tasks_close(kinds=_ALL_TASKS, subject=_subject(row), by=by, at=at)


# --- not to be published ------------------------------------------------------------------------------


@transaction.atomic
def disclosure_withhold(
    *, disclosure_id: int, reason: str, note: str, basis: str = "", by: Actor, at: datetime
) -> None:
    """The collector proposes that the decision is not published; the checker approves or refuses (R045).
    ``reason`` is a ``WithholdReason``; ``prohibited`` and ``superior`` need their basis in words."""
    row = _locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_COLLECT))
    _expect(row, (State.SCHEDULED, State.RETURNED, State.COLLECTED), "提出不予公开")
    _need_reason(note)
    code = WithholdReason(reason) if reason in WithholdReason.values else None
    if code is None:
        raise Invalid(fields={"reason": ["请选择不予公开的情形"]})
    if code in {WithholdReason.PROHIBITED, WithholdReason.SUPERIOR} and not basis.strip():
        raise Invalid(
            fields={"basis": ["请填写法律、行政法规的名称和条文，或者上级机关书面意见的名称和文号"]}
        )
    _withhold(row, code, note=note.strip(), basis=basis.strip() or preparing.BASES[code], by=by, at=at)


def _withhold(
    row: Disclosure, reason: WithholdReason, *, note: str, basis: str, by: Actor, at: datetime
) -> None:
    row.state = State.WITHHELD
    row.withhold_reason, row.withhold_note, row.withhold_basis = reason, note, basis[:300]
    row.withhold_proposed_by, row.withhold_approved_by = by.label, ""
    row.save(
        update_fields=[
            "state",
            "withhold_reason",
            "withhold_note",
            "withhold_basis",
            "withhold_proposed_by",
            "withhold_approved_by",
        ]
    )
    _record(row, EventKind.WITHHELD, by=by, at=at, reason=f"{reason.label}：{note}", basis=basis)
    _task(row, CHECK, "审核不予公开", Permission.DISCLOSURE_CHECK, by=by, at=at)


@transaction.atomic
def disclosure_withhold_decide(
    *, disclosure_id: int, approve: bool, reason: str = "", by: Actor, at: datetime
) -> None:
    """The checker's word on not publishing. A refusal sends it to the collector; that a party is a minor
    or the file a state secret cannot be set aside here."""
    row = _locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_CHECK))
    _expect(row, (State.WITHHELD,), "审核不予公开")
    _apart(
        row.withhold_proposed_by,
        by,
        "sod.collector_is_checker",
        "提出不予公开的人不得自行批准",
        "请由另一名公示审核员审核",
    )
    if approve:
        row.withhold_approved_by = by.label
        row.save(update_fields=["withhold_approved_by"])
        _record(row, EventKind.WITHHOLDING_APPROVED, by=by, at=at, reason=reason, basis=row.withhold_basis)
        tasks.tasks_close(kinds=_ALL_TASKS, subject=_subject(row), by=by, at=at)
        deadlines.drop(subject=_subject(row), on=at, by=by, at=at)
        return
    _need_reason(reason)
    if row.withhold_reason in {WithholdReason.MINOR, WithholdReason.STATE_SECRET}:
        raise NeverPublished(reason=row.get_withhold_reason_display())
    row.state = State.RETURNED
    row.return_reason = reason.strip()
    row.save(update_fields=["state", "return_reason"])
    _record(row, EventKind.WITHHOLDING_REFUSED, by=by, at=at, reason=reason.strip())
    if not any(
        d.state in {"running", "late", "suspended"} for d in deadlines.of_subject(_subject(row), row.norm)
    ):
        on = row.decided_on if row.decided_on >= _SYSTEMS_BEGAN else clock.local_date(at)
        term = catalogue.term(row.norm, body=organisations.body(row.body_id), on=on)
        _clock(row, term, row.decided_on, by=by, at=at)
    _task(row, COLLECT, "采集公示信息", Permission.DISCLOSURE_COLLECT, by=by, at=at)


def _lifted(row: Disclosure, never: WithholdReason) -> bool:
    if never in {WithholdReason.MINOR, WithholdReason.STATE_SECRET}:
        return False
    return row.events.filter(kind=EventKind.WITHHOLDING_REFUSED).exists()


# --- the worker -----------------------------------------------------------------------------------------


def publish_due(*, at: datetime, limit: int = 200) -> int:
    """Publish what was checked and falls due today or is late; returns how many. The system publishes:
    collector and checker were two people, and the day does not wait for a third."""
    today = clock.local_date(at)
    ids = (
        Disclosure.objects.filter(state=State.CHECKED, due_on__lte=today)
        .order_by("due_on")
        .values_list("pk", flat=True)
    )
    done = 0
    for pk in list(ids[:limit]):
        with transaction.atomic():
            row = Disclosure.objects.select_for_update().get(pk=pk)
            if row.state == State.CHECKED:
                _publish(row, by=organisations.system_actor(row.body_id), at=at)
                done += 1
    return done


def withdraw_due(*, at: datetime, limit: int = 200) -> int:
    """Withdraw what an annulment reached and nobody withdrew by the last day; returns how many."""
    today = clock.local_date(at)
    ids = Disclosure.objects.filter(withdraw_by__isnull=False, withdraw_by__lte=today).values_list(
        "pk", flat=True
    )
    done = 0
    for pk in list(ids[:limit]):
        with transaction.atomic():
            row = Disclosure.objects.select_for_update().get(pk=pk)
            if row.withdraw_by is not None:
                _withdraw(
                    row,
                    row.withdraw_reason,
                    row.withdraw_basis,
                    by=organisations.system_actor(row.body_id),
                    at=at,
                )
                done += 1
    return done


def expire_due(*, at: datetime, limit: int = 500) -> int:
    """End the showing of what reached its last day yesterday or before; returns how many."""
    today = clock.local_date(at)
    ids = (
        Disclosure.objects.filter(version_no__gt=0, expires_on__lt=today)
        .exclude(state__in=[State.WITHDRAWN, State.EXPIRED, State.CANCELLED])
        .values_list("pk", flat=True)
    )
    done = 0
    for pk in list(ids[:limit]):
        with transaction.atomic():
            row = Disclosure.objects.select_for_update().get(pk=pk)
            if row.state in {State.WITHDRAWN, State.EXPIRED, State.CANCELLED}:
                continue
            row.state = State.EXPIRED
            row.save(update_fields=["state"])
            portal = next(p for p in row.policies if p["channel"] == Channel.PORTAL)
            _record(
                row, EventKind.EXPIRED, by=organisations.system_actor(row.body_id), at=at,
                reason=f"公示期至 {row.expires_on} 届满", basis=portal["citation"],
            )  # fmt: skip
            records.hide(row, PublicState.EXPIRED, at=at)
            done += 1
    return done


# --- policy ---------------------------------------------------------------------------------------------


@transaction.atomic
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
    organisations.require(by, Permission.CATALOGUE_MANAGE, body_id=by.body_id)
    if not citation.strip():
        raise Invalid(fields={"citation": ["请填写依据的文件名称和条款"]})
    if max_months is not None and max_months < min_months:
        raise Invalid(fields={"max_months": ["最长公示期不得短于最短公示期"]})
    return Policy.objects.create(
        body_id=by.body_id,
        channel=Channel(channel),
        act=DecisionKind(act),
        party_kind=party_kind,
        severity=severity,
        publish=publish,
        min_months=min_months,
        max_months=max_months,
        own_name=own_name,
        valid_from=valid_from,
        citation=citation.strip()[:300],
        set_by=by.label,
        set_at=at,
    ).pk


def _apart(first: str, by: Actor, code: str, sentence: str, remedy: str) -> None:
    if first and first == by.label:
        raise NotAllowed(sentence, code=code, remedy=remedy)


def _need_reason(reason: str) -> None:
    if len(reason.strip()) < 2:
        raise Invalid(fields={"reason": ["请填写理由"]})
