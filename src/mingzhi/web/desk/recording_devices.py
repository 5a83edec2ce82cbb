"""执法设备: the register, issue and return, checks before use, and how many are needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.recording.choices import DeviceAct, DeviceKind, DeviceState
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.recordings import enter, sections
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    beside,
    day_or_none,
    given,
    number,
    shown,
    today,
)

devices = recording.devices
_OWN = {DeviceAct.CHECKED.value, DeviceAct.FAULTED.value}
#: The calculator's questions: name, words, and what stands there before anybody asked.
_FIGURES = (
    ("officers", gettext_noop("持证执法人员数"), 0),
    ("officers_per_device", gettext_noop("每几名执法人员配 1 台"), 2),
    ("hours", gettext_noop("每月音像记录时长（小时）"), 0),
    ("device_hours", gettext_noop("每台每月可承担时长（小时）"), 40),
    ("reserve", gettext_noop("备用比例（%）"), 10),
)


@forms
def page(request: HttpRequest) -> HttpResponse:
    """Who holds what today; entering a device; the calculator."""
    enter(by_of(request))
    if request.method != "POST":
        return _page(request)
    refused = attempted(
        request,
        lambda: devices.device_register(
            kind=given(request, "kind", 16),
            asset_number=given(request, "asset_number", 60),
            unit_id=number(given(request, "unit", 12)),
            model_name=given(request, "model_name", 80),
            serial=given(request, "serial", 80),
            acquired_on=day_or_none(given(request, "acquired_on", 10)),
            by=by_of(request),
            at=at_of(request),
        ),
        _("设备已登记入库"),
    )
    return answered(request, refused, reverse("desk:devices"), lambda r: _page(request, r))


@require_POST
def phone_code(request: HttpRequest) -> HttpResponse:
    """A code with which one phone may enter the register; shown here once and kept nowhere."""
    enter(by_of(request))
    code, until = recording.terminals.terminal_allow(by=by_of(request), at=at_of(request))
    return _page(request, code={"text": f"{code[:4]} {code[4:]}", "until": until})


def _page(
    request: HttpRequest, refused: Refused | None = None, code: dict[str, Any] | None = None
) -> HttpResponse:
    by = by_of(request)
    kind, state = (request.GET.get(n, "")[:16] for n in ("kind", "state"))
    rows = devices.devices(by.body_id, kind=kind, state=state, query=request.GET.get("q", "").strip()[:40])
    return shown(
        request,
        "desk/recordings/devices.html",
        {
            "sections": sections(by, "devices"),
            "phone_code": code,
            "by_code": recording.terminals.by_code(by.body_id, at_of(request)),
            "rows": rows,
            "kind": kind,
            "state": state,
            "kinds": DeviceKind.choices,
            "states": DeviceState.choices,
            "units": organisations.units(by.body_id),
            "may_manage": by.may(Permission.DEVICE_MANAGE),
            "held": devices.held_by(by.person_id),
            **_need(request),
            "trail": [(_("音像记录"), reverse("desk:recordings")), (_("执法设备"), "")],
        },
        refused,
    )


def _need(request: HttpRequest) -> dict[str, Any]:
    """The calculator with the bureau's own figures; officers and recorded hours are counted, and may be changed."""
    by = by_of(request)
    have = sum(1 for d in devices.devices(by.body_id, kind="body_camera") if d.state != DeviceState.RETIRED)
    counted = len(organisations.people(by.body_id, on=today(request), certified=True))
    hours = recording.recorded_hours(body_id=by.body_id, since=at_of(request) - timedelta(days=30))
    preset = {"officers": counted, "hours": hours}
    figures: dict[str, int] = {}
    for name, _label, usual in _FIGURES:
        typed = number(request.GET.get(name, ""))
        figures[name] = min(typed, 1_000_000) if typed is not None else preset.get(name, usual)
    lines = [{"name": name, "label": _(label), "value": figures[name]} for name, label, _usual in _FIGURES]
    try:
        found = devices.need(
            officers=figures["officers"],
            officers_per_device=figures["officers_per_device"],
            hours_per_month=figures["hours"],
            device_hours_per_month=figures["device_hours"],
            reserve_percent=figures["reserve"],
            have=have,
        )
    except Invalid as wrong:
        return {"figures": lines, "need": None, "need_errors": wrong.fields}
    return {"figures": lines, "need": found, "need_errors": {}}


@forms
def one(request: HttpRequest, device_id: int) -> HttpResponse:
    """One device: what happened to it, and what may happen next."""
    by = by_of(request)
    enter(by)
    if request.method != "POST":
        return _one(request, device_id)
    act = given(request, "act", 12)
    refused = attempted(request, lambda: _act(request, device_id, act), _("已登记"))
    return answered(
        request, refused, reverse("desk:device", args=[device_id]), lambda r: _one(request, device_id, r)
    )


@beside(offset="device_time")
def _act(request: HttpRequest, device_id: int, act: str) -> None:
    devices.device_act(
        device_id=device_id,
        act=act,
        person_id=number(given(request, "person", 12)),
        battery=number(given(request, "battery", 4)),
        storage=number(given(request, "storage", 4)),
        offset_s=_offset(request) if act == DeviceAct.CHECKED else None,
        note=given(request, "note", 300),
        by=by_of(request),
        at=at_of(request),
    )


def _offset(request: HttpRequest) -> int | None:
    """The device's clock as it was read off, minus true time, in seconds."""
    text = given(request, "device_time", 30)
    if not text:
        return None
    try:
        seen = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
    except ValueError:
        raise Invalid(fields={"offset": [_("时间应为 2026-09-29 15:30:00 这样的格式")]}) from None
    return round((seen - at_of(request)).total_seconds())


def _one(request: HttpRequest, device_id: int, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    device = devices.device(by.body_id, device_id)
    may = by.may(Permission.DEVICE_MANAGE)
    own = set(_OWN) if devices.may_handle(by, device.holder_id) else set()
    if devices.headed(by, device_id):
        own |= {DeviceAct.SUSPENDED.value, DeviceAct.RESUMED.value}
    acts = [a for a in device.acts if may or a in own]
    return shown(
        request,
        "desk/recordings/device.html",
        {
            "device": device,
            "events": [(e, DeviceAct(e.act).label) for e in devices.events(device_id)],
            "acts": [(a, DeviceAct(a).label) for a in acts],
            "people": organisations.people(by.body_id, on=today(request)) if may else [],
            "basis": devices.CHECK_BASIS,
            "trail": [
                (_("音像记录"), reverse("desk:recordings")),
                (_("执法设备"), reverse("desk:devices")),
                (device.asset_number, ""),
            ],
        },
        refused,
    )
