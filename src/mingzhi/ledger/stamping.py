"""Having a third party's clock say when our checkpoints existed (RFC 3161), where a bureau has such an authority.

By setting: the authority's address, its policy, and the file with its root certificates. The worker asks at
most once in so many minutes, for the latest checkpoint, and only when entries came since the last stamp. If
it stops after the authority answered and before the token is kept, it asks again: two stamps say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from mingzhi.ledger import notes, remote, verify_stamp
from mingzhi.ledger.errors import StampFailed
from mingzhi.ledger.models import Checkpoint, CheckpointStamp
from mingzhi.ledger.verify import Unproven


@dataclass(frozen=True, slots=True)
class StampView:
    """A stamp that was kept. ``authority`` is empty where the root certificates are not at hand."""

    size: int
    moment: datetime
    authority: str
    policy: str


def configured() -> bool:
    return bool(settings.TSA["url"])


def roots() -> str:
    """The authority's root certificates (PEM). ``StampFailed`` when the file cannot be read."""
    try:
        return Path(settings.TSA["roots"]).read_text("ascii")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise StampFailed(why=f"根证书文件不能读取（{error}）") from None


def due(at: datetime) -> int | None:
    """The size of the checkpoint to be stamped now; None when there is none or it is too early."""
    if not configured():
        return None
    size = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    last = CheckpointStamp.objects.order_by("-size").first()
    if size is None or (last is not None and last.size >= size):
        return None
    early = last is not None and at - last.at < timedelta(minutes=settings.TSA["minutes"])
    return None if early else size


def stamp(size: int, *, at: datetime) -> bool:
    """Have the checkpoint of that size stamped. False when it is already. ``StampFailed``."""
    head = Checkpoint.objects.filter(size=size).first()
    if head is None or not configured() or CheckpointStamp.objects.filter(size=size).exists():
        return False
    text = notes.parse(head.note).text
    try:
        asked = verify_stamp.request(text, settings.TSA["policy"])
        answer = remote.ask(settings.TSA["url"], asked.body, kind="application/timestamp-query")
        if answer.status != 200:
            raise StampFailed(why=f"答复状态 {answer.status}")
        token = verify_stamp.token_of(answer.body, asked)
        found = verify_stamp.verify_stamp(token, text, roots())
    except (Unproven, ValueError) as error:
        raise StampFailed(why=getattr(error, "sentence", str(error))) from None
    if abs(found.moment - at) > verify_stamp.AHEAD:
        raise StampFailed(why=f"时间戳时间 {found.moment:%Y-%m-%d %H:%M:%S} 与本机时钟相差过大")
    CheckpointStamp.objects.get_or_create(
        size=size, defaults={"token": token, "moment": found.moment, "policy": found.policy, "at": at}
    )
    return True


def stamps(limit: int = 1) -> list[StampView]:
    """The latest stamps, the newest first."""
    found = []
    for row in CheckpointStamp.objects.order_by("-size")[:limit]:
        try:
            text = notes.parse(Checkpoint.objects.get(size=row.size).note).text
            authority = verify_stamp.verify_stamp(bytes(row.token), text, roots()).authority
        except (StampFailed, Unproven, Checkpoint.DoesNotExist):
            authority = ""
        found.append(StampView(row.size, row.moment, authority, row.policy))
    return found


def stamped() -> str:
    """The newest stamped checkpoint with its token, as a file that ``mingzhi verify`` reads; empty: none."""
    row = CheckpointStamp.objects.order_by("-size").first()
    head = Checkpoint.objects.filter(size=row.size).first() if row is not None else None
    return "" if row is None or head is None else verify_stamp.armoured(head.note, bytes(row.token))


def otherwise() -> Iterator[tuple[str, str]]:
    """For fsck: stamps that do not speak of their checkpoint, or say another moment than is kept."""
    notes_of = dict(
        Checkpoint.objects.filter(size__in=CheckpointStamp.objects.values("size")).values_list("size", "note")
    )
    for row in CheckpointStamp.objects.order_by("size").iterator(chunk_size=500):
        note = notes_of.get(row.size)
        digest = sha256(notes.parse(note).text.encode()).digest() if note else b""
        if verify_stamp.told(bytes(row.token)) != (digest, row.moment, row.policy):
            yield f"stamp:{row.size}", f"第 {row.size} 条处检查点的时间戳与检查点不符，或者登记的时间被改动"
