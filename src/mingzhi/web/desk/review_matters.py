"""送审事项: decisions that are reviewed outside the penalty procedure, and how every body's review stands."""

from __future__ import annotations

from typing import Any

from django import forms as f
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mingzhi.cases import api as cases
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import PartyKind
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel.errors import Invalid, MingzhiError, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.review import api as review
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, reading
from mingzhi.web.desk.party_form import PARTY, PartyForm, grouped, party_of, told

LIMIT = 100


class MatterForm(PartyForm):
    """送审事项, with its party where there is a particular one and it is known already."""

    title = f.CharField(
        label=gettext_lazy("送审事项名称"),
        max_length=120,
        help_text=gettext_lazy("如：关于对某某公司作出强制拆除决定的事项；关于撤销某某许可的事项"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", gettext_lazy("没有特定相对人，或者以后登记")), *PartyKind.choices]  # type: ignore[attr-defined]
        for name in ("kind", "name"):
            self.fields[name].required = False

    def party(self) -> PartyInput | None:
        """Nothing entered of a party is no party; anything entered is judged as one."""
        return party_of(self.cleaned_data) if any(self.cleaned_data[name] for name in PARTY) else None


@reading
def matters(request: HttpRequest) -> HttpResponse:
    """The matters of the person's body, newest first: its own, and those on which it reviews beside others."""
    by = by_of(request)
    organisations.require(by, Permission.CASE_READ)
    codes = cases.MATTER_PROCEDURES
    rows = (
        dossiers.dossiers_for(by)
        .filter(procedure__in=codes)
        .select_related("unit", "body")
        .order_by("-opened_at", "-pk")[:LIMIT]
    )
    unlisted = {u.dossier_id: u for u in cases.undisclosed([by.body_id])} if by.body_id else {}
    tables = {p.code: p for p in procedures.procedures() if p.code in codes}
    lines = []
    for row in rows:
        table, now = tables[row.procedure], review.review_standing(row.pk)
        lines.append(
            {
                "row": row,
                "kind": table.name,
                "state": table.by_state[row.state].label,
                "standing": now,
                "unlisted": unlisted.get(row.pk),
                "url": case_url(row.pk),
            }
        )
    return render(
        request,
        "desk/registers/review_matters.html",
        {"lines": lines, "may_open": by.may(Permission.CASE_ACT), "trail": [(_("送审事项"), "")]},
    )


@forms
def new(request: HttpRequest) -> HttpResponse:
    """Open the dossier of a matter; its first step says what is to be decided."""
    by, at = by_of(request), at_of(request)
    organisations.require(by, Permission.CASE_ACT)
    form, status = MatterForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                dossier = cases.matter_open(
                    title=form.cleaned_data["title"], party=form.party(), by=by, at=at
                )
            except Invalid as wrong:
                told(form, wrong)
            else:
                messages.success(
                    request, _("案卷 %(number)s 已建立，请登记送审事项") % {"number": dossier.number}
                )
                return HttpResponseRedirect(reverse("desk:step", args=[dossier.pk, "register"]))
    context = {
        "form": form,
        "groups": grouped(form, ((_("事项"), ("title",)), (_("相对人"), PARTY))),
        "trail": [(_("送审事项"), reverse("desk:review_matters")), (_("登记送审事项"), "")],
    }
    return render(request, "desk/registers/review_matter_new.html", context, status=status)


@forms
def party(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """登记相对人 on a matter that was opened without: what the register asks for, once."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    if dossier.procedure not in cases.MATTER_PROCEDURES:
        raise NotFound
    status, refused = 200, None
    form = PartyForm(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                cases.matter_party(dossier_id=dossier_id, party=party_of(form.cleaned_data), by=by, at=at)
            except Invalid as wrong:
                told(form, wrong)
            except (NotAllowed, NotFound):
                raise
            except MingzhiError as wrong:
                refused, status = wrong, wrong.status
            else:
                messages.success(request, _("相对人已登记"))
                return HttpResponseRedirect(case_url(dossier_id))
    context = {
        "dossier": dossier,
        "form": form,
        "refused": refused,
        "groups": grouped(form, ((_("相对人"), PARTY),)),
        "trail": [
            (_("送审事项"), reverse("desk:review_matters")),
            (dossier.number, case_url(dossier_id, "party")),
            (_("登记相对人"), ""),
        ],
    }
    return render(request, "desk/registers/review_matter_party.html", context, status=status)
