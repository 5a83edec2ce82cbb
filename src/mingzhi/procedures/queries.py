"""Reads of the procedures room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mingzhi.dossiers import api as dossiers
from mingzhi.procedures import registry
from mingzhi.procedures.data import Procedure, StepView
from mingzhi.procedures.models import Step


def step_view(step: Step, dossier: dossiers.Dossier) -> StepView:
    procedure = registry.procedure(dossier.procedure, dossier.procedure_version)
    row = procedure.by_verb.get(step.verb)
    return StepView(
        id=step.pk,
        seq=step.seq,
        verb=step.verb,
        label=row.label if row else step.verb,
        stage=step.stage,
        from_state=step.from_state,
        to_state=step.to_state,
        by=step.by,
        by_name=step.by_name,
        at=step.at,
        occurred_at=step.occurred_at,
        facts=step.facts,
        norms=step.norms,
    )


_COLUMNS = (
    *("id", "seq", "verb", "stage", "from_state", "to_state", "by", "by_name"),
    *("at", "occurred_at", "facts", "norms"),
)


def steps(dossier: dossiers.Dossier) -> list[StepView]:
    """All steps of the dossier, oldest first."""
    rows = registry.procedure(dossier.procedure, dossier.procedure_version).by_verb
    taken = Step.objects.filter(dossier_id=dossier.pk).order_by("seq").values_list(*_COLUMNS)
    return [
        StepView(pk, seq, verb, rows[verb].label if verb in rows else verb, *rest)
        for pk, seq, verb, *rest in taken
    ]


def fold(taken: Iterable[StepView], procedure: Procedure) -> str:
    """The state that the steps lead to. A step that does not follow from the one before raises."""
    state = procedure.initial
    for seq, step in enumerate(taken, start=1):
        if step.from_state != state or step.seq != seq:
            raise ValueError(
                f"step {step.id}: does not follow (at {state}, from {step.from_state}, seq {step.seq}≠{seq})"
            )
        state = step.to_state
    return state


def inconsistencies() -> list[str]:
    """Dossiers whose stored state is not the fold of their steps; each as a sentence."""
    found = []
    for dossier in dossiers.Dossier.objects.order_by("pk").iterator(chunk_size=500):
        procedure = registry.procedure(dossier.procedure, dossier.procedure_version)
        try:
            state = fold(steps(dossier), procedure)
        except ValueError as error:
            found.append(f"案卷 {dossier.number}：环节不连续（{error}）")
            continue
        if state != dossier.state:
            found.append(f"案卷 {dossier.number}：记录状态为 {dossier.state}，按环节推算为 {state}")
    return found


def printed(procedure: Procedure) -> list[dict[str, Any]]:
    """The table as it can be printed: one dict a row, in the words of the desk."""
    lines = []
    for row in procedure.rows:
        targets = row.targets_shown or ((row.target,) if isinstance(row.target, str) else ())
        lines.append(
            {
                "环节": row.label,
                "阶段": row.stage,
                "从": "、".join(procedure.by_state[s].label for s in row.sources),
                "到": "、".join(procedure.by_state[s].label for s in targets) or "不变",
                "权限": row.permission.value,
                "执法人员": row.officers,
                "条件": [f"{g.code} {g.label}（{g.citation}）" for g in row.guards],
                "文书": [f"{p.template} {p.title}" for p in row.papers],
                "音像记录": row.recording,
                "起算期限": [f"{c.label}（{c.norm}）" for c in row.clocks],
                "终止期限": list(row.stops),
                "公示": row.discloses,
                "依据": row.citation,
            }
        )
    return lines
