"""Channels that hold a whole copy of what is public (a government site's directory), kept in step.

``delivering`` carries one event; here everything that waits for a place is answered when the copy there
is in step. Several channels of a body (one per kind of data) may name one place: their copy is one.

Crash story: the copy is brought into step from the public index, not from the events, so a run that died
anywhere is made good by the next, which the event's own message, or the minute's round, brings about;
what died between the switch and the answers finds the copy in step and answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mingzhi.kernel import canonical
from mingzhi.kernel.errors import MingzhiError
from mingzhi.outbox import api as outbox
from mingzhi.publication import delivering, feed
from mingzhi.publication.choices import DeliveryState, Operation
from mingzhi.publication.data import Outcome
from mingzhi.publication.models import Delivery, PublicRecord, Target

FILL = "publication.fill"


def _keeps_whole(row: Target) -> bool:
    adapter = delivering._adapters.get(row.adapter)
    return adapter is not None and adapter.fill is not None


def begin(row: Target, *, at: datetime) -> None:
    """A channel was opened or ended: its copy is made, or taken away, after commit."""
    if _keeps_whole(row):
        outbox.enqueue(FILL, {"target": row.pk}, at=at)


def deliver(delivery_id: int, *, at: datetime) -> bool:
    """Answer a delivery by bringing its channel's copy into step; ``False`` where the channel has none."""
    delivery = Delivery.objects.select_related("target").get(pk=delivery_id)
    if not _keeps_whole(delivery.target):
        return False
    if delivery.state == DeliveryState.WAITING:
        bring(delivery.target_id, at=at)
    return True


def bring(target_id: int, *, at: datetime) -> None:
    """Bring the copy at a channel's place into step and answer what waited for it. Raises what the adapter
    raises (``PlatformAway``: run again later)."""
    row = Target.objects.get(pk=target_id)
    peers = _peers(row)
    fill = delivering._adapters[row.adapter].fill
    assert fill is not None
    # Listed before the index is read: whatever an event changed is in what is read after it.
    waiting = list(
        Delivery.objects.filter(target__in=peers or [row], state=DeliveryState.WAITING)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    tried = Delivery.objects.filter(pk__in=waiting)
    tried.update(tried_at=at)
    if not peers:
        fill(row.options, None, at)
        _answer_all(waiting, "", at)
        return
    marks = feed.marks(row.body_id, {peer.act for peer in peers})
    try:
        receipt = fill(peers[-1].options, marks, at)
    except Exception as error:
        tried.filter(state=DeliveryState.WAITING).update(told=str(error)[:500])
        raise
    _answer_all(waiting, receipt, at)


def _peers(row: Target) -> list[Target]:
    """The channels in force that share the place, oldest first."""
    found = Target.objects.filter(body_id=row.body_id, adapter=row.adapter, ended_at__isnull=True)
    return [peer for peer in found.order_by("pk") if peer.options.get("place") == row.options.get("place")]


def _answer_all(waiting: list[int], receipt: str, at: datetime) -> None:
    for pk in waiting:
        delivery = delivering._with_all(pk)
        why = delivering._needless(delivery, True)
        if why or not receipt:
            delivering._answer(delivery, DeliveryState.DROPPED, Outcome(False, told=why or "渠道已停用"), at)
            continue
        sha256 = "" if delivery.operation == Operation.WITHDRAW else _sha256(delivery)
        delivering._answer(
            delivery, DeliveryState.ACCEPTED, Outcome(True, receipt=receipt, sha256=sha256), at
        )


def _sha256(delivery: Delivery) -> str:
    assert delivery.event.version is not None
    return canonical.digest(delivery.event.version.content)


def round_all(*, at: datetime) -> None:
    """The minute's round: every place once, so that a copy that fell behind for whatever reason is in step. A
    place that cannot be reached holds up no other; its error is raised when all had their turn."""
    places: dict[tuple[int, str], int] = {}
    for row in Target.objects.order_by("pk"):
        if _keeps_whole(row):
            places[row.body_id, str(row.options.get("place"))] = row.pk
    failed: MingzhiError | None = None
    for pk in places.values():
        try:
            bring(pk, at=at)
        except MingzhiError as error:
            failed = error
    if failed is not None:
        raise failed


def differences(row: Target, theirs: Mapping[int, str]) -> list[str]:
    """对账: the copy's own words for what it holds against the public index, in sentences."""
    held = dict(theirs)
    found = []
    records: Any = PublicRecord.objects.filter(
        body_id=row.body_id, kind__in={peer.act for peer in _peers(row)} or {row.act}
    )
    for record in records.select_related("version").order_by("pk").iterator(chunk_size=500):
        there = held.pop(record.pk, None)
        if not record.shown and there is not None:
            found.append(f"{record.number}：本机关已撤下，目录中仍有")
        elif record.shown and there is None:
            found.append(f"{record.number}：正在公示，目录中没有")
        elif record.shown and there != canonical.digest(record.version.content):
            found.append(f"{record.number}：目录中的内容与公示的不一致")
    return found + [f"公示编号 {pk}：目录中有，本机关没有公示" for pk in sorted(held)]
