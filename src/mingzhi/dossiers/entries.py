"""What the ledger says of a dossier, its parties and its people, and what fsck derives anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from mingzhi.dossiers.choices import MemberRole, PartyRole
from mingzhi.dossiers.models import Dossier, DossierParty, Member, Party
from mingzhi.ledger import api as ledger


def opened_payload(dossier: Dossier) -> dict[str, Any]:
    """What of a dossier never changes after it is opened."""
    return {
        "number": dossier.number,
        "procedure": dossier.procedure,
        "procedure_version": dossier.procedure_version,
        "body": dossier.body_id,
        "unit": dossier.unit_id,
        "opened_at": dossier.opened_at,
        "opened_by": dossier.opened_by,
        "linked_from": dossier.linked_from_id,
    }


def described_payload(dossier: Dossier) -> dict[str, Any]:
    """What steps may establish anew about the matter."""
    return {
        "title": dossier.title,
        "field": dossier.field,
        "item_code": dossier.item_code,
        "secrecy": str(dossier.secrecy),
    }


OPENED = ledger.Rows("dossiers:dossier:opened", "建立案卷", "dossier", Dossier, opened_payload)
DESCRIBED = ledger.Rows(
    "dossiers:dossier:described", "登记案卷案由", "dossier", Dossier, described_payload, personal=("title",)
)
PARTY = ledger.Rows(
    "dossiers:party:kept",
    "登记或变更当事人",
    "party",
    Party,
    ledger.columns(Party),
    personal=("name", "representative", "id_number", "born_on", "address", "phone"),
)
JOINED = ledger.Rows(
    "dossiers:party:joined", "当事人列入案卷", "dossier-party", DossierParty, ledger.columns(DossierParty)
)
MEMBER = ledger.Rows(
    "dossiers:member:kept",
    "案卷人员变动",
    "dossier-member",
    Member,
    ledger.columns(Member, without=("opened_at", "done_at")),
)


def named_otherwise() -> Iterator[tuple[str, str]]:
    """Dossiers that show another party or another lead than the rows behind them say."""
    party = DossierParty.objects.filter(dossier=OuterRef("pk"), role=PartyRole.PARTY).order_by("pk")
    lead = Member.objects.filter(dossier=OuterRef("pk"), role=MemberRole.LEAD, until=None).order_by("-pk")
    rows = Dossier.objects.annotate(
        first_party=Subquery(party.values("party__name")[:1]),
        first_lead=Subquery(lead.values("person_id")[:1]),
        first_lead_name=Subquery(lead.values("person__name")[:1]),
    )
    for pk, number in rows.exclude(
        Q(party_name=F("first_party")) | Q(party_name="", first_party=None)
    ).values_list("pk", "number"):
        yield f"dossier:{pk}", f"案卷 {number} 显示的当事人与登记的当事人不一致"
    for pk, number in rows.exclude(
        Q(lead_id=F("first_lead"), lead_name=F("first_lead_name"))
        | Q(lead_id=None, lead_name="", first_lead=None)
    ).values_list("pk", "number"):
        yield f"dossier:{pk}", f"案卷 {number} 显示的主办人与登记的主办人不一致"
    repeated = Member.objects.exclude(
        Q(opened_at=F("dossier__opened_at"))
        & (
            Q(done_at=None, dossier__closed_at=None)
            | Q(done_at__gte=F("dossier__closed_at"), done_at__lte=F("dossier__last_step_at"))
        )
    )
    for pk, number in repeated.values_list("pk", "dossier__number"):
        yield f"dossier-member:{pk}", f"案卷 {number} 人员记录中的建卷、办结时间与案卷不一致"
