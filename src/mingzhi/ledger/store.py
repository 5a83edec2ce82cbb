"""What the log keeps outside the database: the tree files and the last checkpoint.

Under ``LEDGER_ROOT/<log name>/``: ``level-NN``, ``synced``, ``lock`` (``ledger.tree``) and
``checkpoint``, the last signed text that left a transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection

from mingzhi.ledger import notes
from mingzhi.ledger.errors import BehindCheckpoint, Forked, StoreFailed
from mingzhi.ledger.formats import TreeHead
from mingzhi.ledger.merkle import Edge
from mingzhi.ledger.models import Checkpoint, Log, LogKey
from mingzhi.ledger.tree import Tree, TreeBroken, write_whole

_BLOCK = 10_000
_open: dict[Path, Tree] = {}
_opening = threading.Lock()


def folder(log: Log) -> Path:
    return Path(settings.LEDGER_ROOT) / log.name


def placed_leaves(start: int, end: int) -> Iterator[bytes]:
    """Leaf hashes of the placed entries ``start``…``end``-1, from the database."""
    while start < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.leaf FROM ledger_place p JOIN ledger_entry e ON e.id = p.entry_id "
                "WHERE p.position >= %s AND p.position < %s ORDER BY p.position",
                [start, min(start + _BLOCK, end)],
            )
            rows = cursor.fetchall()
        for (leaf,) in rows:
            yield bytes(leaf)
        start += _BLOCK


def tree(log: Log, head: Checkpoint | None) -> Tree:
    """The tree files, holding at least what ``head`` signed and agreeing with it.

    Files that are short are extended from the database, files that are long are cut, files that are
    wrong are made again; ``Forked`` when it is the database that does not fit the signed root (the
    files are then left alone: they are evidence).
    """
    where = folder(log)
    size = head.size if head else 0
    with _opening:
        found = _open.get(where)
        fresh = found is None
        try:
            if found is None or not (where / "lock").exists():
                found = _open[where] = Tree(where)
                fresh = True
                while len(_open) > 8:  # one log per database: more than one only in tests
                    _open.pop(next(iter(_open))).close()
            if fresh or found.size < size or (head and found.root(size) != bytes(head.root)):
                _agree(found, size, bytes(head.root) if head else b"", log, fresh=fresh)
        except (TreeBroken, OSError) as error:  # OSError: they could not even be opened
            # Whoever is asked next opens the files anew and compares them with the database.
            _open.pop(where, None)
            raise StoreFailed(why=str(error)) from error
    return found


def _agree(files: Tree, size: int, root: bytes, log: Log, *, fresh: bool) -> None:
    with files.locked():
        if fresh:
            if files.size > size:
                files.truncate(size)
            start = files.unsynced
            for index, (ours, theirs) in enumerate(
                zip(files.leaves(start, files.size), placed_leaves(start, files.size), strict=False), start
            ):
                if ours != theirs:
                    files.truncate(index)
                    break
        _extend(files, size)
        if size and (files.size < size or files.root(size) != root):
            edge = Edge()
            edge.extend(placed_leaves(0, size))
            if edge.size != size or edge.root() != root:
                raise Forked(signed=size, folder=str(files.folder))
            files.truncate(0)
            _extend(files, size)
        if fresh:
            files.settle()


def _extend(files: Tree, size: int) -> None:
    source = placed_leaves(files.size, size)
    while block := list(islice(source, _BLOCK)):
        files.append(block)


def ed25519_keys(log: Log) -> list[notes.VerifierKey]:
    """The log's Ed25519 keys, from the first on: one of them signs every checkpoint."""
    later = LogKey.objects.order_by("announced", "at").values_list("vkey", flat=True)
    parsed = [notes.VerifierKey.parse(text) for text in (log.vkey, *later)]
    return [key for key in parsed if key.kind == notes.ED25519]


def outside(log: Log) -> tuple[TreeHead, str] | None:
    """The checkpoint kept outside the database, its signature checked. None before the first.

    ``Forked`` when the file is there and is not ours.
    """
    path = folder(log) / "checkpoint"
    try:
        note = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    try:
        text, _ = notes.verify(note, ed25519_keys(log))
        return TreeHead.parse(text), note
    except notes.BadNote:
        raise Forked(f"库外保存的检查点 {path} 不是本账本签发的", signed=0, folder=str(path.parent)) from None


def check_outside(log: Log, head: Checkpoint | None) -> None:
    """Refuse to go on from less, or from other, than what was signed."""
    kept = outside(log)
    if kept is None:
        return
    signed, _ = kept
    size = head.size if head else 0
    if signed.size > size:
        raise BehindCheckpoint(size=size, signed=signed.size)
    same = bytes(head.root) if head and signed.size == size else tree(log, head).root(signed.size)
    if same != signed.root:
        raise Forked(signed=signed.size, folder=str(folder(log)))


def publish(log: Log, head: Checkpoint) -> None:
    """After commit: bring the files up to ``head`` and keep its text outside. Never goes back."""
    files = tree(log, head)
    try:
        with files.locked():
            kept = outside(log)
            if kept is None or kept[0].size < head.size:
                write_whole(folder(log) / "checkpoint", head.note)
    except OSError as error:
        raise StoreFailed(why=str(error)) from error
