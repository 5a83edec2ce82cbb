"""A lifelike bureau for each of the five profiles, with evidently invented people.

Only for demonstration and tests: one documented password, names such as 张某甲, numbers that no
authority issues. A real installation registers its own people on the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from mingzhi.kernel import clock, identifiers
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations import account_actions, actions
from mingzhi.organisations.access import system_actor
from mingzhi.organisations.choices import (
    BodyKind,
    BodyLevel,
    CertificateEventKind,
    QualificationKind,
    Role,
    StaffingKind,
    TrainingKind,
    UnitKind,
)
from mingzhi.organisations.models import Account, Body
from mingzhi.organisations.permissions import Permission

#: The documented password of every demonstration log-in. Never used outside the demonstration bureau.
DEMO_PASSWORD = "Mingzhi-Demo-2026"  # noqa: S105 — printed by ./run, worthless elsewhere
#: Demonstration certificates and roles reach back so that dated real records can be driven.
SINCE = date(2016, 1, 1)

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Login:
    """One log-in to print."""

    username: str
    password: str
    name: str
    unit: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BureauLoaded:
    """What was made: ids, and the log-ins to print. ``other_body_id`` is a neighbour whose files do not
    exist for this bureau's people."""

    profile: str
    body_id: int
    government_id: int
    supervisor_id: int
    other_body_id: int
    logins: tuple[Login, ...]
    fresh: bool
    accounts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BureauPlan:
    """What differs between the five demonstration bureaus."""

    key: str
    name: str
    short_name: str
    region: str
    code_word: str
    level: str
    place: str
    province: str
    scope: str
    review_unit: str
    teams: tuple[str, str]
    office: str
    duties: str
    basis: str
    neighbour: tuple[str, str, str, str] = ("", "", "", "")


PLANS: dict[str, BureauPlan] = {
    plan.key: plan
    for plan in (
        BureauPlan(
            key="xian-transport",
            name="西安市交通运输局",
            short_name="市交通局",
            region="610100",
            code_word="西交",
            level=BodyLevel.CITY,
            place="西安市",
            province="陕西省",
            scope="交通运输",
            review_unit="政策法规处",
            teams=("综合执法支队一大队", "综合执法支队二大队"),
            office="办公室",
            duties="负责本行政区域内公路、道路运输、水路运输等交通运输行政执法工作。",
            basis="《中华人民共和国公路法》《中华人民共和国道路运输条例》等",
            neighbour=("西安市水务局", "市水务局", "西水", "水利"),
        ),
        BureauPlan(
            key="zhenjiang-chengguan",
            name="镇江市城市管理局（镇江市综合行政执法局）",
            short_name="市城管局",
            region="321100",
            code_word="镇城管",
            level=BodyLevel.CITY,
            place="镇江市",
            province="江苏省",
            scope="城市管理",
            review_unit="政策法规处",
            teams=("综合行政执法支队一大队", "综合行政执法支队二大队"),
            office="办公室",
            duties="负责本行政区域内市容环境卫生、市政公用等城市管理行政执法工作。",
            basis="《城市市容和环境卫生管理条例》《城市道路管理条例》等",
            neighbour=("镇江市水利局", "市水利局", "镇水", "水利"),
        ),
        BureauPlan(
            key="changzhi-water",
            name="长治市水利局",
            short_name="市水利局",
            region="140400",
            code_word="长水",
            level=BodyLevel.CITY,
            place="长治市",
            province="山西省",
            scope="水利",
            review_unit="政策法规科",
            teams=("水政监察支队一大队", "水政监察支队二大队"),
            office="办公室",
            duties="负责本行政区域内水资源、河道、水土保持等水行政执法工作。",
            basis="《中华人民共和国水法》《中华人民共和国水土保持法》等",
            neighbour=("长治市交通运输局", "市交通局", "长交", "交通运输"),
        ),
        BureauPlan(
            key="yongcheng-transport",
            name="永城市交通运输局",
            short_name="市交通局",
            region="411481",
            code_word="永交",
            level=BodyLevel.COUNTY,
            place="永城市",
            province="河南省",
            scope="交通运输",
            review_unit="法制科",
            teams=("综合行政执法大队一中队", "综合行政执法大队二中队"),
            office="办公室",
            duties="负责本行政区域内公路、道路运输等交通运输行政执法工作。",
            basis="《中华人民共和国公路法》《中华人民共和国道路运输条例》等",
            neighbour=("永城市水利局", "市水利局", "永水", "水利"),
        ),
        BureauPlan(
            key="xiashan-chengzong",
            name="湛江市霞山区城市管理和综合执法局",
            short_name="霞山区城综局",
            region="440803",
            code_word="湛霞城综",
            level=BodyLevel.COUNTY,
            place="湛江市霞山区",
            province="广东省",
            scope="城市管理",
            review_unit="政策法规股",
            teams=("综合执法一中队", "综合执法二中队"),
            office="办公室",
            duties="负责本行政区域内市容环境卫生、城市规划、市政公用等城市管理综合执法工作。",
            basis="《城市市容和环境卫生管理条例》《城市道路管理条例》等",
            neighbour=("湛江市霞山区农业农村和水务局", "霞山区农业农村和水务局", "湛霞农水", "水利"),
        ),
    )
}

_LEADERS, _OFFICE, _REVIEW, _ONE, _TWO, _DISCIPLINE = (
    "leaders",
    "office",
    "review",
    "one",
    "two",
    "discipline",
)

#: username (empty: no account), name, post, unit, roles, certificate ("", "valid", "expired",
#: "suspended") or the kind of staff that holds none ("auxiliary", "adviser").
_PEOPLE: tuple[tuple[str, str, str, str, tuple[Role, ...], str], ...] = (
    ("leader", "陈某甲", "局长", _LEADERS, (Role.LEADER, Role.DISCUSSANT), ""),
    ("deputy", "李某乙", "副局长", _LEADERS, (Role.DEPUTY_LEADER, Role.DISCUSSANT), ""),
    ("deputy2", "杨某丙", "副局长", _LEADERS, (Role.DISCUSSANT,), ""),
    ("head", "王某丁", "队长", _ONE, (Role.UNIT_HEAD,), "valid"),
    ("officer1", "张某甲", "执法人员", _ONE, (Role.OFFICER,), "valid"),
    ("officer2", "李某丙", "执法人员", _ONE, (Role.OFFICER,), "valid"),
    ("head2", "孙某戊", "队长", _TWO, (Role.UNIT_HEAD,), "valid"),
    ("officer3", "赵某丁", "执法人员", _TWO, (Role.OFFICER,), "valid"),
    ("officer4", "钱某戊", "执法人员", _TWO, (Role.OFFICER,), "valid"),
    ("", "冯某己", "执法人员", _TWO, (), "expired"),
    ("", "褚某庚", "执法人员", _ONE, (), "suspended"),
    ("", "卫某辛", "辅助人员", _ONE, (), "auxiliary"),
    ("reviewhead", "周某己", "负责人", _REVIEW, (Role.REVIEW_HEAD,), ""),
    ("reviewer", "吴某庚", "法制审核员", _REVIEW, (Role.REVIEWER,), ""),
    ("host", "郑某辛", "听证主持人", _OFFICE, (Role.HEARING_HOST,), ""),
    ("collector", "蒋某壬", "公示采集员", _OFFICE, (Role.DISCLOSURE_COLLECTOR, Role.WINDOW_CLERK), ""),
    ("checker", "沈某癸", "公示审核员", _OFFICE, (Role.DISCLOSURE_CHECKER,), ""),
    ("publisher", "韩某子", "公示发布员", _OFFICE, (Role.DISCLOSURE_PUBLISHER,), ""),
    ("cashier", "朱某丑", "财务人员", _OFFICE, (Role.CASHIER,), ""),
    ("keeper", "秦某寅", "目录清单管理员", _REVIEW, (Role.LIST_KEEPER, Role.STATISTICIAN), ""),
    ("adviser", "喻某丑", "法律顾问", _OFFICE, (Role.ADVISER,), "adviser"),
    ("archivist", "尤某卯", "档案员", _OFFICE, (Role.ARCHIVIST, Role.EVALUATOR), ""),
    ("sysadmin", "许某辰", "系统管理员", _OFFICE, (Role.SYSTEM_ADMIN,), ""),
    ("secadmin", "何某巳", "安全管理员", _OFFICE, (Role.SECURITY_ADMIN,), ""),
    ("auditor", "吕某午", "安全审计员", _DISCIPLINE, (Role.AUDIT_ADMIN,), ""),
    ("letters", "曹某酉", "投诉举报专管员", _DISCIPLINE, (Role.COMPLAINTS_KEEPER,), ""),
)
#: username, name, post, unit kind, roles: who handles, and who reviews and signs what is decided jointly.
_NEIGHBOURS: tuple[tuple[str, str, str, UnitKind, tuple[Role, ...]], ...] = (
    ("other", "施某未", "执法人员", UnitKind.ENFORCEMENT, (Role.OFFICER,)),
    ("", "孔某申", "执法人员", UnitKind.ENFORCEMENT, ()),
    ("otherreviewhead", "金某戌", "负责人", UnitKind.REVIEW, (Role.REVIEW_HEAD,)),
    ("otherreviewer", "魏某亥", "法制审核员", UnitKind.REVIEW, (Role.REVIEWER,)),
    ("otherleader", "陶某子", "局长", UnitKind.LEADERSHIP, (Role.LEADER,)),
    ("otheradviser", "姜某卯", "公职律师", UnitKind.LEADERSHIP, (Role.ADVISER,)),
)


def invented_credit_code(region: str, number: int) -> str:
    """A well-formed credit code that is evidently invented: nine like digits before the check digit."""
    head = f"11{region}{str(number % 10) * 9}"
    for check in _ALPHABET:
        try:
            return identifiers.credit_code(head + check)
        except ValueError:
            continue
    raise AssertionError("every head has a check digit")  # pragma: no cover


def load_bureau(profile: str | Mapping[str, Any], *, at: datetime) -> BureauLoaded:
    """Make the demonstration bureau of ``profile`` (its key, or a mapping with ``key`` and columns that
    override the body's), its supervisor and a neighbour. A second call finds what is there and makes nothing.
    """
    given = {"key": profile} if isinstance(profile, str) else dict(profile)
    plan = PLANS.get(str(given.pop("key", "")))
    if plan is None:
        raise Invalid(
            f"没有名为“{profile}”的配置档", remedy=f"可选：{'、'.join(PLANS)}", code="profile.unknown"
        )
    with transaction.atomic():
        return _found(plan) or _make(plan, given, at)


def _found(plan: BureauPlan) -> BureauLoaded | None:
    row = (
        Body.objects.filter(profile=plan.key, region_code=plan.region, parent__isnull=False)
        .order_by("pk")
        .first()
    )
    if row is None or row.parent is None:
        return None
    siblings = Body.objects.filter(parent=row.parent).exclude(pk=row.pk).order_by("pk")
    supervisor = siblings.filter(kind=BodyKind.SUPERVISOR).first()
    other = siblings.exclude(kind=BodyKind.SUPERVISOR).first()
    if supervisor is None or other is None:
        return None
    accounts = Account.objects.filter(body__in=[row.pk, supervisor.pk, other.pk]).select_related(
        "person__unit"
    )
    return BureauLoaded(
        profile=plan.key,
        body_id=row.pk,
        government_id=row.parent.pk,
        supervisor_id=supervisor.pk,
        other_body_id=other.pk,
        logins=tuple(
            Login(
                username=a.username,
                password=DEMO_PASSWORD,
                name=a.person.name if a.person else a.username,
                unit=a.person.unit.name if a.person and a.person.unit else "",
                roles=tuple(str(Role(g.role).label) for g in a.grants.order_by("pk")),
            )
            for a in accounts.order_by("pk")
        ),
        fresh=False,
        accounts={_base(a.username): a.pk for a in accounts},
    )


def _base(username: str) -> str:
    return username.partition(".")[0]


class _Maker:
    """Carries what every registration of one bureau needs."""

    def __init__(self, plan: BureauPlan, at: datetime) -> None:
        self.plan = plan
        self.at = at
        self.by = system_actor(
            0,
            frozenset(
                {
                    Permission.ACCOUNT_MANAGE,
                    Permission.BODY_MANAGE,
                    Permission.CERTIFICATE_MANAGE,
                    Permission.ROLE_MANAGE,
                }
            ),
        )
        self.day = clock.local_date(at)
        self.logins: list[Login] = []
        self.accounts: dict[str, int] = {}
        self.cards = 0

    def body(  # noqa: PLR0917
        self, parent_id: int | None, name: str, short: str, kind: BodyKind, word: str, nth: int, **more: Any
    ) -> int:
        plan = self.plan
        facts: dict[str, Any] = {
            "name": name,
            "short_name": short,
            "kind": kind.value,
            "level": plan.level,
            "credit_code": invented_credit_code(plan.region, nth),
            "region_code": plan.region,
            "code_word": word,
            "profile": plan.key if kind == BodyKind.STATUTORY else "",
            "government": f"{plan.place}人民政府",
            "court": "有管辖权的人民法院",
            "address": f"{plan.place}示例路 {nth} 号",
            "phone": f"000-0000000{nth}",
            "supervision_phone": f"000-0000001{nth}",
            "payee_bank": "示例银行代收罚款网点",
            "payee_address": f"{plan.place}示例路 100 号",
        }
        return actions.body_create(parent_id=parent_id, by=self.by, at=self.at, **{**facts, **more})

    def unit(self, body_id: int, name: str, kind: UnitKind) -> int:
        return actions.unit_create(body_id=body_id, name=name, kind=kind.value, by=self.by, at=self.at)

    def account(  # noqa: PLR0917
        self, body_id: int, person_id: int, username: str, name: str, unit: str, roles: tuple[Role, ...]
    ) -> None:
        free = (
            username
            if not Account.objects.filter(username=username).exists()
            else f"{username}.{self.plan.key}"
        )
        account_id = account_actions.account_create(
            username=free,
            password=DEMO_PASSWORD,
            body_id=body_id,
            person_id=person_id,
            must_change=False,
            by=self.by,
            at=self.at,
        )
        for role in roles:
            account_actions.role_grant(
                account_id=account_id,
                role=role.value,
                valid_from=SINCE,
                mandate="演示授权",
                by=self.by,
                at=self.at,
            )
        self.accounts[username] = account_id
        self.logins.append(Login(free, DEMO_PASSWORD, name, unit, tuple(str(r.label) for r in roles)))

    def card(self, person_id: int, state: str, scope: str) -> None:
        self.cards += 1
        until = self.day - timedelta(days=30) if state == "expired" else date(self.day.year + 4, 12, 31)
        card_id = actions.certificate_register(
            person_id=person_id,
            number=f"{self.plan.region}99{self.cards:04d}",
            issuer=f"{self.plan.province}人民政府",
            scope=scope,
            area=self.plan.place,
            valid_from=SINCE,
            valid_until=until,
            by=self.by,
            at=self.at,
        )
        seen = min(until, self.day) - timedelta(days=200)
        actions.certificate_inspected(
            certificate_id=card_id, inspected_on=seen, retrained_on=seen, by=self.by, at=self.at
        )
        if state == "suspended":
            actions.certificate_event(
                certificate_id=card_id,
                kind=CertificateEventKind.SUSPEND.value,
                on=self.day - timedelta(days=60),
                reason="未按要求参加更新培训考试，暂扣证件",
                by=self.by,
                at=self.at,
            )


def _make(plan: BureauPlan, given: dict[str, Any], at: datetime) -> BureauLoaded:
    make = _Maker(plan, at)
    government = make.body(
        None, f"{plan.place}人民政府", f"{plan.place}政府", BodyKind.GOVERNMENT, f"{plan.code_word[0]}政", 1
    )
    supervisor = make.body(
        government,
        f"{plan.place}司法局",
        f"{plan.place}司法局",
        BodyKind.SUPERVISOR,
        f"{plan.code_word[0]}司",
        2,
    )
    own = make.body(
        government,
        plan.name,
        plan.short_name,
        BodyKind.STATUTORY,
        plan.code_word,
        3,
        **{"duties": plan.duties, "basis": plan.basis, **given},
    )
    names = {
        _LEADERS: ("局领导", UnitKind.LEADERSHIP),
        _OFFICE: (plan.office, UnitKind.OFFICE),
        _REVIEW: (plan.review_unit, UnitKind.REVIEW),
        _ONE: (plan.teams[0], UnitKind.ENFORCEMENT),
        _TWO: (plan.teams[1], UnitKind.ENFORCEMENT),
        _DISCIPLINE: ("纪检监督室", UnitKind.DISCIPLINE),
    }
    units = {key: make.unit(own, name, kind) for key, (name, kind) in names.items()}
    for username, name, title, unit, roles, card in _PEOPLE:
        outside = {"auxiliary": StaffingKind.AUXILIARY, "adviser": StaffingKind.ADVISER}.get(card)
        person = actions.person_create(
            body_id=own,
            unit_id=units[unit],
            name=name,
            title=title,
            staffing=(outside or StaffingKind.ESTABLISHED).value,
            first_reviewed_on=date(2016, 6, 1) if username == "reviewhead" else None,
            by=make.by,
            at=at,
        )
        if card and outside is None:
            make.card(person, card, plan.scope)
        if username in {"reviewer", "reviewhead"}:
            actions.training_register(
                person_id=person,
                kind=TrainingKind.REVIEWER.value,
                title="法制审核人员年度培训",
                held_on=make.day - timedelta(days=120),
                hours=24,
                passed=True,
                by=make.by,
                at=at,
            )
        if username == "reviewer":
            _qualify(make, person, QualificationKind.LAW, "A")
        if username == "host":
            _qualify(make, person, QualificationKind.HEARING_HOST, "H")
        if username == "adviser":
            _qualify(make, person, QualificationKind.LAW, "C")
        if username:
            make.account(own, person, username, name, names[unit][0], roles)
    watch = make.unit(supervisor, "行政执法协调监督科", UnitKind.OFFICE)
    person = actions.person_create(
        body_id=supervisor, unit_id=watch, name="曹某酉", title="执法监督人员", by=make.by, at=at
    )
    make.account(supervisor, person, "supervisor", "曹某酉", "行政执法协调监督科", (Role.SUPERVISOR,))
    other = _neighbour(make, government)
    return BureauLoaded(
        profile=plan.key,
        body_id=own,
        government_id=government,
        supervisor_id=supervisor,
        other_body_id=other,
        logins=tuple(make.logins),
        fresh=True,
        accounts=make.accounts,
    )


def _qualify(make: _Maker, person: int, kind: QualificationKind, letter: str) -> None:
    actions.qualification_register(
        person_id=person,
        kind=kind.value,
        number=f"{letter}{make.plan.region}000001",
        obtained_on=date(2015, 3, 1),
        by=make.by,
        at=make.at,
    )


def _neighbour(make: _Maker, government: int) -> int:
    """A second bureau in the same place, to show that its files do not exist for this one's people."""
    name, short, word, scope = make.plan.neighbour
    other = make.body(government, name, short, BodyKind.STATUTORY, word, 4, profile="")
    names = {
        UnitKind.ENFORCEMENT: "执法一中队",
        UnitKind.REVIEW: "政策法规股",
        UnitKind.LEADERSHIP: "局领导",
    }
    units = {kind: make.unit(other, unit_name, kind) for kind, unit_name in names.items()}
    for username, person_name, title, kind, roles in _NEIGHBOURS:
        person = actions.person_create(
            body_id=other, unit_id=units[kind], name=person_name, title=title, by=make.by, at=make.at
        )
        if kind == UnitKind.ENFORCEMENT:
            make.card(person, "valid", scope)
        if username in ("otherreviewer", "otheradviser"):
            _qualify(make, person, QualificationKind.LAW, "B" if username == "otherreviewer" else "D")
        if username:
            make.account(other, person, username, person_name, names[kind], roles)
    return other
