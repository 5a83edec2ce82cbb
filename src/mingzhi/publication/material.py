"""What this room gives to a dossier: when its decision was disclosed, corrected, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import Event as Done
from mingzhi.dossiers.data import Source
from mingzhi.publication.choices import EventKind
from mingzhi.publication.events import event_subject
from mingzhi.publication.models import Event


def _events(dossier_id: int) -> Iterator[Done]:
    for row in Event.objects.filter(disclosure__dossier_id=dossier_id).order_by("pk"):
        act = f"公示：{EventKind(row.kind).label}"
        yield Done(row.at, act, row.by, row.by_name, event_subject(row), row.reason)


def _subjects(dossier_id: int) -> Iterator[str]:
    for row in Event.objects.filter(disclosure__dossier_id=dossier_id).only("pk").order_by("pk"):
        yield event_subject(row)


def register() -> None:
    dossiers.register_source(Source("publication", events=_events, subjects=_subjects))
