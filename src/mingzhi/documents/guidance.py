"""文书制作指引 (R066): for a field of a paper, what to write, what the law demands of it, and a good example."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Guidance:
    """What stands beside one field. ``law`` names its article; the example is invented."""

    key: str
    write: str
    law: str
    example: str

    @property
    def paper(self) -> str:
        return self.key.partition(".")[0]

    @property
    def field(self) -> str:
        return self.key.partition(".")[2]


@cache
def guidance() -> dict[str, Guidance]:
    """``paper.field`` → guidance, of every field that has one."""
    raw = yaml.safe_load(Path(__file__).with_name("guidance.yaml").read_text("utf-8"))
    return {key: Guidance(key, row["write"], row["law"], row["example"]) for key, row in raw.items()}
