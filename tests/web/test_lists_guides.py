"""A city's list as the pattern of a county's: handed down, taken over row by row, refused with a reason (R118)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.models import ListGuide, ListVersion
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.supervision import jobs
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
