"""Lists as tables to take away: asked on the desk, written by the worker, kept for a day.

The crash story of ``write``: killed anywhere before its last statement, the row still says «running» and
holds no file; when the lease is over the outbox runs it again from the beginning. The file and «ready»
are one UPDATE, so nobody downloads half a table.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import xlsxwriter
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, MingzhiError, NotFound
from mingzhi.kernel.sheets import safe_cell
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.outbox import api as outbox
from mingzhi.web.models import Export, ExportState

WRITE = "web:export"
LIMIT = 50_000
"""Rows of one table: more is asked for in parts, and memory and file stay within bounds."""
KEPT = timedelta(hours=24)
AT_ONCE = 3
"""Tables one person may have in the making."""
EVERY = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """A list that can be taken away. ``rows`` and ``how_many`` take (by, query, limit)."""

    name: str
    columns: tuple[tuple[str, int], ...]
    rows: Callable[[Actor, QueryDict, int], Iterator[tuple[str, ...]]]
    how_many: Callable[[Actor, QueryDict, int], int]


def tables() -> dict[str, Table]:
    """Every list that can be taken away; the desk's code is loaded by whoever writes one."""
    from mingzhi.web.desk import case_table, intake_registers

    return {"cases": case_table.TABLE, "intakes": intake_registers.TABLE}


@transaction.atomic
def export_ask(*, kind: str, query: str, purpose: str, by: Actor, at: datetime) -> Export:
    """Ask for a table. The purpose is required, because whoever takes data away says what for."""
    if kind not in tables() or by.account_id is None:
        raise NotFound
    purpose = purpose.strip()
    if not purpose:
        raise Invalid(fields={"purpose": [_("请填写用途")]})
    if len(purpose) > 200:
        raise Invalid(fields={"purpose": [_("用途不得超过 200 个字")]})
    if len(query) > (Export._meta.get_field("query").max_length or 0):
        raise Invalid(_("筛选条件过长，不能导出"), remedy=_("请缩短查询词后再试"))
    making = Export.objects.filter(
        account_id=by.account_id, state__in=(ExportState.WAITING, ExportState.RUNNING), until__gt=at
    )
    if making.count() >= AT_ONCE:
        raise Invalid(_("您已有 %(n)s 份表格正在生成") % {"n": AT_ONCE}, remedy=_("请待其生成后再申请"))
    row = Export.objects.create(
        account_id=by.account_id,
        kind=kind,
        query=query,
        purpose=purpose,
        asked_at=at,
        until=at + KEPT,
    )
    outbox.enqueue(WRITE, {"export": row.pk}, at=at, key=f"export:{row.pk}")
    return row


def export_of(by: Actor, export_id: int, at: datetime) -> Export:
    """One's own, while it is kept; anything else is not there. The file itself is left in the database."""
    row = (
        Export.objects.filter(pk=export_id, account_id=by.account_id or 0, until__gt=at)
        .defer("content")
        .first()
    )
    if row is None:
        raise NotFound(_("没有这份导出的表格"), remedy=_("导出的表格保留 24 小时，过期请重新导出"))
    return row


def exports_of(by: Actor, at: datetime) -> list[Export]:
    """One's own, newest first."""
    rows = Export.objects.filter(account_id=by.account_id or 0, until__gt=at).defer("content")
    return list(rows.order_by("-pk")[:20])


def contents(row: Export) -> bytes:
    found = (
        Export.objects.filter(pk=row.pk, state=ExportState.READY).values_list("content", flat=True).first()
    )
    if found is None:
        raise NotFound(_("表格尚未生成"), remedy=_("请稍候再下载"))
    return bytes(found)


def exports_forget(*, at: datetime) -> int:
    """Delete what is no longer kept."""
    return Export.objects.filter(until__lte=at).delete()[0]


def write(export_id: int, *, at: datetime) -> None:
    """Write the table with the rights its owner has now; what cannot be written is told on its page."""
    row = Export.objects.defer("content").filter(pk=export_id, until__gt=at).first()
    if row is None or row.state in (ExportState.READY, ExportState.FAILED):
        return
    try:
        content, count = _written(row, at)
    except MingzhiError as refused:
        _tell(row, state=ExportState.FAILED, problem=f"{refused.sentence}。{refused.remedy}"[:300])
        return
    _tell(
        row,
        state=ExportState.READY,
        content=content,
        size=len(content),
        written=count,
        total=count,
        ready_at=clock.now(),
    )


def _tell(row: Export, **columns: Any) -> None:
    Export.objects.filter(pk=row.pk).update(**columns)


def _written(row: Export, at: datetime) -> tuple[bytes, int]:
    account = organisations.accounts.account(row.account_id)
    by, table, query = (
        organisations.actor_of(account, clock.local_date(at)),
        tables()[row.kind],
        QueryDict(row.query),
    )
    _tell(row, state=ExportState.RUNNING, written=0, total=table.how_many(by, query, LIMIT))
    with tempfile.TemporaryFile(prefix="mingzhi-export-") as file:
        count = _sheet(file, table, table.rows(by, query, LIMIT), lambda done: _going_on(row, done))
        file.seek(0)
        return file.read(), count


def _going_on(row: Export, done: int) -> None:
    """Tell how far it is; and since this is the worker's time, let the ledger place what came meanwhile."""
    _tell(row, written=done)
    ledger.sequence(at=clock.now())


def _sheet(file: Any, table: Table, rows: Iterator[tuple[str, ...]], told: Callable[[int], None]) -> int:
    """Rows into ``file`` one by one; returns how many. Every cell is text: no spreadsheet reckons with it."""
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(table.name)
    bold = book.add_format({"bold": True, "bg_color": "#EEF1F5", "border": 1})
    for column, (head, width) in enumerate(table.columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, cells in enumerate(rows, 1):
        for column, text in enumerate(cells):
            sheet.write_string(count, column, safe_cell(text))
        if count % EVERY == 0:
            told(count)
    if count >= LIMIT:
        sheet.write_string(count + 1, 0, f"只导出前 {LIMIT} 行，请缩小筛选范围后分次导出")
    book.close()
    return count


@outbox.handler(WRITE, slow=True)
def write_job(payload: Mapping[str, Any], *, at: datetime) -> None:
    write(int(payload["export"]), at=at)


@outbox.periodic("web.exports", 3600)
def forget_job(at: datetime) -> None:
    exports_forget(at=at)
