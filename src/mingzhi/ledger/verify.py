"""Checks that need no database, no network and no Django: receipts, papers, checkpoints.

Whoever holds a paper, its ``.mingzhi-receipt`` and the bureau's public key can run these years
later. Each function returns what was proven, or raises ``Unproven`` with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from mingzhi.kernel import canonical
from mingzhi.kernel.errors import MingzhiError
from mingzhi.ledger import merkle, notes
from mingzhi.ledger.formats import Proof, TreeHead
from mingzhi.ledger.head import Head, commit

BUNDLE_MARK = "mingzhi-receipt/1"
BUNDLE_MAX = 4_000_000


class Unproven(MingzhiError):
    """The thing shown does not prove what it claims."""

    code = "verify.unproven"
    sentence = "核验不通过"
    status = 422


@dataclass(frozen=True, slots=True)
class Proven:
    """What holds: the entry, its place, and who signed the tree it is in and when.

    ``file_field`` names where in the payload the file's SHA-256 stands; ``cosigners`` are witnesses
    (name, Unix time).
    """

    origin: str
    size: int
    signed_at: str
    root: str
    head: Head | None = None
    index: int | None = None
    payload: Mapping[str, Any] | None = None
    file_field: str = ""
    cosigners: tuple[tuple[str, int], ...] = field(default=())


def _keys(vkey: str | Iterable[str]) -> list[notes.VerifierKey]:
    texts = [vkey] if isinstance(vkey, str) else list(vkey)
    try:
        return [notes.VerifierKey.parse(text) for text in texts]
    except notes.BadNote as error:
        raise Unproven(f"公钥格式不正确：{error}", code="verify.key") from None


def verify_checkpoint(note: str, vkey: str | Iterable[str]) -> Proven:
    """The signature of a checkpoint. ``vkey``: the log's public key, witnesses' keys beside it.

    A key of the log is one whose name is the checkpoint's origin; one such must have signed.
    """
    keys = _keys(vkey)
    try:
        text, signers = notes.verify(note, keys)
        head = TreeHead.parse(text)
    except notes.BadNote as error:
        raise Unproven(f"检查点签名核验不通过：{error}", code="verify.signature") from None
    if not any(key.kind == notes.ED25519 and key.name == head.origin for key, _ in signers):
        raise Unproven("检查点不是该公钥对应的账本签发的", code="verify.signature")
    cosigners = tuple((key.name, moment) for key, moment in signers if moment is not None)
    return Proven(head.origin, head.size, head.time, head.root.hex(), cosigners=cosigners)


def verify_receipt(
    text: str,
    payload: Mapping[str, Any] | None = None,
    vkey: str | Iterable[str] = (),
    *,
    salt: bytes = b"",
    leaf: bytes | None = None,
) -> Proven:
    """A receipt: the entry it carries (or ``leaf``) is in the tree that the log signed.

    With ``payload`` and ``salt`` also that the entry is about this payload.
    """
    try:
        proof = Proof.parse(text)
    except notes.BadNote as error:
        raise Unproven(f"回执格式不正确：{error}", code="verify.format") from None
    signed = verify_checkpoint(proof.checkpoint, vkey)
    carried = proof.extra if leaf is None else leaf
    if carried is None:
        raise Unproven("回执未载明条目内容", code="verify.format")
    try:
        head = Head.parse(carried)
    except ValueError:
        raise Unproven("回执载明的条目格式不正确", code="verify.format") from None
    root = bytes.fromhex(signed.root)
    if not merkle.check_inclusion(merkle.leaf_hash(carried), proof.index, signed.size, proof.path, root):
        raise Unproven("条目不在所签发的账本中", code="verify.inclusion")
    if payload is not None:
        try:
            committed = commit(salt, canonical.encode(payload))
        except TypeError as error:
            raise Unproven(f"内容含有不允许的类型：{error}", code="verify.format") from None
        if len(salt) != 32 or committed.hex() != head.commitment:
            raise Unproven("内容与登记时不一致", code="verify.payload")
    return Proven(
        signed.origin,
        signed.size,
        signed.signed_at,
        signed.root,
        head=head,
        index=proof.index,
        payload=payload,
        cosigners=signed.cosigners,
    )


def parse_bundle(text: str | bytes) -> dict[str, Any]:
    """The parts of a ``.mingzhi-receipt``, types checked. ``Unproven`` when it is not one."""
    try:
        if len(text) > BUNDLE_MAX:
            raise ValueError("too long")
        content = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Unproven("不是有效的回执文件", code="verify.format") from None
    texts = ("salt", "proof", "vkey")
    if (
        not isinstance(content, dict)
        or content.get("format") != BUNDLE_MARK
        or not isinstance(content.get("payload"), dict)
        or not all(isinstance(content.get(name), str) for name in texts)
    ):
        raise Unproven("不是有效的回执文件", code="verify.format")
    try:
        content["salt"] = bytes.fromhex(content["salt"])
    except ValueError:
        raise Unproven("回执文件的盐值不正确", code="verify.format") from None
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def verify_bundle(
    bundle: str | bytes,
    vkey: str | Iterable[str],
    file_bytes: bytes | None = None,
    *,
    file_sha256: str | None = None,
) -> Proven:
    """A disclosing receipt, and with a file (bytes, or its SHA-256 hex) that it is about that file.

    ``vkey`` must come from somewhere else than the bundle: the bureau's site, a gazette, a letter.
    """
    content = parse_bundle(bundle)
    proven = verify_receipt(content["proof"], content["payload"], vkey, salt=content["salt"])
    if file_bytes is not None:
        file_sha256 = sha256(file_bytes).hexdigest()
    if file_sha256 is None:
        return proven
    where = _find(content["payload"], file_sha256.lower())
    if where is None:
        raise Unproven("文件与登记的不一致：文件的 SHA-256 不在回执内容中", code="verify.file")
    return Proven(
        proven.origin,
        proven.size,
        proven.signed_at,
        proven.root,
        head=proven.head,
        index=proven.index,
        payload=proven.payload,
        file_field=where,
        cosigners=proven.cosigners,
    )


def _find(value: Any, wanted: str, path: str = "") -> str | None:
    """Dotted path of the first string in ``value`` that equals ``wanted``."""
    if isinstance(value, str):
        return (path or ".") if value == wanted else None
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for name, part in parts:
        found = _find(part, wanted, f"{path}.{name}" if path else str(name))
        if found is not None:
            return found
    return None


def verify_consistency(old: str, new: str, path: Sequence[bytes], vkey: str | Iterable[str]) -> Proven:
    """That the log which signed ``old`` only grew to become what it signed as ``new``."""
    keys = [str(key) for key in _keys(vkey)]
    first, second = verify_checkpoint(old, keys), verify_checkpoint(new, keys)
    if first.origin != second.origin:
        raise Unproven("两个检查点不属于同一账本", code="verify.origin")
    if not merkle.check_consistency(
        first.size, second.size, bytes.fromhex(first.root), bytes.fromhex(second.root), path
    ):
        raise Unproven("后一检查点不是由前一检查点增长而来：账本被改写过", code="verify.consistency")
    return second
