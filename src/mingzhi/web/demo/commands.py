"""``mingzhi demo``: lifelike matters for the bureau at hand, or real records driven through the procedure."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click

from config import env
from mingzhi.kernel import clock, shell


@click.command()
@click.option("--cases", type=click.IntRange(1, 20000), default=40, show_default=True, help="装到多少件")
@click.option("--more", is_flag=True, help="在已有案件之外再装这么多件")
@click.option(
    "--seed", type=click.IntRange(0, 999), default=0, show_default=True, help="换一个数得到另一组案件"
)
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="按处罚信息表（CSV）逐条办理",
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@shell.plain_errors
def demo(cases: int, more: bool, seed: int, source: Path | None, as_json: bool) -> None:
    """装入示范案件，覆盖办案各阶段；或者把处罚信息表逐条走完立案、决定、公示。

    不加 --more 时，已有的案件计算在内，重复执行不会多装。
    """
    shell.setup()
    from mingzhi.web.demo import loading, records

    at, profile = clock.now(), env.profile()
    if source is not None:
        for outcome in records.drive_file(source, profile=profile, at=at):
            shell.answer(outcome.plain(), as_json=as_json, text=outcome.sentence())
        return
    started = time.monotonic()
    wanted = cases if more else max(0, cases - loading.loaded_count(loading.bureau_here(profile, at).body_id))
    told = Counter(
        case.state
        for case in shell.progress(
            loading.load(profile=profile, cases=cases, seed=seed, at=at, more=more), "装入示范案件", wanted
        )
    )
    seconds = time.monotonic() - started
    added = sum(told.values())
    shell.answer(
        {"profile": profile, "added": added, "states": dict(told), "seconds": round(seconds, 1)},
        as_json=as_json,
        text=f"已装入 {added} 件示范案件，用时 {seconds:.1f} 秒"
        if added
        else "已有足够的示范案件，没有再装（加 --more 可再装）",
    )
