"""``mingzhi verify``: no Django, no database, no network."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from mingzhi.ledger.verify import (
    BUNDLE_MAX,
    Proven,
    Unproven,
    verify_bundle,
    verify_checkpoint,
    verify_receipt,
)

SUFFIX = ".mingzhi-receipt"


def _trusted(given: tuple[str, ...]) -> list[str]:
    """Public keys to trust: those given (text or file), else those of the installation on this machine."""
    if given:
        keys = []
        for value in given:
            path = Path(value)
            text = path.read_text("utf-8") if len(value) < 1000 and path.is_file() else value
            keys += [line.strip() for line in text.splitlines() if line.strip()]
        return keys
    var = Path(os.environ.get("MINGZHI_VAR", "var"))
    return [path.read_text("ascii").strip() for path in sorted((var / "keys" / "ledger").glob("*.vkey"))]


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _read_text(path: Path) -> str:
    if path.stat().st_size > BUNDLE_MAX:
        raise Unproven(f"{path.name} 过大，不是回执文件", code="verify.format")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise Unproven(f"{path.name} 不是文本文件，不是回执", code="verify.format") from None


def _receipt_beside(file: Path) -> Path | None:
    for candidate in (file.with_name(file.name + SUFFIX), file.with_suffix(SUFFIX)):
        if candidate.is_file() and candidate != file:
            return candidate
    return None


def _looks_like_receipt(file: Path) -> bool:
    with file.open("rb") as stream:
        start = stream.read(400)
    return file.suffix == SUFFIX or start.startswith(b"c2sp.org/tlog-proof@") or b"mingzhi-receipt/" in start


def check(file: Path, receipt: Path | None, keys: list[str]) -> Proven:
    """Check ``file`` (a paper, a receipt or a checkpoint) with the receipt given or found beside it."""
    if receipt is None and not _looks_like_receipt(file):
        receipt = _receipt_beside(file)
        if receipt is None:
            if file.stat().st_size < 10_000 and b"\xe2\x80\x94 " in file.read_bytes():
                return verify_checkpoint(_read_text(file), keys)
            raise Unproven(
                f"没有找到 {file.name} 的回执",
                code="verify.no_receipt",
                remedy=f"请用 --receipt 指明回执（{SUFFIX} 文件）",
            )
    text = _read_text(receipt or file)
    if text.startswith("c2sp.org/"):
        if receipt is not None:
            raise Unproven(
                "该回执不含登记内容，不能用来核验文件",
                code="verify.no_payload",
                remedy=f"请向出具机关索取 {SUFFIX} 文件",
            )
        return verify_receipt(text, None, keys)
    return verify_bundle(text, keys, file_sha256=_digest(file) if receipt is not None else None)


def _told(proven: Proven, file: Path) -> dict[str, Any]:
    head = proven.head
    return {
        "ok": True,
        "file": file.name,
        "origin": proven.origin,
        "size": proven.size,
        "signed_at": proven.signed_at,
        "index": proven.index,
        "kind": head.kind if head else None,
        "subject": head.subject if head else None,
        "recorded_at": head.at if head else None,
        "file_field": proven.file_field or None,
        "payload": proven.payload,
        "cosigners": [list(c) for c in proven.cosigners],
    }


def _lines(proven: Proven) -> list[str]:
    lines = []
    if proven.file_field:
        lines.append("核验通过：文件与登记时完全一致")
    elif proven.payload is not None:
        lines.append("核验通过：回执内容与登记时完全一致")
    elif proven.head is not None:
        lines.append("核验通过：该条目在账本中（回执未披露内容）")
    else:
        lines.append("核验通过：检查点由该账本签发")
    if proven.head is not None:
        lines += [
            f"登记事项：{proven.head.kind}（{proven.head.subject}）",
            f"登记时间：{proven.head.at}（协调世界时）",
        ]
        lines.append(f"账本序号：{proven.index}（截至签发时共 {proven.size} 条）")
    lines.append(f"签发账本：{proven.origin}，签发时间：{proven.signed_at or '未载明'}")
    lines += [f"见证方：{name}" for name, _ in proven.cosigners]
    return lines


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--receipt", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="回执文件")
@click.option("--key", "keys", multiple=True, help="机关公布的账本公钥（文本或文件，可多次给出）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def verify(file: Path, receipt: Path | None, keys: tuple[str, ...], as_json: bool) -> None:
    """离线核验文书、回执或检查点。退出码：0 通过，1 不通过，2 用法错误。"""
    try:
        trusted = _trusted(keys)
    except (OSError, UnicodeDecodeError):
        raise click.UsageError("--key 给出的公钥文件无法读取") from None
    if not trusted:
        raise click.UsageError(
            "没有可信公钥：请用 --key 给出机关公布的账本公钥（回执自带的公钥不能证明自己）"
        )
    try:
        proven = check(file, receipt, trusted)
    except Unproven as error:
        told = {
            "ok": False,
            "file": file.name,
            "code": error.code,
            "sentence": error.sentence,
            "remedy": error.remedy,
        }
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            click.echo(
                f"核验不通过：{error.sentence}（{error.code}）"
                + (f"\n{error.remedy}" if error.remedy else "")
            )
        raise SystemExit(1) from None
    click.echo(json.dumps(_told(proven, file), ensure_ascii=False) if as_json else "\n".join(_lines(proven)))
