"""Opening a matter that is to be reviewed and does not come from the penalty procedure, and whom it concerns.

Crash story: dossier and party are one transaction; either the matter is there with its party, or not at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from mingzhi.cases.matters.matter import MATTER
from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.dossiers.choices import PartyKind, PartyRole
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.publication.data import NOBODY


@transaction.atomic
def matter_open(*, title: str, party: PartyInput | None = None, by: Actor, at: datetime) -> Dossier:
    """Open the dossier of a decision that must be reviewed (R104, R105, R131), with its party where there is
    a particular one; its first step registers it."""
    organisations.require(by, Permission.CASE_ACT)
    if by.unit_id is None:
        raise NotAllowed("您的账号未关联承办机构，不能送审", remedy="请联系安全管理员完善人员信息")
    problems = Problems()
    if not 4 <= len(title.strip()) <= 120:
        problems.add("title", "请写明送审事项的名称，四个字以上，不超过 120 个字")
    problems.raise_if_any()
    body = organisations.body(by.body_id)
    table = procedures.procedure(MATTER, on=clock.local_date(at))
    dossier = dossiers.dossier_open(
        procedure=table.code,
        procedure_version=table.version,
        state=table.initial,
        stage=table.by_state[table.initial].stage,
        title=title,
        body_id=body.id,
        unit_id=by.unit_id,
        field=catalogue.field_of(body),
        by=by,
        at=at,
    )
    if party is not None:
        _join(dossier, party, by=by, at=at)
    return dossier


def _join(dossier: Dossier, party: PartyInput, *, by: Actor, at: datetime) -> None:
    saved = dossiers.party_save(body_id=dossier.body_id, entered=party, by=by, at=at)
    dossiers.party_join(dossier=dossier, party=saved, role=PartyRole.PARTY, by=by, at=at)


def party_wanted(dossier: Dossier, by: Actor) -> bool:
    """Whether this person may say whom the matter concerns, and nobody has said it."""
    return (
        dossier.procedure == MATTER
        and dossier.body_id == by.body_id
        and dossier.unit_id == by.unit_id
        and by.may(Permission.CASE_ACT)
        and not dossiers.parties(dossier.pk, "party")
        and _registered(dossier).get("party_kind") != NOBODY
    )


@transaction.atomic
def matter_party(*, dossier_id: int, party: PartyInput, by: Actor, at: datetime) -> None:
    """Put the party on a matter that was opened without one, once; it is the one that was registered.

    Raises ``NotFound``, ``NotAllowed``, ``Conflict`` where there is a party already, and ``Invalid``.
    """
    organisations.require(by, Permission.CASE_ACT)
    seen = dossiers.access_dossier(by, dossier_id)
    if seen.procedure != MATTER or seen.body_id != by.body_id:
        raise NotFound
    if seen.unit_id != by.unit_id:
        raise NotAllowed("本事项由其他承办机构办理", remedy="请由承办机构登记相对人")
    dossier = dossiers.dossier_lock(dossier_id=dossier_id)
    if dossiers.parties(dossier.pk, "party"):
        raise Conflict("相对人已经登记", remedy="请刷新页面查看")
    told = _registered(dossier)
    if told and not _same(told, party):
        raise Invalid(
            fields={"name": [f"登记送审事项时填写的相对人是{told.get('party') or '没有特定相对人'}，请核对"]}
        )
    _join(dossier, party, by=by, at=at)


def _registered(dossier: Dossier) -> dict[str, Any]:
    taken = procedures.taken_of([dossier.pk], ("register",)).get(dossier.pk, [])
    return taken[-1].facts if taken else {}


def _same(told: dict[str, Any], party: PartyInput) -> bool:
    natural = party.kind == PartyKind.NATURAL
    return told.get("party") == party.name.strip() and (told.get("party_kind") == "natural") == natural
