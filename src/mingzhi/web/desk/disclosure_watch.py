"""公示监督: which units disclose in time, what is late and why."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from mingzhi.kernel.errors import NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.supervision import api as supervision
from mingzhi.supervision.choices import Late
from mingzhi.supervision.data import Standing
from mingzhi.web.desk.common import at_of, by_of, case_url, forms
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_or_none,
    given,
    number,
    shown,
    today,
)
from mingzhi.web.desk.statistics import top_tabs


@forms
def page(request: HttpRequest) -> HttpResponse:
    by = by_of(request)
    organisations.require(by, Permission.STATISTICS_READ)
    if request.method != "POST":
        return _page(request)
    refused = attempted(request, lambda: _explain(request), _("原因已登记"))
    return answered(request, refused, reverse("desk:disclosure_watch"), lambda r: _page(request, r))


def _explain(request: HttpRequest) -> None:
    by = by_of(request)
    supervision.late_explain(
        body_id=by.body_id,
        disclosure_id=number(given(request, "disclosure", 18)) or 0,
        reason=given(request, "reason", 16),
        text=given(request, "text", 301),
        on=today(request),
        by=by,
        at=at_of(request),
    )


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by, on = by_of(request), today(request)
    bodies = supervision.bodies_for(by)
    wanted = number(given(request, "body", 18))
    body = next((b for b in bodies if b.id == wanted), bodies[0] if bodies else None)
    if body is None:
        raise NotFound(_("没有可以监督的执法机关"), remedy=_("请联系本机关安全管理员"))
    since = day_or_none(given(request, "since", 10)) or date(on.year, 1, 1)
    until = day_or_none(given(request, "until", 10)) or on
    found = supervision.watch(body, since, until, on=on)
    makes = by.may(Permission.STATISTICS_MAKE) and body.id == by.body_id
    heads = by.may(Permission.CASE_UNIT_CHECK) and body.id == by.body_id
    opens = by.may(Permission.CASE_READ) or by.may(Permission.SUPERVISE_READ)
    bars = [(u.name, u.in_time, u.late, u.overdue) for u in found.units]
    chart = supervision.charts.stacked(bars, str(_("各机构公示及时情况")))
    return shown(
        request,
        "desk/statistics/disclosure.html",
        {
            "body": body,
            "bodies": bodies,
            "since": since,
            "until": until,
            "total": _line(found.total),
            "units": [_line(u) for u in found.units],
            "kinds": [_line(k) for k in found.kinds],
            "chart": mark_safe(chart) if bars else "",  # noqa: S308 — made by us
            "late": [
                {
                    "line": line,
                    "url": (
                        case_url(line.row.dossier_id)
                        if line.row.dossier_id
                        else reverse("desk:disclosure_one", args=[line.row.id])
                    )
                    if opens
                    else "",
                    "explains": makes or (heads and line.row.unit_id == by.unit_id),
                }
                for line in found.late
            ],
            "unlisted": [
                {"decision": u, "unit": unit, "url": case_url(u.dossier_id, "disclosure") if opens else ""}
                for u, unit in found.unlisted
            ],
            "late_why": found.late_why,
            "withheld_why": found.withheld_why,
            "reasons": Late.choices,
            "asked": number(given(request, "disclosure", 18)) or number(given(request, "explain", 18)),
            "tabs": top_tabs("watch"),
            "trail": [(_("监督统计"), reverse("desk:statistics")), (_("公示监督"), "")],
        },
        refused,
    )


def _line(standing: Standing) -> dict[str, Any]:
    """Counts with the two rates: how many of those owed are public, how many of those were in time."""
    settled = standing.in_time + standing.late + standing.overdue
    return {
        "s": standing,
        "coverage": supervision.share(standing.covered, settled),
        "timely": supervision.share(standing.in_time, settled),
    }
