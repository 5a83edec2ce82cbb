"""The way back: into an empty place, proved against the ledger, and only then under its own name.

Crash story. Everything is written under ``<profile>.restoring/``; the last act is one rename to
``<profile>``. A restore that stops leaves that folder, which the next one removes. On PostgreSQL the
dump is loaded in one transaction before the proof; if the proof fails, the database holds the
doubted rows and the folder does not get its name, so nothing is served from them. Where originals lie
in a bucket, they go there one by one under their hashes: a restore that stopped leaves contents that
no row names, and the next one finds them, reads them, and goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from mingzhi.backup import databases
from mingzhi.backup.data import FileCopy, Restored, Snapshot
from mingzhi.backup.errors import EntriesLost, NotEmpty, ObjectDamaged, OtherDatabase, RestoreDoubted
from mingzhi.backup.repository import Repository
from mingzhi.files import api as files

Say = Callable[[str], None]

MADE_AT_START = {"secret.key", "data.key"}
"""Keys that starting any command in an empty place makes: with no database beside them they guard nothing."""


def restore(
    repository: Repository,
    name: str = "",
    *,
    at: datetime,
    say: Say,
    outside: str = "",
    accept_loss: str = "",
) -> Restored:
    """Make the installation of a snapshot again in this profile's (empty) place.

    ``outside`` is a checkpoint of the same log that was kept elsewhere; ``accept_loss`` the reason for
    going on although it proves entries that the backup lacks. Errors: ``NotEmpty``, ``OtherDatabase``,
    ``ObjectDamaged``, ``EntriesLost``, ``RestoreDoubted``.
    """
    snapshot = repository.snapshot(name)
    if snapshot.vendor != databases.vendor():
        raise OtherDatabase(taken=databases.NAMES[snapshot.vendor], here=databases.NAMES[databases.vendor()])
    target = Path(settings.VAR)
    if target.exists() and {path.name for path in target.iterdir()} - MADE_AT_START:
        raise NotEmpty(target=target)
    if snapshot.vendor == "postgresql":
        databases.require_empty()
    # The profile's own name stays the last part: settings find the folder by it while it is proved.
    aside = target.parent / f".restoring-{snapshot.name}"
    shutil.rmtree(aside, ignore_errors=True)
    staging = aside / target.name
    staging.mkdir(parents=True, mode=0o700)
    _small(repository, snapshot, staging)
    say(f"恢复数据库（{len(snapshot.databases)} 个文件）…")
    _databases(repository, snapshot, staging)
    say(f"恢复文件（{len(snapshot.files)} 个）…")
    _files(repository, snapshot, staging, say)
    say("用账本核对恢复出的数据 …")
    proof = _prove(staging, outside)
    notes = []
    if snapshot.missing:
        notes.append(f"备份时已有 {len(snapshot.missing)} 个文件损坏或缺失，备份中没有它们")
    if not proof["ok"]:
        raise RestoreDoubted(why="；".join(proof["findings"][:5]), where=staging)
    if snapshot.ledger_root and proof["root_at"].get(str(snapshot.ledger_size)) != snapshot.ledger_root:
        raise RestoreDoubted(why="与备份时签发的检查点不一致", where=staging)
    proved, have = int(proof["outside_size"]), int(proof["size"])
    if proved > have:
        if not accept_loss.strip():
            raise EntriesLost(have=have, proved=proved, first=have + 1)
        _note_loss(staging, at, accept_loss, have, proved)
        notes.append(f"第 {have + 1} 至 {proved} 条账本条目不在备份中；理由已记入 restored.json")
    if target.exists():
        shutil.rmtree(target)
    staging.rename(target)
    aside.rmdir()
    return Restored(str(target), snapshot.name, int(proof["entries"]), str(proof["root"]), tuple(notes))


def _small(repository: Repository, snapshot: Snapshot, staging: Path) -> None:
    for copy in snapshot.small:
        path = staging / copy.path
        if not path.resolve().is_relative_to(staging.resolve()):
            raise ObjectDamaged(name=copy.path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _whole(repository, copy.object, path, copy.sha256)
        path.chmod(copy.mode)


def _databases(repository: Repository, snapshot: Snapshot, staging: Path) -> None:
    dump = staging / ".dump"
    on_postgres = snapshot.vendor == "postgresql"
    if on_postgres:
        dump.mkdir()
    for copy in snapshot.databases:
        path = (dump if on_postgres else staging) / Path(copy.name).name
        total = sha256()
        with path.open("xb") as out:
            for name in copy.blocks:
                block = repository.block(name)
                total.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        if total.hexdigest() != copy.sha256:
            raise ObjectDamaged(name=copy.name)
    if on_postgres:
        databases.load(dump)
        shutil.rmtree(dump)


def _files(repository: Repository, snapshot: Snapshot, staging: Path, say: Say) -> None:
    """Every original to where this installation keeps them: the staged folder, or its bucket."""
    put = _to_folder if files.on_local_disk() else _to_bucket
    for number, copy in enumerate(snapshot.files, start=1):
        put(repository, copy, staging / "files")
        if number % 500 == 0:
            say(f"  已恢复 {number} 个文件")


def _to_folder(repository: Repository, copy: FileCopy, root: Path) -> None:
    path = root / copy.sha256[:2] / copy.sha256[2:4] / copy.sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    _whole(repository, copy.object, path, copy.sha256)
    path.chmod(0o440)


def _to_bucket(repository: Repository, copy: FileCopy, root: Path) -> None:
    """What an interrupted restore put there already is read and left; contents lie under their own hash,
    so that nothing of another installation in the same bucket is touched."""
    if files.holds_whole(copy.sha256):
        return
    root.mkdir(exist_ok=True)
    part = root / f".{copy.sha256}.part"
    part.unlink(missing_ok=True)
    _whole(repository, copy.object, part, copy.sha256)
    files.bring_back(part, copy.sha256)


def _whole(repository: Repository, name: str, path: Path, digest: str) -> None:
    """An object's content at ``path``, flushed, its hash as promised."""
    total = sha256()
    with path.open("xb") as out:
        for frame in repository.read(name):
            total.update(frame)
            out.write(frame)
        out.flush()
        os.fsync(out.fileno())
    if total.hexdigest() != digest:
        raise ObjectDamaged(name=name[:16])


def _prove(staging: Path, outside: str) -> dict[str, Any]:
    """``mingzhi backup prove`` in a process that has the staged folder for its own."""
    done = subprocess.run(
        [sys.executable, "-m", "mingzhi.cli", "backup", "prove"],
        input=outside,
        env={
            **os.environ,
            "MINGZHI_VAR": str(staging.parent),
            "MINGZHI_PROFILE": staging.name,
            "MINGZHI_SHARED_VAR": str(Path(settings.FONTS_ROOT).parent),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings.production"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        why = (done.stderr.strip().splitlines() or ["核对程序没有给出结果"])[-1]
        raise RestoreDoubted(why=why, where=staging) from None
    return found


def _note_loss(staging: Path, at: datetime, reason: str, have: int, proved: int) -> None:
    text = {"at": at.isoformat(), "reason": reason.strip(), "entries": have, "proved_outside": proved}
    (staging / "restored.json").write_text(json.dumps(text, ensure_ascii=False, indent=1) + "\n", "utf-8")
