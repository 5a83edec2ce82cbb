"""Addresses of the recordings' pages: duties, devices, rooms, guides, playback."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import recordings, records

urlpatterns: list[URLPattern | URLResolver] = [
    path("recordings/", recordings.page, name="recordings"),
    path("recordings/coverage/", recordings.coverage, name="recording_coverage"),
    path("recordings/excuses/<int:excuse_id>/", recordings.excuse, name="recording_excuse"),
    path("cases/<int:dossier_id>/records/expect/", records.expect, name="record_expect"),
]
