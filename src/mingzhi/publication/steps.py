"""What every write of this room is made of: the event with its ledger entry, to-dos, clocks, ends."""

from __future__ import annotations

from datetime import date, datetime

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, Problems
from mingzhi.ledger import api as ledger
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import delivering, preparing, records
from mingzhi.publication.choices import (
    PUBLIC_EVENTS,
    DecisionKind,
    EventKind,
    PublicState,
    State,
    WithholdReason,
)
from mingzhi.publication.errors import WrongState
from mingzhi.publication.events import (
    DISCLOSURE,
    SNAPSHOT,
    VERSION,
    event_payload,
    event_subject,
    public_payload,
)
from mingzhi.publication.models import Disclosure, Event, FeedItem, Snapshot, Version
from mingzhi.tasks import api as tasks

TERMS = {
    DecisionKind.PENALTY: "publication.term.licence_penalty",
    DecisionKind.PERMIT: "publication.term.licence_penalty",
}
OTHER_TERM = "publication.term.other"
WITHDRAWAL_TERM = "publication.term.withdrawal"
SYSTEMS_BEGAN = date(2019, 1, 1)
COLLECT, CHECK, PUBLISH, WITHDRAW = (
    "publication.collect",
    "publication.check",
    "publication.publish",
    "publication.withdraw",
)
ALL_TASKS = (COLLECT, CHECK, PUBLISH, WITHDRAW)


def record(
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
    """One line of the history, and the entries of what it changed: called beside every change of ``row``."""
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
    payload = public_payload(event) if kind in PUBLIC_EVENTS else event_payload(event)
    ledger.append(f"publication:disclosure:{kind.value}", event_subject(event), payload, at=at)
    if kind in PUBLIC_EVENTS:
        FeedItem.objects.create(event=event)
        delivering.list_event(row, event, at=at)
    DISCLOSURE.kept(row, at=at)
    if snapshot is not None:
        SNAPSHOT.kept(snapshot, at=at)
    if version is not None:
        VERSION.kept(version, at=at)
    return event


def subject(row: Disclosure) -> str:
    return f"disclosure:{row.pk}"


def task(
    row: Disclosure,
    kind: str,
    title: str,
    permission: Permission,
    *,
    by: Actor,
    at: datetime,
    due_on: date | None = None,
) -> None:
    tasks.tasks_close(kinds=ALL_TASKS, subject=subject(row), by=by, at=at)
    tasks.task_open(
        kind=kind,
        title=f"{title}：{row.number}",
        body_id=row.body_id,
        dossier_id=row.dossier_id,
        subject=subject(row),
        permission=permission.value,
        due_on=due_on or row.due_on,
        by=by,
        at=at,
    )


def locked(row: Disclosure) -> Disclosure:
    return Disclosure.objects.select_for_update().get(pk=row.pk)


def expect(row: Disclosure, states: tuple[State, ...], act: str) -> None:
    if row.state not in states:
        raise WrongState(state=row.get_state_display(), act=act)


def clock_start(row: Disclosure, term: deadlines.Term, started: date, *, by: Actor, at: datetime) -> None:
    deadlines.start(
        subject=subject(row),
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


def take_down(row: Disclosure, reason: str, basis: str, *, by: Actor, at: datetime) -> None:
    """Withdraw: off every page and list now. What other rooms gave as reason leaves without personal data."""
    snapshot = preparing.load(row.snapshots.order_by("-no")[0].content)
    reason, basis = (preparing.personal_in(snapshot, text)[1] for text in (reason, basis))
    row.state, row.withdraw_by = State.WITHDRAWN, None
    row.save(update_fields=["state", "withdraw_by"])
    record(row, EventKind.WITHDRAWN, by=by, at=at, reason=reason, basis=basis)
    records.hide(row, PublicState.WITHDRAWN, at=at)
    deadlines.stop(subject=subject(row), norm=WITHDRAWAL_TERM, on=at, by=by, at=at)
    deadlines.drop(subject=subject(row), on=at, by=by, at=at)
    tasks.tasks_close(kinds=ALL_TASKS, subject=subject(row), by=by, at=at)


def cancel(row: Disclosure, reason: str, basis: str, *, by: Actor, at: datetime) -> None:
    row.state = State.CANCELLED
    row.save(update_fields=["state"])
    record(row, EventKind.CANCELLED, by=by, at=at, reason=reason, basis=basis)
    deadlines.drop(subject=subject(row), on=at, by=by, at=at)
    tasks.tasks_close(kinds=ALL_TASKS, subject=subject(row), by=by, at=at)


def put_aside(
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
    record(row, EventKind.WITHHELD, by=by, at=at, reason=f"{reason.label}：{note}", basis=basis)
    task(row, CHECK, "审核不予公开", Permission.DISCLOSURE_CHECK, by=by, at=at)


def apart(first: str, by: Actor, code: str, sentence: str, remedy: str) -> None:
    if first and first == by.label:
        raise NotAllowed(sentence, code=code, remedy=remedy)


def need_public(row: Disclosure, reason: str, basis: str = "", *, name: str = "reason") -> None:
    """A reason that the public will read: given, and without anybody's personal data."""
    need_reason(reason)
    snapshot = preparing.load(row.snapshots.order_by("-no")[0].content)
    problems = Problems()
    for where, text in ((name, reason), ("basis", basis)):
        told, _ = preparing.personal_in(snapshot, text)
        if told:
            problems.add(where, f"这里的文字将公开，其中含有{told}，请删去后重新填写")
    problems.raise_if_any()


def need_reason(reason: str) -> None:
    if len(reason.strip()) < 2:
        raise Invalid(fields={"reason": ["请填写理由"]})
