"""``mingzhi worker``."""

from __future__ import annotations

import click

from mingzhi.kernel import shell


@click.command()
@click.option("--once", is_flag=True, help="处理完目前到期的事项后退出")
@click.option("--json", "as_json", is_flag=True, help="（与 --once 合用）结果以 JSON 输出")
@click.option(
    "--beat", type=click.FloatRange(0.05, 60), default=0.5, show_default=True, help="空闲时两轮间隔秒数"
)
@shell.plain_errors
def worker(once: bool, as_json: bool, beat: float) -> None:
    """启动后台任务：账本定序与签名、到期公示、外发与重试、定时任务。收到终止信号后办完手上一件即退出。"""
    shell.setup()
    from mingzhi.outbox import queries
    from mingzhi.outbox.worker import Worker

    loop = Worker(beat=beat)
    loop.listen_to_signals()
    if not once:
        loop.run()
        return
    done = loop.once()
    counts = queries.counts()
    failed = counts["failed"]
    text = f"已处理 {done} 项；待处理 {counts['waiting']} 项，失败 {failed} 项"
    shell.answer({"done": done, **{f"outbox_{k}": v for k, v in counts.items()}}, as_json=as_json, text=text)
