"""统计年报: the year's tables, what is behind a figure, freezing, correcting, sending on, publishing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from mingzhi.files import api as files
from mingzhi.kernel import money
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import UnitKind
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.supervision import api as supervision
from mingzhi.supervision.data import Figures, LinkView
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, looked, reading
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_of,
    given,
    number,
    shown,
    today,
    uploaded,
)
from mingzhi.web.serving import file_response

FIRST = 2016
TABS = ("figures", "units", "words", "chain", "supplements")


def _url(body_id: int, year: int, tab: str = "") -> str:
    url = reverse("desk:statistics_year", args=[body_id, year])
    return f"{url}?tab={tab}" if tab else url


@reading
def index(request: HttpRequest) -> HttpResponse:
    """Years of the bodies this person may see, and where each report stands."""
    by, on = by_of(request), today(request)
    organisations.require(by, Permission.STATISTICS_READ)
    bodies = supervision.bodies_for(by)
    lines = []
    for body in bodies:
        for year in _years(body, on.year):
            found = supervision.versions(body.id, year)
            lines.append(
                {
                    "year": year,
                    "body": body.short_name,
                    "url": _url(body.id, year),
                    "open": year >= on.year,
                    "version": found[0] if found else None,
                    "late": [x for x in supervision.chain_standing(body, year, on) if x.late and not x.done]
                    if year < on.year
                    else [],
                }
            )
    return render(
        request,
        "desk/statistics/index.html",
        {
            "lines": sorted(lines, key=lambda x: -x["year"]),
            "several": len(bodies) > 1,
            "tabs": top_tabs("reports"),
            "trail": [(_("监督统计"), "")],
        },
    )


def top_tabs(here: str) -> list[dict[str, Any]]:
    return [
        {"label": _("统计年报"), "url": reverse("desk:statistics"), "here": here == "reports"},
        {"label": _("下级年报"), "url": reverse("desk:inbound_reports"), "here": here == "inbound"},
        {"label": _("公示监督"), "url": reverse("desk:disclosure_watch"), "here": here == "watch"},
        {"label": _("清单复核"), "url": reverse("desk:list_watch"), "here": here == "lists"},
    ]


def _years(body: BodyRef, now: int) -> list[int]:
    return sorted({now, now - 1, *supervision.years(body)}, reverse=True)


# --- one year ----------------------------------------------------------------------------------------------


@forms
def year(request: HttpRequest, body_id: int, year: int) -> HttpResponse:
    by = by_of(request)
    body = supervision.access_body(by, body_id)
    if not FIRST <= year <= today(request).year:
        raise NotFound(_("没有这一年度的统计年报"), remedy=_("请从年报列表中选择"))
    if request.method != "POST":
        return _page(request, body, year)
    act = given(request, "act", 20)
    if act not in _ACTS:
        raise Invalid(_("无法识别的办理事项"), remedy=_("请刷新页面后重新办理"))
    done, tab, run = _ACTS[act]
    refused = attempted(request, lambda: run(request, body, year), _(done))
    return answered(
        request, refused, _url(body_id, year, tab), lambda r: _page(request, body, year, r, tab=tab)
    )


def _freeze(request: HttpRequest, body: BodyRef, year: int) -> None:
    supervision.report_freeze(
        body_id=body.id,
        year=year,
        narrative=given(request, "narrative", 20_001),
        reason=given(request, "reason", 500),
        by=by_of(request),
        at=at_of(request),
    )


def _approve(request: HttpRequest, body: BodyRef, year: int) -> None:
    supervision.report_approve(
        body_id=body.id,
        year=year,
        no=number(given(request, "no", 4)) or 0,
        by=by_of(request),
        at=at_of(request),
    )


def _place(request: HttpRequest) -> tuple[int, int | None]:
    """The link and the unit that a chain form names."""
    no, _sep, unit = given(request, "link", 30).partition("-")
    found = number(no)
    if found is None or found > 99:
        raise Invalid(_("没有选择报送环节"), remedy=_("请刷新页面后重新办理"))
    return found, number(unit) or None


def _send(request: HttpRequest, body: BodyRef, year: int) -> None:
    no, unit_id = _place(request)
    supervision.report_send(
        body_id=body.id,
        year=year,
        link_no=no,
        unit_id=unit_id,
        number=given(request, "number", 80),
        note=given(request, "note", 300),
        by=by_of(request),
        at=at_of(request),
    )


def _receive(request: HttpRequest, body: BodyRef, year: int) -> None:
    no, unit_id = _place(request)
    problems = Problems()
    on = day_of(problems, request, "on", _("签收日期"))
    problems.raise_if_any()
    supervision.report_receive(
        body_id=body.id,
        year=year,
        link_no=no,
        unit_id=unit_id,
        person=given(request, "person", 60),
        on=on,
        number=given(request, "number", 80),
        scan=uploaded(request, "scan"),
        by=by_of(request),
        at=at_of(request),
    )


def _supplement(request: HttpRequest, body: BodyRef, year: int) -> None:
    problems = Problems()
    text = given(request, "cases", 12).replace(",", "")
    sign, digits = (-1, text[1:]) if text[:1] == "-" else (1, text)
    cases = number(digits or "0")
    if cases is None:
        problems.add("cases", _("数量应为整数"))
    fen = 0
    amount = given(request, "amount", 24)
    if amount:
        try:
            fen = money.fen(amount.removeprefix("-")) * (-1 if amount.startswith("-") else 1)
        except ValueError as wrong:
            problems.add("amount", str(wrong))
    unit_id = number(given(request, "unit", 18))
    known = {u.id for u in organisations.units(body.id)}
    if unit_id not in known:
        problems.add("unit", _("请选择报送机构"))
    problems.raise_if_any()
    supervision.supplement_report(
        body_id=body.id,
        unit_id=unit_id or 0,
        year=year,
        cell=given(request, "cell", 40),
        cases=sign * (cases or 0),
        fen=fen,
        source=given(request, "source", 200),
        outside=given(request, "outside", 2) == "on",
        by=by_of(request),
        at=at_of(request),
    )


_ACTS: dict[str, tuple[str, str, Any]] = {
    "freeze": (noop("年报已定版，数据、规则和所列案件摘要已存证"), "words", _freeze),
    "approve": (noop("年报已审定并向社会公布"), "words", _approve),
    "send": (noop("已登记报送"), "chain", _send),
    "receive": (noop("已登记签收"), "chain", _receive),
    "supplement": (noop("补报数已登记，已计入年报"), "supplements", _supplement),
}


def _labels() -> dict[str, str]:
    return {
        "figures": _("数据表"),
        "units": _("分机构数据"),
        "words": _("说明与定版"),
        "chain": _("报送与公布"),
        "supplements": _("补报数"),
    }


def _page(
    request: HttpRequest, body: BodyRef, year: int, refused: Refused | None = None, *, tab: str = ""
) -> HttpResponse:
    by, at, on = by_of(request), at_of(request), today(request)
    tab = tab or given(request, "tab", 12)
    tab = tab if tab in TABS else "figures"
    rule = supervision.year_rule(body, year)
    found = supervision.current(body, year, at)
    versions = supervision.versions(body.id, year)
    labels = _labels()
    context: dict[str, Any] = {
        "body": body,
        "year": year,
        "tab": tab,
        "tabs": [
            {"label": labels[key], "url": f"?tab={key}", "here": key == tab, "count": None} for key in TABS
        ],
        "versions": versions,
        "last": versions[0] if versions else None,
        "running": year >= on.year,
        "at": at,
        "makes": _may(by, Permission.STATISTICS_MAKE, body),
        "approves": _may(by, Permission.STATISTICS_APPROVE, body),
        "rule": rule.lines,
        "trail": [(_("监督统计"), reverse("desk:statistics")), (f"{body.short_name} {year}", "")],
    }
    context |= _PARTS[tab](request, body, year, found)
    return shown(request, "desk/statistics/year.html", context, refused)


def _may(by: Actor, permission: Permission, body: BodyRef) -> bool:
    return by.may(permission) and by.body_id == body.id


def _cell_url(body: BodyRef, year: int, table: str, column: str, **narrowed: int) -> str:
    more = "".join(f"&{k}={v}" for k, v in narrowed.items())
    return f"{reverse('desk:statistics_figure', args=[body.id, year])}?table={table}&column={column}{more}"


def _linked(table: dict[str, Any], body: BodyRef, year: int, **narrowed: int) -> list[tuple[Any, ...]]:
    """The rows of a table with the address that each figure opens to."""
    return [
        (
            title,
            unit,
            value,
            "" if value in ("—", "0", "0.00") else _cell_url(body, year, table["code"], code, **narrowed),
            here,
            typed,
        )
        for title, unit, value, code, here, typed in table["rows"]
    ]


def _figures(request: HttpRequest, body: BodyRef, year: int, found: Figures) -> dict[str, Any]:
    in_wan = supervision.year_rule(body, year).in_wan
    tables = supervision.table_lines(found, in_wan=in_wan)
    for table in tables:
        table["rows"] = _linked(table, body, year)
    return {
        "tables": tables,
        "charts": [(title, mark_safe(svg)) for title, svg in supervision.drawn(found)],  # noqa: S308 — made by us
        "people": (
            found.officers,
            found.certified,
            supervision.share(found.certified, found.officers),
        ),
        "rates": [*_rates(found), _marks(body, year), *_review(body, year)],
    }


def _rate(name: str, part: int | None, whole: int | None) -> tuple[str, str, str]:
    return name, supervision.share(part or 0, whole or 0), f"{part or 0}/{whole or 0}"


def _rates(found: Figures) -> list[tuple[str, str, str]]:
    """R056: how often decisions were corrected, and how content people are by the survey."""
    review, asked = found.total["review"], found.total["satisfaction"]
    return [
        _rate(_("复议纠错率"), review["annulled.reconsideration"], review["remedy.reconsideration"]),
        _rate(_("诉讼败诉率"), review["annulled.court"], review["remedy.court"]),
        _rate(_("法制审核纠错率"), review["review_problem"], review["reviewed"]),
        _rate(_("社会满意度"), asked["survey.satisfied"], asked["survey.asked"]),
    ]


def _marks(body: BodyRef, year: int) -> tuple[str, str, str]:
    """R056: how content those are who sent something in and marked the answer."""
    found = supervision.answers_marked(body, year)
    return _rate(_("公众来件评价满意、基本满意"), found["good"] + found["fair"], sum(found.values()))


def _review(body: BodyRef, year: int) -> list[tuple[str, str, str]]:
    """How legal review stands, as its own room counts it."""
    found = supervision.reviewed(body, year)
    days = found.average_days
    return [
        (
            _("重大决定审核率"),
            supervision.share(found.covered, found.major),
            f"{found.covered}/{found.major}",
        ),
        (
            _("首次审核发现问题"),
            supervision.share(found.problems, found.opined),
            f"{found.problems}/{found.opined}",
        ),
        (
            _("平均审核用时（工作日）"),
            f"{days:.1f}" if days is not None else "",
            f"{found.days}/{found.opined}",
        ),
    ]


def _units(request: HttpRequest, body: BodyRef, year: int, found: Figures) -> dict[str, Any]:
    in_wan = supervision.year_rule(body, year).in_wan
    parts = [("body", p) for p in found.bodies] + [("unit", p) for p in found.units]
    rows = []
    for table in supervision.TABLES:
        for column in table.columns:
            if not any(p.values[table.code][column.code] for _k, p in parts):
                continue
            rows.append(
                {
                    "title": column.title,
                    "table": table.title,
                    "unit": supervision.unit_of(column, in_wan=in_wan),
                    "cells": [
                        (
                            supervision.figure(column, p.values[table.code][column.code], in_wan=in_wan),
                            _cell_url(body, year, table.code, column.code, **{kind: p.id})
                            if p.values[table.code][column.code]
                            else "",
                        )
                        for kind, p in parts
                    ],
                }
            )
    bars = [(p.name, p.values["penalty"]["total"] or 0) for _k, p in parts]
    chart = supervision.charts.lying(bars, str(_("各机构行政处罚决定")))
    return {
        "parts": [p.name for _k, p in parts],
        "rows": rows,
        "unit_chart": mark_safe(chart) if parts else "",  # noqa: S308 — made by us
    }


def _words(request: HttpRequest, body: BodyRef, year: int, found: Figures) -> dict[str, Any]:
    last = next(iter(supervision.versions(body.id, year)), None)
    before = next(iter(supervision.versions(body.id, year - 1)), None)
    in_wan = supervision.year_rule(body, year).in_wan
    draft = supervision.narrative_draft(
        body.short_name,
        found,
        in_wan=in_wan,
        before=before.figures if before is not None else None,
        disclosed=supervision.year_counts(body, year, on=today(request)),
    )
    by = by_of(request)
    return {
        "draft": draft,
        "changed": _told(supervision.difference(last.figures, found), in_wan=in_wan) if last else [],
        "narrative": last.narrative if last is not None and given(request, "redraft", 1) != "1" else draft,
        "own": last is not None and last.by == by.label,
    }


def _chain(request: HttpRequest, body: BodyRef, year: int, found: Figures) -> dict[str, Any]:
    by, on = by_of(request), today(request)
    lines = supervision.chain_standing(body, year, on)
    makes = _may(by, Permission.STATISTICS_MAKE, body)
    last = next(iter(supervision.versions(body.id, year)), None)
    over = year < on.year

    def sends(view: LinkView) -> bool:
        mine = makes or (view.unit_id == by.unit_id and by.may(Permission.CASE_UNIT_CHECK))
        if view.public or not mine or not over:
            return False
        if view.unit_id is not None:
            return not view.done
        return last is not None and view.version != last.no

    return {
        "links": [
            {
                "view": v,
                "corrected": last is not None and v.corrected(last.no),
                "sends": sends(v),
                "receives": makes and v.done and not v.public and not v.way and v.received_on is None,
            }
            for v in lines
        ],
        "late_count": sum(v.late and not v.done for v in lines),
    }


def _supplements(request: HttpRequest, body: BodyRef, year: int, found: Figures) -> dict[str, Any]:
    by = by_of(request)
    makes = _may(by, Permission.STATISTICS_MAKE, body)
    own = by.body_id == body.id and by.may(Permission.CASE_UNIT_CHECK)
    units = [
        u
        for u in organisations.units(body.id)
        if (makes and u.kind in (UnitKind.ENFORCEMENT, UnitKind.OFFICE, UnitKind.REVIEW))
        or (own and u.id == by.unit_id)
    ]
    return {
        "supplements": supervision.supplements(body, year),
        "units": units,
        "reported": supervision.REPORTED,
    }


_PARTS = {
    "figures": _figures,
    "units": _units,
    "words": _words,
    "chain": _chain,
    "supplements": _supplements,
}


# --- behind a figure ------------------------------------------------------------------------------------------


@reading
def figure(request: HttpRequest, body_id: int, year: int) -> HttpResponse:
    """The cases and supplements a figure is made of; ``?no=`` as of a frozen version."""
    by, at = by_of(request), at_of(request)
    body = supervision.access_body(by, body_id)
    found = supervision.find_column(given(request, "table", 20), given(request, "column", 40))
    if found is None:
        raise NotFound(_("没有这一统计项"), remedy=_("请从年报数据表中选择"))
    table, column = found
    no, unit_id, part = (number(given(request, k, 18)) for k in ("no", "unit", "body"))
    frozen = supervision.version(body_id, year, no) if no else None
    held = supervision.behind(
        body,
        year,
        column,
        unit_id=unit_id,
        body_id=part,
        moment=frozen.as_of if frozen is not None else None,
        known=supervision.spoken_for(frozen) if frozen is not None else None,
        after=number(given(request, "after", 18)) or 0,
    )
    looked(request, "statistics:opened", f"body:{body_id}", year=year, table=table.code, column=column.code)
    rule = supervision.year_rule(body, year)
    in_wan = bool(frozen.rule["in_wan"]) if frozen is not None else rule.in_wan
    opens = by.may(Permission.CASE_READ) or by.may(Permission.SUPERVISE_READ)
    name = organisations.unit(unit_id).name if unit_id else organisations.body(part).name if part else ""
    return render(
        request,
        "desk/statistics/figure.html",
        {
            "table": table,
            "column": column,
            "part": name,
            "frozen": frozen,
            "cases": [
                {
                    "line": c,
                    "url": case_url(c.dossier_id) if opens else "",
                    "adds": supervision.amount(c.fen, in_wan=in_wan) if column.money else c.cases,
                }
                for c in held.cases
            ],
            "inspections": [
                (i, reverse("desk:inspection_task", args=[i.assignment_id]) if opens else "")
                for i in held.inspections
            ],
            "supplements": [
                (s, supervision.amount(s.fen, in_wan=in_wan) if column.money else s.cases)
                for s in held.supplements
            ],
            "unit_word": supervision.unit_of(column, in_wan=in_wan),
            "next": held.next,
            "year": year,
            "moment": frozen.as_of if frozen is not None else at,
            "trail": [
                (_("监督统计"), reverse("desk:statistics")),
                (f"{body.short_name} {year}", _url(body_id, year)),
                (_(column.title), ""),
            ],
        },
    )


# --- a frozen version -------------------------------------------------------------------------------------------


@reading
def version(request: HttpRequest, body_id: int, year: int, no: int) -> HttpResponse:
    """A version as it was frozen; ``?check=1`` reckons it again as of its date."""
    body = supervision.access_body(by_of(request), body_id)
    found = supervision.version(body_id, year, no)
    in_wan = bool(found.rule["in_wan"])
    tables = supervision.table_lines(found.figures, in_wan=in_wan)
    for table in tables:
        table["rows"] = _linked(table, body, year, no=no)
    checked = given(request, "check", 1) == "1"
    differs, same = supervision.recomputed(found) if checked else ([], True)
    return render(
        request,
        "desk/statistics/version.html",
        {
            "body": body,
            "found": found,
            "tables": tables,
            "difference": _told(found.difference, in_wan=in_wan),
            "checked": checked,
            "differs": differs,
            "same": same,
            "trail": [
                (_("监督统计"), reverse("desk:statistics")),
                (f"{body.short_name} {year}", _url(body_id, year)),
                (_("第 %(no)s 版") % {"no": no}, ""),
            ],
        },
    )


def _told(difference: Iterable[Mapping[str, Any]], *, in_wan: bool) -> list[dict[str, Any]]:
    return [
        {
            "sheet": d["sheet"],
            "title": d["title"],
            "from": supervision.amount(d["from"], in_wan=in_wan) if d["money"] else d["from"],
            "to": supervision.amount(d["to"], in_wan=in_wan) if d["money"] else d["to"],
        }
        for d in difference
    ]


@reading
def download(request: HttpRequest, body_id: int, year: int, no: int, kind: str) -> HttpResponseBase:
    """The frozen report as it was made: PDF or workbook."""
    supervision.access_body(by_of(request), body_id)
    found = supervision.version(body_id, year, no)
    if kind not in ("pdf", "xlsx"):
        raise NotFound
    looked(request, "statistics:downloaded", f"body:{body_id}", year=year, no=no, kind=kind)
    return file_response(request, files.ref(found.pdf_id if kind == "pdf" else found.xlsx_id))


@reading
def receipt(request: HttpRequest, body_id: int, year: int, scan_id: int) -> HttpResponseBase:
    """The picture of a receipt on paper."""
    body = supervision.access_body(by_of(request), body_id)
    if scan_id not in {x.scan_id for x in supervision.chain_standing(body, year, today(request))}:
        raise NotFound
    looked(request, "statistics:downloaded", f"body:{body_id}", year=year, scan=scan_id)
    return file_response(request, files.ref(scan_id))
