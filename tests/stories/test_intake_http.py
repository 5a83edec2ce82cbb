"""What citizens send in, through the pages: written without a log-in, handled at the desk, read by code."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from mingzhi.cases.models import Clue
from mingzhi.kernel import clock
from mingzhi.ledger.models import Attempt
from mingzhi.organisations import api as organisations
from mingzhi.publication import api as publication
from mingzhi.publication.data import PenaltySnapshot
from mingzhi.publication.models import Disclosure, Intake
from mingzhi.publication.models_intake import IntakeFile
from mingzhi.web.demo import letters_room
from mingzhi.web.demo.cast import made_picture
from mingzhi.web.demo.drive import Bureau
from tests.publication.conftest import Bureau as Disclosing
from tests.stories.by_hand import Moment, Page, Person
from tests.stories.conftest import MONDAY, bureau_for

pytestmark = pytest.mark.django_db(databases="__all__")
NAME, PHONE = "欧阳示例", "13900139000"
TEXT = "九月四日上午在示例路检查时没有出示证件，态度粗暴。"


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    one = Moment(MONDAY)
    monkeypatch.setattr(clock, "now", one)
    return one


@pytest.fixture
def citizen(bureau: Bureau, moment: Moment, settings: Any, tmp_path: Path) -> Person:
    settings.FILES_ROOT = tmp_path / "files"
    return Person("", moment)


def own_body() -> int:
    """The body that lives by the profile; others of its government stand beside it in the register."""
    return organisations.bodies(profile="xiashan-chengzong")[0].id


def receipt(page: Page) -> tuple[str, str]:
    assert page.status == 200, page.words[:500]
    return re.search(r"收\d{10}", page.words)[0], re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", page.words)[0]  # type: ignore[index]


def complained(citizen: Person, **changes: Any) -> tuple[str, str]:
    given = {
        "body": str(own_body()), "title": "检查时不出示证件", "text": TEXT + f"我是{NAME}，电话{PHONE}。",
        "against": "执法人员张某甲", "contact_name": NAME, "contact": PHONE,
    }  # fmt: skip
    return receipt(citizen.submit(citizen.open("/complaints/"), **given | changes))


def read(citizen: Person, number: str, code: str) -> Page:
    return citizen.submit(citizen.open("/progress/"), number=number, code=code)


def work(person: Person, pk: int, act: str, **typed: Any) -> Page:
    page = person.submit(person.open(f"/desk/intakes/{pk}/"), button=("act", act), **typed)
    assert page.status == 200, page.words[:900]
    return page


def people(moment: Moment, *names: str) -> list[Person]:
    return [Person(name, moment).log_in() for name in names]


def test_a_complaint_from_the_citizen_s_words_to_the_second_answer_never_reaches_whom_it_is_about(
    citizen: Person, moment: Moment
) -> None:
    number, code = complained(citizen)
    pk = Intake.objects.get(number=number).pk
    keeper, head, accused, head2, clerk = people(moment, "letters", "head", "officer1", "head2", "collector")
    url = f"/desk/intakes/{pk}/"
    for one in (head, accused, head2):
        assert one.client.get(url).status_code == 404, one.name
        assert number not in one.open("/desk/intakes/").words
        assert number not in one.open("/desk/").words
    assert number in keeper.open("/desk/").words
    seen = keeper.open(url)
    assert (
        "执法人员张某甲" in seen.words and "执法一" in seen.section("identity")
    ) or "查看用途" in seen.words
    assert PHONE not in seen.section("identity")

    # Not taken up is told only after a second person has looked at it.
    page = work(clerk, pk, "decline_draft", decline_draft_reason="该事项已经法院受理。")
    assert "正在等待另一人审核" in page.words and "法院" not in read(citizen, number, code).words
    (deputy,) = people(moment, "deputy")
    page = work(deputy, pk, "draft_no", draft_no_reason="法院没有受理此事")
    assert "退回拟稿" in page.words
    work(keeper, pk, "accept")

    # The sender is unsealed for a purpose, in that answer only; the window clerk may not.
    told = keeper.submit(keeper.open(url), button=("act", "unseal"), unseal_purpose="电话核实检查经过")
    assert PHONE in told.section("identity")
    assert PHONE not in keeper.open(url).section("identity")
    assert "专管员" in clerk.open(url).section("identity")
    answer = clerk.client.post(url, {"act": "unseal", "unseal_purpose": "想看一看"})
    assert answer.status_code == 403 and PHONE not in re.sub(
        r'(?s)<p class="pre">.*?</p>', "", answer.content.decode()
    )
    looks = Attempt.objects.filter(act="intake:identity").order_by("pk").values_list("outcome", "purpose")
    assert list(looks) == [("ok", "电话核实检查经过"), ("denied", "想看一看")]

    # The unit complained of gets the extract; the person complained of gets nothing.
    page = keeper.open(url)
    offered = re.search(r'(?s)<textarea id="ask_extract".*?>(.*?)</textarea>', page.html)[1]  # type: ignore[index]
    assert PHONE not in offered and NAME not in offered
    work(keeper, pk, "ask", ask_extract="有人反映九月四日示例路检查时没有出示证件，请说明。", ask_checked="1")
    assert accused.client.get(url).status_code == 404
    page = head.open(url)
    assert "有人反映九月四日" in page.words
    assert all(word not in page.html for word in (NAME, PHONE, "态度粗暴", "张某甲"))
    work(head, pk, "account", account_account="当日两名人员均已亮证，有录像可查。")

    # Charged to the other unit, which does not see who sent it either.
    work(keeper, pk, "assign", assign_unit=str(organisations.unit(_unit("officer3")).id))
    page = head2.open(url)
    assert "态度粗暴" in page.words and NAME not in page.html and PHONE not in page.html
    assert number in head2.open("/desk/").words
    page = work(head2, pk, "draft", draft_reply="经查看录像，两名人员均已出示证件，未发现态度粗暴。")
    assert "待核实" in url_of_rule(keeper) and "正在等待另一人审核" in page.words
    assert 'value="draft_yes"' not in page.html and "经查看录像" not in read(citizen, number, code).words
    (leader,) = people(moment, "leader")
    assert number in keeper.open("/desk/").words
    work(deputy, pk, "draft_yes")

    page = read(citizen, number, code)
    assert "经查看录像" in page.words and "对答复不满意" in page.words
    page = citizen.submit(page, button=("act", "rate"), mark="不满意")
    assert "感谢您的评价" in page.words
    (counter,) = people(moment, "keeper")
    figures = counter.open(f"/desk/statistics/{own_body()}/2026/").words
    assert "公众来件评价满意、基本满意0.0%（0/1）" in figures
    page = citizen.submit(page, button=("act", "reopen"), reason="录像是从中间开始的，没有亮证那一段")
    assert "重新办理" in page.words
    refused = head2.open(url)
    assert 'value="draft"' not in refused.html, "who answered before does not answer again"
    work(keeper, pk, "draft", draft_reply="经核对录像，未见异常。")
    work(leader, pk, "draft_no", draft_no_reason="请调取亮证那一段")
    assert "请调取亮证那一段" in keeper.open(url).words
    work(keeper, pk, "draft", draft_reply="经核对全部录像，确未亮证，已对其批评教育。")
    work(leader, pk, "draft_yes")
    page = read(citizen, number, code)
    assert "经查看录像" in page.words and "批评教育" in page.words
    assert "要求重新办理一次" not in page.words
    assert "不满意 1 件" not in keeper.open("/desk/intakes/").words, (
        "the mark of the first answer went with it"
    )


def test_a_late_complaint_about_the_leader_is_not_among_the_leader_s_warnings(
    bureau: Bureau, citizen: Person, moment: Moment
) -> None:
    publication.letters.term_set(
        kind="complaint", stage="reply", days=2, working=True, valid_from=clock.local_date(moment()),
        citation="某局投诉举报办理规定第五条", by=bureau.actor("keeper", moment()), at=moment(),
    )  # fmt: skip
    number, _code = complained(citizen, against="陈某甲")
    moment.wait(days=9)
    keeper, leader = people(moment, "letters", "leader")
    assert "收" in keeper.open("/desk/intakes/?late=1").words and number in keeper.open("/desk/").words
    for url in ("/desk/", "/desk/warnings/", "/desk/intakes/?late=1"):
        page = leader.open(url)
        assert page.status == 200 and number not in page.words and "办结答复" not in page.words, url


def url_of_rule(person: Person) -> str:
    return person.open("/desk/intakes/terms/").section("checks")


def _unit(username: str) -> int:
    account = organisations.accounts.account_by_username(username)
    assert account is not None and account.person is not None and account.person.unit_id is not None
    return account.person.unit_id


def test_a_report_becomes_a_clue_and_the_sender_stays_in_the_intake(citizen: Person, moment: Moment) -> None:
    page = citizen.open("/complaints/?kind=report")
    number, code = receipt(
        citizen.submit(
            page, body=str(own_body()), title="夜间倾倒渣土", text=f"昨夜十一点有车在江边倾倒渣土。我叫{NAME}。",
            against="示例一号渣土运输有限公司", contact_name=NAME, contact=PHONE,
            files={"files": ("照片.png", made_picture(9, 1), "image/png")},
        )
    )  # fmt: skip
    pk = Intake.objects.get(number=number).pk
    keeper, officer = people(moment, "letters", "officer1")
    assert (
        "登记为线索" not in officer.open("/desk/clues/").words
        or number not in officer.open("/desk/clues/").words
    )
    work(keeper, pk, "accept")
    work(keeper, pk, "assign", assign_unit=str(_unit("officer1")))
    assert number in officer.open("/desk/clues/").words
    assert officer.client.get(f"/desk/intakes/{pk}/files/{IntakeFile.objects.get().pk}/").status_code == 404
    page = officer.open(f"/desk/clues/new/?intake={pk}")
    assert NAME not in page.html and PHONE not in page.html
    page = officer.submit(page, detail="昨夜十一点有车在江边倾倒渣土，车牌待查。")
    assert page.status == 200 and "已登记" in page.words, page.words[:500]
    clue = Clue.objects.get()
    assert (clue.informant, clue.informant_phone, clue.anonymous, clue.source) == ("", "", True, "report")
    assert "已转为案件线索" in read(citizen, number, code).words
    assert clue.number in keeper.open(f"/desk/intakes/{pk}/").words
    assert number not in officer.open("/desk/clues/").words
    # A file that came with it is a download for who may open it, and the look is kept.
    sent = keeper.client.get(f"/desk/intakes/{pk}/files/{IntakeFile.objects.get().pk}/")
    assert (
        sent["Content-Disposition"].startswith("attachment") and sent["X-Content-Type-Options"] == "nosniff"
    )
    assert b"".join(sent.streaming_content) == made_picture(9, 1)  # type: ignore[attr-defined]
    assert Attempt.objects.filter(act="intake:file").count() == 1


def test_a_clue_that_is_refused_leaves_the_report_as_it_was(citizen: Person, moment: Moment) -> None:
    number, code = receipt(
        citizen.submit(citizen.open("/complaints/?kind=report"), body=str(own_body()), title="夜间倾倒渣土", text="昨夜十一点有车在江边倾倒渣土。")
    )  # fmt: skip
    pk = Intake.objects.get(number=number).pk
    (keeper,) = people(moment, "letters")
    # Not taken up yet: the clue and the word about it are one transaction.
    page = keeper.submit(
        keeper.open(f"/desk/clues/new/?intake={pk}"), detail="昨夜十一点有车在江边倾倒渣土，车牌待查。"
    )
    assert page.status == 409 and not Clue.objects.exists()
    assert "已转为" not in read(citizen, number, code).words


def test_a_report_for_an_agency_elsewhere_goes_by_paper_and_its_sender_reads_how_far_it_got(
    citizen: Person, moment: Moment
) -> None:
    page = citizen.open("/complaints/?kind=report")
    number, code = receipt(
        citizen.submit(
            page, body=str(own_body()), title="夜间倾倒渣土", text=f"昨夜十一点有车在江边倾倒渣土。我叫{NAME}。",
            contact_name=NAME, contact=PHONE,
        )
    )  # fmt: skip
    pk = Intake.objects.get(number=number).pk
    (keeper,) = people(moment, "letters")
    page = work(keeper, pk, "transfer", transfer_to_name="某市公安局", transfer_reason="涉嫌污染环境犯罪")
    assert "待寄送" in page.words and "已隐去来件人" in page.words
    paper = keeper.client.get(page.link("打开转送函"))
    assert paper["Content-Type"] == "application/pdf" and b"".join(paper.streaming_content)[:5] == b"%PDF-"  # type: ignore[attr-defined]
    assert "寄送来件转送函" in keeper.open("/desk/").words
    work(keeper, pk, "send", send_way="邮寄", send_tracking="XA1234567", send_on=moment.today)
    assert "向某市公安局发出" in read(citizen, number, code).words
    back = {"receipt_on": moment.today, "receipt_whom": "钱某"}
    refused = keeper.submit(keeper.open(f"/desk/intakes/{pk}/"), button=("act", "receipt"), **back)
    assert refused.status == 422 and "请上传经签收的回执扫描件" in refused.words
    signed = {"receipt_scan": ("回执.png", made_picture(9, 3), "image/png")}
    page = keeper.submit(keeper.open(f"/desk/intakes/{pk}/"), button=("act", "receipt"), files=signed, **back)
    assert page.status == 200 and "已签收" in page.words
    back_again = keeper.client.get(page.link("扫描件"))
    assert b"".join(back_again.streaming_content) == made_picture(9, 3)  # type: ignore[attr-defined]
    assert "某市公安局已于" in read(citizen, number, code).words
    (officer,) = people(moment, "officer1")
    assert officer.client.get(page.link("打开转送函")).status_code == 404


def test_a_question_is_answered_made_general_checked_by_another_found_and_used_again(
    citizen: Person, moment: Moment
) -> None:
    body = str(own_body())
    assert "还没有公开的问答" in citizen.open("/questions/").words
    ask = {
        "body": body,
        "title": "临时摆摊",
        "text": f"我是{NAME}，想在示例路临时摆摊，需要办什么手续？",
        "contact": PHONE,
        "contact_name": NAME,
    }
    number, code = receipt(citizen.submit(citizen.open("/questions/ask/"), **ask))
    pk = Intake.objects.get(number=number).pk
    clerk, checker = people(moment, "collector", "checker")
    work(clerk, pk, "accept")
    work(clerk, pk, "answer", answer_reply="请携带身份证到政务服务窗口办理临时占道许可。")
    assert "临时占道许可" in read(citizen, number, code).words
    refused = clerk.submit(
        clerk.open(f"/desk/intakes/{pk}/"), button=("act", "propose"),
        propose_question=f"{NAME}问临时摆摊要办什么手续？", propose_answer="请到窗口办理临时占道许可。",
    )  # fmt: skip
    assert refused.status == 422 and "疑似个人信息" in refused.words
    work(
        clerk,
        pk,
        "propose",
        propose_question="临时摆摊要办什么手续？",
        propose_answer="请到窗口办理临时占道许可。",
    )
    assert "还没有公开的问答" in citizen.open("/questions/").words
    assert "审核公开问答" in checker.open("/desk/").words
    page = checker.submit(checker.open("/desk/intakes/questions/"), button=("act", "publish"))
    assert page.status == 200 and "已公开" in page.words
    page = citizen.open("/questions/?q=摆摊")
    assert "临时摆摊要办什么手续" in page.words and NAME not in page.html
    one = page.link("临时摆摊要办什么手续")
    assert "临时占道许可" in citizen.open(one).words

    # Asked again by another: the public answer is at hand.
    number, code = receipt(
        citizen.submit(
            citizen.open("/questions/ask/"), **ask | {"text": "请问临时摆摊需要什么手续，到哪里办理？"}
        )
    )
    again = Intake.objects.get(number=number).pk
    work(clerk, again, "accept")
    page = clerk.open(f"/desk/intakes/{again}/?like=摆摊")
    page = clerk.open(f"/desk/intakes/{again}/" + page.link("套用这条答复").removesuffix("#answer"))
    clerk.submit(page, button=("act", "answer"))
    assert "请到窗口办理临时占道许可。" in read(citizen, number, code).words

    page = checker.submit(
        checker.open("/desk/intakes/questions/"), button=("act", "withdraw"), reason="规定已修改"
    )
    assert page.status == 200
    gone = citizen.client.get(one)
    assert (
        gone.status_code == 410
        and "规定已修改" in gone.content.decode()
        and "占道许可" not in gone.content.decode()
    )


def decided(bureau: Bureau, on: date) -> int:
    ref = organisations.body(bureau.body_id)
    made = Disclosing(ref, ref)
    return made.published(
        PenaltySnapshot(
            agency=ref.name, agency_code=ref.credit_code, party_name="示例一号渣土运输有限公司", party_kind="legal",
            credit_code="91110000600037341L", number="示霞综罚决字〔2026〕第12号", violation="随意倾倒建筑垃圾",
            facts="当事人倾倒建筑垃圾约十二立方米。", basis="《城市建筑垃圾管理规定》第二十六条", kinds=("03",),
            content="罚款人民币五千元", fine_fen=500000, decided_on=on, field="urban", region="440803", item_code="x",
        ),
        at=clock.at_local(on, 10),
    )  # fmt: skip


def test_credit_repair_from_the_party_s_form_to_the_end_of_the_showing(
    citizen: Person, bureau: Bureau, moment: Moment
) -> None:
    pk = decided(bureau, date(2026, 6, 8))
    page = citizen.open(citizen.open(f"/decisions/{pk}/").link("申请信用修复"))
    assert "2026-09-08" in page.words and "待核实" in page.words
    refused = citizen.submit(page, text="罚款已缴清，建筑垃圾已清运。", contact=PHONE)
    assert refused.status == 422 and "信用承诺" in refused.words
    number, code = receipt(
        citizen.submit(
            page, text="罚款已缴清，建筑垃圾已清运。", contact=PHONE, contact_name="示例公司", promised="1",
            files={"files": ("票据.png", made_picture(9, 2), "image/png")},
        )
    )  # fmt: skip
    one = Intake.objects.get(number=number).pk
    collector, leader = people(moment, "collector", "leader")
    work(collector, one, "accept")
    work(collector, one, "check", check_finding="票据与代收机构回传一致。", check_performed="yes")
    assert "决定信用修复" in people(moment, "deputy")[0].open("/desk/").words
    early = leader.submit(
        leader.open(f"/desk/intakes/{one}/"),
        button=("act", "repair_yes"),
        repair_yes_reason="符合条件，准予修复。",
    )
    assert early.status == 409 and "2026-09-08" in early.words, "one day before the least period is over"
    moment.wait(days=1)
    (leader,) = people(moment, "leader")
    work(leader, one, "repair_yes", repair_yes_reason="符合条件，准予修复。")
    assert Disclosure.objects.get(pk=pk).state == "withdrawn"
    shown = citizen.open(f"/decisions/{pk}/")
    assert "信用修复" in shown.words and "五千元" not in shown.words
    assert "准予修复" in read(citizen, number, code).words


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("证据.pdf", b"<html><script>alert(1)</script></html>", "application/pdf"),
        ("证据.png", b"MZ\x90\x00" + b"\x00" * 200, "image/png"),
        ("证据.zip", b"PK\x03\x04" + b"\x00" * 40, "application/zip"),
        ("空.pdf", b"", "application/pdf"),
        ("../../etc/passwd", b"root:x:0:0", "image/png"),
    ],
)
def test_a_hostile_file_is_refused_beside_its_field_and_nothing_is_kept(
    citizen: Person, name: str, content: bytes, kind: str
) -> None:
    page = citizen.submit(
        citizen.open("/complaints/"), body=str(own_body()), title="检查时不出示证件", text=TEXT,
        against="执法人员", files={"files": (name, content, kind)},
    )  # fmt: skip
    assert page.status == 422 and "files" in page.html, page.words[:300]
    assert not Intake.objects.exists() and not IntakeFile.objects.exists()
    assert TEXT in page.html


def test_the_same_form_sent_twice_is_one_matter_and_shows_the_same_receipt(citizen: Person) -> None:
    page = citizen.open("/complaints/")
    given = {
        "body": str(own_body()),
        "title": "检查时不出示证件",
        "text": TEXT,
        "against": "执法人员",
    }
    first, again = citizen.submit(page, **given), citizen.submit(page, **given)
    assert receipt(first) == receipt(again)
    assert Intake.objects.count() == 1


@pytest.mark.parametrize(
    "who", ["other", "sysadmin", "secadmin", "auditor", "reviewer", "archivist", "officer4"]
)
def test_whoever_has_nothing_to_do_with_it_finds_nothing(citizen: Person, moment: Moment, who: str) -> None:
    number, _code = complained(citizen)
    pk = Intake.objects.get(number=number).pk
    client = people(moment, who)[0].client
    assert client.get(f"/desk/intakes/{pk}/").status_code in (403, 404)
    assert client.post(f"/desk/intakes/{pk}/", {"act": "accept"}).status_code in (403, 404)
    assert client.get(f"/desk/intakes/{pk}/files/1/").status_code in (403, 404)
    listed = client.get("/desk/intakes/")
    assert listed.status_code == 403 or number not in listed.content.decode()
    assert client.get("/desk/intakes/99999999999999999999/").status_code in (403, 404)


def test_the_body_s_own_term_is_set_by_the_keeper_shown_to_citizens_and_counted(
    citizen: Person, moment: Moment
) -> None:
    assert "尚未公布答复的具体期限" in citizen.open("/complaints/").words
    keeper, letters = people(moment, "keeper", "letters")
    page = keeper.open("/desk/intakes/terms/")
    page = keeper.submit(
        page,
        button=("act", "set"),
        kind="投诉",
        stage="办结答复",
        days="10",
        citation="某局投诉举报办理规定第五条",
    )
    assert page.status == 200 and "某局投诉举报办理规定第五条" in page.words
    assert "自收到之日起 10 个工作日内答复" in citizen.open("/complaints/").words
    number, code = complained(citizen)
    assert "2026-09-20" in read(citizen, number, code).words, "a Sunday on which China works"
    assert "剩" in letters.open("/desk/intakes/").words
    moment.wait(days=20)
    (letters,) = people(moment, "letters")
    page = letters.open("/desk/intakes/?late=1")
    assert number in page.words and "逾期" in page.words


@pytest.mark.parametrize(
    ("profile", "regime", "document"),
    [
        ("xian-transport", "行政执法投诉举报制度", "西安市交通"),
        ("zhenjiang-chengguan", "行政执法投诉举报制度", ""),
        ("changzhi-water", "水行政执法投诉举报制度", ""),
        ("yongcheng-transport", "行政执法投诉举报制度", "行政处罚法"),
        ("xiashan-chengzong", "行政执法投诉举报制度", "行政处罚法"),
    ],
)
def test_each_bureau_s_page_names_its_own_rules_its_phone_and_what_asks_for_them(
    db: None, profile: str, regime: str, document: str
) -> None:
    made = bureau_for(profile, MONDAY)
    body = next(b for b in organisations.public_bodies() if b.id == made.body_id)
    page = Client().get("/complaints/").content.decode()
    assert regime in page and body.supervision_phone and body.supervision_phone in page
    name, basis = publication.letters.regime(made.body_id, clock.local_date(MONDAY))
    assert name == regime and basis in page and document in basis


def test_the_list_is_taken_away_with_its_purpose_and_without_who_sent_what(
    citizen: Person, moment: Moment
) -> None:
    from mingzhi.web import exporting
    from mingzhi.web.desk import intake_registers

    number, _code = complained(citizen)
    (keeper,) = people(moment, "letters")
    page = keeper.submit(keeper.open("/desk/intakes/export/?state=open"), purpose="每月通报")
    assert page.status == 200 and "/desk/exports/" in page.url
    row = exporting.Export.objects.get()
    assert (row.kind, row.purpose) == ("intakes", "每月通报")
    exporting.write(row.pk, at=clock.now())
    answer = keeper.client.get(f"/desk/exports/{row.pk}/file/")
    assert answer.status_code == 200 and "公众来件" in page.words
    account = organisations.accounts.account_by_username("head2")
    assert account is not None
    by = organisations.actor_of(account, clock.local_date(MONDAY))
    from django.http import QueryDict

    assert list(intake_registers.TABLE.rows(by, QueryDict(""), 10)) == []
    account = organisations.accounts.account_by_username("letters")
    assert account is not None
    by = organisations.actor_of(account, clock.local_date(MONDAY))
    (line,) = intake_registers.TABLE.rows(by, QueryDict(""), 10)
    assert line[0] == number and NAME not in str(line) and PHONE not in str(line)


def test_the_demonstration_bureau_shows_letters_at_each_stage_once(
    bureau: Bureau, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    at = MONDAY + timedelta(days=60)
    for _ in range(2):
        letters_room.furnish(bureau, at)
    assert set(Intake.objects.values_list("state", flat=True)) == {
        "received",
        "accepted",
        "answered",
        "transferred",
    }
    assert Intake.objects.count() == 6
    assert publication.questions.public_questions()[0][0].question.startswith("罚款到哪里缴纳")
