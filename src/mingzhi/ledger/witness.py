"""Being a witness of others' logs: C2SP tlog-witness.

For each log we keep the last head we cosigned; it only grows, by compare-and-swap, and is on the
disk before the cosignature leaves. If it stops between the two, the log asks again with the size it
then learns, and gets its signature.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import keys, merkle, notes, remote
from mingzhi.ledger.actions import attempt
from mingzhi.ledger.errors import WitnessInvalid, WitnessRefused
from mingzhi.ledger.formats import Submission, TreeHead
from mingzhi.ledger.models import SplitView, WatchedLog

SIZE_TYPE = "text/x.tlog.size"


def log_watch(*, vkeys: list[str], url: str, by: str, at: datetime) -> str:
    """Witness the log of these keys (Ed25519, SM2 beside it) from now on; returns its origin.

    Again with other keys: they replace the former ones, the head stays. ``url`` is where its
    checkpoint and tiles are read (empty: it only comes to us). Raises ``WitnessInvalid``.
    """
    try:
        parsed = [notes.VerifierKey.parse(text) for text in vkeys]
    except notes.BadNote as error:
        raise WitnessInvalid(why=f"账本公钥格式不正确（{error}）") from None
    names = {key.name for key in parsed}
    if len(names) != 1 or not any(key.kind == notes.ED25519 for key in parsed):
        raise WitnessInvalid(why="须给出同一账本的公钥，其中至少一个为 Ed25519")
    if any(key.kind == notes.COSIGNATURE for key in parsed):
        raise WitnessInvalid(why="给出的是见证公钥，不是账本公钥")
    (origin,) = names
    WatchedLog.objects.update_or_create(
        origin=origin,
        defaults={"vkeys": "\n".join(vkeys), "url": remote.address(url) if url else ""},
        create_defaults={"vkeys": "\n".join(vkeys), "url": remote.address(url) if url else "", "at": at},
    )
    attempt("ledger:watch", f"log:{origin}", by=by, at=at)
    return origin


def log_unwatch(*, origin: str, by: str, at: datetime) -> None:
    """Witness this log no longer. What was seen of it is forgotten; split views stay."""
    if not WatchedLog.objects.filter(origin=origin).delete()[0]:
        raise NotFound("没有见证此账本")
    attempt("ledger:unwatch", f"log:{origin}", by=by, at=at)


def key() -> str:
    """Our witness key (C2SP cosignature/v1), for the logs we witness."""
    return str(keys.witness().verifier)


def keys_of(row: WatchedLog) -> list[notes.VerifierKey]:
    """The log's keys we can check here: Ed25519 always."""
    parsed = [notes.VerifierKey.parse(text) for text in row.vkeys.split()]
    return [one for one in parsed if one.kind == notes.ED25519]


def add_checkpoint(body: bytes, *, at: datetime) -> str:
    """Cosign a log's new checkpoint: the signature lines. ``WitnessRefused`` with the protocol's status."""
    try:
        asked = Submission.parse(body.decode("utf-8"))
        head = TreeHead.parse(notes.parse(asked.checkpoint).text)
    except (notes.BadNote, UnicodeDecodeError) as error:
        raise WitnessRefused(f"请求格式不正确（{error}）", 400) from None
    row = WatchedLog.objects.filter(origin=head.origin).first()
    if row is None:
        raise WitnessRefused("没有登记此账本", 404)
    try:
        text, _ = notes.verify(asked.checkpoint, keys_of(row))
    except notes.BadNote as error:
        raise WitnessRefused(f"检查点没有可信签名（{error}）", 403) from None
    if asked.old > head.size:
        raise WitnessRefused("原条目数大于检查点的条目数", 400)
    refused, evidence = _advance(asked, head, at)
    if evidence is not None:
        sentence = f"账本 {head.origin} 在第 {head.size} 条处签发了两个不同的根"
        split_found(head.origin, evidence, asked.checkpoint, source="账本送签", sentence=sentence, at=at)
    if refused is not None:
        raise refused
    return keys.witness().line(text, int(at.timestamp()))


def _advance(asked: Submission, head: TreeHead, at: datetime) -> tuple[WitnessRefused | None, str | None]:
    """Compare and swap. The refusal, and the head we cosigned when what came contradicts it."""
    with transaction.atomic():
        row = WatchedLog.objects.select_for_update().get(origin=head.origin)
        known = f"{row.size}\n"
        if row.note and head.size == row.size and head.root != bytes(row.root):
            return WitnessRefused("根散列与已见证的不同", 409, known), row.note
        if asked.old != row.size:
            return WitnessRefused("原条目数与已见证的不同", 409, known), None
        if not _grows(asked, head, bytes(row.root)):
            return WitnessRefused("一致性证明不成立", 422), None
        swapped = WatchedLog.objects.filter(origin=row.origin, size=row.size).update(
            size=head.size, root=head.root, note=asked.checkpoint, seen_at=at
        )
        if not swapped:
            return WitnessRefused("原条目数与已见证的不同", 409, known), None
    return None, None


def _grows(asked: Submission, head: TreeHead, root: bytes) -> bool:
    if asked.old == 0:
        return not asked.path and (head.size > 0 or head.root == merkle.EMPTY_ROOT)
    if asked.old == head.size:
        return not asked.path and head.root == root
    return merkle.check_consistency(asked.old, head.size, root, head.root, asked.path)


def digest(origin: str) -> str:
    """How the monitoring address names a log."""
    return hashlib.sha256(origin.encode()).hexdigest()


def seen(wanted: str) -> str:
    """The last checkpoint we cosigned of the log with that digest, as it came. ``NotFound``."""
    for row in WatchedLog.objects.exclude(note=""):
        if digest(row.origin) == wanted:
            return row.note
    raise NotFound("没有此账本的见证记录")


# -- contradictions --------------------------------------------------------------------------------


def split_found(origin: str, ours: str, theirs: str, *, source: str, sentence: str, at: datetime) -> bool:
    """Keep two signed heads that do not fit together. Whether they are new."""
    heads = sorted({notes.parse(note).text for note in (ours, theirs) if note})
    mark = hashlib.sha256("\0".join(heads).encode()).hexdigest()
    _, made = SplitView.objects.get_or_create(
        fingerprint=mark,
        defaults={
            "origin": origin,
            "source": source[:300],
            "sentence": sentence[:300],
            "ours": ours,
            "theirs": theirs,
            "at": at,
        },
    )
    return made


def split_settle(*, split_id: int, how: str, by: str, at: datetime) -> None:
    """Say how a contradiction was dealt with; the evidence stays. ``NotFound``, ``WitnessInvalid``."""
    if not how.strip():
        raise WitnessInvalid(why="处理情况不能为空")
    settled = SplitView.objects.filter(pk=split_id, settled_at=None).update(
        settled_at=at, settled_by=by[:160], settled_how=how.strip()[:400]
    )
    if not settled:
        raise NotFound("没有此项未处理的视图不一致")
    attempt("ledger:split_settled", f"split:{split_id}", by=by, at=at)
