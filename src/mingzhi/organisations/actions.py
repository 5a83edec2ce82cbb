"""Writes of the organisations room. One verb, one function, one transaction, one ledger entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from mingzhi.kernel import clock, identifiers
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound, Problems
from mingzhi.organisations import choices
from mingzhi.organisations.access import require
from mingzhi.organisations.data import Actor
from mingzhi.organisations.errors import CertificateGone
from mingzhi.organisations.events import record
from mingzhi.organisations.models import (
    Body,
    Certificate,
    CertificateEvent,
    Person,
    Qualification,
    Training,
    Unit,
)
from mingzhi.organisations.permissions import Permission

_BODY_FIELDS = [
    "name",
    "short_name",
    "kind",
    "level",
    "credit_code",
    "region_code",
    "code_word",
    "profile",
    "government",
    "court",
    "address",
    "phone",
    "duties",
    "basis",
    "supervision_phone",
    "payee_bank",
    "payee_address",
    "active",
]
_BODY_REQUIRED = ("name", "short_name", "kind", "level", "credit_code", "code_word")


def change(row: models.Model, changes: Mapping[str, Any], *, at: datetime) -> bool:
    """Set what differs, save those columns, tell the ledger. ``False`` when nothing differed."""
    names = [name for name, value in changes.items() if getattr(row, name) != value]
    if not names:
        return False
    for name in names:
        setattr(row, name, changes[name])
    row.save(update_fields=[row._meta.get_field(n).name for n in names])
    record(row, at=at)
    return True


def text(problems: Problems, field: str, value: str, label: str, *, limit: int) -> str:
    clean = value.strip()
    if not clean:
        problems.add(field, f"请填写{label}")
    elif len(clean) > limit:
        problems.add(field, f"{label}不得超过 {limit} 个字")
    return clean


def choice(problems: Problems, field: str, value: str, of: type[models.TextChoices], label: str) -> str:
    if value not in of.values:
        problems.add(field, f"请选择{label}：{'、'.join(str(x) for x in of.labels)}")
    return value


# --- bodies, units, people ------------------------------------------------------------------------


def _body_facts(problems: Problems, facts: dict[str, Any], body_id: int | None = None) -> None:
    """Check and tidy the columns given. No two bodies have one 机关代字: their numbers would be one series."""
    unknown = set(facts) - set(_BODY_FIELDS)
    if unknown:
        raise TypeError(f"unknown facts of a body: {sorted(unknown)}")
    for name, label, limit in (
        ("name", "全称", 120),
        ("short_name", "简称", 40),
        ("code_word", "机关代字", 20),
    ):
        if name in facts:
            facts[name] = text(problems, name, facts[name], label, limit=limit)
    for name, of, label in (("kind", choices.BodyKind, "主体类型"), ("level", choices.BodyLevel, "层级")):
        if name in facts:
            choice(problems, name, facts[name], of, label)
    if "credit_code" in facts:
        try:
            facts["credit_code"] = identifiers.credit_code(facts["credit_code"])
        except ValueError as error:
            problems.add("credit_code", str(error))
    if facts.get("region_code") and not (facts["region_code"].isascii() and facts["region_code"].isdigit()):
        problems.add("region_code", "行政区划代码应为数字，如 440803")
    if facts.get("code_word"):
        facts["code_word"] = "".join(facts["code_word"].split())
        taken = Body.objects.filter(code_word=facts["code_word"]).exclude(pk=body_id or 0).first()
        if taken is not None:
            problems.add("code_word", _taken(taken))


def _taken(body: Body) -> str:
    return f"机关代字“{body.code_word}”已由{body.name}使用，案号、文号会编入同一序列，请另定机关代字"


def _save(row: Body, save: Callable[[], None]) -> None:
    """``save`` the row; whoever took its 机关代字 in the same moment is told instead of an error."""
    try:
        with transaction.atomic():
            save()
    except IntegrityError:
        taken = Body.objects.filter(code_word=row.code_word).exclude(pk=row.pk).first()
        if taken is None:
            raise
        raise Invalid(fields={"code_word": [_taken(taken)]}) from None


@transaction.atomic
def body_create(
    *, parent_id: int | None, entrusted_by_id: int | None = None, by: Actor, at: datetime, **facts: Any
) -> int:
    """Register a body below ``parent_id`` and answer its id. ``facts`` are the columns of ``Body``."""
    require(by, Permission.BODY_MANAGE, body_id=parent_id)
    if parent_id is None and by.account_id is not None:
        raise NotAllowed("顶层机关只能在安装时登记")
    problems = Problems()
    _body_facts(problems, facts := {**dict.fromkeys(_BODY_REQUIRED, ""), **facts})
    if facts["kind"] == choices.BodyKind.ENTRUSTED and entrusted_by_id is None:
        problems.add("entrusted_by", "受委托组织应当填写委托机关")
    problems.raise_if_any()
    parent = Body.objects.filter(pk=parent_id).first() if parent_id is not None else None
    if parent_id is not None and parent is None:
        raise NotFound("未找到上级机关")
    row = Body(
        parent=parent,
        entrusted_by_id=entrusted_by_id,
        path=f"?{at.isoformat()}:{facts['name']}"[:200],
        **facts,
    )
    _save(row, lambda: row.save(force_insert=True))
    row.path = f"{parent.path if parent else '/'}{row.pk}/"
    row.save(update_fields=["path"])
    record(row, at=at)
    return row.pk


@transaction.atomic
def body_change(*, body_id: int, by: Actor, at: datetime, **changes: Any) -> bool:
    """Change columns of a body; its place in the tree stays."""
    require(by, Permission.BODY_MANAGE, body_id=body_id)
    problems = Problems()
    _body_facts(problems, changes, body_id)
    problems.raise_if_any()
    row = Body.objects.select_for_update().get(pk=body_id)
    changed = False

    def save() -> None:
        nonlocal changed
        changed = change(row, changes, at=at)

    _save(row, save)
    return changed


@transaction.atomic
def unit_create(
    *,
    body_id: int,
    name: str,
    kind: str,
    parent_id: int | None = None,
    duties: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Register an internal unit or team."""
    require(by, Permission.BODY_MANAGE, body_id=body_id)
    problems = Problems()
    name = text(problems, "name", name, "机构名称", limit=80)
    choice(problems, "kind", kind, choices.UnitKind, "职能")
    if parent_id is not None and not Unit.objects.filter(pk=parent_id, body_id=body_id).exists():
        problems.add("parent", "上级机构应当是本机关的内设机构")
    if Unit.objects.filter(body_id=body_id, name=name).exists():
        problems.add("name", f"本机关已有名为“{name}”的内设机构")
    problems.raise_if_any()
    row = Unit.objects.create(body_id=body_id, name=name, kind=kind, parent_id=parent_id, duties=duties)
    record(row, at=at)
    return row.pk


@transaction.atomic
def unit_change(*, unit_id: int, by: Actor, at: datetime, **changes: Any) -> bool:
    """Change ``name``, ``kind``, ``duties`` or ``active`` of a unit."""
    row = Unit.objects.select_for_update().filter(pk=unit_id).first()
    if row is None:
        raise NotFound("未找到该内设机构")
    require(by, Permission.BODY_MANAGE, body_id=row.body_id)
    unknown = set(changes) - {"name", "kind", "duties", "active"}
    if unknown:
        raise TypeError(f"unknown facts of a unit: {sorted(unknown)}")
    problems = Problems()
    if "name" in changes:
        changes["name"] = text(problems, "name", changes["name"], "机构名称", limit=80)
        if Unit.objects.filter(body_id=row.body_id, name=changes["name"]).exclude(pk=row.pk).exists():
            problems.add("name", f"本机关已有名为“{changes['name']}”的内设机构")
    if "kind" in changes:
        choice(problems, "kind", changes["kind"], choices.UnitKind, "职能")
    problems.raise_if_any()
    return change(row, changes, at=at)


def _person_facts(
    problems: Problems, body_id: int, facts: dict[str, Any], *, person_id: int | None = None
) -> None:
    if "name" in facts:
        facts["name"] = text(problems, "name", facts["name"], "姓名", limit=60)
        from pypinyin import lazy_pinyin  # its dictionary is large: only who registers people loads it

        facts["pinyin"] = "".join(lazy_pinyin(facts["name"]))[:120]
    if "staffing" in facts:
        choice(problems, "staffing", facts["staffing"], choices.StaffingKind, "编制")
    if facts.get("work_number"):
        number = facts["work_number"] = "".join(facts["work_number"].split())
        if len(number) > 20:
            problems.add("work_number", "工号最多 20 个字")
        elif Person.objects.filter(body_id=body_id, work_number=number).exclude(pk=person_id or 0).exists():
            problems.add("work_number", f"工号 {number} 已经登记，请核对")
    if facts.get("phone"):
        try:
            facts["phone"] = identifiers.mobile(facts["phone"])
        except ValueError as error:
            problems.add("phone", str(error))
    unit_id = facts.get("unit_id")
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, body_id=body_id).exists():
        problems.add("unit", "内设机构应当是本机关的机构")


@transaction.atomic
def person_create(
    *,
    body_id: int,
    unit_id: int | None,
    name: str,
    title: str = "",
    work_number: str = "",
    staffing: str = choices.StaffingKind.ESTABLISHED.value,
    phone: str = "",
    first_reviewed_on: date | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Register a person of a body."""
    require(by, Permission.BODY_MANAGE, body_id=body_id)
    problems = Problems()
    facts: dict[str, Any] = {
        "unit_id": unit_id,
        "name": name,
        "title": title.strip(),
        "work_number": work_number,
        "staffing": staffing,
        "phone": phone,
        "first_reviewed_on": first_reviewed_on,
    }
    _person_facts(problems, body_id, facts)
    problems.raise_if_any()
    row = Person.objects.create(body_id=body_id, **facts)
    record(row, at=at)
    return row.pk


_OF_A_PERSON = frozenset(
    {"unit_id", "name", "title", "work_number", "staffing", "phone", "first_reviewed_on", "active"}
)


@transaction.atomic
def person_change(*, person_id: int, by: Actor, at: datetime, **changes: Any) -> bool:
    """Change columns of a person: unit, name, post, work number, staffing, phone, first review, in office."""
    row = Person.objects.select_for_update().filter(pk=person_id).first()
    if row is None:
        raise NotFound("未找到该人员")
    require(by, Permission.BODY_MANAGE, body_id=row.body_id)
    unknown = set(changes) - _OF_A_PERSON
    if unknown:
        raise TypeError(f"unknown facts of a person: {sorted(unknown)}")
    problems = Problems()
    _person_facts(problems, row.body_id, changes, person_id=row.pk)
    problems.raise_if_any()
    return change(row, changes, at=at)


# --- certificates, qualifications, training -------------------------------------------------------


def _person_for(person_id: int, by: Actor) -> Person:
    row = Person.objects.filter(pk=person_id).first()
    if row is None:
        raise NotFound("未找到该人员")
    require(by, Permission.CERTIFICATE_MANAGE, body_id=row.body_id)
    return row


@transaction.atomic
def certificate_register(
    *,
    person_id: int,
    number: str,
    issuer: str,
    scope: str,
    valid_from: date,
    valid_until: date,
    kind: str = choices.CertificateKind.ENFORCEMENT.value,
    area: str = "",
    filing_number: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Register a certificate (R146, R150, R151). Auxiliary staff get none (PER-03)."""
    holder = _person_for(person_id, by)
    problems = Problems()
    number = text(problems, "number", "".join(number.split()), "证件编号", limit=60)
    issuer = text(problems, "issuer", issuer, "发证机关", limit=80)
    scope = text(problems, "scope", scope, "执法领域", limit=200)
    choice(problems, "kind", kind, choices.CertificateKind, "证件种类")
    if valid_until < valid_from:
        problems.add("valid_until", "有效期截止日不得早于起始日")
    if number and Certificate.objects.filter(number__iexact=number).exists():
        problems.add("number", f"证件编号 {number} 已经登记，请核对")
    if holder.staffing != choices.StaffingKind.ESTABLISHED:
        problems.add("person", f"{holder.name}不是在编在职人员，不得申领行政执法证件")
    problems.raise_if_any()
    row = Certificate.objects.create(
        person=holder,
        kind=kind,
        issuer=issuer,
        number=number,
        filing_number=filing_number.strip(),
        scope=scope,
        area=area.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    record(row, at=at)
    return row.pk


@transaction.atomic
def certificate_inspected(
    *,
    certificate_id: int,
    inspected_on: date | None = None,
    retrained_on: date | None = None,
    by: Actor,
    at: datetime,
) -> bool:
    """Keep the latest 审验 and 更新培训 of a certificate (R147, R148)."""
    row = Certificate.objects.select_for_update().filter(pk=certificate_id).first()
    if row is None:
        raise NotFound("未找到该证件")
    _person_for(row.person_id, by)
    changes = {"last_inspected_on": inspected_on, "last_retrained_on": retrained_on}
    day = clock.local_date(at)
    for name, value in (("inspected_on", inspected_on), ("retrained_on", retrained_on)):
        if value is not None and not row.valid_from <= value <= day:
            raise Invalid(fields={name: [f"日期应在证件生效日 {row.valid_from} 与今日之间"]})
    return change(row, {k: v for k, v in changes.items() if v is not None}, at=at)


@transaction.atomic
def certificate_event(
    *, certificate_id: int, kind: str, on: date, reason: str, by: Actor, at: datetime
) -> int:
    """Suspend, restore or revoke a certificate from ``on`` (R149). The row can never be altered."""
    row = Certificate.objects.select_for_update().filter(pk=certificate_id).first()
    if row is None:
        raise NotFound("未找到该证件")
    _person_for(row.person_id, by)
    problems = Problems()
    choice(problems, "kind", kind, choices.CertificateEventKind, "事项")
    reason = text(problems, "reason", reason, "原因", limit=500)
    latest = row.events.order_by("-on", "-pk").first()
    if latest is not None and latest.kind == choices.CertificateEventKind.REVOKE:
        raise CertificateGone(on=latest.on)
    if on < row.valid_from:
        problems.add("on", f"日期不得早于证件生效日 {row.valid_from}")
    if latest is not None and on < latest.on:
        problems.add("on", f"日期不得早于上一次变动日 {latest.on}")
    suspended = latest is not None and latest.kind == choices.CertificateEventKind.SUSPEND
    if kind == choices.CertificateEventKind.RESTORE and not suspended:
        problems.add("kind", "该证件没有处于暂扣状态，不需恢复")
    if kind == choices.CertificateEventKind.SUSPEND and suspended:
        problems.add("kind", "该证件已经处于暂扣状态")
    problems.raise_if_any()
    event = CertificateEvent.objects.create(
        certificate=row, kind=kind, on=on, reason=reason, made_by=by.label, made_at=at
    )
    record(event, at=at)
    return event.pk


@transaction.atomic
def qualification_register(
    *, person_id: int, kind: str, number: str, obtained_on: date, by: Actor, at: datetime
) -> int:
    """Register a qualification: law, hearing host, public lawyer."""
    holder = _person_for(person_id, by)
    problems = Problems()
    choice(problems, "kind", kind, choices.QualificationKind, "资格种类")
    number = text(problems, "number", "".join(number.split()), "证书编号", limit=60)
    if obtained_on > clock.local_date(at):
        problems.add("obtained_on", "取得日期不得晚于今日")
    if Qualification.objects.filter(kind=kind, number=number).exists():
        problems.add("number", f"证书编号 {number} 已经登记，请核对")
    problems.raise_if_any()
    row = Qualification.objects.create(person=holder, kind=kind, number=number, obtained_on=obtained_on)
    record(row, at=at)
    return row.pk


@transaction.atomic
def training_register(
    *, person_id: int, kind: str, title: str, held_on: date, hours: int, passed: bool, by: Actor, at: datetime
) -> int:
    """Register a training and its examination (R112, R146, R148)."""
    holder = _person_for(person_id, by)
    problems = Problems()
    choice(problems, "kind", kind, choices.TrainingKind, "培训种类")
    title = text(problems, "title", title, "培训名称", limit=120)
    if held_on > clock.local_date(at):
        problems.add("held_on", "结业日期不得晚于今日")
    if not 0 <= hours <= 2000:
        problems.add("hours", "学时应在 0 至 2000 之间")
    problems.raise_if_any()
    row = Training.objects.create(
        person=holder, kind=kind, title=title, held_on=held_on, hours=hours, passed=passed
    )
    record(row, at=at)
    return row.pk
