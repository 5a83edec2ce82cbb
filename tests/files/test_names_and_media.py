"""Names cannot deceive; a file is what its bytes are."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.files import media
from mingzhi.files.names import MAX_CHARACTERS, UNNAMED, display_name

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40 + b"\xff\xd9"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def box(kind, payload=b""):
    return (8 + len(payload)).to_bytes(4, "big") + kind + payload


MP4 = box(b"ftyp", b"isom\0\0\2\0isom") + box(b"mdat", b"x" * 100) + box(b"moov", b"y" * 50)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("现场照片.jpg", "现场照片.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\系统.ini", "系统.ini"),
        ("/绝对/路径/照片.png", "照片.png"),
        ("照片\x00.jpg\x1f", "照片.jpg"),
        ("发票\u202egpj.exe", "发票gpj.exe"),
        ("空\u200b白\ufeff.txt", "空白.txt"),
        ("", UNNAMED),
        ("...", UNNAMED),
        ("/", UNNAMED),
        ("\x00\u202e", UNNAMED),
        (".htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("坏\ud800名.txt", "坏名.txt"),
        ("换\n行\t名.txt", "换行名.txt"),
    ],
)
def test_a_name_is_made_safe_to_show(given_name, shown):
    assert display_name(given_name) == shown


def test_ten_thousand_characters_become_a_name_with_its_extension():
    shown = display_name("长" * 10_000 + ".mp4")
    assert len(shown) <= MAX_CHARACTERS and shown.endswith("….mp4")
    assert len(display_name("长" * 10_000)) == MAX_CHARACTERS
    assert display_name("长" * (MAX_CHARACTERS - 4) + ".mp4") == "长" * (MAX_CHARACTERS - 4) + ".mp4"


@given(st.text(max_size=300))
def test_no_name_is_a_path_or_empty_and_making_safe_twice_changes_nothing(name):
    shown = display_name(name)
    assert shown and len(shown) <= MAX_CHARACTERS
    assert not set(shown) & set('/\\\0<>:"|?*\u202e\u200f') and not shown.startswith(".")
    assert display_name(shown) == shown


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (PDF, "application/pdf"),
        (MP4, "video/mp4"),
        (box(b"ftyp", b"qt  \0\0\2\0"), "video/quicktime"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo"),
        (b"MZ\x90\0", "application/x-dosexec"),
        (b"\x7fELF\2\1\1", "application/x-executable"),
        (
            b"PK\x03\x04" + b"\0" * 20 + b"[Content_Types].xml" + b"word/document.xml",
            media.by_extension("a.docx"),
        ),
        (b"PK\x03\x04rest", "application/zip"),
        ("当事人陈述。\n".encode(), "text/plain"),
        ("当事人陈述。\n".encode("gb18030"), "text/plain"),
        (("陈述" * 5000).encode(), "text/plain"),
        (b"<!DOCTYPE html><html>", "text/html"),
        (b"\xef\xbb\xbf  <script>alert(1)</script>", "text/html"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "image/svg+xml"),
        (b'<?xml version="1.0"?><a/>', "text/xml"),
        (b"\x00\x01\x02\x03" * 10, media.UNKNOWN),
    ],
)
def test_type_is_found_by_content(data, found):
    assert media.detect(data[: media.HEAD]) == found


def look(data, name="a.bin", stated=""):
    found = media.detect(data[: media.HEAD])
    tail = data[-media.TAIL :]
    whole = media.complete(found, io.BytesIO(data), len(data), tail)
    return media.remarks(
        found=found, head=data[: media.HEAD], tail=tail, name=name, stated=stated, whole=whole
    )


@pytest.mark.parametrize(
    ("data", "name", "stated", "codes"),
    [
        (PNG, "a.png", "image/png", ()),
        (PNG, "a.jpg", "image/png", ("mismatch",)),
        (PNG, "a.png", "image/jpeg", ("mismatch",)),
        (PNG, "a.png", "application/octet-stream", ()),
        (MP4, "a.mov", "video/quicktime", ()),
        (b"MZ\x90\0" + b"\0" * 50, "照片.jpg", "image/jpeg", ("mismatch", "active")),
        (JPEG + b"PK\x01\x02" + b"PK\x05\x06" + b"\0" * 18, "a.jpg", "image/jpeg", ("polyglot",)),
        (b"GIF89a/*\0\0 */<script>alert(1)</script>", "a.gif", "image/gif", ("polyglot",)),
        (JPEG[:10] + PDF + b"\xff\xd9", "a.jpg", "image/jpeg", ("polyglot",)),
        (PDF + b"<html><script>x</script>", "a.pdf", "application/pdf", ("polyglot",)),
        (PDF.replace(b"<<>>", b"<</OpenAction 2 0 R>>"), "a.pdf", "application/pdf", ("active",)),
        (PDF[:-7], "a.pdf", "application/pdf", ("incomplete",)),
        (PNG[:-8], "a.png", "image/png", ("incomplete",)),
        (MP4, "a.mp4", "video/mp4", ()),
        (MP4[:-1], "a.mp4", "video/mp4", ("incomplete",)),
        (MP4[:-58], "a.mp4", "video/mp4", ("incomplete",)),
    ],
)
def test_what_a_person_should_look_at(data, name, stated, codes):
    assert look(data, name, stated) == codes


def test_every_remark_has_a_sentence():
    assert set(media.REMARKS) == {"mismatch", "polyglot", "active", "incomplete"}
