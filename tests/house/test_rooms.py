"""The house keeps its order: floors, doors, sizes, READMEs. Each test says what to do when it fails."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "src" / "mingzhi"
DOORS = {"api", "data", "errors", "choices", "permissions", "append_only", "commands", "setup"}
# Doors for one purpose: the verifier needs no Django and is called by name; migrations use the
# triggers' helper; a room's jobs and events are its own.
WEB_PARTS = {"desk", "field", "public", "api", "identity", "demo"}


def floors() -> dict[str, int]:
    """Room → floor number (0 = kernel), read from the same file that import-linter enforces."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", "utf-8")
    lines = [
        line.strip() for line in parser["importlinter:contract:floors"]["layers"].splitlines() if line.strip()
    ]
    return {
        room.strip(" ()"): len(lines) - number
        for number, line in enumerate(lines, start=1)
        for room in line.split("|")
    }


def sources() -> Iterator[Path]:
    yield from (p for p in sorted(PACKAGE.rglob("*.py")) if "__pycache__" not in p.parts)


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every ``mingzhi.…`` module that ``path`` imports, deferred imports included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                yield f"{node.module}.{name.name}", node.lineno


def test_imports_go_down_only() -> None:
    """import-linter keeps `.importlinter`; ask first which room the code belongs to."""
    found = Path(sys.executable).parent / "lint-imports"
    command = str(found) if found.exists() else shutil.which("lint-imports")
    assert command, "lint-imports is not installed"
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_foreign_keys_go_down_only() -> None:
    """A foreign key is an arrow too: a reference upward is a plain number or text."""
    level = floors()
    wrong = []
    for model in apps.get_models():
        here = model._meta.app_label
        if here not in level:
            continue
        for field in model._meta.get_fields():
            if (
                not isinstance(field, models.ForeignKey | models.ManyToManyField)
                or field.related_model is None
            ):
                continue
            there = field.related_model._meta.app_label
            if there in level and there != here and level[there] > level[here]:
                wrong.append(f"{model.__name__}.{field.name}: {here} → {there}")
    assert wrong == []


def test_other_rooms_come_in_by_the_door() -> None:
    """From another room import only api, data, errors, choices, permissions (kernel has no door)."""
    rooms = {p.name for p in PACKAGE.iterdir() if p.is_dir()}
    wrong = []
    for path in sources():
        here = room_of(path)
        if path.name == "cli.py" or "migrations" in path.parts:
            continue
        for name, line in imports(path):
            parts = name.split(".")
            if parts[0] != "mingzhi" or len(parts) < 3:
                continue
            there, inside = parts[1], parts[2]
            if there in {here, "kernel"} or there not in rooms or inside in DOORS:
                continue
            # The guards of a kind of matter are handed the engine's context: it is part of the engine's door.
            if (there, inside) == ("procedures", "context"):
                continue
            if there == "ledger" and inside.startswith("verify"):
                continue
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


def test_no_file_is_too_long_to_read() -> None:
    long = [
        f"{p.relative_to(ROOT)}: {n}"
        for p in sources()
        if "migrations" not in p.parts and (n := len(p.read_text("utf-8").splitlines())) > 600
    ]
    assert long == [], "split by subject (600 lines at most)"


def test_no_door_is_too_wide() -> None:
    wide = []
    for door in PACKAGE.glob("*/api.py"):
        tree = ast.parse(door.read_text("utf-8"))
        listed = [
            node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets)
        ]
        if listed:
            names = len(ast.literal_eval(listed[0]))
        else:
            names = sum(
                len(n.names) if isinstance(n, ast.ImportFrom) and n.module != "__future__" else 0
                for n in tree.body
            ) + sum(
                isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")
                for n in tree.body
            )
        if names > 40:
            wide.append(f"{door.relative_to(ROOT)}: {names}")
    assert wide == [], "a door has 40 names at most"


@pytest.mark.parametrize("room", sorted(p.name for p in PACKAGE.iterdir() if (p / "apps.py").exists()))
def test_every_room_says_what_it_is_for(room: str) -> None:
    readme = PACKAGE / room / "README.md"
    assert readme.exists() and len(readme.read_text("utf-8")) > 120, (
        f"{room}/README.md: what for, what it refuses"
    )


def test_no_signal_receivers() -> None:
    """Writes are functions that say what they do; nothing happens behind their back."""
    wrong = [
        str(p.relative_to(ROOT))
        for p in sources()
        if re.search(r"^\s*@receiver\(|\.connect\(", p.read_text("utf-8"), re.M)
    ]
    allowed = {"src/mingzhi/ledger/apps.py", "src/mingzhi/search/apps.py"}  # connection set-up only
    assert [w for w in wrong if w not in allowed and "sqlite3" not in (ROOT / w).read_text("utf-8")] == []


def test_actions_name_their_actor_and_their_moment() -> None:
    """Public functions of actions.py take ``by`` and ``at`` by keyword, ``by`` without default."""
    wrong = []
    for path in PACKAGE.glob("*/actions.py"):
        if room_of(path) in {"ledger", "files", "outbox", "search", "kernel"}:
            continue  # foundations record for others; they have no person of their own
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            keyword = {a.arg: d for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)}
            if "by" in keyword and keyword["by"] is not None:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: `by` has a default")
            if "by" in {a.arg for a in node.args.args}:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: `by` is not keyword-only")
    assert wrong == []


def test_the_verifier_runs_without_django() -> None:
    if importlib.util.find_spec("mingzhi.ledger.verify") is None:
        pytest.fail("mingzhi.ledger.verify is missing")
    code = "import sys, mingzhi.ledger.verify; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
