"""A dossier package, checked away from home: 真实性、完整性、可用性、安全性. No Django, no database, no network.

``verify_package(path, vkeys=…)`` takes a folder or a zip and answers every check, passed or not, with what
was found. The four properties and what each asks for follow DA/T 70-2018 in substance; the codes are
ours. docs/algorithms/archive-package.md describes the package so that others can write the same verifier.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from mingzhi.kernel import canonical
from mingzhi.ledger.verify import Unproven, verify_checkpoint, verify_receipt
from mingzhi.ledger.verify_bag import (
    AUTHENTIC,
    CHECKS,
    COMPLETE,
    FORMAT,
    MAX_TEXT,
    SAFE,
    USABLE,
    Bag,
    Check,
    PackageReport,
    from_folder,
    from_zip,
    shown,
    unread,
    unsafe,
)
from mingzhi.ledger.verify_files import safe, usable

__all__ = [
    "AUTHENTIC",
    "CHECKS",
    "COMPLETE",
    "FORMAT",
    "INDEX_FIELDS",
    "METADATA",
    "SAFE",
    "USABLE",
    "PackageReport",
    "index_digest",
    "unsafe",
    "verify_package",
]
METADATA = ("content", "structure", "context", "process")


def verify_package(path: Path, *, vkeys: Iterable[str] = ()) -> PackageReport:
    """Check the package at ``path``, a folder or a zip. ``vkeys`` are the ledgers' public keys that the
    caller trusts; without any, signatures are skipped and the report says so.

    Never raises for what a package contains; ``OSError`` when ``path`` itself cannot be read.
    """
    report = PackageReport({code: Check(code, prop, label) for code, (prop, label) in CHECKS.items()})
    bag = Bag(report)
    if path.is_dir():
        inner = [found.parent for found in path.glob("*/bagit.txt")]
        from_folder(bag, inner[0] if len(inner) == 1 and not (path / "bagit.txt").exists() else path)
        _checked(bag, list(vkeys))
        return report
    with path.open("rb") as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            bag.find("C1", "不是有效的压缩包")
            return unread(report)
        with archive:
            if from_zip(bag, archive):
                _checked(bag, list(vkeys))
    return report


def _checked(bag: Bag, vkeys: list[str]) -> None:
    hashes = _hash_all(bag)
    _declaration(bag)
    _manifests(bag, hashes)
    documents = _documents(bag)
    if set(METADATA) <= set(documents):
        _metadata(bag, documents)
        entries = _items(bag, documents, hashes)
        _structure(bag, documents, entries)
        _proofs(bag, documents, entries, vkeys)
        usable(bag, documents, entries)
        _scope(bag, documents, entries)
    else:
        for code in ("A3", "A4", "A5", "A6", "A8", "A12", "C7", "C8", "C9", "C10", "C11", "C12", "S7"):
            bag.report.checks[code].skipped = "元数据不齐，无法核对"
    safe(bag)


def _hash_all(bag: Bag) -> dict[str, tuple[str, str, int]]:
    found = {}
    for name in list(bag.files):
        try:
            found[name] = bag.digests(name)
        except (ValueError, OSError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError):
            bag.find(
                "S5" if bag.files[name].size > MAX_TEXT else "A2",
                f"{shown(name)} 无法完整读出，或者与声明的大小不符",
            )
            del bag.files[name]
    return found


def _declaration(bag: Bag) -> None:
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


def _manifest(bag: Bag, name: str) -> dict[str, str]:
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
            bag.find("S1", f"{name} 所列 {shown(path)}：{why}")
        elif path in found:
            bag.find("S6", f"{name} 重复列出 {shown(path)}")
        else:
            found[path] = digest
    return found


def _manifests(bag: Bag, hashes: Mapping[str, tuple[str, str, int]]) -> None:
    for needed in ("bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"):
        if needed not in bag.files:
            bag.find("C2", f"缺少 {needed}")
    payload = _manifest(bag, "manifest-sha256.txt") if "manifest-sha256.txt" in bag.files else {}
    tags = _manifest(bag, "tagmanifest-sha256.txt") if "tagmanifest-sha256.txt" in bag.files else {}
    for listed, code in ((payload, "A2"), (tags, "A1")):
        for path, digest in listed.items():
            if path not in hashes:
                bag.find("C4", f"{shown(path)} 不在包内")
            elif hashes[path][0] != digest:
                bag.find(code, f"{shown(path)} 的校验值不符")
    for needed in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt"):
        if needed in bag.files and tags and needed not in tags:
            bag.find("A1", f"{needed} 未列入标签清单")
    for name in bag.files:
        if name.startswith("data/"):
            if name not in payload:
                bag.find("C5", f"{shown(name)} 未列入清单")
        elif name != "tagmanifest-sha256.txt" and name not in tags:
            bag.find("C5", f"{shown(name)} 未列入标签清单")
    _oxum(bag, hashes)


def _oxum(bag: Bag, hashes: Mapping[str, tuple[str, str, int]]) -> None:
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


def _documents(bag: Bag) -> dict[str, dict[str, Any]]:
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


def _fields(bag: Bag, where: str, content: Mapping[str, Any], fields: Iterable[Field]) -> bool:
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


def _metadata(bag: Bag, documents: Mapping[str, dict[str, Any]]) -> None:
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
    bag: Bag, documents: Mapping[str, dict[str, Any]], hashes: Mapping[str, tuple[str, str, int]]
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
        path, name = item["path"], f"《{shown(item['title'])}》"
        if not path:
            if item["sha256"]:
                bag.find("C9", f"{name}没有文件")
            continue
        if path in paths:
            bag.find("A11", f"{name}与其他件指向同一文件 {shown(path)}")
        paths.add(path)
        if f"data/{path}" not in hashes:
            bag.find("C9", f"{name}的文件 {shown(path)} 不在包内")
            continue
        sha256, sm3, size = hashes[f"data/{path}"]
        if sha256 != item["sha256"] or (sm3 and item.get("sm3") and sm3 != item["sm3"]):
            bag.find("A3", f"{name}的文件与目录所载校验值不符")
        if size != item["size"]:
            bag.find("A4", f"{name}应为 {item['size']} 字节，实为 {size} 字节")
    stray = [n for n in bag.files if n.startswith("data/items/") and n.removeprefix("data/") not in paths]
    for name in stray:
        bag.find("A12", f"{shown(name)} 不属于任何卷内件")
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


def _structure(bag: Bag, documents: Mapping[str, dict[str, Any]], items: list[dict[str, Any]]) -> None:
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
                bag.find("C8", f"{label}第 {item['seq']} 件《{shown(item['title'])}》页码不连续")
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
    bag: Bag, documents: Mapping[str, dict[str, Any]], items: list[dict[str, Any]], vkeys: list[str]
) -> None:
    """Receipts against the trusted keys: each must verify, name its item's file, and one the index."""
    for item in items:
        if not item["receipts"]:
            bag.find("C11", f"《{shown(item['title'])}》没有存证回执")
        for path in item["receipts"]:
            if not isinstance(path, str) or f"data/{path}" not in bag.files:
                bag.find("C11", f"《{shown(item['title'])}》的回执 {shown(str(path))} 不在包内")
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
            bag.find("A8", f"《{shown(item['title'])}》的文件不是存证登记的那一份")
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


def _checkpoint(bag: Bag, vkeys: list[str]) -> None:
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


def _receipts(bag: Bag, vkeys: list[str]) -> dict[str, Mapping[str, Any]]:
    """Every receipt of the package checked; path → what was recorded, for those that disclose it."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in bag.files:
        if not name.startswith("data/ledger/receipts/"):
            continue
        try:
            text = bag.read(name).decode("utf-8")
            proven = verify_receipt(text, None, vkeys)
        except Unproven as error:
            bag.find("A7", f"{shown(name.rpartition('/')[2])}：{error.sentence}")
        except (ValueError, UnicodeDecodeError):
            bag.find("A7", f"{shown(name.rpartition('/')[2])} 无法读取")
        else:
            if proven.payload is not None:
                found[name.removeprefix("data/")] = proven.payload
    return found


def _names(value: Any, wanted: str) -> bool:
    """Whether ``wanted`` stands anywhere in ``value``."""
    if isinstance(value, str):
        return value == wanted
    if isinstance(value, Mapping):
        return any(_names(v, wanted) for v in value.values())
    return isinstance(value, list) and any(_names(v, wanted) for v in value)


def _scope(bag: Bag, documents: Mapping[str, dict[str, Any]], items: list[dict[str, Any]]) -> None:
    """What leaves the house holds no 副卷 and no state secret."""
    scope, level = documents["structure"].get("scope"), documents["content"].get("secrecy")
    if scope not in ("whole", "outside"):
        bag.find("A10", "structure 的 scope 不在值域内")
    if scope == "outside":
        if level == "state":
            bag.find("S7", "涉及国家秘密的案卷不得对外")
        for item in items:
            if item["volume"] == "side" or item["secrecy"] == "state":
                bag.find("S7", f"《{shown(item['title'])}》不得对外")
