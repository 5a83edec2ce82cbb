"""Addresses of the public face."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mingzhi.web.public import checks, feed, intake, lists, log, procedures, registers, reports, views, witness

app_name = "public"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("decisions/", views.decisions, name="decisions"),
    path("decisions/<int:pk>/", views.decision, name="decision"),
    path("decisions/<int:pk>/receipt", views.receipt, name="receipt"),
    path("decisions/<int:pk>/bundle", views.bundle, name="bundle"),
    path("decisions/<int:pk>/text", views.published_text, name="text"),
    path("decisions/<int:pk>/qr.svg", views.qr, name="qr"),
    path("decisions/<int:pk>/correction/", intake.correction, name="correction"),
    path("parties/<str:code>/", views.party, name="party"),
    path("lists/", registers.hub, name="lists"),
    path("lists/bodies/", registers.bodies, name="bodies"),
    path("lists/people/", registers.people, name="people"),
    path("lists/items/", registers.items, name="items"),
    path("lists/items/<str:code>/", registers.item, name="item"),
    path("lists/recording/", registers.recording, name="recording"),
    path("lists/review/", registers.review, name="review"),
    path("lists/no-penalty/", registers.no_penalty, name="no_penalty"),
    path("lists/terms/", registers.terms, name="terms"),
    path("feed/", feed.about, name="feed"),
    path("feed/events.json", feed.events, name="feed_events"),
    path("feed/atom.xml", feed.atom, name="feed_atom"),
    path("feed/inventory.json", feed.inventory, name="feed_inventory"),
    path("lists/published/<int:list_id>/", lists.one, name="list"),
    path("lists/published/<int:list_id>/<int:number>.<str:form>", lists.download, name="list_file"),
    path("lists/published/<int:list_id>/<int:number>/receipt", lists.receipt, name="list_receipt"),
    path("reports/", reports.reports, name="reports"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/<str:kind>", reports.report_file, name="report_file"),
    path("procedures/", procedures.index, name="procedures"),
    path("procedures/<str:code>/", procedures.one, name="procedure"),
    path("procedures/<str:code>/chart.svg", procedures.drawing, name="procedure_chart"),
    path("officers/", checks.officers, name="officers"),
    path("officers/<str:code>", checks.officer_code, name="officer_code"),
    path("progress/", intake.progress, name="progress"),
    path("complaints/", intake.complaints, name="complaints"),
    path("verify/", checks.verify, name="verify"),
    path("verify/<str:code>", checks.verify_code, name="verify_code"),
    path("verify/<str:code>/receipt", checks.verify_receipt_file, name="verify_receipt_file"),
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
