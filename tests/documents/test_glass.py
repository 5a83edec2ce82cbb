"""What was signed on the glass stands on the paper's page, and no other picture ever does."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from mingzhi.documents import api as documents
from mingzhi.documents import glass, payloads
from mingzhi.documents.data import Signed
from mingzhi.documents.errors import RenderFailed
from mingzhi.documents.models import Paper, PaperSignature
from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger import api as ledger
from tests.documents.conftest import AT, CASE

pytestmark = pytest.mark.django_db(databases="__all__")

RECORD = {
    **CASE,
    "started_at": (AT - timedelta(minutes=40)).isoformat(),
    "ended_at": (AT - timedelta(minutes=5)).isoformat(),
    "place": "示例路1号",
    "scene": "人行道上堆放建筑物料，占用面积十二平方米。",
}


def handwriting(seed: int = 0) -> bytes:
    picture = Image.new("RGB", (1200, 500), "white")
    pen = ImageDraw.Draw(picture)
    points = [(150 + 45 * n, 250 + (90 if (n + seed) % 2 else -90) + 7 * seed) for n in range(20)]
    pen.line(points, fill="black", width=9, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def kept(content: bytes) -> int:
    return files.put_bytes(content, name="签名.png", media_type="image/png", at=AT).id


def given(kind: str, name: str, outcome: str = "signed", note: str = "", seed: int = 0) -> Signed:
    file_id = kept(handwriting(seed)) if outcome == "signed" else None
    return Signed(kind, name, outcome, AT, note, "ab" * 32, file_id)


def pdf_of(paper_id: int) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(documents.page(paper_id, at=AT))


def words_of(pdf: pypdfium2.PdfDocument) -> str:
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in pdf)


def pictures_of(pdf: pypdfium2.PdfDocument) -> int:
    return sum(1 for page in pdf for one in page.get_objects() if one.type == 3)


def test_each_signature_stands_in_its_place_and_the_paper_s_data_and_entry_name_its_picture(bureau):
    signed = [
        given("party", "王某某"),
        given("officer", "张某某", seed=1),
        given("officer", "李某某", seed=2),
    ]
    bare = bureau.draw("P05", RECORD)
    paper = bureau.draw("P05", RECORD, signed=signed)
    found = json.loads(Paper.objects.get(pk=paper.id).data)["signatures"]
    stored = [files.ref(one.file_id).sha256 for one in signed]
    assert [one["picture_sha256"] for one in found] == stored
    assert list(PaperSignature.objects.filter(paper_id=paper.id).values_list("sha256", flat=True)) == stored
    for row in PaperSignature.objects.filter(paper_id=paper.id):
        (entry,) = ledger.entries_of(f"signature:{row.pk}")
        assert entry.version == 2 and payloads.signature_v2(row)["sha256"] == row.sha256
    ledger.sequence(at=AT)
    assert not [f for f in ledger.fsck(processes=1).findings if f.kind == "documents:paper:signed"]
    page = pdf_of(paper.id)
    assert pictures_of(page) == 3 and pictures_of(pdf_of(bare.id)) == 0
    assert words_of(page).count("2026年11月16日10时30分") == 3


def test_a_refusal_is_printed_as_officials_write_it_and_its_witness_signs(bureau):
    signed = [
        given("party", "王某某", "refused", "认为面积有误，经解释仍拒绝签名"),
        given("officer", "张某某"),
        given("witness", "赵某某", seed=3),
    ]
    page = pdf_of(bureau.draw("P05", RECORD, signed=signed).id)
    assert "被检查人或者现场负责人拒绝签名，注明情况：认为面积有误，经解释仍拒绝签名" in words_of(page)
    assert pictures_of(page) == 2
    noted = pdf_of(bureau.draw("P05", {**RECORD, "refusal": "认为面积有误"}, signed=signed).id)
    assert "拒绝签名，情况另行注明于后" in words_of(noted) and "不在场情况：认为面积有误" in words_of(noted)


def test_a_page_never_shows_another_picture_than_the_one_that_was_signed(bureau, settings):
    one = given("party", "王某某")
    paper = bureau.draw("P05", RECORD, signed=[one])
    path = files.path(one.file_id)
    path.chmod(0o600)
    path.write_bytes(handwriting(5))
    with pytest.raises(RenderFailed):
        documents.page(paper.id, at=AT)


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "blank", "huge"],
    ids=["nothing", "another type", "broken", "no stroke", "too large"],
)
def test_what_is_no_signature_makes_no_paper(bureau, content):
    if isinstance(content, str):
        out = io.BytesIO()
        Image.new("1", (200, 100) if content == "blank" else (5000, 5000), 1).save(out, "PNG")
        content = out.getvalue()
    before = Paper.objects.count()
    with pytest.raises(Invalid):
        bureau.draw("P05", RECORD, signed=[Signed("party", "王某某", "signed", AT, file_id=kept(content))])
    assert Paper.objects.count() == before
    with pytest.raises(Invalid):
        bureau.draw("P05", RECORD, signed=[Signed("party", "王某某", "signed", AT)])


@pytest.mark.parametrize(
    ("label", "kinds"),
    [
        ("被询问人（签名）", ("party",)),
        ("询问人（签名）", ("officer",)),
        ("被检查人或者现场负责人（签名或者盖章）", ("party", "other")),
        ("当事人或者见证人（签名或者盖章）", ("party", "witness")),
        ("受送达人签名或者盖章", ("party",)),
        ("代收人签名或者盖章", ("other",)),
        ("送达人", ("officer",)),
        ("记录人（签名）", ()),
        ("听证主持人（签名）", ()),
    ],
)
def test_whose_signature_belongs_where(label, kinds):
    assert glass.kinds_of(label) == kinds


def test_a_receipt_of_service_bears_the_recipient_s_and_the_servers_hands(bureau):
    data = {
        **CASE,
        "recipient": "示例一号运输有限公司",
        "papers": [{"name": "行政处罚决定书", "number_text": "示罚决〔2026〕第1号", "quantity": "1"}],
        "service_mode": "直接送达",
        "service_place": "示例路1号",
        "service_at": AT.isoformat(),
        "served_on": "2026-11-16",
        "signer": "王某某",
        "servers": "张某某、李某某",
    }
    signed = [
        given("party", "王某某"),
        given("officer", "张某某", seed=1),
        given("officer", "李某某", seed=2),
    ]
    assert pictures_of(pdf_of(bureau.draw("P27", data, signed=signed).id)) == 3
    # Words of the data never act as the form's own.
    hostile = pdf_of(bureau.draw("P27", {**data, "case_name": "见证人签名或者盖章"}, signed=signed).id)
    assert pictures_of(hostile) == 3
