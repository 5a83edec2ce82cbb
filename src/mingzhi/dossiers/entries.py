"""What the ledger says of a dossier, its parties and its people, and what fsck derives anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F, Q

from mingzhi.dossiers.models import Dossier, DossierParty, Member, Party
from mingzhi.ledger import api as ledger

HELD_PROCEDURE = "archive.held"
"""The procedure of what was closed elsewhere or on paper before it came here."""


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
    """What steps may establish anew about the matter, and whom it shows as party and lead."""
    return {
        "title": dossier.title,
        "field": dossier.field,
        "item_code": dossier.item_code,
        "secrecy": str(dossier.secrecy),
        "party": dossier.party_name,
        "lead": dossier.lead_id,
        "lead_name": dossier.lead_name,
        # Of a matter taken in already closed; otherwise the steps say when it ended.
        "closed_at": dossier.closed_at if dossier.procedure == HELD_PROCEDURE else None,
    }


OPENED = ledger.Rows("dossiers:dossier:opened", "建立案卷", "dossier", Dossier, opened_payload)
DESCRIBED = ledger.Rows(
    "dossiers:dossier:described",
    "登记案卷案由、当事人、主办人",
    "dossier",
    Dossier,
    described_payload,
    personal=("title", "party"),
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
ALL = (OPENED, DESCRIBED, PARTY, JOINED, MEMBER)


def hands_otherwise() -> Iterator[tuple[str, str]]:
    """Members whose repeated times are not their dossier's."""
    repeated = Member.objects.exclude(
        Q(opened_at=F("dossier__opened_at"))
        & (
            Q(done_at=None, dossier__closed_at=None)
            | Q(done_at__gte=F("dossier__closed_at"), done_at__lte=F("dossier__last_step_at"))
        )
    )
    for pk, number in repeated.values_list("pk", "dossier__number"):
        yield f"dossier-member:{pk}", f"案卷 {number} 人员记录中的建卷、办结时间与案卷不一致"
