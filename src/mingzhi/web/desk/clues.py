"""Clues: register, look, dismiss with reason, open a case from one or without one."""

from __future__ import annotations

from typing import Any

from django import forms as f
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from mingzhi.cases import api as cases
from mingzhi.cases.choices import ClueSource, ClueState
from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, MingzhiError, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.publication import api as publication
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, looked, masked, reading
from mingzhi.web.desk.home import task_chip
from mingzhi.web.desk.party_form import BLANK, PARTY, PartyForm, Plain, grouped, party_of, text, told

PAGE = 50


def _local() -> f.DateTimeInput:
    return f.DateTimeInput(attrs={"type": "datetime-local", "class": "input-m"}, format="%Y-%m-%dT%H:%M")


def _day() -> f.DateInput:
    return f.DateInput(attrs={"type": "date", "class": "input-m"}, format="%Y-%m-%d")


class ClueForm(Plain):
    """案源登记."""

    source = f.ChoiceField(label=gettext_lazy("线索来源"), choices=[*BLANK, *ClueSource.choices])
    title = text(
        gettext_lazy("线索摘要"),
        required=True,
        help_text=gettext_lazy("一句话写明，如：某路段有人擅自占用人行道堆放货物"),
    )
    detail = f.CharField(
        label=gettext_lazy("具体情况"),
        widget=f.Textarea,
        max_length=10000,
        help_text=gettext_lazy("时间、地点、人物和经过"),
    )
    received_at = f.DateTimeField(label=gettext_lazy("收到时间"), widget=_local())
    place = text(gettext_lazy("发生地点"))
    occurred_on = f.DateField(label=gettext_lazy("发生日期"), required=False, widget=_day())
    suspect = text(gettext_lazy("涉嫌违法当事人"))
    informant = text(
        gettext_lazy("线索提供人"), length=60, help_text=gettext_lazy("加密保存，只对有权办理人员显示")
    )
    informant_phone = text(gettext_lazy("线索提供人电话"), length=30)
    anonymous = f.BooleanField(label=gettext_lazy("提供人要求保密"), required=False)


class OpenForm(PartyForm):
    """Procedure and party: what a case needs before its first step."""

    procedure = f.ChoiceField(
        label=gettext_lazy("适用程序"),
        choices=[
            ("penalty.ordinary", gettext_lazy("普通程序")),
            ("penalty.summary", gettext_lazy("简易程序（当场处罚）")),
        ],
        widget=f.RadioSelect,
        initial="penalty.ordinary",
        help_text=gettext_lazy(
            "违法事实确凿、有法定依据，对公民二百元以下、对法人或者其他组织三千元以下罚款或者警告的，可以适用简易程序（行政处罚法第五十一条）"
        ),
    )
    title = text(gettext_lazy("案由"), required=True, help_text=gettext_lazy("如：涉嫌擅自占用城市道路案"))
    item_code = f.ChoiceField(
        label=gettext_lazy("权责事项"), required=False, help_text=gettext_lazy("可在呈批立案时选定")
    )

    def __init__(self, *args: Any, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item_code"].choices = [("", gettext_lazy("立案时选择")), *items]  # type: ignore[attr-defined]


@reading
def index(request: HttpRequest) -> HttpResponse:
    """线索: those of my body, newest first, a page by key."""
    by, at = by_of(request), at_of(request)
    organisations.require(by, Permission.CASE_READ)
    state = request.GET.get("state", "open")
    state = state if state in ClueState.values else ""
    before = request.GET.get("before", "")
    rows = cases.clues_for(by, state)
    if before.isascii() and before.isdigit() and len(before) < 15:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    context = {
        "state": state,
        "states": ClueState.choices,
        "lines": [
            {"clue": c, "chip": task_chip(c.check_due_on, at) if c.state == ClueState.OPEN else None}
            for c in found[:PAGE]
        ],
        "next_url": f"?state={state}&before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "intakes": _intakes(by, at),
        "may_register": by.may(Permission.CLUE_REGISTER),
        "may_open": by.may(Permission.CASE_ACT),
        "trail": [(_("线索"), "")],
    }
    return render(request, "desk/clues.html", context)


def _intakes(by: Actor, at: Any) -> list[Any]:
    """Reports of citizens that were taken up and are no clue yet."""
    return publication.letters.clue_source(by, on=clock.local_date(at))


@forms
def new(request: HttpRequest) -> HttpResponse:
    """登记线索, by hand or from what a citizen sent in."""
    by, at = by_of(request), at_of(request)
    organisations.require(by, Permission.CLUE_REGISTER)
    sent = _intake(request, by)
    if request.method == "POST":
        form = ClueForm(request.POST)
        if form.is_valid():
            try:
                clue = _registered(form.cleaned_data, sent, by, at)
            except Invalid as wrong:
                told(form, wrong)
            else:
                messages.success(request, _("线索 %(number)s 已登记") % {"number": clue.number})
                return HttpResponseRedirect(reverse("desk:clue", args=[clue.pk]))
        status = 422
    else:
        form, status = ClueForm(initial=_clue_defaults(sent, at)), 200
    reads = by.may(Permission.CASE_READ)
    back = reverse("desk:clues" if reads else "desk:home")
    context = {
        "form": form,
        "sent": sent,
        "groups": grouped(
            form,
            (
                (_("来源"), ("source", "received_at")),
                (_("内容"), ("title", "detail", "place", "occurred_on", "suspect")),
                (_("线索提供人"), ("informant", "informant_phone", "anonymous")),
            ),
        ),
        "back": back,
        "trail": [(_("线索"), back if reads else ""), (_("登记线索"), "")],
    }
    return render(request, "desk/clue_new.html", context, status=status)


@transaction.atomic
def _registered(entered: dict[str, Any], sent: Any, by: Actor, at: Any) -> Any:
    """The clue, and the report it came from told of it: both or neither."""
    clue = cases.clue_register(entered=cases.ClueInput(**entered), by=by, at=at)
    if sent is not None:
        publication.letters.intake_clue(intake_id=sent.line.id, clue_number=clue.number, by=by, at=at)
    return clue


def _intake(request: HttpRequest, by: Actor) -> Any:
    asked = request.POST.get("intake") or request.GET.get("intake", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 15):
        return None
    return publication.letters.intake(by, int(asked), at=at_of(request))


def _clue_defaults(sent: Any, at: Any) -> dict[str, Any]:
    if sent is None:
        return {"received_at": clock.local(at).replace(second=0, microsecond=0)}
    return {
        "source": ClueSource.REPORT,
        "title": sent.line.title,
        "detail": sent.text,
        "place": sent.place,
        "suspect": sent.against,
        "received_at": clock.local(sent.line.received_at),
        # Who reported it stays sealed in the intake; the clue says only that it is kept secret.
        "anonymous": True,
    }


@reading
def page(request: HttpRequest, clue_id: int) -> HttpResponse:
    by, at = by_of(request), at_of(request)
    clue = cases.access_clue(by, clue_id)
    looked(request, "clue:viewed", f"clue:{clue.pk}")
    return render(request, "desk/clue.html", _clue_context(clue, by, at))


def _clue_context(clue: Any, by: Actor, at: Any, **more: Any) -> dict[str, Any]:
    secret = clue.anonymous and not by.may(Permission.CASE_ACT) and clue.registered_by != by.label
    facts = [
        (_("来源"), clue.get_source_display()),
        (_("收到时间"), clock.local(clue.received_at).strftime("%Y-%m-%d %H:%M")),
        (_("发生日期"), clue.occurred_on.isoformat() if clue.occurred_on else ""),
        (_("发生地点"), clue.place),
        (_("涉嫌违法当事人"), clue.suspect),
        (_("线索提供人"), _("提供人要求保密") if secret else masked(clue.informant, 1, 0)),
        (_("提供人电话"), "" if secret else masked(clue.informant_phone, 3, 2)),
        (_("登记人"), clue.registered_by_name),
        (_("登记时间"), clock.local(clue.registered_at).strftime("%Y-%m-%d %H:%M")),
        (_("承办机构"), clue.unit.name if clue.unit else ""),
    ]
    is_open = clue.state == ClueState.OPEN and clue.body_id == by.body_id
    return {
        "clue": clue,
        "facts": [(label, value) for label, value in facts if value],
        "chip": task_chip(clue.check_due_on, at) if clue.state == ClueState.OPEN else None,
        "may_dismiss": is_open and by.may(Permission.CASE_UNIT_CHECK),
        "may_open": is_open and by.may(Permission.CASE_ACT),
        "dismiss_roles": organisations.roles_with(Permission.CASE_UNIT_CHECK),
        "trail": [(_("线索"), reverse("desk:clues")), (clue.number, "")],
        **more,
    }


@require_POST
def dismiss(request: HttpRequest, clue_id: int) -> HttpResponse:
    """不予立案, with the reason."""
    by, at = by_of(request), at_of(request)
    reason = request.POST.get("reason", "").replace("\x00", "")[:2000]
    try:
        cases.clue_dismiss(clue_id=clue_id, reason=reason, by=by, at=at)
    except Invalid as wrong:
        clue = cases.access_clue(by, clue_id)
        context = _clue_context(clue, by, at, errors=wrong.fields, reason=reason)
        return render(request, "desk/clue.html", context, status=422)
    messages.success(request, _("已登记不予立案"))
    return HttpResponseRedirect(reverse("desk:clue", args=[clue_id]))


@forms
def open_case(request: HttpRequest, clue_id: int) -> HttpResponse:
    """Open a case from a clue."""
    return _open(request, cases.access_clue(by_of(request), clue_id))


@forms
def open_direct(request: HttpRequest) -> HttpResponse:
    """Open a case found on patrol: no clue was registered before."""
    return _open(request, None)


def _open(request: HttpRequest, clue: Any) -> HttpResponse:
    by, at = by_of(request), at_of(request)
    organisations.require(by, Permission.CASE_ACT)
    items = _items(by, at)
    status, refused = 200, None
    if request.method == "POST":
        form = OpenForm(request.POST, items=items)
        status = 422
        if form.is_valid():
            try:
                dossier = _opened(form.cleaned_data, clue, by, at)
            except Invalid as wrong:
                told(form, wrong)
            except NotFound:
                raise
            except MingzhiError as wrong:
                refused, status = wrong, wrong.status
            else:
                messages.success(
                    request, _("案卷 %(number)s 已建立，请办理第一个环节") % {"number": dossier.number}
                )
                return HttpResponseRedirect(case_url(dossier.pk))
    else:
        form = OpenForm(items=items, initial=_open_defaults(clue))
    context = {
        "form": form,
        "clue": clue,
        "refused": refused,
        "groups": grouped(
            form,
            (
                (_("程序"), ("procedure",)),
                (_("案件"), ("title", "item_code")),
                (
                    _("当事人"),
                    PARTY,
                ),
            ),
        ),
        "trail": [
            (_("线索"), reverse("desk:clues")),
            *([(clue.number, reverse("desk:clue", args=[clue.pk]))] if clue else []),
            (_("建立案卷"), ""),
        ],
    }
    return render(request, "desk/case_new.html", context, status=status)


def _items(by: Actor, at: Any) -> list[tuple[str, str]]:
    body = organisations.body(by.body_id)
    own = catalogue.profile(body.profile).field
    return [
        (i.code, i.name)
        for i in catalogue.items(on=clock.local_date(at), field=own, body=body)
        if i.act_type in ("penalty", "行政处罚")
    ]


def _open_defaults(clue: Any) -> dict[str, Any]:
    return {"title": clue.title, "name": clue.suspect} if clue is not None else {}


def _opened(data: dict[str, Any], clue: Any, by: Actor, at: Any) -> dossiers.Dossier:
    return cases.case_open(
        procedure=procedures.procedure(data["procedure"]).code,
        title=data["title"],
        party=party_of(data),
        item_code=data["item_code"],
        clue_id=clue.pk if clue is not None else None,
        by=by,
        at=at,
    )
