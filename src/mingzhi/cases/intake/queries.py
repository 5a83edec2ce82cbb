"""Reads of clues."""

from __future__ import annotations

from django.db.models import QuerySet

from mingzhi.cases.models import Clue
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission


def clues_for(by: Actor, state: str = "") -> QuerySet[Clue]:
    """Clues of this person's body, newest first."""
    rows = Clue.objects.filter(
        organisations.in_scope(by, Permission.CASE_READ).filter("body")
    ).select_related("unit", "dossier")
    return (rows.filter(state=state) if state else rows).order_by("-registered_at", "-pk")
