"""移动执法终端: phones of the field face as devices of the register (R083).

A phone enters the register with a code that the keeper of the equipment was shown (norm
``terminal.registration``; where it says ``login``, its officer's log-in is enough), under the number its records name. Who logs in on it takes it, by log-out it
is returned, another person's log-in takes it from the former, whose certificate it then shows no more; each is an event like a keeper's. What is
suspended, faulty or retired opens to nobody until the register says otherwise.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.kernel.secrets import fingerprint
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import devices
from mingzhi.recording.choices import DeviceAct, DeviceKind, DeviceState
from mingzhi.recording.devices import DeviceView
from mingzhi.recording.errors import DeviceKnown, TerminalBarred, TerminalUnknown, TerminalUnregistered
from mingzhi.recording.events import DEVICE
from mingzhi.recording.models_equipment import Device, TerminalPass

__all__ = [
    "by_code",
    "holder_at",
    "number_of",
    "offset_known",
    "terminal_allow",
    "terminal_enrol",
    "terminal_leave",
    "terminal_require",
]

PASS_FOR = timedelta(minutes=30)
NOTED_EVERY = timedelta(hours=12)
NOTED_CHANGE_S = 30
"""A clock that moved by more than this since it was last noted is noted again."""


def number_of(key: str) -> str:
    """A phone as it is written in registers: short, and told apart from others."""
    return f"手机 {key[:8].upper()}"


def by_code(body_id: int, at: datetime) -> bool:
    """Whether a phone of this body enters the register only with a code that the keeper allowed."""
    body = organisations.body(body_id)
    norm = catalogue.norm("terminal.registration", body=body, on=clock.local_date(at))
    return bool(norm.value == "code")


@transaction.atomic
def terminal_allow(*, by: Actor, at: datetime) -> tuple[str, datetime]:
    """A code of eight digits for one phone, and until when it is good. It is kept as a digest only."""
    organisations.require(by, Permission.DEVICE_MANAGE, body_id=by.body_id)
    code = f"{secrets.randbelow(10**8):08d}"
    TerminalPass.objects.filter(body_id=by.body_id, valid_until__lte=at).delete()
    TerminalPass.objects.create(
        body_id=by.body_id,
        mark=_mark(by.body_id, code),
        allowed_by=by.label,
        allowed_name=by.name[:60],
        valid_until=at + PASS_FOR,
    )
    ledger.attempt("recording:terminal:allowed", f"body:{by.body_id}", by=by.label, at=at)
    return code, at + PASS_FOR


def _mark(body_id: int, code: str) -> str:
    return fingerprint(f"terminal:{body_id}:{code}")


def _spent(code: str, *, by: Actor, at: datetime) -> str:
    """Who allowed this phone; the code is good for no other. ``TerminalUnregistered`` without one that is."""
    if not code:
        raise TerminalUnregistered()
    found = (
        TerminalPass.objects.select_for_update()
        .filter(body_id=by.body_id, mark=_mark(by.body_id, code), spent_at=None, valid_until__gt=at)
        .first()
    )
    if found is None:
        raise TerminalUnregistered("登记码不正确、已经使用或者已过有效期")
    found.spent_at = at
    found.save(update_fields=["spent_at"])
    return found.allowed_name


@transaction.atomic
def terminal_enrol(
    *,
    key: str,
    phone_at: datetime,
    battery: int | None,
    storage: int | None,
    code: str = "",
    by: Actor,
    at: datetime,
) -> DeviceView:
    """A phone is here, in ``by``'s hands: into the register if it is new, into their hands if it was not,
    and how far its clock is from ours, as read now. ``code``: the keeper's, for one that is new.
    ``TerminalBarred`` where it may not be used, ``TerminalUnregistered`` where nobody allowed it."""
    organisations.require(by, Permission.CASE_ACT)
    if by.person_id is None:
        raise TerminalUnknown("只有登记在册的执法人员可以使用移动执法终端")
    device = _held(by.body_id, key) or _entered(key, code, by=by, at=at)
    if device.state not in {DeviceState.STORED, DeviceState.ISSUED}:
        raise _barred(device)
    if device.holder_id not in {None, by.person_id}:
        devices.event(
            device, DeviceAct.RETURNED, person=device.holder_id, note="他人在本机登录", by=by, at=at
        )
        devices.card_ended(device, "由他人登录", at)
        device.holder_id = None
    if device.holder_id is None:
        devices.moved(device, DeviceState.ISSUED, by.person_id, at=at)
        devices.event(device, DeviceAct.ISSUED, person=by.person_id, note="登录现场执法", by=by, at=at)
    _noted(device, phone_at, battery, storage, by=by, at=at)
    return devices.device(by.body_id, device.pk)


def _held(body_id: int, key: str) -> Device | None:
    return (
        Device.objects.select_for_update(of=("self",))
        .filter(body_id=body_id, kind=DeviceKind.TERMINAL, serial=key)
        .first()
    )


def _entered(key: str, code: str, *, by: Actor, at: datetime) -> Device:
    allowed = _spent(code, by=by, at=at) if by_code(by.body_id, at) else ""
    note = f"首次登录现场执法，{allowed}允许登记" if allowed else "首次登录现场执法"
    try:
        with transaction.atomic():
            device = Device.objects.create(
                body_id=by.body_id,
                unit_id=by.unit_id,
                kind=DeviceKind.TERMINAL,
                asset_number=number_of(key),
                serial=key,
            )
            DEVICE.kept(device, at=at)
            devices.event(device, DeviceAct.REGISTERED, note=note, by=by, at=at)
    except IntegrityError:
        # Somebody entered it between our look and our write; or another phone bears this number.
        found = _held(by.body_id, key)
        if found is None:
            raise DeviceKnown(number=number_of(key)) from None
        return found
    return device


def _noted(
    device: Device, phone_at: datetime, battery: int | None, storage: int | None, *, by: Actor, at: datetime
) -> None:
    offset = round((phone_at - at).total_seconds())
    if abs(offset) > 10 * 366 * 86400:
        raise Invalid("手机时钟无法识别", code="recording.terminal_clock", remedy="请校准手机时钟后重试")
    last = device.events.filter(act=DeviceAct.CHECKED).order_by("at", "pk").last()
    if (
        last is not None
        and at - last.at < NOTED_EVERY
        and abs((last.offset_s or 0) - offset) <= NOTED_CHANGE_S
    ):
        return
    devices.event(
        device,
        DeviceAct.CHECKED,
        person=by.person_id,
        battery=battery,
        storage=storage,
        offset_s=offset,
        passed=devices.fit(battery, storage, offset),
        note="联网时由系统读取",
        by=by,
        at=at,
    )


@transaction.atomic
def terminal_leave(*, key: str, by: Actor, at: datetime) -> None:
    """Log-out on the phone: it is returned."""
    device = _held(by.body_id, key)
    if device is None or device.state != DeviceState.ISSUED or device.holder_id != by.person_id:
        return
    devices.event(device, DeviceAct.RETURNED, person=by.person_id, note="退出现场执法", by=by, at=at)
    devices.moved(device, DeviceState.STORED, None, at=at)


def terminal_require(*, key: str, by: Actor) -> None:
    """The phone is in this person's hands by the register; ``TerminalBarred`` or ``TerminalUnknown``."""
    device = Device.objects.filter(body_id=by.body_id, kind=DeviceKind.TERMINAL, serial=key).first()
    if device is not None and device.state not in {DeviceState.STORED, DeviceState.ISSUED}:
        raise _barred(device)
    if device is None or by.person_id is None or device.holder_id != by.person_id:
        raise TerminalUnknown()


def _barred(device: Device) -> TerminalBarred:
    return TerminalBarred(number=device.asset_number, state=DeviceState(device.state).label)


def holder_at(body_id: int, key: str, moment: datetime) -> int | None:
    """Who had the phone at ``moment``, by the register."""
    device = Device.objects.filter(body_id=body_id, kind=DeviceKind.TERMINAL, serial=key).first()
    return devices.holder_at(device, moment)[0] if device is not None else None


def offset_known(body_id: int, key: str, moment: datetime) -> int | None:
    """Seconds by which the phone's clock was ahead when it was last here up to ``moment``; None if never."""
    device = Device.objects.filter(body_id=body_id, kind=DeviceKind.TERMINAL, serial=key).first()
    if device is None:
        return None
    read = device.events.filter(act=DeviceAct.CHECKED, at__lte=moment, offset_s__isnull=False)
    return read.order_by("at", "pk").values_list("offset_s", flat=True).last()
