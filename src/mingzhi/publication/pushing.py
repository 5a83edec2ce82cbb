"""What the kinds of matter push: a decision to disclose, an annulment, a withdrawal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import policy, preparing
from mingzhi.publication.choices import (
    Channel,
    DecisionKind,
    EventKind,
    Severity,
    State,
    WithholdReason,
)
from mingzhi.publication.data import DecisionSnapshot, PenaltySnapshot, PolicyOutcome
from mingzhi.publication.models import Disclosure, Snapshot
from mingzhi.publication.queries import own_rules
from mingzhi.publication.steps import (
    COLLECT,
    OTHER_TERM,
    SYSTEMS_BEGAN,
    TERMS,
    WITHDRAW,
    WITHDRAWAL_TERM,
    cancel,
    clock_start,
    need_reason,
    put_aside,
    record,
    subject,
    take_down,
    task,
)


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
        body_id=body.id,
        number=snapshot.number,
        dossier_id=dossier_id,
        kind=act,  # type: ignore[misc]
    ).first()
    if same is not None:
        return same.pk
    name = TERMS.get(act, OTHER_TERM)
    # A record from before the systems began (2019) is disclosed by the term in force when it is taken up.
    on = decided_on if decided_on >= SYSTEMS_BEGAN else clock.local_date(at)
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
        title=title_of(snapshot)[:200],
        decided_on=decided_on,
        due_on=due.on,
        norm=name,
        citation=citation,
        expires_on=portal.max_until,
        severity=severity,
        policies=[plain(o) for o in outcomes],
        scheduled_at=at,
        scheduled_by=by.label,
    )
    source = Snapshot.objects.create(
        disclosure=row, no=1, content=preparing.dump(snapshot), made_at=at, made_by=by.label
    )
    record(row, EventKind.SCHEDULED, by=by, at=at, basis=citation, snapshot=source)
    reason = preparing.never_because(snapshot)
    if reason is None and not portal.publish:
        reason, note = WithholdReason.PROHIBITED, f"公示规则：{portal.citation}"
    else:
        note = ""
    if reason is not None:
        put_aside(
            row, reason, note=note or "按案卷登记情况自动提出", basis=preparing.BASES[reason], by=by, at=at
        )
        return row.pk
    clock_start(row, term, decided_on, by=by, at=at)
    task(row, COLLECT, "采集公示信息", Permission.DISCLOSURE_COLLECT, by=by, at=at)
    return row.pk


def title_of(snapshot: PenaltySnapshot | DecisionSnapshot) -> str:
    if snapshot.title:
        return snapshot.title
    return snapshot.violation if isinstance(snapshot, PenaltySnapshot) else snapshot.category


def plain(outcome: PolicyOutcome) -> dict[str, Any]:
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
            cancel(row, reason, basis, by=by, at=at)
            done.append(row.pk)
            continue
        body = organisations.body(row.body_id)
        term = catalogue.term(WITHDRAWAL_TERM, body=body, on=clock.local_date(at))
        norm = catalogue.norm(WITHDRAWAL_TERM, body=body, on=clock.local_date(at))
        row.withdraw_by = deadlines.due(on, term).on
        row.withdraw_reason, row.withdraw_basis = reason, basis[:300]
        row.save(update_fields=["withdraw_by", "withdraw_reason", "withdraw_basis"])
        deadlines.start(
            subject=subject(row),
            dossier_id=row.dossier_id,
            norm=WITHDRAWAL_TERM,
            label="撤回公开的决定信息",
            citation="；".join(c.text for c in norm.citations)[:200],
            started=clock.at_local(on),
            term=term,
            unit_id=row.unit_id,
            body_id=row.body_id,
            by=by,
            at=at,
        )
        record(row, EventKind.ANNULLED, by=by, at=at, reason=reason, basis=basis)
        task(
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
    need_reason(reason)
    done = []
    for row in _of_dossier(dossier_id, number):
        if row.state in {State.WITHDRAWN, State.CANCELLED}:
            continue
        if row.version_no:
            take_down(row, reason, basis, by=by, at=at)
        else:
            cancel(row, reason, basis, by=by, at=at)
        done.append(row.pk)
    return done


def _of_dossier(dossier_id: int, number: str) -> list[Disclosure]:
    rows = Disclosure.objects.select_for_update().filter(dossier_id=dossier_id).order_by("pk")
    return list(rows.filter(number=number) if number else rows)
