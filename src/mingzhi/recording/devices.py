"""执法音像记录设备: the register, who holds what, checks before use, and how many a unit needs (R083)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction

from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording.choices import DeviceAct, DeviceKind, DeviceState
from mingzhi.recording.errors import DeviceBusy, DeviceKnown, DeviceNotFound
from mingzhi.recording.events import DEVICE, DEVICE_EVENT
from mingzhi.recording.models_equipment import Device, DeviceEvent

#: What is asked before use. Local practice (实例，待核实), so a shortfall is noted and never forbids a use.
CHECK_BASIS = "地方音像记录管理规定（实例，待核实）：使用前检查电量、存储空间和日期时间"
#: Below these per cent left a check says so.
LOW_BATTERY, LOW_STORAGE = 30, 20
#: How old the latest check may be when a recording begins.
CHECK_AGE = timedelta(hours=24)
#: A device's clock and true time may differ by this much before anyone must look.
CLOCK_TOLERANCE = timedelta(minutes=5)

#: From which states an act leads, and to which state; ``None`` leaves the state as it is.
MOVES: Mapping[DeviceAct, tuple[frozenset[DeviceState], DeviceState | None]] = MappingProxyType(
    {
        DeviceAct.ISSUED: (frozenset({DeviceState.STORED}), DeviceState.ISSUED),
        DeviceAct.RETURNED: (frozenset({DeviceState.ISSUED}), DeviceState.STORED),
        DeviceAct.CHECKED: (frozenset({DeviceState.STORED, DeviceState.ISSUED}), None),
        DeviceAct.FAULTED: (frozenset({DeviceState.STORED, DeviceState.ISSUED}), DeviceState.FAULTY),
        DeviceAct.REPAIRED: (frozenset({DeviceState.FAULTY}), DeviceState.STORED),
        DeviceAct.SUSPENDED: (frozenset({DeviceState.STORED, DeviceState.ISSUED}), DeviceState.SUSPENDED),
        DeviceAct.RESUMED: (frozenset({DeviceState.SUSPENDED}), DeviceState.STORED),
        DeviceAct.RETIRED: (
            frozenset({DeviceState.STORED, DeviceState.FAULTY, DeviceState.SUSPENDED}),
            DeviceState.RETIRED,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device as the register shows it. ``checked_at`` and ``offset_s`` are of its latest check."""

    id: int
    body_id: int
    unit_id: int | None
    unit_name: str
    kind: str
    kind_label: str
    asset_number: str
    model_name: str
    serial: str
    acquired_on: date | None
    state: str
    state_label: str
    holder_id: int | None
    holder_name: str
    checked_at: datetime | None = None
    offset_s: int | None = None
    passed: bool | None = None
    acts: tuple[str, ...] = field(default=())


# --- writes ---------------------------------------------------------------------------------------


@transaction.atomic
def device_register(
    *,
    kind: str,
    asset_number: str,
    unit_id: int | None = None,
    model_name: str = "",
    serial: str = "",
    acquired_on: date | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Enter a device of ``by``'s body. One asset number is one device (``DeviceKnown``)."""
    organisations.require(by, Permission.DEVICE_MANAGE, body_id=by.body_id)
    problems = Problems()
    number = asset_number.strip()
    if kind not in DeviceKind.values:
        problems.add("kind", "请选择设备类别")
    if not 2 <= len(number) <= 40:
        problems.add("asset_number", "请填写设备编号（资产标签上的编号，2 至 40 个字符）")
    if acquired_on is not None and acquired_on > clock.local_date(at):
        problems.add("acquired_on", "购置日期晚于今天，请核对")
    if unit_id is not None and unit_id not in {u.id for u in organisations.units(by.body_id)}:
        problems.add("unit", "请选择本机关的内设机构")
    problems.raise_if_any()
    if Device.objects.filter(body_id=by.body_id, asset_number=number).exists():
        raise DeviceKnown(number=number)
    try:
        with transaction.atomic():
            device = Device.objects.create(
                body_id=by.body_id,
                unit_id=unit_id,
                kind=kind,
                asset_number=number,
                model_name=model_name.strip()[:80],
                serial=serial.strip()[:80],
                acquired_on=acquired_on,
            )
    except IntegrityError:
        raise DeviceKnown(number=number) from None
    DEVICE.kept(device, at=at)
    event(device, DeviceAct.REGISTERED, by=by, at=at)
    return device.pk


@transaction.atomic
def device_act(
    *,
    device_id: int,
    act: str,
    person_id: int | None = None,
    battery: int | None = None,
    storage: int | None = None,
    offset_s: int | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """One thing that happens to a device: issue, return, check, fault, repair, suspend, retire. Returns the event.

    Keepers do all of it; who holds a device (any officer, of one in store) checks it and reports its faults; the head of the unit whose
    officer holds it (or whose it is) suspends it and lets it go on. A phone that is suspended or taken
    back shows no certificate from then on. The device's row is held,
    so of two people who take the last one the second is told who has it (``DeviceBusy``).
    """
    device = Device.objects.select_for_update(of=("self",)).filter(pk=device_id, body_id=by.body_id).first()
    if device is None or act not in MOVES:
        raise DeviceNotFound()
    own = act in {DeviceAct.CHECKED, DeviceAct.FAULTED} and may_handle(by, device.holder_id)
    if not own and not (act in {DeviceAct.SUSPENDED, DeviceAct.RESUMED} and heads(by, device)):
        organisations.require(by, Permission.DEVICE_MANAGE, body_id=device.body_id)
    wanted = DeviceAct(act)
    sources, target = MOVES[wanted]
    if device.state not in sources:
        holder = f"（领用人：{device.holder.name}）" if device.holder is not None else ""
        raise DeviceBusy(
            number=device.asset_number,
            state=DeviceState(device.state).label,
            holder=holder,
            act=wanted.label,
        )
    problems = Problems()
    person = _person(problems, wanted, device, person_id, by)
    _check_figures(problems, wanted, battery, storage, offset_s)
    if wanted in _WHY and len(note.strip()) < 2:
        problems.add("note", f"请写明{_WHY[wanted]}")
    problems.raise_if_any()
    passed = fit(battery, storage, offset_s) if wanted == DeviceAct.CHECKED else None
    if target is not None:
        if device.kind == DeviceKind.TERMINAL and device.holder_id is not None:
            card_ended(device, wanted.label, at)
        moved(device, target, person, at=at)
    return event(
        device,
        wanted,
        person=person,
        battery=battery,
        storage=storage,
        offset_s=offset_s,
        passed=passed,
        note=note,
        by=by,
        at=at,
    )


_WHY: Mapping[DeviceAct, str] = MappingProxyType(
    {DeviceAct.FAULTED: "故障情况", DeviceAct.RETIRED: "报废原因", DeviceAct.SUSPENDED: "停用原因"}
)


def may_handle(by: Actor, holder_id: int | None) -> bool:
    """Whether ``by`` may check the device and report its faults: an officer, nobody else holding it."""
    return by.may(Permission.CASE_ACT) and holder_id in {None, by.person_id}


def heads(by: Actor, device: Device) -> bool:
    """Whether the device is in the hands, or in the stock, of the unit that ``by`` heads."""
    units = {device.unit_id, device.holder.unit_id if device.holder is not None else None}
    last = device.events.filter(act=DeviceAct.ISSUED).select_related("person").order_by("pk").last()
    if device.holder is None and last is not None and last.person is not None:
        units.add(last.person.unit_id)
    return by.may(Permission.CASE_UNIT_CHECK) and by.unit_id is not None and by.unit_id in units


def headed(by: Actor, device_id: int) -> bool:
    """``heads`` for a page that has the device's number only."""
    device = Device.objects.select_related("holder").filter(pk=device_id, body_id=by.body_id).first()
    return device is not None and heads(by, device)


def moved(device: Device, state: DeviceState, person_id: int | None, *, at: datetime) -> None:
    """Write the state that an event leads to; the caller holds the row and writes the event."""
    device.state = state
    device.holder_id = person_id if state == DeviceState.ISSUED else None
    device.save(update_fields=["state", "holder"])
    DEVICE.kept(device, at=at)


def card_ended(device: Device, why: str, at: datetime) -> None:
    """The phone left its holder's hands: it shows their certificate no more."""
    organisations.card_keys.card_keys_end(
        person_id=device.holder_id or 0,
        device=device.serial,
        reason=f"移动执法终端{why}",
        by=organisations.system_actor(device.body_id, frozenset({Permission.CERTIFICATE_MANAGE})),
        at=at,
    )


def _person(
    problems: Problems, act: DeviceAct, device: Device, person_id: int | None, by: Actor
) -> int | None:
    """Whom the event concerns: the receiver of an issue, the holder who returns, who checked."""
    if act == DeviceAct.ISSUED:
        try:
            person = organisations.person(person_id or 0)
        except NotFound:
            person = None
        if person is None or person.body_id != device.body_id:
            problems.add("person", "请选择本机关的领用人")
        return person_id
    if act in {DeviceAct.RETURNED, DeviceAct.SUSPENDED}:
        return device.holder_id
    return by.person_id


def _check_figures(
    problems: Problems, act: DeviceAct, battery: int | None, storage: int | None, offset_s: int | None
) -> None:
    if act != DeviceAct.CHECKED:
        if (battery, storage, offset_s) != (None, None, None):
            problems.add("act", "电量、存储和时钟误差只在使用前检查时填写")
        return
    for name, value, label in (("battery", battery, "电量"), ("storage", storage, "剩余存储空间")):
        if value is None or not 0 <= value <= 100:
            problems.add(name, f"请填写{label}（0 至 100 的百分数）")
    if offset_s is None or abs(offset_s) > 10 * 366 * 86400:
        problems.add("offset", "请填写设备时钟与实际时间的误差（秒，快为正、慢为负，准确填 0）")


def fit(battery: int | None, storage: int | None, offset_s: int | None) -> bool:
    """Whether a check found the device fit for use; what it could not read does not count against it."""
    return (
        (battery is None or battery >= LOW_BATTERY)
        and (storage is None or storage >= LOW_STORAGE)
        and abs(offset_s or 0) <= CLOCK_TOLERANCE.total_seconds()
    )


def event(device: Device, act: DeviceAct, *, by: Actor, at: datetime, note: str = "", **facts: Any) -> int:
    """One row of what happened to a device, with its ledger entry."""
    person = facts.pop("person", None)
    row = DeviceEvent.objects.create(
        device=device,
        act=act,
        person_id=person,
        note=note.strip()[:300],
        by=by.label,
        by_name=by.name[:60],
        at=at,
        **facts,
    )
    DEVICE_EVENT.kept(row, at=at)
    return row.pk


# --- reads ----------------------------------------------------------------------------------------


def devices(body_id: int, *, kind: str = "", state: str = "", query: str = "") -> list[DeviceView]:
    """The register of a body, by asset number; two queries."""
    rows = Device.objects.filter(body_id=body_id).select_related("holder", "unit")
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if query:
        rows = rows.filter(asset_number__icontains=query) | rows.filter(holder__name__contains=query)
    kept = list(rows.order_by("asset_number")[:500])
    checks = {
        e.device_id: e
        for e in DeviceEvent.objects.filter(device__in=kept, act=DeviceAct.CHECKED).order_by("at", "pk")
    }
    return [_view(row, checks.get(row.pk)) for row in kept]


def device(body_id: int, device_id: int) -> DeviceView:
    row = Device.objects.select_related("holder", "unit").filter(pk=device_id, body_id=body_id).first()
    if row is None:
        raise DeviceNotFound()
    return _view(row, row.events.filter(act=DeviceAct.CHECKED).order_by("at", "pk").last())


def events(device_id: int) -> list[DeviceEvent]:
    """What happened to a device, newest first, to be shown."""
    return list(
        DeviceEvent.objects.filter(device_id=device_id).select_related("person").order_by("-at", "-pk")[:200]
    )


def held_by(person_id: int | None) -> list[DeviceView]:
    """What a person holds today."""
    if person_id is None:
        return []
    rows = Device.objects.filter(holder_id=person_id, state=DeviceState.ISSUED)
    return [
        _view(row, row.events.filter(act=DeviceAct.CHECKED).order_by("at", "pk").last())
        for row in rows.select_related("holder", "unit").order_by("asset_number")
    ]


def _view(row: Device, check: DeviceEvent | None) -> DeviceView:
    return DeviceView(
        id=row.pk,
        body_id=row.body_id,
        unit_id=row.unit_id,
        unit_name=row.unit.name if row.unit is not None else "",
        kind=row.kind,
        kind_label=DeviceKind(row.kind).label,
        asset_number=row.asset_number,
        model_name=row.model_name,
        serial=row.serial,
        acquired_on=row.acquired_on,
        state=row.state,
        state_label=DeviceState(row.state).label,
        holder_id=row.holder_id,
        holder_name=row.holder.name if row.holder is not None else "",
        checked_at=check.at if check is not None else None,
        offset_s=check.offset_s if check is not None else None,
        passed=check.passed if check is not None else None,
        acts=tuple(a.value for a, (sources, _) in MOVES.items() if row.state in sources),
    )


def folded(device_id: int) -> tuple[str, int | None]:
    """State and holder as the events tell them; must equal the row."""
    state, holder = DeviceState.STORED, None
    rows = DeviceEvent.objects.filter(device_id=device_id).order_by("pk").values_list("act", "person_id")
    for act, person_id in rows:
        target = MOVES[DeviceAct(act)][1] if act in MOVES else None
        if target is not None:
            state, holder = target, person_id if target == DeviceState.ISSUED else None
    return state, holder


# --- what a deposit asks --------------------------------------------------------------------------


def find(body_id: int, asset_number: str) -> Device | None:
    """The registered device of this body with this number."""
    number = asset_number.strip()
    return Device.objects.filter(body_id=body_id, asset_number=number).first() if number else None


def clock_offset(device: Device | None, moment: datetime) -> int:
    """Seconds by which the device's clock was found ahead at its latest check up to ``moment``; 0 if none."""
    if device is None:
        return 0
    found = (
        device.events.filter(act=DeviceAct.CHECKED, at__lte=moment, offset_s__isnull=False)
        .order_by("at", "pk")
        .values_list("offset_s", flat=True)
        .last()
    )
    return found or 0


def holder_at(device: Device, moment: datetime) -> tuple[int | None, str]:
    """Who had the device at ``moment`` by its issues and returns: id and name; nobody when it was in store."""
    row = (
        device.events.filter(at__lte=moment)
        .exclude(act=DeviceAct.CHECKED)
        .select_related("person")
        .order_by("at", "pk")
        .last()
    )
    if row is None or row.act != DeviceAct.ISSUED or row.person is None:
        return None, ""
    return row.person.pk, row.person.name


def remarks(device: Device | None, number: str, operator_id: int | None, start: datetime) -> list[str]:
    """What should be looked at about the device a recording names. Never a refusal: the recording is there."""
    if device is None:
        return [f"设备“{number.strip()}”不在本机关设备台账中，请核对设备编号"] if number.strip() else []
    noted = []
    holder, name = holder_at(device, start)
    if device.kind == DeviceKind.FIXED:
        pass
    elif holder is None:
        noted.append(f"设备 {device.asset_number} 在记录开始时没有领用登记，请核对")
    elif operator_id is not None and holder != operator_id:
        noted.append(f"设备 {device.asset_number} 当时由{name}领用，与记录人不一致，请核对")
    check = device.events.filter(act=DeviceAct.CHECKED, at__lte=start).order_by("at", "pk").last()
    if check is None or start - check.at > CHECK_AGE:
        noted.append(f"设备 {device.asset_number} 使用前 24 小时内没有检查登记（电量、存储、日期时间）")
    elif check.passed is False:
        noted.append(f"设备 {device.asset_number} 使用前检查未通过（电量、存储不足或者时钟不准）")
    return noted


# --- how many are needed --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Need:
    """How many devices by the bureau's own figures: by people, by workload, with reserve, and what is short."""

    by_officers: int
    by_hours: int
    needed: int
    have: int

    @property
    def short(self) -> int:
        return max(0, self.needed - self.have)


def need(
    *,
    officers: int,
    officers_per_device: int,
    hours_per_month: int,
    device_hours_per_month: int,
    reserve_percent: int,
    have: int,
) -> Need:
    """按执法工作量和人员数量确定 (R083): the larger of both, plus the reserve, rounded up.

    Every figure is the bureau's; none is law. ``Invalid`` when a divisor is not positive or a figure negative.
    """
    problems = Problems()
    for name, value in (
        ("officers_per_device", officers_per_device),
        ("device_hours", device_hours_per_month),
    ):
        if value < 1:
            problems.add(name, "应为不小于 1 的整数")
    for name, value in (("officers", officers), ("hours", hours_per_month), ("reserve", reserve_percent)):
        if value < 0:
            problems.add(name, "应为不小于 0 的整数")
    problems.raise_if_any()
    by_officers = math.ceil(officers / officers_per_device)
    by_hours = math.ceil(hours_per_month / device_hours_per_month)
    most = max(by_officers, by_hours)
    needed = -(-most * (100 + reserve_percent) // 100)
    return Need(by_officers, by_hours, needed, have)
