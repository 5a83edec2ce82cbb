"""A bureau, three disclosure people and a decision to disclose; who stands on which side of a citizen's message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.organisations.permissions import Permission as P
from mingzhi.publication import api
from mingzhi.publication.data import IntakeReceipt, PenaltySnapshot
from mingzhi.publication.models import Intake
from tests.made_once import load_bureau

DECIDED = date(2026, 9, 18)
AT = clock.at_local(DECIDED, 10)


def actor(n: int, body_id: int, *permissions: Permission) -> Actor:
    """Somebody whom the register does not know: far from every number that it hands out."""
    n += 1_000_000
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


# --- letters -------------------------------------------------------------------------------------------

TEXT = "2026年9月15日上午，某队人员在示例路检查时没有出示证件，态度粗暴。"
NAME, PHONE = "欧阳示例", "13900139000"


class People:
    """Who stands on which side of a complaint about the first enforcement unit."""

    def __init__(self, bureau: Bureau) -> None:
        body = bureau.body.id
        one, two = (
            u
            for u in organisations.units(body, "enforcement")
        )  # fmt: skip
        office = organisations.units(body, "office")[0]
        self.one, self.two = one, two
        self.manager = replace(actor(301, body, P.INTAKE_MANAGE, P.CLUE_REGISTER), unit_id=office.id)
        self.keeper = replace(
            actor(302, body, P.INTAKE_MANAGE, P.INTAKE_HANDLE, P.INTAKE_UNSEAL), unit_id=office.id
        )
        self.head_of_one = self._of(one.id, "王某丁", P.INTAKE_HANDLE, P.CASE_UNIT_CHECK)
        self.member_of_one = self._of(one.id, "李某丙", P.INTAKE_HANDLE)
        self.accused = self._of(
            one.id, "张某甲", P.INTAKE_HANDLE, P.INTAKE_MANAGE, P.INTAKE_UNSEAL, P.CASE_APPROVE
        )
        self.head_of_two = self._of(two.id, "孙某戊", P.INTAKE_HANDLE, P.CASE_UNIT_CHECK)
        self.member_of_two = self._of(two.id, "赵某丁", P.INTAKE_HANDLE)
        self.leader = replace(actor(307, body, P.CASE_APPROVE, P.CASE_DEPUTY_APPROVE), unit_id=None)
        self.deputy = replace(actor(308, body, P.CASE_DEPUTY_APPROVE), unit_id=None)
        self.elsewhere = actor(309, bureau.other.id, *P)
        top = bureau.body.path.split("/")[0]
        self.supervisor = replace(
            actor(310, 0, P.SUPERVISE_READ), supervised=(bureau.body.path[: max(1, len(top))],)
        )

    @staticmethod
    def _of(unit_id: int, name: str, *permissions: P) -> Actor:
        person = next(
            p for p in organisations.people(organisations.unit(unit_id).body_id, on=DECIDED) if p.name == name
        )
        by = actor(person.id, person.body_id, *permissions)
        return replace(by, account_id=person.id, person_id=person.id, unit_id=unit_id, name=name)

    def everybody(self) -> dict[str, Actor]:
        return {name: by for name, by in vars(self).items() if isinstance(by, Actor)}


@pytest.fixture
def people(bureau: Bureau) -> People:
    return People(bureau)


@pytest.fixture
def send(bureau: Bureau) -> Callable[..., tuple[Intake, IntakeReceipt]]:
    def go(kind: str = "complaint", at: datetime = AT, **changes: Any) -> tuple[Intake, IntakeReceipt]:
        given = {
            "kind": kind, "body_id": bureau.body.id, "title": "检查不出示证件", "text": TEXT,
            "against": "张某甲" if kind == "complaint" else "", "contact_name": NAME, "contact": PHONE,
        } | changes  # fmt: skip
        receipt = api.intake_receive(by=organisations.system_actor(bureau.body.id), at=at, **given)
        return Intake.objects.get(number=receipt.number), receipt

    return go


Send = Callable[..., tuple[Intake, IntakeReceipt]]


def told(receipt: IntakeReceipt, at: datetime = AT) -> Any:
    return api.progress(receipt.number, receipt.code, at=at)


def taken_up(people: People, send: Send, **changes: Any) -> tuple[Intake, IntakeReceipt]:
    row, receipt = send(**changes)
    api.letters.intake_accept(intake_id=row.pk, by=people.manager, at=AT)
    return row, receipt


def answered(people: People, row: Intake, reply: str, at: datetime = AT) -> None:
    """Drafted by the keeper, approved by the deputy, as a complaint's answer is unless the body says otherwise."""
    api.letters.intake_draft(intake_id=row.pk, reply=reply, by=people.keeper, at=at)
    api.letters.intake_draft_decide(intake_id=row.pk, approve=True, by=people.deputy, at=at)


def term(people: People, stage: str, days: int, kind: str = "complaint", at: datetime = AT) -> None:
    keeper = replace(people.manager, permissions=frozenset({P.CATALOGUE_MANAGE}))
    api.letters.term_set(
        kind=kind, stage=stage, days=days, working=True, valid_from=clock.local_date(at),
        citation="某局投诉举报办理规定第五条", by=keeper, at=at,
    )  # fmt: skip


def rule(people: People, *, needed: bool, kind: str = "complaint", at: datetime = AT) -> None:
    """The body's own rule whether answers are approved by a second person."""
    api.letters.check_set(
        kind=kind, needed=needed, valid_from=clock.local_date(at), citation="某局投诉举报办理规定第七条",
        by=replace(people.manager, permissions=frozenset({P.CATALOGUE_MANAGE})), at=at,
    )  # fmt: skip
