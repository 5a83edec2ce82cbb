"""The case list as a table to take away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.http import QueryDict

from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.web.desk import case_list
from mingzhi.web.exporting import Table

_COLUMNS = (
    ("案卷编号", 24),
    ("案由", 40),
    ("当事人", 28),
    ("承办机构", 18),
    ("主办人", 10),
    ("阶段", 10),
    ("状态", 16),
    ("建卷时间", 17),
    ("最近办理", 17),
    ("办结时间", 17),
)


def _rows(by: Actor, query: QueryDict, limit: int) -> Iterator[tuple[str, ...]]:
    organisations.require(by, Permission.CASE_READ)
    labels = case_list.labels_of_states()
    for row in case_list.everything(by, case_list.asked(query), limit):
        yield (
            row.number,
            row.title,
            row.party_name,
            row.unit.name,
            row.lead_name,
            row.stage,
            labels.get((row.procedure, row.state), ""),
            _moment(row.opened_at),
            _moment(row.last_step_at),
            _moment(row.closed_at),
        )


def _how_many(by: Actor, query: QueryDict, limit: int) -> int:
    organisations.require(by, Permission.CASE_READ)
    return case_list.how_many(by, case_list.asked(query), limit)


def _moment(value: datetime | None) -> str:
    return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else ""


TABLE = Table("案件", _COLUMNS, _rows, _how_many)
