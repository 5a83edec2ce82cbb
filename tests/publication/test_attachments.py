"""Files beside a disclosure go out clean or cleared; and nothing planted reaches any public byte."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.publication import api
from mingzhi.publication.errors import Leaks, NotClearable, WrongState
from mingzhi.publication.models import Attachment, Disclosure

from .conftest import AT, Bureau
from .leaky import docx, line, pdf, run

pytestmark = pytest.mark.django_db(databases="__all__")

BOXED = pdf(line("somebody else") + "0 g 15 92 200 24 re f ")


@pytest.fixture
def add(settings: Any, tmp_path: Any) -> Callable[..., int]:
    settings.FILES_ROOT = tmp_path / "files"

    def put(pk: int, by: Any, data: bytes = BOXED, name: str = "决定书.pdf") -> int:
        file = files.put_bytes(data, name=name, at=AT)
        return api.attachments.attachment_add(disclosure_id=pk, file=file, by=by, at=AT)

    return put


def test_a_file_with_a_boxed_text_goes_out_only_when_another_person_cleared_it(
    bureau: Bureau, snapshot, add
) -> None:
    pk = bureau.schedule(snapshot())
    attachment = add(pk, bureau.all_three)
    with pytest.raises(Leaks) as refused:
        api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    assert "看不见的文字" in refused.value.sentence and "somebody" not in refused.value.sentence
    with pytest.raises(Invalid):
        api.attachments.attachment_clear(attachment_id=attachment, reason=" ", by=bureau.checker, at=AT)
    with pytest.raises(NotAllowed):
        api.attachments.attachment_clear(attachment_id=attachment, reason="可以", by=bureau.all_three, at=AT)
    with pytest.raises(NotFound):
        api.attachments.attachment_clear(attachment_id=attachment, reason="可以", by=bureau.stranger, at=AT)
    api.attachments.attachment_clear(
        attachment_id=attachment, reason="系装饰图形，下面是页眉文字", by=bureau.checker, at=AT
    )
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    history = api.disclosure_view(bureau.checker, pk, on=AT.date()).history
    told = next(e for e in history if e.kind == "leak_cleared")
    assert (told.by, "系装饰图形" in told.reason) == (bureau.checker.name, True)
    listed = api.public_decision(pk).content["attachments"]
    client = Client()
    url = f"/decisions/{pk}/files/{listed[0]['sha256']}"
    answer = client.get(url)
    assert answer.status_code == 200 and b"".join(answer.streaming_content) == BOXED
    assert listed[0]["sha256"] in client.get(f"/decisions/{pk}/").content.decode()
    assert client.get(f"/decisions/{pk}/files/{'0' * 64}").status_code == 404
    api.disclosure_withdraw(disclosure_id=pk, reason="决定已撤销", basis="行政处罚法第四十八条第二款", by=bureau.publisher, at=AT)  # fmt: skip
    assert client.get(url).status_code == 404


def test_what_the_case_recorded_as_secret_is_cleared_by_nobody(bureau: Bureau, snapshot, add) -> None:
    pk = bureau.schedule(snapshot(secrets=("6222021234567890128",)))
    attachment = add(pk, bureau.collector, docx(run("账号6222 0212 3456 7890 128")), "说明.docx")
    with pytest.raises(NotClearable):
        api.attachments.attachment_clear(attachment_id=attachment, reason="可以", by=bureau.checker, at=AT)
    api.attachments.attachment_remove(attachment_id=attachment, by=bureau.collector, at=AT)
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    assert "attachments" not in Disclosure.objects.get(pk=pk).draft
    with pytest.raises(WrongState):
        add(pk, bureau.collector)


def test_a_secret_behind_hundreds_of_other_findings_is_cleared_by_nobody_either(
    bureau: Bureau, snapshot, add
) -> None:
    pk = bureau.schedule(snapshot(secrets=("6222021234567890128",)))
    phones = "，".join(f"1380013{n:04d}" for n in range(300))
    attachment = add(pk, bureau.collector, docx(run(phones) + run("账号6222021234567890128")), "名单.docx")
    with pytest.raises(NotClearable):
        api.attachments.attachment_clear(attachment_id=attachment, reason="可以", by=bureau.checker, at=AT)


def test_findings_are_ciphertext_and_the_database_refuses_adder_as_clearer(
    bureau: Bureau, snapshot, add
) -> None:
    pk = bureau.schedule(snapshot())
    data = docx(run("联系王示例，13800138000"))
    attachment = add(pk, bureau.collector, data, "说明.docx")
    with connection.cursor() as cursor:
        cursor.execute("SELECT findings FROM publication_attachment")
        assert "13800138000" not in cursor.fetchone()[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=attachment).update(cleared_by="person:101", added_by="person:101")
    with pytest.raises(Invalid):
        add(pk, bureau.collector, data, "另名.docx")


def test_a_newer_source_that_knows_more_is_looked_for_anew(bureau: Bureau, snapshot, add) -> None:
    pk = bureau.schedule(snapshot())
    add(pk, bureau.collector, docx(run("经办：赵 示 例")), "说明.docx")
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    api.disclosure_correct(
        disclosure_id=pk, reason="补充第三人", snapshot=snapshot(third_persons=("赵示例",)), by=bureau.collector, at=AT
    )  # fmt: skip
    with pytest.raises(Leaks):
        api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)


def test_a_public_reason_holds_nobodys_data(bureau: Bureau, snapshot) -> None:
    pk = bureau.published(snapshot())
    for reason in ("致电13800138000核实", "王 示 例提出异议"):
        with pytest.raises(Invalid):
            api.disclosure_correct(disclosure_id=pk, reason=reason, by=bureau.collector, at=AT)
        with pytest.raises(Invalid):
            api.disclosure_withdraw(disclosure_id=pk, reason=reason, basis="依据", by=bureau.publisher, at=AT)
    other = bureau.schedule(snapshot(number="湛霞综执罚决字〔2026〕第13号"))
    assert other


ID, PHONE, ACCOUNT = "11010519491231002X", "13912345678", "6222021234567890128"
HOME = "示例市霞山区人民大道南12号3栋402室"
THIRD = ("欧阳示例", "买买提·示例", "孙小示")
SPELLINGS: list[Callable[[str], str]] = [
    lambda s: s,
    lambda s: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in s),
    " ".join,
    lambda s: s[: len(s) // 2] + "\n" + s[len(s) // 2 :],
    lambda s: s[:3] + "\u200b" + s[3:],
]


def test_nothing_planted_reaches_any_public_byte(bureau: Bureau, snapshot, sequenced) -> None:
    """Every public rendition of every disclosure: page, lists, search, JSON, feeds, receipts, headers."""
    rng, client, plants, made = random.Random(7), Client(), [ID, PHONE, ACCOUNT, *THIRD], []
    for n, spell in enumerate(SPELLINGS):
        words = {p: spell(p) for p in plants}
        facts = (
            f"经查，{words[THIRD[0]]}与{words[THIRD[1]]}在场，身份证号码{words[ID]}，"
            f"联系电话{words[PHONE]}，住址：{HOME}，银行账号{words[ACCOUNT]}。证人{words[THIRD[2]]}。"
        )
        changes = {
            "number": f"湛霞综执罚决字〔2026〕第{n + 50}号",
            "third_persons": THIRD,
            "secrets": (ID, PHONE, ACCOUNT, HOME),
            rng.choice(["facts", "content", "basis"]): facts,
            "title": f"{words[THIRD[0]]}等随意倾倒建筑垃圾",
        }
        made.append(bureau.schedule(snapshot(**changes)))
        summary = f"{words[THIRD[2]]}（{words[PHONE]}）反映的问题已处理。"
        api.disclosure_collect(disclosure_id=made[-1], summary=summary, by=bureau.collector, at=AT)
        api.disclosure_check(disclosure_id=made[-1], by=bureau.checker, at=AT)
        api.disclosure_publish(disclosure_id=made[-1], by=bureau.publisher, at=AT)
    sequenced(AT)
    api.feed.place(at=AT)
    pages = [
        "/",
        "/decisions/",
        "/decisions/?q=建筑垃圾",
        "/decisions/?q=罚款",
        "/parties/91110000600037341L/",
    ]
    pages += [
        "/feed/events.json",
        "/feed/atom.xml",
        "/feed/inventory.json",
        "/feed/",
        "/api/public/decisions?q=建筑垃圾",
    ]
    for pk in made:
        pages += [f"/decisions/{pk}/{tail}" for tail in ("", "text", "bundle", "receipt", "qr.svg")]
        pages += [f"/api/public/decisions/{pk}", f"/decisions/{pk}/correction/"]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        text = "".join(answer.content.decode().split()).replace("\u200b", "") + str(answer.headers)
        text = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
        left = [p for p in [ID, PHONE, ACCOUNT, *THIRD, "3栋402室"] if p in text]
        assert not left, (page, left)
    assert ledger.latest() is not None
