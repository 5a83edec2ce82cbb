"""A bureau, an officer and an opened case to make papers for. All names are evidently invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from mingzhi.documents import actions
from mingzhi.documents import api as documents
from mingzhi.dossiers.models import Dossier
from mingzhi.kernel.clock import CHINA
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.models import Body, Unit
from mingzhi.organisations.permissions import Permission

AT = datetime(2026, 11, 16, 10, 30, tzinfo=CHINA)
OFFICERS = [{"name": "张某某", "certificate": "示-0001"}, {"name": "李某某", "certificate": "示-0002"}]
CASE = {
    "case_name": "未经批准占用城市道路堆放物料",
    "party_name": "示例一号运输有限公司",
    "party_code": "91110000600037341L",
    "representative": "王某某",
    "party_address": "示例市示例区某某路1号",
    "party_phone": "（0000）0000000",
    "filed_on": "2026-10-08",
    "officers": OFFICERS,
    "unit_name": "示例中队",
    "contact_name": "张某某",
    "contact_phone": "（0000）0000001",
}
FACTS = (
    "2026年9月28日上午，本机关执法人员在日常巡查中发现，当事人在示例区某某路（某某桥至某某街口段）人行道上堆放建筑物料，"
    "占用城市道路面积十二平方米，当场不能提供占用城市道路的批准文件。经调查，当事人自2026年9月26日起未经批准占用该路段。"
)
DECISION = {
    **CASE,
    "facts": FACTS,
    "evidence": [
        {"name": "现场检查笔录一份", "proves": "占用的地点、面积和现场状况"},
        {"name": "现场照片四张、执法记录仪视频一段", "proves": "物料堆放情况"},
        {"name": "对王某某的询问笔录一份", "proves": "占用未经批准以及起止时间"},
        {"name": "当事人营业执照复印件一份", "proves": "当事人主体资格"},
    ],
    "violated": "《城市道路管理条例》第三十一条",
    "basis": "《城市道路管理条例》第四十二条",
    "discretion": "当事人系初次违法，占用面积十二平方米，案发后主动清理，危害后果较轻，适用较轻档次。",
    "reasoning": "城市道路供公众通行，擅自占用妨碍行人安全。鉴于当事人积极整改，本机关按照过罚相当原则从轻处罚，教育当事人自觉守法。",
    "statement_result": "本机关于2026年10月26日向当事人送达《行政处罚事先告知书》，当事人在规定期限内未提出陈述、申辩意见。",
    "penalty": "处罚款人民币伍仟元整（5000元）。",
    "performance": "罚款按下列方式和期限缴纳。",
    "fine_fen": 500000,
    "surcharge": "到期不缴纳的，每日按罚款数额的百分之三加处罚款，加处罚款的数额不超出罚款的数额。",
}
NOTICE = {
    **{k: DECISION[k] for k in (*CASE, "facts", "evidence", "violated", "basis", "discretion")},
    "penalty": "处罚款人民币伍仟元整（5000元）。",
    "reasons": "当事人未经批准占用城市道路，妨碍公众通行。",
    "response_days": 3,
}


@dataclass(frozen=True)
class Bureau:
    body: BodyRef
    by: Actor
    dossier: Dossier
    unit: Unit

    def draw(self, template: str, data: dict, **kw):
        return documents.draw(
            dossier_id=self.dossier.pk, template=template, data=data, body=self.body, step_id=None,
            by=self.by, at=kw.pop("at", AT), **kw,
        )  # fmt: skip


@pytest.fixture
def keys(tmp_path: Path, settings):
    settings.KEYS_ROOT = tmp_path / "keys"
    settings.FILES_ROOT = tmp_path / "files"
    return settings.KEYS_ROOT


def make_bureau() -> Bureau:
    body = Body.objects.create(
        path="/1/", name="示例市城市管理和综合执法局", short_name="示例综执局", kind="statutory", level="county",
        credit_code="91110000600037341L", region_code="440803", code_word="示综执", profile="xiashan-chengzong",
        government="示例市人民政府", court="示例市人民法院", address="示例市某某路2号", phone="（0000）0000002",
        payee_bank="示例银行某某支行", payee_address="示例市某某路3号",
    )  # fmt: skip
    unit = Unit.objects.create(body=body, name="示例中队", kind="enforcement")
    by = Actor(
        None,
        None,
        "张某某",
        body.pk,
        unit.pk,
        permissions=frozenset({Permission.TEMPLATE_MANAGE, Permission.CASE_ACT}),
    )
    dossier = Dossier.objects.create(
        number="440803-2026-000001", procedure="penalty", procedure_version="1", title=CASE["case_name"], body=body,
        unit=unit, field="urban", state="filed", stage="investigate", opened_at=AT, opened_by=by.label,
        last_step_at=AT, party_name=CASE["party_name"],
    )  # fmt: skip
    actions.load_templates(by=by, at=AT)
    return Bureau(organisations.body(body.pk), by, dossier, unit)


@pytest.fixture
def bureau(db, keys) -> Bureau:
    return make_bureau()
