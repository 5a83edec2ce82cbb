"""公示渠道: which platform gets which kind of a body's disclosures, and how each stands (R046, R048, R049).

How a platform is spoken to is an adapter, registered from the room above; here is what all have in
common. ``delivering`` is what happens to one event on its way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import filling
from mingzhi.publication.carriers import carriers, handover_enter, handovers
from mingzhi.publication.choices import Channel, DecisionKind, DeliveryState, Operation
from mingzhi.publication.data import BatchView, DeliveryView, Outcome, Parcel, PublicMark, TargetView
from mingzhi.publication.delivering import (
    _adapters,
    answer_enter,
    batch_file,
    batch_make,
    retry,
)
from mingzhi.publication.events import TARGET
from mingzhi.publication.models import Delivery, Target

__all__ = [
    "Adapter",
    "answer_enter",
    "batch_file",
    "batch_make",
    "batches",
    "carriers",
    "clean_names",
    "handover_enter",
    "handovers",
    "offered",
    "reconcile",
    "register",
    "retry",
    "target_end",
    "target_set",
    "targets",
]
_SEES = (
    Permission.CONFIG_MANAGE,
    Permission.DISCLOSURE_COLLECT,
    Permission.DISCLOSURE_CHECK,
    Permission.DISCLOSURE_PUBLISH,
)


@dataclass(frozen=True)
class Adapter:
    """How a kind of platform is spoken to.

    ``send`` gives one parcel over and says what the platform answered; it raises ``PlatformAway`` when
    there is no answer to rely on. ``write`` makes a file of many parcels for platforms fed by hand.
    ``fill`` keeps a whole copy of what is public at the place named by ``options["place"]`` in step with
    the marks given, and returns the copy's number; with ``None`` it takes the copy away.
    One of the three is there. ``standing`` asks what the platform holds: disclosure → SHA-256 of what was
    sent. ``check`` refuses settings that cannot work.
    """

    code: str
    label: str
    channel: str
    acts: tuple[str, ...]
    check: Callable[[Mapping[str, Any], str, Problems], None]
    send: Callable[[Mapping[str, Any], str, Parcel], Outcome] | None = None
    write: Callable[[Mapping[str, Any], Sequence[Parcel], str], bytes] | None = None
    fill: Callable[[Mapping[str, Any], Sequence[PublicMark] | None, datetime], str] | None = None
    standing: Callable[[Mapping[str, Any], str], dict[int, str]] | None = None
    digest: Callable[[Mapping[str, Any], Parcel], str] | None = None
    note: str = ""


def register(adapter: Adapter) -> None:
    """Offer an adapter; registering again replaces it."""
    _adapters[adapter.code] = adapter


def offered() -> list[Adapter]:
    """The adapters there are."""
    return list(_adapters.values())


@transaction.atomic
def target_set(
    *,
    name: str,
    act: str,
    adapter: str,
    options: Mapping[str, Any],
    secret: str = "",
    citation: str,
    by: Actor,
    at: datetime,
) -> int:
    """Open a channel for the person's body: from now on what becomes public of ``act`` goes there too."""
    organisations.require(by, Permission.CONFIG_MANAGE, body_id=by.body_id)
    problems = Problems()
    found = _adapters.get(adapter)
    if not name.strip():
        problems.add("name", "请填写渠道名称，如“信用中国”")
    if not citation.strip():
        problems.add("citation", "请填写要求向该平台公示的文件名称和条款")
    if act not in DecisionKind.values:
        problems.add("act", "请选择数据种类")
    if found is None:
        problems.add("adapter", "请选择报送方式")
    else:
        if act in DecisionKind.values and act not in found.acts:
            problems.add("act", f"“{found.label}”不适用于{DecisionKind(act).label}")
        found.check(options, secret, problems)
    problems.raise_if_any()
    if found is not None and found.fill is not None:
        body = organisations.body(by.body_id)
        options = {**options, "place": f"{body.credit_code or body.id}/{options['folder']}"}
    row = Target.objects.create(
        body_id=by.body_id,
        name=name.strip()[:80],
        act=act,
        adapter=adapter,
        channel=found.channel if found else Channel.PORTAL,
        options=dict(options),
        secret=secret,
        citation=citation.strip()[:300],
        set_by=by.label,
        set_at=at,
    )
    TARGET.kept(row, at=at)
    filling.begin(row, at=at)
    return row.pk


@transaction.atomic
def target_end(*, target_id: int, by: Actor, at: datetime) -> None:
    """Close a channel. What waits for it is not sent any more; a whole copy that no other channel keeps is
    taken away."""
    organisations.require(by, Permission.CONFIG_MANAGE, body_id=by.body_id)
    row = _target(by, target_id)
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    TARGET.kept(row, at=at)
    filling.begin(row, at=at)


def targets(by: Actor) -> list[TargetView]:
    """The body's channels with how each stands; ended ones last."""
    if not any(by.may(p) for p in _SEES):
        organisations.require(by, Permission.CONFIG_MANAGE)
    rows = sorted(Target.objects.filter(body_id=by.body_id), key=lambda t: (t.ended_at is not None, t.pk))
    return [_view(row) for row in rows]


def _view(row: Target) -> TargetView:
    adapter = _adapters.get(row.adapter)
    counts = dict.fromkeys(DeliveryState.values, 0)
    counts |= {
        str(state): n for state, n in row.deliveries.order_by().values_list("state").annotate(n=Count("id"))
    }
    last = row.deliveries.filter(state=DeliveryState.ACCEPTED).order_by("-answered_at", "-pk").first()
    trouble = row.deliveries.filter(state__in=(DeliveryState.REFUSED, DeliveryState.WAITING)).exclude(told="")
    return TargetView(
        id=row.pk,
        name=row.name,
        act=row.act,
        act_label=row.get_act_display(),
        adapter=row.adapter,
        adapter_label=adapter.label if adapter else row.adapter,
        by_file=adapter is not None and adapter.write is not None,
        reconciles=adapter is not None and adapter.standing is not None,
        options=row.options,
        citation=row.citation,
        ended=row.ended_at is not None,
        last_receipt=last.receipt if last else "",
        last_at=last.answered_at if last else None,
        counts=counts,
        trouble=tuple(delivery_view(d) for d in trouble.select_related("disclosure").order_by("-pk")[:50]),
    )


def batches(target_id: int, by: Actor, *, limit: int = 10) -> list[BatchView]:
    """The newest batches of a channel of the person's body."""
    rows = (
        Delivery.objects.filter(target_id=target_id, target__body_id=by.body_id)
        .exclude(batch="")
        .order_by()
        .values("batch")
        .annotate(n=Count("id"), open=Count("id", filter=Q(state=DeliveryState.FILED)))
        .order_by("-batch")
    )
    return [BatchView(row["batch"], row["n"], row["open"]) for row in rows[:limit]]


def delivery_view(row: Delivery) -> DeliveryView:
    return DeliveryView(
        id=row.pk,
        disclosure=row.disclosure_id,
        number=row.disclosure.number,
        operation_label=row.get_operation_display(),
        state=row.state,
        state_label=row.get_state_display(),
        made_at=row.made_at,
        tried_at=row.tried_at,
        told=row.told,
        receipt=row.receipt,
        batch=row.batch,
    )


def reconcile(*, target_id: int, by: Actor, at: datetime) -> list[str]:
    """对账: what the platform says it holds against what it accepted from us; differences in sentences."""
    if not any(by.may(p) for p in _SEES):
        organisations.require(by, Permission.CONFIG_MANAGE)
    row = _target(by, target_id)
    adapter = _adapters.get(row.adapter)
    if adapter is None or adapter.standing is None:
        raise Invalid("该报送方式不支持对账", remedy="请与对方平台人工核对")
    theirs = adapter.standing(row.options, row.secret)
    if adapter.fill is not None:
        return filling.differences(row, theirs)
    found = []
    for delivery in _latest(row):
        number, pk = delivery.disclosure.number, delivery.disclosure_id
        held = theirs.pop(pk, None)
        if delivery.operation == Operation.WITHDRAW:
            if held is not None:
                found.append(f"{number}：本机关已撤下，对方仍在公示")
        elif held is None:
            found.append(f"{number}：已报送，对方没有")
        elif held != delivery.sha256:
            found.append(f"{number}：对方保存的内容与报送的不一致")
    found += [f"公示编号 {pk}：对方有，本机关没有报送记录" for pk in sorted(theirs)]
    return found


def _latest(row: Target) -> list[Delivery]:
    """The last accepted delivery of each disclosure."""
    kept = {}
    for delivery in (
        row.deliveries.filter(state=DeliveryState.ACCEPTED).select_related("disclosure").order_by("pk")
    ):
        kept[delivery.disclosure_id] = delivery
    return list(kept.values())


def _target(by: Actor, target_id: int) -> Target:
    row = Target.objects.filter(pk=target_id, body_id=by.body_id).first()
    if row is None:
        raise NotFound
    return row


def clean_names(text: str) -> dict[str, str]:
    """A field map as typed, ``名称 = CODE`` a line. ``Invalid`` for lines of another form."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        name, gap, code = (part.strip() for part in line.partition("="))
        if not gap or not name or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", code):
            raise Invalid(
                fields={"names": [f"“{line.strip()[:40]}”应写成“名称 = 代码”，代码为英文字母、数字和下划线"]}
            )
        found[name] = code
    return found
