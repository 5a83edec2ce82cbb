"""The bytes of an entry: its head is the leaf of the tree. Pure; docs/algorithms/ledger.md is the grammar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

MARK = "mingzhi-entry/1"


def moment(at: datetime) -> str:
    """UTC with six decimals and Z, as ``kernel.canonical`` spells moments."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def commit(salt: bytes, payload: bytes) -> bytes:
    """The commitment to canonical payload bytes: ``SHA-256(salt || payload)``, salt of 32 random bytes.

    The salt keeps a guessable payload from being guessed; the log alone says nothing about it.
    """
    return sha256(salt + payload).digest()


def stored_leaf(named: str, at: str, commitment: bytes) -> bytes:
    """Leaf bytes from the columns as ``sqltext.head_columns`` reads them, quickly: as ``Head.leaf`` writes them.

    ``named`` is kind, version and subject, one a line; ``at`` has a blank for the T, and six decimals or fewer.
    """
    if len(at) != 26:
        at = f"{at[:19]}.{at[20:]:0<6.6}"
    return f"{MARK}\n{named}\n{at[:10]}T{at[11:]}Z\n{commitment.hex()}\n".encode()


@dataclass(frozen=True, slots=True)
class Head:
    """What an entry says in the log. ``at`` is spelled as by ``moment``; ``commitment`` is hex."""

    kind: str
    version: int
    subject: str
    at: str
    commitment: str

    def leaf(self) -> bytes:
        """Leaf bytes: six lines, each ended by a newline; no part may hold one."""
        return f"{MARK}\n{self.kind}\n{self.version}\n{self.subject}\n{self.at}\n{self.commitment}\n".encode()

    @classmethod
    def parse(cls, leaf: bytes) -> Head:
        """The head in leaf bytes; ValueError unless they are exactly what ``leaf`` would write."""
        lines = leaf.decode("utf-8").split("\n")
        if len(lines) != 7 or lines[0] != MARK or lines[6]:
            raise ValueError("not an entry head")
        head = cls(lines[1], int(lines[2]), lines[3], lines[4], lines[5])
        if head.leaf() != leaf or len(bytes.fromhex(head.commitment)) != 32:
            raise ValueError("not an entry head")
        return head
