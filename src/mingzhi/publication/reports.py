"""执法统计年报 on the public side: finished reports come in from above, anyone may read them (R053, R055)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mingzhi.kernel.errors import NotFound
from mingzhi.organisations.data import Actor
from mingzhi.publication.data import ReportView
from mingzhi.publication.events import REPORT
from mingzhi.publication.models import PublicReport


def report_publish(
    *,
    body_id: int,
    year: int,
    no: int,
    content: Mapping[str, Any],
    pdf_id: int,
    xlsx_id: int,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Make a version of the year's report public. The same version is published once. Runs in the
    caller's transaction; returns the public id."""
    row, new = PublicReport.objects.get_or_create(
        body_id=body_id,
        year=year,
        no=no,
        defaults={
            "content": dict(content),
            "pdf_id": pdf_id,
            "xlsx_id": xlsx_id,
            "reason": reason,
            "published_at": at,
            "published_by": by.label,
        },
    )
    if new:
        REPORT.kept(row, at=at)
    return row.pk


def _view(row: PublicReport, newest: int) -> ReportView:
    return ReportView(
        id=row.pk,
        body_id=row.body_id,
        agency=row.body.name,
        year=row.year,
        no=row.no,
        content=row.content,
        pdf_id=row.pdf_id,
        xlsx_id=row.xlsx_id,
        reason=row.reason,
        published_at=row.published_at,
        current=row.no == newest,
    )


def public_reports() -> list[ReportView]:
    """The last version of every year and body, newest year first."""
    rows = PublicReport.objects.select_related("body").order_by("-year", "body__path", "-no")
    newest: dict[tuple[int, int], PublicReport] = {}
    for row in rows:
        newest.setdefault((row.year, row.body_id), row)
    return [_view(row, row.no) for row in newest.values()]


def public_report(report_id: int) -> tuple[ReportView, list[ReportView]]:
    """One published report, and all versions of its year, newest first. ``NotFound`` for any other."""
    row = PublicReport.objects.select_related("body").filter(pk=min(report_id, 2**63 - 1)).first()
    if row is None:
        raise NotFound("没有找到这份统计年报", remedy="请从统计年报列表中选择")
    same = PublicReport.objects.select_related("body").filter(body_id=row.body_id, year=row.year)
    versions = list(same.order_by("-no"))
    return _view(row, versions[0].no), [_view(v, versions[0].no) for v in versions]
