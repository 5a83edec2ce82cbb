"""Registering and changing bodies and units: who keeps the register of the body, or founds one below it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.kernel.errors import NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations import choices
from mingzhi.organisations.data import BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.registers_bodies import bodies_seen
from mingzhi.web.desk.registers_common import Refused, answered, attempted, given, number, shown

#: Columns of a body in the order of the form: (name, longest text, rows of the box; 0 is one line).
_TEXTS = (
    ("name", 121, 0),
    ("short_name", 41, 0),
    ("credit_code", 40, 0),
    ("code_word", 21, 0),
    ("region_code", 12, 0),
    ("government", 60, 0),
    ("court", 60, 0),
    ("address", 200, 0),
    ("phone", 40, 0),
    ("supervision_phone", 40, 0),
    ("payee_bank", 80, 0),
    ("payee_address", 200, 0),
    ("duties", 4000, 4),
    ("basis", 2000, 3),
)
_NEEDED = ("name", "short_name", "credit_code", "code_word")


def _labels() -> dict[str, tuple[str, str]]:
    """Column → (label, help)."""
    return {
        "name": (_("全称"), ""),
        "short_name": (_("简称"), ""),
        "credit_code": (_("统一社会信用代码"), _("18 位，按登记证书填写")),
        "code_word": (_("机关代字"), _("案号、文号开头的字，如“湛霞城综”；每个机关各不相同")),
        "region_code": (_("行政区划代码"), _("六位数字")),
        "government": (_("本级人民政府"), _("不服处罚决定的，向该政府申请行政复议")),
        "court": (_("管辖法院"), _("印在处罚决定书的救济途径中")),
        "address": (_("办公地址"), ""),
        "phone": (_("联系电话"), ""),
        "supervision_phone": (_("监督电话"), _("在公示平台公布")),
        "payee_bank": (_("罚款代收机构"), ""),
        "payee_address": (_("代收机构地址"), ""),
        "duties": (_("主要职责"), _("在公示平台公布")),
        "basis": (_("执法依据"), _("在公示平台公布")),
    }


def _entered(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = {name: given(request, name, limit) for name, limit, _rows in _TEXTS}
    return found | {"level": given(request, "level", 16)}


def _form(
    request: HttpRequest,
    *,
    values: dict[str, Any],
    title: str,
    back: str,
    refused: Refused | None,
    **more: Any,
) -> HttpResponse:
    labels = _labels()
    errors = dict(refused.fields) if refused else {}
    return shown(
        request,
        "desk/registers/body_form.html",
        {
            "title": title,
            "back": back,
            "fields": [
                {
                    "name": name,
                    "label": labels[name][0],
                    "help": labels[name][1],
                    "value": values.get(name, ""),
                    "limit": limit,
                    "rows": rows,
                    "optional": name not in _NEEDED,
                    "errors": errors.get(name, ()),
                }
                for name, limit, rows in _TEXTS
            ],
            "values": values,
            "levels": choices.BodyLevel.choices,
            "trail": [(_("机构与人员"), reverse("desk:organisations")), (title, "")],
            **more,
        },
        refused,
    )


def _at(body_id: int) -> str:
    return f"{reverse('desk:organisations')}?body={body_id}"


@forms
def body_new(request: HttpRequest) -> HttpResponse:
    """登记下级机关: below the own body; it needs its own people and administrators before it can work."""
    by, at = by_of(request), at_of(request)
    organisations.require(by, Permission.BODY_MANAGE)
    parent = organisations.body(by.body_id)
    entrusters = bodies_seen(by)
    made: list[int] = []

    def create() -> None:
        entrusted_by = number(given(request, "entrusted_by", 19))
        if entrusted_by is not None and entrusted_by not in {b.id for b in entrusters}:
            raise NotFound(_("未找到委托机关"))
        kind = given(request, "kind", 16)
        made.append(
            organisations.body_create(
                parent_id=parent.id,
                entrusted_by_id=entrusted_by if kind == choices.BodyKind.ENTRUSTED else None,
                kind=kind if kind in _BELOW else "",
                profile=parent.profile,
                by=by,
                at=at,
                **_entered(request),
            )
        )

    def form(refused: Refused | None = None) -> HttpResponse:
        first = {
            "level": parent.level,
            "region_code": parent.region_code,
            "government": parent.government,
            "court": parent.court,
        }
        kinds = [k for k in choices.BodyKind.choices if k[0] in _BELOW]
        values = {**request.POST.dict(), **_entered(request)} if refused else first
        return _form(
            request,
            values=values,
            title=_("登记下级机关"),
            back=_at(parent.id),
            refused=refused,
            parent=parent,
            kinds=kinds,
            entrusters=[(str(b.id), b.name) for b in entrusters],
        )

    if request.method != "POST":
        return form()
    refused = attempted(request, create, _("机关已登记，请接着登记内设机构和人员"))
    return answered(request, refused, _at(made[0]) if made else "", form)


_BELOW = (choices.BodyKind.STATUTORY, choices.BodyKind.AUTHORISED, choices.BodyKind.ENTRUSTED)
"""What may be registered below a body on the page; governments and supervisors come with set-up."""


def _kept(request: HttpRequest, body_id: int) -> BodyRef:
    """The body, if this person keeps its register; else it is not there."""
    organisations.require(by_of(request), Permission.BODY_MANAGE, body_id=body_id)
    return organisations.body(body_id)


@forms
def body_edit(request: HttpRequest, body_id: int) -> HttpResponse:
    """修改机关资料. The kind and the place in the tree stay; each change is a ledger entry."""
    kept = _kept(request, body_id)

    def change() -> None:
        organisations.body_change(body_id=kept.id, by=by_of(request), at=at_of(request), **_entered(request))

    def form(refused: Refused | None = None) -> HttpResponse:
        values = _entered(request) if refused else organisations.body_facts(kept.id)
        return _form(request, values=values, title=_("修改机关资料"), back=_at(kept.id), refused=refused)

    if request.method != "POST":
        return form()
    return answered(request, attempted(request, change, _("机关资料已保存")), _at(kept.id), form)


@forms
def unit_edit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """修改内设机构: name, function, duties; a dissolved one leaves the lists and stays in the record."""
    if unit_id >= 2**62:
        raise NotFound
    unit = organisations.unit(unit_id)
    body = _kept(request, unit.body_id)

    def change() -> None:
        organisations.unit_change(
            unit_id=unit.id,
            name=given(request, "name", 81),
            kind=given(request, "kind", 20),
            duties=given(request, "duties", 1000),
            active=given(request, "active", 1) == "1",
            by=by_of(request),
            at=at_of(request),
        )

    def form(refused: Refused | None = None) -> HttpResponse:
        first = {
            "name": unit.name,
            "kind": unit.kind,
            "duties": unit.duties,
            "active": "1" if unit.active else "",
        }
        return shown(
            request,
            "desk/registers/unit_form.html",
            {
                "unit": unit,
                "body": body,
                "values": request.POST if refused else first,
                "kinds": choices.UnitKind.choices,
                "back": _at(body.id),
                "trail": [
                    (_("机构与人员"), reverse("desk:organisations")),
                    (body.short_name, _at(body.id)),
                    (unit.name, ""),
                ],
            },
            refused,
        )

    if request.method != "POST":
        return form()
    return answered(request, attempted(request, change, _("内设机构已保存")), _at(body.id), form)
