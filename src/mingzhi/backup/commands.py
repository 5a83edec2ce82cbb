"""``mingzhi backup`` and ``mingzhi restore``. Exit codes: 0 done, 1 refused or damaged, 2 usage."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mingzhi.kernel import clock, shell, sizes

if TYPE_CHECKING:
    from mingzhi.backup.repository import Repository

_REPOSITORY = click.argument("path", metavar="备份库", type=click.Path(file_okay=False, path_type=Path))
_CODE = click.option("--code", is_flag=True, help="用恢复码打开（按提示输入，或从标准输入读入一行）")
_JSON = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


def _say(text: str) -> None:
    shell.say(text, err=True)


def _code(wanted: bool) -> str:
    if not wanted:
        return ""
    if sys.stdin.isatty():
        return str(click.prompt("恢复码", hide_input=True))
    return sys.stdin.readline().strip()


@click.group()
def backup() -> None:
    """备份：new 建库、make 备份、list 列出、check 核对、prune 清理。恢复用 mingzhi restore。"""


@backup.command("new")
@_REPOSITORY
@shell.plain_errors
def new_(path: Path) -> None:
    """在空目录中新建加密的备份库，并显示一次恢复码。"""
    shell.setup()
    from mingzhi.backup import keyring, sealing
    from mingzhi.backup.repository import create

    key = sealing.new_key()
    repository = create(path, key)
    keyring.keep(repository.id, key)
    shell.say(f"已建立备份库：{path}\n\n恢复码（只显示这一次，请抄写两份，分别封存，与备份介质分开保管）：\n")
    shell.say(f"    {sealing.code_of(key)}\n")
    shell.say("本机已留存密钥，日常备份不需要恢复码；本机损毁后，没有恢复码就无法恢复。")


@backup.command("make")
@_REPOSITORY
@_JSON
@shell.plain_errors
def make_(path: Path, as_json: bool) -> None:
    """备份本单位全部数据（数据库、文件、密钥）；只写入有变化的部分。"""
    shell.setup()
    from config import env
    from mingzhi.backup import jobs, keyring
    from mingzhi.backup.making import backup_make
    from mingzhi.backup.repository import Repository, identity

    now = clock.now()
    repository = Repository(path, keyring.find(identity(path)))
    snapshot, tally = backup_make(repository, at=now, say=_say)
    jobs.note_success(snapshot.name, now, len(snapshot.missing), tally.new_size)
    lines = [
        f"备份完成：{snapshot.name}，共 {sizes.in_words(tally.size)}，其中新写入 {sizes.in_words(tally.new_size)}",
        f"账本第 {snapshot.ledger_size} 条，文件 {len(snapshot.files)} 个",
    ]
    if snapshot.missing:
        lines.append(f"✗ {len(snapshot.missing)} 个文件损坏或缺失，未能备份；执行 mingzhi files check 查看")
    for name in ("MINGZHI_SECRET_KEY", "MINGZHI_DATA_KEY"):
        if env.text(name):
            lines.append(f"提示：{name} 由环境变量给出，不在备份中，请另行保管")
    shell.answer(
        {
            "snapshot": snapshot.name,
            "ledger_size": snapshot.ledger_size,
            "missing": list(snapshot.missing),
            **asdict(tally),
        },
        as_json=as_json,
        text="\n".join(lines),
    )
    if snapshot.missing:
        raise SystemExit(1)


@backup.command("list")
@_REPOSITORY
@_CODE
@_JSON
@shell.plain_errors
def list_(path: Path, code: bool, as_json: bool) -> None:
    """列出备份库中的各次备份。"""
    repository = _open(path, code)
    rows = []
    for name in repository.snapshots():
        one = repository.snapshot(name)
        size = sum(d.size for d in one.databases) + sum(f.size for f in one.files)
        rows.append(
            {
                "snapshot": name,
                "made_at": one.made_at,
                "profile": one.profile,
                "vendor": one.vendor,
                "ledger_size": one.ledger_size,
                "files": len(one.files),
                "size": size,
                "missing": len(one.missing),
            }
        )
    shell.answer(
        rows,
        as_json=as_json,
        text=lambda: (
            "\n".join(
                f"{r['snapshot']}  账本第 {r['ledger_size']} 条  文件 {r['files']} 个  {sizes.in_words(int(str(r['size'])))}"
                + (f"  缺 {r['missing']} 个文件" if r["missing"] else "")
                for r in rows
            )
            or "备份库中还没有备份"
        ),
    )


@backup.command("check")
@_REPOSITORY
@click.option("--snapshot", default="", help="核对哪一次备份，默认最近一次")
@_CODE
@_JSON
@shell.plain_errors
def check_(path: Path, snapshot: str, code: bool, as_json: bool) -> None:
    """读出一次备份的全部内容，逐个核对。有损坏时退出码为 1。"""
    repository = _open(path, code)
    from mingzhi.backup.making import backup_check

    one, tally = backup_check(repository, snapshot, say=_say)
    shell.answer(
        {"snapshot": one.name, **asdict(tally)},
        as_json=as_json,
        text="\n".join(
            [
                f"{one.name}：已核对 {tally.objects} 个对象，{sizes.in_words(tally.size)}",
                *(f"✗ {d}" for d in tally.damaged),
                f"核对不通过：{len(tally.damaged)} 处" if tally.damaged else "核对通过，可以用于恢复",
            ]
        ),
    )
    if tally.damaged:
        raise SystemExit(1)


@backup.command("prune")
@_REPOSITORY
@click.option("--keep", type=click.IntRange(min=1), required=True, help="保留最近多少次备份")
@_JSON
@shell.plain_errors
def prune_(path: Path, keep: int, as_json: bool) -> None:
    """只保留最近若干次备份，并清除不再需要的内容。"""
    repository = _open(path, code=False)
    from mingzhi.backup.making import backup_prune

    gone, count, size = backup_prune(repository, keep=keep)
    shell.answer(
        {"removed": gone, "objects": count, "size": size},
        as_json=as_json,
        text=f"已清除 {len(gone)} 次备份，释放 {sizes.in_words(size)}",
    )


@backup.command("prove", hidden=True)
@shell.plain_errors
def prove_() -> None:
    """核对本目录的数据与账本；标准输入可给出一份馆外检查点。供 restore 调用。"""
    shell.setup()
    from mingzhi.backup.proving import prove

    shell.say(json.dumps(prove(sys.stdin.read()), ensure_ascii=False))


@click.command()
@_REPOSITORY
@click.option("--snapshot", default="", help="恢复哪一次备份，默认最近一次")
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="馆外保存的检查点（如见证方或公示平台留存的），用于证明没有缺失",
)
@click.option("--accept-loss", default="", metavar="理由", help="馆外检查点证明有缺失时仍要启用，须写明理由")
@_CODE
@_JSON
@shell.plain_errors
def restore(
    *, path: Path, snapshot: str, checkpoint: Path | None, accept_loss: str, code: bool, as_json: bool
) -> None:
    """把备份恢复到空的数据目录，用账本核对无误后启用。"""
    repository = _open(path, code)
    from mingzhi.backup.restoring import restore as bring_back

    done = bring_back(
        repository,
        snapshot,
        at=clock.now(),
        say=_say,
        outside=checkpoint.read_text("utf-8") if checkpoint else "",
        accept_loss=accept_loss,
    )
    shell.answer(
        asdict(done),
        as_json=as_json,
        text="\n".join(
            [
                f"恢复完成：{done.folder}",
                f"账本 {done.entries} 条，根散列 {done.root}，逐条核对无误",
                *(f"提示：{note}" for note in done.notes),
            ]
        ),
    )


def _open(path: Path, code: bool) -> Repository:
    shell.setup()
    from mingzhi.backup import keyring
    from mingzhi.backup.repository import Repository, identity

    return Repository(path, keyring.find(identity(path), _code(code)))
