"""Addresses of the archive desk."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import archive, archive_intake, archive_lists, archive_transfer, case_ledger

urlpatterns: list[URLPattern | URLResolver] = [
    path("archive/", archive.index, name="archive"),
    path("archive/ledger/", case_ledger.page, name="case_ledger"),
    path("archive/ledger/export/", case_ledger.export, name="case_ledger_export"),
    path("archive/lists/", archive_lists.index, name="archive_lists"),
    path("archive/lists/<int:list_id>/", archive_lists.one, name="archive_list"),
    path("archive/receive/", archive_intake.receive, name="archive_receive"),
    path("archive/scans/", archive_intake.scans, name="archive_scans"),
    path("archive/transfers/", archive_transfer.index, name="archive_transfers"),
    path("archive/transfers/<int:list_id>/", archive_transfer.one, name="archive_transfer"),
    path(
        "archive/transfers/<int:list_id>/list/",
        archive_transfer.paper,
        {"what": "list"},
        name="archive_transfer_list",
    ),
    path(
        "archive/transfers/<int:list_id>/register/",
        archive_transfer.paper,
        {"what": "register"},
        name="archive_transfer_register",
    ),
    path(
        "archive/transfers/<int:list_id>/files/<int:file_id>/",
        archive_transfer.take_out,
        name="archive_transfer_file",
    ),
    path("archive/<int:dossier_id>/", archive.one, name="archive_one"),
    path("archive/<int:dossier_id>/made/<int:making_id>/", archive.download, name="archive_made"),
    path("archive/<int:dossier_id>/made/<int:making_id>/report/", archive.report, name="archive_report"),
]
