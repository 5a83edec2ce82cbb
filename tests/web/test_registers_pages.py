"""The registers: everyone who may enters, nobody else, and a refusal keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.demo import invented_credit_code
from mingzhi.outbox import api as outbox
from mingzhi.web.demo.drive import Bureau, Drive
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")

PAGES = [
    ("officer1", "/desk/organisations/", "执法证号"),
    ("officer1", "/desk/catalogue/", "权责事项"),
    ("officer1", "/desk/catalogue/items/urban.road-occupy/", "罚款幅度"),
    ("officer1", "/desk/catalogue/items/transport.overload/", "办理时限依据"),
    ("officer1", "/desk/catalogue/laws/", "法律法规"),
    ("officer1", "/desk/catalogue/discretion/", "裁量助手"),
    ("officer1", "/desk/catalogue/discretion/?item=urban.road-occupy", "法定幅度"),
    ("officer1", "/desk/catalogue/norms/", "依据"),
    ("officer1", "/desk/catalogue/recording/", "全过程"),
    ("officer1", "/desk/catalogue/review/", "法制审核目录"),
    ("officer1", "/desk/calendar/", "个工作日"),
    ("officer1", "/desk/calendar/?year=2027", "尚未公布"),
    ("keeper", "/desk/templates/", "行政处罚决定书"),
    ("keeper", "/desk/templates/P18/", "要素检查"),
    ("officer1", "/desk/numbers/", "文号登记簿"),
    ("officer1", "/desk/procedures/", "程序表"),
    ("officer1", "/desk/procedures/penalty.ordinary/", "《行政处罚法》第五十八条"),
    ("officer1", "/desk/ledger/", "存证"),
    ("sysadmin", "/desk/system/", "外发与后台任务"),
]


@pytest.fixture(autouse=True)
def monday(freeze: Any) -> None:
    freeze(MONDAY)


@pytest.mark.parametrize(("who", "path", "words"), PAGES)
def test_a_register_opens_and_only_reads(desk: Any, who: str, path: str, words: str) -> None:
    page = desk(who).get(path)
    assert page.status_code == 200, page.content.decode()[-3000:]
    assert words in page.content.decode()


@pytest.mark.parametrize("path", sorted({p for _w, p, _t in PAGES}))
def test_no_register_opens_without_log_in(client: Any, bureau: Bureau, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302 and answer.url.startswith("/login/")


def test_administrators_do_not_read_business_registers(desk: Any) -> None:
    assert desk("sysadmin").get("/desk/disclosures/").status_code == 403
    assert desk("officer1").get("/desk/system/").status_code == 403


def test_what_does_not_exist_is_not_found(desk: Any) -> None:
    for path in (
        "/desk/catalogue/items/no-such/",
        f"/desk/catalogue/laws/{10**18}/",
        f"/desk/organisations/people/{10**18}/",
        "/desk/organisations/?body=99999",
        "/desk/procedures/no.such/",
        "/desk/templates/X99/",
        f"/desk/ledger/{10**18}/receipt/",
    ):
        assert desk("officer1").get(path).status_code == 404, path


def test_people_of_another_body_are_not_there(desk: Any, bureau: Bureau) -> None:
    other = next(
        b
        for b in organisations.bodies()
        if b.id != bureau.body_id and organisations.people(b.id, on=MONDAY.date())
    )
    person = organisations.people(other.id, on=MONDAY.date())[0]
    assert desk("officer1").get(f"/desk/organisations/people/{person.id}/").status_code == 404
    assert desk("officer1").get(f"/desk/organisations/?body={other.id}").status_code == 404


def test_a_certificate_is_suspended_restored_and_revoked_with_reasons(desk: Any, bureau: Bureau) -> None:
    person = bureau.person("officer2", MONDAY)
    here = f"/desk/organisations/people/{person}/"
    assert (
        desk("officer1")
        .post(
            here, {"act": "event", "event_kind": "suspend", "event_on": "2026-09-07", "event_reason": "核查"}
        )
        .status_code
        == 403
    )
    bare = desk("keeper").post(
        here, {"act": "event", "event_kind": "suspend", "event_on": "2026-09-07", "event_reason": ""}
    )
    assert (
        bare.status_code == 422
        and "请填写原因" in bare.content.decode()
        and "2026-09-07" in bare.content.decode()
    )
    for kind, word in (("suspend", "暂扣"), ("restore", "有效"), ("revoke", "注销")):
        done = desk("keeper").post(
            here, {"act": "event", "event_kind": kind, "event_on": "2026-09-07", "event_reason": "经核查"}
        )
        assert done.status_code == 302, done.content.decode()
        assert word in desk("officer1").get(here).content.decode()
    assert "有效" in desk("officer1").get(here + "?on=2026-09-06").content.decode()


def test_a_person_and_a_certificate_are_registered_on_the_pages(desk: Any, bureau: Bureau) -> None:
    unit = organisations.units(bureau.body_id)[0]
    bare = desk("keeper").post(
        "/desk/organisations/",
        {"act": "person", "name": "", "unit_id": unit.id, "staffing": "established", "title": "科员甲"},
    )
    assert bare.status_code == 422 and "科员甲" in bare.content.decode()
    assert (
        desk("keeper")
        .post(
            "/desk/organisations/",
            {"act": "person", "name": "某某新", "unit_id": unit.id, "staffing": "established"},
        )
        .status_code
        == 302
    )
    new = next(p for p in organisations.people(bureau.body_id, on=MONDAY.date()) if p.name == "某某新")
    here = f"/desk/organisations/people/{new.id}/"
    facts = {
        "act": "register",
        "kind": "enforcement",
        "number": "示例-0001",
        "issuer": "示例人民政府",
        "scope": "城市管理",
        "valid_from": "2026-01-01",
        "valid_until": "不是日期",
    }
    wrong = desk("keeper").post(here, facts)
    assert wrong.status_code == 422 and "示例-0001" in wrong.content.decode()
    assert desk("keeper").post(here, {**facts, "valid_until": "2030-01-01"}).status_code == 302
    assert organisations.certificate(new.id, MONDAY.date()).valid


TOWN = {
    "kind": "statutory", "level": "township", "name": "示例镇人民政府", "short_name": "示例镇", "code_word": "示镇",
    "credit_code": invented_credit_code("440803", 8), "region_code": "440803", "government": "示例区人民政府",
    "court": "示例区人民法院", "duties": "负责辖区内的综合行政执法。",
}  # fmt: skip


def test_a_body_below_is_registered_on_the_page_and_then_kept_there(desk: Any, bureau: Bureau) -> None:
    own = organisations.body(bureau.body_id)
    assert desk("officer1").get("/desk/organisations/bodies/new/").status_code == 403
    form = desk("keeper").get("/desk/organisations/bodies/new/").content.decode()
    assert own.government in form and "机关代字" in form, "what the system knows is filled in"
    clash = desk("keeper").post("/desk/organisations/bodies/new/", {**TOWN, "code_word": own.code_word})
    told = clash.content.decode()
    assert clash.status_code == 422 and own.name in told and "示例镇人民政府" in told
    done = desk("keeper").post("/desk/organisations/bodies/new/", TOWN)
    assert done.status_code == 302
    town = next(b for b in organisations.bodies() if b.code_word == "示镇")
    assert done.url.endswith(f"?body={town.id}") and town.parent_id == own.id and town.profile == own.profile
    assert ledger.entries_of(f"body:{town.id}")
    shown = desk("keeper").get(done.url).content.decode()
    assert f"/desk/organisations/bodies/{town.id}/" in shown and "登记内设机构" in shown
    here = f"/desk/organisations/bodies/{town.id}/"
    saved = desk("keeper").post(here, {**TOWN, "phone": "000-00000000"})
    assert saved.status_code == 302 and organisations.body(town.id).phone == "000-00000000"
    assert "000-00000000" in desk("keeper").get(here).content.decode()
    assert desk("head").get(here).status_code == 403


def test_an_entrusted_body_needs_its_entruster(desk: Any, bureau: Bureau) -> None:
    team = {**TOWN, "kind": "entrusted"}
    bare = desk("keeper").post("/desk/organisations/bodies/new/", team)
    assert bare.status_code == 422 and "应当填写委托机关" in bare.content.decode()
    assert (
        desk("keeper")
        .post("/desk/organisations/bodies/new/", {**team, "entrusted_by": bureau.body_id})
        .status_code
        == 302
    )


def test_a_government_is_not_registered_below_an_agency(desk: Any, bureau: Bureau) -> None:
    answer = desk("keeper").post("/desk/organisations/bodies/new/", {**TOWN, "kind": "government"})
    assert answer.status_code == 422
    assert "示镇" not in {b.code_word for b in organisations.bodies()}


def test_the_own_body_is_changed_by_its_keeper_and_another_agency_is_not_there(
    desk: Any, bureau: Bureau
) -> None:
    other = next(b for b in organisations.bodies() if b.id != bureau.body_id)
    assert desk("keeper").get(f"/desk/organisations/bodies/{other.id}/").status_code == 404
    facts = {k: v or "" for k, v in organisations.body_facts(bureau.body_id).items()}
    bare = desk("keeper").post(f"/desk/organisations/bodies/{bureau.body_id}/", {**facts, "name": ""})
    assert bare.status_code == 422 and "请填写全称" in bare.content.decode()
    kept = organisations.body(bureau.body_id)
    assert kept.name == facts["name"]
    desk("keeper").post(f"/desk/organisations/bodies/{bureau.body_id}/", {**facts, "court": "示例法院"})
    assert organisations.body(bureau.body_id).court == "示例法院"


def test_a_unit_is_renamed_and_dissolved_and_the_names_stay_apart(desk: Any, bureau: Bureau) -> None:
    first, second = organisations.units(bureau.body_id)[:2]
    here = f"/desk/organisations/units/{first.id}/"
    facts = {"name": first.name, "kind": first.kind, "duties": "新的职责", "active": "1"}
    assert desk("officer1").get(here).status_code == 403
    clash = desk("keeper").post(here, {**facts, "name": second.name})
    assert clash.status_code == 422 and second.name in clash.content.decode()
    assert desk("keeper").post(here, facts).status_code == 302
    assert organisations.unit(first.id).duties == "新的职责"
    desk("keeper").post(here, {**facts, "active": ""})
    assert first.id not in {u.id for u in organisations.units(bureau.body_id)}
    assert desk("keeper").get("/desk/organisations/units/99999999/").status_code == 404


def test_who_leaves_the_post_leaves_the_lists_and_cannot_act(desk: Any, bureau: Bureau) -> None:
    person = bureau.person("officer4", MONDAY)
    here = f"/desk/organisations/people/{person}/"
    unit = organisations.units(bureau.body_id)[0]
    facts = {"act": "post", "unit_id": unit.id, "title": "二级主办", "active": "1"}
    assert desk("officer1").post(here, facts).status_code == 403
    assert desk("keeper").post(here, facts).status_code == 302
    assert organisations.person(person).title == "二级主办"
    officer = desk("officer4")
    assert officer.get("/desk/").status_code == 200
    desk("keeper").post(here, {**facts, "active": ""})
    assert officer.get("/desk/").status_code in (302, 403)
    assert "已离岗" in desk("keeper").get(here).content.decode()


def test_the_first_accounts_of_a_new_body_are_opened_by_the_security_administrator_above(
    desk: Any, bureau: Bureau
) -> None:
    desk("keeper").post("/desk/organisations/bodies/new/", TOWN)
    town = next(b for b in organisations.bodies() if b.code_word == "示镇")
    there = f"/desk/organisations/?body={town.id}"
    desk("keeper").post(there, {"act": "unit", "unit_name": "综合办", "unit_kind": "enforcement"})
    unit = organisations.units(town.id)[0]
    desk("keeper").post(
        there, {"act": "person", "name": "某某镇", "unit_id": unit.id, "staffing": "established"}
    )
    new = organisations.people(town.id, on=MONDAY.date())[0]
    form = desk("secadmin").get("/desk/accounts/new/").content.decode()
    assert "示例镇人民政府 某某镇" in form
    done = desk("secadmin").post(
        "/desk/accounts/new/", {"username": "town", "password": "Mingzhi-Demo-2026", "person": new.id}
    )
    assert done.status_code == 302
    assert "示例镇" in desk("secadmin").get("/desk/accounts/").content.decode()


def test_a_law_is_imported_found_by_article_and_searched(desk: Any) -> None:
    text = "# 示例道路管理规定\n\n（2026年1月1日起施行）\n\n第一条 为了示例道路管理，制定本规定。\n\n第二条 禁止擅自在示例道路上堆放货物。\n"
    lists = desk("keeper")
    assert (
        desk("officer1")
        .post("/desk/catalogue/laws/", {"file": SimpleUploadedFile("a.md", text.encode())})
        .status_code
        == 403
    )
    wrong = lists.post("/desk/catalogue/laws/", {"file": SimpleUploadedFile("a.docx", b"PK")})
    assert wrong.status_code == 422 and ".md" in wrong.content.decode()
    done = lists.post(
        "/desk/catalogue/laws/", {"file": SimpleUploadedFile("示例道路管理规定.md", text.encode())}
    )
    assert done.status_code in (200, 302), done.content.decode()[-2000:]
    page = lists.get("/desk/catalogue/laws/?words=堆放货物").content.decode()
    assert "禁止擅自在示例道路上堆放货物" in page and "第二条" in page


def test_the_assistant_shows_its_steps_with_citations(desk: Any) -> None:
    page = desk("officer1").get(
        "/desk/catalogue/discretion/?item=urban.road-occupy&party_kind=organisation&go=1"
    )
    text = page.content.decode()
    assert page.status_code == 200 and ("推算过程" in text or "error-summary" in text) and "依据：" in text


def test_one_day_of_the_calendar_is_changed_by_the_list_keeper_only(desk: Any) -> None:
    facts = {"day": "2026-11-18", "kind": "holiday", "name": "", "reason": "示例"}
    assert desk("officer1").post("/desk/calendar/", facts).status_code == 403
    bare = desk("keeper").post("/desk/calendar/", facts)
    assert (
        bare.status_code >= 400
        and "请填写节日或者放假事由" in bare.content.decode()
        and "2026-11-18" in bare.content.decode()
    )
    assert desk("keeper").post("/desk/calendar/", {**facts, "name": "示例假日"}).status_code == 302
    assert "示例假日" in desk("officer1").get("/desk/calendar/?year=2026").content.decode()


def test_clocks_move_with_the_calendar_when_somebody_says_so_and_settled_ones_only_if_ticked(
    desk: Any, bureau: Bureau
) -> None:
    at, keeper = clock.now(), desk("keeper")
    for subject in ("示例:1", "示例:2"):
        deadlines.start(
            subject=subject, dossier_id=None, norm="test.example", label=f"期限{subject}", citation="", started=at,
            term=deadlines.Term(5, "WD"), unit_id=None, body_id=bureau.body_id, warn_at=(1,),
            by=bureau.actor("keeper", at), at=at,
        )  # fmt: skip
    before = {c.subject: c for s in ("示例:1", "示例:2") for c in deadlines.of_subject(s)}
    day = clock.local_date(at) + timedelta(days=1)
    while not deadlines.is_working_day(day):
        day += timedelta(days=1)
    holiday = {"day": day.isoformat(), "kind": "holiday", "name": "示例假日", "reason": "示例"}
    assert keeper.post("/desk/calendar/", holiday).status_code == 302
    page = keeper.get("/desk/calendar/").content.decode()
    assert "期限示例:1" in page and "期限示例:2" in page
    told = {"act": "recompute", "settled": str(before["示例:1"].id)}
    assert desk("officer1").post("/desk/calendar/", {**told, "why": "示例"}).status_code == 403
    assert keeper.post("/desk/calendar/", told).status_code == 422, "a reason is asked"
    assert keeper.post("/desk/calendar/", {**told, "why": "放假安排调整"}).status_code == 302
    after = {s: deadlines.of_subject(s)[0].due_on for s in before}
    provisional = before["示例:2"].provisional
    assert after["示例:1"] != before["示例:1"].due_on
    assert (after["示例:2"] != before["示例:2"].due_on) is provisional


def test_the_body_chooses_how_its_numbers_are_written(desk: Any) -> None:
    here, keeper = "/desk/numbers/style/", desk("keeper")
    assert desk("officer1").get(here).status_code == 403
    assert here in keeper.get("/desk/numbers/").content.decode()
    assert here not in desk("officer1").get("/desk/numbers/").content.decode()
    assert "〕第12号" in keeper.get(here).content.decode()
    wrong = keeper.post(here, {"use_di": "no", "suffix": "yes", "pad": "9", "word_P18": "x1"})
    page = wrong.content.decode()
    assert wrong.status_code == 422 and 'value="x1"' in page and 'href="#word_P18"' in page
    typed = {"use_di": "no", "suffix": "yes", "pad": "3", "word_P18": "处"}
    assert keeper.post(here, typed).status_code == 302
    assert "处字〔" in keeper.get(here).content.decode() and "〕012号" in keeper.get(here).content.decode()


def test_a_template_is_drafted_checked_previewed_and_published(desk: Any) -> None:
    from mingzhi.documents import api as documents

    lists, here = desk("keeper"), "/desk/templates/P18/"
    text = documents.template("P18").text
    broken = lists.post(here + "check/", {"text": text.replace("{{文书名称}}", "").replace("行政复议", "")})
    assert broken.status_code == 200
    assert "要素齐全" in lists.post(here + "check/", {"text": text}).content.decode()
    unreadable = lists.post(here, {"act": "draft", "text": "没有头部的文字"})
    assert unreadable.status_code >= 400 and "没有头部的文字" in unreadable.content.decode()
    assert desk("officer1").post(here, {"act": "draft", "text": text}).status_code == 403
    assert lists.post(here, {"act": "draft", "text": text + "\n"}).status_code == 302
    assert "草稿" in lists.get(here).content.decode()
    assert lists.post(here, {"act": "publish", "text": text + "\n"}).status_code == 302
    assert "本机关" in lists.get("/desk/templates/?q=P18").content.decode()
    preview = lists.post(here + "preview/", {"text": text})
    assert preview.status_code == 200 and preview.content[:5] == b"%PDF-"


def test_the_ledger_answers_for_a_case_one_may_see_and_hands_out_its_receipt(
    drive: Callable[..., Drive],
    desk: Any,
    freeze: Any,
) -> None:
    d = drive()
    d.file()
    ledger.sequence(at=d.at)
    freeze(d.at)
    assert d.dossier is not None
    text = desk("officer1").get("/desk/ledger/", {"q": d.dossier.number}).content.decode()
    assert "下载" in text and "/receipt/" in text
    entry = ledger.entries_of(f"dossier:{d.id}")[0]
    receipt = desk("officer1").get(f"/desk/ledger/{entry.id}/receipt/", {"of": d.dossier.number})
    assert receipt.status_code == 200 and "tlog-proof" in receipt.content.decode()
    assert desk("officer1").get(f"/desk/ledger/{entry.id}/receipt/").status_code == 404
    numbers = desk("officer1").get("/desk/numbers/").content.decode()
    assert "案" in numbers


def test_a_failed_job_is_tried_again_by_the_system_administrator(desk: Any) -> None:
    assert desk("sysadmin").post("/desk/system/retry/999999/").status_code == 404
    assert desk("officer1").post("/desk/system/retry/1/").status_code == 403
    assert outbox.failures() == []


def test_a_failure_for_good_is_shown_in_words_and_can_be_retried(
    desk: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from django.db import transaction

    from mingzhi.outbox.models import OutboxMessage

    with transaction.atomic():
        message = outbox.enqueue("documents.render", {"paper": 0}, at=MONDAY)
    OutboxMessage.objects.filter(pk=message).update(
        state="failed", attempts=9, last_error="示例：字体缺失", finished_at=MONDAY
    )
    page = desk("sysadmin").get("/desk/system/").content.decode()
    assert "示例：字体缺失" in page and f"/desk/system/retry/{message}/" in page
    assert desk("sysadmin").post(f"/desk/system/retry/{message}/").status_code == 302
    assert outbox.failures() == []


def test_the_ledger_page_tells_administrators_of_a_failed_check_and_of_a_split_view(desk: Any) -> None:
    from mingzhi.ledger.models import CheckRun, SplitView

    quiet = desk("sysadmin").get("/desk/ledger/").content.decode()
    assert "完整核查" in quiet and "没有登记见证方" in quiet and "账本视图不一致" not in quiet
    finding = {"code": "fact.altered", "sentence": "记录 step:7 的内容与登记时不一致", "subject": "step:7"}
    CheckRun.objects.create(
        at=MONDAY, seconds=1, size=9, rows=9, files=2, found=1, findings=[finding], notes=["一条提示"]
    )
    SplitView.objects.create(
        fingerprint="0" * 64, origin="a.example/log", source="https://b.example", sentence="两个不同的根",
        ours="我方检查点", theirs="对方检查点", at=MONDAY,
    )  # fmt: skip
    text = desk("sysadmin").get("/desk/ledger/").content.decode()
    for words in (
        "记录 step:7 的内容与登记时不一致",
        "一条提示",
        "账本视图不一致",
        "两个不同的根",
        "对方检查点",
    ):
        assert words in text
    assert "step:7" not in desk("officer1").get("/desk/ledger/").content.decode()
