"""docs/seeds.md claims only what is there: every room, page and test it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "seeds.md").read_text(encoding="utf-8")
LINES = [
    [cell.strip().strip("`") for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if re.match(r"\| (R\d{3}|[A-Za-z]+-\d+) \|", line)
]
SEEDS = [cells for cells in LINES if len(cells) == 5]
RULES = [cells for cells in LINES if len(cells) == 4]
BUILT = [cells for cells in SEEDS if cells[2] != "未建"] + RULES


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_requirement_from_r001_to_r175_stands_in_the_table_once() -> None:
    assert sorted(cells[0] for cells in SEEDS) == [f"R{n:03d}" for n in range(1, 176)]
    rules = [cells[0] for cells in RULES]
    assert rules and len(set(rules)) == len(rules)


@pytest.mark.parametrize("cells", BUILT, ids=lambda cells: cells[0])
def test_what_is_claimed_names_a_room_and_a_test_that_exist(cells: list[str]) -> None:
    room, proof = cells[2], cells[-1]
    assert (ROOT / "src" / "mingzhi" / room / "api.py").is_file(), room
    path, _, name = proof.partition("::")
    assert name in functions(ROOT / "tests" / path), proof


@pytest.mark.parametrize("cells", [c for c in SEEDS if c[2] != "未建"], ids=lambda cells: cells[0])
def test_what_is_claimed_names_a_page_that_is_there(cells: list[str]) -> None:
    # A page named by its folder (/parties/) may only open with a number or code behind it.
    for tried in (cells[3], f"{cells[3]}1/"):
        try:
            resolve(tried)
        except Resolver404:
            continue
        return
    pytest.fail(f"no page at {cells[3]}")


def test_what_is_not_built_claims_nothing() -> None:
    bare = [cells for cells in SEEDS if cells[2] == "未建"]
    assert bare, "an honest table names its gaps"
    assert all(cells[3:] == ["—", "—"] for cells in bare)
