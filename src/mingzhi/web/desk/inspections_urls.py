"""Addresses of the double-random inspections."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import inspections

urlpatterns: list[URLPattern | URLResolver] = [
    path("inspections/", inspections.index, name="inspections"),
    path("inspections/new/", inspections.new, name="inspection_new"),
    path("inspections/<int:draw_id>/", inspections.one, name="inspection"),
    path("inspections/tasks/<int:assignment_id>/", inspections.task, name="inspection_task"),
]
