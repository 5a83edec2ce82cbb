"""The disclosure desk: collect, check, return, publish, correct, withdraw, withhold; nothing entered is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mingzhi.publication import api as publication
from mingzhi.publication.models import Disclosure
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def decided(drive: Callable[..., Drive], freeze: Any) -> tuple[Drive, int]:
    """A decision taken up for disclosure, nothing collected yet."""
    d = drive(
        facts_found="当事人雇员王某某（电话 13900001111）未经批准，在示例路 1 号门前堆放货物，占用城市道路约十二平方米。"
    )
    d.file()
    d.investigate()
    d.conclude()
    d.to_decision()
    freeze(d.at)
    return d, publication.disclosure_status(d.id)[-1].id


def test_the_queue_tells_what_is_due_and_by_when(decided: tuple[Drive, int], desk: Any) -> None:
    _d, pk = decided
    text = desk("collector").get("/desk/disclosures/").content.decode()
    assert f"/desk/disclosures/{pk}/" in text and "个工作日" in text and "逾期未公示" in text
    assert desk("officer1").get("/desk/disclosures/").status_code == 403
    home = desk("collector").get("/desk/").content.decode()
    assert f'href="/desk/disclosures/{pk}/"' in home and "采集公示信息" in home


def test_another_body_s_disclosure_is_not_there(decided: tuple[Drive, int], desk: Any) -> None:
    assert desk("collector").get("/desk/disclosures/99999/").status_code == 404
    assert desk("collector").get(f"/desk/disclosures/{10**18}/").status_code == 404


def test_from_collection_to_the_public_by_three_people(
    decided: tuple[Drive, int], desk: Any, client: Any
) -> None:
    _d, pk = decided
    here = f"/desk/disclosures/{pk}/"
    page = desk("collector").get(here).content.decode()
    assert "13900001111" in page and "<mark" in page and "系统查出的内容" in page
    done = desk("collector").post(
        here,
        {
            "act": "collect",
            "summary": "该公司占用道路被罚款。",
            "mask_field": "facts",
            "mask_text": "示例路 1 号",
            "mask_start": "",
            "mask_end": "",
        },
    )
    assert done.status_code == 302, done.content.decode()[:3000]
    view = desk("checker").get(here).content.decode()
    assert "审核通过" in view and '<mark class="manual"' in view
    refused = desk("checker").post(here, {"act": "return", "return_reason": ""})
    assert refused.status_code == 422 and "请填写理由" in refused.content.decode()
    assert desk("checker").post(here, {"act": "check"}).status_code == 302
    assert desk("publisher").post(here, {"act": "publish"}).status_code == 302
    public = client.get(f"/decisions/{pk}/").content.decode()
    assert "13900001111" not in public and "示例路 1 号" not in public


def test_a_refused_mask_keeps_what_was_typed(decided: tuple[Drive, int], desk: Any) -> None:
    _d, pk = decided
    here = f"/desk/disclosures/{pk}/"
    page = desk("collector").post(
        here,
        {
            "act": "collect",
            "summary": "我写的摘要",
            "mask_field": "facts",
            "mask_text": "原文没有的字",
            "mask_start": "",
            "mask_end": "",
        },
    )
    text = page.content.decode()
    assert page.status_code == 422
    assert "原文没有的字" in text and "我写的摘要" in text and "请核对" in text


def test_a_phone_in_the_summary_never_reaches_the_public(
    decided: tuple[Drive, int], desk: Any, client: Any
) -> None:
    _d, pk = decided
    here = f"/desk/disclosures/{pk}/"
    for who, data in (
        ("collector", {"act": "collect", "summary": "联系 13711112222。"}),
        ("checker", {"act": "check"}),
        ("publisher", {"act": "publish"}),
    ):
        assert desk(who).post(here, data).status_code == 302
    assert "13711112222" not in client.get(f"/decisions/{pk}/").content.decode()


def test_return_correct_and_withdraw_carry_their_reasons(
    decided: tuple[Drive, int], desk: Any, client: Any
) -> None:
    _d, pk = decided
    here = f"/desk/disclosures/{pk}/"
    for who, data in (
        ("collector", {"act": "collect"}),
        ("checker", {"act": "return", "return_reason": "摘要过于简略"}),
        ("collector", {"act": "collect", "summary": "占用道路，罚款。"}),
        ("checker", {"act": "check"}),
        ("publisher", {"act": "publish"}),
        ("collector", {"act": "correct", "correct_reason": "补充摘要"}),
        ("collector", {"act": "collect", "summary": "占用城市道路，处以罚款。"}),
        ("checker", {"act": "check"}),
        ("publisher", {"act": "publish"}),
    ):
        assert desk(who).post(here, data).status_code == 302, (who, data)
    bare = desk("publisher").post(here, {"act": "withdraw", "withdraw_reason": "决定被撤销"})
    assert bare.status_code == 422 and "决定被撤销" in bare.content.decode()
    done = desk("publisher").post(
        here,
        {
            "act": "withdraw",
            "withdraw_reason": "决定经行政复议撤销",
            "withdraw_basis": "行政处罚法第四十八条第二款",
        },
    )
    assert done.status_code == 302
    text = desk("checker").get(here).content.decode()
    assert "摘要过于简略" in text and "补充摘要" in text and "决定经行政复议撤销" in text
    assert "决定经行政复议撤销" in client.get(f"/decisions/{pk}/").content.decode()


def test_words_that_were_wrong_are_put_right_on_the_desk_and_a_refusal_keeps_what_was_typed(
    decided: tuple[Drive, int], desk: Any, client: Any
) -> None:
    _d, pk = decided
    here = f"/desk/disclosures/{pk}/"
    for who, act in (("collector", "collect"), ("checker", "check"), ("publisher", "publish")):
        assert desk(who).post(here, {"act": act}).status_code == 302
    facts = Disclosure.objects.get(pk=pk).draft["facts"]
    right = f"（补正）{facts[:4]}"
    told = {
        "act": "correct",
        "correct_reason": "事实表述有误",
        "amend_field": ["facts", ""],
        "amend_wrong": ["没有这几个字", ""],
        "amend_right": [right, ""],
        "correct_basis": "补正通知书（示例补字〔2026〕第1号）",
    }
    refused = desk("collector").post(here, told)
    page = refused.content.decode()
    assert refused.status_code == 422 and "不在该栏目的原文中" in page and 'href="#amend-0"' in page
    assert all(said in page for said in ("没有这几个字", right, "示例补字〔2026〕第1号"))
    told["amend_wrong"] = [facts[:4], ""]
    assert desk("collector").post(here, told | {"correct_basis": ""}).status_code == 422
    assert desk("officer1").post(here, told).status_code in (403, 404)
    assert desk("collector").post(here, told).status_code == 302
    for who, act in (("collector", "collect"), ("checker", "check"), ("publisher", "publish")):
        assert desk(who).post(here, {"act": act}).status_code == 302
    public = client.get(f"/decisions/{pk}/").content.decode()
    assert right in public and "依据：补正通知书（示例补字〔2026〕第1号）" in public


def test_not_publishing_needs_a_second_person(decided: tuple[Drive, int], desk: Any) -> None:
    _d, pk = decided
    here = f"/desk/disclosures/{pk}/"
    bare = desk("collector").post(
        here, {"act": "withhold", "withhold_reason": "superior", "withhold_note": "上级书面意见"}
    )
    assert bare.status_code == 422 and "文号" in bare.content.decode()
    data = {"act": "withhold", "withhold_reason": "trade_secret", "withhold_note": "工艺参数属商业秘密"}
    assert desk("collector").post(here, data).status_code == 302
    page = desk("checker").get(here).content.decode()
    assert "工艺参数属商业秘密" in page and "同意不予公开" in page
    assert desk("checker").post(here, {"act": "withhold_refuse", "decide_reason": ""}).status_code == 422
    assert desk("checker").post(here, {"act": "withhold_approve"}).status_code == 302


def test_who_may_not_is_told_who_may(decided: tuple[Drive, int], desk: Any) -> None:
    _d, pk = decided
    here = f"/desk/disclosures/{pk}/"
    assert "公示采集员" in desk("publisher").get(here).content.decode()
    refused = desk("publisher").post(here, {"act": "collect"})
    assert refused.status_code == 403 and "权限" in refused.content.decode()
    assert desk("collector").post(here, {"act": "nonsense"}).status_code == 405


def test_a_file_with_a_finding_is_shown_blocked_cleared_and_public(
    decided: tuple[Drive, int], desk: Any, client: Any
) -> None:
    _d, pk = decided
    here = f"/desk/disclosures/{pk}/"
    file = SimpleUploadedFile("说明.txt", "联系电话13900001111".encode(), "text/plain")
    assert desk("collector").post(here, {"act": "attach"}).status_code == 422
    assert desk("collector").post(here, {"act": "attach", "file": file}).status_code == 302
    page = desk("collector").get(here).content.decode()
    assert "不得公开" in page and "手机号码" in page and "13900001111" in page
    refused = desk("collector").post(here, {"act": "collect"})
    assert refused.status_code == 422 and "公示附件中有" in refused.content.decode()
    attachment = publication_view(pk)[0].id
    checker = desk("checker")
    assert checker.post(here, {"act": "clear", "attachment": 10**6, "clear_reason": "x"}).status_code == 404
    assert (
        checker.post(here, {"act": "clear", "attachment": attachment, "clear_reason": ""}).status_code == 422
    )
    done = checker.post(
        here, {"act": "clear", "attachment": attachment, "clear_reason": "对外公布的值班电话"}
    )
    assert done.status_code == 302
    assert "对外公布的值班电话" in checker.get(here).content.decode()
    assert desk("collector").post(here, {"act": "collect"}).status_code == 302
    # From here on the files are the checker's to judge, no longer the collector's to change.
    assert desk("collector").post(here, {"act": "detach", "attachment": attachment}).status_code == 409


def publication_view(pk: int) -> Any:
    row = Disclosure.objects.get(pk=pk)
    return list(row.attachments.filter(removed_at=None))
