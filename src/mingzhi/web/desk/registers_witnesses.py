"""见证: who witnesses our log and how far, what we witness, contradictions and what to do about them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.kernel.errors import NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.registers_common import Refused, attempted, beside, given, number, shown

MAY_SEE = {P.CONFIG_MANAGE, P.ACCOUNT_MANAGE, P.ATTEMPTS_READ}


@forms
def page(request: HttpRequest) -> HttpResponse:
    """The three administrators see it; the system administrator proposes, the security administrator decides,
    the audit administrator records how a contradiction was cleared up."""
    by, at = by_of(request), at_of(request)
    if not by.permissions & MAY_SEE:
        raise NotAllowed()
    refused: Refused | None = None
    if request.method == "POST":
        known = {
            "propose": (_propose, _("已提出，待安全管理员审批")),
            "decide": (_decide, _("已审批")),
            "settle": (_settle, _("已登记处理情况，告警解除，证据保留")),
        }
        act = given(request, "act", 12)
        if act not in known:
            raise NotFound()
        refused = attempted(request, lambda: known[act][0](request), known[act][1])
        if refused is None:
            return HttpResponseRedirect(reverse("desk:ledger_witnesses"))
    latest, found = ledger.latest(), ledger.standing.witnesses()
    size = latest.size if latest else 0
    changes = ledger.cosigning.changes()
    context: dict[str, Any] = {
        "found": found,
        "size": size,
        "latest": latest,
        "cosigners": [{"w": w, "behind": max(0, size - w.size)} for w in found.cosigners],
        "open": [c for c in changes if c.approved is None],
        "decided": [c for c in changes if c.approved is not None],
        "own_key": ledger.witness.key(),
        "stamping": ledger.stamping.configured(),
        "stamps": ledger.stamping.stamps(5),
        "log_keys": ledger.keys_in_force(),
        "may_propose": by.may(P.CONFIG_MANAGE),
        "may_decide": by.may(P.ACCOUNT_MANAGE),
        "may_settle": by.may(P.ATTEMPTS_READ),
        "me": by.label,
        "trail": [
            (
                _("存证"),
                reverse("desk:ledger") if by.permissions & {P.CONFIG_MANAGE, P.ATTEMPTS_READ} else "",
            ),
            (_("见证"), ""),
        ],
        "at": at,
    }
    return shown(request, "desk/registers/witnesses.html", context, refused)


def _who(request: HttpRequest) -> dict[str, Any]:
    by = by_of(request)
    return {"by": by.label, "by_name": by.name, "at": at_of(request)}


@beside(act="change")
def _propose(request: HttpRequest) -> None:
    organisations.require(by_of(request), P.CONFIG_MANAGE)
    ledger.cosigning.change_propose(
        act=given(request, "change", 8),
        vkey=given(request, "vkey", 300),
        url=given(request, "url", 200),
        reason=given(request, "reason", 300),
        **_who(request),
    )


def _decide(request: HttpRequest) -> None:
    organisations.require(by_of(request), P.ACCOUNT_MANAGE)
    ledger.cosigning.change_decide(
        change_id=number(given(request, "change", 19)) or 0,
        approved=given(request, "approved", 3) == "yes",
        note=given(request, "note", 300),
        **_who(request),
    )


def _settle(request: HttpRequest) -> None:
    by = by_of(request)
    organisations.require(by, P.ATTEMPTS_READ)
    ledger.witness.split_settle(
        split_id=number(given(request, "split", 19)) or 0,
        how=given(request, "how", 400),
        by=by.label,
        at=at_of(request),
    )
