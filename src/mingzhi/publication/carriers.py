"""公示载体: what a bureau's own document says about where each kind of data is made public (R048, R049), and
whether a channel for it is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.publication.choices import DecisionKind
from mingzhi.publication.models import Target

_FILE = Path(__file__).with_name("carriers.yaml")
#: Published lists that a document sends to a platform; no channel carries them, their pages export them.
LISTS = {
    "lists": "清单",
    "charts": "流程图",
    "guides": "服务指南",
    "people": "行政执法人员信息",
    "reviewers": "法制审核人员信息",
}


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A platform that a bureau's document names for a kind of data. ``act`` is empty for published lists."""

    data_label: str
    act: str
    platform: str
    adapter: str
    citation: str
    opened: bool


@cache
def _file() -> dict[str, list[dict[str, Any]]]:
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return loaded


def carriers(by: Actor) -> list[CarrierRow]:
    """What the document of the person's body demands, a line for each kind of data and platform. A channel
    counts as open when it bears the platform's name and carries that kind."""
    if by.body_id is None:
        return []
    profile = organisations.body(by.body_id).profile
    opened = set(Target.objects.filter(body_id=by.body_id, ended_at__isnull=True).values_list("name", "act"))
    return [
        CarrierRow(
            data_label=LISTS.get(data) or str(DecisionKind(data).label),
            act="" if data in LISTS else data,
            platform=line["platform"],
            adapter=line.get("adapter", ""),
            citation=line["citation"],
            opened=(line["platform"], data) in opened,
        )
        for line in _file().get(profile, [])
        for data in line["data"]
    ]
