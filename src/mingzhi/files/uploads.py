"""Resumable uploads: made, received in parts, concatenated, taken, ended, expired.

Crash story. Whatever line the process dies at, no byte that was vouched for is lost and none is told
that is not on the disk:

1. ``upload_create``: part, then row. Stops between: a part without a row; ``tidy`` removes it.
2. ``upload_append``: bytes, flush, then the offset in the row. Stops before the row: the next request
   cuts the part back to the row's offset and those bytes come again. The commit fails but was kept:
   the client asks, is told the new offset, goes on from there.
3. the last byte: the row becomes whole (with both the offset and the SHA-256) in one commit, then the
   part is moved under its hash. Stops between: ``upload_take`` moves it.
4. ``upload_take``: bytes in their place, SM3, then the ``StoredFile`` row and the upload's reference to
   it in the caller's transaction. Rolled back: the upload is still whole and can be taken again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from mingzhi.files import erasure, errors, incoming, media, objects, store
from mingzhi.files.choices import UploadState
from mingzhi.files.data import FileRef, UploadView
from mingzhi.files.models import StoredFile, Upload
from mingzhi.files.names import display_name
from mingzhi.files.queries import as_ref
from mingzhi.kernel import numbers, sizes
from mingzhi.kernel.errors import MingzhiError

#: What ``Upload-Checksum`` may name.
CHECKSUMS = ("sha1", "sha256", "md5")
#: While one request goes on, the offset is vouched for at least this often.
VOUCH_BYTES = 64 * 1024 * 1024
VOUCH_SECONDS = 2.0
#: Segments are of no use once concatenated; a client may still ask for them this long.
SEGMENT_TIME = timedelta(hours=1)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the sender says the bytes of one request hash to."""

    algorithm: str
    digest: bytes


def upload_create(
    *,
    name: str,
    length: int,
    media_type: str = "",
    sha256: str = "",
    metadata: str = "",
    partial: bool = False,
    by: str,
    group: str,
    at: datetime,
) -> UploadView:
    """Make room for ``length`` bytes; refuses before a byte is sent what could not be kept.

    ``by`` is the owner's actor label, ``group`` whose quota it counts against; ``sha256`` the hash the
    sender computed, compared at the end. Raises ``FileEmpty``, ``FileTooLarge``, ``QuotaExceeded``,
    ``StoreFull``.
    """
    shown = display_name(name)
    if length == 0:
        raise errors.FileEmpty(name=shown)
    if length > settings.UPLOAD_MAX_BYTES:
        raise errors.FileTooLarge(name=shown, limit=sizes.in_words(settings.UPLOAD_MAX_BYTES))
    return _created(
        name=shown,
        length=length,
        stated_type=media_type.partition(";")[0].strip().lower()[:100],
        wanted_sha256=sha256.lower(),
        metadata=metadata,
        concat=_PARTIAL if partial else "",
        owner=by,
        group=group,
        at=at,
    )


def _created(*, length: int, owner: str, group: str, at: datetime, **values: Any) -> UploadView:
    token = secrets.token_hex(16)
    try:
        with transaction.atomic():
            numbers.allot(f"uploads:{group}")  # locks the group: two uploads at once share one quota
            _check_quota(length=length, owner=owner, group=group, at=at)
            incoming.create(token)
            row = Upload.objects.create(
                token=token,
                owner=owner,
                group=group,
                length=length,
                created_at=at,
                expires_at=at + settings.UPLOAD_KEPT,
                **values,
            )
    except OSError as error:
        _removed(token)
        raise _of_the_disk(error) from error
    return as_view(row)


def _check_quota(*, length: int, owner: str, group: str, at: datetime) -> None:
    pending = Q(file__isnull=True, state__in=(UploadState.RECEIVING, UploadState.WHOLE), expires_at__gt=at)
    own = _sum(Q(owner=owner) & pending, "length")
    if own + length > settings.UPLOAD_PERSON_BYTES:
        raise errors.QuotaExceeded(whose="您", limit=sizes.in_words(settings.UPLOAD_PERSON_BYTES))
    if settings.UPLOAD_BODY_BYTES:
        theirs = _sum(Q(group=group) & (pending | Q(file__isnull=False)), "length")
        if theirs + length > settings.UPLOAD_BODY_BYTES:
            raise errors.QuotaExceeded(
                "本机关已存储的文件加上本文件将超过 "
                f"{sizes.in_words(settings.UPLOAD_BODY_BYTES)} 的总量上限，未开始上传",
                remedy="请联系系统管理员扩容或者调整上限",
            )
    waiting = Q(state=UploadState.RECEIVING, expires_at__gt=at)
    reserved = _sum(waiting, "length") - _sum(waiting, "offset")
    if store.room() < length + reserved + settings.UPLOAD_SPARE_BYTES:
        raise errors.StoreFull()


def _sum(which: Q, field: str) -> int:
    return Upload.objects.filter(which).aggregate(total=Sum(field))["total"] or 0


def upload_find(token: str, *, by: str, at: datetime) -> UploadView:
    """The upload as it stands, asked for in order to go on: a request still receiving it is stopped.

    Raises ``UploadNotFound`` (also when it is somebody else's), ``UploadGone``, ``UploadRefused``,
    ``StoreFull``, ``StoreFailing``.
    """
    row = _own(token, by, at)
    if row.state == UploadState.RECEIVING:
        try:
            with incoming.Writer(token):
                row.refresh_from_db()
        except incoming.Lost:
            raise errors.UploadGone(name=row.name, why="数据已缺失") from None
        except OSError as error:
            raise _of_the_disk(error) from error
    return as_view(row)


def upload_append(
    token: str,
    source: store.Readable,
    *,
    offset: int,
    count: int,
    checksum: Checksum | None = None,
    by: str,
    at: datetime,
) -> UploadView:
    """Receive ``count`` bytes at ``offset``; what is told afterwards is on the disk for good.

    Fewer bytes than announced (the line was cut) are kept and vouched for, unless a checksum was
    given: then the request is all or nothing. With the last byte the content is looked at and
    accepted or refused; a refusal keeps nothing.

    Raises ``OffsetMismatch``, ``FileTooLarge``, ``ChecksumMismatch``, ``DigestMismatch``,
    ``FileTypeRefused``, ``UploadTakenOver``, ``StoreFull``, ``StoreFailing`` and those of ``upload_find``.
    """
    row = _own(token, by, at)
    if row.concat.startswith("final"):
        raise errors.UploadFinal()
    _check_place(row, offset, count)
    if count == 0:
        return as_view(row)
    try:
        with incoming.Writer(token) as writer:
            row.refresh_from_db()
            _check_place(row, offset, count)
            if row.state != UploadState.RECEIVING:
                raise errors.UploadTakenOver()
            writer.begin(offset)
            _receive(row, writer, source, count, checksum=checksum, at=at)
    except incoming.Superseded:
        raise errors.UploadTakenOver() from None
    except incoming.Lost:
        raise errors.UploadGone(name=row.name, why="数据已缺失") from None
    except OSError as error:
        raise _of_the_disk(error) from error
    return as_view(row)


def _check_place(row: Upload, offset: int, count: int) -> None:
    if offset != row.offset:
        raise errors.OffsetMismatch(offset=row.offset)
    if offset + count > row.length:
        raise errors.FileTooLarge(
            f"文件“{row.name}”传来的数据超过开始时声明的 {row.length} 字节，未予接收",
            remedy="文件在上传期间发生变化的，请重新上传",
        )


def _receive(
    row: Upload,
    writer: incoming.Writer,
    source: store.Readable,
    count: int,
    *,
    checksum: Checksum | None,
    at: datetime,
) -> None:
    state = incoming.digests.sha256(row.token, row.offset)
    check = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    receiving = incoming.Receiving(writer, state, check, expected=count)
    left, vouched, since = count, row.offset, time.monotonic()
    trouble: OSError | None = None
    try:
        while left and (block := _block(source, min(left, incoming.BLOCK))):
            left -= len(block)
            try:
                receiving.take(block)
            except OSError as error:
                trouble = error
                break
            now = time.monotonic()
            if (
                checksum is None
                and left
                and (writer.offset - vouched >= VOUCH_BYTES or now - since >= VOUCH_SECONDS)
            ):
                vouched, since = receiving.flush(), now
                _vouch(row, writer, vouched, at)
        receiving.settle()
    except BaseException:
        receiving.stop()
        raise
    if trouble is not None:
        # A full disk: what fitted is flushed and counts; the hash has seen more and is dropped.
        if checksum is None:
            _vouch(row, writer, writer.offset, at)
        raise trouble
    if checksum is not None and (left or check.digest() != checksum.digest):  # type: ignore[union-attr]
        writer.begin(row.offset)
        raise errors.ChecksumMismatch()
    if writer.offset == row.length and row.concat != _PARTIAL:
        _finish(row, writer, state, at)
    else:
        _vouch(row, writer, writer.offset, at)
        incoming.digests.keep(row.token, state)
        incoming.digests.follow(row.token, incoming.path(row.token), row.offset)


def _block(source: store.Readable, size: int) -> bytes:
    """The next bytes, nothing at the end; a line that broke is an end like any other."""
    try:
        return source.read(size)
    except OSError:
        return b""


def _vouch(row: Upload, writer: incoming.Writer, offset: int, at: datetime) -> None:
    with writer.held():
        _save(row, offset=offset, expires_at=at + settings.UPLOAD_KEPT)


def _save(row: Upload, **values: Any) -> None:
    Upload.objects.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)


def _finish(row: Upload, writer: incoming.Writer, state: incoming.Running, at: datetime) -> None:
    """All bytes are on the disk: compare, look what they are, make the row whole, move them."""
    found = state.hash.hexdigest()
    if row.wanted_sha256 and found != row.wanted_sha256:
        _refuse(row, writer, errors.DigestMismatch(name=row.name))
    with incoming.path(row.token).open("rb") as file:
        seen = media.look(file, row.length, name=row.name, stated=row.stated_type)
    if seen.media_type in media.UNWELCOME:
        _refuse(
            row,
            writer,
            errors.FileTypeRefused(
                name=row.name,
                actual=media.label(seen.media_type),
                accepted="图片、音视频、PDF、办公文档或压缩包",
            ),
        )
    with writer.held():
        _save(
            row,
            offset=row.length,
            state=UploadState.WHOLE,
            sha256=found,
            media_type=seen.media_type,
            remarks=list(seen.remarks),
            whole_at=at,
            expires_at=at + settings.UPLOAD_KEPT,
        )
    _settle(row)


def _refuse(row: Upload, writer: incoming.Writer, refusal: MingzhiError) -> None:
    with writer.held():
        _save(row, state=UploadState.REFUSED, refusal=refusal.sentence[:300])
    _removed(row.token)
    raise refusal


def _settle(row: Upload) -> None:
    """The bytes of a whole upload lie under their hash. Idempotent.

    On the local disk SM3 follows after, on the moved file; before a bucket takes the part it is done.
    """
    part = incoming.path(row.token)
    if part.exists():
        if not objects.local():
            incoming.digests.sm3(row.token, lambda: part, row.length)
        objects.store().keep(part, row.sha256)
        if objects.local():
            incoming.digests.follow(row.token, objects.store().path(row.sha256), row.length)
    incoming.remove_claim(row.token)


def upload_concat(
    parts: Sequence[str],
    *,
    name: str,
    media_type: str = "",
    sha256: str = "",
    metadata: str = "",
    concat: str,
    by: str,
    group: str,
    at: datetime,
) -> UploadView:
    """One file from finished segments of the same person, in this order; a segment may come twice.

    ``concat`` is the tus header to be told again. Raises what ``upload_create`` and the end of
    ``upload_append`` raise, ``UploadUnfinished``, ``UploadNotFound``.
    """
    rows = [_own(part, by, at) for part in parts]
    for row in rows:
        if row.concat != _PARTIAL:
            raise errors.UploadNotFound()
        if row.offset != row.length:
            raise errors.UploadUnfinished(name=row.name, offset=row.offset, length=row.length)
    length = sum(row.length for row in rows)
    shown = display_name(name)
    if length > settings.UPLOAD_MAX_BYTES:
        raise errors.FileTooLarge(name=shown, limit=sizes.in_words(settings.UPLOAD_MAX_BYTES))
    view = _created(
        name=shown,
        length=length,
        stated_type=media_type.partition(";")[0].strip().lower()[:100],
        wanted_sha256=sha256.lower(),
        metadata=metadata,
        concat=concat,
        owner=by,
        group=group,
        at=at,
    )
    final = Upload.objects.get(token=view.token)
    try:
        with incoming.Writer(final.token) as writer:
            writer.begin(0)
            state = incoming.Running("sha256")
            receiving = incoming.Receiving(writer, state, expected=length)
            try:
                for row in rows:
                    with incoming.path(row.token).open("rb", buffering=0) as segment:
                        while block := segment.read(incoming.BLOCK):
                            receiving.take(block)
                receiving.settle()
            except BaseException:
                receiving.stop()
                raise
            if writer.offset != length:
                raise incoming.Lost
            _finish(final, writer, state, at)
    except (incoming.Lost, FileNotFoundError):
        raise errors.UploadGone(name=shown, why="数据已缺失") from None
    except OSError as error:
        raise _of_the_disk(error) from error
    Upload.objects.filter(pk__in=[row.pk for row in rows]).update(expires_at=at + SEGMENT_TIME)
    return as_view(final)


@transaction.atomic
def upload_take(token: str, *, by: str) -> FileRef:
    """The stored file of a finished upload, for the room that puts it on a dossier. Idempotent.

    ``by`` is the actor label of the owner. In the caller's transaction: rolled back, the upload can be
    taken again. Raises ``UploadNotFound`` (also somebody else's), ``UploadGone`` (cancelled, expired),
    ``UploadRefused``, ``UploadUnfinished``, ``UploadPartial``, ``FileDamaged``.
    """
    row = _row(token, by, lock=True)
    if row.file is not None:
        return as_ref(row.file)
    _alive(row, None)
    if row.concat == _PARTIAL:
        raise errors.UploadPartial()
    if row.state != UploadState.WHOLE:
        raise errors.UploadUnfinished(name=row.name, offset=row.offset, length=row.length)
    try:
        _settle(row)
        sm3 = incoming.digests.sm3(token, lambda: objects.store().path(row.sha256), row.length)
    except (OSError, incoming.Lost):
        raise errors.FileDamaged(name=row.name) from None
    if not objects.store().has(row.sha256):  # its hashes are still known here, and its bytes were tidied away
        raise errors.FileDamaged(name=row.name)
    if not erasure.came_again(row.sha256, at=row.whole_at or row.created_at):
        raise errors.FileDamaged(name=row.name)
    file, _ = StoredFile.objects.get_or_create(
        sha256=row.sha256,
        name=row.name,
        media_type=row.media_type,
        stated_type=row.stated_type,
        defaults={
            "sm3": sm3,
            "size": row.length,
            "remarks": row.remarks,
            "created_at": row.whole_at or row.created_at,
        },
    )
    _save(row, file=file)
    return as_ref(file)


def upload_end(token: str, *, by: str, at: datetime) -> None:
    """The owner gives the upload up: its bytes go. What was taken stays: ``UploadKept``."""
    row = _own(token, by, at)
    if row.file_id is not None:
        raise errors.UploadKept(name=row.name)
    _dropped(row, UploadState.ENDED)


def uploads_expire(*, at: datetime) -> int:
    """Drop what nobody finished or took in time; how many. Run by the worker every hour."""
    due = Upload.objects.filter(
        state__in=(UploadState.RECEIVING, UploadState.WHOLE), file__isnull=True, expires_at__lte=at
    )
    return sum(_dropped(row, UploadState.EXPIRED) for row in due.iterator(chunk_size=500))


def _dropped(row: Upload, state: UploadState) -> bool:
    """Row first, then bytes: a part without a living row is nobody's and is tidied."""
    with transaction.atomic():
        done = Upload.objects.filter(pk=row.pk, file__isnull=True, state=row.state).update(state=state)
    if done:
        _removed(row.token)
    return bool(done)


def _removed(token: str) -> None:
    """What a disk that fails or may only be read does not let go is nobody's, and is tidied later."""
    with contextlib.suppress(OSError):
        incoming.remove(token)


def _row(token: str, by: str, *, lock: bool = False) -> Upload:
    rows = Upload.objects.select_for_update(of=("self",)) if lock else Upload.objects
    row = rows.filter(token=token, owner=by).first() if _TOKEN.fullmatch(token) else None
    if row is None:
        raise errors.UploadNotFound()
    return row


def _own(token: str, by: str, at: datetime) -> Upload:
    row = _row(token, by)
    _alive(row, at)
    return row


def _alive(row: Upload, at: datetime | None) -> None:
    if row.state == UploadState.REFUSED:
        raise errors.UploadRefused(why=row.refusal)
    if row.state == UploadState.ENDED:
        raise errors.UploadGone(name=row.name, why="已取消")
    if row.state == UploadState.EXPIRED or (at is not None and row.file_id is None and row.expires_at <= at):
        raise errors.UploadGone(name=row.name, why="已过期，未完成的数据已清理")


def _of_the_disk(error: OSError) -> MingzhiError:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    return errors.StoreFull() if full else errors.StoreFailing()


def as_view(row: Upload) -> UploadView:
    return UploadView(
        token=row.token,
        name=row.name,
        length=row.length,
        offset=row.offset,
        whole=row.state == UploadState.WHOLE,
        concat=row.concat,
        metadata=row.metadata,
        expires_at=row.expires_at,
    )
