"""Reads of the procedures room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from django.db.models import Exists, F, OuterRef, Q

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.prepared import Given, Read
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
    return [
        StepView(pk, seq, verb, rows[verb].label if verb in rows else verb, *rest)
        for pk, seq, verb, *rest in _STEPS(dossier=dossier.pk)
    ]


def latest_of(dossier_ids: Collection[int], verbs: Collection[str]) -> dict[int, dict[str, Step]]:
    """The latest step of each of ``verbs`` on each of these dossiers (one query)."""
    found: dict[int, dict[str, Step]] = {}
    rows = Step.objects.filter(dossier_id__in=list(dossier_ids), verb__in=list(verbs)).order_by("seq")
    for row in rows.only("dossier_id", "verb", "occurred_at", "facts", "seq", "by_name"):
        found.setdefault(row.dossier_id, {})[row.verb] = row
    return found


class TakenView(NamedTuple):
    """A step as far as it is counted."""

    seq: int
    verb: str
    occurred_at: datetime
    facts: dict[str, Any]


def taken_of(dossier_ids: Collection[int], verbs: Collection[str]) -> dict[int, list[TakenView]]:
    """Every step of these verbs on each of these dossiers, oldest first (one query)."""
    found: dict[int, list[TakenView]] = {}
    rows = Step.objects.filter(dossier_id__in=list(dossier_ids), verb__in=list(verbs)).order_by("seq")
    for dossier_id, *columns in rows.values_list("dossier_id", *TakenView._fields):
        found.setdefault(dossier_id, []).append(TakenView(*columns))
    return found


def stands_untaken(verb: str) -> Q:
    """Of dossiers, those that stand in a state from which ``verb`` may be taken and have not taken it since
    they came into it: what waits for that step."""
    sources = Q(pk__in=())
    for procedure in registry.procedures():
        if verb in procedure.by_verb:
            sources |= Q(procedure=procedure.code, state__in=procedure.by_verb[verb].sources)
    moved = Step.objects.filter(dossier=OuterRef("dossier"), seq__gt=OuterRef("seq")).exclude(
        from_state=F("to_state")
    )
    taken = Step.objects.filter(dossier=OuterRef("pk"), verb=verb).exclude(Exists(moved))
    return sources & Q(~Exists(taken))


_STEPS = Read(lambda: Step.objects.filter(dossier_id=Given("dossier")).order_by("seq").values_list(*_COLUMNS))
_BY_KEY = Read(lambda: Step.objects.filter(key=Given("key")).order_by().values_list("pk"))


def step_by_key(key: str) -> Step | None:
    """The step that a submission made, if it made one."""
    row = _BY_KEY.one(key=key)
    return Step.objects.get(pk=row[0]) if row is not None else None


class Taken(Protocol):
    """What of a step the fold looks at."""

    @property
    def id(self) -> int: ...
    @property
    def seq(self) -> int: ...
    @property
    def from_state(self) -> str: ...
    @property
    def to_state(self) -> str: ...


def fold(taken: Iterable[Taken], procedure: Procedure) -> str:
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
    """Every way in which a dossier stands otherwise than its steps have brought it; each as a sentence."""
    return [sentence for _, sentence in standing_otherwise()]


def standing_otherwise() -> Iterator[tuple[str, str]]:
    """(subject, sentence) where a stored state, stage, count or time is not what the steps lead to.

    Two passes side by side, over dossiers and over steps, whatever their number.
    """
    steps_of = groupby(_taken(), key=lambda step: step.dossier_id)
    owner, own = next(steps_of, (None, iter(())))
    for dossier in _states():
        taken: list[_Taken] = []
        if owner == dossier.id:
            taken = list(own)
            owner, own = next(steps_of, (None, iter(())))
        for sentence in _wrong(dossier, taken):
            yield f"dossier:{dossier.id}", sentence


class _Taken(NamedTuple):
    dossier_id: int
    id: int
    seq: int
    from_state: str
    to_state: str
    at: datetime


class _State(NamedTuple):
    id: int
    number: str
    procedure: str
    procedure_version: str
    state: str
    stage: str
    steps_taken: int
    opened_at: datetime
    last_step_at: datetime
    closed_at: datetime | None


def _taken() -> Iterator[_Taken]:
    rows = Step.objects.order_by("dossier_id", "seq").values_list(*_Taken._fields)
    return map(_Taken._make, rows.iterator(chunk_size=5000))


def _states() -> Iterator[_State]:
    rows = dossiers.Dossier.objects.order_by("pk").values_list(*_State._fields)
    return map(_State._make, rows.iterator(chunk_size=5000))


def _wrong(dossier: _State, taken: list[_Taken]) -> list[str]:
    try:
        procedure = registry.procedure(dossier.procedure, dossier.procedure_version)
    except (KeyError, StopIteration):
        return [f"案卷 {dossier.number}：没有程序 {dossier.procedure}（{dossier.procedure_version}）"]
    try:
        state = fold(taken, procedure)
        procedure.by_state[state]
    except (ValueError, KeyError) as error:
        return [f"案卷 {dossier.number}：环节不连续（{error}）"]
    found = []
    if state != dossier.state:
        found.append(f"案卷 {dossier.number}：记录状态为 {dossier.state}，按环节推算为 {state}")
    if len(taken) != dossier.steps_taken:
        found.append(f"案卷 {dossier.number}：记录环节数为 {dossier.steps_taken}，实有 {len(taken)} 个")
    if state == dossier.state and dossier.stage != procedure.by_state[state].stage:
        found.append(f"案卷 {dossier.number}：记录阶段为 {dossier.stage}，与其状态不符")
    if dossier.last_step_at != (taken[-1].at if taken else dossier.opened_at):
        found.append(f"案卷 {dossier.number}：最近环节时间与环节不符")
    # A matter taken in already closed (archive.held) has no step that closed it: its day is described.
    described = not taken and procedure.by_state[state].final
    if not described and dossier.closed_at != _closed_at(taken, procedure):
        found.append(f"案卷 {dossier.number}：办结时间与环节不符")
    return found


def _closed_at(taken: list[_Taken], procedure: Procedure) -> datetime | None:
    """When the matter came to its end, if it is at one; steps after the end do not move it."""
    closed: datetime | None = None
    for step in taken:
        closed = (closed or step.at) if procedure.by_state[step.to_state].final else None
    return closed


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
