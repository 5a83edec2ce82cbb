"""What this room gives to a dossier: its discussions. Their minutes are papers, so no items of its own."""

from __future__ import annotations

from collections.abc import Iterator

from mingzhi.deliberations.models import Discussion
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import Event, Source


def _events(dossier_id: int) -> Iterator[Event]:
    for row in Discussion.objects.filter(dossier_id=dossier_id).select_related("chair").order_by("pk"):
        subject = f"discussion:{row.pk}"
        yield Event(row.held_at, f"集体讨论：{row.topic}", row.recorded_by, row.chair.name, subject)


def _subjects(dossier_id: int) -> Iterator[str]:
    for pk in Discussion.objects.filter(dossier_id=dossier_id).order_by("pk").values_list("pk", flat=True):
        yield f"discussion:{pk}"


def register() -> None:
    dossiers.register_source(Source("deliberations", events=_events, subjects=_subjects))
