"""The files inside a package: can they be opened, are they what they say, do they do anything. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mingzhi.ledger.verify_bag import BLOCK, Bag, shown

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


def usable(bag: Bag, documents: Mapping[str, dict[str, Any]], items: list[dict[str, Any]]) -> None:
    for item in items:
        name = f"data/{item['path']}"
        if not item["path"] or name not in bag.files:
            continue
        told = f"《{shown(item['title'])}》"
        if bag.files[name].size == 0:
            bag.find("U5", f"{told}没有内容")
            continue
        head = bag.head(name)
        kind = item["media_type"]
        if kind in _MAGIC and not head.startswith(_MAGIC[kind]):
            bag.find("U2", f"{told}标为 {shown(kind)}，内容不符")
        elif kind == "application/pdf":
            _pdf(bag, name, told, item["pages"], "U3")
        elif kind.startswith("image/"):
            _picture(bag, name, told)
    bound = documents["structure"].get("bound")
    for entry in bound if isinstance(bound, list) else ():
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str) or f"data/{path}" not in bag.files:
            bag.find("C9", f"装订本 {shown(str(path))} 不在包内")
        else:
            _pdf(bag, f"data/{path}", f"装订本 {shown(path)} ", entry.get("pages"), "U7")


def _pdf(bag: Bag, name: str, told: str, pages: Any, code: str) -> None:
    import pypdfium2  # type: ignore[import-untyped]

    try:
        data = bag.read(name, 2 << 30)
    except (ValueError, OSError):
        bag.find(code, f"{told}无法读出")
        return
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            bag.find("U6", f"{told}已加密")
        else:
            bag.find(code, f"{told}无法打开")
        return
    try:
        if isinstance(pages, int) and len(pdf) != pages:
            bag.find(code, f"{told}应有 {pages} 页，实有 {len(pdf)} 页")
    finally:
        pdf.close()


def _picture(bag: Bag, name: str, told: str) -> None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(bag.read(name, 1 << 30))) as picture:
            picture.draft("RGB", (64, 64))
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        bag.find("U4", f"{told}无法打开")


def safe(bag: Bag) -> None:
    for name in bag.files:
        if not name.startswith("data/"):
            continue
        head = bag.head(name, 1 << 12)
        if head.startswith(_PROGRAMS):
            bag.find("S3", f"{shown(name)} 是程序或者脚本")
        if head.startswith(b"%PDF-"):
            found = sorted(set(_active(bag, name)))
            if found:
                bag.find("S4", f"{shown(name)} 含有活动内容：{'、'.join(found)}")


def _active(bag: Bag, name: str) -> Iterator[str]:
    """Names of active things in a PDF's plain parts, read in blocks that overlap."""
    rest = b""
    with bag.files[name].open() as stream:
        while block := stream.read(BLOCK):
            for match in _ACTIVE.finditer(rest + block):
                yield match[1].decode()
            rest = block[-32:]
