"""Decisions that nobody took up for disclosure: made before this was asked with the decision (R007)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from mingzhi.cases.matters.disclosure import Told, elsewhere, wanting
from mingzhi.cases.matters.matter import MATTER
from mingzhi.dossiers import api as dossiers
from mingzhi.procedures import api as procedures
from mingzhi.publication import api as publication
from mingzhi.publication.data import NOBODY

VERBS = ("register", "matter_decide", "answered")
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Undisclosed:
    """A decision on no list of disclosures, and what is missing for it."""

    dossier_id: int
    unit_id: int | None
    title: str
    number: str
    decided_on: date
    lacks: tuple[str, ...]


def undisclosed(body_ids: Collection[int], *, limit: int = LIMIT) -> list[Undisclosed]:
    """Oldest first. One that was annulled owes nothing; one that a penalty case holds is disclosed there."""
    rows = dossiers.Dossier.objects.filter(body_id__in=body_ids, procedure=MATTER, state="decided")
    waiting = list(publication.standing.never_taken_up(rows).order_by("pk")[:limit])
    taken = procedures.latest_of([d.pk for d in waiting], VERBS)
    found = []
    for dossier in waiting:
        steps = taken.get(dossier.pk, {})
        step, told = steps.get("matter_decide") or steps.get("answered"), steps.get("register")
        if step is None or told is None:
            continue
        decision = Told(date.fromisoformat(step.facts["decided_on"]), step.facts["number"], step.facts)
        if elsewhere(decision):
            continue
        party_kind = str(told.facts.get("party_kind", ""))
        nobody = party_kind != NOBODY and not dossiers.parties(dossier.pk, "party")
        lacks = [
            *(["相对人登记"] if nobody else []),
            *(w.what for w in wanting(told.facts["act_type"], party_kind, decision)),
        ]
        found.append(
            Undisclosed(
                dossier.pk, dossier.unit_id, dossier.title, decision.number, decision.decided_on, tuple(lacks)
            )
        )
    return found
