"""Texts of the log: C2SP tlog-checkpoint, tlog-proof and the witness's add-checkpoint. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from mingzhi.ledger.notes import BadNote, unbase64

PROOF_MARK = "c2sp.org/tlog-proof@v1"
TIME_LINE = "time "
AFTER_LINE = "after "
MAX_SIZE = 2**63 - 1


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or (text != "0" and text[0] == "0") or len(text) > 19:
        raise BadNote("not a decimal number")
    value = int(text)
    if value > MAX_SIZE:
        raise BadNote("number too large")
    return value


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The body of a checkpoint: origin, number of leaves, root, and extension lines.

    Ours carry two extension lines: ``time 2026-09-18T01:02:03.000000Z``, when it was signed, and
    ``after 41``, the size of the checkpoint before (0 for the first), so that none can be taken out unnoticed.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "\n".join(lines) + "\n"

    @property
    def time(self) -> str:
        """The signing time as written; empty when the head has none."""
        return next((e[len(TIME_LINE) :] for e in self.extensions if e.startswith(TIME_LINE)), "")

    @property
    def after(self) -> int | None:
        """The size of the checkpoint before; None where the head does not say."""
        told = next((e[len(AFTER_LINE) :] for e in self.extensions if e.startswith(AFTER_LINE)), "")
        return _number(told) if told else None

    @classmethod
    def parse(cls, text: str) -> TreeHead:
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not lines[0] or any(not line for line in lines[3:-1]):
            raise BadNote("not a checkpoint")
        root = unbase64(lines[2])
        if len(root) != 32:
            raise BadNote("root of wrong length")
        return cls(lines[0], _number(lines[1]), root, tuple(lines[3:-1]))


@dataclass(frozen=True, slots=True)
class Proof:
    """A tlog-proof: place, audit path, signed checkpoint, and (ours) the leaf bytes as extra data."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def text(self) -> str:
        lines = [PROOF_MARK]
        if self.extra is not None:
            lines.append("extra " + base64.b64encode(self.extra).decode())
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(step).decode() for step in self.path]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> Proof:
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or not checkpoint or lines[0] != PROOF_MARK:
            raise BadNote("not a proof")
        lines = lines[1:]
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = unbase64(lines.pop(0)[6:])
        if not lines or not lines[0].startswith("index "):
            raise BadNote("a proof without its index")
        index = _number(lines[0][6:])
        path = tuple(unbase64(line) for line in lines[1:])
        if len(path) > 63 or any(len(step) != 32 for step in path):
            raise BadNote("malformed audit path")
        return cls(index, path, checkpoint, extra)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a log sends a witness (tlog-witness, add-checkpoint): the size it last cosigned, the
    consistency proof from there, the new checkpoint."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        lines = [f"old {self.old}", *(base64.b64encode(step).decode() for step in self.path)]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> Submission:
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or not checkpoint or not lines[0].startswith("old "):
            raise BadNote("not a submission")
        path = tuple(unbase64(line) for line in lines[1:])
        if len(path) > 63 or any(len(step) != 32 for step in path):
            raise BadNote("malformed consistency proof")
        return cls(_number(lines[0][4:]), path, checkpoint)
