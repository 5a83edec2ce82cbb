"""同一当事人的全貌 (R092): which rows of the register are one party, and in which matters it stands.

The same credit code or the same identity number is the same party. The same name is a candidate and no more:
a person says whether it is, and that word is a fact that can be taken back. Rows are shown together and
never merged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from mingzhi.dossiers.archive_entries import MATCHED
from mingzhi.dossiers.data import MatchView
from mingzhi.dossiers.models import Dossier, DossierParty, Party, PartyMatch
from mingzhi.dossiers.queries import dossiers_for
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission

MATCHERS = frozenset({Permission.CASE_ACT, Permission.CASE_UNIT_CHECK, Permission.CASE_APPROVE})
MOST_ROWS = 200
"""Register rows that one picture takes together; a code that stands on more is a fault of the data."""


def parties_seen(by: Actor) -> QuerySet[Party]:
    """Rows of the register that exist for this person: the own body's and those below who supervise."""
    if not (by.may(Permission.CASE_READ) or by.may(Permission.SUPERVISE_READ)):
        return Party.objects.none()
    return Party.objects.filter(
        organisations.in_scope(by, Permission.CASE_READ).filter("body")
    ).select_related("body")


def access_party(by: Actor, party_id: int) -> Party:
    """The only way to a party from outside a dossier. Out of scope it is not there."""
    found = parties_seen(by).filter(pk=party_id).first()
    if found is None:
        raise NotFound()
    return found


def parties_exact(by: Actor, query: str, *, limit: int = 20) -> list[Party]:
    """Rows whose whole name, code or identity number is ``query``; each by an index."""
    query = query.strip()
    seen = parties_seen(by).order_by("pk")
    found = list(seen.filter(name=query)[:limit])
    code = query.upper()
    if len(code) >= 6 and code.isascii() and code.isalnum():
        found += seen.filter(credit_code=code)[:limit]
        found += seen.filter(id_fingerprint=fingerprint(code))[:limit]
    return list({p.pk: p for p in found}.values())[:limit]


def parties_in(by: Actor, dossier_ids: Collection[int], *, limit: int = 50) -> list[Party]:
    """The parties of these dossiers, as far as they exist for this person."""
    ids = DossierParty.objects.filter(dossier_id__in=list(dossier_ids)).values("party_id")
    return list(parties_seen(by).filter(pk__in=ids).order_by("pk")[:limit])


def _latest(ids: Iterable[int]) -> dict[tuple[int, int], PartyMatch]:
    """The word that counts for each pair in which one of ``ids`` stands."""
    wanted = list(ids)
    rows = PartyMatch.objects.filter(Q(first_id__in=wanted) | Q(second_id__in=wanted)).order_by("pk")
    return {(row.first_id, row.second_id): row for row in rows}


def same_party(by: Actor, party: Party) -> list[Party]:
    """All rows that are this party: by code, by identity number, by somebody's word; itself first."""
    found = {party.pk: party}
    fresh = [party]
    while fresh and len(found) < MOST_ROWS:
        wanted = Q(pk__in=[])
        codes = {p.credit_code for p in fresh if p.credit_code}
        if codes:
            wanted |= Q(credit_code__in=codes)
        for p in fresh:
            if p.id_fingerprint:
                wanted |= Q(id_fingerprint=p.id_fingerprint, id_kind=p.id_kind)
        said = _latest(p.pk for p in fresh)
        pairs = {pk for pair, row in said.items() if row.same for pk in pair}
        wanted |= Q(pk__in=pairs)
        fresh = list(parties_seen(by).filter(wanted).exclude(pk__in=list(found)).order_by("pk")[:MOST_ROWS])
        found |= {p.pk: p for p in fresh}
    return list(found.values())[:MOST_ROWS]


def candidates(by: Actor, rows: Collection[Party], *, limit: int = 20) -> list[Party]:
    """Rows with a name of ``rows`` that nobody has judged yet. Two numbers that differ are two parties."""
    ids = [p.pk for p in rows]
    judged = {pk for pair in _latest(ids) for pk in pair}
    found = parties_seen(by).filter(name__in={p.name for p in rows}).exclude(pk__in=[*ids, *judged])
    codes = {p.credit_code for p in rows if p.credit_code}
    prints = {p.id_fingerprint for p in rows if p.id_fingerprint}
    if codes:
        found = found.filter(credit_code="")
    if prints:
        found = found.filter(id_fingerprint="")
    return list(found.order_by("-pk")[:limit])


def matches(rows: Collection[Party]) -> list[MatchView]:
    """What was said of these rows, newest first."""
    found = sorted(_latest(p.pk for p in rows).values(), key=lambda r: -r.pk)
    names = Party.objects.in_bulk({pk for r in found for pk in (r.first_id, r.second_id)})
    return [
        MatchView(
            id=r.pk,
            first_id=r.first_id,
            second_id=r.second_id,
            first_name=names[r.first_id].name,
            second_name=names[r.second_id].name,
            same=r.same,
            reason=r.reason,
            by_name=r.by_name,
            at=r.at,
        )
        for r in found
    ]


def may_match(by: Actor, rows: Collection[Party]) -> bool:
    """Who handles cases judges the rows of the own body; supervisors only look."""
    return bool(by.permissions & MATCHERS) and all(p.body_id == by.body_id for p in rows)


@transaction.atomic
def party_match(*, party_id: int, other_id: int, same: bool, reason: str, by: Actor, at: datetime) -> None:
    """Say that two rows are, or are not, one party. The same word again changes nothing; another word
    is a new fact and the latest counts. Raises ``NotFound``, ``NotAllowed``, ``Invalid``."""
    pair = [access_party(by, min(party_id, other_id)), access_party(by, max(party_id, other_id))]
    if not may_match(by, pair):
        raise NotAllowed("当事人是否同一由本机关承办人员核对确认")
    if party_id == other_id:
        raise Invalid(fields={"other": ["请选择另一条当事人登记"]})
    if len(reason.strip()) < 2:
        raise Invalid(fields={"reason": ["请写明核对依据，例如“身份证号经现场核对一致”"]})
    # Held so that two people who judge at once do so one after the other.
    list(Party.objects.select_for_update().filter(pk__in=[p.pk for p in pair]).order_by("pk"))
    last = _latest([pair[0].pk]).get((pair[0].pk, pair[1].pk))
    if last is not None and last.same == same:
        return
    row = PartyMatch.objects.create(
        first=pair[0],
        second=pair[1],
        same=same,
        reason=reason.strip()[:300],
        by=by.label,
        by_name=by.name[:60],
        at=at,
    )
    MATCHED.kept(row, at=at)


def matters_of(
    by: Actor, party_ids: Collection[int], *, before: int | None = None, limit: int = 30
) -> list[tuple[Dossier, list[str]]]:
    """Dossiers in which these rows stand and that exist for this person, newest first, with the roles."""
    links = DossierParty.objects.filter(party_id__in=list(party_ids))
    rows = dossiers_for(by).filter(pk__in=links.values("dossier_id")).select_related("body", "unit")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[:limit])
    roles: dict[int, list[str]] = {}
    for dossier_id, role in (
        links.filter(dossier_id__in=[d.pk for d in found]).order_by("pk").values_list("dossier_id", "role")
    ):
        if role not in roles.setdefault(dossier_id, []):
            roles[dossier_id].append(role)
    return [(d, roles.get(d.pk, [])) for d in found]
