"""Addresses of the public face, and which of its pages may be kept."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.ledger import api as ledger
from mingzhi.publication import api as publication
from mingzhi.web.kept import hangs_on
from mingzhi.web.public import (
    checks,
    draws,
    feed,
    intake,
    lists,
    log,
    procedures,
    questions,
    registers,
    reports,
    views,
    witness,
)

app_name = "public"
# A decision's page is another when its own words change; the others when anything at all was recorded.
words = hangs_on(publication.feed.mark)
facts = hangs_on(lambda **_: ledger.recorded())
urlpatterns: list[URLPattern | URLResolver] = [
    path("", facts(views.home), name="home"),
    path("decisions/", facts(views.decisions), name="decisions"),
    path("decisions/<int:pk>/", words(views.decision), name="decision"),
    path("decisions/<int:pk>/receipt", views.receipt, name="receipt"),
    path("decisions/<int:pk>/bundle", views.bundle, name="bundle"),
    path("decisions/<int:pk>/text", views.published_text, name="text"),
    path("decisions/<int:pk>/qr.svg", views.qr, name="qr"),
    path("decisions/<int:pk>/files/<str:digest>", views.attachment, name="attachment"),
    path("decisions/<int:pk>/correction/", intake.correction, name="correction"),
    path("decisions/<int:pk>/repair/", intake.repair, name="repair"),
    path("parties/<str:code>/", views.party, name="party"),
    path("lists/", facts(registers.hub), name="lists"),
    path("lists/bodies/", facts(registers.bodies), name="bodies"),
    path("lists/people/", facts(registers.people), name="people"),
    path("lists/items/", facts(registers.items), name="items"),
    path("lists/items/<str:code>/", facts(registers.item), name="item"),
    path("lists/recording/", facts(registers.recording), name="recording"),
    path("lists/review/", facts(registers.review), name="review"),
    path("lists/no-penalty/", facts(registers.no_penalty), name="no_penalty"),
    path("lists/terms/", facts(registers.terms), name="terms"),
    path("lists/reference/<str:kind>.csv", registers.reference, name="reference"),
    path("feed/", feed.about, name="feed"),
    path("feed/events.json", feed.events, name="feed_events"),
    path("feed/atom.xml", feed.atom, name="feed_atom"),
    path("feed/inventory.json", feed.inventory, name="feed_inventory"),
    path("lists/published/<int:list_id>/", facts(lists.one), name="list"),
    path("lists/published/<int:list_id>/<int:number>.<str:form>", lists.download, name="list_file"),
    path("lists/published/<int:list_id>/<int:number>/receipt", lists.receipt, name="list_receipt"),
    path("inspections/", draws.draws, name="draws"),
    path("inspections/<int:pk>/", draws.draw, name="draw"),
    path("inspections/<int:pk>/<str:kind>", draws.draw_file, name="draw_file"),
    path("reports/", facts(reports.reports), name="reports"),
    path("reports/<int:pk>/", facts(reports.report), name="report"),
    path("reports/<int:pk>/<str:kind>", reports.report_file, name="report_file"),
    path("procedures/", facts(procedures.index), name="procedures"),
    path("procedures/<str:code>/", facts(procedures.one), name="procedure"),
    path("procedures/<str:code>/chart.svg", facts(procedures.drawing), name="procedure_chart"),
    path("officers/", checks.officers, name="officers"),
    path("officers/<str:code>", checks.officer_code, name="officer_code"),
    path("progress/", intake.progress, name="progress"),
    path("questions/", questions.index, name="questions"),
    path("questions/ask/", questions.ask, name="question_ask"),
    path("questions/<int:pk>/", questions.one, name="question"),
    path("complaints/", intake.complaints, name="complaints"),
    path("verify/", checks.verify, name="verify"),
    path("verify/<str:code>", checks.verify_code, name="verify_code"),
    path("verify/<str:code>/receipt", checks.verify_receipt_file, name="verify_receipt_file"),
    path("witness/", witness.page, name="witnesses"),
    path("witness/add-checkpoint", witness.add_checkpoint, name="witness_add"),
    path("witness/seen/<str:digest>", witness.seen, name="witness_seen"),
    path("witness/key", witness.key, name="witness_key"),
    path("ledger/checkpoint", log.checkpoint, name="checkpoint"),
    path("ledger/checkpoint/cosigned", log.cosigned, name="cosigned"),
    path("ledger/key", log.key, name="key"),
    path("ledger/keys", log.keys, name="keys"),
    path("ledger/tile/entries/<path:name>", log.entries, name="ledger_entries"),
    path("ledger/tile/<int:level>/<path:name>", log.tile, name="ledger_tile"),
]
