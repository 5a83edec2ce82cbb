"""Reads of the files room."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from mingzhi.files import objects, store
from mingzhi.files.data import FileRef
from mingzhi.files.erasure import erased
from mingzhi.files.errors import FileDamaged, FileErased, FileNotFound, RangeRefused
from mingzhi.files.models import StoredFile

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def as_ref(row: StoredFile) -> FileRef:
    return FileRef(
        id=row.pk,
        sha256=row.sha256,
        sm3=row.sm3,
        size=row.size,
        name=row.name,
        media_type=row.media_type,
        stated_type=row.stated_type,
        remarks=tuple(row.remarks),
    )


def ref(file_id: int) -> FileRef:
    row = StoredFile.objects.filter(pk=file_id).first()
    if row is None:
        raise FileNotFound()
    return as_ref(row)


def refs(file_ids: list[int]) -> dict[int, FileRef]:
    """Many at once, for lists."""
    return {row.pk: as_ref(row) for row in StoredFile.objects.filter(pk__in=file_ids)}


def path(file_id: int) -> Path:
    """A local file with the bytes, for libraries that want one. ``FileDamaged`` when they are gone or cut."""
    stored = ref(file_id)
    whole(stored)
    return objects.store().path(stored.sha256)


def whole(stored: FileRef) -> None:
    """The bytes are there in full length; else ``FileErased`` (by lawful order) or ``FileDamaged``."""
    try:
        size = objects.store().size(stored.sha256)
    except FileNotFoundError:
        if (order := erased(stored.sha256)) is not None:
            raise FileErased(name=stored.name, order=order.order) from None
        size = -1
    if size != stored.size:
        raise FileDamaged(name=stored.name)


def accel_path(stored: FileRef) -> str | None:
    """Below nginx's internal location, where nginx is to send the bytes; ``None`` when we send them."""
    if not settings.FILES_ACCEL or not objects.local():
        return None
    whole(stored)
    return f"/{objects.key(stored.sha256)}"


def open_file(file_id: int) -> BinaryIO:
    """The bytes, open for reading; the caller closes."""
    return path(file_id).open("rb")


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte (inclusive) of a ``Range`` header; ``None`` = send the whole file.

    One range only; several, or another unit, are answered whole (RFC 9110 section 14.2 allows it).
    A range that lies outside raises ``RangeRefused`` (416).
    """
    match = _RANGE.match(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        if int(last) == 0 or size == 0:
            raise RangeRefused(size=size)
        return max(0, size - int(last)), size - 1
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if start >= size:
        raise RangeRefused(size=size)
    return (start, end) if start <= end else None


def open_range(file_id: int, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Bytes ``start`` … ``end`` (inclusive; ``None`` = to the last) in blocks of at most 1 MiB.

    The file is opened before the first block is asked for, so a missing one raises here.
    """
    return open_range_of(ref(file_id), start, end)


def open_range_of(stored: FileRef, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """As ``open_range``, for whoever holds the reference already."""
    whole(stored)
    end = stored.size - 1 if end is None else min(end, stored.size - 1)
    if start < 0 or start > end:
        raise RangeRefused(size=stored.size)
    return objects.store().blocks(stored.sha256, start, end - start + 1)


def still(file_id: int, sha256: str) -> bool:
    """Whether the file a fact names is there, under that hash, and whole."""
    try:
        return ref(file_id).sha256 == sha256 and check(file_id)
    except FileNotFound:
        return False


def check(file_id: int) -> bool:
    """Whether the bytes on the disk still give both hashes and the size in the row, or left lawfully."""
    stored = ref(file_id)
    try:
        with contextlib.closing(objects.store().open(stored.sha256)) as file:
            found = store.digests(file)
    except FileNotFoundError:
        return erased(stored.sha256) is not None
    except OSError:
        return False
    return (found.sha256, found.sm3, found.size) == (stored.sha256, stored.sm3, stored.size)


def check_all() -> Iterator[tuple[str, list[int], bool]]:
    """Every distinct content once: hash, the files that name it, whether it is whole."""
    seen = StoredFile.objects.order_by("sha256", "pk").values_list("sha256", "pk")
    current: str | None = None
    ids: list[int] = []
    for sha256, pk in seen.iterator(chunk_size=2000):
        if sha256 != current:
            if current is not None:
                yield current, ids, check(ids[0])
            current, ids = sha256, []
        ids.append(pk)
    if current is not None:
        yield current, ids, check(ids[0])


def content_count() -> int:
    """How many distinct contents there are."""
    return StoredFile.objects.values("sha256").distinct().count()


def contents() -> Iterator[tuple[str, int, int]]:
    """(SHA-256, size, a file that names it) of every distinct content."""
    seen = StoredFile.objects.order_by("sha256", "pk").values_list("sha256", "size", "pk")
    last = ""
    for sha256, size, pk in seen.iterator(chunk_size=2000):
        if sha256 != last:
            last = sha256
            yield sha256, size, pk
