"""Writes of the files room."""

from __future__ import annotations

import io
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from mingzhi.files import erasure, media, objects, store
from mingzhi.files.choices import UploadState
from mingzhi.files.data import FileRef
from mingzhi.files.errors import FileDamaged, FileEmpty, FileTooLarge, FileTruncated, FileTypeRefused
from mingzhi.files.models import StoredFile, Upload
from mingzhi.files.names import display_name
from mingzhi.files.queries import as_ref
from mingzhi.kernel import sizes

#: Younger strays may belong to an upload that is still running or a transaction not yet committed.
STRAY_AGE = timedelta(hours=24)


def file_put(
    stream: store.Readable,
    *,
    name: str,
    media_type: str = "",
    limit: int | None = None,
    expected: int | None = None,
    accept: Collection[str] | None = None,
    at: datetime,
) -> FileRef:
    """Store what ``stream`` gives: read in 1 MiB blocks, hashed on the way, on the disk when this returns.

    ``limit`` in bytes (default ``UPLOAD_MAX_BYTES``) is enforced while reading. ``expected`` is the
    sender's Content-Length: any other number of bytes is refused. ``accept`` holds media types
    (``image/*`` allowed) found by content. Refusals leave nothing behind. Works inside or outside a
    transaction; see ``store`` for what holds after a crash.

    Raises ``FileEmpty``, ``FileTooLarge``, ``FileTruncated``, ``FileTypeRefused``.
    """
    shown = display_name(name)
    stated = media_type.partition(";")[0].strip().lower()[:100]
    limit = settings.UPLOAD_MAX_BYTES if limit is None else limit
    if expected is not None and expected > limit:
        raise FileTooLarge(name=shown, limit=sizes.in_words(limit))
    try:
        with store.received(stream, limit) as part:
            blob = part.blob
            if expected is not None and blob.size != expected:
                raise FileTruncated(name=shown, expected=expected, received=blob.size)
            if blob.size == 0:
                raise FileEmpty(name=shown)
            with part.path.open("rb") as file:
                seen = media.look(file, blob.size, name=shown, stated=stated)
            found = seen.media_type
            if accept is not None and not _accepted(found, accept):
                raise FileTypeRefused(name=shown, actual=media.label(found), accepted=_spoken(accept))
            store.keep(part)
    except store.TooMuch:
        raise FileTooLarge(name=shown, limit=sizes.in_words(limit)) from None
    with transaction.atomic():
        if not erasure.came_again(blob.sha256, at=at):
            raise FileDamaged(name=shown)
        row, _ = StoredFile.objects.get_or_create(
            sha256=blob.sha256,
            name=shown,
            media_type=found,
            stated_type=stated,
            defaults={"sm3": blob.sm3, "size": blob.size, "remarks": list(seen.remarks), "created_at": at},
        )
    return as_ref(row)


def file_put_bytes(data: bytes, *, name: str, media_type: str = "", at: datetime) -> FileRef:
    """Store bytes made by the system itself (papers, exports)."""
    return file_put(io.BytesIO(data), name=name, media_type=media_type, at=at)


def strays(*, at: datetime) -> list[tuple[str, int]]:
    """What nobody names, older than a day: parts of broken uploads, contents without a row, local copies
    of a bucket's contents. Name below the root, bytes."""
    before = (at - STRAY_AGE).timestamp()
    found = [
        (objects.key(content.sha256), content.size)
        for content in objects.store().contents()
        if content.modified < before and not _named(content.sha256, at)
    ]
    for folder in (store.incoming(), store.root() / "cache"):
        for path in folder.iterdir() if folder.is_dir() else ():
            stat = path.stat()
            if stat.st_mtime < before and not _awaited(path, at):
                found.append((str(path.relative_to(store.root())), stat.st_size))
    return sorted(found)


def strays_remove(*, at: datetime) -> list[tuple[str, int]]:
    """Remove what ``strays`` lists; each is looked at once more right before it goes."""
    removed = []
    for name, size in strays(at=at):
        path = store.root() / name
        if path.parent.name in {"incoming", "cache"}:
            if not _awaited(path, at):
                path.unlink(missing_ok=True)
                removed.append((name, size))
        elif not _named(path.name, at) and objects.store().remove(path.name):
            removed.append((name, size))
    return removed


def _alive(at: datetime) -> QuerySet[Upload]:
    return Upload.objects.filter(
        state__in=(UploadState.RECEIVING, UploadState.WHOLE), file__isnull=True, expires_at__gt=at
    )


def _named(sha256: str, at: datetime) -> bool:
    """Whether a stored file or an upload that can still be taken names this content. What was ordered
    to be erased is named by nobody, should its bytes still lie there."""
    if _alive(at).filter(sha256=sha256).exists():
        return True
    return StoredFile.objects.filter(sha256=sha256).exists() and erasure.erased(sha256) is None


def _awaited(path: Path, at: datetime) -> bool:
    """Whether a part belongs to an upload that is still alive."""
    return path.suffix in {".upload", ".claim"} and _alive(at).filter(token=path.stem).exists()


def _accepted(found: str, accept: Collection[str]) -> bool:
    return found in accept or f"{found.partition('/')[0]}/*" in accept


def _spoken(accept: Collection[str]) -> str:
    return "、".join(dict.fromkeys(media.label(a) for a in sorted(accept)))
