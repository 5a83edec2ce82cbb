"""Writes of service (送达): one row per attempt, never changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from mingzhi.documents import choices, events
from mingzhi.documents.actions import data_of
from mingzhi.documents.data import ServiceFacts, ServiceView
from mingzhi.documents.errors import NotServed, PaperFixed
from mingzhi.documents.models import Paper, PaperVoid, Service
from mingzhi.documents.queries import service_view
from mingzhi.documents.service import deemed_on, service_problems
from mingzhi.kernel import canonical, clock
from mingzhi.kernel.errors import NotFound
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations.data import Actor


@transaction.atomic
def serve(*, paper_id: int, mode: str, facts: ServiceFacts, by: Actor, at: datetime) -> ServiceView:
    """Register one attempt to serve a paper, with its proof and the day it counts from.

    ``NotServed`` names everything that is missing at once. The same paper served again on the same
    recipient returns what is already registered. For a public notice the earlier failed attempts of
    this paper count toward «other ways were impossible» (民事诉讼法第九十五条).
    """
    paper = Paper.objects.select_for_update().defer("data").filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    if PaperVoid.objects.filter(paper_id=paper_id).exists():
        raise PaperFixed("文书已作废，不能送达", code="documents.paper_void", remedy="请重新制作文书后送达")
    mark = fingerprint(facts.recipient.strip())
    earlier = list(Service.objects.filter(paper_id=paper_id))
    if not facts.failed:
        for row in earlier:
            if row.outcome == choices.ServiceOutcome.DONE and row.recipient_fingerprint == mark:
                return service_view(row)
    if mode == choices.ServiceMode.PUBLIC and not facts.attempts:
        tried = tuple(
            f"{clock.local_date(row.recorded_at).isoformat()} {choices.ServiceMode(row.mode).label}未成"
            for row in earlier
            if row.outcome == choices.ServiceOutcome.FAILED
        )
        facts = replace(facts, attempts=tried)
    drawn_on = clock.local_date(paper.drawn_at)
    if facts.on_spot:
        # Handed over where there was no net, it is entered here later than the day that stands on it.
        drawn_on = min(drawn_on, date.fromisoformat(str(data_of(paper)["drawn_on"])[:10]))
    problems = service_problems(mode, facts, drawn_on=drawn_on, today=clock.local_date(at))
    if problems:
        raise NotServed(reasons=problems)
    text = canonical.encode(facts).decode()
    row = Service.objects.create(
        paper=paper,
        dossier_id=paper.dossier_id,
        mode=mode,
        outcome=choices.ServiceOutcome.FAILED if facts.failed else choices.ServiceOutcome.DONE,
        deemed_on=deemed_on(mode, facts),
        recipient_fingerprint=None if facts.failed else mark,
        facts=text,
        facts_digest=hashlib.sha256(text.encode()).hexdigest(),
        recorded_at=at,
        recorded_by=by.label,
    )
    events.SERVED.kept(row, at=at)
    return service_view(row)
