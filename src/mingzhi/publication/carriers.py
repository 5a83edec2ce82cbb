"""公示载体: what a bureau's own document says about where each kind of data is made public (R048, R049), whether a
channel for it is open, and what of the lists was handed over by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication.choices import DecisionKind
from mingzhi.publication.events import HANDOVER
from mingzhi.publication.models import Handover, Target

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
class HandoverView:
    data_label: str
    platform: str
    what: str
    handed_on: date
    receipt: str
    by_name: str


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A platform that a bureau's document names for a kind of data. ``act`` is empty for published lists,
    and ``last`` then tells what was handed over last."""

    data: str
    data_label: str
    act: str
    platform: str
    adapter: str
    citation: str
    opened: bool
    last: HandoverView | None


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
    last = {
        (row.data, row.platform): row for row in Handover.objects.filter(body_id=by.body_id).order_by("pk")
    }
    return [
        CarrierRow(
            data=data,
            data_label=LISTS.get(data) or str(DecisionKind(data).label),
            act="" if data in LISTS else data,
            platform=line["platform"],
            adapter=line.get("adapter", ""),
            citation=line["citation"],
            opened=(line["platform"], data) in opened,
            last=_view(last[data, line["platform"]]) if (data, line["platform"]) in last else None,
        )
        for line in _file().get(profile, [])
        for data in line["data"]
    ]


def handovers(by: Actor, *, limit: int = 20) -> list[HandoverView]:
    """The newest entries of the person's body."""
    return [_view(row) for row in Handover.objects.filter(body_id=by.body_id).order_by("-pk")[:limit]]


def _view(row: Handover) -> HandoverView:
    label = LISTS.get(row.data, row.data)
    return HandoverView(label, row.platform, row.what, row.handed_on, row.receipt, row.by_name)


@transaction.atomic
def handover_enter(
    *, data: str, platform: str, what: str, handed_on: date, receipt: str, by: Actor, at: datetime
) -> int:
    """登记送交: a published list was handed to the platform that the body's document names for it. A wrong
    entry is followed by a right one; none is changed."""
    organisations.require(by, Permission.DISCLOSURE_PUBLISH, body_id=by.body_id)
    problems = Problems()
    if not any(not c.act and (c.data, c.platform) == (data, platform) for c in carriers(by)):
        problems.add("carrier", "请选择本机关文件要求的数据种类和公示载体")
    if not what.strip():
        problems.add("what", "请填写送交的清单、指南名称和版本")
    if handed_on > clock.local_date(at):
        problems.add("handed_on", "送交日期不能晚于今天")
    problems.raise_if_any()
    row = Handover.objects.create(
        body_id=by.body_id, data=data, platform=platform, what=what.strip()[:200], handed_on=handed_on,
        receipt=receipt.strip()[:200], by=by.label, by_name=by.name[:60], at=at,
    )  # fmt: skip
    HANDOVER.kept(row, at=at)
    return row.pk
