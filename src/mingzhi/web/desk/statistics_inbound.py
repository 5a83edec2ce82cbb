"""下级年报: who has reported to this body, one report, the sum; and the channels by which reports go."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.supervision import api as supervision
from mingzhi.supervision.choices import Act, Way
from mingzhi.supervision.data import SenderLine
from mingzhi.web.desk.common import at_of, by_of, forms, looked, reading
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    beside,
    given,
    number,
    shown,
    today,
)
from mingzhi.web.desk.statistics import FIRST, top_tabs
from mingzhi.web.serving import file_response


@reading
def index(request: HttpRequest) -> HttpResponse:
    """Everybody who reports to this body for a year, the late ones marked; the sum of what came."""
    by, on = by_of(request), today(request)
    asked = number(given(request, "year", 4))
    year = asked if asked and FIRST <= asked < on.year else on.year - 1
    lines = supervision.inbound.senders(by, year, on)
    return shown(
        request,
        "desk/statistics/inbound.html",
        {
            "year": year,
            "years": range(on.year - 1, max(FIRST, on.year - 6), -1),
            "lines": lines,
            "late_count": sum(x.late and x.last is None for x in lines),
            "sums": _sums(lines),
            "parts": [x for x in lines if x.stands],
            "may_set": by.may(Permission.CONFIG_MANAGE),
            "tabs": top_tabs("inbound"),
            "trail": [(_("监督统计"), reverse("desk:statistics")), (_("下级年报"), "")],
        },
    )


def _sums(lines: list[SenderLine]) -> list[dict[str, Any]]:
    """Every figure that is not nothing everywhere: the sum, and what each body adds, open to its report."""
    parts = [x.stands for x in lines if x.stands is not None]
    total = supervision.inbound.added(lines)
    return [
        {
            "title": column.title,
            "table": table.title,
            "unit": supervision.unit_of(column, in_wan=True),
            "sum": supervision.figure(column, total[table.code][column.code], in_wan=True),
            "cells": [
                (
                    supervision.figure(column, p.figures.total[table.code][column.code], in_wan=True),
                    reverse("desk:inbound_report", args=[p.id]),
                )
                for p in parts
            ],
        }
        for table in supervision.TABLES
        for column in table.columns
        if total[table.code][column.code]
    ]


@forms
def one(request: HttpRequest, report_id: int) -> HttpResponse:
    """One report as it was handed in; signed for or returned here."""
    if request.method != "POST":
        return _one(request, report_id)
    act = given(request, "act", 12)
    if act not in (Act.RECEIVED, Act.RETURNED):
        raise Invalid(_("无法识别的办理事项"), remedy=_("请刷新页面后重新办理"))
    refused = attempted(
        request,
        lambda: supervision.inbound.answer_give(
            inbound_id=report_id,
            act=Act(act),
            reason=given(request, "reason", 301),
            by=by_of(request),
            at=at_of(request),
        ),
        _("已签收") if act == Act.RECEIVED else _("已退回，理由将告知报送机关"),
    )
    to = reverse("desk:inbound_report", args=[report_id])
    return answered(request, refused, to, lambda r: _one(request, report_id, r))


def _one(request: HttpRequest, report_id: int, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    found = supervision.inbound.one(by, report_id)
    tables = supervision.table_lines(found.figures, in_wan=found.in_wan)
    for table in tables:
        table["rows"] = [
            (
                title,
                unit,
                value,
                _opens(by, found.peer_id, found.year, found.no, table["code"], code, value),
                here,
                typed,
            )
            for title, unit, value, code, here, typed in table["rows"]
        ]
    return shown(
        request,
        "desk/statistics/inbound_one.html",
        {
            "found": found,
            "tables": tables,
            "open": found.act == Act.DELIVERED,
            "answers": by.may(Permission.STATISTICS_MAKE) or by.may(Permission.SUPERVISE_READ),
            "trail": [
                (_("监督统计"), reverse("desk:statistics")),
                (_("下级年报"), f"{reverse('desk:inbound_reports')}?year={found.year}"),
                (f"{found.sender} {found.year}", ""),
            ],
        },
        refused,
    )


def _opens(  # noqa: PLR0917 — a cell is named by these
    by: Actor, peer_id: int | None, year: int, no: int, table: str, column: str, value: str
) -> str:
    """Where a figure of a body of this installation opens to its cases; a report from elsewhere ends here."""
    if peer_id is None or value in ("—", "0", "0.00"):
        return ""
    if peer_id not in {b.id for b in supervision.bodies_for(by)}:
        return ""
    url = reverse("desk:statistics_figure", args=[peer_id, year])
    return f"{url}?table={table}&column={column}&no={no}"


@reading
def pdf(request: HttpRequest, report_id: int) -> HttpResponseBase:
    """The report's paper as it was handed in."""
    found = supervision.inbound.one(by_of(request), report_id)
    looked(request, "statistics:downloaded", f"inbound-report:{report_id}", year=found.year, no=found.no)
    return file_response(request, files.ref(found.pdf_id))


# --- channels ----------------------------------------------------------------------------------------


@forms
def stations(request: HttpRequest) -> HttpResponse:
    """Which way reports go up, and who may hand theirs in."""
    by = by_of(request)
    organisations.require(by, Permission.CONFIG_MANAGE)
    if request.method != "POST":
        return _stations(request)
    acts = {"set": (noop("渠道已开通"), _set), "end": (noop("渠道已停用"), _end)}
    act = given(request, "act", 8)
    if act not in acts:
        raise Invalid(_("无法识别的办理事项"), remedy=_("请刷新页面后重新办理"))
    done, run = acts[act]
    refused = attempted(request, lambda: run(request), _(done))
    return answered(request, refused, reverse("desk:report_stations"), lambda r: _stations(request, r))


def _set(request: HttpRequest) -> None:
    up = given(request, "up", 1) == "1"
    name = "receiver" if up else "name"
    with beside(name=name):
        supervision.handing.station_set(
            up=up,
            name=given(request, name, 121),
            peer_id=number(given(request, "peer", 18)) if up else None,
            url=given(request, "url", 300),
            vkey=given(request, "vkey", 300),
            due=given(request, "due", 5),
            by=by_of(request),
            at=at_of(request),
        )


def _end(request: HttpRequest) -> None:
    station = number(given(request, "station", 18)) or 0
    supervision.handing.station_end(station_id=station, by=by_of(request), at=at_of(request))


def _stations(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    body = organisations.body(by.body_id)
    year = date(today(request).year, 1, 1).year - 1
    return shown(
        request,
        "desk/statistics/stations.html",
        {
            "stations": supervision.handing.stations(body.id),
            "receivers": supervision.handing.receivers(body, year),
            "peers": supervision.handing.peers(body),
            "here": Way.HERE,
            "key": ledger.letters.key(),
            "trail": [(_("年报报送渠道"), "")],
        },
        refused,
    )
