"""Pictures: what the camera and the editor wrote beside the pixels. What the pixels show, people judge.

What stands in the file and belongs neither to the picture nor to what is read here (parts of an editor's or a
maker's own, bytes behind the picture's end: a second picture, a film) is a finding for what it is.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import ExifTags, Image

from mingzhi.publication.leaks import Finding, Known, property_of, scan

_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
#: EXIF fields that name a person, a device or what somebody wrote.
_TELLING = {
    0x010E: "图像描述", 0x013B: "作者", 0x013C: "计算机名", 0x8298: "版权", 0x927C: "厂商注记",
    0x9286: "用户注释", 0x9C9B: "标题", 0x9C9C: "备注", 0x9C9D: "作者", 0x9C9E: "关键字", 0x9C9F: "主题",
    0xA430: "相机所有人", 0xA431: "机身编号", 0xA435: "镜头编号",
}  # fmt: skip
#: JPEG segments that are the picture's own or are read by ``_beside``: JFIF, Exif and XMP, ICC, IPTC, Adobe.
_JPEG_READ = {0xE0: (b"JFIF", b"JFXX"), 0xE1: (b"Exif", b"http"), 0xE2: (b"ICC_PROFILE",), 0xED: (b"Photoshop",), 0xEE: (b"Adobe",)}  # fmt: skip
_PNG_READ = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD hIST pHYs sPLT tIME tEXt zTXt iTXt eXIf acTL fcTL fdAT".split()
)
_SAID = {80: "作者", 85: "作者职务", 90: "城市", 92: "地点", 105: "标题", 110: "来源", 116: "版权", 118: "联系方式", 120: "说明", 122: "撰稿人"}  # fmt: skip


def is_picture(data: bytes) -> bool:
    return data.startswith(_HEADS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def findings(data: bytes, known: Known, _depth: int) -> Iterator[Finding]:
    """What stands in the picture file beside the picture."""
    with Image.open(io.BytesIO(data)) as picture:
        exif = picture.getexif()
        notes = {str(k): v for k, v in picture.info.items() if isinstance(v, str | bytes)}
        frames = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
    parts = [exif, exif.get_ifd(ExifTags.IFD.Exif)]
    for part in parts:
        for tag, value in part.items():
            words = _words(value, wide=0x9C9B <= tag <= 0x9C9F)
            if tag in _TELLING:
                yield from property_of(f"照片信息：{_TELLING[tag]}", words, known, "camera")
            elif isinstance(value, str | bytes):
                yield from scan("照片信息", words, known)
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        yield Finding("照片信息", "place", "含有拍摄地点（GPS）")
    if exif.get_ifd(ExifTags.IFD.IFD1) or frames > 1:
        yield Finding("照片信息", "embedded", "含有缩略图或者另外的画面，可能保留遮盖前的内容")
    for name, said in notes.items():
        if name in {"exif", "icc_profile", "photoshop", "jfif", "version"}:
            continue
        text = _words(said)
        yield from scan(f"照片信息：{name}", text, known)
        if name.lower() in {"author", "comment", "description", "title", "artist"}:
            yield from property_of(f"照片信息：{name}", text, known, "camera")
    yield from _beside(data, known)


def _words(value: object, *, wide: bool = False) -> str:
    if isinstance(value, tuple):
        value = bytes(v for v in value if isinstance(v, int) and 0 <= v < 256)
    if isinstance(value, bytes):
        if wide:
            return value.decode("utf-16-le", "replace")
        for prefix in (b"ASCII\x00\x00\x00", b"UNICODE\x00", b"\x00" * 8):
            value = value.removeprefix(prefix)
        return value.decode("utf-8", "replace")
    return str(value)


def _beside(data: bytes, known: Known) -> Iterator[Finding]:
    """The file part by part, as its own format divides it."""
    end = len(data)
    if data.startswith(b"\xff\xd8\xff"):
        end, others = 2, []
        for marker, start, end in _jpeg(data):
            body = data[start:end]
            if marker == 0xED and body.startswith(b"Photoshop"):
                yield from _iptc(body, known)
            elif 0xE0 <= marker <= 0xEF and not body.startswith(_JPEG_READ.get(marker, ())):
                others.append(f"APP{marker - 0xE0}")
        yield from _unread(others)
    elif data.startswith(b"\x89PNG"):
        kinds: list[bytes] = []
        end = 8
        while end + 12 <= len(data) and (not kinds or kinds[-1] != b"IEND"):
            kinds.append(data[end + 4 : end + 8])
            end += 12 + int.from_bytes(data[end : end + 4])
        yield from _unread([kind.decode("latin-1") for kind in kinds if kind not in _PNG_READ])
    elif data.startswith(b"RIFF"):
        end = 8 + int.from_bytes(data[4:8], "little")
    elif data.startswith(b"GIF8"):
        end = data.rfind(b";") + 1
    elif data.startswith(b"BM"):
        end = int.from_bytes(data[2:6], "little")
    if data[end:].strip(b"\x00\r\n "):
        yield Finding("照片文件", "embedded", "图像结束之后另有内容")


def _unread(names: list[str]) -> Iterator[Finding]:
    if names:
        parts = "、".join(dict.fromkeys(names))
        yield Finding("照片文件", "hidden", f"含有无法检查的组成部分（{parts}）"[:200])


def _jpeg(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Segments as (marker, start and end of the body), to the picture's end (marker D9, whose end is the file's)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == 0xD9:
            break
        start, at = at + 4, at + 2 + int.from_bytes(data[at + 2 : at + 4])
        yield marker, start, at
        if marker == 0xDA:  # pixels: up to a marker that is no part of them
            at = data.find(b"\xff", at)
            while 0 <= at < len(data) - 1 and (data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7):
                at = data.find(b"\xff", at + 2)
            if at < 0:
                at = len(data)
    yield 0xD9, at + 2, min(at + 2, len(data))


def _iptc(body: bytes, known: Known) -> Iterator[Finding]:
    """What an editor wrote as IPTC: every word that somebody put in."""
    at = body.find(b"\x1c\x02")
    while 0 <= at < len(body) - 5:
        said, length = body[at + 2], int.from_bytes(body[at + 3 : at + 5])
        text = body[at + 5 : at + 5 + length].decode("utf-8", "replace")
        if said in _SAID:
            yield from property_of(f"照片信息：{_SAID[said]}", text, known, "camera")
        yield from scan("照片信息", text, known)
        at = body.find(b"\x1c\x02", at + 5)
