"""Checks that need no database, no network and no Django: receipts, papers, checkpoints.

Whoever holds a paper, its receipt and the bureau's public key can run these years later; a reader
who holds an earlier key follows the announcements that the receipt carries. Each function returns
what was proven, or raises ``Unproven`` with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from mingzhi.kernel import canonical, sm2
from mingzhi.kernel.errors import MingzhiError
from mingzhi.ledger import merkle, notes
from mingzhi.ledger.formats import PROOF_MARK, Proof, TreeHead
from mingzhi.ledger.head import Head
from mingzhi.ledger.opening import KEY_KIND, Opening, once
from mingzhi.ledger.tiles import Fetch, TileTree

BUNDLE_MARK = "mingzhi-receipt/1"
"""The JSON form in which receipts left the building before they were tlog-proofs; still read."""
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
    (name, Unix time); ``algorithms`` are those of the log's signatures that were checked;
    ``followed`` are keys of the log that were learned from its own announcements.
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
    algorithms: tuple[str, ...] = ()
    followed: tuple[str, ...] = ()


_ALGORITHMS = {notes.ED25519: "Ed25519", notes.SM2: "SM2"}


def _keys(vkey: str | Iterable[str]) -> list[notes.VerifierKey]:
    texts = [vkey] if isinstance(vkey, str) else list(vkey)
    try:
        return [notes.VerifierKey.parse(text) for text in texts]
    except notes.BadNote as error:
        raise Unproven(f"公钥格式不正确：{error}", code="verify.key") from None


def verify_checkpoint(note: str, vkey: str | Iterable[str]) -> Proven:
    """The signature of a checkpoint. ``vkey``: the log's public key, witnesses' keys beside it.

    A key of the log is one whose name is the checkpoint's origin; one such must have signed. Every
    signature by a given key must fit: with an Ed25519 and an SM2 key both are checked.
    """
    return _checkpoint(note, _keys(vkey))


def _checkpoint(note: str, keys: list[notes.VerifierKey]) -> Proven:
    try:
        text, signers = notes.verify(note, keys)
        head = TreeHead.parse(text)
    except notes.BadNote as error:
        raise Unproven(f"检查点签名核验不通过：{error}", code="verify.signature") from None
    except sm2.NoSM2 as error:
        raise Unproven(
            f"本机不能核验 SM2 签名：{error}",
            code="verify.no_sm2",
            remedy="请改用 Ed25519 公钥核验，或者在装有 OpenSSL 3（含国密算法）的电脑上核验",
        ) from None
    ours = [
        _ALGORITHMS[key.kind] for key, _ in signers if key.kind in _ALGORITHMS and key.name == head.origin
    ]
    if not ours:
        raise Unproven("检查点不是该公钥对应的账本签发的", code="verify.signature")
    cosigners = tuple((key.name, moment) for key, moment in signers if moment is not None)
    return Proven(
        head.origin, head.size, head.time, head.root.hex(), cosigners=cosigners, algorithms=tuple(ours)
    )


def verify_receipt(
    text: str,
    payload: Mapping[str, Any] | None = None,
    vkey: str | Iterable[str] = (),
    *,
    salt: bytes = b"",
    leaf: bytes | None = None,
) -> Proven:
    """A receipt: the entry it carries (or ``leaf``) is in the tree that the log signed.

    Where it discloses the payload (or with ``payload`` and ``salt``) also that the entry is about it.
    """
    keys = _keys(vkey)
    proof, opening = _parse(text, leaf)
    if payload is not None:
        try:
            opening = replace(opening, salt=salt, payload=canonical.encode(payload))
        except TypeError as error:
            raise Unproven(f"内容含有不允许的类型：{error}", code="verify.format") from None
    followed = _follow(keys, opening.links)
    proven = _included(proof, opening, [*keys, *followed])
    return replace(proven, followed=tuple(str(key) for key in followed))


def _parse(text: str, leaf: bytes | None = None) -> tuple[Proof, Opening]:
    try:
        proof = Proof.parse(text)
    except notes.BadNote as error:
        raise Unproven(f"回执格式不正确：{error}", code="verify.format") from None
    if leaf is not None:
        return proof, Opening(leaf)
    if proof.extra is None:
        raise Unproven("回执未载明条目内容", code="verify.format")
    try:
        return proof, Opening.parse(proof.extra)
    except ValueError:
        raise Unproven("回执载明的条目格式不正确", code="verify.format") from None


def _included(proof: Proof, opening: Opening, keys: list[notes.VerifierKey]) -> Proven:
    """Signature, inclusion and, where there is a payload, commitment."""
    signed = _checkpoint(proof.checkpoint, keys)
    try:
        head = Head.parse(opening.leaf)
    except ValueError:
        raise Unproven("回执载明的条目格式不正确", code="verify.format") from None
    root = bytes.fromhex(signed.root)
    if not merkle.check_inclusion(merkle.leaf_hash(opening.leaf), proof.index, signed.size, proof.path, root):
        raise Unproven("条目不在所签发的账本中", code="verify.inclusion")
    facts = None
    if opening.payload is not None:
        if not opening.opens(head.commitment):
            raise Unproven("内容与登记时不一致", code="verify.payload")
        try:
            facts = opening.facts()
        except (ValueError, RecursionError):
            raise Unproven("回执载明的内容格式不正确", code="verify.format") from None
    return replace(signed, head=head, index=proof.index, payload=facts)


def _follow(keys: list[notes.VerifierKey], links: Iterable[str]) -> list[notes.VerifierKey]:
    """Keys of the same log that it announced under a key already trusted, one after another."""
    found: list[notes.VerifierKey] = []
    for link in links:
        try:
            proof, opening = _parse(link)
            proven = _included(proof, opening, [*keys, *found])
            key = notes.VerifierKey.parse(str((proven.payload or {}).get("vkey", "")))
        except (Unproven, notes.BadNote):
            continue  # not provable by what is trusted so far: it gives nothing
        known = {(k.name, k.id) for k in (*keys, *found)}
        announced = proven.head is not None and proven.head.kind == KEY_KIND
        if announced and key.name == proven.origin and (key.name, key.id) not in known:
            found.append(key)
    return found


def follow_keys(vkey: str | Iterable[str], links: Iterable[str]) -> list[str]:
    """``vkey`` and every key that ``links`` (receipts of announcements) lead to from there."""
    keys = _keys(vkey)
    return [str(key) for key in (*keys, *_follow(keys, links))]


def parse_bundle(text: str | bytes) -> dict[str, Any]:
    """The parts of a receipt that discloses its payload — a tlog-proof, or the former JSON form —
    types checked: ``proof``, ``payload``, ``salt``. ``Unproven`` when it is not one."""
    if len(text) > BUNDLE_MAX:
        raise Unproven("不是有效的回执文件", code="verify.format")
    try:
        whole = text.decode("utf-8") if isinstance(text, bytes) else text
        if whole.startswith(PROOF_MARK):
            _, opening = _parse(whole)
            if opening.payload is None:
                raise Unproven(
                    "该回执不含登记内容，不能用来核验文件",
                    code="verify.no_payload",
                    remedy="请向出具机关索取载明登记内容的回执",
                )
            return {"proof": whole, "payload": opening.facts(), "salt": opening.salt}
        content = json.loads(whole, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Unproven("不是有效的回执文件", code="verify.format") from None
    texts = ("salt", "proof")
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


def verify_bundle(
    bundle: str | bytes,
    vkey: str | Iterable[str],
    file_bytes: bytes | None = None,
    *,
    file_sha256: str | None = None,
) -> Proven:
    """A disclosing receipt, and with a file (bytes, or its SHA-256 hex) that it is about that file.

    ``vkey`` must come from somewhere else than the receipt: the bureau's site, a gazette, a letter.
    """
    content = parse_bundle(bundle)
    if "format" in content:
        proven = verify_receipt(content["proof"], content["payload"], vkey, salt=content["salt"])
    else:  # the payload as it stands in the receipt, byte for byte
        proven = verify_receipt(content["proof"], None, vkey)
    if file_bytes is not None:
        file_sha256 = sha256(file_bytes).hexdigest()
    if file_sha256 is None:
        return proven
    where = _find(content["payload"], file_sha256.lower())
    if where is None:
        raise Unproven("文件与登记的不一致：文件的 SHA-256 不在回执内容中", code="verify.file")
    return replace(proven, file_field=where)


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


def verify_growth(old: str, new: str, fetch: Fetch, vkey: str | Iterable[str]) -> Proven:
    """``verify_consistency`` for who has the log's tiles at hand and no proof: ``fetch`` brings a tile by
    its path. Whatever the tiles say is checked against both signed roots; an error of ``fetch`` passes."""
    keys = [str(key) for key in _keys(vkey)]
    first, second = verify_checkpoint(old, keys), verify_checkpoint(new, keys)
    path = []
    if 0 < first.size < second.size:
        try:
            path = TileTree(fetch, second.size).consistency(first.size)
        except IndexError as error:
            raise Unproven(f"账本分片不完整（{error}）", code="verify.incomplete") from None
    return verify_consistency(old, new, path, keys)
