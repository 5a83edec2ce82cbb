"""What a phone may send, as typed shapes. Unknown fields are refused; nothing is judged here.

``content`` is the text that was shown, hashed and signed on the phone: JSON that holds the facts as
entered. The facts are read from it, so what was signed and what is registered cannot differ.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from mingzhi.documents.data import Reserved
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import Invalid

LARGEST = 400_000
"""Characters of one item without its files."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{16,48}$")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class FileIn(_Shape):
    """A file sent by resumable upload; ``sha256`` was taken on the phone when it was captured."""

    upload: str = Field(max_length=200)
    sha256: Sha256
    name: str = Field(max_length=200)


class RecordIn(_Shape):
    """A recording or a piece of evidence; ``file`` is its place among the item's files."""

    file: int = Field(ge=0, le=50)
    kind: Literal["recording", "evidence"]
    act: str = Field(default="", max_length=60)
    title: str = Field(max_length=200)
    captured_at: AwareDatetime
    ended_at: AwareDatetime
    place: str = Field(default="", max_length=200)
    full: bool = False
    statement: tuple[str, ...] = Field(default=(), max_length=12)
    interruption: str = Field(default="", max_length=500)
    note: str = Field(default="", max_length=500)
    evidence_kind: str = Field(default="", max_length=16)
    purpose: str = Field(default="", max_length=300)
    late_reason: str = Field(default="", max_length=300)


class ExcuseIn(_Shape):
    """Why the act was not recorded, as the officer states it (R073)."""

    act: str = Field(max_length=60)
    ground: Literal["secret", "emergency", "objective", "text"]
    reason: str = Field(min_length=5, max_length=500)


class SignatureIn(_Shape):
    """Who signed on the glass, or refused; ``file`` is the picture, with the strokes inside it."""

    kind: Literal["party", "witness", "officer", "other"]
    name: str = Field(max_length=60)
    outcome: Literal["signed", "refused", "absent"]
    note: str = Field(default="", max_length=160)
    at: AwareDatetime
    content_sha256: Sha256
    file: int | None = Field(default=None, ge=0, le=50)


class PartyIn(_Shape):
    kind: str = Field(max_length=16)
    name: str = Field(max_length=200)
    standard: str = Field(default="", max_length=16)
    credit_code: str = Field(default="", max_length=18)
    representative: str = Field(default="", max_length=60)
    id_kind: str = Field(default="", max_length=16)
    id_number: str = Field(default="", max_length=40)
    gender: str = Field(default="", max_length=4)
    address: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=40)
    born_on: date | None = None
    code_note: str = Field(default="", max_length=100)

    def entered(self) -> PartyInput:
        return PartyInput(**self.model_dump())


class NumberIn(_Shape):
    block: int = Field(ge=1)
    seq: int = Field(ge=1)
    text: str = Field(max_length=80)


class Content(_Shape):
    """What the signer saw. ``shown`` are words for the reader that are no facts of their own."""

    v: Literal[1]
    kind: Literal["step", "spot"]
    verb: str = Field(max_length=40)
    dossier: int | None = None
    number: NumberIn | None = None
    party: PartyIn | None = None
    facts: dict[str, Any]
    shown: dict[str, Any] = {}
    proofs: tuple[Sha256, ...] = Field(default=(), max_length=20)
    """Proofs of a service that lay before who signed: return slips, screens, photographs."""
    at: AwareDatetime
    nonce: str = Field(pattern=r"^[0-9a-f]{16,64}$")


class Item(_Shape):
    key: Key
    kind: Literal["record", "step", "spot", "number"]
    title: str = Field(max_length=200)
    device: str = Field(pattern=r"^[0-9a-z]{8,32}$")
    clock_offset_ms: int = Field(ge=-(10**13), le=10**13)
    occurred_at: AwareDatetime
    dossier: int | None = Field(default=None, ge=1)
    expected: int | None = Field(default=None, ge=0)
    content: str = Field(default="", max_length=200_000)
    closing: dict[str, str] = {}
    """Facts that exist only once the content is signed: ``signature`` and ``signature_note``."""
    records: tuple[RecordIn, ...] = Field(default=(), max_length=40)
    signatures: tuple[SignatureIn, ...] = Field(default=(), max_length=12)
    proofs: tuple[Annotated[int, Field(ge=0, le=50)], ...] = Field(default=(), max_length=20)
    """Places among the files of what proves a service, in the order in which the content names them."""
    excuse: ExcuseIn | None = None
    number: NumberIn | None = None
    reason: str = Field(default="", max_length=200)
    files: tuple[FileIn, ...] = Field(default=(), max_length=50)


def read(text: str | bytes) -> Item:
    """The item that was sent, or ``Invalid`` with what cannot be read of it."""
    if len(text) > LARGEST:
        raise Invalid("提交内容过大", code="field.too_large", remedy="请减少文字，或者分次提交")
    try:
        item = Item.model_validate_json(text)
        if item.kind in ("step", "spot"):
            content_of(item)
    except ValidationError as wrong:
        fields = {
            ".".join(str(p) for p in e["loc"]) or "__all__": ["内容无法识别"]
            for e in wrong.errors(include_url=False, include_context=False)
        }
        raise Invalid("手机提交的内容无法识别", fields=fields, code="field.unreadable") from None
    if "\\u0000" in item.model_dump_json():
        raise Invalid("手机提交的内容含有无法保存的控制字符", code="field.unreadable")
    _whole(item)
    return item


def _whole(item: Item) -> None:
    """Places of files name files, and each kind has what it stands on."""
    named = [r.file for r in item.records] + [s.file for s in item.signatures if s.file is not None]
    named += item.proofs
    wrong = any(place >= len(item.files) for place in named) or len(set(named)) != len(named)
    if item.kind == "record":
        wrong |= len(item.records) != 1 or item.dossier is None
    elif item.kind == "number":
        wrong |= item.number is None or not item.reason
    else:
        content = content_of(item)
        wrong |= content.kind != item.kind or content.dossier != item.dossier
        wrong |= item.kind == "step" and item.dossier is None
        wrong |= item.kind == "spot" and (content.number is None or content.party is None)
        digest = content_digest(item)
        wrong |= content.proofs != tuple(item.files[p].sha256 for p in item.proofs if p < len(item.files))
        wrong |= any(s.content_sha256 != digest for s in item.signatures)
        wrong |= not set(item.closing) <= {"signature", "signature_note"}
    if wrong:
        raise Invalid(
            "手机提交的内容前后不一致", code="field.incoherent", remedy="请在手机上重新打开该件核对"
        )


def content_of(item: Item) -> Content:
    return Content.model_validate_json(item.content)


def content_digest(item: Item) -> str:
    """SHA-256 of the text that was shown, as the phone took it and the signer saw it."""
    return hashlib.sha256(item.content.encode()).hexdigest()


def paper_code(digest: str) -> str:
    """The verification code of a paper made on the phone: the first 80 bits of its content's hash."""
    return base64.b32encode(bytes.fromhex(digest)[:10]).decode("ascii")


def reserved(item: Item) -> Reserved | None:
    number = content_of(item).number
    if number is None:
        return None
    return Reserved(number.block, number.seq, number.text, paper_code(content_digest(item)))


def facts_of(item: Item) -> dict[str, Any]:
    return {**content_of(item).facts, **item.closing}


def kept(item: Item) -> dict[str, Any]:
    """The item as it is stored and committed to: without upload tokens, which may differ each time."""
    plain: dict[str, Any] = json.loads(item.model_dump_json())
    for file in plain["files"]:
        del file["upload"]
    if not plain["proofs"]:
        del plain["proofs"]  # as items were kept before there were any: sent again, one is the same
    return plain


def unkept(text: str) -> Item:
    """A stored item again."""
    plain = json.loads(text)
    for file in plain["files"]:
        file["upload"] = ""
    return Item.model_validate_json(json.dumps(plain))


def digest_of(item: Item) -> str:
    return canonical.digest(kept(item))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
