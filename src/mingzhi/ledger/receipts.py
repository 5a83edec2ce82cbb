"""Signing what this installation answers to those who handed something over: a text under a key of its own.

``verify_note`` checks such an answer, offline.
"""

from __future__ import annotations

from mingzhi.ledger import keys, notes


def key() -> str:
    """Our key for receipts (C2SP verifier key), for those who hand something over to us."""
    return str(keys.receipts().verifier)


def sign(text: str) -> str:
    """The signed note over ``text``. Its first line must be no log's origin: the caller's format sees to it."""
    return notes.sign(text, keys.receipts())
