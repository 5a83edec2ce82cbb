"""机构与人员: the tree of bodies, their units, their people, and what each certificate is worth on a day."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations import choices
from mingzhi.organisations.data import Actor, BodyRef, PersonRef
from mingzhi.organisations.permissions import Permission
from mingzhi.web.desk.common import at_of, by_of, forms, looked
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    asked_day,
    attempted,
    beside,
    day_of,
    given,
    number,
    shown,
    submitted,
)

_ENTER = (
    Permission.CASE_READ,
    Permission.BODY_MANAGE,
    Permission.CERTIFICATE_MANAGE,
    Permission.ROLE_MANAGE,
    Permission.ACCOUNT_MANAGE,
)


def _enter(by: Actor) -> None:
    if not any(by.may(p) for p in _ENTER):
        organisations.require(by, Permission.CASE_READ)


def bodies_seen(by: Actor) -> list[BodyRef]:
    """The person's own body; for supervisors all below the bodies they supervise, for keepers of the
    register those they found."""
    scopes = [organisations.in_scope(by, p) for p in (Permission.CASE_READ, *_KEEP)]
    return [
        b for b in organisations.bodies() if b.id == by.body_id or any(s.covers(b.id, b.path) for s in scopes)
    ]


_KEEP = (Permission.BODY_MANAGE, Permission.CERTIFICATE_MANAGE)


def _keeps(by: Actor, permission: Permission, body_id: int) -> bool:
    return by.may(permission) and organisations.in_scope(by, permission).covers(body_id)


def _body(by: Actor, wanted: int | None) -> tuple[BodyRef, list[BodyRef]]:
    seen = bodies_seen(by)
    chosen = next((b for b in seen if b.id == (wanted or by.body_id)), None)
    if chosen is None:
        raise NotFound
    return chosen, seen


def _tree(seen: list[BodyRef]) -> list[tuple[int, BodyRef]]:
    """(depth, body) in the order of their paths; depth counts ancestors that this person sees."""
    rows = sorted(seen, key=lambda b: b.path)
    return [(sum(r.path.startswith(a.path) and a.id != r.id for a in rows), r) for r in rows]


@forms
def index(request: HttpRequest) -> HttpResponse:
    """One body: its units, and its people with the state of their certificates on a day."""
    by = by_of(request)
    _enter(by)
    chosen, _seen = _body(by, number(request.GET.get("body", "")))
    if request.method != "POST":
        return _index(request)
    acts = {
        "unit": (_unit, _("内设机构已登记")),
        "person": (_person, _("人员已登记")),
    }
    found = acts.get(given(request, "act", 12))
    if found is None:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    refused = attempted(request, lambda: found[0](request, chosen), found[1])
    return answered(
        request, refused, f"{reverse('desk:organisations')}?body={chosen.id}", lambda r: _index(request, r)
    )


def _index(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by, on = by_of(request), asked_day(request)
    chosen, seen = _body(by, number(request.GET.get("body", "")))
    unit_id = number(given(request, "unit", 19))
    units = organisations.units(chosen.id)
    if unit_id is not None and unit_id not in {u.id for u in units}:
        raise NotFound
    people = organisations.people(chosen.id, on=on, unit_id=unit_id)
    states = organisations.certificate_states([p.id for p in people], on)
    statuses = dict(choices.CertificateStatus.choices)
    public = next((b for b in organisations.public_bodies() if b.id == chosen.id), None)
    return shown(
        request,
        "desk/registers/organisations.html",
        {
            "body": chosen,
            "public": public,
            "tree": _tree(seen),
            "units": units,
            "unit_kinds": choices.UnitKind.choices,
            "kind_labels": dict(choices.UnitKind.choices),
            "staffing_kinds": choices.StaffingKind.choices,
            "unit_id": unit_id,
            "on": on,
            "lines": [
                {
                    "person": p,
                    "state": states.get(p.id),
                    "label": statuses.get(states[p.id].status, "") if p.id in states else "",
                    "url": reverse("desk:person", args=[p.id]),
                }
                for p in people
            ],
            "may_manage": _keeps(by, Permission.BODY_MANAGE, chosen.id),
            "own": chosen.id == by.body_id,
            "trail": [(_("机构与人员"), "")],
        },
        refused,
    )


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": by_of(request), "at": at_of(request)}


@beside(name="unit_name", kind="unit_kind")
def _unit(request: HttpRequest, chosen: BodyRef) -> None:
    organisations.unit_create(
        body_id=chosen.id,
        name=given(request, "unit_name", 81),
        kind=given(request, "unit_kind", 20),
        duties=given(request, "duties", 1000),
        **_who(request),
    )


@beside(unit="unit_id")
def _person(request: HttpRequest, chosen: BodyRef) -> None:
    organisations.person_create(
        body_id=chosen.id,
        unit_id=number(given(request, "unit_id", 19)),
        name=given(request, "name", 61),
        title=given(request, "title", 60),
        work_number=given(request, "work_number", 21),
        staffing=given(request, "staffing", 20),
        phone=given(request, "phone", 20),
        **_who(request),
    )


# --- one person ------------------------------------------------------------------------------


def _person_of(by: Actor, person_id: int) -> PersonRef:
    if person_id >= 2**62:
        raise NotFound
    found = organisations.person(person_id)
    if found.body_id not in {b.id for b in bodies_seen(by)}:
        raise NotFound
    return found


@forms
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: certificate on a day, qualifications; register, suspend, restore, revoke."""
    by = by_of(request)
    _enter(by)
    found = _person_of(by, person_id)
    if request.method != "POST":
        looked(request, "organisations:person:looked", f"person:{person_id}")
        return _person_page(request, found)
    acts = {
        "register": (partial(_register, request, found), _("证件已登记")),
        "event": (partial(_event, request, found), _("证件状态已更新")),
        "inspected": (partial(_inspected, request, found), _("审验、培训情况已登记")),
        "qualification": (partial(_qualification, request, found), _("资格已登记")),
        "post": (partial(_post, request, found), _("岗位已更新")),
    }
    here = reverse("desk:person", args=[person_id])
    return submitted(request, acts, here, partial(_person_page, request, found))


def _person_page(request: HttpRequest, found: PersonRef, refused: Refused | None = None) -> HttpResponse:
    by, on = by_of(request), asked_day(request)
    state = organisations.certificate(found.id, on)
    held = organisations.qualifications(found.id, on)
    body = organisations.body(found.body_id)
    return shown(
        request,
        "desk/registers/person.html",
        {
            "person": found,
            "body": body,
            "state": state,
            "status_label": dict(choices.CertificateStatus.choices).get(state.status, ""),
            "held": [label for value, label in choices.QualificationKind.choices if value in held],
            "on": on,
            "event_kinds": choices.CertificateEventKind.choices,
            "qualification_kinds": choices.QualificationKind.choices,
            "certificate_kinds": choices.CertificateKind.choices,
            "units": organisations.units(body.id),
            "may_manage": _keeps(by, Permission.BODY_MANAGE, body.id),
            "may_certify": _keeps(by, Permission.CERTIFICATE_MANAGE, body.id),
            "trail": [
                (_("机构与人员"), reverse("desk:organisations")),
                (body.short_name, f"{reverse('desk:organisations')}?body={body.id}"),
                (found.name, ""),
            ],
        },
        refused,
    )


def _register(request: HttpRequest, found: PersonRef) -> None:
    problems = Problems()
    start = day_of(problems, request, "valid_from", _("有效期起始日"))
    end = day_of(problems, request, "valid_until", _("有效期截止日"))
    problems.raise_if_any()
    organisations.certificate_register(
        person_id=found.id,
        number=given(request, "number", 60),
        issuer=given(request, "issuer", 80),
        scope=given(request, "scope", 200),
        valid_from=start,
        valid_until=end,
        kind=given(request, "kind", 20),
        area=given(request, "area", 80),
        **_who(request),
    )


def _certificate(request: HttpRequest, found: PersonRef) -> int:
    state = organisations.certificate(found.id, asked_day(request))
    if state.certificate_id is None:
        raise NotFound(_("该人员没有已登记的证件"), remedy=_("请先登记证件"))
    return state.certificate_id


@beside(kind="event_kind", on="event_on", reason="event_reason")
def _event(request: HttpRequest, found: PersonRef) -> None:
    problems = Problems()
    on = day_of(problems, request, "event_on", _("生效日期"))
    problems.raise_if_any()
    organisations.certificate_event(
        certificate_id=_certificate(request, found),
        kind=given(request, "event_kind", 20),
        on=on,
        reason=given(request, "event_reason", 501),
        **_who(request),
    )


def _inspected(request: HttpRequest, found: PersonRef) -> None:
    problems = Problems()
    days: dict[str, Any] = {
        name: day_of(problems, request, name, label)
        for name, label in (("inspected_on", _("审验日期")), ("retrained_on", _("更新培训考试合格日期")))
        if given(request, name, 10)
    }
    if not days:
        problems.add("inspected_on", _("请至少填写一项日期"))
    problems.raise_if_any()
    organisations.certificate_inspected(certificate_id=_certificate(request, found), **days, **_who(request))


@beside(kind="qualification_kind", number="qualification_number")
def _qualification(request: HttpRequest, found: PersonRef) -> None:
    problems = Problems()
    on = day_of(problems, request, "obtained_on", _("取得日期"))
    problems.raise_if_any()
    organisations.qualification_register(
        person_id=found.id,
        kind=given(request, "qualification_kind", 20),
        number=given(request, "qualification_number", 61),
        obtained_on=on,
        **_who(request),
    )


@beside(unit="unit_id")
def _post(request: HttpRequest, found: PersonRef) -> None:
    organisations.person_change(
        person_id=found.id,
        unit_id=number(given(request, "unit_id", 19)),
        title=given(request, "title", 60),
        work_number=given(request, "work_number", 21),
        active=given(request, "active", 1) == "1",
        **_who(request),
    )
