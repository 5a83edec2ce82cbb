"""A bureau, three disclosure people and a decision to disclose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api
from mingzhi.publication.data import PenaltySnapshot
from tests.made_once import load_bureau

DECIDED = date(2026, 9, 18)
AT = clock.at_local(DECIDED, 10)


def actor(n: int, body_id: int, *permissions: Permission) -> Actor:
    return Actor(
        account_id=n,
        person_id=n,
        name=f"人员{n}",
        body_id=body_id,
        unit_id=None,
        permissions=frozenset(permissions),
    )


class Bureau:
    def __init__(self, body: BodyRef, other: BodyRef) -> None:
        self.body, self.other = body, other
        self.collector = actor(101, body.id, Permission.DISCLOSURE_COLLECT)
        self.checker = actor(102, body.id, Permission.DISCLOSURE_CHECK)
        self.publisher = actor(103, body.id, Permission.DISCLOSURE_PUBLISH)
        self.all_three = actor(
            104,
            body.id,
            Permission.DISCLOSURE_COLLECT,
            Permission.DISCLOSURE_CHECK,
            Permission.DISCLOSURE_PUBLISH,
        )
        self.stranger = actor(
            105,
            other.id,
            Permission.DISCLOSURE_COLLECT,
            Permission.DISCLOSURE_CHECK,
            Permission.DISCLOSURE_PUBLISH,
        )
        self.leader = actor(106, body.id, Permission.CASE_APPROVE)

    def schedule(
        self, snapshot: PenaltySnapshot, *, at: datetime = AT, kind: str = "penalty", **kw: Any
    ) -> int:
        return api.schedule(
            dossier_id=kw.pop("dossier_id", None),
            kind=kind,
            decided_on=snapshot.decided_on,
            snapshot=snapshot,
            body=self.body,
            by=self.leader,
            at=at,
            **kw,
        )

    def published(self, snapshot: PenaltySnapshot, *, at: datetime = AT, **kw: Any) -> int:
        pk = self.schedule(snapshot, at=at, **kw)
        api.disclosure_collect(disclosure_id=pk, summary="违法倾倒建筑垃圾被罚款。", by=self.collector, at=at)
        api.disclosure_check(disclosure_id=pk, by=self.checker, at=at)
        api.disclosure_publish(disclosure_id=pk, by=self.publisher, at=at)
        return pk


@pytest.fixture
def bureau(db: None, tmp_path: Any, settings: Any) -> Bureau:
    settings.LEDGER_ROOT = tmp_path / "ledger"
    settings.KEYS_ROOT = tmp_path / "keys"
    from django.core.cache import cache

    cache.clear()
    loaded = load_bureau("xiashan-chengzong", at=AT)
    return Bureau(organisations.body(loaded.body_id), organisations.body(loaded.other_body_id))


@pytest.fixture
def snapshot(bureau: Bureau) -> Callable[..., PenaltySnapshot]:
    def make(**changes: Any) -> PenaltySnapshot:
        facts: dict[str, Any] = {
            "agency": bureau.body.name,
            "agency_code": bureau.body.credit_code,
            "party_name": "示例一号渣土运输有限公司",
            "party_kind": "legal",
            "credit_code": "91110000600037341L",
            "representative": "李示例",
            "number": "湛霞综执罚决字〔2026〕第12号",
            "violation": "随意倾倒建筑垃圾",
            "facts": "2026年9月1日，执法人员在人民大道南检查，李示例指使司机王某某倾倒建筑垃圾约12立方米。联系电话13800138000。",
            "basis": "《城市建筑垃圾管理规定》第二十六条",
            "kinds": ("03",),
            "content": "罚款人民币五千元",
            "fine_fen": 500000,
            "decided_on": DECIDED,
            "third_persons": ("王示例",),
            "secrets": ("11010519491231002X",),
            "field": "chengguan",
            "region": "440803",
            "item_code": "chengguan.waste",
        }
        return PenaltySnapshot(**(facts | changes))

    return make


@pytest.fixture
def sequenced() -> Callable[[datetime], None]:
    def run(at: datetime) -> None:
        ledger.sequence(at=at)

    return run
