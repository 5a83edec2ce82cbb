"""The channels page: opened by the administrator, a batch made, taken away and answered by the publisher."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from mingzhi.organisations import api as organisations
from mingzhi.publication import api as publication
from mingzhi.publication.models import Handover
from mingzhi.web.demo.drive import Bureau, Drive

pytestmark = pytest.mark.django_db(databases="__all__")
HERE = "/desk/channels/"
FORM = {
    "act": "set", "name": "信用中国", "kind": "penalty", "adapter": "double_publicity", "citation": "示例文件第三条",
    "url": "", "algorithm": "", "secret": "", "valid_until": "2099-12-31", "names": "",
}  # fmt: skip


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_channel_is_opened_filled_answered_and_closed(
    drive: Callable[..., Drive], bureau: Bureau, desk: Any, freeze: Any
) -> None:
    admin = desk("sysadmin")
    assert "还没有公示渠道" in text(admin.get(HERE))
    refused = admin.post(HERE, FORM | {"citation": "", "names": "没有的栏 = X1"})
    assert refused.status_code == 422 and "双公示表中没有" in text(refused) and "信用中国" in text(refused)
    assert admin.post(HERE, FORM).status_code == 302
    page = text(admin.get(HERE))
    assert "全省统一的行政执法信息公示平台" in page and "霞山区城综局方案" in page
    link = re.search(r'href="(\?name=[^"]+kind=coercion[^"]+)#set"', page)
    assert link is not None
    page = text(admin.get(HERE + link[1].replace("&amp;", "&")))
    assert 'value="全省统一的行政执法信息公示平台"' in page and 'value="push" checked' in page
    d = drive()
    d.file()
    d.investigate()
    d.conclude()
    d.to_decision()
    freeze(d.at)
    pk = publication.disclosure_status(d.id)[-1].id
    there = f"/desk/disclosures/{pk}/"
    assert desk("collector").post(there, {"act": "collect"}).status_code == 302
    assert desk("checker").post(there, {"act": "check"}).status_code == 302
    assert desk("publisher").post(there, {"act": "publish"}).status_code == 302
    publisher = desk("publisher")
    page = text(publisher.get(HERE))
    assert "制作报送批次" in page and "开通渠道" not in page
    who = organisations.actor_of(organisations.accounts.account(bureau.accounts["publisher"]), d.at.date())
    target = publication.channels.targets(who)[0].id
    assert publisher.post(HERE, {"act": "batch", "target": target}).status_code == 302
    assert publisher.post(HERE, {"act": "batch", "target": target}).status_code == 422
    [batch] = publication.channels.batches(target, who)
    taken = publisher.get(f"{HERE}{target}/{batch.name}/json")
    [record] = json.loads(taken.content)["records"]
    assert record["CF_CFJG"] and taken["Content-Disposition"].endswith('.json"')
    assert publisher.get(f"{HERE}{target}/{batch.name}/exe").status_code == 404
    assert admin.get(f"{HERE}{target}/{batch.name}/json").status_code == 404
    answer = {
        "act": "answer",
        "target": target,
        "batch": batch.name,
        "receipt": "HZ-1",
        "refused": "没有等号",
    }
    assert publisher.post(HERE, answer).status_code == 422
    assert publisher.post(HERE, answer | {"refused": f"{record['CF_WSH']} = 代码有误"}).status_code == 302
    page = text(publisher.get(HERE))
    assert "代码有误" in page and "有退回" in page
    assert publisher.get(f"{HERE}{target}/reconcile/").status_code == 422
    assert admin.post(HERE, {"act": "end", "target": target}).status_code == 302
    assert "已停用" in text(admin.get(HERE))


def test_who_has_nothing_to_do_with_it_does_not_enter(desk: Any) -> None:
    assert desk("officer1").get(HERE).status_code == 403
    assert desk("publisher").post(HERE, FORM).status_code == 403
    assert desk("publisher").post(HERE, {"act": "none"}).status_code == 405
    assert desk("publisher").post(HERE, {"act": "batch", "target": "9" * 18}).status_code == 404


def test_a_list_handed_over_by_hand_is_entered_with_its_receipt_and_never_for_another_platform(
    bureau: Bureau, desk: Any
) -> None:
    publisher = desk("publisher")
    form = {
        "act": "handed", "carrier": "reviewers|全省统一的行政执法信息公示平台", "what": "法制审核人员名册第 2 版",
        "handed_on": "2026-09-07", "receipt": "HZ-9",
    }  # fmt: skip
    for bad in (
        {"what": ""},
        {"handed_on": "2099-01-01"},
        {"handed_on": ""},
        {"carrier": "reviewers|别的平台"},
        {"carrier": "penalty|全省统一的行政执法信息公示平台"},
    ):
        assert publisher.post(HERE, form | bad).status_code == 422, bad
    assert desk("sysadmin").post(HERE, form).status_code == 403
    assert publisher.post(HERE, form).status_code == 302
    page = text(publisher.get(HERE))
    assert "HZ-9" in page and page.count("法制审核人员名册第 2 版") == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        Handover.objects.update(receipt="x")


RULES = "/desk/disclosures/rules/"
RULE = {
    "channel": "portal", "kind": "penalty", "severity": "", "party_kind": "natural", "publish": "yes", "min_months": "",
    "max_months": "24", "own_name": "surname", "valid_from": "2026-01-01", "citation": "示例公开程序第九条",
}  # fmt: skip


def test_the_rules_are_read_by_who_discloses_and_set_by_who_keeps_the_catalogue(
    drive: Callable[..., Drive], bureau: Bureau, desk: Any
) -> None:
    page = text(desk("collector").get(RULES))
    assert "最短 3 个月" in page and "待核实" in page and "设定本机关的规则" not in page
    assert desk("collector").post(RULES, RULE).status_code == 403
    keeper = desk("keeper")
    for wrong in ({"citation": ""}, {"valid_from": "x"}, {"max_months": "二"}, {"channel": "x"}, {"party_kind": "x"}, {"min_months": "30"}):  # fmt: skip
        assert keeper.post(RULES, RULE | wrong).status_code == 422, wrong
    assert keeper.post(RULES, RULE).status_code == 302
    page = text(desk("collector").get(RULES))
    first = page.split("<tbody>")[1].split("</tr>")[0]
    assert "本机关设定" in first and "自然人" in first and "最长 24 个月" in first
