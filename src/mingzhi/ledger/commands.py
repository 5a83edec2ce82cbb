"""``mingzhi ledger``: checkpoint, key, rotate, export, fsck, witness. Exit codes: 0 fine, 1 finding or
refusal, 2 usage."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from mingzhi.kernel import clock, shell
from mingzhi.ledger.verify_command import verify
from mingzhi.ledger.witness_commands import witness


@click.group()
def ledger() -> None:
    """存证账本：检查点、导出、全面核查。"""


@ledger.command("checkpoint")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def checkpoint_(as_json: bool) -> None:
    """把已提交的条目编号，并打印最新的已签名检查点。"""
    shell.setup()
    from mingzhi.ledger import api

    placed = api.sequence(at=clock.now())
    latest = api.latest()
    if latest is None:
        shell.say("账本还没有条目", err=True)
        raise SystemExit(1)
    value = {"size": latest.size, "root": latest.root, "at": latest.at, "note": latest.note, "placed": placed}
    shell.answer(value, as_json=as_json, text=latest.note.rstrip("\n"))


@ledger.command("key")
@click.option("--all", "every", is_flag=True, help="历次公钥与换钥公告（供离线核验逐级核对）")
@shell.plain_errors
def key(every: bool) -> None:
    """打印账本公钥（应在机关网站公布，供核验回执使用）：Ed25519 一行，有 SM2 的再一行。"""
    shell.setup()
    from mingzhi.ledger import api

    text = api.keys_text() if every else "\n".join(api.keys_in_force())
    if not text:
        shell.say("账本还没有启用：首个条目编号时生成密钥", err=True)
        raise SystemExit(1)
    shell.say(text.rstrip("\n"))


@ledger.command("rotate")
@click.option("--algorithm", type=click.Choice(["ed25519", "sm2"]), required=True, help="更换哪一种签名密钥")
@click.option("--by", required=True, help="操作人（写入访问与尝试记录）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def rotate(algorithm: str, by: str, as_json: bool) -> None:
    """更换账本密钥：新公钥先在账本内公告（旧钥签名），下一检查点起启用。尚无 SM2 密钥的账本用此增设。"""
    shell.setup()
    from mingzhi.ledger.rotation import key_rotate

    vkey = key_rotate(algorithm=algorithm, by=by, at=clock.now())
    text = f"{vkey}\n新公钥已公告，后台任务运行两轮后启用；请在机关网站更新公钥，并备份密钥目录"
    shell.answer({"vkey": vkey}, as_json=as_json, text=text)


@ledger.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def export_(folder: Path, as_json: bool) -> None:
    """把账本按 C2SP tlog-tiles 格式导出到目录（不含任何业务内容）。"""
    shell.setup()
    from mingzhi.ledger.export import export

    done = export(folder)
    shell.answer(
        done, as_json=as_json, text=f"已导出 {done['size']} 条，写入 {done['written']} 个文件：{folder}"
    )


@ledger.command("fsck")
@click.option("--files", is_flag=True, help="同时重新计算文件散列")
@click.option("--all-signatures", is_flag=True, help="逐个验证全部检查点的签名（默认验证最近 5000 个）")
@click.option("--keep", is_flag=True, help="保存核查结果，供存证页面与部署自检显示（含文件核对）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def fsck_(files: bool, all_signatures: bool, keep: bool, as_json: bool) -> None:
    """从业务数据重新计算整本账，逐条指出被改动、缺失、多出的记录。"""
    shell.setup()
    from mingzhi.ledger import kinds
    from mingzhi.ledger.fsck import SIGNATURES, fsck
    from mingzhi.ledger.standing import check_and_keep

    if files and kinds.file_check() is None:
        shell.say("未登记文件核对方法，无法使用 --files", err=True)
        raise SystemExit(2)
    signatures = 1 << 62 if all_signatures else SIGNATURES
    report = (
        check_and_keep(at=clock.now(), signatures=signatures)
        if keep
        else fsck(files=files, signatures=signatures)
    )
    if report is None:
        shell.say("另一个核查正在进行，本次未执行", err=True)
        raise SystemExit(2)
    lines = [
        f"条目 {report.entries}，已编号 {report.size}，检查点 {report.checkpoints}，"
        f"业务记录 {report.rows}" + (f"，文件 {report.files}" if files else ""),
        f"根散列 {report.root}",
        *(f"提示：{note}" for note in report.notes),
        *(f"✗ {finding.sentence}（{finding.code}）" for finding in report.findings),
        "核查通过，未发现改动" if report.ok else f"核查不通过：{len(report.findings)} 处",
    ]
    shell.answer({"ok": report.ok, **asdict(report)}, as_json=as_json, text="\n".join(lines))
    raise SystemExit(0 if report.ok else 1)


ledger.add_command(witness)
commands = [ledger, verify]
