"""Addresses of the desk face: cases here, registers and review desks beside them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import (
    archive_urls,
    cases_urls,
    components,
    inspections_urls,
    recordings_urls,
    registers_urls,
    statistics_urls,
)

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("_components/", components.page, name="components"),
    *cases_urls.urlpatterns,
    *recordings_urls.urlpatterns,
    *registers_urls.urlpatterns,
    *archive_urls.urlpatterns,
    *statistics_urls.urlpatterns,
    *inspections_urls.urlpatterns,
]
