"""执法场所 and 窗口岗位: the register behind every board (R025, R034, R041).

Nothing is overwritten: each change is a further version with the day from which it counts, one ledger
entry each. What stood on a day is the latest version begun by then, so a board of any day can be told again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import choices
from mingzhi.organisations.access import require
from mingzhi.organisations.actions import choice, text
from mingzhi.organisations.data import Actor, CertificateState, PlaceView, Shift, Standing, WindowView
from mingzhi.organisations.errors import ChangedMeanwhile
from mingzhi.organisations.events import record
from mingzhi.organisations.models import Person, Place, PlaceVersion, Unit, Window, WindowVersion
from mingzhi.organisations.permissions import Permission
from mingzhi.organisations.queries import certificate_states

MOST_SHIFTS = 20
MOST_HANDLES = 200


# --- writes ---------------------------------------------------------------------------------------


@transaction.atomic
def place_register(*, body_id: int, valid_from: date, by: Actor, at: datetime, **facts: Any) -> int:
    """Register a place of a body with its first version; ``facts`` are those of ``place_change``."""
    require(by, Permission.BODY_MANAGE, body_id=body_id)
    checked = _place_facts(body_id, facts, valid_from=valid_from, place_id=None)
    row = Place.objects.create(body_id=body_id, made_by=by.label, made_at=at)
    record(row, at=at)
    _add(PlaceVersion(place=row, valid_from=valid_from, active=True, **checked), by=by, at=at)
    return row.pk


@transaction.atomic
def place_change(
    *,
    place_id: int,
    seen: int,
    valid_from: date,
    reason: str,
    active: bool = True,
    by: Actor,
    at: datetime,
    **facts: Any,
) -> bool:
    """A further version of a place from ``valid_from`` on; ``seen`` is the version it was written over.

    ``facts``: name, kind, address, hours, phone, route, unit_ids. ``False`` when nothing would differ.
    """
    row = Place.objects.select_for_update().filter(pk=place_id).first()
    if row is None:
        raise NotFound("未找到该执法场所")
    require(by, Permission.BODY_MANAGE, body_id=row.body_id)
    last = _latest(row.versions.all(), seen)
    checked = _place_facts(row.body_id, facts, valid_from=valid_from, place_id=place_id)
    problems = _change_problems(last, valid_from, reason)
    if not active:
        still = [w.name for w in windows(place_id, valid_from) if w.active]
        if still:
            problems.add("active", f"该场所还有在用窗口：{'、'.join(still)}，请先停用窗口")
    problems.raise_if_any()
    made = PlaceVersion(
        place=row, valid_from=valid_from, active=active, reason=reason.strip()[:200], **checked
    )
    return _differs(last, made) and _add(made, by=by, at=at)


@transaction.atomic
def window_register(*, place_id: int, valid_from: date, by: Actor, at: datetime, **facts: Any) -> int:
    """Register a window of a place with its first version; ``facts`` are those of ``window_change``."""
    place = Place.objects.select_for_update().filter(pk=place_id).first()
    if place is None:
        raise NotFound("未找到该执法场所")
    require(by, Permission.BODY_MANAGE, body_id=place.body_id)
    checked = _window_facts(place, facts, valid_from=valid_from, window_id=None)
    row = Window.objects.create(place=place, made_by=by.label, made_at=at)
    record(row, at=at)
    _add(WindowVersion(window=row, valid_from=valid_from, active=True, **checked), by=by, at=at)
    return row.pk


@transaction.atomic
def window_change(
    *,
    window_id: int,
    seen: int,
    valid_from: date,
    reason: str,
    active: bool = True,
    by: Actor,
    at: datetime,
    **facts: Any,
) -> bool:
    """A further version of a window. ``facts``: name, unit_id, post, enforces, shifts (``Shift``), handles (codes).

    Who stands at a window that enforces holds a valid certificate on ``valid_from`` (R146: 取得证件方可上岗);
    at one that only receives and explains, any staff in office may (S1 二（一）6: 工作人员姓名). A window that
    closes asks for nobody.
    """
    row = Window.objects.select_related("place").filter(pk=window_id).first()
    if row is None:
        raise NotFound("未找到该窗口")
    place = Place.objects.select_for_update().get(pk=row.place_id)
    require(by, Permission.BODY_MANAGE, body_id=place.body_id)
    last = _latest(row.versions.all(), seen)
    checked = _window_facts(place, facts, valid_from=valid_from, window_id=window_id, closing=not active)
    _change_problems(last, valid_from, reason).raise_if_any()
    made = WindowVersion(
        window=row, valid_from=valid_from, active=active, reason=reason.strip()[:200], **checked
    )
    return _differs(last, made) and _add(made, by=by, at=at)


def _latest(versions: Any, seen: int) -> Any:
    last = versions.order_by("valid_from", "pk").last()
    if last.pk != seen:
        raise ChangedMeanwhile(name=last.name)
    return last


def _change_problems(last: Any, valid_from: date, reason: str) -> Problems:
    problems = Problems()
    text(problems, "reason", reason, "变更原因", limit=200)
    if valid_from < last.valid_from:
        problems.add("valid_from", f"生效日期不得早于现有资料的生效日期 {last.valid_from}")
    return problems


_KEPT = ("id", "reason", "made_by", "made_at", "valid_from")


def _differs(last: Any, made: Any) -> bool:
    names = [c.attname for c in made._meta.concrete_fields if c.attname not in _KEPT]
    return any(getattr(last, name) != getattr(made, name) for name in names)


def _add(row: PlaceVersion | WindowVersion, *, by: Actor, at: datetime) -> bool:
    row.made_by, row.made_at = by.label, at
    row.save(force_insert=True)
    record(row, at=at)
    return True


def _place_facts(
    body_id: int, facts: Mapping[str, Any], *, valid_from: date, place_id: int | None
) -> dict[str, Any]:
    unknown = set(facts) - {"name", "kind", "address", "hours", "phone", "route", "unit_ids"}
    if unknown:
        raise TypeError(f"unknown facts of a place: {sorted(unknown)}")
    problems = Problems()
    made: dict[str, Any] = {
        "name": text(problems, "name", facts["name"], "场所名称", limit=80),
        "kind": choice(problems, "kind", facts["kind"], choices.PlaceKind, "场所类别"),
        "address": text(problems, "address", facts["address"], "地址", limit=200),
        "hours": text(problems, "hours", facts["hours"], "办公时间", limit=200),
        "phone": text(problems, "phone", facts["phone"], "咨询电话", limit=40),
        "route": facts.get("route", "").strip()[:300],
        "unit_ids": sorted(set(facts.get("unit_ids", ()))),
    }
    known = set(Unit.objects.filter(body_id=body_id, active=True).values_list("pk", flat=True))
    if not set(made["unit_ids"]) <= known:
        problems.add("unit_ids", "在此办公的应当是本机关在册的内设机构")
    if any(p.name == made["name"] and p.id != place_id for p in places(body_id, valid_from)):
        problems.add("name", f"本机关已有名为“{made['name']}”的执法场所")
    problems.raise_if_any()
    return made


def _window_facts(
    place: Place,
    facts: Mapping[str, Any],
    *,
    valid_from: date,
    window_id: int | None,
    closing: bool = False,
) -> dict[str, Any]:
    unknown = set(facts) - {"name", "unit_id", "post", "enforces", "shifts", "handles"}
    if unknown:
        raise TypeError(f"unknown facts of a window: {sorted(unknown)}")
    problems = Problems()
    shifts: Sequence[Shift] = tuple(facts.get("shifts", ()))
    handles = list(dict.fromkeys(str(code).strip()[:80] for code in facts.get("handles", ()) if code))
    name = text(problems, "name", facts["name"], "窗口名称", limit=60)
    enforces = bool(facts.get("enforces", True))
    unit_id = facts["unit_id"]
    if not Unit.objects.filter(pk=unit_id or 0, body_id=place.body_id, active=True).exists():
        problems.add("unit_id", "请选择窗口所属的内设机构")
    if len(shifts) > MOST_SHIFTS or len({s.person_id for s in shifts}) != len(shifts):
        problems.add("shifts", f"值守人员不得重复，且不超过 {MOST_SHIFTS} 名")
    elif not closing:
        for one in standing(place.body_id, shifts, valid_from, enforces=enforces):
            if one.problem:
                problems.add("shifts", f"{one.name}在 {valid_from} 不能登记为窗口值守人员：{one.problem}")
    if len(handles) > MOST_HANDLES:
        problems.add("handles", f"一个窗口登记的事项不超过 {MOST_HANDLES} 项")
    here = _place(place, valid_from)
    if not closing and (here is None or not here.active):
        problems.add("valid_from", "该场所在生效日期尚未启用或者已经停用")
    if any(w.name == name and w.id != window_id and w.active for w in windows(place.pk, valid_from)):
        problems.add("name", f"该场所已有名为“{name}”的窗口")
    problems.raise_if_any()
    return {
        "name": name,
        "unit_id": unit_id,
        "post": str(facts.get("post", "")).strip()[:80],
        "enforces": enforces,
        "shifts": [{"person": s.person_id, "when": s.when.strip()[:60]} for s in shifts],
        "handles": handles,
    }


# --- reads ----------------------------------------------------------------------------------------


def _place_view(row: PlaceVersion, body_id: int) -> PlaceView:
    return PlaceView(
        id=row.place_id,
        body_id=body_id,
        version=row.pk,
        valid_from=row.valid_from,
        name=row.name,
        kind=row.kind,
        kind_label=str(choices.PlaceKind(row.kind).label),
        address=row.address,
        hours=row.hours,
        phone=row.phone,
        route=row.route,
        unit_ids=tuple(row.unit_ids),
        active=row.active,
        reason=row.reason,
        made_by=row.made_by,
    )


def _window_view(row: WindowVersion, place_id: int, body_id: int) -> WindowView:
    return WindowView(
        id=row.window_id,
        place_id=place_id,
        body_id=body_id,
        version=row.pk,
        valid_from=row.valid_from,
        name=row.name,
        unit_id=row.unit_id,
        post=row.post,
        enforces=row.enforces,
        shifts=tuple(Shift(s["person"], s["when"]) for s in row.shifts),
        handles=tuple(row.handles),
        active=row.active,
        reason=row.reason,
        made_by=row.made_by,
    )


def places(body_id: int, on: date) -> list[PlaceView]:
    """The body's places as they are on a day, closed ones too, in the order they were registered."""
    rows = PlaceVersion.objects.filter(place__body_id=body_id, valid_from__lte=on)
    found = {row.place_id: row for row in rows.order_by("valid_from", "pk")}
    return [_place_view(found[pk], body_id) for pk in sorted(found)]


def _place(row: Place, on: date) -> PlaceView | None:
    last = row.versions.filter(valid_from__lte=on).order_by("valid_from", "pk").last()
    return None if last is None else _place_view(last, row.body_id)


def place(place_id: int, on: date) -> PlaceView:
    """A place as it is on ``on``; ``NotFound`` where there is none by that day."""
    row = Place.objects.filter(pk=place_id).first() if 0 < place_id < 2**62 else None
    found = _place(row, on) if row is not None else None
    if found is None:
        raise NotFound("未找到该执法场所")
    return found


def windows(place_id: int, on: date) -> list[WindowView]:
    """The windows of a place as they are on a day, closed ones too."""
    if place_id >= 2**62:
        return []
    rows = WindowVersion.objects.filter(window__place_id=place_id, valid_from__lte=on)
    found = {r.window_id: r for r in rows.select_related("window__place").order_by("valid_from", "pk")}
    return [_window_view(found[pk], place_id, found[pk].window.place.body_id) for pk in sorted(found)]


def window(window_id: int, on: date) -> WindowView:
    """A window as it is on ``on``; ``NotFound`` where there is none by that day."""
    rows = WindowVersion.objects.filter(window_id=window_id, valid_from__lte=on) if window_id < 2**62 else ()
    last = rows.select_related("window__place").order_by("valid_from", "pk").last() if rows else None
    if last is None:
        raise NotFound("未找到该窗口")
    return _window_view(last, last.window.place_id, last.window.place.body_id)


def place_history(place_id: int) -> list[PlaceView]:
    """Every version of a place, coming ones too, newest first."""
    rows = PlaceVersion.objects.filter(place_id=place_id).select_related("place")
    return [_place_view(row, row.place.body_id) for row in rows.order_by("-valid_from", "-pk")]


def window_history(window_id: int) -> list[WindowView]:
    """Every version of a window, coming ones too, newest first."""
    rows = WindowVersion.objects.filter(window_id=window_id).select_related("window__place")
    return [
        _window_view(row, row.window.place_id, row.window.place.body_id)
        for row in rows.order_by("-valid_from", "-pk")
    ]


def standing(body_id: int, shifts: Sequence[Shift], on: date, *, enforces: bool) -> list[Standing]:
    """Who of ``shifts`` may stand at a window of the body on a day, and what a board may tell of each.

    A stranger to the body is refused without a name. Two queries, however many they are.
    """
    wanted = [s.person_id for s in shifts]
    rows = Person.objects.select_related("unit").in_bulk(wanted)
    states = certificate_states(wanted, on)
    return [
        _standing(rows.get(s.person_id), s, body_id, states.get(s.person_id), enforces=enforces)
        for s in shifts
    ]


def _standing(
    row: Person | None, shift: Shift, body_id: int, state: CertificateState | None, *, enforces: bool
) -> Standing:
    if row is None or state is None or row.body_id != body_id:
        return Standing(shift.person_id, "所选人员", problem="值守人员应当是本机关的人员")
    problem = ""
    if enforces and not state.valid:
        problem = state.note
    elif not row.active:
        problem = "该人员已不在岗"
    elif row.staffing == choices.StaffingKind.ADVISER:
        problem = "法律顾问不是窗口工作人员"
    return Standing(
        person_id=row.pk,
        name=row.name,
        unit_name=row.unit.name if row.unit else "",
        title=row.title,
        work_number=row.work_number,
        certificate=state.number if state.valid else "",
        when=shift.when,
        problem=problem,
    )


def candidates(body_id: int, on: date) -> list[Standing]:
    """Everybody who may stand at some window of the body on a day, whether certified or not."""
    own = Person.objects.filter(body_id=body_id, active=True).values_list("pk", flat=True)
    everybody = standing(body_id, [Shift(pk) for pk in own], on, enforces=False)
    return [one for one in everybody if not one.problem]
