"""Reads of the dossiers room, and its one gate."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from mingzhi.dossiers.data import MemberView, PartyView
from mingzhi.dossiers.models import Dossier, DossierParty, Member, Party
from mingzhi.kernel.errors import NotFound
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission


def dossiers_for(by: Actor, permission: Permission = Permission.CASE_READ) -> QuerySet[Dossier]:
    """The dossiers this person may see: own body's, and those below the bodies they supervise.

    Recused people do not see the dossier they were recused from (SoD-8). The filter names the body
    explicitly so that every list starts from an index.
    """
    seen = Dossier.objects.filter(organisations.in_scope(by, permission).filter("body"))
    if by.person_id is not None:
        recused = Member.objects.filter(person_id=by.person_id, recused=True).values("dossier_id")
        seen = seen.exclude(pk__in=recused)
    return seen


def access_dossier(by: Actor, dossier_id: int, permission: Permission = Permission.CASE_READ) -> Dossier:
    """The only way to a dossier. Who may not see it is told that it is not there."""
    seen = dossiers_for(by, permission).select_related("body", "unit").filter(pk=dossier_id)
    dossier = seen.order_by().first()
    if dossier is None:
        raise NotFound()
    return dossier


def party_view(party: Party, role: str = "party") -> PartyView:
    return PartyView(
        id=party.pk,
        role=role,
        kind=party.kind,
        standard=party.standard,
        name=party.name,
        credit_code=party.credit_code,
        representative=party.representative,
        id_kind=party.id_kind,
        id_number=party.id_number,
        born_on=party.born_on,
        gender=party.gender,
        address=party.address,
        phone=party.phone,
        e_service_agreed_on=party.e_service_agreed_on,
        e_service_address=party.e_service_address,
    )


def parties(dossier_id: int, role: str | None = None) -> list[PartyView]:
    links = DossierParty.objects.filter(dossier_id=dossier_id).select_related("party").order_by("pk")
    if role is not None:
        links = links.filter(role=role)
    return [party_view(link.party, link.role) for link in links]


def members(dossier_id: int, roles: Iterable[str] | None = None, *, active: bool = True) -> list[MemberView]:
    """People with a hand in the dossier; with ``active=False`` everyone who ever had one (SoD-1)."""
    rows = Member.objects.filter(dossier_id=dossier_id).order_by("pk")
    if roles is not None:
        rows = rows.filter(role__in=list(roles))
    if active:
        rows = rows.filter(until=None)
    columns = rows.values_list(
        "person_id", "person__name", "role", "person__unit_id", "since", "until", "recused"
    )
    return [MemberView(*row) for row in columns]


def parties_known(by: Actor, query: str) -> QuerySet[Party]:
    """Registered parties of this body whose name contains, or whose code or ID number equals, ``query``."""
    query = query.strip()
    return Party.objects.filter(
        Q(name__contains=query)
        | Q(credit_code=query.upper())
        | Q(id_fingerprint=fingerprint(query.upper()) or "-"),
        body_id=by.body_id,
    ).order_by("-pk")


def by_number(by: Actor, number: str) -> Dossier | None:
    return dossiers_for(by).filter(number=number).first()
