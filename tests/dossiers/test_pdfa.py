"""The bound volume is PDF/A-2b by our own reading of ISO 19005-2, and that reading finds what is planted."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from mingzhi.dossiers import binding, pdfa, sources
from tests.dossiers.foreign import plain_pdf

AT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
TITLE = "涉嫌擅自占用城市道路案 <某某> & 其他"
name, generic = pdfa.name, pdfa.generic


def typeset(**doc: Any) -> bytes:
    return sources.typeset(
        binding._SOURCE, {"title": TITLE, "organ": "示例局", "made": [2026, 11, 25], **doc}
    )


@cache
def palette() -> pdfa.Palette:
    return pdfa.Palette(typeset(kind="palette"))


def finished(out: pypdfium2.PdfDocument, numbers: dict[int, str]) -> bytes:
    buffer = io.BytesIO()
    out.save(buffer)
    marks = [binding.Bookmark("正卷", 0, [binding.Bookmark("1 说明", 0)])]
    return binding.finished(
        buffer.getvalue(), marks, numbers, palette=palette(), title=TITLE, author="示例局", at=AT
    )


@cache
def bound() -> bytes:
    """A note of ours under a watermark, and an upload that is no PDF/A as the picture of its sheet."""
    note = {
        "title": "录像",
        "kind": "电子文件说明",
        "picture": False,
        "facts": [["日期", "2026"]],
        "qr": binding._qr("x"),
    }
    out = pypdfium2.PdfDocument.new()
    for data in (
        typeset(kind="notes", notes=[note]),
        typeset(kind="back", statement="本卷共 1 件", remarks=[], bound_by="某某", bound_on="2026-11-25"),
    ):
        with pypdfium2.PdfDocument(data) as pdf:
            out.import_pages(pdf)
    with pypdfium2.PdfDocument(plain_pdf()) as pdf:
        binding._sheets_as_pictures(out, pdf)
    with pypdfium2.PdfDocument(typeset(kind="mark", mark="仅供阅览")) as over:
        shape = over.page_as_xobject(0, out)
        for number in range(len(out)):
            page = out[number]
            page.insert_obj(shape.as_pageobject())
            page.gen_content()
            page.close()
        made = finished(out, {0: "1", 1: "20", 2: "345"})
        shape.close()
    out.close()
    return made


def test_what_we_bind_is_pdf_a_and_its_page_numbers_can_be_read() -> None:
    assert pdfa.flaws(bound()) == []
    with pypdfium2.PdfDocument(bound()) as pdf:
        assert [m.get_title() for m in pdf.get_toc()] == ["正卷", "1 说明"]
        corners = []
        for number in range(len(pdf)):
            width, _ = pdf[number].get_size()
            corners.append(
                pdf[number]
                .get_textpage()
                .get_text_bounded(left=width - 90, bottom=10, right=width, top=45)
                .strip()
            )
        assert corners == ["1", "20", "345"]
        assert pdf.get_metadata_dict()["Title"] == TITLE


def test_the_sheets_of_our_own_typesetter_are_pdf_a() -> None:
    assert pdfa.flaws(typeset(kind="palette")) == [] == pdfa.flaws(typeset(kind="mark", mark="仅供阅览"))


def test_an_upload_is_bound_as_the_picture_of_its_sheet_with_what_is_stuck_on_it() -> None:
    with pypdfium2.PdfDocument(bound()) as pdf:
        sheet = pdf[2]
        assert sheet.get_size() == (400, 300)
        image = sheet.render(scale=1).to_pil().convert("RGB")
        assert "FOREIGN" not in sheet.get_textpage().get_text_bounded()
    dark = sum(image.getpixel((x, y))[0] < 80 for x in range(40, 260) for y in range(110, 160))
    red = sum(
        image.getpixel((x, y))[0] > 150 > 120 > image.getpixel((x, y))[1]
        for x in range(8, 62)
        for y in range(238, 292)
    )
    assert dark > 300, "the words can be seen"
    assert red > 50, "and so can the frame that somebody drew on it"


@pytest.mark.parametrize(
    ("data", "as_it_is"),
    [
        (lambda: typeset(kind="palette"), True),
        (plain_pdf, False),
        (lambda: plain_pdf(colour=b"0.1 0.2 0.3 0.4 k"), False),
        (lambda: b"%PDF-1.4\nno more than that", False),
        (lambda: b"", False),
    ],
)
def test_only_what_is_pdf_a_is_bound_as_it_is(
    tmp_path: Path, data: Callable[[], bytes], as_it_is: bool
) -> None:
    path = tmp_path / "upload.pdf"
    path.write_bytes(data())
    assert pdfa.bindable(path) is as_it_is
    assert not pdfa.bindable(tmp_path / "gone.pdf")


def planted(change: Callable[[Any, Any], None]) -> bytes:
    """The bound volume with ``change`` made to its catalogue or its first sheet."""
    writer: Any = pdfa.Writer(io.BytesIO(bound()))
    ref = next(binding._page_refs(writer.root["/Pages"], writer))
    page = ref.get_object()
    change(writer, page)
    writer.mark_update(ref)
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def put(where: str, key: str, value: Any) -> Callable[[Any, Any], None]:
    def change(writer: Any, page: Any) -> None:
        holder = writer.root if where == "root" else page
        holder[name(key)] = value(writer) if callable(value) else value

    return change


def drop(key: str) -> Callable[[Any, Any], None]:
    def change(writer: Any, page: Any) -> None:
        del writer.root[key]

    return change


def entry(**keys: Any) -> Any:
    return generic.DictionaryObject(
        {name(f"/{k}"): name(v) if isinstance(v, str) else v for k, v in keys.items()}
    )


def stream(data: bytes, **keys: Any) -> Callable[[Any], Any]:
    def made(writer: Any) -> Any:
        return writer.add_object(generic.StreamObject(entry(**keys), encoded_data=data))

    return made


PACKET = b"<x><pdfaid:part>2</pdfaid:part></x>"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (drop("/Metadata"), "metadata: none"),
        (put("root", "/Metadata", stream(b"<x/>", Type="/Metadata", Subtype="/XML")), "metadata: does not claim PDF/A"),
        (put("root", "/Metadata", stream(PACKET, Type="/Metadata", Subtype="/XML")), "metadata: /Title differs"),
        (drop("/OutputIntents"), "colour: no output intent"),
        (put("root", "/OpenAction", entry(S="/JavaScript")), "forbidden: /OpenAction"),
        (put("root", "/OCProperties", entry()), "forbidden: /OCProperties"),
        (put("root", "/Names", entry(EmbeddedFiles=entry())), "forbidden: /EmbeddedFiles"),
        (put("page", "/AA", entry(O=entry(S="/JavaScript"))), "action: /JavaScript"),
        (put("page", "/Annots", generic.ArrayObject([entry(Type="/Annot", Subtype="/Movie")])), "annotation: /Movie"),
        (put("page", "/Resources", entry(Font=entry(F1=entry(Type="/Font", Subtype="/TrueType", BaseFont="/Arial")))), "font: /Arial is not embedded"),
        (put("page", "/Resources", entry(ExtGState=entry(G=entry(Type="/ExtGState", BM="/Odd")))), "state: blend mode /Odd"),
        (put("page", "/Resources", entry(ExtGState=entry(G=entry(Type="/ExtGState", TR="/Identity")))), "state: transfer function"),
        (put("page", "/Contents", stream(b"0 0 0 1 k")), "colour: DeviceCMYK"),
        (put("page", "/X", stream(b"", Subtype="/PS")), "object: PostScript, reference or OPI"),
        (put("page", "/X", stream(b"", Subtype="/Image", Interpolate=generic.BooleanObject(True))), "image: alternates or interpolation"),
        (put("page", "/X", stream(b"", Subtype="/Image", ColorSpace="/DeviceCMYK")), "colour: DeviceCMYK"),
        (put("page", "/X", stream(b"", Filter="/LZWDecode")), "stream: filter /LZWDecode"),
        (put("page", "/X", stream(b"", Filter="/JPXDecode")), "stream: filter /JPXDecode"),
        (put("page", "/X", stream(b"", F=entry())), "stream: outside the file"),
    ],
)  # fmt: skip
def test_what_the_standard_forbids_is_found(change: Callable[[Any, Any], None], found: str) -> None:
    assert found in pdfa.flaws(planted(change))


def test_bytes_before_and_after_the_file_are_found() -> None:
    assert "trailer: bytes after the end" in pdfa.flaws(bound() + b"more")
    assert any(f.startswith("header") for f in pdfa.flaws(bound().replace(b"%PDF-1.7", b"%PDF-2.0", 1)))


def test_a_file_that_cannot_be_read_is_a_finding_and_no_crash() -> None:
    for data in (b"", b"%PDF-1.7\n", bound()[:2000], b"\x00" * 500):
        assert pdfa.flaws(data), data[:20]
