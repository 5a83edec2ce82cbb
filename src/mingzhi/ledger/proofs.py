"""Public proofs: from the code printed on a paper to what was recorded of it."""

from __future__ import annotations

from datetime import date, datetime

from mingzhi.ledger.data import PublicProofView
from mingzhi.ledger.models import PublicProof
from mingzhi.ledger.queries import bundle, receipt


def public_proof_put(
    *, code: str, title: str, number: str, body_name: str, made_on: date, sha256: str, sm3: str, entry_id: int
) -> None:
    """Make a paper checkable by its code. Inside the transaction that records the page."""
    PublicProof.objects.create(
        code=code, title=title, number=number, body_name=body_name, made_on=made_on, sha256=sha256, sm3=sm3,
        entry_id=entry_id,
    )  # fmt: skip


def public_proof_void(*, code: str, reason: str, at: datetime) -> None:
    """Say that the paper was withdrawn; it stays checkable, with the reason. A second call changes nothing."""
    PublicProof.objects.filter(code=code, voided_at=None).update(voided_at=at, void_reason=reason[:200])


def public_proof(code: str) -> PublicProofView | None:
    """By the code as typed (any case, with or without hyphens); None when there is no such paper."""
    row = PublicProof.objects.filter(pk=code.strip().upper().replace("-", "").replace(" ", "")).first()
    if row is None:
        return None
    return PublicProofView(
        code=row.code,
        title=row.title,
        number=row.number,
        body_name=row.body_name,
        made_on=row.made_on,
        sha256=row.sha256,
        sm3=row.sm3,
        entry_id=row.entry_id,
        voided_at=row.voided_at,
        void_reason=row.void_reason or "",
        receipt=receipt(row.entry_id),
        bundle=bundle(row.entry_id),
    )
