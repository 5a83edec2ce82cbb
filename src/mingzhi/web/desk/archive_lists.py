"""鉴定销毁: expired dossiers, destruction lists, opinions, the two approvals, and the carrying out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import Approver, Opinion
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations.permissions import Permission as P
from mingzhi.web.desk.archive import chosen, seen, tabs_of
from mingzhi.web.desk.common import at_of, by_of, forms, looked
from mingzhi.web.desk.registers_common import Refused, attempted, beside, given, number, shown, today

MAY_SEE = {P.DOSSIER_ARCHIVE, P.CASE_APPROVE, P.CASE_DEPUTY_APPROVE}


@forms
def index(request: HttpRequest) -> HttpResponse:
    """What is expired, and every list of the body."""
    by = seen(request, MAY_SEE)
    refused: Refused | None = None
    if request.method == "POST":
        made: list[Any] = []

        def make() -> None:
            with beside(dossiers="dossier"):
                made.append(
                    dossiers.destruction.list_make(
                        dossier_ids=chosen(request),
                        reason=given(request, "reason", 300),
                        by=by,
                        at=at_of(request),
                    )
                )

        refused = attempted(request, make, _("已提出销毁清册，请逐卷出具鉴定意见"))
        if refused is None:
            return HttpResponseRedirect(reverse("desk:archive_list", args=[made[0].pk]))
    context = {
        "tabs": tabs_of(by, "appraisal"),
        "expired": dossiers.destruction.expired(by.body_id, today(request))
        if by.may(P.DOSSIER_ARCHIVE)
        else [],
        "lists": dossiers.destruction.lists(by.body_id),
        "may_make": by.may(P.DOSSIER_ARCHIVE),
        "chosen": chosen(request),
        "trail": [(_("案卷归档"), reverse("desk:archive")), (_("鉴定销毁"), "")],
    }
    return shown(request, "desk/archive/lists.html", context, refused)


@forms
def one(request: HttpRequest, list_id: int) -> HttpResponse:
    """One list: its lines with opinions, the approvals, and the button that carries it out."""
    by = seen(request, MAY_SEE)
    view = dossiers.destruction.list_of(by, list_id)
    refused: Refused | None = None
    if request.method == "POST":
        act = given(request, "act", 12)
        known = {
            "opine": (lambda: _opine(request, list_id), _("已登记鉴定意见")),
            "leader": (lambda: _decide(request, list_id, Approver.LEADER), _("已审批")),
            "second": (lambda: _decide(request, list_id, Approver.SECOND), _("已审批")),
            "carry_out": (lambda: _carry_out(request, list_id), _("已按清册销毁，校验值和目录保留")),
        }
        if act not in known:
            raise NotFound()
        refused = attempted(request, *known[act])
        if refused is None:
            return HttpResponseRedirect(reverse("desk:archive_list", args=[list_id]))
        view = dossiers.destruction.list_of(by, list_id)
    decided = {d.role for d in view.decisions}
    state = view.state
    context = {
        "view": view,
        "tabs": tabs_of(by, "appraisal"),
        "opinions": Opinion.choices,
        "keeps": by.may(P.DOSSIER_ARCHIVE),
        "may_opine": by.may(P.DOSSIER_ARCHIVE) and not view.decisions,
        "may_lead": state == "opined" and by.may(P.CASE_APPROVE) and Approver.LEADER not in decided,
        "may_second": state == "opined" and by.may(P.CASE_DEPUTY_APPROVE) and Approver.SECOND not in decided,
        "may_carry_out": state == "approved" and by.may(P.DOSSIER_ARCHIVE),
        "trail": [
            (_("案卷归档"), reverse("desk:archive")),
            (_("鉴定销毁"), reverse("desk:archive_lists")),
            (view.number, ""),
        ],
    }
    return shown(request, "desk/archive/list.html", context, refused)


def _opine(request: HttpRequest, list_id: int) -> None:
    dossiers.destruction.line_opine(
        list_id=list_id,
        line_id=number(given(request, "line", 19)) or 0,
        opinion=given(request, "opinion", 8),
        reason=given(request, "opinion_reason", 300),
        extend_years=number(given(request, "extend_years", 3)),
        by=by_of(request),
        at=at_of(request),
    )


def _decide(request: HttpRequest, list_id: int, role: str) -> None:
    dossiers.destruction.list_decide(
        list_id=list_id,
        role=role,
        approved=given(request, "approved", 3) == "yes",
        note=given(request, "note", 300),
        seen=given(request, "seen", 64),
        by=by_of(request),
        at=at_of(request),
    )


def _carry_out(request: HttpRequest, list_id: int) -> None:
    dossiers.destruction.list_carry_out(list_id=list_id, by=by_of(request), at=at_of(request))
    looked(request, "dossiers:destroyed", f"destruction:{list_id}")
