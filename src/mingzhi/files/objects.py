"""Where whole contents lie: on the local disk, or in a bucket of any S3 service by setting.

Both keep a content under its own hash (``aa/bb/<sha256>``), once, never changed. Uploads are always
received on the local disk first (``incoming``), because the hash that names the content is not known
before its last byte. Crash story of ``Bucket.keep``: an object appears whole or not at all (a single
put, or a multipart upload that is completed at the end), its parts checked by the service against
SHA-256; the local part goes only after the service answered and told the right size. Killed between,
the part is still there and ``keep`` is repeated, which finds the object and only removes the part.
Parts of a multipart upload that was never completed are no object; the bucket's own lifecycle rule
(AbortIncompleteMultipartUpload) clears them. Where the bucket has object lock and days are set, each
object carries its retention, and the service itself refuses to delete it before.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.conf import settings

from mingzhi.kernel import clock

BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """One stored content: its hash, bytes, and when it was last put (seconds since 1970)."""

    sha256: str
    size: int
    modified: float


class Store(Protocol):
    """What both have in common. A missing content is ``FileNotFoundError``; trouble is ``OSError``."""

    def keep(self, part: Path, sha256: str) -> None:
        """Take the local file over under its hash; durable when this returns, and the file is gone."""

    def size(self, sha256: str) -> int: ...

    def blocks(self, sha256: str, start: int, count: int) -> Iterator[bytes]:
        """``count`` bytes from ``start``; opened before the first block is asked for."""

    def open(self, sha256: str) -> BinaryIO: ...

    def path(self, sha256: str) -> Path:
        """A local file with these bytes, for libraries that want one. Not to be changed or removed."""

    def remove(self, sha256: str) -> bool: ...

    def has(self, sha256: str) -> bool: ...

    def contents(self) -> Iterator[Content]: ...


def key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Disk:
    """The local disk below ``FILES_ROOT``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def place(self, sha256: str) -> Path:
        return self.root / key(sha256)

    def keep(self, part: Path, sha256: str) -> None:
        target = self.place(sha256)
        fresh = [folder for folder in (target.parent, target.parent.parent) if not folder.is_dir()]
        target.parent.mkdir(parents=True, exist_ok=True)
        part.chmod(0o440)
        part.replace(target)
        # The new name is in its folder; a folder just made is a new name in the one above it.
        for folder in (target.parent, *(folder.parent for folder in fresh)):
            flush_folder(folder)

    def size(self, sha256: str) -> int:
        return self.place(sha256).stat().st_size

    def has(self, sha256: str) -> bool:
        return self.place(sha256).exists()

    def open(self, sha256: str) -> BinaryIO:
        return self.place(sha256).open("rb")

    def blocks(self, sha256: str, start: int, count: int) -> Iterator[bytes]:
        file = self.place(sha256).open("rb", buffering=0)
        file.seek(start)
        return _Blocks(file, count)

    def path(self, sha256: str) -> Path:
        found = self.place(sha256)
        found.stat()
        return found

    def remove(self, sha256: str) -> bool:
        try:
            self.place(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    def contents(self) -> Iterator[Content]:
        for first in self.root.glob("[0-9a-f][0-9a-f]"):
            for second in first.glob("[0-9a-f][0-9a-f]"):
                for file in second.iterdir():
                    stat = file.stat()
                    yield Content(file.name, stat.st_size, stat.st_mtime)


class _Blocks:
    """``left`` bytes of an open file, block by block; closed at the end, or when the reader goes away
    (a generator that was never begun would keep the file open)."""

    def __init__(self, file: Any, left: int) -> None:
        self._file = file
        self._left = left

    def __iter__(self) -> _Blocks:
        return self

    def __next__(self) -> bytes:
        block: bytes = self._file.read(min(BLOCK, self._left)) if self._left else b""
        if not block:
            self.close()
            raise StopIteration
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._left = 0
        self._file.close()


#: A content put again after this gets a fresh age, so that ``tidy`` cannot take what was just named.
_REFRESH = timedelta(hours=12)


class Bucket:
    """A bucket of an S3 service; ``cache`` is a local folder for ``path``."""

    def __init__(self, client: Any, bucket: str, prefix: str, lock_days: int, cache: Path) -> None:
        self.client = client
        self.bucket = bucket
        self.prefix = prefix
        self.lock_days = lock_days
        self.cache = cache

    def _where(self, sha256: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + key(sha256)}

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
                raise FileNotFoundError(str(error)) from error
            raise OSError(str(error)) from error
        except BotoCoreError as error:
            raise OSError(str(error)) from error

    def keep(self, part: Path, sha256: str) -> None:
        from boto3.exceptions import S3UploadFailedError

        size, now = part.stat().st_size, clock.now()
        try:
            with self._asking():
                there = self.client.head_object(**self._where(sha256))
            known = there["ContentLength"] == size and now - there["LastModified"] < _REFRESH
        except FileNotFoundError:
            known = False
        if not known:
            extra: dict[str, Any] = {"ChecksumAlgorithm": "SHA256", "ContentType": "application/octet-stream"}
            if self.lock_days:
                extra["ObjectLockMode"] = "COMPLIANCE"
                extra["ObjectLockRetainUntilDate"] = now + timedelta(days=self.lock_days)
            where = self._where(sha256)
            try:
                with self._asking():
                    self.client.upload_file(str(part), where["Bucket"], where["Key"], ExtraArgs=extra)
            except S3UploadFailedError as error:
                raise OSError(str(error)) from error
            if self.size(sha256) != size:
                raise OSError("the object store kept another number of bytes")
        part.unlink()

    def size(self, sha256: str) -> int:
        with self._asking():
            return int(self.client.head_object(**self._where(sha256))["ContentLength"])

    def has(self, sha256: str) -> bool:
        try:
            self.size(sha256)
        except FileNotFoundError:
            return False
        return True

    def open(self, sha256: str) -> BinaryIO:
        with self._asking():
            body: BinaryIO = self.client.get_object(**self._where(sha256))["Body"]
            return body

    def blocks(self, sha256: str, start: int, count: int) -> Iterator[bytes]:
        with self._asking():
            given = self.client.get_object(**self._where(sha256), Range=f"bytes={start}-{start + count - 1}")
        return _Blocks(given["Body"], count)

    def path(self, sha256: str) -> Path:
        kept = self.cache / sha256
        if kept.exists() and kept.stat().st_size == self.size(sha256):
            kept.touch()
            return kept
        self.cache.mkdir(parents=True, exist_ok=True)
        part = self.cache / f"{sha256}.{secrets.token_hex(8)}"
        try:
            with self._asking():
                self.client.download_file(self.bucket, self.prefix + key(sha256), str(part))
            part.replace(kept)
        finally:
            part.unlink(missing_ok=True)
        return kept

    def remove(self, sha256: str) -> bool:
        (self.cache / sha256).unlink(missing_ok=True)
        if not self.has(sha256):
            return False
        with self._asking():
            self.client.delete_object(**self._where(sha256))
        return True

    def contents(self) -> Iterator[Content]:
        with self._asking():
            for page in self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix
            ):
                for entry in page.get("Contents", ()):
                    name = entry["Key"].rsplit("/", 1)[-1]
                    if entry["Key"] == self.prefix + key(name):
                        yield Content(name, entry["Size"], entry["LastModified"].timestamp())


@functools.lru_cache(maxsize=4)
def _client(endpoint: str, region: str, access: str, secret: str) -> Any:
    import boto3  # an extra: only who stores in a bucket needs it

    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region or None,
        aws_access_key_id=access or None,
        aws_secret_access_key=secret or None,
    )


def local() -> bool:
    return not settings.FILES_S3["bucket"]


def store() -> Store:
    """The store of this installation, as ``FILES_S3`` says."""
    root, given = Path(settings.FILES_ROOT), settings.FILES_S3
    if local():
        return Disk(root)
    client = _client(given["endpoint"], given["region"], given["access_key"], given["secret_key"])
    return Bucket(client, given["bucket"], given["prefix"], given["lock_days"], root / "cache")


def bring_back(part: Path, sha256: str) -> None:
    """Take over a content that a backup gave back, whatever lies in its place. ``part`` is gone afterwards.

    What is there was put by an earlier, interrupted restore, or is damaged: it is read whole before it
    is trusted. Where object lock forbids to replace a damaged one, the service's refusal is ``OSError``.
    """
    kept = store()
    if kept.has(sha256) and not holds_whole(sha256):
        kept.remove(sha256)
    kept.keep(part, sha256)


def holds_whole(sha256: str) -> bool:
    """Whether the content is there and its bytes are those that its name promises."""
    kept = store()
    try:
        size = kept.size(sha256)
        total = hashlib.sha256()
        if size:
            for block in kept.blocks(sha256, 0, size):
                total.update(block)
    except FileNotFoundError:
        return False
    return total.hexdigest() == sha256
