"""The bound PDF: cover, index, sheets with running numbers, bookmarks."""

from __future__ import annotations

import io
from datetime import date

import pypdfium2
import pytest
from PIL import Image

from mingzhi.dossiers import archive, binding, held, jobs, models, pdfa
from mingzhi.dossiers.choices import MakeKind, MakeState
from mingzhi.files import api as files
from mingzhi.web.demo.drive import Drive
from tests.cases.staging import module_bureau, on_copy
from tests.dossiers.foreign import plain_pdf
from tests.dossiers.test_archiving import archived_once, dossier_of
from tests.dossiers.test_pdfa import finished

__all__ = ["archived_once", "module_bureau"]
pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def archived(archived_once: Drive) -> Drive:
    return on_copy(archived_once)


def made(case: Drive, kind: str, mark: str = "") -> models.Making:
    row = archive.making_ask(
        dossier=dossier_of(case), kind=kind, mark=mark, by=case.by("archivist"), at=case.at
    )
    return jobs.making(row.pk, at=case.at)


def opened(row: models.Making) -> pypdfium2.PdfDocument:
    assert row.state == MakeState.DONE and row.file_id, row.error
    return pypdfium2.PdfDocument(files.path(row.file_id))


def words(pdf: pypdfium2.PdfDocument, number: int) -> str:
    text = pdf[number].get_textpage().get_text_bounded()
    return "".join(text.replace("\u200b", "").split())


def test_the_whole_dossier_is_one_pdf_with_cover_index_sheets_and_bookmarks(archived: Drive) -> None:
    row = made(archived, MakeKind.BOTH)
    pdf = opened(row)
    view = archive.archive_of(archived.id)
    assert view is not None
    toc = [(mark.level, mark.get_title()) for mark in pdf.get_toc()]
    tops = [title for level, title in toc if level == 0]
    assert tops == ["正卷", "副卷"]
    lines = archive.sealed_index(archived.id)[1]
    assert len(toc) == 2 + 2 * 3 + len(lines)
    cover = words(pdf, 0)
    assert view.number in cover and "正卷" in cover and "永久" in cover and "决定书文号" in cover
    assert "卷内目录" in words(pdf, 1)
    assert len(pdf) == view.pages_main + view.pages_side + 2 * 3, (
        "two covers, two indexes of one page, two 备考表"
    )
    assert (row.done, row.total) == (len(lines), len(lines))


def test_every_sheet_bears_the_number_the_index_says(archived: Drive) -> None:
    pdf = opened(made(archived, MakeKind.MAIN))
    lines = [x for x in archive.sealed_index(archived.id)[1] if x.volume == "main"]
    where = {
        mark.get_title().split(" ")[0]: mark.get_dest().get_index() for mark in pdf.get_toc() if mark.level
    }
    for line in lines:
        first = where[str(line.seq)]
        for offset in range((line.last or 0) - (line.first or 0) + 1):
            page = pdf[first + offset]
            width, _ = page.get_size()
            corner = page.get_textpage().get_text_bounded(left=width - 90, bottom=10, right=width, top=45)
            assert corner.strip().endswith(str((line.first or 0) + offset)), line.item.title


def test_the_number_stands_lower_right_on_a_turned_page_too(archived: Drive) -> None:
    sheet = pypdfium2.PdfDocument.new()
    for turn in (0, 90, 180, 270):
        page = sheet.new_page(500, 700)
        page.set_rotation(turn)
        page.gen_content()
    sheet = pypdfium2.PdfDocument(finished(sheet, dict.fromkeys(range(4), "8")))
    for number in range(4):
        bitmap = sheet[number].render(scale=1).to_pil().convert("L")
        dark = [
            (x, y) for x in range(bitmap.width) for y in range(bitmap.height) if bitmap.getpixel((x, y)) < 128
        ]
        assert dark, number
        assert min(x for x, _ in dark) > bitmap.width - 60 and min(y for _, y in dark) > bitmap.height - 50, (
            number
        )


def test_a_picture_becomes_a_page_upright_and_a_broken_one_its_caption(archived: Drive) -> None:
    buffer = io.BytesIO()
    picture = Image.new("RGB", (400, 200), "red")
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(buffer, "JPEG", exif=exif)
    uploads = (
        ("扫描件.pdf", plain_pdf()),
        ("照片.jpg", buffer.getvalue()),
        ("坏图.jpg", buffer.getvalue()[:200]),
    )
    for name, data in uploads:
        entry = held.HeldEntry(
            title=name, on=date.fromisoformat(archived.day), volume="main",
            file=files.put_bytes(data, name=name, at=archived.at),
        )  # fmt: skip
        held.supplement_add(
            dossier=dossier_of(archived),
            entry=entry,
            reason="装订时遗漏",
            by=archived.by("archivist"),
            at=archived.at,
        )
    seal = models.Making.objects.filter(dossier_id=archived.id, kind=MakeKind.SEAL).order_by("-pk").first()
    assert seal is not None
    jobs.making(seal.pk, at=archived.at)
    row = made(archived, MakeKind.MAIN)
    pdf = opened(row)
    assert pdfa.flaws(files.path(row.file_id or 0).read_bytes()) == [], (
        "papers, uploads and pictures: PDF/A-2b"
    )
    good, bad = len(pdf) - 3, len(pdf) - 2
    assert pdf[good - 1].get_size() == (400, 300), "the upload as a picture of its sheet"
    image = pdf[good].render(scale=0.5).to_pil().convert("RGB")
    red = [
        (x, y)
        for x in range(image.width)
        for y in range(image.height)
        if image.getpixel((x, y)) == (254, 0, 0)
    ]
    assert red
    wide = max(x for x, _ in red) - min(x for x, _ in red)
    tall = max(y for _, y in red) - min(y for _, y in red)
    assert tall > 1.8 * wide, "the camera was held upright"
    assert "坏图" in words(pdf, bad)
    assert "归档后补充" in words(pdf, len(pdf) - 1)


def test_a_recording_is_a_page_that_tells_its_hash(archived: Drive) -> None:
    pdf = opened(made(archived, MakeKind.MAIN))
    line = next(x for x in archive.sealed_index(archived.id)[1] if x.item.medium in ("recording", "picture"))
    text = "".join(words(pdf, n) for n in range(len(pdf)))
    assert line.item.sha256 in text


def test_a_copy_for_a_loan_bears_its_mark_on_every_page(archived: Drive) -> None:
    pdf = opened(made(archived, MakeKind.SIDE, mark="仅供某某区人民法院审理行政案件使用"))
    assert all("仅供某某区人民法院" in words(pdf, n) for n in range(len(pdf)))


def test_binding_again_gives_the_same_sheets(archived: Drive) -> None:
    first = binding.bind(
        dossier_of(archived), archive.sealed_index(archived.id)[1], ("main",), at=archived.at
    )
    again = binding.bind(
        dossier_of(archived), archive.sealed_index(archived.id)[1], ("main",), at=archived.at
    )
    assert first.pages == again.pages
