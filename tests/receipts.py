"""Receipts taken apart and forged, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mingzhi.ledger.formats import Proof
from mingzhi.ledger.opening import Opening
from mingzhi.ledger.verify import parse_bundle


def disclosed(receipt: str | bytes) -> dict[str, Any]:
    """The payload that a receipt discloses."""
    found: dict[str, Any] = parse_bundle(receipt)["payload"]
    return found


def reopened(receipt: str | bytes, payload: dict[str, Any]) -> str:
    """The receipt as a forger would have it: the same proof and salt, another payload."""
    proof = Proof.parse(receipt.decode() if isinstance(receipt, bytes) else receipt)
    assert proof.extra is not None
    opening = Opening.parse(proof.extra)
    return replace(proof, extra=Opening.of(opening.leaf, opening.salt, payload).data()).text()
