"""The rows of a flow chart: a procedure's own states and steps, as the public reads them.

What is published as 执法流程图 is these rows and nothing typed beside them; ``digest`` changes with
every part of the table that is enforced, shown or not, so that a chart that no longer is its table
can be named (``mingzhi check``).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.data import quoted
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import MingzhiError
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import BodyRef
from mingzhi.procedures.data import Procedure, Row

UNITS = {"WD": "个工作日", "CD": "日", "H": "小时", "M": "个月", "Y": "年"}


def chart_rows(procedure: Procedure, body: BodyRef, on: date) -> list[list[Any]]:
    """One row a state and one row a step, in the table's order; terms as they stand for the body on a day."""
    states: list[list[Any]] = [
        [f"状态{n:02d}", "state", s.label, s.stage, [], [], "终结" if s.final else "", [], [], ""]
        for n, s in enumerate(procedure.states, 1)
    ]
    return states + [_step(procedure, n, body, on) for n in range(len(procedure.rows))]


def _step(procedure: Procedure, place: int, body: BodyRef, on: date) -> list[Any]:
    row = procedure.rows[place]
    return [
        f"环节{place + 1:02d}",
        "step",
        row.label,
        row.stage,
        [procedure.by_state[s].label for s in row.sources],
        [procedure.by_state[s].label for s in targets(row)],
        "、".join(organisations.roles_with(row.permission)),
        [_term(c.norm, c.label, body, on) for c in row.clocks],
        [p.title for p in row.papers],
        quoted(row.citation),
    ]


def targets(row: Row) -> tuple[str, ...]:
    """States a step may lead to; none when it leaves the matter where it is."""
    return row.targets_shown or ((row.target,) if isinstance(row.target, str) else ())


def _term(name: str, label: str, body: BodyRef, on: date) -> str:
    try:
        norm = catalogue.norm(name, body=body, on=on)
    except MingzhiError:
        return f"{label}（待核实）"
    if norm.value is None or norm.unit not in UNITS:
        return f"{label}（待核实）"
    doubt = "，待核实" if norm.unconfirmed else ""
    return f"{label}（{norm.value}{UNITS[norm.unit]}{doubt}）"


def chart_digest(procedure: Procedure, rows: list[list[Any]]) -> str:
    """Digest over the enforced table and the rows drawn from it."""
    table = [
        [
            r.verb,
            r.label,
            r.stage,
            list(r.sources),
            list(targets(r)),
            r.permission.value,
            r.relation,
            r.officers,
            r.recording,
            r.citation,
            [[g.code, g.label, g.citation] for g in r.guards],
            [[c.norm, c.label] for c in r.clocks],
            list(r.stops),
            [[p.template, p.title] for p in r.papers],
            r.discloses,
        ]
        for r in procedure.rows
    ]
    states = [[s.code, s.label, s.stage, s.final] for s in procedure.states]
    return canonical.digest([procedure.code, procedure.version, states, table, rows])
