"""Addresses of the desk's registers, review desk and disclosure desk."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.desk import (
    boards,
    lists,
    lists_guides,
    lists_import,
    places,
    registers_witnesses,
    review_advisers,
    review_matters,
    review_report,
    review_trial,
)
from mingzhi.web.desk import registers_bodies as bodies
from mingzhi.web.desk import registers_bodies_edit as bodies_edit
from mingzhi.web.desk import registers_calendar as calendar
from mingzhi.web.desk import registers_catalogue as catalogue
from mingzhi.web.desk import registers_channels as channels
from mingzhi.web.desk import registers_disclosure as disclosure
from mingzhi.web.desk import registers_papers as papers
from mingzhi.web.desk import registers_review as review
from mingzhi.web.desk import registers_system as system

urlpatterns: list[URLPattern | URLResolver] = [
    path("review/", review.queue, name="review"),
    path("review/matters/", review_matters.matters, name="review_matters"),
    path("review/matters/<int:dossier_id>/party/", review_matters.party, name="review_matter_party"),
    path("review/matters/new/", review_matters.new, name="review_matter_new"),
    path("review/trial/", review_trial.page, name="review_trial"),
    path("review/people/", review_report.people, name="review_people"),
    path("review/indicators/", review_report.indicators, name="review_indicators"),
    path("review/departures/", review_report.departures, name="review_departures"),
    path("review/advisers/", review_advisers.advisers, name="review_advisers"),
    path("review/advice/", review_advisers.mine, name="review_advice_mine"),
    path("review/advice/<int:consultation_id>/", review_advisers.advice, name="review_advice"),
    path("review/<int:dossier_id>/ask/", review_advisers.ask, name="review_ask"),
    path("review/<int:dossier_id>/", review.matter, name="review_matter"),
    path("disclosures/", disclosure.queue, name="disclosure"),
    path("disclosures/rules/", channels.rules, name="disclosure_rules"),
    path("disclosures/<int:disclosure_id>/", disclosure.one, name="disclosure_one"),
    path("channels/", channels.page, name="channels"),
    path("channels/<int:target_id>/reconcile/", channels.reconcile, name="channel_reconcile"),
    path("channels/<int:target_id>/<str:name>/<str:form>", channels.batch, name="channel_batch"),
    path("organisations/", bodies.index, name="organisations"),
    path("organisations/bodies/new/", bodies_edit.body_new, name="body_new"),
    path("organisations/bodies/<int:body_id>/", bodies_edit.body_edit, name="body_edit"),
    path("organisations/units/<int:unit_id>/", bodies_edit.unit_edit, name="unit_edit"),
    path("organisations/people/<int:person_id>/", bodies.person, name="person"),
    path("places/", boards.index, name="places"),
    path("places/new/", places.place_new, name="place_new"),
    path("places/<int:place_id>/", places.place, name="place"),
    path("places/<int:place_id>/windows/new/", places.window_new, name="window_new"),
    path("places/<int:place_id>/windows/<int:window_id>/", places.window, name="window"),
    path("places/<int:place_id>/board/", boards.board, name="place_board"),
    path("places/<int:place_id>/windows/<int:window_id>/board/", boards.board, name="window_board"),
    path("places/<int:place_id>/board.pdf", boards.trial, name="place_board_trial"),
    path("places/<int:place_id>/windows/<int:window_id>/board.pdf", boards.trial, name="window_board_trial"),
    path("boards/<int:print_id>.pdf", boards.sheets, name="board_sheets"),
    path("catalogue/", catalogue.items, name="catalogue"),
    path("catalogue/items/<str:code>/", catalogue.item, name="item"),
    path("catalogue/laws/", catalogue.laws, name="laws"),
    path("catalogue/laws/<int:law_id>/", catalogue.law, name="law"),
    path("catalogue/discretion/", catalogue.discretion, name="discretion_helper"),
    path("catalogue/norms/", catalogue.norms, name="norms"),
    path("catalogue/recording/", catalogue.recording_list, name="recording_list"),
    path("catalogue/review/", catalogue.review_list, name="review_list"),
    path("lists/", lists.index, name="lists"),
    path("lists/new/<str:kind>/", lists.start, name="list_start"),
    path("lists/blank/<str:kind>.xlsx", lists.blank, name="list_blank"),
    path("lists/guides/<int:guide_id>/", lists_guides.page, name="list_guide"),
    path("lists/guides/<int:guide_id>/difference.<str:form>", lists_guides.download, name="list_guide_file"),
    path("lists/one/<int:list_id>/", lists.one, name="list_one"),
    path("lists/<int:version_id>/", lists.version, name="list_version"),
    path("lists/<int:version_id>/row/", lists.row, name="list_row"),
    path("lists/<int:version_id>/import/", lists_import.page, name="list_import"),
    path("lists/<int:version_id>/import/<int:import_id>/", lists_import.large, name="list_import_large"),
    path("lists/<int:version_id>/difference.<str:form>", lists.difference, name="list_difference"),
    path("lists/<int:version_id>/list.<str:form>", lists.download, name="list_file"),
    path("calendar/", calendar.page, name="calendar"),
    path("templates/", papers.templates, name="templates"),
    path("templates/<str:code>/", papers.template, name="template"),
    path("templates/<str:code>/check/", papers.template_check, name="template_check"),
    path("templates/<str:code>/preview/", papers.template_preview, name="template_preview"),
    path("numbers/", papers.numbers, name="numbers"),
    path("numbers/style/", papers.number_style, name="number_style"),
    path("procedures/", papers.procedure_list, name="procedures"),
    path("procedures/<str:code>/", papers.procedure, name="procedure"),
    path("ledger/", system.page, name="ledger"),
    path("ledger/witnesses/", registers_witnesses.page, name="ledger_witnesses"),
    path("ledger/<int:entry_id>/receipt/", system.receipt, name="ledger_receipt"),
    path("system/", system.system, name="system"),
    path("system/retry/<int:message_id>/", system.retry, name="outbox_retry"),
]
