"""What waits to be served in a case, each with the step that serves it."""

from __future__ import annotations

from datetime import datetime

from mingzhi.cases.penalty import proposal
from mingzhi.documents.data import PaperView
from mingzhi.dossiers.api import Dossier
from mingzhi.organisations.data import Actor
from mingzhi.procedures import api as procedures

SERVE_VERBS = ("notice_serve", "decision_serve", "paper_serve")


def serve_verb(template: str) -> str:
    """Notices and decisions have steps of their own, because clocks hang on them."""
    if template in proposal.NOTICES:
        return "notice_serve"
    return "decision_serve" if template in proposal.DECISIONS else "paper_serve"


def papers_to_serve(dossier: Dossier, *, by: Actor, at: datetime) -> list[tuple[str, PaperView]]:
    """Step and paper for every outward paper that this person may serve in the state the case is in."""
    procedure = procedures.procedure(dossier.procedure, dossier.procedure_version)
    rows = [procedure.by_verb.get(verb) for verb in SERVE_VERBS]
    open_now = [r.verb for r in rows if r and dossier.state in r.sources and by.may(r.permission)]
    if not open_now:
        return []
    ctx = procedures.form_context(dossier, open_now[0], by=by, at=at)
    waiting = [(serve_verb(paper.template), paper) for paper in proposal.unserved(ctx)]
    return [(verb, paper) for verb, paper in waiting if verb in open_now]
