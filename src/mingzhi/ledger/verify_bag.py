"""The reading half of the package verifier: names, sizes, hashes, and the report they end up in. Pure.

Hostile packages are expected: names are checked before anything is opened, sizes before anything is
read, and no byte is written to the disk.
"""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "mingzhi-dossier/1"
MAX_FILES = 50_000
MAX_TEXT = 64 << 20
"""Bytes of one metadata or tag file."""
MAX_RATIO = 200
BLOCK = 1 << 20
AUTHENTIC, COMPLETE, USABLE, SAFE = "真实性", "完整性", "可用性", "安全性"

CHECKS: dict[str, tuple[str, str]] = {
    "A1": (AUTHENTIC, "标签文件校验值"),
    "A2": (AUTHENTIC, "载荷文件校验值"),
    "A3": (AUTHENTIC, "卷内件校验值与目录一致"),
    "A4": (AUTHENTIC, "卷内件大小与目录一致"),
    "A5": (AUTHENTIC, "卷内目录校验值"),
    "A6": (AUTHENTIC, "卷内目录与存证一致"),
    "A7": (AUTHENTIC, "存证回执有效"),
    "A8": (AUTHENTIC, "卷内件与存证一致"),
    "A9": (AUTHENTIC, "检查点签名有效"),
    "A10": (AUTHENTIC, "元数据格式、长度、值域"),
    "A11": (AUTHENTIC, "元数据无重复"),
    "A12": (AUTHENTIC, "元数据彼此关联一致"),
    "C1": (COMPLETE, "包结构声明"),
    "C2": (COMPLETE, "必备文件齐全"),
    "C3": (COMPLETE, "载荷总数、总量"),
    "C4": (COMPLETE, "清单所列文件均在包内"),
    "C5": (COMPLETE, "包内没有清单以外的文件"),
    "C6": (COMPLETE, "四类元数据必备项"),
    "C7": (COMPLETE, "目录件号连续"),
    "C8": (COMPLETE, "页码连续"),
    "C9": (COMPLETE, "卷内件均有文件"),
    "C10": (COMPLETE, "件数、页数与结构相符"),
    "C11": (COMPLETE, "卷内件均有存证回执"),
    "C12": (COMPLETE, "过程记录齐全"),
    "U1": (USABLE, "元数据可读"),
    "U2": (USABLE, "文件格式与内容相符"),
    "U3": (USABLE, "PDF 可以打开、页数相符"),
    "U4": (USABLE, "图片可以打开"),
    "U5": (USABLE, "没有空文件"),
    "U6": (USABLE, "没有加密或者私有压缩"),
    "U7": (USABLE, "装订本可以打开、页数相符"),
    "S1": (SAFE, "文件名安全"),
    "S2": (SAFE, "没有链接或者特殊文件"),
    "S3": (SAFE, "没有可执行内容"),
    "S4": (SAFE, "PDF 没有活动内容"),
    "S5": (SAFE, "没有压缩炸弹"),
    "S6": (SAFE, "没有重名文件"),
    "S7": (SAFE, "密级与对外范围相符"),
}


@dataclass(slots=True)
class Check:
    """One check: ``state`` is pass, fail, or skip (it could not be made; ``findings`` say why)."""

    code: str
    trait: str
    label: str
    findings: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def state(self) -> str:
        return "fail" if self.findings else "skip" if self.skipped else "pass"


@dataclass(slots=True)
class PackageReport:
    """Every check in order, and what the package says it is."""

    checks: dict[str, Check]
    title: str = ""
    number: str = ""
    body: str = ""
    items: int = 0
    origin: str = ""
    signed_at: str = ""

    @property
    def ok(self) -> bool:
        """Nothing failed. A check that was skipped is told beside it, and is no failure."""
        return all(check.state != "fail" for check in self.checks.values())

    def of(self, name: str) -> list[Check]:
        return [check for check in self.checks.values() if check.trait == name]

    def told(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "ok": self.ok,
            "title": self.title,
            "number": self.number,
            "body": self.body,
            "items": self.items,
            "origin": self.origin,
            "signed_at": self.signed_at,
            "checks": [
                {
                    "code": c.code,
                    "property": c.trait,
                    "label": c.label,
                    "state": c.state,
                    "findings": c.findings,
                    "skipped": c.skipped,
                }
                for c in self.checks.values()
            ],
        }


@dataclass(frozen=True, slots=True)
class BagEntry:
    name: str
    size: int
    open: Callable[[], BinaryIO]


class Bag:
    """The files of a package, by name below its base; names that are unsafe never get in."""

    def __init__(self, report: PackageReport) -> None:
        self.report = report
        self.files: dict[str, BagEntry] = {}
        self.folded: dict[str, str] = {}

    def add(self, name: str, size: int, opener: Callable[[], BinaryIO]) -> None:
        why = unsafe(name)
        if why:
            self.find("S1", f"{shown(name)}：{why}")
            return
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in self.folded:
            self.find("S6", f"{shown(name)} 与 {shown(self.folded[folded])} 重名")
            return
        self.folded[folded] = name
        self.files[name] = BagEntry(name, size, opener)

    def find(self, code: str, sentence: str) -> None:
        found = self.report.checks[code].findings
        if len(found) < 50:
            found.append(sentence)

    def digests(self, name: str) -> tuple[str, str, int]:
        """(SHA-256, SM3 or empty, bytes) of a file, reading no more than it declares."""
        entry = self.files[name]
        sha = hashlib.sha256()
        sm3 = hashlib.new("sm3") if "sm3" in hashlib.algorithms_available else None
        size = 0
        with entry.open() as stream:
            while block := stream.read(BLOCK):
                size += len(block)
                if size > entry.size:
                    raise ValueError("more bytes than declared")
                sha.update(block)
                if sm3 is not None:
                    sm3.update(block)
        return sha.hexdigest(), sm3.hexdigest() if sm3 is not None else "", size

    def read(self, name: str, limit: int = MAX_TEXT) -> bytes:
        entry = self.files[name]
        if entry.size > limit:
            raise ValueError(f"超过 {limit >> 20} MB")
        with entry.open() as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise ValueError(f"超过 {limit >> 20} MB")
        return data

    def head(self, name: str, count: int = 4096) -> bytes:
        with self.files[name].open() as stream:
            return stream.read(count)


def unsafe(name: str) -> str:
    """Why a name inside a package is not taken; empty when it is fine."""
    parts = name.split("/")
    if not name or len(name) > 400 or any(len(part.encode()) > 200 for part in parts):
        return "名称为空或者过长"
    if name.startswith("/") or "\\" in name or re.match(r"[A-Za-z]:", name):
        return "绝对路径或者含反斜线"
    if any(part in ("", ".", "..") for part in parts):
        return "含有“..”等路径跳转"
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in name):
        return "含控制字符或者不可见字符"
    if any(part.endswith((" ", ".")) for part in parts):
        return "以空格或者句点结尾"
    return ""


def shown(name: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in name)[:80]


def unread(report: PackageReport) -> PackageReport:
    for check in report.checks.values():
        if not check.findings:
            check.skipped = "档案包无法读取"
    return report


def from_folder(bag: Bag, base: Path) -> None:
    for found in sorted(base.rglob("*")):
        name = found.relative_to(base).as_posix()
        mode = found.lstat().st_mode
        if stat.S_ISDIR(mode):
            continue
        if not stat.S_ISREG(mode):
            bag.find("S2", f"{shown(name)} 是链接或者特殊文件")
            continue
        if len(bag.files) >= MAX_FILES:
            bag.find("S5", f"文件超过 {MAX_FILES} 个")
            return
        bag.add(name, found.lstat().st_size, partial(_file, found))


def _file(path: Path) -> BinaryIO:
    return path.open("rb")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    return archive.open(info)  # type: ignore[return-value]


def from_zip(bag: Bag, archive: zipfile.ZipFile) -> bool:
    """Whether the archive may be read at all."""
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        bag.find("S5", f"文件超过 {MAX_FILES} 个")
        unread(bag.report)
        return False
    bases = {info.filename.split("/", 1)[0] for info in infos if "/" in info.filename}
    named = [info.filename for info in infos]
    base = next(iter(bases)) + "/" if len(bases) == 1 and "bagit.txt" not in named else ""
    base = "" if unsafe(base.rstrip("/")) else base
    for info in infos:
        name = info.filename
        if name.endswith("/") and not info.file_size:
            if why := unsafe(name.rstrip("/")):
                bag.find("S1", f"{shown(name)}：{why}")
            continue
        kind = info.external_attr >> 16
        if kind and stat.S_IFMT(kind) not in (0, stat.S_IFREG):
            bag.find("S2", f"{shown(name)} 是链接或者特殊文件")
            continue
        if info.flag_bits & 1:
            bag.find("U6", f"{shown(name)} 已加密")
            continue
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            bag.find("U6", f"{shown(name)} 采用不通用的压缩方式")
            continue
        if info.file_size > MAX_TEXT and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            bag.find("S5", f"{shown(name)} 解压后超过压缩体积的 {MAX_RATIO} 倍")
            continue
        inner = name[len(base) :] if base and name.startswith(base) else name
        bag.add(inner, info.file_size, partial(_member, archive, info))
    return True
