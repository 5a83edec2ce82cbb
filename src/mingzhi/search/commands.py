"""``mingzhi search``: rebuild the pairs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from mingzhi.kernel import shell

if TYPE_CHECKING:
    from mingzhi.search.models import SearchDoc


@click.group()
def search() -> None:
    """全文检索：rebuild 重建索引。"""


@search.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@shell.plain_errors
def rebuild(as_json: bool) -> None:
    """由已存的正文重建检索索引（修复或升级后使用）；重建期间检索照常。"""
    shell.setup()
    from mingzhi.search.actions import docs_rebuild
    from mingzhi.search.models import SearchDoc

    total = SearchDoc.objects.count()

    def tick(docs: Iterable[SearchDoc]) -> Iterable[SearchDoc]:
        return shell.progress(docs, "重建索引", total)

    count = docs_rebuild(tick=tick)
    shell.answer({"rebuilt": count}, as_json=as_json, text=f"已重建 {count} 条检索索引")
