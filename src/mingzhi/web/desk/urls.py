"""Addresses of the desk face."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import components

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("_components/", components.page, name="components"),
]
