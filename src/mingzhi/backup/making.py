"""A backup: the databases first, then every file their rows name, then the small things, then the list.

The order is the crash story of the backed-up installation, too. Bytes are on its disk before their
row is written, so every file named in the copied rows is there to be read. The ledger's last
checkpoint outside the database is read before the database: it may be older than the copy, which a
restored log accepts, and never newer, which it refuses.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings

from mingzhi.backup import databases
from mingzhi.backup.data import DatabaseCopy, FileCopy, SmallCopy, Snapshot, Tally
from mingzhi.backup.errors import ObjectDamaged
from mingzhi.backup.repository import Repository
from mingzhi.files import api as files
from mingzhi.kernel.errors import MingzhiError
from mingzhi.ledger import api as ledger

BLOCK = 1 << 20
Say = Callable[[str], None]

LEFT_OUT = ("files", "static", "log", "exports")
"""Folders of the profile that are copied another way (files) or made again."""


def backup_make(repository: Repository, *, at: datetime, say: Say) -> tuple[Snapshot, Tally]:
    """One backup of this installation into ``repository``. Errors: ``RepositoryBusy``, ``ToolMissing``, …"""
    tally = Tally()
    with repository.writing(), tempfile.TemporaryDirectory(dir=settings.VAR, prefix=".backup-") as spool:
        small = tuple(_small(repository, tally))
        say("复制数据库 …")
        copied = tuple(_databases(repository, Path(spool), tally))
        say("复制文件 …")
        contents, missing = _files(repository, tally, say)
        latest = ledger.latest()
        snapshot = Snapshot(
            name=f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
            made_at=at.isoformat(),
            profile=settings.PROFILE,
            version=_version(),
            vendor=databases.vendor(),
            checkpoint=latest.note if latest else "",
            ledger_size=latest.size if latest else 0,
            ledger_root=latest.root if latest else "",
            databases=copied,
            files=contents,
            small=small,
            missing=missing,
        )
        repository.keep_snapshot(snapshot)
    return snapshot, tally


def _version() -> str:
    try:
        return version("mingzhi")
    except PackageNotFoundError:  # run from a checkout
        return "checkout"


def _databases(repository: Repository, spool: Path, tally: Tally) -> Iterator[DatabaseCopy]:
    for alias, path in databases.copies(spool):
        total, blocks = sha256(), []
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                total.update(block)
                name, fresh = repository.put_block(block)
                blocks.append(name)
                _count(tally, len(block), fresh)
        yield DatabaseCopy(alias, path.name, path.stat().st_size, total.hexdigest(), tuple(blocks))
        path.unlink()


def _files(repository: Repository, tally: Tally, say: Say) -> tuple[tuple[FileCopy, ...], tuple[str, ...]]:
    found, missing = [], []
    for number, (content, size, file_id) in enumerate(files.contents(), start=1):
        name = repository.name("file", bytes.fromhex(content))
        fresh = not repository.holds(name)
        if fresh:
            try:
                repository.put(name, _content(file_id, content))
            except (MingzhiError, OSError):
                # A damaged or missing original must not keep the rest from being saved; it is told.
                missing.append(content)
                continue
        found.append(FileCopy(content, size, name))
        _count(tally, size, fresh)
        if number % 500 == 0:
            say(f"  已核对 {number} 个文件")
    return tuple(found), tuple(missing)


def _content(file_id: int, content: str) -> Iterator[bytes]:
    """The bytes of a file; refused at the end when they are not what its name says."""
    total = sha256()
    for block in files.open_range(file_id):
        total.update(block)
        yield block
    if total.hexdigest() != content:
        raise ObjectDamaged(name=content[:16])


def _small(repository: Repository, tally: Tally) -> Iterator[SmallCopy]:
    root = Path(settings.VAR)
    for path in _settings_files(root):
        content = path.read_bytes()
        digest = sha256(content)
        name = repository.name("small", digest.digest())
        fresh = not repository.holds(name)
        repository.put(name, [content])
        _count(tally, len(content), fresh)
        yield SmallCopy(
            str(path.relative_to(root)), path.stat().st_mode & 0o777, len(content), digest.hexdigest(), name
        )


def _settings_files(root: Path) -> Iterator[Path]:
    """Keys, the ledger's outside checkpoint and whatever else the profile's folder keeps for itself."""
    databases_ = {Path(str(d["NAME"])).name for d in settings.DATABASES.values()}
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if (
            not path.is_file()
            or path.is_symlink()
            or inside.parts[0] in LEFT_OUT
            or inside.parts[0].startswith(".")
            or any(path.name.startswith(name) for name in databases_)
            or path.suffix in {".beat", ".stamp", ".part", ".log"}
            or (inside.parts[0] == "ledger" and path.name != "checkpoint")
        ):
            continue
        yield path


def _count(tally: Tally, size: int, fresh: bool) -> None:
    tally.objects += 1
    tally.size += size
    if fresh:
        tally.new_objects += 1
        tally.new_size += size


def backup_check(repository: Repository, name: str = "", *, say: Say) -> tuple[Snapshot, Tally]:
    """Read every object of a snapshot and check it against its name; damaged ones are listed, not raised."""
    snapshot, tally = repository.snapshot(name), Tally()
    say("核对数据库 …")
    for copy in snapshot.databases:
        total = sha256()
        for block in copy.blocks:
            try:
                content = repository.block(block)
            except ObjectDamaged:
                tally.damaged.append(f"数据库 {copy.name} 的数据块 {block[:16]}")
                continue
            total.update(content)
            _count(tally, len(content), fresh=False)
        if not tally.damaged and total.hexdigest() != copy.sha256:
            tally.damaged.append(f"数据库 {copy.name}")
    say("核对文件 …")
    listed = [(f"文件 {c.sha256}", c.sha256, c.object) for c in snapshot.files]
    listed += [(c.path, c.sha256, c.object) for c in snapshot.small]
    for label, digest, stored in listed:
        total, size = sha256(), 0
        try:
            for frame in repository.read(stored):
                total.update(frame)
                size += len(frame)
        except ObjectDamaged:
            tally.damaged.append(label)
            continue
        if total.hexdigest() != digest:
            tally.damaged.append(label)
        _count(tally, size, fresh=False)
    return snapshot, tally


def backup_prune(repository: Repository, *, keep: int) -> tuple[list[str], int, int]:
    """Drop all but the newest ``keep`` snapshots and what only they named: (names, objects, bytes freed)."""
    with repository.writing():
        gone = repository.snapshots()[:-keep]
        for name in gone:
            repository.forget(name)
        count, size = repository.sweep()
    return gone, count, size
