"""执法统计年报 as published: figures, words, charts, files (R053, R055)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from mingzhi.files import api as files
from mingzhi.kernel.errors import NotFound
from mingzhi.publication import api as publication
from mingzhi.web.serving import file_response


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Every published year, the newest version of each."""
    return render(request, "public/reports.html", {"reports": publication.reports.public_reports()})


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One published report; a replaced version says so and leads to the one in force."""
    found, versions = publication.reports.public_report(pk)
    content = found.content
    charts = [(title, mark_safe(svg)) for title, svg in content["charts"]]  # noqa: S308 — drawn by us
    return render(
        request,
        "public/report.html",
        {
            "report": found,
            "content": content,
            "charts": charts,
            "versions": versions,
            "narrative": content["narrative"].split("\n"),
        },
    )


@require_safe
def report_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The report's PDF, or its figures as a workbook."""
    if kind not in ("pdf", "xlsx"):
        raise NotFound
    found, _versions = publication.reports.public_report(pk)
    return file_response(request, files.ref(found.pdf_id if kind == "pdf" else found.xlsx_id))
