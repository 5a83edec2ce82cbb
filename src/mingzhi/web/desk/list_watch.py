"""清单复核监督: which agencies' lists are late for their review, or come due."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.supervision import api as supervision
from mingzhi.web.desk.common import by_of, reading
from mingzhi.web.desk.registers_common import today
from mingzhi.web.desk.statistics import top_tabs


@reading
def page(request: HttpRequest) -> HttpResponse:
    by, on = by_of(request), today(request)
    organisations.require(by, Permission.STATISTICS_READ)
    bodies = supervision.bodies_for(by)
    lines = supervision.lists.reviews(bodies, on)
    return render(
        request,
        "desk/statistics/lists.html",
        {
            "late": [line for line in lines if line.days_late],
            "soon": [line for line in lines if not line.days_late],
            "opens": by.may(Permission.SUPERVISE_READ) or by.may(Permission.CATALOGUE_MANAGE),
            "many": len(bodies) > 1,
            "tabs": top_tabs("lists"),
            "trail": [(_("监督统计"), reverse("desk:statistics")), (_("清单复核"), "")],
        },
    )
