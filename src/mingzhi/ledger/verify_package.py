"""A dossier package, checked away from home: 真实性、完整性、可用性、安全性. No Django, no database, no network.

``verify_package(path, vkeys=…)`` takes a folder or a zip and answers every check, passed or not, with what
was found. The four properties and what each asks for follow DA/T 70-2018 in substance; the codes are
ours. docs/algorithms/archive-package.md describes the package so that others can write the same verifier.

Hostile packages are expected: names are checked before anything is opened, sizes before anything is
read, and no byte is written to the disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from mingzhi.kernel import canonical
from mingzhi.ledger.verify import Unproven, verify_bundle, verify_checkpoint, verify_receipt

FORMAT = "mingzhi-dossier/1"
METADATA = ("content", "structure", "context", "process")
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
class _Entry:
    name: str
    size: int
    open: Callable[[], BinaryIO]


class _Bag:
    """The files of a package, by name below its base; names that are unsafe never get in."""

    def __init__(self, report: PackageReport) -> None:
        self.report = report
        self.files: dict[str, _Entry] = {}
        self.folded: dict[str, str] = {}

    def add(self, name: str, size: int, opener: Callable[[], BinaryIO]) -> None:
        why = unsafe(name)
        if why:
            self.find("S1", f"{_shown(name)}：{why}")
            return
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in self.folded:
            self.find("S6", f"{_shown(name)} 与 {_shown(self.folded[folded])} 重名")
            return
        self.folded[folded] = name
        self.files[name] = _Entry(name, size, opener)

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


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in name)[:80]


def verify_package(path: Path, *, vkeys: Iterable[str] = ()) -> PackageReport:
    """Check the package at ``path``, a folder or a zip. ``vkeys`` are the ledgers' public keys that the
    caller trusts; without any, signatures are skipped and the report says so.

    Never raises for what a package contains; ``OSError`` when ``path`` itself cannot be read.
    """
    report = PackageReport({code: Check(code, prop, label) for code, (prop, label) in CHECKS.items()})
    bag = _Bag(report)
    if path.is_dir():
        _from_folder(bag, path)
        _checked(bag, list(vkeys))
        return report
    with path.open("rb") as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            bag.find("C1", "不是有效的压缩包")
            return _unread(report)
        with archive:
            if _from_zip(bag, archive):
                _checked(bag, list(vkeys))
    return report


def _unread(report: PackageReport) -> PackageReport:
    for check in report.checks.values():
        if not check.findings:
            check.skipped = "档案包无法读取"
    return report


def _from_folder(bag: _Bag, base: Path) -> None:
    for found in sorted(base.rglob("*")):
        name = found.relative_to(base).as_posix()
        mode = found.lstat().st_mode
        if stat.S_ISDIR(mode):
            continue
        if not stat.S_ISREG(mode):
            bag.find("S2", f"{_shown(name)} 是链接或者特殊文件")
            continue
        if len(bag.files) >= MAX_FILES:
            bag.find("S5", f"文件超过 {MAX_FILES} 个")
            return
        bag.add(name, found.lstat().st_size, partial(_file, found))


def _file(path: Path) -> BinaryIO:
    return path.open("rb")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    return archive.open(info)  # type: ignore[return-value]


def _from_zip(bag: _Bag, archive: zipfile.ZipFile) -> bool:
    """Whether the archive may be read at all."""
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        bag.find("S5", f"文件超过 {MAX_FILES} 个")
        _unread(bag.report)
        return False
    bases = {info.filename.split("/", 1)[0] for info in infos if "/" in info.filename}
    named = [info.filename for info in infos]
    base = next(iter(bases)) + "/" if len(bases) == 1 and "bagit.txt" not in named else ""
    base = "" if unsafe(base.rstrip("/")) else base
    for info in infos:
        name = info.filename
        if name.endswith("/") and not info.file_size:
            if why := unsafe(name.rstrip("/")):
                bag.find("S1", f"{_shown(name)}：{why}")
            continue
        kind = info.external_attr >> 16
        if kind and stat.S_IFMT(kind) not in (0, stat.S_IFREG):
            bag.find("S2", f"{_shown(name)} 是链接或者特殊文件")
            continue
        if info.flag_bits & 1:
            bag.find("U6", f"{_shown(name)} 已加密")
            continue
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            bag.find("U6", f"{_shown(name)} 采用不通用的压缩方式")
            continue
        if info.file_size > MAX_TEXT and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            bag.find("S5", f"{_shown(name)} 解压后超过压缩体积的 {MAX_RATIO} 倍")
            continue
        inner = name[len(base) :] if base and name.startswith(base) else name
        bag.add(inner, info.file_size, partial(_member, archive, info))
    return True


# --- the checks --------------------------------------------------------------------------------


def _checked(bag: _Bag, vkeys: list[str]) -> None:
    hashes = _hash_all(bag)
    _declaration(bag)
    _manifests(bag, hashes)
    documents = _documents(bag)
    if set(METADATA) <= set(documents):
        _metadata(bag, documents)
        entries = _items(bag, documents, hashes)
        _structure(bag, documents, entries)
        _proofs(bag, documents, entries, vkeys)
        _usable(bag, documents, entries)
        _scope(bag, documents, entries)
    else:
        for code in ("A3", "A4", "A5", "A6", "A8", "A12", "C7", "C8", "C9", "C10", "C11", "C12", "S7"):
            bag.report.checks[code].skipped = "元数据不齐，无法核对"
    _safe(bag)


def _hash_all(bag: _Bag) -> dict[str, tuple[str, str, int]]:
    found = {}
    for name in list(bag.files):
        try:
            found[name] = bag.digests(name)
        except (ValueError, OSError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError):
            bag.find(
                "S5" if bag.files[name].size > MAX_TEXT else "A2",
                f"{_shown(name)} 无法完整读出，或者与声明的大小不符",
            )
            del bag.files[name]
    return found


def _declaration(bag: _Bag) -> None:
    if "bagit.txt" not in bag.files:
        bag.find("C1", "缺少 bagit.txt")
        return
    try:
        text = bag.read("bagit.txt", 10_000).decode("utf-8")
    except (ValueError, UnicodeDecodeError):
        bag.find("C1", "bagit.txt 无法读取")
        return
    if "BagIt-Version: 1.0" not in text.splitlines():
        bag.find("C1", "bagit.txt 的版本不是 1.0")
    if "Tag-File-Character-Encoding: UTF-8" not in text.splitlines():
        bag.find("C1", "bagit.txt 未声明 UTF-8 编码")


def _manifest(bag: _Bag, name: str) -> dict[str, str]:
    """Path → digest of a manifest; lines that are none are findings."""
    found: dict[str, str] = {}
    try:
        lines = bag.read(name).decode("utf-8").splitlines()
    except (ValueError, UnicodeDecodeError):
        bag.find("C2", f"{name} 无法读取")
        return found
    for line in lines:
        digest, gap, path = line.partition("  ")
        path = path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        if not gap or not re.fullmatch(r"[0-9a-f]{64}", digest):
            bag.find("A1" if name.startswith("tag") else "A2", f"{name} 中有无法识别的行")
        elif why := unsafe(path):
            bag.find("S1", f"{name} 所列 {_shown(path)}：{why}")
        elif path in found:
            bag.find("S6", f"{name} 重复列出 {_shown(path)}")
        else:
            found[path] = digest
    return found


def _manifests(bag: _Bag, hashes: Mapping[str, tuple[str, str, int]]) -> None:
    for needed in ("bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"):
        if needed not in bag.files:
            bag.find("C2", f"缺少 {needed}")
    payload = _manifest(bag, "manifest-sha256.txt") if "manifest-sha256.txt" in bag.files else {}
    tags = _manifest(bag, "tagmanifest-sha256.txt") if "tagmanifest-sha256.txt" in bag.files else {}
    for listed, code in ((payload, "A2"), (tags, "A1")):
        for path, digest in listed.items():
            if path not in hashes:
                bag.find("C4", f"{_shown(path)} 不在包内")
            elif hashes[path][0] != digest:
                bag.find(code, f"{_shown(path)} 的校验值不符")
    for needed in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt"):
        if needed in bag.files and tags and needed not in tags:
            bag.find("A1", f"{needed} 未列入标签清单")
    for name in bag.files:
        if name.startswith("data/"):
            if name not in payload:
                bag.find("C5", f"{_shown(name)} 未列入清单")
        elif name != "tagmanifest-sha256.txt" and name not in tags:
            bag.find("C5", f"{_shown(name)} 未列入标签清单")
    _oxum(bag, hashes)


def _oxum(bag: _Bag, hashes: Mapping[str, tuple[str, str, int]]) -> None:
    if "bag-info.txt" not in bag.files:
        return
    try:
        info = bag.read("bag-info.txt", 1 << 20).decode("utf-8")
    except (ValueError, UnicodeDecodeError):
        bag.find("C3", "bag-info.txt 无法读取")
        return
    stated = re.search(r"^Payload-Oxum: (\d{1,18})\.(\d{1,9})$", info, re.MULTILINE)
    own = [size for name, (_, _, size) in hashes.items() if name.startswith("data/")]
    if stated is None:
        bag.find("C3", "bag-info.txt 没有载荷总量（Payload-Oxum）")
    elif (int(stated[1]), int(stated[2])) != (sum(own), len(own)):
        bag.find("C3", f"载荷应为 {stated[2]} 个文件、{stated[1]} 字节，实为 {len(own)} 个、{sum(own)} 字节")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("同一名称出现两次")
    return found


def _documents(bag: _Bag) -> dict[str, dict[str, Any]]:
    found = {}
    for name in METADATA:
        path = f"data/metadata/{name}.json"
        if path not in bag.files:
            bag.find("C2", f"缺少 {path}")
            continue
        try:
            content = json.loads(bag.read(path).decode("utf-8"), object_pairs_hook=_once)
        except ValueError as error:
            if "两次" in str(error):
                bag.find("A11", f"{path} 中{error}")
            else:
                bag.find("U1", f"{path} 不是可读的 JSON（UTF-8）")
            continue
        except RecursionError:
            bag.find("U1", f"{path} 嵌套过深")
            continue
        if not isinstance(content, dict):
            bag.find("U1", f"{path} 应为对象")
            continue
        if content.get("format") != FORMAT:
            bag.find("U1", f"{path} 的格式标记应为 {FORMAT}")
        found[name] = content
    return found


Field = tuple[str, type | tuple[type, ...], int]
_FIELDS: dict[str, tuple[Field, ...]] = {
    "content": (("title", str, 300), ("number", str, 80), ("secrecy", str, 20), ("index_sha256", str, 64), ("items", list, 0)),
    "structure": (("volumes", list, 0), ("bound", list, 0), ("scope", str, 20)),
    "context": (("body", str, 120), ("unit", str, 120), ("procedure", str, 80), ("opened_on", str, 10), ("closed_on", str, 10), ("archive", dict, 0), ("people", list, 0), ("system", str, 80)),
    "process": (("events", list, 0), ("ledger", dict, 0)),
}  # fmt: skip
_ITEM: tuple[Field, ...] = (
    ("seq", int, 0), ("volume", str, 8), ("code", str, 20), ("title", str, 400), ("number", str, 120), ("on", str, 10),
    ("moment", str, 40), ("sha256", str, 64), ("size", int, 0), ("media_type", str, 100), ("pages", int, 0),
    ("secrecy", str, 20), ("supplement", bool, 0), ("details", list, 0), ("path", str, 200), ("receipts", list, 0),
)  # fmt: skip
_ARCHIVE: tuple[Field, ...] = (
    ("number", str, 60), ("fonds", str, 30), ("catalogue", str, 30), ("importance", str, 12), ("retention", str, 20),
    ("starts_on", str, 10), ("archived_at", str, 40),
)  # fmt: skip
_DAYS = ("on", "opened_on", "closed_on", "starts_on")
_SECRECY = ("open", "private", "trade", "state")


def _fields(bag: _Bag, where: str, content: Mapping[str, Any], fields: Iterable[Field]) -> bool:
    """Presence (C6), then type, length, characters and range (A10). False when something is not there."""
    whole = True
    for name, kind, limit in fields:
        if name not in content:
            bag.find("C6", f"{where} 缺少 {name}")
            whole = False
            continue
        value = content[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            bag.find("A10", f"{where} 的 {name} 类型不符")
            whole = False
        elif isinstance(value, str):
            if limit and len(value) > limit:
                bag.find("A10", f"{where} 的 {name} 超过 {limit} 字")
            if any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in value):
                bag.find("A10", f"{where} 的 {name} 含控制字符")
            if name in _DAYS and not _is_day(value):
                bag.find("A10", f"{where} 的 {name} 不是日期")
            if name.endswith("sha256") and value and not re.fullmatch(r"[0-9a-f]{64}", value):
                bag.find("A10", f"{where} 的 {name} 不是 SHA-256")
            if name == "secrecy" and value not in _SECRECY:
                bag.find("A10", f"{where} 的 {name} 不在值域内")
            if name == "volume" and value not in ("main", "side"):
                bag.find("A10", f"{where} 的 {name} 不在值域内")
        elif isinstance(value, int) and not isinstance(value, bool) and value < 0:
            bag.find("A10", f"{where} 的 {name} 为负数")
            whole = False
    return whole


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _metadata(bag: _Bag, documents: Mapping[str, dict[str, Any]]) -> None:
    for name, fields in _FIELDS.items():
        _fields(bag, name, documents[name], fields)
    archive = documents["context"].get("archive")
    if isinstance(archive, dict):
        _fields(bag, "context.archive", archive, _ARCHIVE)
    report = bag.report
    for target, source, key in (
        ("title", "content", "title"),
        ("number", "content", "number"),
        ("body", "context", "body"),
    ):
        value = documents[source].get(key)
        setattr(report, target, value if isinstance(value, str) else "")
    opened, closed = documents["context"].get("opened_on"), documents["context"].get("closed_on")
    if (
        isinstance(opened, str)
        and isinstance(closed, str)
        and _is_day(opened)
        and _is_day(closed)
        and opened > closed
    ):
        bag.find("A12", "立案日期晚于结案日期")


def _items(
    bag: _Bag, documents: Mapping[str, dict[str, Any]], hashes: Mapping[str, tuple[str, str, int]]
) -> list[dict[str, Any]]:
    """The items whose description can be read, each compared with its file."""
    found: list[dict[str, Any]] = []
    paths: set[str] = set()
    listed = documents["content"].get("items")
    for number, item in enumerate(listed if isinstance(listed, list) else (), 1):
        if not isinstance(item, dict) or not _fields(bag, f"第 {number} 件", item, _ITEM):
            if not isinstance(item, dict):
                bag.find("A10", f"第 {number} 件 类型不符")
            continue
        found.append(item)
        path, name = item["path"], f"《{_shown(item['title'])}》"
        if not path:
            if item["sha256"]:
                bag.find("C9", f"{name}没有文件")
            continue
        if path in paths:
            bag.find("A11", f"{name}与其他件指向同一文件 {_shown(path)}")
        paths.add(path)
        if f"data/{path}" not in hashes:
            bag.find("C9", f"{name}的文件 {_shown(path)} 不在包内")
            continue
        sha256, sm3, size = hashes[f"data/{path}"]
        if sha256 != item["sha256"] or (sm3 and item.get("sm3") and sm3 != item["sm3"]):
            bag.find("A3", f"{name}的文件与目录所载校验值不符")
        if size != item["size"]:
            bag.find("A4", f"{name}应为 {item['size']} 字节，实为 {size} 字节")
    stray = [n for n in bag.files if n.startswith("data/items/") and n.removeprefix("data/") not in paths]
    for name in stray:
        bag.find("A12", f"{_shown(name)} 不属于任何卷内件")
    bag.report.items = len(found)
    stated = documents["content"].get("index_sha256")
    if found and len(found) == len(listed or ()) and index_digest(found) != stated:
        bag.find("A5", "卷内目录与所载校验值不符")
    return found


#: What of a line the index digest covers (dossiers.order.content_digest).
INDEX_FIELDS = (
    "code", "title", "number", "sha256", "media_type", "secrecy", "seq", "volume", "on", "moment", "size", "pages",
    "first", "last", "supplement", "details",
)  # fmt: skip


def index_digest(items: Iterable[Mapping[str, Any]]) -> str:
    """The digest of an index as sealed: the same on every system."""
    try:
        return canonical.digest([{k: item.get(k) for k in INDEX_FIELDS} for item in items])
    except TypeError:
        return ""


def _structure(bag: _Bag, documents: Mapping[str, dict[str, Any]], items: list[dict[str, Any]]) -> None:
    volumes = documents["structure"].get("volumes")
    stated = {v.get("volume"): v for v in volumes if isinstance(v, dict)} if isinstance(volumes, list) else {}
    for volume in ("main", "side"):
        own = [item for item in items if item["volume"] == volume]
        label = "正卷" if volume == "main" else "副卷"
        if [item["seq"] for item in own] != list(range(1, len(own) + 1)):
            bag.find("C7", f"{label}目录件号不连续")
        page = 1
        for item in own:
            first, last = item.get("first"), item.get("last")
            if first != page or not isinstance(last, int) or last != page + item["pages"] - 1:
                bag.find("C8", f"{label}第 {item['seq']} 件《{_shown(item['title'])}》页码不连续")
                break
            page = last + 1
        told = stated.get(volume)
        if told is None:
            if own:
                bag.find("C10", f"结构元数据没有{label}")
        elif (told.get("items"), told.get("pages")) != (len(own), page - 1):
            bag.find(
                "C10",
                f"{label}应有 {told.get('items')} 件、{told.get('pages')} 页，实有 {len(own)} 件、{page - 1} 页",
            )
    acts = documents["process"].get("events")
    events = [e for e in acts if isinstance(e, dict)] if isinstance(acts, list) else []
    text = [str(e.get("act", "")) for e in events]
    for needed, label in (("建立案卷", "建卷"), ("归档", "归档"), ("编目", "编目")):
        if not any(needed in t for t in text):
            bag.find("C12", f"过程元数据没有“{label}”")
    moments = [str(e.get("at", "")) for e in events]
    if moments != sorted(moments):
        bag.find("C12", "过程记录未按时间先后排列")
    for event in events:
        if not all(isinstance(event.get(k), str) for k in ("at", "act", "by", "by_name", "subject", "note")):
            bag.find("A10", "过程记录有格式不符的条目")
            break


# --- proofs ---------------------------------------------------------------------------------------


def _proofs(
    bag: _Bag, documents: Mapping[str, dict[str, Any]], items: list[dict[str, Any]], vkeys: list[str]
) -> None:
    """Receipts against the trusted keys: each must verify, name its item's file, and one the index."""
    for item in items:
        if not item["receipts"]:
            bag.find("C11", f"《{_shown(item['title'])}》没有存证回执")
        for path in item["receipts"]:
            if not isinstance(path, str) or f"data/{path}" not in bag.files:
                bag.find("C11", f"《{_shown(item['title'])}》的回执 {_shown(str(path))} 不在包内")
    if "data/ledger/checkpoint.txt" not in bag.files:
        bag.find("C2", "缺少 data/ledger/checkpoint.txt")
    if not vkeys:
        for code in ("A6", "A7", "A8", "A9"):
            bag.report.checks[code].skipped = "没有可信的账本公钥，签名未核验"
        return
    _checkpoint(bag, vkeys)
    payloads = _receipts(bag, vkeys)
    for item in items:
        own = [payloads[p] for p in item["receipts"] if isinstance(p, str) and p in payloads]
        if item["sha256"] and own and not any(_names(payload, item["sha256"]) for payload in own):
            bag.find("A8", f"《{_shown(item['title'])}》的文件不是存证登记的那一份")
    if documents["structure"].get("scope") == "outside":
        bag.report.checks["A6"].skipped = "对外档案包只含正卷，目录全文的存证不在包内"
        return
    ledger = documents["process"].get("ledger")
    sealing = ledger.get("sealing") if isinstance(ledger, dict) else None
    stated = documents["content"].get("index_sha256")
    if not isinstance(sealing, str) or sealing not in payloads:
        bag.find("A6", "没有卷内目录的存证回执")
    elif not _names(payloads[sealing], str(stated)):
        bag.find("A6", "卷内目录不是存证登记的那一份")


def _checkpoint(bag: _Bag, vkeys: list[str]) -> None:
    if "data/ledger/checkpoint.txt" not in bag.files:
        return
    try:
        proven = verify_checkpoint(bag.read("data/ledger/checkpoint.txt").decode("utf-8"), vkeys)
    except Unproven as error:
        bag.find("A9", error.sentence)
    except (ValueError, UnicodeDecodeError):
        bag.find("A9", "检查点无法读取")
    else:
        bag.report.origin, bag.report.signed_at = proven.origin, proven.signed_at


def _receipts(bag: _Bag, vkeys: list[str]) -> dict[str, Mapping[str, Any]]:
    """Every receipt of the package checked; path → what was recorded, for those that disclose it."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in bag.files:
        if not name.startswith("data/ledger/receipts/"):
            continue
        try:
            text = bag.read(name).decode("utf-8")
            if name.endswith(".mingzhi-receipt"):
                proven = verify_bundle(text, vkeys)
                found[name.removeprefix("data/")] = proven.payload or {}
            else:
                verify_receipt(text, None, vkeys)
        except Unproven as error:
            bag.find("A7", f"{_shown(name.rpartition('/')[2])}：{error.sentence}")
        except (ValueError, UnicodeDecodeError):
            bag.find("A7", f"{_shown(name.rpartition('/')[2])} 无法读取")
    return found


def _names(value: Any, wanted: str) -> bool:
    """Whether ``wanted`` stands anywhere in ``value``."""
    if isinstance(value, str):
        return value == wanted
    if isinstance(value, Mapping):
        return any(_names(v, wanted) for v in value.values())
    return isinstance(value, list) and any(_names(v, wanted) for v in value)


# --- usable and safe -------------------------------------------------------------------------------

_MAGIC: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "audio/x-wav": (b"RIFF",),
    "audio/wav": (b"RIFF",),
    "video/x-matroska": (b"\x1aE\xdf\xa3",),
    "video/webm": (b"\x1aE\xdf\xa3",),
    "application/zip": (b"PK\x03\x04",),
}
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"dex\n")
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA|SubmitForm|ImportData)\b")


def _usable(bag: _Bag, documents: Mapping[str, dict[str, Any]], items: list[dict[str, Any]]) -> None:
    for item in items:
        name = f"data/{item['path']}"
        if not item["path"] or name not in bag.files:
            continue
        shown = f"《{_shown(item['title'])}》"
        if bag.files[name].size == 0:
            bag.find("U5", f"{shown}没有内容")
            continue
        head = bag.head(name)
        kind = item["media_type"]
        if kind in _MAGIC and not head.startswith(_MAGIC[kind]):
            bag.find("U2", f"{shown}标为 {_shown(kind)}，内容不符")
        elif kind == "application/pdf":
            _pdf(bag, name, shown, item["pages"], "U3")
        elif kind.startswith("image/"):
            _picture(bag, name, shown)
    bound = documents["structure"].get("bound")
    for entry in bound if isinstance(bound, list) else ():
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str) or f"data/{path}" not in bag.files:
            bag.find("C9", f"装订本 {_shown(str(path))} 不在包内")
        else:
            _pdf(bag, f"data/{path}", f"装订本 {_shown(path)} ", entry.get("pages"), "U7")


def _pdf(bag: _Bag, name: str, shown: str, pages: Any, code: str) -> None:
    import pypdfium2  # type: ignore[import-untyped]

    try:
        data = bag.read(name, 2 << 30)
    except (ValueError, OSError):
        bag.find(code, f"{shown}无法读出")
        return
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            bag.find("U6", f"{shown}已加密")
        else:
            bag.find(code, f"{shown}无法打开")
        return
    try:
        if isinstance(pages, int) and len(pdf) != pages:
            bag.find(code, f"{shown}应有 {pages} 页，实有 {len(pdf)} 页")
    finally:
        pdf.close()


def _picture(bag: _Bag, name: str, shown: str) -> None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(bag.read(name, 1 << 30))) as picture:
            picture.draft("RGB", (64, 64))
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        bag.find("U4", f"{shown}无法打开")


def _safe(bag: _Bag) -> None:
    for name in bag.files:
        if not name.startswith("data/"):
            continue
        head = bag.head(name, 1 << 12)
        if head.startswith(_PROGRAMS):
            bag.find("S3", f"{_shown(name)} 是程序或者脚本")
        if head.startswith(b"%PDF-"):
            found = sorted(set(_active(bag, name)))
            if found:
                bag.find("S4", f"{_shown(name)} 含有活动内容：{'、'.join(found)}")


def _active(bag: _Bag, name: str) -> Iterator[str]:
    """Names of active things in a PDF's plain parts, read in blocks that overlap."""
    rest = b""
    with bag.files[name].open() as stream:
        while block := stream.read(BLOCK):
            for match in _ACTIVE.finditer(rest + block):
                yield match[1].decode()
            rest = block[-32:]


def _scope(bag: _Bag, documents: Mapping[str, dict[str, Any]], items: list[dict[str, Any]]) -> None:
    """What leaves the house holds no 副卷 and no state secret."""
    scope, level = documents["structure"].get("scope"), documents["content"].get("secrecy")
    if scope not in ("whole", "outside"):
        bag.find("A10", "structure 的 scope 不在值域内")
    if scope == "outside":
        if level == "state":
            bag.find("S7", "涉及国家秘密的案卷不得对外")
        for item in items:
            if item["volume"] == "side" or item["secrecy"] == "state":
                bag.find("S7", f"《{_shown(item['title'])}》不得对外")
