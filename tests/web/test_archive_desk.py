"""The archive desk: from a closed case to a package that proves itself, every page as its people see it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import lxml.html
import pypdfium2
import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers import jobs, models
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger.sequencer import open_log
from mingzhi.ledger.verify_package import verify_package
from mingzhi.web.demo.drive import Drive
from tests.dossiers.transfer_desk import ARCHIVE
from tests.dossiers.transfer_desk import Desk as Room

pytestmark = pytest.mark.django_db(databases="__all__")
Desk = Callable[..., Client]
Freeze = Callable[..., None]


def words(response: object) -> str:
    tree = lxml.html.fromstring(response.content.decode())  # type: ignore[attr-defined]
    for gone in tree.xpath("//script"):
        gone.drop_tree()
    return " ".join(tree.text_content().split())


@pytest.fixture
def closed(drive: Callable[..., Drive]) -> Drive:
    case = drive()
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    case.serve("P18", "decision_serve")
    case.pay()
    case.close()
    return case


def work(case: Drive) -> None:
    """What the worker would do meanwhile."""
    ledger.sequence(at=case.at)
    for row in models.Making.objects.filter(state="waiting").order_by("pk"):
        jobs.making(row.pk, at=case.at)


def test_a_closed_case_is_archived_bound_packed_and_proves_itself(
    closed: Drive, desk: Desk, freeze: Freeze, tmp_path: object
) -> None:
    open_log(at=closed.at)
    freeze(closed.at)
    archivist = desk("archivist")
    listed = archivist.get("/desk/archive/")
    assert "齐全，可归档" in words(listed)
    one = f"/desk/archive/{closed.id}/"
    assert "卷内材料齐全，可以归档" in words(archivist.get(one))
    closed.step("archive", "archivist", importance="important")
    work(closed)
    page = words(archivist.get(one))
    assert "永久" in page and "移交档案馆" in page and f"{closed.at.year}-0001" in page
    for kind in ("both", "package"):
        assert archivist.post(one, {"act": "make", "kind": kind}).status_code == 302
    assert "正在后台制作" in words(archivist.get(one))
    work(closed)
    bound, packed = (models.Making.objects.get(kind=k, dossier_id=closed.id) for k in ("both", "package"))
    refused = archivist.post(f"{one}made/{bound.pk}/", {"purpose": ""})
    assert refused.status_code == 422
    pdf = archivist.post(f"{one}made/{bound.pk}/", {"purpose": "装订存档"})
    assert pdf["Content-Type"] == "application/pdf"
    assert len(pypdfium2.PdfDocument(b"".join(pdf.streaming_content))) > 10
    got = archivist.post(f"{one}made/{packed.pk}/", {"purpose": "移交区档案馆"})
    data = b"".join(got.streaming_content)
    assert "bagit.txt" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    path = files.path(packed.file_id or 0)
    assert verify_package(path, vkeys=[ledger.verifier_key()]).ok
    told = ledger.attempts(subject=f"dossier:{closed.id}", act="dossier:exported")
    assert [a.purpose for a in told] == ["移交区档案馆", "装订存档"]
    report = archivist.get(f"{one}made/{packed.pk}/report/")
    assert "检测通过" in words(report) and "真实性" in words(report)
    paper = archivist.get(f"{one}made/{packed.pk}/report/?pdf=1")
    text = pypdfium2.PdfDocument(paper.content)[0].get_textpage().get_text_bounded()
    assert "四性检测报告" in text and "检测结论" in text


def test_what_is_missing_is_told_with_its_law_and_the_way_to_mend_it(
    closed: Drive, desk: Desk, freeze: Freeze
) -> None:
    from mingzhi.documents import api as documents

    paper = next(p for p in documents.papers(closed.id) if p.template == "P11")
    documents.void(paper_id=paper.id, reason="填写有误", by=closed.by("leader"), at=closed.at)
    freeze(closed.at)
    archivist = desk("archivist")
    assert "缺 1 项" in words(archivist.get("/desk/archive/"))
    page = archivist.get(f"/desk/archive/{closed.id}/")
    assert "缺少案件调查终结报告" in words(page) and "第五十七条" in words(page)
    links = lxml.html.fromstring(page.content.decode()).xpath("//ul[@class='reasons']//a/@href")
    assert links == [f"/desk/cases/{closed.id}/?tab=papers"]


def test_hold_loan_supplement_and_secrecy_are_entered_on_the_dossier_s_page(
    closed: Drive, desk: Desk, freeze: Freeze
) -> None:
    closed.step("archive", "archivist", importance="important")
    work(closed)
    freeze(closed.at)
    archivist, one = desk("archivist"), f"/desk/archive/{closed.id}/"
    wrong = archivist.post(one, {"act": "hold", "source": "accident", "reason": ""})
    assert wrong.status_code == 422 and "请写明暂缓处置的理由" in words(wrong)
    archivist.post(one, {"act": "hold", "source": "accident", "reason": "某某路段事故调查"})
    hold = models.Hold.objects.get()
    assert "暂缓处置期间不计算" in words(archivist.get(one)) or "生效中" in words(archivist.get(one))
    archivist.post(one, {"act": "lift", "hold": hold.pk, "lift_reason": "调查终结"})
    due = clock.local_date(closed.at) + timedelta(days=7)
    archivist.post(
        one,
        {
            "act": "lend",
            "volume": "main",
            "borrower": "某某法官",
            "unit": "某某区人民法院",
            "purpose": "审理行政案件",
            "due_on": due.isoformat(),
        },
    )
    assert "某某区人民法院" in words(archivist.get("/desk/archive/?tab=lent"))
    loan = models.Loan.objects.get()
    archivist.post(one, {"act": "make", "kind": "main", "loan": loan.pk})
    assert models.Making.objects.get(kind="main").mark.startswith("仅供某某区人民法院某某法官")
    freeze(closed.at + timedelta(days=9))
    assert "逾期未还" in words(archivist.get("/desk/archive/?tab=lent"))
    archivist.post(one, {"act": "return", "loan": loan.pk, "condition": "完好"})
    scan = SimpleUploadedFile("回证.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")
    archivist.post(
        one,
        {"act": "supplement", "title": "补充送达回证", "volume": "main", "reason": "邮局迟送", "file": scan},
    )
    assert "归档后补充" in words(archivist.get(one))
    archivist.post(one, {"act": "secrecy", "secrecy": "trade", "reason": "含当事人报价资料"})
    assert "涉及商业秘密" in words(archivist.get(one))


def test_a_list_is_made_opined_approved_by_two_and_carried_out_over_the_pages(
    closed: Drive, desk: Desk, freeze: Freeze
) -> None:
    closed.step("archive", "archivist", importance="general", reason="标的较小，按一般掌握")
    work(closed)
    freeze(closed.at.replace(year=closed.at.year + 32))
    archivist, leader, deputy = desk("archivist"), desk("leader"), desk("deputy")
    page = words(archivist.get("/desk/archive/lists/"))
    assert "没有销毁清册" in page and f"{closed.at.year}-0001" in page
    unticked = archivist.post("/desk/archive/lists/", {"reason": "保管期限届满"})
    assert unticked.status_code == 422 and " checked" not in unticked.content.decode(), "nothing ticks itself"
    made = archivist.post("/desk/archive/lists/", {"dossier": closed.id, "reason": "保管期限届满"})
    url = made["Location"]
    assert "当前没有由您办理的事项" in words(leader.get(url)), "no opinion yet"
    line = models.DestructionLine.objects.get()
    archivist.post(
        url, {"act": "opine", "line": line.pk, "opinion": "destroy", "opinion_reason": "无查考价值"}
    )
    refused = archivist.post(url, {"act": "carry_out"})
    assert refused.status_code == 409 and "尚未经机关负责人和复核人同意" in words(refused)

    def read(who: Client) -> dict[str, str]:
        seen = re.search(r'name="seen" value="(\w+)"', who.get(url).content.decode())
        assert seen is not None
        return {"approved": "yes", "seen": seen[1]}

    before = read(leader)
    archivist.post(
        url, {"act": "opine", "line": line.pk, "opinion": "destroy", "opinion_reason": "已无利用价值"}
    )
    for stale in (before, {**before, "seen": ""}):
        assert leader.post(url, {"act": "leader", **stale}).status_code == 409, "an opinion was given anew"
    now = read(leader)
    assert leader.post(url, {"act": "leader", **now}).status_code == 302
    assert leader.post(url, {"act": "second", **now}).status_code == 403, "the same person"
    assert deputy.post(url, {"act": "second", **read(deputy)}).status_code == 302
    assert archivist.post(url, {"act": "carry_out"}).status_code == 302
    assert "已办结" in words(archivist.get(url))
    gone = words(archivist.get(f"/desk/archive/{closed.id}/"))
    assert "本卷文件已依法销毁" in gone
    paper = models.Sealing.objects.get().archive.dossier
    from mingzhi.documents import api as documents

    first = documents.papers(paper.pk)[0]
    looked = desk("officer1").get(f"/desk/cases/{paper.pk}/papers/{first.id}/")
    assert looked.status_code == 410 and "依法销毁" in words(looked)


HEADS = "归档号,案卷题名,当事人,结案日期,卷别,件题名,日期,页数,文件名\n"


def a_scan(pages: int = 2) -> bytes:
    pdf = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        pdf.new_page(595, 842)
    buffer = io.BytesIO()
    pdf.save(buffer)
    return buffer.getvalue()


def upload(client: Client, table: str, act: str, *names: str) -> object:
    return client.post(
        "/desk/archive/scans/",
        {
            "act": act,
            "index": SimpleUploadedFile("目录.csv", table.encode("utf-8-sig")),
            "scans": [SimpleUploadedFile(n, a_scan(), "application/pdf") for n in names],
        },
    )


def test_scanned_files_come_in_by_their_index_and_a_wrong_cell_is_named(
    closed: Drive, desk: Desk, freeze: Freeze
) -> None:
    freeze(closed.at)
    archivist = desk("archivist")
    wrong = (
        HEADS
        + "2015-0007,某某占道案,示例公司,2015年13月1日,正卷,决定书,2015-06-01,3,a.pdf\n2015-0007,另一案,示例公司,2015-07-01,中卷,回证,2015-06-09,,missing.pdf\n"
    )
    told = words(upload(archivist, wrong, "take", "a.pdf"))
    for cell in ("D2", "H2", "B3", "E3", "I3"):
        assert cell in told, cell
    assert not models.HeldItem.objects.exists()
    good = (
        HEADS
        + "2015-0007,某某占道案,示例公司,2015-07-01,正卷,决定书,2015-06-01,2,a.pdf\n2015-0007,,,2015-07-01,副卷,调查报告,2015-05-20,,b.pdf\n"
    )
    good = good.replace("2015-0007,,,2015-07-01", "2015-0007,某某占道案,示例公司,2015-07-01")
    assert "检查通过：1 卷 2 件" in words(upload(archivist, good, "check", "a.pdf", "b.pdf"))
    assert not models.HeldItem.objects.exists()
    assert upload(archivist, good, "take", "a.pdf", "b.pdf").status_code == 302  # type: ignore[attr-defined]
    dossier = models.Dossier.objects.get(procedure="archive.held")
    view = dossiers.archive.archive_of(dossier.pk)
    assert view is not None and view.number == "2015-0007" and view.transfer_on == date(2025, 7, 1)
    assert (view.pages_main, view.pages_side) == (2, 2)
    assert "某某占道案" in words(archivist.get(f"/desk/archive/{dossier.pk}/"))
    assert "某某占道案" in words(archivist.get(f"/desk/cases/{dossier.pk}/"))
    assert "2015-0007 已被使用" in words(upload(archivist, good, "check", "a.pdf", "b.pdf"))


def test_the_register_of_cases_is_made_from_the_cases_and_exported(
    closed: Drive, desk: Desk, freeze: Freeze
) -> None:
    freeze(closed.at)
    officer = desk("officer1")
    page = words(officer.get("/desk/archive/ledger/"))
    assert "2,000.00 元" in page and "予以行政处罚" in page and "已结案" in page
    response = officer.get("/desk/archive/ledger/export/")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][1] == models.Dossier.objects.get(pk=closed.id).number
    assert rows[1][11] == 2000.0 and rows[1][13] == 2000.0
    assert "这一时期没有案件" in words(officer.get("/desk/archive/ledger/?since=2001-01-01&until=2001-02-01"))


def test_a_received_package_that_was_altered_is_shown_and_refused(
    closed: Drive, desk: Desk, freeze: Freeze
) -> None:
    freeze(closed.at)
    archivist = desk("archivist")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        out.writestr("../up.txt", "x")
    package = SimpleUploadedFile("包.zip", buffer.getvalue(), "application/zip")
    page = archivist.post("/desk/archive/receive/", {"act": "take", "package": package})
    assert page.status_code == 422 and "档案包不予接收" in words(page) and "路径跳转" in words(page)


@pytest.mark.parametrize("who", ["officer1", "reviewer", "collector"])
def test_people_who_do_not_archive_reach_no_archive_page(
    closed: Drive, desk: Desk, freeze: Freeze, who: str
) -> None:
    freeze(closed.at)
    client = desk(who)
    assert client.get(f"/desk/archive/{closed.id}/").status_code in (403, 404)
    for path in ("lists/", "scans/", "receive/"):
        assert client.get(f"/desk/archive/{path}").status_code == 403, path
    assert client.post(f"/desk/archive/{closed.id}/", {"act": "hold"}).status_code in (403, 404)


def test_a_dossier_goes_to_the_state_archive_over_the_pages_and_its_signed_receipt_closes_the_list(
    closed: Drive, desk: Desk, freeze: Freeze
) -> None:
    open_log(at=closed.at)
    freeze(closed.at)
    room = Room(closed.bureau, closed.at)
    one, two, young = room.old(), room.old(), room.old(years=2)
    archivist, leader, officer = desk("archivist"), desk("leader"), desk("officer1")
    pages = "/desk/archive/transfers/"
    listed = words(archivist.get(pages))
    assert "暂不能列入" not in listed and young.archive.number not in listed
    wrong = archivist.post(pages, {"dossier": [one.pk], "receiver": "", "description": ""})
    assert wrong.status_code == 422 and "请填写接收档案馆的全称" in words(wrong)
    given = {"dossier": [one.pk, two.pk], "receiver": "示例区档案馆", "description": "行政处罚案卷"}
    page = archivist.post(pages, given)["Location"]
    number = int(page.rstrip("/").rpartition("/")[2])
    assert officer.get(page).status_code == 403
    assert "同意移交" in words(leader.get(page)) and "同意移交" not in words(archivist.get(page))
    assert leader.post(page, {"act": "decide", "approved": "no", "note": ""}).status_code == 422
    leader.post(page, {"act": "decide", "approved": "yes"})
    assert "正在后台制作档案包" in words(archivist.get(page))
    room.work()
    ready = archivist.get(page)
    assert "检测通过" in words(ready) and "待移交" in words(ready)
    package = room.view(number).lines[0].package
    assert package is not None
    got = archivist.post(f"{page}files/{package.file_id}/")
    assert "2014" in got["Content-Disposition"] and b"".join(got.streaming_content)[:2] == b"PK"
    assert leader.post(f"{page}files/{package.file_id}/").status_code == 403
    assert ledger.attempts(subject=f"dossier:{one.pk}", act="dossier:exported")[0].purpose.startswith(
        "移交档案馆"
    )
    medium = {"medium": "disc", "medium_kind": "蓝光光盘", "medium_numbers": "001—002", "reviewer": "王某某"}
    assert archivist.post(page, {"act": "hand_over", **medium, "reviewer": ""}).status_code == 422
    archivist.post(page, {"act": "hand_over", **medium})
    assert "已移交，待登记回执" in words(archivist.get(page))
    for paper in ("list", "register"):
        assert archivist.get(f"{page}{paper}/").content.startswith(b"%PDF")
    note = room.receipt(number, 1)
    forged = SimpleUploadedFile("回执.txt", note.replace("馆-0", "馆-1").encode())
    refused = archivist.post(page, {"act": "signed", "note": forged, "vkey": str(ARCHIVE.verifier)})
    assert refused.status_code == 422 and "签名与内容不符" in words(refused)
    upload = SimpleUploadedFile("回执.txt", note.encode())
    archivist.post(page, {"act": "signed", "note": upload, "vkey": str(ARCHIVE.verifier)})
    done = words(archivist.get(page))
    assert "已办结" in done and "档案馆已接收" in done and "封面缺页" in done
    assert "本机关留存副本" in words(archivist.get(f"/desk/archive/{one.pk}/"))
    assert two.archive.number in words(archivist.get(pages)), "what came back is due again"
