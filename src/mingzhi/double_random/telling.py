"""Rooms above learn here of what an inspection found, in its transaction; this room knows none of them
(docs/decisions/0018)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mingzhi.double_random.data import InspectionView

AfterFinding = Callable[[InspectionView, datetime], None]

_after: dict[str, AfterFinding] = {}


def after_finding(name: str, run: AfterFinding) -> None:
    """``run(inspection, at)`` after a result was entered. It may write tables of its own room and nothing
    else. Registering a name again replaces it."""
    _after[name] = run


def tell(found: InspectionView, at: datetime) -> None:
    for run in _after.values():
        run(found, at)
