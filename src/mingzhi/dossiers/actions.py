"""Writes of the dossiers room."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from mingzhi.dossiers import choices
from mingzhi.dossiers.data import PartyInput
from mingzhi.dossiers.entries import DESCRIBED, JOINED, MEMBER, OPENED, PARTY
from mingzhi.dossiers.models import Dossier, DossierParty, Member, Party
from mingzhi.kernel import clock, identifiers, numbers
from mingzhi.kernel.errors import Problems
from mingzhi.kernel.prepared import Change, Given
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.search import api as search


@transaction.atomic
def dossier_open(
    *,
    procedure: str,
    procedure_version: str,
    state: str,
    stage: str,
    title: str,
    body_id: int,
    unit_id: int,
    field: str,
    item_code: str = "",
    linked_from: int | None = None,
    by: Actor,
    at: datetime,
) -> Dossier:
    """Open a dossier in its procedure's first state. Numbers are given out per 机关代字 and year."""
    body = organisations.body(body_id)
    year = clock.local_date(at).year
    serial = numbers.allot(f"dossier:{body.code_word}:{year}")
    dossier = Dossier.objects.create(
        number=f"{body.code_word}案〔{year}〕{serial}号",
        procedure=procedure,
        procedure_version=procedure_version,
        state=state,
        stage=stage,
        title=title.strip(),
        body_id=body_id,
        unit_id=unit_id,
        field=field,
        item_code=item_code,
        opened_at=at,
        opened_by=by.label,
        last_step_at=at,
        linked_from_id=linked_from,
    )
    OPENED.kept(dossier, at=at)
    DESCRIBED.kept(dossier, at=at)
    dossier_indexed(dossier)
    return dossier


def dossier_indexed(dossier: Dossier) -> None:
    """Make the dossier findable as it now stands, in the same transaction. Nothing sealed goes in."""
    words = (dossier.number, dossier.title, dossier.party_name, dossier.lead_name)
    search.index(
        "desk",
        dossier.pk,
        "\n".join(w for w in words if w),
        sort=clock.local_date(dossier.opened_at),
        group=dossier.body_id,
    )


def dossier_lock(*, dossier_id: int) -> Dossier:
    """The dossier's row, held against every other writer until the transaction ends."""
    return Dossier.objects.select_for_update().select_related("body", "unit").get(pk=dossier_id)


_MOVE = Change(
    lambda: Dossier.objects.filter(
        pk=Given("dossier"), steps_taken=Given("taken"), state=Given("from_state")
    ),
    state=Given("state"),
    stage=Given("stage"),
    last_step_at=Given("at"),
    closed_at=Given("closed_at", null=True),
    steps_taken=F("steps_taken") + 1,
)


def dossier_move(*, dossier: Dossier, state: str, stage: str, closed: bool, at: datetime) -> bool:
    """Called by the procedure engine only: the state after a step, and that a step was taken.

    The row is held against every other writer until the transaction ends. ``False``, and nothing
    written, when a step was taken since ``dossier`` was read: then nothing may be written from what
    was read.
    """
    closed_at = (dossier.closed_at or at) if closed else None
    moved = _MOVE(
        dossier=dossier.pk, taken=dossier.steps_taken, from_state=dossier.state,
        state=state, stage=stage, at=at, closed_at=closed_at,
    )  # fmt: skip
    if not moved:
        return False
    if closed or dossier.closed_at is not None:
        Member.objects.filter(dossier=dossier).update(done_at=at if closed else None)
    dossier.state, dossier.stage, dossier.last_step_at, dossier.closed_at = state, stage, at, closed_at
    dossier.steps_taken += 1
    return True


@transaction.atomic
def dossier_described(
    *,
    dossier: Dossier,
    title: str | None = None,
    item_code: str | None = None,
    field: str | None = None,
    secrecy: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Set what a step established about the matter."""
    changed = []
    for name, value in (("title", title), ("item_code", item_code), ("field", field), ("secrecy", secrecy)):
        if value is not None and getattr(dossier, name) != value:
            setattr(dossier, name, value)
            changed.append(name)
    if changed:
        dossier.save(update_fields=changed)
        DESCRIBED.kept(dossier, at=at)
    if "title" in changed:
        dossier_indexed(dossier)


def _identity(entered: PartyInput, values: dict[str, object], problems: Problems) -> None:
    """The identity number, its check digit, and what it says of birth and gender."""
    if entered.id_kind == choices.IdKind.RESIDENT and entered.id_number.strip():
        try:
            number = identifiers.resident_id(entered.id_number)
        except ValueError as error:
            problems.add("id_number", str(error))
        else:
            values["id_number"] = number
            born = identifiers.birth_date(number)
            if entered.born_on and entered.born_on != born:
                problems.add("born_on", "出生日期与身份证号码不一致，请核对")
            values["born_on"] = born
            values["gender"] = entered.gender or ("男" if int(number[16]) % 2 else "女")
    elif entered.id_number.strip() and not entered.id_kind:
        problems.add("id_kind", "已填写证件号码，请选择证件类型")


def _checked(entered: PartyInput, at: datetime) -> dict[str, object]:
    problems = Problems()
    values: dict[str, object] = {
        "kind": entered.kind,
        "name": entered.name.strip(),
        "representative": entered.representative.strip(),
        "id_kind": entered.id_kind,
        "gender": entered.gender,
        "address": entered.address.strip(),
        "phone": entered.phone.strip(),
        "born_on": entered.born_on,
        "credit_code": "",
        "code_note": entered.code_note.strip(),
        "id_number": entered.id_number.strip(),
    }
    if entered.kind not in choices.PartyKind.values:
        problems.add("kind", "请选择当事人类型")
    if not values["name"]:
        problems.add("name", "请填写当事人姓名或名称")
    natural = entered.kind == choices.PartyKind.NATURAL
    if entered.credit_code.strip():
        try:
            values["credit_code"] = identifiers.credit_code(entered.credit_code)
        except ValueError as error:
            problems.add("credit_code", str(error))
    elif (
        not natural
        and entered.kind in choices.PartyKind.values
        and entered.kind != choices.PartyKind.ORGANISATION
        and not entered.code_note.strip()
    ):
        problems.add("credit_code", "法人和个体工商户须填写统一社会信用代码；确无代码的，请写明原因")
    _identity(entered, values, problems)
    if values["born_on"] and values["born_on"] > clock.local_date(at):  # type: ignore[operator]
        problems.add("born_on", "出生日期晚于今日，请核对")
    if entered.standard:
        values["standard"] = entered.standard
    elif entered.kind == choices.PartyKind.HOUSEHOLD:
        problems.add(
            "standard", "个体工商户须选择适用标准（按公民或者按组织），以确定当场处罚和听证的金额标准"
        )
    else:
        values["standard"] = choices.Standard.CITIZEN if natural else choices.Standard.ORGANISATION
    problems.raise_if_any()
    values["id_fingerprint"] = fingerprint(str(values["id_number"]))
    return values


@transaction.atomic
def party_save(*, body_id: int, entered: PartyInput, by: Actor, at: datetime) -> Party:
    """The register's row for this party: the one already known by code or ID number, else a new one.

    A known party's changed particulars (address, representative …) are updated; what a dossier's
    papers said of it stays in the papers.
    """
    values = _checked(entered, at)
    known = Party.objects.filter(body_id=body_id, kind=values["kind"])
    found = None
    if values["credit_code"]:
        found = known.filter(credit_code=values["credit_code"]).first()
    elif values["id_fingerprint"]:
        found = known.filter(id_fingerprint=values["id_fingerprint"], id_kind=values["id_kind"]).first()
    if found is None:
        found = Party.objects.create(body_id=body_id, created_at=at, created_by=by.label, **values)
        PARTY.kept(found, at=at)
        return found
    changed = [k for k, v in values.items() if v not in ("", None) and getattr(found, k) != v]
    for name in changed:
        setattr(found, name, values[name])
    if changed:
        found.save(update_fields=changed)
        PARTY.kept(found, at=at)
    return found


@transaction.atomic
def party_join(*, dossier: Dossier, party: Party, role: str, by: Actor, at: datetime) -> None:
    """Put a party on the dossier; doing so twice changes nothing."""
    link, fresh = DossierParty.objects.get_or_create(dossier=dossier, party=party, role=role)
    if fresh:
        JOINED.kept(link, at=at)
    if role == choices.PartyRole.PARTY and not dossier.party_name:
        dossier.party_name = party.name
        dossier.save(update_fields=["party_name"])
        DESCRIBED.kept(dossier, at=at)
        dossier_indexed(dossier)


@transaction.atomic
def e_service_agreed(*, party_id: int, address: str, on: datetime, by: Actor, at: datetime) -> None:
    """电子送达确认书 was signed (行政处罚法第六十一条第二款)."""
    party = Party.objects.get(pk=party_id)
    party.e_service_agreed_on, party.e_service_address = clock.local_date(on), address
    party.save(update_fields=["e_service_agreed_on", "e_service_address"])
    PARTY.kept(party, at=at)


@transaction.atomic
def member_join(*, dossier: Dossier, person_id: int, role: str, by: Actor, at: datetime) -> None:
    """Give a person a hand in the dossier; a lead replaces the former lead, who stays on record."""
    active = Member.objects.filter(dossier=dossier, until=None)
    if active.filter(person_id=person_id, role=role).exists():
        return
    if role == choices.MemberRole.LEAD:
        _ended(active.filter(role=role), at=at, reason="更换主办人")
        dossier.lead_id = person_id
        dossier.lead_name = organisations.person(person_id).name
        dossier.save(update_fields=["lead_id", "lead_name"])
        DESCRIBED.kept(dossier, at=at)
        dossier_indexed(dossier)
    member = Member.objects.create(
        dossier=dossier,
        person_id=person_id,
        role=role,
        opened_at=dossier.opened_at,
        done_at=dossier.last_step_at if dossier.closed_at is not None else None,
        since=at,
    )
    MEMBER.kept(member, at=at)


@transaction.atomic
def member_leave(
    *, dossier: Dossier, person_id: int, reason: str, recused: bool, by: Actor, at: datetime
) -> None:
    """End every hand a person has in the dossier; a recused person loses access from this moment (SoD-8)."""
    _ended(
        Member.objects.filter(dossier=dossier, person_id=person_id, until=None),
        at=at,
        reason=reason[:200],
        recused=recused,
    )
    if dossier.lead_id == person_id:
        dossier.lead_id, dossier.lead_name = None, ""
        dossier.save(update_fields=["lead_id", "lead_name"])
        DESCRIBED.kept(dossier, at=at)
        dossier_indexed(dossier)


def _ended(members: QuerySet[Member], *, at: datetime, reason: str, recused: bool = False) -> None:
    for member in list(members):
        member.until, member.ended_because, member.recused = at, reason, recused
        member.save(update_fields=["until", "ended_because", "recused"])
        MEMBER.kept(member, at=at)
