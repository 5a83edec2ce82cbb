"""What a file is, by its bytes; and what about it a person should look at.

The sender's word (form field, extension) is kept beside the finding and never trusted. This is not
a virus scanner: it says what a thing is, so that the faces serve it harmlessly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

HEAD = 8192
TAIL = 65_558  # the longest possible end record of a ZIP archive

UNKNOWN = "application/octet-stream"
ZIP = "application/zip"

#: Remark code → sentence for the person who looks at the file.
REMARKS: dict[str, str] = {
    "mismatch": "文件的实际类型与扩展名或声明类型不一致，请核对来源",
    "polyglot": "文件同时具有另一种文件格式的特征，只供下载，不在线打开",
    "active": "文件含有可执行内容或脚本，只供下载，不在线打开",
    "incomplete": "文件似乎不完整（缺少结尾），请核对能否正常打开",
}

LABELS: dict[str, str] = {
    "application/pdf": "PDF 文件",
    "application/zip": "压缩包",
    "application/x-rar": "压缩包",
    "application/x-7z-compressed": "压缩包",
    "application/gzip": "压缩包",
    "application/x-dosexec": "可执行程序",
    "application/x-executable": "可执行程序",
    "application/msword": "Office 旧版文档",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word 文档",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel 表格",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint 演示文稿",
    "application/rtf": "RTF 文档",
    "application/ofd": "OFD 版式文件",
    "text/html": "网页文件",
    "text/plain": "文本文件",
    "text/xml": "XML 文件",
    "image/svg+xml": "SVG 图形",
    UNKNOWN: "无法识别的文件",
}

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"Rar!\x1a\x07", "application/x-rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "video/x-ms-wmv"),
    (0, b"MZ", "application/x-dosexec"),
    (0, b"\x7fELF", "application/x-executable"),
)
_RIFF = {b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav", b"WEBP": "image/webp"}
_BRANDS = {
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"M4A ": "audio/mp4",
}
_ACTIVE = re.compile(rb"<\s*(script|iframe|html|svg|object|embed|!doctype\s+html)\b", re.IGNORECASE)
_EXTENSIONS: dict[str, str] = {
    "7z": "application/x-7z-compressed",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "avi": "video/x-msvideo",
    "bmp": "image/bmp",
    "csv": "text/plain",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "exe": "application/x-dosexec",
    "flac": "audio/flac",
    "gif": "image/gif",
    "heic": "image/heic",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "text/plain",
    "m4a": "audio/mp4",
    "md": "text/plain",
    "mkv": "video/webm",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ofd": "application/ofd",
    "ogg": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/msword",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rar": "application/x-rar",
    "rtf": "application/rtf",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "wmv": "video/x-ms-wmv",
    "xls": "application/msword",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "text/xml",
    "zip": ZIP,
}
_SAME = (
    {"video/mp4", "video/quicktime", "audio/mp4"},
    {"audio/mpeg", "audio/aac"},
    {"text/plain", "text/csv", "text/xml", "application/json", "text/markdown", "application/xml"},
    {"image/jpeg", "image/jpg", "image/pjpeg"},
    {"application/zip", "application/x-zip-compressed"},
    {"audio/wav", "audio/x-wav", "audio/wave"},
    {"video/webm", "video/x-matroska", "audio/webm"},
    {"image/bmp", "image/x-ms-bmp"},
    {
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.ms-office",
    },
)


#: What is never evidence and would run or show itself where it is opened: refused when it comes alone.
UNWELCOME = frozenset({"application/x-dosexec", "application/x-executable", "text/html", "image/svg+xml"})


@dataclass(frozen=True, slots=True)
class Look:
    """What the bytes are, and codes of what a person should look at (``REMARKS``)."""

    media_type: str
    remarks: tuple[str, ...]


def look(file: BinaryIO, size: int, *, name: str, stated: str) -> Look:
    """Look at an open file of ``size`` bytes: its start, its end and, for films, its boxes."""
    head = file.read(HEAD)
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    found = detect(head)
    whole = complete(found, file, size, tail)
    return Look(found, remarks(found=found, head=head, tail=tail, name=name, stated=stated, whole=whole))


def detect(head: bytes) -> str:
    """Media type by the first bytes (``HEAD`` of them suffice)."""
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:2] == b"BM" and len(head) > 30 and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    for offset, magic, media_type in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return _archive(head) if media_type == ZIP else media_type
    if len(head) > 1 and head[0] == 0xFF:
        if head[1] & 0xF6 == 0xF0:  # an ADTS frame: sync word, layer 0
            return "audio/aac"
        if head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
            return "audio/mpeg"
    return _text(head)


def _archive(head: bytes) -> str:
    for mark, media_type in (
        (b"word/", "wordprocessingml.document"),
        (b"xl/", "spreadsheetml.sheet"),
        (b"ppt/", "presentationml.presentation"),
    ):
        if mark in head and b"[Content_Types].xml" in head:
            return f"application/vnd.openxmlformats-officedocument.{media_type}"
    return "application/ofd" if b"OFD.xml" in head else ZIP


def _text(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024].lower()
    if b"\0" in head and head[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return UNKNOWN
    if b"<svg" in start:
        return "image/svg+xml"
    if _ACTIVE.search(start[:512]):
        return "text/html"
    if start.startswith(b"<?xml"):
        return "text/xml"
    for encoding in ("utf-8", "gb18030", "utf-16"):
        try:
            # The last character may be cut at the end of the head.
            text = head[: len(head) - 4].decode(encoding) if len(head) >= HEAD else head.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(c >= " " or c in "\t\r\n\f" for c in text):
            return "text/plain"
    return UNKNOWN


def by_extension(name: str) -> str:
    """The type the extension promises, or empty."""
    return _EXTENSIONS.get(name.rpartition(".")[2].lower(), "") if "." in name else ""


def agree(found: str, stated: str) -> bool:
    """Whether a stated type is a fair word for what was found."""
    stated = stated.partition(";")[0].strip().lower()
    if not stated or stated in {found, UNKNOWN}:
        return True
    return any(found in same and stated in same for same in _SAME)


def remarks(*, found: str, head: bytes, tail: bytes, name: str, stated: str, whole: bool) -> tuple[str, ...]:
    """Codes of ``REMARKS`` that fit. ``whole`` is the finding of ``complete``."""
    noted = []
    if not (agree(found, by_extension(name)) and agree(found, stated)):
        noted.append("mismatch")
    if _second_format(found, head, tail):
        noted.append("polyglot")
    active = found in {"text/html", "image/svg+xml", "application/x-dosexec", "application/x-executable"}
    if active or (
        found == "application/pdf" and re.search(rb"/(JavaScript|JS|Launch|OpenAction)\b", head + tail)
    ):
        noted.append("active")
    if not whole:
        noted.append("incomplete")
    return tuple(noted)


def _second_format(found: str, head: bytes, tail: bytes) -> bool:
    archive = found.startswith("application/vnd.openxml") or found in {ZIP, "application/ofd"}
    if not archive and b"PK\x05\x06" in tail and b"PK\x01\x02" in tail:
        return True
    if found != "application/pdf" and b"%PDF-" in head[:1100] and not found.startswith("text/"):
        return True
    textual = found.startswith("text/") or found in {"image/svg+xml", "application/rtf"} or archive
    return not textual and bool(_ACTIVE.search(head[:4096]) or _ACTIVE.search(tail[-4096:]))


def complete(found: str, file: BinaryIO, size: int, tail: bytes) -> bool:
    """Whether the format's own end is there. Formats without a recognisable end are taken as whole."""
    if found == "image/jpeg":
        return b"\xff\xd9" in tail
    if found == "image/png":
        return b"IEND" in tail
    if found == "application/pdf":
        return b"%%EOF" in tail
    if found in {"video/mp4", "video/quicktime", "audio/mp4", "image/heic"}:
        return _boxes_whole(file, size)
    return True


def _boxes_whole(file: BinaryIO, size: int) -> bool:
    """Walk the top-level boxes of an ISO media file: the last must end where the file ends."""
    at = 0
    kinds: set[bytes] = set()
    for _ in range(100_000):
        if at == size:
            # Without an index nothing can be played: the camera was cut off before it wrote one.
            return bool(kinds & {b"moov", b"moof", b"meta"})
        file.seek(at)
        box = file.read(16)
        if len(box) < 8:
            return False
        length = int.from_bytes(box[:4], "big")
        if length == 1:
            length = int.from_bytes(box[8:16], "big")
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size:
            return False
        kinds.add(box[4:8])
        at += length
    return False


def label(media_type: str) -> str:
    """Chinese word for a media type."""
    if media_type in LABELS:
        return LABELS[media_type]
    return {"image": "图片", "video": "视频", "audio": "音频", "text": "文本文件"}.get(
        media_type.partition("/")[0], "文件"
    )
