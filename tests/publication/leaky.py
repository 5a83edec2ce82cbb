"""Files with something left in them, made part by part, for the leak check."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

import xlsxwriter
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def hexed(text: str) -> str:
    """A PDF string that holds any text."""
    return "<FEFF" + text.encode("utf-16-be").hex() + ">"


def pdf(
    *contents: str,
    info: str = "",
    catalog: str = "",
    page: str = "",
    objects: dict[int, str] | None = None,
    streams: dict[int, tuple[str, bytes]] | None = None,
) -> bytes:
    """A PDF of one page per content stream. Font F1 is Helvetica; objects from 50 on are the caller's."""
    parts: dict[int, bytes] = {3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}
    kids = []
    for n, content in enumerate(contents):
        number = 10 + 2 * n
        kids.append(f"{number} 0 R")
        parts[number] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Contents {number + 1} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>/XObject<</Im 60 0 R>>>>{page}>>"
        ).encode()
        body = content.encode("latin-1")
        parts[number + 1] = f"<</Length {len(body)}>>stream\n".encode() + body + b"\nendstream"
    parts[2] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    parts[1] = f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode()
    if info:
        parts[4] = f"<<{info}>>".encode()
    parts |= {n: text.encode() for n, text in (objects or {}).items()}
    for n, (head, body) in (streams or {}).items():
        parts[n] = f"<<{head}/Length {len(body)}>>stream\n".encode() + body + b"\nendstream"
    parts.setdefault(60, _dot())
    out, places = b"%PDF-1.7\n", {}
    for n, body in sorted(parts.items()):
        places[n] = len(out)
        out += f"{n} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for n, place in places.items():
        out += f"{n} 1\n{place:010d} 00000 n \n".encode()
    trailer = f"<</Size {max(parts) + 1}/Root 1 0 R{'/Info 4 0 R' if info else ''}>>"
    return out + f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()


def _dot() -> bytes:
    return (
        b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
        b"stream\n\x00\nendstream"
    )


def line(text: str, x: int = 20, y: int = 100, more: str = "") -> str:
    return f"BT /F1 14 Tf {more} {x} {y} Td ({text}) Tj ET "


def later(data: bytes, number: int, body: str) -> bytes:
    """``data`` saved once more with object ``number`` replaced, the old one still in the file."""
    old = data.rindex(b"startxref\n") + 10
    previous = int(data[old : data.index(b"\n", old)])
    place = len(data)
    content = body.encode("latin-1")
    out = (
        data
        + f"{number} 0 obj\n<</Length {len(content)}>>stream\n".encode()
        + content
        + b"\nendstream\nendobj\n"
    )
    start = len(out)
    out += f"xref\n{number} 1\n{place:010d} 00000 n \n".encode()
    trailer = f"trailer\n<</Size 100/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n"
    return out + trailer.encode()


def zipped(parts: dict[str, str | bytes], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)
        package.comment = comment
    return out.getvalue()


def unlisted(parts: dict[str, str | bytes], more: bytes) -> bytes:
    """An archive with ``more`` between its last part and its list."""
    data = zipped(parts)
    end = data.rindex(b"PK\x05\x06") + 16
    at = int.from_bytes(data[end : end + 4], "little")
    place = (at + len(more)).to_bytes(4, "little")
    return data[:at] + more + data[at:end] + place + data[end + 4 :]


def segment(data: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one segment more."""
    return data[:2] + bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body + data[2:]


def iptc(said: int, text: str) -> bytes:
    """What an editor writes of one IPTC record."""
    words = text.encode()
    record = b"\x1c\x02" + bytes([said]) + len(words).to_bytes(2) + words
    return b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + len(record).to_bytes(4) + record


def png(kind: bytes = b"", body: bytes = b"") -> bytes:
    """A picture, with one chunk more."""
    out = io.BytesIO()
    Image.new("L", (4, 4)).save(out, "PNG")
    data = out.getvalue()
    if not kind:
        return data
    chunk = len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
    return data[:33] + chunk + data[33:]


def docx(body: str = "", **parts: str | bytes) -> bytes:
    """A Word file with ``body`` in it; ``parts`` by name, ``__`` for a slash and ``_`` before the suffix."""
    named = {
        k.replace("__", "/").replace("_xml", ".xml").replace("_jpg", ".jpg"): v for k, v in parts.items()
    }
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
            **named,
        }
    )


def run(*texts: str, properties: str = "") -> str:
    """One paragraph, each text a run of its own."""
    runs = "".join(f"<w:r>{properties}<w:t>{t}</w:t></w:r>" for t in texts)
    return f"<w:p>{runs}</w:p>"


def xlsx(fill: Any) -> bytes:
    """A workbook that ``fill(book, sheet)`` writes into."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("公示")
    sheet.write(0, 0, "示例一号渣土运输有限公司")
    fill(book, sheet)
    book.close()
    return out.getvalue()


def jpeg(**exif: Any) -> bytes:
    """A picture; ``gps``, ``artist``, ``comment``, ``owner`` are written as a camera writes them."""
    picture = Image.new("RGB", (8, 8), "gray")
    data = picture.getexif()
    if "artist" in exif:
        data[0x013B] = exif["artist"]
    if "gps" in exif:
        data.get_ifd(0x8825).update({1: "N", 2: (IFDRational(21), IFDRational(11), IFDRational(0))})
    part = data.get_ifd(0x8769)
    if "comment" in exif:
        part[0x9286] = b"UNICODE\x00" + exif["comment"].encode()
    if "owner" in exif:
        part[0xA430] = exif["owner"]
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=data)
    return out.getvalue()
