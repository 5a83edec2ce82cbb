"""A list on the desk, from its draft to the public page, by the people whose step it is."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.models import Law, ListVersion
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.supervision import jobs
from mingzhi.web import listing
from mingzhi.web.demo.drive import Bureau
from mingzhi.web.public import lists
from tests.stories.conftest import MONDAY
from tests.web.languages import catalogue as english
from tests.web.languages import chinese_labels, stray_latin

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = clock.local_date(MONDAY)
__all__ = ["english"]


@pytest.fixture(autouse=True)
def monday(freeze: Any) -> None:
    freeze(MONDAY)


def said(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


def draft(desk: Callable[..., Client], kind: str, **given: str) -> str:
    """The address of a new draft."""
    entered = {"valid_from": DAY.isoformat(), "reason": "按方案制定", **given}
    answer = desk("keeper").post(f"/desk/lists/new/{kind}/", entered)
    assert answer.status_code == 302, said(answer)[-3000:]
    return str(answer.url)


def done(client: Client, url: str, act: str, **given: str) -> None:
    answer = client.post(url, {"act": act, **given})
    assert answer.status_code == 302, said(answer)[-3000:]


def looked(client: Client, url: str) -> str:
    """What the step's form says that this person had before them."""
    form = re.search(r'name="seen" value="(\w+)"', said(client.get(url)))
    assert form is not None
    return form[1]


def step(client: Client, url: str, act: str, **given: str) -> None:
    done(client, url, act, seen=looked(client, url), **given)


def published(desk: Callable[..., Client], url: str) -> ListVersion:
    desk("keeper").post(url, {"act": "hand_in"})
    step(desk("reviewer"), url, "check", check_opinion="内容合法")
    step(desk("leader"), url, "approve")
    step(desk("publisher"), url, "publish")
    return ListVersion.objects.get(pk=int(url.split("/")[-2]))


def test_a_list_goes_from_its_draft_to_the_public_and_is_withdrawn_with_its_reason(
    desk: Callable[..., Client], bureau: Bureau, client: Client, freeze: Any
) -> None:
    url = draft(desk, "recording", review_on=(DAY + timedelta(days=365)).isoformat())
    keeper = desk("keeper")
    page = said(keeper.get(url))
    assert "抽样取证" in page and "当前由目录清单管理员" in page and 'value="hand_in"' in page
    row = f"{url}row/?code=sampling"
    form = said(keeper.get(row))
    assert "视情录音录像" in form and "镇江" not in form and "长治" not in form
    seen = ListVersion.objects.get().digest
    done(
        keeper,
        f"{url}row/",
        "put",
        was="sampling",
        seen=seen,
        code="sampling",
        label="抽样取证",
        mode="应当录音录像",
        citation="《行政处罚法》第四十七条",
    )
    # Somebody else's copy of the form is refused, with what was typed still there.
    stale = keeper.post(f"{url}row/", {"act": "put", "was": "sampling", "seen": seen, "label": "另一写法"})
    assert stale.status_code == 409 and "另一写法" in said(stale)
    # A draft is the drafter's until it is handed in; then it is the checker's, and comes back with the reason.
    assert 'value="check"' not in said(desk("reviewer").get(url))
    done(keeper, url, "hand_in")
    assert keeper.post(url, {"act": "hand_in"}).status_code == 422
    todo = f'href="{url}?open=1"'
    assert "审核清单：" in said(desk("reviewer").get("/desk/")) and todo not in said(keeper.get("/desk/"))
    assert 'value="return"' in said(desk("reviewer").get(url)) and 'value="return"' not in said(
        keeper.get(url)
    )
    done(desk("reviewer"), url, "return", return_reason="请核对抽样取证的依据")
    assert "修改退回的清单：" in said(keeper.get("/desk/")) and "审核清单：" not in said(
        desk("reviewer").get("/desk/")
    )
    done(keeper, url, "hand_in")
    assert "修改退回的清单：" not in said(keeper.get("/desk/"))
    # Whose step it is: the drafter sees no button to check, an officer does not enter.
    assert 'value="check"' not in said(keeper.get(url)) and 'value="check"' in said(desk("reviewer").get(url))
    assert desk("officer1").get("/desk/lists/").status_code == 403
    reviewer = desk("reviewer")
    check = {"act": "check", "check_opinion": "内容合法", "seen": looked(reviewer, url)}
    refused = reviewer.post(url, {**check, "check_opinion": ""})
    assert refused.status_code == 422 and "请填写审核意见" in said(refused)
    # What was changed after it was read is not what was checked.
    dates = {"valid_from": DAY.isoformat(), "reason": "按方案制定，另行调整"}
    done(keeper, url, "change", **dates)
    for late in (check, {**check, "seen": ""}):
        assert reviewer.post(url, late).status_code == 409
    assert ListVersion.objects.get().state == "draft"

    version = published(desk, url)
    body = organisations.body(bureau.body_id)
    assert catalogue.recording_rule(body=body, act="sampling", on=DAY).mode == "required"
    ledger.sequence(at=MONDAY)
    here = f"/lists/published/{version.list_id}/"
    assert here in said(client.get(f"/lists/?body={body.id}"))
    public = said(client.get(here))
    assert "应当录音录像" in public and "第 1 版" in public and "<script" not in public.split("</head>")[1]
    assert "抽样取证" in said(client.get(f"{here}?q=抽样")) and "举行听证" not in said(
        client.get(f"{here}?q=抽样")
    )
    assert "抽样取证" in said(client.get(f"{here}1.csv"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(client.get(f"{here}1.xlsx").streaming_content)))
    assert len(book.get_sheet_by_index(0).to_python()) == version.count + 1
    with pytest.MonkeyPatch.context() as patch:  # of a long list not without end
        patch.setattr(listing, "LARGE", 1)
        patch.setattr(lists, "FILES", 1)
        assert [client.get(f"{here}1.json").status_code for _ in range(2)] == [200, 429]
    assert client.get(f"{here}1.json").status_code == 200
    assert "catalogue" not in public and said(client.get(f"{here}1/receipt")).startswith(
        "c2sp.org/tlog-proof"
    )
    assert (
        client.get(f"{here}9.csv").status_code == 404
        and client.get("/lists/published/999999/").status_code == 404
    )

    later = MONDAY + timedelta(days=30)
    freeze(later)
    second = draft(desk, "recording", valid_from=clock.local_date(later).isoformat())
    seen = ListVersion.objects.get(number=2).digest
    done(desk("keeper"), f"{second}row/", "put", was="sampling", seen=seen, content="全过程", mode="应当录音录像",
         code="sampling", label="抽样取证", citation="《行政处罚法》第四十七条")  # fmt: skip
    published(desk, second)
    compared = said(client.get(f"{here}?version=2&compare=1"))
    assert "<ins>全过程</ins>" in compared
    assert "已被后一版本替代" in said(client.get(f"{here}?version=1"))
    done(desk("publisher"), second, "withdraw", withdraw_reason="上位规定已作调整")
    freeze(later + timedelta(days=1))
    assert "上位规定已作调整" in said(client.get(here))
    assert here not in said(client.get(f"/lists/?body={body.id}"))


def test_a_sheet_is_tried_first_and_every_bad_cell_is_named_with_its_address(
    desk: Callable[..., Client],
) -> None:
    url = draft(desk, "random")
    keeper = desk("keeper")
    blank = keeper.get("/desk/lists/blank/random.xlsx")
    heads = CalamineWorkbook.from_filelike(io.BytesIO(blank.content)).get_sheet_by_index(0).to_python()[0]
    good = [
        "R1",
        "道路运输检查",
        "示例局",
        "《示例条例》第一条",
        "企业",
        "资质",
        "5%",
        "现场检查",
        "每年一次",
    ]
    bad = ["R1", "", "示例局", "示例条例", "企业", "资质", "5%", "现场检查", "每年一次"]

    def tried(*rows: list[str], name: str = "清单.csv", coding: str = "utf-8") -> str:
        text = "\n".join(",".join(r) for r in ([*heads], *rows))
        file = SimpleUploadedFile(name, text.encode(coding))
        return said(keeper.post(f"{url}import/", {"act": "check", "file": file}))

    page = tried(good, bad)
    for place, words in (("A3", "与第 2 行的编码重复"), ("B3", "“抽查事项”为空"), ("D3", "《法律名称》第")):
        assert place in page and words in page
    assert 'name="token"' not in page
    assert "只能导入" in tried(good, name="清单.doc") and "无法读取" in tried(good, name="清单.xlsx")
    page = tried(good, coding="gb18030")
    token = page.split('name="token" value="')[1].split('"')[0]
    version = ListVersion.objects.get()
    assert version.count == 0, "the dry run wrote something"
    forged = keeper.post(f"{url}import/", {"act": "import", "token": "1:x", "seen": version.digest})
    assert forged.status_code == 422
    done(keeper, f"{url}import/", "import", token=token, seen=version.digest)
    version.refresh_from_db()
    assert version.count == 1 and public_lists.rows_page(version, 0, 9)[0][3] == [
        {"title": "示例条例", "article": "第一条"}
    ]
    # A column the file lacks is told once, not for every row; an optional one leaves the draft as it is.
    few = "编码,抽查事项\nR1,道路运输检查\nR2,道路检查\n".encode()
    missing = public_lists.sheet_check(
        version_id=version.pk, file=io.BytesIO(few), name="x.csv", by=_actor(keeper)
    )
    assert {c.address for c in missing.cells} == {"A1"} and missing.bad == len(missing.cells)
    # What was exported comes back as it was.
    out = b"".join(keeper.get(f"{url}list.xlsx").streaming_content)
    checked = public_lists.sheet_check(
        version_id=version.pk, file=io.BytesIO(out), name="x.xlsx", by=_actor(keeper)
    )
    assert checked.fits and checked.difference and not checked.difference.shown


def _actor(client: Client) -> Any:
    account = organisations.accounts.account(int(client.session["_auth_user_id"]))
    return organisations.actor_of(account, DAY)


def test_requests_for_change_are_asked_and_judged_on_the_page(desk: Callable[..., Client]) -> None:
    url = draft(desk, "recording")
    done(
        desk("keeper"),
        f"{url}?tab=requests",
        "ask",
        what="增列一项",
        change_reason="新规定",
        change_basis="《示例条例》",
    )
    change = public_lists.changes_of(ListVersion.objects.get().list)[0]
    done(
        desk("reviewer"), f"{url}?tab=requests", "judge", change=str(change.pk), lawful="yes", opinion="合法"
    )
    page = said(desk("keeper").get(f"{url}?tab=requests"))
    assert "增列一项" in page and "通过" in page
    for tab in ("changes", "history"):
        assert desk("keeper").get(f"{url}?tab={tab}").status_code == 200


def test_a_refused_form_stands_on_its_own_tab_with_what_was_entered(desk: Callable[..., Client]) -> None:
    url = draft(desk, "recording")
    asked = {"what": "增列一项", "change_reason": "", "change_basis": "《示例条例》"}
    refused = desk("keeper").post(f"{url}?tab=requests", {"act": "ask", **asked})
    assert refused.status_code == 422
    assert '<textarea id="what" name="what" rows="2" maxlength="1000">增列一项</textarea>' in said(refused)
    moved = desk("keeper").post(
        url, {"act": "change", "valid_from": "", "reason": "改期", "basis": "《示例条例》"}
    )
    assert moved.status_code == 422
    page = said(moved)
    assert (
        ">改期</textarea>" in page
        and 'value="《示例条例》"' in page
        and "<details open><summary>修改日期" in page
    )


def test_a_list_due_for_review_comes_to_the_keepers_desk_and_goes_when_it_was_looked_at(
    desk: Callable[..., Client], bureau: Bureau, freeze: Any
) -> None:
    due = DAY + timedelta(days=60)
    url = draft(desk, "recording", review_on=due.isoformat())
    version = published(desk, url)
    title = f"复核清单：{version.list.title}"

    def worked(days: int) -> str:
        at = MONDAY + timedelta(days=days)
        freeze(at)
        jobs.list_reviews(at)
        jobs.list_reviews(at)  # a second worker, or the next turn
        return said(desk("keeper").get("/desk/"))

    assert title not in worked(29)
    assert worked(30).count(title) == 1 and title not in said(desk("reviewer").get("/desk/"))
    assert "逾期 1 日" in worked(61)
    watched = said(desk("leader").get("/desk/statistics/lists/"))
    assert version.list.title in watched and "逾期 1 日" in watched
    assert desk("officer1").get("/desk/statistics/lists/").status_code in (200, 403)
    assert desk("keeper").get(f"/desk/lists/one/{version.list_id}/").url == url
    refused = desk("keeper").post(url, {"act": "keep", "keep_reason": "", "next_review": due.isoformat()})
    assert refused.status_code == 422 and "请写明核对了哪些法律法规" in said(refused)
    assert 'value="keep"' not in said(desk("reviewer").get(url))
    following = (due + timedelta(days=365)).isoformat()
    done(desk("keeper"), url, "keep", keep_reason="已核对，上位法没有变化", next_review=following)
    assert title not in said(desk("keeper").get("/desk/"))
    assert version.list.title not in said(desk("leader").get("/desk/statistics/lists/"))
    history = said(desk("keeper").get(f"{url}?tab=history"))
    assert (
        "复核后维持" in history and "上位法没有变化" in history and following in said(desk("keeper").get(url))
    )
    # A revision settles it too; and what the desk could not close the worker does.
    assert title in worked(400)
    second = draft(desk, "recording", valid_from=clock.today().isoformat())
    assert "正在修订" in said(desk("leader").get("/desk/statistics/lists/"))
    published(desk, second)
    assert title not in said(desk("keeper").get("/desk/"))


def test_the_older_addresses_lead_to_what_the_agency_published_and_say_so_where_it_has_not(
    desk: Callable[..., Client], bureau: Bureau, client: Client
) -> None:
    older = {"recording": "/lists/recording/", "review": "/lists/review/", "no_penalty": "/lists/no-penalty/"}
    body = f"?body={bureau.body_id}"
    for kind, path in {**older, "item": "/lists/items/"}.items():
        page = said(client.get(path + body))
        assert "本机关尚未公布该清单" in page and f"/lists/reference/{kind}.csv" in page
        rows = said(client.get(f"/lists/reference/{kind}.csv{body}")).splitlines()
        assert len(rows) > 3 and "编码" in rows[0]
    # The reference holds the agency's own field of law: nobody reads of powers over coaches at a city's wardens.
    items = said(client.get(f"/lists/items/{body}"))
    assert "倾倒垃圾" in items and "交通运输" not in items and "水利" not in items
    assert "transport." not in said(desk("keeper").get("/desk/catalogue/"))
    assert client.get(f"/lists/reference/guide.csv{body}").status_code == 404
    version = published(desk, draft(desk, "recording"))
    here = f"/lists/published/{version.list_id}/"
    moved = client.get("/lists/recording/" + body)
    assert (moved.status_code, moved.url) == (301, here)
    assert client.get(f"/lists/reference/recording.csv{body}").url == f"{here}1.csv"
    told = json.loads(said(client.get(f"{here}1.json")))
    assert len(told["rows"]) == version.count and told["rows"][0].keys() == {
        c["key"] for c in told["columns"]
    }
    assert told["digest"] == version.digest and told["version"] == 1
    assert client.get("/lists/review/" + body).status_code == 200, "another list was not published"
    # Withdrawn, the address still tells what became of it.
    done(desk("publisher"), f"/desk/lists/{version.pk}/", "withdraw", withdraw_reason="职能划转")
    assert client.get("/lists/recording/" + body).url == here and "职能划转" in said(client.get(here))


def test_every_step_of_a_list_is_on_the_desk_of_whoever_must_take_it(
    desk: Callable[..., Client], freeze: Any
) -> None:
    """Requests with their legality check (R171), steps, and what a change of law touches (R006)."""

    def waiting(who: str, words: str) -> int:
        return said(desk(who).get("/desk/")).count(words)

    url = draft(desk, "recording")
    ask = {"what": "增列一项", "change_reason": "新规定", "change_basis": "《示例条例》"}
    done(desk("keeper"), f"{url}?tab=requests", "ask", **ask)
    assert waiting("reviewer", "审查清单调整申请的合法性") == 1 and waiting("keeper", "审查清单调整申请") == 0
    version = ListVersion.objects.get()
    one = f"/desk/lists/one/{version.list_id}/"
    assert desk("reviewer").get(f"{one}?tab=requests").url == f"{url}?tab=requests"
    change = str(public_lists.changes_of(version.list)[0].pk)
    done(desk("reviewer"), f"{url}?tab=requests", "judge", change=change, lawful="yes", opinion="合法")
    assert waiting("reviewer", "审查清单调整申请的合法性") == 0 == waiting("reviewer", "审核清单：")
    done(desk("keeper"), url, "hand_in")
    assert waiting("reviewer", "审核清单：") == 1
    step(desk("reviewer"), url, "check", check_opinion="内容合法")
    assert waiting("reviewer", "审核清单：") == 0
    assert waiting("leader", "批准清单：") == 1 and desk("leader").get(f"{one}?open=1").url == url
    step(desk("leader"), url, "approve")
    assert waiting("leader", "批准清单：") == 0 and waiting("publisher", "公布清单：") == 1
    step(desk("publisher"), url, "publish")
    assert waiting("publisher", "公布清单：") == 0

    since = DAY + timedelta(days=30)
    Law.objects.create(
        title="中华人民共和国行政处罚法", short_title="行政处罚法", in_force_from=since, source_digest="x"
    )
    for days, there in ((29, 0), (30, 1)):
        at = MONDAY + timedelta(days=days)
        freeze(at)
        jobs.list_reviews(at)
        assert waiting("keeper", "所依据的法律有变化，请核对清单：") == there
    following = (since + timedelta(days=365)).isoformat()
    done(desk("keeper"), url, "keep", keep_reason="条文已核对，序号未变", next_review=following)
    assert waiting("keeper", "所依据的法律有变化") == 0 and "所依据的法律已有变化" not in said(
        desk("keeper").get(url)
    )


def test_another_agencys_list_is_not_there(desk: Callable[..., Client], bureau: Bureau) -> None:
    url = draft(desk, "recording")
    version = ListVersion.objects.get()
    neighbour = organisations.bodies()[-1]
    assert neighbour.id != bureau.body_id
    ListVersion.objects.filter(pk=version.pk).update(reason="x")
    type(version.list).objects.filter(pk=version.list_id).update(body_id=neighbour.id)
    for path in (url, f"{url}row/", f"{url}import/", f"{url}list.csv"):
        assert desk("keeper").get(path).status_code == 404, path
    assert desk("reviewer").post(url, {"act": "check", "check_opinion": "看过"}).status_code == 404


def test_the_pages_of_lists_speak_one_language_at_a_time(
    desk: Callable[..., Client],
    english: None,
) -> None:
    url = draft(desk, "random")
    version = ListVersion.objects.get()
    row = {"code": "R-1", "name": "道路检查", "agency": "示例局", "basis": "《示例条例》第一条", "target": "企业",
           "content": "资质", "ratio": "5%", "method": "现场", "frequency": "每年一次"}  # fmt: skip
    done(desk("keeper"), f"{url}row/", "put", was="", seen=version.digest, **row)
    published(desk, url)
    here = f"/lists/published/{version.list_id}/"
    found: dict[str, list[str]] = {}
    keeper = desk("keeper")
    pages = ["/desk/lists/", "/desk/lists/new/item/", "/desk/procedures/", url, here, f"{here}?q=道路"]
    pages += [f"{url}?tab={t}" for t in ("changes", "requests", "history")]
    second = draft(desk, "recording")
    pages += [second, f"{second}row/?code=hearing", f"{second}import/"]
    titles = tuple(ListVersion.objects.values_list("list__title", flat=True))
    for path in pages:
        page = keeper.get(path)
        assert page.status_code == 200, path
        found[f"zh {path}"] = stray_latin(page.content.decode().replace("R-1", "").replace("hearing", ""))
        keeper.cookies["django_language"] = "en"
        found[f"en {path}"] = chinese_labels(
            said(keeper.get(path)), (*titles, "道路检查", "听证", "霞山区城综局")
        )
        del keeper.cookies["django_language"]
    assert not any(found.values()), "\n".join(f"{k}: {v}" for k, v in found.items() if v)
