"""One penalty case through the pages, each step by the person whose step it is, from the clue to the
published decision and its proof without the server."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger.verify import Unproven, verify_bundle
from mingzhi.ledger.verify_command import verify
from mingzhi.web.demo.cast import made_picture, made_sound
from mingzhi.web.demo.drive import Bureau
from tests.receipts import disclosed, reopened
from tests.stories.by_hand import Moment, Page, Person
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")

PARTY, LEGAL_PERSON, MOBILE = "示例一号商贸有限公司", "林某某", "13800000000"
FOUND = "当事人未经批准，在示例路 1 号门前人行道堆放货物，占用城市道路面积约十二平方米。"


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    one = Moment(MONDAY)
    monkeypatch.setattr(clock, "now", one)
    return one


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    words = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return "".join(words.split())


def upload(who: Person, case: int, moment: Moment, **typed: object) -> None:
    """A real file through the form of the evidence tab."""
    kind = typed["kind"]
    sound = kind == "recording"
    title = str(typed["title"])
    page = who.submit(
        who.open(f"/desk/cases/{case}/?tab=evidence"),
        files={
            "file": (f"{title}.wav", made_sound(case, len(title)), "audio/wav")
            if sound
            else (f"{title}.png", made_picture(case, len(title)), "image/png")
        },
        captured_at=moment.ago(50),
        **({"ended_at": moment.ago(5), "full": True, "source": "执法记录仪"} if sound else {}),
        **typed,
    )
    assert page.status == 200 and "added=" in page.url, page.words[:1500]
    assert title in page.words


def serve(who: Person, case: int, moment: Moment, verb: str, paper: str) -> Page:
    moment.wait(hours=1)
    return who.step(
        case, verb, paper=paper, mode="direct", served_on=moment.today, place="当事人住所",
        officers=["张某甲", "李某丙"], receiver=LEGAL_PERSON, relation="本人",
    )  # fmt: skip


def test_a_case_from_the_clue_to_the_proof_of_its_decision(
    bureau: Bureau, moment: Moment, tmp_path: Path
) -> None:
    officer, leader, head, reviewer, reviewhead, collector, checker, publisher = (
        Person(n, moment).log_in()
        for n in (
            "officer1", "leader", "head", "reviewer", "reviewhead", "collector", "checker", "publisher",
        )
    )  # fmt: skip

    # The clue and the dossier.
    page = officer.submit(
        officer.open("/desk/clues/new/"),
        source="inspection",
        title="示例路 1 号门前有人占用人行道堆放货物",
        detail="巡查发现示例路 1 号门前人行道被货物占用，行人须绕行。",
        place="示例路 1 号门前人行道",
        occurred_on="2026-09-04",
        suspect=PARTY,
    )
    assert page.status == 200 and "已登记" in page.words
    page = officer.submit(
        officer.open(page.link("建立案卷")),
        title="涉嫌擅自占用城市道路案",
        item_code="urban.road-occupy",
        kind="legal",
        name=PARTY,
        credit_code="91440803MA0000001R",
        representative=LEGAL_PERSON,
        address="示例路 1 号",
        phone=MOBILE,
    )
    case = int(re.search(r"/desk/cases/(\d+)/", page.url)[1])  # type: ignore[index]
    assert "呈批立案" in page.section("next")

    # Filing.
    officer.step(
        case, "file_request", cause="涉嫌擅自占用城市道路案", source="inspection", item_code="urban.road-occupy",
        summary="巡查发现当事人未经批准在人行道上堆放货物，占用面积约十二平方米。", place="示例路 1 号门前人行道",
        act_began_on="2026-09-04", act_ended_on="2026-09-04", discovered_on="2026-09-04",
        officers=["张某甲", "李某丙"],
    )  # fmt: skip
    leader.step(case, "file_approve", opinion="同意立案。")

    # The investigation.
    moment.wait(days=1)
    upload(
        officer, case, moment, kind="recording", act="on_site_inspection", title="现场检查录像",
        statement=["time", "place", "officers", "act", "focus", "notice"],
    )  # fmt: skip
    upload(
        officer, case, moment, kind="evidence", title="现场照片", evidence_kind="audiovisual",
        purpose="证明擅自占用城市道路的事实",
    )  # fmt: skip
    there = {
        "place": "示例路 1 号门前人行道", "officers": ["张某甲", "李某丙"], "card_shown": True, "rights_told": True,
        "signature": "signed",
    }  # fmt: skip
    officer.step(
        case, "inspect", **there, began_at=moment.ago(45), ended_at=moment.ago(5), attendee=LEGAL_PERSON,
        attendee_role="现场负责人", findings=FOUND, party_opinion="对检查情况无异议。",
    )  # fmt: skip
    officer.step(case, "correct", act=FOUND, demand="立即停止违法行为，恢复原状")
    serve(officer, case, moment, "paper_serve", "责令")
    upload(
        officer, case, moment, kind="recording", act="questioning", title="询问录像",
        statement=["time", "place", "officers", "act", "focus", "notice"],
    )  # fmt: skip
    officer.step(
        case, "question", **{**there, "place": "本机关询问室"}, began_at=moment.ago(45), ended_at=moment.ago(5),
        respondent=LEGAL_PERSON, respondent_kind="party",
        record=f"问：请说明有关情况。\n答：{FOUND}\n问：以上是否属实？\n答：属实。",
    )  # fmt: skip
    officer.step(
        case, "evidence_verify", evidence=["现场照片"],
        conclusion="来源合法、内容真实，与本案事实相关联，予以采信。",
    )  # fmt: skip
    moment.wait(days=1)
    page = officer.step(
        case, "conclude", outcome="penalise", kinds=["03"], fine_yuan="2000", facts_found=FOUND,
        evidence_summary="现场检查笔录、照片、询问笔录。", law_violated="《城市道路管理条例》第二十七条",
        law_basis="《城市道路管理条例》第四十二条", factors="综合考虑违法行为的事实、性质、情节和社会危害程度。",
        reasons="当事人占用城市道路影响通行，已立即改正，危害较轻，依法应予处罚。", complex=True,
    )  # fmt: skip

    # The page says why this is a major decision, with the article.
    assert "本案属于重大执法决定" in page.words and "疑难复杂" in page.words
    assert "行政处罚法第五十八条" in page.words.replace("《", "").replace("》", "").replace(
        "中华人民共和国", ""
    )
    head.step(case, "unit_check", opinion="事实清楚，证据充分，同意处理意见。")

    # Nobody decides yet: every reason in one answer, and what the leader typed is still there.
    decision = {
        "outcome": "penalise", "kinds": ["03"], "fine_yuan": "2000", "opinion": "同意作出处罚决定。",
        "adoption": "当事人放弃陈述、申辩。",
    }  # fmt: skip
    page = leader.step_refused(case, "decide", **decision)
    assert page.status == 409
    for said in ("法制审核", "集体讨论", "告知", "第五十八条", "第五十七条", "第四十四条"):
        assert said in page.words, said
    assert "同意作出处罚决定。" in page.html
    assert "作出决定" in leader.open(f"/desk/cases/{case}/").section("next")

    # Legal review.
    page = officer.open(f"/desk/cases/{case}/do/review_submit/")
    officer.step(
        case, "review_submit", truthful=True,
        materials=re.findall(r'name="materials" value="([^"]+)"', page.html),
        statement="基本事实、适用依据、裁量基准执行情况和执法人员资格情况详见所附材料，请予审核。",
    )  # fmt: skip
    reviewhead.step(case, "review_accept", reviewer="吴某庚")
    page = reviewer.open(f"/desk/cases/{case}/do/review_opine/")
    checks = re.findall(r'name="checks-key" value="([^"]+)"', page.html)
    assert len(checks) >= 5
    reviewer.step(
        case, "review_opine", kind="agree", text="主体合法，事实清楚，证据充分，适用依据准确，程序合法，裁量适当。",
        **{f"checks-{code}-result": "合格" for code in checks},
    )  # fmt: skip

    # Notice, its service, and the party's waiver.
    officer.step(case, "notify", contact="承办人 0000-0000000")
    serve(officer, case, moment, "notice_serve", "告知书")
    moment.wait(days=1)
    officer.step(case, "statement", form="waived", made_on=moment.today, waiver_signed=True)

    # Discussion, and now the decision.
    people = {n: str(bureau.person(n, moment.now)) for n in ("deputy", "deputy2", "leader")}
    views = {f"views-{p}-agrees": "true" for p in people.values()}
    leader.step(
        case, "discuss", held_at=moment.ago(30), place="本机关会议室", chair="陈某甲", recorder="吴某庚",
        agreed=True, conclusion="同意拟处理意见。", **views,
        **{f"views-{p}-text": "同意承办机构的处理意见。" for p in people.values()},
    )  # fmt: skip
    leader.step(case, "decide", **decision)

    # The paper: numbered, signed, readable by machine.
    page = officer.open(f"/desk/cases/{case}/?tab=papers")
    number = re.search(r"湛霞城综\S*决字〔2026〕第?\d+号", page.words)[0]  # type: ignore[index]
    pdf = officer.client.get(page.link("行政处罚决定书")).content
    assert pdf.startswith(b"%PDF")
    words = text_of(pdf)
    assert number in words and PARTY in words and "城市道路管理条例" in words
    assert "二千元" in words or "贰仟元" in words or "2000" in words
    serve(officer, case, moment, "decision_serve", "决定书")

    # Disclosure: one collects, another checks, a third publishes.
    page = collector.open("/desk/disclosures/")
    assert number in page.words
    here = next(h for _t, h in page.links() if re.fullmatch(r"/desk/disclosures/\d+/", h))
    page = collector.submit(
        collector.open(here), button=("act", "collect"), summary="某公司因占用人行道堆放货物被罚款。"
    )
    assert page.status == 200, page.words[:800]
    assert not re.search(r'name="act" value="check"', collector.open(here).html)
    page = checker.submit(checker.open(here), button=("act", "check"))
    assert page.status == 200, page.words[:800]
    page = publisher.submit(publisher.open(here), button=("act", "publish"))
    assert page.status == 200, page.words[:800]
    assert ledger.sequence(at=moment()) > 0

    # Whoever searches finds it, without the personal information.
    citizen = Person("citizen", moment)
    page = citizen.open(f"/decisions/?q={PARTY}")
    assert number in page.words
    public = next(h for _t, h in page.links() if re.fullmatch(r"/decisions/\d+/", h))
    page = citizen.open(public)
    assert PARTY in page.words and number in page.words
    assert LEGAL_PERSON not in page.words and MOBILE not in page.words
    bundle = citizen.client.get(page.link("下载凭证")).content
    text = citizen.client.get(page.link("下载公示内容")).content
    key = citizen.client.get("/ledger/key").content.decode()
    assert verify_bundle(bundle, key.split(), text).file_field
    with pytest.raises(Unproven):
        verify_bundle(bundle, key.split(), text.replace(b"2000", b"1000", 1) + b" ")

    # The code printed on the paper says whose it is, and the paper is proven without the server.
    code = re.search(r"/desk/cases/\d+/papers/(\d+)/", officer.open(f"/desk/cases/{case}/?tab=papers").link("行政处罚决定书"))[1]  # type: ignore[index]  # fmt: skip
    prove_offline(citizen, int(code), pdf, key, number, tmp_path)


def prove_offline(citizen: Person, paper: int, pdf: bytes, key: str, number: str, folder: Path) -> None:
    from mingzhi.documents import api as documents

    code = documents.paper(paper).code
    assert code.replace("-", "") in text_of(pdf).replace("-", "")
    page = citizen.open(f"/verify/{code}")
    assert "登记在案" in page.words and number in page.words
    rendered = next(e for e in ledger.entries_of(f"paper:{paper}") if e.kind == "documents:paper:rendered")
    receipt = citizen.open(f"/verify/{code}/receipt").html
    assert receipt == ledger.bundle(rendered.id), "the page hands out the paper's own receipt"
    assert receipt is not None
    kept, beside, changed = folder / "决定书.pdf", folder / "决定书.tlog-proof", folder / "改动.pdf"
    kept.write_bytes(pdf)
    beside.write_text(receipt, "utf-8")
    flipped = bytearray(pdf)
    flipped[len(flipped) // 2] ^= 1
    changed.write_bytes(flipped)
    run = CliRunner().invoke
    told = run(verify, [str(kept), "--key", key])
    assert told.exit_code == 0 and "核验通过：文件与登记时完全一致" in told.output, told.output
    told = run(verify, [str(changed), "--receipt", str(beside), "--key", key])
    assert told.exit_code == 1 and "核验不通过" in told.output, told.output
    forged = folder / "伪造.tlog-proof"
    forged.write_text(
        reopened(receipt, {**disclosed(receipt), "number": "某某罚决字〔2026〕第999号"}), "utf-8"
    )
    told = run(verify, [str(kept), "--receipt", str(forged), "--key", key])
    assert told.exit_code == 1, told.output
