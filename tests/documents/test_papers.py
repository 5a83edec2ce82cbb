"""A paper is checked, numbered once, kept for good, and can be proved."""

from __future__ import annotations

import io
import subprocess
import threading

import pypdfium2
import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from mingzhi.documents import actions, numbering, queries, signing, typeset
from mingzhi.documents import api as documents
from mingzhi.documents.data import Reserved, Signed
from mingzhi.documents.models import DocumentNumber, Paper, PaperFile, Service
from mingzhi.documents.pages import unsigned
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger import api as ledger
from mingzhi.outbox import api as outbox
from tests.conftest import ON_POSTGRES
from tests.documents.conftest import AT, DECISION, NOTICE, make_bureau
from tests.documents.test_service import GOOD, LATER
from tests.receipts import disclosed

pytestmark = pytest.mark.django_db(databases="__all__")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return "".join(text.split()).replace("\u200b", "").replace("\ufffe", "")


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- numbers ---------------------------------------------------------------------------------------


def test_numbers_run_per_word_and_start_again_each_year(bureau):
    assert bureau.draw("P18", DECISION).number == "示综执罚决字〔2026〕第1号"
    assert bureau.draw("P18", DECISION).number == "示综执罚决字〔2026〕第2号"
    assert bureau.draw("P13", NOTICE).number == "示综执罚告字〔2026〕第1号"
    later = AT.replace(year=2027, month=1, day=1, hour=0, minute=0)
    assert bureau.draw("P18", DECISION, at=later).number == "示综执罚决字〔2027〕第1号"


def test_the_spelling_of_numbers_is_the_bodys_choice(bureau):
    kw = {"body_id": bureau.body.id, "by": bureau.by, "at": AT}
    actions.number_style_set(use_di=False, pad=4, words={"P18": "处"}, **kw)
    assert bureau.draw("P18", DECISION).number == "示综执处字〔2026〕0001号"
    style = documents.number_styles(bureau.body, 2026)
    assert (style.use_di, style.pad, style.suffix) == (False, 4, "字")
    told = {p.code: p for p in style.papers}
    assert (told["P18"].own, told["P18"].example) == ("处", "示综执处字〔2026〕0012号")
    assert (told["P13"].own, told["P13"].example) == ("", "示综执罚告字〔2026〕0012号")
    for wrong, name in (
        ({"pad": 9}, "pad"),
        ({"pad": 0, "words": {"P18": "<b>"}}, "word_P18"),
        ({"pad": 0, "word_suffix": "号"}, "suffix"),
    ):
        with pytest.raises(Invalid) as refused:
            actions.number_style_set(**{"use_di": True, **wrong, **kw})
        assert set(refused.value.fields) == {name}


def test_a_number_whose_work_rolls_back_was_never_given_out(bureau):
    with pytest.raises(RuntimeError), transaction.atomic():
        bureau.draw("P18", DECISION)
        raise RuntimeError
    assert bureau.draw("P18", DECISION).number.endswith("第1号")


def test_a_voided_number_stays_in_the_register_and_is_not_used_again(bureau):
    paper = bureau.draw("P18", DECISION)
    documents.void(paper_id=paper.id, reason="当事人名称有误", by=bureau.by, at=AT)
    documents.void(paper_id=paper.id, reason="再次", by=bureau.by, at=AT)  # nothing changes
    assert bureau.draw("P18", DECISION).number.endswith("第2号")
    register = documents.numbers(bureau.body.id, year=2026)
    assert [(n.seq, n.voided, n.void_reason) for n in register] == [
        (1, True, "当事人名称有误"),
        (2, False, ""),
    ]
    assert documents.paper(paper.id).state == "voided"
    with pytest.raises(Invalid):
        documents.void(paper_id=paper.id + 1, reason=" ", by=bureau.by, at=AT)


def test_a_reserved_block_gives_each_number_once_and_the_desk_goes_on_after_it(bureau):
    block, first, last = documents.allot_block(
        body=bureau.body, template="P20", size=3, holder="移动终端示-01", by=bureau.by, at=AT
    )
    spot = {
        **DECISION, "occurred": "2026-11-16", "place": "某某路", "penalty_kinds": "罚款", "fine_fen": 20000,
    }  # fmt: skip
    assert (first, last) == (1, 3)

    def taken(seq, text="", code=""):
        return Reserved(block, seq, text or f"示综执当罚字〔2026〕第{seq}号", code)

    assert bureau.draw("P20", spot).number.endswith("第4号")
    assert bureau.draw("P20", spot, reserved=taken(2)).number == "示综执当罚字〔2026〕第2号"
    with pytest.raises(Invalid, match="number_used"):
        bureau.draw("P20", spot, reserved=taken(2))
    with pytest.raises(Invalid, match="outside_block"):
        bureau.draw("P20", spot, reserved=taken(9))
    with pytest.raises(Invalid, match="number_text"):
        bureau.draw("P20", spot, reserved=taken(3, "示综执当罚字〔2026〕第33号"))
    with pytest.raises(Invalid, match="number_year"):
        bureau.draw("P20", {**spot, "drawn_on": "2027-01-02"}, reserved=taken(3))
    documents.block_number_void(block_id=block, seq=3, body=bureau.body, reason="污损", by=bureau.by, at=AT)
    with pytest.raises(Invalid, match="number_used"):
        bureau.draw("P20", spot, reserved=taken(3))


def test_a_block_handed_back_leaves_every_number_of_it_explained(bureau):
    block, *_ = documents.allot_block(
        body=bureau.body, template="P20", size=3, holder="person:1 示-01", by=bureau.by, at=AT
    )
    spot = {
        **DECISION, "occurred": "2026-11-16", "place": "某某路", "penalty_kinds": "罚款", "fine_fen": 20000,
    }  # fmt: skip
    used = Reserved(block, 2, "示综执当罚字〔2026〕第2号", "ABCDEFGHIJKLMNOP")
    assert documents.paper(bureau.draw("P20", spot, reserved=used).id).code == "ABCDEFGHIJKLMNOP"
    (view,) = documents.blocks(bureau.body.id, holder="person:1 示-01", year=2026)
    assert (view.free, view.texts[0]) == ((1, 3), "示综执当罚字〔2026〕第1号")
    back = {"block_id": block, "body": bureau.body, "reason": "设备停用，交回", "by": bureau.by, "at": AT}
    assert documents.block_return(**back) == 2
    assert documents.block_return(**back) == 0
    register = documents.numbers(bureau.body.id, year=2026)
    assert [(n.seq, n.void_reason) for n in register] == [
        (1, "设备停用，交回"),
        (2, ""),
        (3, "设备停用，交回"),
    ]


def test_brackets_are_six_angled():
    text = numbering.written("示综执罚决字", 2026, 12, numbering.Style())
    assert "\u3014" in text and "\u3015" in text and text == "示综执罚决字〔2026〕第12号"


@pytest.mark.postgres
@pytest.mark.django_db(databases="__all__", transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite in memory has one connection")
def test_numbers_under_threads_are_unique_and_gapless(keys):
    bureau = make_bureau()

    def work() -> None:
        try:
            for n in range(10):
                try:
                    with transaction.atomic():
                        bureau.draw("P18", DECISION)
                        if n % 5 == 4:
                            raise RuntimeError
                except RuntimeError:
                    pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(DocumentNumber.objects.values_list("seq", flat=True)) == list(range(1, 49))


# --- the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "data"), [("P18", DECISION), ("P13", NOTICE), ("P13H", NOTICE)])
def test_the_page_says_what_the_data_says(bureau, code, data):
    paper = bureau.draw(code, data)
    text = text_of(documents.page(paper.id, at=AT))
    for key in ("party_name", "facts", "basis", "violated", "discretion", "penalty"):
        assert squeezed(str(data[key])) in text.replace("\n", ""), key
    assert squeezed(paper.number) in text
    assert "示例市城市管理和综合执法局" in text and "2026年11月16日" in text
    assert "第1页共" in text
    if code == "P18":
        assert "向示例市人民政府申请行政复议" in text and "向示例市人民法院提起行政诉讼" in text
        assert "伍仟元整" in text and "示例银行某某支行" in text


def test_fonts_are_embedded_and_rare_names_print(bureau, tmp_path):
    data = {**DECISION, "representative": "喆某䶮"}
    pdf = documents.page(bureau.draw("P18", data).id, at=AT)
    assert "喆某䶮" in text_of(pdf)
    path = tmp_path / "p.pdf"
    path.write_bytes(pdf)
    try:
        listing = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("poppler-utils 未安装")
    rows = [line.split() for line in listing.splitlines()[2:]]
    assert rows and all(row[-5] == "yes" for row in rows)


def test_the_same_paper_gives_the_same_bytes_before_signing(bureau):
    row = Paper.objects.select_related("template", "body").get(pk=bureau.draw("P18", DECISION).id)
    first = unsigned(row)
    assert first == unsigned(row)
    assert b"pdfaid" in first  # PDF/A


def test_the_page_is_made_once(bureau):
    paper = bureau.draw("P18", DECISION)
    assert documents.paper(paper.id).state == "drawn"
    file_id = documents.render(paper.id, at=AT)
    assert documents.render(paper.id, at=LATER) == file_id
    assert PaperFile.objects.count() == 1
    view = documents.paper(paper.id)
    assert view.state == "rendered" and view.pages in {2, 3} and len(view.sha256) == 64


def test_the_worker_renders_what_committed(bureau, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        paper = bureau.draw("P18", DECISION)
    outbox.run_due(AT, 10)
    assert documents.paper(paper.id).state == "rendered"


def test_a_preview_has_no_number_no_seal_and_keeps_nothing(bureau):
    pdf = documents.preview(template="P18", data=DECISION, body=bureau.body, at=AT)
    text = text_of(pdf)
    assert "预" in text and "文号待编" in text and "第1号" not in text
    assert not Paper.objects.exists() and not DocumentNumber.objects.exists()
    assert b"/ByteRange" not in pdf
    assert documents.preview(template="P18", data={}, body=bureau.body, at=AT).startswith(b"%PDF")


INJECTIONS = (
    '#read("/etc/passwd")', '#import "@preview/x:1.0.0"', "#sys.inputs", "$x^2$ *粗* _斜_ `码` @某 <某>", "{{案由}}", "{% raw %}{{ 7*7 }}",
    "【如有 案由】甲【完】", "【签名 局长】", "| 甲 | 乙 |", "# 标题", "<script>alert(1)</script>", "\\u{41} \\ // 注释 /* 注释 */", "---",
)  # fmt: skip


@pytest.mark.parametrize("poison", INJECTIONS)
def test_what_people_type_is_printed_and_never_run(bureau, poison):
    data = {
        **DECISION,
        "facts": f"甲方称：{poison}。乙",
        "evidence": [{"name": poison, "proves": poison}],
        "party_name": poison,
    }
    text = text_of(documents.page(bureau.draw("P18", data).id, at=AT))
    assert f"甲方称：{squeezed(poison)}。乙" in text
    table = {
        "original_title": "某书",
        "original_number": "1",
        "errors_found": [{"wrong": poison, "right": "<"}],
    }
    assert squeezed(poison) in text_of(documents.page(bureau.draw("P30", {**DECISION, **table}).id, at=AT))


def test_typesetting_reaches_no_file():
    import typst

    with pytest.raises(typst.TypstError):
        typeset._compiler().compile(b'#read("/etc/hostname")', format="pdf")
    with pytest.raises(typst.TypstError):
        typeset._compiler().compile(b'#read("manage.py")', format="pdf")


# --- proof -----------------------------------------------------------------------------------------


def validated(pdf: bytes, keys):
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    reader = PdfFileReader(io.BytesIO(pdf))
    root = load_cert_from_pemder(str(keys / "papers" / "ca.crt"))
    return validate_pdf_signature(reader.embedded_signatures[0], ValidationContext(trust_roots=[root]))


def test_the_signature_validates_and_a_flipped_byte_does_not(bureau, keys):
    pdf = documents.page(bureau.draw("P18", DECISION).id, at=AT)
    status = validated(pdf, keys)
    assert status.intact and status.valid and status.trusted
    assert (keys / "papers" / f"body-{bureau.body.id}.key").stat().st_mode & 0o077 == 0
    flipped = bytearray(pdf)
    flipped[len(pdf) // 4] ^= 1
    try:
        assert not validated(bytes(flipped), keys).intact
    except Exception as error:  # noqa: BLE001 — broken so badly that it cannot even be read
        assert not isinstance(error, AssertionError)


def test_a_bureau_installs_its_own_certificate(bureau, keys, tmp_path):

    documents.page(bureau.draw("P18", DECISION).id, at=AT)
    key = (keys / "papers" / f"body-{bureau.body.id}.key").read_bytes()
    chain = (keys / "papers" / f"body-{bureau.body.id}.crt").read_bytes()
    mark = signing.install_certificate(body_id=99, key_pem=key, chain_pem=chain, at=AT)
    assert (
        signing.sign_pdf(unsigned(Paper.objects.get()), body_id=99, body_name="某局", reason="试", at=AT)[1]
        == mark
    )
    other = (keys / "papers" / "ca.key").read_bytes()
    for bad in ({"key_pem": other}, {"key_pem": b"x"}, {"at": AT.replace(year=2099)}):
        with pytest.raises(Invalid):
            signing.install_certificate(
                **{"body_id": 99, "key_pem": key, "chain_pem": chain, "at": AT, **bad}
            )


def test_the_code_on_the_paper_opens_its_proof_and_nothing_of_the_party(bureau):
    paper = bureau.draw("P18", DECISION)
    assert ledger.public_proof(paper.code) is None  # no page yet
    documents.page(paper.id, at=AT)
    ledger.sequence(at=AT)
    proof = ledger.public_proof(typeset.spelled(paper.code).lower())
    assert proof.number == paper.number and proof.sha256 == documents.paper(paper.id).sha256
    assert proof.receipt and proof.bundle
    told = disclosed(proof.bundle)
    assert "示例一号" not in str(told)
    assert told["file_sha256"] == proof.sha256
    documents.void(paper_id=paper.id, reason="事实有误", by=bureau.by, at=LATER)
    assert ledger.public_proof(paper.code).void_reason == "事实有误"
    assert ledger.public_proof("A" * 16) is None


def test_ledger_kinds_recompute_from_live_rows(bureau):
    paper = bureau.draw("P18", DECISION)
    documents.page(paper.id, at=AT)
    documents.serve(paper_id=paper.id, mode="direct", facts=GOOD["direct"], by=bureau.by, at=LATER)
    second = bureau.draw("P18", DECISION)
    documents.void(paper_id=second.id, reason="重复", by=bureau.by, at=AT)
    documents.sign(
        paper_id=paper.id,
        signed=Signed("party", "王某某", "refused", AT, note="拒签，见证人赵某某"),
        by=bureau.by,
        at=AT,
    )
    actions.number_style_set(body_id=bureau.body.id, use_di=False, pad=0, by=bureau.by, at=AT)
    documents.allot_block(body=bureau.body, template="P20", size=2, holder="示-01", by=bureau.by, at=AT)
    ledger.sequence(at=LATER)
    for subject in (f"paper:{paper.id}", f"paper:{second.id}"):
        for entry in ledger.entries_of(subject):
            assert ledger.bundle(entry.id), entry.kind
    # The fixture makes its bureau and dossier by hand; what this room wrote must be whole.
    assert not [f for f in ledger.fsck(processes=1).findings if f.kind.startswith("documents:")]
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_publicproof SET sha256 = 'x'")
    kinds = {e.kind for s in (f"paper:{paper.id}", f"paper:{second.id}") for e in ledger.entries_of(s)}
    assert kinds == {"documents:paper:drawn", "documents:paper:rendered", "documents:paper:voided"}


@pytest.mark.parametrize("table", ["paper", "paperfile", "service", "documentnumber"])
def test_what_was_issued_cannot_be_changed_in_the_database(bureau, table):
    paper = bureau.draw("P18", DECISION)
    documents.page(paper.id, at=AT)
    documents.serve(paper_id=paper.id, mode="direct", facts=GOOD["direct"], by=bureau.by, at=LATER)
    column = {"paper": "title", "paperfile": "sha256", "service": "mode", "documentnumber": "text"}[table]
    for statement in (f"UPDATE documents_{table} SET {column} = 'x'", f"DELETE FROM documents_{table}"):
        with (
            pytest.raises((IntegrityError, DatabaseError)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Service.objects.count() == 1


def test_party_data_is_not_readable_in_the_database(bureau):
    bureau.draw("P18", DECISION)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM documents_paper")
        assert "示例一号" not in cursor.fetchone()[0]


def test_drawing_costs_few_queries(bureau, django_assert_max_num_queries):
    bureau.draw("P18", {**DECISION, "case_number": "x"})
    with django_assert_max_num_queries(
        10
    ):  # template, style, number, register, paper, ledger, outbox, savepoint
        bureau.draw("P18", {**DECISION, "case_number": "x"})
    with django_assert_max_num_queries(2):
        documents.papers(bureau.dossier.pk)


def test_a_correction_names_what_it_corrects(bureau):
    paper = bureau.draw("P18", DECISION)
    notice = bureau.draw(
        "P30",
        {
            **DECISION,
            "original_title": "行政处罚决定书",
            "original_number": paper.number,
            "errors_found": [{"wrong": "甲", "right": "乙"}],
        },
        corrects=paper.id,
    )
    assert documents.paper(notice.id).corrects_id == paper.id
    assert documents.paper_by_number(bureau.body.id, paper.number).id == paper.id
    assert queries.paper_data(paper.id)["party_name"] == DECISION["party_name"]
