"""``mingzhi report``: the annual report on the command line. Exit codes: 0 fine, 1 finding or refusal, 2 usage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from mingzhi.kernel import clock, shell


@click.group()
def report() -> None:
    """统计年报：annual 查看数据，check 核对分录与环节，recount 按现行规则补记差额。"""


def _body(profile: str) -> Any:
    from mingzhi.kernel.errors import NotFound
    from mingzhi.organisations import api as organisations

    found = organisations.bodies(profile=profile)
    if not found:
        raise NotFound("没有这一配置档的机关", remedy="请先执行 mingzhi init")
    return found[0]


@report.command("annual")
@click.argument("year", type=click.IntRange(2000, 2100))
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="按此时点重新计算（北京时间）"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def annual(year: int, as_of: datetime | None, as_json: bool) -> None:
    """本机关 YEAR 年度各表数据。"""
    shell.setup()
    from config import env
    from mingzhi.supervision import api as supervision

    body, at = _body(env.profile()), clock.now()
    moment = as_of.replace(tzinfo=clock.CHINA) if as_of is not None else None
    found = supervision.current(body, year, at) if moment is None else supervision.as_of(body, year, moment)
    in_wan = supervision.year_rule(body, year).in_wan
    lines = [f"{body.name} {year} 年度"]
    for table in supervision.table_lines(found, in_wan=in_wan):
        lines.append(f"\n{table['title']}")
        lines += [f"  {title}\t{value} {unit}" for title, unit, value, *_apart in table["rows"]]
    shell.answer(found.plain(), as_json=as_json, text="\n".join(lines))


@report.command("check")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def check(as_json: bool) -> None:
    """逐案核对：统计分录应与环节、抽查结果一致，汇总、封存件应与分录一致。"""
    shell.setup()
    from mingzhi.supervision import checking

    found = [sentence for _subject, sentence in checking.otherwise()]
    shell.answer(
        {"ok": not found, "findings": found},
        as_json=as_json,
        text="\n".join(f"✗ {s}" for s in found)
        if found
        else "统计分录与环节、抽查结果一致，汇总、封存件与分录一致",
    )
    raise SystemExit(1 if found else 0)


@report.command("recount")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def recount(as_json: bool) -> None:
    """按现行统计规则补记差额（规则变更后、本功能启用前已有案件时执行），并按分录重建汇总和封存件。"""
    shell.setup()
    from mingzhi.organisations import api as organisations
    from mingzhi.supervision import blocks, checking, journal

    changed = 0
    for body in organisations.bodies():
        changed += journal.recount(body, at=clock.now())
        if checking.sums_otherwise(body.id):
            journal.rebuild(body.id)
    blocks.mend()
    shell.answer({"changed": changed}, as_json=as_json, text=f"补记 {changed} 件案件、检查的差额")
