"""Addresses of looking: requests, a record's content and custody, what is made from it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import access, custody, derive, parties, playback

_RECORD = "cases/<int:dossier_id>/records/<int:record_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("access/", access.index, name="access"),
    path("access/statistics/", access.statistics, name="access_statistics"),
    path("access/<int:request_id>/", access.page, name="access_request"),
    path("access/<int:request_id>/decide/", access.decide, name="access_decide"),
    path("access/<int:request_id>/revoke/", access.revoke, name="access_revoke"),
    path("parties/", parties.index, name="parties"),
    path("parties/<int:party_id>/", parties.page, name="party_page"),
    path("parties/<int:party_id>/full/", parties.reveal, name="party_full"),
    path("parties/<int:party_id>/match/", parties.match, name="party_match"),
    path("cases/<int:dossier_id>/access/", access.ask, name="access_ask"),
    path("cases/<int:dossier_id>/papers/<int:paper_id>/custody/", custody.paper_chain, name="paper_chain"),
    path(_RECORD, custody.look, name="record"),
    path(f"{_RECORD}custody/", custody.record_chain, name="record_chain"),
    path(f"{_RECORD}download/", custody.download, name="record_download"),
    path(f"{_RECORD}original/", custody.original, name="record_original"),
    path(f"{_RECORD}play/<str:key>/", playback.play, name="record_play"),
    path(f"{_RECORD}play/<str:key>/note/", playback.note, name="record_note"),
    path(f"{_RECORD}play/<str:key>/bytes/", custody.stream, name="record_bytes"),
    path(f"{_RECORD}derive/", derive.page, name="record_derive"),
    path(f"{_RECORD}derive/frame/", derive.frame, name="record_frame"),
    path(f"{_RECORD}made/<int:order_id>/", derive.order, name="record_order"),
    path(f"{_RECORD}made/<int:order_id>/file/", derive.fetch, name="record_order_file"),
]
