"""``mingzhi publish``: what is public, for other servers."""

from __future__ import annotations

from pathlib import Path

import click

from mingzhi.kernel import clock
from mingzhi.kernel.shell import answer, setup


@click.group("publish")
def publish() -> None:
    """公示：导出静态网页。"""


@publish.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--site", default="", help="目录对外的网址；填写后附站点地图")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def export(folder: Path, site: str, as_json: bool) -> None:
    """把全部公示信息导出为静态网页，放到 FOLDER（整体切换的符号链接），可由政府网站的文件服务器直接提供。

    可以反复执行，只重做有变化的；已撤下的信息随旧的一份一并移除，只保留撤下理由。需要随公示自动更新的，
    在“公示渠道”开通静态网页目录。
    """
    setup()
    from mingzhi.web.public import pack

    counts = pack.export(folder.absolute(), at=clock.now(), site=site)
    text = f"已导出公示中 {counts['shown']} 件，已撤下或者期满 {counts['gone']} 件"
    answer(counts, as_json=as_json, text=text)
