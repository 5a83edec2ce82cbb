"""What a platform gets of an event: the published words, and of the party what the channel's rule allows.

Prose is taken from the published version, masked as everybody reads it; only the party's own name,
code and representative may be fuller, where the rule of the channel says so (statutory channels).
"""

from __future__ import annotations

from typing import Any

from mingzhi.catalogue.choices import PENALTY_KINDS
from mingzhi.publication import preparing
from mingzhi.publication.choices import Operation
from mingzhi.publication.data import PARTY_KINDS, Parcel, PenaltySnapshot
from mingzhi.publication.models import Delivery, Snapshot


def parcel(delivery: Delivery) -> Parcel:
    """The parcel of ``delivery`` as it is to be sent now."""
    event = delivery.event
    return Parcel(
        key=f"{delivery.target_id}-{event.pk}",
        operation=delivery.operation,
        kind=delivery.disclosure.kind,
        disclosure=delivery.disclosure_id,
        number=delivery.disclosure.number,
        version=event.version.no if event.version else 0,
        reason=event.reason,
        facts={} if delivery.operation == Operation.WITHDRAW else _facts(delivery),
    )


def _facts(delivery: Delivery) -> dict[str, Any]:
    row, version = delivery.disclosure, delivery.event.version
    assert version is not None
    source = (
        Snapshot.objects.filter(disclosure=row, made_at__lte=version.published_at).order_by("-no").first()
    )
    assert source is not None
    snapshot = preparing.load(source.content)
    rule = next(p for p in row.policies if p["channel"] == delivery.target.channel)
    full = rule["own_name"] == "full"
    content = version.content
    facts: dict[str, Any] = {
        "party": preparing.public_party(snapshot, rule["own_name"]),
        "party_kind": PARTY_KINDS.get(snapshot.party_kind, ""),
        "credit_code": snapshot.credit_code if snapshot.party_kind != "natural" else "",
        "representative": snapshot.representative if full else "",
        "number": content["number"],
        "decided_on": content["decided_on"],
        **{
            name: str(content.get(name, ""))
            for name in ("decided_by", "decided_by_code", "valid_from", "ended")
        },
        "valid_until": snapshot.valid_until.isoformat() if snapshot.valid_until else "",
        "public_until": rule["max_until"] or "",
        "agency": content["agency"],
        "agency_code": content["agency_code"],
        **{name: str(content.get(name, "")) for name in preparing.TEXTS},
    }
    if isinstance(snapshot, PenaltySnapshot):
        codes = preparing.kind_codes(snapshot.kinds)
        facts["kinds"] = [PENALTY_KINDS.get(code, code) for code in codes]
        facts["fine_fen"], facts["forfeit_fen"] = snapshot.fine_fen, snapshot.forfeit_fen
    return facts
