"""What a receipt carries beside the proof: the extra data of a tlog-proof. Pure.

The leaf's six lines, then, each at most once and in this order: ``salt <hex>`` and
``payload <canonical JSON>``, which open the commitment, and any number of ``key <base64>``: receipts
of key announcements, for readers who hold an earlier key of the log. None of it is signed by itself;
each line is checked against the leaf (docs/algorithms/ledger.md).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from mingzhi.kernel import canonical
from mingzhi.ledger.head import Head, commit, moment
from mingzhi.ledger.notes import BadNote, unbase64

KEY_KIND = "ledger:key"
MAX_LINKS = 64


class EntryRow(Protocol):
    """The columns of an entry."""

    kind: str
    version: int
    subject: str
    at: Any
    commitment: Any


def head_of(row: EntryRow) -> Head:
    return Head(row.kind, row.version, row.subject, moment(row.at), bytes(row.commitment).hex())


@dataclass(frozen=True, slots=True)
class Opening:
    """``payload`` is the canonical bytes, None when the receipt discloses nothing."""

    leaf: bytes
    salt: bytes = b""
    payload: bytes | None = None
    links: tuple[str, ...] = ()

    @classmethod
    def of(cls, leaf: bytes, salt: bytes, payload: Mapping[str, Any]) -> Opening:
        return cls(leaf, salt, canonical.encode(payload))

    def with_links(self, links: list[str]) -> Opening:
        return replace(self, links=tuple(links))

    def data(self) -> bytes:
        lines = []
        if self.payload is not None:
            lines += [b"salt " + self.salt.hex().encode(), b"payload " + self.payload]
        lines += [b"key " + base64.b64encode(link.encode()) for link in self.links]
        return self.leaf + b"".join(line + b"\n" for line in lines)

    @classmethod
    def parse(cls, extra: bytes) -> Opening:
        """Take extra data apart. ValueError unless it is exactly what ``data`` would write."""
        lines = extra.split(b"\n")
        if len(lines) < 7 or lines[-1]:
            raise ValueError("not an opening")
        leaf, rest = b"\n".join(lines[:6]) + b"\n", lines[6:-1]
        salt, payload = b"", None
        if len(rest) >= 2 and rest[0].startswith(b"salt ") and rest[1].startswith(b"payload "):
            salt, payload = bytes.fromhex(rest[0][5:].decode("ascii")), rest[1][8:]
            rest = rest[2:]
        if len(rest) > MAX_LINKS or not all(line.startswith(b"key ") for line in rest):
            raise ValueError("not an opening")
        try:
            links = tuple(unbase64(line[4:].decode("ascii")).decode("utf-8") for line in rest)
        except BadNote as error:
            raise ValueError(str(error)) from None
        found = cls(leaf, salt, payload, links)
        if found.data() != extra:
            raise ValueError("not an opening")
        return found

    def opens(self, commitment: str) -> bool:
        """Whether salt and payload are what was committed to."""
        return (
            self.payload is not None
            and len(self.salt) == 32
            and commit(self.salt, self.payload).hex() == commitment
        )

    def facts(self) -> dict[str, Any]:
        """The payload as data; ValueError when it is no JSON object, or names something twice."""
        value = json.loads(self.payload or b"", object_pairs_hook=once)
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return value


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON pairs as a dictionary; no name may stand twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found
