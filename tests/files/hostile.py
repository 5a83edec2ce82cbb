"""Hostile files, one per kind: what it is, its name, what must become of it.

``refused``: the last byte is answered with a sentence and nothing is kept. ``download``: kept (evidence may
be anything), but only ever handed out as an attachment. ``shown``: harmless, and shown as what it is.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + bytes(64) + b"\xff\xd9"
GIF = b"GIF89a\1\0\1\0\0\0\0;"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PE = b"MZ\x90\0" + bytes(60) + b"PE\0\0" + bytes(100)


def packed(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(2))) + chunk(b"IEND", b"")
    )  # fmt: skip


def boxes(*sizes: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack(">I", size) + kind + bytes(max(0, size - 8)) for size, kind in sizes)


BOMB = packed(("a.txt", bytes(8 * 1024 * 1024)))
MP4 = boxes((16, b"ftyp")).replace(b"ftyp\0\0\0\0", b"ftypisom", 1)


def files() -> Iterator[tuple[str, str, bytes, str]]:
    """Kind, name as sent, bytes, what must become of it."""
    yield "program", "记录.exe", PE, "refused"
    yield "program as a photo", "照片.jpg", PE, "refused"
    yield "unix program", "film.mp4", b"\x7fELF\2\1\1" + bytes(100), "refused"
    yield "page", "公告.html", b"<!DOCTYPE html><html><script>alert(1)</script></html>", "refused"
    yield "page as a picture", "a.png", b"<html><body onload=alert(1)>", "refused"
    yield "page after a mark", "a.txt", b"\xef\xbb\xbf  <script>alert(1)</script>", "refused"
    yield (
        "svg with script",
        "logo.svg",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>',
        "refused",
    )
    yield "svg behind xml", "logo.png", b'<?xml version="1.0"?><svg onload="alert(1)"/>', "refused"
    yield "gif and script", "a.gif", GIF + b"<script>alert(1)</script>", "download"
    yield "jpeg and zip", "a.jpg", JPEG + packed(("x.js", b"alert(1)")), "download"
    yield "pdf and zip", "a.pdf", PDF + packed(("x.exe", PE)), "download"
    yield "pdf and html", "b.pdf", b"%PDF-1.7\n<html><script>alert(1)</script>\n%%EOF\n", "download"
    yield (
        "pdf with script",
        "c.pdf",
        PDF.replace(b"Catalog", b"Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        "download",
    )
    yield "zip bomb", "材料.zip", BOMB, "download"
    yield "nested zip bomb", "材料2.zip", packed(*((f"{n}.zip", BOMB) for n in range(20))), "download"
    yield "zip slip", "材料3.zip", packed(("../../../../etc/cron.d/x", b"* * * * *")), "download"
    yield (
        "zip with a thousand members",
        "材料4.zip",
        packed(*((f"{n}", b"") for n in range(1000))),
        "download",
    )
    yield "zip cut off", "材料5.zip", BOMB[:200], "download"
    yield (
        "word with outside entity",
        "报告.docx",
        packed(
            ("[Content_Types].xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
            ("word/document.xml", b"<w/>"),
        ),
        "download",
    )
    yield (
        "word with macro",
        "报告2.docx",
        packed(
            ("[Content_Types].xml", b"<Types/>"),
            ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
            ("word/document.xml", b"<w/>"),
        ),
        "download",
    )
    yield "old office", "报告.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "download"
    yield "rtf with object", "报告.rtf", b"{\\rtf1{\\object\\objdata 0105}}", "download"
    yield (
        "billion laughs",
        "a.xml",
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>',
        "download",
    )
    yield "test virus", "eicar.txt", EICAR, "download"
    yield "shell script", "a.txt", b"#!/bin/sh\nrm -rf /\n", "download"
    yield "formula", "a.csv", b"=cmd|' /C calc'!A0\n", "download"
    yield "pixel flood", "flood.png", png(60_000, 60_000), "shown"
    yield "wrong extension", "照片2.jpg", PDF, "shown"
    yield "film cut off", "a.mp4", MP4 + struct.pack(">I", 1 << 30) + b"mdat" + bytes(100), "shown"
    yield "film with a box of no length", "b.mp4", MP4 + struct.pack(">I", 4) + b"free", "shown"
    yield (
        "film with a box longer than the world",
        "c.mp4",
        MP4 + struct.pack(">I", 1) + b"mdat" + b"\xff" * 8,
        "shown",
    )
    yield "only noise", "a.bin", bytes(range(256)) * 8, "download"
    yield "path in the name", "../../../etc/passwd", JPEG, "shown"
    yield "windows path in the name", "C:\\Windows\\system32\\cmd.exe.jpg", JPEG, "shown"
    yield "nul in the name", "a\0.jpg", JPEG, "shown"
    yield "line ends in the name", "a\r\nSet-Cookie: x=1.jpg", JPEG, "shown"
    yield "turned round name", "photo\u202egpj.exe", JPEG, "shown"
    yield "invisible name", "\u200b\u200d\ufeff", JPEG, "shown"
    yield "ten thousand characters", "长" * 9_996 + ".jpg", JPEG, "shown"
    yield "255 bytes of chinese", "现" * 83 + ".jpg", JPEG, "shown"
    yield "device name", "CON.jpg", JPEG, "shown"
    yield "dots only", "...", JPEG, "shown"
    yield "no name", "", JPEG, "shown"
    yield "markup in the name", "<img src=x onerror=alert(1)>.jpg", JPEG, "shown"
    yield "undecodable name", "\ud800\udfff.jpg", JPEG, "shown"
