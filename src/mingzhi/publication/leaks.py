"""What a file about to be public still holds that must not leave. Pure: no Django, no database.

``inspect`` looks at the name, the visible text and everything beside it: properties, bookmarks,
remarks, hidden sheets, earlier revisions, text under boxes, what a camera wrote. A file that cannot be
looked through is a finding itself: nothing passes unseen (docs/algorithms/leaks.md).
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mingzhi.publication import redact
from mingzhi.publication.redact_numbers import fold

LABELS = {
    **redact.LABELS,
    "hidden": "看不见的文字或者隐藏部分",
    "comment": "批注",
    "tracked": "修订痕迹",
    "revision": "修改前的内容",
    "metadata": "作者等文件属性",
    "place": "拍摄地点",
    "camera": "拍摄设备或者拍摄人信息",
    "embedded": "内嵌文件",
    "unreadable": "无法检查的内容",
}
MOST_BYTES = 200_000_000
#: So many characters of one part are read by the finders, in some seconds.
MOST_TEXT = 1_000_000
DEPTH = 3
#: Kinds that also count when a line break stood in the middle: numbers, and what is known of the file.
_UNBROKEN = frozenset(
    {"resident_id", "mobile", "bank_account", "email", "passport", "plate", "secret", "name"}
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the file's people, as ``redact.find`` takes it. ``keep`` may stand anywhere."""

    names: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not leave, or must be looked at: where it stands, what it is, its words."""

    where: str
    kind: str
    text: str

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def bound(self) -> bool:
        """Whether nobody may let it pass: what the case itself recorded as not to leave."""
        return self.kind == "secret"


NOTHING = Known()


def inspect(name: str, data: bytes, known: Known = NOTHING, *, depth: int = 0) -> list[Finding]:
    """Everything found in the file ``name``; empty when it may leave."""
    found = list(scan("文件名", name, known))
    if len(data) > MOST_BYTES or depth > DEPTH:
        return [*found, Finding(name, "unreadable", "文件过大，或者套装层数过多")]
    reader = _reader(data)
    if reader is None:
        return [*found, Finding(name, "unreadable", "不能识别的文件类型")]
    try:
        found += reader(data, known, depth)
    except Exception as error:  # noqa: BLE001 — whatever a hostile file does to a parser, it does not pass
        found.append(Finding(name, "unreadable", f"文件无法打开（{type(error).__name__}）"))
    return list(dict.fromkeys(found))


def _reader(data: bytes) -> Callable[[bytes, Known, int], Iterator[Finding]] | None:
    from mingzhi.publication import leaks_office, leaks_pdf, leaks_pictures

    if b"%PDF-" in data[:1024]:
        return leaks_pdf.findings
    if data.startswith(b"PK\x03\x04") and zipfile.is_zipfile(io.BytesIO(data)):
        return leaks_office.findings
    if leaks_pictures.is_picture(data):
        return leaks_pictures.findings
    return _plain if _text_of(data) is not None else None


def _text_of(data: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if any(c < " " and c not in "\t\n\r\f" for c in text) else text
    return None


def _plain(data: bytes, known: Known, _depth: int) -> Iterator[Finding]:
    """Text as it stands, and as a browser or a program shows it: without its marks, its codes as the letters they
    are for. A file that is text only outside (RTF, a stored mail or page, data in base64) is not looked through."""
    text = _text_of(data) or ""
    if _WRAPPED.search(text):
        yield Finding("正文", "unreadable", "文字经过编码，不能逐字检查；请另存为 PDF、Word 或者纯文本")
    yield from scan("正文", text, known)
    plain = _CODE.sub(lambda m: chr(int(m[1], 16)), text)
    if "<" in text or "&" in text:
        plain = html.unescape(re.sub(r"<[^<>]*>", "", plain))
    if plain != text:
        yield from scan("正文所示", plain, known)


_WRAPPED = re.compile(
    r"\A\s*\{\\rtf|^(?:MIME-Version|Content-Transfer-Encoding)\s*:|;\s*base64\s*,|^BEGIN:VCARD", re.I | re.M
)
_CODE = re.compile(r"\\u([0-9a-fA-F]{4})")


def scan(where: str, text: str, known: Known = NOTHING) -> Iterator[Finding]:
    """What the finders see in ``text`` as it stands and with its line breaks taken out."""
    if not text.strip():
        return
    if len(text) > MOST_TEXT:
        yield Finding(where, "unreadable", f"文字超过 {MOST_TEXT} 个，不能逐字检查；请分成几个文件")
        flat = re.sub(r"\s", "", fold(text))
        for secret in known.secrets:
            if len(bare := re.sub(r"\s", "", fold(secret))) > 1 and bare in flat:
                yield Finding(where, "secret", secret)
        return
    seen = set()
    for version in dict.fromkeys((text, re.sub(r"[ \t\u3000]*[\r\n]+[ \t\u3000]*", "", text))):
        for span in redact.find(
            version, names=known.names, own=known.own, keep=known.keep, secrets=known.secrets
        ):
            words = version[span.start : span.end]
            flat = re.sub(r"\s", "", fold(words))
            if (version is text or span.kind in _UNBROKEN) and flat not in seen and not _kept(flat, known):
                seen.add(flat)
                yield Finding(where, span.kind, words)


def _kept(flat: str, known: Known) -> bool:
    return any(flat == re.sub(r"\s", "", fold(kept)) for kept in known.keep)


def property_of(where: str, value: str, known: Known, kind: str = "metadata") -> Iterator[Finding]:
    """A property that names whoever made the file. Names of the agency and its officers may stay."""
    value = value.strip("\x00 \t\r\n")
    if value and not _kept(re.sub(r"\s", "", fold(value)), known):
        yield Finding(where, kind, value[:200])


def inside(where: str, findings: list[Finding]) -> Iterator[Finding]:
    """Findings of a file within a file."""
    for finding in findings:
        yield replace(finding, where=f"{where} › {finding.where}")
