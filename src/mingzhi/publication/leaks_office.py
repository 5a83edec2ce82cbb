"""Word, Excel, PowerPoint, OFD and plain ZIP files: every part in them, shown or not."""

from __future__ import annotations

import io
import posixpath
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator

from mingzhi.publication.leaks import MOST_BYTES, Finding, Known, inside, inspect, property_of, scan

_BLOCKS = frozenset({"p", "si", "is", "c", "row", "tr", "comment", "br", "definedName", "TextObject", "v"})
_TRACKED = frozenset({"ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange"})
_MAKERS = {
    "creator": "作者", "lastModifiedBy": "最后修改人", "Manager": "主管", "Company": "单位",
    "Creator": "制作软件或者作者", "Author": "作者",
}  # fmt: skip
#: So many marks at most are taken apart: each takes some hundred bytes of memory.
MOST_TAGS = 4_000_000
#: The longest note of sizes that may stand behind a part.
_DESCRIPTOR = 24
_OFF = frozenset({"0", "false", "off", "none"})


def findings(data: bytes, known: Known, depth: int) -> Iterator[Finding]:
    """Every part of the package: XML is read, other parts are inspected as files of their own."""
    left = MOST_BYTES
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        yield from _between(data, package)
        yield from scan("压缩包的备注", _words(package.comment), known)
        for member in package.infolist():
            yield from scan(f"{member.filename} 的备注", _words(member.comment + member.extra), known)
            if member.is_dir():
                yield from scan("组成部分的名称", member.filename, known)
                continue
            if member.file_size > left or member.flag_bits & 1:
                yield Finding(member.filename, "unreadable", "过大或者加密的组成部分")
                continue
            body = package.read(member)
            left -= len(body)
            yield from scan("组成部分的名称", member.filename, known)
            yield from _part(member.filename, body, known, depth)


def _remarks(text: str, begin: str, end: str) -> Iterator[str]:
    """What a reader of the XML passes over."""
    at = text.find(begin)
    while at >= 0 and (after := text.find(end, at)) >= 0:
        yield text[at + len(begin) : after]
        at = text.find(begin, after)


def _words(said: bytes) -> str:
    return said.decode("utf-8", "replace")


def _between(data: bytes, package: zipfile.ZipFile) -> Iterator[Finding]:
    """Bytes that belong to no part: a part taken off the list and still there, or something put behind the end."""
    ends = note = 0
    for member in sorted(package.infolist(), key=lambda m: m.header_offset):
        if not ends <= member.header_offset <= ends + note:
            break
        head = data[member.header_offset : member.header_offset + 30]
        named, more = int.from_bytes(head[26:28], "little"), int.from_bytes(head[28:30], "little")
        ends = member.header_offset + 30 + named + more + member.compress_size
        note = _DESCRIPTOR if member.flag_bits & 8 else 0
    else:
        last = data.rfind(b"PK\x05\x06")
        if ends <= package.start_dir <= ends + note and len(data) == last + 22 + len(package.comment):
            return
    yield Finding("压缩包", "hidden", "含有不属于任何组成部分的内容")


def _part(name: str, body: bytes, known: Known, depth: int) -> Iterator[Finding]:
    lower = name.lower()
    if lower.endswith((".xml", ".rels")):
        if body.count(b"<") > MOST_TAGS:
            yield Finding(name, "unreadable", "过大的组成部分")
            return
        text = body.decode("utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8", "replace")
        if "<!DOCTYPE" in text:
            yield Finding(name, "unreadable", "含有文档类型声明")
            return
        for remark in (*_remarks(text, "<!--", "-->"), *_remarks(text, "<?", "?>")):
            yield from scan(name, remark, known)
        yield from _xml(name, ET.fromstring(body), known)  # noqa: S314 — no document type, so no entities
        return
    if "embeddings/" in lower or "vbaproject" in lower or "attach" in lower.rpartition("/")[0]:
        yield Finding(name, "embedded", posixpath.basename(name))
    if lower.endswith((".ttf", ".otf", ".odttf", ".esl", ".wdp")):
        return
    if "thumbnail" in lower:
        yield Finding(name, "embedded", "含有缩略图，可能保留遮盖前的画面")
    yield from inside(name, inspect(posixpath.basename(name), body, known, depth=depth + 1))


def _xml(name: str, root: ET.Element, known: Known) -> Iterator[Finding]:
    yield from scan(name, _text(root), known)
    base = posixpath.basename(name)
    if base.startswith(("comments", "threadedComment")) and any(True for _ in root.itertext()):
        yield Finding(name, "comment", _text(root).strip()[:200])
    for element in root.iter():
        tag = _local(element.tag)
        if tag in _MAKERS and element.text:
            yield from property_of(f"文件属性：{_MAKERS[tag]}", element.text, known)
        for attribute, value in element.attrib.items():
            if len(value) > 1 and (
                not value.isascii() or sum(c.isdigit() for c in value) > 10 or "@" in value
            ):
                yield from scan(f"{name}：{_local(attribute)}", value, known)
        yield from _hidden(name, element, tag, known)


def _hidden(name: str, element: ET.Element, tag: str, known: Known) -> Iterator[Finding]:
    attributes = {_local(k): v for k, v in element.attrib.items()}
    if tag == "vanish" and attributes.get("val", "1").lower() not in _OFF:
        yield Finding(name, "hidden", "隐藏文字")
    elif tag in _TRACKED and "author" in attributes:
        yield Finding(name, "tracked", f"{attributes['author']}：{_text(element).strip()}"[:200])
    elif tag == "sheet" and attributes.get("state", "visible") != "visible":
        yield Finding(name, "hidden", f"隐藏的工作表“{attributes.get('name', '')}”")
    elif tag in {"row", "col"} and attributes.get("hidden", "0").lower() not in _OFF:
        where = attributes.get("r") or attributes.get("min") or ""
        yield Finding(name, "hidden", f"隐藏的{'行' if tag == 'row' else '列'} {where}")
    elif tag == "definedName" and not attributes.get("name", "").startswith("_xlnm."):
        yield Finding(name, "hidden", f"定义的名称“{attributes.get('name', '')}”：{element.text or ''}"[:200])
    elif tag == "sld" and attributes.get("show", "1").lower() in _OFF:
        yield Finding(name, "hidden", "隐藏的幻灯片")
    elif (
        tag == "Relationship"
        and attributes.get("TargetMode") == "External"
        and "hyperlink" not in attributes.get("Type", "")
    ):
        yield Finding(name, "embedded", f"引用外部文件 {attributes.get('Target', '')}"[:200])
    elif tag == "Annot" and "ofd" in element.tag.lower():
        yield Finding(name, "comment", _text(element).strip()[:200] or "注释")


def _text(root: ET.Element) -> str:
    """All words, runs of one paragraph or cell together, paragraphs and cells on lines of their own."""
    out: list[str] = []

    def walk(element: ET.Element) -> None:
        if element.text:
            out.append(element.text)
        for child in element:
            walk(child)
            if child.tail and child.tail.strip():
                out.append(child.tail)
        if _local(element.tag) in _BLOCKS:
            out.append("\n")

    walk(root)
    return "".join(out)


def _local(tag: str) -> str:
    return str(tag).rpartition("}")[2]
