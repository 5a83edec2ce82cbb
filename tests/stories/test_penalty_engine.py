"""A penalty case from clue to closing, through the engine's door."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mingzhi.dossiers import api as dossiers
from mingzhi.procedures import api as procedures
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")


def test_an_ordinary_case_runs_from_clue_to_archive(drive: Callable[..., Drive]) -> None:
    case = drive()
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    case.serve("P18", "decision_serve")
    case.pay()
    case.close()
    case.step("archive", "archivist", archive_number="2026-0001", retention="permanent")
    dossier = dossiers.access_dossier(case.by("officer1"), case.id)
    assert dossier.state == "archived"
    steps = procedures.steps(dossier)
    assert procedures.fold(steps, procedures.procedure(dossier.procedure)) == "archived"
    assert procedures.inconsistencies() == []
