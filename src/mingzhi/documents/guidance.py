"""文书制作指引 (R066): for a field of a paper, what to write, what the law demands of it, and a good example."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from mingzhi.documents.data import Guidance


@cache
def guidance() -> dict[str, Guidance]:
    """``paper.field`` → guidance, of every field that has one."""
    raw = yaml.safe_load(Path(__file__).with_name("guidance.yaml").read_text("utf-8"))
    return {key: Guidance(key, row["write"], row["law"], row["example"]) for key, row in raw.items()}
