"""审核人员、审核指标、责任报告: who reviews, how well it works, and who departed from which opinion (R106–R113, R122, R127–R130)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.kernel.sheets import safe_cell
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import TrainingKind
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.review import api as review
from mingzhi.review.data import Indicators
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, reading
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_of,
    day_or_none,
    given,
    number,
    shown,
    today,
)

DECIDING = ("decide", "matter_decide", "report_up", "countersign")
"""Steps that make the decision, whoever's table they stand in: whom R129 calls the first to answer."""
WIDTH, ROW = 80, 64


# --- the reviewers ----------------------------------------------------------------------------


@forms
def people(request: HttpRequest) -> HttpResponse:
    """The register of reviewers, the ratio with its arithmetic, trainings and examinations."""
    by = by_of(request)
    if not by.permissions & (review.REPORT_PERMISSIONS | {Permission.CERTIFICATE_MANAGE}):
        organisations.require(by, Permission.REVIEW_OPINE)
    if request.method != "POST":
        return _people(request)
    refused = attempted(request, lambda: _train(request), _("培训、考试已登记"))
    return answered(request, refused, reverse("desk:review_people"), lambda r: _people(request, r))


def _people(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by, on = by_of(request), today(request)
    lines = organisations.reviewers.register(by.body_id, on)
    return shown(
        request,
        "desk/registers/reviewers.html",
        {
            "lines": [
                {
                    "line": x,
                    "this_year": sum(
                        t.hours
                        for t in x.trainings
                        if t.kind == TrainingKind.REVIEWER and t.held_on.year == on.year
                    ),
                    "exams": [t for t in x.trainings if t.kind == TrainingKind.LAW_EXAM],
                    "last": next((t for t in x.trainings if t.kind == TrainingKind.REVIEWER), None),
                }
                for x in lines
            ],
            "sum": review.staffing_sum(organisations.body(by.body_id), on),
            "on": on,
            "may_train": by.may(Permission.CERTIFICATE_MANAGE),
            "kinds": [
                (v, label)
                for v, label in TrainingKind.choices
                if v in (TrainingKind.REVIEWER, TrainingKind.LAW_EXAM)
            ],
            "trail": [(_("法制审核"), reverse("desk:review")), (_("审核人员"), "")],
        },
        refused,
    )


def _train(request: HttpRequest) -> None:
    problems = Problems()
    held_on = day_of(problems, request, "held_on", _("日期"))
    problems.raise_if_any()
    organisations.training_register(
        person_id=number(given(request, "person_id", 19)) or 0,
        kind=given(request, "kind", 16),
        title=given(request, "title", 121),
        held_on=held_on,
        hours=number(given(request, "hours", 5)) or 0,
        passed="passed" in request.POST,
        by=by_of(request),
        at=at_of(request),
    )


# --- indicators ---------------------------------------------------------------------------------


def _period(request: HttpRequest) -> tuple[date, date]:
    """The asked days, by default the year so far; an end before its start asks for that one day."""
    until = day_or_none(given(request, "until", 10)) or today(request)
    since = day_or_none(given(request, "since", 10)) or date(until.year, 1, 1)
    return min(since, until), until


def _moments(since: date, until: date) -> dict[str, Any]:
    return {"since": clock.at_local(since), "until": clock.at_local(until + timedelta(days=1))}


@reading
def indicators(request: HttpRequest) -> HttpResponse:
    """Coverage, days and problem rate by unit and by month, each with a chart and its table."""
    by = by_of(request)
    review.require_report(by)
    since, until = _period(request)
    cells = review.indicators(body_ids=[by.body_id], **_moments(since, until))
    units = [
        review.total((c for c in cells if c.unit_id == unit_id), unit=name)
        for unit_id, name in {c.unit_id: c.unit for c in cells}.items()
    ]
    months = [
        review.total((c for c in cells if c.month == month), month=month)
        for month in sorted({c.month for c in cells})
    ]
    whole = review.total(cells, unit=_("合计"), month=_("合计"))
    return render(
        request,
        "desk/registers/review_indicators.html",
        {
            "since": since,
            "until": until,
            "tables": [
                {"title": _("按承办机构"), "head": _("承办机构"), "rows": [_line(r, r.unit) for r in [*units, whole]], "bars": _bars(units, "unit"), "height": ROW * len(units) + 4, "drawn": _told(units)},
                {"title": _("按月"), "head": _("月份"), "rows": [_line(r, r.month) for r in [*months, whole]], "bars": _bars(months, "month"), "height": ROW * len(months) + 4, "drawn": _told(months)},
            ]
            if cells
            else [],
            "trail": [(_("法制审核"), reverse("desk:review")), (_("审核指标"), "")],
        },
    )  # fmt: skip


def _told(rows: list[Indicators]) -> bool:
    """Whether there is a rate to draw: without a major decision and an opinion there is none."""
    return any(r.coverage_permille is not None or r.problem_permille is not None for r in rows)


def _percent(permille: int | None) -> str:
    return "—" if permille is None else f"{permille / 10:.1f}%"


def _line(row: Indicators, name: str) -> dict[str, Any]:
    days = row.average_days
    return {
        "name": name,
        "row": row,
        "days": "—" if days is None else f"{days:.1f}",
        "problems": _percent(row.problem_permille),
        "coverage": _percent(row.coverage_permille),
        "open": row.coverage_permille is not None and row.coverage_permille < 1000,
    }


def _bars(rows: list[Indicators], name: str) -> list[dict[str, Any]]:
    """Coverage and problem rate of each line, on a scale that ends at 100 %."""
    return [
        {
            "name": getattr(r, name),
            "text_y": ROW * i + 16,
            "y": ROW * i + 22,
            "y_problem": ROW * i + 40,
            "coverage": _percent(r.coverage_permille),
            "problem": _percent(r.problem_permille),
            "wide": WIDTH * (r.coverage_permille or 0) / 1000,
            "wide_problem": WIDTH * (r.problem_permille or 0) / 1000,
        }
        for i, r in enumerate(rows)
    ]


# --- departures and responsibility ------------------------------------------------------------------


@reading
def departures(request: HttpRequest) -> HttpResponse:
    """Who departed from which opinion and why; who vouched, who opined, who decided, round by round."""
    by = by_of(request)
    since, until = _period(request)
    gone = review.departures(by=by, **_moments(since, until))
    lines = review.responsibility(by=by, **_moments(since, until))
    deciders = _deciders({x.dossier_id for x in lines})
    if given(request, "form", 8) == "xlsx":
        return _taken_away(request, gone, lines, deciders)
    named = by.may(Permission.CASE_READ)
    return render(
        request,
        "desk/registers/review_departures.html",
        {
            "since": since,
            "until": until,
            "departures": [{"d": d, "url": case_url(d.dossier_id, "review") if named else ""} for d in gone],
            "lines": [
                {
                    "x": x,
                    "decided": deciders.get(x.dossier_id),
                    "url": case_url(x.dossier_id, anchor=f"step-{deciders[x.dossier_id].seq}")
                    if named and x.dossier_id in deciders
                    else (case_url(x.dossier_id, "review") if named else ""),
                }
                for x in lines
            ],
            "query": f"since={since.isoformat()}&until={until.isoformat()}&form=xlsx",
            "trail": [(_("法制审核"), reverse("desk:review")), (_("责任报告"), "")],
        },
    )


def _deciders(dossier_ids: set[int]) -> dict[int, Any]:
    """The latest deciding step of each file, if there is one."""
    found = procedures.latest_of(dossier_ids, DECIDING)
    return {pk: max(by_verb.values(), key=lambda s: s.seq) for pk, by_verb in found.items()}


def _departure_columns() -> tuple[str, ...]:
    own = (_("案卷编号"), _("事项"), _("承办机构"), _("轮次"), _("情形"), _("所针对的意见"), _("意见出具人"))
    return (*own, _("行为人"), _("理由"), _("结论"), _("时间"))


def _line_columns() -> tuple[str, ...]:
    own = (_("案卷编号"), _("事项"), _("承办机构"), _("轮次"), _("送审人（对材料负责）"), _("送审时间"))
    opinion = (_("审核人（对意见负责）"), _("审核意见"), _("指出的问题"))
    return (*own, *opinion, _("签批人（对决定负责）"), _("签批时间"))


def _taken_away(request: HttpRequest, gone: Any, lines: Any, deciders: Any) -> HttpResponse:
    """The report as a workbook; who took it is kept in the second log."""
    by, at = by_of(request), at_of(request)
    file = tempfile.TemporaryFile()  # noqa: SIM115 — the response closes it
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    _sheet(
        book, _("偏离意见"), _departure_columns(),
        (
            (d.number, d.title, d.unit, str(d.round), d.kind_label, d.against, d.against_by, d.by_name, d.why, d.outcome, _moment(d.at))
            for d in gone
        ),
    )  # fmt: skip
    _sheet(
        book, _("责任链条"), _line_columns(),
        (
            (
                x.number, x.title, x.unit, str(x.round), x.submitted_by, _moment(x.submitted_at), x.reviewer, x.opinion,
                "；".join(x.problems),
                deciders[x.dossier_id].by_name if x.dossier_id in deciders else "",
                _moment(deciders[x.dossier_id].occurred_at) if x.dossier_id in deciders else "",
            )
            for x in lines
        ),
    )  # fmt: skip
    book.close()
    file.seek(0)
    ledger.attempt(
        "review:report:exported",
        f"body:{by.body_id}",
        by=by.label,
        at=at,
        detail={"departures": len(gone), "rounds": len(lines)},
        address=request.META.get("REMOTE_ADDR", ""),
    )
    name = f"{_('法制审核责任报告')}-{today(request).isoformat()}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)  # type: ignore[return-value]


def _moment(at: Any) -> str:
    return clock.local(at).strftime("%Y-%m-%d %H:%M")


def _sheet(book: Any, name: str, columns: Iterable[Any], rows: Iterable[tuple[str, ...]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for x, title in enumerate(columns):
        sheet.write_string(0, x, str(title))
        sheet.set_column(x, x, 18)
    for y, row in enumerate(rows, 1):
        for x, value in enumerate(row):
            sheet.write_string(y, x, safe_cell(value))
