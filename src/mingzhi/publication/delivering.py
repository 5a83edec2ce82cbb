"""One event of a disclosure on its way to a platform: listed with the fact, sent after commit, answered.

Order: events of a disclosure reach a platform in the order they happened; a later one waits for the
earlier. A text that is not on show any more is not sent; a withdrawal goes to every platform that has,
or may have, what it withdraws. Crash story: a send is repeated with the same key until an answer is
kept, and the platform tells the same key from another; the answer and the receipt are one UPDATE.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.publication import parcels
from mingzhi.publication.choices import DeliveryState, EventKind, Operation
from mingzhi.publication.data import Outcome
from mingzhi.publication.errors import NotYet, PlatformAway, WrongState
from mingzhi.publication.events import DELIVERY
from mingzhi.publication.models import Delivery, Disclosure, Event, PublicRecord, Target

if TYPE_CHECKING:
    from mingzhi.publication.channels import Adapter

DELIVER = "publication.deliver"
GIVEN_UP = timedelta(hours=3)
"""The worker tries one message for about two and a half hours."""
REST = timedelta(minutes=1)
"""A platform that gave no answer is given nothing else so long, since all else that leaves would wait behind
every message to it. What it must take down is asked for all the same."""
_adapters: dict[str, Adapter] = {}
_OPERATIONS = {
    EventKind.PUBLISHED: Operation.ADD,
    EventKind.CORRECTED: Operation.CORRECT,
    EventKind.WITHDRAWN: Operation.WITHDRAW,
    EventKind.EXPIRED: Operation.WITHDRAW,
}


def list_event(row: Disclosure, event: Event, *, at: datetime) -> None:
    """List a public event for every channel of the body that it concerns, in the fact's transaction."""
    for target in Target.objects.filter(body_id=row.body_id, act=row.kind, ended_at__isnull=True):
        rule = next((p for p in row.policies if p["channel"] == target.channel), None)
        operation = _OPERATIONS[EventKind(event.kind)]
        if operation != Operation.WITHDRAW and not (rule and rule["publish"]):
            continue
        adapter = _adapters.get(target.adapter)
        # A whole copy holds what was public before its channel was opened, too.
        whole = adapter is not None and adapter.fill is not None
        if (
            operation == Operation.WITHDRAW
            and not whole
            and not Delivery.objects.filter(target__in=_same_platform(target), disclosure=row).exists()
        ):
            continue
        delivery = Delivery.objects.create(
            target=target, event=event, disclosure=row, operation=operation, made_at=at
        )
        DELIVERY.kept(delivery, at=at)
        if whole or (adapter is not None and adapter.send is not None):
            _enqueue(delivery, at)


def _same_platform(target: Target) -> list[int]:
    """The channel and those that it took the place of (another key or address): a channel is not changed, but
    ended and opened anew, and what went there by the old one must come down by the new one."""
    url = target.options.get("url")
    others = Target.objects.filter(body_id=target.body_id, act=target.act, adapter=target.adapter)
    return [t.pk for t in others if t.name == target.name or (url and t.options.get("url") == url)]


def _enqueue(delivery: Delivery, at: datetime, again: int = 0) -> None:
    key = f"delivery:{delivery.pk}" + (f":{again}" if again else "")
    outbox.enqueue(DELIVER, {"delivery": delivery.pk}, at=at, key=key)


def list_again(*, at: datetime, limit: int = 500) -> int:
    """Hand the worker once more what still waits hours later, when it gave up trying (a platform that was
    away for a day); how many, at most ``limit`` a channel: one that is away for good crowds out no other. A
    delivery that is there twice is sent once: it looks at its state first."""
    turn = int(at.timestamp() // GIVEN_UP.total_seconds())
    sending = [a.code for a in _adapters.values() if a.send or a.fill]
    ids: list[int] = []
    for target in Target.objects.filter(ended_at__isnull=True, adapter__in=sending).order_by("pk"):
        rows = target.deliveries.filter(state=DeliveryState.WAITING, made_at__lt=at - GIVEN_UP)
        ids += rows.order_by("pk").values_list("pk", flat=True)[:limit]
    with transaction.atomic():
        for pk in ids:
            outbox.enqueue(DELIVER, {"delivery": pk}, at=at, key=f"delivery:{pk}:turn:{turn}")
    return len(ids)


def deliver(delivery_id: int, *, at: datetime) -> None:
    """Send one delivery and keep the answer. Raises ``NotYet`` and ``PlatformAway`` to be run again."""
    delivery = _with_all(delivery_id)
    if delivery.state != DeliveryState.WAITING:
        return
    before = Delivery.objects.filter(
        target=delivery.target_id, disclosure=delivery.disclosure_id, pk__lt=delivery.pk
    )
    if before.filter(state=DeliveryState.WAITING).exists():
        raise NotYet
    why = _needless(delivery, before.filter(state__in=(DeliveryState.ACCEPTED, DeliveryState.FILED)).exists())
    if why:
        _answer(delivery, DeliveryState.DROPPED, Outcome(False, told=why), at)
        return
    adapter = _adapters.get(delivery.target.adapter)
    if adapter is None or adapter.send is None:
        raise PlatformAway(why="没有这种报送方式的程序")
    if delivery.operation != Operation.WITHDRAW and _rests(delivery, at):
        raise PlatformAway(why="刚才没有答复，稍后再试")
    Delivery.objects.filter(pk=delivery.pk).update(tried_at=at)
    try:
        outcome = adapter.send(delivery.target.options, delivery.target.secret, parcels.parcel(delivery))
    except PlatformAway as error:
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(told=error.sentence[:500])
        raise
    _answer(delivery, DeliveryState.ACCEPTED if outcome.taken else DeliveryState.REFUSED, outcome, at)


def _rests(delivery: Delivery, at: datetime) -> bool:
    """Whether the platform gave no answer to another message a moment ago."""
    lately = Delivery.objects.filter(
        target=delivery.target_id, state=DeliveryState.WAITING, tried_at__gt=at - REST, tried_at__lte=at
    )
    return lately.exclude(pk=delivery.pk).exclude(told="").exists()


def _needless(delivery: Delivery, arrived: bool) -> str:
    """Why a delivery need not go out any more; empty when it must."""
    if delivery.target.ended_at is not None:
        return "渠道已停用"
    if delivery.operation == Operation.WITHDRAW:
        # What was tried without an answer may have arrived: it is withdrawn all the same.
        tried = Delivery.objects.filter(
            target__in=_same_platform(delivery.target),
            disclosure=delivery.disclosure_id,
            pk__lt=delivery.pk,
            tried_at__isnull=False,
        ).exclude(state=DeliveryState.REFUSED)
        return "" if arrived or tried.exists() else "此前没有向该渠道报送，无需撤下"
    record = PublicRecord.objects.filter(pk=delivery.disclosure_id).first()
    if record is None or not record.shown:
        return "报送前已撤下"
    return "" if record.version_id == delivery.event.version_id else "报送前已更正，以更正后的为准"


@transaction.atomic
def _answer(delivery: Delivery, state: DeliveryState, outcome: Outcome, at: datetime) -> None:
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state not in {DeliveryState.WAITING, DeliveryState.FILED}:
        return
    row.state, row.answered_at = state, at
    row.receipt, row.told, row.sha256 = outcome.receipt[:200], outcome.told[:500], outcome.sha256
    row.save(update_fields=["state", "answered_at", "receipt", "told", "sha256"])
    DELIVERY.kept(row, at=at)


@transaction.atomic
def retry(*, delivery_id: int, by: Actor, at: datetime) -> None:
    """Send once more what was refused, or what the worker gave up on."""
    row = _mine(delivery_id, by)
    if row.state not in {DeliveryState.REFUSED, DeliveryState.WAITING}:
        raise WrongState(state=row.get_state_display(), act="重新报送")
    row.state, row.told, row.answered_at = DeliveryState.WAITING, "", None
    row.save(update_fields=["state", "told", "answered_at"])
    DELIVERY.kept(row, at=at)
    adapter = _adapters.get(row.target.adapter)
    if adapter is not None and (adapter.send is not None or adapter.fill is not None):
        _enqueue(row, at, numbers.allot(f"publication.delivery.{row.pk}"))


def batch_make(*, target_id: int, by: Actor, at: datetime) -> str:
    """Put everything that waits for a channel fed by hand into one batch; returns the batch's number.
    What is not on show any more is left out and told, also where nothing else is left (``Invalid``)."""
    number = _batched(target_id, by, at)
    if not number:
        raise Invalid("没有待报送的公示信息", remedy="有新公示、更正或者撤下后再制作")
    return number


@transaction.atomic
def _batched(target_id: int, by: Actor, at: datetime) -> str:
    target = Target.objects.select_for_update().filter(pk=target_id, body_id=by.body_id).first()
    if target is None or not by.may(Permission.DISCLOSURE_PUBLISH):
        raise NotFound
    number = ""
    for delivery in target.deliveries.filter(state=DeliveryState.WAITING).order_by("pk"):
        full = _with_all(delivery.pk)
        arrived = target.deliveries.filter(
            disclosure=delivery.disclosure_id,
            pk__lt=delivery.pk,
            state__in=(DeliveryState.ACCEPTED, DeliveryState.FILED),
        ).exists()
        why = _needless(full, arrived)
        if why:
            _answer(full, DeliveryState.DROPPED, Outcome(False, told=why), at)
            continue
        number = (
            number or f"{clock.local_date(at):%Y%m%d}-{numbers.allot(f'publication.batch.{target.pk}'):04d}"
        )
        full.state, full.batch, full.tried_at = DeliveryState.FILED, number, at
        full.save(update_fields=["state", "batch", "tried_at"])
        DELIVERY.kept(full, at=at)
    return number


def batch_file(*, target_id: int, batch: str, form: str, by: Actor) -> bytes:
    """A batch as a file. Texts withdrawn since the batch was made are left out."""
    target = Target.objects.filter(pk=target_id, body_id=by.body_id).first()
    adapter = _adapters.get(target.adapter) if target else None
    if (
        target is None
        or adapter is None
        or adapter.write is None
        or not by.may(Permission.DISCLOSURE_PUBLISH)
    ):
        raise NotFound
    rows = [
        _with_all(pk)
        for pk in target.deliveries.filter(batch=batch).order_by("pk").values_list("pk", flat=True)
    ]
    if not rows:
        raise NotFound
    return adapter.write(target.options, [parcels.parcel(d) for d in rows if not _needless(d, True)], form)


@transaction.atomic
def answer_enter(
    *, target_id: int, batch: str, refused: dict[str, str], receipt: str, by: Actor, at: datetime
) -> int:
    """登记回执: the platform took the batch but for the decision numbers in ``refused`` (number → reason)."""
    if not by.may(Permission.DISCLOSURE_PUBLISH):
        raise NotFound
    rows = Delivery.objects.filter(target_id=target_id, target__body_id=by.body_id, batch=batch)
    rows = rows.filter(state=DeliveryState.FILED).select_related("disclosure").order_by("pk")
    if not receipt.strip():
        raise Invalid(fields={"receipt": ["请填写对方平台给出的回执编号"]})
    unknown = set(refused) - {row.disclosure.number for row in rows}
    if unknown:
        raise Invalid(fields={"refused": [f"批次中没有文号“{'”“'.join(sorted(unknown))}”"]})
    for row in rows:
        told = refused.get(row.disclosure.number, "")
        state = DeliveryState.REFUSED if told else DeliveryState.ACCEPTED
        _answer(row, state, Outcome(not told, receipt=receipt.strip(), told=told), at)
    return len(rows)


def _with_all(delivery_id: int) -> Delivery:
    return Delivery.objects.select_related("target", "event__version", "disclosure").get(pk=delivery_id)


def _mine(delivery_id: int, by: Actor) -> Delivery:
    found: Any = (
        Delivery.objects.select_for_update().filter(pk=delivery_id, target__body_id=by.body_id).first()
    )
    if found is None or not by.may(Permission.DISCLOSURE_PUBLISH):
        raise NotFound
    row: Delivery = found
    return row
