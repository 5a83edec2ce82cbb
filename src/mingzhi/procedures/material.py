"""What this room gives to a dossier: its steps, as process metadata."""

from __future__ import annotations

from collections.abc import Iterator

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import Event, Source
from mingzhi.procedures import registry
from mingzhi.procedures.models import Step


def _events(dossier_id: int) -> Iterator[Event]:
    for step in Step.objects.filter(dossier_id=dossier_id).select_related("dossier").order_by("seq"):
        row = registry.procedure(step.dossier.procedure, step.dossier.procedure_version).by_verb.get(
            step.verb
        )
        label = row.label if row is not None else step.verb
        note = f"发生于 {step.occurred_at:%Y-%m-%dT%H:%M:%SZ}" if step.occurred_at != step.at else ""
        yield Event(step.at, f"环节：{label}", step.by, step.by_name, f"step:{step.pk}", note)


def _subjects(dossier_id: int) -> Iterator[str]:
    for pk in Step.objects.filter(dossier_id=dossier_id).order_by("seq").values_list("pk", flat=True):
        yield f"step:{pk}"


def register() -> None:
    dossiers.register_source(Source("procedures", events=_events, subjects=_subjects))
