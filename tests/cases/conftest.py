"""The module's bureau, and cases at the stages before the lines that the guards draw."""

from __future__ import annotations

from datetime import date

import pytest

from mingzhi.web.demo.drive import Bureau, Drive
from tests.cases.staging import module_bureau, on_copy, start

__all__ = ["module_bureau"]


@pytest.fixture(scope="module")
def opened_once(module_bureau: Bureau) -> Drive:
    case = start(module_bureau)
    case.open(clue_id=case.clue())
    return case


@pytest.fixture
def opened(opened_once: Drive) -> Drive:
    """A dossier with its party, before filing is asked for."""
    return on_copy(opened_once)


@pytest.fixture(scope="module")
def filed_once(module_bureau: Bureau) -> Drive:
    case = start(module_bureau)
    case.file()
    return case


@pytest.fixture
def filed(filed_once: Drive) -> Drive:
    """Filed and approved, nothing investigated."""
    return on_copy(filed_once)


@pytest.fixture(scope="module")
def investigated_once(module_bureau: Bureau) -> Drive:
    case = start(module_bureau)
    case.file()
    case.investigate()
    return case


@pytest.fixture
def investigated(investigated_once: Drive) -> Drive:
    """Everything an ordinary report needs is there."""
    return on_copy(investigated_once)


@pytest.fixture(scope="module")
def concluded_once(module_bureau: Bureau) -> Drive:
    case = start(module_bureau)
    case.file()
    case.investigate()
    case.conclude()
    return case


@pytest.fixture
def concluded(concluded_once: Drive) -> Drive:
    """An ordinary case with its report checked by the unit: neither major nor to be heard."""
    return on_copy(concluded_once)


@pytest.fixture(scope="module")
def heavy_once(module_bureau: Bureau) -> Drive:
    case = start(
        module_bureau,
        act_on=date(2026, 9, 3),
        kinds=("03", "10"),
        other_penalty="责令停产停业十五日",
        fine_yuan="5000",
    )
    case.file()
    case.investigate()
    case.conclude()
    return case


@pytest.fixture
def heavy(heavy_once: Drive) -> Drive:
    """A case with a right to a hearing, to be reviewed and discussed."""
    return on_copy(heavy_once)


@pytest.fixture(scope="module")
def decided_once(module_bureau: Bureau) -> Drive:
    case = start(module_bureau)
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    return case


@pytest.fixture
def decided(decided_once: Drive) -> Drive:
    return on_copy(decided_once)
