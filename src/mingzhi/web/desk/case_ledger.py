"""执法台账 (R088): the register of matters of a period, made from the cases themselves, never typed."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.cases import api as cases
from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel import clock, money
from mingzhi.kernel.sheets import safe_cell
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.procedures import api as procedures
from mingzhi.web.desk.archive import tabs_of
from mingzhi.web.desk.common import by_of, looked, reading, state_labels
from mingzhi.web.desk.registers_common import day_or_none, given, number, shown, today

SIZE = 50
MOST = 20_000
DECISIONS = ("P18", "P19", "P20")
HEADS = (
    "序号", "案卷编号", "案由", "当事人", "承办机构", "主办人", "程序", "立案日期", "决定书文号", "决定日期",
    "处理结果", "罚没金额（元）", "送达日期", "已缴金额（元）", "结案日期", "归档号", "状态",
)  # fmt: skip
WIDTHS = (6, 24, 36, 26, 16, 10, 18, 12, 26, 12, 18, 14, 12, 14, 12, 14, 12)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register; days are empty until they come."""

    dossier: Dossier
    procedure: str
    decision: str
    decided_on: date | None
    outcome: str
    fen: int | None
    served_on: date | None
    paid_fen: int
    archive_number: str
    state: str


_OUTCOMES = {
    "penalise": "予以行政处罚",
    "spared": "不予行政处罚",
    "unfounded": "违法事实不成立",
    "transfer": "移送",
}


def entry(dossier: Dossier) -> Entry:
    """A dossier's line, from its steps and papers."""
    steps = procedures.steps(dossier)
    decided = next((s for s in reversed(steps) if s.verb in ("decide", "spot_decide")), None)
    papers = [p for p in documents.papers(dossier.pk) if p.template in DECISIONS and p.voided_at is None]
    facts = decided.facts if decided is not None else {}
    amounts = [money.fen(facts[k]) for k in ("fine_yuan", "forfeit_yuan") if facts.get(k)]
    archived = dossiers.archive.archive_of(dossier.pk)
    procedure = procedures.procedure(dossier.procedure, dossier.procedure_version)
    return Entry(
        dossier=dossier,
        procedure=procedure.name,
        decision=papers[-1].number or "" if papers else "",
        decided_on=clock.local_date(decided.occurred_at) if decided is not None else None,
        outcome=_OUTCOMES.get(facts.get("outcome", "penalise"), "") if decided is not None else "",
        fen=sum(amounts) if decided is not None else None,
        served_on=papers[-1].served_on if papers else None,
        paid_fen=sum(money.fen(s.facts["amount_yuan"]) for s in steps if s.verb == "payment"),
        archive_number=archived.number if archived else "",
        state=procedure.by_state[dossier.state].label,
    )


def _asked(request: HttpRequest) -> tuple[date, date]:
    """The period, both days included: this year so far unless asked otherwise."""
    end = day_or_none(given(request, "until", 10)) or today(request)
    begin = day_or_none(given(request, "since", 10)) or date(end.year, 1, 1)
    return (begin, end) if begin <= end else (end, begin)


def _rows(request: HttpRequest, begin: date, end: date) -> Any:
    by = by_of(request)
    opened = (clock.at_local(begin), clock.at_local(date.fromordinal(end.toordinal() + 1)))
    rows = dossiers.dossiers_for(by, P.CASE_READ).filter(
        body_id=by.body_id, opened_at__gte=opened[0], opened_at__lt=opened[1]
    )
    others = (dossiers.held.PROCEDURE, *cases.MATTER_PROCEDURES)
    return rows.exclude(procedure__in=others).select_related("unit").order_by("opened_at", "pk")


@reading
def page(request: HttpRequest) -> HttpResponseBase:
    """The register of a period, fifty lines at a time."""
    by = by_of(request)
    organisations.require(by, P.CASE_READ)
    begin, end = _asked(request)
    start = min(number(given(request, "from", 9)) or 0, MOST)
    found = list(_rows(request, begin, end)[start : start + SIZE + 1])
    return shown(
        request,
        "desk/archive/ledger.html",
        {
            "tabs": tabs_of(by, "ledger"),
            "since": begin,
            "until": end,
            "lines": [(start + n, entry(d)) for n, d in enumerate(found[:SIZE], 1)],
            "next": start + SIZE if len(found) > SIZE else None,
            "previous": max(0, start - SIZE) if start else None,
            "states": state_labels(),
            "trail": [(_("案卷归档"), reverse("desk:archive")), (_("执法台账"), "")],
        },
    )


@reading
def export(request: HttpRequest) -> HttpResponseBase:
    """The whole register of the period as xlsx, written row by row."""
    by = by_of(request)
    organisations.require(by, P.CASE_READ)
    begin, end = _asked(request)
    file = tempfile.TemporaryFile(prefix="mingzhi-export-")  # noqa: SIM115 — FileResponse closes it
    count = _write(file, (entry(d) for d in _rows(request, begin, end)[:MOST].iterator(chunk_size=200)))
    looked(request, "cases:exported", f"body:{by.body_id}", rows=count, query=f"台账 {begin} {end}")
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"执法台账-{begin}至{end}.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _write(file: Any, entries: Iterator[Entry]) -> int:
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("执法台账")
    bold = book.add_format({"bold": True, "bg_color": "#EEF1F5", "border": 1})
    amount = book.add_format({"num_format": "#,##0.00"})
    for column, (head, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, bold)
    sheet.freeze_panes(1, 2)
    count = 0
    for line in entries:
        count += 1
        for column, value in enumerate(itertools.chain([count], _cells(line))):
            if isinstance(value, int | float):
                sheet.write_number(count, column, value, amount if isinstance(value, float) else None)
            else:
                sheet.write_string(count, column, safe_cell(value))
    book.close()
    return count


def _cells(line: Entry) -> tuple[str | float, ...]:
    dossier = line.dossier
    return (
        dossier.number,
        dossier.title,
        dossier.party_name,
        dossier.unit.name,
        dossier.lead_name,
        line.procedure,
        clock.local_date(dossier.opened_at).isoformat(),
        line.decision,
        line.decided_on.isoformat() if line.decided_on else "",
        line.outcome,
        line.fen / 100 if line.fen else "",
        line.served_on.isoformat() if line.served_on else "",
        line.paid_fen / 100 if line.paid_fen else "",
        clock.local_date(dossier.closed_at).isoformat() if dossier.closed_at else "",
        line.archive_number,
        line.state,
    )
