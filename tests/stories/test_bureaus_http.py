"""The five bureaus, each by its own document: people at their pages walk what the documents ask differently.

What is expected stands in ``documents.py`` by hand with its clause; nothing is read from the program's own tables.
"""

from __future__ import annotations

import json
import re
from datetime import date

import lxml.html
import pytest

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.choices import ListKind
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.publication import actions
from mingzhi.web.demo import lists_room, matters
from mingzhi.web.demo.drive import Bureau, Drive
from tests.stories.by_hand import Moment, Page, Person
from tests.stories.conftest import MONDAY, bureau_for
from tests.stories.documents import (
    ANNULLED,
    BOARDS,
    CARRIERS,
    DECIDED,
    DOORS,
    DUE,
    LIBRARY,
    LISTS,
    NINE,
    PUBLIC,
    ROWS,
    TWELVE,
    WAYS,
    WITHDRAWN_BY,
    YONGCHENG,
    Carriers,
    Link,
    ListOf,
)

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    one = Moment(MONDAY)
    monkeypatch.setattr(clock, "now", one)
    return one


def people(moment: Moment, *names: str) -> list[Person]:
    return [Person(name, moment).log_in() for name in names]


def until(moment: Moment, day: date, hour: int = 9) -> None:
    """On to this hour; a story does not go back."""
    there = clock.at_local(day, hour)
    assert there > moment.now, (day, moment.now)
    moment.now = there


def done(page: Page) -> Page:
    assert page.status == 200, page.words[:1500]
    return page


# --- before the act: a list, and who must have agreed ------------------------------------------------------


def typed(keeper: Person, version: str, row: dict[str, str], *, asked: str) -> None:
    """A row is typed; without the element that the document names the page refuses it, and keeps the rest."""
    page = keeper.submit(keeper.open(f"{version}row/"), button=("act", "put"), **{**row, asked: ""})
    assert page.status == 422 and "为空" in page.words and row["name"] in page.html
    done(keeper.submit(page, button=("act", "put"), **{asked: row[asked]}))


def library(keeper: Person, version: str) -> None:
    """The page names what the document demands and the library lacks, until a sheet brings all of it."""
    assert (len(TWELVE), len(NINE)) == (12, 9)
    page = keeper.open(version)
    for code in (*TWELVE, *NINE):
        assert "未收录" in page.row(code), code
    heads = "编码,名称,类别,发文字号,内容范围,内容,载体,程序,时限要求,监督方式,保障措施,依据"
    lines = [heads, *(f"{c},示例制度{c},{LIBRARY[0]},,范围,示例内容,,,,,," for c in TWELVE)]
    lines += [f"{c},示例制度{c},{LIBRARY[1]},,范围,示例内容,,,,,," for c in NINE]
    page = keeper.submit(
        keeper.open(f"{version}import/"),
        button=("act", "check"),
        files={"file": ("制度库.csv", "\n".join(lines).encode("utf-8-sig"), "text/csv")},
    )
    assert "新增 21 行" in page.words, page.words[:1500]
    page = done(keeper.submit(page, button=("act", "import")))
    assert "未收录" not in keeper.open(version).words


def powers(keeper: Person, version: str) -> None:
    """The shipped items; what no register knows is written into the empty columns at one go."""
    for key, text in (("agency", "本机关"), ("unit", "综合行政执法大队"), ("term", "九十日")):
        done(keeper.submit(keeper.open(version), button=("act", "fill"), key=key, text=text))


def filled(keeper: Person, version: str, told: ListOf) -> None:
    if told.kind in ROWS:
        typed(keeper, version, ROWS[told.kind], asked=told.asked)
    elif told.kind == "institution":
        library(keeper, version)
    elif told.kind == "item":
        powers(keeper, version)
    else:
        assert told.holds in keeper.open(version).words, "the draft begins with what rules already"


def started(keeper: Person, kind: str, **typed: str) -> str:
    """The address of a new draft."""
    page = done(keeper.submit(keeper.open(f"/desk/lists/new/{kind}/"), reason="按照实施方案制定", **typed))
    return page.url


def agreed(version: str, told: ListOf, moment: Moment) -> None:
    """Checked, agreed by whom the document names, published; each by another person, and nobody before his turn."""
    keeper, reviewer, leader, publisher = people(moment, "keeper", "reviewer", "leader", "publisher")
    assert 'value="publish"' not in publisher.open(version).html
    done(keeper.submit(keeper.open(version), button=("act", "hand_in")))
    done(reviewer.submit(reviewer.open(version), button=("act", "check"), check_opinion="依据、要素齐全"))
    page = leader.open(version)
    if told.outside:
        assert told.outside in page.words
        page = leader.submit(page, button=("act", "approve"), approve_opinion="同意")
        assert page.status == 422
        for said in ("请填写审核、备案机关的名称", "请填写审核意见、备案回执的文号", "请填写审核、备案日期"):
            assert said in page.words, said
        # Whoever sends the next step all the same is told whose step it is.
        answer = publisher.client.post(version, {"act": "publish"})
        assert answer.status_code == 422 and "该版本现为“已审核”，不能办理“公布”" in answer.content.decode()
        page = leader.submit(
            leader.open(version), button=("act", "approve"), approver=told.authority,
            number="示审〔2026〕1号", approved_on=moment.today,
        )  # fmt: skip
    else:
        assert "其他机关" not in page.words and 'name="approver"' not in page.html
        page = leader.submit(page, button=("act", "approve"), approve_opinion="同意")
    assert "已批准，待公布" in done(page).words
    done(publisher.submit(publisher.open(version), button=("act", "publish")))
    ledger.sequence(at=moment())


@pytest.mark.parametrize("told", LISTS, ids=str)
def test_a_list_is_public_with_the_consent_that_the_bureaus_document_asks_for(
    told: ListOf, moment: Moment
) -> None:
    bureau = bureau_for(told.profile, MONDAY)
    (keeper,) = people(moment, "keeper")
    version = started(keeper, told.kind)
    filled(keeper, version, told)
    agreed(version, told, moment)
    public(told, bureau, moment, number=1)


def public(told: ListOf, bureau: Bureau, moment: Moment, *, number: int) -> None:
    """On the public site, and as data, with who agreed."""
    citizen = Person("citizen", moment)
    page = citizen.open(citizen.open(f"/lists/?body={bureau.body_id}").link(told.title))
    assert told.holds in page.words and f"第 {number} 版" in page.words
    who = told.authority or organisations.body(bureau.body_id).name
    assert who in page.words and ("示审〔2026〕1号" in page.words) == bool(told.authority)
    answer = citizen.client.get(page.link("下载 JSON"))
    data = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert data["version"] == number and data["rows"] and told.holds in str(data)


def test_yongchengs_powers_change_after_the_governments_law_office_has_found_it_lawful(
    moment: Moment,
) -> None:
    """S3 三（一）③: 进入清单的权力事项确需调整的，应当提出申请，由政府法制部门进行合法性审查."""
    bureau = bureau_for(YONGCHENG, MONDAY)
    keeper, reviewer = people(moment, "keeper", "reviewer")
    first = started(keeper, "item")
    powers(keeper, first)
    agreed(first, next(x for x in LISTS if x.profile == YONGCHENG), moment)
    moment.wait(days=1)
    page = keeper.submit(keeper.open("/desk/lists/new/item/"), reason="事项调整", valid_from=moment.today)
    assert page.status == 422 and "请先提出调整申请" in page.words
    asks = {
        "what": "调整承办机构",
        "change_reason": "机构调整",
        "change_basis": "《示例市机构改革方案》",
    }
    done(keeper.submit(keeper.open(f"{first}?tab=requests"), button=("act", "ask"), **asks))
    assert 'value="judge"' not in keeper.open(f"{first}?tab=requests").html
    done(
        reviewer.submit(
            reviewer.open(f"{first}?tab=requests"), button=("act", "judge"), lawful="yes", opinion="合法"
        )
    )
    second = started(keeper, "item", changes="调整承办机构")
    code = re.search(r"row/\?code=([^\"]+)\"", keeper.open(second).html)
    assert code is not None
    row = keeper.open(f"{second}row/?code={code[1]}")
    done(keeper.submit(row, button=("act", "put"), unit="综合行政执法大队二中队"))
    told = ListOf(
        YONGCHENG, "item", "权责事项清单", "", "综合行政执法大队二中队", "政府法制部门合法性审查",
        "永城市人民政府法制部门",
    )  # fmt: skip
    agreed(second, told, moment)
    public(told, bureau, moment, number=2)


# --- after the act: a decision, its carriers, its correction and its end ------------------------------------


def decided(bureau: Bureau, profile: str) -> Drive:
    """A fine decided on a Friday and served, by the people whose steps these are."""
    matter = matters.a_matter(
        field=catalogue.profile(profile).field, region="610100", serial=1, seed=0, act_on=date(2026, 9, 4)
    )
    case = Drive(bureau, matter, MONDAY)
    case.file()
    case.investigate()
    case.conclude()
    case.notify()
    case.until(DECIDED)
    case.decide()
    case.serve("P18", "decision_serve")
    return case


def opened(told: Carriers, admin: Person) -> None:
    """The document's platforms stand on the page with their clause, and are opened from there."""
    for platform, _form in told.channels:
        page = admin.open("/desk/channels/")
        line = page.row(f"行政处罚{platform}", "开通渠道")
        assert told.clause in line, line
        row = next(tr for tr in lxml.html.fromstring(page.html).xpath("//tr") if " ".join(tr.text_content().split()) == line)  # fmt: skip
        page = admin.open(f"/desk/channels/{row.xpath('.//a/@href')[0].partition('#')[0]}")
        more: dict[str, object] = {"valid_until": "2099-12-31"}
        if 'value="push" checked' in page.html:
            more = {
                "url": "http://127.0.0.1:9/in",
                "algorithm": "hmac-sha256",
                "secret": "example-key-" * 2,
            }
        elif 'value="listing" checked' in page.html:
            more = {"names": "决定书文号 = WH\n行政相对人名称 = DSR"}
        page = done(admin.submit(page, button=("act", "set"), **more))
        assert "已开通" in page.row(f"行政处罚{platform}", told.clause), platform


@pytest.mark.parametrize("told", CARRIERS, ids=lambda c: c.profile)
def test_a_decision_is_disclosed_in_time_on_the_bureaus_carriers_corrected_and_taken_down(
    told: Carriers, moment: Moment
) -> None:
    bureau = bureau_for(told.profile, MONDAY)
    admin, collector, checker, publisher, leader = people(
        moment, "sysadmin", "collector", "checker", "publisher", "leader"
    )
    opened(told, admin)
    case = decided(bureau, told.profile)
    party = case.matter.party.name
    moment.now = case.at

    queue = collector.open("/desk/disclosures/")
    here = next(h for _t, h in queue.links() if re.fullmatch(r"/desk/disclosures/\d+/", h))
    number = next(t for t, h in queue.links() if h == here)
    assert f"应于 {DUE} 前公开" in queue.html
    until(moment, DUE)
    assert "今日到期" in collector.open("/desk/disclosures/").row(number)
    assert number not in collector.open("/desk/disclosures/?overdue=1").words

    def round_of(summary: str) -> None:
        """Collected by one, checked by another, published by a third."""
        page = collector.open(here)
        done(collector.submit(page, button=("act", "collect"), summary=summary))
        assert 'value="check"' not in collector.open(here).html
        assert 'value="publish"' not in checker.open(here).html
        done(checker.submit(checker.open(here), button=("act", "check")))
        done(publisher.submit(publisher.open(here), button=("act", "publish")))
        ledger.sequence(at=moment())

    round_of("该单位违法，处以罚款。")
    citizen = Person("citizen", moment)
    public = next(
        h for _t, h in citizen.open(f"/decisions/?q={party}").links() if re.fullmatch(r"/decisions/\d+/", h)
    )
    page = citizen.open(public)
    assert number in page.words and "该单位违法，处以罚款" in page.words
    assert (
        str(case.matter.party.phone) not in page.html and case.matter.party.representative not in page.words
    )
    carried(told, publisher, number, moment)

    # The party's own words are mended by the same three.
    until(moment, ANNULLED)
    done(collector.submit(collector.open(here), button=("act", "correct"), correct_reason="摘要不完整"))
    assert "该单位违法，处以罚款" in citizen.open(public).words, (
        "the old text stays until the new one is public"
    )
    round_of("该单位违法，依法处以罚款，已责令改正。")
    page = citizen.open(public)
    assert "已责令改正" in page.words and "摘要不完整" in page.words and "第 2 版" in page.words

    # Annulled on review: due off the site in three working days, with the reason, and only a tombstone left.
    leader.step(
        case.id, "annul", by_whom="reconsideration", how="revoked", number="示府行复〔2026〕1号", on=str(ANNULLED),
        reason="主要事实不清，行政复议决定撤销原处罚决定。",
    )  # fmt: skip
    assert "有 1 条公示信息所依据的决定已被撤销" in publisher.open("/desk/disclosures/").words
    until(moment, date(2026, 10, 9), 23)
    assert actions.withdraw_due(at=moment()) == 0, "the bureau has until the third working day"
    assert str(WITHDRAWN_BY) in publisher.open("/desk/").html
    until(moment, WITHDRAWN_BY)
    page = publisher.submit(
        publisher.open(here), button=("act", "withdraw"), withdraw_reason="原处罚决定经行政复议撤销",
        withdraw_basis="行政处罚法第四十八条第二款",
    )  # fmt: skip
    done(page)
    stone = citizen.open(public)
    assert "本信息已撤下" in stone.words and "原处罚决定经行政复议撤销" in stone.words
    assert party not in stone.words and "已责令改正" not in stone.words
    found = citizen.open(f"/decisions/?q={party}")
    assert public not in [h for _t, h in found.links()] and "没有符合条件的公示信息" in found.words
    assert actions.withdraw_due(at=moment()) == 0, "nothing is left to the worker"


def carried(told: Carriers, publisher: Person, number: str, moment: Moment) -> None:
    """The decision waits for every platform of the document, goes into its file; lists are handed over by hand."""
    page = publisher.open("/desk/channels/")
    for _platform, form in told.channels:
        if not form:
            continue
        page = done(publisher.submit(page, button=("act", "batch")))
    assert page.words.count("已制成文件，待回执1") == sum(1 for _p, form in told.channels if form)
    assert page.words.count("待报送1") == sum(1 for _p, form in told.channels if not form)
    files = [h for t, h in page.links() if t == "下载结构化数据"]
    assert len(files) == sum(1 for _p, form in told.channels if form)
    for file in files:
        assert number in publisher.client.get(file).content.decode()
    for data, platform in told.by_hand:
        choice = next(
            o
            for o in lxml.html.fromstring(page.html).xpath("//select[@name='carrier']/option")
            if data in o.text_content() and platform in o.text_content()
        )
        page = done(
            publisher.submit(
                page, button=("act", "handed"), carrier=choice.get("value"), what=f"{data}第 1 版",
                handed_on=moment.today, receipt=f"HZ-{data}",
            )
        )  # fmt: skip
        assert platform in page.row(f"HZ-{data}")


# --- the year's report and its way -----------------------------------------------------------------------------


@pytest.mark.parametrize("profile", WAYS)
def test_the_years_report_walks_the_bureaus_own_way_and_each_link_is_in_time_or_late(
    profile: str, moment: Moment
) -> None:
    bureau = bureau_for(profile, MONDAY)
    links = WAYS[profile]
    until(moment, date(2027, 1, 4))
    names = "keeper", "leader", "head", "head2"
    who = dict(zip(names, people(moment, *names), strict=True))
    keeper, year = who["keeper"], f"/desk/statistics/{bureau.body_id}/2026/"
    ways = f"{year}?tab=chain"
    page = keeper.open(ways)
    assert page.html.count("</tr>") == len(links) + 1, "no link that the document does not name"
    for link in links:
        row = page.row(link.sender + link.receiver)
        assert link.said in row and "未办" in row, row
        assert (str(link.due) in row) == (link.due is not None and not link.said.startswith("前一环节")), row
    done(
        keeper.submit(
            keeper.open(f"{year}?tab=supplements"), held={"act": "supplement"}, cell="inspection.done",
            cases="12", source="行政检查台账",
        )
    )  # fmt: skip
    frozen = False
    for n, link in enumerate(links):
        if link.late and link.due is not None:
            until(moment, link.due, 22)
            assert "逾期" not in keeper.open(ways).row(link.sender + link.receiver), (
                "the day itself is in time"
            )
        until(moment, link.done)
        row = keeper.open(ways).row(link.sender + link.receiver)
        assert ("逾期未办" in row) == link.late, row
        if not frozen and link.who in ("keeper", "leader"):
            assert 'value="approve"' not in who["leader"].open(f"{year}?tab=words").html
            page = keeper.submit(keeper.open(f"{year}?tab=words"), held={"act": "freeze"})
            assert "年报已定版" in done(page).words
            assert 'value="approve"' not in page.html, "who compiled does not approve"
            frozen = True
        walked(link, n, who[link.who], keeper, year)
    page = keeper.open(ways)
    for link in links:
        row = page.row(link.sender + link.receiver)
        assert ("逾期" in row) == link.late and str(link.done) in row, row
        if link.due is not None:
            assert str(link.due) in row
    shown(bureau, next(x.done for x in links if x.receiver == PUBLIC), moment)


def walked(link: Link, n: int, person: Person, keeper: Person, year: str) -> None:
    """The link's own person sends, or approves what becomes public; the receiver's receipt is put down."""
    if link.receiver == PUBLIC:
        page = done(person.submit(person.open(f"{year}?tab=words"), held={"act": "approve"}))
        assert "已审定并向社会公布" in page.words
        return
    page = person.open(f"{year}?tab=chain")
    key = key_of(page, link)
    done(person.submit(page, held={"act": "send", "link": key}, number=f"示报〔2027〕{n}号"))
    page = keeper.open(f"{year}?tab=chain")
    page = done(
        keeper.submit(page, held={"act": "receive", "link": key}, person="某某", number=f"示收〔2027〕{n}号")
    )
    assert f"示收〔2027〕{n}号" in page.row(link.sender + link.receiver)


def key_of(page: Page, link: Link) -> str:
    for tr in lxml.html.fromstring(page.html).xpath("//tr[.//input[@name='link']]"):
        words = tr.text_content()
        if link.sender + link.receiver in words:
            return str(tr.xpath(".//input[@name='link']/@value")[0])
    raise AssertionError(f"nothing to send in the row {link.sender} → {link.receiver}")


def shown(bureau: Bureau, day: date, moment: Moment) -> None:
    citizen = Person("citizen", moment)
    listed = citizen.open("/reports/")
    page = citizen.open(next(h for _t, h in listed.links() if re.fullmatch(r"/reports/\d+/", h)))
    name = organisations.body(bureau.body_id).name
    assert name in page.words and "2026 年度行政执法统计年报" in page.words
    assert f"公布日期 {day}" in page.words and "12 次" in page.row("行政检查")
    answer = citizen.client.get(page.link("下载年报 PDF"))
    assert b"".join(answer.streaming_content)[:5] == b"%PDF-"  # type: ignore[attr-defined]


# --- during the act: what stands at a window --------------------------------------------------------------------


CLERK = "张某甲"


@pytest.mark.parametrize("profile", BOARDS)
def test_a_window_shows_the_public_what_the_bureaus_document_asks_for_and_no_more(
    profile: str, moment: Moment
) -> None:
    bureau = bureau_for(profile, MONDAY)
    lists_room.furnish(bureau, MONDAY, only=(ListKind.ITEM, ListKind.GUIDE, ListKind.DUTY))
    (keeper,) = people(moment, "keeper")
    team = organisations.units(bureau.body_id, kind="enforcement")[0].name
    page = done(
        keeper.submit(
            keeper.open("/desk/places/new/"), name="执法服务大厅", kind="hall", address="示例路 3 号",
            hours="工作日 9:00—17:00", phone="000-00000003", unit_ids=[team],
        )
    )  # fmt: skip
    page = keeper.open(page.link("登记窗口"))
    codes = lxml.html.fromstring(page.html).xpath("//input[@name='handles']/@value")
    guide = next(c for c in codes if c.startswith("ZN-"))
    power = next(c for c in codes if not c.startswith("ZN-"))
    board = done(
        keeper.submit(
            page, name="1 号窗口", unit_id=team, post=f"{team} · 窗口岗", person_0=CLERK, when_0="星期一至五",
            handles=[guide, power],
        )
    )  # fmt: skip
    assert board.url.endswith("/board/") and "缺项" not in board.words, board.words[:1500]
    told = BOARDS[profile]
    citizen = Person("citizen", moment)
    public = citizen.open(board.link("公开页面"))
    for page in (board, public):
        heads = [
            " ".join(h.text_content().split())
            for h in lxml.html.fromstring(page.html).xpath("//h2|//h3|//dt")
        ]
        for field in ("单位", "执法种类", "服务指南", "岗位职责", "申请材料示范文本", *DOORS):
            assert (field in heads) == (field in told), (field, page.url, heads)
        assert (CLERK in page.words) == ("姓名" in told), page.url
        assert (f"{CLERK} 执法人员" in page.words) == ("职务" in told), page.url
