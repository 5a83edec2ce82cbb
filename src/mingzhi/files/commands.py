"""``mingzhi files``: check the store, tidy what nobody names."""

from __future__ import annotations

import sys

import click

from mingzhi.kernel import clock, shell


@click.group()
def files() -> None:
    """文件库：check 逐个核对校验值，tidy 清理中断上传留下的残余。"""


@files.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@shell.plain_errors
def check(as_json: bool) -> None:
    """重新计算每个文件的 SHA-256 和 SM3，与入库时比对。有不一致时退出码为 1。"""
    shell.setup()
    from mingzhi.files import queries

    total = queries.content_count()
    damaged = [
        (sha, ids) for sha, ids, whole in shell.progress(queries.check_all(), "核对文件", total) if not whole
    ]
    shell.answer(
        {"checked": total, "damaged": [{"sha256": sha, "files": ids} for sha, ids in damaged]},
        as_json=as_json,
        text=lambda: "\n".join(
            [f"已核对 {total} 个文件，{len(damaged)} 个不一致或缺失"]
            + [f"  · {sha}（文件编号 {'、'.join(map(str, ids))}）" for sha, ids in damaged]
        ),
    )
    if damaged:
        sys.exit(1)


@files.command()
@click.option("--apply", "apply", is_flag=True, help="实际删除；不加此项只列出")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@shell.plain_errors
def tidy(apply: bool, as_json: bool) -> None:
    """列出（--apply 则删除）超过 24 小时、没有任何记录引用的残余文件。"""
    shell.setup()
    from mingzhi.files import actions

    now = clock.now()
    found = actions.strays_remove(at=now) if apply else actions.strays(at=now)
    done = "已删除" if apply else "可删除（未删除，加 --apply 执行）"
    shell.answer(
        {"removed": apply, "strays": [{"path": name, "size": size} for name, size in found]},
        as_json=as_json,
        text=lambda: "\n".join(
            [f"{done}：{len(found)} 个残余文件，共 {sum(size for _, size in found)} 字节"]
            + [f"  · {name}（{size} 字节）" for name, size in found]
        ),
    )
