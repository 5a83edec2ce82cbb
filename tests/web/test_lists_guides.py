"""A city's list as the pattern of a county's: handed down, taken over row by row, refused with a reason (R118)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.models import GuideNote, ListGuide, ListVersion
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.supervision import jobs
from mingzhi.web import listing
from mingzhi.web.demo.drive import Bureau
from tests.stories.conftest import MONDAY
from tests.web.test_lists_desk import done, draft, monday, published, said
from tests.web.test_registers_pages import TOWN

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = clock.local_date(MONDAY)
__all__ = ["monday"]


@pytest.fixture
def town(desk: Callable[..., Client], bureau: Bureau) -> tuple[int, Client]:
    """A body below the bureau, with a keeper of its own."""
    assert desk("keeper").post("/desk/organisations/bodies/new/", TOWN).status_code == 302
    body = next(b for b in organisations.bodies() if b.code_word == TOWN["code_word"])
    security = bureau.actor("secadmin", MONDAY)
    account_id = organisations.accounts.account_create(
        username="town-keeper",
        password="a-first-pass-phrase",
        body_id=body.id,
        person_id=None,
        must_change=False,
        by=security,
        at=MONDAY,
    )
    organisations.accounts.role_grant(
        account_id=account_id, role="list_keeper", valid_from=DAY, by=security, at=MONDAY
    )
    account = organisations.accounts.account(account_id)
    client = Client()
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return body.id, client


def test_a_lower_body_takes_over_row_by_row_or_says_why_not(
    desk: Callable[..., Client], bureau: Bureau, town: tuple[int, Client]
) -> None:
    body_id, keeper = town
    url = draft(desk, "recording")
    version = ListVersion.objects.get()
    for code, label in (("sampling", "抽样取证"), ("notice", "告知陈述、申辩和听证权利")):
        version.refresh_from_db()
        done(desk("keeper"), f"{url}row/", "put", was=code, seen=version.digest, code=code, label=label,
             mode="应当录音录像", citation="《行政处罚法》第四十七条")  # fmt: skip
    assert "下发指导" not in said(desk("keeper").get(url)), "what is not public is no pattern"
    version = published(desk, url)
    here = f"{url}?tab=guides"
    assert "示例镇人民政府" in said(desk("keeper").get(here))
    due = (DAY + timedelta(days=20)).isoformat()
    wrong = desk("keeper").post(here, {"act": "guide", "bodies": [bureau.body_id], "guide_due": due})
    assert (
        wrong.status_code == 422 and "请选择接收的下级机关" in said(wrong) and "请写明指导意见" in said(wrong)
    )
    send = {"act": "guide", "bodies": [body_id], "note": "抽样、告知应当统一录音录像", "guide_due": due}
    assert desk("reviewer").post(here, send).status_code == 403
    for _again in range(2):
        assert desk("keeper").post(here, send).status_code == 302
    guide = ListGuide.objects.get()
    assert "尚未反馈" in said(desk("keeper").get(here))

    # The other side: a to-do, the pattern with what differs, nothing of it in force yet.
    page = f"/desk/lists/guides/{guide.pk}/"
    jobs.list_reviews(MONDAY)
    assert said(keeper.get("/desk/")).count("反馈上级下发的清单") == 1 and page in said(
        keeper.get("/desk/lists/")
    )
    told = said(keeper.get(page))
    assert (
        "抽样、告知应当统一录音录像" in told
        and told.count("不采用这一行") == 2
        and "<ins>应当录音录像</ins>" in told
    )
    assert desk("head").get(page).status_code == 403
    answer = {"valid_from": DAY.isoformat(), "kept": ["notice"], "reason:notice": ""}
    refused = keeper.post(page, answer)
    assert refused.status_code == 422 and "请说明不采用的理由" in said(refused)
    assert not ListVersion.objects.filter(list__body_id=body_id).exists(), "a refused answer left a draft"
    # Who only sent it does not answer it.
    assert desk("keeper").get(page).status_code == 200 and "反馈采用情况" not in said(
        desk("keeper").get(page)
    )
    assert desk("keeper").post(page, answer | {"reason:notice": "已有"}).status_code == 404
    done_ = keeper.post(page, answer | {"reason:notice": "本镇由窗口固定监控记录"})
    made = ListVersion.objects.get(list__body_id=body_id)
    assert done_.status_code == 302 and done_.url == f"/desk/lists/{made.pk}/"
    modes = {row[0]: row[2] for row in public_lists.rows_page(made, 0, 99)}
    assert modes["sampling"] == "required" and modes["notice"] == "situational" and made.state == "draft"
    guide.refresh_from_db()
    assert guide.taken == ["sampling"] and guide.kept == {"notice": "本镇由窗口固定监控记录"}
    assert "反馈上级下发的清单" not in said(keeper.get("/desk/"))
    assert "采用 1 行，不采用 1 行" in said(desk("keeper").get(here))
    assert "本镇由窗口固定监控记录" in said(desk("keeper").get(page))
    again = keeper.post(page, answer | {"reason:notice": "另一理由"})
    assert again.status_code == 422 and "已反馈过" in said(again)
    assert ledger.entries_of(f"catalogue:list_guide:{guide.pk}")
    with pytest.raises(IntegrityError), transaction.atomic():
        ListGuide.objects.filter(pk=guide.pk).update(kept={})


def test_a_pattern_of_many_pages_is_answered_page_by_page_and_taken_away_whole(
    desk: Callable[..., Client], town: tuple[int, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    body_id, keeper = town
    url = draft(desk, "random")
    lines = [f"R{n},检查{n},示例局,《示例条例》第一条,企业,资质,5%,现场检查,每年一次" for n in range(5)]
    heads = ",".join(c.label for c in public_lists.list_schema("random").shown)
    file = SimpleUploadedFile("清单.csv", "\n".join([heads, *lines]).encode())
    token = said(desk("keeper").post(f"{url}import/", {"act": "check", "file": file}))
    token = token.split('name="token" value="')[1].split('"')[0]
    done(desk("keeper"), f"{url}import/", "import", token=token, seen=ListVersion.objects.get().digest)
    compared = said(desk("keeper").get(f"{url}?tab=changes&start=4"))
    assert "检查4" in compared and "检查3" not in compared and "第 5—5 行，共 5 行" in compared
    whole = said(desk("keeper").get(f"{url}difference.csv"))
    assert whole.count("新增") == 5 and "编码,名称,差别,栏目,前一版本,本版本" in whole
    published(desk, url)
    due = (DAY + timedelta(days=20)).isoformat()
    send = {"act": "guide", "bodies": [body_id], "note": "统一抽查事项", "guide_due": due}
    assert desk("keeper").post(f"{url}?tab=guides", send).status_code == 302
    guide = ListGuide.objects.get()
    page = f"/desk/lists/guides/{guide.pk}/"
    first = said(keeper.get(page))
    assert (
        "不同 5 行" in first and "检查1" in first and "检查2" not in first and "保存本页，看下一页" in first
    )
    assert said(keeper.get(f"{page}difference.csv")).count("新增") == 5
    assert keeper.get(f"{page}difference.xlsx").status_code == 200
    assert keeper.get(f"{page}difference.pdf").status_code == 404

    # A refusal without its reason keeps the page; with it, it is still known when the reader comes back.
    turn = {"start": "0", "row": ["R0", "R1"], "kept": ["R1"], "turn": "2"}
    bare = keeper.post(page, turn | {"reason:R1": ""})
    assert bare.status_code == 422 and "请说明不采用的理由" in said(bare) and "检查0" in said(bare)
    moved = keeper.post(page, turn | {"reason:R1": "本镇没有此类企业"})
    assert moved.status_code == 302 and moved.url.endswith("?start=2")
    second = said(keeper.get(moved.url))
    assert "已选不采用 1 行" in second and "检查2" in second and "检查1" not in second
    assert "本镇没有此类企业" in said(keeper.get(page))
    assert guide.kept is None and not ListVersion.objects.filter(list__body_id=body_id).exists()
    # Who only sent it writes nothing into the answer.
    assert desk("keeper").post(page, turn | {"reason:R1": "另一理由"}).status_code == 404

    answer = {"start": "4", "row": ["R4"], "kept": ["R4"], "reason:R4": "频次已另有规定", "valid_from": DAY.isoformat()}  # fmt: skip
    assert keeper.post(page, answer).status_code == 302
    guide.refresh_from_db()
    assert guide.taken == ["R0", "R2", "R3"]
    assert guide.kept == {"R1": "本镇没有此类企业", "R4": "频次已另有规定"}
    made = ListVersion.objects.get(list__body_id=body_id)
    assert [row[0] for row in public_lists.rows_page(made, 0, 9)] == ["R0", "R2", "R3"]
    assert not GuideNote.objects.exists()


def test_only_a_list_in_force_goes_to_bodies_below(desk: Callable[..., Client], bureau: Bureau) -> None:
    own = organisations.body(bureau.body_id)
    below = {b.id for b in public_lists.guided(own)}
    assert own.id not in below and own.parent_id not in below
    url = draft(desk, "recording")
    version = ListVersion.objects.get(pk=int(url.split("/")[-2]))
    by = bureau.actor("keeper", MONDAY)
    with pytest.raises(Invalid):
        public_lists.guide_send(
            version_id=version.pk,
            body_ids=[own.id],
            note="统一",
            due_on=DAY + timedelta(days=9),
            by=by,
            at=MONDAY,
        )
