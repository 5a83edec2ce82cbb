"""移交目录 and 接收回执: the two texts that pass between a bureau and the state archive. Pure, no Django.

The manifest is canonical JSON beside the packages; its SHA-256 names the hand-over. The receipt is a
C2SP signed note whose first line no log has as its origin, so that neither can be taken for the other
(docs/algorithms/archive-transfer.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from mingzhi.kernel import canonical
from mingzhi.ledger.verify import Unproven
from mingzhi.ledger.verify_note import verify_note

FORMAT = "mingzhi-transfer-1"
MANIFEST = "移交目录.json"
FIRST_LINE = "明执档案接收回执 v1"
MOST_LINES = 20_000
_HASH = re.compile(r"[0-9a-f]{64}")


_TEXTS = {
    "list": "list_number",
    "sender": "sender",
    "sender_code": "sender_code",
    "receiver": "receiver",
    "description": "description",
}
"""A manifest's names for what it says of the whole."""


class BadHandover(ValueError):
    """Text that is no manifest or no receipt; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One package of a manifest. ``path`` is its bare file name."""

    path: str
    sha256: str
    size: int
    number: str
    archive_number: str
    title: str
    items: int
    pages: int
    retention: str
    index_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    list_number: str
    sender: str
    sender_code: str
    receiver: str
    description: str
    packages: tuple[Packed, ...]

    def encode(self) -> bytes:
        """The same list gives the same bytes, whoever writes them."""
        content = {
            "format": FORMAT,
            **{name: getattr(self, field) for name, field in _TEXTS.items()},
            "packages": [{name: getattr(p, name) for name in Packed.__slots__} for p in self.packages],
        }
        return canonical.encode(content) + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        try:
            content = json.loads(data.decode("utf-8"))
            if content["format"] != FORMAT:
                raise ValueError
            packages = tuple(_packed(entry) for entry in content["packages"])
            texts = {field: content[name] for name, field in _TEXTS.items()}
            if not all(isinstance(text, str) for text in texts.values()) or len(packages) > MOST_LINES:
                raise ValueError
        except (ValueError, KeyError, TypeError, UnicodeDecodeError, RecursionError):
            raise BadHandover(f"{MANIFEST} 不是移交目录") from None
        if min(len({p.path for p in packages}), len({p.sha256 for p in packages})) != len(packages):
            raise BadHandover(f"{MANIFEST} 中有重复的档案包")
        return cls(**texts, packages=packages)


def _packed(entry: Any) -> Packed:
    found = Packed(**entry)
    path = found.path
    whole = all(isinstance(getattr(found, n), int) for n in ("size", "items", "pages"))
    if (
        not whole
        or not _HASH.fullmatch(found.sha256)
        or not path
        or "/" in path
        or "\\" in path
        or path[0] == "."
        or not path.isprintable()
    ):
        raise ValueError
    return found


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive says of one package: its own number for it, or why it sends it back."""

    sha256: str
    accepted: bool
    text: str


@dataclass(frozen=True, slots=True)
class Receipt:
    list_number: str
    manifest_sha256: str
    receiver: str
    received_by: str
    at: datetime
    answers: tuple[Answer, ...]

    def text(self) -> str:
        lines = [
            FIRST_LINE,
            f"清单 {_one_line(self.list_number)}",
            f"目录 {self.manifest_sha256}",
            f"接收单位 {_one_line(self.receiver)}",
            f"接收人 {_one_line(self.received_by)}",
            f"时间 {canonical.plain(self.at)}",
        ]
        lines += [
            f"{'接收' if a.accepted else '退回'} {a.sha256} {_one_line(a.text)}".rstrip()
            for a in self.answers
        ]
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> Receipt:
        try:
            first, *heads = text.splitlines()[:6]
            if first != FIRST_LINE:
                raise ValueError
            names = ("清单 ", "目录 ", "接收单位 ", "接收人 ", "时间 ")
            if len(heads) != len(names) or not all(
                h.startswith(n) for h, n in zip(heads, names, strict=True)
            ):
                raise ValueError
            values = [h.removeprefix(n) for h, n in zip(heads, names, strict=True)]
            at = datetime.fromisoformat(values[4])
            answers = tuple(_answer(line) for line in text.splitlines()[6:])
            if at.tzinfo is None or not _HASH.fullmatch(values[1]) or len(answers) > MOST_LINES:
                raise ValueError
        except ValueError:
            raise BadHandover("不是接收回执") from None
        if len({a.sha256 for a in answers}) != len(answers):
            raise BadHandover("同一档案包有两个结果")
        found = cls(values[0], values[1], values[2], values[3], at, answers)
        if found.text() != text:
            raise BadHandover("回执的写法与格式不符")
        return found


def _answer(line: str) -> Answer:
    word, _, rest = line.partition(" ")
    sha, _, text = rest.partition(" ")
    if word not in ("接收", "退回") or not _HASH.fullmatch(sha) or (word == "退回" and not text):
        raise ValueError
    return Answer(sha, word == "接收", text)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def opened(note: str, vkeys: Iterable[str]) -> tuple[Receipt, str]:
    """The receipt in a signed note, and the key that signed it. ``BadHandover`` when none of ``vkeys`` did."""
    try:
        text, key = verify_note(note, vkeys)
    except Unproven as error:
        raise BadHandover(error.sentence) from None
    return Receipt.parse(text), key
