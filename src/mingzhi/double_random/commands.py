"""``mingzhi draw``: make a draw, and make a published one again. No database; starts at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mingzhi.double_random.draw import Pool, outcome_digest, verify
from mingzhi.double_random.draw import run as run_draw
from mingzhi.kernel import shell
from mingzhi.ledger.verify import Unproven, verify_bundle, verify_checkpoint


@click.group()
def draw() -> None:
    """双随机：run 由名录和种子抽取，verify 复核公布的抽取记录。不需要数据库和网络。"""


@draw.command("run")
@click.argument("pool", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seed", required=True, help="种子（64 位十六进制）")
@click.option("--count", required=True, type=click.IntRange(1), help="抽取数量")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def run(pool: Path, seed: str, count: int, as_json: bool) -> None:
    """按名录文件 POOL 和种子抽取。"""
    try:
        drawn = run_draw(Pool.parse(pool.read_text("utf-8")), bytes.fromhex(seed), count)
    except (ValueError, UnicodeDecodeError) as error:
        raise click.ClickException(f"不能抽取：{error}") from None
    told = {
        "outcome": outcome_digest(drawn),
        "drawn": [
            {"place": n, "code": d.target.code, "officers": [o.number for o in d.officers]}
            for n, d in enumerate(drawn, start=1)
        ],
    }
    lines = [
        f"{n}\t{d.target.code}\t{d.target.name}\t{'、'.join(o.name for o in d.officers)}"
        for n, d in enumerate(drawn, start=1)
    ]
    shell.answer(told, as_json=as_json, text="\n".join(lines))


@draw.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, help="存证公钥或公钥文件（可多次）；不给的，不核验检查点签名")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def verify_command(file: Path, keys: tuple[str, ...], as_json: bool) -> None:
    """复核公布的抽取记录 FILE：名录、承诺值、种子、结果，以及承诺是否先于抽取存证。"""
    try:
        record = json.loads(file.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise click.ClickException("文件不是抽取记录") from None
    if not isinstance(record, dict):
        raise click.ClickException("文件不是抽取记录")
    found = verify(record)
    lines, ok = list(found.lines), found.ok
    if keys:
        sealed, more = _sealed(record, keys)
        ok, lines = ok and sealed, [*lines, *more]
    else:
        lines.append("— 未提供存证公钥，没有核验检查点签名")
    lines.append("复核通过" if ok else "复核不通过")
    shell.answer({"ok": ok, "lines": lines}, as_json=as_json, text="\n".join(lines))
    raise SystemExit(0 if ok else 1)


def _sealed(record: dict[str, Any], given: tuple[str, ...]) -> tuple[bool, list[str]]:
    """Whether the commitment was in the log before the checkpoint that the seed was made with."""
    keys: list[str] = []
    for value in given:
        path = Path(value)
        text = path.read_text("utf-8") if len(value) < 1000 and path.is_file() else value
        keys += [line for line in text.partition("\n\n")[0].split() if line]
    try:
        head = verify_checkpoint(str(record.get("checkpoint", "")), keys)
        told = verify_bundle(str(record.get("commitment_bundle", "")), keys)
    except Unproven as error:
        return False, [f"✗ {error.sentence}"]
    payload = told.payload or {}
    same = all(payload.get(name) == record.get(name) for name in ("commitment", "pool_digest", "number"))
    if head.root != record.get("root"):
        return False, ["✗ 种子所用的根不是检查点的根"]
    if not same:
        return False, ["✗ 存证的名录摘要和承诺值与抽取记录不一致"]
    if told.index is None or told.index >= head.size:
        return False, ["✗ 检查点签发时承诺尚未存证"]
    return True, [f"✓ 承诺先于检查点存证（序号 {told.index}，检查点签发于 {head.signed_at}）"]
