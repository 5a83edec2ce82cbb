"""Reads of the publication room for the desk and for gates. Public reads are in ``public.py``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from mingzhi.kernel.errors import NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import attachments, policy, preparing
from mingzhi.publication.choices import Channel, DecisionKind, Severity, State
from mingzhi.publication.data import (
    PARTY_KINDS,
    DecisionSnapshot,
    DisclosureRow,
    DisclosureStatus,
    DisclosureView,
    EventView,
    Mask,
    PenaltySnapshot,
    PolicyOutcome,
    PolicyRow,
    Release,
)
from mingzhi.publication.models import Disclosure, Event, Policy

#: States in which somebody still owes the public something.
OPEN = (State.SCHEDULED, State.RETURNED, State.COLLECTED, State.CHECKED)
_MAY_SEE = (
    Permission.DISCLOSURE_COLLECT,
    Permission.DISCLOSURE_CHECK,
    Permission.DISCLOSURE_PUBLISH,
    Permission.SUPERVISE_READ,
)


def disclosures_for(by: Actor, permission: Permission | None = None) -> QuerySet[Disclosure]:
    """Disclosures that exist for this person: the own body's with a disclosure duty, and those supervised."""
    allowed = Q(pk__in=[])
    for wanted in (permission,) if permission is not None else _MAY_SEE:
        allowed |= organisations.in_scope(by, wanted).filter("body")
    return Disclosure.objects.filter(allowed)


def access_disclosure(by: Actor, disclosure_id: int, permission: Permission) -> Disclosure:
    """The only way to a disclosure for the desk. ``NotAllowed`` without the permission anywhere,
    ``NotFound`` for another body's."""
    organisations.require(by, permission)
    row = disclosures_for(by, permission).filter(pk=disclosure_id).first()
    if row is None:
        raise NotFound
    return row


def current_snapshot(row: Disclosure) -> PenaltySnapshot | DecisionSnapshot:
    """The newest source pushed for ``row``."""
    return preparing.load(row.snapshots.order_by("-no")[0].content)


def own_rules(body_id: int) -> list[policy.Rule]:
    """The body's own publication rules, newest first."""
    return [
        policy.Rule(
            channel=p.channel,
            act=p.act,
            publish=p.publish,
            min_months=p.min_months,
            max_months=p.max_months,
            severity=p.severity,
            party_kind=p.party_kind,
            start=p.valid_from,
            citation=p.citation,
            confirmed=True,
            own_name=p.own_name,
            version=f"body:{p.pk}",
        )
        for p in Policy.objects.filter(body_id=body_id).order_by("-pk")
    ]


OWN_NAMES = {"surname": "姓氏加某某", "full": "全名"}


def policy_table(by: Actor) -> list[PolicyRow]:
    """The rules that hold for the person's body, the body's own first; newest of each first."""
    if not any(by.may(p) for p in (*_MAY_SEE, Permission.CATALOGUE_MANAGE)):
        organisations.require(by, Permission.DISCLOSURE_COLLECT)
    own = own_rules(by.body_id) if by.body_id is not None else []
    return [
        PolicyRow(
            channel_label=Channel(rule.channel).label,
            act_label="各类决定" if rule.act == "any" else DecisionKind(rule.act).label,
            severity_label=Severity(rule.severity).label if rule.severity else "",
            party_label=PARTY_KINDS.get(rule.party_kind, ""),
            publish=rule.publish,
            min_months=rule.min_months,
            max_months=rule.max_months,
            own_name_label=OWN_NAMES.get(rule.own_name, rule.own_name),
            start=rule.start,
            end=rule.end,
            citation=rule.citation,
            confirmed=rule.confirmed,
            own=rule in own,
        )
        for rule in (*own, *policy.shipped())
    ]


def _row(row: Disclosure, on: date) -> DisclosureRow:
    snapshot = current_snapshot(row)
    return DisclosureRow(
        id=row.pk,
        dossier_id=row.dossier_id,
        body_id=row.body_id,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        number=row.number,
        title=row.title,
        party=snapshot.party_name,
        state=row.state,
        state_label=row.get_state_display(),
        decided_on=row.decided_on,
        due_on=row.withdraw_by or row.due_on,
        expires_on=row.expires_on,
        overdue=(row.state in OPEN and not row.version_no and row.due_on < on)
        or (row.withdraw_by is not None and row.withdraw_by < on),
        correcting=bool(row.version_no) and row.state in OPEN,
    )


def disclosure_queue(
    by: Actor, state: str = "", *, on: date, overdue: bool = False, before: int | None = None, limit: int = 50
) -> list[DisclosureRow]:
    """The disclosure desk's list: soonest due first for open states, newest first for the others.

    ``state`` is a ``State`` or empty for all that is open; ``before`` pages through closed ones by id.
    """
    rows = disclosures_for(by)
    rows = rows.filter(state=state) if state in State.values else rows.filter(state__in=OPEN)
    if overdue:
        rows = rows.filter(due_on__lt=on, version_no=0, state__in=OPEN)
    closed = state in State.values and state not in OPEN
    if closed and before is not None:
        rows = rows.filter(pk__lt=before)
    rows = rows.order_by("-pk") if closed else rows.order_by("due_on", "pk")
    return [_row(r, on) for r in rows[:limit]]


def disclosure_counts(by: Actor, *, on: date) -> dict[str, int]:
    """How many in each open state, how many overdue and how many to withdraw, for the desk's tabs."""
    rows = disclosures_for(by)
    counts = {state.value: rows.filter(state=state).count() for state in (*OPEN, State.WITHHELD)}
    counts["overdue"] = rows.filter(state__in=OPEN, version_no=0, due_on__lt=on).count()
    counts["to_withdraw"] = rows.filter(withdraw_by__isnull=False).count()
    return counts


def overdue(body_ids: Collection[int], on: date) -> list[DisclosureRow]:
    """Disclosures whose day has passed without publication, most overdue first (R007)."""
    rows = Disclosure.objects.filter(body_id__in=body_ids, state__in=OPEN, version_no=0, due_on__lt=on)
    return [_row(r, on) for r in rows.order_by("due_on", "pk")[:500]]


def disclosure_view(by: Actor, disclosure_id: int, *, on: date) -> DisclosureView:
    """One disclosure for the desk: served and masked text side by side, history, what this person may do."""
    row = disclosures_for(by).filter(pk=disclosure_id).first()
    if row is None:
        raise NotFound
    masks = [Mask(**m) for m in row.masks]
    releases = [Release(**r) for r in row.releases]
    return DisclosureView(
        row=_row(row, on),
        fields=preparing.side_by_side(current_snapshot(row), masks, releases),
        summary=row.summary,
        collected_by=row.collected_name,
        checked_by=row.checked_name,
        return_reason=row.return_reason,
        withhold_reason=row.withhold_reason,
        withhold_label=row.get_withhold_reason_display() if row.withhold_reason else "",
        withhold_note=row.withhold_note,
        withhold_basis=row.withhold_basis,
        policy=tuple(_outcome(p) for p in row.policies),
        history=tuple(event_view(e) for e in row.events.select_related("version").order_by("pk")),
        may=tuple(_may(by, row)),
        attachments=tuple(attachments.views(row)),
    )


def _outcome(stored: dict[str, object]) -> PolicyOutcome:
    def day(name: str) -> date | None:
        return date.fromisoformat(str(stored[name])) if stored[name] else None

    severity = str(stored["severity"])
    return PolicyOutcome(
        channel=str(stored["channel"]),
        channel_label=Channel(str(stored["channel"])).label,
        severity=severity,
        severity_label=Severity(severity).label if severity else "",
        publish=bool(stored["publish"]),
        min_until=day("min_until"),
        max_until=day("max_until"),
        version=str(stored["version"]),
        citation=str(stored["citation"]),
        confirmed=bool(stored["confirmed"]),
        own_name=str(stored["own_name"]),
    )


def event_view(event: Event) -> EventView:
    return EventView(
        kind=event.kind,
        label=event.get_kind_display(),
        at=event.at,
        by=event.by_name,
        reason=event.reason,
        basis=event.basis,
        version=event.version.no if event.version else None,
    )


def _may(by: Actor, row: Disclosure) -> list[str]:
    """Names of the verbs open to this person now; the actions check again."""
    collects, checks, publishes = (
        organisations.in_scope(by, p).covers(row.body_id)
        for p in (Permission.DISCLOSURE_COLLECT, Permission.DISCLOSURE_CHECK, Permission.DISCLOSURE_PUBLISH)
    )
    may = []
    if collects and (
        row.state in {State.SCHEDULED, State.RETURNED}
        or (row.state == State.COLLECTED and row.collected_by == by.label)
    ):
        may += ["collect"] if row.version_no else ["collect", "withhold"]
    if collects and row.state in {State.SCHEDULED, State.RETURNED}:
        may.append("attach")
    if checks and row.state in {State.SCHEDULED, State.RETURNED, State.COLLECTED}:
        may.append("clear")
    if collects and row.state == State.PUBLISHED:
        may.append("correct")
    if checks and row.state == State.COLLECTED and row.collected_by != by.label:
        may += ["check", "return"]
    if checks and row.state == State.CHECKED:
        may.append("return")
    if (
        checks
        and row.state == State.WITHHELD
        and not row.withhold_approved_by
        and row.withhold_proposed_by != by.label
    ):
        may.append("withhold_decide")
    if publishes and row.state == State.CHECKED and row.collected_by != by.label:
        may.append("publish")
    if publishes and row.version_no and row.state not in {State.WITHDRAWN, State.EXPIRED, State.CANCELLED}:
        may.append("withdraw")
    return may


def disclosure_status(dossier_id: int) -> list[DisclosureStatus]:
    """Where the disclosures of a dossier stand: for gates (G14), the case page and the batch import."""
    return [
        DisclosureStatus(
            id=r.pk,
            kind=r.kind,
            state=r.state,
            label=r.get_state_display(),
            due_on=r.due_on,
            published_at=r.published_at,
            public_url=f"/decisions/{r.pk}/" if r.version_no else "",
            kind_label=r.get_kind_display(),
            reason="：".join(filter(None, (r.get_withhold_reason_display(), r.withhold_note)))
            if r.state == State.WITHHELD
            else "",
        )
        for r in Disclosure.objects.filter(dossier_id=dossier_id).order_by("pk")
    ]
