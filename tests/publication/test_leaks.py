"""The leak check: what is planted anywhere in a file is found; what is clean passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mingzhi.publication.leaks import Known, inspect

from .leaky import docx, hexed, iptc, jpeg, later, line, pdf, png, run, segment, unlisted, xlsx, zipped

PHONE, ID = "13800138000", "11010519491231002X"
BOX = "0 g 15 92 200 24 re f "
KNOWN = Known(names=("王示例",), keep=("示例市城市管理局", "李执法"), secrets=("6222021234567890128",))


def kinds(name: str, data: bytes, known: Known = KNOWN) -> set[str]:
    return {finding.kind for finding in inspect(name, data, known)}


CLEAN: dict[str, bytes] = {
    "页.pdf": pdf(line("Decision 12 of 2026"), info=f"/Author {hexed('示例市城市管理局')}/Creator (Typst)"),
    "底色.pdf": pdf("0.2 0.4 0.9 rg 10 90 300 30 re f 1 g " + line("white on blue is seen")),
    "荧光.pdf": pdf("1 1 0 rg 10 90 300 30 re f 0 g " + line("marked in yellow")),
    "文.docx": docx(run("示例一号渣土运输有限公司", "罚款五千元")),
    "表.xlsx": xlsx(lambda book, sheet: book.set_properties({"author": "李执法"})),
    "图.jpg": jpeg(),
    "图.png": png(),
    "网页.html": "<html><body><p>罚款 5 &lt; 10 万元 &amp; 没收</p></body></html>".encode(),
    "文.txt": "罚款人民币五千元".encode(),
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_file_passes(name: str) -> None:
    assert inspect(name, CLEAN[name], KNOWN) == []


REDACTED = {
    "a box after the text": line(f"tel {PHONE}") + BOX,
    "a grey box": line(PHONE) + "0.5 g 15 92 200 24 re f ",
    "a white box": line(PHONE) + "1 g 15 92 200 24 re f ",
    "a box drawn as lines": line(PHONE) + "0 g 15 92 m 215 92 l 215 116 l 15 116 l h f ",
    "a thick stroke": line(PHONE) + "0 G 30 w 15 104 m 215 104 l S ",
    "a picture over it": line(PHONE) + "q 200 0 0 24 15 92 cm /Im Do Q ",
    "many small boxes": line(PHONE) + "".join(f"0 g {15 + 10 * n} 92 10 24 re f " for n in range(12)),
    "white on white": line(PHONE, more="1 g"),
    "black on black before": BOX + line(PHONE, more="0 g"),
    "no paint": line(PHONE, more="3 Tr"),
    "beside the page": line(PHONE, x=900),
    "clipped away": "q 0 0 5 5 re W n " + line(PHONE) + "Q ",
    "words without a number": line("the name under here") + BOX,
}  # fmt: skip


@pytest.mark.parametrize("how", REDACTED)
def test_text_that_is_there_and_not_seen_is_found(how: str) -> None:
    for rotated in ("", "/Rotate 90", "/Rotate 270", "/CropBox[0 0 390 190]"):
        found = inspect("x.pdf", pdf(REDACTED[how], page=rotated), KNOWN)
        assert "hidden" in {f.kind for f in found}, (how, rotated)
        if "words" not in how:
            assert {"hidden", "mobile"} <= {f.kind for f in found}


def test_a_box_drawn_as_an_annotation_hides_nothing() -> None:
    annotation = "<</Type/Annot/Subtype/Square/Rect[15 92 215 116]/C[0 0 0]/IC[0 0 0]/AP<</N 51 0 R>>>>"
    form = ("/Type/XObject/Subtype/Form/BBox[0 0 200 24]", b"0 g 0 0 200 24 re f")
    data = pdf(line("nothing to see"), page="/Annots[50 0 R]", objects={50: annotation}, streams={51: form})
    assert "hidden" in kinds("x.pdf", data)


PDFS: dict[str, tuple[bytes, str]] = {
    "title": (pdf(line("a"), info=f"/Title {hexed('电话' + PHONE)}"), "mobile"),
    "author": (pdf(line("a"), info=f"/Author {hexed('赵示例')}"), "metadata"),
    "xmp": (pdf(line("a"), catalog="/Metadata 50 0 R", streams={50: ("/Type/Metadata/Subtype/XML", f"<x>{PHONE}</x>".encode())}), "mobile"),
    "bookmark": (pdf(line("a"), catalog="/Outlines 50 0 R", objects={50: "<</First 51 0 R/Last 51 0 R/Count 1>>", 51: f"<</Title {hexed('当事人王示例')}/Parent 50 0 R>>"}), "name"),
    "remark": (pdf(line("a"), page="/Annots[50 0 R]", objects={50: f"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents {hexed('账号6222021234567890128')}>>"}), "secret"),
    "remark without data": (pdf(line("a"), page="/Annots[50 0 R]", objects={50: "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(see me)>>"}), "comment"),
    "form value": (pdf(line("a"), catalog="/AcroForm<</Fields[50 0 R]>>", objects={50: f"<</FT/Tx/T(a)/V({ID})>>"}), "resident_id"),
    "alternative text": (pdf(line("a"), catalog="/StructTreeRoot 50 0 R", objects={50: f"<</Type/StructTreeRoot/K<</S/Figure/Alt {hexed('王 示例')}>>>>"}), "name"),
    "layer": (pdf(line("a"), catalog="/OCProperties<</OCGs[50 0 R]/D<</OFF[50 0 R]>>>>", objects={50: "<</Type/OCG/Name(draft)>>"}), "hidden"),
    "attachment": (pdf(line("a"), catalog="/Names<</EmbeddedFiles<</Names[(n) 50 0 R]>>>>", objects={50: "<</Type/Filespec/F(n)/EF<</F 51 0 R>>>>"}, streams={51: ("/Type/EmbeddedFile", PHONE.encode())}), "mobile"),
    "script": (pdf(line("a"), catalog="/OpenAction<</S/JavaScript/JS(app.alert)>>"), "embedded"),
    "split over lines": (pdf(line(ID[:9], y=120) + line(ID[9:], y=100)), "resident_id"),
    "split over pages": (pdf(line(ID[:9], y=10), line(ID[9:], y=150)), "resident_id"),
    "an earlier save": (later(pdf(line(PHONE)), 11, line("clean now")), "mobile"),
    "a page taken out and left behind": (pdf(line("a"), streams={70: ("", b"BT (138) Tj ET")}), "hidden"),
    "words left behind": (pdf(line("a"), objects={70: f"<</T {hexed('电话' + PHONE)}>>"}), "mobile"),
    "cut file": (pdf(line("a"))[:200], "unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("where", PDFS)
def test_whatever_stands_beside_a_pdfs_pages_is_found(where: str) -> None:
    data, kind = PDFS[where]
    assert kind in kinds("x.pdf", data), inspect("x.pdf", data, KNOWN)


VANISH = "<w:rPr><w:vanish/></w:rPr>"
OFFICE: dict[str, tuple[bytes, str]] = {
    "split over runs": (docx(run("138", "0013", "8000")), "mobile"),
    "a name in three runs": (docx(run("王", "示", "例")), "name"),
    "hidden text": (docx(run("备注", properties=VANISH)), "hidden"),
    "deleted text": (docx(f'<w:p><w:del w:author="x"><w:r><w:delText>{ID}</w:delText></w:r></w:del></w:p>'), "resident_id"),
    "tracked": (docx('<w:p><w:ins w:author="x"><w:r><w:t>增</w:t></w:r></w:ins></w:p>'), "tracked"),
    "comment": (docx(word__comments_xml="<c><comment>请核</comment></c>"), "comment"),
    "comment author": (docx(word__comments_xml='<c><comment author="王示例">好</comment></c>'), "name"),
    "core": (docx(docProps__core_xml="<p><creator>赵示例</creator></p>"), "metadata"),
    "custom": (docx(docProps__custom_xml=f"<p><property>{PHONE}</property></p>"), "mobile"),
    "picture inside": (docx(word__media__a_jpg=jpeg(gps=True)), "place"),
    "ole inside": (docx(word__embeddings__o_xml="<a/>") and zipped({"word/embeddings/o.bin": b"\x00\x01"}), "embedded"),
    "entity": (docx(word__x_xml='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "unreadable"),
    "hidden sheet": (xlsx(lambda b, s: b.add_worksheet("底稿").hide()), "hidden"),
    "very hidden sheet": (xlsx(lambda b, s: b.add_worksheet("底稿").very_hidden()), "hidden"),
    "hidden column": (xlsx(lambda b, s: s.set_column("C:C", None, None, {"hidden": True})), "hidden"),
    "hidden row": (xlsx(lambda b, s: s.set_row(3, None, None, {"hidden": True})), "hidden"),
    "cell comment": (xlsx(lambda b, s: s.write_comment("A1", "王示例")), "name"),
    "defined name": (xlsx(lambda b, s: b.define_name("phone", f'="{PHONE}"')), "mobile"),
    "workbook author": (xlsx(lambda b, s: b.set_properties({"author": "赵示例"})), "metadata"),
    "sheet name": (xlsx(lambda b, s: b.add_worksheet("王示例")), "name"),
    "a number as number": (xlsx(lambda b, s: s.write_number(5, 5, 13800138000)), "mobile"),
    "file name inside": (zipped({f"{PHONE}.txt": b"x"}), "mobile"),
    "zip in zip": (zipped({"a.zip": zipped({"b.txt": ID.encode()})}), "resident_id"),
    "unknown inside": (zipped({"a.bin": b"\x00\x01\x02"}), "unreadable"),
    "remark of the archive": (zipped({"a.txt": "ok"}, comment=PHONE.encode()), "mobile"),
    "behind the archive": (zipped({"a.txt": "ok"}) + PHONE.encode(), "hidden"),
    "taken off the list": (unlisted({"a.txt": "ok"}, f"PK..b.txt {PHONE}".encode()), "hidden"),
    "entity far down": (docx(word__x_xml=f"<!--{' ' * 5000}--><!DOCTYPE a [<!ENTITY b '1'>]><a>&b;</a>"), "unreadable"),
    "entity in other bytes": (docx(word__x_xml="<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE a><a/>".encode("utf-16")), "unreadable"),
    "remark in the markup": (docx(word__x_xml=f"<a><!-- {PHONE} --></a>"), "mobile"),
    "more marks than memory": (docx(word__x_xml="<a>" + "<b/>" * 4_000_001 + "</a>"), "unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("where", OFFICE)
def test_whatever_stands_beside_a_documents_words_is_found(where: str) -> None:
    data, kind = OFFICE[where]
    assert kind in kinds("x", data), inspect("x", data, KNOWN)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (jpeg(gps=True), "place"),
        (jpeg(artist="zhao"), "camera"),
        (jpeg(owner="zhao"), "camera"),
        (jpeg(comment="note"), "camera"),
        (segment(jpeg(), 0xED, iptc(80, "王示例")), "camera"),
        (segment(jpeg(), 0xED, iptc(240, PHONE)), "mobile"),
        (segment(jpeg(), 0xE4, b"a maker's own"), "hidden"),
        (jpeg() + jpeg(), "embedded"),
        (png() + b"ftypmp42", "embedded"),
        (png(b"prVt", b"a maker's own"), "hidden"),
        (png(b"tEXt", b"XML\x00" + PHONE.encode()), "mobile"),
    ],
)
def test_what_a_camera_or_an_editor_wrote_is_found(data: bytes, kind: str) -> None:
    assert kind in kinds("x", data)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"<p>{''.join(f'&#{ord(c)};' for c in PHONE)}</p>", "mobile"),
        ("<p>138<b>0013</b>8000</p>", "mobile"),
        ('{"name": "\\u738b\\u793a\\u4f8b"}', "name"),
        ("{\\rtf1\\ansi \\'cd\\'f5\\'ca\\'be\\'c0\\'fd}", "unreadable"),
        ("Subject: 12\nMIME-Version: 1.0\n\nMTM4MDAxMzgwMDA=", "unreadable"),
        ('<svg><image href="data:image/png;base64,iVBORw0KGgo="/></svg>', "unreadable"),
        ("罚款五千元。" * 200_000 + "账号 6222 0212 3456 7890 128", "secret"),
    ],
)  # fmt: skip
def test_what_a_program_makes_of_a_text_counts_and_not_its_codes(text: str, kind: str) -> None:
    assert kind in kinds("x.txt", text.encode())


def test_the_file_name_counts() -> None:
    assert kinds("王示例处罚决定书.txt", b"ok") == {"name"}
    assert kinds(f"{PHONE}.txt", b"ok") == {"mobile"}


@pytest.mark.parametrize(
    "data", [b"\x00\x01", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, b"PK\x03\x04junk", b"%PDF-1.7 junk"]
)
def test_what_cannot_be_looked_through_does_not_pass(data: bytes) -> None:
    assert "unreadable" in kinds("x", data)


PLANTS = ["13800138000", ID, "6222021234567890128", "王示例", "someone@example.com", "粤A12345"]


def spelled(plant: str, how: str) -> str:
    if how == "full width":
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plant)
    if how == "spaced":
        return {"粤A12345": "粤A 12345", "someone@example.com": "someone＠example.com"}.get(
            plant, " ".join(plant)
        )
    return plant


PLACES: list[Callable[[str], tuple[str, bytes]]] = [
    lambda p: ("a.txt", f"情况：{p}。".encode()),
    lambda p: ("a.docx", docx(run("情况：", p, "。"))),
    lambda p: ("a.docx", docx(run("情况：", *p, "。"))),
    lambda p: ("a.docx", docx(word__comments_xml=f"<c><comment>情况：{p}。</comment></c>")),
    lambda p: ("a.docx", docx(docProps__core_xml=f"<p><title>情况：{p}。</title></p>")),
    lambda p: ("a.xlsx", xlsx(lambda b, s: s.write_string(2, 2, f"情况：{p}。"))),
    lambda p: ("a.xlsx", xlsx(lambda b, s: s.write_comment("B2", f"情况：{p}。"))),
    lambda p: ("a.pdf", pdf(line("a"), info=f"/Subject {hexed(f'情况：{p}。')}")),
    lambda p: ("a.jpg", jpeg(comment=f"情况：{p}。")),
    lambda p: (f"情况：{p}。.txt", b"ok"),
]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(plant=st.sampled_from(PLANTS), how=st.sampled_from(["plain", "full width", "spaced"]), place=st.sampled_from(PLACES))  # fmt: skip
def test_no_planted_identifier_passes_in_any_place_and_spelling(
    plant: str, how: str, place: Callable[[str], tuple[str, bytes]]
) -> None:
    assert inspect(*place(spelled(plant, how)), KNOWN) != []
