"""Addresses of the annual report and of the watch over disclosure and over lists."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import disclosure_watch, list_watch, statistics, statistics_inbound

urlpatterns: list[URLPattern | URLResolver] = [
    path("statistics/", statistics.index, name="statistics"),
    path("statistics/disclosure/", disclosure_watch.page, name="disclosure_watch"),
    path("statistics/lists/", list_watch.page, name="list_watch"),
    path("statistics/inbound/", statistics_inbound.index, name="inbound_reports"),
    path("statistics/inbound/<int:report_id>/", statistics_inbound.one, name="inbound_report"),
    path("statistics/inbound/<int:report_id>/pdf", statistics_inbound.pdf, name="inbound_report_pdf"),
    path("statistics/stations/", statistics_inbound.stations, name="report_stations"),
    path("statistics/<int:body_id>/<int:year>/", statistics.year, name="statistics_year"),
    path("statistics/<int:body_id>/<int:year>/figure/", statistics.figure, name="statistics_figure"),
    path(
        "statistics/<int:body_id>/<int:year>/versions/<int:no>/",
        statistics.version,
        name="statistics_version",
    ),
    path(
        "statistics/<int:body_id>/<int:year>/receipts/<int:scan_id>",
        statistics.receipt,
        name="statistics_receipt",
    ),
    path(
        "statistics/<int:body_id>/<int:year>/versions/<int:no>/<str:kind>",
        statistics.download,
        name="statistics_file",
    ),
]
