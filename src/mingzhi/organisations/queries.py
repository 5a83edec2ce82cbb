"""Reads of the organisations room: references, people, certificates on a day, public registers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Q

from mingzhi.kernel.errors import NotFound, Reason
from mingzhi.kernel.prepared import Given, Read, Row, is_id
from mingzhi.organisations import certificates
from mingzhi.organisations.choices import (
    BodyKind,
    CertificateKind,
    CertificateStatus,
    QualificationKind,
    StaffingKind,
    UnitKind,
)
from mingzhi.organisations.data import (
    BodyRef,
    CertificateState,
    PersonRef,
    PublicBody,
    PublicPerson,
    UnitRef,
)
from mingzhi.organisations.models import Body, Certificate, Person, Qualification, Unit
from mingzhi.organisations.permissions import Permission
from mingzhi.organisations.roles import PERMISSIONS

#: 行政处罚法 (2021 revision) in force; reviewers engaged before it were engaged under its predecessor.
PENALTY_LAW_IN_FORCE = date(2021, 7, 15)


# --- references -----------------------------------------------------------------------------------


def body(body_id: int) -> BodyRef:
    """The body, or ``NotFound``."""
    row = Body.objects.filter(pk=body_id).first()
    if row is None:
        raise NotFound("未找到该机关")
    return BodyRef.of(row)


def body_facts(body_id: int) -> dict[str, Any]:
    """The body's columns as its register shows them, for a form that changes them."""
    row = Body.objects.filter(pk=body_id).values().first()
    if row is None:
        raise NotFound("未找到该机关")
    return dict(row)


def bodies(*, profile: str | None = None) -> list[BodyRef]:
    """Active bodies in tree order; with ``profile``, those that work by it."""
    rows = Body.objects.filter(active=True)
    if profile is not None:
        rows = rows.filter(profile=profile)
    return [BodyRef.of(row) for row in sorted(rows, key=_in_tree)]


def _in_tree(row: Body) -> list[int]:
    """The place in the tree by the numbers of the path: as text, 10 would stand before 9."""
    return [int(part) for part in row.path.split("/") if part]


def _unit_ref(row: Unit) -> UnitRef:
    return UnitRef(
        id=row.pk, body_id=row.body_id, name=row.name, kind=row.kind, duties=row.duties, active=row.active
    )


def unit(unit_id: int) -> UnitRef:
    row = Unit.objects.filter(pk=unit_id).first()
    if row is None:
        raise NotFound("未找到该内设机构")
    return _unit_ref(row)


def units(body_id: int, kind: str | None = None) -> list[UnitRef]:
    """Active units of a body in the order they were registered."""
    rows = Unit.objects.filter(body_id=body_id, active=True).order_by("pk")
    return [_unit_ref(row) for row in (rows.filter(kind=kind) if kind else rows)]


def review_unit(body_id: int) -> UnitRef:
    """The body's 法制审核机构 (R102). ``NotFound`` tells that none is registered."""
    found = units(body_id, UnitKind.REVIEW)
    if not found:
        raise NotFound(
            "本机关尚未登记法制审核机构",
            remedy="请目录清单管理员在“机构人员”中登记法制审核机构并配备审核人员",
        )
    return found[0]


def _person_ref(row: Person) -> PersonRef:
    return PersonRef(
        id=row.pk,
        name=row.name,
        body_id=row.body_id,
        unit_id=row.unit_id,
        unit_name=row.unit.name if row.unit else "",
        title=row.title,
        active=row.active,
        work_number=row.work_number,
    )


def person(person_id: int) -> PersonRef:
    row = Person.objects.select_related("unit").filter(pk=person_id).first()
    if row is None:
        raise NotFound("未找到该人员")
    return _person_ref(row)


def persons(person_ids: Iterable[int]) -> dict[int, PersonRef]:
    """Several people in one query, by id; unknown ids are simply absent."""
    return {
        pk: PersonRef(pk, name, body_id, unit_id, unit_name or "", title)
        for pk, name, body_id, unit_id, unit_name, title in _named(person_ids, *_REF_COLUMNS)
    }


_REF_COLUMNS = ("pk", "name", "body_id", "unit_id", "unit__name", "title")


def _named(person_ids: Iterable[int], *columns: str) -> list[Row]:
    """These columns of these people."""
    wanted = sorted({pk for pk in person_ids if is_id(pk)})
    return _read(len(wanted), *columns)(**{f"person{i}": pk for i, pk in enumerate(wanted)})


@lru_cache(maxsize=128)
def _read(count: int, *columns: str) -> Read:
    wanted: list[Any] = [Given(f"person{i}") for i in range(count)]
    return Read(lambda: Person.objects.filter(pk__in=wanted).order_by().values_list(*columns))


def people(
    body_id: int,
    *,
    on: date,
    role: str | None = None,
    permission: Permission | None = None,
    certified: bool = False,
    field: str = "",
    unit_id: int | None = None,
    left: bool = False,
) -> list[PersonRef]:
    """Active people of a body on ``on``, with ``left`` those who left as well; with ``role``, who holds it that day; with ``permission``, who has it
    that day by a role; with ``certified``, who holds a valid enforcement certificate for ``field`` that
    day. At most two queries."""
    rows = Person.objects.select_related("unit").filter(body_id=body_id)
    if not left:
        rows = rows.filter(active=True)
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    roles = [role] if role is not None else None
    if permission is not None:
        roles = [r for r, held in PERMISSIONS.items() if permission in held and roles in (None, [r])]
    if roles is not None:
        rows = rows.filter(
            Q(account__grants__valid_until__isnull=True) | Q(account__grants__valid_until__gte=on),
            account__grants__role__in=roles,
            account__grants__valid_from__lte=on,
            account__is_active=True,
        ).distinct()
    found = [_person_ref(row) for row in rows]
    if certified:
        states = certificate_states([p.id for p in found], on, field)
        found = [p for p in found if states[p.id].valid]
    return found


# --- certificates ---------------------------------------------------------------------------------

_COLUMNS = (
    "pk",
    "name",
    "staffing",
    "active",
    "certificates__pk",
    "certificates__kind",
    "certificates__issuer",
    "certificates__number",
    "certificates__scope",
    "certificates__area",
    "certificates__valid_from",
    "certificates__valid_until",
    "certificates__last_inspected_on",
    "certificates__last_retrained_on",
    "certificates__events__kind",
    "certificates__events__on",
    "certificates__events__pk",
)


def _holders(rows: Iterable[tuple[Any, ...]]) -> list[certificates.Holder]:
    """People × cards × events, as one outer join gives them, folded back into holders."""
    people_seen: dict[int, tuple[Any, ...]] = {}
    cards: dict[int, dict[int, tuple[Any, ...]]] = {}
    events: dict[int, list[certificates.Event]] = {}
    for row in rows:
        people_seen[row[0]] = row[:4]
        if row[4] is None:
            continue
        cards.setdefault(row[0], {})[row[4]] = row[4:14]
        if row[14] is not None:
            events.setdefault(row[4], []).append(certificates.Event(*row[14:17]))
    found = []
    for (person_id, name, staffing, active), held in (
        (head, cards.get(head[0], {})) for head in people_seen.values()
    ):
        folded = tuple(
            replace(certificates.Card(*card), events=tuple(events.get(card_id, ())))
            for card_id, card in held.items()
        )
        found.append(certificates.Holder(person_id, name, staffing, active, folded))
    return found


def certificate_states(
    person_ids: Iterable[int],
    on: date,
    field: str = "",
    *,
    inspection_years: int | None = None,
    retraining_years: int | None = None,
) -> dict[int, CertificateState]:
    """Certificate states of several people on one day, by person id, in one query."""
    holders = _holders(_named(person_ids, *_COLUMNS))
    return {
        h.id: certificates.holder_state(
            h, on, field, inspection_years=inspection_years, retraining_years=retraining_years
        )
        for h in holders
    }


def certificate(person_id: int, on: date, field: str = "") -> CertificateState:
    """The person's enforcement certificate on ``on`` for ``field`` (empty: any). ``NotFound`` for nobody."""
    state = certificate_states([person_id], on, field).get(person_id)
    if state is None:
        raise NotFound("未找到该人员")
    return state


def certified_problems(
    person_ids: Sequence[int],
    on: date,
    *,
    at_least: int = 2,
    field: str = "",
    inspection_years: int | None = None,
    retraining_years: int | None = None,
) -> list[Reason]:
    """Why these people may not act together on ``on``: empty when ``at_least`` distinct holders of a valid
    certificate are among them and nobody else (PEN-04, G2, SoD-3; 行政处罚法第四十二条). One query.

    Everyone named acts as an officer, so one invalid certificate is told even when two others are valid.
    """
    states = certificate_states(
        person_ids, on, field, inspection_years=inspection_years, retraining_years=retraining_years
    )
    reasons: list[Reason] = []
    valid = [s for s in states.values() if s.valid]
    wrong = [s for s in states.values() if not s.valid]
    for state in wrong:
        reasons.append(
            Reason(
                code=f"organisations.certificate_{state.status}",
                sentence=f"{state.name}在 {on} 不具备行政执法资格：{state.note}",
                citation="行政处罚法第四十二条第一款",
                remedy="请更换执法人员，或者由证件管理人员核对其执法证件登记",
                link="people",
            )
        )
    for missing in sorted(set(person_ids) - states.keys()):
        reasons.append(
            Reason(
                code="organisations.person_unknown",
                sentence=f"执法人员编号 {missing} 不在人员名录中",
                citation="行政处罚法第四十二条第一款",
                remedy="请从名录中选择执法人员",
                link="people",
            )
        )
    if len(valid) < at_least:
        reasons.append(
            Reason(
                code="organisations.too_few_officers",
                sentence=f"本环节应由不少于 {at_least} 名有行政执法资格的执法人员实施，现有 {len(valid)} 名",
                citation="行政处罚法第四十二条第一款",
                remedy="请补充在证件有效期内的执法人员；当场处罚同样适用",
                link="people",
            )
        )
    return reasons


# --- legal review ---------------------------------------------------------------------------------


def reviewer_problems(
    person_id: int, on: date, *, act: str = "penalty", in_force_since: date = PENALTY_LAW_IN_FORCE
) -> list[Reason]:
    """Why this person may not give the legal-review opinion on ``on``.

    In office; of the review unit (R102, R103); and, for penalties, whoever was first engaged in reviewing
    them under the law in force holds 国家统一法律职业资格 obtained by that day (PEN-13, R108).
    """
    row = Person.objects.select_related("unit").filter(pk=person_id).first()
    if row is None:
        return [Reason("organisations.person_unknown", "未找到该审核人员", "", "请从审核人员名录中选择")]
    reasons: list[Reason] = []
    if not row.active:
        reasons.append(
            Reason(
                "organisations.reviewer_left", f"{row.name}已不在岗", "", "请另行指派法制审核人员", "people"
            )
        )
    if row.unit is None or row.unit.kind != UnitKind.REVIEW:
        reasons.append(
            Reason(
                "organisations.reviewer_unit",
                f"{row.name}不在法制审核机构任职",
                "国办发〔2018〕118号",
                "请指派法制审核机构的审核人员；审核机构原则上不得由具体承担执法工作的机构承担",
                "people",
            )
        )
    first = row.first_reviewed_on
    if act == "penalty" and (first is None or first >= in_force_since):
        held = Qualification.objects.filter(
            person_id=person_id, kind=QualificationKind.LAW, obtained_on__lte=on
        ).exists()
        if not held:
            reasons.append(
                Reason(
                    "organisations.reviewer_unqualified",
                    f"{row.name}初次从事行政处罚决定法制审核，没有登记国家统一法律职业资格",
                    "行政处罚法第五十八条第二款",
                    "请指派已取得法律职业资格的审核人员，或者登记其资格证书",
                    "people",
                )
            )
    return reasons


def qualifications(person_id: int, on: date) -> frozenset[str]:
    """Kinds of qualification the person holds on ``on``."""
    rows = Qualification.objects.filter(person_id=person_id, obtained_on__lte=on)
    return frozenset(rows.values_list("kind", flat=True))


def officers_certified(body_id: int, on: date) -> int:
    """How many active people of a body hold a valid enforcement certificate on ``on``."""
    rows = Person.objects.filter(body_id=body_id, active=True).order_by().values_list(*_COLUMNS)
    return sum(certificates.holder_state(h, on).valid for h in _holders(rows))


# --- public registers -----------------------------------------------------------------------------


def public_bodies() -> list[PublicBody]:
    """Enforcement bodies of the public register (R001 ff.); governments and supervisors are none."""
    rows = (
        Body.objects.filter(active=True)
        .exclude(kind__in=(BodyKind.GOVERNMENT, BodyKind.SUPERVISOR))
        .select_related("entrusted_by")
    )
    return [
        PublicBody(
            id=row.pk,
            name=row.name,
            kind=row.get_kind_display(),
            credit_code=row.credit_code,
            region_code=row.region_code,
            address=row.address,
            phone=row.phone,
            supervision_phone=row.supervision_phone,
            duties=row.duties,
            basis=row.basis,
            entrusted_by=row.entrusted_by.name if row.entrusted_by else "",
            government=row.government,
            court=row.court,
        )
        for row in sorted(rows, key=_in_tree)
    ]


def _public_people(where: Q, on: date) -> list[PublicPerson]:
    rows = (
        Certificate.objects.filter(where, kind=CertificateKind.ENFORCEMENT)
        .select_related("person__unit", "person__body")
        .prefetch_related("events")
        .order_by("person__unit_id", "person__pinyin", "pk")
    )
    found = []
    for row in rows:
        card = certificates.Card(
            id=row.pk,
            kind=row.kind,
            issuer=row.issuer,
            number=row.number,
            scope=row.scope,
            area=row.area,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            last_inspected_on=row.last_inspected_on,
            last_retrained_on=row.last_retrained_on,
            events=tuple(certificates.Event(e.kind, e.on, e.pk) for e in row.events.all()),
        )
        status, _ = certificates.card_status(card, on)
        if not row.person.active and status == CertificateStatus.VALID:
            status = CertificateStatus.LEFT
        found.append(
            PublicPerson(
                name=row.person.name,
                body_id=row.person.body_id,
                body_name=row.person.body.name,
                unit_name=row.person.unit.name if row.person.unit else "",
                title=row.person.title,
                certificate_number=row.number,
                certificate_kind=row.get_kind_display(),
                issuer=row.issuer,
                scope=certificates.scopes(row.scope),
                area=row.area,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                status=status.value,
                status_label=str(status.label),
            )
        )
    return found


def public_people(body_id: int, on: date) -> list[PublicPerson]:
    """Officers of a body as the public register shows them: established staff in office with a card."""
    return _public_people(
        Q(person__body_id=body_id, person__active=True, person__staffing=StaffingKind.ESTABLISHED), on
    )


def person_by_certificate(number: str, on: date) -> PublicPerson | None:
    """Whose certificate this number is, for the officer-check page; ``None`` when no such card exists.

    White space and case are forgiven; the number must otherwise be whole, so that nobody can browse.
    """
    wanted = "".join(number.split())
    if not wanted:
        return None
    return next(iter(_public_people(Q(number__iexact=wanted), on)), None)
