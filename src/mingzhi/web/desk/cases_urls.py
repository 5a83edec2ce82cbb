"""Addresses of the working desk: home, clues, cases, steps, records, search."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import (
    access_urls,
    case_list,
    case_page,
    clues,
    drafts,
    exports,
    home,
    intake_registers,
    intakes,
    papers,
    records,
    search,
    step,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.page, name="home"),
    path("warnings/", home.warnings, name="warnings"),
    path("search/", search.page, name="search"),
    path("token/", drafts.token, name="token"),
    path("clues/", clues.index, name="clues"),
    path("clues/new/", clues.new, name="clue_new"),
    path("clues/<int:clue_id>/", clues.page, name="clue"),
    path("clues/<int:clue_id>/dismiss/", clues.dismiss, name="clue_dismiss"),
    path("clues/<int:clue_id>/open/", clues.open_case, name="clue_open"),
    path("intakes/", intakes.index, name="intakes"),
    path("intakes/export/", exports.intakes, name="intakes_export"),
    path("intakes/questions/", intake_registers.questions, name="intake_questions"),
    path("intakes/terms/", intake_registers.terms, name="intake_terms"),
    path("intakes/<int:intake_id>/", intakes.one, name="intake"),
    path("intakes/<int:intake_id>/files/<int:file_id>/", intakes.file, name="intake_file"),
    path(
        "intakes/<int:intake_id>/transfers/<int:transfer_id>/", intakes.transfer_file, name="intake_transfer"
    ),
    path(
        "intakes/<int:intake_id>/transfers/<int:transfer_id>/<int:event_id>/",
        intakes.transfer_file,
        name="intake_transfer_scan",
    ),
    path("cases/", case_list.page, name="cases"),
    path("cases/export/", exports.cases, name="cases_export"),
    path("exports/<int:export_id>/", exports.page, name="export"),
    path("exports/<int:export_id>/file/", exports.download, name="export_file"),
    path("cases/views/", case_list.view_save, name="cases_view_save"),
    path("cases/views/<int:view_id>/drop/", case_list.view_drop, name="cases_view_drop"),
    path("cases/new/", clues.open_direct, name="case_new"),
    path("cases/<int:dossier_id>/", case_page.page, name="case"),
    path("cases/<int:dossier_id>/receipt/<str:kind>/<int:ref>/", case_page.receipt, name="receipt"),
    path("cases/<int:dossier_id>/parties/<int:party_id>/", case_page.party_reveal, name="party_reveal"),
    path("cases/<int:dossier_id>/do/<str:verb>/", step.page, name="step"),
    path("cases/<int:dossier_id>/do/<str:verb>/draft/", drafts.save, name="step_draft"),
    path("cases/<int:dossier_id>/do/<str:verb>/draft/drop/", drafts.drop, name="step_draft_drop"),
    path("cases/<int:dossier_id>/do/<str:verb>/preview/", step.preview, name="step_preview"),
    path("cases/<int:dossier_id>/discretion/", step.discretion, name="discretion"),
    path("cases/<int:dossier_id>/papers/<int:paper_id>/", papers.pdf, name="paper"),
    path("cases/<int:dossier_id>/signatures/<int:signature_id>/", papers.signature, name="signature"),
    path("cases/<int:dossier_id>/records/upload/", records.upload, name="record_upload"),
    path("cases/<int:dossier_id>/records/excuse/", records.excuse, name="record_excuse"),
    *access_urls.urlpatterns,
]
