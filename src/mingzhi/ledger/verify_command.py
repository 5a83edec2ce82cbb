"""``mingzhi verify``: no Django, no database, no network."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from mingzhi.ledger import notes
from mingzhi.ledger.verify import (
    BUNDLE_MARK,
    BUNDLE_MAX,
    Proven,
    Unproven,
    follow_keys,
    verify_bundle,
    verify_checkpoint,
    verify_receipt,
)
from mingzhi.ledger.verify_export import Fault, looks_like_export, verify_export
from mingzhi.ledger.verify_package import verify_package
from mingzhi.ledger.verify_stamp import BEGIN, Stamp, unarmoured, verify_stamp

SUFFIXES = (".tlog-proof", ".mingzhi-receipt")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found: sentences for a person, data for a script. ``ok`` decides the exit code."""

    ok: bool
    lines: tuple[str, ...]
    told: dict[str, Any]


def _trusted(given: tuple[str, ...]) -> list[str]:
    """Public keys to trust: those given (text or file), else those of the installation on this machine.
    Key announcements (the published ``keys`` file) among them are followed."""
    keys: list[str] = []
    links: list[str] = []
    for value in given:
        path = Path(value)
        text = path.read_text("utf-8") if len(value) < 1000 and path.is_file() else value
        here, more = split_keys(text)
        keys, links = keys + here, links + more
    if not given:
        var = Path(os.environ.get("MINGZHI_VAR", "var"))
        for place in (var, var / os.environ.get("MINGZHI_PROFILE", "")):
            for file in sorted((place / "keys" / "ledger").glob("*.vkey")):
                keys += file.read_text("ascii").split()
    keys = list(dict.fromkeys(keys))
    return follow_keys(keys, links) if links else keys


def split_keys(text: str) -> tuple[list[str], list[str]]:
    """The keys and the announcements in a published ``keys`` file: keys one a line, then for each
    announcement a blank line and its tlog-proof."""
    head, *links = text.split("\n\nc2sp.org/tlog-proof@")
    keys = [line.strip() for line in head.splitlines() if line.strip()]
    return keys, ["c2sp.org/tlog-proof@" + link for link in links]


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
        # Bytes, so that no line ending is translated: the proof is exact.
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise Unproven(f"{path.name} 不是文本文件，不是回执", code="verify.format") from None


def _receipt_beside(file: Path) -> Path | None:
    for suffix in SUFFIXES:
        for candidate in (file.with_name(file.name + suffix), file.with_suffix(suffix)):
            if candidate.is_file() and candidate != file:
                return candidate
    return None


def _looks_like_receipt(file: Path) -> bool:
    with file.open("rb") as stream:
        start = stream.read(400)
    return (
        file.suffix in SUFFIXES or start.startswith(b"c2sp.org/tlog-proof@") or BUNDLE_MARK.encode() in start
    )


def check(file: Path, receipt: Path | None, keys: list[str]) -> Proven:
    """Check ``file`` (a paper, a recording, a receipt or a checkpoint) with the receipt given or found
    beside it."""
    if receipt is None and not _looks_like_receipt(file):
        receipt = _receipt_beside(file)
        if receipt is None:
            if file.stat().st_size < 10_000 and b"\xe2\x80\x94 " in file.read_bytes():
                return verify_checkpoint(_read_text(file), keys)
            raise Unproven(
                f"没有找到 {file.name} 的回执",
                code="verify.no_receipt",
                remedy=f"请用 --receipt 指明回执（{SUFFIXES[0]} 文件）",
            )
    text = _read_text(receipt or file)
    if receipt is not None:
        return verify_bundle(text, keys, file_sha256=_digest(file))
    return verify_receipt(text, None, keys) if text.startswith("c2sp.org/") else verify_bundle(text, keys)


def is_package(path: Path) -> bool:
    """Whether ``path`` is a BagIt package: ``bagit.txt`` in the folder or zip, or in its one folder."""
    if path.is_dir():
        return any(path.glob("bagit.txt")) or any(path.glob("*/bagit.txt"))
    try:
        with zipfile.ZipFile(path) as archive:
            return any(n.rpartition("/")[2] == "bagit.txt" and n.count("/") <= 1 for n in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _package(path: Path, keys: list[str]) -> Outcome:
    """An archive package: every check of the four properties, those that failed first."""
    report = verify_package(path, vkeys=keys)
    marks = {"pass": "通过", "fail": "不通过", "skip": "未检测"}
    lines = [
        f"核验{'通过' if report.ok else '不通过'}：档案包 {report.title} {report.number}，{report.items} 件"
    ]
    for check in sorted(report.checks.values(), key=lambda c: c.state != "fail"):
        why = "；".join(check.findings) or check.skipped
        mark = f"{check.trait} {check.code} {check.label}：{marks[check.state]}"
        lines.append(f"{mark}（{why}）" if why else mark)
    if report.origin:
        lines.append(f"签发账本：{report.origin}，签发时间：{report.signed_at}")
    return Outcome(report.ok, tuple(lines), {"file": path.name, **report.told()})


def _export(folder: Path, keys: list[str]) -> Outcome:
    proven, faults = verify_export(folder, keys)
    facts = {"origin": proven.origin, "size": proven.size, "signed_at": proven.signed_at, "root": proven.root}
    return _findings("账本导出目录", folder, faults, facts)


def _findings(what: str, path: Path, faults: Sequence[Fault], facts: dict[str, Any]) -> Outcome:
    told = {
        "ok": not faults,
        "file": path.name,
        **facts,
        "findings": [{"code": f.code, "sentence": f.sentence} for f in faults],
    }
    lines = [f"✗ {f.sentence}（{f.code}）" for f in faults]
    lines.insert(
        0, f"核验不通过：{what}有 {len(faults)} 处问题" if faults else f"核验通过：{what}完整、未被改动"
    )
    if facts and not faults:
        lines.append(f"签发账本：{facts['origin']}，共 {facts['size']} 条，签发时间：{facts['signed_at']}")
    return Outcome(not faults, tuple(lines), told)


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
        "algorithms": list(proven.algorithms),
        "cosigners": [list(c) for c in proven.cosigners],
    }


def _lines(proven: Proven, keys: list[str]) -> list[str]:
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
    lines.append(f"已核验签名：{'、'.join(proven.algorithms)}")
    if "SM2" not in proven.algorithms and any(notes.VerifierKey.parse(k).kind == notes.SM2 for k in keys):
        lines.append("提示：检查点没有所给 SM2 公钥的签名（签发时账本尚无 SM2 密钥，或已更换）")
    if proven.followed:
        lines.append("提示：签发所用的密钥由账本自身公告，已从所给公钥逐级核验")
    lines += [f"见证方：{name}" for name, _ in proven.cosigners]
    return lines


def _stamped(path: Path, keys: list[str], roots: str) -> Outcome:
    """A checkpoint with a time stamp: the log's signature, then the authority's."""
    note, token = unarmoured(_read_text(path))
    proven = verify_checkpoint(note, keys)
    if not roots:
        raise Unproven(
            "没有时间戳机构的根证书，不能核验时间戳",
            code="verify.stamp",
            remedy="请用 --tsa-roots 给出时间戳机构公布的根证书（PEM 文件）",
        )
    found: Stamp = verify_stamp(token, notes.parse(note).text, roots)
    told = {"moment": found.moment.isoformat(), "authority": found.authority, "policy": found.policy}
    line = f"时间戳：{found.moment:%Y-%m-%d %H:%M:%S}（协调世界时），由 {found.authority} 签发，策略 {found.policy}"
    return Outcome(True, (*_lines(proven, keys), line), {**_told(proven, path), "stamp": told})


def outcome(path: Path, receipt: Path | None, keys: list[str], roots: str = "") -> Outcome:
    """Look what ``path`` is, and check it. ``roots``: a time-stamp authority's certificates (PEM)."""
    if receipt is None and (path.is_dir() or zipfile.is_zipfile(path)) and is_package(path):
        return _package(path, keys)
    if path.is_dir():
        if looks_like_export(path):
            return _export(path, keys)
        raise Unproven(f"{path.name} 既不是账本导出目录，也不是电子档案包", code="verify.format")
    if receipt is None and path.stat().st_size < BUNDLE_MAX and BEGIN.encode() in path.read_bytes():
        return _stamped(path, keys, roots)
    proven = check(path, receipt, keys)
    return Outcome(True, tuple(_lines(proven, keys)), _told(proven, path))


@click.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--receipt", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="回执文件")
@click.option("--key", "keys", multiple=True, help="机关公布的账本公钥（文本或文件，可多次给出）")
@click.option(
    "--tsa-roots",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="时间戳机构的根证书（PEM）",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def verify(
    file: Path, receipt: Path | None, keys: tuple[str, ...], tsa_roots: Path | None, as_json: bool
) -> None:
    """离线核验文书、录音录像、回执、检查点（附时间戳的，连同时间戳）、账本导出目录、电子档案包。退出码：0 通过，1 不通过，2 用法错误。"""
    try:
        trusted = _trusted(keys)
    except (OSError, UnicodeDecodeError):
        raise click.UsageError("--key 给出的公钥文件无法读取") from None
    except Unproven as error:
        raise click.UsageError(error.sentence) from None
    if not trusted:
        raise click.UsageError(
            "没有可信公钥：请用 --key 给出机关公布的账本公钥（回执自带的公钥不能证明自己）"
        )
    try:
        found = outcome(file, receipt, trusted, tsa_roots.read_text("ascii", "replace") if tsa_roots else "")
    except Unproven as error:
        told = {
            "ok": False,
            "file": file.name,
            "code": error.code,
            "sentence": error.sentence,
            "remedy": error.remedy,
        }
        line = f"核验不通过：{error.sentence}（{error.code}）" + (f"\n{error.remedy}" if error.remedy else "")
        found = Outcome(False, (line,), told)
    click.echo(json.dumps(found.told, ensure_ascii=False) if as_json else "\n".join(found.lines))
    raise SystemExit(0 if found.ok else 1)
