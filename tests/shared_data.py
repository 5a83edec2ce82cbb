"""Real material that lies beside the project; tests that need it skip where it is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def shared(name: str) -> Path:
    """The file or folder ``name`` of the shared material, or a skip that says what is missing."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"real material not beside this checkout: shared/data/{name}")
    return path
