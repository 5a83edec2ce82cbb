"""Addresses of the recordings' pages: duties, devices, rooms, guides, playback."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import (
    playback,
    recording_devices,
    recording_guides,
    recording_rooms,
    recordings,
    records,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("recordings/", recordings.page, name="recordings"),
    path("recordings/coverage/", recordings.coverage, name="recording_coverage"),
    path("recordings/excuses/<int:excuse_id>/", recordings.excuse, name="recording_excuse"),
    path("recordings/devices/", recording_devices.page, name="devices"),
    path("recordings/devices/phone-code/", recording_devices.phone_code, name="phone_code"),
    path("recordings/devices/<int:device_id>/", recording_devices.one, name="device"),
    path("recordings/rooms/", recording_rooms.page, name="rooms"),
    path("recordings/rooms/bookings/<int:booking_id>/", recording_rooms.booking, name="booking"),
    path("recordings/guides/", recording_guides.page, name="guides"),
    path("recordings/guides/<int:guide_id>/video/", recording_guides.video, name="guide_video"),
    path("cases/<int:dossier_id>/recording/<str:act>/card/", playback.card, name="script_card"),
    path(
        "cases/<int:dossier_id>/records/<int:record_id>/thumb/",
        playback.picture,
        {"which": "thumb"},
        name="record_thumb",
    ),
    path(
        "cases/<int:dossier_id>/records/<int:record_id>/wave/",
        playback.picture,
        {"which": "wave"},
        name="record_wave",
    ),
    path("cases/<int:dossier_id>/records/expect/", records.expect, name="record_expect"),
]
