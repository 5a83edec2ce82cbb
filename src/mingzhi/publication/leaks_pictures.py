"""Pictures: what the camera and the editor wrote beside the pixels. What the pixels show, people judge."""

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


def is_picture(data: bytes) -> bool:
    return data.startswith(_HEADS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def findings(data: bytes, known: Known, _depth: int) -> Iterator[Finding]:
    """What stands in the picture file beside the picture."""
    with Image.open(io.BytesIO(data)) as picture:
        exif = picture.getexif()
        notes = {str(k): v for k, v in picture.info.items() if isinstance(v, str | bytes)}
    parts = [exif, exif.get_ifd(ExifTags.IFD.Exif)]
    for part in parts:
        for tag, label in _TELLING.items():
            if tag in part:
                value = _words(part[tag], wide=0x9C9B <= tag <= 0x9C9F)
                yield from property_of(f"照片信息：{label}", value, known, "camera")
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        yield Finding("照片信息", "place", "含有拍摄地点（GPS）")
    if exif.get_ifd(ExifTags.IFD.IFD1):
        yield Finding("照片信息", "embedded", "含有缩略图，可能保留遮盖前的画面")
    for name, said in notes.items():
        if name in {"exif", "icc_profile", "photoshop", "jfif", "version"}:
            continue
        text = _words(said)
        yield from scan(f"照片信息：{name}", text, known)
        if name.lower() in {"author", "comment", "description", "title", "artist"}:
            yield from property_of(f"照片信息：{name}", text, known, "camera")


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
