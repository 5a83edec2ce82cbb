"""PDF: the text layer, everything beside it, and text that is there but not seen.

A character is unseen when the drawn page is of one shade where it stands: a box over it, white on
white, a transparent mode over nothing. Any such run is a finding, whatever it says: it was meant to be
away and is not (the failure that x-ray looks for, and more).
"""

from __future__ import annotations

import ctypes
import io
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdfium2 import raw

from mingzhi.publication.leaks import Finding, Known, inside, inspect, property_of, scan

MOST_PAGES = 1000
SCALE = 2.0
MOST_DOTS = 40_000_000
"""A page is drawn with no more: an A0 sheet at ``SCALE``. A larger one is drawn smaller."""
SHADES = 12
"""Grey steps within which a patch counts as one shade."""
_MAKERS = {"/Author": "作者", "/Creator": "制作软件", "/Manager": "主管", "/Company": "单位"}
_PLAIN_TOOLS = (
    "typst",
    "microsoft",
    "wps",
    "libreoffice",
    "pdfium",
    "acrobat",
    "mingzhi",
    "word",
    "excel",
    "writer",
)
#: Strings of these say nothing: digests, dates, encodings, signatures' bytes, standards' names.
_SILENT = frozenset(
    {"/ID", "/Cert", "/Registry", "/Ordering", "/CreationDate", "/ModDate", "/M", "/DA", "/CharSet", "/Lang",
     "/OutputConditionIdentifier", "/OutputCondition", "/RegistryName", "/Info", "/CheckSum", "/Panose"}
)  # fmt: skip


def findings(data: bytes, known: Known, depth: int) -> Iterator[Finding]:
    """Everything in the PDF that must not leave or that nobody would see."""
    texts, unseen = [], []
    pdf = pypdfium2.PdfDocument(data)
    try:
        if len(pdf) > MOST_PAGES:
            yield Finding("正文", "unreadable", f"超过 {MOST_PAGES} 页")
            return
        for number in range(len(pdf)):
            page = pdf[number]
            try:
                text, runs = _page(page)
            finally:
                page.close()
            texts.append(text)
            unseen += [(number + 1, run) for run in runs]
    finally:
        pdf.close()
    for number, text in enumerate(texts, start=1):
        yield from scan(f"第 {number} 页正文", text, known)
    yield from scan("各页相连的正文", "".join(texts), known) if len(texts) > 1 else ()
    for number, run in unseen:
        yield Finding(f"第 {number} 页", "hidden", run[:200])
    yield from _earlier(data, texts, known)
    yield from _Walk(known, depth).all(data)


def _page(page: Any) -> tuple[str, list[str]]:
    """The page's text, and the runs of it that the drawn page does not show."""
    words = page.get_textpage()
    try:
        text = words.get_text_range()
        count = words.count_chars()
        if not count:
            return text, []
        dots = max(page.get_width() * page.get_height(), 1.0)
        scale = min(SCALE, (MOST_DOTS / dots) ** 0.5)
        picture = page.render(scale=scale, grayscale=True).to_pil()
        flags = [_shown(page, words, n, picture) for n in range(count)]
        runs, run = [], ""
        for n, flag in enumerate([*flags, True]):
            if flag is False:
                run += chr(raw.FPDFText_GetUnicode(words, n) or 32)
            elif flag is None and run:
                run += " "
            elif flag and run.strip():
                runs.append(" ".join(run.split()))
                run = ""
            else:
                run = ""
        return text, runs
    finally:
        words.close()


def _shown(page: Any, words: Any, n: int, picture: Image.Image) -> bool | None:
    """Whether the character is seen; None for blanks and what has no extent."""
    code = raw.FPDFText_GetUnicode(words, n)
    if code < 33 or code in {0x3000, 0xA0, 0xFFFE, 0xFFFF, 0x00AD} or raw.FPDFText_IsGenerated(words, n) == 1:
        return None
    left, bottom, right, top = words.get_charbox(n)
    if right - left < 0.3 or top - bottom < 0.3:
        return None
    corners = [_device(page, picture, x, y) for x, y in ((left, bottom), (right, top))]
    (x1, y1), (x2, y2) = corners
    box = (min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 2, max(y1, y2) + 2)
    box = (max(box[0], 0), max(box[1], 0), min(box[2], picture.width), min(box[3], picture.height))
    if box[0] >= box[2] or box[1] >= box[3]:
        return False  # beside the page: copied with it, seen by nobody
    extrema: Any = picture.crop(box).getextrema()
    return bool(extrema[1] - extrema[0] > SHADES)


def _device(page: Any, picture: Image.Image, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, picture.width, picture.height, 0, x, y, across, down)
    return across.value, down.value


def _earlier(data: bytes, now: list[str], known: Known) -> Iterator[Finding]:
    """Texts of revisions that later saves only covered over."""
    start = data.find(b"%%EOF")
    while start >= 0 and data.find(b"%%EOF", start + 5) >= 0:
        try:
            pdf = pypdfium2.PdfDocument(data[: start + 5])
        except pypdfium2.PdfiumError:
            pass
        else:
            try:
                pages = [pdf[n].get_textpage().get_text_range() for n in range(min(len(pdf), MOST_PAGES))]
            except pypdfium2.PdfiumError:
                pages = now
            finally:
                pdf.close()
            if pages and pages != now:
                yield Finding("以前保存的版本", "revision", "文件保留了修改前的页面内容")
                yield from scan("以前保存的版本", "\n".join(pages), known)
        start = data.find(b"%%EOF", start + 5)


_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})\s{1,4}(\d{1,5})\s{1,4}obj\b")
#: Operators that write words on a page.
_WORDS = re.compile(rb"[)>\]]\s{0,4}(?:Tj|TJ|'|\")(?:\s|$)")


class _Walk:
    """Every object that the file reaches, once: strings, properties, layers, remarks, files within; then those
    that are there and reached by nothing, as an editor leaves them behind."""

    def __init__(self, known: Known, depth: int) -> None:
        self.known, self.depth = known, depth
        self.seen: set[tuple[int, int]] = set()

    def all(self, data: bytes) -> Iterator[Finding]:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        if reader.encrypted:
            yield Finding("文件", "unreadable", "文件已加密")
            return
        trailer = reader.trailer_view if hasattr(reader, "trailer_view") else reader.trailer
        yield from self._reached([(trailer.raw_get(k), str(k), "") for k in trailer])
        for mark in sorted({(int(m[1]), int(m[2])) for m in _OBJECT.finditer(data)} - self.seen):
            left = generic.IndirectObject(*mark, reader)  # type: ignore[no-untyped-call]
            try:
                value = _there(left)
            except Exception:  # noqa: BLE001, S112 — no object, or one of an earlier save: ``_earlier`` looks there
                continue
            if isinstance(value, generic.StreamObject) and _WORDS.search(value.data):
                yield Finding("文件内部", "hidden", "含有哪一页都不用的文字内容")
            yield from self._reached([(left, "", "")])

    def _reached(self, stack: list[tuple[Any, str, str]]) -> Iterator[Finding]:
        while stack:
            value, key, owner = stack.pop()
            if isinstance(value, generic.IndirectObject):
                mark = (value.idnum, value.generation)
                if mark in self.seen:
                    continue
                self.seen.add(mark)
                value = _there(value)
            if isinstance(value, generic.DictionaryObject):
                yield from self._dictionary(value, key)
                kind = str(value.get("/Type", "")) or key
                if kind == "/Sig" or "/ByteRange" in value:
                    continue  # a signature's bytes are its own
                stack += [(value.raw_get(name), str(name), kind) for name in value]
            elif isinstance(value, generic.ArrayObject):
                stack += [(item, key, owner) for item in list.__iter__(value)]
            elif isinstance(value, str) and not isinstance(value, generic.NameObject) and key not in _SILENT:
                yield from scan(f"文件内部 {owner}{key}", str(value), self.known)

    def _dictionary(self, value: Any, key: str) -> Iterator[Finding]:
        for name, label in _MAKERS.items():
            said = str(value.get(name, "")) if key == "/Info" else ""
            if said and not (name == "/Creator" and said.lower().startswith(_PLAIN_TOOLS)):
                yield from property_of(f"文件属性：{label}", said, self.known)
        if key == "/OCProperties":
            standard = value.get("/D", {})
            off = standard.get("/OFF", []) if hasattr(standard, "get") else []
            for layer in map(_there, list.__iter__(off)):
                yield Finding("图层", "hidden", f"不显示的图层“{layer.get('/Name', '')}”")
        kind = str(value.get("/Subtype", ""))
        remark = value.get("/Contents")
        if (
            "/Rect" in value
            and kind not in {"/Link", "/Widget"}
            and isinstance(remark, str)
            and remark.strip()
        ):
            yield Finding("注释", "comment", str(remark)[:200])
        if "/JS" in value:
            yield Finding("文件", "embedded", "含有脚本")
        if isinstance(value, generic.StreamObject):
            yield from self._stream(value, key, kind)

    def _stream(self, value: Any, key: str, kind: str) -> Iterator[Finding]:
        if str(value.get("/Type", "")) == "/EmbeddedFile" or key in {"/EF", "/F", "/UF"}:
            yield Finding("附件", "embedded", "含有内嵌文件")
            yield from inside("附件", inspect("附件", value.data, self.known, depth=self.depth + 1))
        elif key == "/Metadata" or kind == "/XML":
            yield from scan("文件属性（XMP）", value.data.decode("utf-8", "replace"), self.known)


def _there(value: Any) -> Any:
    """What a reference points at; anything else is itself."""
    return value.get_object() if isinstance(value, generic.IndirectObject) else value  # type: ignore[no-untyped-call]
