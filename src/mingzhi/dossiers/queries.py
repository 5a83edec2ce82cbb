"""Reads of the dossiers room, and its one gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any

from django.db.models import (
    BigIntegerField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
)

from mingzhi.dossiers.data import MemberView, PartyView
from mingzhi.dossiers.models import Dossier, DossierParty, Member, Party
from mingzhi.kernel.errors import NotFound
from mingzhi.kernel.prepared import Given, Read, is_id
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission


def dossiers_for(by: Actor, permission: Permission = Permission.CASE_READ) -> QuerySet[Dossier]:
    """The dossiers this person may see: own body's, and those below the bodies they supervise.

    Recused people do not see the dossier they were recused from (SoD-8). The filter names the body
    explicitly so that every list starts from an index.
    """
    return _seen(Dossier.objects.filter(organisations.in_scope(by, permission).filter("body")), by.person_id)


_OF_BODY = ExpressionWrapper(F("body_id") + 0, output_field=BigIntegerField())


def dossiers_among(
    by: Actor, ids: Iterable[int], permission: Permission = Permission.CASE_READ
) -> QuerySet[Dossier]:
    """The dossiers of these ids that this person may see.

    The body is compared as a sum, which no index answers: so the database looks up the ids and does not walk
    over all dossiers of the body, however little it knows of the tables.
    """
    rows = Dossier.objects.filter(pk__in=list(ids)).alias(of_body=_OF_BODY)
    return _seen(rows.filter(organisations.in_scope(by, permission).filter("of_body")), by.person_id)


def _seen(seen: QuerySet[Dossier], person_id: Any) -> QuerySet[Dossier]:
    if person_id is not None:
        recused = Member.objects.filter(person_id=person_id, recused=True).values("dossier_id")
        seen = seen.exclude(pk__in=recused)
    return seen


def in_hand(
    rows: QuerySet[Dossier], by: Actor, *, going_on: bool | None = None, within: Q | None = None
) -> QuerySet[Dossier]:
    """Of ``rows``, those in which this person has a hand today, each once however many roles it is;
    all, or only those that go on (``True``) or are closed (``False``).

    Joined as ``hand``: ``hand__done_at`` (empty while the dossier goes on) and ``hand__opened_at`` with
    ``hand__dossier`` are the orders that an index answers. Conditions on ``hand`` are handed in as
    ``within``: in a ``filter`` of their own they would speak of another hand.
    """
    person = by.person_id or 0
    earlier = Member.objects.filter(
        dossier_id=OuterRef("hand__dossier_id"), person_id=person, until=None, pk__lt=OuterRef("hand__pk")
    )
    held = Q(members__person_id=person, members__until=None)
    wanted = Q(hand__person_id=person, hand__until=None) & (within or Q())
    if going_on is not None:
        wanted &= Q(hand__done_at__isnull=going_on)
    return rows.annotate(hand=FilteredRelation("members", condition=held)).filter(wanted, ~Exists(earlier))


def access_dossier(by: Actor, dossier_id: int, permission: Permission = Permission.CASE_READ) -> Dossier:
    """The only way to a dossier, with its body and unit. Who may not see it is told that it is not there."""
    if not is_id(dossier_id):
        raise NotFound()
    scope = organisations.in_scope(by, permission)
    given: dict[str, Any] = {f"prefix{i}": prefix for i, prefix in enumerate(scope.path_prefixes)}
    given |= {f"body{i}": body_id for i, body_id in enumerate(scope.body_ids)}
    gate = _gate(
        len(scope.body_ids), len(scope.path_prefixes), scope.everything, person=by.person_id is not None
    )
    row = gate.one(dossier=dossier_id, person=by.person_id, **given)
    if row is None:
        raise NotFound()
    dossier, body, unit = (
        model.from_db("default", names, row[start : start + len(names)]) for model, names, start in _PARTS
    )
    dossier.body, dossier.unit = body, unit
    return dossier  # type: ignore[no-any-return]


@cache
def _gate(bodies: int, prefixes: int, everything: bool, *, person: bool) -> Read:
    """The list's own filter on one dossier, prepared for a scope of this shape."""
    scope = organisations.Scope(
        body_ids=tuple(Given(f"body{i}") for i in range(bodies)),  # type: ignore[misc]
        path_prefixes=tuple(Given(f"prefix{i}") for i in range(prefixes)),  # type: ignore[misc]
        everything=everything,
    )
    columns = [
        f"{path}{name}"
        for path, (_, names, _) in zip(("", "body__", "unit__"), _PARTS, strict=True)
        for name in names
    ]
    return Read(
        lambda: (
            _seen(Dossier.objects.filter(scope.filter("body")), Given("person") if person else None)
            .filter(pk=Given("dossier"))
            .order_by()
            .values_list(*columns)
        )
    )


def _parts() -> list[tuple[Any, list[str], int]]:
    """Dossier, body and unit: the model, its columns, and where they begin in the gate's row."""
    parts, start = [], 0
    for model in (Dossier, Dossier.body.field.related_model, Dossier.unit.field.related_model):
        names = [field.attname for field in model._meta.concrete_fields]
        parts.append((model, names, start))
        start += len(names)
    return parts


_PARTS = _parts()


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
    found = [PartyView(*row) for row in _PARTIES(dossier=dossier_id)]
    return found if role is None else [p for p in found if p.role == role]


_PARTIES = Read(
    lambda: (
        DossierParty.objects.filter(dossier_id=Given("dossier"))
        .order_by("pk")
        .values_list("party_id", "role", *(f"party__{f.name}" for f in fields(PartyView)[2:]))
    )
)


def members(dossier_id: int, roles: Iterable[str] | None = None, *, active: bool = True) -> list[MemberView]:
    """People with a hand in the dossier; with ``active=False`` everyone who ever had one (SoD-1)."""
    found = [MemberView(*row) for row in _MEMBERS(dossier=dossier_id)]
    wanted = None if roles is None else set(roles)
    return [m for m in found if (wanted is None or m.role in wanted) and (not active or m.until is None)]


_MEMBERS = Read(
    lambda: (
        Member.objects.filter(dossier_id=Given("dossier"))
        .order_by("pk")
        .values_list("person_id", "person__name", "role", "person__unit_id", "since", "until", "recused")
    )
)
