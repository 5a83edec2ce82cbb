"""Flow charts: made from the procedure tables for publication, drawn from what was published.

Drawing takes the published rows and nothing else, so a chart shows its list, and its list is its
table (``stale`` names those where that is no longer so).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.procedures import api as procedures


def drawn() -> list[Any]:
    """The procedures that have a flow: one that begins at its end has none."""
    return [p for p in procedures.procedures() if not p.by_state[p.initial].final]


def draft(*, by: Actor, at: datetime, code: str, on: date) -> int | None:
    """A draft of the flow chart of one procedure; ``None`` when the chart in force still is its table."""
    found = next(p for p in drawn() if p.code == code)
    body = organisations.body(by.body_id)
    rows = procedures.chart_rows(found, body, on)
    digest = procedures.chart_digest(found, rows)
    current = public_lists.chart_of(body.id, code, on)
    if current is not None and current.source_digest == digest:
        return None
    chart = public_lists.list_of(
        kind=ListKind.CHART, by=by, part=code, title=f"{body.name}{found.name}流程图"
    )
    version = public_lists.list_start(
        list_id=chart.pk,
        valid_from=on,
        reason="程序表制定、调整后重新制作流程图",
        basis=found.basis,
        rows=rows,
        source_digest=digest,
        by=by,
        at=at,
    )
    return int(version.pk)


def states(body_id: int, on: date) -> Iterator[tuple[Any, Any, bool]]:
    """(procedure, its chart in force or None, whether the chart is its table) for every procedure."""
    body = organisations.body(body_id)
    for found in drawn():
        current = public_lists.chart_of(body_id, found.code, on)
        if current is None:
            yield found, None, False
        else:
            rows = procedures.chart_rows(found, body, on)
            yield found, current, current.source_digest == procedures.chart_digest(found, rows)


def stale(profile: str, on: date) -> list[str]:
    """What ``mingzhi check`` tells: procedures whose public chart is missing or is not the enforced table."""
    told = []
    for body in organisations.bodies(profile=profile):
        if body.id not in {b.id for b in organisations.public_bodies()}:
            continue
        for found, current, same in states(body.id, on):
            if not same:
                told.append(
                    f"{body.short_name}“{found.name}”{'流程图与程序表不一致' if current else '没有公布流程图'}"
                )
    return told
